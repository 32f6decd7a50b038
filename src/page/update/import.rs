//! Showing results from a file.

use super::{background, evidence, explore, restart, table};
use crate::page::effect::Effect;
use crate::page::imported::Results;
use crate::page::message::Event;
use crate::page::model::{Cursor, Model};
use crate::page::results::{Phase, Progress, RunResults};
use crate::state::{State, link};

/// Shows results in place of those that are here; nothing is computed for them again but what lies beside the runs, and beside
/// seeds the runs.
pub fn show(model: &mut Model, name: &str, results: Results, out: &mut Vec<Effect>) {
    for run in model.runs.keys().copied().collect::<Vec<_>>() {
        restart::drop_run(model, run, out);
    }
    let mut present = (*model.state).clone();
    results.put_files(name, &mut present);
    let (mut state, notes) = link::read(&results.link, Some(&present));
    if !results.has_view {
        // How many seeds there are, and against which null model, is part of the results.
        let view = if results.seeds.is_empty() { present.view.clone() } else { state.view.clone() };
        state.show_as(State { view, ..present });
    }
    *model.state = state;
    model.problems.note_link(notes);
    model.problems.of_file.extend(results.note);
    model.problems.fields.clear();
    model.awaiting = None;
    model.paused.assign(false);
    model.playing.assign(None);
    background::forget(model, None);
    explore::forgive(model);
    if !results.seeds.is_empty() {
        restart::all(model, out);
        evidence::restore(model, name, &results.seeds, out);
    }
    for run in results.runs {
        let generation = model.tasks.next_generation();
        let values = model.state.start_values(run.index).cloned().unwrap_or_default();
        let mut found = RunResults::new(values, run.experiment, generation);
        found.take(Event::Started(run.started));
        let step = run.checkpoints.last().map_or(0, |checkpoint| checkpoint.step);
        for checkpoint in run.checkpoints {
            // How long it took is not in the file.
            let checkpoint = Box::new(checkpoint);
            found.take(Event::Checkpoint { checkpoint, milliseconds: 0.0, training_milliseconds: 0.0 });
        }
        found.milliseconds.clear();
        model.runs.insert(run.index, found);
        let phase = match run.end {
            None => Phase::Finished,
            Some((sentence, diverged)) => Phase::Failed { sentence, diverged },
        };
        model.progress.insert(run.index, Progress { step, phase });
    }
    model.cursor.assign(Cursor { index: model.newest(), live: true });
    restart::plan_again(model);
    table::look_again(model, out);
    out.push(Effect::WriteLink(link::write(&model.state)));
}
