//! Margins, grid, ticks and titles: the frame that line charts and histograms share.

use super::axis::{Axis, AxisLabels, AxisScale, AxisSpec};
use super::drawing::{Align, Drawing};
use super::{Rect, SMALL, UNIT, number, ticks};

/// From which width on an axis of counts has the ratios beside them, CSS pixels.
const TWICE: f64 = 560.0;

/// An axis as asked for, and the range it got.
#[derive(Clone, Copy)]
pub struct Ranged<'a> {
    /// What the caller asked for.
    pub spec: &'a AxisSpec,
    /// Smallest value shown.
    pub min: f64,
    /// Largest value shown.
    pub max: f64,
}

/// Where data lie, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Inner rectangle, pixels.
    pub rect: Rect,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
}

/// Draws grid, axis line, tick labels and titles within `outer`, with `head` CSS pixels kept free on top and `side`
/// CSS pixels kept free at the right. Labels are left out where there is no room for them.
///
/// Margins do not depend on the data unless labels are unusually wide, so pictures stay still while data grow.
pub fn draw(drawing: &mut Drawing, outer: Rect, x: Ranged, y: Ranged, head: f64, side: f64) -> Frame {
    frame(drawing, outer, x, y, (head, side), true)
}

/// The same without the labels of the horizontal axis, which stand below another frame.
pub fn draw_bare(drawing: &mut Drawing, outer: Rect, x: Ranged, y: Ranged, side: f64) -> Frame {
    frame(drawing, outer, x, y, (0.0, side), false)
}

fn frame(drawing: &mut Drawing, outer: Rect, x: Ranged, y: Ranged, (head, side): (f64, f64), labelled: bool) -> Frame {
    let s = drawing.scale;
    let roomy = outer.height() > if labelled { 80.0 } else { 40.0 } * s && outer.width() > 100.0 * s;
    let titled = roomy && !y.spec.title.is_empty();
    // Under the title, room for the upper half of the topmost tick label.
    let top = if roomy { UNIT + head + if titled { 1.5 * SMALL + UNIT } else { SMALL / 2.0 } } else { 1.0 };
    let bottom = match (roomy && labelled, x.spec.title.is_empty()) {
        (false, _) => 1.0,
        (true, true) => SMALL + 2.0 * UNIT,
        (true, false) => 2.0 * SMALL + 3.0 * UNIT,
    };
    let (y0, y1) = ((outer.y0 + top * s).round(), (outer.y1 - bottom * s).round().max(outer.y0 + top * s));
    let per_label = if y.spec.scale != AxisScale::Linear { 22.0 } else { 38.0 };
    let count = ((y1 - y0) / (per_label * s)).round().clamp(2.0, 8.0) as usize;
    let rows = ticks::labelled(y.spec, y.min, y.max, count);
    // Beside numbers of parts there may be room for the ratios themselves.
    let twice = matches!(y.spec.labels, AxisLabels::Count(_)) && roomy && outer.width() >= TWICE * s;
    let ratios: Vec<String> = rows.iter().filter(|_| twice).map(|tick| number::short(tick.value, 2)).collect();
    let second = ratios.iter().map(|ratio| drawing.text_width(ratio, SMALL) + 3.0 * UNIT * s).fold(0.0, f64::max);
    let widest = rows.iter().map(|t| drawing.text_width(&t.label, SMALL)).fold(0.0, f64::max);
    let left = (widest + second + 2.0 * UNIT * s).max(10.0 * UNIT * s).min(0.4 * outer.width());
    let left = if roomy { left } else { s };
    let right = if roomy { side.max(5.0 * UNIT) * s } else { s };
    let x0 = (outer.x0 + left).round();
    let x1 = (outer.x1 - right).round().max(x0);
    let rect = Rect { x0, y0, x1, y1 };
    let x_axis = Axis::Range { scale: x.spec.scale, min: x.min, max: x.max, from: x0, to: x1 };
    let y_axis = Axis::Range { scale: y.spec.scale, min: y.min, max: y.max, from: y1, to: y0 };

    let (grid, line, muted) = (drawing.palette.grid, drawing.palette.axis, drawing.palette.muted);
    for (row, tick) in rows.iter().enumerate() {
        let Some(py) = y_axis.px(tick.value).filter(|py| *py >= y0 - 0.5 && *py <= y1 + 0.5) else { continue };
        drawing.horizontal(x0, x1, py, 1.0, grid, &[]);
        if roomy {
            drawing.text((x0 - 1.5 * UNIT * s, py), Align::End, SMALL, muted, &tick.label);
            if let Some(ratio) = ratios.get(row) {
                drawing.text((x0 - widest - 4.5 * UNIT * s, py), Align::End, SMALL, muted, ratio);
            }
        }
    }
    drawing.horizontal(x0, x1, y1, 1.0, line, &[]);
    if roomy && labelled {
        x_ticks(drawing, outer, &x_axis, x, rect);
        let title_y = y1 + (1.5 * SMALL + 2.5 * UNIT) * s;
        let title = drawing.shortened(&x.spec.title, SMALL, x1 - outer.x0);
        drawing.text((x1, title_y), Align::End, SMALL, muted, &title);
    }
    if titled {
        let title_y = outer.y0 + (UNIT + head + 0.5 * SMALL) * s;
        let x = if twice { x0 - widest - 1.5 * UNIT * s } else { outer.x0 + UNIT * s };
        let title = drawing.shortened(&y.spec.title, SMALL, outer.x1 - x);
        drawing.text((x, title_y), Align::Start, SMALL, muted, &title);
        if twice {
            drawing.text((x - 3.0 * UNIT * s, title_y), Align::End, SMALL, muted, "IPR");
        }
    }
    Frame { rect, x: x_axis, y: y_axis }
}

fn x_ticks(drawing: &mut Drawing, outer: Rect, axis: &Axis, x: Ranged, rect: Rect) {
    let s = drawing.scale;
    let (line, muted) = (drawing.palette.axis, drawing.palette.muted);
    let per_label = match x.spec.scale {
        AxisScale::Linear => 62.0,
        AxisScale::SymmetricLog(_) => 34.0,
        AxisScale::Log | AxisScale::Log1p => 44.0,
    };
    let count = (rect.width() / (per_label * s)).floor().clamp(1.0, 8.0) as usize;
    let mut free_from = f64::NEG_INFINITY;
    for tick in ticks::labelled(x.spec, x.min, x.max, count) {
        let Some(px) = axis.px(tick.value).filter(|px| *px >= rect.x0 - 0.5 && *px <= rect.x1 + 0.5) else { continue };
        drawing.vertical(px, rect.y1, rect.y1 + 0.75 * UNIT * s, 1.0, line, &[]);
        let half = 0.5 * drawing.text_width(&tick.label, SMALL);
        let centre = px.min(outer.x1 - half).max(outer.x0 + half);
        if centre - half >= free_from {
            drawing.text((centre, rect.y1 + (1.5 * UNIT + 0.5 * SMALL) * s), Align::Middle, SMALL, muted, &tick.label);
            free_from = centre + half + UNIT * s;
        }
    }
}
