//! Lines over a common axis, with bands, levels, markers and a cursor.

mod labels;
mod describe;

use super::axis::{self, AxisSpec};
use super::drawing::{DrawError, Drawing};
use super::frame::{self, Frame, Ranged};
use super::legend;
use super::{Layout, Plot, PlottedPoint, Rect, Rgb, Style};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

pub use describe::describe;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name, for the legend and the words; series of one name share a legend entry.
    pub label: String,
    /// (x, y); the line is broken where either has no place on its axis.
    pub points: Vec<(f64, f64)>,
    /// Stroke colour.
    pub color: Rgb,
    /// Opacity ∈ [0, 1].
    pub alpha: f64,
    /// CSS pixels.
    pub width: f64,
    /// Dash, gap, … in CSS pixels; empty for a solid line.
    pub dash: Vec<f64>,
}

impl Series {
    /// A solid opaque line of ordinary width.
    pub fn new(label: &str, color: Rgb, points: Vec<(f64, f64)>) -> Self {
        Series { label: label.into(), points, color, alpha: 1.0, width: 1.5, dash: Vec::new() }
    }
}

/// Where a band reaches from and to.
#[derive(Debug, Clone, PartialEq)]
pub enum Extent {
    /// (low, high) over the whole width.
    Constant(f64, f64),
    /// (x, low, high) from point to point.
    Varying(Vec<(f64, f64, f64)>),
}

/// A filled range of values, such as a null model's 5–95 % or a confidence interval.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadedBand {
    /// What it is, in a few words; may be empty.
    pub label: String,
    /// From and to.
    pub extent: Extent,
    /// Fill colour, drawn thinly; the palette's `muted` for null models, a run's own for its confidence band.
    pub color: Rgb,
}

/// A horizontal reference: a chance level, a threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// What it is, in a few words.
    pub label: String,
    /// Where.
    pub value: f64,
    /// Colour of the dashed line and its label.
    pub color: Rgb,
    /// Whether an automatic range must hold it. A level outside the range is named at the edge that it lies beyond.
    pub fit: bool,
}

/// A vertical reference: something happened here.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// What happened, in a few words; may be empty.
    pub label: String,
    /// Where.
    pub x: f64,
    /// Colour of the line and its label.
    pub color: Rgb,
}

/// How series are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Legend {
    /// Not in the drawing.
    #[default]
    None,
    /// In a row above it.
    Row,
    /// Beside the last point, in a right margin of the given number of CSS pixels.
    Ends(u16),
}

/// A line chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    /// Name of the drawing, for the words.
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
    /// Vertical references.
    pub markers: Vec<Marker>,
    /// The cursor's x.
    pub cursor: Option<f64>,
    /// How series are named.
    pub legend: Legend,
}

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
    let (x, y) = (x_range(data), y_range(data));
    let (head, side) = match data.legend {
        Legend::Row => (legend_row(&mut drawing, data), 0.0),
        Legend::Ends(css) => (0.0, f64::from(css)),
        Legend::None => (0.0, 0.0),
    };
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
    for series in &data.series {
        for run in pixels(&frame, series) {
            drawing.line(&run, rect, series.width, (series.color, series.alpha), &series.dash);
        }
    }
    if drawing.width >= 160.0 * style.scale {
        labels::write(&mut drawing, &frame, data);
    }
    if let Some(px) = data.cursor.and_then(|x| frame.x.px(x)).filter(|px| (rect.x0..=rect.x1).contains(px)) {
        drawing.vertical(px, rect.y0, rect.y1, 1.0, drawing.palette.ink, &[2.0, 2.0]);
    }
    if let Legend::Ends(css) = data.legend {
        labels::ends(&mut drawing, &frame, data, f64::from(css));
    }
    let series = data.series.iter().map(|s| spots(&frame, s)).collect();
    (drawing, Layout { plots: vec![Plot { rect, x: frame.x, y: frame.y, series }] })
}

fn x_range(data: &Curves) -> Ranged<'_> {
    let lines = data.series.iter().flat_map(|s| s.points.iter().map(|p| p.0));
    let bands = data.bands.iter().flat_map(|b| varying(b).iter().map(|p| p.0));
    let (min, max) = axis::resolve(&data.x, lines.chain(bands), false);
    Ranged { spec: &data.x, min, max }
}

fn y_range(data: &Curves) -> Ranged<'_> {
    let lines = data.series.iter().flat_map(|s| s.points.iter().map(|p| p.1));
    let bands = data.bands.iter().flat_map(|b| varying(b).iter().flat_map(|p| [p.1, p.2]));
    let constant = data.bands.iter().flat_map(|b| match b.extent {
        Extent::Constant(lo, hi) => [lo, hi],
        Extent::Varying(_) => [f64::NAN; 2],
    });
    let levels = data.levels.iter().filter(|l| l.fit).map(|l| l.value);
    let (min, max) = axis::resolve(&data.y, lines.chain(bands).chain(constant).chain(levels), true);
    Ranged { spec: &data.y, min, max }
}

fn varying(band: &ShadedBand) -> &[(f64, f64, f64)] {
    match &band.extent {
        Extent::Varying(points) => points,
        Extent::Constant(..) => &[],
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

fn spots(frame: &Frame, series: &Series) -> Vec<PlottedPoint> {
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

/// The legend above the lines; returns its height in CSS pixels. Of the lines of one name, the one drawn last lies on
/// top and stands for all.
fn legend_row(drawing: &mut Drawing, data: &Curves) -> f64 {
    let mut named: Vec<legend::LegendEntry> = Vec::new();
    for series in data.series.iter().filter(|s| !s.label.is_empty()) {
        let entry = legend::LegendEntry {
            label: &series.label,
            color: series.color,
            alpha: series.alpha,
            width: series.width,
            dash: &series.dash,
        };
        match named.iter_mut().find(|e| e.label == series.label) {
            Some(earlier) => *earlier = entry,
            None => named.push(entry),
        }
    }
    legend::row(drawing, &named)
}
