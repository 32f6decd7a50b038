//! The Hessian against closed forms that need no derivative of an activation: linear models and a deep linear network,
//! written with Kronecker products.

use eigendrift::activation::Activation;
use eigendrift::hessian::{HessianWorkspace, Part};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::random::{Random, Stream};
use nalgebra::{DMatrix, DVector};

const LOSSES: [Loss; 3] = [
    Loss { function: LossFunction::CrossEntropy, label_smoothing: 0.0 },
    Loss { function: LossFunction::CrossEntropy, label_smoothing: 0.3 },
    Loss { function: LossFunction::MeanSquaredError, label_smoothing: 0.0 },
];

struct Problem {
    architecture: Architecture,
    loss: Loss,
    rows: Vec<f64>,
    labels: Vec<usize>,
    parameters: Vec<f64>,
}

impl Problem {
    fn new(layers: &[usize], loss: Loss, samples: usize) -> Self {
        let architecture = Architecture::new(layers.to_vec(), Activation::Identity).unwrap();
        let mut random = Random::new(5, Stream::Probe, samples as u64);
        let rows = (0..samples * layers[0]).map(|_| random.normal()).collect();
        let labels = (0..samples).map(|_| random.below(architecture.classes())).collect();
        let parameters = (0..architecture.parameter_count()).map(|_| 0.5 * random.normal()).collect();
        Problem { architecture, loss, rows, labels, parameters }
    }

    fn hessian(&self, part: Part) -> DMatrix<f64> {
        let inputs = Batch::from_rows(&self.rows, self.architecture.inputs(0));
        let mut workspace = HessianWorkspace::new(&self.architecture, &self.loss, &inputs, &self.labels).unwrap();
        let mut hessian = Vec::new();
        workspace.hessian(&self.parameters, part, &mut hessian).unwrap();
        let count = self.parameters.len();
        DMatrix::from_row_slice(count, count, &hessian)
    }

    fn weights(&self, l: usize) -> DMatrix<f64> {
        let (outputs, inputs) = (self.architecture.outputs(l), self.architecture.inputs(l));
        DMatrix::from_row_slice(outputs, inputs, &self.parameters[self.architecture.weights(l)])
    }

    fn biases(&self, l: usize) -> DVector<f64> {
        DVector::from_column_slice(&self.parameters[self.architecture.biases(l)])
    }

    /// x̃ = (x, 1) of every sample.
    fn samples(&self) -> impl Iterator<Item = (DVector<f64>, usize)> {
        let width = self.architecture.inputs(0);
        let rows = self.rows.chunks_exact(width);
        rows.zip(&self.labels).map(|(row, &label)| (DVector::from_column_slice(row).push(1.0), label))
    }

    /// ∂ℓ/∂f and S at the logits f, from the textbook formulas.
    fn output(&self, f: &DVector<f64>, label: usize) -> (DVector<f64>, DMatrix<f64>) {
        let classes = f.len();
        let hot = DVector::from_fn(classes, |c, _| if c == label { 1.0 } else { 0.0 });
        match self.loss.function {
            LossFunction::MeanSquaredError => (f - hot, DMatrix::identity(classes, classes)),
            LossFunction::CrossEntropy => {
                let exp = f.map(f64::exp);
                let p = &exp / exp.sum();
                let smoothing = self.loss.label_smoothing;
                let target = hot * (1.0 - smoothing) + DVector::repeat(classes, smoothing / classes as f64);
                (&p - target, DMatrix::from_diagonal(&p) - &p * p.transpose())
            }
        }
    }

    /// Reorders rows and columns from ((i, j)), j running over (inputs, bias), to θ's layout, layer by layer.
    fn in_layout(&self, block: &DMatrix<f64>) -> DMatrix<f64> {
        let mut place = Vec::new();
        for l in 0..self.architecture.depth() {
            let width = self.architecture.inputs(l);
            for i in 0..self.architecture.outputs(l) {
                place.extend((0..width).map(|j| self.architecture.weights(l).start + i * width + j));
                place.push(self.architecture.biases(l).start + i);
            }
        }
        let mut result = DMatrix::zeros(place.len(), place.len());
        for (a, &row) in place.iter().enumerate() {
            for (b, &column) in place.iter().enumerate() {
                result[(row, column)] = block[(a, b)];
            }
        }
        result
    }
}

/// Both sides are sums of N terms of order 1/N: rounding stays below N ε of the largest entry, 1e-13 for N = 513.
fn assert_equal(computed: &DMatrix<f64>, expected: &DMatrix<f64>, what: &str) {
    let error = (computed - expected).amax();
    assert!(error <= 1e-13 * expected.amax().max(1e-3), "{what}: {error:e}");
}

/// H = (1/N) Σ S ⊗ x̃ x̃ᵀ: softmax and linear regression. Sizes around the edges of panels (4), strides (8) and tiles (128),
/// and one whose first factor, 301·302/2 pairs × 200 samples, is too large to be kept.
#[test]
fn linear_models() {
    for loss in LOSSES {
        for (layers, samples) in
            [([1, 1], 1), ([3, 4], 7), ([5, 3], 8), ([2, 3], 129), ([7, 2], 513), ([4, 5], 257), ([300, 2], 200)]
        {
            let problem = Problem::new(&layers, loss, samples);
            let mut expected = DMatrix::zeros(problem.parameters.len(), problem.parameters.len());
            for (x, label) in problem.samples() {
                let f = problem.weights(0) * x.rows(0, layers[0]) + problem.biases(0);
                let (_, s) = problem.output(&f, label);
                expected += s.kronecker(&(&x * x.transpose())) / samples as f64;
            }
            let expected = problem.in_layout(&expected);
            assert_equal(&problem.hessian(Part::Full), &expected, &format!("{layers:?}"));
            assert_equal(&problem.hessian(Part::GaussNewton), &expected, "a linear model is all Gauss-Newton");
            assert_eq!(problem.hessian(Part::Residual).amax(), 0.0, "a linear model has no residual part");
        }
    }
}

/// f = W_2 (W_1 x + b_1) + b_2 with J_1 = W_2 ⊗ x̃ᵀ and J_2 = I ⊗ ãᵀ: Gauss-Newton part (1/N) Σ Jᵀ S J; the only second
/// derivatives of f couple W_2[c, j] with W̃_1[j, q]: x̃_q.
#[test]
fn deep_linear_network() {
    for loss in LOSSES {
        for (layers, samples) in [([2, 3, 2], 1), ([4, 5, 3], 50), ([3, 6, 4], 300)] {
            let problem = Problem::new(&layers, loss, samples);
            let [n, h, classes] = layers;
            let count = problem.parameters.len();
            let first = h * (n + 1);
            let (mut gauss_newton, mut residual) = (DMatrix::zeros(count, count), DMatrix::zeros(count, count));
            for (x, label) in problem.samples() {
                let hidden = problem.weights(0) * x.rows(0, n) + problem.biases(0);
                let f = problem.weights(1) * &hidden + problem.biases(1);
                let (delta, s) = problem.output(&f, label);
                let mut jacobian = DMatrix::zeros(classes, count);
                jacobian.columns_mut(0, first).copy_from(&problem.weights(1).kronecker(&x.transpose()));
                let identity = DMatrix::identity(classes, classes);
                let second = identity.kronecker(&hidden.push(1.0).transpose());
                jacobian.columns_mut(first, count - first).copy_from(&second);
                gauss_newton += jacobian.transpose() * s * jacobian / samples as f64;
                // δ[c] E[j, p] x̃[q] with E = (I; 0): the bias of the second layer does not take part.
                let coupling = delta.kronecker(&DMatrix::identity(h + 1, h)).kronecker(&x.transpose());
                let mut below = residual.view_mut((first, 0), (count - first, first));
                below += &coupling / samples as f64;
                let mut beside = residual.view_mut((0, first), (first, count - first));
                beside += coupling.transpose() / samples as f64;
            }
            let (gauss_newton, residual) = (problem.in_layout(&gauss_newton), problem.in_layout(&residual));
            let what = format!("{layers:?} {loss:?}");
            assert_equal(&problem.hessian(Part::GaussNewton), &gauss_newton, &what);
            assert_equal(&problem.hessian(Part::Residual), &residual, &what);
            assert_equal(&problem.hessian(Part::Full), &(gauss_newton + residual), &what);
        }
    }
}
