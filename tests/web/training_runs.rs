//! Whole full-batch runs through the class `Run` against PyTorch.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::api::Run;
use super::js::{close, number, numbers, parse, returned};

fn list(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(list).collect(),
        other => vec![other.as_f64().expect("a number")],
    }
}

#[test]
fn runs_agree_with_pytorch() {
    let golden: Value = serde_json::from_str(include_str!("../golden/training_runs.json")).unwrap();
    let runs = golden["runs"].as_array().unwrap();
    assert!(!runs.is_empty());
    for which in runs {
        let name = which["optimizer"].as_str().unwrap();
        let mut optimizer = which["options"].clone();
        optimizer["name"] = which["optimizer"].clone();
        let experiment = json!({
            "data": {"inputs": golden["inputs"], "labels": golden["labels"]},
            "layers": golden["layers"],
            "activation": golden["activation"],
            "loss_function": golden["loss_function"],
            "initial_parameters": golden["initial_parameters"],
            "batch_size": golden["batch"],
            "optimizer": optimizer,
            "steps": golden["steps"],
            "checkpoint_every": golden["checkpoint_every"],
            "leading": 5,
            "null_model": null,
        });
        let mut run = returned(Run::new(parse(&experiment.to_string())));
        let expected = which["checkpoints"].as_array().unwrap();
        let mut determined = Vec::new();
        for expected in expected {
            // In small and uneven advances, which must make no difference.
            while !run.is_checkpoint_due() {
                returned(run.advance(Some(7.0)));
            }
            let found = returned(run.checkpoint());
            let at = format!("{name}, step {}", run.step());
            assert_eq!(run.step() as u64, expected["step"].as_u64().unwrap());
            let compare = |field: &str, theirs: &str| {
                let expected = list(&expected[theirs]);
                let scale = super::js::largest(&expected).max(1.0);
                close(&numbers(&found, field), &expected, 1e-6 * scale, &format!("{at}, {field}"));
            };
            for field in ["loss", "accuracy", "trace", "eigenvalues_descending", "parameters"] {
                compare(field, field);
            }
            compare("gradient_share", "gradient_fraction_top5");
            // Where an eigenvalue nearly meets the next, its eigenvector is not determined to that accuracy.
            let limit = 1e-3 * number(&found, "eigenvalues_descending.0");
            let (gaps, ipr) = (list(&expected["gaps"]), list(&expected["leading_ipr"]));
            let found_ipr = numbers(&found, "leading_ipr");
            for i in (0..5).filter(|&i| gaps[i] > limit && (i == 0 || gaps[i - 1] > limit)) {
                close(&found_ipr[i..=i], &ipr[i..=i], 1e-6, &format!("{at}, IPR {i}"));
            }
            determined.push((gaps[4] > limit, gaps.iter().all(|&gap| gap > limit)));
        }
        assert!(run.is_finished(), "{name}");
        let report = returned(run.report());
        let mut compared = 0;
        for s in 0..determined.len() {
            for t in 0..determined.len() {
                let mut compare = |field: &str, theirs: &str| {
                    let found = number(&report, &format!("{field}.{s}.{t}"));
                    close(&[found], &list(&which[theirs][s][t]), 1e-6, &format!("{name}, {field} {s} {t}"));
                    compared += 1;
                };
                if determined[s].0 && determined[t].0 {
                    compare("subspace_overlap", "subspace_overlap_top5");
                }
                if determined[s].1 && determined[t].1 {
                    compare("displacement_by_rank", "mean_squared_displacement_by_rank_top5");
                }
            }
        }
        assert!(compared > 2 * determined.len(), "{name}: only {compared} pairs are determined");
    }
}
