//! At which curvature a rule stops being stable, and the preconditioner through which adaptive rules see curvature.

use super::{Optimizer, Rule, nadam_weights};

/// The curvature beyond which steps along a quadratic's steepest direction grow.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum StabilityThreshold {
    /// Of λ₁ of the Hessian.
    Hessian(f64),
    /// Of λ₁ of the preconditioned Hessian D^(−1/2) H D^(−1/2), D = diag([`Optimizer::preconditioner`]).
    Preconditioned(f64),
}

impl StabilityThreshold {
    /// The number itself.
    pub fn value(self) -> f64 {
        match self {
            StabilityThreshold::Hessian(value) | StabilityThreshold::Preconditioned(value) => value,
        }
    }
}

impl Optimizer {
    /// The threshold for the next step's learning rate η; weight decay is left out, as it is of the Hessian. `None` for
    /// Lion and Muon, which have no linear regime, for adaptive rules before their first step, and when η is 0.
    ///
    /// 2/η for gradient descent, 2(1+μ)/η for the heavy ball, (2+2μ)/((1+2μ)η) for Nesterov (Cohen et al. 2021); of the
    /// preconditioned Hessian 2/η for RMSprop and Adagrad, (2+2β₁)/((1−β₁)η) for Adam (Cohen et al. 2022). A step
    /// −η(a g + c m), m ← β₁ m + (1−β₁) g, on curvature λ flips θ's sign without growth at λ = 2/(η(a + c(1−β₁)/(1+β₁))):
    /// so for NAdam, whose a and c change slowly.
    pub fn stability_threshold(&self) -> Option<StabilityThreshold> {
        let (settings, eta) = (self.settings(), self.learning_rate());
        let (mu, beta1) = (settings.momentum, settings.beta1);
        let adaptive = matches!(settings.rule, Rule::Adagrad | Rule::RmsProp | Rule::Adam | Rule::AdamW | Rule::NAdam);
        if eta == 0.0 || adaptive && self.steps() == 0 {
            return None;
        }
        match settings.rule {
            Rule::Sgd => Some(StabilityThreshold::Hessian(2.0 / eta)),
            Rule::Momentum => Some(StabilityThreshold::Hessian(2.0 * (1.0 + mu) / eta)),
            Rule::Nesterov => Some(StabilityThreshold::Hessian((2.0 + 2.0 * mu) / ((1.0 + 2.0 * mu) * eta))),
            Rule::Adagrad | Rule::RmsProp => Some(StabilityThreshold::Preconditioned(2.0 / eta)),
            Rule::Adam | Rule::AdamW => {
                Some(StabilityThreshold::Preconditioned((2.0 + 2.0 * beta1) / ((1.0 - beta1) * eta)))
            }
            Rule::NAdam => {
                let (of_gradient, of_moment) = nadam_weights(settings, self.steps(), self.momentum_product);
                let gain = of_gradient + of_moment * (1.0 - beta1) / (1.0 + beta1);
                Some(StabilityThreshold::Preconditioned(2.0 / (eta * gain)))
            }
            Rule::Lion | Rule::Muon => None,
        }
    }

    /// D's diagonal, in the coordinates of θ: P positive numbers by which the last step divided, entry by entry.
    ///
    /// √s + ε for Adagrad, √v + ε for RMSprop, √v̂ + ε with v̂ = v/(1−β₂ᵗ) for NAdam, and (1−β₁ᵗ)(√v̂ + ε), which
    /// includes the bias correction of the first moment, for Adam and AdamW. `None` for the other rules, before the first
    /// step, and in a rotated basis, where D is diagonal in other coordinates: there it is that of
    /// [`Optimizer::rotated_preconditioner`].
    pub fn preconditioner(&self) -> Option<Vec<f64>> {
        if self.rotation().is_some() { None } else { self.diagonal() }
    }

    /// The diagonal of D in the coordinates Rθ, where [`Optimizer::rotation`] is R: there the preconditioned Hessian is
    /// D^(−1/2) R H Rᵀ D^(−1/2). `None` without a rotated basis, and as for [`Optimizer::preconditioner`].
    pub fn rotated_preconditioner(&self) -> Option<Vec<f64>> {
        self.rotation().and_then(|_| self.diagonal())
    }

    fn diagonal(&self) -> Option<Vec<f64>> {
        let (settings, (power1, power2)) = (self.settings(), self.powers);
        if self.steps() == 0 {
            return None;
        }
        let squares = if settings.amsgrad { &self.largest } else { &self.second };
        let (outer, inner) = match settings.rule {
            Rule::Adagrad | Rule::RmsProp => (1.0, 1.0),
            Rule::Adam | Rule::AdamW => (1.0 - power1, 1.0 - power2),
            Rule::NAdam => (1.0, 1.0 - power2),
            Rule::Sgd | Rule::Momentum | Rule::Nesterov | Rule::Lion | Rule::Muon => return None,
        };
        Some(squares.iter().map(|v| outer * ((v / inner).sqrt() + settings.epsilon)).collect())
    }
}
