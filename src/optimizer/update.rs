//! One step of each element-wise rule, on slices of equal length: θ parameters, g gradient. What is exact here is the
//! order of operations of `torch.optim` up to rounding; weight decay w of 0 changes nothing.

/// θ ← (1 − η w) θ.
pub fn decay(theta: &mut [f64], rate: f64, weight_decay: f64) {
    if weight_decay != 0.0 {
        let kept = 1.0 - rate * weight_decay;
        for x in theta {
            *x *= kept;
        }
    }
}

/// θ ← θ − η (g + w θ).
pub fn sgd(theta: &mut [f64], gradient: &[f64], rate: f64, weight_decay: f64) {
    for (x, &g) in theta.iter_mut().zip(gradient) {
        *x -= rate * (g + weight_decay * *x);
    }
}

/// b ← μ b + g + w θ, θ ← θ − η b.
pub fn momentum(theta: &mut [f64], gradient: &[f64], buffer: &mut [f64], rate: f64, mu: f64, weight_decay: f64) {
    for ((x, &g), b) in theta.iter_mut().zip(gradient).zip(buffer) {
        *b = mu * *b + (g + weight_decay * *x);
        *x -= rate * *b;
    }
}

/// b ← μ b + g + w θ, θ ← θ − η (g + w θ + μ b).
pub fn nesterov(theta: &mut [f64], gradient: &[f64], buffer: &mut [f64], rate: f64, mu: f64, weight_decay: f64) {
    for ((x, &g), b) in theta.iter_mut().zip(gradient).zip(buffer) {
        let g = g + weight_decay * *x;
        *b = mu * *b + g;
        *x -= rate * (g + mu * *b);
    }
}

/// s ← a s + c (g + w θ)², θ ← θ − η (g + w θ)/(√s + ε): Adagrad with (a, c) = (1, 1), RMSprop with (α, 1 − α).
pub fn scaled(
    theta: &mut [f64],
    gradient: &[f64],
    square: &mut [f64],
    (kept, added): (f64, f64),
    rate: f64,
    epsilon: f64,
    weight_decay: f64,
) {
    for ((x, &g), s) in theta.iter_mut().zip(gradient).zip(square) {
        let g = g + weight_decay * *x;
        *s = kept * *s + added * (g * g);
        *x -= rate * (g / (s.sqrt() + epsilon));
    }
}

/// What a step of the Adam family has in common for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// β₁.
    pub beta1: f64,
    /// β₂.
    pub beta2: f64,
    /// ε.
    pub epsilon: f64,
    /// w, coupled.
    pub weight_decay: f64,
    /// η times the coefficient of the gradient itself; 0 in Adam.
    pub gradient_rate: f64,
    /// η times the coefficient of m; η/(1 − β₁ᵗ) in Adam.
    pub moment_rate: f64,
    /// √(1 − β₂ᵗ).
    pub root_correction: f64,
}

impl Adam {
    /// m ← β₁ m + (1−β₁) g, v ← β₂ v + (1−β₂) g²; m, v and the step's denominator √v/√(1−β₂ᵗ) + ε.
    #[inline(always)]
    fn moments(&self, x: f64, g: f64, m: &mut f64, v: &mut f64) -> f64 {
        let g = g + self.weight_decay * x;
        *m += (1.0 - self.beta1) * (g - *m);
        *v = self.beta2 * *v + (1.0 - self.beta2) * (g * g);
        g
    }

    /// θ ← θ − η/(1 − β₁ᵗ) m / (√v/√(1−β₂ᵗ) + ε).
    pub fn step(&self, theta: &mut [f64], gradient: &[f64], first: &mut [f64], second: &mut [f64]) {
        let inverse_root = 1.0 / self.root_correction;
        for (((x, &g), m), v) in theta.iter_mut().zip(gradient).zip(first).zip(second) {
            self.moments(*x, g, m, v);
            *x -= self.moment_rate * *m / (v.sqrt() * inverse_root + self.epsilon);
        }
    }

    /// The same with the largest v so far in place of v.
    pub fn amsgrad(
        &self,
        theta: &mut [f64],
        gradient: &[f64],
        first: &mut [f64],
        second: &mut [f64],
        largest: &mut [f64],
    ) {
        let inverse_root = 1.0 / self.root_correction;
        for ((((x, &g), m), v), top) in theta.iter_mut().zip(gradient).zip(first).zip(second).zip(largest) {
            self.moments(*x, g, m, v);
            *top = if *v > *top { *v } else { *top };
            *x -= self.moment_rate * *m / (top.sqrt() * inverse_root + self.epsilon);
        }
    }

    /// θ ← θ − (a g + c m)/(√v/√(1−β₂ᵗ) + ε), a and c the two rates.
    pub fn nadam(&self, theta: &mut [f64], gradient: &[f64], first: &mut [f64], second: &mut [f64]) {
        let inverse_root = 1.0 / self.root_correction;
        for (((x, &g), m), v) in theta.iter_mut().zip(gradient).zip(first).zip(second) {
            let g = self.moments(*x, g, m, v);
            *x -= (self.gradient_rate * g + self.moment_rate * *m) / (v.sqrt() * inverse_root + self.epsilon);
        }
    }
}

/// θ ← θ − η sign(β₁ m + (1−β₁) g) with sign(0) = 0, then m ← β₂ m + (1−β₂) g.
pub fn lion(theta: &mut [f64], gradient: &[f64], moment: &mut [f64], rate: f64, beta1: f64, beta2: f64) {
    for ((x, &g), m) in theta.iter_mut().zip(gradient).zip(moment) {
        let direction = beta1 * *m + (1.0 - beta1) * g;
        // f64::signum(0) is 1; NaN must stay NaN, so that divergence is seen
        let sign = if direction == 0.0 { 0.0 } else { direction.signum() };
        *x -= rate * sign;
        *m = beta2 * *m + (1.0 - beta2) * g;
    }
}
