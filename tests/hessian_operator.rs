//! Products with the Hessian from packed tangent passes: against the matrix times the vector, against the product by plain
//! loops, and against PyTorch's Hessians; and the leading eigenpairs without the matrix against those of the matrix.

use eigendrift::activation::Activation;
use eigendrift::gradient::GradientWorkspace;
use eigendrift::hessian::{HessianOperator, HessianWorkspace, Part, hessian_vector_product};
use eigendrift::localization::inverse_participation_ratio;
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::random::{Random, Stream};
use eigendrift::spectrum::{EigenWorkspace, LeadingWorkspace, Order, leading_spectrum, spectrum};
use serde::Deserialize;

const LOSSES: [Loss; 3] = [
    Loss { function: LossFunction::CrossEntropy, label_smoothing: 0.0 },
    Loss { function: LossFunction::CrossEntropy, label_smoothing: 0.3 },
    Loss { function: LossFunction::MeanSquaredError, label_smoothing: 0.0 },
];

struct Problem {
    architecture: Architecture,
    loss: Loss,
    inputs: Batch,
    labels: Vec<usize>,
    parameters: Vec<f64>,
    vector: Vec<f64>,
}

impl Problem {
    fn new(layers: &[usize], activation: Activation, loss: Loss, samples: usize) -> Self {
        let architecture = Architecture::new(layers.to_vec(), activation).unwrap();
        let mut random = Random::new(samples as u64, Stream::Probe, layers.len() as u64);
        let mut draw = |n: usize, scale: f64| (0..n).map(|_| scale * random.normal()).collect::<Vec<_>>();
        let rows = draw(samples * layers[0], 1.0);
        let parameters = draw(architecture.parameter_count(), 0.6);
        let vector = draw(architecture.parameter_count(), 1.0);
        let labels = (0..samples).map(|_| random.below(architecture.classes())).collect();
        Problem { architecture, loss, inputs: Batch::from_rows(&rows, layers[0]), labels, parameters, vector }
    }

    fn operator(&self) -> HessianOperator {
        HessianOperator::new(&self.architecture, &self.loss, &self.inputs, &self.labels).unwrap()
    }

    fn workspace(&self) -> HessianWorkspace {
        HessianWorkspace::new(&self.architecture, &self.loss, &self.inputs, &self.labels).unwrap()
    }

    fn hessian(&self, part: Part) -> Vec<f64> {
        let mut hessian = Vec::new();
        self.workspace().hessian(&self.parameters, part, &mut hessian).unwrap();
        hessian
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(0.0, |largest, (x, y)| largest.max((x - y).abs()))
}

fn times(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    let rows = matrix.chunks_exact(vector.len());
    rows.map(|row| row.iter().zip(vector).map(|(h, v)| h * v).sum()).collect()
}

/// The largest absolute row sum, at least 1e-3: what rounding of a product is relative to.
fn size(matrix: &[f64], n: usize) -> f64 {
    matrix.chunks_exact(n).map(|row| row.iter().map(|h| h.abs()).sum::<f64>()).fold(1e-3, f64::max)
}

/// Sizes around the edges of panels (4), strides (8) and tiles (128), for all activations, losses and parts. The sums have the
/// same terms in another order, through up to five layers, and up to a hundred units cancel: 1e-12 of the largest row sum.
#[test]
fn products_equal_the_matrix_times_the_vector() {
    let shapes: [(&[usize], usize); 9] = [
        (&[3, 4], 7),
        (&[1, 1], 1),
        (&[5, 9, 3], 1),
        (&[4, 8, 5], 8),
        (&[3, 7, 6, 4], 129),
        (&[6, 5, 2], 128),
        (&[2, 5, 4, 6, 3, 3], 61),
        (&[7, 13, 10], 391),
        (&[4, 6, 3], 1500),
    ];
    for (layers, samples) in shapes {
        for activation in Activation::ALL {
            for loss in LOSSES {
                let problem = Problem::new(layers, activation, loss, samples);
                let count = problem.parameters.len();
                let mut operator = problem.operator();
                let mut product = vec![f64::NAN; count];
                for part in [Part::Full, Part::GaussNewton, Part::Residual] {
                    operator.linearize_part(&problem.parameters, part).unwrap();
                    operator.apply(&problem.vector, &mut product).unwrap();
                    let hessian = problem.hessian(part);
                    let tolerance = 1e-12 * size(&problem.hessian(Part::Full), count);
                    let error = distance(&product, &times(&hessian, &problem.vector));
                    assert!(error <= tolerance, "{layers:?} {activation:?} {loss:?} {part:?}: {error:e}");
                }
                operator.linearize(&problem.parameters).unwrap();
                operator.apply(&problem.vector, &mut product).unwrap();
                let Problem { architecture, inputs, labels, parameters, vector, .. } = &problem;
                let plain = hessian_vector_product(architecture, &loss, inputs, labels, parameters, vector).unwrap();
                let scale = size(&problem.hessian(Part::Full), count);
                assert!(distance(&product, &plain) <= 1e-12 * scale, "{layers:?} {activation:?} {loss:?}");
                // The same sum of squares, in another order.
                let mut workspace = problem.workspace();
                workspace.hessian(parameters, Part::Full, &mut Vec::new()).unwrap();
                assert!((operator.rounding() / workspace.rounding() - 1.0).abs() <= 1e-12, "{layers:?} {activation:?}");
            }
        }
    }
}

/// Features that are 0 in all samples, wherever they are: the plain product knows nothing of them, and what is left is, bit for
/// bit, the Hessian of the network that does not have them, with zeros around it.
#[test]
fn inputs_that_are_zero_in_all_samples_leave_zeros_and_the_rest_as_it_is() {
    let vanishing: [&[usize]; 6] = [&[0], &[6], &[2, 3], &[0, 1, 4, 6], &[1, 2, 3, 4, 5, 6], &[0, 1, 2, 3, 4, 5, 6]];
    for layers in [&[7, 4][..], &[7, 6, 3], &[7, 5, 4, 3]] {
        let mut problem = Problem::new(layers, Activation::Tanh, LOSSES[1], 141);
        let full = problem.inputs.clone();
        for (case, features) in vanishing.iter().enumerate() {
            problem.inputs = full.clone();
            features.iter().for_each(|&j| problem.inputs.row_mut(j).fill(if case % 2 == 0 { 0.0 } else { -0.0 }));
            let Problem { architecture, loss, inputs, labels, parameters, vector } = &problem;
            let count = parameters.len();
            let is_left_out = |at: usize| architecture.weights(0).contains(&at) && features.contains(&(at % 7));
            let plain = hessian_vector_product(architecture, loss, inputs, labels, parameters, vector).unwrap();
            let (mut operator, mut workspace) = (problem.operator(), problem.workspace());
            // Twice, into memory that holds something else.
            for _ in 0..2 {
                let mut product = vec![f64::NAN; count];
                operator.linearize(parameters).unwrap();
                operator.apply(vector, &mut product).unwrap();
                let mut hessian = vec![f64::NAN; count * count];
                workspace.hessian(parameters, Part::Full, &mut hessian).unwrap();
                let scale = size(&hessian, count);
                assert!(distance(&product, &plain) <= 1e-12 * scale, "{layers:?} without {features:?}");
                assert!(distance(&times(&hessian, vector), &plain) <= 1e-12 * scale, "{layers:?} without {features:?}");
                for at in (0..count).filter(|&at| is_left_out(at)) {
                    assert_eq!(product[at], 0.0);
                    assert!((0..count).all(|j| hessian[at * count + j] == 0.0 && hessian[j * count + at] == 0.0));
                }

                let kept: Vec<usize> = (0..7).filter(|j| !features.contains(j)).collect();
                if kept.is_empty() {
                    continue;
                }
                let reduced = Architecture::new([&[kept.len()], &layers[1..]].concat(), Activation::Tanh).unwrap();
                let mut fewer = Batch::zeros(kept.len(), 141);
                (0..kept.len()).for_each(|j| fewer.row_mut(j).copy_from_slice(full.row(kept[j])));
                let indices: Vec<usize> = (0..count).filter(|&at| !is_left_out(at)).collect();
                let of = |whole: &[f64]| indices.iter().map(|&at| whole[at]).collect::<Vec<f64>>();
                let mut other = Vec::new();
                let mut of_reduced = HessianWorkspace::new(&reduced, loss, &fewer, labels).unwrap();
                of_reduced.hessian(&of(parameters), Part::Full, &mut other).unwrap();
                let rows = indices.iter().flat_map(|&at| of(&hessian[at * count..][..count]));
                assert_eq!(rows.collect::<Vec<f64>>(), other);
                assert_eq!(workspace.rounding(), of_reduced.rounding());
            }
        }
    }
}

/// Features of which each sample has one alone, and some have none: of the products of two features nothing is left.
#[test]
fn inputs_that_never_occur_together_leave_zeros_between_their_weights() {
    for layers in [&[7, 4][..], &[7, 6, 3], &[7, 5, 4, 3]] {
        let mut problem = Problem::new(layers, Activation::Gelu, LOSSES[0], 141);
        for n in 0..141 {
            for j in (0..7).filter(|&j| j % 3 != n % 4) {
                problem.inputs.row_mut(j)[n] = 0.0;
            }
        }
        let Problem { architecture, loss, inputs, labels, parameters, .. } = &problem;
        let hessian = problem.hessian(Part::Full);
        let count = parameters.len();
        for a in 0..count {
            let unit: Vec<f64> = (0..count).map(|b| f64::from(a == b)).collect();
            let plain = hessian_vector_product(architecture, loss, inputs, labels, parameters, &unit).unwrap();
            assert!(distance(&hessian[a * count..][..count], &plain) <= 1e-13, "{layers:?}, row {a}");
        }
        let first = architecture.weights(0);
        let apart = |a: usize, b: usize| first.contains(&a) && first.contains(&b) && a % 7 % 3 != b % 7 % 3;
        let entries = (0..count).flat_map(|a| (0..count).map(move |b| (a, b)));
        assert!(entries.filter(|&(a, b)| apart(a, b)).all(|(a, b)| hessian[a * count + b] == 0.0));
    }
}

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

/// PyTorch's `torch.func.hessian` times a vector; tolerances as in `hessian_golden`.
#[test]
fn products_equal_those_of_every_reference_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !(name.ends_with("_ce") || name.ends_with("_mse")) {
            continue;
        }
        count += 1;
        let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let tolerance = if case.activation == Activation::Relu { 1e-9 } else { 1e-11 };
        let architecture = Architecture::new(case.layers.clone(), case.activation).unwrap();
        let inputs = Batch::from_rows(&case.inputs.concat(), case.layers[0]);
        let loss = Loss::new(case.loss_function);
        let mut operator = HessianOperator::new(&architecture, &loss, &inputs, &case.labels).unwrap();
        operator.linearize(&case.parameters).unwrap();
        let p = architecture.parameter_count();
        let vector: Vec<f64> = (0..p).map(|a| ((a * a + 3) % 11) as f64 / 5.0 - 1.0).collect();
        let mut product = vec![0.0; p];
        operator.apply(&vector, &mut product).unwrap();
        let matrix = case.hessian_rows.concat();
        let largest = matrix.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let error = distance(&product, &times(&matrix, &vector));
        assert!(error <= tolerance * largest * p as f64, "{name}: {error:e}");
    }
    assert!(count >= 18, "reference files are missing");
}

#[test]
fn several_vectors_and_many_checkpoints_give_the_bits_of_one() {
    let mut problem = Problem::new(&[5, 9, 6, 4], Activation::Gelu, LOSSES[0], 300);
    let count = problem.parameters.len();
    let mut operator = problem.operator();
    let vectors: Vec<f64> = (0..5 * count).map(|i| libm::sin(i as f64)).collect();
    for seed in 0..3 {
        problem.parameters.rotate_left(1 + seed);
        problem.labels.rotate_left(1);
        operator.set_labels(&problem.labels).unwrap();
        operator.linearize_part(&problem.parameters, Part::GaussNewton).unwrap();
        operator.linearize(&problem.parameters).unwrap();
        let mut products = vec![0.0; 5 * count];
        operator.apply(&vectors, &mut products).unwrap();
        let mut fresh = problem.operator();
        fresh.linearize(&problem.parameters).unwrap();
        for (vector, product) in vectors.chunks_exact(count).zip(products.chunks_exact(count)) {
            let mut alone = vec![0.0; count];
            fresh.apply(vector, &mut alone).unwrap();
            assert_eq!(alone, product);
        }
    }
}

/// Any number of threads gives the same bits.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn threads_do_not_change_the_bits() {
    let problem = Problem::new(&[6, 20, 12, 5], Activation::Tanh, LOSSES[0], 1797);
    let product = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut operator = problem.operator();
            operator.linearize(&problem.parameters).unwrap();
            let mut product = vec![0.0; problem.parameters.len()];
            operator.apply(&problem.vector, &mut product).unwrap();
            (product, operator.rounding())
        })
    };
    let one = product(1);
    for threads in [2, 3, 5, 8, 11] {
        assert_eq!(product(threads), one, "{threads} threads");
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let problem = Problem::new(&[2, 3, 2], Activation::Tanh, LOSSES[2], 4);
    let Problem { architecture, loss, labels, parameters, vector, .. } = &problem;
    let refusal = |inputs: &Batch, labels: &[usize]| {
        HessianOperator::new(architecture, loss, inputs, labels).unwrap_err().to_string()
    };
    assert!(refusal(&Batch::zeros(3, 4), labels).starts_with("inputs: have 3 features"));
    assert!(refusal(&Batch::zeros(2, 0), &[]).starts_with("inputs: are empty"));
    assert!(refusal(&problem.inputs, &labels[..3]).starts_with("labels: are 3 for 4 samples"));
    let mut operator = problem.operator();
    assert!(operator.linearize(&parameters[1..]).unwrap_err().to_string().starts_with("parameters: has 16 numbers"));
    assert!(operator.set_labels(&[0, 1, 5, 0]).unwrap_err().to_string().starts_with("labels: hold 5"));
    let mut huge = parameters.clone();
    huge[architecture.layer(1)].fill(1e300);
    operator.linearize(&huge).unwrap();
    let error = operator.apply(vector, &mut vec![0.0; vector.len()]).unwrap_err();
    assert!(error.to_string().contains("product holds NaN"), "{error}");
    // And nothing is left behind.
    operator.linearize(parameters).unwrap();
    let mut product = vec![0.0; vector.len()];
    operator.apply(vector, &mut product).unwrap();
    assert!(
        distance(&product, &times(&problem.hessian(Part::Full), vector))
            <= 1e-12 * size(&problem.hessian(Part::Full), 17)
    );
}

/// The digits, a few steps of Adam from a random start.
fn digits(layers: &[usize], samples: usize, steps: i32) -> Problem {
    let text = include_str!("data/digits.csv");
    let (mut rows, mut labels) = (Vec::new(), Vec::new());
    for line in text.lines().skip(1).take(samples) {
        let numbers: Vec<f64> = line.split(',').map(|x| x.parse().unwrap()).collect();
        rows.extend(numbers[..64].iter().map(|x| x / 16.0));
        labels.push(numbers[64] as usize);
    }
    let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).unwrap();
    let p = architecture.parameter_count();
    let mut random = Random::new(1, Stream::Probe, 0);
    let mut parameters: Vec<f64> = (0..p).map(|_| 0.15 * random.normal()).collect();
    let inputs = Batch::from_rows(&rows, 64);
    let mut workspace = GradientWorkspace::new(&architecture, samples);
    let (mut gradient, mut mean, mut square) = (vec![0.0; p], vec![0.0; p], vec![0.0; p]);
    for step in 1..=steps {
        workspace.gradient(&architecture, &LOSSES[0], &parameters, &inputs, &labels, &mut gradient);
        let correction = (1.0 - libm::pow(0.999, f64::from(step))).sqrt() / (1.0 - libm::pow(0.9, f64::from(step)));
        for i in 0..p {
            mean[i] = 0.9 * mean[i] + 0.1 * gradient[i];
            square[i] = 0.999 * square[i] + 0.001 * gradient[i] * gradient[i];
            parameters[i] -= 2e-3 * correction * mean[i] / (square[i].sqrt() + 1e-8);
        }
    }
    Problem { architecture, loss: LOSSES[0], inputs, labels, parameters, vector: Vec::new() }
}

/// λ to 1e-10 of itself: residuals are at most 1e-10 ‖H‖, and an error in λ is at most residual² / gap. Vectors turn by residual / gap:
/// |vᵀv′| = cos of it. The IPR changes by at most four times the turn.
#[test]
fn leading_pairs_equal_those_of_the_matrix() {
    let mut eigen = EigenWorkspace::default();
    let mut workspace = LeadingWorkspace::default();
    let both = [Order::Algebraic, Order::Magnitude];
    for (layers, samples, k, orders) in [(&[64, 16, 10], 512, 10, both.as_slice()), (&[64, 40, 10], 300, 5, &both[1..])]
    {
        let problem = digits(layers, samples, 60);
        let p = problem.parameters.len();
        let hessian = problem.hessian(Part::Full);
        let mut operator = problem.operator();
        operator.linearize(&problem.parameters).unwrap();
        for &order in orders {
            let mut dense = spectrum(&hessian, p, k + 1, order, &mut eigen).unwrap();
            let beyond = dense.leading_eigenvalue(k);
            dense.leading.truncate(k);
            let found = leading_spectrum(&mut operator, k, order, 1, &mut workspace).unwrap();
            assert!(found.products <= 75, "{layers:?}: {} products", found.products);
            let (expected, determination) =
                (dense.determination(operator.rounding()), found.determination(operator.rounding()));
            assert_eq!(expected.count(), k, "the matrix determines all of them");
            assert_eq!((determination.count(), determination.subspace), (k, expected.subspace));
            for i in 0..k {
                let exact = dense.leading_eigenvalue(i);
                assert!((found.eigenvalues[i] / exact - 1.0).abs() <= 1e-10, "λ_{i}");
                let overlap: f64 = found.vector(i).iter().zip(dense.vector(i)).map(|(a, b)| a * b).sum();
                assert!(overlap >= 1.0 - 1e-8, "v_{i}: {overlap}");
                let ratio = inverse_participation_ratio(found.vector(i)) / inverse_participation_ratio(dense.vector(i));
                assert!((ratio - 1.0).abs() <= 1e-6, "IPR {i}");
                let angle = (1.0 - overlap * overlap).max(0.0).sqrt();
                assert!(angle <= found.certificates.angle_bounds[i] + 1e-7);
            }
            let next = found.next.unwrap();
            assert!((next.eigenvalue - beyond).abs() <= next.residual + 1e-12);
        }
    }
}
