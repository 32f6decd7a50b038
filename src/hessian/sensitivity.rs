//! How the outputs and the back-propagated errors of every layer depend on the units of one layer m, sample by sample:
//! T_lm = ∂z_l/∂z_m and R_lm = ∂δ_l/∂z_m (with the factor 1/N of the mean), on one tile of samples.

use super::linearization::Linearization;
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch, add_product};
use crate::simd::dispatch;

/// T and R for one m at a time. A matrix n_l × n_m per sample is a [`Batch`] of n_l rows, each n_m stretches of one tile.
#[derive(Debug, Clone)]
pub(super) struct Sensitivity {
    tile: usize,
    /// T_lm at [m][l], empty for l ≤ m (T_mm = I is never formed).
    tangents: Vec<Vec<Batch>>,
    /// diag(φ′(z_l)) T_lm at [m][l], for m < l < L.
    scaled_tangents: Vec<Vec<Batch>>,
    /// R_lm at [m][l], for m ≤ l.
    responses: Vec<Vec<Batch>>,
    /// S, C·C rows of one tile.
    curvature: Batch,
}

impl Sensitivity {
    /// Room for tiles of `tile` samples.
    pub(super) fn new(architecture: &Architecture, tile: usize) -> Self {
        let depth = architecture.depth();
        let table = |stored: &dyn Fn(usize, usize) -> bool| -> Vec<Vec<Batch>> {
            let batch = |m: usize, l: usize| {
                if stored(m, l) {
                    Batch::zeros(architecture.outputs(l), architecture.outputs(m) * tile)
                } else {
                    Batch::default()
                }
            };
            (0..depth).map(|m| (0..depth).map(|l| batch(m, l)).collect()).collect()
        };
        Sensitivity {
            tile,
            tangents: table(&|m, l| m < l),
            scaled_tangents: table(&|m, l| m < l && l + 1 < depth),
            responses: table(&|m, l| m <= l),
            curvature: Batch::zeros(architecture.classes().pow(2), tile),
        }
    }

    /// R_lm[i, p] over the tile.
    pub(super) fn response(&self, l: usize, m: usize, i: usize, p: usize) -> &[f64] {
        &self.responses[m][l].row(i)[p * self.tile..][..self.tile]
    }

    /// φ′(z_l)[j] T_lm[j, p] over the tile, m < l < L.
    pub(super) fn scaled_tangent(&self, l: usize, m: usize, j: usize, p: usize) -> &[f64] {
        &self.scaled_tangents[m][l].row(j)[p * self.tile..][..self.tile]
    }

    /// Takes up S for a tile; before any `respond` on that tile.
    pub(super) fn load_curvature(&mut self, network: &Linearization, loss: &Loss) {
        network.curvature(loss, &mut self.curvature);
    }

    /// Σ_n ‖∂f/∂W̃_m‖²_F over the samples of the tile, from ∂f_c/∂W̃_m[i, j] = T_Lm[c, i] ã_{m−1}[j]; after `respond` for m on
    /// that tile.
    pub(super) fn squared_jacobian(&self, network: &Linearization, m: usize) -> f64 {
        let inputs = &network.inputs[m];
        let mut factor = vec![1.0; network.samples.len()]; // ‖ã‖², in which the bias counts 1
        for unit in 0..inputs.units() {
            factor.iter_mut().zip(inputs.row(unit)).for_each(|(factor, a)| *factor += a * a);
        }
        let Some(tangent) = self.tangents[m].last().filter(|tangent| tangent.units() > 0) else {
            // T_LL = I.
            return self.responses[m][m].units() as f64 * factor.iter().sum::<f64>();
        };
        let mut sum = 0.0;
        for c in 0..tangent.units() {
            for stretch in tangent.row(c).chunks_exact(self.tile) {
                sum += stretch.iter().zip(&factor).map(|(t, factor)| t * t * factor).sum::<f64>();
            }
        }
        sum
    }

    /// Computes T_lm and R_lm for all l ≥ m over a tile.
    #[inline(never)]
    pub(super) fn respond(
        &mut self,
        architecture: &Architecture,
        network: &Linearization,
        parameters: &[f64],
        m: usize,
    ) {
        let (depth, tile) = (architecture.depth(), self.tile);
        let tangents = &mut self.tangents[m];
        let scaled = &mut self.scaled_tangents[m];
        for l in m + 1..depth {
            let weights = &parameters[architecture.weights(l)];
            let width = architecture.inputs(l);
            let tangent = &mut tangents[l];
            if l == m + 1 {
                for i in 0..architecture.outputs(l) {
                    for (p, stretch) in tangent.row_mut(i).chunks_exact_mut(tile).enumerate() {
                        set_scaled(stretch, weights[i * width + p], network.slopes[m].row(p));
                    }
                }
            } else {
                tangent.data_mut().fill(0.0);
                add_product(tangent, |i, j| weights[i * width + j], &scaled[l - 1]);
            }
            if l + 1 < depth {
                for i in 0..architecture.outputs(l) {
                    let slope = network.slopes[l].row(i);
                    let stretches = scaled[l].row_mut(i).chunks_exact_mut(tile);
                    for (stretch, source) in stretches.zip(tangent.row(i).chunks_exact(tile)) {
                        set_product(stretch, slope, source);
                    }
                }
            }
        }

        for l in (m..depth).rev() {
            let (below, above) = self.responses[m].split_at_mut(l + 1);
            let response = &mut below[l];
            if l + 1 == depth {
                let classes = architecture.classes();
                if l == m {
                    for c in 0..classes {
                        for (d, stretch) in response.row_mut(c).chunks_exact_mut(tile).enumerate() {
                            stretch.copy_from_slice(self.curvature.row(c * classes + d));
                        }
                    }
                } else {
                    response.data_mut().fill(0.0);
                    for c in 0..classes {
                        for d in 0..classes {
                            let curvature = self.curvature.row(c * classes + d);
                            let stretches = response.row_mut(c).chunks_exact_mut(tile);
                            for (stretch, tangent) in stretches.zip(tangents[l].row(d).chunks_exact(tile)) {
                                add_elementwise(stretch, curvature, tangent);
                            }
                        }
                    }
                }
                continue;
            }
            let weights = &parameters[architecture.weights(l + 1)];
            let width = architecture.outputs(l);
            response.data_mut().fill(0.0);
            add_product(response, |i, c| weights[c * width + i], &above[0]);
            for i in 0..width {
                let (slope, bend) = (network.slopes[l].row(i), network.bends[l].row(i));
                for (p, stretch) in response.row_mut(i).chunks_exact_mut(tile).enumerate() {
                    stretch.iter_mut().zip(slope).for_each(|(r, slope)| *r *= slope);
                    if l > m {
                        add_elementwise(stretch, bend, &tangents[l].row(i)[p * tile..][..tile]);
                    } else if p == i {
                        stretch.iter_mut().zip(bend).for_each(|(r, bend)| *r += bend);
                    }
                }
            }
        }
    }
}

/// x ← w y.
#[inline(never)]
fn set_scaled(x: &mut [f64], w: f64, y: &[f64]) {
    dispatch!(scaled(x: &mut [f64], w: f64, y: &[f64]));
}

#[inline(always)]
fn scaled(x: &mut [f64], w: f64, y: &[f64]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x = w * y);
}

/// x ← y ⊙ z.
#[inline(never)]
pub(super) fn set_product(x: &mut [f64], y: &[f64], z: &[f64]) {
    dispatch!(product(x: &mut [f64], y: &[f64], z: &[f64]));
}

#[inline(always)]
fn product(x: &mut [f64], y: &[f64], z: &[f64]) {
    x.iter_mut().zip(y.iter().zip(z)).for_each(|(x, (y, z))| *x = y * z);
}

/// x ← x + y ⊙ z.
#[inline(never)]
pub(super) fn add_elementwise(x: &mut [f64], y: &[f64], z: &[f64]) {
    dispatch!(sum(x: &mut [f64], y: &[f64], z: &[f64]));
}

#[inline(always)]
fn sum(x: &mut [f64], y: &[f64], z: &[f64]) {
    x.iter_mut().zip(y.iter().zip(z)).for_each(|(x, (y, z))| *x += y * z);
}
