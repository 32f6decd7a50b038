//! Adam, AdamW and NAdam: the mean m of gradients over the root of the mean v of their squares.

use super::{Context, StabilityThreshold, UpdateRule};
use crate::optimizer::settings::OptimizerSettings;

/// m, v and what corrects their start at 0.
#[derive(Clone, Debug)]
pub struct Moments {
    /// m, P entries.
    pub first: Vec<f64>,
    /// v, P entries.
    pub second: Vec<f64>,
    /// β₁ᵗ and β₂ᵗ, by running products: the error of 1 − βᵗ stays below ε/(1−β), which that difference has at t = 1.
    powers: (f64, f64),
}

impl Moments {
    /// Before the first step, m = v = 0.
    pub fn new(size: usize) -> Self {
        Moments { first: vec![0.0; size], second: vec![0.0; size], powers: (1.0, 1.0) }
    }

    /// Begins the next step; `weight_decay` is the coefficient of the coupled one.
    pub fn begin_step(&mut self, context: &Context, weight_decay: f64) -> AdamStep {
        let settings = context.settings;
        self.powers.0 *= settings.beta1;
        self.powers.1 *= settings.beta2;
        AdamStep {
            beta1: settings.beta1,
            beta2: settings.beta2,
            epsilon: settings.epsilon,
            weight_decay,
            gradient_rate: 0.0,
            moment_rate: context.rate / (1.0 - self.powers.0),
            root_correction: (1.0 - self.powers.1).sqrt(),
        }
    }

    /// √v̂ + ε with v̂ = v/(1−β₂ᵗ), for `squares` v.
    fn roots(&self, context: &Context, squares: &[f64]) -> impl Iterator<Item = f64> {
        let (correction, epsilon) = (1.0 - self.powers.1, context.settings.epsilon);
        squares.iter().map(move |v| (v / correction).sqrt() + epsilon)
    }
}

/// m ← β₁ m + (1−β₁) g, v ← β₂ v + (1−β₂) g², θ ← θ − η m̂/(√v̂ + ε), m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ); in AMSGrad v̂
/// is of the largest v so far. Weight decay is coupled, g + w θ, or decoupled.
#[derive(Clone, Debug)]
pub struct Adam {
    moments: Moments,
    /// The largest v so far, P entries, in AMSGrad.
    largest: Option<Vec<f64>>,
}

impl Adam {
    /// Before the first step.
    pub fn new(size: usize, amsgrad: bool) -> Self {
        Adam { moments: Moments::new(size), largest: amsgrad.then(|| vec![0.0; size]) }
    }
}

impl UpdateRule for Adam {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        let step = self.moments.begin_step(context, context.weight_decay(theta));
        let Moments { first, second, .. } = &mut self.moments;
        match &mut self.largest {
            Some(largest) => step.amsgrad(theta, gradient, first, second, largest),
            None => step.adam(theta, gradient, first, second),
        }
    }

    /// (2+2β₁)/((1−β₁)η) (Cohen et al. 2022).
    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        let beta1 = context.settings.beta1;
        Some(StabilityThreshold::Preconditioned((2.0 + 2.0 * beta1) / ((1.0 - beta1) * context.rate)))
    }

    /// (1−β₁ᵗ)(√v̂ + ε), which includes the bias correction of m.
    fn preconditioner(&self, context: &Context) -> Option<Vec<f64>> {
        let squares = self.largest.as_ref().unwrap_or(&self.moments.second);
        let correction = 1.0 - self.moments.powers.0;
        Some(self.moments.roots(context, squares).map(|root| correction * root).collect())
    }
}

/// θ ← θ − η (a g + c m)/(√v̂ + ε), a = (1−μ_t)/(1−Πμ) and c = μ_{t+1}/(1 − μ_{t+1} Πμ), where
/// μ_t = β₁ (1 − ½ 0.96^(ψ t)) and Πμ = μ₁ ... μ_t; m and v as in Adam.
#[derive(Clone, Debug)]
pub struct NAdam {
    moments: Moments,
    /// Πμ.
    momentum_product: f64,
}

impl NAdam {
    /// Before the first step.
    pub fn new(size: usize) -> Self {
        NAdam { moments: Moments::new(size), momentum_product: 1.0 }
    }

    /// a and c of step `t`.
    fn weights(&self, settings: &OptimizerSettings, t: u64) -> (f64, f64) {
        let (now, next) = (momentum_at(settings, t), momentum_at(settings, t + 1));
        ((1.0 - now) / (1.0 - self.momentum_product), next / (1.0 - self.momentum_product * next))
    }
}

/// NAdam's μ_t.
fn momentum_at(settings: &OptimizerSettings, t: u64) -> f64 {
    settings.beta1 * (1.0 - 0.5 * libm::pow(0.96, t as f64 * settings.momentum_decay))
}

impl UpdateRule for NAdam {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        self.momentum_product *= momentum_at(context.settings, context.steps);
        let (of_gradient, of_moment) = self.weights(context.settings, context.steps);
        let mut step = self.moments.begin_step(context, context.weight_decay(theta));
        step.gradient_rate = context.rate * of_gradient;
        step.moment_rate = context.rate * of_moment;
        step.nadam(theta, gradient, &mut self.moments.first, &mut self.moments.second);
    }

    /// A step −η(a g + c m), m ← β₁ m + (1−β₁) g, on curvature λ flips θ's sign without growth at
    /// λ = 2/(η(a + c(1−β₁)/(1+β₁))); a and c change slowly.
    fn stability_threshold(&self, context: &Context) -> Option<StabilityThreshold> {
        let (of_gradient, of_moment) = self.weights(context.settings, context.steps);
        let beta1 = context.settings.beta1;
        let gain = of_gradient + of_moment * (1.0 - beta1) / (1.0 + beta1);
        Some(StabilityThreshold::Preconditioned(2.0 / (context.rate * gain)))
    }

    /// √v̂ + ε.
    fn preconditioner(&self, context: &Context) -> Option<Vec<f64>> {
        Some(self.moments.roots(context, &self.moments.second).collect())
    }
}

/// What a step of the Adam family has in common for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    /// w, coupled.
    weight_decay: f64,
    /// η times the coefficient of the gradient itself; 0 in Adam.
    gradient_rate: f64,
    /// η times the coefficient of m; η/(1 − β₁ᵗ) in Adam.
    moment_rate: f64,
    /// √(1 − β₂ᵗ).
    root_correction: f64,
}

impl AdamStep {
    /// m ← β₁ m + (1−β₁) g, v ← β₂ v + (1−β₂) g²; gives g with w θ in it.
    #[inline(always)]
    fn moments(&self, x: f64, g: f64, m: &mut f64, v: &mut f64) -> f64 {
        let g = g + self.weight_decay * x;
        *m += (1.0 - self.beta1) * (g - *m);
        *v = self.beta2 * *v + (1.0 - self.beta2) * (g * g);
        g
    }

    /// θ ← θ − η/(1 − β₁ᵗ) m / (√v/√(1−β₂ᵗ) + ε).
    pub fn adam(&self, theta: &mut [f64], gradient: &[f64], first: &mut [f64], second: &mut [f64]) {
        let inverse_root = 1.0 / self.root_correction;
        for (((x, &g), m), v) in theta.iter_mut().zip(gradient).zip(first).zip(second) {
            self.moments(*x, g, m, v);
            *x -= self.moment_rate * *m / (v.sqrt() * inverse_root + self.epsilon);
        }
    }

    /// The same with the largest v so far in place of v.
    fn amsgrad(&self, theta: &mut [f64], gradient: &[f64], first: &mut [f64], second: &mut [f64], largest: &mut [f64]) {
        let inverse_root = 1.0 / self.root_correction;
        for ((((x, &g), m), v), top) in theta.iter_mut().zip(gradient).zip(first).zip(second).zip(largest) {
            self.moments(*x, g, m, v);
            *top = if *v > *top { *v } else { *top };
            *x -= self.moment_rate * *m / (top.sqrt() * inverse_root + self.epsilon);
        }
    }

    /// θ ← θ − (a g + c m)/(√v/√(1−β₂ᵗ) + ε), a and c the two rates.
    fn nadam(&self, theta: &mut [f64], gradient: &[f64], first: &mut [f64], second: &mut [f64]) {
        let inverse_root = 1.0 / self.root_correction;
        for (((x, &g), m), v) in theta.iter_mut().zip(gradient).zip(first).zip(second) {
            let g = self.moments(*x, g, m, v);
            *x -= (self.gradient_rate * g + self.moment_rate * *m) / (v.sqrt() * inverse_root + self.epsilon);
        }
    }
}
