//! What each action changes, and what else follows from it: the only place where the model changes.
//!
//! An action never calls another: what has to happen afterwards is an effect, or comes back as an action of its own.
//! After every action the tasks beside the runs are reconsidered, since any change can call for another null model, or for
//! other surroundings of the cursor.

mod explore;
mod background;
mod restart;
mod table;
mod network;
mod transport;
mod playback;
mod fields;
mod runs;
mod files;
mod evidence;
mod import;
mod open;
mod lessons;
mod workers;

use super::action::{Action, Timer};
use super::effect::Effect;
use super::model::Model;
use super::stored::Stored;
use super::table::Kept;
use crate::state::link;

/// Begins everything, as when the page opens.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![Effect::RestoreFiles, Effect::LoadLessons];
    if model.awaiting.is_some() {
        table::wait(model, &mut effects);
    } else {
        restart::all(model, &mut effects);
        playback::begin(model, &mut effects);
    }
    evidence::reconsider(model, &mut effects);
    effects
}

/// Takes in one action, and returns what is to be done besides showing the model.
pub fn update(model: &mut Model, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    let out = &mut effects;
    match action {
        Action::Set { scope, key, text } => fields::set(model, scope, &key, &text, out),
        Action::Slide { scope, key, position } => fields::slide(model, scope, &key, position, out),
        Action::UseAll { scope, key, all } => fields::use_all(model, scope, &key, all, out),
        Action::SetWidth { layer, text } => fields::set_width(model, layer, &text, out),
        Action::AddLayer => fields::add_layer(model, out),
        Action::RemoveLayer(layer) => fields::remove_layer(model, layer, out),
        Action::AddRun => runs::add(model, out),
        Action::DuplicateRun(run) => runs::duplicate(model, run, out),
        Action::RemoveRun(run) => runs::remove(model, run, out),
        Action::RemoveChanges(run) => runs::remove_changes(model, run, out),
        Action::FollowLink(text) => follow(model, &text, out),
        Action::CloseNotes => model.problems.note_link(Vec::new()),
        Action::PlayOrPause => playback::play_or_pause(model, out),
        Action::SpaceBar => playback::space_bar(model, out),
        Action::Step => transport::step(model, out),
        Action::Back => transport::move_by(model, -1),
        Action::Reset => {
            restart::all(model, out);
            playback::begin(model, out);
        }
        Action::NewSeed(random) => {
            transport::new_seed(model, random, out);
            playback::begin(model, out);
        }
        Action::MoveCursor(index) => transport::move_to(model, index),
        Action::MoveCursorBy(count) => transport::move_by(model, count),
        Action::FollowNewest(live) => transport::follow_newest(model, live),
        Action::Enlarge(picture) => {
            let open = if model.state.open == Some(picture) { None } else { Some(picture) };
            files::enlarge(model, open, out);
        }
        Action::CloseEnlarged if model.state.open.is_some() => files::enlarge(model, None, out),
        Action::CloseEnlarged => {}
        Action::Point(pointer) => model.pointer.assign(pointer),
        Action::FilesChosen(files) => table::choose(model, files, out),
        Action::OpenFile(file) => open::choose(model, file, out),
        Action::FileOpened { name, found } => open::take(model, name, found, out),
        Action::FileRefused { name, problem } => table::refuse(model, &name, &problem),
        Action::ConfirmTable => table::confirm(model, out),
        Action::FilesRestored(found) => table::restored(model, found, out),
        Action::TableKept(Ok(())) => model.kept.assign(Kept::Yes),
        Action::TableKept(Err(why)) => model.kept.assign(Kept::Refused(why)),
        Action::ForgetTable => out.push(Effect::ForgetTable),
        Action::TableForgotten(Ok(())) => model.kept.assign(Kept::No),
        Action::TableForgotten(Err(why)) => table::refuse(model, "The table that is kept", &why),
        Action::ComputeOrStopSeeds => evidence::compute_or_stop(model, out),
        Action::ShowClaim(claim) => evidence::show_claim(model, claim, out),
        Action::StoredLoaded(text) => model.stored.assign(Stored::read(text)),
        Action::LessonsLoaded(text) => lessons::loaded(model, text),
        Action::Predict(answer) => lessons::predict(model, answer),
        Action::CloseLesson => lessons::close(model, out),
        Action::ReadingLoaded(there) => model.reading.assign(Some(there)),
        Action::CheckNow => explore::check(model),
        Action::Share => out.push(Effect::Copy(link::write(&model.state))),
        Action::Shared(copied) => files::shared(model, copied, out),
        Action::Export { export, shown } => files::export(model, export, shown, out),
        Action::TemplateLoaded(template) => files::write_program(model, template, out),
        Action::Saving(saving) => model.saving.assign(saving),
        Action::Dark(dark) => model.dark.assign(dark),
        Action::Worker { place, generation, event } => workers::take(model, place, generation, event, out),
        Action::Due(Timer::Restart(number)) => restart::due(model, number, out),
        Action::Due(Timer::Play(number)) => playback::due(model, number, out),
        Action::Due(Timer::Rest(number)) => background::rest(model, number),
        Action::Due(Timer::Restore) => table::restored(model, Err("its storage does not answer".into()), out),
        Action::Due(Timer::Shared(number)) => files::forget_shared(model, number),
    }
    background::watch_cursor(model, out);
    background::start_next(model, out);
    evidence::reconsider(model, out);
    explore::reconsider(model, out);
    effects
}

/// Takes over the state of a link that was followed within the page.
fn follow(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    model.awaiting = None;
    let (state, notes) = link::read(text, Some(&model.state));
    model.problems.note_link(notes);
    model.problems.fields.clear();
    if *model.state == state {
        return;
    }
    *model.state = state;
    table::look_again(model, out);
    restart::all(model, out);
    playback::begin(model, out);
}
