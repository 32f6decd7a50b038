//! Loss L(θ) = (1/N) Σ_n ℓ(f_n, y_n) and its gradient by back-propagation:
//! δ_L = ∂ℓ/∂f, δ_l = φ′(z_l) ⊙ W_{l+1}ᵀ δ_{l+1}, ∂L/∂W_l = (1/N) δ_l a_{l−1}ᵀ, ∂L/∂b_l = (1/N) Σ_n δ_l.

use crate::loss::Loss;
use crate::matmul::dot;
use crate::mlp::{Architecture, Batch, ForwardPass, LANES, add_product};

/// Room for back-propagation through one batch size, reused from step to step.
#[derive(Debug, Clone)]
pub struct GradientWorkspace {
    forward: ForwardPass,
    deltas: Vec<Batch>,
    logits: Vec<f64>,
    logit_gradient: Vec<f64>,
    probabilities: Vec<f64>,
}

/// Mean loss and share of correctly classified samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// L(θ).
    pub loss: f64,
    /// Share of samples whose largest logit is that of their class; ties count for the first.
    pub accuracy: f64,
}

impl GradientWorkspace {
    /// Room for batches of `samples`.
    pub fn new(architecture: &Architecture, samples: usize) -> Self {
        let classes = architecture.classes();
        GradientWorkspace {
            forward: ForwardPass::new(architecture, samples),
            deltas: (0..architecture.depth()).map(|l| Batch::zeros(architecture.outputs(l), samples)).collect(),
            logits: vec![0.0; classes],
            logit_gradient: vec![0.0; classes],
            probabilities: vec![0.0; classes],
        }
    }

    /// The logits of the last batch (classes × samples).
    pub fn logits(&self) -> &Batch {
        self.forward.logits()
    }

    /// Mean loss and accuracy on `inputs` (n_0 × samples) with `labels`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn evaluate(
        &mut self,
        architecture: &Architecture,
        loss: &Loss,
        parameters: &[f64],
        inputs: &Batch,
        labels: &[usize],
    ) -> Evaluation {
        assert_eq!(inputs.samples(), labels.len());
        self.forward.run(architecture, parameters, inputs);
        let delta = &mut self.deltas[architecture.depth() - 1];
        let (mut sum, mut correct) = (0.0, 0usize);
        for (n, &label) in labels.iter().enumerate() {
            for (c, logit) in self.logits.iter_mut().enumerate() {
                *logit = self.forward.logits().at(c, n);
            }
            sum += loss.evaluate(&self.logits, label, &mut self.logit_gradient, &mut self.probabilities);
            delta.set_sample(n, &self.logit_gradient);
            correct += usize::from(first_largest(&self.logits) == label);
        }
        let count = labels.len() as f64;
        Evaluation { loss: sum / count, accuracy: correct as f64 / count }
    }

    /// Writes ∇L into `gradient` (length P) and returns the mean loss and accuracy.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn gradient(
        &mut self,
        architecture: &Architecture,
        loss: &Loss,
        parameters: &[f64],
        inputs: &Batch,
        labels: &[usize],
        gradient: &mut [f64],
    ) -> Evaluation {
        let evaluation = self.evaluate(architecture, loss, parameters, inputs, labels);
        let scale = 1.0 / labels.len() as f64;
        for l in (0..architecture.depth()).rev() {
            let n = architecture.inputs(l);
            let input = if l == 0 { inputs } else { &self.forward.activations[l - 1] };
            let (below, above) = self.deltas.split_at_mut(l);
            let delta = &above[0];
            let (weight_gradient, bias_gradient) = gradient[architecture.layer(l)].split_at_mut(delta.units() * n);
            for i in 0..delta.units() {
                let row = delta.row(i);
                for j in 0..n {
                    weight_gradient[i * n + j] = scale * dot(row, input.row(j));
                }
                bias_gradient[i] = scale * sum(row);
            }
            if l > 0 {
                let weights = &parameters[architecture.weights(l)];
                let previous = &mut below[l - 1];
                previous.data_mut().fill(0.0);
                add_product(previous, |j, i| weights[i * n + j], delta);
                let z = self.forward.preactivations[l - 1].data();
                let a = self.forward.activations[l - 1].data();
                architecture.activation().multiply_by_first(z, a, previous.data_mut());
            }
        }
        evaluation
    }
}

/// Index of the first largest entry.
pub fn first_largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (i, &value) in values.iter().enumerate() {
        if value > values[best] {
            best = i;
        }
    }
    best
}

/// Σ_n x_n over a row padded to [`LANES`], lane by lane, so that it runs in vector registers with the same bits on every
/// machine.
fn sum(x: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    for x in x.chunks_exact(LANES) {
        for lane in 0..LANES {
            lanes[lane] += x[lane];
        }
    }
    lanes.iter().sum()
}
