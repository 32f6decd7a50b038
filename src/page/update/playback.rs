//! Playback: the cursor runs through training by itself, over results that are there or still come in. Computing is fast;
//! watching is not, and so is a thing of its own.

use super::transport;
use crate::page::action::Timer;
use crate::page::effect::Effect;
use crate::page::model::{Cursor, Model};

/// Milliseconds from the first checkpoint to the last at speed 1.
const WHOLE: f64 = 10_000.0;
/// Fewest milliseconds between two moves of the cursor: runs with more checkpoints are played by several at a time.
const SHORTEST: f64 = 50.0;

/// Plays from the first checkpoint, where the page may move by itself and does not follow the computation.
pub fn begin(model: &mut Model, out: &mut Vec<Effect>) {
    if model.autoplay && model.state.view().play.factor().is_some() {
        model.cursor.assign(Cursor { index: 0, live: false });
        schedule(model, out);
    }
}

/// The button: plays, or pauses; where the cursor follows the computation, that is what pauses.
pub fn play_or_pause(model: &mut Model, out: &mut Vec<Effect>) {
    if model.state.view().play.factor().is_none() {
        return transport::run_or_pause(model, out);
    }
    if model.playing.is_some() {
        // The cursor stands still from now on, and what belongs to its checkpoint can be computed.
        model.tasks.rest.cursor = None;
        return model.playing.assign(None);
    }
    if *model.paused && model.is_under_way() {
        transport::run_or_pause(model, out);
    }
    let index = model.shown_checkpoint();
    let at_end = model.cursor.live || index >= model.newest();
    model.cursor.assign(Cursor { index: if at_end { 0 } else { index }, live: false });
    schedule(model, out);
}

/// As the button, but results that are complete are not discarded by a key.
pub fn space_bar(model: &mut Model, out: &mut Vec<Effect>) {
    if model.state.view().play.factor().is_some() || model.is_under_way() {
        play_or_pause(model, out);
    }
}

/// Moves the cursor on, unless something else was done since.
pub fn due(model: &mut Model, number: u32, out: &mut Vec<Effect>) {
    if *model.playing != Some(number) {
        return;
    }
    let (index, newest) = (model.cursor.index, model.newest());
    if index < newest {
        let next = (index + pace(model).1).min(newest);
        model.cursor.assign(Cursor { index: next, live: false });
    }
    if model.cursor.index >= newest && !model.is_under_way() {
        // At the end: what is shown from now on is the newest there is.
        model.playing.assign(None);
        return transport::follow_newest(model, true);
    }
    schedule(model, out);
}

/// The speed was changed: the cursor follows the computation from now on, or goes on by itself.
pub fn speed_changed(model: &mut Model) {
    if model.state.view().play.factor().is_none() {
        model.playing.assign(None);
        transport::follow_newest(model, true);
    }
}

fn schedule(model: &mut Model, out: &mut Vec<Effect>) {
    let number = model.tasks.next_timer();
    model.playing.assign(Some(number));
    out.push(Effect::Wait { milliseconds: pace(model).0, timer: Timer::Play(number) });
}

/// Milliseconds between two moves, and checkpoints per move: short ones while it is not known how many checkpoints come.
fn pace(model: &Model) -> (u32, usize) {
    let planned =
        model.runs.values().filter_map(|run| run.started.as_ref()).map(|started| started.checkpoint_steps.len());
    let Some(moves) = planned.max().map(|checkpoints| checkpoints.saturating_sub(1)).filter(|&moves| moves > 0) else {
        return (SHORTEST as u32, 1);
    };
    let each = WHOLE / model.state.view().play.factor().unwrap_or(1.0) / moves as f64;
    let together = (SHORTEST / each).ceil().max(1.0);
    ((each * together) as u32, together as usize)
}
