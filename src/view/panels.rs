//! Line charts with the same axes, one panel for each run: side by side, or in two rows.

use super::axis::resolve;
use super::curves::{self, Curves, Legend};
use super::legend::{self, LegendEntry};
use super::{AxisSpec, Drawing, Layout, Rgb, Style, TEXT, UNIT};

/// Below which width panels stand in two rows, where each of these is as high, CSS pixels.
const NARROW: f64 = 130.0;

/// One panel.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePanel {
    /// Name of the run, above the panel.
    pub name: String,
    /// The run's colour.
    pub color: Rgb,
    /// The panel's lines; title and legend are those of all panels.
    pub curves: Curves,
}

/// Line charts side by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CurvePanels {
    /// Name of the chart.
    pub title: String,
    /// Horizontal axis of all panels.
    pub x: AxisSpec,
    /// Vertical axis of all panels.
    pub y: AxisSpec,
    /// One to four runs.
    pub panels: Vec<CurvePanel>,
    /// What the legend above the panels names.
    pub legend: Legend,
}

/// The chart's marks on `size` pixels, with a plot for each panel.
pub fn lay_out(size: (u32, u32), data: &CurvePanels, style: &Style) -> (Drawing, Layout) {
    let mut drawing = Drawing::new(size, style);
    let s = style.scale;
    let head = legend::draw(&mut drawing, &legend_entries(data));
    let named = drawing.height > 26.0 * s;
    let top = ((head + if named { TEXT + 1.5 * UNIT } else { 0.0 }) * s).round();
    let (x, y) = axes(data);
    let mut layout = Layout::default();
    // In two rows where panels in one would be too narrow for labels.
    let count = data.panels.len().max(1);
    let narrow = drawing.width / (count as f64) < NARROW * s && drawing.height - head * s > 2.0 * NARROW * s;
    let rows = if count > 2 && narrow { 2 } else { 1 };
    let columns = count.div_ceil(rows);
    let (each, high) = (drawing.width / columns as f64, (drawing.height - head * s) / rows as f64);
    for (i, panel) in data.panels.iter().enumerate() {
        let left = ((i % columns) as f64 * each).round();
        let down = ((i / columns) as f64 * high).round();
        if named {
            let place = (left + UNIT * s, down + (head + 0.5 * TEXT + 0.5 * UNIT) * s);
            drawing.panel_name(place, each - UNIT * s, panel.color, &panel.name);
        }
        let part = Curves { x: x.clone(), y: y.clone(), legend: Legend::None, ..panel.curves.clone() };
        let size = (each as u32, (high + head * s - top).max(0.0) as u32);
        let (part, plots) = curves::lay_out(size, &part, style);
        drawing.append(part, left, down + top);
        layout.plots.extend(plots.moved(left, down + top).plots);
    }
    (drawing, layout)
}

/// The axes with the ranges that hold the data of all panels.
fn axes(data: &CurvePanels) -> (AxisSpec, AxisSpec) {
    let ends = |spec: &AxisSpec, range: &dyn Fn(&Curves) -> (f64, f64), round: bool| {
        let ranges = data.panels.iter().map(|p| range(&p.curves)).flat_map(|r| [r.0, r.1]);
        let (min, max) = resolve(spec, ranges, round);
        spec.clone().range(min, max)
    };
    let x = ends(&data.x, &|c| curves::x_ends(c, &data.x), false);
    let y = ends(&data.y, &|c| curves::y_ends(c, &data.y), true);
    (x, y)
}

/// What the legend names, each entry once.
pub fn legend_entries(data: &CurvePanels) -> Vec<LegendEntry> {
    let mut entries: Vec<LegendEntry> = Vec::new();
    for panel in &data.panels {
        let own = curves::legend_entries(&panel.curves, data.legend);
        entries.extend(own.into_iter().filter(|entry| !entries.contains(entry)).collect::<Vec<_>>());
    }
    entries
}

/// The panels in words, one sentence for each.
pub fn describe(data: &CurvePanels) -> String {
    let sentence = |panel: &CurvePanel| {
        let (title, x) = (panel.name.clone(), data.x.clone());
        curves::describe(&Curves { title, x, ..panel.curves.clone() })
    };
    let sentences: Vec<String> = data.panels.iter().map(sentence).collect();
    let sentences = if sentences.is_empty() { "no runs yet.".into() } else { sentences.join(" ") };
    format!("{}: {sentences}", data.title)
}
