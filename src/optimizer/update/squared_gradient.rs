//! Adagrad and RMSprop: each entry of the gradient over the root of what its squares sum up to.

use super::{Context, StabilityThreshold, UpdateRule};

/// s ← s + (g + w θ)², θ ← θ − η (g + w θ)/(√s + ε).
#[derive(Clone, Debug)]
pub struct Adagrad {
    /// s, P entries.
    sum: Vec<f64>,
}

impl Adagrad {
    /// Before the first step, s = 0.
    pub fn new(size: usize) -> Self {
        Adagrad { sum: vec![0.0; size] }
    }
}

impl UpdateRule for Adagrad {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        step(context, theta, gradient, &mut self.sum, (1.0, 1.0));
    }

    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        Some(stability_threshold(context))
    }

    fn preconditioner(&self, context: &Context) -> Option<Vec<f64>> {
        Some(preconditioner(context, &self.sum))
    }
}

/// v ← α v + (1−α) (g + w θ)², θ ← θ − η (g + w θ)/(√v + ε).
#[derive(Clone, Debug)]
pub struct RmsProp {
    /// v, P entries.
    mean: Vec<f64>,
}

impl RmsProp {
    /// Before the first step, v = 0.
    pub fn new(size: usize) -> Self {
        RmsProp { mean: vec![0.0; size] }
    }
}

impl UpdateRule for RmsProp {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        let alpha = context.settings.alpha;
        step(context, theta, gradient, &mut self.mean, (alpha, 1.0 - alpha));
    }

    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        Some(stability_threshold(context))
    }

    fn preconditioner(&self, context: &Context) -> Option<Vec<f64>> {
        Some(preconditioner(context, &self.mean))
    }
}

/// s ← a s + c (g + w θ)², θ ← θ − η (g + w θ)/(√s + ε).
fn step(context: &Context, theta: &mut [f64], gradient: &[f64], square: &mut [f64], (kept, added): (f64, f64)) {
    let (rate, epsilon, weight_decay) = (context.rate, context.settings.epsilon, context.weight_decay(theta));
    for ((x, &g), s) in theta.iter_mut().zip(gradient).zip(square) {
        let g = g + weight_decay * *x;
        *s = kept * *s + added * (g * g);
        *x -= rate * (g / (s.sqrt() + epsilon));
    }
}

/// 2/η (Cohen et al. 2022).
fn stability_threshold(context: &Context) -> StabilityThreshold {
    StabilityThreshold::Preconditioned(2.0 / context.rate)
}

/// √s + ε.
fn preconditioner(context: &Context, square: &[f64]) -> Vec<f64> {
    square.iter().map(|s| s.sqrt() + context.settings.epsilon).collect()
}
