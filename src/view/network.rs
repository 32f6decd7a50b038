//! The network with each connection as strong as one direction of parameter space leans on it.

use super::drawing::{Blit, DrawError, Drawing};
use super::number::significant;
use super::scatter::{self, Image};
use super::{Rect, Rgb, Style, TEXT, UNIT};
use crate::mlp::parameter_count;
use crate::sorting::sort_by_number;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// One run's direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// Name of the run.
    pub name: String,
    /// The run's colour.
    pub color: Rgb,
    /// Share v_a² of each parameter, in the order of θ: for each layer the weights, outputs × inputs, then the biases.
    pub shares: Vec<f64>,
    /// For image data: the first layer's part of v, one signed image in [−1, 1] for each hidden unit.
    pub images: Vec<Image>,
}

/// The same network for one to four runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// Name of the chart.
    pub title: String,
    /// Units of each layer, inputs first.
    pub layers: Vec<usize>,
    /// The runs.
    pub directions: Vec<Direction>,
    /// The share of the thickest line; from the data if `None`.
    pub max: Option<f64>,
}

impl Network {
    /// Number of parameters, Σ n_l (n_{l−1} + 1).
    pub fn parameters(&self) -> usize {
        parameter_count(&self.layers)
    }

    fn strongest(&self) -> f64 {
        let seen =
            self.directions.iter().flat_map(|d| &d.shares).copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        self.max.filter(|m| *m > 0.0 && m.is_finite()).unwrap_or(if seen > 0.0 { seen } else { 1.0 })
    }
}

/// Draws the networks side by side over the whole area: lines are weights, discs in units are biases, both growing
/// with √(share / max).
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Network,
    style: &Style,
    blit: Option<Blit>,
) -> Result<(), DrawError<DB>> {
    lay_out(area.dim_in_pixel(), data, style).paint(area, blit)
}

/// The picture's marks on `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Network, style: &Style) -> Drawing {
    let mut drawing = Drawing::new(size, style);
    let (s, max) = (style.scale, data.strongest());
    let named = drawing.height > 26.0 * s;
    let head = if named { (TEXT + 2.0 * UNIT) * s } else { 2.0 * UNIT * s };
    let each = drawing.width / data.directions.len().max(1) as f64;
    for (i, direction) in data.directions.iter().enumerate() {
        let (x0, x1) = (i as f64 * each, (i + 1) as f64 * each);
        let room = Rect { x0: x0 + 3.0 * UNIT * s, x1: x1 - 3.0 * UNIT * s, y0: head, y1: drawing.height - UNIT * s };
        if named {
            let place = (x0 + UNIT * s, (0.5 * TEXT + 0.5 * UNIT) * s);
            drawing.panel_name(place, each - UNIT * s, direction.color, &direction.name);
        }
        if direction.shares.len() == data.parameters() && room.width() >= 2.0 && room.height() >= 2.0 {
            draw_one(&mut drawing, &data.layers, direction, room, max);
        }
    }
    drawing
}

fn draw_one(drawing: &mut Drawing, layers: &[usize], direction: &Direction, room: Rect, max: f64) {
    let s = drawing.scale;
    let images = if direction.images.is_empty() { 0.0 } else { 0.28 * room.height() };
    let rect = Rect { y0: room.y0 + images, ..room };
    let x = |l: usize| rect.x0 + rect.width() * l as f64 / (layers.len() - 1).max(1) as f64;
    let y = |l: usize, unit: usize| rect.y0 + rect.height() * (unit as f64 + 0.5) / layers[l] as f64;
    let strength = |share: f64| if share.is_finite() { (share / max).clamp(0.0, 1.0).sqrt() } else { 0.0 };
    // Weak lines first: strong ones must not be crossed out by them.
    let mut lines = Vec::new();
    let mut biases = Vec::new();
    let mut at = 0;
    for l in 1..layers.len() {
        for (output, input) in (0..layers[l]).flat_map(|o| (0..layers[l - 1]).map(move |i| (o, i))) {
            lines.push((strength(direction.shares[at]), (x(l - 1), y(l - 1, input)), (x(l), y(l, output))));
            at += 1;
        }
        for output in 0..layers[l] {
            biases.push((strength(direction.shares[at]), (x(l), y(l, output))));
            at += 1;
        }
    }
    sort_by_number(&mut lines, |line| line.0);
    for (strength, from, to) in lines {
        // Where thousands of faint lines would only make a grey haze, they are left out.
        if strength >= 0.04 || at < 400 {
            let color = (direction.color, 0.06 + 0.94 * strength);
            drawing.line(&[from, to], rect, 0.5 + 3.5 * strength, color, &[]);
        }
    }
    let radius = |l: usize| (0.38 * rect.height() / layers[l] as f64 / s).clamp(0.75, 5.0);
    for l in 0..layers.len() {
        for unit in 0..layers[l] {
            drawing.dot(x(l), y(l, unit), radius(l), drawing.palette.muted, 1.0);
            drawing.dot(x(l), y(l, unit), (radius(l) - 1.0).max(0.5), drawing.palette.surface, 1.0);
        }
    }
    for (strength, (px, py)) in biases {
        if strength >= 0.04 {
            drawing.dot(px, py, (5.0 * strength).max(0.75), direction.color, 1.0);
        }
    }
    let count = direction.images.len();
    for (i, image) in direction.images.iter().enumerate() {
        let columns = count.min(8);
        let (w, h) = (room.width() / columns as f64, images / count.div_ceil(columns) as f64);
        let (left, top) = (room.x0 + (i % columns) as f64 * w, room.y0 + (i / columns) as f64 * h);
        scatter::image(drawing, image, Rect { x0: left + s, x1: left + w - s, y0: top, y1: top + h - 2.0 * s });
    }
}

/// Share of each layer's weights and biases, in the order of θ: name and Σ v_a²; `None` where the direction is not
/// known or does not fit the layers.
pub fn group_shares(data: &Network, direction: &Direction) -> Option<Vec<(String, f64)>> {
    if direction.shares.len() != data.parameters() || !direction.shares.iter().all(|v| v.is_finite()) {
        return None;
    }
    let (mut at, mut groups) = (0, Vec::new());
    for (l, pair) in data.layers.windows(2).enumerate() {
        for (kind, n) in [("W", pair[0] * pair[1]), ("b", pair[1])] {
            groups.push((format!("{kind}{}", l + 1), direction.shares[at..at + n].iter().sum()));
            at += n;
        }
    }
    Some(groups)
}

/// The chart in words: for each run the share of each layer's weights and biases.
pub fn describe(data: &Network) -> String {
    let words = |d: &Direction| match group_shares(data, d) {
        Some(groups) => {
            let parts: Vec<String> =
                groups.iter().map(|(name, share)| format!("{name} {} %", significant(100.0 * share, 2))).collect();
            format!("{}: {}", d.name, parts.join(", "))
        }
        None => format!("{}: no direction yet", d.name),
    };
    let parts: Vec<String> = data.directions.iter().map(words).collect();
    let layers: Vec<String> = data.layers.iter().map(usize::to_string).collect();
    let parts = if parts.is_empty() { "no runs yet".into() } else { parts.join("; ") };
    format!("{} ({} units): {parts}.", data.title, layers.join("–"))
}
