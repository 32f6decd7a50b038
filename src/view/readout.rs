//! The values under the pointer, as lines of text.

mod landscape;
mod network;

use super::chart::Chart;
use super::curves::Curves;
use super::forest::{self, Forest};
use super::heatmap::{Heatmap, Rows};
use super::histogram::{EstimatedCount, Histogram, counts, edges};
use super::number::{fixed, plural, significant};
use super::{AxisLabels, Layout, Plot, Rgb};

/// Most lines of a readout.
const LINES: usize = 14;
/// Points of curves within so many CSS pixels of the nearest one's column are read out with it.
const REACH: f64 = 12.0;

/// One line: a name and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadoutLine {
    /// What the value is.
    pub name: String,
    /// The value.
    pub value: String,
    /// Colour of the run that it belongs to.
    pub color: Option<Rgb>,
}

fn line(name: &str, value: String, color: Option<Rgb>) -> ReadoutLine {
    ReadoutLine { name: name.into(), value, color }
}

impl Chart {
    /// The values under a pixel (`px`, `py`) of the drawing that has this `layout` and `scale` pixels per CSS pixel; empty
    /// where there are none.
    pub fn readout(&self, layout: &Layout, (px, py): (f64, f64), scale: f64) -> Vec<ReadoutLine> {
        let Some(plot) = layout.plot_at(px, py) else { return Vec::new() };
        let panel = layout.plots.iter().position(|other| other == plot).unwrap_or(0);
        let mut lines = match self {
            Chart::Curves(data) => curves(data, &data.x.title, data.y.labels, plot, px, scale),
            Chart::CurvePanels(data) => {
                let Some(panel) = data.panels.get(panel) else { return Vec::new() };
                let mut lines = curves(&panel.curves, &data.x.title, data.y.labels, plot, px, scale);
                if !lines.is_empty() {
                    lines.insert(0, line(&panel.name, String::new(), Some(panel.color)));
                }
                lines
            }
            Chart::Heatmap(data) => heatmap(data, panel, plot, (px, py)),
            Chart::Histogram(data) => histogram(data, plot, px),
            Chart::Forest(data) => forest(data, layout, (px, py)),
            Chart::Landscape(data) => landscape::readout(data, layout, (px, py)),
            Chart::Network(data) => network::readout(data, layout, (px, py), scale),
            Chart::Scatter(_) => Vec::new(),
        };
        if lines.len() > LINES {
            let more = lines.len() - LINES;
            lines.truncate(LINES);
            lines.push(line("", format!("and {more} more"), None));
        }
        lines
    }
}

/// The x nearest to the pointer, and the values of all series there.
fn curves(data: &Curves, x_title: &str, labels: AxisLabels, plot: &Plot, px: f64, scale: f64) -> Vec<ReadoutLine> {
    let near = plot.nearest(px);
    let away = |x: f64| (x - px).abs();
    let Some(closest) = near.iter().flatten().min_by(|a, b| away(a.px).total_cmp(&away(b.px))).copied() else {
        return Vec::new();
    };
    let mut lines = vec![line(x_title, significant(closest.x, 4), None)];
    for (series, point) in data.series.iter().zip(&near) {
        if let Some(point) = point.filter(|p| (p.px - closest.px).abs() < REACH * scale) {
            lines.push(line(&series.label, value(labels, point.y), Some(series.color)));
        }
    }
    for step_line in &data.step_lines {
        // The value that holds at this x: that of the last point at or before it.
        let held = step_line.points.iter().rev().find(|p| p.0 <= closest.x).map(|p| p.1);
        if let Some(value) = held.filter(|v| v.is_finite()) {
            lines.push(line(&step_line.label, significant(value, 4), Some(step_line.color)));
        }
    }
    lines
}

/// A value in more digits than an axis has.
fn value(labels: AxisLabels, value: f64) -> String {
    match labels {
        AxisLabels::Plain => significant(value, 4),
        AxisLabels::Percent => format!("{} %", significant(100.0 * value, 3)),
        AxisLabels::Count(_) => format!("{}, about {}", significant(value, 4), labels.text(value)),
    }
}

/// The cell under the pointer.
fn heatmap(data: &Heatmap, panel: usize, plot: &Plot, (px, py): (f64, f64)) -> Vec<ReadoutLine> {
    let cell = data.panels.get(panel).zip(plot.x.cell_at(px).zip(plot.y.cell_at(py)));
    let Some((panel, (column, row))) = cell else { return Vec::new() };
    let time = data.times.get(column).copied().unwrap_or(f64::NAN);
    let value = panel.values.get(row * data.times.len() + column).copied().unwrap_or(f64::NAN);
    let kind = if data.rows == Rows::Times { "and" } else { "row" };
    let shown = match data.is_undetermined(panel, row, column) {
        true => "not determined".into(),
        false if value.is_finite() => self::value(data.labels, value),
        false => "not known yet".into(),
    };
    vec![
        line(&panel.name, format!("{} {}", data.time, significant(time, 6)), Some(panel.color)),
        line(kind, data.row_name(row), None),
        line(&data.quantity, shown, None),
    ]
}

/// The claim of the row under the pointer, and its estimate in the nearest column.
fn forest(data: &Forest, layout: &Layout, (px, py): (f64, f64)) -> Vec<ReadoutLine> {
    let columns = data.columns.len().max(1);
    let of_row = |plot: &&Plot| (plot.rect.y0..=plot.rect.y1).contains(&py);
    let Some(first) = layout.plots.iter().position(|plot| of_row(&plot)) else { return Vec::new() };
    let away = |index: &usize| {
        let rect = layout.plots[*index].rect;
        (rect.x0 - px).max(px - rect.x1).max(0.0)
    };
    let Some(nearest) = (first..first + columns).min_by(|a, b| away(a).total_cmp(&away(b))) else { return Vec::new() };
    let Some(row) = data.rows.get(first / columns) else { return Vec::new() };
    let column = nearest - first;
    let mut lines = vec![line(&row.claim, data.columns[column].clone(), None)];
    match row.estimates.get(column).and_then(|estimate| Some((*estimate, estimate.value?))) {
        Some((estimate, value)) => {
            lines.push(line("estimate", forest::shown(row.unit, value), None));
            lines.push(line("95 % interval", forest::interval_text(row.unit, estimate), None));
            lines.push(line("verdict", forest::word(estimate.verdict).to_owned(), None));
        }
        None => lines.push(line("estimate", "none".to_owned(), None)),
    }
    lines
}

/// The bin under the pointer, and how many eigenvalues lie in it.
fn histogram(data: &Histogram, plot: &Plot, px: f64) -> Vec<ReadoutLine> {
    let Some(x) = plot.x.at(px) else { return Vec::new() };
    let edges = edges(data);
    let bin = edges.partition_point(|edge| *edge <= x).saturating_sub(1).min(edges.len() - 2);
    let range = format!("{} to {}", significant(edges[bin], 3), significant(edges[bin + 1], 3));
    let mut lines = vec![line("λ", range, None)];
    for run in &data.series {
        let words = match run.estimates(&edges) {
            Some(estimates) => {
                let EstimatedCount { least, most, .. } = estimates[bin];
                format!("{} to {} eigenvalues", fixed(least.floor(), 0), fixed(most.ceil(), 0))
            }
            None => {
                let noun = if run.estimated.is_some() { "leading eigenvalue" } else { "eigenvalue" };
                plural(run.counts(&edges)[bin] as usize, noun)
            }
        };
        lines.push(line(&run.name, words, Some(run.color)));
    }
    for null in data.series.iter().filter_map(|s| s.null.as_ref()).chain(&data.null) {
        let count = counts(&null.eigenvalues, &edges)[bin] / null.samples.max(1) as f64;
        lines.push(line(&null.label, significant(count, 3), None));
    }
    lines
}
