//! The null model, in a worker of its own: one for all runs where it needs no trained weights, else one for each run.
//! Before the first, that worker sketches the data sets for their thumbnails.

use super::controls::thumbnails::{self, Sketches};
use super::message::{Event, Task};
use super::page::Page;
use super::results::RunResults;
use crate::null_model::{NullKind, NullModel};
use crate::state::{RUN_NAMES, Scope};

/// The worker's place behind those of the runs.
pub const SLOT: usize = RUN_NAMES.len();

/// The chosen null model.
pub fn kind(page: &Page) -> NullKind {
    let name = serde_json::Value::String(page.state.text(Scope::View, "null"));
    serde_json::from_value(name).unwrap_or(NullKind::RandomWeights)
}

/// Asks for the next bands that are missing, if any can be computed now.
pub fn ask(page: &mut Page) {
    // A visitor waits for the first pictures, and a machine may have two processors only.
    if page.runs.iter().any(RunResults::is_first_awaited) {
        return;
    }
    match page.sketches {
        // They take a moment; a null model may take minutes.
        Sketches::NotAsked => return page.sketches = Sketches::Asked(page.crew.start(SLOT, Task::Sketches)),
        Sketches::Asked(_) => return,
        Sketches::There(_) => {}
    }
    let kind = kind(page);
    // Number 0 is a run that could not begin.
    let ready = |run: &RunResults| match kind.needs_checkpoint() {
        _ if run.generation == 0 => false,
        true => !run.is_under_way() && !run.checkpoints.is_empty(),
        false => true,
    };
    let missing = |run: &RunResults| run.null.as_ref().is_none_or(|bands| bands.kind != kind);
    let shared = !kind.needs_checkpoint();
    let next = page.runs.iter().position(|run| missing(run) && ready(run)).filter(|&index| !shared || index == 0);
    let asked = next.map(|index| (index, page.runs[index].generation, kind));
    if asked.is_some() && page.crew.null_for == asked {
        return;
    }
    page.crew.null_for = asked;
    let Some(index) = next else { return };
    let run = &page.runs[index];
    let parameters = match (shared, run.at(usize::MAX)) {
        (false, Some(checkpoint)) => checkpoint.parameters.clone(),
        _ => Vec::new(),
    };
    let model = NullModel { kind, ..NullModel::default() };
    let task = Task::Null { experiment: run.experiment.clone(), model, parameters };
    page.crew.null_generation = page.crew.start(SLOT, task);
}

/// Takes in what the worker says.
pub fn hear(page: &mut Page, generation: u32, event: Event) {
    if matches!(page.sketches, Sketches::Asked(task) if task == generation) && event.is_last() {
        // The page can do without them, where the worker was lost.
        let found = if let Event::Sketches(found) = event { found } else { Vec::new() };
        page.sketches = Sketches::There(found);
        thumbnails::draw_all();
        return ask(page);
    }
    if generation != page.crew.null_generation {
        return;
    }
    match event {
        Event::NullFinished(bands) => {
            let Some((index, of, _)) = page.crew.null_for else { return };
            if let Some(run) = page.runs.get_mut(index).filter(|run| run.generation == of) {
                run.null = Some(*bands);
            }
            page.gallery.touch_all();
            ask(page);
        }
        Event::Failed { sentence, .. } => page.problems.push(("null model".into(), sentence)),
        Event::Panicked { .. } if !page.recovered[SLOT] => {
            page.recovered[SLOT] = true;
            page.crew.null_for = None;
            ask(page);
        }
        Event::Panicked { sentence } => {
            let words = format!("the computation stopped again ({sentence}). Reset begins anew.");
            page.problems.push(("null model".into(), words));
        }
        _ => {}
    }
    page.sync();
}
