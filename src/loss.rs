//! Loss of one sample ℓ(f, y) with its gradient ∂ℓ/∂f and its curvature S = ∂²ℓ/∂f² in the logits f ∈ R^C.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Which function of the logits is minimized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LossFunction {
    /// ℓ = −Σ_c t_c ln p_c with p = softmax(f)
    CrossEntropy,
    /// ℓ = ½ ‖f − t‖²
    MeanSquaredError,
}

/// A loss function and its targets t: t_c = (1 − s)·[c = y] + s/C, with label smoothing s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// The function of logits and targets.
    pub function: LossFunction,
    /// Label smoothing s ∈ [0, 1); 0 gives one-hot targets.
    pub label_smoothing: f64,
}

impl LossFunction {
    /// All loss functions, in the order in which they are offered.
    pub const ALL: [LossFunction; 2] = [LossFunction::CrossEntropy, LossFunction::MeanSquaredError];
}

impl Loss {
    /// A loss with one-hot targets.
    pub fn new(function: LossFunction) -> Self {
        Loss { function, label_smoothing: 0.0 }
    }

    /// Refuses label smoothing outside [0, 1), or with a loss other than cross-entropy.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field `label_smoothing`.
    pub fn validate(&self) -> Result<()> {
        if !(0.0..1.0).contains(&self.label_smoothing) {
            let problem = format!("is {:?}; allowed are numbers from 0 up to, not including, 1", self.label_smoothing);
            return Err(Error::invalid("label_smoothing", problem));
        }
        if self.label_smoothing > 0.0 && self.function != LossFunction::CrossEntropy {
            return Err(Error::invalid("label_smoothing", "is only defined for cross_entropy; set it to 0"));
        }
        Ok(())
    }

    /// t_c for a sample of class `label` among `classes`.
    pub fn target(&self, class: usize, label: usize, classes: usize) -> f64 {
        let hot = if class == label { 1.0 } else { 0.0 };
        (1.0 - self.label_smoothing) * hot + self.label_smoothing / classes as f64
    }

    /// ℓ, with ∂ℓ/∂f written into `gradient` (length C) and, for cross-entropy, softmax(f) into `probabilities`.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn evaluate(&self, logits: &[f64], label: usize, gradient: &mut [f64], probabilities: &mut [f64]) -> f64 {
        let classes = logits.len();
        assert!(gradient.len() == classes && probabilities.len() == classes);
        match self.function {
            LossFunction::CrossEntropy => {
                // The largest logit is subtracted: exp never overflows, and at least one term of the sum is 1.
                let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let mut sum = 0.0;
                for (p, &f) in probabilities.iter_mut().zip(logits) {
                    *p = libm::exp(f - largest);
                    sum += *p;
                }
                let log_normalizer = largest + libm::log(sum);
                let mut loss = 0.0;
                for c in 0..classes {
                    probabilities[c] /= sum;
                    let target = self.target(c, label, classes);
                    gradient[c] = probabilities[c] - target;
                    if target > 0.0 {
                        loss += target * (log_normalizer - logits[c]);
                    }
                }
                loss
            }
            LossFunction::MeanSquaredError => {
                let mut loss = 0.0;
                for c in 0..classes {
                    gradient[c] = logits[c] - self.target(c, label, classes);
                    loss += 0.5 * gradient[c] * gradient[c];
                }
                loss
            }
        }
    }

    /// S_cd = ∂²ℓ/∂f_c∂f_d: p_c([c = d] − p_d) for cross-entropy, [c = d] for the squared error; `probabilities` as
    /// written by [`Loss::evaluate`].
    pub fn curvature(&self, probabilities: &[f64], c: usize, d: usize) -> f64 {
        match self.function {
            LossFunction::CrossEntropy if c == d => probabilities[c] * (1.0 - probabilities[c]),
            LossFunction::CrossEntropy => -probabilities[c] * probabilities[d],
            LossFunction::MeanSquaredError => {
                if c == d {
                    1.0
                } else {
                    0.0
                }
            }
        }
    }

    /// v ← scale · S v for many samples side by side: `vectors` and `probabilities` (C × samples, row by row).
    /// `means` (samples) is overwritten.
    ///
    /// # Panics
    /// If the slices do not fit.
    pub fn multiply_by_curvature(&self, probabilities: &[f64], scale: f64, vectors: &mut [f64], means: &mut [f64]) {
        let samples = means.len();
        assert_eq!(vectors.len() % samples, 0);
        match self.function {
            // p ⊙ (v − pᵀv)
            LossFunction::CrossEntropy => {
                assert_eq!(probabilities.len(), vectors.len());
                means.fill(0.0);
                for (v, p) in vectors.chunks_exact(samples).zip(probabilities.chunks_exact(samples)) {
                    means.iter_mut().zip(v.iter().zip(p)).for_each(|(mean, (v, p))| *mean += v * p);
                }
                for (v, p) in vectors.chunks_exact_mut(samples).zip(probabilities.chunks_exact(samples)) {
                    v.iter_mut().zip(p.iter().zip(&*means)).for_each(|(v, (p, mean))| *v = scale * p * (*v - mean));
                }
            }
            LossFunction::MeanSquaredError => vectors.iter_mut().for_each(|v| *v *= scale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Several samples side by side against the entries of S.
    #[test]
    fn curvature_products_equal_the_matrix() {
        let (classes, samples) = (4, 3);
        for loss in losses() {
            let mut rows = vec![0.0; classes * samples];
            let mut tangents: Vec<f64> = (0..classes * samples).map(|i| (i * i % 7) as f64 - 3.0).collect();
            let mut expected = vec![0.0; classes * samples];
            for s in 0..samples {
                let logits: Vec<f64> = (0..classes).map(|c| (c * (s + 1)) as f64 * 0.3).collect();
                let (_, _, probabilities) = evaluate(&loss, &logits);
                for c in 0..classes {
                    rows[c * samples + s] = probabilities[c];
                    let product = |d: usize| loss.curvature(&probabilities, c, d) * tangents[d * samples + s];
                    expected[c * samples + s] = 0.5 * (0..classes).map(product).sum::<f64>();
                }
            }
            loss.multiply_by_curvature(&rows, 0.5, &mut tangents, &mut vec![0.0; samples]);
            for (product, expected) in tangents.iter().zip(&expected) {
                assert!((product - expected).abs() < 1e-15);
            }
        }
    }

    fn losses() -> [Loss; 3] {
        [
            Loss::new(LossFunction::CrossEntropy),
            Loss { function: LossFunction::CrossEntropy, label_smoothing: 0.2 },
            Loss::new(LossFunction::MeanSquaredError),
        ]
    }

    fn evaluate(loss: &Loss, logits: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
        let mut gradient = vec![0.0; logits.len()];
        let mut probabilities = vec![0.0; logits.len()];
        let value = loss.evaluate(logits, 1, &mut gradient, &mut probabilities);
        (value, gradient, probabilities)
    }

    /// ln(1 + e^{−1} + e^{−3}) + … by hand: logits (0, 1, −2), class 1.
    #[test]
    fn cross_entropy_of_a_known_case() {
        let expected = (1.0 + (-1.0f64).exp() + (-3.0f64).exp()).ln();
        let (value, _, p) = evaluate(&losses()[0], &[0.0, 1.0, -2.0]);
        assert!((value - expected).abs() < 1e-15);
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    /// Central differences with h = ε^{1/3}: error about 1e-10.
    #[test]
    fn gradient_and_curvature_are_derivatives() {
        let h = f64::EPSILON.cbrt();
        let logits = [0.3, -1.2, 0.8, 0.1];
        for loss in losses() {
            let (_, gradient, probabilities) = evaluate(&loss, &logits);
            for d in 0..logits.len() {
                let (mut plus, mut minus) = (logits, logits);
                plus[d] += h;
                minus[d] -= h;
                let (up, gradient_up, _) = evaluate(&loss, &plus);
                let (down, gradient_down, _) = evaluate(&loss, &minus);
                assert!((gradient[d] - (up - down) / (2.0 * h)).abs() < 1e-9);
                for c in 0..logits.len() {
                    let difference = (gradient_up[c] - gradient_down[c]) / (2.0 * h);
                    assert!((loss.curvature(&probabilities, c, d) - difference).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn huge_logits_do_not_overflow() {
        let (value, gradient, _) = evaluate(&losses()[0], &[800.0, -800.0, 0.0]);
        assert_eq!(value, 1600.0);
        assert!(gradient.iter().all(|g| g.is_finite()));
    }

    #[test]
    fn smoothing_is_checked() {
        assert!(Loss { function: LossFunction::CrossEntropy, label_smoothing: 1.0 }.validate().is_err());
        assert!(Loss { function: LossFunction::CrossEntropy, label_smoothing: f64::NAN }.validate().is_err());
        assert!(Loss { function: LossFunction::MeanSquaredError, label_smoothing: 0.1 }.validate().is_err());
        assert!(losses().iter().all(|loss| loss.validate().is_ok()));
    }
}
