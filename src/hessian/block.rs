//! One block of the Hessian, layer l against layer m ≤ l: sums over samples as matrix products, then placed in H.

use super::active_inputs::{ActiveInputs, UnitParameters};
use super::linearization::Linearization;
use super::sensitivity::{Sensitivity, add_elementwise, set_product};
use crate::matmul::{Panels, Tiles, multiply_add};
use crate::mlp::Architecture;

/// Rows of a first factor that are packed at a time: with images as inputs it has hundreds of thousands.
const ROWS: usize = 4096;

/// Panels that all blocks share in turn.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    left: Panels,
    right: Panels,
    ones: Vec<f64>,
    /// One ñ_{l−1} × ñ_{m−1} matrix: the block's entries for one pair of units.
    pair: Vec<f64>,
    /// Its transpose.
    mirrored: Vec<f64>,
}

impl Scratch {
    pub(super) fn new(tile: usize) -> Self {
        Scratch { ones: vec![1.0; tile], ..Scratch::default() }
    }
}

/// ∂²L/∂W̃_l ∂W̃_m, kept as the products that make it up. With n = outputs and ñ = inputs + 1:
///
/// * l = m: `sums` is (pairs j ≤ q) × (pairs i ≤ p), Σ ã[j] ã[q] R[i,p], both factors being symmetric;
/// * l = m + 1: `sums` is (j, q) × (i, p), and `coupling` is (i, p) × q, Σ δ_l[i] φ′(z_m)[p] ã_m[q], the second term,
///   in which T = I leaves only j = p;
/// * l > m + 1: `sums` is (i, p, j) × q, both terms at once, because apart each of them is as large as the block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    l: usize,
    m: usize,
    sums: Vec<f64>,
    coupling: Vec<f64>,
}

impl Block {
    pub(super) fn new(architecture: &Architecture, l: usize, m: usize) -> Self {
        let (rows, columns) = (architecture.outputs(l), architecture.outputs(m));
        let (inputs, other_inputs) = (architecture.inputs(l) + 1, architecture.inputs(m) + 1);
        let size = if l == m { pairs(rows) * pairs(inputs) } else { rows * columns * inputs * other_inputs };
        let coupled = if l == m + 1 { rows * columns * other_inputs } else { 0 };
        Block { l, m, sums: vec![0.0; size], coupling: vec![0.0; coupled] }
    }

    /// Removes all samples.
    pub(super) fn clear(&mut self) {
        self.sums.fill(0.0);
        self.coupling.fill(0.0);
    }

    /// Adds the samples of a tile. `factor` is the packed ã ã of a diagonal block, if kept.
    #[inline(never)]
    pub(super) fn add(
        &mut self,
        architecture: &Architecture,
        network: &Linearization,
        sensitivity: &Sensitivity,
        factor: Option<&Panels>,
        scratch: &mut Scratch,
    ) {
        let (l, m, tile) = (self.l, self.m, network.columns());
        let (rows, columns) = (architecture.outputs(l), architecture.outputs(m));
        let (inputs, other_inputs) = (architecture.inputs(l) + 1, architecture.inputs(m) + 1);
        let Scratch { left, right, ones, .. } = scratch;
        let input = |layer: usize, j: usize| augmented(network, layer, j, ones);
        let delta = |i: usize| network.deltas[l].row(i);
        if l == m {
            right.pack(tile, upper(rows), |(i, p), row| row.copy_from_slice(sensitivity.response(l, l, i, p)));
            match factor {
                Some(factor) => multiply_add(1.0, factor, right, &mut self.sums, right.rows(), Tiles::All),
                None => add_products(&mut self.sums, left, right, upper(inputs), |(j, q), row| {
                    set_product(row, input(l, j), input(l, q));
                }),
            }
        } else if l == m + 1 {
            right.pack(tile, grid(rows, columns), |(i, p), row| {
                row.copy_from_slice(sensitivity.response(l, m, i, p));
            });
            add_products(&mut self.sums, left, right, grid(inputs, other_inputs), |(j, q), row| {
                set_product(row, input(l, j), input(m, q));
            });

            right.pack(tile, 0..other_inputs, |q, row| row.copy_from_slice(input(m, q)));
            add_products(&mut self.coupling, left, right, grid(rows, columns), |(i, p), row| {
                set_product(row, delta(i), network.slopes[m].row(p));
            });
        } else {
            right.pack(tile, 0..other_inputs, |q, row| row.copy_from_slice(input(m, q)));
            // Unit by unit of layer l, so that the panels stay in the second-level cache.
            for (i, sums) in self.sums.chunks_exact_mut(columns * inputs * other_inputs).enumerate() {
                left.pack(tile, grid(columns, inputs), |(p, j), row| {
                    set_product(row, sensitivity.response(l, m, i, p), input(l, j));
                    if j + 1 < inputs {
                        add_elementwise(row, delta(i), sensitivity.scaled_tangent(l - 1, m, j, p));
                    }
                });
                multiply_add(1.0, left, right, sums, other_inputs, Tiles::All);
            }
        }
    }

    /// Whether all sums are finite.
    pub(super) fn is_finite(&self) -> bool {
        // Not `all`: without the early exit the loop runs in vector registers.
        let finite = |sums: &[f64]| sums.iter().fold(true, |finite, sum| finite & sum.is_finite());
        finite(&self.sums) && finite(&self.coupling)
    }

    /// Writes the block and its mirror image into H (P × P, row-major).
    #[inline(never)]
    pub(super) fn place(&self, active: &ActiveInputs, scratch: &mut Scratch, hessian: &mut [f64]) {
        let (l, m, architecture) = (self.l, self.m, active.reduced());
        let (rows, columns) = (architecture.outputs(l), architecture.outputs(m));
        let (inputs, other_inputs) = (architecture.inputs(l) + 1, architecture.inputs(m) + 1);
        let count = active.whole().parameter_count();
        let Scratch { pair, mirrored, .. } = scratch;
        pair.resize(inputs * other_inputs, 0.0);
        mirrored.resize(inputs * other_inputs, 0.0);
        if l == m {
            for (column, (i, p)) in upper(rows).enumerate() {
                let sums = self.sums[column..].iter().step_by(pairs(rows));
                for ((j, q), &sum) in upper(inputs).zip(sums) {
                    pair[j * inputs + q] = sum;
                    pair[q * inputs + j] = sum;
                }
                let (first, second) = (active.parameters_of(l, i), active.parameters_of(l, p));
                place_pair(hessian, count, &first, &second, pair);
                place_pair(hessian, count, &second, &first, pair);
            }
            return;
        }
        for (index, (i, p)) in grid(rows, columns).enumerate() {
            if l == m + 1 {
                let sums = self.sums[index..].iter().step_by(rows * columns);
                pair.iter_mut().zip(sums).for_each(|(entry, &sum)| *entry = sum);
                let coupling = &self.coupling[index * other_inputs..][..other_inputs];
                let row = &mut pair[p * other_inputs..][..other_inputs];
                row.iter_mut().zip(coupling).for_each(|(entry, &sum)| *entry += sum);
            } else {
                pair.copy_from_slice(&self.sums[index * inputs * other_inputs..][..inputs * other_inputs]);
            }
            transpose(mirrored, pair, other_inputs);
            let (first, second) = (active.parameters_of(l, i), active.parameters_of(m, p));
            place_pair(hessian, count, &first, &second, pair);
            place_pair(hessian, count, &second, &first, mirrored);
        }
    }
}

/// `sums` ← `sums` + A Bᵀ with B = `right`, whose depth A has too. `write` sets the row of A that belongs to an item of `rows`; so
/// many rows as [`ROWS`] are packed into `left` at a time. Each sum is over the samples in their order, wherever A is divided.
fn add_products<T>(
    sums: &mut [f64],
    left: &mut Panels,
    right: &Panels,
    mut rows: impl Iterator<Item = T>,
    write: impl Fn(T, &mut [f64]),
) {
    let width = right.rows();
    for sums in sums.chunks_mut(ROWS * width) {
        left.pack(right.depth(), rows.by_ref().take(ROWS), &write);
        multiply_add(1.0, left, right, sums, width, Tiles::All);
    }
}

/// Writes `pair` (ñ × ñ′) to the rows of one unit and the columns of another.
fn place_pair(hessian: &mut [f64], count: usize, rows: &UnitParameters, columns: &UnitParameters, pair: &[f64]) {
    let width = columns.count();
    for (row, source) in rows.indices().zip(pair.chunks_exact(width)) {
        columns.place(source, &mut hessian[row * count..][..count]);
    }
}

/// x (n × m) ← yᵀ, y being m × n.
#[inline(never)]
fn transpose(x: &mut [f64], y: &[f64], n: usize) {
    let m = y.len() / n;
    for (j, row) in x.chunks_exact_mut(m).enumerate() {
        row.iter_mut().zip(y[j..].iter().step_by(n)).for_each(|(x, &y)| *x = y);
    }
}

/// Packs the row-wise Khatri-Rao square of layer l's input: ã[j] ã[q] for j ≤ q, over a tile.
pub(super) fn pack_factor(panels: &mut Panels, network: &Linearization, l: usize, ones: &[f64]) {
    let inputs = network.inputs[l].units() + 1;
    let input = |j: usize| augmented(network, l, j, ones);
    panels.pack(network.columns(), upper(inputs), |(j, q), row| set_product(row, input(j), input(q)));
}

/// ã_{l−1}[j] over a tile: the input of layer l, or 1 for the bias.
fn augmented<'a>(network: &'a Linearization, l: usize, j: usize, ones: &'a [f64]) -> &'a [f64] {
    let batch = &network.inputs[l];
    if j < batch.units() { batch.row(j) } else { ones }
}

/// Number of pairs i ≤ j below n.
pub(super) fn pairs(n: usize) -> usize {
    n * (n + 1) / 2
}

/// All pairs i ≤ j below n, row by row.
fn upper(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |i| (i..n).map(move |j| (i, j)))
}

/// All pairs (i, j), i below m and j below n, row by row.
fn grid(m: usize, n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..m).flat_map(move |i| (0..n).map(move |j| (i, j)))
}
