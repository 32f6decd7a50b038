//! The network with each connection as strong as one direction v of parameter space leans on it: lines as wide as |v_a| and
//! as dark as v_a², since a width by v_a² alone would hide weights of 2 %. Scales are the same for all runs and checkpoints.

mod geometry;
mod words;
mod parts;

pub use geometry::at;
pub use words::{describe, group_shares, part_drawn, strongest};

use super::axis::{Axis, AxisScale};
use super::drawing::{Align, Blit, DrawError, Drawing};
use super::number;
use super::scatter::Image;
use super::{Layout, Plot, Rect, Rgb, SMALL, Style, TEXT, UNIT};
use crate::mlp::parameter_count;
use crate::sorting::{largest, sort_by_number};
use geometry::Geometry;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// One run's direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// Name of the run.
    pub name: String,
    /// The run's colour.
    pub color: Rgb,
    /// A few words beside the name, such as `on ≈ 8 parameters`; where there are no shares, why.
    pub words: String,
    /// Share v_a² of each parameter, in the order of θ: for each layer the weights, outputs × inputs, then the biases.
    pub shares: Vec<f64>,
    /// For image data: the first layer's part of v, one signed image in [−1, 1] for each hidden unit that is shown.
    pub images: Vec<Image>,
}

/// The same network for one to four runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// Name of the chart.
    pub title: String,
    /// Name of the direction, such as v₁.
    pub quantity: String,
    /// Units of each layer, inputs first.
    pub layers: Vec<usize>,
    /// The runs.
    pub directions: Vec<Direction>,
}

/// A unit that has parameters: its layer (inputs are layer 0), its place there, and where θ holds its weights and bias.
#[derive(Clone, Copy)]
struct Unit {
    layer: usize,
    unit: usize,
    weights: usize,
    bias: usize,
}

/// All units but the inputs.
fn units(layers: &[usize]) -> impl Iterator<Item = Unit> {
    (1..layers.len()).flat_map(|layer| {
        let (first, inputs, count) = (parameter_count(&layers[..layer]), layers[layer - 1], layers[layer]);
        (0..count).map(move |unit| Unit {
            layer,
            unit,
            weights: first + unit * inputs,
            bias: first + count * inputs + unit,
        })
    })
}

impl Network {
    /// Number of parameters, Σ n_l (n_{l−1} + 1).
    pub fn parameters(&self) -> usize {
        parameter_count(&self.layers)
    }

    /// Name of a parameter by its place in its matrix, such as `W2[3, 7]`: unit, then input.
    pub fn name(&self, parameter: usize) -> String {
        let mut first = 0;
        for (l, pair) in self.layers.windows(2).enumerate() {
            let (weights, end) = (first + pair[0] * pair[1], first + (pair[0] + 1) * pair[1]);
            if parameter < weights {
                let place = parameter - first;
                return format!("W{}[{}, {}]", l + 1, place / pair[0] + 1, place % pair[0] + 1);
            }
            if parameter < end {
                return format!("b{}[{}]", l + 1, parameter - weights + 1);
            }
            first = end;
        }
        format!("parameter {}", parameter + 1)
    }
}

/// Width of the line of a parameter with this share v_a², CSS pixels: in proportion to |v_a|.
pub fn width(share: f64) -> f64 {
    if share.is_finite() { 0.4 + 8.5 * share.clamp(0.0, 1.0).sqrt() } else { 0.4 }
}

/// Opacity of the line: in proportion to v_a² up to a tenth, from there on full.
pub fn strength(share: f64) -> f64 {
    if share.is_finite() { 0.1 + 0.9 * (10.0 * share).clamp(0.0, 1.0) } else { 0.1 }
}

/// Shares below this are drawn as what the network has, not as what v leans on.
const FAINT: f64 = 1e-3;
/// Of more parameters than this, only those that are not faint are drawn: thousands of lines would make a grey haze.
const MANY: usize = 400;
/// Of more parameters than this, the strongest are drawn, and so many of them: where v lies on thousands, all may be faint.
const WIDE: usize = 3000;
/// Where v lies on thousands of parameters, all may be faint: so many of the strongest are drawn.
pub const STRONGEST: usize = 200;
/// Of a layer with more units than this, those are drawn that a line or a ring belongs to.
const MANY_UNITS: usize = 128;

/// Whether of so many parameters the strongest alone are drawn.
pub fn is_wide(parameters: usize) -> bool {
    parameters > WIDE
}

/// The least share that is drawn.
pub fn least_drawn(shares: &[f64]) -> f64 {
    if is_wide(shares.len()) {
        // What is NaN or zero is never drawn.
        return largest(shares, STRONGEST).last().map_or(f64::INFINITY, |&last| shares[last].max(f64::MIN_POSITIVE));
    }
    if shares.len() > MANY { FAINT } else { 0.0 }
}

/// Parameters from this share on are labelled, at most so many of a run.
const LABELLED: (f64, usize) = (0.095, 4);
/// Draws the networks side by side over the whole area.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Network,
    style: &Style,
    blit: Option<Blit>,
) -> Result<Layout, DrawError<DB>> {
    let (drawing, layout) = lay_out(area.dim_in_pixel(), data, style);
    drawing.paint(area, blit)?;
    Ok(layout)
}

/// The picture's marks on `size` pixels, with a plot for each run whose rectangle is that of its network.
pub fn lay_out(size: (u32, u32), data: &Network, style: &Style) -> (Drawing, Layout) {
    let mut drawing = Drawing::new(size, style);
    let (s, mut layout) = (style.scale, Layout::default());
    let roomy = drawing.height > 110.0 * s;
    let head = if drawing.height > 26.0 * s { (TEXT + 2.5 * UNIT) * s } else { 2.0 * UNIT * s };
    let row = (SMALL + UNIT) * s;
    let foot = if roomy { 3.0 * row + UNIT * s } else { UNIT * s };
    let each = drawing.width / data.directions.len().max(1) as f64;
    for (i, direction) in data.directions.iter().enumerate() {
        let (x0, x1) = (i as f64 * each + UNIT * s, (i + 1) as f64 * each - UNIT * s);
        let (side, below) = (3.0 * UNIT * s, drawing.height - foot);
        let mut rect = Rect { x0: x0 + side, x1: x1 - side, y0: head, y1: below };
        if drawing.height > 26.0 * s {
            let words = if direction.shares.is_empty() { "" } else { &direction.words };
            drawing.name_and_words((x0, x1), direction.color, &direction.name, words);
        }
        if direction.shares.len() == data.parameters()
            && data.layers.len() > 1
            && data.layers.iter().all(|&units| units > 0)
            && rect.width() >= 2.0
            && rect.height() >= 2.0
        {
            if !direction.images.is_empty() && roomy {
                let split = rect.y0 + 0.28 * rect.height();
                parts::images(&mut drawing, direction, Rect { x0, x1, y1: split, ..rect });
                rect.y0 = split + UNIT * s;
            }
            draw_one(&mut drawing, data, direction, Rect { x0, x1, ..rect }, rect);
            if roomy {
                parts::groups(&mut drawing, data, direction, rect, row);
            }
        } else if direction.shares.is_empty() {
            drawing.message(rect, &direction.words);
        }
        let axis = |from, to| Axis::Range { scale: AxisScale::Linear, min: 0.0, max: 1.0, from, to };
        let (x, y) = (axis(rect.x0, rect.x1), axis(rect.y1, rect.y0));
        layout.plots.push(Plot { rect, x, y, series: Vec::new() });
    }
    if roomy && !data.directions.is_empty() {
        parts::key(&mut drawing, &data.quantity);
    }
    (drawing, layout)
}

fn draw_one(drawing: &mut Drawing, data: &Network, direction: &Direction, bounds: Rect, rect: Rect) {
    let (s, shares) = (drawing.scale, &direction.shares);
    let geometry = Geometry::new(&data.layers, rect, s);
    let (grid, surface, outline) = (drawing.palette.grid, drawing.palette.surface, drawing.palette.axis);
    let center = |unit: &Unit| geometry.unit(unit.layer, unit.unit);
    let (all, least) = (shares.len() <= MANY, least_drawn(shares));
    let faint = if all { FAINT } else { least };
    // Which units of wide layers are drawn.
    let mut shown: Vec<Vec<bool>> = data.layers.iter().map(|&count| vec![count <= MANY_UNITS; count]).collect();
    // Weak ones first: strong ones must not be crossed out by them.
    let mut lines = Vec::new();
    for unit in units(&data.layers) {
        for input in 0..data.layers[unit.layer - 1] {
            let share = shares[unit.weights + input];
            if all || share >= least {
                lines.push((share, (geometry.unit(unit.layer - 1, input), center(&unit))));
                (shown[unit.layer - 1][input], shown[unit.layer][unit.unit]) = (true, true);
            }
        }
        shown[unit.layer][unit.unit] |= shares[unit.bias] >= least;
    }
    sort_by_number(&mut lines, |line| line.0);
    for (layer, &count) in data.layers.iter().enumerate().filter(|(_, count)| **count > MANY_UNITS) {
        // The layer as a whole, behind those of its units that are drawn.
        let ((x, top), (_, bottom)) = (geometry.unit(layer, 0), geometry.unit(layer, count - 1));
        drawing.line(&[(x, top), (x, bottom)], bounds, 3.0, (grid, 1.0), &[]);
    }
    for &(share, (from, to)) in &lines {
        let (width, color) = match share >= faint {
            true => (width(share), (direction.color, strength(share))),
            false => (0.5, (grid, 1.0)),
        };
        drawing.line(&[from, to], bounds, width, color, &[]);
    }
    for unit in (0..data.layers[0]).filter(|&unit| shown[0][unit]) {
        let (x, y) = geometry.unit(0, unit);
        drawing.dot(x, y, geometry.radius(0), outline, 1.0);
        drawing.dot(x, y, (geometry.radius(0) - 1.0).max(0.5), surface, 1.0);
    }
    let drawn = units(&data.layers).filter(|unit| shown[unit.layer][unit.unit]);
    let mut rings: Vec<(f64, Unit)> = drawn.map(|unit| (shares[unit.bias], unit)).collect();
    sort_by_number(&mut rings, |ring| ring.0);
    for (share, unit) in &rings {
        let ((x, y), radius) = (center(unit), geometry.radius(unit.layer));
        let (ring, color) = match *share >= faint {
            true => (ring(*share), outline.mix(direction.color, strength(*share))),
            false => (1.0, outline),
        };
        drawing.dot(x, y, radius + 0.5 * (ring - 1.0), color, 1.0);
        drawing.dot(x, y, (radius - 0.5 * (ring + 1.0)).max(0.5), surface, 1.0);
    }
    let middle = |(from, to): ((f64, f64), (f64, f64))| (0.5 * (from.0 + to.0), 0.5 * (from.1 + to.1));
    let of_lines = lines.iter().map(|(share, ends)| (*share, middle(*ends), 0.0));
    let of_rings = rings
        .iter()
        .map(|(share, unit)| (*share, center(unit), (geometry.radius(unit.layer) + 0.5 * ring(*share) + 1.0) * s));
    let mut named: Vec<_> = of_lines.chain(of_rings).filter(|(share, ..)| *share >= LABELLED.0).collect();
    sort_by_number(&mut named, |label| -label.0);
    let mut taken: Vec<Rect> = Vec::new();
    for (value, (x, y), away) in named.into_iter().take(LABELLED.1) {
        let (text, place) = (number::share(value), (x - away, y));
        let plate = drawing.plate(place, Align::End, &text, bounds);
        let free =
            |other: &Rect| plate.x1 <= other.x0 || other.x1 <= plate.x0 || plate.y1 <= other.y0 || other.y1 <= plate.y0;
        if taken.iter().all(free) && plate.x1 <= x + s {
            taken.push(drawing.note(place, Align::End, direction.color, &text, bounds));
        }
    }
}

/// Width of the ring of a bias, CSS pixels.
fn ring(share: f64) -> f64 {
    0.7 * width(share)
}
