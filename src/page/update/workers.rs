//! What workers report about runs.

use super::{background, evidence, explore, files, restart, table};
use crate::page::action::Place;
use crate::page::effect::Effect;
use crate::page::message::{Event, OUT_OF_MEMORY};
use crate::page::model::Model;
use crate::state::{changes, cost, link};

/// Takes in an event; one of a task that was dropped changes nothing.
pub fn take(model: &mut Model, place: Place, generation: u32, event: Event, out: &mut Vec<Effect>) {
    let run = match place {
        Place::Run(run) => run,
        Place::Background => return background::take(model, generation, event),
        Place::Explorer => return explore::take(model, generation, event),
        Place::Reader => return table::take(model, generation, event, out),
        Place::Writer => return files::take(model, generation, event, out),
        Place::Seed(lane) => return evidence::take(model, lane, generation, event),
    };
    if model.runs.get(&run).is_none_or(|results| results.generation != generation) {
        return;
    }
    match &event {
        Event::Refused { sentence } | Event::Failed { sentence, .. } => {
            model.problems.places.push((place, sentence.clone()));
        }
        // It would end in the same way again.
        Event::Panicked { sentence } if sentence.contains(OUT_OF_MEMORY) => {
            let words = format!("{OUT_OF_MEMORY}. Take fewer checkpoints, a smaller k or a smaller network.");
            model.problems.places.push((place, words));
        }
        Event::Panicked { sentence } if !model.tasks.recovered.contains(&place) => {
            return recover(model, run, sentence, out);
        }
        Event::Panicked { sentence } => {
            let words = format!("the computation stopped again ({sentence}). Reset begins anew.");
            model.problems.places.push((place, words));
        }
        Event::Checkpoint { milliseconds, .. } => calibrate(model, run, milliseconds / 1e3),
        _ => {}
    }
    if let Some(progress) = model.progress.get_mut(&run) {
        progress.take(&event);
    }
    let (changed, ended) = (matches!(event, Event::Changed { .. }), event.is_last());
    if let Event::Started(_) | Event::Checkpoint { .. } | Event::Changed { .. } = event
        && let Some(results) = model.runs.get_mut(&run)
    {
        results.take(event);
    }
    if changed {
        record_changes(model, run, out);
    }
    if ended {
        begin_what_came_too_late(model, run, out);
    }
}

/// Takes the changes that a run has seen over into the state, and so into the link.
fn record_changes(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    let seen = model.runs.get(&run).map_or(Vec::new(), |results| results.changes());
    if model.state.changes.contains_key(&run) {
        model.state.record_changes(run, seen.iter().map(|change| (change.step, change.settings())));
        out.push(Effect::WriteLink(link::write(&model.state)));
    }
}

/// A change that reached the worker after the end is one for the whole run, as if it had been made a moment later.
fn begin_what_came_too_late(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    let (Some(changes), Some(values)) = (model.state.changes.get(&run), model.state.runs.get(&run)) else { return };
    let last = changes.later.last().map_or(&changes.start, |(_, values)| values);
    if changes::settings(values) != changes::settings(last) {
        model.state.changes.remove(&run);
        out.push(Effect::WriteLink(link::write(&model.state)));
        restart::soon(model, [run], out);
    }
}

/// Begins a run again whose worker was lost: the same experiment gives the same numbers. Only once, because a second loss
/// may come from the experiment itself.
fn recover(model: &mut Model, run: usize, sentence: &str, out: &mut Vec<Effect>) {
    restart::one(model, run, out);
    let place = Place::Run(run);
    model.tasks.recovered.push(place);
    let words = format!("the computation stopped ({sentence}) and was begun again in a new worker.");
    model.problems.places.push((place, words));
}

/// Compares the time of a checkpoint with the model of costs.
fn calibrate(model: &mut Model, run: usize, seconds: f64) {
    let settled = model.runs.get(&run).is_some_and(|results| results.checkpoints.len() > 2);
    let (Some(plan), calibration) = &*model.plan else { return };
    if settled {
        let ratio = cost::calibrate(seconds, plan.cost(&model.state, 1.0).seconds);
        model.plan.1 = if *calibration == 1.0 { ratio } else { 0.8 * calibration + 0.2 * ratio };
    }
}
