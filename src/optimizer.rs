//! Optimizers: the rules of `torch.optim`, each step exactly as there up to rounding.
//!
//! ```text
//! θ ← step(θ, ∇L(θ)) with the learning rate η f(t), t the number of steps already taken
//! ```
//!
//! A [`Rule`] is chosen by [`OptimizerSettings`]; an [`Optimizer`] holds these and what the rule remembers, so that a
//! run can stop and go on between any two steps. With `rotated_basis` the rule sees θ′ = Rθ and g′ = Rg, and θ = Rᵀθ′:
//! rules that treat all directions alike (SGD and its momenta) do not notice, all others lose their axes.

mod muon;
mod rotation;
mod rule;
mod schedule;
mod settings;
mod stability;
mod update;
mod written;
#[cfg(not(target_arch = "wasm32"))]
mod schema;

pub use muon::MatrixBlock;
pub use rotation::Rotation;
pub use rule::{Allowed, Field, Rule};
pub use schedule::Schedule;
pub use settings::OptimizerSettings;
pub use stability::StabilityThreshold;

use crate::error::Result;
use muon::{NewtonSchulz, Part, parts};

/// A rule at work on P parameters: settings and memory.
#[derive(Clone, Debug)]
pub struct Optimizer {
    settings: OptimizerSettings,
    steps: u64,
    /// Momentum b or first moment m; P entries, or none if the rule has no use for it, as below.
    first: Vec<f64>,
    /// Sum s or mean v of squared gradients.
    second: Vec<f64>,
    /// The largest v so far.
    largest: Vec<f64>,
    /// β₁ᵗ and β₂ᵗ, by running products: the error of 1 − βᵗ stays below ε/(1−β), which that difference has at t = 1.
    powers: (f64, f64),
    /// NAdam's μ₁ μ₂ ... μ_t.
    momentum_product: f64,
    /// θ as alternating parts: matrices for Newton-Schulz, and the rest; only in Muon.
    parts: Vec<Part>,
    newton_schulz: NewtonSchulz,
    rotated: Option<Box<Rotated>>,
}

#[derive(Clone, Debug)]
struct Rotated {
    rotation: Rotation,
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
        let memory = |needed: bool| vec![0.0; if needed { size } else { 0 }];
        let rule = settings.rule;
        let hidden: Vec<MatrixBlock> = matrices
            .iter()
            .filter(|block| rule == Rule::Muon && block.hidden && block.rows * block.cols > 0)
            .copied()
            .collect();
        let rotated = settings.rotated_basis.then(|| {
            let rotation = Rotation::new(size, seed);
            let mut parameters = vec![0.0; size];
            rotation.forth(start_parameters, &mut parameters);
            Box::new(Rotated { rotation, parameters, gradient: vec![0.0; size] })
        });
        Ok(Optimizer {
            steps: 0,
            first: memory(!matches!(rule, Rule::Sgd | Rule::Adagrad | Rule::RmsProp)),
            second: memory(!matches!(rule, Rule::Sgd | Rule::Momentum | Rule::Nesterov | Rule::Lion)),
            largest: memory(settings.amsgrad),
            powers: (1.0, 1.0),
            momentum_product: 1.0,
            newton_schulz: NewtonSchulz::new(&hidden),
            parts: if rule == Rule::Muon { parts(hidden, size) } else { Vec::new() },
            rotated,
            settings,
        })
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
        if let Some(mut rotated) = self.rotated.take() {
            assert_eq!(parameters.len(), rotated.parameters.len(), "as many parameters as at the start");
            rotated.rotation.forth(gradient, &mut rotated.gradient);
            self.apply(&mut rotated.parameters, &rotated.gradient);
            rotated.rotation.back(&rotated.parameters, parameters);
            self.rotated = Some(rotated);
        } else {
            self.apply(parameters, gradient);
        }
    }

    /// The rule itself, in whichever coordinates.
    fn apply(&mut self, theta: &mut [f64], gradient: &[f64]) {
        let rate = self.learning_rate();
        self.steps += 1;
        self.powers.0 *= self.settings.beta1;
        self.powers.1 *= self.settings.beta2;
        let settings = &self.settings;
        for memory in [&self.first, &self.second, &self.largest] {
            assert!(memory.is_empty() || memory.len() == theta.len(), "as many parameters as at the start");
        }
        let mut coupled = settings.weight_decay;
        if settings.decay_is_decoupled() {
            coupled = 0.0;
            if settings.rule != Rule::Muon {
                update::decay(theta, rate, settings.weight_decay);
            }
        }
        let (first, second, epsilon) = (&mut self.first, &mut self.second, settings.epsilon);
        let mut adam = update::Adam {
            beta1: settings.beta1,
            beta2: settings.beta2,
            epsilon,
            weight_decay: coupled,
            gradient_rate: 0.0,
            moment_rate: rate / (1.0 - self.powers.0),
            root_correction: (1.0 - self.powers.1).sqrt(),
        };
        match settings.rule {
            Rule::Sgd => update::sgd(theta, gradient, rate, coupled),
            Rule::Momentum => update::momentum(theta, gradient, first, rate, settings.momentum, coupled),
            Rule::Nesterov => update::nesterov(theta, gradient, first, rate, settings.momentum, coupled),
            Rule::Adagrad => update::scaled(theta, gradient, second, (1.0, 1.0), rate, epsilon, coupled),
            Rule::RmsProp => {
                let weights = (settings.alpha, 1.0 - settings.alpha);
                update::scaled(theta, gradient, second, weights, rate, epsilon, coupled)
            }
            Rule::Adam | Rule::AdamW if settings.amsgrad => {
                adam.amsgrad(theta, gradient, first, second, &mut self.largest)
            }
            Rule::Adam | Rule::AdamW => adam.step(theta, gradient, first, second),
            Rule::NAdam => {
                self.momentum_product *= momentum_at(settings, self.steps);
                let (of_gradient, of_moment) = nadam_weights(settings, self.steps, self.momentum_product);
                adam.gradient_rate = rate * of_gradient;
                adam.moment_rate = rate * of_moment;
                adam.nadam(theta, gradient, first, second)
            }
            Rule::Lion => update::lion(theta, gradient, first, rate, settings.beta1, settings.beta2),
            Rule::Muon => {
                let options = (rate, settings.momentum, settings.weight_decay);
                for part in &self.parts {
                    match *part {
                        Part::Matrix(block) => {
                            let range = block.offset..block.offset + block.rows * block.cols;
                            let (x, b) = (&mut theta[range.clone()], &mut first[range.clone()]);
                            self.newton_schulz.step(&block, x, &gradient[range], b, options);
                        }
                        Part::Other { start, end } => {
                            let (x, m) = (&mut theta[start..end], &mut first[start..end]);
                            update::decay(x, rate, settings.weight_decay);
                            adam.step(x, &gradient[start..end], m, &mut second[start..end]);
                        }
                    }
                }
            }
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
    pub fn rotation(&self) -> Option<&Rotation> {
        self.rotated.as_ref().map(|rotated| &rotated.rotation)
    }
}

/// NAdam's μ_t = β₁ (1 − ½ 0.96^(ψ t)).
fn momentum_at(settings: &OptimizerSettings, t: u64) -> f64 {
    settings.beta1 * (1.0 - 0.5 * libm::pow(0.96, t as f64 * settings.momentum_decay))
}

/// What NAdam's step t takes of the gradient, (1−μ_t)/(1−Πμ), and of the moment, μ_{t+1}/(1 − μ_{t+1} Πμ).
fn nadam_weights(settings: &OptimizerSettings, t: u64, product: f64) -> (f64, f64) {
    let (now, next) = (momentum_at(settings, t), momentum_at(settings, t + 1));
    ((1.0 - now) / (1.0 - product), next / (1.0 - product * next))
}
