//! Matrices over training time, one panel for each run: two-time overlap, or an eigenvector's entries by parameter.

use super::axis::{self, Axis, Scale};
use super::number::{fixed, significant};
use super::picture::{Align, Blit, Cells, DrawError, Picture};
use super::{Drawn, Palette, Plot, Rect, Rgb, SMALL, Style, TEXT, UNIT};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// How a value becomes a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// 0 to the maximum, evenly: overlaps.
    Linear,
    /// 0 to the maximum by square root, which shows small shares v² beside large ones.
    SquareRoot,
    /// −maximum to maximum: signed entries.
    Signed,
}

/// One run's matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Name, below the panel.
    pub name: String,
    /// The run's colour.
    pub color: Rgb,
    /// rows × times values, row by row; NaN where nothing is known (yet), drawn as nothing.
    pub values: Vec<f64>,
}

/// What the rows are.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// The same times as the columns, upwards.
    Times,
    /// Groups of parameters, downwards: name and number of rows.
    Groups(Vec<(String, usize)>),
}

/// Matrices that share their axes and colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Heatmap {
    /// Name of the picture, for the words.
    pub title: String,
    /// What a value is, such as `v²`; beside the colour bar.
    pub quantity: String,
    /// Name of the columns' time, such as `step`.
    pub time: String,
    /// Time of each column, ascending; columns are equally wide whatever the times.
    pub times: Vec<f64>,
    /// What the rows are.
    pub rows: Rows,
    /// One to four runs.
    pub panels: Vec<Panel>,
    /// Value to colour.
    pub tone: Tone,
    /// The value of the strongest colour; from the data if `None`.
    pub max: Option<f64>,
    /// The cursor's time.
    pub cursor: Option<f64>,
}

impl Heatmap {
    /// Number of rows.
    pub fn row_count(&self) -> usize {
        match &self.rows {
            Rows::Times => self.times.len(),
            Rows::Groups(groups) => groups.iter().map(|g| g.1).sum(),
        }
    }

    /// The value of the strongest colour: the caller's, or from the data, rounded up so that it seldom changes.
    pub fn strongest(&self) -> f64 {
        let seen = self
            .panels
            .iter()
            .flat_map(|p| &p.values)
            .filter(|v| axis::shown(**v))
            .fold(0.0, |m: f64, v| m.max(v.abs()));
        self.max.filter(|m| *m > 0.0 && axis::shown(*m)).unwrap_or(if seen > 0.0 {
            axis::round_log(seen, true)
        } else {
            1.0
        })
    }
}

/// Draws the panels side by side over the whole area. Cells go to `blit`, in the right order with what lies above
/// them; without it they are painted as rectangles, for vector pictures.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Heatmap,
    style: &Style,
    blit: Option<Blit>,
) -> Result<Drawn, DrawError<DB>> {
    let (picture, drawn) = lay_out(area.dim_in_pixel(), data, style);
    picture.paint(area, blit)?;
    Ok(drawn)
}

/// The picture's marks on `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Heatmap, style: &Style) -> (Picture, Drawn) {
    let mut picture = Picture::new(size, style);
    let s = style.scale;
    let (width, height) = (picture.width, picture.height);
    let roomy = height > 80.0 * s && width > 120.0 * s;
    let bar = width > 240.0 * s && roomy;
    let (count, rows) = (data.panels.len().max(1) as f64, data.row_count());
    let (top, bottom) = if roomy { (UNIT + 0.5 * SMALL, SMALL + TEXT + 3.5 * UNIT) } else { (1.0, 1.0) };
    let left = if roomy { 10.0 * UNIT * s } else { s };
    let right = if bar { 15.0 * UNIT * s } else { 2.0 * UNIT.min(width / 40.0) * s };
    let gap = (if roomy { 3.0 * UNIT } else { 1.0 }) * s;
    let (y0, y1) = ((top * s).round(), (height - bottom * s).round());
    let each = ((width - left - right - (count - 1.0) * gap) / count).floor();
    if each < 2.0 || y1 - y0 < 2.0 || rows == 0 || data.times.is_empty() {
        return (picture, Drawn::default());
    }
    let max = data.strongest();
    let mut plots = Vec::new();
    for (i, panel) in data.panels.iter().enumerate() {
        let x0 = (left + i as f64 * (each + gap)).round();
        let rect = Rect { x0, y0, x1: x0 + each, y1 };
        let x = Axis::Cells { values: data.times.clone(), from: rect.x0, to: rect.x1 };
        let y = match &data.rows {
            Rows::Times => Axis::Cells { values: data.times.clone(), from: rect.y1, to: rect.y0 },
            Rows::Groups(_) => {
                Axis::Cells { values: (0..rows).map(|r| r as f64).collect(), from: rect.y0, to: rect.y1 }
            }
        };
        let (grid, line) = (picture.palette.grid, picture.palette.axis);
        picture.fill(rect, grid, 0.5);
        if let Some(cells) = cells(panel, data, rect, max, picture.palette) {
            picture.cells(cells);
        }
        separators(&mut picture, data, rect);
        picture.horizontal(rect.x0, rect.x1, rect.y1, 1.0, line, &[]);
        if roomy {
            below(&mut picture, data, panel, rect, &x, i + 1 == data.panels.len());
        }
        let plot = Plot { rect, x, y, series: Vec::new() };
        if let Some(time) = data.cursor {
            cursor(&mut picture, &plot, time, data.rows == Rows::Times);
        }
        plots.push(plot);
    }
    if let Some(first) = plots.first().filter(|_| roomy) {
        row_labels(&mut picture, data, first);
    }
    if bar {
        let x0 = left + count * each + (count - 1.0) * gap + 3.0 * UNIT * s;
        color_bar(&mut picture, data, Rect { x0, y0, x1: x0 + 2.0 * UNIT * s, y1 }, max);
    }
    (picture, Drawn { plots })
}

/// The panel's cells, reduced to at most one per pixel; `None` if the values do not fill rows × times.
fn cells(panel: &Panel, data: &Heatmap, rect: Rect, max: f64, palette: &Palette) -> Option<Cells> {
    let (rows, columns) = (data.row_count(), data.times.len());
    if panel.values.len() != rows * columns {
        return None;
    }
    let out = (rows.min(rect.height() as usize).max(1), columns.min(rect.width() as usize).max(1));
    let mut values = reduce(&panel.values, (rows, columns), out, data.tone);
    if data.rows == Rows::Times {
        values = values.chunks(out.1).rev().flatten().copied().collect();
    }
    Some(Cells { rect, rows: out.0, columns: out.1, rgba: pixels(&values, data.tone, max, palette) })
}

/// Red, green, blue, alpha of each value; what is not finite is transparent.
pub fn pixels(values: &[f64], tone: Tone, max: f64, palette: &Palette) -> Vec<u8> {
    values.iter().flat_map(|&v| rgba(v, tone, max, palette)).collect()
}

fn rgba(value: f64, tone: Tone, max: f64, palette: &Palette) -> [u8; 4] {
    if !value.is_finite() {
        return [0; 4];
    }
    let Rgb(r, g, b) = match tone {
        Tone::Linear => palette.sequential(value / max),
        Tone::SquareRoot => palette.sequential((value / max).max(0.0).sqrt()),
        Tone::Signed => palette.diverging(value / max),
    };
    [r, g, b, 255]
}

/// A matrix with fewer rows and columns. Each cell of the result stands for a block of the matrix: by its entry of
/// largest magnitude, so that one strong row among many weak ones does not vanish, or, for [`Tone::Linear`], by the
/// mean. NaN only where the whole block is NaN.
pub fn reduce(values: &[f64], from: (usize, usize), to: (usize, usize), tone: Tone) -> Vec<f64> {
    if from == to {
        return values.to_vec();
    }
    let mut out = Vec::with_capacity(to.0 * to.1);
    for r in 0..to.0 {
        for c in 0..to.1 {
            let (rows, columns) =
                (r * from.0 / to.0..(r + 1) * from.0 / to.0, c * from.1 / to.1..(c + 1) * from.1 / to.1);
            let block =
                rows.flat_map(|r| columns.clone().map(move |c| values[r * from.1 + c])).filter(|v| v.is_finite());
            out.push(if tone == Tone::Linear {
                let (sum, n) = block.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
                sum / n
            } else {
                block.fold(f64::NAN, |m, v| if v.abs() <= m.abs() { m } else { v })
            });
        }
    }
    out
}

/// Lines between groups of rows, with ticks left of the panel.
fn separators(picture: &mut Picture, data: &Heatmap, rect: Rect) {
    let Rows::Groups(groups) = &data.rows else { return };
    let (total, mut end) = (data.row_count() as f64, 0);
    for (_, rows) in groups.iter().take(groups.len().saturating_sub(1)) {
        end += rows;
        let y = rect.y0 + rect.height() * end as f64 / total;
        picture.horizontal(rect.x0, rect.x1, y, 1.0, picture.palette.surface, &[]);
        picture.horizontal(rect.x0 - UNIT * picture.scale, rect.x0, y, 1.0, picture.palette.axis, &[]);
    }
}

/// The cursor, in alternating dashes of ink and surface: visible on pale and on dark cells.
fn cursor(picture: &mut Picture, plot: &Plot, time: f64, both: bool) {
    let Rect { x0, y0, x1, y1 } = plot.rect;
    let (ink, surface) = (picture.palette.ink, picture.palette.surface);
    for (color, dash) in [(surface, &[][..]), (ink, &[3.0, 3.0][..])] {
        if let Some(px) = plot.x.px(time) {
            picture.vertical(px, y0, y1, 1.0, color, dash);
        }
        if let Some(py) = plot.y.px(time).filter(|_| both) {
            picture.horizontal(x0, x1, py, 1.0, color, dash);
        }
    }
}

/// Times and the run's name below a panel.
fn below(picture: &mut Picture, data: &Heatmap, panel: &Panel, rect: Rect, x: &Axis, last: bool) {
    let s = picture.scale;
    let (line, muted) = (picture.palette.axis, picture.palette.muted);
    let y = rect.y1 + (1.5 * UNIT + 0.5 * SMALL) * s;
    let mut free = f64::NEG_INFINITY;
    for (time, label) in time_ticks(&data.times, (rect.width() / (56.0 * s)) as usize) {
        let Some(px) = x.px(time) else { continue };
        let half = 0.5 * picture.text_width(&label, SMALL);
        let centre = px.min(rect.x1 - half).max(rect.x0 + half);
        if centre - half >= free && centre + half <= rect.x1 + 0.5 {
            picture.vertical(px, rect.y1, rect.y1 + 0.75 * UNIT * s, 1.0, line, &[]);
            picture.text((centre, y), Align::Middle, SMALL, muted, &label);
            free = centre + half + UNIT * s;
        }
    }
    let y = rect.y1 + (2.5 * UNIT + SMALL + 0.5 * TEXT) * s;
    // Where a name is too long, its first word: the letter of the run.
    let bold = |text: &str| 1.15 * picture.text_width(text, TEXT);
    let first = panel.name.split(' ').next().unwrap_or_default();
    let name = if bold(&panel.name) <= rect.width() { &panel.name } else { first };
    let title = picture.text_width(&data.time, SMALL);
    let titled = last && title > 0.0 && bold(name) + 2.0 * title + 2.0 * UNIT * s <= rect.width();
    picture.bold((0.5 * (rect.x0 + rect.x1), y), Align::Middle, TEXT, panel.color, name);
    if titled {
        picture.text((rect.x1, y), Align::End, SMALL, muted, &data.time);
    }
}

/// About `count` + 1 times to label: round ones if the columns are evenly spaced, otherwise evenly spaced columns.
fn time_ticks(times: &[f64], count: usize) -> Vec<(f64, String)> {
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Vec::new() };
    let even = times.len() as f64;
    let step = (last - first) / (even - 1.0);
    let regular = times.iter().enumerate().all(|(i, t)| (t - first - i as f64 * step).abs() <= 1.01 * step.abs());
    if regular && times.len() > 2 {
        return axis::ticks(Scale::Linear, first, last, count.clamp(1, 5))
            .into_iter()
            .map(|t| (t.value, t.label))
            .collect();
    }
    let stride = times.len().div_ceil(count.clamp(1, 5)).max(1);
    times.iter().step_by(stride).map(|&t| (t, significant(t, 4))).collect()
}

/// Labels left of the first panel: groups, the largest first as long as there is room, or times.
fn row_labels(picture: &mut Picture, data: &Heatmap, plot: &Plot) {
    let (s, rect, muted) = (picture.scale, plot.rect, picture.palette.muted);
    let x = rect.x0 - 1.5 * UNIT * s;
    let row = 1.1 * SMALL * s;
    match &data.rows {
        Rows::Times => {
            let mut free = f64::INFINITY;
            for (time, label) in time_ticks(&data.times, (rect.height() / (40.0 * s)) as usize) {
                if let Some(py) = plot.y.px(time).filter(|py| py + 0.5 * row <= free) {
                    picture.text((x, py), Align::End, SMALL, muted, &label);
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
            places.sort_by_key(|p| std::cmp::Reverse(p.1));
            let mut taken: Vec<f64> = Vec::new();
            for (y, _, name) in places {
                if taken.iter().all(|t| (t - y).abs() >= row) {
                    taken.push(y);
                    picture.text((x, y), Align::End, SMALL, muted, &name);
                }
            }
        }
    }
}

/// A bar of all colours with the values at its ends and middle.
fn color_bar(picture: &mut Picture, data: &Heatmap, rect: Rect, max: f64) {
    let s = picture.scale;
    let steps = 64;
    let (low, middle) = match data.tone {
        Tone::Linear => (0.0, 0.5 * max),
        Tone::SquareRoot => (0.0, 0.25 * max),
        Tone::Signed => (-max, 0.0),
    };
    // The value whose colour stands t of the way up the bar.
    let value = |t: f64| match data.tone {
        Tone::Linear => t * max,
        Tone::SquareRoot => t * t * max,
        Tone::Signed => (2.0 * t - 1.0) * max,
    };
    let ramp: Vec<f64> = (0..steps).map(|i| value(1.0 - i as f64 / f64::from(steps - 1))).collect();
    let rgba = pixels(&ramp, data.tone, max, picture.palette);
    let named = !data.quantity.is_empty();
    let rect = if named { Rect { y0: rect.y0 + 1.4 * SMALL * s, ..rect } } else { rect };
    picture.cells(Cells { rect, rows: steps as usize, columns: 1, rgba });
    let (x, muted) = (rect.x1 + UNIT * s, picture.palette.muted);
    if named {
        picture.text((rect.x0, rect.y0 - 0.9 * SMALL * s), Align::Start, SMALL, muted, &data.quantity);
    }
    for (value, y) in [(low, rect.y1), (middle, 0.5 * (rect.y0 + rect.y1)), (max, rect.y0)] {
        let label = if value == 0.0 { "0".into() } else { short(value) };
        picture.text((x, y), Align::Start, SMALL, muted, &label);
    }
}

/// Two significant digits without trailing zeros: room beside the bar is small.
fn short(value: f64) -> String {
    let text = significant(value, 2);
    if text.contains('.') && !text.contains('×') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

/// The picture in words: for each run how far its values reach, and where the largest magnitude stands.
pub fn describe(data: &Heatmap) -> String {
    let columns = data.times.len().max(1);
    let words = |panel: &Panel| {
        let known = || panel.values.iter().copied().enumerate().filter(|(_, v)| v.is_finite());
        let Some((i, _)) = known().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) else {
            return format!("{}: no values yet", panel.name);
        };
        let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), (_, v)| (l.min(v), h.max(v)));
        let (low, high) = (significant(low, 3), significant(high, 3));
        let place = match (&data.rows, data.times.get(i % columns)) {
            (Rows::Groups(groups), Some(time)) => {
                let (group, time) = (group_of(groups, i / columns), significant(*time, 4));
                format!(", largest magnitude in {group} at {} {time}", data.time)
            }
            _ => String::new(),
        };
        format!("{}: {} from {low} to {high}{place}", panel.name, data.quantity)
    };
    let parts: Vec<String> = data.panels.iter().map(words).collect();
    let rows = fixed(data.row_count() as f64, 0);
    let span = match (data.times.first(), data.times.last()) {
        (Some(a), Some(b)) => format!("{rows} rows, {} {} to {}", data.time, significant(*a, 4), significant(*b, 4)),
        _ => format!("{rows} rows"),
    };
    format!("{} ({span}): {}.", data.title, if parts.is_empty() { "no runs yet".into() } else { parts.join("; ") })
}

fn group_of(groups: &[(String, usize)], row: usize) -> &str {
    let mut end = 0;
    for (name, rows) in groups {
        end += rows;
        if row < end {
            return name;
        }
    }
    ""
}
