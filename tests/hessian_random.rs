//! The Hessian of random networks: against differences of the gradient, against the Hessian-vector product, which takes
//! another route, and under changes that must not matter.
#![cfg(not(target_arch = "wasm32"))]

use eigendrift::activation::Activation;
use eigendrift::gradient::GradientWorkspace;
use eigendrift::hessian::{HessianWorkspace, Part, hessian_vector_product};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::random::{Random, Stream};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Problem {
    architecture: Architecture,
    loss: Loss,
    rows: Vec<f64>,
    labels: Vec<usize>,
    parameters: Vec<f64>,
}

impl Problem {
    fn new(layers: Vec<usize>, activation: Activation, loss: Loss, samples: usize, seed: u64) -> Self {
        let architecture = Architecture::new(layers, activation).unwrap();
        let mut random = Random::new(seed, Stream::Probe, 0);
        let mut draw = |n: usize, scale: f64| (0..n).map(|_| scale * random.normal()).collect::<Vec<_>>();
        let rows = draw(samples * architecture.inputs(0), 1.0);
        let parameters = draw(architecture.parameter_count(), 0.7);
        let labels = (0..samples).map(|_| random.below(architecture.classes())).collect();
        Problem { architecture, loss, rows, labels, parameters }
    }

    fn inputs(&self) -> Batch {
        Batch::from_rows(&self.rows, self.architecture.inputs(0))
    }

    fn hessian(&self, part: Part) -> Vec<f64> {
        let mut workspace =
            HessianWorkspace::new(&self.architecture, &self.loss, &self.inputs(), &self.labels).unwrap();
        let mut hessian = Vec::new();
        workspace.hessian(&self.parameters, part, &mut hessian).unwrap();
        hessian
    }

    fn product(&self, vector: &[f64]) -> Vec<f64> {
        let Problem { architecture, loss, labels, parameters, .. } = self;
        hessian_vector_product(architecture, loss, &self.inputs(), labels, parameters, vector).unwrap()
    }

    fn gradient(&self, parameters: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; parameters.len()];
        let mut workspace = GradientWorkspace::new(&self.architecture, self.labels.len());
        workspace.gradient(&self.architecture, &self.loss, parameters, &self.inputs(), &self.labels, &mut gradient);
        gradient
    }
}

fn losses() -> impl Strategy<Value = Loss> {
    prop_oneof![
        Just(Loss::new(LossFunction::CrossEntropy)),
        (0.01..0.9).prop_map(|s| Loss { function: LossFunction::CrossEntropy, label_smoothing: s }),
        Just(Loss::new(LossFunction::MeanSquaredError)),
    ]
}

fn problems(activations: Vec<Activation>, hidden: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Problem> {
    let layers = prop::collection::vec(1usize..=5, (hidden.start() + 2)..=(hidden.end() + 2));
    (layers, prop::sample::select(activations), losses(), 1usize..=21, any::<u64>())
        .prop_map(|(layers, activation, loss, samples, seed)| Problem::new(layers, activation, loss, samples, seed))
}

fn smooth() -> Vec<Activation> {
    Activation::ALL.into_iter().filter(|&activation| activation != Activation::Relu).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, x| largest.max(x.abs()))
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(0.0, |largest, (x, y)| largest.max((x - y).abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// H v by both routes. Entries of H v are sums of P products, each of which carries a few dozen roundings relative to
    /// the terms it is summed from; those can exceed the sums, by 10 to 100 in deep networks: 1e-12 of the largest row sum.
    #[test]
    fn agrees_with_the_vector_product(problem in problems(Activation::ALL.to_vec(), 0..=8)) {
        let hessian = problem.hessian(Part::Full);
        let count = problem.parameters.len();
        let mut random = Random::new(1, Stream::Probe, 1);
        let vector: Vec<f64> = (0..count).map(|_| random.normal()).collect();
        let product = problem.product(&vector);
        let rows = hessian.chunks_exact(count);
        let expected: Vec<f64> = rows.clone().map(|row| row.iter().zip(&vector).map(|(h, v)| h * v).sum()).collect();
        let scale = rows.map(|row| row.iter().map(|h| h.abs()).sum::<f64>()).fold(1e-3, f64::max);
        prop_assert!(distance(&product, &expected) <= 1e-12 * scale, "{:e} of {scale:e}", distance(&product, &expected));
    }

    /// Central differences D(h) of the gradient, h = ε^{1/3}. The truncation error is h²/6 ∂⁴L + O(h⁴), so that D(2h) − D(h)
    /// is three times that of D(h) and bounds it; rounding adds ε/h times the size of the gradient's terms, for which
    /// the largest entry of gradient or H, but at least 1, times 16 stands.
    #[test]
    fn agrees_with_differences_of_the_gradient(problem in problems(smooth(), 0..=4)) {
        let hessian = problem.hessian(Part::Full);
        let count = problem.parameters.len();
        let step = f64::EPSILON.cbrt();
        let difference = |a: usize, h: f64| -> Vec<f64> {
            let (mut plus, mut minus) = (problem.parameters.clone(), problem.parameters.clone());
            plus[a] += h;
            minus[a] -= h;
            let width = plus[a] - minus[a];
            let (up, down) = (problem.gradient(&plus), problem.gradient(&minus));
            up.iter().zip(&down).map(|(up, down)| (up - down) / width).collect()
        };
        let size = largest(&hessian).max(largest(&problem.gradient(&problem.parameters))).max(1.0);
        for (a, row) in hessian.chunks_exact(count).enumerate() {
            let (fine, coarse) = (difference(a, step), difference(a, 2.0 * step));
            let tolerance = distance(&fine, &coarse) + 16.0 * f64::EPSILON / step * size;
            prop_assert!(tolerance < 1e-6 * size, "the differences are too rough to judge by: {tolerance:e}");
            prop_assert!(distance(&fine, row) <= tolerance, "row {a}: {:e} > {tolerance:e}", distance(&fine, row));
        }
    }

    /// H = H_GN + H_R, each exactly symmetric, and H_GN has no negative direction.
    #[test]
    fn parts_add_up(problem in problems(Activation::ALL.to_vec(), 0..=4)) {
        let (full, gauss_newton) = (problem.hessian(Part::Full), problem.hessian(Part::GaussNewton));
        let residual = problem.hessian(Part::Residual);
        let sum: Vec<f64> = gauss_newton.iter().zip(&residual).map(|(g, r)| g + r).collect();
        // A few roundings of terms no larger than the larger part, through at most five layers.
        let scale = largest(&gauss_newton).max(largest(&residual));
        prop_assert!(distance(&full, &sum) <= 1e-13 * scale);
        let count = problem.parameters.len();
        for matrix in [&full, &gauss_newton, &residual] {
            for a in 0..count {
                for b in 0..a {
                    prop_assert_eq!(matrix[a * count + b].to_bits(), matrix[b * count + a].to_bits());
                }
            }
        }
        let eigenvalues = nalgebra::DMatrix::from_row_slice(count, count, &gauss_newton).symmetric_eigenvalues();
        prop_assert!(eigenvalues.min() >= -1e-13 * count as f64 * largest(&gauss_newton));
    }

    /// Exchanging two hidden units, with their weights in and out, exchanges rows and columns of H. Only sums over the
    /// layer's units change their order: a few roundings.
    #[test]
    fn exchanging_hidden_units_exchanges_rows(mut problem in problems(Activation::ALL.to_vec(), 1..=4), pick in any::<[usize; 3]>()) {
        let architecture = problem.architecture.clone();
        let l = pick[0] % (architecture.depth() - 1);
        let units = architecture.outputs(l);
        let (first, second) = (pick[1] % units, pick[2] % units);
        let mut order: Vec<usize> = (0..problem.parameters.len()).collect();
        let width = architecture.inputs(l);
        let (weights, biases) = (architecture.weights(l).start, architecture.biases(l).start);
        for j in 0..width {
            order.swap(weights + first * width + j, weights + second * width + j);
        }
        order.swap(biases + first, biases + second);
        for i in 0..architecture.outputs(l + 1) {
            let row = architecture.weights(l + 1).start + i * units;
            order.swap(row + first, row + second);
        }
        let before = problem.hessian(Part::Full);
        problem.parameters = order.iter().map(|&a| problem.parameters[a]).collect();
        let after = problem.hessian(Part::Full);
        let count = order.len();
        let expected: Vec<f64> =
            (0..count * count).map(|at| before[order[at / count] * count + order[at % count]]).collect();
        prop_assert!(distance(&after, &expected) <= 1e-12 * largest(&before).max(1e-3));
    }

    /// Cross-entropy does not see a constant added to all logits: the last layer's biases together are a zero mode. Each row
    /// of H v is then a sum of C entries that cancel, each with the rounding of the products of up to five layers.
    #[test]
    fn shifting_all_logits_is_a_zero_mode(problem in problems(Activation::ALL.to_vec(), 0..=4)) {
        let problem = Problem { loss: Loss::new(LossFunction::CrossEntropy), ..problem };
        let hessian = problem.hessian(Part::Full);
        let biases = problem.architecture.biases(problem.architecture.depth() - 1);
        for row in hessian.chunks_exact(problem.parameters.len()) {
            prop_assert!(row[biases.clone()].iter().sum::<f64>().abs() <= 1e-13 * largest(&hessian).max(1e-3));
        }
    }

    /// The mean over every sample twice is the mean over every sample once.
    #[test]
    fn duplicated_samples_change_nothing(problem in problems(Activation::ALL.to_vec(), 0..=4)) {
        let twice = Problem {
            rows: problem.rows.repeat(2),
            labels: problem.labels.repeat(2),
            ..problem.clone()
        };
        let (once, twice) = (problem.hessian(Part::Full), twice.hessian(Part::Full));
        prop_assert!(distance(&once, &twice) <= 1e-12 * largest(&once).max(1e-3));
    }
}

/// More samples than a tile holds, in a number that is no multiple of anything: H v against the matrix, with units enough
/// to fill panels and leave remainders.
#[test]
fn several_tiles() {
    for (layers, samples) in
        [(vec![5, 9, 7, 6, 3], 391), (vec![3, 6, 4], 128), (vec![3, 6, 4], 129), (vec![6, 5, 2], 1)]
    {
        let problem = Problem::new(layers, Activation::Tanh, Loss::new(LossFunction::CrossEntropy), samples, 3);
        let hessian = problem.hessian(Part::Full);
        let count = problem.parameters.len();
        for a in [0, count / 3, count - 1] {
            let mut vector = vec![0.0; count];
            vector[a] = 1.0;
            let row = &hessian[a * count..][..count];
            // Sums over N samples in different order: N ε of the largest entry.
            assert!(distance(&problem.product(&vector), row) <= 1e-13 * largest(&hessian));
        }
    }
}

#[test]
fn one_workspace_serves_many_checkpoints_and_labels() {
    let mut problem = Problem::new(vec![4, 6, 3], Activation::Gelu, Loss::new(LossFunction::CrossEntropy), 150, 8);
    let mut workspace =
        HessianWorkspace::new(&problem.architecture, &problem.loss, &problem.inputs(), &problem.labels).unwrap();
    let mut hessian = Vec::new();
    // A failure in between leaves nothing behind.
    let overflowing = vec![1e200; problem.parameters.len()];
    assert!(workspace.hessian(&overflowing, Part::Full, &mut hessian).is_err());
    for seed in 0..3 {
        problem.parameters = Problem::new(vec![4, 6, 3], Activation::Gelu, problem.loss, 1, seed).parameters;
        problem.labels.rotate_left(1);
        workspace.set_labels(&problem.labels).unwrap();
        for part in [Part::Residual, Part::GaussNewton, Part::Full] {
            workspace.hessian(&problem.parameters, part, &mut hessian).unwrap();
            assert_eq!(hessian, problem.hessian(part));
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let problem = Problem::new(vec![2, 3, 2], Activation::Tanh, Loss::new(LossFunction::MeanSquaredError), 4, 1);
    let Problem { architecture, loss, labels, parameters, .. } = &problem;
    let inputs = problem.inputs();
    let refusal = |inputs: &Batch, labels: &[usize], loss: &Loss| {
        HessianWorkspace::new(architecture, loss, inputs, labels).unwrap_err().to_string()
    };
    assert!(refusal(&Batch::zeros(3, 4), labels, loss).starts_with("inputs: have 3 features"));
    assert!(refusal(&Batch::zeros(2, 0), &[], loss).starts_with("inputs: are empty"));
    assert!(refusal(&inputs, &labels[..3], loss).starts_with("labels: are 3 for 4 samples"));
    assert!(refusal(&inputs, &[0, 1, 2, 0], loss).starts_with("labels: hold 2"));
    let smoothed = Loss { label_smoothing: 0.5, ..*loss };
    assert!(refusal(&inputs, labels, &smoothed).starts_with("label_smoothing"));
    let unreadable = Batch::from_rows(&[0.0, f64::NAN, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 2);
    assert!(refusal(&unreadable, labels, loss).contains("inputs holds NaN"));

    let mut workspace = HessianWorkspace::new(architecture, loss, &inputs, labels).unwrap();
    let mut hessian = Vec::new();
    let short = workspace.hessian(&parameters[1..], Part::Full, &mut hessian).unwrap_err();
    assert!(short.to_string().starts_with("parameters: has 16 numbers"));
    assert!(workspace.set_labels(&[0, 1, 5, 0]).unwrap_err().to_string().starts_with("labels: hold 5"));
    // Saturated hidden units, but an output layer whose products overflow.
    let mut huge = parameters.clone();
    huge[architecture.layer(1)].fill(1e300);
    let overflow = workspace.hessian(&huge, Part::Full, &mut hessian).unwrap_err();
    assert!(overflow.to_string().contains("the Hessian holds NaN"), "{overflow}");
    let overflow = hessian_vector_product(architecture, loss, &inputs, labels, &huge, parameters).unwrap_err();
    assert!(overflow.to_string().contains("product holds NaN"), "{overflow}");
}
