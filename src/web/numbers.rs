//! The table of numbers at the cursor: one column for each run.

use super::dom::{self, append, by_id, make, make_text, set};
use super::page::Page;
use super::pictures::short;
use super::results::RunResults;
use crate::experiment::Checkpoint;
use crate::state::RUN_NAMES;
use crate::view::number::significant;
use web_sys::HtmlElement;

type Row = (&'static str, fn(&RunResults, &Checkpoint) -> Option<String>);

fn figures(x: f64) -> Option<String> {
    Some(significant(x, 4))
}

fn percent(x: f64) -> Option<String> {
    Some(format!("{:.1} %", 100.0 * x))
}

const ROWS: [Row; 14] = [
    ("step", |_, c| Some(super::transport::thousands(c.step))),
    ("training loss", |_, c| figures(c.loss)),
    ("training accuracy", |_, c| percent(c.accuracy)),
    ("test loss", |_, c| figures(c.test_loss?)),
    ("test accuracy", |_, c| percent(c.test_accuracy?)),
    ("λ₁", |_, c| figures(*c.leading_eigenvalues.first()?)),
    ("λ ÷ stability threshold", |_, c| figures(c.sharpness / c.stability_threshold?)),
    ("IPR, mean of k", |_, c| figures(c.leading_ipr.iter().sum::<f64>() / c.leading_ipr.len() as f64)),
    ("parameters that carry v₁ (1/IPR)", |_, c| figures(1.0 / c.leading_ipr.first()?)),
    ("gradient in the leading subspace", |_, c| percent(c.gradient_share?)),
    ("update in the leading subspace", |_, c| percent(c.update_share?)),
    ("tr H", |_, c| figures(c.trace)),
    ("largest residual ‖Hv − λv‖", |_, c| figures(c.certificates.max_residual)),
    ("|tr H − Σλ|", |_, c| figures(c.certificates.trace_defect)),
];

/// Brings the table up to date.
pub fn sync(page: &Page) {
    let Some(place) = by_id::<HtmlElement>("numbers-table") else { return };
    let mut columns: Vec<(usize, &RunResults, &Checkpoint)> = Vec::new();
    for (index, run) in page.runs.iter().enumerate() {
        columns.extend(run.at(page.cursor).map(|checkpoint| (index, run, checkpoint)));
    }
    // Tables that say the same are left alone: rebuilding one at every frame would cost more than it shows.
    let tag = format!("{:?}", columns.iter().map(|(i, r, c)| (*i, r.generation, c.step)).collect::<Vec<_>>());
    if place.get_attribute("data-tag").as_deref() == Some(&tag) {
        return;
    }
    set(&place, "data-tag", &tag);
    dom::clear(&place);
    if columns.is_empty() {
        return;
    }
    let table = make("table", &[]);
    let (head, rows) = (make("thead", &[]), make("tbody", &[]));
    let titles = make("tr", &[]);
    append(&titles, &[&make("td", &[])]);
    for (index, run, _) in &columns {
        let name = format!("{} {}", RUN_NAMES[*index], short(run.experiment.optimizer.rule));
        append(&titles, &[&make_text("th", &[("scope", "col"), ("class", &format!("run-{index}"))], &name)]);
    }
    append(&head, &[&titles]);
    for (name, value) in ROWS {
        let values: Vec<Option<String>> = columns.iter().map(|(_, run, c)| value(run, c)).collect();
        if values.iter().all(Option::is_none) {
            continue;
        }
        let row = make("tr", &[]);
        append(&row, &[&make_text("th", &[("scope", "row")], name)]);
        for value in values {
            append(&row, &[&make_text("td", &[], value.as_deref().unwrap_or("–"))]);
        }
        append(&rows, &[&row]);
    }
    append(&table, &[&head, &rows]);
    append(&place, &[&table]);
}
