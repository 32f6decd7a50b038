//! Lessons: their texts, what was predicted, and hiding them.

use crate::page::effect::Effect;
use crate::page::lessons::Lessons;
use crate::page::model::Model;
use crate::state::link;

/// Takes in the texts; a link that names a lesson that is not there is told so.
pub fn loaded(model: &mut Model, text: Result<String, String>) {
    let lessons = Lessons::read(text);
    if let (Some(name), Lessons::Known(all)) = (&model.state.lesson, &lessons)
        && !all.iter().any(|lesson| lesson.name == *name)
    {
        let note = format!("There is no lesson “{name}”.");
        model.problems.of_link.push(note);
    }
    model.lessons.assign(lessons);
}

/// Remembers what was predicted for the lesson that is shown.
pub fn predict(model: &mut Model, answer: usize) {
    let Some(index) = model.lessons.of(&model.state) else { return };
    let lesson = &model.lessons.all()[index];
    // One more stands for none of them: to be shown what came out.
    if answer <= lesson.options.len() {
        let predicted = (lesson.name.clone(), answer);
        model.predicted.assign(Some(predicted));
    }
}

/// Hides the lesson, and leaves everything else as it is.
pub fn close(model: &mut Model, out: &mut Vec<Effect>) {
    model.state.lesson = None;
    model.state.hide.insert("lesson".into());
    out.push(Effect::WriteLink(link::write(&model.state)));
}
