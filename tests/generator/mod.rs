//! Experiments and cases as a person might write them: mostly small and allowed, some fields missing, of another type, at a
//! limit, beyond it, repeated or misspelt. What becomes of them is checked by [`contract`].

pub mod contract;

use eigendrift::random::Random;

/// Where decisions come from: random numbers, or the bytes that a fuzzer changes.
pub trait Choices {
    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize;
}

impl Choices for Random {
    fn below(&mut self, n: usize) -> usize {
        Random::below(self, n)
    }
}

/// One byte for each decision; 0 when they are used up.
pub struct Bytes<'a>(pub &'a [u8]);

impl Choices for Bytes<'_> {
    fn below(&mut self, n: usize) -> usize {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(first) % n
    }
}

/// A field of an object.
struct Field {
    name: &'static str,
    /// In how many of sixteen objects it stands.
    share: usize,
    allowed: Allowed,
    /// Values at and beyond the limits of what is allowed.
    edges: &'static [&'static str],
}

enum Allowed {
    Texts(&'static [&'static str]),
    Object(&'static [Field]),
}

const fn field(
    name: &'static str,
    share: usize,
    allowed: &'static [&'static str],
    edges: &'static [&'static str],
) -> Field {
    Field { name, share, allowed: Allowed::Texts(allowed), edges }
}

const fn object(name: &'static str, share: usize, fields: &'static [Field], edges: &'static [&'static str]) -> Field {
    Field { name, share, allowed: Allowed::Object(fields), edges }
}

/// Values of every type, for any field.
const ANYTHING: &[&str] = &[
    "null",
    "true",
    "-1",
    "-0.0",
    "0",
    "1.5",
    "1e3",
    "1e308",
    "-1e308",
    "1e-320",
    "1e999",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "\"\"",
    "\"1\"",
    "\"sgd\"",
    r#""a\nb\u0000: \ud83d\ude00 \"c\"""#,
    "[]",
    "[[]]",
    "[1]",
    "[null, 1]",
    "{}",
    "{\"name\": 1}",
    "{\"a\": {\"b\": [1, {}]}}",
    "NaN",
    "tru",
];

const DATA: &[&str] = &[
    r#"{"name": "xor", "samples": 12}"#,
    r#"{"name": "moons", "samples": 12, "noise": 0}"#,
    r#"{"name": "spirals", "samples": 30, "noise": 1}"#,
    r#"{"name": "checkerboard", "samples": 20, "preparation": "standardized"}"#,
    r#"{"name": "blobs", "samples": 12, "features": 1, "classes": 2}"#,
    r#"{"name": "blobs", "samples": 20, "features": 3, "classes": 4, "noise": 0}"#,
    r#"{"name": "teacher", "samples": 12, "features": 2, "classes": 2, "hidden": 1}"#,
    r#"{"name": "iris", "samples": 12, "preparation": "principal_components", "components": 2}"#,
    r#"{"inputs": [[1, 2], [0.5, -1], [3, 0]], "labels": [0, 1, 1]}"#,
    r#"{"inputs": [[0]], "labels": [0]}"#,
    r#"{"inputs": [[0, 0], [0, 0]], "labels": [0, 1], "classes": 3}"#,
    r#"{"inputs": [[1e154, 1], [1, -1e154]], "labels": [0, 1]}"#,
    r#"{"inputs": [[1e308, 1e308], [-1e308, 1]], "labels": [0, 1]}"#,
    r#"{"inputs": [[1e-320, 0], [0, 5e-324]], "labels": [1, 0]}"#,
    r#"{"inputs": [[1, 1], [1, 1], [1, 1]], "labels": [0, 1, 1], "preparation": "standardized"}"#,
    r#"{"inputs": [[1e308, 1], [-1e308, 1]], "labels": [0, 1], "preparation": "principal_components"}"#,
    r#"{"csv": "a,b,c\n1,2,x\n3,4,y\n5,7,x\n"}"#,
    r#"{"csv": "1;2\n3;4\n5;2\n", "label_column": "1", "samples": 2}"#,
];

const DATA_EDGES: &[&str] = &[
    r#"{"name": "xor", "samples": 11}"#,
    r#"{"name": "xor", "samples": 10000, "noise": 1}"#,
    r#"{"name": "xor", "samples": 10001}"#,
    r#"{"name": "xor", "noise": 1.0000000000000002}"#,
    r#"{"name": "xor", "noise": -0.0}"#,
    r#"{"name": "xor", "features": 2}"#,
    r#"{"name": "blobs", "features": 64, "classes": 16, "noise": 10}"#,
    r#"{"name": "blobs", "features": 0}"#,
    r#"{"name": "blobs", "classes": 1}"#,
    r#"{"name": "teacher", "hidden": 256}"#,
    r#"{"name": "teacher", "hidden": 257}"#,
    r#"{"name": "iris", "samples": 151}"#,
    r#"{"name": "iris", "preparation": "principal_components", "components": 5}"#,
    r#"{"name": "iris", "components": 2}"#,
    r#"{"name": "wine", "preparation": "none", "components": 0}"#,
    r#"{"name": "iris", "csv": "a"}"#,
    r#"{"name": "irises"}"#,
    r#"{"inputs": [], "labels": []}"#,
    r#"{"inputs": [[]], "labels": [0]}"#,
    r#"{"inputs": [[1], [1, 2]], "labels": [0, 1]}"#,
    r#"{"inputs": [[1], [2]], "labels": [0]}"#,
    r#"{"inputs": [[1], [2]]}"#,
    r#"{"labels": [1]}"#,
    r#"{"inputs": [[1], [2]], "labels": [0, 63]}"#,
    r#"{"inputs": [[1], [2]], "labels": [0, 64]}"#,
    r#"{"inputs": [[1], [2]], "labels": [0, 18446744073709551615]}"#,
    r#"{"inputs": [[1], [2]], "labels": [0, 1], "classes": 1}"#,
    r#"{"inputs": [[1], [2]], "labels": [0, 1], "classes": 64}"#,
    r#"{"inputs": [[1], [2]], "labels": [0, 1], "classes": 65}"#,
    r#"{"inputs": [[1], ["a\nb"]], "labels": [0, 1]}"#,
    r#"{"csv": ""}"#,
    r#"{"csv": "a"}"#,
    r#"{"csv": "1,2\n1\n"}"#,
    r#"{"csv": "1,\"2\n1,3\n"}"#,
    r#"{"csv": "1,x\n1e999,y\n"}"#,
    r#"{"csv": "1,x\n\"\u0007\nq\",y\n"}"#,
    r#"{"csv": "1,x\n2,y\n", "label_column": "a\nb"}"#,
    r#"{"csv": "1,x\n2,y\n", "samples": 3}"#,
    r#"{"images": "no/such/file", "image_labels": "no/such/file"}"#,
    r#"{"images": "Cargo.toml", "image_labels": "Cargo.toml", "samples": 2, "classes": 3}"#,
    r#"{"images": "\u0000", "image_labels": ""}"#,
    r#"{"images": "x"}"#,
    r#"{"own": {"name": "x", "hash": "y", "bytes": 1, "rows": 2, "features": 2, "classes": 2, "images": false}}"#,
    r#"{"own": {"name": "x", "hash": "y", "bytes": 1, "rows": 0, "features": 0, "classes": 0, "images": true}}"#,
    r#"{"own": {"name": "x"}, "samples": 2}"#,
];

const START: &[Field] = &[
    field("scheme", 10, &["\"xavier\"", "\"he\"", "\"lecun\"", "\"uniform\"", "\"normal\""], &["\"Xavier\""]),
    field(
        "scale",
        10,
        &["1", "0", "0.01", "1e-160", "30", "1e80", "1e160", "1e300"],
        &["-1", "-0.0", "1e-999", "-1e308"],
    ),
];

const SCHEDULE: &[Field] = &[
    field("name", 16, &["\"constant\"", "\"warmup\"", "\"cosine\"", "\"step\""], &["\"steps\""]),
    field("steps", 1, &["1", "3", "4294967295"], &["0", "4294967296", "1.5"]),
    field("every", 1, &["1", "3", "4294967295"], &["0", "4294967296"]),
    field("factor", 1, &["0", "1", "0.5"], &["1.0000000000000002", "-1"]),
];

const OPTIMIZER: &[Field] = &[
    field(
        "name",
        16,
        &[
            "\"sgd\"",
            "\"momentum\"",
            "\"nesterov\"",
            "\"adagrad\"",
            "\"rmsprop\"",
            "\"adam\"",
            "\"adamw\"",
            "\"nadam\"",
            "\"adamax\"",
            "\"lion\"",
            "\"muon\"",
        ],
        &["\"SGD\"", "\"sgd \""],
    ),
    field("learning_rate", 8, &["0", "1e-320", "0.1", "1", "100", "1e9", "1e160", "1e300"], &["-1e-320", "1e309"]),
    field("lr", 0, &["0.1"], &["-1", "1e300"]),
    field("momentum", 1, &["0", "0.9", "0.9999999999999999"], &["1", "-1"]),
    field("beta1", 1, &["0", "0.9", "0.9999999999999999"], &["1"]),
    field("betas", 0, &["[0.9, 0.99]"], &["[0.9]", "[1, 0.9]", "[0.9, 1]", "[0.9, \"x\"]"]),
    field("eps", 1, &["0", "1e-8", "1e300"], &["-1e-8"]),
    field("weight_decay", 1, &["0", "0.1", "1e300"], &["-1"]),
    field("amsgrad", 0, &["true", "false"], &["1"]),
    field("nesterov", 0, &["true", "false"], &["1"]),
    field("rotated_basis", 2, &["true", "false"], &["1"]),
    object("schedule", 2, SCHEDULE, &["\"cosine\""]),
];

const NULL_MODEL: &[Field] = &[
    field(
        "kind",
        16,
        &[
            "\"random_weights\"",
            "\"rescaled_weights\"",
            "\"shuffled_weights\"",
            "\"shuffled_labels\"",
            "\"block_gaussian\"",
            "\"goe\"",
        ],
        &["\"gue\""],
    ),
    field("samples", 16, &["2", "3"], &["0", "1", "1000", "1001"]),
];

const SEED_EDGES: &[&str] = &["9007199254740991", "9007199254740992", "-1"];
const SEEDS: &[Field] = &[
    field("data", 4, &["0", "5"], SEED_EDGES),
    field("start", 4, &["0", "5"], SEED_EDGES),
    field("batches", 4, &["0", "5"], SEED_EDGES),
];

const ACTIVATION: Field = field(
    "activation",
    16,
    &["\"tanh\"", "\"relu\"", "\"gelu\"", "\"silu\"", "\"sigmoid\"", "\"softplus\"", "\"sin\"", "\"identity\""],
    &["\"Tanh\"", "\"tanh\\n\""],
);
const LOSS: Field = field("loss_function", 16, &["\"cross_entropy\"", "\"mean_squared_error\""], &["\"mse\""]);
const SMOOTHING: Field =
    field("label_smoothing", 4, &["0", "0.1", "0.9999999999999999"], &["1", "-0.1", "-0.0", "1e-320"]);
const ORDER: Field = field("leading_order", 8, &["\"algebraic\"", "\"magnitude\""], &["\"size\""]);

const SPECTRUM: Field = field("spectrum", 6, &["\"auto\"", "\"full\"", "\"leading\""], &["\"Full\"", "1"]);

const EXPERIMENT: &[Field] = &[
    field("data", 16, DATA, DATA_EDGES),
    field("test_share", 6, &["0", "0.2", "0.5"], &["0.5000000000000001", "-1e-300", "-0.0", "1"]),
    field(
        "hidden",
        16,
        &["[]", "[1]", "[3]", "[2, 2]", "[4]"],
        &[
            "[0]",
            "[4096]",
            "[4097]",
            "[1,1,1,1,1,1,1,1]",
            "[1,1,1,1,1,1,1,1,1]",
            "[60, 60]",
            "[80, 80]",
            "[1.5]",
            "[\"3\"]",
            "[18446744073709551615]",
        ],
    ),
    field("layers", 1, &["[2, 3, 2]", "[2, 2]", "[1, 2, 2]"], &["[]", "[2]", "[2,5000,2]", "[2,0,2]", "[3, 4]"]),
    ACTIVATION,
    LOSS,
    SMOOTHING,
    object("start", 8, START, &["[\"he\", 1]"]),
    field(
        "initial_parameters",
        1,
        &["[0,0,0,0,0,0]", "[1,0,0,0,0,-1e150]", "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1e308]"],
        &["[1e999]", "[0, null]"],
    ),
    object("optimizer", 16, OPTIMIZER, &["\"sgd\""]),
    field("batch_size", 8, &["1", "2", "5", "\"full\"", "1000000"], &["0", "\"Full\"", "2.5"]),
    field("steps", 16, &["0", "1", "2", "3", "6"], &["10000000", "10000001"]),
    field("checkpoint_every", 16, &["1", "2", "3", "10000000"], &["0", "10000001"]),
    field("checkpoint_spacing", 6, &["\"linear\"", "\"logarithmic\""], &["\"log\""]),
    field("leading", 16, &["1", "2", "3", "5"], &["0", "5000", "5001"]),
    ORDER,
    field("hessian_samples", 2, &["1", "2", "100000"], &["0"]),
    field("layer_spectra", 8, &["true", "false"], &["0"]),
    object("null_model", 12, NULL_MODEL, &["null"]),
    field("seed", 8, &["0", "1", "7"], SEED_EDGES),
    object("seeds", 2, SEEDS, &["[]"]),
    SPECTRUM,
];

/// For layers [2, 2, 2], and sometimes for others.
const CASE: &[Field] = &[
    field("layers", 16, &["[2, 2, 2]", "[2, 2, 2]", "[2, 2, 2]", "[2, 2]"], &["[]", "[2]", "[2,5000,2]", "[2,0,2]"]),
    ACTIVATION,
    LOSS,
    SMOOTHING,
    field(
        "inputs",
        16,
        &["[[1, 2], [0.5, -1]]", "[[0, 0], [0, 0]]", "[[1e154, 1], [1, 1e154]]", "[[1e308, 1e308], [1, 5e-324]]"],
        &["[]", "[[]]", "[[1, 2], [3]]", "[[1], [2]]", "[[1e999, 2], [1, 2]]", "[[1, null], [1, 2]]"],
    ),
    field("labels", 16, &["[0, 1]", "[1, 1]"], &["[]", "[0]", "[0, 2]", "[0, 18446744073709551615]", "[0, 0.5]"]),
    field(
        "parameters",
        16,
        &[
            "[0,0,0,0,0,0,0,0,0,0,0,0]",
            "[0.1,0.2,0.3,0.4,0.5,0.6,-0.7,0.8,-0.9,1.0,1.1,1.2]",
            "[1e-160,1e160,3,4,-5,6,7,8,9,1,1,1]",
            "[1e308,1e308,1e308,1e308,0,0,1e308,1e308,-1e308,1e308,0,0]",
            "[1,2,3,4,5,6]",
        ],
        &["[]", "[1e999]", "[null]"],
    ),
    field("leading", 8, &["1", "3", "12", "18446744073709551615"], &["0"]),
    ORDER,
    SPECTRUM,
];

/// An experiment as JSON text.
pub fn experiment(choices: &mut dyn Choices) -> String {
    record(choices, EXPERIMENT)
}

/// A case as JSON text.
pub fn case(choices: &mut dyn Choices) -> String {
    record(choices, CASE)
}

fn record(choices: &mut dyn Choices, fields: &[Field]) -> String {
    // More than a few mistakes at once would all be answered by the first.
    let mut mistakes = [0, 0, 1, 3][choices.below(4)];
    text(choices, fields, &mut mistakes)
}

fn text(choices: &mut dyn Choices, fields: &[Field], mistakes: &mut usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for field in fields {
        let mistaken = *mistakes > 0 && choices.below(12) == 0;
        if mistaken {
            *mistakes -= 1;
            match choices.below(6) {
                0 => {}
                1 | 2 => parts.push(format!("\"{}\": {}", field.name, one_of(choices, ANYTHING))),
                3 | 4 => parts.push(format!("\"{}\": {}", field.name, one_of(choices, field.edges))),
                _ => {
                    let value = value(choices, field, mistakes);
                    parts.push(format!("\"{}\": {value}", field.name));
                    let other = ["x", "\\n", ": ", ""][choices.below(4)];
                    parts.push(format!("\"{}{other}\": {value}", field.name));
                }
            }
        } else if choices.below(16) < field.share {
            parts.push(format!("\"{}\": {}", field.name, value(choices, field, mistakes)));
        }
    }
    format!("{{{}}}", parts.join(", "))
}

fn value(choices: &mut dyn Choices, field: &Field, mistakes: &mut usize) -> String {
    match field.allowed {
        Allowed::Texts(texts) => one_of(choices, texts).to_owned(),
        Allowed::Object(fields) => text(choices, fields, mistakes),
    }
}

fn one_of(choices: &mut dyn Choices, texts: &'static [&'static str]) -> &'static str {
    texts[choices.below(texts.len())]
}
