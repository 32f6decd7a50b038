//! What products need of the network at θ on one tile of samples, packed once for all directions.

use super::Part;
use super::linearization::Linearization;
use super::sensitivity::add_elementwise;
use crate::loss::Loss;
use crate::matmul::{Panels, Tiles, multiply_add};
use crate::mlp::{Architecture, Batch};

/// W_l, or the part of a direction in it, and its transpose.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    /// n_l rows of n_{l−1}.
    pub(super) rows: Panels,
    /// n_{l−1} rows of n_l; not for the first layer.
    pub(super) columns: Panels,
}

impl Layer {
    /// Packs layer `l` of `vector` (P).
    pub(super) fn pack(&mut self, architecture: &Architecture, l: usize, vector: &[f64]) {
        let (inputs, outputs) = (architecture.inputs(l), architecture.outputs(l));
        let weights = &vector[architecture.weights(l)];
        self.rows.pack(inputs, weights.chunks_exact(inputs), |source, row| row.copy_from_slice(source));
        if l > 0 {
            let rows = weights.chunks_exact(inputs);
            self.columns.pack_columns(inputs, rows, |source, column| column.copy_from_slice(source));
        }
        debug_assert_eq!(self.rows.rows(), outputs);
    }
}

/// A matrix of units × samples, packed for products over samples and for products over units.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed {
    /// Rows are units.
    pub(super) units: Panels,
    /// Rows are samples.
    pub(super) samples: Panels,
}

impl Packed {
    fn pack(&mut self, matrix: &Batch) {
        let copy = |unit: usize, target: &mut [f64]| target.copy_from_slice(matrix.row(unit));
        self.units.pack(matrix.stride(), 0..matrix.units(), copy);
        self.samples.pack_columns(matrix.stride(), 0..matrix.units(), copy);
    }
}

/// What products need of the network at θ on one tile.
#[derive(Debug, Clone)]
pub(super) struct Tile {
    pub(super) network: Linearization,
    /// a_{l−1}, the input of layer l.
    pub(super) inputs: Vec<Packed>,
    /// δ_l; empty for the first layer.
    pub(super) deltas: Vec<Packed>,
    /// p, C × columns, row by row.
    pub(super) probabilities: Vec<f64>,
    /// Σ_n ‖∂f/∂θ‖²_F.
    pub(super) squared_jacobian: f64,
}

/// Room for the tangents of one tile.
#[derive(Debug, Clone)]
pub(super) struct Room {
    /// R z_l, n_l × columns.
    pub(super) preactivations: Vec<Vec<f64>>,
    /// R δ_l, n_l × columns.
    pub(super) deltas: Vec<Vec<f64>>,
    /// Means over classes, or squared norms of inputs, of each column.
    pub(super) sums: Vec<f64>,
    pub(super) left: Panels,
    pub(super) right: Panels,
}

impl Room {
    /// Room for tiles of `columns` columns.
    pub(super) fn new(architecture: &Architecture, columns: usize) -> Self {
        let layers = || (0..architecture.depth()).map(|l| vec![0.0; architecture.outputs(l) * columns]).collect();
        Room {
            preactivations: layers(),
            deltas: layers(),
            sums: vec![0.0; columns],
            left: Panels::default(),
            right: Panels::default(),
        }
    }
}

impl Tile {
    pub(super) fn new(architecture: &Architecture, network: Linearization) -> Self {
        let layers = || vec![Packed::default(); architecture.depth()];
        let probabilities = vec![0.0; architecture.classes() * network.columns()];
        let mut inputs = layers();
        inputs[0].pack(&network.inputs[0]);
        Tile { network, inputs, deltas: layers(), probabilities, squared_jacobian: 0.0 }
    }

    /// Evaluates the network at θ = `parameters`, and packs what is needed of it; `labels` are those of all samples, `weights`
    /// W_1, …, W_L.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn load(
        &mut self,
        architecture: &Architecture,
        loss: &Loss,
        labels: &[usize],
        parameters: &[f64],
        part: Part,
        weights: &[Layer],
        room: &mut Room,
    ) {
        self.network.run(architecture, loss, labels, parameters, part);
        for l in 1..architecture.depth() {
            self.inputs[l].pack(&self.network.inputs[l]);
            self.deltas[l].pack(&self.network.deltas[l]);
        }
        let (classes, columns) = (architecture.classes(), self.network.columns());
        for (n, row) in self.network.probabilities.chunks_exact(classes).enumerate() {
            row.iter().enumerate().for_each(|(c, p)| self.probabilities[c * columns + n] = *p);
        }
        self.squared_jacobian = self.squared_jacobian(architecture, parameters, weights, room);
    }

    /// Σ_n Σ_m ‖T_Lm‖²_F ‖ã_{m−1}‖², with T_Lm = ∂f/∂z_m = T_{L,m+1} W_{m+1} diag(φ′(z_m)) class by class.
    #[inline(never)]
    fn squared_jacobian(
        &self,
        architecture: &Architecture,
        parameters: &[f64],
        weights: &[Layer],
        room: &mut Room,
    ) -> f64 {
        let Tile { network, .. } = self;
        let (depth, columns, classes) = (architecture.depth(), network.columns(), architecture.classes());
        let Room { deltas, sums, right, .. } = room;
        let mut total = 0.0;
        let mut take = |m: usize, tangents: Option<&[f64]>| {
            sums.fill(1.0);
            for unit in 0..network.inputs[m].units() {
                let input = network.inputs[m].row(unit);
                add_elementwise(sums, input, input);
            }
            for s in 0..network.samples.len() {
                let squares = tangents.map_or(classes as f64, |t| t[s..].iter().step_by(columns).map(|t| t * t).sum());
                total += squares * sums[s];
            }
        };
        take(depth - 1, None);
        for c in 0..classes {
            for m in (0..depth - 1).rev() {
                let width = architecture.outputs(m);
                let (below, above) = deltas.split_at_mut(m + 1);
                let tangent = &mut below[m];
                if m + 2 == depth {
                    let row = &parameters[architecture.weights(m + 1)][c * width..][..width];
                    tangent.chunks_exact_mut(columns).zip(row).for_each(|(tangent, w)| tangent.fill(*w));
                } else {
                    right.pack_columns(columns, above[0].chunks_exact(columns), |row, column| {
                        column.copy_from_slice(row)
                    });
                    tangent.fill(0.0);
                    multiply_add(1.0, &weights[m + 1].columns, right, tangent, columns, Tiles::All);
                }
                for (unit, tangent) in tangent.chunks_exact_mut(columns).enumerate() {
                    multiply(tangent, network.slopes[m].row(unit));
                }
                take(m, Some(tangent));
            }
        }
        total
    }
}

/// x ← x ⊙ y.
#[inline(never)]
pub(super) fn multiply(x: &mut [f64], y: &[f64]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x *= y);
}
