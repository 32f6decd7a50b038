//! The table of numbers at the cursor.

use crate::page::pictures::Scene;
use crate::page::readout;
use crate::web::dom::{self, append, by_id, make, make_text};
use web_sys::HtmlElement;

/// Writes the table.
pub fn render(scene: &Scene) {
    let Some(place) = by_id::<HtmlElement>("numbers-table") else { return };
    let numbers = readout::numbers(scene);
    let (table, head, rows) = (make("table", &[]), make("thead", &[]), make("tbody", &[]));
    let titles = make("tr", &[]);
    append(&titles, &[&make("td", &[])]);
    for (index, name) in &numbers.runs {
        append(&titles, &[&make_text("th", &[("scope", "col"), ("class", &format!("run-{index}"))], name)]);
    }
    append(&head, &[&titles]);
    for (name, cells) in &numbers.rows {
        let row = make("tr", &[]);
        append(&row, &[&make_text("th", &[("scope", "row")], name)]);
        for cell in cells {
            append(&row, &[&make_text("td", &[], cell)]);
        }
        append(&rows, &[&row]);
    }
    append(&table, &[&head, &rows]);
    dom::clear(&place);
    append(&place, &[&table]);
}
