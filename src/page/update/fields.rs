//! Fields: setting them, and what follows.

use super::{background, playback, restart, table};
use crate::experiment::MAX_CHANGES;
use crate::optimizer::ROTATED_BASIS;
use crate::page::action::Place;
use crate::page::effect::Effect;
use crate::page::message::Command;
use crate::page::model::Model;
use crate::page::plan;
use crate::state::field::number;
use crate::state::{Changes, Kind, Scope, State, Value, changes, link, slider};

/// Sets a field from a text. What is not allowed changes nothing and is shown at its control.
pub fn set(model: &mut Model, scope: Scope, key: &str, text: &str, out: &mut Vec<Effect>) {
    let before = model.state.value(scope, key);
    // On a copy, so that a text that is refused or changes nothing is no change.
    let mut state = (*model.state).clone();
    let set = state.set(scope, key, text).and_then(|()| match scope {
        // Runs that compute go on.
        Scope::Run(run) if key == ROTATED_BASIS.key => {
            plan::rotated_refusal(&state, model.plan.0.as_ref(), run).map_or(Ok(()), Err)
        }
        _ => Ok(()),
    });
    match set {
        Ok(()) => {
            if model.problems.fields.contains_key(&(scope, key.to_owned())) {
                model.problems.fields.remove(&(scope, key.to_owned()));
            }
            if state.value(scope, key) != before {
                let revision = model.state.revision();
                let before = std::mem::replace(&mut *model.state, state);
                if (scope, key) == (Scope::View, "along") {
                    slid(model, revision);
                }
                changed(model, &before, scope, key, out);
            }
        }
        Err(sentence) => _ = model.problems.fields.insert((scope, key.to_owned()), sentence),
    }
}

/// Notes that the state was changed since `revision` in what few pictures show and nothing else asks for.
fn slid(model: &mut Model, revision: u64) {
    let now = model.state.revision();
    model.slid += now - revision;
    if model.evidence_of == Some(revision) {
        model.evidence_of = Some(now);
    }
}

/// Sets a field from the position of its slider.
pub fn slide(model: &mut Model, scope: Scope, key: &str, position: u32, out: &mut Vec<Effect>) {
    let Some(field) = model.state.fields(scope).into_iter().find(|field| field.key == key) else { return };
    set(model, scope, key, &number(slider::value(&field.kind, position)), out);
}

/// Sets a field to all there are, or back to a number.
pub fn use_all(model: &mut Model, scope: Scope, key: &str, all: bool, out: &mut Vec<Effect>) {
    let Some(field) = model.state.fields(scope).into_iter().find(|field| field.key == key) else { return };
    let Kind::Number { all: Some(word), .. } = &field.kind else { return };
    let text = match (all, &field.default) {
        (true, _) => (*word).to_owned(),
        (false, Value::Number(x)) => number(*x),
        (false, _) => number(slider::value(&field.kind, slider::positions(&field.kind).unwrap_or(0) / 2)),
    };
    set(model, scope, key, &text, out);
}

/// Sets the width of one hidden layer.
pub fn set_width(model: &mut Model, layer: usize, text: &str, out: &mut Vec<Effect>) {
    let mut widths: Vec<String> = model.state.hidden().iter().map(usize::to_string).collect();
    if let Some(width) = widths.get_mut(layer) {
        // A comma would make two layers of one.
        *width = text.replace(',', ";");
        set(model, Scope::Setting, "hidden", &widths.join(","), out);
    }
}

/// Adds a hidden layer as wide as the last.
pub fn add_layer(model: &mut Model, out: &mut Vec<Effect>) {
    let mut widths = model.state.hidden();
    widths.push(widths.last().copied().unwrap_or(8));
    set_widths(model, &widths, out);
}

/// Removes a hidden layer.
pub fn remove_layer(model: &mut Model, layer: usize, out: &mut Vec<Effect>) {
    let mut widths = model.state.hidden();
    if layer < widths.len() {
        widths.remove(layer);
        set_widths(model, &widths, out);
    }
}

fn set_widths(model: &mut Model, widths: &[usize], out: &mut Vec<Effect>) {
    let texts: Vec<String> = widths.iter().map(usize::to_string).collect();
    let text = if texts.is_empty() { "none".to_owned() } else { texts.join(",") };
    set(model, Scope::Setting, "hidden", &text, out);
}

/// What follows from the change of a field of the state `before`.
fn changed(model: &mut Model, before: &State, scope: Scope, key: &str, out: &mut Vec<Effect>) {
    let steered = if let Scope::Run(run) = scope { steer(model, before, run, key, out) } else { false };
    out.push(Effect::WriteLink(link::write(&model.state)));
    match scope {
        Scope::View => view_changed(model, key, out),
        Scope::Setting => {
            if ["data", "label", "samples"].contains(&key) {
                table::look_again(model, out);
            }
            let all: Vec<usize> = model.state.runs.keys().copied().collect();
            restart::soon(model, all, out);
        }
        Scope::Run(_) if steered => {}
        Scope::Run(run) => restart::soon(model, [run], out),
    }
}

fn view_changed(model: &mut Model, key: &str, out: &mut Vec<Effect>) {
    match key {
        "null" => background::choose(model),
        "play" => playback::speed_changed(model),
        "memory" => {
            // Those that could not begin before, of which the limit may be the reason.
            let begun = |run: &usize| model.runs.get(run).is_some_and(|results| results.generation != 0);
            let refused: Vec<usize> = model.state.runs.keys().copied().filter(|run| !begun(run)).collect();
            restart::soon(model, refused, out);
        }
        "speed" => {
            for (&run, results) in model.runs.iter() {
                let speed = restart::speed(&model.state, &results.experiment);
                out.push(Effect::Command { place: Place::Run(run), command: Command::SetSpeed(speed) });
            }
        }
        _ => {}
    }
}

/// Learning rate and schedule of a run under way change from the next step on; `false` where it must begin again. At which
/// step they did is in the worker's answer, which the state then records.
fn steer(model: &mut Model, before: &State, run: usize, key: &str, out: &mut Vec<Effect>) -> bool {
    let field = model.state.fields(Scope::Run(run)).into_iter().find(|field| field.key == key);
    let begun = model.progress.get(&run).is_some_and(|progress| progress.phase.is_under_way() && progress.step > 0);
    if !field.is_some_and(|field| field.is_steerable()) || !begun || model.tasks.pending.contains(&run) {
        return false;
    }
    let (Some(start), Some(values)) = (before.start_values(run), model.state.runs.get(&run)) else { return false };
    let later = before.changes.get(&run).map_or(Vec::new(), |changes| changes.later.clone());
    let (learning_rate, schedule) = changes::settings(values);
    let start = start.clone();
    if later.len() >= MAX_CHANGES {
        model.state.runs = before.runs.clone();
        let sentence =
            format!("It was changed {MAX_CHANGES} times in this run; no more is recorded. Reset, or remove them.");
        model.problems.fields.insert((Scope::Run(run), key.to_owned()), sentence);
    } else {
        let command = match key {
            "lr" => Command::SetLearningRate(learning_rate),
            _ => Command::SetSchedule(schedule),
        };
        out.push(Effect::Command { place: Place::Run(run), command });
    }
    model.state.changes.insert(run, Changes { start, later });
    true
}
