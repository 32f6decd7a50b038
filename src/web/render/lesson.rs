//! The lesson above the pictures, and the menu of all lessons.

use crate::page::Model;
use crate::page::lessons::{Lesson, Lessons, Piece, pieces};
use crate::page::pictures::PICTURES;
use crate::state::{Choice, link};
use crate::web::dom::{all, append, by_id, clear, make, make_text, set, set_text, show};
use web_sys::{Element, HtmlElement};

/// Brings lesson and menu up to date.
pub fn render(model: &Model) {
    let lessons = &*model.lessons;
    menu(model, lessons.all());
    let Some(place) = by_id::<HtmlElement>("lesson") else { return };
    let failed = if let Lessons::Failed(why) = lessons { Some(why) } else { None };
    // Room is kept while the texts are on their way, so that nothing jumps.
    let waits = *lessons == Lessons::Asked && (model.state.lesson.is_some() || model.state.setting.is_empty());
    let index = lessons.of(&model.state);
    let hidden = model.state.hide.contains("lesson") || model.state.embed;
    show(&place, !hidden && (waits || index.is_some() || failed.is_some()));
    clear(&place);
    let lit = |name: &str| index.is_some_and(|index| lessons.all()[index].pictures.iter().any(|lit| lit == name));
    for descriptor in &PICTURES {
        if let Some(figure) = by_id::<Element>(descriptor.picture.name()) {
            let _ = figure.class_list().toggle_with_force("lit", !hidden && lit(descriptor.picture.name()));
        }
    }
    if let Some(why) = failed {
        append(&place, &[&make_text("p", &[], why)]);
    }
    if let Some(index) = index {
        fill(&place, model, index);
    }
}

fn fill(place: &HtmlElement, model: &Model, index: usize) {
    let lesson = &model.lessons.all()[index];
    let chosen = model.predicted.as_ref().filter(|(name, _)| *name == lesson.name).map(|(_, answer)| *answer);
    let ask = make("div", &[("class", "ask")]);
    let title = format!("{} · {}", index + 1, lesson.title);
    append(&ask, &[&make_text("h2", &[("id", "lesson-title")], &title), &make_text("span", &[], &lesson.question)]);
    let answers = make("span", &[("class", "answers"), ("role", "group"), ("aria-label", "Your prediction")]);
    for (answer, text) in lesson.options.iter().enumerate() {
        let pressed = if chosen == Some(answer) { "true" } else { "false" };
        let number = answer.to_string();
        let attributes = [("type", "button"), ("data-predict", number.as_str()), ("aria-pressed", pressed)];
        append(&answers, &[&make_text("button", &attributes, text)]);
    }
    if chosen.is_none() {
        // One more than there are answers: to see what came out without a prediction.
        let none = lesson.options.len().to_string();
        let attributes = [("type", "button"), ("data-predict", none.as_str()), ("class", "quiet")];
        append(&answers, &[&make_text("button", &attributes, "Show")]);
    }
    append(&ask, &[&answers]);
    let watch = make("p", &[("class", "watch")]);
    rich(&watch, model, &lesson.watch);
    append(place, &[&ask, &watch, &steps(model, index)]);
    if let Some(chosen) = chosen {
        let outcome = make("p", &[("class", "outcome"), ("role", "status")]);
        let verdict = match lesson.options.get(chosen) {
            None => lesson.options.get(lesson.answer).map_or(String::new(), |answer| format!("{answer}. ")),
            Some(_) if chosen == lesson.answer => "As you predicted. ".into(),
            Some(_) => format!("It came out otherwise: {}. ", lesson.options[lesson.answer]),
        };
        append(&outcome, &[&make_text("b", &[], &verdict)]);
        rich(&outcome, model, &lesson.outcome);
        append(place, &[&outcome]);
    }
    if lesson.differs(&model.state) {
        let changed = make_text("p", &[("class", "outcome")], "The setting was changed since. ");
        append(&changed, &[&link_to(model, lesson, "Back to the lesson’s")]);
        append(place, &[&changed]);
    }
}

/// To the lessons before and after, and away.
fn steps(model: &Model, index: usize) -> HtmlElement {
    let nav = make("nav", &[("aria-label", "Lessons in their order")]);
    let all = model.lessons.all();
    let step = |by: isize, sign: &str, label: &str| match index.checked_add_signed(by).and_then(|at| all.get(at)) {
        Some(lesson) => {
            let link = link::write(&lesson.state(&model.state));
            make_text("a", &[("class", "step"), ("href", &link), ("aria-label", label)], sign)
        }
        None => make_text("span", &[("class", "step"), ("aria-hidden", "true")], sign),
    };
    let place = format!("{} of {}", index + 1, all.len());
    let close = [("type", "button"), ("data-close-lesson", ""), ("aria-label", "Hide the lesson"), ("class", "step")];
    append(
        &nav,
        &[
            &step(-1, "‹", "The lesson before"),
            &make_text("span", &[], &place),
            &step(1, "›", "The next lesson"),
            &make_text("button", &close, "×"),
        ],
    );
    nav
}

fn link_to(model: &Model, lesson: &Lesson, text: &str) -> HtmlElement {
    make_text("a", &[("href", &link::write(&lesson.state(&model.state)))], text)
}

/// Puts a lesson's text into a place.
fn rich(place: &HtmlElement, model: &Model, text: &str) {
    for piece in pieces(text, &model.stored) {
        let element = match &piece {
            Piece::Text(words) => make_text("span", &[], words),
            Piece::Picture(name, words) => {
                make_text("button", &[("type", "button"), ("class", "ref"), ("data-go-to", name)], words)
            }
            Piece::Term(name, words) => {
                let target = format!("term-{name}");
                make_text("button", &[("type", "button"), ("class", "ref"), ("popovertarget", &target)], words)
            }
        };
        append(place, &[&element]);
    }
}

fn menu(model: &Model, lessons: &[Lesson]) {
    let Some(place) = by_id::<HtmlElement>("lessons-menu") else { return };
    let links = all(&place, "a");
    if links.len() != lessons.len() {
        clear(&place);
        for (index, lesson) in lessons.iter().enumerate() {
            append(&place, &[&link_to(model, lesson, &format!("{} · {}", index + 1, lesson.title))]);
        }
        return;
    }
    for (element, lesson) in links.iter().zip(lessons) {
        set(element, "href", &link::write(&lesson.state(&model.state)));
    }
}

/// The sentence at the cursor. While the cursor runs by itself it is not read out.
pub fn sentence(scene: &crate::page::pictures::Scene) {
    let Some(place) = by_id::<HtmlElement>("sentence") else { return };
    set(&place, "aria-live", if scene.model.playing.is_some() { "off" } else { "polite" });
    let phrases = crate::page::readout::sentence::at_cursor(scene);
    let spans = all(&place, "span");
    if spans.len() != phrases.len() {
        clear(&place);
        for _ in &phrases {
            append(&place, &[&make("span", &[])]);
        }
    }
    for (span, phrase) in all(&place, "span").iter().zip(&phrases) {
        let run = phrase.run.map_or(String::new(), |run| format!("run-{run}"));
        let class = if phrase.strong { format!("{run} strong") } else { run };
        set(span, "class", class.trim());
        set_text(span, &phrase.text);
    }
}
