//! Optimizers: the rules of `torch.optim`, each step exactly as there up to rounding.
//!
//! ```text
//! θ ← step(θ, ∇L(θ)) with the learning rate η f(t), t the number of steps already taken
//! ```
//!
//! A [`Rule`] is chosen by [`OptimizerSettings`]; an [`Optimizer`] holds these and what the rule keeps, so that a run
//! can stop and go on between any two steps. With `rotated_basis` the rule sees θ′ = Rθ and g′ = Rg, and θ = Rᵀθ′:
//! rules that treat all directions alike (SGD and its momenta) do not notice, all others lose their axes.

mod hyperparameter;
mod rule;
mod schedule;
mod change;
mod settings;
mod written;
mod update;
mod stability;
mod preconditioned;
#[cfg(not(target_arch = "wasm32"))]
mod schema;

pub use change::SettingsChange;
pub use hyperparameter::{AMSGRAD, Allowed, DECOUPLED_WEIGHT_DECAY, Hyperparameter, ROTATED_BASIS, Switch};
pub use preconditioned::Preconditioned;
pub use rule::Rule;
pub use schedule::Schedule;
pub use settings::OptimizerSettings;
pub use stability::precondition;
pub use update::{MatrixBlock, StabilityThreshold};

use crate::error::Result;
use crate::orthogonal_basis::OrthogonalBasis;
use update::{Context, RuleState};

/// A rule at work on P parameters: settings, and what the rule keeps from step to step.
#[derive(Clone, Debug)]
pub struct Optimizer {
    settings: OptimizerSettings,
    /// P.
    size: usize,
    steps: u64,
    state: RuleState,
    rotated: Option<Box<Rotated>>,
}

#[derive(Clone, Debug)]
struct Rotated {
    rotation: OrthogonalBasis,
    /// θ′, kept so that no rounding of R Rᵀ enters the rule.
    parameters: Vec<f64>,
    /// g′.
    gradient: Vec<f64>,
}

impl Optimizer {
    /// An optimizer before its first step.
    ///
    /// `start_parameters`: θ at the start, P entries. `matrices`: where the weight matrices lie, of which Muon
    /// orthogonalizes the hidden ones. `seed`: of the random basis.
    ///
    /// # Errors
    /// As [`OptimizerSettings::validate`].
    ///
    /// # Panics
    /// When a matrix reaches beyond the parameters or into another.
    pub fn new(
        settings: OptimizerSettings,
        start_parameters: &[f64],
        matrices: &[MatrixBlock],
        seed: u64,
    ) -> Result<Self> {
        settings.validate()?;
        let size = start_parameters.len();
        let rotated = settings.rotated_basis.then(|| {
            let rotation = OrthogonalBasis::new(size, seed);
            let mut parameters = vec![0.0; size];
            rotation.forth(start_parameters, &mut parameters);
            Box::new(Rotated { rotation, parameters, gradient: vec![0.0; size] })
        });
        let state = RuleState::new(&settings, size, matrices);
        Ok(Optimizer { settings, size, steps: 0, state, rotated })
    }

    /// Takes one step: `parameters` θ are replaced, `gradient` is ∇L(θ); P entries each.
    ///
    /// In a rotated basis θ is kept inside as well, and `parameters` are only written. Nothing is checked: after
    /// divergence the parameters hold NaN or infinity.
    ///
    /// # Panics
    /// When a length differs from that of the start parameters.
    pub fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        assert_eq!(parameters.len(), gradient.len(), "one derivative for each parameter");
        assert_eq!(parameters.len(), self.size, "as many parameters as at the start");
        let rate = self.learning_rate();
        self.steps += 1;
        let context = Context { settings: &self.settings, rate, steps: self.steps };
        let rule = self.state.rule_mut();
        if let Some(rotated) = self.rotated.as_deref_mut() {
            rotated.rotation.forth(gradient, &mut rotated.gradient);
            rule.step(&context, &mut rotated.parameters, &rotated.gradient);
            rotated.rotation.back(&rotated.parameters, parameters);
        } else {
            rule.step(&context, parameters, gradient);
        }
    }

    /// The settings as they are now.
    pub fn settings(&self) -> &OptimizerSettings {
        &self.settings
    }

    /// Steps taken so far, t.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Learning rate of the next step, η f(t).
    pub fn learning_rate(&self) -> f64 {
        self.settings.learning_rate * self.settings.schedule.factor(self.steps)
    }

    /// Changes η from the next step on; the schedule goes on multiplying it.
    ///
    /// # Errors
    /// When it is negative or not finite; the old one then stays.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
        self.change(OptimizerSettings { learning_rate, ..self.settings.clone() })
    }

    /// Changes the schedule from the next step on; it counts from the run's first step.
    ///
    /// # Errors
    /// When a number of it is out of range; the old one then stays.
    pub fn set_schedule(&mut self, schedule: Schedule) -> Result<()> {
        self.change(OptimizerSettings { schedule, ..self.settings.clone() })
    }

    fn change(&mut self, settings: OptimizerSettings) -> Result<()> {
        settings.validate()?;
        self.settings = settings;
        Ok(())
    }

    /// R, where the rule acts in rotated coordinates.
    pub fn rotation(&self) -> Option<&OrthogonalBasis> {
        self.rotated.as_ref().map(|rotated| &rotated.rotation)
    }
}
