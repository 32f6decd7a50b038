//! Adamax: Adam with the largest of the decaying gradients in place of the root of their mean square.

use super::{Context, StabilityThreshold, UpdateRule};

/// m ← β₁ m + (1−β₁) g, u ← max(β₂ u, |g| + ε), θ ← θ − η m̂/u with m̂ = m/(1−β₁ᵗ); g holds w θ.
#[derive(Clone, Debug)]
pub struct Adamax {
    /// m, P entries.
    first: Vec<f64>,
    /// u, P entries.
    largest: Vec<f64>,
    /// β₁ᵗ.
    power: f64,
}

impl Adamax {
    /// Before the first step, m = u = 0.
    pub fn new(size: usize) -> Self {
        Adamax { first: vec![0.0; size], largest: vec![0.0; size], power: 1.0 }
    }
}

impl UpdateRule for Adamax {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        let (settings, weight_decay) = (context.settings, context.weight_decay(theta));
        self.power *= settings.beta1;
        let rate = context.rate / (1.0 - self.power);
        for (((x, &g), m), u) in theta.iter_mut().zip(gradient).zip(&mut self.first).zip(&mut self.largest) {
            let g = g + weight_decay * *x;
            *m += (1.0 - settings.beta1) * (g - *m);
            let (decayed, new) = (settings.beta2 * *u, g.abs() + settings.epsilon);
            *u = if decayed > new { decayed } else { new }; // unlike f64::max, takes a gradient that is NaN
            *x -= rate * *m / *u;
        }
    }

    /// (2+2β₁)/((1−β₁)η): m is Adam's, and u stands for its root.
    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        let beta1 = context.settings.beta1;
        Some(StabilityThreshold::Preconditioned((2.0 + 2.0 * beta1) / ((1.0 - beta1) * context.rate)))
    }

    /// (1−β₁ᵗ) u, which includes the bias correction of m.
    fn preconditioner(&self, _context: &Context) -> Option<Vec<f64>> {
        let correction = 1.0 - self.power;
        Some(self.largest.iter().map(|u| correction * u).collect())
    }
}
