//! The fields of one run: an optimizer's and a schedule's own, as the core lists them.

use super::{field, text};
use crate::optimizer::{self, Allowed, Rule, Schedule};
use crate::state::Values;
use crate::state::field::{Field, Group, Kind, Value};

/// The fields of one run.
pub fn run(values: &Values) -> Vec<Field> {
    let rule = run_rule(values);
    let choice = Kind::Choice(Rule::ALL.iter().map(|r| (r.name().to_owned(), r.label().to_owned())).collect());
    let default = text(rule.name());
    let mut fields = vec![field(Group::Run, ("optimizer", "/optimizer/name"), "optimizer", "", choice, default)];
    fields.extend(rule.fields().iter().filter_map(|f| core_field(f, RUN_KEYS)));
    for &switch in rule.switches() {
        if let Some(&(_, key, path)) = RUN_KEYS.iter().find(|(name, ..)| *name == switch) {
            let label = switch.replace('_', " ");
            fields.push(field(Group::Run, (key, path), &label, "", Kind::Flag, Value::Flag(false)));
        }
    }
    let help = "The optimizer acts in randomly rotated coordinates: SGD does not notice, Adam loses its axes.";
    let path = ("rotated", "/optimizer/rotated_basis");
    fields.push(field(Group::Run, path, "rotated basis", help, Kind::Flag, Value::Flag(false)));
    let all = Schedule::all();
    let choice = Kind::Choice(all.iter().map(|s| (s.name().to_owned(), s.label().to_owned())).collect());
    let path = ("schedule", "/optimizer/schedule/name");
    fields.push(field(Group::Run, path, "schedule", "", choice, text("constant")));
    let schedule = all.iter().find(|s| values.get("schedule") == Some(&text(s.name()))).unwrap_or(&all[0]);
    fields.extend(schedule.fields().iter().filter_map(|f| core_field(f, SCHEDULE_KEYS)));
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

/// The core's name, the key in links and the JSON pointer of each number of a rule.
const RUN_KEYS: &[(&str, &str, &str)] = &[
    ("learning_rate", "lr", "/optimizer/learning_rate"),
    ("momentum", "momentum", "/optimizer/momentum"),
    ("beta1", "beta1", "/optimizer/beta1"),
    ("beta2", "beta2", "/optimizer/beta2"),
    ("epsilon", "eps", "/optimizer/epsilon"),
    ("alpha", "alpha", "/optimizer/alpha"),
    ("momentum_decay", "psi", "/optimizer/momentum_decay"),
    ("weight_decay", "wd", "/optimizer/weight_decay"),
    ("amsgrad", "amsgrad", "/optimizer/amsgrad"),
    ("decoupled_weight_decay", "decoupled", "/optimizer/decoupled_weight_decay"),
];

/// The same for schedules.
const SCHEDULE_KEYS: &[(&str, &str, &str)] = &[
    ("steps", "steps", "/optimizer/schedule/steps"),
    ("start_factor", "from", "/optimizer/schedule/start_factor"),
    ("final_factor", "to", "/optimizer/schedule/final_factor"),
    ("every", "every", "/optimizer/schedule/every"),
    ("factor", "factor", "/optimizer/schedule/factor"),
];

fn core_field(core: &optimizer::Hyperparameter, keys: &[(&str, &'static str, &'static str)]) -> Option<Field> {
    let &(_, key, path) = keys.iter().find(|(name, ..)| *name == core.name)?;
    let (min, max) = match core.allowed {
        Allowed::NonNegative => (0.0, f64::MAX),
        Allowed::BelowOne => (0.0, 1.0_f64.next_down()),
        Allowed::Fraction => (0.0, 1.0),
        Allowed::Count => (1.0, f64::from(u32::MAX)),
    };
    let ((low, high), whole) = (core.slider, core.allowed == Allowed::Count);
    let kind = Kind::Number { min, max, low, high, logarithmic: core.logarithmic, whole, all: None };
    Some(field(Group::Run, (key, path), core.label, "", kind, Value::Number(core.default)))
}
