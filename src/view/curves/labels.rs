//! Names and messages within the plot and at the ends of lines.

use super::super::drawing::{Align, Drawing};
use super::super::frame::Frame;
use super::super::{PlottedPoint, Rect, Rgb, SMALL, UNIT};
use super::{Curves, Extent, Series, plotted, steps};
use crate::sorting::sort_by_number;

/// Places labels where they cover least: not each other, and as few points of lines and levels as possible. Points never
/// move once drawn on fixed axes, so a label rarely changes its place while lines grow.
struct Labels {
    rect: Rect,
    half: f64,
    taken: Vec<Rect>,
    points: Vec<(f64, f64)>,
}

impl Labels {
    /// Both ends of the plot at the heights `ys`.
    fn at_ends(&self, ys: &[f64]) -> Vec<(f64, f64, Align)> {
        let right = ys.iter().map(|y| (self.rect.x1, *y, Align::End));
        right.chain(ys.iter().map(|y| (self.rect.x0 + UNIT, *y, Align::Start))).collect()
    }

    /// Both ends of the plot at all heights that a row of text has within it.
    fn anywhere(&self) -> Vec<(f64, f64, Align)> {
        let row = 2.0 * self.half;
        let rows = ((self.rect.height() - 2.0 * self.half) / row).floor().max(0.0) as usize;
        let ys: Vec<f64> = (0..=rows).map(|i| self.rect.y0 + self.half + i as f64 * row).collect();
        self.at_ends(&ys)
    }

    /// Draws `text`, shortened to the plot's width (where there is one, to what is before its colon) with `ending` kept whole,
    /// at the first of the places that covers least, or nowhere.
    fn put(
        &mut self,
        drawing: &mut Drawing,
        places: &[(f64, f64, Align)],
        color: Rgb,
        text: &str,
        ending: &str,
    ) -> bool {
        let room = self.rect.width() - 6.0 * drawing.scale - drawing.text_width(ending, SMALL);
        let fits = |part: &&str| drawing.text_width(part, SMALL) <= room;
        let part = [text].into_iter().chain(text.split_once(": ").map(|parts| parts.0)).find(fits);
        let text = part.map_or_else(|| drawing.shortened(text, SMALL, room), str::to_owned) + ending;
        let mut best: Option<(usize, (f64, f64), Align)> = None;
        for &(x, y, align) in places.iter().filter(|_| !text.is_empty()) {
            let plate = drawing.plate((x, y), align, &text, self.rect);
            let inside = plate.y0 >= self.rect.y0 && plate.y1 <= self.rect.y1 && plate.x1 <= self.rect.x1 + 1.0;
            if inside && self.taken.iter().all(|t| apart(&plate, t)) {
                let covered = self.points.iter().filter(|p| plate.contains(p.0, p.1)).count();
                if best.is_none_or(|b| covered < b.0) {
                    best = Some((covered, (x, y), align));
                }
            }
        }
        if let Some((_, place, align)) = best {
            let plate = drawing.note(place, align, color, &text, self.rect);
            self.taken.push(plate);
        }
        best.is_some()
    }
}

fn apart(a: &Rect, b: &Rect) -> bool {
    a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0
}

/// Labels of ends, step lines, levels, markers and bands, and notes, in this order: earlier ones have the first choice.
pub fn draw(drawing: &mut Drawing, frame: &Frame, data: &Curves) {
    let (rect, half) = (frame.rect, 0.7 * SMALL * drawing.scale);
    let across = |y: f64| (0..=60).map(move |i| (rect.x0 + rect.width() * f64::from(i) / 60.0, y));
    let levels = data.levels.iter().filter_map(|l| frame.y.px(l.value)).flat_map(across);
    let curves = data.series.iter().flat_map(|s| between(&plotted(frame, s)));
    let held = data.step_lines.iter().flat_map(|l| steps(frame, l)).flat_map(|stretch| dense(&stretch));
    let points = curves.chain(levels).chain(held).collect();
    let mut labels = Labels { rect, half, taken: Vec::new(), points };
    ends(drawing, frame, data, &mut labels);
    references(drawing, frame, data, &mut labels);
    for note in &data.notes {
        let room = rect.width() - 6.0 * drawing.scale;
        let mut below = None;
        for line in drawing.wrapped(&note.text, SMALL, room) {
            let next: Vec<_> = below.into_iter().collect();
            let placed = labels.put(drawing, &next, note.color, &line, "") || {
                let places = labels.anywhere();
                labels.put(drawing, &places, note.color, &line, "")
            };
            let plate = labels.taken.last().filter(|_| placed);
            below = plate.map(|p| (p.x0, 0.5 * (p.y0 + p.y1) + 2.0 * half, Align::Start));
        }
    }
    for marker in &data.markers {
        if let Some(px) = frame.x.px(marker.x).filter(|px| (rect.x0..=rect.x1).contains(px)) {
            let x = px + drawing.scale;
            let places = [(x, rect.y0 + half, Align::Start), (x, rect.y0 + 3.0 * half, Align::Start)];
            labels.put(drawing, &places, marker.color, &marker.label, "");
        }
    }
    for band in data.bands.iter().filter(|_| data.end_notes.is_empty()) {
        if let Some((low, high)) = band_end(frame, &band.extent) {
            let places = labels.at_ends(&[high - half, low + half, high + half]);
            labels.put(drawing, &places, drawing.palette.muted, &band.label, "");
        }
    }
}

/// Pixels of a band's bounds at its right end.
fn band_end(frame: &Frame, extent: &Extent) -> Option<(f64, f64)> {
    let (low, high) = match extent {
        Extent::Constant(low, high) => (*low, *high),
        Extent::Varying(points) => points.last().map(|p| (p.1, p.2))?,
        Extent::Bars(bars) => bars.last().map(|bar| (bar.2, bar.3))?,
    };
    Some((frame.y.px(low).unwrap_or(frame.rect.y1), frame.y.px(high)?))
}

/// Step lines and levels: beside the line, or at the edge of the plot beyond which it lies.
fn references(drawing: &mut Drawing, frame: &Frame, data: &Curves, labels: &mut Labels) {
    let (rect, half) = (frame.rect, labels.half);
    let edges: Vec<f64> =
        data.bands.iter().filter_map(|b| band_end(frame, &b.extent)).flat_map(|e| [e.0, e.1]).collect();
    let lines = data.step_lines.iter().filter_map(|l| Some((l.label.as_str(), l.last()?.1, l.color, true)));
    let levels = data.levels.iter().map(|l| (l.label.as_str(), l.value, l.color, false));
    for (label, value, color, with_value) in lines.chain(levels.filter(|_| data.end_notes.is_empty())) {
        let Some(py) = frame.y.px(value) else { continue };
        let number = data.y.labels.text(value);
        // Of a level, the number that its label ends with.
        let (label, kept) = label
            .rsplit_once(": ")
            .filter(|(_, kept)| !with_value && kept.starts_with(|c: char| c.is_ascii_digit()))
            .unwrap_or((label, ""));
        let kept = if kept.is_empty() { String::new() } else { format!(": {kept}") };
        let (ys, ending) = if py < rect.y0 {
            ([rect.y0 + half, rect.y0 + 3.0 * half], format!(" {number} ↑"))
        } else if py > rect.y1 {
            ([rect.y1 - half, rect.y1 - 3.0 * half], format!(" {number} ↓"))
        } else {
            // Rather beside a band than on its edge.
            let crowded = edges.iter().any(|y| (py - 2.0 * half..=py).contains(y));
            let ys = if crowded { [py + half, py - half] } else { [py - half, py + half] };
            (ys, if with_value { format!(" {number}") } else { kept })
        };
        let near = labels.at_ends(&ys);
        if !labels.put(drawing, &near, color, label, &ending) && with_value {
            let places = labels.anywhere();
            labels.put(drawing, &places, color, label, &ending);
        }
    }
}

/// Points along a line, dense enough that none slips through a label.
fn between(points: &[PlottedPoint]) -> Vec<(f64, f64)> {
    let stretches = points.chunk_by(|a, b| b.index == a.index + 1);
    stretches.flat_map(|stretch| dense(&stretch.iter().map(|p| (p.px, p.py)).collect::<Vec<_>>())).collect()
}

fn dense(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let along = |pair: &[(f64, f64)]| {
        let (a, b) = (pair[0], pair[1]);
        let pieces = ((b.0 - a.0).abs().max((b.1 - a.1).abs()) / 4.0).ceil().clamp(1.0, 200.0);
        let at = move |i: usize| {
            let t = i as f64 / pieces;
            (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
        };
        (0..=pieces as usize).map(at).collect::<Vec<_>>()
    };
    points.windows(2).flat_map(along).collect()
}

/// Room for the end labels at the right of the plot, CSS pixels: that of the widest, at most a third of the drawing.
pub fn margin(drawing: &Drawing, data: &Curves) -> f64 {
    let notes = data.end_notes.iter().map(|note| note.1.as_str());
    let labels = data.series.iter().filter_map(|s| s.end_label.as_deref()).chain(notes);
    let mut widest = labels.map(|l| drawing.text_width(l, SMALL)).fold(0.0, f64::max);
    if widest > 0.0 {
        widest = widest.max(drawing.text_width(&data.end_title, SMALL));
    }
    if widest == 0.0 { 0.0 } else { (widest / drawing.scale + 2.0 * UNIT).min(drawing.width / drawing.scale / 3.0) }
}

/// Names beside the last points: those whose columns overlap are pushed apart downwards, and then back up to stay
/// within the plot.
fn ends(drawing: &mut Drawing, frame: &Frame, data: &Curves, labels: &mut Labels) {
    let (s, rect) = (drawing.scale, frame.rect);
    let row = 1.2 * SMALL * s;
    let most = (rect.height() / row).floor() as usize;
    let mut ends: Vec<(Rect, Rgb, String)> = Vec::new();
    let begin = rect.x1 + UNIT * s;
    let room = drawing.width - begin - s;
    for (value, name, color) in &data.end_notes {
        let Some(y) = frame.y.px(*value).filter(|y| (rect.y0..=rect.y1).contains(y) && ends.len() < most) else {
            continue;
        };
        let name = drawing.shortened(name, SMALL, room);
        let x1 = begin + drawing.text_width(&name, SMALL);
        ends.push((Rect { x0: begin, x1, y0: y - 0.5 * row, y1: y + 0.5 * row }, *color, name));
    }
    let mut named: Vec<&Series> = Vec::new();
    let same = |a: &Series, b: &Series| a.end_label == b.end_label && a.color == b.color;
    for series in data.series.iter().rev() {
        let Some(name) = series.end_label.as_deref().filter(|name| !name.is_empty()) else { continue };
        let Some(last) = plotted(frame, series).last().copied() else { continue };
        if ends.len() < most && named.iter().all(|other| !same(other, series)) {
            named.push(series);
            let x0 = last.px + UNIT * s;
            let name = drawing.shortened(name, SMALL, drawing.width - x0 - s);
            let x1 = x0 + drawing.text_width(&name, SMALL);
            ends.push((Rect { x0, x1, y0: last.py - 0.5 * row, y1: last.py + 0.5 * row }, series.color, name));
        }
    }
    sort_by_number(&mut ends, |end| end.0.y0);
    let beside = |a: &Rect, b: &Rect| a.x0 < b.x1 && b.x0 < a.x1;
    for i in 0..ends.len() {
        let free = ends[..i].iter().filter(|e| beside(&e.0, &ends[i].0)).map(|e| e.0.y1).fold(rect.y0, f64::max);
        let y0 = ends[i].0.y0.max(free);
        (ends[i].0.y0, ends[i].0.y1) = (y0, y0 + row);
    }
    for i in (0..ends.len()).rev() {
        let limit = ends[i + 1..].iter().filter(|e| beside(&e.0, &ends[i].0)).map(|e| e.0.y0).fold(rect.y1, f64::min);
        let y1 = ends[i].0.y1.min(limit);
        (ends[i].0.y0, ends[i].0.y1) = (y1 - row, y1);
    }
    if let Some(first) = ends.first().filter(|_| !data.end_title.is_empty()) {
        let x = ends.iter().map(|end| end.0.x0).fold(first.0.x0, f64::max);
        let y = rect.y0 - 0.6 * SMALL * s;
        drawing.text((x, y), Align::Start, SMALL, drawing.palette.muted, &data.end_title);
    }
    for (place, color, name) in ends {
        if place.x0 < rect.x1 {
            drawing.fill(Rect { x1: place.x1.min(rect.x1), ..place }, drawing.palette.surface, 0.8);
        }
        drawing.text((place.x0, 0.5 * (place.y0 + place.y1)), Align::Start, SMALL, color, &name);
        labels.taken.push(place);
    }
}
