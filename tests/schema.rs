//! The schemas in docs/ accept what the program reads and prints, by an independent validator, and refuse what it refuses.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;

use eigendrift::case::{Case, analyze};
use eigendrift::dataset::{Name, Preparation};
use eigendrift::experiment::{Experiment, run};
use eigendrift::null_model::NullKind;
use eigendrift::optimizer::{OptimizerSettings, Rule, Schedule};
use eigendrift::training::Scheme;
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema(record: &str) -> Validator {
    let text = fs::read_to_string(format!("docs/{record}.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{record}");
    jsonschema::validator_for(&schema).unwrap()
}

fn accepts(schema: &Validator, value: &Value, what: &str) {
    let problems: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{what}: {problems:?}");
}

/// The code block of README that is marked with `kind`.
fn example(kind: &str) -> Value {
    let readme = fs::read_to_string("README.md").unwrap();
    let (_, rest) = readme.split_once(&format!("```json {kind}\n")).expect("README has the example");
    serde_json::from_str(rest.split("```").next().unwrap()).unwrap()
}

#[test]
fn cases() {
    let schema = schema("case");
    accepts(&schema, &example("case"), "README");
    let mut golden = 0;
    for entry in fs::read_dir("tests/golden").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with("_ce.json") || name.ends_with("_mse.json") {
            accepts(&schema, &serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap(), &name);
            golden += 1;
        }
    }
    assert_eq!(golden, 18);

    for (field, wrong) in [
        ("activation", json!("tan")),
        ("loss_function", json!(1)),
        ("layers", json!([2])),
        ("layers", json!([2, 0, 2])),
        ("layers", json!([2, 2.5, 2])),
        ("inputs", json!([])),
        ("inputs", json!([["a"]])),
        ("labels", json!([-1])),
        ("labels", Value::Null),
        ("label_smoothing", json!(1)),
        ("leading", json!(0)),
        ("leading_order", json!("size")),
        ("spectrum", json!("dense")),
    ] {
        let mut case = example("case");
        case[field] = wrong;
        refuses(&schema, &case);
        assert!(Case::from_json(&case.to_string()).and_then(|case| analyze(&case)).is_err(), "{case}");
    }
}

fn refuses(schema: &Validator, value: &Value) {
    assert!(!schema.is_valid(value), "{value}");
}

/// `part` as the field `field` of an experiment.
fn accepts_part(schema: &Validator, field: &str, part: Value) {
    let mut experiment = json!({});
    experiment[field] = part;
    accepts(schema, &experiment, &experiment.to_string());
    Experiment::from_json(&experiment.to_string()).and_then(|experiment| experiment.validate()).unwrap();
}

#[test]
fn experiments() {
    let schema = schema("experiment");
    accepts(&schema, &example("experiment"), "README");
    accepts(&schema, &json!({}), "nothing");
    accepts(&schema, &serde_json::to_value(Experiment::default()).unwrap(), "the default");
    for rule in Rule::ALL {
        let mut settings = OptimizerSettings::new(rule);
        settings.rotated_basis = true;
        settings.schedule = Schedule::all()[2];
        accepts_part(&schema, "optimizer", serde_json::to_value(settings).unwrap());
    }
    for schedule in Schedule::all() {
        accepts_part(&schema, "optimizer", json!({ "name": "sgd", "schedule": schedule }));
    }
    for name in Name::ALL {
        accepts_part(&schema, "data", json!({ "name": name }));
        accepts_part(&schema, "data", json!({ "name": name, "samples": 12, "preparation": Preparation::Standardized }));
    }
    accepts_part(&schema, "data", json!({ "samples": 30 }));
    accepts_part(&schema, "data", json!({ "inputs": [[0.5], [1]], "labels": [0, 1], "classes": 3 }));
    accepts_part(&schema, "data", json!({ "csv": "a,b\n1,x\n2,y\n", "label_column": "b" }));
    for kind in NullKind::ALL {
        accepts_part(&schema, "null_model", json!({ "kind": kind }));
    }
    for scheme in Scheme::ALL {
        accepts_part(&schema, "start", json!({ "scheme": scheme }));
    }
    accepts_part(&schema, "null_model", Value::Null);
    accepts_part(&schema, "batch_size", json!("full"));
    accepts_part(&schema, "seeds", json!({ "data": 9007199254740991_u64 }));
}

#[test]
fn experiments_that_are_refused() {
    let schema = schema("experiment");
    for wrong in [
        json!([]),
        json!({ "step": 5 }),
        json!({ "steps": 1.5 }),
        json!({ "steps": 10_000_001 }),
        json!({ "checkpoint_every": 0 }),
        json!({ "test_share": 0.6 }),
        json!({ "hidden": [0] }),
        json!({ "hidden": [1, 1, 1, 1, 1, 1, 1, 1, 1] }),
        json!({ "batch_size": "all" }),
        json!({ "seed": -1 }),
        json!({ "seeds": { "data": 9007199254740992_u64 } }),
        json!({ "start": { "scale": -1 } }),
        json!({ "null_model": { "samples": 5 } }),
        json!({ "null_model": { "kind": "goe", "samples": 1 } }),
        json!({ "optimizer": {} }),
        json!({ "optimizer": { "name": "adadelta" } }),
        json!({ "optimizer": { "name": "adam", "momentum": 0.9 } }),
        json!({ "optimizer": { "name": "adam", "beta1": 1 } }),
        json!({ "optimizer": { "name": "lion", "amsgrad": true } }),
        json!({ "optimizer": { "name": "sgd", "learning_rate": -0.1 } }),
        json!({ "optimizer": { "name": "sgd", "schedule": { "name": "cosine", "steps": 0 } } }),
        json!({ "optimizer": { "name": "sgd", "schedule": { "name": "step", "steps": 10 } } }),
        json!({ "data": { "name": "iris", "noise": 0.1 } }),
        json!({ "data": { "name": "iris", "samples": 151 } }),
        json!({ "data": { "name": "mnist" } }),
        json!({ "data": { "inputs": [[1]] } }),
        json!({ "data": { "csv": "a,b\n", "noise": 0.1 } }),
    ] {
        refuses(&schema, &wrong);
        let read = Experiment::from_json(&wrong.to_string()).and_then(|experiment| {
            experiment.validate()?;
            experiment.architecture(experiment.data_shape()?.0)
        });
        assert!(read.is_err(), "{wrong}");
    }
}

#[test]
fn analyses() {
    let schema = schema("analysis");
    let found = analyze(&Case::from_json(&example("case").to_string()).unwrap()).unwrap();
    let mut found = serde_json::to_value(found).unwrap();
    accepts(&schema, &found, "README's case");
    let mut leading = example("case");
    leading["spectrum"] = json!("leading");
    let leading = analyze(&Case::from_json(&leading.to_string()).unwrap()).unwrap();
    let leading = serde_json::to_value(leading).unwrap();
    assert!(leading.get("hessian_rows").is_none() && leading["spectral_density"].is_object());
    accepts(&schema, &leading, "README's case by products");
    found["certificates"].as_object_mut().unwrap().remove("max_residual");
    refuses(&schema, &found);
}

#[test]
fn reports() {
    let schema = schema("report");
    let report = |text: &str| serde_json::to_value(run(Experiment::from_json(text).unwrap(), |_| {}).unwrap()).unwrap();
    let mut full = report(&example("experiment").to_string());
    accepts(&schema, &full, "README's experiment");
    // With test samples and without a null model, a preconditioner or layers' spectra.
    let text = r#"{"steps": 2, "checkpoint_every": 1, "test_share": 0.2, "layer_spectra": false, "null_model": null,
        "seeds": {"batches": 3}, "optimizer": {"name": "sgd", "learning_rate": 1e9}}"#;
    let diverged = report(text);
    assert!(diverged["diverged"].is_string());
    accepts(&schema, &diverged, "a run that diverges");

    let mut leading = example("experiment");
    leading["spectrum"] = json!("leading");
    let leading = report(&leading.to_string());
    assert!(leading["checkpoints"][0].get("eigenvalues_descending").is_none());
    accepts(&schema, &leading, "README's experiment by products");

    full["checkpoints"][0]["step"] = json!("first");
    refuses(&schema, &full);
}
