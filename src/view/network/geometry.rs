//! Where units lie, and which parameter is at a place.

use super::{Direction, Network, least_drawn, units};
use crate::view::Rect;

/// Places of the units within a rectangle: layers from left to right, units from top to bottom.
#[derive(Clone, Copy)]
pub(super) struct Geometry<'a> {
    layers: &'a [usize],
    rect: Rect,
    /// Pixels per CSS pixel.
    scale: f64,
}

impl<'a> Geometry<'a> {
    pub(super) fn new(layers: &'a [usize], rect: Rect, scale: f64) -> Self {
        Geometry { layers, rect, scale }
    }

    /// The centre of a unit.
    pub(super) fn unit(&self, layer: usize, unit: usize) -> (f64, f64) {
        let Rect { y0, .. } = self.rect;
        let y = y0 + self.rect.height() * (unit as f64 + 0.5) / self.layers[layer] as f64;
        (self.column(layer as f64), y)
    }

    /// The column of a layer; of 0.5 that halfway between the first two.
    pub(super) fn column(&self, layer: f64) -> f64 {
        self.rect.x0 + self.rect.width() * layer / (self.layers.len() - 1).max(1) as f64
    }

    /// The radius of a layer's units, CSS pixels.
    pub(super) fn radius(&self, layer: usize) -> f64 {
        (0.38 * self.rect.height() / self.layers[layer] as f64 / self.scale).clamp(0.75, 3.5)
    }
}

/// The parameter at a pixel of a network that was drawn within `rect`: the bias of the unit there, or else the strongest of
/// the weights there; none where there are none.
pub fn at(data: &Network, direction: &Direction, rect: Rect, place: (f64, f64), scale: f64) -> Option<usize> {
    if direction.shares.len() != data.parameters() {
        return None;
    }
    let geometry = Geometry::new(&data.layers, rect, scale);
    let squared = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).powi(2) + (a.1 - b.1).powi(2);
    let mut nearest = (f64::INFINITY, None);
    let mut strongest = (f64::NEG_INFINITY, None);
    // Where not all are drawn, what is not there is not to be found.
    let least = least_drawn(&direction.shares);
    for unit in units(&data.layers) {
        let center = geometry.unit(unit.layer, unit.unit);
        let (away, reach) = (squared(center, place), (geometry.radius(unit.layer) + 4.0) * scale);
        if away < nearest.0 && away < reach * reach {
            nearest = (away, Some(unit.bias));
        }
        for input in 0..data.layers[unit.layer - 1] {
            let share = direction.shares[unit.weights + input];
            if share < least {
                continue;
            }
            let from = geometry.unit(unit.layer - 1, input);
            let (dx, dy) = (center.0 - from.0, center.1 - from.1);
            let along =
                ((place.0 - from.0) * dx + (place.1 - from.1) * dy) / (dx * dx + dy * dy).max(f64::MIN_POSITIVE);
            let foot = (from.0 + along * dx, from.1 + along * dy);
            if (0.0..=1.0).contains(&along) && squared(foot, place) < (4.0 * scale).powi(2) && share > strongest.0 {
                strongest = (share, Some(unit.weights + input));
            }
        }
    }
    nearest.1.or(strongest.1)
}
