//! The native program as a user meets it: README's examples, files, and what bad input is answered with.
#![cfg(not(target_arch = "wasm32"))]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn headless(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_headless"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn object(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The code block of README that is marked with `kind`.
fn example(kind: &str) -> String {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let begin = format!("```json {kind}\n");
    let start = readme.find(&begin).expect("README has the example") + begin.len();
    readme[start..start + readme[start..].find("```").unwrap()].to_owned()
}

#[test]
fn readmes_case() {
    let found = object(&headless(&["analyze", "-"], &example("case")));
    for field in
        ["loss", "logits", "gradient", "hessian_rows", "eigenvalues_descending", "leading_eigenvectors", "leading_ipr"]
    {
        assert!(!found[field].is_null(), "{field}");
    }
    let sum: f64 = found["eigenvalues_descending"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).sum();
    let trace: f64 = (0..12).map(|i| found["hessian_rows"][i][i].as_f64().unwrap()).sum();
    assert!((sum - trace).abs() < 1e-14);
    assert!(found["certificates"]["max_residual"].as_f64().unwrap() < 1e-14);
}

#[test]
fn readmes_experiment() {
    let directory = std::env::temp_dir().join(format!("eigendrift-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let (input, output) = (directory.join("experiment.json"), directory.join("report.json"));
    std::fs::write(&input, example("experiment")).unwrap();
    let ran = headless(&["run", input.to_str().unwrap(), "--out", output.to_str().unwrap()], "");
    assert!(ran.status.success() && ran.stdout.is_empty());
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&output).unwrap()).unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    let steps: Vec<u64> =
        report["checkpoints"].as_array().unwrap().iter().map(|c| c["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [0, 25, 50, 75, 100]);
    assert_eq!(report["parameter_count"], 123);
    for matrix in ["subspace_overlap", "displacement_by_rank", "displacement_tracked", "weight_displacement"] {
        assert_eq!(report[matrix].as_array().unwrap().len(), 5, "{matrix}");
    }
    assert_eq!(report["null_model"]["samples"], 5);
    assert!(report["diverged"].is_null());
}

#[test]
fn a_script_holds_what_the_run_found() {
    let experiment = r#"{"data": {"name": "moons", "samples": 40}, "hidden": [3], "steps": 4, "checkpoint_every": 2}"#;
    let report = object(&headless(&["run", "-"], experiment));
    let program = headless(&["script", "-"], experiment);
    assert!(program.status.success() && program.stderr.is_empty());
    let text = String::from_utf8(program.stdout).unwrap();
    let (_, rest) = text.split_once("RECORD = r\"\"\"").unwrap();
    let record: Value = serde_json::from_str(rest.split_once("\"\"\"").unwrap().0).unwrap();
    for (found, checkpoint) in
        record["checkpoints"].as_array().unwrap().iter().zip(report["checkpoints"].as_array().unwrap())
    {
        for field in ["step", "loss", "leading_eigenvalues", "leading_ipr"] {
            assert_eq!(found[field], checkpoint[field], "{field}");
        }
        assert_eq!(found["subspace_overlap"], checkpoint["two_time"]["subspace_overlap"]);
    }
    assert_eq!(object(&headless(&["script", "-", "--notebook"], experiment))["nbformat"], 4);
    let refused = headless(&["script", "-"], r#"{"hidden": [80, 80], "spectrum": "full", "steps": 0}"#);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).starts_with("hidden: makes "));
}

#[test]
fn defaults_are_an_experiment() {
    let text = String::from_utf8(headless(&["defaults"], "").stdout).unwrap();
    let experiment = eigendrift::experiment::Experiment::from_json(&text).unwrap();
    assert_eq!(experiment, eigendrift::experiment::Experiment::from_json("{}").unwrap());
}

#[test]
fn help_explains() {
    let text = |arguments: &[&str]| {
        let output = headless(arguments, "");
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for word in ["-h", "--help", "help"] {
        for command in ["analyze", "run", "defaults", "schema", "types", "completions"] {
            assert!(text(&[word]).contains(command), "{word}: {command}");
        }
    }
    for (command, words) in [
        ("analyze", ["CASE.json", "--out", "softplus", "hessian_rows", "certificates"]),
        ("run", ["EXPERIMENT.json", "--out", "logarithmic", "displacement_tracked", "diverged"]),
    ] {
        for help in [text(&[command, "--help"]), text(&["help", command])] {
            words.iter().for_each(|word| assert!(help.contains(word), "{command}: {word}"));
        }
    }
}

#[test]
fn bad_input_is_one_sentence_and_exit_code_two() {
    let case = example("case");
    let cases: Vec<(&[&str], String, &str)> = vec![
        (&["analyze", "-"], case.replace("\"tanh\"", "\"tan\""), "activation"),
        (&["analyze", "-"], case.replace("[2, 2, 2]", "[2, 3, 2]"), "parameters"),
        (&["analyze", "-"], case.replace("[0, 1, 1]", "[0, 1, 2]"), "labels"),
        (&["analyze", "-"], case.replace("[0, 1, 1]", "[0, 1]"), "labels"),
        (&["analyze", "-"], case.replace("[0.5, -1.0]", "[0.5]"), "inputs"),
        (&["analyze", "-"], case.replace("0.4,", "1e308, 1e999,"), "parameters"),
        (&["analyze", "-"], case.replace("\"labels\": [0, 1, 1],", ""), "labels"),
        (&["analyze", "-"], "{".to_owned(), "case"),
        (&["analyze", "/no/such/file.json"], String::new(), "/no/such/file.json"),
        (&["run", "-"], "{\"steps\": 1.5}".to_owned(), "steps"),
        (
            &["run", "-"],
            "{\"optimizer\": {\"name\": \"sgd\", \"learning_rate\": -1}}".to_owned(),
            "optimizer.learning_rate",
        ),
        (&["run", "-"], "{\"data\": {\"inputs\": [[1]], \"labels\": [0, 1]}}".to_owned(), "data.labels"),
        (&["run", "-"], "{\"data\": {\"csv\": \"a,b\\n1,x\\nz,y\\n\"}}".to_owned(), "line 3"),
        (&["analyze", "-", "--out", "/no/such/directory/file.json"], case.clone(), "/no/such/directory"),
        (&["analyze", "-", "--out", "/"], case.clone(), "directory"),
        (&["analyze", "-", "--fast"], String::new(), "--fast"),
        (&["analyze"], String::new(), "CASE.json"),
        (&["completions", "cmd"], String::new(), "cmd"),
        (&["fly"], String::new(), "fly"),
        (&[], String::new(), "usage"),
    ];
    for (arguments, input, named) in cases {
        let output = headless(arguments, &input);
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {input}");
        assert!(output.stdout.is_empty(), "{arguments:?} {input}");
        assert!(sentence.lines().count() == 1 && sentence.contains(named), "{input}: {sentence}");
    }
}

#[test]
fn divergence_keeps_what_was_found() {
    let text = "{\"optimizer\": {\"name\": \"sgd\", \"learning_rate\": 1e6}, \"steps\": 100, \"null_model\": null}";
    let report = object(&headless(&["run", "-"], text));
    assert!(report["diverged"].as_str().unwrap().contains("smaller learning rate"));
    assert!(!report["checkpoints"].as_array().unwrap().is_empty());
}

#[test]
fn a_null_model_that_fails_is_a_sentence_beside_the_result() {
    let start = ["0.1"; 3 * 2 + 3 * 2].join(",");
    let text = format!(
        r#"{{"data": {{"name": "xor", "samples": 20}}, "hidden": [2], "steps": 2, "checkpoint_every": 1, "leading": 2,
            "activation": "relu", "initial_parameters": [{start}], "start": {{"scale": 1e300}}}}"#
    );
    let output = headless(&["run", "-"], &text);
    let report = object(&output);
    assert_eq!(report["checkpoints"].as_array().unwrap().len(), 3);
    assert!(report["null_model"].is_null() && report["null_model_failed"].is_string());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.lines().count() == 1 && sentence.starts_with("the null model could not be drawn: "), "{sentence}");
}
