//! One block of the Hessian, layer l against layer m ≤ l: sums over samples as matrix products, then placed in H.

use std::ops::Range;

use super::active_inputs::ActiveInputs;
use super::linearization::Linearization;
use super::sensitivity::{Sensitivity, add_elementwise, set_product};
use crate::matmul::{Panels, SparsePanels, Tiles, multiply_add, multiply_add_sparse};
use crate::mlp::{Architecture, Batch};

/// Columns of a second factor from which on it pays to look for zeros in a first one that serves but once.
const WIDE: usize = 12;

/// Rows of a first factor that are packed at a time: with images as inputs it has hundreds of thousands.
const ROWS: usize = 4096;

/// The first factor of a product, packed.
#[derive(Debug, Clone)]
pub(super) enum Factor {
    /// With all entries.
    Dense(Panels),
    /// Without most of its zeros.
    Sparse(SparsePanels),
}

impl Factor {
    fn new(sparse: bool) -> Self {
        if sparse { Factor::Sparse(SparsePanels::default()) } else { Factor::Dense(Panels::default()) }
    }

    fn pack<T>(&mut self, depth: usize, rows: impl IntoIterator<Item = T>, write: impl FnMut(T, &mut [f64])) {
        match self {
            Factor::Dense(panels) => panels.pack(depth, rows, write),
            Factor::Sparse(panels) => panels.pack(depth, rows, write),
        }
    }

    /// `sums` ← `sums` + A Bᵀ, A being this factor and B = `right`.
    fn multiply(&self, right: &Panels, sums: &mut [f64]) {
        match self {
            Factor::Dense(panels) => multiply_add(1.0, panels, right, sums, right.rows(), Tiles::All),
            Factor::Sparse(panels) => multiply_add_sparse(panels, right, sums, right.rows()),
        }
    }
}

/// Panels that all blocks share in turn.
#[derive(Debug, Clone)]
pub(super) struct Scratch {
    dense: Factor,
    sparse: Factor,
    right: Panels,
    ones: Vec<f64>,
    /// One ñ_{l−1} × ñ_{m−1} matrix of the whole network: the block's entries for one pair of units, with 0 for other than active
    /// inputs.
    pair: Vec<f64>,
    /// Its transpose.
    mirrored: Vec<f64>,
}

impl Scratch {
    pub(super) fn new(tile: usize) -> Self {
        Scratch {
            dense: Factor::new(false),
            sparse: Factor::new(true),
            right: Panels::default(),
            ones: vec![1.0; tile],
            pair: Vec::new(),
            mirrored: Vec::new(),
        }
    }
}

/// ∂²L/∂W̃_l ∂W̃_m, kept as the products that make it up. With n = outputs and ñ = inputs + 1:
///
/// * l = m: `sums` is (pairs j ≤ q that occur together) × (pairs i ≤ p), Σ ã[j] ã[q] R[i,p], both factors being symmetric;
/// * l = m + 1: `sums` is (pairs j, q) × (i, p), and `coupling` is (i, p) × q, Σ δ_l[i] φ′(z_m)[p] ã_m[q], the second term,
///   in which T = I leaves only j = p;
/// * l > m + 1: `sums` is (i, p, j) × q, both terms at once, because apart each of them is as large as the block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    l: usize,
    m: usize,
    /// Of l = m and l = m + 1: (j, q).
    pairs: Vec<(u16, u16)>,
    /// Where the sums of each of them belong in [`Scratch::pair`], and of l = m where their mirror images do.
    places: Vec<(u32, u32)>,
    /// Whether the first factor of `sums` has many zeros.
    sparse: bool,
    sums: Vec<f64>,
    coupling: Vec<f64>,
}

impl Block {
    /// Room for the active ones of `inputs` (n_0 × samples); `kept` is whether [`Block::factor`] serves at every θ.
    pub(super) fn new(active: &ActiveInputs, inputs: &Batch, l: usize, m: usize, kept: bool) -> Self {
        let pairs = match l - m {
            0 => active.pairs(inputs, l),
            1 => active.pairs_below(inputs, l),
            _ => Vec::new(),
        };
        let architecture = active.reduced();
        let (rows, columns) = (architecture.outputs(l), architecture.outputs(m));
        let width = if l == m { pair_count(rows) } else { rows * columns };
        let sparse = m == 0 && l <= 1 && (kept || width >= WIDE) && active.are_sparse(inputs);
        let (inputs, other_inputs) = (architecture.inputs(l) + 1, architecture.inputs(m) + 1);
        let size = if l == m { pairs.len() * width } else { width * inputs * other_inputs };
        let coupled = if l == m + 1 { rows * columns * other_inputs } else { 0 };
        let width = active.whole().inputs(m) + 1;
        let place = |&(j, q): &(u16, u16)| {
            let (j, q) = (active.places(l)[usize::from(j)], active.places(m)[usize::from(q)]);
            ((j * width + q) as u32, (q * width + j) as u32)
        };
        let places = pairs.iter().map(place).collect();
        Block { l, m, pairs, places, sparse, sums: vec![0.0; size], coupling: vec![0.0; coupled] }
    }

    /// Removes all samples.
    pub(super) fn clear(&mut self) {
        self.sums.fill(0.0);
        self.coupling.fill(0.0);
    }

    /// The row-wise Khatri-Rao square of a diagonal block's input: ã[j] ã[q] for all its pairs, over a tile.
    pub(super) fn factor(&self, network: &Linearization, ones: &[f64]) -> Factor {
        let input = |j: u16| augmented(network, self.l, j.into(), ones);
        let mut factor = Factor::new(self.sparse);
        factor.pack(network.columns(), &self.pairs, |&(j, q), row| set_product(row, input(j), input(q)));
        if let Factor::Sparse(panels) = &mut factor {
            panels.shrink();
        }
        factor
    }

    /// Adds the samples of a tile. `factor` is the packed ã ã of a diagonal block, if kept.
    #[inline(never)]
    pub(super) fn add(
        &mut self,
        architecture: &Architecture,
        network: &Linearization,
        sensitivity: &Sensitivity,
        factor: Option<&Factor>,
        scratch: &mut Scratch,
    ) {
        let (l, m, tile) = (self.l, self.m, network.columns());
        let (rows, columns) = (architecture.outputs(l), architecture.outputs(m));
        let (inputs, other_inputs) = (architecture.inputs(l) + 1, architecture.inputs(m) + 1);
        let Scratch { dense, sparse, right, ones, .. } = scratch;
        let left = if self.sparse { sparse } else { &mut *dense };
        let input = |layer: usize, j: usize| augmented(network, layer, j, ones);
        let delta = |i: usize| network.deltas[l].row(i);
        if l == m {
            right.pack(tile, upper(rows), |(i, p), row| row.copy_from_slice(sensitivity.response(l, l, i, p)));
            match factor {
                Some(factor) => factor.multiply(right, &mut self.sums),
                None => add_products(&mut self.sums, left, right, &self.pairs, |&(j, q), row| {
                    set_product(row, input(l, j.into()), input(l, q.into()));
                }),
            }
        } else if l == m + 1 {
            right.pack(tile, grid(rows, columns), |(i, p), row| {
                row.copy_from_slice(sensitivity.response(l, m, i, p));
            });
            add_products(&mut self.sums, left, right, &self.pairs, |&(j, q), row| {
                set_product(row, input(l, j.into()), input(m, q.into()));
            });

            right.pack(tile, 0..other_inputs, |q, row| row.copy_from_slice(input(m, q)));
            add_products(&mut self.coupling, dense, right, grid(rows, columns), |(i, p), row| {
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
                left.multiply(right, sums);
            }
        }
    }

    /// Whether all sums are finite.
    pub(super) fn is_finite(&self) -> bool {
        // Not `all`: without the early exit the loop runs in vector registers.
        let finite = |sums: &[f64]| sums.iter().fold(true, |finite, sum| finite & sum.is_finite());
        finite(&self.sums) && finite(&self.coupling)
    }

    /// Writes the block and its mirror image into H of the whole network (P × P, row-major).
    #[inline(never)]
    pub(super) fn place(&self, active: &ActiveInputs, scratch: &mut Scratch, hessian: &mut [f64]) {
        let (l, m, architecture) = (self.l, self.m, active.whole());
        let (rows, columns) = (architecture.outputs(l), architecture.outputs(m));
        let (width, count) = (architecture.inputs(m) + 1, architecture.parameter_count());
        let (inputs, other_inputs) = (active.places(l), active.places(m));
        let Scratch { pair, mirrored, .. } = scratch;
        for matrix in [&mut *pair, &mut *mirrored] {
            matrix.clear();
            matrix.resize((architecture.inputs(l) + 1) * width, 0.0);
        }
        if l == m {
            for (column, (i, p)) in upper(rows).enumerate() {
                let sums = self.sums[column..].iter().step_by(pair_count(rows));
                for (&(place, mirrored), &sum) in self.places.iter().zip(sums) {
                    pair[place as usize] = sum;
                    pair[mirrored as usize] = sum;
                }
                let (first, second) = (parameters_of(architecture, l, i), parameters_of(architecture, l, p));
                place_pair(hessian, count, &first, &second, pair);
                place_pair(hessian, count, &second, &first, pair);
            }
            return;
        }
        for (index, (i, p)) in grid(rows, columns).enumerate() {
            if l == m + 1 {
                let sums = self.sums[index..].iter().step_by(rows * columns);
                for (&(place, _), &sum) in self.places.iter().zip(sums) {
                    pair[place as usize] = sum;
                }
                let coupling = self.coupling[index * other_inputs.len()..].iter();
                let row = &mut pair[p * width..][..width];
                other_inputs.iter().zip(coupling).for_each(|(&q, &sum)| row[q] += sum);
            } else {
                let sums = self.sums[index * inputs.len() * other_inputs.len()..].chunks_exact(other_inputs.len());
                for (row, sums) in pair.chunks_exact_mut(width).zip(sums) {
                    other_inputs.iter().zip(sums).for_each(|(&q, &sum)| row[q] = sum);
                }
            }
            transpose(mirrored, pair, width);
            let (first, second) = (parameters_of(architecture, l, i), parameters_of(architecture, m, p));
            place_pair(hessian, count, &first, &second, pair);
            place_pair(hessian, count, &second, &first, mirrored);
        }
    }
}

/// `sums` ← `sums` + A Bᵀ with B = `right`, whose depth A has too. `write` sets the row of A that belongs to an item of `rows`; so
/// many rows as [`ROWS`] are packed into `left` at a time. Each sum is over the samples in their order, wherever A is divided.
fn add_products<T>(
    sums: &mut [f64],
    left: &mut Factor,
    right: &Panels,
    rows: impl IntoIterator<Item = T>,
    write: impl Fn(T, &mut [f64]),
) {
    let (mut rows, width) = (rows.into_iter(), right.rows());
    for sums in sums.chunks_mut(ROWS * width) {
        left.pack(right.depth(), rows.by_ref().take(ROWS), &write);
        left.multiply(right, sums);
    }
}

/// Where the parameters of one unit are in θ: its row of W, and its bias.
fn parameters_of(architecture: &Architecture, layer: usize, unit: usize) -> (Range<usize>, usize) {
    let width = architecture.inputs(layer);
    let first = architecture.weights(layer).start + unit * width;
    (first..first + width, architecture.biases(layer).start + unit)
}

/// Writes `pair` (ñ × ñ′) to the rows of one unit and the columns of another.
fn place_pair(
    hessian: &mut [f64],
    count: usize,
    (rows, row_bias): &(Range<usize>, usize),
    (columns, column_bias): &(Range<usize>, usize),
    pair: &[f64],
) {
    let width = columns.len();
    for (row, source) in rows.clone().chain([*row_bias]).zip(pair.chunks_exact(width + 1)) {
        let target = &mut hessian[row * count..][..count];
        target[columns.clone()].copy_from_slice(&source[..width]);
        target[*column_bias] = source[width];
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

/// ã_{l−1}[j] over a tile: the input of layer l, or 1 for the bias.
fn augmented<'a>(network: &'a Linearization, l: usize, j: usize, ones: &'a [f64]) -> &'a [f64] {
    let batch = &network.inputs[l];
    if j < batch.units() { batch.row(j) } else { ones }
}

/// Number of pairs i ≤ j below n.
pub(super) fn pair_count(n: usize) -> usize {
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
