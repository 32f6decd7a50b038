//! The bar: run, pause, step, back, new seed, and the cursor.

use super::restart;
use crate::page::action::Place;
use crate::page::effect::Effect;
use crate::page::message::Command;
use crate::page::model::{Cursor, Model};
use crate::page::results::Phase;
use crate::state::{Scope, link};

/// Pauses what is under way or lets it go on; begins again what has ended.
pub fn run_or_pause(model: &mut Model, out: &mut Vec<Effect>) {
    if !model.is_under_way() {
        model.paused.assign(false);
        return restart::all(model, out);
    }
    let paused = !*model.paused;
    model.paused.assign(paused);
    for run in runs_under_way(model) {
        let command = if paused { Command::Pause } else { Command::Resume };
        out.push(Effect::Command { place: Place::Run(run), command });
        // Shown at once; the worker confirms it.
        if let Some(progress) = model.progress.get_mut(&run) {
            progress.phase = if paused { Phase::Paused } else { Phase::Running };
        }
    }
    if !paused {
        follow_newest(model, true);
    }
}

/// One checkpoint on: the next that is known, or else the next to be computed.
pub fn step(model: &mut Model, out: &mut Vec<Effect>) {
    let shown = model.shown_checkpoint();
    if shown < model.newest() || !model.is_under_way() {
        return move_to(model, shown + 1);
    }
    model.paused.assign(true);
    follow_newest(model, true);
    let fewest = runs_under_way(model).iter().filter_map(|run| Some(model.runs.get(run)?.checkpoints.len())).min();
    for run in runs_under_way(model) {
        // A run that is ahead waits for the others.
        let ahead = model.runs.get(&run).map(|results| results.checkpoints.len()) > fewest;
        let command = if ahead { Command::Pause } else { Command::Step };
        out.push(Effect::Command { place: Place::Run(run), command });
    }
}

fn runs_under_way(model: &Model) -> Vec<usize> {
    model.runs.keys().copied().filter(|&run| model.is_run_under_way(run)).collect()
}

/// Begins everything again with a seed made of a random number.
pub fn new_seed(model: &mut Model, random: u64, out: &mut Vec<Effect>) {
    // Six digits keep links short; two visitors rarely need different seeds.
    let mut seed = random % 1_000_000;
    if model.state.number(Scope::Setting, "seed") == Some(seed as f64) {
        seed = (seed + 1) % 1_000_000;
    }
    if model.state.set(Scope::Setting, "seed", &seed.to_string()).is_ok() {
        out.push(Effect::WriteLink(link::write(&model.state)));
        restart::all(model, out);
    }
}

/// Puts the cursor on a checkpoint.
pub fn move_to(model: &mut Model, index: usize) {
    let last = model.most_checkpoints().saturating_sub(1);
    model.playing.assign(None);
    model.cursor.assign(Cursor { index: index.min(last), live: false });
}

/// Moves the cursor by so many checkpoints.
pub fn move_by(model: &mut Model, count: isize) {
    let index = model.shown_checkpoint().saturating_add_signed(count);
    move_to(model, index);
}

/// Follows the newest checkpoint, or stays where the cursor is.
pub fn follow_newest(model: &mut Model, live: bool) {
    let index = model.shown_checkpoint();
    model.playing.assign(None);
    model.cursor.assign(Cursor { index, live });
}
