//! Gradient descent and its momenta; thresholds as in Cohen et al. 2021.

use super::{Context, StabilityThreshold, UpdateRule};

/// θ ← θ − η (g + w θ).
#[derive(Clone, Debug)]
pub struct Sgd;

impl UpdateRule for Sgd {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        let (rate, weight_decay) = (context.rate, context.weight_decay(theta));
        for (x, &g) in theta.iter_mut().zip(gradient) {
            *x -= rate * (g + weight_decay * *x);
        }
    }

    /// 2/η.
    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        Some(StabilityThreshold::Hessian(2.0 / context.rate))
    }
}

/// b ← μ b + g + w θ, θ ← θ − η b.
#[derive(Clone, Debug)]
pub struct Momentum {
    /// b, P entries.
    buffer: Vec<f64>,
}

impl Momentum {
    /// Before the first step, b = 0.
    pub fn new(size: usize) -> Self {
        Momentum { buffer: vec![0.0; size] }
    }
}

impl UpdateRule for Momentum {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        let (rate, mu, weight_decay) = (context.rate, context.settings.momentum, context.weight_decay(theta));
        for ((x, &g), b) in theta.iter_mut().zip(gradient).zip(&mut self.buffer) {
            *b = mu * *b + (g + weight_decay * *x);
            *x -= rate * *b;
        }
    }

    /// 2(1+μ)/η.
    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        Some(StabilityThreshold::Hessian(2.0 * (1.0 + context.settings.momentum) / context.rate))
    }
}

/// b ← μ b + g + w θ, θ ← θ − η (g + w θ + μ b).
#[derive(Clone, Debug)]
pub struct Nesterov {
    /// b, P entries.
    buffer: Vec<f64>,
}

impl Nesterov {
    /// Before the first step, b = 0.
    pub fn new(size: usize) -> Self {
        Nesterov { buffer: vec![0.0; size] }
    }
}

impl UpdateRule for Nesterov {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        let (rate, mu, weight_decay) = (context.rate, context.settings.momentum, context.weight_decay(theta));
        for ((x, &g), b) in theta.iter_mut().zip(gradient).zip(&mut self.buffer) {
            let g = g + weight_decay * *x;
            *b = mu * *b + g;
            *x -= rate * (g + mu * *b);
        }
    }

    /// (2+2μ)/((1+2μ)η).
    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        let mu = context.settings.momentum;
        Some(StabilityThreshold::Hessian((2.0 + 2.0 * mu) / ((1.0 + 2.0 * mu) * context.rate)))
    }
}
