//! Hessians of small networks against LAPACK's eigendecomposition (`torch.linalg.eigh`), from tests/golden.

use eigendrift::spectrum::{EigenWorkspace, Order, spectrum};
use serde::Deserialize;

/// Relative to the largest eigenvalue: two backward stable solvers agree to a modest multiple of ε.
const TOLERANCE: f64 = 1e-11;

#[derive(Deserialize)]
struct Golden {
    eigenvalues_descending: Vec<f64>,
    leading_eigenvectors: Vec<Vec<f64>>,
    hessian_rows: Vec<Vec<f64>>,
}

#[test]
fn golden_hessians() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut ws = EigenWorkspace::default();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !(name.ends_with("_ce.json") || name.ends_with("_mse.json")) {
            continue;
        }
        seen += 1;
        let golden: Golden = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let (n, k) = (golden.hessian_rows.len(), golden.leading_eigenvectors.len());
        let s = spectrum(&golden.hessian_rows.concat(), n, k, Order::Algebraic, &mut ws).unwrap();
        let expected = &golden.eigenvalues_descending;
        let norm = expected[0].abs().max(expected[n - 1].abs());
        for (got, expected) in s.eigenvalues.iter().zip(expected) {
            assert!((got - expected).abs() <= TOLERANCE * norm, "{name}: {got:e} for {expected:e}");
        }
        for i in 0..k {
            // A vector is determined only as well as its eigenvalue is separated: error ≈ ε ‖H‖ / gap.
            let gap = (0..n).filter(|&j| j != i).map(|j| (expected[i] - expected[j]).abs()).fold(f64::MAX, f64::min);
            let overlap: f64 = s.vector(i).iter().zip(&golden.leading_eigenvectors[i]).map(|(a, b)| a * b).sum();
            let sign = overlap.signum();
            for (a, b) in s.vector(i).iter().zip(&golden.leading_eigenvectors[i]) {
                let tolerance = TOLERANCE * (1.0_f64).max(1e-3 * norm / gap);
                assert!((a - sign * b).abs() <= tolerance, "{name}: entry of vector {i}: {a:e} for {b:e}, gap {gap:e}");
            }
        }
    }
    assert!(seen >= 18, "only {seen} golden Hessians found in {folder}");
}
