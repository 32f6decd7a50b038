//! Back-propagation differentiated in a direction v, on one tile of samples.
//!
//! With R = d/dε at θ + ε v, R a_0 = 0 and V, v the parts of the direction in W and b:
//!
//! ```text
//! R z_l = W_l R a_{l−1} + V_l a_{l−1} + v_l,   R a_l = φ′(z_l) ⊙ R z_l
//! R δ_L = S R f,   R δ_l = φ′(z_l) ⊙ (W_{l+1}ᵀ R δ_{l+1} + V_{l+1}ᵀ δ_{l+1}) + φ″(z_l) ⊙ W_{l+1}ᵀ δ_{l+1} ⊙ R z_l
//! (H v)_l = Σ_n R δ_l ã_{l−1}ᵀ + δ_l (R ã_{l−1})ᵀ
//! ```
//!
//! Six products of n_l × n_{l−1} × samples for each layer, but two for the first.

use super::sensitivity::{add_elementwise, set_product};
use super::tile::{Layer, Room, Tile, multiply};
use crate::loss::Loss;
use crate::matmul::{Tiles, multiply_add, multiply_add_two};
use crate::mlp::{Architecture, LANES};

impl Tile {
    /// `product` (P) ← `product` + the share of this tile in H v, where `direction` holds V_1, …, V_L of `vector` (P).
    #[allow(clippy::too_many_arguments)]
    pub(super) fn add_product(
        &self,
        architecture: &Architecture,
        loss: &Loss,
        weights: &[Layer],
        direction: &[Layer],
        vector: &[f64],
        room: &mut Room,
        product: &mut [f64],
    ) {
        self.forward(architecture, weights, direction, vector, room);
        let (depth, columns) = (architecture.depth(), self.network.columns());
        let Room { preactivations, deltas, sums, .. } = room;
        let response = &mut deltas[depth - 1];
        response.copy_from_slice(&preactivations[depth - 1]);
        loss.multiply_by_curvature(&self.probabilities, self.network.curvature_scale, response, sums);
        response.chunks_exact_mut(columns).for_each(|row| row[self.network.samples.len()..].fill(0.0));
        self.backward(architecture, weights, direction, room, product);
    }

    #[inline(never)]
    fn forward(
        &self,
        architecture: &Architecture,
        weights: &[Layer],
        direction: &[Layer],
        vector: &[f64],
        room: &mut Room,
    ) {
        let columns = self.network.columns();
        let Room { preactivations, right, .. } = room;
        for l in 0..architecture.depth() {
            let (below, above) = preactivations.split_at_mut(l);
            let tangent = &mut above[0];
            let biases = &vector[architecture.biases(l)];
            tangent.chunks_exact_mut(columns).zip(biases).for_each(|(row, bias)| row.fill(*bias));
            let of_direction = (&direction[l].rows, &self.inputs[l].samples);
            if l == 0 {
                multiply_add(1.0, of_direction.0, of_direction.1, tangent, columns, Tiles::All);
            } else {
                right.pack_columns(columns, 0..architecture.inputs(l), |unit, column| {
                    let slope = self.network.slopes[l - 1].row(unit);
                    set_product(column, slope, &below[l - 1][unit * columns..][..columns]);
                });
                multiply_add_two(of_direction, (&weights[l].rows, right), tangent, columns);
            }
        }
    }

    #[inline(never)]
    fn backward(
        &self,
        architecture: &Architecture,
        weights: &[Layer],
        direction: &[Layer],
        room: &mut Room,
        product: &mut [f64],
    ) {
        let columns = self.network.columns();
        let Room { preactivations, deltas, left, right, .. } = room;
        for l in (0..architecture.depth()).rev() {
            let (below, above) = deltas.split_at_mut(l);
            let response = &above[0];
            let inputs = architecture.inputs(l);
            let target = &mut product[architecture.layer(l)];
            let (target, biases) = target.split_at_mut(architecture.outputs(l) * inputs);
            left.pack(columns, response.chunks_exact(columns), |source, row| row.copy_from_slice(source));
            biases.iter_mut().zip(response.chunks_exact(columns)).for_each(|(bias, row)| *bias += sum(row));
            if l == 0 {
                multiply_add(1.0, left, &self.inputs[l].units, target, inputs, Tiles::All);
                return;
            }
            right.pack(columns, 0..inputs, |unit, row| {
                let slope = self.network.slopes[l - 1].row(unit);
                set_product(row, slope, &preactivations[l - 1][unit * columns..][..columns]);
            });
            multiply_add_two((left, &self.inputs[l].units), (&self.deltas[l].units, right), target, inputs);

            let next = &mut below[l - 1];
            next.fill(0.0);
            right
                .pack_columns(columns, response.chunks_exact(columns), |source, column| column.copy_from_slice(source));
            let of_direction = (&direction[l].columns, &self.deltas[l].samples);
            multiply_add_two((&weights[l].columns, right), of_direction, next, columns);
            for (unit, next) in next.chunks_exact_mut(columns).enumerate() {
                multiply(next, self.network.slopes[l - 1].row(unit));
                let bend = self.network.bends[l - 1].row(unit);
                add_elementwise(next, bend, &preactivations[l - 1][unit * columns..][..columns]);
            }
        }
    }
}

/// Σ x over a multiple of [`LANES`], lane by lane, so that it runs in vector registers with the same bits on every machine.
#[inline(never)]
fn sum(x: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    for x in x.chunks_exact(LANES) {
        for lane in 0..LANES {
            lanes[lane] += x[lane];
        }
    }
    lanes.iter().sum()
}
