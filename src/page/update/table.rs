//! A visitor's own data: having files read, taking over what was found, and having them read again with another label column.

use super::restart;
use crate::dataset::Own;
use crate::page::action::{Place, Timer};
use crate::page::effect::Effect;
use crate::page::message::{Event, Task};
use crate::page::model::{Model, ReadTask};
use crate::page::reading::{Found, MAX_FILES, Reading};
use crate::page::table::{Kept, Table};
use crate::state::table::{OWN_FIELDS, OWN_TABLE};
use crate::state::{OwnFile, OwnTable, Scope, link};

/// Why rows cannot be read again of which a file of results has the numbers alone.
const ROWS_APART: &str = "a file of results has no rows of its data: choose the data as well";

/// Milliseconds for which the page waits for files that the browser may have kept.
const WAIT: u32 = 3000;

/// Waits for the files that the link asks for.
pub fn wait(model: &mut Model, out: &mut Vec<Effect>) {
    model.problems.note_link(Vec::new());
    out.push(Effect::Wait { milliseconds: WAIT, timer: Timer::Restore });
}

/// Takes over the files that the browser has kept, unless there are others by now; where the link waits for them, everything
/// begins with them, or without them and with a note. They are read when they are used.
pub fn restored(model: &mut Model, found: Result<Option<Vec<OwnFile>>, String>, out: &mut Vec<Effect>) {
    let (found, problem) = match found {
        Ok(found) => (found, None),
        Err(problem) => (None, Some(problem)),
    };
    if let (Some(files), None) = (found, &model.state.own_table) {
        model.state.own_table = Some(OwnTable { files, read: None });
        model.kept.assign(Kept::Yes);
    }
    let Some(hash) = model.awaiting.take() else { return };
    let (state, mut notes) = link::read(&hash, Some(&model.state));
    notes.extend(problem.map(|problem| format!("This browser's storage could not be read: {problem}.")));
    model.problems.note_link(notes);
    *model.state = state;
    look_again(model, out);
    restart::all(model, out);
}

/// Has files read that the visitor chose, together with one whose other half is awaited.
pub fn choose(model: &mut Model, files: Vec<OwnFile>, out: &mut Vec<Effect>) {
    let half = model.tasks.half.as_ref().map_or(&[][..], |(files, _)| files);
    let mut files = [half, &files].concat();
    files.drain(..files.len().saturating_sub(MAX_FILES));
    // They may be what the results that are shown were computed on.
    let label = apart(model).map_or(String::new(), |(label, _)| label.clone());
    read(model, files, label, out);
    show(model);
}

/// The rows that results from a file were computed on, which are not in it, and their label column.
fn apart(model: &Model) -> Option<(&String, &Own)> {
    let table = model.state.own_table.as_ref().filter(|table| table.files.is_empty() && model.state.is_own_table())?;
    let (label, read) = table.read.as_ref()?;
    read.as_ref().ok().map(|own| (label, own))
}

fn read(model: &mut Model, files: Vec<OwnFile>, label: String, out: &mut Vec<Effect>) {
    let generation = model.tasks.next_generation();
    let task = Box::new(Task::Read { files: files.clone(), label: label.clone() });
    model.tasks.reading = Some(ReadTask { generation, files, label });
    out.push(Effect::Start { place: Place::Reader, generation, task });
}

/// Takes in an event of the task that reads.
pub fn take(model: &mut Model, generation: u32, event: Event, out: &mut Vec<Effect>) {
    if !event.is_last() {
        return;
    }
    let Some(task) = model.tasks.reading.take_if(|task| task.generation == generation) else { return };
    match event {
        Event::Read(Reading::Rows(found)) => arrived(model, task, found, out),
        Event::Read(Reading::Half(sentence)) => {
            model.tasks.half = Some((task.files, sentence));
            look_again(model, out);
        }
        Event::Read(Reading::Refused { name, problem }) => refused(model, task, &name, &problem, out),
        Event::Failed { sentence, .. } | Event::Panicked { sentence } => {
            let name = task.files.last().map_or(String::new(), |file| file.name.clone());
            refused(model, task, &name, &sentence, out);
        }
        _ => {}
    }
}

/// Takes over the rows that were found, as the data if the visitor has just chosen them.
fn arrived(model: &mut Model, task: ReadTask, mut found: Box<Found>, out: &mut Vec<Effect>) {
    let of_results = apart(model).map(|(_, own)| own.clone()).filter(|own| own.hash == found.own.hash);
    let are_apart = of_results.is_some();
    // The file may have another name by now.
    found.own = of_results.unwrap_or(found.own);
    let files: Vec<OwnFile> = found.files.iter().filter_map(|&index| task.files.get(index)).cloned().collect();
    let is_new = model.state.own_table.as_ref().is_none_or(|table| table.files != files);
    model.state.own_table = Some(OwnTable { files: files.clone(), read: Some((task.label, Ok(found.own.clone()))) });
    model.found = Some(found);
    if is_new {
        model.awaiting = None;
        model.tasks.half = None;
        model.kept.assign(Kept::No);
        out.push(Effect::KeepFiles(files));
    }
    if are_apart {
        // That they are not there.
        model.problems.of_file.clear();
    } else if is_new {
        model.state.setting.retain(|key, _| !OWN_FIELDS.contains(key));
        // The choice exists now that there is a table.
        let _ = model.state.set(Scope::Setting, "data", OWN_TABLE);
    }
    look_again(model, out);
    if model.state.is_own_table() {
        out.push(Effect::WriteLink(link::write(&model.state)));
        // Results that were computed on these rows stay.
        let stays = |run: &usize| are_apart && model.runs.get(run).is_some_and(|results| results.generation != 0);
        let runs: Vec<usize> = model.state.runs.keys().copied().filter(|run| !stays(run)).collect();
        restart::soon(model, runs, out);
    }
}

/// Records why files cannot be read: those in use with the present label column, or others; then what was in use stays.
fn refused(model: &mut Model, task: ReadTask, name: &str, problem: &str, out: &mut Vec<Effect>) {
    let in_use = model.state.own_table.as_ref().is_some_and(|table| table.files == task.files);
    if !in_use && !task.label.is_empty() {
        // Another table than that of the results may have no such column.
        return read(model, task.files, String::new(), out);
    }
    if !in_use {
        look_again(model, out);
        return refuse(model, name, problem);
    }
    let read = Some((task.label, Err(format!("{name}: {problem}"))));
    model.state.own_table = Some(OwnTable { files: task.files, read });
    look_again(model, out);
    if model.state.is_own_table() {
        let all: Vec<usize> = model.state.runs.keys().copied().collect();
        restart::soon(model, all, out);
    }
}

/// Says why a file was not taken, and which table stays in use.
pub fn refuse(model: &mut Model, name: &str, problem: &str) {
    let stays = model.state.own_table.as_ref().filter(|_| model.state.is_own_table());
    let stays = stays.map_or(String::new(), |table| format!(" {} stays in use.", table.name()));
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

/// Brings what is shown of the data up to date with the state, and has them read where they are in use and were not read, or
/// with another label column.
pub fn look_again(model: &mut Model, out: &mut Vec<Effect>) {
    if model.state.is_own_table() && model.state.own().is_none() {
        let label = model.state.text(Scope::Setting, "label");
        let files = model.state.own_table.as_ref().map_or(Vec::new(), |table| table.files.clone());
        if files.is_empty() {
            // Of results from a file; read with another label column their rows would be others.
            let read = Some((label, Err(ROWS_APART.to_owned())));
            model.state.own_table = Some(OwnTable { files, read });
            return show(model);
        }
        let same = |task: &ReadTask| task.files == files && task.label == label;
        if !model.tasks.reading.as_ref().is_some_and(same) {
            read(model, files, label, out);
        }
    }
    show(model);
}

/// Shows what is known of the data, and which files are being read.
pub fn show(model: &mut Model) {
    let mut table = Table::new(&model.state, model.found.as_deref());
    let files = model.tasks.reading.as_ref().map(|task| OwnTable { files: task.files.clone(), read: None }.name());
    let names: Vec<&str> = files.as_deref().into_iter().chain(model.tasks.opening.as_deref()).collect();
    table.note = match (names.is_empty(), &model.tasks.half) {
        (false, _) => Some(format!("Reading {} …", names.join(", "))),
        (true, half) => half.as_ref().map(|(_, sentence)| sentence.clone()),
    };
    model.table.assign(table);
}
