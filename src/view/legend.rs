//! Strokes and names in a row above a picture.

use super::picture::{Align, Picture};
use super::{Rect, Rgb, SMALL, UNIT};

/// One stroke and its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
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

/// Draws the entries at the top of the picture, in as many rows as they need; returns the height used in CSS pixels,
/// 0 where the picture is too small for a legend.
pub fn row(picture: &mut Picture, entries: &[Entry]) -> f64 {
    let s = picture.scale;
    if picture.width < 140.0 * s || picture.height < 100.0 * s || entries.is_empty() {
        return 0.0;
    }
    let (stroke, gap, row) = (4.0 * UNIT * s, UNIT * s, (SMALL + 1.5 * UNIT) * s);
    let left = 2.0 * UNIT * s;
    let (mut x, mut y) = (left, 2.0 * UNIT * s);
    for entry in entries {
        let width = picture.text_width(entry.label, SMALL);
        if x > left && x + stroke + gap + width > picture.width {
            (x, y) = (left, y + row);
        }
        let clip = Rect { x0: x, y0: y - row, x1: x + stroke, y1: y + row };
        picture.line(&[(x, y), (x + stroke, y)], clip, entry.width, (entry.color, entry.alpha), entry.dash);
        picture.text((x + stroke + gap, y), Align::Start, SMALL, picture.palette.ink, entry.label);
        x += stroke + width + 4.0 * gap;
    }
    (y + row) / s - 2.0 * UNIT
}
