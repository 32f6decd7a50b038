//! Networks of up to 50,826 parameters, too large for a dense Hessian, against torch and ARPACK: `tests/golden/leading.py`
//! writes the values and states the formula from which both sides compute parameters and test vectors to the same bits.

use std::path::Path;

use eigendrift::activation::Activation;
use eigendrift::dataset::csv;
use eigendrift::gradient::GradientWorkspace;
use eigendrift::hessian::{HessianOperator, Part};
use eigendrift::localization::{group_mass, inverse_participation_ratio};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::spectrum::{
    LeadingSpectrum, LeadingWorkspace, Order, SymmetricOperator, leading_spectrum, spectral_density,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    layers: Vec<usize>,
    activation: Activation,
    loss_function: LossFunction,
    rows: usize,
    seed: u64,
    scales: Vec<f64>,
    direction_seed: u64,
    projection_seed: u64,
    parameter_entries: Entries,
    loss: f64,
    gradient: GoldenVector,
    product: GoldenVector,
    gauss_newton_product: GoldenVector,
    trace: f64,
    gauss_newton_trace: f64,
    pairs: Vec<Pair>,
    smallest: Values,
    by_modulus: ByModulus,
    whole_spectrum: Option<WholeSpectrum>,
}

/// Some entries of a long vector.
#[derive(Deserialize)]
struct Entries {
    indices: Vec<usize>,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct GoldenVector {
    norm: f64,
    entries: Entries,
    #[serde(default)]
    projections: Vec<f64>,
}

#[derive(Deserialize)]
struct Pair {
    eigenvalue: f64,
    residual: f64,
    gap: f64,
    ipr: f64,
    group_mass: Vec<f64>,
    entries: Entries,
    projections: Vec<f64>,
}

#[derive(Deserialize)]
struct Values {
    eigenvalues: Vec<f64>,
}

#[derive(Deserialize)]
struct ByModulus {
    eigenvalues: Vec<f64>,
    negative_pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct WholeSpectrum {
    /// Σ_i λ_iᵏ for k = 1 … 4.
    moments: Vec<f64>,
    thresholds: Vec<f64>,
    counts_above: Vec<usize>,
    /// None where they are too many.
    eigenvalues_descending: Option<Vec<f64>>,
}

/// u(seed, a) ∈ [0, 1): SplitMix64 of an integer, so that there is no rounding.
fn uniform(seed: u64, a: usize) -> f64 {
    let z = (seed << 32).wrapping_add(a as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn symmetric(seed: u64, count: usize) -> Vec<f64> {
    (0..count).map(|a| 2.0 * uniform(seed, a) - 1.0).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(v: &[f64]) -> f64 {
    dot(v, v).sqrt()
}

/// One file, with what follows from it.
struct Case {
    golden: Golden,
    architecture: Architecture,
    loss: Loss,
    inputs: Batch,
    labels: Vec<usize>,
    parameters: Vec<f64>,
    /// r_m, against which long vectors are projected.
    probes: Vec<Vec<f64>>,
}

impl Case {
    fn read(name: &str) -> Case {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let text = std::fs::read_to_string(folder.join("golden").join(name).with_extension("json")).unwrap();
        let golden: Golden = serde_json::from_str(&text).unwrap();
        let table =
            csv::read(&std::fs::read_to_string(folder.join("data/digits.csv")).unwrap(), Some("label")).unwrap();
        let architecture = Architecture::new(golden.layers.clone(), golden.activation).unwrap();
        let pixels: Vec<f64> = table.inputs[..golden.rows * table.features].iter().map(|pixel| pixel / 16.0).collect();
        let mut parameters = symmetric(golden.seed, architecture.parameter_count());
        for (l, scale) in golden.scales.iter().enumerate() {
            parameters[architecture.layer(l)].iter_mut().for_each(|x| *x *= scale);
        }
        for (&a, &expected) in golden.parameter_entries.indices.iter().zip(&golden.parameter_entries.values) {
            assert_eq!(parameters[a], expected, "{name}: parameter {a}");
        }
        let probes = (0..golden.pairs[0].projections.len() as u64)
            .map(|m| symmetric(golden.projection_seed + m, parameters.len()))
            .collect();
        Case {
            loss: Loss::new(golden.loss_function),
            inputs: Batch::from_rows(&pixels, table.features),
            labels: table.labels[..golden.rows].to_vec(),
            golden,
            architecture,
            parameters,
            probes,
        }
    }

    fn operator(&self, part: Part) -> HessianOperator {
        let mut operator = HessianOperator::new(&self.architecture, &self.loss, &self.inputs, &self.labels).unwrap();
        operator.linearize_part(&self.parameters, part).unwrap();
        operator
    }

    /// How far the vector is from ± the stored one: of a difference e with entries of no relation to r_m, 3 (e·r_m)² is ‖e‖²
    /// on average, and the root of the mean over 32 is below half of ‖e‖ five times in 10⁶. The largest difference of the
    /// stored entries is a lower bound.
    fn distance(&self, found: &[f64], entries: &Entries, projections: &[f64]) -> f64 {
        let own: Vec<f64> = self.probes.iter().map(|r| dot(r, found)).collect();
        let sign = dot(&own, projections).signum();
        let squares: f64 = own.iter().zip(projections).map(|(own, other)| (own - sign * other).powi(2)).sum();
        let difference = |(&a, &value): (&usize, &f64)| (found[a] - sign * value).abs();
        let entry = entries.indices.iter().zip(&entries.values).map(difference).fold(0.0, f64::max);
        entry.max((3.0 * squares / projections.len() as f64).sqrt())
    }

    /// A vector with a sign: both sides sum the same N ≤ 1797 terms of every entry, after depth·width ≤ 10³ more each, in other
    /// orders. Rounding is random: √(10⁶) ε = 2·10⁻¹³ of the norm.
    fn assert_vector(&self, what: &str, found: &[f64], expected: &GoldenVector) {
        let tolerance = 1e-12 * expected.norm;
        assert!((norm(found) - expected.norm).abs() <= tolerance, "{what}: norm {:e}", norm(found) - expected.norm);
        for (&a, &value) in expected.entries.indices.iter().zip(&expected.entries.values) {
            assert!((found[a] - value).abs() <= tolerance, "{what}: entry {a} is {:e} for {value:e}", found[a]);
        }
        if !expected.projections.is_empty() {
            let distance = self.distance(found, &expected.entries, &expected.projections);
            assert!(distance <= tolerance, "{what}: {distance:e} away, of {:e}", expected.norm);
        }
    }

    /// A found eigenpair against a stored one. Two vectors whose residuals are ρ and ρ′ differ by an angle of at most
    /// (ρ + ρ′)/gap (Davis and Kahan 1970); twice that is allowed for the projections' estimate of it, and 10⁻¹² for rounding
    /// of sums. λ is off by ρ²/gap and rounding.
    fn assert_pair(&self, what: &str, found: (f64, &[f64], f64), expected: &Pair) {
        let largest = self.golden.pairs[0].eigenvalue;
        let (value, vector, residual) = found;
        assert!((norm(vector) - 1.0).abs() < 1e-13, "{what}: norm {}", norm(vector));
        assert!(residual <= 1e-10 * largest, "{what}: residual {residual:e}");
        assert!((value - expected.eigenvalue).abs() <= 1e-12 * largest, "{what}: {value} for {}", expected.eigenvalue);
        assert!((value - expected.eigenvalue).abs() <= 1e-10 * expected.eigenvalue.abs(), "{what}: {value}");
        assert!(expected.gap > 1e-5 * largest, "{what}: the direction is not determined well enough to be compared");
        let tolerance = 2.0 * (residual + expected.residual) / expected.gap + 1e-12;
        let distance = self.distance(vector, &expected.entries, &expected.projections);
        println!("{what}: residual {residual:.1e}, {distance:.1e} away, allowed {tolerance:.1e}");
        assert!(distance <= tolerance, "{what}: {distance:e} away, allowed {tolerance:e}");
        // 1 − |v·v′| = ‖v ∓ v′‖²/2.
        assert!(0.5 * distance * distance <= 1e-8, "{what}: {distance:e} away");
        // |Σ v⁴ − Σ v′⁴| ≤ 4 ‖v³‖ ‖v − v′‖ to first order.
        let ipr = inverse_participation_ratio(vector);
        assert!((ipr - expected.ipr).abs() <= (4.0 * tolerance).min(1e-6), "{what}: IPR {ipr} for {}", expected.ipr);
        for (mass, expected) in group_mass(vector, &self.architecture.groups()).iter().zip(&expected.group_mass) {
            assert!((mass - expected).abs() <= 2.0 * tolerance, "{what}: mass {mass} for {expected}");
        }
    }

    /// ‖H v_i − λ_i v_i‖ anew, which is also what the solver states.
    fn residual(&self, operator: &mut impl SymmetricOperator, found: &LeadingSpectrum, i: usize) -> f64 {
        let mut product = vec![0.0; found.n];
        operator.apply(found.vector(i), &mut product).unwrap();
        product.iter_mut().zip(found.vector(i)).for_each(|(x, v)| *x -= found.eigenvalues[i] * v);
        let residual = norm(&product);
        let rounding = 1e-13 * self.golden.pairs[0].eigenvalue;
        assert!(
            (residual - found.residuals[i]).abs() <= 1e-2 * residual + rounding,
            "{residual:e} is stated otherwise"
        );
        residual
    }
}

/// −H, whose leading eigenpairs are the lowest of H.
struct Negative<'a>(&'a mut HessianOperator);

impl SymmetricOperator for Negative<'_> {
    fn rows(&self) -> usize {
        self.0.rows()
    }

    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> eigendrift::Result<()> {
        self.0.apply(vector, product)?;
        product.iter_mut().for_each(|x| *x = -*x);
        Ok(())
    }
}

fn loss_gradient_and_products(case: &Case) {
    let mut workspace = GradientWorkspace::new(&case.architecture, case.golden.rows);
    let mut gradient = vec![0.0; case.parameters.len()];
    let found =
        workspace.gradient(&case.architecture, &case.loss, &case.parameters, &case.inputs, &case.labels, &mut gradient);
    assert!((found.loss - case.golden.loss).abs() <= 1e-13 * case.golden.loss, "loss {}", found.loss);
    case.assert_vector("gradient", &gradient, &case.golden.gradient);

    let direction = symmetric(case.golden.direction_seed, case.parameters.len());
    let mut product = vec![0.0; case.parameters.len()];
    case.operator(Part::Full).apply(&direction, &mut product).unwrap();
    case.assert_vector("H v", &product, &case.golden.product);
    case.operator(Part::GaussNewton).apply(&direction, &mut product).unwrap();
    case.assert_vector("Gauss-Newton part of H, times v", &product, &case.golden.gauss_newton_product);
}

fn leading_pairs(case: &Case) -> LeadingSpectrum {
    let (mut operator, mut ws) = (case.operator(Part::Full), LeadingWorkspace::default());
    let golden = &case.golden;
    let k = golden.pairs.len();
    let found = leading_spectrum(&mut operator, k, Order::Algebraic, 1, &mut ws).unwrap();
    println!("{:?}: {} products", golden.layers, found.products);
    for (i, expected) in golden.pairs.iter().enumerate() {
        assert!(found.converged[i], "pair {i}");
        let residual = case.residual(&mut operator, &found, i);
        case.assert_pair(&format!("pair {i}"), (found.eigenvalues[i], found.vector(i), residual), expected);
    }

    let leading = found;

    let largest = golden.pairs[0].eigenvalue;
    let found = leading_spectrum(&mut operator, k, Order::Magnitude, 1, &mut ws).unwrap();
    for (i, &expected) in golden.by_modulus.eigenvalues.iter().enumerate() {
        assert!((found.eigenvalues[i] - expected).abs() <= 1e-12 * largest, "pair {i} by modulus");
    }
    let negative: Vec<usize> = (0..k).filter(|&i| found.eigenvalues[i] < 0.0).collect();
    assert_eq!(negative.len(), golden.by_modulus.negative_pairs.len());
    for (i, expected) in negative.into_iter().zip(&golden.by_modulus.negative_pairs) {
        let residual = case.residual(&mut operator, &found, i);
        let pair = (found.eigenvalues[i], found.vector(i), residual);
        case.assert_pair(&format!("pair {i} by modulus"), pair, expected);
    }

    let lowest = &golden.smallest.eigenvalues;
    let found = leading_spectrum(&mut Negative(&mut operator), lowest.len(), Order::Algebraic, 1, &mut ws).unwrap();
    for (i, expected) in lowest.iter().enumerate() {
        assert!((found.eigenvalues[i] + expected).abs() <= 1e-12 * largest, "lowest {i}: {}", found.eigenvalues[i]);
    }
    leading
}

/// Probes and steps of the densities.
const PROBES: usize = 16;
const STEPS: usize = 60;
/// How many standard errors of a mean over 16 probes an estimate may be off: beyond 5, Student's t has a probability of
/// 10⁻⁴, and the seed is fixed.
const ERRORS: f64 = 5.0;

fn traces(case: &Case, leading: &LeadingSpectrum) {
    let golden = &case.golden;
    for (part, leading, expected) in
        [(Part::Full, Some(leading), golden.trace), (Part::GaussNewton, None, golden.gauss_newton_trace)]
    {
        let found = spectral_density(&mut case.operator(part), leading, PROBES, 1, 2).unwrap().trace();
        println!("{:?}, {part:?}: trace {} ± {} for {expected}", golden.layers, found.value, found.standard_error);
        assert!((found.value - expected).abs() <= ERRORS * found.standard_error, "trace {found:?} for {expected}");
        // d uᵀ H u of a random unit vector u has the variance 2 (Σ λ² − (Σ λ)²/d), which the trace bounds where no
        // eigenvalue is above λ_1.
        let largest = golden.pairs[0].eigenvalue;
        assert!(found.standard_error <= (largest * golden.gauss_newton_trace).sqrt(), "{found:?} says little");
    }
}

fn density(case: &Case, leading: &LeadingSpectrum) {
    let golden = &case.golden;
    let Some(whole) = &golden.whole_spectrum else { return };
    let largest = golden.pairs[0].eigenvalue;
    let found = spectral_density(&mut case.operator(Part::Full), Some(leading), PROBES, STEPS, 2).unwrap();
    assert_eq!(found.leading.len(), golden.pairs.len());
    for (power, &expected) in (1..).zip(&whole.moments) {
        // A quadrature of m nodes is exact up to the power 2m − 1.
        let moment = found.sum(|x| x.powi(power));
        println!("power {power}: {moment:?} for {expected}");
        assert!(
            (moment.value - expected).abs() <= ERRORS * moment.standard_error,
            "power {power}: {moment:?}, {expected}"
        );
    }
    for (below, (&threshold, &above)) in
        found.cumulative(&whole.thresholds).iter().zip(whole.thresholds.iter().zip(&whole.counts_above))
    {
        let expected = (case.parameters.len() - above) as f64;
        println!("below {threshold:.1e}: {below:?} for {expected}");
        // Below 10⁻⁷ λ_1 the quadrature cannot tell an eigenvalue from 0, but its bounds hold there too.
        let error = ERRORS * below.count.standard_error;
        assert!(
            below.least.value - error <= expected && expected <= below.most.value + error,
            "{threshold:e}: {below:?}, {expected}"
        );
    }
    let Some(eigenvalues) = &whole.eigenvalues_descending else { return };
    // A normal density as wide as a tenth of λ_1 is smooth over the distance of 60 nodes.
    let width = 0.1 * largest;
    let points: Vec<f64> = (-8..=24).map(|i| f64::from(i) * 0.05 * largest).collect();
    for (&point, smoothed) in points.iter().zip(found.smoothed(&points, width)) {
        let normal = |x: &f64| (-0.5 * ((point - x) / width).powi(2)).exp() / (width * std::f64::consts::TAU.sqrt());
        let expected: f64 = eigenvalues.iter().map(normal).sum();
        let tolerance = ERRORS * smoothed.standard_error + 1e-6 * expected;
        assert!((smoothed.value - expected).abs() <= tolerance, "at {point}: {smoothed:?} for {expected}");
    }
}

fn check(name: &str) {
    let case = Case::read(name);
    loss_gradient_and_products(&case);
    let leading = leading_pairs(&case);
    traces(&case, &leading);
    density(&case, &leading);
}

#[test]
fn tanh_64_16_10() {
    check("leading_tanh_16");
}

#[test]
fn gelu_64_128_10_with_squared_error() {
    check("leading_gelu_128");
}

#[test]
fn tanh_64_512_10() {
    check("leading_tanh_512");
}

#[test]
fn tanh_64_256_128_10() {
    check("leading_tanh_256_128");
}
