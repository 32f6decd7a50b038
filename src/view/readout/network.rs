//! The parameter under the pointer and its share.

use super::{ReadoutLine, line};
use crate::view::Layout;
use crate::view::network::{Network, at};
use crate::view::number::share;

/// The bias of the unit, or else the strongest weight, under the pointer.
pub(super) fn readout(data: &Network, layout: &Layout, place: (f64, f64), scale: f64) -> Vec<ReadoutLine> {
    let Some(index) = layout.plots.iter().position(|plot| plot.rect.contains(place.0, place.1)) else {
        return Vec::new();
    };
    let Some(direction) = data.directions.get(index) else { return Vec::new() };
    let Some(parameter) = at(data, direction, layout.plots[index].rect, place, scale) else { return Vec::new() };
    let name = data.name(parameter);
    let value = format!("{} of {}", share(direction.shares[parameter]), data.quantity);
    vec![line(&direction.name, String::new(), Some(direction.color)), line(&name, value, None)]
}
