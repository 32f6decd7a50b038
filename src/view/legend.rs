//! Symbols and names in rows above a chart.

use super::drawing::{Align, Drawing};
use super::{Rect, Rgb, SMALL, UNIT};

/// What stands before a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// A piece of the line.
    Line,
    /// A filled rectangle.
    Area,
}

/// One symbol and its name.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendEntry {
    /// The name.
    pub label: String,
    /// Line or area.
    pub symbol: Symbol,
    /// Colour of the symbol.
    pub color: Rgb,
    /// Opacity ∈ [0, 1].
    pub alpha: f64,
    /// Line width, CSS pixels.
    pub width: f64,
    /// Dash, gap, … in CSS pixels.
    pub dash: Vec<f64>,
}

const SYMBOL: f64 = 5.0 * UNIT;
const ROW: f64 = SMALL + 1.5 * UNIT;

/// Where each entry begins, CSS pixels from the left, and in which row, for a legend `width` CSS pixels wide.
fn places(drawing: &Drawing, entries: &[LegendEntry], width: f64) -> Vec<(f64, usize)> {
    let left = 2.0 * UNIT;
    let (mut x, mut row) = (left, 0);
    let place = |entry: &LegendEntry| {
        let needed = SYMBOL + UNIT + drawing.text_width(&entry.label, SMALL) / drawing.scale;
        if x > left && x + needed > width - UNIT {
            (x, row) = (left, row + 1);
        }
        let at = (x, row);
        x += needed + 4.0 * UNIT;
        at
    };
    entries.iter().map(place).collect()
}

/// Height of the legend in CSS pixels.
pub fn height(drawing: &Drawing, entries: &[LegendEntry]) -> f64 {
    let last = places(drawing, entries, drawing.width / drawing.scale).last().copied();
    last.map_or(0.0, |(_, row)| (row + 1) as f64 * ROW)
}

/// Draws the entries at the top of the drawing, in as many rows as they need; returns the height used in CSS pixels,
/// 0 where the drawing is too small for a legend.
pub fn draw(drawing: &mut Drawing, entries: &[LegendEntry]) -> f64 {
    let s = drawing.scale;
    let used = height(drawing, entries);
    if drawing.width < 140.0 * s || drawing.height < (80.0 + used) * s {
        return 0.0;
    }
    for (entry, (left, row)) in entries.iter().zip(places(drawing, entries, drawing.width / s)) {
        let (x, y) = (left * s, (2.0 * UNIT + row as f64 * ROW) * s);
        let end = x + SYMBOL * s;
        match entry.symbol {
            Symbol::Line => {
                let clip = Rect { x0: x, y0: y - SMALL * s, x1: end, y1: y + SMALL * s };
                drawing.line(&[(x, y), (end, y)], clip, entry.width, (entry.color, entry.alpha), &entry.dash);
            }
            Symbol::Area => {
                let half = 0.4 * SMALL * s;
                drawing.fill(Rect { x0: x, x1: end, y0: y - half, y1: y + half }, entry.color, entry.alpha);
            }
        }
        let begin = end + UNIT * s;
        let label = drawing.shortened(&entry.label, SMALL, drawing.width - begin);
        drawing.text((begin, y), Align::Start, SMALL, drawing.palette.ink, &label);
    }
    used
}
