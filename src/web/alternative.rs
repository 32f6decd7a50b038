//! What a picture says to those who do not see it: words on its canvas, and its data as a table when it is open large.

use super::canvas::Chart;
use super::dom::{self, append, make, make_text, set, set_text};
use super::gallery::Picture;
use crate::sorting::sort_by_number;
use crate::view::histogram::{counts, edges};
use crate::view::number::significant;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Most rows and columns of a table.
const ROWS: usize = 200;
const COLUMNS: usize = 30;

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
    let (titles, rows) = match chart {
        Chart::Curves(data) => {
            let mut titles = vec![data.x.title.clone()];
            titles.extend(data.series.iter().map(|series| series.label.clone()));
            // Series with the same x share a row.
            let mut xs: Vec<f64> = data.series.iter().flat_map(|s| s.points.iter().map(|p| p.0)).collect();
            sort_by_number(&mut xs, |x| *x);
            xs.dedup();
            let cell = |series: &crate::view::curves::Series, x: f64| {
                let found = series.points.iter().find(|point| point.0 == x).map(|point| point.1);
                found.filter(|y| y.is_finite()).map_or("–".into(), |y| significant(y, 6))
            };
            let row = |x: &f64| {
                let values = data.series.iter().map(|series| cell(series, *x));
                std::iter::once(significant(*x, 6)).chain(values).collect::<Vec<String>>()
            };
            (titles, xs.iter().take(ROWS).map(row).collect::<Vec<_>>())
        }
        Chart::Histogram(data) => {
            let edges = edges(data);
            let mut titles = vec!["λ from".to_owned(), "to".to_owned()];
            titles.extend(data.series.iter().map(|spectrum| spectrum.name.clone()));
            let counted: Vec<Vec<f64>> = data.series.iter().map(|s| counts(&s.eigenvalues, &edges)).collect();
            let row = |bin: usize| {
                let ends = [edges[bin], edges[bin + 1]].map(|edge| significant(edge, 4));
                let of_runs = counted.iter().map(|counts| counts.get(bin).map_or("–".into(), f64::to_string));
                ends.into_iter().chain(of_runs).collect::<Vec<String>>()
            };
            (titles, (0..edges.len().saturating_sub(1)).map(row).collect())
        }
        Chart::Heatmap(data) => {
            let width = data.times.len();
            let stride = width.div_ceil(COLUMNS).max(1);
            let shown: Vec<usize> = (0..width).step_by(stride).collect();
            let mut titles = vec!["run and row".to_owned()];
            titles.extend(shown.iter().map(|&c| format!("{} {}", data.time, data.times[c])));
            let mut rows = Vec::new();
            let count = data.row_count();
            for panel in &data.panels {
                for row in (0..count).step_by(count.div_ceil(ROWS / data.panels.len().max(1)).max(1)) {
                    let mut cells = vec![format!("{}, {}", panel.name, row + 1)];
                    let value = |&c: &usize| panel.values.get(row * width + c).copied().unwrap_or(f64::NAN);
                    let text = |v: f64| if v.is_finite() { significant(v, 4) } else { "–".into() };
                    cells.extend(shown.iter().map(value).map(text));
                    rows.push(cells);
                }
            }
            (titles, rows)
        }
    };
    let table = make("table", &[]);
    let (head, body) = (make("thead", &[]), make("tbody", &[]));
    let line = make("tr", &[]);
    for title in &titles {
        append(&line, &[&make_text("th", &[("scope", "col")], title)]);
    }
    append(&head, &[&line]);
    for row in &rows {
        let line = make("tr", &[]);
        for (column, text) in row.iter().take(COLUMNS + 1).enumerate() {
            let cell =
                if column == 0 { make_text("th", &[("scope", "row")], text) } else { make_text("td", &[], text) };
            append(&line, &[&cell]);
        }
        append(&body, &[&line]);
    }
    append(&table, &[&head, &body]);
    table
}
