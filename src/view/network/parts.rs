//! What stands around a network: images of the first layer, shares of groups, the key.

use super::geometry::Geometry;
use super::{Direction, Network, group_shares, strength, width};
use crate::view::drawing::{Align, Drawing};
use crate::view::{Rect, SMALL, UNIT, scatter};

/// The shares of the key.
const KEY: [(f64, &str); 3] = [(0.01, "1 %"), (0.1, "10 %"), (0.3, "30 %")];

/// The first layer's part of v as an image for each hidden unit.
pub(super) fn images(drawing: &mut Drawing, direction: &Direction, room: Rect) {
    let (s, count) = (drawing.scale, direction.images.len());
    let columns = count.min(8);
    let (w, h) = (room.width() / columns as f64, room.height() / count.div_ceil(columns) as f64);
    for (i, image) in direction.images.iter().enumerate() {
        let (left, top) = (room.x0 + (i % columns) as f64 * w, room.y0 + (i / columns) as f64 * h);
        scatter::image(drawing, image, Rect { x0: left + s, x1: left + w - s, y0: top, y1: top + h - 2.0 * s });
    }
}

/// The share of each group of parameters below the network, in per cent; of whole layers where there is little room.
pub(super) fn groups(drawing: &mut Drawing, data: &Network, direction: &Direction, rect: Rect, row: f64) {
    let Some(shares) = group_shares(data, direction) else { return };
    let (s, geometry) = (drawing.scale, Geometry::new(&data.layers, rect, drawing.scale));
    let whole = 0.5 * rect.width() < (data.layers.len() - 1) as f64 * 20.0 * s;
    if whole && rect.width() < (data.layers.len() - 1) as f64 * 44.0 * s {
        return;
    }
    let muted = drawing.palette.muted;
    for (i, pair) in shares.chunks_exact(2).enumerate() {
        let (weights, biases) = (&pair[0], &pair[1]);
        let places = [(i as f64 + 0.5, &weights.0, weights.1), (i as f64 + 1.0, &biases.0, biases.1)];
        let joined = (i as f64 + 0.5, &format!("layer {}", i + 1), weights.1 + biases.1);
        for (column, name, value) in if whole { vec![joined] } else { places.to_vec() } {
            let x = geometry.column(column);
            let color = if value >= 0.095 { direction.color } else { muted };
            drawing.text((x, rect.y1 + 0.5 * row + UNIT * s), Align::Middle, SMALL, muted, name);
            let text = format!("{:.0}", 100.0 * value);
            drawing.text((x, rect.y1 + 1.5 * row + 0.5 * UNIT * s), Align::Middle, SMALL, color, &text);
        }
    }
}

/// What widths mean, in the last row.
pub(super) fn key(drawing: &mut Drawing, quantity: &str) {
    let (s, ink, muted) = (drawing.scale, drawing.palette.ink, drawing.palette.muted);
    let y = drawing.height - 0.5 * (SMALL + UNIT) * s;
    let clip = Rect { x0: 0.0, x1: drawing.width, y0: y - SMALL * s, y1: y + SMALL * s };
    let mut x = UNIT * s;
    let title = format!("share of {quantity}:");
    let entry = |drawing: &mut Drawing, x: f64, text: &str| {
        drawing.text((x, y), Align::Start, SMALL, muted, text);
        x + drawing.text_width(text, SMALL) + 3.0 * UNIT * s
    };
    x = entry(drawing, x, &title);
    for (share, label) in KEY {
        if x + 14.0 * UNIT * s > drawing.width {
            return;
        }
        drawing.line(&[(x, y), (x + 5.0 * UNIT * s, y)], clip, width(share), (ink, strength(share)), &[]);
        x = entry(drawing, x + 6.0 * UNIT * s, label);
    }
    if x + 18.0 * UNIT * s <= drawing.width {
        drawing.dot(x + UNIT * s, y, 4.5, ink, 1.0);
        drawing.dot(x + UNIT * s, y, 2.0, drawing.palette.surface, 1.0);
        entry(drawing, x + 3.0 * UNIT * s, "ring: bias");
    }
}
