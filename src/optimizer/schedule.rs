//! Learning-rate schedules: a factor f(t) on the learning rate, t = 0, 1, 2 ... counting the steps already taken.

use super::hyperparameter::{Allowed, Hyperparameter};
use crate::error::{Error, Result};
use serde::Serialize;
use std::f64::consts::PI;

/// How the learning rate depends on the step. In JSON `{"name": "cosine", "steps": 2000, "final_factor": 0}`; all but
/// the name may be left out.
#[derive(Serialize, Clone, Copy, PartialEq, Debug, Default)]
#[serde(tag = "name", rename_all = "lowercase")]
pub enum Schedule {
    /// f = 1.
    #[default]
    Constant,
    /// Linear warm-up, `torch.optim.lr_scheduler.LinearLR`: f = 1 − (1 − s)(1 − min(t, T)/T).
    Warmup {
        /// T: after how many steps the full learning rate is reached.
        steps: u32,
        /// s: f at the first step.
        start_factor: f64,
    },
    /// Half a cosine, `CosineAnnealingLR`: f = s + (1 − s)(1 + cos(π t/T))/2 up to t = T, then s (torch's rises again).
    Cosine {
        /// T: after how many steps the lowest learning rate is reached.
        steps: u32,
        /// s: the lowest f.
        final_factor: f64,
    },
    /// Steps downwards, `StepLR`: f = γ^⌊t/T⌋.
    Step {
        /// T: how many steps apart.
        every: u32,
        /// γ: factor at each.
        factor: f64,
    },
}

const WARMUP: [Hyperparameter; 2] = [
    count("steps", "steps", "steps of warm-up", 100.0),
    fraction("start_factor", "from", "factor at the start", 1.0 / 3.0),
];
const COSINE: [Hyperparameter; 2] =
    [count("steps", "steps", "steps to the lowest", 2000.0), fraction("final_factor", "to", "lowest factor", 0.0)];
const STEP: [Hyperparameter; 2] =
    [count("every", "every", "steps between drops", 500.0), fraction("factor", "factor", "factor at each drop", 0.1)];

const fn count(name: &'static str, key: &'static str, label: &'static str, default: f64) -> Hyperparameter {
    let (allowed, slider) = (Allowed::Count, (1.0, 10_000.0));
    Hyperparameter { name, key, label, help: "", default, allowed, slider, logarithmic: true }
}

const fn fraction(name: &'static str, key: &'static str, label: &'static str, default: f64) -> Hyperparameter {
    let (allowed, slider) = (Allowed::Fraction, (0.0, 1.0));
    Hyperparameter { name, key, label, help: "", default, allowed, slider, logarithmic: false }
}

impl Schedule {
    /// All schedules with their defaults, in the order in which a menu shows them.
    pub fn all() -> [Schedule; 4] {
        [
            Schedule::Constant,
            Schedule::Warmup { steps: WARMUP[0].default as u32, start_factor: WARMUP[1].default },
            Schedule::Cosine { steps: COSINE[0].default as u32, final_factor: COSINE[1].default },
            Schedule::Step { every: STEP[0].default as u32, factor: STEP[1].default },
        ]
    }

    /// The name in JSON and in links.
    pub fn name(&self) -> &'static str {
        match self {
            Schedule::Constant => "constant",
            Schedule::Warmup { .. } => "warmup",
            Schedule::Cosine { .. } => "cosine",
            Schedule::Step { .. } => "step",
        }
    }

    /// The name for people.
    pub fn label(&self) -> &'static str {
        match self {
            Schedule::Constant => "constant",
            Schedule::Warmup { .. } => "linear warm-up",
            Schedule::Cosine { .. } => "cosine",
            Schedule::Step { .. } => "step",
        }
    }

    /// The numbers that this schedule depends on, with their defaults and ranges.
    pub fn fields(&self) -> &'static [Hyperparameter] {
        match self {
            Schedule::Constant => &[],
            Schedule::Warmup { .. } => &WARMUP,
            Schedule::Cosine { .. } => &COSINE,
            Schedule::Step { .. } => &STEP,
        }
    }

    /// Values of [`Schedule::fields`], in their order.
    pub fn values(&self) -> Vec<f64> {
        match *self {
            Schedule::Constant => vec![],
            Schedule::Warmup { steps, start_factor } => vec![steps.into(), start_factor],
            Schedule::Cosine { steps, final_factor } => vec![steps.into(), final_factor],
            Schedule::Step { every, factor } => vec![every.into(), factor],
        }
    }

    /// Sets the number `name`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `optimizer.schedule.` and the field, when there is none or its value is not allowed.
    pub fn set(&mut self, name: &str, value: f64) -> Result<()> {
        self.check_name(name)?;
        let (fields, mut values) = (self.fields(), self.values());
        for (field, old) in fields.iter().zip(&mut values).filter(|(field, _)| field.name == name) {
            field.check("optimizer.schedule", value)?;
            *old = value;
        }
        *self = match self {
            Schedule::Constant => Schedule::Constant,
            Schedule::Warmup { .. } => Schedule::Warmup { steps: values[0] as u32, start_factor: values[1] },
            Schedule::Cosine { .. } => Schedule::Cosine { steps: values[0] as u32, final_factor: values[1] },
            Schedule::Step { .. } => Schedule::Step { every: values[0] as u32, factor: values[1] },
        };
        Ok(())
    }

    /// Whether this schedule has the number `name`.
    pub(super) fn check_name(&self, name: &str) -> Result<()> {
        let known: Vec<&str> = self.fields().iter().map(|field| field.name).collect();
        if known.contains(&name) {
            return Ok(());
        }
        let known = if known.is_empty() { "no number".into() } else { known.join(", ") };
        Err(Error::invalid(
            format!("optimizer.schedule.{name}"),
            format!("{} has no such setting; it has {known}", self.name()),
        ))
    }

    /// f(t), the factor on the learning rate of the step after `t` steps.
    pub fn factor(&self, t: u64) -> f64 {
        match *self {
            Schedule::Constant => 1.0,
            Schedule::Warmup { steps, start_factor } => {
                1.0 - (1.0 - start_factor) * (1.0 - t.min(steps.into()) as f64 / f64::from(steps))
            }
            Schedule::Cosine { steps, final_factor } => {
                let angle = PI * (t.min(steps.into()) as f64 / f64::from(steps));
                final_factor + (1.0 - final_factor) * (0.5 * (1.0 + libm::cos(angle)))
            }
            Schedule::Step { every, factor } => libm::pow(factor, (t / u64::from(every)) as f64),
        }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `optimizer.schedule.` and the field.
    pub fn validate(&self) -> Result<()> {
        self.fields().iter().zip(self.values()).try_for_each(|(field, value)| field.check("optimizer.schedule", value))
    }
}
