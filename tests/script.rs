//! The record that a program for PyTorch repeats a run from: its numbers are those of the run to the last bit, its batches those
//! of training; the notebook is JSON of nbformat 4. That PyTorch comes to the same numbers is checked by scripts/repeat.
#![cfg(not(target_arch = "wasm32"))]

use eigendrift::experiment::{self, Experiment};
use eigendrift::gradient::GradientWorkspace;
use eigendrift::mlp::Batch;
use eigendrift::optimizer::OrthogonalBasis;
use eigendrift::script::{self, Expected, Form, Record};
use eigendrift::{Rule, Run};
use serde_json::Value;

const TEMPLATE: &str = include_str!("../www/repeat.py");

fn experiment(more: &str) -> Experiment {
    let text = format!(
        r#"{{"data": {{"name": "moons", "samples": 60}}, "hidden": [4], "steps": 12, "checkpoint_every": 6, "leading": 3,
            "null_model": null, "layer_spectra": false, "seed": 9{more}}}"#
    );
    Experiment::from_json(&text).unwrap()
}

fn expected(experiment: &Experiment) -> Vec<Expected> {
    let report = experiment::run(experiment.clone(), |_| ()).unwrap();
    report.checkpoints.iter().map(Expected::from).collect()
}

/// A JSON object as it is read again from the program's text.
fn read_again(record: &Record) -> Value {
    let program = script::text(TEMPLATE, record, Form::Program).unwrap();
    let (_, rest) = program.split_once("RECORD = r\"\"\"").expect("a record");
    serde_json::from_str(rest.split_once("\"\"\"").expect("its end").0).unwrap()
}

/// The bytes of base64 in lines, by the definition: six bits for each letter.
fn bytes(lines: &Value) -> Vec<u8> {
    let text: String = lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/").collect();
    let kept: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').collect();
    let bit = |i: usize| (letters.iter().position(|l| *l == kept[i / 6]).unwrap() >> (5 - i % 6)) & 1;
    (0..kept.len() * 6 / 8).map(|byte| (0..8).fold(0, |sum, i| sum << 1 | bit(8 * byte + i) as u8)).collect()
}

fn floats(lines: &Value) -> Vec<f64> {
    bytes(lines).chunks_exact(8).map(|word| f64::from_le_bytes(word.try_into().unwrap())).collect()
}

fn indices(lines: &Value) -> Vec<usize> {
    bytes(lines).chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap()) as usize).collect()
}

#[test]
fn numbers_are_those_of_the_run_to_the_last_bit() {
    let experiment = experiment(r#", "optimizer": {"name": "adam", "rotated_basis": true}, "hessian_samples": 40"#);
    let found = expected(&experiment);
    let read = read_again(&Record::new(&experiment, found.clone()).unwrap());
    let run = Run::new(experiment.clone()).unwrap();
    let data = run.training().data();
    assert_eq!(floats(&read["inputs"]), data.inputs);
    assert_eq!(serde_json::from_value::<Vec<usize>>(read["labels"].clone()).unwrap(), data.labels);
    assert_eq!(floats(&read["initial_parameters"]), run.training().parameters());
    let size = run.architecture().parameter_count();
    assert_eq!(floats(&read["rotation"]), OrthogonalBasis::new(size, 9).rows());
    assert_eq!(indices(&read["hessian_samples"]), experiment.hessian_indices(60));
    assert_eq!(serde_json::from_value::<Vec<Expected>>(read["checkpoints"].clone()).unwrap(), found);
    assert_eq!(
        (&read["layers"], &read["experiment"]["optimizer"]["name"]),
        (&[2, 4, 2].as_slice().into(), &"adam".into())
    );
}

/// Gradient descent on the recorded batches reaches the parameters of the run.
#[test]
fn batches_are_those_of_training() {
    let experiment = experiment(r#", "optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 16"#);
    assert_eq!(experiment.optimizer.rule, Rule::Sgd);
    let report = experiment::run(experiment.clone(), |_| ()).unwrap();
    let read = read_again(&Record::new(&experiment, expected(&experiment)).unwrap());
    let run = Run::new(experiment).unwrap();
    let (data, training) = (run.training().data(), run.training());
    let batches = indices(&read["batches"]);
    assert_eq!((batches.len(), &read["batch_samples"]), (12 * 16, &16.into()));
    let mut theta = floats(&read["initial_parameters"]);
    let mut gradient = vec![0.0; theta.len()];
    let mut workspace = GradientWorkspace::new(training.architecture(), 16);
    for batch in batches.chunks_exact(16) {
        let chosen = data.select(batch);
        let inputs = Batch::from_rows(&chosen.inputs, 2);
        workspace.gradient(training.architecture(), training.loss(), &theta, &inputs, &chosen.labels, &mut gradient);
        theta.iter_mut().zip(&gradient).for_each(|(x, g)| *x -= 0.1 * g);
    }
    assert_eq!(theta, report.checkpoints[2].parameters);
}

#[test]
fn what_follows_from_nothing_is_left_out() {
    let experiment = experiment(r#", "batch_size": "full""#);
    let read = read_again(&Record::new(&experiment, expected(&experiment)).unwrap());
    for field in ["batches", "rotation", "hessian_samples"] {
        assert!(read[field].is_null(), "{field}");
    }
    // What is not determined stays a gap.
    let flat = Experiment::from_json(
        r#"{"data": {"name": "xor"}, "hidden": [2], "start": {"scale": 0}, "steps": 0, "batch_size": "full",
            "leading": 9, "null_model": null}"#,
    )
    .unwrap();
    let read = read_again(&Record::new(&flat, expected(&flat)).unwrap());
    assert!(read["checkpoints"][0]["leading_ipr"].as_array().unwrap().iter().any(Value::is_null));
}

#[test]
fn a_notebook_is_json_of_nbformat_4() {
    let experiment = experiment("");
    let record = Record::new(&experiment, expected(&experiment)).unwrap();
    let book: Value = serde_json::from_str(&script::text(TEMPLATE, &record, Form::Notebook).unwrap()).unwrap();
    assert_eq!((&book["nbformat"], &book["nbformat_minor"]), (&4.into(), &4.into()));
    assert_eq!(book["metadata"]["kernelspec"]["name"], "python3");
    let cells = book["cells"].as_array().unwrap();
    let source = |cell: &Value| -> String {
        cell["source"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
    };
    assert_eq!(cells[0]["cell_type"], "markdown");
    assert!(source(&cells[0]).starts_with("Repeats a run"));
    for cell in &cells[1..] {
        assert_eq!(cell["cell_type"], "code");
        assert!(cell["execution_count"].is_null() && cell["outputs"].as_array().unwrap().is_empty());
        assert!(!source(cell).contains("# %%") && !source(cell).contains("sys.exit"), "{}", source(cell));
    }
    assert!(source(&cells[cells.len() - 1]).contains("\nplt.show()"));
    let program = script::text(TEMPLATE, &record, Form::Program).unwrap();
    assert!(program.starts_with("#!/usr/bin/env python3\n") && program.contains("sys.exit(main())"));
    assert!(!program.contains("matplotlib") && !program.contains("RECORD = None"));
}

#[test]
fn what_cannot_be_repeated_is_refused_with_a_sentence() {
    let refused =
        |experiment: &Experiment, found: Vec<Expected>| Record::new(experiment, found).unwrap_err().to_string();
    assert!(refused(&experiment(""), Vec::new()).starts_with("checkpoints: is empty"));
    let some = expected(&experiment(""));
    let wide = Experiment::from_json(r#"{"hidden": [80, 80], "null_model": null}"#).unwrap();
    let sentence = refused(&wide, some.clone());
    assert!(sentence.starts_with("hidden: makes ") && sentence.ends_with("up to 5000"), "{sentence}");
    let long =
        Experiment::from_json(r#"{"steps": 10000000, "checkpoint_every": 1000000, "null_model": null}"#).unwrap();
    let far = Expected { step: 10_000_000, ..some[0].clone() };
    assert!(refused(&long, vec![far]).starts_with("steps: would put 320000000 numbers"));
    let record = Record::new(&experiment(""), some).unwrap();
    assert!(script::text("print()\n", &record, Form::Program).is_err());
}
