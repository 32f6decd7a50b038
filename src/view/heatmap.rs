//! Matrices over training time, one panel for each run: two-time overlap, or an eigenvector's entries by parameter.

mod cells;
mod hatch;
mod labels;
mod marks;

pub use cells::{ColorScale, pixels, reduce};
pub use marks::{HeatmapMarks, mark};

use super::axis::{self, Axis, AxisLabels};
use super::drawing::{Align, Blit, Cells, DrawError, Drawing};
use super::number::{plural, significant};
use super::{Layout, Palette, Plot, Rect, Rgb, SMALL, Style, TEXT, UNIT};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// One run's matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Name, above the panel.
    pub name: String,
    /// The run's colour.
    pub color: Rgb,
    /// rows × times values, row by row; NaN where there is none.
    pub values: Vec<f64>,
    /// How many times the run has got to: where there is no value up to there it is not determined, and the cell is
    /// hatched; later ones are left empty.
    pub reached: usize,
}

/// What the rows are.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Rows {
    /// The same times as the columns, upwards.
    #[default]
    Times,
    /// Groups of parameters, downwards: name and number of rows.
    Groups(Vec<(String, usize)>),
}

/// Matrices that share their axes and colours.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heatmap {
    /// Name of the chart.
    pub title: String,
    /// What a value is, such as `v²`; beside the colour bar.
    pub quantity: String,
    /// Name of the columns' time, such as `step`.
    pub time: String,
    /// Time of each column, ascending; columns are equally wide whatever the times.
    pub times: Vec<f64>,
    /// What the rows are.
    pub rows: Rows,
    /// Name of each row, such as `W2[3, 7]`; where there is none, a row is named by its group and its number.
    pub row_names: Vec<String>,
    /// One to four runs.
    pub panels: Vec<Panel>,
    /// Value to colour.
    pub color_scale: ColorScale,
    /// The value of the strongest colour; from the data if `None`.
    pub max: Option<f64>,
    /// The cursor's time.
    pub cursor: Option<f64>,
    /// How values are written.
    pub labels: AxisLabels,
    /// A value that is marked on the colour bar, and what it is.
    pub reference: Option<(f64, String)>,
    /// Whether the share of each group of rows stands beside each panel, above the chart.
    pub has_shares: bool,
}

impl Heatmap {
    /// Number of rows.
    pub fn row_count(&self) -> usize {
        match &self.rows {
            Rows::Times => self.times.len(),
            Rows::Groups(groups) => groups.iter().map(|g| g.1).sum(),
        }
    }

    /// Name of a row: the caller's, or `W1, row 3`; of a time `step 50`.
    pub fn row_name(&self, row: usize) -> String {
        if let Some(name) = self.row_names.get(row) {
            return name.clone();
        }
        match &self.rows {
            Rows::Times => {
                self.times.get(row).map_or(String::new(), |t| format!("{} {}", self.time, significant(*t, 6)))
            }
            Rows::Groups(groups) => {
                let (group, first) = group_of(groups, row);
                format!("{group}, row {}", row - first + 1)
            }
        }
    }

    /// Whether a cell has no value although its time has come.
    pub fn is_undetermined(&self, panel: &Panel, row: usize, column: usize) -> bool {
        let has_come = column < panel.reached && (self.rows != Rows::Times || row < panel.reached);
        has_come && panel.values.get(row * self.times.len() + column).is_some_and(|value| !value.is_finite())
    }

    /// Whether any cell is so.
    pub fn has_undetermined(&self) -> bool {
        let of = |panel: &Panel| {
            (0..self.row_count()).any(|row| (0..panel.reached).any(|column| self.is_undetermined(panel, row, column)))
        };
        self.panels.iter().any(of)
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
) -> Result<Layout, DrawError<DB>> {
    let (drawing, drawn) = lay_out(area.dim_in_pixel(), data, style);
    drawing.paint(area, blit)?;
    Ok(drawn)
}

/// The picture's marks on `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Heatmap, style: &Style) -> (Drawing, Layout) {
    let mut drawing = Drawing::new(size, style);
    let s = style.scale;
    let (width, height) = (drawing.width, drawing.height);
    let named = height > 26.0 * s;
    let roomy = height > 80.0 * s && width > 120.0 * s;
    let titled = height > 120.0 * s && width > 120.0 * s;
    // That of overlaps lies below: their panels are as high as wide.
    let below = data.rows == Rows::Times && titled;
    let bar = width > 240.0 * s && roomy && !below;
    let hatched = data.has_undetermined();
    let (count, rows) = (data.panels.len().max(1) as f64, data.row_count());
    let max = data.strongest();
    let top = if named { TEXT + 1.5 * UNIT } else { 1.0 };
    let bottom = 1.0 + if roomy { SMALL + 2.0 * UNIT } else { 0.0 } + if titled { SMALL + UNIT } else { 0.0 };
    let bottom = bottom + if below { SMALL + 5.0 * UNIT } else { 0.0 };
    let left = if roomy { labels::left(&drawing, data) } else { s };
    let right = if bar { labels::bar_width(&drawing, data, max) } else { 2.0 * UNIT.min(width / 40.0) * s };
    let shares = if roomy { labels::shares_width(&drawing, data) } else { 0.0 };
    let gap = (if roomy { 3.0 * UNIT } else { 1.0 }) * s + shares;
    let (y0, y1) = ((top * s).round(), (height - bottom * s).round());
    let each = ((width - left - right - shares - (count - 1.0) * gap) / count).floor();
    if each < 2.0 || y1 - y0 < 2.0 || rows == 0 || data.times.is_empty() {
        return (drawing, Layout::default());
    }
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
        let (grid, line) = (drawing.palette.grid, drawing.palette.axis);
        drawing.fill(rect, grid, 0.5);
        if let Some((cells, marked)) = cells(panel, data, rect, max, drawing.palette) {
            let columns = cells.columns;
            drawing.cells(cells);
            if hatched {
                hatch::draw(&mut drawing, rect, &marked, columns);
            }
        }
        separators(&mut drawing, data, rect);
        drawing.horizontal(rect.x0, rect.x1, rect.y1, 1.0, line, &[]);
        if named {
            let name_y = (0.5 * TEXT + 0.5 * UNIT) * s;
            let room = rect.width() + 0.5 * gap - labels::words_width(&drawing, data);
            drawing.panel_name((rect.x0, name_y), room, panel.color, &panel.name);
        }
        if roomy {
            labels::below(&mut drawing, data, rect, &x, titled && i + 1 == data.panels.len());
        }
        let plot = Plot { rect, x, y, series: Vec::new() };
        if let Some(time) = data.cursor {
            cursor(&mut drawing, &plot, time, data.rows == Rows::Times);
        }
        plots.push(plot);
    }
    if let Some(first) = plots.first().filter(|_| roomy) {
        labels::rows(&mut drawing, data, first);
        let y = y1 + (2.5 * UNIT + 1.5 * SMALL) * s;
        if titled {
            let mut text = if below { data.quantity.clone() } else { String::new() };
            text += if hatched { "   hatched: not determined" } else { "" };
            let text = drawing.shortened(text.trim_start(), SMALL, width - first.rect.x0 - 10.0 * UNIT * s);
            let muted = drawing.palette.muted;
            drawing.text((first.rect.x0, y), Align::Start, SMALL, muted, &text);
        }
        if below {
            let (x0, x1) = (first.rect.x0, first.rect.x0 + count * each + (count - 1.0) * gap);
            let y0 = y + (0.5 * SMALL + 1.5 * UNIT) * s;
            labels::color_bar(&mut drawing, data, Rect { x0, x1, y0, y1: y0 + 2.0 * UNIT * s }, max, true);
        }
    }
    if bar {
        let x0 = left + count * (each + gap) - gap + shares + 3.0 * UNIT * s;
        labels::color_bar(&mut drawing, data, Rect { x0, y0, x1: x0 + 2.0 * UNIT * s, y1 }, max, false);
    }
    (drawing, Layout { plots })
}

/// The panel's cells, reduced to at most one per pixel, and which of them are hatched; `None` if the values do not fill
/// rows × times.
fn cells(panel: &Panel, data: &Heatmap, rect: Rect, max: f64, palette: &Palette) -> Option<(Cells, Vec<bool>)> {
    let (rows, columns) = (data.row_count(), data.times.len());
    if panel.values.len() != rows * columns {
        return None;
    }
    let out = (rows.min(rect.height() as usize).max(1), columns.min(rect.width() as usize).max(1));
    let mut values = reduce(&panel.values, (rows, columns), out, data.color_scale);
    let mut marked: Vec<bool> = (0..out.0 * out.1)
        .map(|i| {
            let (row, column) = (i / out.1 * rows / out.0, i % out.1 * columns / out.1);
            !values[i].is_finite() && data.is_undetermined(panel, row, column)
        })
        .collect();
    if data.rows == Rows::Times {
        values = values.chunks(out.1).rev().flatten().copied().collect();
        marked = marked.chunks(out.1).rev().flatten().copied().collect();
    }
    let rgba = pixels(&values, data.color_scale, max, palette);
    Some((Cells { rect, rows: out.0, columns: out.1, rgba }, marked))
}

/// Lines between groups of rows.
fn separators(drawing: &mut Drawing, data: &Heatmap, rect: Rect) {
    let Rows::Groups(groups) = &data.rows else { return };
    let (total, mut end) = (data.row_count() as f64, 0);
    for (_, rows) in groups.iter().take(groups.len().saturating_sub(1)) {
        end += rows;
        let y = rect.y0 + rect.height() * end as f64 / total;
        drawing.horizontal(rect.x0, rect.x1, y, 1.0, drawing.palette.surface, &[]);
    }
}

/// The cursor, in alternating dashes of ink and surface: visible on pale and on dark cells.
fn cursor(drawing: &mut Drawing, plot: &Plot, time: f64, both: bool) {
    let Rect { x0, y0, x1, y1 } = plot.rect;
    let (ink, surface) = (drawing.palette.ink, drawing.palette.surface);
    for (color, dash) in [(surface, &[][..]), (ink, &[3.0, 3.0][..])] {
        if let Some(px) = plot.x.px(time) {
            drawing.vertical(px, y0, y1, 1.0, color, dash);
        }
        if let Some(py) = plot.y.px(time).filter(|_| both) {
            drawing.horizontal(x0, x1, py, 1.0, color, dash);
        }
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
                let (group, time) = (group_of(groups, i / columns).0, significant(*time, 4));
                format!(", largest magnitude in {group} at {} {time}", data.time)
            }
            _ => String::new(),
        };
        format!("{}: {} from {low} to {high}{place}", panel.name, data.quantity)
    };
    let parts: Vec<String> = data.panels.iter().map(words).collect();
    let rows = plural(data.row_count(), "row");
    let span = match (data.times.first(), data.times.last()) {
        (Some(a), Some(b)) => format!("{rows}, {} {} to {}", data.time, significant(*a, 4), significant(*b, 4)),
        _ => rows,
    };
    format!("{} ({span}): {}.", data.title, if parts.is_empty() { "no runs yet".into() } else { parts.join("; ") })
}

/// The group of a row, and the group's first row.
fn group_of(groups: &[(String, usize)], row: usize) -> (&str, usize) {
    let mut first = 0;
    for (name, rows) in groups {
        if row < first + rows {
            return (name, first);
        }
        first += rows;
    }
    ("", first)
}
