//! What a caller passes in: typed arrays are accepted, mistakes are reported by the name of their field.

use eigendrift::experiment::{self, Experiment};
use eigendrift::optimizer::Schedule;
use js_sys::{Array, Float64Array, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::api::{Run, analyze};
use super::js::{get, message, number, numbers, parse, returned};

const CASE: &str = include_str!("../golden/shallow_tanh_ce.json");

fn case_with(field: &str, value: &str) -> JsValue {
    let case = parse(CASE);
    Reflect::set(&case, &field.into(), &parse(value)).unwrap();
    case
}

#[test]
fn mistakes_in_a_case_are_named() {
    for (field, value) in [
        ("layers", "[4]"),
        ("layers", "[4, -3, 2]"),
        ("layers", "\"4\""),
        ("activation", "\"tahn\""),
        ("loss_function", "null"),
        ("inputs", "[]"),
        ("labels", "[0, 1]"),
        ("parameters", "[1, 2, 3]"),
        ("leading", "0"),
        ("leading", "2.5"),
    ] {
        let sentence = message(analyze(case_with(field, value)));
        assert!(sentence.starts_with(field), "{field} = {value}: {sentence}");
    }
    assert!(message(analyze(JsValue::UNDEFINED)).starts_with("case"));
    assert!(message(analyze(JsValue::from_str("{}"))).starts_with("case"));
    let itself = parse(CASE);
    Reflect::set(&itself, &"layers".into(), &itself).unwrap();
    assert!(message(analyze(itself)).starts_with("layers"));
    let nan = parse(CASE);
    Reflect::set(&nan, &"parameters".into(), &Array::of1(&JsValue::from_f64(f64::NAN))).unwrap();
    assert!(message(analyze(nan)).starts_with("parameters"));
}

#[test]
fn typed_arrays_and_undefined_fields_are_taken() {
    let plain = returned(analyze(parse(CASE)));
    let typed = parse(CASE);
    let rows: Array = get(&typed, "inputs").into();
    let rows: Array = rows.iter().map(|row| Float64Array::new(&row)).collect();
    Reflect::set(&typed, &"inputs".into(), &rows).unwrap();
    for field in ["parameters", "labels"] {
        Reflect::set(&typed, &field.into(), &Float64Array::new(&get(&typed, field))).unwrap();
    }
    Reflect::set(&typed, &"label_smoothing".into(), &JsValue::UNDEFINED).unwrap();
    let found = returned(analyze(typed));
    assert_eq!(numbers(&found, "hessian_rows"), numbers(&plain, "hessian_rows"));
}

#[test]
fn mistakes_in_an_experiment_are_named() {
    for (json, field) in [
        (r#"{"stepz": 3}"#, "stepz"),
        (r#"{"steps": "many"}"#, "steps"),
        (r#"{"steps": -1}"#, "steps"),
        (r#"{"optimizer": {"name": "adam", "learning_rate": -0.1}}"#, "optimizer.learning_rate"),
        (r#"{"optimizer": {"name": "adam", "momentum": 0.9}}"#, "optimizer"),
        (r#"{"optimizer": {"name": "adman"}}"#, "optimizer"),
        (r#"{"data": {"name": "spirals", "noise": 9}}"#, "data.noise"),
        (r#"{"data": {"csv": "a,b\n1,x\n1,2,3\n"}}"#, "line 3"),
        (r#"{"hidden": [0]}"#, "hidden"),
        (r#"{"optimizer": {"name": "adam", "lr": -0.1}}"#, "optimizer.lr"),
        (r#"{"null_model": {"samples": 3}}"#, "null_model.kind"),
        (r#"{"leading": 100000}"#, "leading"),
        (r#"{"seed": 1e300}"#, "seed"),
        (r#"{"null_model": {"kind": "goe", "samples": 1}}"#, "null_model.samples"),
    ] {
        let sentence = message(Run::new(parse(json)));
        assert!(sentence.contains(field), "{json}: {sentence}");
        for word in ["usize", "u64", "f64", "struct ", "invalid type"] {
            assert!(!sentence.contains(word), "{json}: {sentence}");
        }
    }
}

/// Values that JSON does not have are refused, and not taken for null, which would mean the default.
#[test]
fn values_beyond_json_are_named() {
    let (nan, infinity) = (JsValue::from_f64(f64::NAN), JsValue::from_f64(f64::INFINITY));
    let function: JsValue = js_sys::Function::new_no_args("").into();
    for (outer, field, value, named) in [
        ("optimizer", "learning_rate", &nan, "optimizer.learning_rate: "),
        ("optimizer", "learning_rate", &infinity, "optimizer.learning_rate: "),
        ("start", "scale", &nan, "start.scale: "),
        ("", "hessian_samples", &infinity, "hessian_samples: "),
        ("", "seed", &nan, "seed: "),
        ("", "hidden", &function, "experiment: "),
    ] {
        let experiment = parse(r#"{"optimizer": {"name": "sgd"}, "start": {}}"#);
        let place = if outer.is_empty() { experiment.clone() } else { get(&experiment, outer) };
        Reflect::set(&place, &field.into(), value).unwrap();
        let sentence = message(Run::new(experiment));
        assert!(sentence.starts_with(named), "{outer} {field}: {sentence}");
    }
}

#[test]
fn a_null_model_that_fails_leaves_the_report() {
    let start = ["0.1"; 3 * 2 + 3 * 2].join(",");
    let mut run = returned(Run::new(parse(&format!(
        r#"{{"data": {{"name": "xor", "samples": 20}}, "hidden": [2], "steps": 0, "leading": 2, "activation": "relu",
            "initial_parameters": [{start}], "start": {{"scale": 1e300}}}}"#
    ))));
    returned(run.checkpoint());
    let report = returned(run.report());
    assert_eq!(number(&report, "checkpoints.length"), 1.0);
    assert!(get(&report, "null_model").is_null() || get(&report, "null_model").is_undefined());
    assert!(get(&report, "null_model_failed").as_string().is_some());
}

#[test]
fn a_run_refuses_what_is_not_due_and_reports_divergence() {
    let experiment = r#"{"steps": 100, "checkpoint_every": 10, "optimizer": {"name": "sgd", "learning_rate": 1e6}, "null_model": null}"#;
    let mut run = returned(Run::new(parse(experiment)));
    assert_eq!(returned(run.advance(None)), 0); // the first checkpoint is due
    returned(run.checkpoint());
    assert!(message(run.checkpoint()).contains("step 10"));
    assert!(message(run.set_learning_rate(f64::NAN)).starts_with("optimizer.learning_rate"));
    let schedule = parse(r#"{"name": "cosine", "stepz": 3}"#);
    assert!(message(run.set_schedule(schedule)).contains("stepz"));
    let sentence = loop {
        match run.advance(None) {
            Ok(_) => match run.checkpoint() {
                Ok(_) => (),
                Err(error) => break message::<()>(Err(error)),
            },
            Err(error) => break message::<()>(Err(error)),
        }
    };
    assert!(sentence.contains("diverged"), "{sentence}");
    let report = returned(run.report());
    assert_eq!(get(&report, "diverged").as_string().unwrap(), sentence);
    assert!(number(&report, "checkpoints.length") >= 1.0);
}

/// Settings changed between two checkpoints give the parameters that the core gives for the same changes.
#[test]
fn a_run_can_be_changed_and_its_getters_agree_with_the_core() {
    let json = r#"{"steps": 20, "checkpoint_every": 10, "hidden": [4], "null_model": {"kind": "goe", "samples": 2}}"#;
    let mut run = returned(Run::new(parse(json)));
    let mut core = experiment::Run::new(Experiment::from_json(json).unwrap()).unwrap();
    assert_eq!(run.checkpoint_steps(), [0, 10, 20]);
    for change in [true, false, false] {
        returned(run.checkpoint());
        core.checkpoint().unwrap();
        if change {
            returned(run.set_learning_rate(0.25));
            returned(run.set_schedule(parse(r#"{"name": "step", "every": 5, "factor": 0.5}"#)));
            let optimizer = core.training_mut().optimizer_mut();
            optimizer.set_learning_rate(0.25).unwrap();
            optimizer.set_schedule(Schedule::Step { every: 5, factor: 0.5 }).unwrap();
        }
        returned(run.advance(None));
        core.advance(usize::MAX).unwrap();
        assert_eq!(run.parameters(), core.training().parameters());
        assert_eq!(run.learning_rate(), core.training().optimizer().learning_rate());
    }
    assert!(run.is_finished());
    assert_eq!(run.learning_rate(), 0.25 / 16.0); // four halvings before step 20
    let report = returned(run.report());
    assert_eq!(get(&report, "null_model.kind").as_string().unwrap(), "goe");
}
