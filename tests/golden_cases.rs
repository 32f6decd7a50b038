//! Whole cases against PyTorch (float64, torch.func.hessian, torch.linalg.eigh): what a user of `analyze` gets.

use std::fs;

use eigendrift::case::{Case, analyze};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().expect("a number")],
    }
}

fn worst(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).fold(0.0, |worst: f64, (a, b)| worst.max((a - b).abs()))
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

#[test]
fn every_case_agrees_with_pytorch() {
    let mut cases = 0;
    for entry in fs::read_dir("tests/golden").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !(name.ends_with("_ce.json") || name.ends_with("_mse.json")) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let golden: Value = serde_json::from_str(&text).unwrap();
        let found = analyze(&Case::from_json(&text).unwrap()).unwrap();
        let expected = |field: &str| numbers(&golden[field]);

        let loss = golden["loss"].as_f64().unwrap();
        assert!((found.loss - loss).abs() <= 1e-12 * loss.abs().max(1.0), "{name}: loss");
        assert!(
            worst(&found.logits.concat(), &expected("logits")) <= 1e-12 * largest(&expected("logits")),
            "{name}: logits"
        );
        let gradient = expected("gradient");
        assert!(worst(&found.gradient, &gradient) <= 1e-12 * largest(&gradient).max(1.0), "{name}: gradient");
        // PyTorch rounds relu networks no worse, but their second derivative is a convention at the kinks.
        let tolerance = if name.contains("relu") { 1e-9 } else { 1e-11 };
        let hessian = expected("hessian_rows");
        assert!(worst(&found.hessian_rows.concat(), &hessian) <= tolerance * largest(&hessian), "{name}: Hessian");
        let eigenvalues = expected("eigenvalues_descending");
        let scale = largest(&eigenvalues);
        assert!(worst(&found.eigenvalues_descending, &eigenvalues) <= tolerance * scale, "{name}: eigenvalues");

        // An eigenvector turns by about (error of H)/gap, so that it is compared where its neighbours are far.
        let (gaps, ipr) = (expected("leading_gaps"), expected("leading_ipr"));
        for (i, vector) in golden["leading_eigenvectors"].as_array().unwrap().iter().enumerate() {
            let above = if i == 0 { f64::INFINITY } else { gaps[i - 1] };
            if gaps[i].min(above) > 1e-3 * scale {
                let overlap: f64 = found.leading_eigenvectors[i].iter().zip(numbers(vector)).map(|(a, b)| a * b).sum();
                assert!((overlap.abs() - 1.0).abs() < 1e-12, "{name}: eigenvector {i}");
                assert!((found.leading_ipr[i].value().unwrap() - ipr[i]).abs() < 1e-7, "{name}: IPR {i}");
            }
        }
        cases += 1;
    }
    assert_eq!(cases, 18);
}
