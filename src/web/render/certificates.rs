//! How far the spectra can be trusted: the word that opens the numbers, the numbers at the cursor, the check.

use crate::page::Model;
use crate::page::pictures::Scene;
use crate::page::readout::certificates;
use crate::web::dom::{self, append, by_id, make, make_text, set_text};
use web_sys::{Element, HtmlButtonElement, HtmlElement};

/// The word, and what became of the check.
pub fn render(model: &Model) {
    let word = certificates::word(model);
    if let Some(place) = by_id::<HtmlElement>("checked") {
        dom::show(&place, !word.is_empty());
    }
    for (id, text) in [("checked-word", word), ("check", certificates::check(model))] {
        if let Some(place) = by_id::<Element>(id) {
            set_text(&place, &text);
        }
    }
    let checking = model.exploration.checking;
    if let Some(button) = by_id::<HtmlButtonElement>("check-now")
        && button.disabled() != checking
    {
        button.set_disabled(checking);
    }
}

/// The numbers at the moment that the pictures show.
pub fn render_moment(scene: &Scene) {
    let Some(place) = by_id::<HtmlElement>("certificates") else { return };
    let table = make("table", &[]);
    let line = make("tr", &[]);
    append(&line, &[&make("td", &[])]);
    for run in &scene.runs {
        let class = format!("run-{}", run.index);
        append(&line, &[&make_text("th", &[("scope", "col"), ("class", &class)], &run.name)]);
    }
    append(&table, &[&line]);
    for (name, texts) in certificates::rows(scene) {
        let line = make("tr", &[]);
        append(&line, &[&make_text("th", &[("scope", "row")], &name)]);
        texts.iter().for_each(|text| append(&line, &[&make_text("td", &[], text)]));
        append(&table, &[&line]);
    }
    dom::clear(&place);
    append(&place, &[&table]);
}
