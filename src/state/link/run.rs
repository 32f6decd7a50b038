//! One run in a link: its optimizer, what differs from the optimizer's defaults, and its changes on the way.

use crate::experiment::{MAX_CHANGES, MAX_STEPS};
use crate::sorting::sort_by_number;
use crate::state::changes::Changes;
use crate::state::field::shown;
use crate::state::{RUN_NAMES, Scope, State, Values, table};
use std::fmt::Write;

/// Reads a run from its text, and adds a note for each thing that was not understood.
pub fn read(state: &mut State, index: usize, text: &str, notes: &mut Vec<String>) {
    state.runs.insert(index, Values::new());
    let mut parts = text.split(',');
    let rule = parts.next().unwrap_or("");
    // What holds from the start, then what holds after each change.
    let mut stages = vec![vec![("optimizer", rule)]];
    for pair in parts.map(|part| part.split_once(':').unwrap_or((part, ""))) {
        match stages.last_mut() {
            Some(stage) if pair.0 != "at" => stage.push(pair),
            _ => stages.push(vec![pair]),
        }
    }
    let mut note = |note: String| notes.push(format!("Run {}: {note}", RUN_NAMES[index]));
    for stage in stages {
        let read = match stage[0] {
            ("at", step) => read_change(state, index, step, &stage[1..], &mut note),
            _ => {
                set_all(state, index, &stage, &mut note);
                Ok(())
            }
        };
        if let Err(sentence) = read {
            note(sentence);
        }
    }
}

/// Sets fields of a run, in the order in which one decides what others there are.
fn set_all(state: &mut State, index: usize, pairs: &[(&str, &str)], note: &mut impl FnMut(String)) {
    let mut pairs = pairs.to_vec();
    sort_by_number(&mut pairs, |(key, _)| match *key {
        "optimizer" => 0.0,
        "schedule" => 1.0,
        _ => 2.0,
    });
    for (key, value) in pairs {
        if let Err(sentence) = super::set(state, Scope::Run(index), key, value) {
            note(sentence);
        }
    }
}

/// Reads what changes after `step` steps.
fn read_change(
    state: &mut State,
    index: usize,
    step: &str,
    pairs: &[(&str, &str)],
    note: &mut impl FnMut(String),
) -> Result<(), String> {
    let before = state.runs.get(&index).cloned().unwrap_or_default();
    let mut changes =
        state.changes.remove(&index).unwrap_or_else(|| Changes { start: before.clone(), later: Vec::new() });
    let least = changes.later.last().map_or(0, |(step, _)| step + 1);
    let at = step.parse().ok().filter(|at| (least..=MAX_STEPS).contains(at));
    let full = changes.later.len() == MAX_CHANGES;
    if let (Some(at), false) = (at, full) {
        let mut pairs = pairs.to_vec();
        let fields = table::run(&before);
        pairs.retain(|(key, _)| {
            let fixed = fields.iter().any(|field| field.key == *key && !field.is_steerable());
            if fixed {
                note(format!("“{key}” cannot change on the way."));
            }
            !fixed
        });
        set_all(state, index, &pairs, note);
        let after = state.runs.get(&index).cloned().unwrap_or_default();
        if after != before {
            changes.later.push((at, after));
        }
    }
    if !changes.later.is_empty() {
        state.changes.insert(index, changes);
    }
    match at {
        _ if full => Err(format!("at most {MAX_CHANGES} changes on the way are read.")),
        None => Err(format!("at “{}” is not allowed: a whole number from {least} to {MAX_STEPS}", shown(step))),
        Some(_) => Ok(()),
    }
}

/// The text of a run; empty where there is none.
pub fn write(state: &State, index: usize) -> String {
    let mut text = String::new();
    let Some(values) = state.start_values(index) else { return text };
    for field in table::run(values) {
        let value = values.get(field.key).unwrap_or(&field.default);
        match field.key {
            "optimizer" => text += &field.write(value),
            "lr" => _ = write!(text, ",lr:{}", field.write(value)),
            key if *value != field.default => _ = write!(text, ",{key}:{}", field.write(value)),
            _ => {}
        }
    }
    if let Some(changes) = state.changes.get(&index) {
        append_changes(&mut text, changes);
    }
    text
}

/// What differs after each change from before it.
fn append_changes(text: &mut String, changes: &Changes) {
    let mut before = &changes.start;
    for (step, after) in &changes.later {
        _ = write!(text, ",at:{step}");
        let same_schedule = table::run_schedule(before) == table::run_schedule(after);
        for field in table::run(after).iter().filter(|field| field.is_steerable()) {
            let value = after.get(field.key).unwrap_or(&field.default);
            // The numbers of another schedule begin with their defaults.
            let known =
                if same_schedule || matches!(field.key, "lr" | "schedule") { before.get(field.key) } else { None };
            if value != known.unwrap_or(&field.default) {
                _ = write!(text, ",{}:{}", field.key, field.write(value));
            }
        }
        before = after;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LONGEST, read, write};
    use super::{MAX_CHANGES, Scope};

    #[test]
    fn changes_on_the_way_read_back_as_they_were_written() {
        let link = "#v=1&A=sgd,lr:0.1,at:621,lr:0.5,at:900,schedule:cosine,steps:500,at:950,steps:2000,\
                    at:1000,lr:0.25,schedule:constant&B=adam,lr:0.001,beta2:0.99";
        let (state, notes) = read(link, None);
        assert_eq!(notes, Vec::<String>::new());
        assert_eq!(write(&state), link);
        assert_eq!(read(&write(&state), None).0, state);
        let experiment = state.experiment(0).unwrap();
        assert_eq!(experiment.optimizer.learning_rate, 0.1);
        let changes = serde_json::to_value(&experiment.changes).unwrap();
        let cosine = |steps: u32| serde_json::json!({ "name": "cosine", "steps": steps, "final_factor": 0.0 });
        let expected = serde_json::json!([
            { "step": 621, "learning_rate": 0.5 },
            { "step": 900, "schedule": cosine(500) },
            { "step": 950, "schedule": cosine(2000) },
            { "step": 1000, "learning_rate": 0.25, "schedule": { "name": "constant" } },
        ]);
        assert_eq!(changes, expected);
        assert!(state.experiment(1).unwrap().changes.is_empty());
        // What the controls show is what holds in the end.
        assert_eq!(state.number(Scope::Run(0), "lr"), Some(0.25));
    }

    #[test]
    fn changes_that_are_not_allowed_are_left_out_with_a_note() {
        for text in
            ["at:x,lr:0.5", "at:-1,lr:0.5", "at:1e9,lr:0.5", "at:5,lr:no", "at:5,rotated:on", "at:5,optimizer:adam"]
        {
            let (state, notes) = read(&format!("#A=sgd,lr:0.1,{text}"), None);
            assert!(state.changes.is_empty(), "{text}");
            assert_eq!((notes.len(), state.number(Scope::Run(0), "lr")), (1, Some(0.1)), "{text}: {notes:?}");
        }
        let (state, notes) = read("#A=sgd,at:20,lr:0.5,at:10,lr:0.2", None);
        assert_eq!((state.changes[&0].later.len(), notes.len()), (1, 1));
        assert!(notes[0].contains("a whole number from 21"), "{notes:?}");
        let many: String = (0..300).map(|step| format!(",at:{step},lr:{}", 1 + step % 2)).collect();
        let (state, _) = read(&format!("#A=sgd{many}"), None);
        assert!(state.changes[&0].later.len() == MAX_CHANGES && state.experiment(0).is_ok());
        assert!(write(&state).len() < LONGEST);
    }
}
