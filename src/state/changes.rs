//! Changes of a run's learning rate or schedule on the way, as a visitor made them or a link holds them.
//!
//! They are a part of what is computed: whatever begins the run again repeats them, and links carry them. The values of the
//! run itself are what its controls show, η and schedule after the last change.

use super::field::{Field, Value};
use super::table::{run_rule, run_schedule};
use super::{State, Values};
use crate::optimizer::{Schedule, SettingsChange};

/// How a run's values follow one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The values before the first step.
    pub start: Values,
    /// The values after each change, with the steps taken before it, ascending.
    pub later: Vec<(usize, Values)>,
}

impl Field {
    /// Whether the field can change while a run is under way: η, the schedule and its numbers.
    pub fn is_steerable(&self) -> bool {
        self.path == "/optimizer/learning_rate" || self.path.starts_with("/optimizer/schedule")
    }
}

/// η before the schedule, and the schedule, of a run's values.
pub fn settings(values: &Values) -> (f64, Schedule) {
    let number = |key: &str, default: f64| match values.get(key) {
        Some(Value::Number(x)) => *x,
        _ => default,
    };
    let rate = run_rule(values).fields().iter().find(|field| field.name == "learning_rate");
    let mut schedule = run_schedule(values);
    for field in schedule.fields() {
        // What is not allowed was refused when it was set.
        let _ = schedule.set(field.name, number(field.key, field.default));
    }
    (rate.map_or(0.0, |field| number(field.key, field.default)), schedule)
}

/// `values` with another η and another schedule.
fn with_settings(values: &Values, (rate, schedule): (f64, Schedule)) -> Values {
    let mut values = values.clone();
    values.insert("lr", Value::Number(rate));
    for field in Schedule::all().iter().flat_map(Schedule::fields) {
        values.remove(field.key);
    }
    values.insert("schedule", Value::Text(schedule.name().into()));
    for (field, value) in schedule.fields().iter().zip(schedule.values()) {
        values.insert(field.key, Value::Number(value));
    }
    values
}

impl State {
    /// The values with which a run begins.
    pub fn start_values(&self, run: usize) -> Option<&Values> {
        self.changes.get(&run).map(|changes| &changes.start).or_else(|| self.runs.get(&run))
    }

    /// The changes of a run on the way, as an experiment has them.
    pub(super) fn changes(&self, run: usize) -> Vec<SettingsChange> {
        let Some(changes) = self.changes.get(&run) else { return Vec::new() };
        let mut before = settings(&changes.start);
        let next = |(step, values): &(usize, Values)| {
            let after = settings(values);
            SettingsChange::between(*step, std::mem::replace(&mut before, after), after)
        };
        changes.later.iter().filter_map(next).collect()
    }

    /// Whether a run changes on the way.
    pub fn has_changes(&self, run: usize) -> bool {
        self.changes.get(&run).is_some_and(|changes| !changes.later.is_empty())
    }

    /// Records which changes a run that can change has seen: steps taken before each, and what holds after it.
    pub fn record_changes(&mut self, run: usize, seen: impl Iterator<Item = (usize, (f64, Schedule))>) {
        if let Some(changes) = self.changes.get_mut(&run) {
            let start = &changes.start;
            changes.later = seen.map(|(step, settings)| (step, with_settings(start, settings))).collect();
        }
    }

    /// Brings a run's values back to what holds after its last recorded change: one that was asked for and never made is
    /// forgotten.
    pub fn settle_changes(&mut self, run: usize) {
        if let Some(changes) = self.changes.get(&run) {
            let last = changes.later.last().map_or(&changes.start, |(_, values)| values).clone();
            self.runs.insert(run, last);
            if !self.has_changes(run) {
                self.changes.remove(&run);
            }
        }
    }

    /// Gives a run the values with which it began, for good.
    pub fn remove_changes(&mut self, run: usize) {
        if let Some(changes) = self.changes.remove(&run) {
            self.runs.insert(run, changes.start);
        }
    }
}
