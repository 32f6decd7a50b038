//! What is computed beside the runs, in a worker of its own: sketches of the data sets, then null models: one for all runs
//! where it needs no trained weights, else, once a run has ended, one for its checkpoint at the cursor where that rests, and
//! one for its last. Those that are found are kept. One that fails leaves everything else as it is; why is said at the
//! control that chooses the null model.

use super::explore;
use crate::error::Error;
use crate::null_model::NullModel;
use crate::page::action::{Place, Timer};
use crate::page::effect::Effect;
use crate::page::message::{Event, OUT_OF_MEMORY, Task};
use crate::page::model::{Cursor, Model, NullKey, NullTask, Rest, Sketches};
use crate::page::results::RunResults;
use crate::state::{RUN_NAMES, Scope};

/// Starts what is missing and can be computed now, one task after the other.
pub fn start_next(model: &mut Model, out: &mut Vec<Effect>) {
    // A visitor waits for the first pictures, and a machine may have two processors only.
    let awaited = |(run, results): (&usize, &RunResults)| {
        results.generation != 0 && results.checkpoints.is_empty() && model.is_run_under_way(*run)
    };
    if model.runs.is_empty() || (!*model.paused && model.runs.iter().any(awaited)) {
        return;
    }
    match *model.sketches {
        Sketches::NotAsked => {
            // They take a moment; a null model may take minutes.
            let generation = model.tasks.next_generation();
            model.sketches.assign(Sketches::Asked(generation));
            return out.push(Effect::Start { place: Place::Background, generation, task: Box::new(Task::Sketches) });
        }
        Sketches::Asked(_) => return,
        Sketches::Found(_) => {}
    }
    let Some((key, results)) = next_null(model) else {
        // What is computed for where the cursor was is dropped when it rests elsewhere.
        if model.tasks.rest.rests && model.tasks.null.take().is_some() {
            out.push(Effect::Stop(Place::Background));
        }
        return;
    };
    if model.tasks.null.is_some_and(|task| task.key == key) {
        return;
    }
    let count = results.parameter_count().unwrap_or(0);
    if let Err(Error::Invalid { problem, .. }) = key.kind.allowed(count) {
        fail(model, key, &format!("it {problem}"));
        return start_next(model, out);
    }
    let parameters = match (key.run, results.checkpoints.get(key.checkpoint)) {
        (Some(_), Some(checkpoint)) => checkpoint.parameters.clone(),
        _ => Vec::new(),
    };
    let null = NullModel { kind: key.kind, ..NullModel::default() };
    let task = Task::Null { experiment: (*results.experiment).clone(), model: null, parameters };
    let generation = model.tasks.next_generation();
    model.tasks.null = Some(NullTask { generation, key });
    out.push(Effect::Start { place: Place::Background, generation, task: Box::new(task) });
}

/// The first null model that is wanted and not there, and the run whose experiment it is of.
fn next_null(model: &Model) -> Option<(NullKey, &RunResults)> {
    let lacks = |key: &NullKey| !model.nulls.contains_key(key) && !model.failed_nulls.contains_key(key);
    let begun = |results: &RunResults| results.generation != 0;
    let view = model.state.view();
    for &kind in view.null.kinds() {
        if !kind.needs_checkpoint() {
            let key = NullKey { kind, run: None, checkpoint: 0 };
            let any = model.runs.values().find(|results| begun(results)).filter(|_| lacks(&key));
            if any.is_some() {
                return any.map(|results| (key, results));
            }
            continue;
        }
        // What the visitor looks at comes first.
        for at_cursor in [true, false] {
            for (&run, results) in model.runs.iter() {
                let ended = begun(results) && !model.is_run_under_way(run) && !results.checkpoints.is_empty();
                let last = results.checkpoints.len().saturating_sub(1);
                let checkpoint = if at_cursor { model.shown_checkpoint().min(last) } else { last };
                let key = NullKey { kind, run: Some(run), checkpoint };
                if ended && (!at_cursor || model.tasks.rest.rests) && lacks(&key) {
                    return Some((key, results));
                }
            }
        }
    }
    None
}

/// Milliseconds after which a cursor that was not moved again rests.
const REST: u32 = 300;

/// Looks whether the cursor was moved. One that follows the newest checkpoint rests as soon as runs have ended.
pub fn watch_cursor(model: &mut Model, out: &mut Vec<Effect>) {
    let (cursor, timer) = (*model.cursor, model.tasks.rest.timer + 1);
    if model.tasks.rest.cursor != Some(cursor) {
        model.tasks.rest = Rest { cursor: Some(cursor), timer, rests: cursor.live };
        let Cursor { live, .. } = cursor;
        let of_checkpoints = model.state.view().null.kinds().iter().any(|kind| kind.needs_checkpoint());
        if !live && model.playing.is_none() && (of_checkpoints || explore::estimates_densities(model)) {
            out.push(Effect::Wait { milliseconds: REST, timer: Timer::Rest(timer) });
        }
    }
}

/// The moment is over, unless the cursor was moved since.
pub fn rest(model: &mut Model, number: u32) {
    model.tasks.rest.rests |= number == model.tasks.rest.timer;
}

/// Other null models are chosen: those that are found stay, and those that failed are tried again.
pub fn choose(model: &mut Model) {
    model.failed_nulls.clear();
    model.tasks.rest.cursor = None;
    say_what_failed(model);
}

/// Forgets the null model of a run that begins again, or of all runs.
pub fn forget(model: &mut Model, run: Option<usize>) {
    if run.is_none() {
        model.tasks.recovered.retain(|place| *place != Place::Background);
    }
    let of_it = |key: &NullKey| run.is_none() || key.run == run;
    if model.failed_nulls.keys().any(of_it) {
        model.failed_nulls.retain(|key, _| !of_it(key));
        say_what_failed(model);
    }
    if model.tasks.null.is_some_and(|task| of_it(&task.key)) {
        model.tasks.null = None;
    }
    if model.nulls.keys().any(of_it) {
        model.nulls.retain(|key, _| !of_it(key));
    }
}

/// Remembers why there is no null model; others are still asked for.
fn fail(model: &mut Model, key: NullKey, sentence: &str) {
    model.tasks.null = None;
    model.failed_nulls.insert(key, sentence.trim_end_matches('.').to_owned());
    say_what_failed(model);
}

/// Says at the control that chooses the null model which ones failed.
fn say_what_failed(model: &mut Model) {
    let of = |key: &NullKey| key.run.map_or(String::new(), |run| format!(" of run {}", RUN_NAMES[run]));
    let words = |(key, why): (&NullKey, &String)| format!("The null model{} could not be computed: {why}.", of(key));
    let mut sentences: Vec<String> = model.failed_nulls.iter().map(words).collect();
    sentences.dedup();
    let at = (Scope::View, "null".to_owned());
    if sentences.is_empty() {
        model.problems.fields.remove(&at);
    } else {
        model.problems.fields.insert(at, sentences.join(" "));
    }
}

/// Takes in an event of the task in the background.
pub fn take(model: &mut Model, generation: u32, event: Event) {
    if *model.sketches == Sketches::Asked(generation) {
        if event.is_last() {
            // The page can do without them, where the worker was lost.
            let found = if let Event::Sketches(found) = event { found } else { Vec::new() };
            model.sketches.assign(Sketches::Found(found));
        }
        return;
    }
    let Some(task) = model.tasks.null.filter(|task| task.generation == generation) else { return };
    match event {
        Event::NullFinished(bands) => {
            model.nulls.insert(task.key, bands.into());
            model.tasks.null = None;
        }
        Event::Failed { sentence, .. } => fail(model, task.key, &sentence),
        Event::Panicked { sentence } if sentence.contains(OUT_OF_MEMORY) => fail(model, task.key, OUT_OF_MEMORY),
        Event::Panicked { .. } if !model.tasks.recovered.contains(&Place::Background) => {
            model.tasks.recovered.push(Place::Background);
            model.tasks.null = None;
        }
        Event::Panicked { sentence } => {
            fail(model, task.key, &format!("the computation stopped again ({sentence}); Reset begins anew"));
        }
        _ => {}
    }
}
