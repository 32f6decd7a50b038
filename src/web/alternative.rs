//! What a picture says to those who do not see it: words on its canvas, and its data as a table when it is open large.

use super::canvas::Chart;
use super::dom::{self, append, make, make_text, set, set_text};
use super::gallery::Picture;
use crate::view::DataTable;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Writes the words, and the table where it is shown.
pub fn write(picture: &Picture) {
    let Some(chart) = &picture.chart else { return };
    let words = chart.describe();
    set(&picture.surface.base, "aria-label", &words);
    let Some(figure) = picture.surface.plot.parent_element() else { return };
    if !figure.class_list().contains("open") {
        for old in [".words", ".data"] {
            if let Ok(Some(old)) = figure.query_selector(old) {
                old.remove();
            }
        }
        return;
    }
    let text = part(&figure, "p", "words");
    set_text(&text, &words);
    let details = part(&figure, "details", "data");
    if details.child_element_count() == 0 {
        append(&details, &[&make_text("summary", &[], "The data as a table")]);
        let scroll = make("div", &[("class", "scroll"), ("tabindex", "0"), ("role", "region")]);
        set(&scroll, "aria-label", "The data as a table");
        append(&details, &[&scroll]);
    }
    if let Ok(Some(scroll)) = details.query_selector(".scroll") {
        dom::clear(&scroll);
        append(&scroll, &[&table(chart)]);
    }
}

fn part(figure: &Element, tag: &str, class: &str) -> HtmlElement {
    if let Ok(Some(there)) = figure.query_selector(&format!(".{class}")) {
        return there.unchecked_into();
    }
    let part = make(tag, &[("class", class)]);
    append(figure, &[&part]);
    part
}

fn table(chart: &Chart) -> HtmlElement {
    let DataTable { titles, rows, .. } = chart.table();
    let table = make("table", &[]);
    let (head, body) = (make("thead", &[]), make("tbody", &[]));
    let line = make("tr", &[]);
    for title in &titles {
        append(&line, &[&make_text("th", &[("scope", "col")], title)]);
    }
    append(&head, &[&line]);
    for row in &rows {
        let line = make("tr", &[]);
        for (column, text) in row.iter().enumerate() {
            let cell =
                if column == 0 { make_text("th", &[("scope", "row")], text) } else { make_text("td", &[], text) };
            append(&line, &[&cell]);
        }
        append(&body, &[&line]);
    }
    append(&table, &[&head, &body]);
    table
}
