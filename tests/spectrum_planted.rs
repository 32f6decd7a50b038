//! Random matrices: against spectra planted as Q Λ Qᵀ, and against nalgebra's `SymmetricEigen`, an independent solver.
//!
//! Tolerance: both solvers and the planting itself err by a modest multiple of ε ‖H‖ in each eigenvalue; 10⁻¹² ‖H‖ is
//! 4500 ε at n ≤ 48.
#![cfg(not(target_arch = "wasm32"))]

use eigendrift::spectrum::{EigenWorkspace, Order, eigenvalues, largest_eigenvalue, spectrum};
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use proptest::prelude::*;

const TOLERANCE: f64 = 1e-12;

fn norm(values: &[f64]) -> f64 {
    values.iter().fold(f64::MIN_POSITIVE, |m, x| m.max(x.abs()))
}

/// A square matrix's entries in (−1, 1).
fn square() -> impl Strategy<Value = DMatrix<f64>> {
    (1usize..48).prop_flat_map(|n| {
        prop::collection::vec(-1.0..1.0, n * n).prop_map(move |entries| DMatrix::from_vec(n, n, entries))
    })
}

/// n eigenvalues: zeros, clusters around ±1 as narrow as 10⁻¹⁵, and sizes spread over 16 decades.
fn levels(n: usize) -> impl Strategy<Value = Vec<f64>> {
    let level = prop_oneof![
        2 => Just(0.0),
        2 => (0u32..8).prop_map(|i| 1.0 + 1e-15 * f64::from(i)),
        1 => (-15.0..-1.0).prop_map(|x| -1.0 + libm::pow(10.0, x)),
        2 => (-16.0..0.0).prop_map(|x| libm::pow(10.0, x)),
        1 => -1.0..1.0,
    ];
    prop::collection::vec(level, n)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The Lanczos method finds what the whole spectrum begins with, and what nalgebra finds.
    #[test]
    fn the_largest_eigenvalue_alone(a in square(), scale in -300..300) {
        let n = a.nrows();
        let h = (&a + a.transpose()) * libm::scalbn(0.5, scale);
        let found = largest_eigenvalue(h.as_slice(), n, &mut EigenWorkspace::default()).unwrap();
        let expected = SymmetricEigen::new(h.clone()).eigenvalues;
        let norm = norm(expected.as_slice());
        prop_assert!((found - expected.max()).abs() <= 1e-10 * norm, "{found:e} for {:e}", expected.max());
    }

    /// sin ∠ between a computed eigenvector and the planted one is below its bound, up to the rounding with which Q Λ Qᵀ is
    /// formed, which shifts the planted vector itself by about n ε ‖H‖ / gap.
    #[test]
    fn angles_are_within_their_bounds(a in square(), seed in 0u64..1000) {
        let n = a.nrows();
        let q = a.qr().q();
        let values: Vec<f64> = (0..n).map(|i| 1.0 / (1.0 + ((i as u64 * 37 + seed) % (2 * n as u64)) as f64)).collect();
        let h = &q * DMatrix::from_diagonal(&DVector::from_row_slice(&values)) * q.transpose();
        let h = (&h + h.transpose()) * 0.5;
        let k = n.min(6);
        let s = spectrum(h.as_slice(), n, k, Order::Algebraic, &mut EigenWorkspace::default()).unwrap();
        let determination = s.determination(0.0);
        for i in 0..k {
            let planted = (0..n).min_by(|&x, &y| {
                let away = |j: usize| (values[j] - s.eigenvalues[i]).abs();
                away(x).total_cmp(&away(y))
            }).unwrap();
            let gap = (0..n).filter(|&j| j != planted).map(|j| (values[j] - values[planted]).abs());
            let gap = gap.fold(f64::INFINITY, f64::min);
            let (v, u) = (DVector::from_row_slice(s.vector(i)), q.column(planted));
            let sine = (&v - u * u.dot(&v)).norm();
            let rounding = 8.0 * n as f64 * f64::EPSILON / gap;
            prop_assert!(sine <= s.certificates.angle_bounds[i] + rounding, "{sine:e}");
            prop_assert_eq!(determination.directions[i], gap > 1e-12, "gap {:e}", gap);
        }
    }

    #[test]
    fn planted_spectra_are_recovered(
        (a, mut values) in square().prop_flat_map(|a| { let n = a.nrows(); (Just(a), levels(n)) }),
        k in 0usize..48,
        magnitude: bool,
    ) {
        let n = a.nrows();
        let k = k.min(n);
        let q = a.qr().q();
        let h = &q * DMatrix::from_diagonal(&DVector::from_row_slice(&values)) * q.transpose();
        let h = (&h + h.transpose()) * 0.5;
        values.sort_by(|a, b| b.total_cmp(a));
        let order = if magnitude { Order::Magnitude } else { Order::Algebraic };
        let s = spectrum(h.as_slice(), n, k, order, &mut EigenWorkspace::default()).unwrap();
        let scale = norm(&values);
        for (got, planted) in s.eigenvalues.iter().zip(&values) {
            prop_assert!((got - planted).abs() <= TOLERANCE * scale, "{got:e} for {planted:e}");
        }
        for i in 0..k {
            let v = DVector::from_row_slice(s.vector(i));
            let residual = (&h * &v - &v * s.leading_eigenvalue(i)).norm();
            prop_assert!(residual <= TOLERANCE * scale, "residual {residual:e}");
            for j in 0..=i {
                let overlap = v.dot(&DVector::from_row_slice(s.vector(j))) - f64::from(i == j);
                prop_assert!(overlap.abs() <= TOLERANCE, "overlap {overlap:e}");
            }
        }
    }

    #[test]
    fn nalgebra_finds_the_same(a in square()) {
        let n = a.nrows();
        let h = &a + a.transpose();
        let peer = SymmetricEigen::new(h.clone());
        let got = eigenvalues(h.as_slice(), n, &mut EigenWorkspace::default()).unwrap();
        let mut expected = peer.eigenvalues.as_slice().to_vec();
        expected.sort_by(|a, b| b.total_cmp(a));
        for (g, e) in got.iter().zip(&expected) {
            prop_assert!((g - e).abs() <= TOLERANCE * norm(&expected), "{g:e} against {e:e}");
        }
    }
}
