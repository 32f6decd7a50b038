//! The list of runs: a card for each, with its colour, optimizer and how it is.

use super::{controls, icon_button, icons};
use crate::page::{Model, readout};
use crate::state::{RUN_NAMES, Scope};
use crate::web::dom::{self, all, append, by_id, make, make_text, set_text};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlElement};

/// The card of a run.
fn card_of(index: usize) -> Option<HtmlElement> {
    all(&by_id::<Element>("runs")?, &format!("[data-run-card=\"{}\"]", RUN_NAMES[index])).into_iter().next()
}

/// Brings all cards up to date, but for what they say of the runs.
pub fn render(model: &Model) {
    let Some(place) = by_id::<HtmlElement>("runs") else { return };
    let mut before: Option<HtmlElement> = None;
    for index in (0..RUN_NAMES.len()).rev() {
        match (card_of(index), model.state.runs.contains_key(&index)) {
            (Some(card), false) => card.remove(),
            (Some(card), true) => before = Some(card),
            (None, true) => {
                let card = card(index);
                let _ = place.insert_before(&card, before.as_ref().map(|before| before.as_ref()));
                before = Some(card);
            }
            (None, false) => {}
        }
    }
    let full = model.state.free_run().is_none();
    for (&index, values) in &model.state.runs {
        let Some(card) = card_of(index) else { continue };
        let fields = model.state.fields(Scope::Run(index));
        let (head, rest) = fields.split_at(1.min(fields.len()));
        for (part, fields) in [("optimizer", head), ("fields", rest)] {
            for part in all(&card, &format!("[data-part-of-run={part}]")) {
                controls::fill(&part, Scope::Run(index), fields, values);
            }
        }
        for button in all(&card, "[data-run-action]").iter().filter_map(|b| b.dyn_ref::<HtmlButtonElement>()) {
            match button.get_attribute("data-run-action").as_deref() {
                Some("remove") => button.set_disabled(model.state.runs.len() < 2),
                Some("remove-changes") => dom::show(button, model.state.has_changes(index)),
                _ => button.set_disabled(full),
            }
        }
    }
    controls::errors(&model.problems.fields);
    if let Some(add) = by_id::<HtmlButtonElement>("add-run") {
        add.set_disabled(full);
    }
}

/// Brings up to date what the cards say of the runs.
pub fn notes(model: &Model) {
    for &index in model.state.runs.keys() {
        for note in card_of(index).iter().flat_map(|card| all(card, ".note")) {
            let words = readout::run_note(model, index);
            dom::show(&note, words.is_some());
            let (words, fault) = words.unwrap_or_default();
            set_text(&note, &words);
            let _ = note.class_list().toggle_with_force("fault", fault);
        }
    }
}

fn card(index: usize) -> HtmlElement {
    let name = RUN_NAMES[index];
    let class = format!("run run-{index}");
    let label = format!("Run {name}");
    let number = index.to_string();
    let card = make("section", &[("class", &class), ("aria-label", &label), ("data-run-card", name)]);
    let header = make("header", &[]);
    let optimizer = make("span", &[("class", "plain"), ("data-part-of-run", "optimizer")]);
    let button = |action: &str, label: String, path: &str| {
        icon_button(&[("data-run-action", action), ("data-run", &number)], &label, path)
    };
    let duplicate = button("duplicate", format!("Duplicate run {name}"), icons::DUPLICATE);
    let remove = button("remove", format!("Remove run {name}"), icons::CLOSE);
    append(&header, &[&make_text("b", &[], name), &optimizer, &duplicate, &remove]);
    let note = make("p", &[("class", "note"), ("hidden", "")]);
    let attributes = [("type", "button"), ("data-run-action", "remove-changes"), ("data-run", &number), ("hidden", "")];
    let changes = make_text("button", &attributes, "Remove changes on the way");
    append(&card, &[&header, &note, &changes, &make("div", &[("data-part-of-run", "fields")])]);
    card
}
