//! The list of runs: a card for each, with its colour, optimizer and how it stands.

use super::controls;
use super::dom::{self, all, append, by_id, make, make_text, set, set_text};
use super::page::{self, Page};
use super::results::Phase;
use crate::state::{RUN_NAMES, Scope};
use web_sys::{Element, HtmlButtonElement, HtmlElement};

/// Hears the buttons of the cards.
pub fn listen() {
    dom::listen(&dom::document(), "click", |event| {
        let Some(button) = dom::target(&event, "[data-run-action], #add-run") else { return };
        let index = button.get_attribute("data-run").and_then(|index| index.parse::<usize>().ok());
        let action = button.get_attribute("data-run-action");
        page::with(|page| {
            let runs = &mut page.state.runs;
            match (action.as_deref(), index) {
                (Some("remove"), Some(index)) if runs.len() > 1 && index < runs.len() => _ = runs.remove(index),
                (Some("duplicate"), Some(index)) if runs.len() < RUN_NAMES.len() && index < runs.len() => {
                    runs.insert(index + 1, runs[index].clone());
                }
                (None, None) if runs.len() < RUN_NAMES.len() => {
                    // The optimizer that is not there yet and differs most from those that are.
                    let there: Vec<String> =
                        (0..runs.len()).map(|i| page.state.text(Scope::Run(i), "optimizer")).collect();
                    let fresh =
                        ["momentum", "muon", "lion", "adamw"].into_iter().find(|name| !there.iter().any(|t| t == name));
                    page.state.runs.push(Default::default());
                    let at = Scope::Run(page.state.runs.len() - 1);
                    // The names are the table's own.
                    let _ = page.state.set(at, "optimizer", fresh.unwrap_or("sgd"));
                }
                _ => return,
            }
            super::address::write(&page.state);
            page.restart_all();
        });
    });
}

/// Brings all cards up to date.
pub fn sync(page: &Page) {
    let Some(place) = by_id::<HtmlElement>("runs") else { return };
    let cards = all(&place, ".run");
    for extra in cards.iter().skip(page.state.runs.len()) {
        extra.remove();
    }
    for index in cards.len()..page.state.runs.len() {
        append(&place, &[&card(index)]);
    }
    let count = page.state.runs.len();
    for (index, card) in all(&place, ".run").iter().enumerate() {
        let fields = page.state.fields(Scope::Run(index));
        let values = &page.state.runs[index];
        let (head, rest) = fields.split_at(1);
        for part in all(card, "[data-part-of-run=optimizer]") {
            controls::fill(&part, Scope::Run(index), head, values);
        }
        for part in all(card, "[data-part-of-run=fields]") {
            controls::fill(&part, Scope::Run(index), rest, values);
        }
        for note in all(card, ".note") {
            let words = note_words(page, index);
            dom::show(&note, !words.is_empty());
            set_text(&note, &words);
        }
        for button in all(card, "[data-run-action]") {
            let Some(button) = wasm_bindgen::JsCast::dyn_ref::<HtmlButtonElement>(&button).cloned() else { continue };
            let remove = button.get_attribute("data-run-action").as_deref() == Some("remove");
            button.set_disabled(if remove { count < 2 } else { count >= RUN_NAMES.len() });
        }
    }
    if let Some(add) = by_id::<HtmlButtonElement>("add-run") {
        add.set_disabled(count >= RUN_NAMES.len());
    }
    sync_key(page);
    super::transport::announce(page);
}

/// How a run stands, where that needs a word.
fn note_words(page: &Page, index: usize) -> String {
    let Some(run) = page.runs.get(index) else { return String::new() };
    match &run.phase {
        Phase::Failed { diverged: true, .. } => "Diverged. A smaller learning rate may help.".into(),
        Phase::Failed { .. } => "Stopped.".into(),
        _ => match run.changes.last() {
            Some(change) => format!("{} since step {}. Reset begins with it.", change.words, change.step),
            None => String::new(),
        },
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
    let button = |action: &str, sign: &str| {
        let words = format!("{} run {name}", if action == "remove" { "Remove" } else { "Duplicate" });
        let attributes = [("type", "button"), ("data-run-action", action), ("data-run", &number), ("title", &words)];
        let button = make_text("button", &attributes, sign);
        set(&button, "aria-label", &words);
        button
    };
    append(&header, &[&make_text("b", &[], name), &optimizer, &button("duplicate", "⧉"), &button("remove", "×")]);
    let note = make("p", &[("class", "note"), ("hidden", "")]);
    append(&card, &[&header, &note, &make("div", &[("data-part-of-run", "fields")])]);
    card
}

/// The key of colours above the pictures.
fn sync_key(page: &Page) {
    let Some(place) = by_id::<Element>("key") else { return };
    let names: Vec<String> = (0..page.state.runs.len())
        .map(|index| {
            let rule = crate::state::table::run_rule(&page.state.runs[index]);
            format!("{} {}", RUN_NAMES[index], super::pictures::short(rule))
        })
        .collect();
    if place.text_content().as_deref() != Some(&names.concat()) {
        dom::clear(&place);
        for (index, name) in names.iter().enumerate() {
            append(&place, &[&make_text("i", &[("class", &format!("run-{index}"))], name)]);
        }
    }
}
