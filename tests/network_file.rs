//! Networks in safetensors files against files that PyTorch and the safetensors package wrote (tests/golden/networks.py), and
//! files that are damaged, hostile or of other networks.
#![cfg(not(target_arch = "wasm32"))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eigendrift::activation::Activation;
use eigendrift::loss::LossFunction;
use eigendrift::mlp::Architecture;
use eigendrift::network_file::{NetworkFile, read};
use proptest::prelude::*;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};

const FOLDER: &str = "tests/golden/networks";

fn golden(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

fn expected() -> Vec<(String, Value)> {
    let text = std::fs::read_to_string(golden("expected.json")).unwrap();
    let Value::Object(all) = serde_json::from_str(&text).unwrap() else { panic!() };
    all.into_iter().collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn headless(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headless")).args(arguments).output().unwrap()
}

#[test]
fn files_of_pytorch_and_keras_are_read_to_the_last_bit() {
    for (name, expected) in expected() {
        let bytes = std::fs::read(golden(&format!("{name}.safetensors"))).unwrap();
        let found = read(&name, &bytes).unwrap();
        assert_eq!(json!(found.layers), expected["layers"], "{name}");
        assert_eq!(found.parameters, numbers(&expected["parameters"]), "{name}");
        let is_named = expected["is_named"] == true;
        assert_eq!(json!(found.activation), if is_named { expected["activation"].clone() } else { Value::Null });
        assert_eq!(found.loss_function, is_named.then_some(LossFunction::CrossEntropy));
    }
}

/// Against torch.func; the differences are rounding: λ, loss and logits are of the order of 1.
#[test]
fn networks_are_analyzed_as_by_torch() {
    for (name, expected) in expected() {
        let (network, data) = (golden(&format!("{name}.safetensors")), golden("data.csv"));
        let mut arguments = vec!["analyze", "--network", network.to_str().unwrap(), "--data", data.to_str().unwrap()];
        arguments.extend(["--leading", "3"]);
        if expected["is_named"] == false {
            let refused = headless(&arguments);
            let sentence = String::from_utf8(refused.stderr).unwrap();
            assert_eq!(refused.status.code(), Some(2));
            assert!(sentence.contains("name no activation; set --activation"), "{sentence}");
            arguments.extend(["--activation", expected["activation"].as_str().unwrap()]);
        }
        let output = headless(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let close = |a: &Value, b: &Value| (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-12;
        assert!(close(&found["loss"], &expected["loss"]), "{name}");
        for n in 0..20 {
            for class in 0..3 {
                assert!(close(&found["logits"][n][class], &expected["logits"][n][class]), "{name}, sample {n}");
            }
        }
        for i in 0..3 {
            let (a, b) = (&found["leading_eigenvalues"][i], &expected["leading_eigenvalues"][i]);
            assert!(close(a, b), "{name}: {a} for {b}");
        }
    }
}

#[test]
fn training_goes_on_from_a_file() {
    let name = golden("torch_f32.safetensors");
    let table = std::fs::read_to_string(golden("data.csv")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let experiment = folder.path().join("experiment.json");
    let data = json!({"csv": table, "preparation": "none"});
    let text = json!({"data": data, "steps": 4, "checkpoint_every": 2, "null_model": null}).to_string();
    std::fs::write(&experiment, text).unwrap();
    let arguments = ["run", experiment.to_str().unwrap(), "--network", name.to_str().unwrap()];
    let output = headless(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (_, expected) = expected().into_iter().find(|(name, _)| name == "torch_f32").unwrap();
    assert_eq!(numbers(&report["checkpoints"][0]["parameters"]), numbers(&expected["parameters"]));
    assert_eq!(report["experiment"]["activation"], "silu");
    let loss = |i: usize| report["checkpoints"][i]["loss"].as_f64().unwrap();
    assert!((loss(0) - expected["loss"].as_f64().unwrap()).abs() < 1e-14 && loss(2) < loss(0));

    // Data of another shape.
    let text = json!({"data": {"name": "iris"}, "steps": 4}).to_string();
    std::fs::write(&experiment, text).unwrap();
    let refused = headless(&arguments);
    let sentence = String::from_utf8(refused.stderr).unwrap();
    assert!(sentence.contains("has 5 inputs and 3 outputs; the data have 4 inputs and 3 classes"), "{sentence}");
}

/// Written files are those that torch writes, up to the order of tensors in them.
#[test]
fn files_are_written_as_pytorch_reads_them() {
    let theirs = std::fs::read(golden("torch_f64.safetensors")).unwrap();
    let network = NetworkFile {
        activation: Some(Activation::Softplus),
        loss_function: Some(LossFunction::CrossEntropy),
        label_smoothing: Some(0.125),
        ..read("f64", &theirs).unwrap()
    };
    let ours = network.write().unwrap();
    let (theirs, tensors) = (SafeTensors::deserialize(&theirs).unwrap(), SafeTensors::deserialize(&ours).unwrap());
    assert_eq!(tensors.len(), theirs.len());
    for (name, tensor) in theirs.iter() {
        let found = tensors.tensor(name).unwrap();
        assert_eq!((found.dtype(), found.shape(), found.data()), (Dtype::F64, tensor.shape(), tensor.data()), "{name}");
    }
    let header = u64::from_le_bytes(ours[..8].try_into().unwrap());
    assert_eq!(header % 8, 0);
    assert_eq!(read("ours", &ours).unwrap(), network);
    let short = NetworkFile { parameters: vec![0.5; 3], ..network };
    assert!(short.write().unwrap_err().to_string().starts_with("parameters: has 3 numbers"));
}

/// A file of these tensors, each with its type, sizes and bytes.
fn file(tensors: &[(&str, &str, &[usize], Vec<u8>)], metadata: Value) -> Vec<u8> {
    let (mut header, mut at) = (serde_json::Map::new(), 0);
    if !metadata.is_null() {
        header.insert("__metadata__".into(), metadata);
    }
    for (name, dtype, shape, bytes) in tensors {
        let offsets = [at, at + bytes.len()];
        header.insert((*name).into(), json!({"dtype": dtype, "shape": shape, "data_offsets": offsets}));
        at += bytes.len();
    }
    let header = Value::Object(header).to_string();
    let body = tensors.iter().flat_map(|(.., bytes)| bytes.clone());
    (header.len() as u64).to_le_bytes().into_iter().chain(header.into_bytes()).chain(body).collect()
}

/// Layers by name, outputs and inputs, all numbers 0.5.
fn layers(sizes: &[(&str, usize, usize)]) -> Vec<u8> {
    let names: Vec<[String; 2]> =
        sizes.iter().map(|(name, ..)| [format!("{name}.weight"), format!("{name}.bias")]).collect();
    let shapes: Vec<[Vec<usize>; 2]> =
        sizes.iter().map(|&(_, outputs, inputs)| [vec![outputs, inputs], vec![outputs]]).collect();
    let mut tensors: Vec<(&str, &str, &[usize], Vec<u8>)> = Vec::new();
    for (names, shapes) in names.iter().zip(&shapes) {
        for (name, shape) in names.iter().zip(shapes) {
            let count: usize = shape.iter().product();
            tensors.push((name, "F64", shape, 0.5f64.to_le_bytes().repeat(count)));
        }
    }
    file(&tensors, Value::Null)
}

fn refusal(bytes: &[u8]) -> String {
    let sentence = read("net", bytes).unwrap_err().to_string();
    assert!(sentence.starts_with("net: ") && sentence.len() < 400, "{sentence}");
    sentence
}

#[test]
fn layers_stand_in_the_order_of_their_numbers_or_sizes() {
    let order = |sizes: &[(&str, usize, usize)]| read("net", &layers(sizes)).map(|network| network.layers);
    assert_eq!(order(&[("net.10", 2, 7), ("net.9", 7, 3), ("net.0", 3, 4)]).unwrap(), [4, 3, 7, 2]);
    assert_eq!(order(&[("a", 2, 7), ("b", 7, 4)]).unwrap(), [4, 7, 2]);
    assert_eq!(order(&[("", 2, 7)]).unwrap(), [7, 2]);
    // Numbers before sizes, also where these would fit.
    let sentence = refusal(&layers(&[("0", 2, 3), ("1", 3, 4)]));
    assert!(sentence.contains("do not follow one another: “0” 3 → 2, “1” 4 → 3"), "{sentence}");
    // Without numbers both orders fit.
    let sentence = refusal(&layers(&[("in", 4, 4), ("mid", 4, 4), ("out", 2, 4)]));
    assert!(sentence.contains("fit in more than one order; number their names (0, 1, …)"), "{sentence}");
}

#[test]
fn what_is_no_network_is_refused_with_what_is_wrong_and_allowed() {
    let f64s = |count: usize| 0.5f64.to_le_bytes().repeat(count);
    let weight = ("0.weight", "F64", &[2usize, 3][..], f64s(6));
    let bias = ("0.bias", "F64", &[2usize][..], f64s(2));
    let of = |tensors: &[(&str, &str, &[usize], Vec<u8>)]| refusal(&file(tensors, Value::Null));
    let nan = [f64s(4), f64::NAN.to_le_bytes().to_vec(), f64s(1)].concat();
    let many: Vec<(String, usize, usize)> = (0..10).map(|l| (l.to_string(), 2, 2)).collect();
    let many: Vec<(&str, usize, usize)> = many.iter().map(|(name, n, m)| (name.as_str(), *n, *m)).collect();
    let metadata = |metadata: Value| refusal(&file(&[weight.clone(), bias.clone()], metadata));
    for (sentence, words) in [
        (of(&[]), "holds no tensors"),
        (of(std::slice::from_ref(&weight)), "has no “0.bias”; every layer needs a bias"),
        (of(std::slice::from_ref(&bias)), "has “0.bias”, but no weights beside it"),
        (of(&[weight.clone(), ("0.bias", "F64", &[3], f64s(3))]), "“0.bias” of the sizes [3] for 2 outputs"),
        (
            of(&[("0.weight", "F64", &[2, 1, 3, 1], f64s(6)), bias.clone()]),
            "“0.weight” of the sizes [2, 1, 3, 1]; only",
        ),
        (
            of(&[weight.clone(), bias.clone(), ("1.running_mean", "F64", &[2], f64s(2))]),
            "“1.running_mean” of the sizes [2]; only weights (two sizes) and biases (one)",
        ),
        (of(&[("0.weight", "I64", &[2, 3], f64s(6)), bias.clone()]), "“0.weight” as I64; F64, F32, F16 and BF16"),
        (of(&[("0.weight", "F64", &[2, 3], nan), bias.clone()]), "“0.weight” with NaN at number 5; all must be finite"),
        (
            of(&[("0.weight", "F64", &[0, 3], vec![]), ("0.bias", "F64", &[0], vec![])]),
            "3 inputs and 0 outputs; 1 to 4096",
        ),
        (refusal(&layers(&many)), "has 10 layers; allowed are 1 to 9"),
        (
            metadata(json!({"activation": "mish"})),
            "metadata: activation: unknown variant `mish`, expected one of `tanh`",
        ),
        (metadata(json!({"loss_function": "hinge"})), "metadata: loss_function: unknown variant `hinge`"),
        (metadata(json!({"label_smoothing": "2"})), "metadata: label_smoothing"),
        (metadata(json!({"label_smoothing": "much"})), "label_smoothing is “much”, which is no number"),
    ] {
        assert!(sentence.contains(words), "{sentence}\n{words}");
    }
    assert!(read("net", &file(&[weight, bias], json!({"format": "pt"}))).is_ok());
}

#[test]
fn hostile_files_are_refused() {
    let good = layers(&[("0", 2, 3)]);
    let length = u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    // Cut off anywhere, and longer than it claims to be.
    (0..good.len()).for_each(|end| _ = refusal(&good[..end]));
    refusal(&[good.clone(), vec![0]].concat());
    let with_header = |change: &dyn Fn(String) -> String| {
        let header = change(String::from_utf8(good[8..8 + length].to_vec()).unwrap());
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &good[8 + length..]].concat()
    };
    for (from, to) in [
        ("[0,48]", "[0,10000000000]"),
        ("[0,48]", "[0,18446744073709551615]"),
        ("[0,48]", "[48,0]"),
        ("[0,48]", "[-8,48]"),
        // Over the other tensor, and a gap.
        ("[48,64]", "[0,16]"),
        ("[48,64]", "[40,56]"),
        ("[2,3]", "[9223372036854775807,9223372036854775807]"),
        ("[2,3]", "[100000,100000]"),
        ("\"F64\"", "\"F63\""),
        ("{", "["),
        ("\"shape\"", "\"sizes\""),
    ] {
        let bytes = with_header(&|header: String| {
            assert!(header.contains(from), "{header}");
            header.replacen(from, to, 1)
        });
        refusal(&bytes);
    }
    // Headers that claim more than there is, or than anyone needs.
    for claimed in [0u64, 1, 99_999, 10_000_000_000, u64::MAX] {
        refusal(&[&claimed.to_le_bytes()[..], &good[8..]].concat());
    }
    let sentence = refusal(&with_header(&|header| format!("{header}{}", " ".repeat(200_000))));
    assert!(sentence.contains("has a header of 200"), "{sentence}");
    refusal(&with_header(&|_| "[".repeat(90_000)));
    refusal(&with_header(&|_| format!("{{\"a\":{}", "[".repeat(90_000))));
}

proptest! {
    /// Whatever is changed in a file, it is refused, or read as a network that is whole.
    #[test]
    fn changed_files_are_read_or_refused(
        at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = layers(&[("0", 2, 3), ("2", 4, 2)]);
        for (index, byte) in at {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(network) = read("net", &bytes) {
            let architecture = Architecture::new(network.layers, Activation::Tanh).unwrap();
            prop_assert!(architecture.check_parameters("", &network.parameters).is_ok());
        }
    }
}
