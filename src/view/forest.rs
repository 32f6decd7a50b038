//! Estimates with their intervals: a row for each claim, a column for each task. One column is a forest plot, several are a
//! matrix.
//!
//! Every estimate is oriented so that to the right of the dashed line, which stands for no effect, speaks for the claim; that
//! side is shaded. Rows of differences share one axis, rows of factors another, on which equal distances are equal ratios.
//! A verdict is told by the shape of its mark and by its symbol, not by colour alone.

mod words;
mod marks;

use super::axis::{self, AxisScale};
use super::drawing::{Align, DrawError, Drawing};
use super::{Axis, Layout, Plot, PlottedPoint, Rect, Rgb, SMALL, Style, TEXT, UNIT, text};
use crate::claims::{Unit, Verdict};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};
use words::tick;

pub use words::{describe, interval_text, shown, symbol, word};

/// An estimate in the unit of its row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate itself; `None` where there is none.
    pub value: Option<f64>,
    /// Both ends of its interval, where there are enough seeds for one.
    pub interval: Option<(f64, f64)>,
    /// What the interval means for the claim.
    pub verdict: Verdict,
}

/// A claim.
#[derive(Debug, Clone, PartialEq)]
pub struct ForestRow {
    /// The claim in words.
    pub claim: String,
    /// What is estimated, in words; may be empty.
    pub detail: String,
    /// Unit of its estimates.
    pub unit: Unit,
    /// One for each column; columns beyond have none.
    pub estimates: Vec<Estimate>,
}

/// Claims × tasks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forest {
    /// Name of the chart.
    pub title: String,
    /// Names of the columns; that of a single one may be empty.
    pub columns: Vec<String>,
    /// The claims.
    pub rows: Vec<ForestRow>,
    /// The largest difference of the axis, whose smallest is its negative; from the data if `None`.
    pub difference: Option<f64>,
    /// The largest factor of the axis, whose smallest is its inverse; from the data if `None`.
    pub factor: Option<f64>,
}

/// Width of a column, CSS pixels, from which on numbers and verdicts stand beside the axis and not below it.
const BESIDE: f64 = 300.0;
/// Height of the names of columns, and of the key, CSS pixels.
const HEAD: f64 = 5.0 * UNIT;
const KEY: f64 = 6.0 * UNIT;
/// Height of the ticks below the rows of one unit.
const TICKS: f64 = 5.0 * UNIT;

impl Forest {
    fn estimate(&self, row: usize, column: usize) -> Option<Estimate> {
        self.rows[row].estimates.get(column).copied().filter(|estimate| estimate.value.is_some())
    }

    /// The largest value of the axis of a unit: round, and large enough for all ends of intervals.
    fn largest(&self, unit: Unit) -> f64 {
        let rows = self.rows.iter().filter(|row| row.unit == unit).flat_map(|row| &row.estimates);
        let values = rows.flat_map(|estimate| {
            let ends = estimate.interval.map_or([None; 2], |(low, high)| [Some(low), Some(high)]);
            [estimate.value, ends[0], ends[1]].into_iter().flatten()
        });
        match unit {
            Unit::Difference => {
                let seen = values.map(f64::abs).filter(|x| axis::shown(*x)).fold(0.0, f64::max);
                let set = self.difference.filter(|x| *x > 0.0 && axis::shown(*x));
                set.unwrap_or(if seen > 0.0 { axis::round_log(seen, true) } else { 1.0 })
            }
            Unit::Factor => {
                let octaves = values.map(|x| libm::log2(x).abs()).filter(|x| axis::shown(*x)).fold(0.0, f64::max);
                let set = self.factor.filter(|x| *x > 1.0 && axis::shown(*x));
                set.unwrap_or(libm::exp2(octaves.ceil().clamp(1.0, 900.0)))
            }
        }
    }

    /// Height of the columns' names, CSS pixels.
    fn head(&self) -> f64 {
        if self.columns.iter().all(String::is_empty) { 0.0 } else { HEAD }
    }

    /// Height in CSS pixels at which the rows are neither crowded nor lost, for a chart `width` CSS pixels wide.
    pub fn natural_height(&self, width: f64) -> f64 {
        let stacked = self.column_width(width, self.name_width(width)) < BESIDE;
        let row = if stacked { 11.0 * UNIT } else { 10.0 * UNIT };
        self.head() + self.rows.len() as f64 * row + self.groups() as f64 * TICKS + KEY
    }

    fn groups(&self) -> usize {
        self.rows.chunk_by(|a, b| a.unit == b.unit).count()
    }

    /// Width of the claims, CSS pixels.
    fn name_width(&self, width: f64) -> f64 {
        let widths = self
            .rows
            .iter()
            .map(|row| (text::BOLD * TEXT * text::width(&row.claim)).max(SMALL * text::width(&row.detail)));
        (widths.fold(0.0, f64::max) + 4.0 * UNIT).min(0.4 * width)
    }

    fn column_width(&self, width: f64, names: f64) -> f64 {
        (width - names) / self.columns.len().max(1) as f64
    }
}

/// Draws the chart over the whole area. There is a plot for each row and column that has a place, row by row; its one series
/// is the estimate: x in the row's unit, y the row.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Forest,
    style: &Style,
) -> Result<Layout, DrawError<DB>> {
    let (drawing, drawn) = lay_out(area.dim_in_pixel(), data, style);
    drawing.paint(area, None)?;
    Ok(drawn)
}

/// The chart's marks on a picture of `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Forest, style: &Style) -> (Drawing, Layout) {
    let mut drawing = Drawing::new(size, style);
    let s = drawing.scale;
    let (width, height) = (drawing.width / s, drawing.height / s);
    let names = data.name_width(width);
    let column = data.column_width(width, names);
    let free = height - data.head() - KEY - data.groups() as f64 * TICKS;
    let row_height = free / data.rows.len().max(1) as f64;
    if column < 10.0 * UNIT || row_height < 2.0 * UNIT || data.columns.is_empty() {
        return (drawing, Layout::default());
    }
    let (ink, muted, grid) = (drawing.palette.ink, drawing.palette.muted, drawing.palette.grid);
    for (i, name) in data.columns.iter().enumerate() {
        let name = drawing.shortened(name, text::BOLD * TEXT, (column - UNIT) * s);
        let x = names + i as f64 * column + UNIT;
        drawing.bold((x * s, 0.5 * HEAD * s), Align::Start, TEXT, muted, &name);
    }
    let mut plots = Vec::new();
    let mut top = data.head();
    for (i, row) in data.rows.iter().enumerate() {
        drawing.horizontal(0.0, drawing.width, top * s, 1.0, grid, &[]);
        let middle = top + 0.5 * row_height;
        let two_lines = !row.detail.is_empty() && row_height >= TEXT + SMALL + 2.0 * UNIT;
        let offset = if two_lines { 0.5 * (SMALL + UNIT) } else { 0.0 };
        let claim = drawing.shortened(&row.claim, text::BOLD * TEXT, (names - 2.0 * UNIT) * s);
        drawing.bold((UNIT * s, (middle - offset) * s), Align::Start, TEXT, ink, &claim);
        if two_lines {
            let detail = drawing.shortened(&row.detail, SMALL, (names - 2.0 * UNIT) * s);
            drawing.text((UNIT * s, (middle + offset) * s), Align::Start, SMALL, muted, &detail);
        }
        let last_of_unit = data.rows.get(i + 1).is_none_or(|next| next.unit != row.unit);
        for c in 0..data.columns.len() {
            let x0 = names + c as f64 * column;
            let cell = Rect { x0: x0 * s, x1: (x0 + column) * s, y0: top * s, y1: (top + row_height) * s };
            let strip = draw_cell(&mut drawing, data, (i, c), cell);
            if last_of_unit {
                ticks(&mut drawing, row.unit, &strip.x, (top + row_height + 0.5 * TICKS) * s);
            }
            plots.push(strip);
        }
        top += row_height + if last_of_unit { TICKS } else { 0.0 };
    }
    marks::key(&mut drawing, (height - 0.5 * KEY) * s);
    (drawing, Layout { plots })
}

/// The axis with shade, dashed line and interval, and the numbers.
fn draw_cell(drawing: &mut Drawing, data: &Forest, (row, column): (usize, usize), cell: Rect) -> Plot {
    let s = drawing.scale;
    let unit = data.rows[row].unit;
    let largest = data.largest(unit);
    let beside = cell.width() >= BESIDE * s;
    let stacked = !beside && cell.height() >= (SMALL + 5.0 * UNIT) * s;
    let pad = 2.0 * UNIT * s;
    // Without room for both, the numbers stand alone.
    let strip = match (beside, stacked) {
        (true, _) => Rect { x0: cell.x0 + pad, x1: cell.x0 + 0.5 * cell.width(), ..cell },
        (_, true) => Rect { x0: cell.x0 + pad, x1: cell.x1 - pad, y0: cell.y0, y1: cell.y1 - (SMALL + 1.5 * UNIT) * s },
        _ => Rect { x0: cell.x0 + pad, x1: cell.x1 - pad, ..cell },
    };
    let (scale, min, none) = match unit {
        Unit::Difference => (AxisScale::Linear, -largest, 0.0),
        Unit::Factor => (AxisScale::Log, 1.0 / largest, 1.0),
    };
    let x = Axis::Range { scale, min, max: largest, from: strip.x0, to: strip.x1 };
    let middle = 0.5 * (strip.y0 + strip.y1);
    let y = Axis::Range {
        scale: AxisScale::Linear,
        min: row as f64 - 0.5,
        max: row as f64 + 0.5,
        from: strip.y0,
        to: strip.y1,
    };
    let estimate = data.estimate(row, column);
    let color = estimate.map_or(drawing.palette.muted, |estimate| marks::color(drawing.palette, estimate.verdict));
    let mut series = Vec::new();
    if beside || stacked {
        let no_effect = x.px(none).unwrap_or(strip.x0);
        let shade = Rect { x0: no_effect, y0: strip.y0 + 0.5 * UNIT * s, x1: strip.x1, y1: strip.y1 - 0.5 * UNIT * s };
        drawing.fill(shade, drawing.palette.muted, 0.1);
        drawing.vertical(no_effect, shade.y0, shade.y1, 1.0, drawing.palette.muted, &[2.0, 2.0]);
        if let Some(estimate) = estimate {
            marks::interval(drawing, &x, strip, estimate, color);
            let px = estimate.value.and_then(|value| Some((value, x.px(value)?)));
            let inside = px.filter(|(_, px)| (strip.x0..=strip.x1).contains(px));
            series.extend(inside.map(|(value, px)| PlottedPoint {
                index: column,
                x: value,
                y: row as f64,
                px,
                py: middle,
            }));
        }
    }
    write_numbers(drawing, unit, estimate, color, cell, beside, stacked);
    Plot { rect: Rect { y0: cell.y0, y1: cell.y1, ..strip }, x, y, series: vec![series] }
}

fn write_numbers(
    drawing: &mut Drawing,
    unit: Unit,
    estimate: Option<Estimate>,
    color: Rgb,
    cell: Rect,
    beside: bool,
    stacked: bool,
) {
    let s = drawing.scale;
    let x = cell.x0 + if beside { 0.5 * cell.width() + 4.0 * UNIT * s } else { 2.0 * UNIT * s };
    let y = if stacked { cell.y1 - (0.5 * SMALL + UNIT) * s } else { 0.5 * (cell.y0 + cell.y1) };
    let Some(estimate) = estimate else {
        let note = drawing.shortened("no estimate", SMALL, cell.x1 - x);
        drawing.text((x, y), Align::Start, SMALL, drawing.palette.muted, &note);
        return;
    };
    let value = shown(unit, estimate.value.unwrap_or(f64::NAN));
    let symbol = symbol(estimate.verdict);
    if !beside {
        let numbers = drawing.shortened(&format!("{symbol} {value}"), SMALL, cell.x1 - x);
        drawing.text((x, y), Align::Start, SMALL, color, &numbers);
        return;
    }
    let verdict = format!("{symbol} {}", word(estimate.verdict));
    let verdict_width = drawing.text_width("● contradicted", SMALL) + UNIT * s;
    drawing.text((cell.x1 - verdict_width, y), Align::Start, SMALL, color, &verdict);
    drawing.bold((x, y), Align::Start, TEXT, drawing.palette.ink, &value);
    let begin = x + text::BOLD * drawing.text_width(&value, TEXT) + UNIT * s;
    let room = cell.x1 - verdict_width - begin;
    let range = interval_text(unit, estimate);
    if drawing.text_width(&range, SMALL) <= room {
        drawing.text((begin, y), Align::Start, SMALL, drawing.palette.muted, &range);
    }
}

/// The ends and the middle of an axis.
fn ticks(drawing: &mut Drawing, unit: Unit, x: &Axis, y: f64) {
    let Axis::Range { min, max, from, to, .. } = x else { return };
    let none = match unit {
        Unit::Difference => "0".to_owned(),
        Unit::Factor => "×1".to_owned(),
    };
    let muted = drawing.palette.muted;
    let ends = [tick(unit, *min), tick(unit, *max)];
    let size = SMALL - 1.0;
    drawing.text((*from, y), Align::Start, size, muted, &ends[0]);
    drawing.text((*to, y), Align::End, size, muted, &ends[1]);
    let room = to - from - ends.iter().map(|end| drawing.text_width(end, size)).sum::<f64>();
    if room > drawing.text_width(&none, size) + 4.0 * UNIT * drawing.scale {
        drawing.text((0.5 * (from + to), y), Align::Middle, size, muted, &none);
    }
}
