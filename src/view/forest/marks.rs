//! Dot, bar and arrows of an interval, in the shape and the colour of its verdict.

use super::super::drawing::{Align, Drawing};
use super::super::{Axis, Palette, Rect, Rgb, SMALL, UNIT};
use super::Estimate;
use super::words::{symbol, word};
use crate::claims::Verdict;

/// Radius of a dot, CSS pixels.
const RADIUS: f64 = 4.0;

/// Blue and brown of the diverging map, which colour-blind readers tell apart; grey for what is undecided.
pub fn color(palette: &Palette, verdict: Verdict) -> Rgb {
    match verdict {
        Verdict::Supported => palette.diverging[1],
        Verdict::Contradicted => palette.diverging[7],
        Verdict::Undecided => palette.muted,
    }
}

/// The bar from end to end and the mark of the estimate, as far as they lie on the axis; an arrow where they leave it.
pub fn interval(drawing: &mut Drawing, x: &Axis, strip: Rect, estimate: Estimate, color: Rgb) {
    let y = 0.5 * (strip.y0 + strip.y1);
    let s = drawing.scale;
    let low_and_high = estimate.interval.or(estimate.value.map(|value| (value, value)));
    let Some((low, high)) = low_and_high else { return };
    // A factor of 0 lies left of every factor, and what is too large to draw right of all.
    let place = |value: f64| x.px(value).unwrap_or(if value > 0.0 { f64::INFINITY } else { f64::NEG_INFINITY });
    let (low, high) = (place(low), place(high));
    if low <= strip.x1 && high >= strip.x0 && estimate.interval.is_some() {
        drawing.horizontal(low.max(strip.x0), high.min(strip.x1), y, 2.5, color, &[]);
    }
    let arrow = 1.5 * UNIT * s;
    if low < strip.x0 {
        drawing.area(vec![(strip.x0 - arrow, y), (strip.x0, y - arrow), (strip.x0, y + arrow)], color, 1.0);
    }
    if high > strip.x1 {
        drawing.area(vec![(strip.x1 + arrow, y), (strip.x1, y - arrow), (strip.x1, y + arrow)], color, 1.0);
    }
    let at = estimate.value.map(place).filter(|px| (strip.x0..=strip.x1).contains(px));
    if let Some(px) = at {
        mark(drawing, (px, y), estimate.verdict, color);
    }
}

/// A dot, a ring or a cross.
fn mark(drawing: &mut Drawing, (x, y): (f64, f64), verdict: Verdict, color: Rgb) {
    let s = drawing.scale;
    match verdict {
        Verdict::Supported => drawing.dot(x, y, RADIUS, color, 1.0),
        Verdict::Undecided => {
            drawing.dot(x, y, RADIUS, color, 1.0);
            drawing.dot(x, y, RADIUS - 1.5, drawing.palette.surface, 1.0);
        }
        Verdict::Contradicted => {
            // On a plate, so that the bar does not hide it.
            drawing.dot(x, y, RADIUS + 2.5, drawing.palette.surface, 1.0);
            let arm = RADIUS * s;
            let clip = Rect { x0: x - arm, y0: y - arm, x1: x + arm, y1: y + arm };
            for stroke in [[(x - arm, y - arm), (x + arm, y + arm)], [(x - arm, y + arm), (x + arm, y - arm)]] {
                drawing.line(&stroke, clip, 2.5, (color, 1.0), &[]);
            }
        }
    }
}

/// What symbols, line and shade mean, in one line around `y`.
pub fn key(drawing: &mut Drawing, y: f64) {
    let s = drawing.scale;
    let mut x = UNIT * s;
    for verdict in [Verdict::Supported, Verdict::Contradicted, Verdict::Undecided] {
        let entry = format!("{} {}", symbol(verdict), word(verdict));
        drawing.text((x, y), Align::Start, SMALL, color(drawing.palette, verdict), &entry);
        x += drawing.text_width(&entry, SMALL) + 4.0 * UNIT * s;
    }
    let rest = "dashed: no effect; the shaded side speaks for the claim";
    if x + drawing.text_width(rest, SMALL) <= drawing.width {
        drawing.text((x, y), Align::Start, SMALL, drawing.palette.muted, rest);
    }
}
