//! Words and numbers around the panels, and the colour bar.

use super::super::axis::{self, Axis, AxisLabels, AxisScale};
use super::super::drawing::{Align, Cells, Drawing};
use super::super::number::{self, significant};
use super::super::ticks::{Tick, ticks};
use super::super::{Plot, Rect, SMALL, UNIT};
use super::{ColorScale, Heatmap, Rows, pixels};
use crate::sorting::sort_by_number;

/// Room left of the first panel for the labels of its rows, in pixels.
pub fn left(drawing: &Drawing, data: &Heatmap) -> f64 {
    let s = drawing.scale;
    let widest = match &data.rows {
        Rows::Groups(groups) => groups.iter().map(|g| drawing.text_width(&g.0, SMALL)).fold(0.0, f64::max),
        Rows::Times => {
            time_ticks(&data.times, 5).iter().map(|t| drawing.text_width(&t.label, SMALL)).fold(0.0, f64::max)
        }
    };
    (widest + 2.5 * UNIT * s).max(10.0 * UNIT * s).min(0.25 * drawing.width)
}

/// Times below a panel, and their name below the last.
pub fn below(drawing: &mut Drawing, data: &Heatmap, rect: Rect, x: &Axis, titled: bool) {
    let s = drawing.scale;
    let (line, muted) = (drawing.palette.axis, drawing.palette.muted);
    let y = rect.y1 + (1.5 * UNIT + 0.5 * SMALL) * s;
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for tick in time_ticks(&data.times, (rect.width() / (56.0 * s)) as usize) {
        let Some(px) = x.px(tick.value) else { continue };
        let half = 0.5 * drawing.text_width(&tick.label, SMALL);
        let centre = px.min(rect.x1 - half).max(rect.x0 + half);
        let (begin, end) = (centre - half - UNIT * s, centre + half + UNIT * s);
        if end - UNIT * s <= rect.x1 + 0.5 && taken.iter().all(|t| end <= t.0 || t.1 <= begin) {
            drawing.vertical(px, rect.y1, rect.y1 + 0.75 * UNIT * s, 1.0, line, &[]);
            drawing.text((centre, y), Align::Middle, SMALL, muted, &tick.label);
            taken.push((centre - half, centre + half));
        }
    }
    if titled {
        let y = rect.y1 + (2.5 * UNIT + 1.5 * SMALL) * s;
        drawing.text((rect.x1, y), Align::End, SMALL, muted, &data.time);
    }
}

/// Times to label, the most important first; the columns are equally wide whatever the times. Evenly spaced columns get
/// about `count` + 1 round times. Others, such as logarithmically spaced ones, get 0 and powers of ten, then five times
/// and twice those, where a column lies near.
pub fn time_ticks(times: &[f64], count: usize) -> Vec<Tick> {
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Vec::new() };
    let step = (last - first) / (times.len() as f64 - 1.0);
    let regular = times.iter().enumerate().all(|(i, t)| (t - first - i as f64 * step).abs() <= 1.01 * step.abs());
    let even = || ticks(AxisScale::Linear, first, last, count.clamp(1, 5));
    if times.len() == 1 {
        return vec![Tick { value: first, label: significant(first, 4) }];
    }
    if regular {
        return even();
    }
    let near = |value: f64| times.iter().any(|t| (t - value).abs() <= 0.2 * value);
    let exponents = (-6..=number::exponent(last.max(1e-6))).rev();
    let multiples =
        [1.0, 5.0, 2.0].into_iter().flat_map(|m| exponents.clone().map(move |e| m * libm::exp10(f64::from(e))));
    let round = std::iter::once(0.0).chain(multiples);
    let label = |value: f64| Tick { value, label: number::short(value, 4) };
    let found: Vec<Tick> = round.filter(|v| (first..=last).contains(v) && near(*v)).map(label).collect();
    if found.is_empty() { even() } else { found }
}

/// Labels left of the first panel: groups, the largest first as long as there is room, or times.
pub fn rows(drawing: &mut Drawing, data: &Heatmap, plot: &Plot) {
    let (s, rect, muted) = (drawing.scale, plot.rect, drawing.palette.muted);
    let x = rect.x0 - 1.5 * UNIT * s;
    let row = 1.1 * SMALL * s;
    match &data.rows {
        Rows::Times => {
            let mut taken: Vec<f64> = Vec::new();
            for tick in time_ticks(&data.times, (rect.height() / (40.0 * s)) as usize) {
                let Some(py) = plot.y.px(tick.value) else { continue };
                if taken.iter().all(|t| (t - py).abs() >= row) {
                    drawing.text((x, py), Align::End, SMALL, muted, &tick.label);
                    taken.push(py);
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
                    let name = drawing.shortened(&name, SMALL, x - s);
                    drawing.text((x, y), Align::End, SMALL, muted, &name);
                }
            }
        }
    }
}

/// Values at the lower end, the middle and the upper end of the colour bar.
fn bar_values(data: &Heatmap, max: f64) -> [f64; 3] {
    match data.color_scale {
        ColorScale::Linear => [0.0, 0.5 * max, max],
        ColorScale::SquareRoot => [0.0, 0.25 * max, max],
        ColorScale::Signed => [-max, 0.0, max],
    }
}

/// Room right of the last panel for the colour bar and its labels, in pixels.
pub fn bar_width(drawing: &Drawing, data: &Heatmap, max: f64) -> f64 {
    let s = drawing.scale;
    let labels = bar_values(data, max).map(|v| drawing.text_width(&compact(data, v), SMALL));
    let widest = labels.into_iter().fold(drawing.text_width(&data.quantity, SMALL) - 3.0 * UNIT * s, f64::max);
    (widest + 7.0 * UNIT * s).max(15.0 * UNIT * s).min(0.3 * drawing.width)
}

/// A bar of all colours with the values at its ends and middle, and that of reference; upwards, or to the right where it
/// lies.
pub fn color_bar(drawing: &mut Drawing, data: &Heatmap, rect: Rect, max: f64, lies: bool) {
    let s = drawing.scale;
    let steps = 64;
    let [low, middle, _] = bar_values(data, max);
    // The value whose colour stands t of the way along the bar, and its inverse.
    let value = |t: f64| match data.color_scale {
        ColorScale::Linear => t * max,
        ColorScale::SquareRoot => t * t * max,
        ColorScale::Signed => (2.0 * t - 1.0) * max,
    };
    let mut ramp: Vec<f64> = (0..steps).map(|i| value(i as f64 / f64::from(steps - 1))).collect();
    if !lies {
        ramp.reverse();
    }
    let rgba = pixels(&ramp, data.color_scale, max, drawing.palette);
    let (ink, muted) = (drawing.palette.ink, drawing.palette.muted);
    if lies {
        drawing.cells(Cells { rect, rows: 1, columns: steps as usize, rgba });
        let y = rect.y1 + (UNIT + 0.5 * SMALL) * s;
        let mut free = rect.x0;
        if let Some((value, name)) = &data.reference {
            let x = rect.x0 + rect.width() * (value / max).clamp(0.0, 1.0);
            drawing.vertical(x, rect.y0 - 0.5 * UNIT * s, rect.y1 + 0.5 * UNIT * s, 1.5, ink, &[]);
            let begin = x.min(rect.x1 - drawing.text_width(name, SMALL));
            drawing.text((begin, y), Align::Start, SMALL, ink, name);
            free = begin + drawing.text_width(name, SMALL) + 2.0 * UNIT * s;
        }
        let (x0, x1) = (rect.x0, rect.x1);
        for (value, x, align) in
            [(max, x1, Align::End), (middle, 0.5 * (x0 + x1), Align::Middle), (low, x0, Align::Start)]
        {
            let text = compact(data, value);
            let half = 0.5 * drawing.text_width(&text, SMALL);
            if x - half >= free || (align == Align::Start && data.reference.is_none()) {
                drawing.text((x, y), align, SMALL, muted, &text);
            }
        }
        return;
    }
    let named = !data.quantity.is_empty();
    let rect = if named { Rect { y0: rect.y0 + 1.7 * SMALL * s, ..rect } } else { rect };
    drawing.cells(Cells { rect, rows: steps as usize, columns: 1, rgba });
    let x = rect.x1 + UNIT * s;
    if named {
        drawing.text((rect.x0, rect.y0 - 1.2 * SMALL * s), Align::Start, SMALL, muted, &data.quantity);
    }
    for (value, y) in [(low, rect.y1), (middle, 0.5 * (rect.y0 + rect.y1)), (max, rect.y0)] {
        drawing.text((x, y), Align::Start, SMALL, muted, &compact(data, value));
    }
}

/// Room beside a panel's name for words about the pair of times at the cursor, in pixels: none on small pictures.
pub fn words_width(drawing: &Drawing, data: &Heatmap) -> f64 {
    let wide = drawing.width / data.panels.len().max(1) as f64 > 120.0 * drawing.scale;
    if wide && data.rows == Rows::Times { drawing.text_width("□ 100 %", SMALL) } else { 0.0 }
}

/// Room beside a panel for the share of each group, in pixels: none where there is little.
pub fn shares_width(drawing: &Drawing, data: &Heatmap) -> f64 {
    let wide = drawing.width / data.panels.len().max(1) as f64 > 130.0 * drawing.scale;
    if wide && data.has_shares { 3.5 * UNIT * drawing.scale + drawing.text_width("100 %", SMALL) } else { 0.0 }
}

/// Three significant digits without trailing zeros and spaces: room beside the bar is small.
fn compact(data: &Heatmap, value: f64) -> String {
    match data.labels {
        AxisLabels::Percent => axis::percent(value),
        _ => number::short(value, 3).replace(' ', ""),
    }
}
