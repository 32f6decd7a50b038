//! Changes of the learning rate or of its schedule on the way.

use super::hyperparameter::learning_rate;
use super::schedule::Schedule;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A change of the learning rate or of its schedule between two steps. In JSON `{"step": 621, "learning_rate": 0.5}`; what
/// is left out stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// Optimizer steps taken before it. A checkpoint at this step is taken before the change.
    pub step: usize,
    /// η before the schedule, from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0)))]
    pub learning_rate: Option<f64>,
    /// The schedule from then on; it counts from the run's first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

impl SettingsChange {
    /// The change at `step` from the learning rate and schedule `before` it to those `after` it; `None` if they are equal.
    pub fn between(step: usize, before: (f64, Schedule), after: (f64, Schedule)) -> Option<Self> {
        let learning_rate = (after.0 != before.0).then_some(after.0);
        let schedule = (after.1 != before.1).then_some(after.1);
        (learning_rate.is_some() || schedule.is_some()).then_some(SettingsChange { step, learning_rate, schedule })
    }

    /// The learning rate and schedule after this change of those `before` it.
    pub fn apply(&self, before: (f64, Schedule)) -> (f64, Schedule) {
        (self.learning_rate.unwrap_or(before.0), self.schedule.unwrap_or(before.1))
    }

    /// Checks the ranges; `owner` is what holds this change, `changes[0]` for example.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field and what is allowed.
    pub fn validate(&self, owner: &str) -> Result<()> {
        if let Some(rate) = self.learning_rate {
            learning_rate(0.0).check(owner, rate)?;
        }
        match self.schedule.map_or(Ok(()), |schedule| schedule.validate()) {
            Err(Error::Invalid { field, problem }) => {
                Err(Error::invalid(field.replacen("optimizer", owner, 1), problem))
            }
            other => other,
        }
    }
}
