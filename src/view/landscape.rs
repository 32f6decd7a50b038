//! The loss around one point, for each run: what the network makes of the plane there, and below it the loss along a
//! direction with its parabola.

use super::axis::{self, Axis, AxisScale};
use super::curves::{Curves, Series};
use super::drawing::{Align, Drawing};
use super::number::{signed, significant};
use super::scatter::{self, Scatter};
use super::{Layout, Plot, Rect, Rgb, SMALL, Style, TEXT, UNIT};

/// One run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// Name of the run.
    pub name: String,
    /// The run's colour; ink if `None`.
    pub color: Option<Rgb>,
    /// A few words beside the name, such as `97 → 81 % right`.
    pub words: String,
    /// The plane, where inputs have two features.
    pub plane: Option<Scatter>,
    /// (s, L(θ + s v)); NaN where it is not finite.
    pub loss: Vec<(f64, f64)>,
    /// (s, L(θ) + ½ λ s²).
    pub parabola: Vec<(f64, f64)>,
    /// The s that is shown and the loss there.
    pub at: Option<(f64, f64)>,
    /// gᵀv, the slope of the loss at s = 0.
    pub slope: Option<f64>,
    /// What stands in place of a curve.
    pub message: String,
}

/// The same for one to four runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Landscape {
    /// Name of the chart.
    pub title: String,
    /// Name of the direction, such as v₁.
    pub direction: String,
    /// Name of each class.
    pub classes: Vec<String>,
    /// Whether inputs have two features.
    pub planar: bool,
    /// The runs.
    pub panels: Vec<Panel>,
}

/// Share of a panel's height that the plane gets.
const PLANE: f64 = 0.66;

/// The chart's marks on `size` pixels, with two plots for each panel: the plane, where there is one, and the curve.
pub fn lay_out(size: (u32, u32), data: &Landscape, style: &Style) -> (Drawing, Layout) {
    let mut drawing = Drawing::new(size, style);
    let (s, mut layout) = (style.scale, Layout::default());
    let each = drawing.width / data.panels.len().max(1) as f64;
    let named = drawing.height > 60.0 * s;
    let top = if named { (TEXT + 2.0 * UNIT) * s } else { 0.0 };
    for (i, panel) in data.panels.iter().enumerate() {
        let (x0, x1) = ((i as f64 * each + UNIT * s).round(), ((i + 1) as f64 * each - UNIT * s).round());
        let color = panel.color.unwrap_or(drawing.palette.ink);
        if named {
            drawing.name_and_words((x0, x1), color, &panel.name, &panel.words);
        }
        let split = if data.planar { (top + PLANE * (drawing.height - top)).round() } else { top };
        let plane = Rect { x0, x1, y0: top, y1: split - UNIT * s };
        let curve = Rect { x0, x1, y0: split + UNIT * s, y1: drawing.height };
        if data.planar {
            layout.plots.push(draw_plane(&mut drawing, panel, plane));
        }
        layout.plots.push(draw_curve(&mut drawing, data, panel, color, curve));
    }
    (drawing, layout)
}

fn range(min: f64, max: f64, from: f64, to: f64) -> Axis {
    Axis::Range { scale: AxisScale::Linear, min, max, from, to }
}

fn draw_plane(drawing: &mut Drawing, panel: &Panel, room: Rect) -> Plot {
    let shown = panel.plane.as_ref().and_then(|plane| scatter::place(drawing, plane, room));
    let (rect, x, y) = shown.map_or((room, (0.0, 1.0), (0.0, 1.0)), |shown| (shown.rect, shown.x, shown.y));
    Plot { rect, x: range(x.0, x.1, rect.x0, rect.x1), y: range(y.0, y.1, rect.y1, rect.y0), series: Vec::new() }
}

fn draw_curve(drawing: &mut Drawing, data: &Landscape, panel: &Panel, color: Rgb, room: Rect) -> Plot {
    let s = drawing.scale;
    let (muted, line, ink) = (drawing.palette.muted, drawing.palette.axis, drawing.palette.ink);
    let below = if room.height() > 40.0 * s { (SMALL + 1.5 * UNIT) * s } else { s };
    let labelled = below > s && room.width() > 110.0 * s;
    // Names stand above the curves.
    let above = if labelled { 1.3 * SMALL * s } else { 0.0 };
    let y1 = (room.y1 - below).round().max(room.y0);
    let rect = Rect { x0: room.x0, x1: room.x1, y0: (room.y0 + above).round().min(y1), y1 };
    // The parabola may leave the picture: the range is that of the loss.
    let values = || panel.loss.iter().chain(&panel.at).map(|point| point.1).filter(|loss| axis::shown(*loss));
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    // Where the loss does not change, its line lies in the middle.
    let margin = if high - low > 1e-12 * high.abs() { 0.08 * (high - low) } else { 0.5 * high.abs().max(1e-6) };
    let (x, y) = (range(-1.0, 1.0, rect.x0, rect.x1), range(low - margin, high + margin, rect.y1, rect.y0));
    let plot = Plot { rect, x, y, series: Vec::new() };
    if panel.loss.is_empty() {
        drawing.message(rect, &panel.message);
        return plot;
    }
    drawing.horizontal(rect.x0, rect.x1, rect.y1, 1.0, line, &[]);
    for (value, label, align) in [(-1.0, "−1", Align::Start), (0.0, "0", Align::Middle), (1.0, "+1", Align::End)] {
        let Some(px) = plot.x.px(value) else { continue };
        drawing.vertical(px, rect.y1, rect.y1 + 0.75 * UNIT * s, 1.0, line, &[]);
        if below > s {
            drawing.text((px, rect.y1 + (1.5 * UNIT + 0.5 * SMALL) * s), align, SMALL, muted, label);
        }
    }
    if labelled {
        let row = room.y0 + 0.6 * SMALL * s;
        let most = significant(high, 2);
        drawing.text((rect.x0, row), Align::Start, SMALL, muted, &most);
        drawing.text((rect.x0, rect.y1 - 0.75 * SMALL * s), Align::Start, SMALL, muted, &significant(low, 2));
        let mut begin = rect.x0 + drawing.text_width(&most, SMALL) + 3.0 * UNIT * s;
        for (label, color) in [("loss", color), (&format!("½ λ s² along {}", data.direction), muted)] {
            let label = drawing.shortened(label, SMALL, rect.x1 - begin);
            drawing.text((begin, row), Align::Start, SMALL, color, &label);
            begin += drawing.text_width(&label, SMALL) + 2.0 * UNIT * s;
        }
    }
    for (points, width, color, dash) in
        [(&panel.parabola, 1.0, muted, &[3.0, 2.5][..]), (&panel.loss, 1.75, color, &[][..])]
    {
        let placed: Vec<_> = points.iter().map(|p| plot.x.px(p.0).zip(plot.y.px(p.1))).collect();
        for run in placed.split(|point| point.is_none()).filter(|run| !run.is_empty()) {
            let run: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
            drawing.line(&run, rect, width, (color, 1.0), dash);
        }
    }
    if let Some((px, py)) = panel.at.and_then(|(x, y)| plot.x.px(x).zip(plot.y.px(y))) {
        drawing.dot(px, py, 4.5, ink, 1.0);
        drawing.dot(px, py, 3.0, drawing.palette.surface, 1.0);
    }
    plot
}

/// The chart in words.
pub fn describe(data: &Landscape) -> String {
    let of_panel = |panel: &Panel| {
        let mut words = vec![panel.words.clone(), panel.message.clone()];
        let start = panel.loss.iter().find(|point| point.0 == 0.0);
        words.extend(start.map(|start| format!("loss {} at s = 0", significant(start.1, 3))));
        let moved = panel.at.filter(|at| at.0 != 0.0);
        words.extend(moved.map(|at| format!("{} at s = {}", significant(at.1, 3), signed(at.0))));
        words.extend(panel.slope.map(|slope| format!("slope gᵀv {} at s = 0", significant(slope, 3))));
        words.retain(|words| !words.is_empty());
        format!("{}: {}", panel.name, words.join(", "))
    };
    let parts: Vec<String> = data.panels.iter().map(of_panel).collect();
    let parts = if parts.is_empty() { "no runs yet".into() } else { parts.join("; ") };
    format!("{}, loss along {}: {parts}.", data.title, data.direction)
}

/// The curves of a panel, as lines for a table.
pub fn curves(panel: &Panel) -> Curves {
    let color = panel.color.unwrap_or(Rgb(0, 0, 0));
    let series = |label: &str, points: &Vec<(f64, f64)>| Series::new(label, color, points.clone());
    let series = vec![series("loss", &panel.loss), series("L + ½ λ s²", &panel.parabola)];
    Curves { series, ..Curves::default() }
}
