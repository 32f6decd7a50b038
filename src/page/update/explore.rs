//! What lies around the cursor: asked of one worker for all runs, as far as it is shown and not there yet.

use crate::curvature::Route;
use crate::hessian::Part;
use crate::page::action::Place;
use crate::page::direction;
use crate::page::effect::Effect;
use crate::page::exploration::{
    Aim, Answer, Asked, Exploration, Exploring, Finding, Kind, Request, Sight, Spot, Wanted, shared,
};
use crate::page::message::{Command, Event, OUT_OF_MEMORY, Task};
use crate::page::model::Model;
use crate::page::results::RunResults;
use crate::state::{Choice, Picture};
use std::rc::Rc;

/// Asks for what is missing.
pub fn reconsider(model: &mut Model, out: &mut Vec<Effect>) {
    let view = model.state.view();
    let looks = is_visible(model, Picture::Function);
    let spectra = view.layer.is_none() && is_visible(model, Picture::Spectrum);
    // It takes as long as a checkpoint does.
    let densities = spectra && estimates_densities(model) && rests(model);
    let parts = view.part.filter(|_| spectra);
    let wanted = looks || parts.is_some() || densities || model.tasks.exploring.wants_check;
    if !wanted || model.exploration.broken.is_some() || !are_first_checkpoints_there(model) {
        return;
    }
    begin(model, out);
    if !model.tasks.exploring.begun {
        return;
    }
    let index = model.shown_checkpoint();
    let check = std::mem::take(&mut model.tasks.exploring.wants_check);
    for run in model.runs.keys().copied().collect::<Vec<_>>() {
        if !fits(model, run) {
            continue;
        }
        let results = &model.runs[&run];
        let Some(checkpoint) = results.checkpoints.get(index).cloned() else { continue };
        let spot = Spot { generation: results.generation, index };
        let of_run = model.exploration.runs.get(&run);
        let rank = direction::rank(&checkpoint, &view);
        let s = rank.map_or(0.0, |_| view.along);
        let sight = of_run.and_then(|of_run| of_run.sight.as_ref()).filter(|sight| sight.aim == Aim { spot, rank });
        let (curve, there) = (sight.is_none(), sight.is_some_and(|sight| sight.s == s));
        let leads = checkpoint.spectrum == Route::Leading;
        let has_parts = of_run.and_then(|of_run| of_run.parts.as_ref()).is_some_and(|(of, _)| *of == spot);
        let part = parts.unwrap_or(Part::Full);
        let density = of_run.and_then(|of_run| of_run.density(part).as_ref());
        let has_density = density.is_some_and(|(of, _)| *of == spot);
        if looks && !there {
            let direction = rank.map_or(Vec::new(), |rank| checkpoint.leading_eigenvectors[rank].clone());
            let wanted = Wanted::Look { direction, s, curve, grid: model.exploration.plane.is_some() };
            ask(model, run, spot, Kind::Look(rank, s), (&checkpoint.parameters, wanted), out);
        }
        if parts.is_some() && !leads && !has_parts {
            ask(model, run, spot, Kind::Parts, (&checkpoint.parameters, Wanted::Parts), out);
        }
        if densities && leads && !has_density {
            ask(model, run, spot, Kind::Density(part), (&checkpoint.parameters, Wanted::Density(part)), out);
        }
        if check {
            let wanted = Wanted::Check { directions: checkpoint.leading_eigenvectors.clone() };
            ask(model, run, spot, Kind::Check, (&checkpoint.parameters, wanted), out);
        }
    }
    settle(model);
}

/// Whether the eigenvalues beside the leading ones are known by estimates alone.
pub fn estimates_densities(model: &Model) -> bool {
    model.runs.values().any(RunResults::leads_alone)
}

/// Whether the cursor stays where it is for a moment.
fn rests(model: &Model) -> bool {
    let goes_on = model.cursor.live && model.is_under_way() && !*model.paused;
    model.tasks.rest.rests && model.playing.is_none() && !goes_on
}

/// Whether a picture is on the page: neither hidden nor behind another one.
fn is_visible(model: &Model, picture: Picture) -> bool {
    model.state.open.is_none_or(|open| open == picture) && !model.state.hide.contains(picture.name())
}

/// A visitor waits for the first checkpoints of all runs.
fn are_first_checkpoints_there(model: &Model) -> bool {
    let has = |results: &RunResults| results.generation != 0 && !results.checkpoints.is_empty();
    let awaited = |(run, results): (&usize, &RunResults)| !has(results) && model.is_run_under_way(*run);
    model.runs.values().any(has) && !model.runs.iter().any(awaited)
}

/// Begins the task that fits the newest run, unless it is under way.
fn begin(model: &mut Model, out: &mut Vec<Effect>) {
    let begun = model.runs.iter().filter(|(_, results)| results.generation != 0 && !results.checkpoints.is_empty());
    let Some(newest) = begun.max_by_key(|(_, results)| results.generation).map(|(run, _)| *run) else { return };
    if fits(model, newest) {
        return;
    }
    let experiment = shared(&model.runs[&newest].experiment);
    let generation = model.tasks.next_generation();
    let Exploring { last, wants_check, .. } = model.tasks.exploring;
    let task = Some((generation, Rc::new(experiment.clone())));
    model.tasks.exploring = Exploring { task, last, wants_check, ..Exploring::default() };
    model.exploration.assign(Exploration { checking: wants_check, ..Exploration::default() });
    let task = Box::new(Task::Explore { experiment: Box::new(experiment) });
    out.push(Effect::Start { place: Place::Explorer, generation, task });
}

/// Whether the task has the data and network of a run.
fn fits(model: &mut Model, run: usize) -> bool {
    let exploring = &mut model.tasks.exploring;
    let (Some(results), Some((_, of_task))) = (model.runs.get(&run), &exploring.task) else { return false };
    match exploring.compared.get(&run) {
        _ if results.generation == 0 => false,
        Some((generation, fits)) if *generation == results.generation => *fits,
        _ => {
            let fits = shared(&results.experiment) == **of_task;
            exploring.compared.insert(run, (results.generation, fits));
            fits
        }
    }
}

/// Asks, unless something of the kind is under way for the run, or the same has failed.
fn ask(model: &mut Model, run: usize, spot: Spot, kind: Kind, of: (&[f64], Wanted), out: &mut Vec<Effect>) {
    let exploring = &mut model.tasks.exploring;
    let alike = |asked: &Asked| {
        asked.run == run
            && asked.spot.generation == spot.generation
            && std::mem::discriminant(&asked.kind) == std::mem::discriminant(&kind)
    };
    let failed = |asked: &Asked| asked.run == run && asked.spot == spot && asked.kind == kind && kind != Kind::Check;
    if exploring.asked.iter().any(alike) || exploring.failed.iter().any(failed) {
        return;
    }
    exploring.last += 1;
    let id = exploring.last;
    exploring.asked.push(Asked { id, run, spot, kind });
    let request = Request { id, parameters: of.0.to_vec(), wanted: of.1 }.into();
    out.push(Effect::Command { place: Place::Explorer, command: Command::Explore(request) });
}

/// The Hessians at the cursor are to be checked, unless that is under way.
pub fn check(model: &mut Model) {
    if !model.exploration.checking && model.exploration.broken.is_none() {
        model.tasks.exploring.wants_check = true;
        model.exploration.checking = true;
    }
}

/// Everything begins again: what could not be explored is tried again.
pub fn forgive(model: &mut Model) {
    model.tasks.recovered.retain(|place| *place != Place::Explorer);
    if model.exploration.broken.is_some() {
        model.exploration.broken = None;
    }
}

/// Forgets a run that is gone.
pub fn forget(model: &mut Model, run: usize) {
    if model.exploration.runs.contains_key(&run) {
        model.exploration.runs.remove(&run);
    }
}

/// Takes in an event of the task.
pub fn take(model: &mut Model, generation: u32, event: Event) {
    if model.tasks.exploring.task.as_ref().is_none_or(|(number, _)| *number != generation) {
        return;
    }
    match event {
        Event::Explored(answer) => answered(model, answer.into()),
        Event::Failed { sentence, .. } => fail(model, &sentence),
        Event::Panicked { sentence } if sentence.contains(OUT_OF_MEMORY) => fail(model, OUT_OF_MEMORY),
        Event::Panicked { .. } if !model.tasks.recovered.contains(&Place::Explorer) => {
            model.tasks.recovered.push(Place::Explorer);
            stop(model);
        }
        Event::Panicked { sentence } => fail(model, &sentence),
        _ => {}
    }
}

/// There is no task any more.
fn stop(model: &mut Model) {
    model.tasks.exploring = Exploring { last: model.tasks.exploring.last, ..Exploring::default() };
    settle(model);
}

/// Brings it up to date whether a check is under way.
fn settle(model: &mut Model) {
    let Exploring { asked, wants_check, .. } = &model.tasks.exploring;
    let checking = *wants_check || asked.iter().any(|asked| asked.kind == Kind::Check);
    if model.exploration.checking && !checking {
        model.exploration.checking = false;
    }
}

fn fail(model: &mut Model, sentence: &str) {
    stop(model);
    model.exploration.broken = Some(sentence.trim_end_matches('.').to_owned());
}

fn answered(model: &mut Model, answer: Answer) {
    let exploring = &mut model.tasks.exploring;
    let (id, finding) = match answer {
        Answer::Begun(plane) => {
            exploring.begun = true;
            return model.exploration.plane = plane.map(Rc::new);
        }
        Answer::To { id, finding } => (id, finding),
    };
    let Some(at) = exploring.asked.iter().position(|asked| asked.id == id) else { return };
    let asked = exploring.asked.swap_remove(at);
    settle(model);
    let Asked { run, spot, kind, .. } = asked;
    if model.runs.get(&run).is_none_or(|results| results.generation != spot.generation) {
        return;
    }
    let of_run = model.exploration.runs.entry(run).or_default();
    match (finding, kind) {
        (Finding::Look { moved, base }, Kind::Look(rank, s)) => {
            let aim = Aim { spot, rank };
            // Without a base only s has changed since the look before.
            let before = of_run.sight.take().filter(|sight| sight.aim == aim);
            let base = base.map(Rc::new).or(before.map(|sight| sight.base));
            of_run.sight = base.map(|base| Sight { aim, base, s, moved: Rc::new(moved) });
        }
        (Finding::Parts(spectra), _) => of_run.parts = Some((spot, Ok(Rc::new(spectra)))),
        (Finding::Density(found), Kind::Density(part)) => {
            *of_run.density_mut(part) = Some((spot, Ok(Rc::new(found))));
        }
        (Finding::Check(checked), _) => of_run.check = Some((spot, Ok(Rc::new(checked)))),
        (Finding::Failed(sentence), kind) => {
            match kind {
                Kind::Parts => of_run.parts = Some((spot, Err(sentence))),
                Kind::Density(part) => *of_run.density_mut(part) = Some((spot, Err(sentence))),
                Kind::Check => of_run.check = Some((spot, Err(sentence))),
                Kind::Look(..) => of_run.sight = None,
            }
            model.tasks.exploring.failed.retain(|failed| failed.run != run);
            model.tasks.exploring.failed.push(asked);
        }
        (Finding::Look { .. } | Finding::Density(_), _) => {}
    }
}
