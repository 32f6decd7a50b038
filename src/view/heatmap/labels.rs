//! Words and numbers around the panels, and the colour bar.

use super::super::axis::{Axis, AxisScale};
use super::super::drawing::{Align, Cells, Drawing};
use super::super::number::significant;
use super::super::ticks;
use super::super::{Plot, Rect, SMALL, TEXT, UNIT};
use super::{ColorScale, Heatmap, Panel, Rows, pixels};
use crate::sorting::sort_by_number;

/// Times and the run's name below a panel.
pub fn below(drawing: &mut Drawing, data: &Heatmap, panel: &Panel, rect: Rect, x: &Axis, last: bool) {
    let s = drawing.scale;
    let (line, muted) = (drawing.palette.axis, drawing.palette.muted);
    let y = rect.y1 + (1.5 * UNIT + 0.5 * SMALL) * s;
    let mut free = f64::NEG_INFINITY;
    for (time, label) in time_ticks(&data.times, (rect.width() / (56.0 * s)) as usize) {
        let Some(px) = x.px(time) else { continue };
        let half = 0.5 * drawing.text_width(&label, SMALL);
        let centre = px.min(rect.x1 - half).max(rect.x0 + half);
        if centre - half >= free && centre + half <= rect.x1 + 0.5 {
            drawing.vertical(px, rect.y1, rect.y1 + 0.75 * UNIT * s, 1.0, line, &[]);
            drawing.text((centre, y), Align::Middle, SMALL, muted, &label);
            free = centre + half + UNIT * s;
        }
    }
    let y = rect.y1 + (2.5 * UNIT + SMALL + 0.5 * TEXT) * s;
    // Where a name is too long, its first word: the letter of the run.
    let bold = |text: &str| 1.15 * drawing.text_width(text, TEXT);
    let first = panel.name.split(' ').next().unwrap_or_default();
    let name = if bold(&panel.name) <= rect.width() { &panel.name } else { first };
    let title = drawing.text_width(&data.time, SMALL);
    let titled = last && title > 0.0 && bold(name) + 2.0 * title + 2.0 * UNIT * s <= rect.width();
    drawing.bold((0.5 * (rect.x0 + rect.x1), y), Align::Middle, TEXT, panel.color, name);
    if titled {
        drawing.text((rect.x1, y), Align::End, SMALL, muted, &data.time);
    }
}

/// About `count` + 1 times to label: round ones if the columns are evenly spaced, otherwise evenly spaced columns.
fn time_ticks(times: &[f64], count: usize) -> Vec<(f64, String)> {
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Vec::new() };
    let even = times.len() as f64;
    let step = (last - first) / (even - 1.0);
    let regular = times.iter().enumerate().all(|(i, t)| (t - first - i as f64 * step).abs() <= 1.01 * step.abs());
    if regular && times.len() > 2 {
        return ticks::ticks(AxisScale::Linear, first, last, count.clamp(1, 5))
            .into_iter()
            .map(|t| (t.value, t.label))
            .collect();
    }
    let stride = times.len().div_ceil(count.clamp(1, 5)).max(1);
    times.iter().step_by(stride).map(|&t| (t, significant(t, 4))).collect()
}

/// Labels left of the first panel: groups, the largest first as long as there is room, or times.
pub fn rows(drawing: &mut Drawing, data: &Heatmap, plot: &Plot) {
    let (s, rect, muted) = (drawing.scale, plot.rect, drawing.palette.muted);
    let x = rect.x0 - 1.5 * UNIT * s;
    let row = 1.1 * SMALL * s;
    match &data.rows {
        Rows::Times => {
            let mut free = f64::INFINITY;
            for (time, label) in time_ticks(&data.times, (rect.height() / (40.0 * s)) as usize) {
                if let Some(py) = plot.y.px(time).filter(|py| py + 0.5 * row <= free) {
                    drawing.text((x, py), Align::End, SMALL, muted, &label);
                    free = py - 0.5 * row;
                }
            }
        }
        Rows::Groups(groups) => {
            let (total, mut begin) = (data.row_count() as f64, 0usize);
            let place = |(name, rows): &(String, usize)| {
                let middle = begin as f64 + 0.5 * *rows as f64;
                begin += rows;
                (rect.y0 + rect.height() * middle / total, *rows, name.clone())
            };
            let mut places: Vec<_> = groups.iter().map(place).collect();
            for tick in groups.iter().scan(0, |end, g| Some(std::mem::replace(end, *end + g.1))).skip(1) {
                let y = rect.y0 + rect.height() * tick as f64 / total;
                drawing.horizontal(rect.x0 - UNIT * s, rect.x0, y, 1.0, drawing.palette.axis, &[]);
            }
            sort_by_number(&mut places, |place| -(place.1 as f64));
            let mut taken: Vec<f64> = Vec::new();
            for (y, _, name) in places {
                if taken.iter().all(|t| (t - y).abs() >= row) {
                    taken.push(y);
                    drawing.text((x, y), Align::End, SMALL, muted, &name);
                }
            }
        }
    }
}

/// A bar of all colours with the values at its ends and middle.
pub fn color_bar(drawing: &mut Drawing, data: &Heatmap, rect: Rect, max: f64) {
    let s = drawing.scale;
    let steps = 64;
    let (low, middle) = match data.color_scale {
        ColorScale::Linear => (0.0, 0.5 * max),
        ColorScale::SquareRoot => (0.0, 0.25 * max),
        ColorScale::Signed => (-max, 0.0),
    };
    // The value whose colour stands t of the way up the bar.
    let value = |t: f64| match data.color_scale {
        ColorScale::Linear => t * max,
        ColorScale::SquareRoot => t * t * max,
        ColorScale::Signed => (2.0 * t - 1.0) * max,
    };
    let ramp: Vec<f64> = (0..steps).map(|i| value(1.0 - i as f64 / f64::from(steps - 1))).collect();
    let rgba = pixels(&ramp, data.color_scale, max, drawing.palette);
    let named = !data.quantity.is_empty();
    let rect = if named { Rect { y0: rect.y0 + 1.4 * SMALL * s, ..rect } } else { rect };
    drawing.cells(Cells { rect, rows: steps as usize, columns: 1, rgba });
    let (x, muted) = (rect.x1 + UNIT * s, drawing.palette.muted);
    if named {
        drawing.text((rect.x0, rect.y0 - 0.9 * SMALL * s), Align::Start, SMALL, muted, &data.quantity);
    }
    for (value, y) in [(low, rect.y1), (middle, 0.5 * (rect.y0 + rect.y1)), (max, rect.y0)] {
        let label = if value == 0.0 { "0".into() } else { short(value) };
        drawing.text((x, y), Align::Start, SMALL, muted, &label);
    }
}

/// Three significant digits without trailing zeros: room beside the bar is small.
fn short(value: f64) -> String {
    let text = significant(value, 3);
    if text.contains('.') && !text.contains('×') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}
