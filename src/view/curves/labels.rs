//! Words inside and beside the lines.

use super::super::drawing::{Align, Drawing};
use super::super::frame::Frame;
use super::super::number::significant;
use super::super::{Rect, Rgb, SMALL, UNIT};
use super::{Curves, Extent, Series, spots};
use crate::sorting::sort_by_number;

/// Places notes where they cover least: not each other, and as few points of lines and levels as possible. Points never move
/// once drawn on fixed axes, so a note rarely changes its place while lines grow.
struct Notes {
    rect: Rect,
    half: f64,
    taken: Vec<Rect>,
    points: Vec<(f64, f64)>,
}

impl Notes {
    /// Writes `text` at one of the heights `ys`, at the right end or else at the left.
    fn put(&mut self, drawing: &mut Drawing, ys: &[f64], color: Rgb, text: &str) {
        let sites = ys.iter().map(|y| (self.rect.x1, *y, Align::End));
        let sites: Vec<_> = sites.chain(ys.iter().map(|y| (self.rect.x0 + UNIT, *y, Align::Start))).collect();
        self.put_at(drawing, &sites, color, text);
    }

    fn put_at(&mut self, drawing: &mut Drawing, sites: &[(f64, f64, Align)], color: Rgb, text: &str) {
        let mut best: Option<(usize, (f64, f64), Align)> = None;
        for &(x, y, align) in sites.iter().filter(|_| !text.is_empty()) {
            let plate = drawing.plate((x, y), align, text, self.rect);
            let apart = |t: &Rect| plate.x1 <= t.x0 || t.x1 <= plate.x0 || plate.y1 <= t.y0 || t.y1 <= plate.y0;
            let inside = plate.y0 >= self.rect.y0 && plate.y1 <= self.rect.y1 && plate.x1 <= self.rect.x1 + 1.0;
            if inside && self.taken.iter().all(apart) {
                let covered = self.points.iter().filter(|p| plate.contains(p.0, p.1)).count();
                if best.is_none_or(|b| covered < b.0) {
                    best = Some((covered, (x, y), align));
                }
            }
        }
        if let Some((_, place, align)) = best {
            let plate = drawing.note(place, align, color, text, self.rect);
            self.taken.push(plate);
        }
    }
}

/// Words beside bands, levels and markers.
pub fn write(drawing: &mut Drawing, frame: &Frame, data: &Curves) {
    let rect = frame.rect;
    let across = |y: f64| (0..=60).map(move |i| (rect.x0 + rect.width() * f64::from(i) / 60.0, y));
    let levels = data.levels.iter().filter_map(|l| frame.y.px(l.value)).flat_map(across);
    let points = data.series.iter().flat_map(|s| between(frame, s)).chain(levels).collect();
    let mut notes = Notes { rect, half: 0.7 * SMALL * drawing.scale, taken: Vec::new(), points };
    let half = notes.half;
    let muted = drawing.palette.muted;
    let mut edges = Vec::new();
    for band in &data.bands {
        let ends = match &band.extent {
            Extent::Constant(lo, hi) => Some((*lo, *hi)),
            Extent::Varying(points) => points.last().map(|p| (p.1, p.2)),
        };
        let place = |(lo, hi)| Some((frame.y.px(lo).unwrap_or(rect.y1), frame.y.px(hi)?));
        if let Some((lo, hi)) = ends.and_then(place) {
            edges.extend([lo, hi]);
            notes.put(drawing, &[hi - half, lo + half, hi + half], muted, &band.label);
        }
    }
    for level in &data.levels {
        let beyond = |arrow| format!("{} {arrow} {}", level.label, significant(level.value, 3));
        match frame.y.px(level.value) {
            Some(py) if py < rect.y0 => {
                notes.put(drawing, &[rect.y0 + half, rect.y0 + 3.0 * half], level.color, &beyond('↑'));
            }
            Some(py) if py > rect.y1 => {
                notes.put(drawing, &[rect.y1 - half, rect.y1 - 3.0 * half], level.color, &beyond('↓'));
            }
            Some(py) => {
                // Rather beside a band than on its edge.
                let crowded = edges.iter().any(|y| (py - 2.0 * half..=py).contains(y));
                let ys = if crowded { [py + half, py - half] } else { [py - half, py + half] };
                notes.put(drawing, &ys, level.color, &level.label);
            }
            None => {}
        }
    }
    for marker in &data.markers {
        if let Some(px) = frame.x.px(marker.x).filter(|px| (rect.x0..=rect.x1).contains(px)) {
            let x = px + drawing.scale;
            let sites = [(x, rect.y0 + half, Align::Start), (x, rect.y0 + 3.0 * half, Align::Start)];
            notes.put_at(drawing, &sites, marker.color, &marker.label);
        }
    }
}

/// Points along a line, dense enough that none slips through a note.
fn between(frame: &Frame, series: &Series) -> Vec<(f64, f64)> {
    let spots = spots(frame, series);
    let along = |pair: &[super::PlottedPoint]| {
        let (a, b) = (pair[0], pair[1]);
        let pieces = ((b.px - a.px).abs().max((b.py - a.py).abs()) / 4.0).ceil().clamp(1.0, 200.0);
        let at = move |i: usize| {
            let t = i as f64 / pieces;
            (a.px + t * (b.px - a.px), a.py + t * (b.py - a.py))
        };
        (0..=pieces as usize).map(at).collect::<Vec<_>>()
    };
    spots.windows(2).filter(|w| w[1].index == w[0].index + 1).flat_map(along).collect()
}

/// Names beside the last points, pushed apart downwards and then back up to stay inside.
pub fn ends(drawing: &mut Drawing, frame: &Frame, data: &Curves, width: f64) {
    let (s, rect) = (drawing.scale, frame.rect);
    let mut seen: Vec<&str> = Vec::new();
    let mut ends: Vec<(f64, &Series)> = Vec::new();
    for series in &data.series {
        let last = spots(frame, series).last().copied();
        if let Some(spot) = last.filter(|_| !series.label.is_empty() && !seen.contains(&series.label.as_str())) {
            seen.push(&series.label);
            ends.push((spot.py, series));
        }
    }
    sort_by_number(&mut ends, |end| end.0);
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
        if width * s + rect.x1 <= drawing.width && y >= rect.y0 - row {
            let (begin, end) = (rect.x1 + 0.5 * UNIT * s, rect.x1 + 2.0 * UNIT * s);
            let clip = Rect { x0: begin, y0: rect.y0 - row, x1: end, y1: rect.y1 + row };
            drawing.line(&[(begin, y), (end, y)], clip, series.width, (series.color, series.alpha), &series.dash);
            drawing.text((end + UNIT * s, y), Align::Start, SMALL, drawing.palette.muted, &series.label);
        }
    }
}
