//! What is computed beside the runs, in a worker of its own: sketches of the data sets, then null models: one for all runs
//! where it needs no trained weights, else one for each run. One that fails leaves everything else as it is; why is said at
//! the control that chooses the null model.

use crate::null_model::NullModel;
use crate::page::action::Place;
use crate::page::effect::Effect;
use crate::page::message::{Event, OUT_OF_MEMORY, Task};
use crate::page::model::{Model, NullTask, Sketches};
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
    let kind = model.state.view().null;
    let lacks = |run: Option<usize>| {
        model.nulls.get(&run).is_none_or(|bands| bands.kind != kind) && !model.failed_nulls.contains_key(&run)
    };
    let begun = |results: &RunResults| results.generation != 0;
    let ended = |run: usize, results: &RunResults| {
        begun(results) && !model.is_run_under_way(run) && !results.checkpoints.is_empty()
    };
    let next = match kind.needs_checkpoint() {
        false if !lacks(None) => None,
        false => model.runs.values().find(|results| begun(results)).map(|results| (None, results)),
        true => {
            let ready = model.runs.iter().find(|(run, results)| lacks(Some(**run)) && ended(**run, results));
            ready.map(|(run, results)| (Some(*run), results))
        }
    };
    let Some((run, results)) = next else {
        if model.tasks.null.take().is_some() {
            out.push(Effect::Stop(Place::Background));
        }
        return;
    };
    if model.tasks.null.is_some_and(|task| (task.run, task.kind) == (run, kind)) {
        return;
    }
    let parameters = match (run, results.checkpoints.last()) {
        (Some(_), Some(checkpoint)) => checkpoint.parameters.clone(),
        _ => Vec::new(),
    };
    let null = NullModel { kind, ..NullModel::default() };
    let task = Task::Null { experiment: (*results.experiment).clone(), model: null, parameters };
    let generation = model.tasks.next_generation();
    model.tasks.null = Some(NullTask { generation, run, kind });
    out.push(Effect::Start { place: Place::Background, generation, task: Box::new(task) });
}

/// Forgets the null model of a run that begins again, or of all runs.
pub fn forget(model: &mut Model, run: Option<usize>) {
    if run.is_none() {
        model.tasks.recovered.retain(|place| *place != Place::Background);
    }
    if model.failed_nulls.keys().any(|of| run.is_none() || *of == run) {
        model.failed_nulls.retain(|of, _| run.is_some() && *of != run);
        say_what_failed(model);
    }
    if model.tasks.null.is_some_and(|task| run.is_none() || task.run == run) {
        model.tasks.null = None;
    }
    if model.nulls.keys().any(|of| run.is_none() || *of == run) {
        model.nulls.retain(|of, _| run.is_some() && *of != run);
    }
}

/// Remembers why there is no null model, of one run or of all; those of other runs are still asked for.
fn fail(model: &mut Model, run: Option<usize>, sentence: &str) {
    model.tasks.null = None;
    model.failed_nulls.insert(run, sentence.trim_end_matches('.').to_owned());
    say_what_failed(model);
}

/// Says at the control that chooses the null model which ones failed.
fn say_what_failed(model: &mut Model) {
    let of = |run: &Option<usize>| run.map_or(String::new(), |run| format!(" of run {}", RUN_NAMES[run]));
    let words =
        |(run, why): (&Option<usize>, &String)| format!("The null model{} could not be computed: {why}.", of(run));
    let sentences: Vec<String> = model.failed_nulls.iter().map(words).collect();
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
            model.nulls.insert(task.run, bands.into());
            model.tasks.null = None;
        }
        Event::Failed { sentence, .. } => fail(model, task.run, &sentence),
        Event::Panicked { sentence } if sentence.contains(OUT_OF_MEMORY) => fail(model, task.run, OUT_OF_MEMORY),
        Event::Panicked { .. } if !model.tasks.recovered.contains(&Place::Background) => {
            model.tasks.recovered.push(Place::Background);
            model.tasks.null = None;
        }
        Event::Panicked { sentence } => {
            fail(model, task.run, &format!("the computation stopped again ({sentence}); Reset begins anew"));
        }
        _ => {}
    }
}
