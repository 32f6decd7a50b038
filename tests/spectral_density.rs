//! Stochastic Lanczos quadrature against planted spectra: what it counts lies within its stated errors, and where it is
//! exact it equals closed forms.

use eigendrift::error::Error;
use eigendrift::random::{Random, Stream};
use eigendrift::spectrum::{
    LeadingWorkspace, Order, SpectralDensity, SymmetricOperator, leading_spectrum, spectral_density,
};

/// A diagonal matrix: probes are random, so that no rotation is needed.
struct Diagonal(Vec<f64>);

impl SymmetricOperator for Diagonal {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> Result<(), Error> {
        product.iter_mut().zip(vector.iter().zip(&self.0)).for_each(|(p, (v, value))| *p = v * value);
        Ok(())
    }
}

/// Outliers, a bulk, and a crowd at 0, as Hessians have them.
fn hessian_like(n: usize) -> Vec<f64> {
    let bulk = (6..n).map(|i| match i % 4 {
        0 => -0.01 * (i as f64 / n as f64),
        1 => 0.2 * libm::exp(-8.0 * i as f64 / n as f64),
        _ => 1e-9 * i as f64,
    });
    [7.0, 5.0, 4.0, 2.0, 1.5, -0.8].into_iter().chain(bulk).collect()
}

/// Five standard errors: each has a probability of 10⁻⁶ if normal, of 10⁻⁴ with the ten degrees of freedom of few probes
/// (Student's t), and there are some hundred comparisons, with seeds that are fixed.
const ERRORS: f64 = 5.0;

#[test]
fn exact_counts_lie_within_the_stated_errors() {
    let values = hessian_like(1500);
    let mut operator = Diagonal(values.clone());
    let leading = leading_spectrum(&mut operator, 6, Order::Magnitude, 1, &mut LeadingWorkspace::default()).unwrap();
    let points: Vec<f64> = (-25..60).map(|i| 0.005 * f64::from(i) + 0.0011).chain([1.0, 3.0, 6.0, 8.0]).collect();
    for given in [None, Some(&leading)] {
        let density = spectral_density(&mut operator, given, 12, 40, 5).unwrap();
        assert_eq!((density.nodes.len(), density.leading.len()), (12, if given.is_some() { 6 } else { 0 }));
        for (point, found) in points.iter().zip(density.cumulative(&points)) {
            let exact = values.iter().filter(|value| *value < point).count() as f64;
            let error = ERRORS * found.count.standard_error + 1e-9;
            assert!(found.least.value <= found.count.value && found.count.value <= found.most.value);
            assert!(
                found.least.value - error <= exact && exact <= found.most.value + error,
                "{point}: {found:?} for {exact}"
            );
        }
        // In bins as well, most of which are narrower than the distance of nodes; five of each bound's own errors.
        for (ends, found) in points.windows(2).zip(density.counts(&points)) {
            let exact = values.iter().filter(|value| (ends[0]..ends[1]).contains(*value)).count() as f64;
            let (least, most) = (found.least, found.most);
            assert!(least.value <= found.count.value && found.count.value <= most.value);
            assert!(least.value - ERRORS * least.standard_error - 1e-9 <= exact, "{ends:?}: {found:?} for {exact}");
            assert!(exact <= most.value + ERRORS * most.standard_error + 1e-9, "{ends:?}: {found:?} for {exact}");
        }
        // Beyond the ends of the spectrum all is counted.
        let ends = density.cumulative(&[-1.0, 8.0]);
        assert_eq!(ends[0].count.value, 0.0);
        assert!((ends[1].count.value - 1500.0).abs() < 1e-9);
    }
}

#[test]
fn counts_in_bins_are_exact_across_gaps() {
    // In a gap of the spectrum there is at most one node (Szegő 1939, §3.41); with gaps this wide it has converged away.
    let values: Vec<f64> = (0..600).map(|i| if i % 3 == 0 { -1.0 } else { 1.0 } + 1e-3 * f64::from(i % 7)).collect();
    let density = spectral_density(&mut Diagonal(values), None, 20, 30, 2).unwrap();
    let counts = density.counts(&[-1.5, -0.5, 0.5, 1.5]);
    for (count, exact) in counts.iter().map(|found| found.count).zip([200.0, 0.0, 400.0]) {
        assert!((count.value - exact).abs() <= ERRORS * count.standard_error + 1e-6, "{count:?} for {exact}");
    }
    // The variance of d uᵀ A u over the sphere is 2 d/(d + 2) (tr A² − (tr A)²/d): here 2 · (200 − 200²/600), over 20
    // probes; a χ² with 19 degrees of freedom stays within a factor of 3 but for a probability of 10⁻⁵.
    let expected = (2.0 * (200.0 - 200.0 * 200.0 / 600.0) / 20.0_f64).sqrt();
    let ratio = counts[0].count.standard_error / expected;
    assert!((1.0 / 3.0f64.sqrt()..3.0f64.sqrt()).contains(&ratio), "{ratio}");
}

#[test]
fn traces_lie_within_their_errors_and_deflation_lowers_these() {
    let values = hessian_like(1200);
    let mut operator = Diagonal(values.clone());
    let leading = leading_spectrum(&mut operator, 6, Order::Magnitude, 1, &mut LeadingWorkspace::default()).unwrap();
    let (trace, squares) = (values.iter().sum::<f64>(), values.iter().map(|value| value * value).sum::<f64>());
    let mut errors = Vec::new();
    for given in [None, Some(&leading)] {
        for seed in 0..8 {
            let density = spectral_density(&mut operator, given, 16, 12, seed).unwrap();
            for (found, exact) in [(density.trace(), trace), (density.squared_norm(), squares)] {
                assert!((found.value - exact).abs() <= ERRORS * found.standard_error, "{found:?} for {exact}");
            }
            errors.push(density.trace().standard_error);
        }
    }
    // Without the six leading ones tr A² is 6 instead of 103, and the error a quarter.
    assert!(errors[8..].iter().sum::<f64>() < 0.5 * errors[..8].iter().sum::<f64>());
}

/// With m = n steps the nodes are the eigenvalues and the weights the squared entries of the probe; with fewer, polynomials
/// below degree 2 m are integrated exactly.
#[test]
fn the_quadrature_is_exact_where_it_has_to_be() {
    let values: Vec<f64> = (0..9).map(|i| libm::cos(0.7 * f64::from(i))).collect();
    let n = values.len();
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    for steps in [3, n, n + 5] {
        let density = spectral_density(&mut Diagonal(values.clone()), None, 4, steps, 11).unwrap();
        for (probe, (nodes, weights)) in density.nodes.iter().zip(&density.weights).enumerate() {
            let mut random = Random::new(11, Stream::Density, probe as u64);
            let draw: Vec<f64> = (0..n).map(|_| random.normal()).collect();
            let norm: f64 = draw.iter().map(|x| x * x).sum();
            for power in 0..(2 * steps as i32).min(17) {
                let exact: f64 = draw.iter().zip(&values).map(|(x, value)| x * x / norm * value.powi(power)).sum();
                let found: f64 = nodes.iter().zip(weights).map(|(node, weight)| weight * node.powi(power)).sum();
                assert!((found - exact).abs() <= 1e-13, "degree {power}: {found} for {exact}");
            }
            if steps >= n {
                assert_eq!(nodes.len(), n);
                assert!(nodes.iter().zip(&sorted).all(|(node, value)| (node - value).abs() <= 1e-12));
            }
        }
    }
}

/// An invariant subspace ends a probe early: three different eigenvalues take three steps.
#[test]
fn few_different_eigenvalues_take_few_steps() {
    let values: Vec<f64> = (0..300).map(|i| f64::from(i % 3) * 1e120).collect();
    let density = spectral_density(&mut Diagonal(values), None, 3, 50, 1).unwrap();
    assert!(density.nodes.iter().all(|nodes| nodes.len() <= 5), "{:?}", density.nodes);
    let zero = spectral_density(&mut Diagonal(vec![0.0; 20]), None, 2, 10, 1).unwrap();
    assert_eq!((zero.nodes[0].as_slice(), zero.weights[0].as_slice()), ([0.0].as_slice(), [1.0].as_slice()));
}

#[test]
fn all_pairs_taken_out_leave_nothing_to_estimate() {
    let mut operator = Diagonal(vec![3.0, 2.0, 1.0]);
    let leading = leading_spectrum(&mut operator, 3, Order::Algebraic, 1, &mut LeadingWorkspace::default()).unwrap();
    let density = spectral_density(&mut operator, Some(&leading), 2, 5, 1).unwrap();
    let trace = density.trace();
    assert!((trace.value - 6.0).abs() < 1e-12 && trace.standard_error == 0.0 && density.nodes.is_empty());
}

/// ∫ Σ g(x − λ) dx = n, by the trapezium rule, which is exact to rounding for smooth functions that vanish at both ends.
#[test]
fn the_smoothed_density_integrates_to_n() {
    let mut operator = Diagonal(hessian_like(400));
    let density = spectral_density(&mut operator, None, 5, 30, 1).unwrap();
    let points: Vec<f64> = (0..1200).map(|i| -2.0 + 0.01 * f64::from(i)).collect();
    let integral: f64 = density.smoothed(&points, 0.05).iter().map(|estimate| 0.01 * estimate.value).sum();
    assert!((integral - 400.0).abs() < 1e-8, "{integral}");
}

#[test]
fn records_survive_json_and_bad_requests_are_named() {
    let mut operator = Diagonal(hessian_like(100));
    let density = spectral_density(&mut operator, None, 2, 5, 1).unwrap();
    let text = serde_json::to_string(&density).unwrap();
    assert_eq!(serde_json::from_str::<SpectralDensity>(&text).unwrap(), density);
    let message =
        |probes, steps| spectral_density(&mut Diagonal(vec![1.0]), None, probes, steps, 1).unwrap_err().to_string();
    assert!(message(1, 5).starts_with("probes: are 1"));
    assert!(message(2, 0).starts_with("steps: are 0"));
    let leading = leading_spectrum(&mut operator, 2, Order::Algebraic, 1, &mut LeadingWorkspace::default()).unwrap();
    let error = spectral_density(&mut Diagonal(vec![1.0; 3]), Some(&leading), 2, 5, 1).unwrap_err();
    assert!(error.to_string().starts_with("leading: has vectors of 100 entries"), "{error}");
}
