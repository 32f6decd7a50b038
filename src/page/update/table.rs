//! A visitor's own table: taking it over, and looking at it again when its label column changes.

use super::restart;
use crate::dataset::csv;
use crate::page::effect::Effect;
use crate::page::model::Model;
use crate::page::table::Table;
use crate::state::table::OWN_TABLE;
use crate::state::{OwnTable, Scope, link};

/// Takes a table over as the data, or records what is wrong with it; then the table before stays.
pub fn take(model: &mut Model, name: String, text: String, out: &mut Vec<Effect>) {
    if let Err(error) = csv::read(&text, None) {
        return refuse(model, &name, &error.to_string());
    }
    model.state.own_table = Some(OwnTable { name, text });
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
