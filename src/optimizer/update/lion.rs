//! Lion: the sign of a momentum.

use super::{Context, UpdateRule};

/// θ ← θ − η sign(β₁ m + (1−β₁) g) with sign(0) = 0, then m ← β₂ m + (1−β₂) g.
#[derive(Clone, Debug)]
pub struct Lion {
    /// m, P entries.
    momentum: Vec<f64>,
}

impl Lion {
    /// Before the first step, m = 0.
    pub fn new(size: usize) -> Self {
        Lion { momentum: vec![0.0; size] }
    }
}

impl UpdateRule for Lion {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        context.weight_decay(theta);
        let (rate, beta1, beta2) = (context.rate, context.settings.beta1, context.settings.beta2);
        for ((x, &g), m) in theta.iter_mut().zip(gradient).zip(&mut self.momentum) {
            let direction = beta1 * *m + (1.0 - beta1) * g;
            // f64::signum(0) is 1; NaN must stay NaN, so that divergence is seen
            let sign = if direction == 0.0 { 0.0 } else { direction.signum() };
            *x -= rate * sign;
            *m = beta2 * *m + (1.0 - beta2) * g;
        }
    }
}
