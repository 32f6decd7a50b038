//! The table of numbers at the cursor.

use crate::page::pictures::Scene;
use crate::page::readout;
use crate::web::dom::{self, append, by_id, make, set, set_text};
use web_sys::HtmlElement;

/// Brings the table up to date; one of other runs or rows is made anew.
pub fn render(scene: &Scene) {
    let Some(place) = by_id::<HtmlElement>("numbers-table") else { return };
    let numbers = readout::numbers(scene);
    let runs: Vec<String> = numbers.runs.iter().map(|(index, _)| format!("run-{index}")).collect();
    let shape = format!("{} rows: {}", numbers.rows.len(), runs.join(" "));
    if place.get_attribute("data-shape").as_deref() != Some(&shape) {
        dom::clear(&place);
        append(&place, &[&table(&runs, numbers.rows.len())]);
        set(&place, "data-shape", &shape);
    }
    let titles = numbers.runs.iter().map(|(_, name)| name);
    let rows = numbers.rows.iter().flat_map(|(name, cells)| std::iter::once(name).chain(cells));
    for (cell, text) in dom::all(&place, "th, tbody td").iter().zip(titles.chain(rows)) {
        set_text(cell, text);
    }
}

/// A table without texts: a title per run, and rows with a name and a cell per run.
fn table(runs: &[String], rows: usize) -> HtmlElement {
    let (table, head, body) = (make("table", &[]), make("thead", &[]), make("tbody", &[]));
    let titles = make("tr", &[]);
    append(&titles, &[&make("td", &[])]);
    for class in runs {
        append(&titles, &[&make("th", &[("scope", "col"), ("class", class)])]);
    }
    append(&head, &[&titles]);
    for _ in 0..rows {
        let row = make("tr", &[]);
        append(&row, &[&make("th", &[("scope", "row")])]);
        for _ in runs {
            append(&row, &[&make("td", &[])]);
        }
        append(&body, &[&row]);
    }
    append(&table, &[&head, &body]);
    table
}
