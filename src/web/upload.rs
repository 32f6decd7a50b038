//! A visitor's own table: by file or by drop, with a preview, or a sentence that names line and column.

use super::dom::{self, all, append, body, by_id, listen as on, make, make_text, show};
use super::page::{self, Page};
use crate::dataset::{Dataset, csv};
use crate::state::table::OWN_TABLE;
use crate::state::{OwnTable, Scope};
use wasm_bindgen::prelude::*;
use web_sys::{DragEvent, File, HtmlElement, HtmlInputElement};

/// The largest table that the page reads; its own thread must not stand still for long.
const MAX_BYTES: f64 = 1e6;
/// Rows of the preview.
const ROWS: usize = 4;
/// Columns of the preview.
const COLUMNS: usize = 6;

/// Hears the button, the file input and drops anywhere on the page.
pub fn listen() {
    on(&dom::document(), "click", |event| {
        if dom::target(&event, "#own-table").is_some()
            && let Some(input) = by_id::<HtmlInputElement>("file")
        {
            input.click();
        }
    });
    if let Some(input) = by_id::<HtmlInputElement>("file") {
        let files = input.clone();
        on(&input, "change", move |_| {
            if let Some(file) = files.files().and_then(|list| list.item(0)) {
                read(file);
            }
            // The same file can then be chosen again.
            files.set_value("");
        });
    }
    let mark = |on: bool| _ = body().class_list().toggle_with_force("drop", on);
    on(&dom::document(), "dragover", move |event| {
        event.prevent_default();
        mark(true);
    });
    on(&dom::document(), "dragleave", move |_| mark(false));
    on(&dom::document(), "drop", move |event| {
        event.prevent_default();
        mark(false);
        let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
        if let Some(file) = transfer.and_then(|t| t.files()).and_then(|list| list.item(0)) {
            read(file);
        }
    });
}

fn read(file: File) {
    let name = file.name();
    if file.size() > MAX_BYTES {
        return complain(&name, "the file has more than 1 MB; the page reads smaller tables");
    }
    wasm_bindgen_futures::spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(file.text()).await {
            Ok(text) => {
                let text = text.as_string().unwrap_or_default();
                page::with(|page| take(page, name, text));
            }
            Err(_) => complain(&name, "the browser could not read the file"),
        }
    });
}

/// Takes a table over as the data, or says what is wrong with it.
pub fn take(page: &mut Page, name: String, text: String) {
    match csv::read(&text, None) {
        Ok(data) => {
            page.state.own_table = Some(OwnTable { name: name.clone(), text });
            page.state.setting.remove("label");
            // The choice exists now that there is a table.
            let _ = page.state.set(Scope::Setting, "data", OWN_TABLE);
            preview(&name, &data);
            page.changed(Scope::Setting, "data");
        }
        Err(error) => complain(&name, &error.to_string()),
    }
}

fn complain(name: &str, problem: &str) {
    let Some(place) = by_id::<HtmlElement>("table-preview") else { return };
    dom::clear(&place);
    let words = format!("{name}: {problem}");
    append(&place, &[&make_text("p", &[("class", "error"), ("role", "alert")], &words)]);
    show(&place, true);
}

fn preview(name: &str, data: &Dataset) {
    let Some(place) = by_id::<HtmlElement>("table-preview") else { return };
    dom::clear(&place);
    let words = format!("{name}: {} rows, {} inputs, {} classes", data.len(), data.features, data.classes);
    append(&place, &[&make_text("p", &[("role", "status")], &words)]);
    let table = make("table", &[]);
    let head = make("tr", &[]);
    let shown = data.features.min(COLUMNS);
    for title in data.feature_names.iter().take(shown) {
        append(&head, &[&make_text("th", &[("scope", "col")], title)]);
    }
    append(&head, &[&make_text("th", &[("scope", "col")], "class")]);
    append(&table, &[&head]);
    for n in 0..data.len().min(ROWS) {
        let row = make("tr", &[]);
        for x in data.input(n).iter().take(shown) {
            append(&row, &[&make_text("td", &[], &crate::view::number::significant(*x, 4))]);
        }
        let class = data.class_names.get(data.labels[n]).cloned().unwrap_or_default();
        append(&row, &[&make_text("td", &[], &class)]);
        append(&table, &[&row]);
    }
    append(&place, &[&table]);
    show(&place, true);
}

/// Hides the preview when other data are chosen.
pub fn sync(page: &Page) {
    let own = super::setting::is_own_table(&page.state);
    for place in all(&dom::root(), "#table-preview") {
        if !own && place.query_selector(".error").ok().flatten().is_none() {
            show(&place, false);
        }
    }
}
