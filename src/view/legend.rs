//! Strokes and names in a row above a drawing.

use super::drawing::{Align, Drawing};
use super::{Rect, Rgb, SMALL, UNIT};

/// One stroke and its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LegendEntry<'a> {
    /// The name.
    pub label: &'a str,
    /// Stroke colour.
    pub color: Rgb,
    /// Opacity ∈ [0, 1].
    pub alpha: f64,
    /// CSS pixels.
    pub width: f64,
    /// Dash, gap, … in CSS pixels.
    pub dash: &'a [f64],
}

/// Draws the entries at the top of the drawing, in as many rows as they need; returns the height used in CSS pixels,
/// 0 where the picture is too small for a legend.
pub fn row(drawing: &mut Drawing, entries: &[LegendEntry]) -> f64 {
    let s = drawing.scale;
    if drawing.width < 140.0 * s || drawing.height < 100.0 * s || entries.is_empty() {
        return 0.0;
    }
    let (stroke, gap, row) = (4.0 * UNIT * s, UNIT * s, (SMALL + 1.5 * UNIT) * s);
    let left = 2.0 * UNIT * s;
    let (mut x, mut y) = (left, 2.0 * UNIT * s);
    for entry in entries {
        let width = drawing.text_width(entry.label, SMALL);
        if x > left && x + stroke + gap + width > drawing.width {
            (x, y) = (left, y + row);
        }
        let clip = Rect { x0: x, y0: y - row, x1: x + stroke, y1: y + row };
        drawing.line(&[(x, y), (x + stroke, y)], clip, entry.width, (entry.color, entry.alpha), entry.dash);
        drawing.text((x + stroke + gap, y), Align::Start, SMALL, drawing.palette.ink, entry.label);
        x += stroke + width + 4.0 * gap;
    }
    (y + row) / s - 2.0 * UNIT
}
