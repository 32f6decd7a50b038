//! Beginning again: at once, or once the visitor has stopped dragging.

use super::{background, explore};
use crate::experiment::Experiment;
use crate::page::action::{Place, Timer};
use crate::page::effect::Effect;
use crate::page::message::{Command, Task};
use crate::page::model::{Cursor, Model, Sketches};
use crate::page::plan::{self, Plan};
use crate::page::results::{Phase, Progress, RunResults};
use crate::state::{RUN_NAMES, Scope, State};

/// Milliseconds without a change after which runs begin again.
const PAUSE: u32 = 250;

/// Begins runs again once nothing has changed for a moment.
pub fn soon(model: &mut Model, runs: impl IntoIterator<Item = usize>, out: &mut Vec<Effect>) {
    for run in runs {
        if !model.tasks.pending.contains(&run) {
            model.tasks.pending.push(run);
        }
    }
    plan_again(model);
    let timer = Timer::Restart(model.tasks.next_timer());
    model.tasks.restart = model.tasks.timer;
    out.push(Effect::Wait { milliseconds: PAUSE, timer });
}

/// The moment is over, unless something changed since.
pub fn due(model: &mut Model, number: u32, out: &mut Vec<Effect>) {
    if number != model.tasks.restart || model.waits_for_table() {
        return;
    }
    let pending = std::mem::take(&mut model.tasks.pending);
    if pending.is_empty() {
        return;
    }
    if pending.len() >= model.state.runs.len() {
        return all(model, out);
    }
    for run in pending.into_iter().filter(|run| model.state.runs.contains_key(run)).collect::<Vec<_>>() {
        one(model, run, out);
    }
}

/// Begins all runs and the null model.
pub fn all(model: &mut Model, out: &mut Vec<Effect>) {
    model.tasks.pending.clear();
    model.problems.places.clear();
    plan_again(model);
    let wanted: Vec<usize> = model.state.runs.keys().copied().collect();
    let gone: Vec<usize> = model.runs.keys().copied().filter(|run| !wanted.contains(run)).collect();
    for run in gone {
        drop_run(model, run, out);
    }
    model.playing.assign(None);
    model.cursor.assign(Cursor { index: 0, live: true });
    background::forget(model, None);
    explore::forgive(model);
    if *model.sketches == Sketches::Found(Vec::new()) {
        // What they are drawn from could not be loaded.
        model.sketches.assign(Sketches::NotAsked);
    }
    if !model.waits_for_table() {
        for run in wanted {
            one(model, run, out);
        }
    }
}

/// Begins one run; the others go on.
pub fn one(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    forgive(model, Place::Run(run));
    background::forget(model, Some(run));
    if model.state.changes.contains_key(&run) {
        model.state.settle_changes(run);
    }
    let Some(values) = model.state.start_values(run).cloned() else { return };
    let (state, plan) = (&*model.state, model.plan.0.as_ref());
    let experiment = match plan::experiment(state, plan, run) {
        Ok(experiment) => experiment,
        Err(sentence) => return refuse(model, run, sentence, out),
    };
    let speed = speed(state, &experiment);
    let paused = *model.paused;
    let generation = model.tasks.next_generation();
    let task = Task::Run { experiment: experiment.clone(), speed, paused };
    out.push(Effect::Start { place: Place::Run(run), generation, task: Box::new(task) });
    if paused && state.start_network().is_some() {
        // A trained network can be looked at before it is trained any further.
        out.push(Effect::Command { place: Place::Run(run), command: Command::Step });
    }
    model.runs.insert(run, RunResults::new(values, experiment, generation));
    let phase = if paused { Phase::Paused } else { Phase::Waiting };
    model.progress.insert(run, Progress { step: 0, phase });
}

/// Forgets a run that is no longer wanted.
pub fn drop_run(model: &mut Model, run: usize, out: &mut Vec<Effect>) {
    out.push(Effect::Stop(Place::Run(run)));
    model.runs.remove(&run);
    model.progress.remove(&run);
    explore::forget(model, run);
    model.tasks.pending.retain(|pending| *pending != run);
    forgive(model, Place::Run(run));
}

/// Says why a run cannot begin; what the run before it found stays.
fn refuse(model: &mut Model, run: usize, sentence: String, out: &mut Vec<Effect>) {
    out.push(Effect::Stop(Place::Run(run)));
    let values = model.state.runs.get(&run).cloned().unwrap_or_default();
    let results = model.runs.entry(run).or_insert_with(|| RunResults::new(values, Experiment::default(), 0));
    // No task has number 0: late events of the run before are not taken.
    results.generation = 0;
    let step = model.progress.get(&run).map_or(0, |progress| progress.step);
    model.progress.insert(run, Progress { step, phase: Phase::Failed { sentence: sentence.clone(), diverged: false } });
    model.problems.places.push((Place::Run(run), sentence));
}

/// Forgets what was wrong at a place.
fn forgive(model: &mut Model, place: Place) {
    model.tasks.recovered.retain(|recovered| *recovered != place);
    if model.problems.places.iter().any(|(at, _)| *at == place) {
        model.problems.places.retain(|(at, _)| *at != place);
    }
}

/// Finds out what the setting asks for.
pub fn plan_again(model: &mut Model) {
    let plan = Plan::new(&model.state);
    let route = |plan: &Option<Plan>| plan.as_ref().map(|plan| plan.route);
    // What one route took says nothing about the other.
    let calibration = if route(&plan) == route(&model.plan.0) { model.plan.1 } else { 1.0 };
    model.plan.assign((plan, calibration));
    say_what_is_rotated(model);
}

/// Says at the control of a rotated basis where the network is too large for it.
fn say_what_is_rotated(model: &mut Model) {
    for run in 0..RUN_NAMES.len() {
        let at = (Scope::Run(run), ROTATED.to_owned());
        match plan::rotated_refusal(&model.state, model.plan.0.as_ref(), run) {
            Some(sentence) => _ = model.problems.fields.insert(at, sentence),
            None if model.problems.fields.contains_key(&at) => _ = model.problems.fields.remove(&at),
            None => {}
        }
    }
}

/// The key of the switch.
const ROTATED: &str = crate::optimizer::ROTATED_BASIS.key;

/// Most steps per second that the visitor wants to see.
pub fn speed(state: &State, experiment: &Experiment) -> Option<f64> {
    let checkpoints = state.view().speed.checkpoints_per_second()?;
    Some(checkpoints * experiment.checkpoint_every as f64)
}
