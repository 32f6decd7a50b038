//! Matrices whose spectra are known in closed form, or that are known to break eigensolvers.
//!
//! Tolerance: backward stable methods leave ‖H v − λ v‖ and ‖VᵀV − I‖ at a modest multiple of ε ‖H‖ and ε; 10⁻¹² is
//! 4500 ε, and n here is at most 300.

use eigendrift::Error;
use eigendrift::spectrum::{EigenWorkspace, Order, Spectrum, eigenvalues, spectrum};
use nalgebra::{DMatrix, DVector};

const TOLERANCE: f64 = 1e-12;

/// The i-th of a sequence in (−½, ½) that looks random: no generator needed.
fn spread(i: usize) -> f64 {
    let x = libm::sin(12.9898 * (i as f64 + 1.0)) * 43758.5453;
    x - x.floor() - 0.5
}

fn random_symmetric(n: usize) -> DMatrix<f64> {
    let a = DMatrix::from_fn(n, n, |i, j| spread(i * n + j));
    &a + a.transpose()
}

fn random_orthogonal(n: usize) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |i, j| spread(7 + i * n + j)).qr().q()
}

/// Q Λ Qᵀ, exactly symmetric.
fn planted(values: &[f64]) -> DMatrix<f64> {
    let q = random_orthogonal(values.len());
    let h = &q * DMatrix::from_diagonal(&DVector::from_row_slice(values)) * q.transpose();
    (&h + h.transpose()) * 0.5
}

fn rows(h: &DMatrix<f64>) -> Vec<f64> {
    h.transpose().as_slice().to_vec()
}

/// Solves for 0, 1, 5 and all vectors in both orders, checks every property that [`Spectrum`] documents against `h` by matrix
/// products of nalgebra, and returns the eigenvalues.
fn check(name: &str, h: &DMatrix<f64>) -> Vec<f64> {
    let n = h.nrows();
    let matrix = rows(h);
    // Largest entry: at most ‖H‖₂.
    let scale = (0..n).map(|i| h.row(i).amax()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let unit = h / scale;
    let norm = unit.norm() / (n as f64).sqrt(); // root mean square of λ / scale, at most ‖H‖₂ / scale
    let mut ws = EigenWorkspace::default();
    let values = eigenvalues(&matrix, n, &mut ws).unwrap();
    for order in [Order::Algebraic, Order::Magnitude] {
        for k in [0, 1.min(n), 5.min(n), n] {
            let s = spectrum(&matrix, n, k, order, &mut ws).unwrap();
            assert_eq!(s.eigenvalues, values, "{name}: eigenvalues depend on k");
            assert!(values.is_sorted_by(|a, b| a >= b), "{name}: not descending");
            assert_eq!((s.kept(), s.vectors.len()), (k, k * n));
            let rank = |i: usize| match order {
                Order::Algebraic => s.leading_eigenvalue(i),
                Order::Magnitude => s.leading_eigenvalue(i).abs(),
            };
            assert!((1..k).all(|i| rank(i - 1) >= rank(i)), "{name}: not in order of leading");
            check_vectors(name, &unit, norm, scale, &s);
        }
    }
    values
}

fn check_vectors(name: &str, unit: &DMatrix<f64>, norm: f64, scale: f64, s: &Spectrum) {
    let k = s.kept();
    let v = DMatrix::from_row_slice(k, s.n, &s.vectors).transpose();
    let lambda = DMatrix::from_diagonal(&DVector::from_fn(k, |i, _| s.leading_eigenvalue(i) / scale));
    let residuals = unit * &v - &v * lambda;
    let residual = residuals.column_iter().map(|c| c.norm()).fold(0.0, f64::max);
    assert!(residual <= TOLERANCE * norm, "{name}: residual {residual:e} against {norm:e}, k = {k}");
    let defect = if k == 0 { 0.0 } else { (v.transpose() * &v - DMatrix::identity(k, k)).amax() };
    assert!(defect <= TOLERANCE, "{name}: VᵀV − I is {defect:e}, k = {k}");
    // The certificates agree.
    let c = &s.certificates;
    assert!((c.max_residual / scale - residual).abs() <= 0.1 * TOLERANCE * norm, "{name}: certified residual");
    assert!((c.orthogonality_defect - defect).abs() <= 0.1 * TOLERANCE, "{name}: certified orthogonality");
    let trace = c.trace_defect.value().unwrap();
    assert!(trace / scale <= TOLERANCE * norm * s.n as f64, "{name}: trace {trace:e}");
    assert_eq!(c.symmetry_defect, 0.0, "{name}");
    for i in 0..k {
        let first_largest = s.vector(i).iter().fold(0.0, |m: f64, x| if x.abs() > m.abs() { *x } else { m });
        assert!(first_largest > 0.0, "{name}: sign");
    }
}

fn assert_values(name: &str, got: &[f64], mut expected: Vec<f64>) {
    expected.sort_by(|a, b| b.total_cmp(a));
    let norm = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    assert_eq!(got.len(), expected.len());
    for (g, e) in got.iter().zip(&expected) {
        assert!((g - e).abs() <= TOLERANCE * norm, "{name}: {g:e}, expected {e:e}");
    }
}

#[test]
fn one_and_two_rows() {
    assert_eq!(check("1×1", &DMatrix::from_element(1, 1, -3.5)), [-3.5]);
    // [[2, 3], [3, −6]]: −2 ± 5
    let two = DMatrix::from_row_slice(2, 2, &[2.0, 3.0, 3.0, -6.0]);
    assert_values("2×2", &check("2×2", &two), vec![3.0, -7.0]);
    let swap = DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 1.0, 0.0]);
    assert_values("exchange", &check("exchange", &swap), vec![1.0, -1.0]);
}

#[test]
fn zero_identity_and_diagonal() {
    for n in [1, 2, 3, 7, 40] {
        assert_eq!(check("zero", &DMatrix::zeros(n, n)), vec![0.0; n]);
        assert_values("identity", &check("identity", &DMatrix::identity(n, n)), vec![1.0; n]);
        let d: Vec<f64> = (0..n).map(|i| spread(i) * 10.0).collect();
        assert_values("diagonal", &check("diagonal", &DMatrix::from_diagonal(&DVector::from_row_slice(&d))), d);
    }
}

/// Parameters that the loss does not depend on: their eigenvalues are 0 and they are in no other eigenvector, exactly.
#[test]
fn rows_of_zeros() {
    for (n, vanishing) in
        [(7, vec![0]), (7, vec![6]), (8, vec![2, 3, 5]), (40, (0..39).collect()), (40, vec![1, 17, 39])]
    {
        let mut h = random_symmetric(n);
        for &i in &vanishing {
            h.row_mut(i).fill(0.0);
            h.column_mut(i).fill(-0.0);
        }
        let values = check("rows of zeros", &h);
        let kept: Vec<usize> = (0..n).filter(|i| !vanishing.contains(i)).collect();
        let rest = h.select_rows(&kept).select_columns(&kept);
        let expected = rest.symmetric_eigenvalues().iter().copied().chain(vanishing.iter().map(|_| 0.0)).collect();
        assert_values("rows of zeros", &values, expected);
        assert_eq!(values.iter().filter(|value| **value == 0.0).count(), vanishing.len());
        let s = spectrum(&rows(&h), n, n, Order::Algebraic, &mut EigenWorkspace::default()).unwrap();
        for i in (0..n).filter(|&i| s.leading_eigenvalue(i) != 0.0) {
            assert!(vanishing.iter().all(|&at| s.vector(i)[at] == 0.0), "vector {i}");
        }
    }
}

#[test]
fn second_difference_matrix() {
    // 2 on the diagonal, −1 beside it: λ_j = 2 − 2 cos(jπ/(n+1))
    for n in [3, 10, 101] {
        let h = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let angle = std::f64::consts::PI / (n as f64 + 1.0);
        let expected = (1..=n).map(|j| 2.0 - 2.0 * libm::cos(j as f64 * angle)).collect();
        assert_values("second difference", &check("second difference", &h), expected);
    }
}

#[test]
fn wilkinson_pairs() {
    // W21+: |i − 10| on the diagonal, 1 beside it. Its two largest eigenvalues, 10.746194182903..., agree to 10⁻¹⁴.
    let w = DMatrix::from_fn(21, 21, |i, j| match i.abs_diff(j) {
        0 => i.abs_diff(10) as f64,
        1 => 1.0,
        _ => 0.0,
    });
    let values = check("W21+", &w);
    assert!((values[0] - 10.746194182903393).abs() < 1e-11 && (values[0] - values[1]).abs() < 1e-12);
    // Several glued together by a weak coupling: clusters of 2 × 5 in one block that is unreduced or nearly so.
    for exponent in 1..=17 {
        let glued = DMatrix::from_fn(105, 105, |i, j| match i.abs_diff(j) {
            0 => (i % 21).abs_diff(10) as f64,
            1 if i.max(j) % 21 == 0 => libm::pow(10.0, -f64::from(exponent)),
            1 => 1.0,
            _ => 0.0,
        });
        check("glued W21+", &glued);
    }
}

#[test]
fn nearly_multiples_of_the_identity() {
    // 1 on the diagonal, c beside it: λ_j = 1 + 2 c cos(jπ/(n+1)), all within 2c of 1.
    let n = 130;
    let angle = std::f64::consts::PI / (n as f64 + 1.0);
    for exponent in [1, 4, 8, 12, 14, 15, 16, 18] {
        let c = libm::pow(10.0, -f64::from(exponent));
        let h = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 1.0,
            1 => c,
            _ => 0.0,
        });
        let expected = (1..=n).map(|j| 1.0 + 2.0 * c * libm::cos(j as f64 * angle)).collect();
        assert_values("near identity", &check("near identity", &h), expected);
    }
}

#[test]
fn clustered_and_zero_eigenvalues() {
    let n = 120;
    // As a trained Hessian: a few large, a bulk near zero, a few negative.
    let hessian: Vec<f64> = (0..n).map(|i| if i < 5 { 10.0 / (i + 1) as f64 } else { 1e-15 * spread(i) }).collect();
    assert_values("near zero", &check("near zero", &planted(&hessian)), hessian);
    let two_levels: Vec<f64> = (0..n).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
    assert_values("two levels", &check("two levels", &planted(&two_levels)), two_levels);
    let tight: Vec<f64> = (0..n).map(|i| 1.0 + 1e-13 * i as f64).collect();
    assert_values("tight", &check("tight", &planted(&tight)), tight);
    let cut: Vec<f64> = (0..n).map(|i| if i < 8 { 2.0 } else { 1.0 }).collect(); // 5 of 8 equal ones
    assert_values("cut cluster", &check("cut cluster", &planted(&cut)), cut);
}

#[test]
fn rank_deficient_gram_matrices() {
    let (n, rank) = (150, 12);
    let a = DMatrix::from_fn(rank, n, |i, j| spread(i * n + j));
    let h = a.transpose() * &a;
    let h = (&h + h.transpose()) * 0.5;
    let values = check("Gram", &h);
    // The other n − rank are zero; the rest are those of the small Gram matrix A Aᵀ.
    let mut expected = check("small Gram", &(&a * a.transpose()));
    expected.resize(n, 0.0);
    assert_values("Gram", &values, expected);
    assert_values("rank 1", &check("rank 1", &DMatrix::from_element(60, 60, 1.0)), {
        let mut e = vec![0.0; 60];
        e[0] = 60.0;
        e
    });
}

#[test]
fn graded_both_ways() {
    let n = 60;
    for up in [true, false] {
        let size = |i: usize| libm::exp2(-(if up { i } else { n - 1 - i } as f64));
        let h = random_symmetric(n);
        check("graded", &DMatrix::from_fn(n, n, |i, j| h[(i, j)] * size(i) * size(j)));
        let values: Vec<f64> = (0..n).map(size).collect();
        assert_values("graded values", &check("graded values", &planted(&values)), values);
    }
}

#[test]
fn permuted_block_diagonal() {
    // Blocks of 3 spread over the index range: row i belongs to block i mod 20; the blocks repeat in pairs.
    let n = 60;
    let h = DMatrix::from_fn(n, n, |i, j| {
        if i % 20 == j % 20 { spread((i % 10) * 100 + (i / 20) * (j / 20) + i / 20 + j / 20) } else { 0.0 }
    });
    let values = check("blocks", &h);
    for pair in values.chunks(2) {
        assert!((pair[0] - pair[1]).abs() <= TOLERANCE, "each block is there twice");
    }
}

#[test]
fn scaled_to_the_ends_of_the_range() {
    for n in [2, 3, 50] {
        let h = random_symmetric(n);
        let values = check("unscaled", &h);
        for factor in [1e150, 1e-150, 1e290, 1e-290] {
            let scaled = check("scaled", &(&h * factor));
            let back: Vec<f64> = scaled.iter().map(|x| x / factor).collect();
            assert_values("scaled", &back, values.clone());
        }
    }
}

#[test]
fn full_vectors_agree_with_few() {
    let n = 300;
    let matrix = rows(&random_symmetric(n));
    let mut ws = EigenWorkspace::default();
    let all = spectrum(&matrix, n, n, Order::Magnitude, &mut ws).unwrap();
    for k in [10, 16, 60] {
        let few = spectrum(&matrix, n, k, Order::Magnitude, &mut ws).unwrap();
        assert!(few.certificates.max_residual <= 1e-12 * few.leading_eigenvalue(0).abs());
        assert!(few.certificates.orthogonality_defect <= 1e-12);
        for i in 0..k {
            // Spacings here are about 1/n of ‖H‖, the narrowest about 1/n², so vectors are determined to about n² ε.
            let difference = few.vector(i).iter().zip(all.vector(i)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(difference < 1e-10, "vector {i} of {k}: {difference:e}");
        }
    }
}

#[test]
fn a_workspace_keeps_no_trace_of_earlier_matrices() {
    let mut used = EigenWorkspace::default();
    for n in [50, 3, 64, 17, 50] {
        let matrix = rows(&random_symmetric(n));
        let fresh = spectrum(&matrix, n, n.min(4), Order::Algebraic, &mut EigenWorkspace::default()).unwrap();
        assert_eq!(spectrum(&matrix, n, n.min(4), Order::Algebraic, &mut used).unwrap(), fresh);
    }
}

#[test]
fn asymmetry_is_reported_and_the_lower_triangle_used() {
    let mut h = random_symmetric(9);
    let expected = check("symmetric", &h);
    h[(2, 7)] += 0.25;
    let s = spectrum(&rows(&h), 9, 2, Order::Algebraic, &mut EigenWorkspace::default()).unwrap();
    assert_eq!(s.eigenvalues, expected);
    assert!((s.certificates.symmetry_defect - 0.25).abs() < 1e-15);
    assert!(s.certificates.max_residual > 1e-6, "the residual is that of the matrix as given");
}

#[test]
fn refusals_name_what_was_wrong() {
    let mut ws = EigenWorkspace::default();
    assert!(matches!(eigenvalues(&[], 0, &mut ws), Err(Error::Invalid { .. })));
    assert!(matches!(eigenvalues(&[1.0; 5], 2, &mut ws), Err(Error::Invalid { .. })));
    let few = spectrum(&[1.0; 4], 2, 3, Order::Algebraic, &mut ws).unwrap_err();
    assert!(few.to_string().contains("3 eigenvectors"), "{few}");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        // In the upper triangle too, although only the lower is used.
        let error = eigenvalues(&[1.0, bad, 2.0, 1.0], 2, &mut ws).unwrap_err();
        assert_eq!(error, Error::not_finite("the Hessian"));
    }
}
