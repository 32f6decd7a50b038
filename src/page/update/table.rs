//! A visitor's own table: taking it over, and looking at it again when its label column changes.

use super::restart;
use crate::dataset::csv;
use crate::page::action::Timer;
use crate::page::effect::Effect;
use crate::page::model::Model;
use crate::page::table::{Kept, Table};
use crate::state::table::OWN_TABLE;
use crate::state::{OwnTable, Scope, link};

/// Milliseconds for which the page waits for a table that the browser may have kept.
const WAIT: u32 = 3000;

/// Waits for the table that the link asks for.
pub fn wait(model: &mut Model, out: &mut Vec<Effect>) {
    model.problems.notes.clear();
    out.push(Effect::Wait { milliseconds: WAIT, timer: Timer::Restore });
}

/// Takes over the table that the browser has kept, unless there is another by now; where the link waits for it, everything
/// begins with it, or without it and with a note.
pub fn restored(model: &mut Model, found: Result<Option<OwnTable>, String>, out: &mut Vec<Effect>) {
    let (found, problem) = match found {
        Ok(found) => (found.filter(|table| csv::read(&table.text, None).is_ok()), None),
        Err(problem) => (None, Some(problem)),
    };
    if let (Some(table), None) = (found, &model.state.own_table) {
        model.state.own_table = Some(table);
        model.kept.assign(Kept::Yes);
    }
    let Some(hash) = model.awaiting.take() else { return };
    let (state, mut notes) = link::read(&hash, model.state.own_table.clone());
    notes.extend(problem.map(|problem| format!("This browser's storage could not be read: {problem}.")));
    model.problems.notes = notes;
    *model.state = state;
    look_again(model);
    restart::all(model, out);
}

/// Takes a table over as the data, or records what is wrong with it; then the table before stays.
pub fn take(model: &mut Model, name: String, text: String, out: &mut Vec<Effect>) {
    if let Err(error) = csv::read(&text, None) {
        return refuse(model, &name, &error.to_string());
    }
    let table = OwnTable { name, text };
    model.awaiting = None;
    model.kept.assign(Kept::No);
    out.push(Effect::KeepTable(table.clone()));
    model.state.own_table = Some(table);
    model.state.setting.remove("label");
    // The choice exists now that there is a table.
    let _ = model.state.set(Scope::Setting, "data", OWN_TABLE);
    look_again(model);
    out.push(Effect::WriteLink(link::write(&model.state)));
    let all: Vec<usize> = model.state.runs.keys().copied().collect();
    restart::soon(model, all, out);
}

/// Says why a file was not taken, and which table stays in use.
pub fn refuse(model: &mut Model, name: &str, problem: &str) {
    let stays = model.state.own_table.as_ref().filter(|_| model.state.is_own_table());
    let stays = stays.map_or(String::new(), |table| format!(" {} stays in use.", table.name));
    let problem = problem.trim_end_matches('.');
    model.table.refusal = Some(format!("{name}: {problem}.{stays}"));
}

/// Uses the table as it is, though it looks wrong.
pub fn confirm(model: &mut Model, out: &mut Vec<Effect>) {
    if model.table.doubt.is_some() {
        model.table.doubt = None;
        restart::all(model, out);
    }
}

/// Brings what is shown of the table up to date with the state.
pub fn look_again(model: &mut Model) {
    let table = Table::new(&model.state);
    model.table.assign(table);
}
