//! Sentences: what is wrong, what a link held, what the setting costs, the visitor's own data, and how the runs are.

use crate::page::action::Saving;
use crate::page::plan::{Warning, describe};
use crate::page::table::{Kept, Table};
use crate::page::{Model, readout};
use crate::web::dom::{self, append, by_id, make, make_text, set, set_text, show};
use web_sys::{Element, HtmlElement};

/// Brings all sentences up to date.
pub fn render(model: &Model) {
    let mut problems = readout::problems(&model.problems);
    if let Saving::Failed(sentence) = &*model.saving {
        problems.push(sentence.clone());
    }
    paragraphs("problem", &problems, None);
    let mut notes = model.problems.of_link.clone();
    if !notes.is_empty() {
        notes.insert(0, "Not everything in this link was understood; the rest has its defaults:".into());
    }
    notes.extend(model.problems.of_file.iter().cloned());
    paragraphs("notes", &notes, Some("data-close-notes"));
    cost(model);
    table(&model.table, &model.kept);
    if let Some(place) = by_id::<Element>("announcement") {
        set_text(&place, &readout::announcement(model));
    }
}

/// Shows sentences at a place, with a button that closes them where it has a name.
fn paragraphs(id: &str, sentences: &[String], close: Option<&str>) {
    let Some(place) = by_id::<HtmlElement>(id) else { return };
    show(&place, !sentences.is_empty());
    let tag = sentences.join("\n");
    if place.get_attribute("data-sentences").unwrap_or_default() == tag {
        return;
    }
    set(&place, "data-sentences", &tag);
    dom::clear(&place);
    let column = make("div", &[]);
    for sentence in sentences {
        append(&column, &[&make_text("p", &[], sentence)]);
    }
    append(&place, &[&column]);
    if let (Some(name), false) = (close, sentences.is_empty()) {
        append(&place, &[&make_text("button", &[("type", "button"), (name, "")], "Close")]);
    }
}

fn cost(model: &Model) {
    let Some(place) = by_id::<HtmlElement>("cost") else { return };
    let (Some(plan), calibration) = &*model.plan else { return set_text(&place, "") };
    for (id, count) in [("inputs", plan.train.features), ("outputs", plan.train.classes)] {
        if let Some(place) = by_id::<Element>(id) {
            set_text(&place, &count.to_string());
        }
    }
    let (words, warning) = describe(&model.state, &plan.cost(&model.state, *calibration), plan.checkpoints);
    let class = match warning {
        Warning::None => "cost",
        Warning::Slow => "cost warn",
        Warning::Refused | Warning::Memory => "cost refused",
    };
    if let Some(limit) = by_id::<HtmlElement>("memory") {
        show(&limit, warning == Warning::Memory || model.state.view.contains_key("memory"));
    }
    set(&place, "class", class);
    set_text(&place, &words);
}

fn table(table: &Table, kept: &Kept) {
    let Some(place) = by_id::<HtmlElement>("table-preview") else { return };
    let tag = format!("{table:?}{kept:?}");
    if place.get_attribute("data-shows").as_deref() == Some(&tag) {
        return;
    }
    set(&place, "data-shows", &tag);
    dom::clear(&place);
    show(&place, *table != Table::default());
    if let Some(note) = &table.note {
        append(&place, &[&make_text("p", &[("role", "status")], note)]);
    }
    if let Some(refusal) = &table.refusal {
        append(&place, &[&make_text("p", &[("class", "error"), ("role", "alert")], refusal)]);
    }
    if let Some(preview) = &table.preview {
        append(&place, &[&make_text("p", &[("role", "status")], &preview.caption)]);
        if let Some(words) = &table.left_out {
            append(&place, &[&make_text("p", &[("role", "status")], words)]);
        }
        let rows = make("table", &[]);
        let head = make("tr", &[]);
        for title in &preview.head {
            append(&head, &[&make_text("th", &[("scope", "col")], title)]);
        }
        append(&rows, &[&head]);
        for cells in &preview.rows {
            let row = make("tr", &[]);
            for cell in cells {
                append(&row, &[&make_text("td", &[], cell)]);
            }
            append(&rows, &[&row]);
        }
        append(&place, &[&rows]);
        if let Some(words) = kept.describe() {
            append(&place, &[&make_text("p", &[("class", "note"), ("role", "status")], &words)]);
        }
        if *kept == Kept::Yes {
            append(&place, &[&make_text("button", &[("type", "button"), ("data-forget-table", "")], "Forget it")]);
        }
    }
    if let Some(doubt) = &table.doubt {
        append(&place, &[&make_text("p", &[("class", "error"), ("role", "alert")], doubt)]);
        append(&place, &[&make_text("button", &[("type", "button"), ("data-confirm-table", "")], "Use it as it is")]);
    }
}
