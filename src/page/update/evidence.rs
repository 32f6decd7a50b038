//! The seeds that claims are about: begun when the page's own runs are done, one piece per free worker.

use super::{fields, files};
use crate::claims::Claim;
use crate::ensemble::SeedResult;
use crate::page::action::Place;
use crate::page::effect::Effect;
use crate::page::evidence::{self, Evidence, Loss, Phase};
use crate::page::message::{Event, OUT_OF_MEMORY, Task};
use crate::page::model::{Model, Sketches};
use crate::page::stored::Stored;
use crate::state::view::Seeds;
use crate::state::{Choice, Scope, cost};

/// Seconds of one core up to which seeds begin by themselves.
const BY_THEMSELVES: f64 = 10.0;

/// Looks whether other seeds are wanted now, and begins what can be begun.
pub fn reconsider(model: &mut Model, out: &mut Vec<Effect>) {
    if model.evidence_of != Some(model.state.revision()) && !model.waits_for_table() && model.awaiting.is_none() {
        model.evidence_of = Some(model.state.revision());
        want(model, out);
    }
    // After the first pictures.
    if *model.stored == Stored::NotAsked && *model.sketches != Sketches::NotAsked {
        model.stored.assign(Stored::Asked);
        out.extend([Effect::LoadStored, Effect::LoadReading]);
    }
    let busy = model.is_under_way() || !model.tasks.pending.is_empty() || model.tasks.null.is_some();
    let Some(evidence) = model.evidence.as_ref() else { return };
    let has_run = |run: usize| model.runs.get(&run).is_some_and(|r| r.generation != 0 && !r.checkpoints.is_empty());
    if evidence.phase == Phase::Waiting && !busy && has_run(evidence.runs.0) && has_run(evidence.runs.1) {
        let phase = match seconds(model, evidence) {
            Some(seconds) if seconds <= BY_THEMSELVES => Phase::Running,
            _ => Phase::OnRequest,
        };
        set_phase(model, phase);
    }
    // Runs that the visitor looks at come first.
    if !busy {
        begin_pieces(model, out);
    }
}

/// Compares what the state asks for with what is there.
fn want(model: &mut Model, out: &mut Vec<Effect>) {
    let present = model.evidence.as_ref();
    match evidence::wanted(&model.state) {
        Ok((ensemble, runs)) => {
            let same = present.is_some_and(|present| present.ensemble == ensemble && present.runs == runs);
            if !same {
                stop_lanes(model, out);
                let more =
                    model.evidence.as_ref().is_some_and(|present| present.differs_in_seeds_only(&ensemble, runs));
                match model.evidence.as_mut().filter(|_| more) {
                    Some(present) => present.set_seeds(ensemble),
                    None => model.evidence.assign(Some(Evidence::new(ensemble, runs))),
                }
            }
            refuse_what_is_too_large(model, out);
        }
        Err(_) if present.is_none() => {}
        Err(_) => {
            stop_lanes(model, out);
            model.evidence.assign(None);
        }
    }
}

/// Shows what seeds gave by a file, where the state asks for them.
pub fn restore(model: &mut Model, file: &str, seeds: &[SeedResult], out: &mut Vec<Effect>) {
    model.evidence_of = Some(model.state.revision());
    stop_lanes(model, out);
    model.evidence.assign(None);
    want(model, out);
    if let Some(evidence) = model.evidence.as_mut() {
        evidence.restore(file, seeds);
    }
}

/// Seeds that need more memory than is allowed do not begin.
fn refuse_what_is_too_large(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(evidence) = model.evidence.as_ref() else { return };
    let (seeds, limit) = (evidence.wanted(), model.state.view().memory);
    let held = bytes(model, seeds);
    match &evidence.phase {
        Phase::TooLarge(_) if held <= limit.bytes() => set_phase(model, Phase::Waiting),
        Phase::Finished => {}
        _ if held > limit.bytes() => {
            stop_lanes(model, out);
            let words = format!(
                "{seeds} seeds beside the runs would hold about {}, more than the memory limit of {}. Take fewer seeds or \
                 checkpoints.",
                cost::bytes(held),
                limit.label()
            );
            set_phase(model, Phase::TooLarge(words));
        }
        _ => {}
    }
}

/// Bytes of the runs, and of so many seeds on the page and in workers.
fn bytes(model: &Model, seeds: usize) -> f64 {
    let Some(plan) = &model.plan.0 else { return 0.0 };
    let cost = plan.cost(&model.state, 1.0);
    // Three runs of some 12 + k curves, in 8 bytes for each checkpoint.
    let page = (seeds * 3 * plan.checkpoints * (12 + model.state.k()) * 8) as f64;
    cost.bytes + page + model.lanes as f64 * plan.largest_worker
}

/// Seconds of one core that all seeds will take, after what the page's own runs took.
fn seconds(model: &Model, evidence: &Evidence) -> Option<f64> {
    let (plan, calibration) = &*model.plan;
    let plan = plan.as_ref()?;
    let hessian = plan.brief_seconds(&model.state, *calibration);
    let training = |run: usize| model.runs.get(&run).map_or(0.0, |results| results.training_milliseconds / 1e3);
    let (a, b) = evidence.runs;
    let members = evidence.ensemble.members().len() as f64;
    let samples = evidence.ensemble.experiment.null_model.map_or(0, |model| match model.kind.needs_checkpoint() {
        true => 2 * model.samples,
        false => model.samples,
    });
    let hessians = members * plan.checkpoints as f64 + samples as f64;
    let of_seed = hessians * hessian + training(a) + (members - 1.0) * training(b);
    Some(of_seed * evidence.wanted() as f64)
}

fn set_phase(model: &mut Model, phase: Phase) {
    if model.evidence.as_ref().is_some_and(|evidence| evidence.phase != phase)
        && let Some(evidence) = model.evidence.as_mut()
    {
        evidence.phase = phase;
    }
}

fn begin_pieces(model: &mut Model, out: &mut Vec<Effect>) {
    for lane in 0..model.lanes {
        let can = |evidence: &Evidence| evidence.phase == Phase::Running && evidence.can_begin(lane);
        if !model.evidence.as_ref().is_some_and(can) {
            continue;
        }
        let generation = model.tasks.next_generation();
        let Some(evidence) = model.evidence.as_mut() else { return };
        let Some(piece) = evidence.next(lane, generation) else { return };
        let experiment = Box::new(evidence.ensemble.experiment(piece));
        out.push(Effect::Start {
            place: Place::Seed(lane),
            generation,
            task: Box::new(Task::Summarize { experiment }),
        });
    }
}

fn stop_lanes(model: &mut Model, out: &mut Vec<Effect>) {
    let lanes = model.evidence.as_ref().map_or(Vec::new(), Evidence::busy_lanes);
    if lanes.is_empty() {
        return;
    }
    out.extend(lanes.into_iter().map(|lane| Effect::Stop(Place::Seed(lane))));
    if let Some(evidence) = model.evidence.as_mut() {
        evidence.drop_under_way();
    }
}

/// Begins seeds, goes on with them, or stops after those that are done.
pub fn compute_or_stop(model: &mut Model, out: &mut Vec<Effect>) {
    match model.evidence.as_ref().map(|evidence| &evidence.phase) {
        Some(Phase::Waiting | Phase::Running) => {
            stop_lanes(model, out);
            set_phase(model, Phase::Stopped);
        }
        Some(Phase::OnRequest | Phase::Stopped | Phase::Failed(_)) => set_phase(model, Phase::Running),
        Some(Phase::Finished | Phase::TooLarge(_)) | None => {}
    }
}

/// Opens the picture that belongs to a claim, over seeds, and against what the claim compares.
pub fn show_claim(model: &mut Model, claim: Claim, out: &mut Vec<Effect>) {
    let (picture, against) = evidence::curves(claim);
    if model.state.view().curves == Seeds::This {
        fields::set(model, Scope::View, "curves", Seeds::All.name(), out);
    }
    fields::set(model, Scope::View, "against", against.name(), out);
    files::enlarge(model, Some(picture), out);
}

/// Takes in an event of a lane's task.
pub fn take(model: &mut Model, lane: usize, generation: u32, event: Event) {
    if !model.evidence.as_ref().is_some_and(|evidence| evidence.is_under_way(lane, generation)) || !event.is_last() {
        return;
    }
    let Some(evidence) = model.evidence.as_mut() else { return };
    match event {
        Event::Summarized { summary, milliseconds } => evidence.take(lane, *summary, milliseconds),
        Event::Failed { sentence, .. } => {
            evidence.drop_under_way();
            evidence.phase = Phase::Failed(sentence);
        }
        Event::Panicked { sentence } => {
            let out_of_memory = sentence.contains(OUT_OF_MEMORY);
            if evidence.lose(lane) == Loss::Twice || out_of_memory {
                let words = if out_of_memory { OUT_OF_MEMORY.to_owned() } else { sentence };
                evidence.phase = Phase::Failed(format!("The computation stopped: {words}"));
            }
        }
        _ => {}
    }
}
