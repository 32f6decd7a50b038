//! The fields of one run: an optimizer's and a schedule's own, as the core lists them.

use super::{field, text};
use crate::optimizer::{Hyperparameter, ROTATED_BASIS, Rule, Schedule, Switch};
use crate::state::Values;
use crate::state::field::{Field, Group, Kind, Value};

/// The fields of one run.
pub fn run(values: &Values) -> Vec<Field> {
    let (rule, schedule) = (run_rule(values), run_schedule(values));
    let rules = Rule::ALL.map(|rule| (rule.name(), rule.label()));
    let schedules = Schedule::all().map(|schedule| (schedule.name(), schedule.label()));
    let mut fields = vec![choice("optimizer", "/optimizer/name", &rules, Rule::Sgd.name())];
    fields.extend(rule.fields().iter().map(|row| number("/optimizer", row)));
    fields.extend(rule.switches().iter().map(switch));
    fields.push(switch(&ROTATED_BASIS));
    fields.push(choice("schedule", "/optimizer/schedule/name", &schedules, Schedule::default().name()));
    fields.extend(schedule.fields().iter().map(|row| number("/optimizer/schedule", row)));
    for field in &mut fields {
        field.minor = !MAJOR.contains(&field.key);
    }
    fields
}

/// What most visitors change first; the other controls are folded away.
const MAJOR: [&str; 5] = ["optimizer", "lr", "momentum", "beta1", "beta2"];

/// The rule that a run's values choose.
pub fn run_rule(values: &Values) -> Rule {
    let chosen = |rule: &&Rule| values.get("optimizer") == Some(&text(rule.name()));
    Rule::ALL.iter().find(chosen).copied().unwrap_or(Rule::Sgd)
}

/// The schedule that a run's values choose, with its defaults.
pub fn run_schedule(values: &Values) -> Schedule {
    let chosen = |schedule: &Schedule| values.get("schedule") == Some(&text(schedule.name()));
    Schedule::all().into_iter().find(chosen).unwrap_or_default()
}

/// A choice that is called the same in links and for people.
fn choice(key: &'static str, path: &str, options: &[(&str, &str)], default: &str) -> Field {
    let options = options.iter().map(|&(name, label)| (name.to_owned(), label.to_owned())).collect();
    field(Group::Run, (key, path), key, "", Kind::Choice(options), text(default))
}

fn number(owner: &str, row: &Hyperparameter) -> Field {
    let ((min, max), (low, high)) = (row.allowed.limits(), row.slider);
    let whole = row.allowed.is_whole();
    let kind = Kind::Number { min, max, low, high, logarithmic: row.logarithmic, whole, all: None };
    let path = format!("{owner}/{}", row.name);
    field(Group::Run, (row.key, &path), row.label, row.help, kind, Value::Number(row.default))
}

fn switch(row: &Switch) -> Field {
    let path = format!("/optimizer/{}", row.name);
    field(Group::Run, (row.key, &path), row.label, row.help, Kind::Flag, Value::Flag(false))
}
