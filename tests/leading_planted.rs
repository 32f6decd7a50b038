//! Leading eigenpairs of operators whose spectra are planted: multiple eigenvalues, clusters, ranks below k, extreme scales.
//! H = Q Λ Qᵀ with Q a product of Householder reflections, applied without a matrix.

use eigendrift::error::Error;
use eigendrift::random::{Random, Stream};
use eigendrift::spectrum::{
    DenseMatrix, EigenWorkspace, LeadingSpectrum, LeadingWorkspace, Order, SymmetricOperator, leading_spectrum,
    spectrum,
};

const ORDERS: [Order; 2] = [Order::Algebraic, Order::Magnitude];

/// Q Λ Qᵀ, Q = (I − 2 a aᵀ)(I − 2 b bᵀ).
struct Planted {
    values: Vec<f64>,
    reflections: [Vec<f64>; 2],
    products: usize,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn reflect(x: &mut [f64], v: &[f64]) {
    let c = 2.0 * dot(x, v);
    x.iter_mut().zip(v).for_each(|(x, v)| *x -= c * v);
}

impl Planted {
    fn new(values: &[f64]) -> Self {
        let mut random = Random::new(7, Stream::Probe, values.len() as u64);
        let mut unit = || {
            let v: Vec<f64> = values.iter().map(|_| random.normal()).collect();
            let norm = dot(&v, &v).sqrt();
            v.iter().map(|x| x / norm).collect()
        };
        Planted { values: values.to_vec(), reflections: [unit(), unit()], products: 0 }
    }

    /// ‖P u‖² for the projection P on the eigenvectors whose values are within `width` of `value`.
    fn share(&self, u: &[f64], value: f64, width: f64) -> f64 {
        let mut x = u.to_vec();
        self.reflections.iter().for_each(|v| reflect(&mut x, v));
        x.iter().zip(&self.values).filter(|(_, other)| (*other - value).abs() <= width).map(|(x, _)| x * x).sum()
    }
}

impl SymmetricOperator for Planted {
    fn rows(&self) -> usize {
        self.values.len()
    }

    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> Result<(), Error> {
        self.products += 1;
        product.copy_from_slice(vector);
        self.reflections.iter().for_each(|v| reflect(product, v));
        product.iter_mut().zip(&self.values).for_each(|(x, value)| *x *= value);
        self.reflections.iter().rev().for_each(|v| reflect(product, v));
        Ok(())
    }
}

/// Solves and compares with the planted values: a residual of at most 10⁻¹⁰ ‖H‖ leaves an eigenvalue within that; vectors
/// are in the eigenspaces up to residual / gap.
fn solve(values: &[f64], k: usize, order: Order) -> LeadingSpectrum {
    let mut operator = Planted::new(values);
    let found = leading_spectrum(&mut operator, k, order, 3, &mut LeadingWorkspace::default()).unwrap();
    assert_eq!(found.products, operator.products);
    let rank = |value: f64| if order == Order::Magnitude { value.abs() } else { value };
    let mut expected = values.to_vec();
    expected.sort_by(|a, b| rank(*b).total_cmp(&rank(*a)));
    let norm = values.iter().fold(0.0, |norm: f64, value| norm.max(value.abs()));
    let tolerance = 1.1e-10 * norm;
    assert!(found.converged.iter().all(|converged| *converged), "{:?}", found.residuals);
    for i in 0..k {
        assert!((rank(found.eigenvalues[i]) - rank(expected[i])).abs() <= tolerance, "{:?}", found.eigenvalues);
        let u = found.vector(i);
        // The reported residual is the true one, up to the rounding of a product.
        let mut product = vec![0.0; values.len()];
        operator.apply(u, &mut product).unwrap();
        let square: f64 =
            product.iter().zip(u).map(|(p, u)| ((p - found.eigenvalues[i] * u) / norm.max(1e-300)).powi(2)).sum();
        assert!(square.sqrt() * norm <= found.residuals[i] + 1e-14 * norm, "{:e}", square.sqrt());
        assert!(found.residuals[i] <= tolerance);
        assert!(operator.share(u, found.eigenvalues[i], 1e-6 * norm) >= 1.0 - 1e-7, "vector {i}");
        let largest = u.iter().fold(0.0, |m: f64, x| if x.abs() > m.abs() { *x } else { m });
        assert!(largest > 0.0);
    }
    assert!(found.certificates.orthogonality_defect <= 1e-13);
    assert!(found.certificates.symmetry_defect <= 1e-13 * norm);
    // The checked residual is a sum with random signs: at most √k times the root of the sum of squares.
    let sum: f64 = found.residuals.iter().map(|r| (r / norm.max(1e-300)).powi(2)).sum();
    assert!(found.certificates.checked_residual <= (k as f64 * sum).sqrt() * norm + 1e-13 * norm);
    if let Some(next) = found.next {
        let distance = |value: &f64| (value - next.eigenvalue).abs();
        assert!(values.iter().map(distance).fold(f64::INFINITY, f64::min) <= next.residual + 1e-13 * norm);
        assert!(rank(next.eigenvalue) <= rank(expected[k]) + tolerance);
        // Told from the last kept one by about a hundredth of the gap, or equal to it.
        let gap = rank(expected[k - 1]) - rank(expected[k]);
        assert!(rank(expected[k]) - rank(next.eigenvalue) <= 0.02 * gap + tolerance, "{next:?} for {}", expected[k]);
        assert!(next.residual <= (0.011 * gap).max(tolerance), "{next:?}");
    } else {
        assert_eq!(k, values.len());
    }
    found
}

/// A Hessian-like bulk: values decaying from 0.1, a third of them negative and small.
fn bulk(n: usize) -> Vec<f64> {
    (0..n).map(|i| if i % 3 == 0 { -0.02 } else { 0.1 } * libm::exp(-(i as f64) / 30.0)).collect()
}

fn with_bulk(leading: &[f64], n: usize) -> Vec<f64> {
    let mut values = leading.to_vec();
    values.extend(bulk(n - leading.len()));
    values
}

#[test]
fn simple_eigenvalues_are_found_and_determined() {
    for order in ORDERS {
        let found = solve(&with_bulk(&[3.0, 2.5, 1.7, 1.1, 0.8, 0.5], 900), 5, order);
        let determination = found.determination(0.0);
        assert_eq!((determination.count(), determination.subspace), (5, true));
        assert!(found.products <= 40, "{}", found.products);
    }
}

/// One start vector shows each eigenspace once: all of these need what comes after.
#[test]
fn multiple_eigenvalues_are_found_as_often_as_they_are() {
    for order in ORDERS {
        for leading in [
            [3.0, 3.0, 2.0, 1.5, 1.0, 0.7],
            [3.0, 2.0, 2.0, 1.5, 1.0, 0.7],
            [3.0, 3.0, 3.0, 1.5, 1.0, 0.7],
            [3.0, 3.0, 2.0, 2.0, 2.0, 0.7],
            [3.0, 3.0, 3.0, 3.0, 3.0, 3.0],
        ] {
            let found = solve(&with_bulk(&leading, 700), 6, order);
            let directions = found.determination(0.0).directions;
            for i in 0..6 {
                let alone = leading.iter().filter(|value| **value == leading[i]).count() == 1;
                assert_eq!(directions[i], alone, "{leading:?}: direction {i}");
            }
            assert!(found.determination(0.0).subspace);
        }
        // Across the border: the set is one of many, and not determined.
        let found = solve(&with_bulk(&[3.0, 2.0, 2.0, 2.0, 1.0], 700), 2, order);
        let determination = found.determination(0.0);
        assert_eq!((determination.directions, determination.subspace), (vec![true, false], false));
        assert!((found.next.unwrap().eigenvalue - 2.0).abs() <= 1e-9);
        // λ_1 is double, and the last kept one continues beyond the border.
        let found = solve(&with_bulk(&[3.0, 3.0, 2.0, 2.0, 2.0, 1.0], 700), 4, order);
        assert_eq!(found.determination(0.0).directions, [false; 4]);
    }
}

#[test]
fn clusters_are_resolved_or_not_determined() {
    for order in ORDERS {
        // Relative gaps of 10⁻⁶ are far above the floor of 10⁻¹⁰.
        let found = solve(&with_bulk(&[3.0, 3.0 - 3e-6, 2.0, 2.0 - 1e-6, 1.0], 800), 4, order);
        assert_eq!(found.determination(0.0).directions, [true; 4]);
        // Of 10⁻¹⁴, below.
        let found = solve(&with_bulk(&[3.0, 3.0 - 3e-14, 2.0, 1.0], 800), 3, order);
        assert_eq!(found.determination(0.0).directions, [false, false, true]);
        // A perturbation larger than the gaps.
        let found = solve(&with_bulk(&[3.0, 2.0, 1.0], 800), 3, order);
        assert_eq!(found.determination(0.95).directions, [true, true, false]);
    }
}

#[test]
fn negative_spectra() {
    let values: Vec<f64> = with_bulk(&[4.0, 2.0, 1.0], 600).iter().map(|value| -value.abs()).collect();
    solve(&values, 3, Order::Magnitude);
    let mut found = solve(&with_bulk(&[-4.0, 3.0, -2.0, 1.0], 600), 4, Order::Magnitude);
    assert!(found.eigenvalues[0] < 0.0 && found.eigenvalues[1] > 0.0);
    // ±3: equal magnitudes are no gap among magnitudes of the rest, but one between the two.
    found = solve(&with_bulk(&[3.0, -3.0, 1.0], 600), 2, Order::Magnitude);
    assert_eq!(found.determination(0.0).directions, [true, true]);
    found = solve(&with_bulk(&[3.0, -3.0, 1.0], 600), 1, Order::Magnitude);
    assert_eq!(found.determination(0.0).directions, [false]);
    // The algebraically largest of negative ones crowd at 0.
    let mut values = vec![-1.0; 300];
    values[0] = -0.25;
    values[1] = -0.5;
    found = solve(&values, 2, Order::Algebraic);
    assert!(found.determination(0.0).subspace && found.smallest < -0.999);
}

#[test]
fn zero_identity_and_low_rank() {
    for order in ORDERS {
        for n in [1, 5, 400] {
            let k = n.min(3);
            let found = solve(&vec![0.0; n], k, order);
            assert_eq!(found.determination(0.0).count(), 0);
            assert_eq!(found.determination(0.0).subspace, n == k);
            let found = solve(&vec![1.0; n], k, order);
            assert_eq!(found.determination(0.0).count(), usize::from(n == 1));
        }
        let mut values = vec![0.0; 500];
        values[0] = 2.0;
        assert_eq!(solve(&values, 3, order).determination(0.0).directions, [true, false, false]);
        values[1] = 2.0;
        values[2] = -1.0;
        assert_eq!(solve(&values, 3, order).determination(0.0).count(), usize::from(order == Order::Magnitude));
    }
}

/// Up to the basis's size the answer is complete: k = n, and n below the size of a basis.
#[test]
fn small_operators_are_solved_completely() {
    for order in ORDERS {
        for n in [1_usize, 2, 3, 10, 47] {
            let values: Vec<f64> = (0..n).map(|i| libm::cos(3.0 * i as f64)).collect();
            for k in [1, n.div_ceil(2), n] {
                let found = solve(&values, k, order);
                assert!(found.products <= n + 1);
                assert_eq!(found.determination(0.0).count(), k);
            }
        }
        // Multiplicities leave nothing out either.
        let values: Vec<f64> = (0..30).map(|i| f64::from(i % 3)).collect();
        solve(&values, 30, order);
        solve(&values, 7, order);
    }
    solve(&with_bulk(&[1.0; 3], 100), 100, Order::Algebraic);
}

#[test]
fn huge_and_tiny_scales() {
    for exponent in [-150, 150] {
        let scale = libm::pow(10.0, f64::from(exponent));
        let values: Vec<f64> = with_bulk(&[3.0, 3.0, 2.0, 1.0], 300).iter().map(|value| value * scale).collect();
        for order in ORDERS {
            let found = solve(&values, 4, order);
            assert_eq!(found.determination(0.0).directions, [false, false, true, true]);
        }
    }
}

/// Where there are no gaps a small budget does not suffice: what has not converged is named, with its residual, and not
/// determined.
#[test]
fn a_spent_budget_is_told() {
    let mut values: Vec<f64> = (0..2000).map(|i| f64::from(i) / 2000.0).collect();
    values[0] = 5.0;
    let mut workspace = LeadingWorkspace::new(25);
    let mut operator = Planted::new(&values);
    let found = leading_spectrum(&mut operator, 4, Order::Algebraic, 1, &mut workspace).unwrap();
    assert_eq!(found.products, 26);
    assert_eq!(found.converged, [true, false, false, false]);
    assert!((found.eigenvalues[0] - 5.0).abs() < 1e-9);
    for i in 0..4 {
        let mut product = vec![0.0; 2000];
        operator.apply(found.vector(i), &mut product).unwrap();
        let pairs = product.iter().zip(found.vector(i));
        let residual = pairs.map(|(p, u)| (p - found.eigenvalues[i] * u).powi(2)).sum::<f64>().sqrt();
        assert!((residual - found.residuals[i]).abs() <= 1e-12, "{residual:e}");
    }
    let determination = found.determination(0.0);
    assert!(!determination.directions[1..].contains(&true) && !determination.subspace);
    // With the default budget it converges, through several restarts.
    solve(&values, 4, Order::Algebraic);
}

#[test]
fn a_matrix_gives_what_the_whole_spectrum_begins_with() {
    let mut random = Random::new(11, Stream::Probe, 0);
    for n in [20, 150, 333] {
        let factor: Vec<f64> = (0..n * 12).map(|_| random.normal()).collect();
        let row = |i: usize| &factor[i * 12..(i + 1) * 12];
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                matrix[i * n + j] = dot(row(i), row(j)) / n as f64 - if i == j { 0.3 * (i % 4) as f64 } else { 0.0 };
            }
        }
        for order in ORDERS {
            let all = spectrum(&matrix, n, 5, order, &mut EigenWorkspace::default()).unwrap();
            let mut operator = DenseMatrix::new(&matrix, n).unwrap();
            let found = leading_spectrum(&mut operator, 5, order, 2, &mut LeadingWorkspace::default()).unwrap();
            for i in 0..5 {
                assert!((found.eigenvalues[i] - all.leading_eigenvalue(i)).abs() <= 1e-10);
                if all.determination(1e-6).directions[i] {
                    // Angles are at most residual / gap: 10⁻¹⁰/10⁻⁶.
                    assert!((dot(found.vector(i), all.vector(i)) - 1.0).abs() <= 1e-8);
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let mut ws = LeadingWorkspace::default();
    for k in [0, 4] {
        let error = leading_spectrum(&mut Planted::new(&[1.0; 3]), k, Order::Algebraic, 1, &mut ws).unwrap_err();
        assert!(error.to_string().starts_with("leading:"), "{error}");
    }
    let error = leading_spectrum(&mut Planted::new(&[f64::NAN; 3]), 1, Order::Algebraic, 1, &mut ws).unwrap_err();
    assert!(error.to_string().contains("NaN"), "{error}");
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_the_same_answer() {
    let values = with_bulk(&[3.0, 2.0, 2.0, 1.0], 500);
    let find = |seed: u64, ws: &mut LeadingWorkspace| {
        leading_spectrum(&mut Planted::new(&values), 3, Order::Algebraic, seed, ws).unwrap()
    };
    let mut used = LeadingWorkspace::default();
    let first = find(1, &mut used);
    assert_eq!(first, find(1, &mut used));
    for seed in 2..30 {
        let other = find(seed, &mut used);
        assert!(other.eigenvalues.iter().zip(&first.eigenvalues).all(|(a, b)| (a - b).abs() <= 1e-9));
        assert!((dot(other.vector(0), first.vector(0)) - 1.0).abs() <= 1e-8);
    }
}
