//! Lines over a common axis, with bands, levels, markers and a cursor.

mod parts;
mod labels;
mod describe;

use super::axis::{self, AxisSpec};
use super::drawing::{DrawError, Drawing};
use super::frame::{self, Frame, Ranged};
use super::legend::{self, LegendEntry, Symbol};
use super::{Layout, Plot, PlottedPoint, Rect, Rgb, Style};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

pub use describe::describe;
pub use parts::{Extent, Legend, Level, Marker, Note, Series, ShadedBand, StepLine};

/// A line chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    /// Name of the chart.
    pub title: String,
    /// Horizontal axis.
    pub x: AxisSpec,
    /// Vertical axis.
    pub y: AxisSpec,
    /// Lines, drawn in this order.
    pub series: Vec<Series>,
    /// Filled ranges below the lines.
    pub bands: Vec<ShadedBand>,
    /// Horizontal references.
    pub levels: Vec<Level>,
    /// References that change along x.
    pub step_lines: Vec<StepLine>,
    /// Vertical references.
    pub markers: Vec<Marker>,
    /// Messages within the plot.
    pub notes: Vec<Note>,
    /// The cursor's x.
    pub cursor: Option<f64>,
    /// What the legend names.
    pub legend: Legend,
    /// What the names at the ends of lines are, above them; may be empty.
    pub end_title: String,
    /// Short names beside the plot at the heights of bands and levels, whose labels then do not stand within it: (height,
    /// name, colour).
    pub end_notes: Vec<(f64, String, Rgb)>,
}

/// The least width of a bar, CSS pixels.
pub const BAR: f64 = 5.0;

/// Draws the chart over the whole area.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Curves,
    style: &Style,
) -> Result<Layout, DrawError<DB>> {
    let (drawing, drawn) = lay_out(area.dim_in_pixel(), data, style);
    drawing.paint(area, None)?;
    Ok(drawn)
}

/// The chart's marks on a picture of `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Curves, style: &Style) -> (Drawing, Layout) {
    let mut drawing = Drawing::new(size, style);
    let outer = Rect { x0: 0.0, y0: 0.0, x1: drawing.width, y1: drawing.height };
    let ranged = |spec, (min, max)| Ranged { spec, min, max };
    let (x, y) = (ranged(&data.x, x_ends(data, &data.x)), ranged(&data.y, y_ends(data, &data.y)));
    let head = legend::draw(&mut drawing, &legend_entries(data, data.legend));
    let labelled = drawing.width >= 160.0 * style.scale;
    let side = if labelled { labels::margin(&drawing, data) } else { 0.0 };
    let frame = frame::draw(&mut drawing, outer, x, y, head, side);
    let rect = frame.rect;
    if rect.width() < 2.0 || rect.height() < 2.0 {
        return (drawing, Layout::default());
    }
    for band in &data.bands {
        draw_band(&mut drawing, &frame, band);
    }
    for marker in &data.markers {
        if let Some(px) = frame.x.px(marker.x).filter(|px| (rect.x0..=rect.x1).contains(px)) {
            drawing.vertical(px, rect.y0, rect.y1, 1.0, drawing.palette.surface.mix(marker.color, 0.5), &[]);
        }
    }
    for level in &data.levels {
        if let Some(py) = frame.y.px(level.value).filter(|py| (rect.y0..=rect.y1).contains(py)) {
            drawing.horizontal(rect.x0, rect.x1, py, 1.0, level.color, &[4.0, 3.0]);
        }
    }
    for line in &data.step_lines {
        for stretch in steps(&frame, line) {
            drawing.line(&stretch, rect, 1.25, (line.color, 1.0), &[4.0, 3.0]);
        }
    }
    for series in &data.series {
        for run in pixels(&frame, series) {
            drawing.line(&run, rect, series.width, (series.color, series.alpha), &series.dash);
        }
    }
    let plots: Vec<Vec<PlottedPoint>> = data.series.iter().map(|s| plotted(&frame, s)).collect();
    for (series, points) in data.series.iter().zip(&plots) {
        for point in points.iter().filter(|point| series.dots.contains(&point.index)) {
            drawing.dot(point.px, point.py, 3.5, drawing.palette.surface, 1.0);
            drawing.dot(point.px, point.py, 2.5, series.color, 1.0);
        }
    }
    if let Some(px) = data.cursor.and_then(|x| frame.x.px(x)).filter(|px| (rect.x0..=rect.x1).contains(px)) {
        drawing.vertical(px, rect.y0, rect.y1, 1.0, drawing.palette.ink, &[2.0, 2.0]);
    }
    if labelled {
        labels::draw(&mut drawing, &frame, data);
    }
    (drawing, Layout { plots: vec![Plot { rect, x: frame.x, y: frame.y, series: plots }] })
}

/// Smallest and largest x of the data, or the axis's own range.
pub fn x_ends(data: &Curves, spec: &AxisSpec) -> (f64, f64) {
    let lines = data.series.iter().flat_map(|s| s.points.iter().map(|p| p.0));
    let bands = data.bands.iter().flat_map(|b| varying(b).iter().map(|p| p.0));
    let steps = data.step_lines.iter().flat_map(|l| l.points.iter().map(|p| p.0));
    axis::resolve(spec, lines.chain(bands).chain(steps), false)
}

/// Lower and upper end of the vertical axis: round values that hold the data, or the axis's own range.
pub fn y_ends(data: &Curves, spec: &AxisSpec) -> (f64, f64) {
    let lines = data.series.iter().flat_map(|s| s.points.iter().map(|p| p.1));
    let bands = data.bands.iter().flat_map(|b| varying(b).iter().flat_map(|p| [p.1, p.2]));
    let constant = data.bands.iter().flat_map(|b| match &b.extent {
        Extent::Constant(lo, hi) => vec![*lo, *hi],
        Extent::Varying(_) => Vec::new(),
        Extent::Bars(bars) => bars.iter().flat_map(|bar| [bar.2, bar.3]).collect(),
    });
    let levels = data.levels.iter().filter(|l| l.fit).map(|l| l.value);
    let steps = data.step_lines.iter().filter(|l| l.fit).flat_map(|l| l.points.iter().map(|p| p.1));
    axis::resolve(spec, lines.chain(bands).chain(constant).chain(levels).chain(steps), true)
}

fn varying(band: &ShadedBand) -> &[(f64, f64, f64)] {
    match &band.extent {
        Extent::Varying(points) => points,
        Extent::Constant(..) | Extent::Bars(_) => &[],
    }
}

/// Unbroken stretches of a series, in pixels.
fn pixels(frame: &Frame, series: &Series) -> Vec<Vec<(f64, f64)>> {
    let place = |&(x, y): &(f64, f64)| Some((frame.x.px(x)?, frame.y.px(y)?));
    let placed: Vec<_> = series.points.iter().map(place).collect();
    placed
        .split(|p| p.is_none())
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().flatten().copied().collect())
        .collect()
}

/// Unbroken stretches of a step line, in pixels: along to the next x, then up or down to its value.
fn steps(frame: &Frame, line: &StepLine) -> Vec<Vec<(f64, f64)>> {
    let mut stretches: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for &(x, value) in &line.points {
        let Some(px) = frame.x.px(x) else { continue };
        if let Some(stretch) = stretches.last_mut().filter(|_| open)
            && let Some(&(_, level)) = stretch.last()
        {
            stretch.push((px, level));
        }
        let py = frame.y.px(value);
        match (py, stretches.last_mut().filter(|_| open)) {
            (Some(py), Some(stretch)) => stretch.push((px, py)),
            (Some(py), None) => stretches.push(vec![(px, py)]),
            (None, _) => {}
        }
        open = py.is_some();
    }
    stretches
}

fn plotted(frame: &Frame, series: &Series) -> Vec<PlottedPoint> {
    let spot = |(index, &(x, y)): (usize, &(f64, f64))| {
        let (px, py) = (frame.x.px(x)?, frame.y.px(y)?);
        frame.rect.contains(px, py).then_some(PlottedPoint { index, x, y, px, py })
    };
    series.points.iter().enumerate().filter_map(spot).collect()
}

fn draw_band(drawing: &mut Drawing, frame: &Frame, band: &ShadedBand) {
    let Rect { x0, y0, x1, y1 } = frame.rect;
    // A bound at or below zero on a logarithmic axis reaches down to the axis.
    let low = |v: f64| frame.y.px(v).unwrap_or(if v <= 0.0 { y1 } else { f64::NAN }).clamp(y0, y1);
    match &band.extent {
        Extent::Constant(lo, hi) => {
            let (lower, upper) = (low(*lo), low(*hi));
            if lower > upper {
                drawing.fill(Rect { x0, x1, y0: upper, y1: lower }, band.color, 0.16);
            }
        }
        Extent::Bars(bars) => {
            for &(begin, end, lo, hi) in bars {
                let (Some(begin), Some(end)) = (frame.x.px(begin), frame.x.px(end)) else { continue };
                let (middle, half) = (0.5 * (begin + end), (0.5 * (end - begin).abs()).max(0.5 * BAR * drawing.scale));
                let (lower, upper) = (low(lo), low(hi));
                if lower > upper && middle >= x0 && middle <= x1 {
                    let bar = Rect { x0: (middle - half).max(x0), x1: (middle + half).min(x1), y0: upper, y1: lower };
                    drawing.fill(bar, band.color, 0.3);
                }
            }
        }
        Extent::Varying(points) => {
            let place = |p: &(f64, f64, f64)| Some((frame.x.px(p.0)?.clamp(x0, x1), low(p.1), low(p.2)));
            let placed: Vec<_> = points.iter().map(|p| place(p).filter(|p| !(p.1.is_nan() || p.2.is_nan()))).collect();
            for run in placed.split(|p| p.is_none()) {
                let run: Vec<(f64, f64, f64)> = run.iter().flatten().copied().collect();
                if run.len() > 1 {
                    let lower = run.iter().map(|p| (p.0, p.1));
                    let upper = run.iter().rev().map(|p| (p.0, p.2));
                    drawing.area(lower.chain(upper).collect(), band.color, 0.16);
                }
            }
        }
    }
}

/// What a legend of a kind names. Of the lines of one name, the one drawn last lies on top and stands for all.
pub fn legend_entries(data: &Curves, legend: Legend) -> Vec<LegendEntry> {
    let line = |label: &str, color, alpha, width, dash: &[f64]| {
        let (label, dash) = (label.into(), dash.into());
        LegendEntry { label, symbol: Symbol::Line, color, alpha, width, dash }
    };
    let mut named: Vec<LegendEntry> = Vec::new();
    if legend != Legend::None {
        for series in data.series.iter().filter(|s| !s.label.is_empty()) {
            let entry = line(&series.label, series.color, series.alpha, series.width, &series.dash);
            match named.iter_mut().find(|e| e.label == series.label) {
                Some(earlier) => *earlier = entry,
                None => named.push(entry),
            }
        }
    }
    if legend == Legend::All {
        let area = |b: &ShadedBand| LegendEntry { symbol: Symbol::Area, ..line(&b.label, b.color, 0.25, 1.0, &[]) };
        named.extend(data.bands.iter().map(area));
        named.extend(data.levels.iter().map(|l| line(&l.label, l.color, 1.0, 1.0, &[4.0, 3.0])));
        named.extend(data.step_lines.iter().map(|l| line(&l.label, l.color, 1.0, 1.25, &[4.0, 3.0])));
        named.retain(|entry| !entry.label.is_empty());
    }
    named
}
