//! Settings of an optimizer, as an experiment, a link or a slider gives them.

use super::hyperparameter::{AMSGRAD, DECOUPLED_WEIGHT_DECAY, Hyperparameter, ROTATED_BASIS, Switch};
use super::rule::Rule;
use super::schedule::Schedule;
use crate::error::{Error, Result};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A rule with its numbers. In JSON
/// `{"name": "adam", "learning_rate": 0.01, "beta1": 0.9, ..., "schedule": {"name": "cosine", "steps": 2000}}`; all but
/// the name may be left out, torch's `lr`, `eps` and `betas` are understood, and `sgd` with `momentum` (and `nesterov`)
/// means what it means there. A number that the rule does not have is 0, and refused in JSON.
#[derive(Clone, PartialEq, Debug)]
pub struct OptimizerSettings {
    /// The rule; `name` in JSON.
    pub rule: Rule,
    /// η before the schedule.
    pub learning_rate: f64,
    /// μ of momentum, Nesterov and Muon.
    pub momentum: f64,
    /// β₁, smoothing of the gradient.
    pub beta1: f64,
    /// β₂, smoothing of its square; in Lion of the momentum that is kept.
    pub beta2: f64,
    /// ε, added to the root of the second moment.
    pub epsilon: f64,
    /// α of RMSprop, smoothing of the squared gradient.
    pub alpha: f64,
    /// ψ of NAdam, how fast its momentum grows to β₁.
    pub momentum_decay: f64,
    /// w: coupled (g ← g + w θ), except in AdamW, Lion, Muon and where `decoupled_weight_decay` selects θ ← (1 − η w) θ.
    pub weight_decay: f64,
    /// Whether weight decay bypasses the moments; Adam and NAdam only.
    pub decoupled_weight_decay: bool,
    /// Whether the second moment is the largest so far; Adam and AdamW only.
    pub amsgrad: bool,
    /// Whether the rule acts in coordinates Rθ with a random orthogonal R.
    pub rotated_basis: bool,
    /// How the learning rate depends on the step.
    pub schedule: Schedule,
}

impl OptimizerSettings {
    /// The defaults of `rule`.
    pub fn new(rule: Rule) -> Self {
        let mut settings = OptimizerSettings {
            rule,
            learning_rate: 0.0,
            momentum: 0.0,
            beta1: 0.0,
            beta2: 0.0,
            epsilon: 0.0,
            alpha: 0.0,
            momentum_decay: 0.0,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
            amsgrad: false,
            rotated_basis: false,
            schedule: Schedule::default(),
        };
        for field in rule.fields() {
            *settings.number(field.name) = field.default;
        }
        settings
    }

    fn number(&mut self, name: &str) -> &mut f64 {
        match name {
            "learning_rate" => &mut self.learning_rate,
            "momentum" => &mut self.momentum,
            "beta1" => &mut self.beta1,
            "beta2" => &mut self.beta2,
            "epsilon" => &mut self.epsilon,
            "alpha" => &mut self.alpha,
            "momentum_decay" => &mut self.momentum_decay,
            "weight_decay" => &mut self.weight_decay,
            _ => unreachable!("the table of fields names no {name}"),
        }
    }

    /// The value of one of the rule's [`fields`](Rule::fields).
    pub fn value(&self, field: &Hyperparameter) -> f64 {
        *self.clone().number(field.name)
    }

    /// Sets the number `name`, without checking its range (see [`OptimizerSettings::validate`]).
    ///
    /// # Errors
    /// [`Error::Invalid`] when the rule has no such number.
    pub fn set(&mut self, name: &str, value: f64) -> Result<()> {
        self.check_name(name)?;
        *self.number(name) = value;
        Ok(())
    }

    /// Whether the rule has the number `name`.
    pub(super) fn check_name(&self, name: &str) -> Result<()> {
        if self.rule.fields().iter().any(|field| field.name == name) { Ok(()) } else { Err(self.lacks(name)) }
    }

    /// All switches that some rule has, and whether they are on.
    fn switches(&mut self) -> [(Switch, &mut bool); 3] {
        [
            (AMSGRAD, &mut self.amsgrad),
            (DECOUPLED_WEIGHT_DECAY, &mut self.decoupled_weight_decay),
            (ROTATED_BASIS, &mut self.rotated_basis),
        ]
    }

    /// Sets the switch `name`, where there is one; a rule that lacks it accepts that it is off. Gives whether there is one.
    pub(super) fn switch(&mut self, name: &str, on: impl FnOnce() -> Result<bool>) -> Result<bool> {
        let rule = self.rule;
        let Some((switch, value)) = self.switches().into_iter().find(|(switch, _)| switch.name == name) else {
            return Ok(false);
        };
        *value = on()?;
        if *value && switch != ROTATED_BASIS && !rule.switches().contains(&switch) {
            return Err(self.lacks(name));
        }
        Ok(true)
    }

    fn lacks(&self, name: &str) -> Error {
        let numbers = self.rule.fields().iter().map(|field| field.name);
        let known: Vec<&str> = numbers.chain(self.rule.switches().iter().map(|switch| switch.name)).collect();
        Error::invalid(
            format!("optimizer.{name}"),
            format!("{} has no such setting; it has {}, rotated_basis, schedule", self.rule.name(), known.join(", ")),
        )
    }

    /// Checks all ranges.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field, `optimizer.learning_rate` for example, and what is allowed.
    pub fn validate(&self) -> Result<()> {
        for field in self.rule.fields() {
            field.check("optimizer", self.value(field))?;
        }
        self.schedule.validate()
    }

    /// Whether weight decay multiplies the parameters, bypassing the moments.
    pub fn decay_is_decoupled(&self) -> bool {
        self.decoupled_weight_decay || self.rule.decay_is_decoupled()
    }
}

impl Serialize for OptimizerSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.rule)?;
        for field in self.rule.fields() {
            map.serialize_entry(field.name, &self.value(field))?;
        }
        for (switch, on) in self.clone().switches().into_iter().filter(|(_, on)| **on) {
            map.serialize_entry(switch.name, on)?;
        }
        if self.schedule != Schedule::default() {
            map.serialize_entry("schedule", &self.schedule)?;
        }
        map.end()
    }
}
