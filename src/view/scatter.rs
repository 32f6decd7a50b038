//! Data sets at a glance: points in class colours, with the classes that a network gives to the plane behind them, or
//! one grey image.

use super::axis;
use super::drawing::{Blit, Cells, DrawError, Drawing};
use super::number::plural;
use super::{Rect, Rgb, Style};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// Classes on a grid over the shown rectangle.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassGrid {
    /// Rows, from the top.
    pub rows: usize,
    /// Columns, from the left.
    pub columns: usize,
    /// For each cell its class, and the confidence ∈ [0, 1] that shades it; rows × columns.
    pub cells: Vec<(usize, f64)>,
}

/// Points in the plane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scatter {
    /// Name of the data set.
    pub title: String,
    /// (x, y) and class.
    pub points: Vec<((f64, f64), usize)>,
    /// Radius of a point, CSS pixels.
    pub radius: f64,
    /// Rectangle shown, ((x min, x max), (y min, y max)); from the points if `None`. Both axes get the same scale.
    pub window: Option<((f64, f64), (f64, f64))>,
    /// What lies behind the points.
    pub class_grid: Option<ClassGrid>,
    /// Whose borders are dotted: what lay behind the points before.
    pub before: Option<ClassGrid>,
    /// The points that are drawn as rings, by their indices, ascending.
    pub wrong: Vec<usize>,
}

/// Where the points' plane lies, and which part of it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Pixels.
    pub rect: Rect,
    /// Smallest and largest x.
    pub x: (f64, f64),
    /// Smallest and largest y.
    pub y: (f64, f64),
}

/// Draws the points over the whole area.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Scatter,
    style: &Style,
    blit: Option<Blit>,
) -> Result<(), DrawError<DB>> {
    lay_out(area.dim_in_pixel(), data, style).paint(area, blit)
}

/// The picture's marks on `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Scatter, style: &Style) -> Drawing {
    let mut drawing = Drawing::new(size, style);
    let room = Rect { x0: 0.0, y0: 0.0, x1: drawing.width, y1: drawing.height };
    place(&mut drawing, data, room);
    drawing
}

/// Draws the points in the middle of a room, which they do not leave; none where it is too small.
pub fn place(drawing: &mut Drawing, data: &Scatter, room: Rect) -> Option<Shown> {
    let palette = drawing.palette;
    let is_shown = |(x, y): (f64, f64)| axis::shown(x) && axis::shown(y);
    let range = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let values = data.points.iter().filter(|(point, _)| is_shown(*point)).map(|(p, _)| of(p));
        axis::resolve(&axis::AxisSpec::default(), values, false)
    };
    let (x, y) = match data.window {
        Some((x, y)) => {
            let fixed =
                |r: (f64, f64)| axis::resolve(&axis::AxisSpec::default().range(r.0, r.1), std::iter::empty(), false);
            (fixed(x), fixed(y))
        }
        None => (range(&|p| p.0), range(&|p| p.1)),
    };
    let pad = if data.window.is_some() { 0.0 } else { (data.radius + 1.0) * drawing.scale };
    let (width, height) = (room.width() - 2.0 * pad, room.height() - 2.0 * pad);
    if width < 1.0 || height < 1.0 {
        return None;
    }
    let unit = (width / (x.1 - x.0)).min(height / (y.1 - y.0));
    let (half_x, half_y) = (0.5 * unit * (x.1 - x.0), 0.5 * unit * (y.1 - y.0));
    let (cx, cy) = (0.5 * (room.x0 + room.x1), 0.5 * (room.y0 + room.y1));
    let rect = Rect { x0: cx - half_x, x1: cx + half_x, y0: cy - half_y, y1: cy + half_y };
    if let Some(grid) = data.class_grid.as_ref().filter(|grid| grid.is_whole()) {
        let tint = |&(class, confidence): &(usize, f64)| {
            let Rgb(r, g, b) = palette.surface.mix(palette.class(class), 0.08 + 0.32 * confidence.clamp(0.0, 1.0));
            [r, g, b, 255]
        };
        let rgba = grid.cells.iter().flat_map(tint).collect();
        drawing.cells(Cells { rect, rows: grid.rows, columns: grid.columns, rgba });
    }
    if let Some(grid) = data.before.as_ref().filter(|grid| grid.is_whole()) {
        borders(drawing, grid, rect);
    }
    for (i, &((px, py), class)) in data.points.iter().enumerate() {
        let (px, py) = (rect.x0 + unit * (px - x.0), rect.y1 - unit * (py - y.0));
        if !is_shown((px, py))
            || !(room.x0 - 1.0..=room.x1 + 1.0).contains(&px)
            || !(room.y0 - 1.0..=room.y1 + 1.0).contains(&py)
        {
            continue;
        }
        let wrong = data.wrong.binary_search(&i).is_ok();
        drawing.dot(px, py, data.radius + if wrong { 1.5 } else { 0.0 }, palette.class(class), 1.0);
        if wrong {
            drawing.dot(px, py, data.radius, palette.surface, 1.0);
        }
    }
    Some(Shown { rect, x, y })
}

/// Dots between neighbouring cells of different classes.
fn borders(drawing: &mut Drawing, grid: &ClassGrid, rect: Rect) {
    let (width, height) = (rect.width() / grid.columns as f64, rect.height() / grid.rows as f64);
    let (half, ink) = (0.5 * drawing.crisp(1.0), drawing.palette.ink);
    let class = |row: usize, column: usize| grid.cells[row * grid.columns + column].0;
    for (row, column) in (0..grid.rows).flat_map(|row| (0..grid.columns).map(move |column| (row, column))) {
        // Every second one: else it would be a line.
        let next = [(row, column + 1, 1.0, 0.5), (row + 1, column, 0.5, 1.0)];
        for (r, c, right, down) in next.into_iter().filter(|_| (row + column) % 2 == 0) {
            if r < grid.rows && c < grid.columns && class(r, c) != class(row, column) {
                let (x, y) = (rect.x0 + (column as f64 + right) * width, rect.y0 + (row as f64 + down) * height);
                drawing.fill(Rect { x0: x - half, x1: x + half, y0: y - half, y1: y + half }, ink, 1.0);
            }
        }
    }
}

impl ClassGrid {
    /// Whether there is a cell for each row and column.
    fn is_whole(&self) -> bool {
        self.cells.len() == self.rows * self.columns && !self.cells.is_empty()
    }
}

/// A small image: `values` rows × columns from the top, 0 the surface, 1 the ink; negative values, as in an
/// eigenvector, are only shown with `signed`, in the diverging colours.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Image {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// rows × columns.
    pub values: Vec<f64>,
    /// Diverging colours for [−1, 1] instead of grey for [0, 1].
    pub signed: bool,
}

/// Draws the image as large as fits, with square pixels, in the middle of the area.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw_image<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Image,
    style: &Style,
    blit: Option<Blit>,
) -> Result<(), DrawError<DB>> {
    let mut drawing = Drawing::new(area.dim_in_pixel(), style);
    let whole = Rect { x0: 0.0, y0: 0.0, x1: drawing.width, y1: drawing.height };
    image(&mut drawing, data, whole);
    drawing.paint(area, blit)
}

/// The image in the middle of `room`.
pub(super) fn image(drawing: &mut Drawing, data: &Image, room: Rect) {
    let palette = drawing.palette;
    if data.values.len() != data.rows * data.columns || data.values.is_empty() {
        return;
    }
    // Whole pixels for each cell where there are enough: all cells equally large.
    let each = (room.width() / data.columns as f64).min(room.height() / data.rows as f64);
    let each = if each >= 1.0 { each.floor() } else { each };
    let (w, h) = (each * data.columns as f64, each * data.rows as f64);
    let (x0, y0) = ((0.5 * (room.x0 + room.x1 - w)).round(), (0.5 * (room.y0 + room.y1 - h)).round());
    let shade = |&v: &f64| {
        let Rgb(r, g, b) = if data.signed { palette.diverging(v) } else { palette.surface.mix(palette.ink, v) };
        [r, g, b, if v.is_finite() { 255 } else { 0 }]
    };
    let rgba = data.values.iter().flat_map(shade).collect();
    let rect = Rect { x0, y0, x1: x0 + w, y1: y0 + h };
    drawing.cells(Cells { rect, rows: data.rows, columns: data.columns, rgba });
}

/// The data set in words.
pub fn describe(data: &Scatter) -> String {
    let mut classes: Vec<usize> = data.points.iter().map(|p| p.1).collect();
    classes.sort_unstable();
    let each: Vec<String> = classes.chunk_by(|a, b| a == b).map(|c| c.len().to_string()).collect();
    let (name, points) = (&data.title, plural(classes.len(), "point"));
    match each.len() {
        0 => format!("{name}: no points."),
        1 => format!("{name}: {points}."),
        n => format!("{name}: {points} in {n} classes ({}).", each.join(", ")),
    }
}
