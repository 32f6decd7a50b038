//! What a heatmap shows for the cursor alone: a square around a pair of times, words beside the names, and the share of
//! each group of rows.

use super::super::drawing::{Align, Drawing};
use super::super::{Plot, Rect, SMALL, TEXT, UNIT, axis};
use super::{Heatmap, Rows, labels};

/// What a heatmap shows for the cursor alone: nothing where lists are empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeatmapMarks {
    /// A square around this pair of times (x, y).
    pub square: Option<(f64, f64)>,
    /// What stands beside each panel's name.
    pub words: Vec<String>,
    /// For each panel the share of each group of rows, beside it.
    pub shares: Vec<Option<Vec<f64>>>,
}

/// Draws the marks of one panel.
pub fn mark(drawing: &mut Drawing, data: &Heatmap, panel: usize, plot: &Plot, marks: &HeatmapMarks) {
    let (s, rect) = (drawing.scale, plot.rect);
    let (ink, surface) = (drawing.palette.ink, drawing.palette.surface);
    if let Some((x, y)) = marks.square
        && let (Some(px), Some(py)) = (plot.x.px(x), plot.y.px(y))
    {
        for (half, color) in [(5.0, ink), (4.0, surface), (3.0, ink)] {
            square(drawing, (px, py), half * s, color);
        }
    }
    let color = data.panels.get(panel).map_or(ink, |panel| panel.color);
    if let Some(words) = marks.words.get(panel).filter(|_| rect.y0 > TEXT * s) {
        let y = (0.5 * TEXT + 0.5 * UNIT) * s;
        if drawing.text_width(words, SMALL) <= labels::words_width(drawing, data) {
            drawing.text((rect.x1, y), Align::End, SMALL, color, words);
        }
    }
    let (Some(Some(shares)), Rows::Groups(groups)) = (marks.shares.get(panel), &data.rows) else { return };
    let room = labels::shares_width(drawing, data);
    if room == 0.0 {
        return;
    }
    let (x0, x1) = (rect.x1 + UNIT * s, rect.x1 + 2.5 * UNIT * s);
    let (total, mut first) = (data.row_count() as f64, 0);
    let mut free = f64::NEG_INFINITY;
    for ((_, rows), share) in groups.iter().zip(shares) {
        let at = |row: usize| rect.y0 + rect.height() * row as f64 / total;
        let (y0, y1) = (at(first), at(first + rows));
        first += rows;
        let track = drawing.palette.grid;
        drawing.fill(Rect { x0, x1, y0, y1: y1 - s }, track, 1.0);
        drawing.fill(Rect { x0, x1, y0: y1 - s - (y1 - s - y0) * share.clamp(0.0, 1.0), y1: y1 - s }, color, 1.0);
        let y = 0.5 * (y0 + y1);
        if y - 0.6 * SMALL * s >= free {
            drawing.text((x1 + UNIT * s, y), Align::Start, SMALL, color, &axis::percent(*share));
            free = y + 0.6 * SMALL * s;
        }
    }
}

/// The outline of a square, a CSS pixel thick.
fn square(drawing: &mut Drawing, (x, y): (f64, f64), half: f64, color: super::super::Rgb) {
    for side in [-half, half] {
        drawing.horizontal(x - half, x + half, y + side, 1.0, color, &[]);
        drawing.vertical(x + side, y - half, y + half, 1.0, color, &[]);
    }
}
