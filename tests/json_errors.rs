//! Errors in JSON that people write: the field as it was written, what is allowed, on one line, in words of JSON.
#![cfg(not(target_arch = "wasm32"))]

use eigendrift::{Case, Error, Experiment, Run};

fn error_of(text: &str) -> (String, String) {
    match Experiment::from_json(text).and_then(Run::new) {
        Err(Error::Invalid { field, problem }) => (field, problem),
        Err(error) => panic!("{text}: {error}"),
        Ok(_) => panic!("{text} was accepted"),
    }
}

#[test]
fn names_must_not_repeat_at_any_level() {
    for (text, field) in [
        (r#"{"steps": 3, "seed": 1, "steps": 3}"#, "steps"),
        (r#"{"st\u0065ps": 3, "steps": 3}"#, "steps"),
        (r#"{"optimizer": {"name": "sgd", "name": "adam"}}"#, "optimizer.name"),
        (r#"{"optimizer": {"name": "sgd", "learning_rate": 1, "learning_rate": 2}}"#, "optimizer.learning_rate"),
        (
            r#"{"optimizer": {"name": "sgd", "schedule": {"name": "step", "every": 1, "every": 2}}}"#,
            "optimizer.schedule.every",
        ),
        (r#"{"data": {"name": "iris", "samples": 20, "samples": 30}}"#, "data.samples"),
        (r#"{"data": {"inputs": [[1]], "labels": [0], "labels": [1]}}"#, "data.labels"),
        (r#"{"null_model": {"kind": "goe", "kind": "goe"}}"#, "null_model.kind"),
        (r#"{"start": {"scale": 1, "scale": 2}}"#, "start.scale"),
        (r#"{"seeds": {"data": 1, "data": 2}}"#, "seeds.data"),
    ] {
        let (named, problem) = error_of(text);
        assert_eq!(named, field, "{text}: {problem}");
        assert!(problem.starts_with("is given more than once"), "{text}: {problem}");
    }
    // Also among the fields that a case ignores.
    let case = r#"{"layers": [1, 2], "activation": "tanh", "loss_function": "cross_entropy", "inputs": [[0.5]],
        "labels": [1], "parameters": [0.1, 0.2, 0.3, 0.4], "note": {"a": 1REPEATED}}"#;
    assert!(Case::from_json(&case.replace("REPEATED", "")).is_ok());
    let error = Case::from_json(&case.replace("REPEATED", ", \"a\": 2")).unwrap_err().to_string();
    assert!(error.starts_with("note.a: is given more than once"), "{error}");
}

#[test]
fn what_is_wrong_is_said_in_words_of_json() {
    for (text, expected) in [
        (r#"{"steps": "x"}"#, r#"steps: must be a whole number from 0 up, not "x""#),
        (r#"{"steps": -1}"#, "steps: must be a whole number from 0 up, not -1.0"),
        (r#"{"steps": 1.5}"#, "steps: must be a whole number from 0 up, not 1.5"),
        (r#"{"steps": null}"#, "steps: must be a whole number from 0 up, not null"),
        (r#"{"steps": 99999999999999999999}"#, "steps: must be a whole number from 0 up, not 1e20"),
        (r#"{"steps": 1e8}"#, "steps: is 100000000; allowed are 0 to 10000000"),
        (r#"{"test_share": "x"}"#, r#"test_share: must be a number, not "x""#),
        (r#"{"hidden": 3}"#, "hidden: must be a list, not 3"),
        (r#"{"hidden": [3, [4]]}"#, "hidden[1]: must be a whole number from 0 up, not a list"),
        (r#"{"layer_spectra": 1}"#, "layer_spectra: must be true or false, not 1"),
        (r#"{"activation": 3}"#, "activation: must be one of "),
        (r#"{"activation": "tan"}"#, "activation: must be one of "),
        (r#"{"activation": {"tanh": 3}}"#, "activation: must be one of "),
        (r#"{"start": 3}"#, "start: must be an object, { ... }, not 3"),
        (r#"{"start": ["he", 1]}"#, "start: must be an object, { ... }, not a list"),
        (r#"{"start": {"scale": true}}"#, "start.scale: must be a number, not true"),
        (r#"{"start": {"scale": 1e301, "scheme": "h"}}"#, "start.scheme: must be one of "),
        (r#"{"start": {"scale": 1e308, "scheme": "normal"}}"#, "start.scale: is 1e308, which makes parameters"),
        (r#"{"start": {"scale": -1e300}}"#, "start.scale: is -1e300; allowed are finite numbers from 0"),
        (r#"{"seeds": 3}"#, "seeds: must be an object, { ... }, not 3"),
        (r#"{"null_model": {"samples": 3}}"#, "null_model.kind: is missing"),
        (r#"{"null_model": [3]}"#, "null_model: must be an object, { ... }, not a list"),
        (r#"{"stepz": 3}"#, "stepz: there is no such field; there are data, "),
        (r#"{"start": {"scal": 3}}"#, "start.scal: there is no such field; there are scheme, scale"),
        (r#"{"data": {"nme": 3}}"#, "data.nme: there is no such field; there are name, "),
        (r#"{"data": {"inputs": [[1], [2]]}}"#, "data.labels: is missing"),
        (r#"{"data": {"name": "iris", "csv": "x"}}"#, "data.name: is not a field of a table"),
        (r#"{"data": {"inputs": [[1, "x"]], "labels": [0]}}"#, r#"data.inputs[0][1]: must be a number, not "x""#),
        (r#"{"data": {"inputs": [[1, 1e999]], "labels": [0]}}"#, "data.inputs[0][1]: number out of range at line 1"),
        (r#"{"data": {"name": "xor", "noise": 1e300}}"#, "data.noise: 1e300 is not allowed; xor: 0 to "),
        (r#"{"batch_size": {}}"#, "batch_size: must be a whole number of samples from 1, or \"full\""),
        (r#"{"optimizer": {"name": "sgd", "lr": -1}}"#, "optimizer.lr: must be a finite number from 0 up, not -1.0"),
        (r#"{"optimizer": {"name": "sgd", "lr": "x"}}"#, "optimizer.lr: must be a number"),
        (r#"{"optimizer": {"name": "adam", "eps": -1}}"#, "optimizer.eps: must be a finite number from 0 up"),
        (r#"{"optimizer": {"name": "adam", "betas": [0.9, 1]}}"#, "optimizer.betas[1]: must be a number from 0"),
        (r#"{"optimizer": {"name": "sgd", "eps": 1}}"#, "optimizer.eps: sgd has no such setting"),
        (r#"{"optimizer": ["sgd"]}"#, "optimizer: must be an object with a name"),
        (r#"{"hidden": [0]}"#, "hidden: holds the width 0"),
        (r#"{"hidden": [1,1,1,1,1,1,1,1,1]}"#, "hidden: has 9 entries; allowed are 0 to 8"),
        (r#"{"layers": [2,0,3]}"#, "layers: holds the width 0"),
        (r#"{"steps": 3"#, "experiment: the text ends at line 1, column 11"),
        (r#"{"steps": 3} {}"#, "experiment: trailing characters at line 1 column 14"),
        (r#"{"steps" 3}"#, "experiment: expected `:` at line 1 column 10"),
        ("[]", "experiment: must be a JSON object"),
        ("", "experiment: must be a JSON object"),
    ] {
        let (field, problem) = error_of(text);
        let sentence = format!("{field}: {problem}");
        assert!(sentence.starts_with(expected), "{text}: {sentence}\n instead of {expected}");
    }
}

/// What an error repeats is short and on one line, wherever it stood.
#[test]
fn echoes_are_short_and_on_one_line() {
    let long = "x\\n\\u0000\\u2028: ".repeat(100_000);
    for (before, after) in [
        (r#"{""#, r#"": 3}"#),
        (r#"{""#, r#"": 3, "steps": }"#),
        (r#"{"steps": ""#, r#""}"#),
        (r#"{"activation": ""#, r#""}"#),
        (r#"{"batch_size": ""#, r#""}"#),
        (r#"{"start": {""#, r#"": 3}}"#),
        (r#"{"data": {""#, r#"": 3}}"#),
        (r#"{"data": {"name": ""#, r#""}}"#),
        (r#"{"data": {"csv": "a,b\n1,2\n3,4\n", "label_column": ""#, r#""}}"#),
        (r#"{"data": {"csv": "a,b\n1,2\n\"LONG\",4\n", "label_column": "b", "x": ""#, r#""}}"#),
        (r#"{"data": {"csv": "a,b\n1,2\n\""#, r#"\",4\n"}}"#),
        (r#"{"data": {"csv": "\""#, r#"\",b\n1,2\nx,4\n"}}"#),
        (r#"{"optimizer": {"name": ""#, r#""}}"#),
        (r#"{"optimizer": {"name": "sgd", ""#, r#"": 3}}"#),
        (r#"{"optimizer": {"name": "sgd", "schedule": {"name": ""#, r#""}}}"#),
        (r#"{"optimizer": {"name": "sgd", "schedule": {"name": "step", ""#, r#"": 3}}}"#),
        (r#"{"null_model": {"kind": ""#, r#""}}"#),
    ] {
        let (field, problem) = error_of(&format!("{before}{long}{after}"));
        let sentence = format!("{field}: {problem}");
        assert!(sentence.chars().count() < 600, "{before}: {} characters", sentence.chars().count());
        assert!(!sentence.contains(|c: char| c.is_control() || c == '\u{2028}'), "{before}: {sentence}");
    }
}
