//! Lines over a common axis, with bands, levels, markers and a cursor.

use super::axis::{self, AxisSpec};
use super::frame::{self, Frame, Ranged};
use super::number::significant;
use super::picture::{Align, DrawError, Picture};
use super::{Drawn, Plot, Rect, Rgb, SMALL, Spot, Style, UNIT};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

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
pub struct Band {
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
    /// Not in the picture.
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
    /// Name of the picture, for the words.
    pub title: String,
    /// Horizontal axis.
    pub x: AxisSpec,
    /// Vertical axis.
    pub y: AxisSpec,
    /// Lines, drawn in this order.
    pub series: Vec<Series>,
    /// Filled ranges below the lines.
    pub bands: Vec<Band>,
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
) -> Result<Drawn, DrawError<DB>> {
    let (picture, drawn) = lay_out(area.dim_in_pixel(), data, style);
    picture.paint(area, None)?;
    Ok(drawn)
}

/// The chart's marks on a picture of `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Curves, style: &Style) -> (Picture, Drawn) {
    let mut picture = Picture::new(size, style);
    let outer = Rect { x0: 0.0, y0: 0.0, x1: picture.width, y1: picture.height };
    let (x, y) = (x_range(data), y_range(data));
    let (head, side) = match data.legend {
        Legend::Row => (legend_row(&mut picture, data), 0.0),
        Legend::Ends(css) => (0.0, f64::from(css)),
        Legend::None => (0.0, 0.0),
    };
    let frame = frame::draw(&mut picture, outer, x, y, head, side);
    let rect = frame.rect;
    if rect.width() < 2.0 || rect.height() < 2.0 {
        return (picture, Drawn::default());
    }
    for band in &data.bands {
        draw_band(&mut picture, &frame, band);
    }
    for marker in &data.markers {
        if let Some(px) = frame.x.px(marker.x).filter(|px| (rect.x0..=rect.x1).contains(px)) {
            picture.vertical(px, rect.y0, rect.y1, 1.0, picture.palette.surface.mix(marker.color, 0.5), &[]);
        }
    }
    for level in &data.levels {
        if let Some(py) = frame.y.px(level.value).filter(|py| (rect.y0..=rect.y1).contains(py)) {
            picture.horizontal(rect.x0, rect.x1, py, 1.0, level.color, &[4.0, 3.0]);
        }
    }
    for series in &data.series {
        for run in pixels(&frame, series) {
            picture.line(&run, rect, series.width, (series.color, series.alpha), &series.dash);
        }
    }
    if picture.width >= 160.0 * style.scale {
        notes(&mut picture, &frame, data);
    }
    if let Some(px) = data.cursor.and_then(|x| frame.x.px(x)).filter(|px| (rect.x0..=rect.x1).contains(px)) {
        picture.vertical(px, rect.y0, rect.y1, 1.0, picture.palette.ink, &[2.0, 2.0]);
    }
    if let Legend::Ends(css) = data.legend {
        end_labels(&mut picture, &frame, data, f64::from(css));
    }
    let series = data.series.iter().map(|s| spots(&frame, s)).collect();
    (picture, Drawn { plots: vec![Plot { rect, x: frame.x, y: frame.y, series }] })
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

fn varying(band: &Band) -> &[(f64, f64, f64)] {
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

fn spots(frame: &Frame, series: &Series) -> Vec<Spot> {
    let spot = |(index, &(x, y)): (usize, &(f64, f64))| {
        let (px, py) = (frame.x.px(x)?, frame.y.px(y)?);
        frame.rect.contains(px, py).then_some(Spot { index, x, y, px, py })
    };
    series.points.iter().enumerate().filter_map(spot).collect()
}

fn draw_band(picture: &mut Picture, frame: &Frame, band: &Band) {
    let Rect { x0, y0, x1, y1 } = frame.rect;
    // A bound at or below zero on a logarithmic axis reaches down to the axis.
    let low = |v: f64| frame.y.px(v).unwrap_or(if v <= 0.0 { y1 } else { f64::NAN }).clamp(y0, y1);
    match &band.extent {
        Extent::Constant(lo, hi) => {
            let (lower, upper) = (low(*lo), low(*hi));
            if lower > upper {
                picture.fill(Rect { x0, x1, y0: upper, y1: lower }, band.color, 0.16);
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
                    picture.area(lower.chain(upper).collect(), band.color, 0.16);
                }
            }
        }
    }
}

/// Words beside bands, levels and markers, each moved off those already placed.
fn notes(picture: &mut Picture, frame: &Frame, data: &Curves) {
    let rect = frame.rect;
    let (s, half) = (picture.scale, 0.7 * SMALL * picture.scale);
    let mut taken: Vec<Rect> = Vec::new();
    let mut put = |picture: &mut Picture, x: f64, ys: [f64; 2], align, color, text: &str| {
        let free = |y: &&f64| {
            let plate = picture.plate((x, **y), align, text, rect);
            let apart = |t: &Rect| plate.x1 <= t.x0 || t.x1 <= plate.x0 || plate.y1 <= t.y0 || t.y1 <= plate.y0;
            plate.y0 >= rect.y0 && plate.y1 <= rect.y1 && taken.iter().all(apart)
        };
        if !text.is_empty()
            && let Some(&y) = ys.iter().find(free)
        {
            let plate = picture.note((x, y), align, color, text, rect);
            taken.push(plate);
        }
    };
    let muted = picture.palette.muted;
    let mut edges = Vec::new();
    for band in &data.bands {
        let ends = match &band.extent {
            Extent::Constant(lo, hi) => frame.y.px(*hi).map(|hi| (hi, frame.y.px(*lo).unwrap_or(rect.y1))),
            Extent::Varying(points) => {
                points.last().and_then(|p| Some((frame.y.px(p.2)?, frame.y.px(p.1).unwrap_or(rect.y1))))
            }
        };
        if let Some((hi, lo)) = ends {
            edges.extend([hi, lo]);
            put(picture, rect.x1, [hi - half, lo + half], Align::End, muted, &band.label);
        }
    }
    for level in &data.levels {
        match frame.y.px(level.value) {
            Some(py) if py < rect.y0 => {
                let text = format!("{} ↑ {}", level.label, significant(level.value, 3));
                put(picture, rect.x1, [rect.y0 + half, rect.y0 + 3.0 * half], Align::End, level.color, &text);
            }
            Some(py) if py > rect.y1 => {
                let text = format!("{} ↓ {}", level.label, significant(level.value, 3));
                put(picture, rect.x1, [rect.y1 - half, rect.y1 - 3.0 * half], Align::End, level.color, &text);
            }
            Some(py) => {
                // Rather beside a band than on its edge.
                let above = Rect { y0: py - 2.0 * half, y1: py, ..rect };
                let ys = if edges.iter().any(|y| (above.y0..=above.y1).contains(y)) {
                    [py + half, py - half]
                } else {
                    [py - half, py + half]
                };
                put(picture, rect.x1, ys, Align::End, level.color, &level.label)
            }
            None => {}
        }
    }
    for marker in &data.markers {
        if let Some(px) = frame.x.px(marker.x).filter(|px| (rect.x0..=rect.x1).contains(px)) {
            let ys = [rect.y0 + half, rect.y0 + 3.0 * half];
            put(picture, px + s, ys, Align::Start, marker.color, &marker.label);
        }
    }
}

/// A row of strokes and names on top; returns its height in CSS pixels.
fn legend_row(picture: &mut Picture, data: &Curves) -> f64 {
    let s = picture.scale;
    if picture.width < 140.0 * s || picture.height < 100.0 * s {
        return 0.0;
    }
    let (stroke, gap, row) = (4.0 * UNIT * s, UNIT * s, (SMALL + 1.5 * UNIT) * s);
    let left = 2.0 * UNIT * s;
    let (mut x, mut y) = (left, 2.0 * UNIT * s);
    // Of the lines of one name, the one drawn last lies on top.
    let mut named: Vec<&Series> = Vec::new();
    for series in data.series.iter().filter(|s| !s.label.is_empty()) {
        match named.iter_mut().find(|s| s.label == series.label) {
            Some(earlier) => *earlier = series,
            None => named.push(series),
        }
    }
    for series in &named {
        let width = picture.text_width(&series.label, SMALL);
        if x > left && x + stroke + gap + width > picture.width {
            (x, y) = (left, y + row);
        }
        let clip = Rect { x0: x, y0: y - row, x1: x + stroke, y1: y + row };
        picture.line(&[(x, y), (x + stroke, y)], clip, series.width, (series.color, series.alpha), &series.dash);
        picture.text((x + stroke + gap, y), Align::Start, SMALL, picture.palette.ink, &series.label);
        x += stroke + width + 4.0 * gap;
    }
    if named.is_empty() { 0.0 } else { (y + row) / s - 2.0 * UNIT }
}

/// Names beside the last points, pushed apart downwards and then back up to stay inside.
fn end_labels(picture: &mut Picture, frame: &Frame, data: &Curves, width: f64) {
    let (s, rect) = (picture.scale, frame.rect);
    let mut seen: Vec<&str> = Vec::new();
    let mut ends: Vec<(f64, &Series)> = Vec::new();
    for series in &data.series {
        let last = spots(frame, series).last().copied();
        if let Some(spot) = last.filter(|_| !series.label.is_empty() && !seen.contains(&series.label.as_str())) {
            seen.push(&series.label);
            ends.push((spot.py, series));
        }
    }
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let row = 1.15 * SMALL * s;
    let mut free = f64::NEG_INFINITY;
    for (y, _) in &mut ends {
        *y = y.max(free);
        free = *y + row;
    }
    let mut limit = rect.y1;
    for (y, _) in ends.iter_mut().rev() {
        *y = y.min(limit);
        limit = *y - row;
    }
    for (y, series) in ends {
        if width * s + rect.x1 <= picture.width && y >= rect.y0 - row {
            let (begin, end) = (rect.x1 + 0.5 * UNIT * s, rect.x1 + 2.0 * UNIT * s);
            let clip = Rect { x0: begin, y0: rect.y0 - row, x1: end, y1: rect.y1 + row };
            picture.line(&[(begin, y), (end, y)], clip, series.width, (series.color, series.alpha), &series.dash);
            picture.text((end + UNIT * s, y), Align::Start, SMALL, picture.palette.muted, &series.label);
        }
    }
}

/// The chart in words, true to its data: each series from first to last value, its peak if it had one, the value at
/// the cursor, bands and levels.
pub fn describe(data: &Curves) -> String {
    const MOST: usize = 12;
    let x_name = if data.x.title.is_empty() { "x" } else { &data.x.title };
    let mut parts: Vec<String> =
        data.series.iter().take(MOST).map(|s| describe_series(s, x_name, data.cursor)).collect();
    if data.series.len() > MOST {
        parts.push(format!("{} more curves", data.series.len() - MOST));
    }
    if data.series.is_empty() {
        parts.push("no curves yet".into());
    }
    for band in &data.bands {
        let last = match &band.extent {
            Extent::Constant(lo, hi) => Some((*lo, *hi)),
            Extent::Varying(points) => points.last().map(|p| (p.1, p.2)),
        };
        if let Some((lo, hi)) = last {
            let name = if band.label.is_empty() { "band" } else { &band.label };
            let end = if matches!(band.extent, Extent::Varying(_)) { ", at the end" } else { "" };
            parts.push(format!("{name}{end}: {} to {}", significant(lo, 3), significant(hi, 3)));
        }
    }
    parts.extend(data.levels.iter().map(|l| format!("{}: {}", l.label, significant(l.value, 3))));
    parts.extend(data.markers.iter().map(|m| format!("at {x_name} {}: {}", significant(m.x, 4), m.label)));
    format!("{}: {}.", data.title, parts.join("; "))
}

fn describe_series(series: &Series, x_name: &str, cursor: Option<f64>) -> String {
    let known: Vec<(f64, f64)> =
        series.points.iter().copied().filter(|p| axis::shown(p.0) && axis::shown(p.1)).collect();
    let name = if series.label.is_empty() { "a curve" } else { &series.label };
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return format!("{name}: no values yet") };
    let at = |p: &(f64, f64)| format!("{} at {x_name} {}", significant(p.1, 3), significant(p.0, 4));
    if known.len() == 1 {
        return format!("{name}: {}", at(first));
    }
    let size = first.1.abs().max(last.1.abs());
    let verb = match last.1 - first.1 {
        d if d.abs() <= 0.02 * size => "stays near",
        d if d > 0.0 => "rises from",
        _ => "falls from",
    };
    let mut text = match verb {
        "stays near" => format!("{name} goes from {} to {}, nearly the same", at(first), at(last)),
        _ => format!("{name} {verb} {} to {}", at(first), at(last)),
    };
    let top = known.iter().fold(first, |m, p| if p.1 > m.1 { p } else { m });
    let bottom = known.iter().fold(first, |m, p| if p.1 < m.1 { p } else { m });
    let spread = 0.1 * (top.1 - bottom.1);
    if top.1 - first.1.max(last.1) > spread {
        text += &format!(", highest {}", at(top));
    }
    if first.1.min(last.1) - bottom.1 > spread {
        text += &format!(", lowest {}", at(bottom));
    }
    if let Some(x) = cursor {
        let near = known.iter().fold(first, |m, p| if (p.0 - x).abs() < (m.0 - x).abs() { p } else { m });
        text += &format!(", at the cursor {}", at(near));
    }
    text
}
