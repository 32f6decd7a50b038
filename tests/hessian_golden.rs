//! The Hessian against PyTorch's `torch.func.hessian` in float64, file by file.

use eigendrift::activation::Activation;
use eigendrift::hessian::{HessianWorkspace, Part, hessian_vector_product};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::mlp::{Architecture, Batch};
use serde::Deserialize;

/// The fields of a reference file that concern the Hessian.
#[derive(Deserialize)]
struct Case {
    layers: Vec<usize>,
    activation: Activation,
    loss_function: LossFunction,
    inputs: Vec<Vec<f64>>,
    labels: Vec<usize>,
    parameters: Vec<f64>,
    hessian_rows: Vec<Vec<f64>>,
}

/// Every `*_ce.json` and `*_mse.json` in tests/golden.
fn cases() -> Vec<(String, Case)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.ends_with("_ce") || name.ends_with("_mse") {
            let case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            cases.push((name, case));
        }
    }
    assert!(cases.len() >= 18, "reference files are missing");
    cases
}

/// Both sides sum the same N ≤ 50 terms in different orders: a few hundred units in the last place of the largest entry,
/// 1e-13. The bound 1e-11 leaves a factor of a hundred for depth; relu has the same arithmetic, but PyTorch's reference may
/// differ where a pre-activation is within rounding of 0.
#[test]
fn every_reference_file() {
    for (name, case) in cases() {
        let tolerance = if case.activation == Activation::Relu { 1e-9 } else { 1e-11 };
        let architecture = Architecture::new(case.layers.clone(), case.activation).unwrap();
        let inputs = Batch::from_rows(&case.inputs.concat(), case.layers[0]);
        let loss = Loss::new(case.loss_function);
        let mut workspace = HessianWorkspace::new(&architecture, &loss, &inputs, &case.labels).unwrap();
        let mut hessian = Vec::new();
        workspace.hessian(&case.parameters, Part::Full, &mut hessian).unwrap();
        let expected = case.hessian_rows.concat();
        let largest = expected.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let error = hessian.iter().zip(&expected).fold(0.0, |error: f64, (x, y)| error.max((x - y).abs()));
        println!("{name:20} {:.1e}", error / largest);
        assert_eq!(hessian.len(), expected.len(), "{name}");
        assert!(error <= tolerance * largest, "{name}: {:.1e} relative to the largest entry", error / largest);

        // The Hessian-vector product, against the same reference.
        let count = architecture.parameter_count();
        let vector: Vec<f64> = (0..count).map(|a| ((a * a + 3) % 11) as f64 / 5.0 - 1.0).collect();
        let product =
            hessian_vector_product(&architecture, &loss, &inputs, &case.labels, &case.parameters, &vector).unwrap();
        for (row, product) in case.hessian_rows.iter().zip(&product) {
            let expected: f64 = row.iter().zip(&vector).map(|(h, v)| h * v).sum();
            assert!((product - expected).abs() <= tolerance * largest * count as f64, "{name}: H v");
        }
    }
}
