//! The update rules: what each keeps from step to step, its step, and, where it has them, its stability threshold and
//! its preconditioner, side by side. Every step is that of `torch.optim` up to the order of roundings.

mod gradient_descent;
mod squared_gradient;
mod adam;
mod adamax;
mod lion;
mod muon;

pub use muon::MatrixBlock;

use super::rule::Rule;
use super::settings::OptimizerSettings;
use adam::{Adam, NAdam};
use adamax::Adamax;
use gradient_descent::{Momentum, Nesterov, Sgd};
use lion::Lion;
use muon::Muon;
use squared_gradient::{Adagrad, RmsProp};

/// The curvature beyond which steps along a quadratic's steepest direction grow.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum StabilityThreshold {
    /// Of λ₁ of the Hessian.
    Hessian(f64),
    /// Of λ₁ of the preconditioned Hessian D^(−1/2) H D^(−1/2), D = diag([`Optimizer::preconditioner`]).
    ///
    /// [`Optimizer::preconditioner`]: super::Optimizer::preconditioner
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

/// What a rule depends on besides θ, g and what it keeps.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Hyperparameters.
    pub settings: &'a OptimizerSettings,
    /// η f: the learning rate of the step that is taken, or else of the next.
    pub rate: f64,
    /// t: steps taken, the one that is being taken included.
    pub steps: u64,
}

impl Context<'_> {
    /// Multiplies θ by 1 − η w where weight decay is decoupled; gives the coefficient of coupled weight decay, w or 0.
    fn weight_decay(&self, theta: &mut [f64]) -> f64 {
        if !self.settings.decay_is_decoupled() {
            return self.settings.weight_decay;
        }
        decay(theta, self.rate, self.settings.weight_decay);
        0.0
    }
}

/// One rule with what it keeps from step to step.
pub trait UpdateRule {
    /// θ ← θ + Δθ with g = `gradient`; P entries each.
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]);

    /// The threshold for a step of the learning rate `context.rate`; `None` for a rule without a linear regime.
    fn stability_threshold(&self, _context: &Context) -> Option<StabilityThreshold> {
        None
    }

    /// The diagonal of D after `context.steps` ≥ 1 steps, P entries; `None` for a rule that scales all entries alike.
    fn preconditioner(&self, _context: &Context) -> Option<Vec<f64>> {
        None
    }
}

/// The rule at work: exactly what it needs to keep.
#[derive(Clone, Debug)]
pub enum RuleState {
    /// [`Rule::Sgd`].
    Sgd(Sgd),
    /// [`Rule::Momentum`].
    Momentum(Momentum),
    /// [`Rule::Nesterov`].
    Nesterov(Nesterov),
    /// [`Rule::Adagrad`].
    Adagrad(Adagrad),
    /// [`Rule::RmsProp`].
    RmsProp(RmsProp),
    /// [`Rule::Adam`] and [`Rule::AdamW`], which differ in their weight decay alone.
    Adam(Adam),
    /// [`Rule::NAdam`].
    NAdam(NAdam),
    /// [`Rule::Adamax`].
    Adamax(Adamax),
    /// [`Rule::Lion`].
    Lion(Lion),
    /// [`Rule::Muon`].
    Muon(Muon),
}

impl RuleState {
    /// The state before the first step, for P = `size` parameters that hold `matrices`.
    ///
    /// # Panics
    /// When a matrix reaches beyond the parameters or into another.
    pub fn new(settings: &OptimizerSettings, size: usize, matrices: &[MatrixBlock]) -> Self {
        match settings.rule {
            Rule::Sgd => RuleState::Sgd(Sgd),
            Rule::Momentum => RuleState::Momentum(Momentum::new(size)),
            Rule::Nesterov => RuleState::Nesterov(Nesterov::new(size)),
            Rule::Adagrad => RuleState::Adagrad(Adagrad::new(size)),
            Rule::RmsProp => RuleState::RmsProp(RmsProp::new(size)),
            Rule::Adam | Rule::AdamW => RuleState::Adam(Adam::new(size, settings.amsgrad)),
            Rule::NAdam => RuleState::NAdam(NAdam::new(size)),
            Rule::Adamax => RuleState::Adamax(Adamax::new(size)),
            Rule::Lion => RuleState::Lion(Lion::new(size)),
            Rule::Muon => RuleState::Muon(Muon::new(size, matrices)),
        }
    }

    /// The rule's equations.
    pub fn rule(&self) -> &dyn UpdateRule {
        match self {
            RuleState::Sgd(rule) => rule,
            RuleState::Momentum(rule) => rule,
            RuleState::Nesterov(rule) => rule,
            RuleState::Adagrad(rule) => rule,
            RuleState::RmsProp(rule) => rule,
            RuleState::Adam(rule) => rule,
            RuleState::NAdam(rule) => rule,
            RuleState::Adamax(rule) => rule,
            RuleState::Lion(rule) => rule,
            RuleState::Muon(rule) => rule,
        }
    }

    /// The same, to take a step.
    pub fn rule_mut(&mut self) -> &mut dyn UpdateRule {
        match self {
            RuleState::Sgd(rule) => rule,
            RuleState::Momentum(rule) => rule,
            RuleState::Nesterov(rule) => rule,
            RuleState::Adagrad(rule) => rule,
            RuleState::RmsProp(rule) => rule,
            RuleState::Adam(rule) => rule,
            RuleState::NAdam(rule) => rule,
            RuleState::Adamax(rule) => rule,
            RuleState::Lion(rule) => rule,
            RuleState::Muon(rule) => rule,
        }
    }
}

/// θ ← (1 − η w) θ.
fn decay(theta: &mut [f64], rate: f64, weight_decay: f64) {
    if weight_decay != 0.0 {
        let kept = 1.0 - rate * weight_decay;
        for x in theta {
            *x *= kept;
        }
    }
}
