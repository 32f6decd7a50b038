//! The list of runs: adding, duplicating, removing. The other runs are left alone, and keep their names and colours.

use super::restart;
use crate::page::effect::Effect;
use crate::page::model::Model;
use crate::state::{Scope, Values, link};

/// Adds a run with the optimizer that is not there yet and differs most from those that are.
pub fn add(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(free) = model.state.free_run() else { return };
    let there: Vec<String> =
        model.state.runs.keys().map(|&run| model.state.text(Scope::Run(run), "optimizer")).collect();
    let fresh = ["momentum", "muon", "lion", "adamw"].into_iter().find(|name| !there.iter().any(|other| other == name));
    model.state.runs.insert(free, Values::new());
    // The names are the table's own.
    let _ = model.state.set(Scope::Run(free), "optimizer", fresh.unwrap_or("sgd"));
    begin(model, free, out);
}

/// Duplicates a run under the first free name.
pub fn duplicate(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    let (Some(free), Some(values)) = (model.state.free_run(), model.state.runs.get(&run).cloned()) else { return };
    model.state.runs.insert(free, values);
    if let Some(changes) = model.state.changes.get(&run).cloned() {
        model.state.changes.insert(free, changes);
    }
    begin(model, free, out);
}

/// Removes a run, unless it is the last.
pub fn remove(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    if model.state.runs.len() < 2 || !model.state.runs.contains_key(&run) {
        return;
    }
    model.state.runs.remove(&run);
    model.state.changes.remove(&run);
    model.state.drop_what_does_not_fit();
    model.problems.fields.retain(|(scope, _), _| *scope != Scope::Run(run));
    restart::drop_run(model, run, out);
    restart::plan_again(model);
    out.push(Effect::WriteLink(link::write(&model.state)));
}

/// Removes a run's changes on the way: it begins again with what it began with.
pub fn remove_changes(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    if model.state.has_changes(run) {
        model.state.remove_changes(run);
        out.push(Effect::WriteLink(link::write(&model.state)));
        restart::soon(model, [run], out);
    }
}

fn begin(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    out.push(Effect::WriteLink(link::write(&model.state)));
    restart::plan_again(model);
    if model.tasks.pending.is_empty() && !model.waits_for_table() {
        restart::one(model, run, out);
    } else {
        // The setting is about to change for all.
        model.tasks.pending.push(run);
    }
}
