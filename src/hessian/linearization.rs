//! What the Hessian needs of the network at one θ, on one tile of samples: a_l, φ′(z_l), φ″(z_l) ⊙ W_{l+1}ᵀ δ_{l+1} and
//! δ_l. The factor 1/N of the mean is in δ and in S, so that every later sum over samples is already the mean.

use std::ops::Range;

use super::Part;
use super::active_inputs::ActiveInputs;
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch, LANES, add_product};

/// Most samples in a tile: at 128, a panel of four rows is 4 KiB and a hundred rows fit in the second-level cache.
const TILE: usize = 128;

/// One pass forward and back. Batches have as many columns as a tile; those beyond its samples are padding: S and δ are zero
/// there.
#[derive(Debug, Clone)]
pub(super) struct Linearization {
    /// Which samples the tile holds.
    pub(super) samples: Range<usize>,
    /// Input of each layer: x, a_1, …, a_{L−1}.
    pub(super) inputs: Vec<Batch>,
    /// φ′(z_l) of the hidden layers.
    pub(super) slopes: Vec<Batch>,
    /// φ″(z_l) ⊙ W_{l+1}ᵀ δ_{l+1} of the hidden layers.
    pub(super) bends: Vec<Batch>,
    /// δ_l = ∂ℓ/∂z_l, divided by N.
    pub(super) deltas: Vec<Batch>,
    logits: Batch,
    /// Sample by sample, C numbers each.
    pub(super) probabilities: Vec<f64>,
    logit_row: Vec<f64>,
    delta_row: Vec<f64>,
    /// 1/N where S takes part, else 0.
    pub(super) curvature_scale: f64,
}

impl Linearization {
    /// Room for the active ones of `inputs` (n_0 × samples), divided into tiles.
    pub(super) fn tiles(active: &ActiveInputs, inputs: &Batch) -> Vec<Self> {
        let tiles = inputs.stride().div_ceil(TILE);
        // Of equal length, they waste at most LANES columns each.
        let columns = inputs.stride().div_ceil(tiles).next_multiple_of(LANES);
        let starts = (0..inputs.samples()).step_by(columns);
        starts.map(|start| Linearization::new(active, inputs, start, columns)).collect()
    }

    /// Room for those of `inputs` from sample `start` on that fit in a tile of so many columns.
    fn new(active: &ActiveInputs, inputs: &Batch, start: usize, columns: usize) -> Self {
        let architecture = active.reduced();
        let samples = start..inputs.samples().min(start + columns);
        let mut padded = Batch::zeros(architecture.inputs(0), columns);
        for (unit, &input) in active.inputs().iter().enumerate() {
            padded.row_mut(unit)[..samples.len()].copy_from_slice(&inputs.row(input)[samples.clone()]);
        }
        let depth = architecture.depth();
        let hidden = || (0..depth - 1).map(|l| Batch::zeros(architecture.outputs(l), columns)).collect::<Vec<_>>();
        let classes = architecture.classes();
        Linearization {
            inputs: std::iter::once(padded).chain(hidden()).collect(),
            slopes: hidden(),
            bends: hidden(),
            deltas: (0..depth).map(|l| Batch::zeros(architecture.outputs(l), columns)).collect(),
            logits: Batch::zeros(classes, columns),
            probabilities: vec![0.0; classes * samples.len()],
            logit_row: vec![0.0; classes],
            delta_row: vec![0.0; classes],
            curvature_scale: 0.0,
            samples,
        }
    }

    /// Columns of the tile.
    pub(super) fn columns(&self) -> usize {
        self.logits.stride()
    }

    /// Evaluates everything at θ = `parameters`; for the Gauss-Newton part δ is left out, for the residual part S. `labels` are
    /// those of all samples.
    #[inline(never)]
    pub(super) fn run(
        &mut self,
        architecture: &Architecture,
        loss: &Loss,
        labels: &[usize],
        parameters: &[f64],
        part: Part,
    ) {
        let depth = architecture.depth();
        for l in 0..depth {
            let weights = &parameters[architecture.weights(l)];
            let biases = &parameters[architecture.biases(l)];
            let width = architecture.inputs(l);
            let (below, above) = self.inputs.split_at_mut(l + 1);
            let z = if l + 1 < depth { &mut above[0] } else { &mut self.logits };
            for (unit, &bias) in biases.iter().enumerate() {
                z.row_mut(unit).fill(bias);
            }
            add_product(z, |i, j| weights[i * width + j], &below[l]);
            if l + 1 < depth {
                let (slopes, bends) = (self.slopes[l].data_mut(), self.bends[l].data_mut());
                architecture.activation().apply_with_derivatives(z.data_mut(), slopes, bends);
            }
        }

        let scale = 1.0 / labels.len() as f64;
        self.curvature_scale = if part == Part::Residual { 0.0 } else { scale };
        let delta_scale = if part == Part::GaussNewton { 0.0 } else { scale };
        let classes = architecture.classes();
        let labels = &labels[self.samples.clone()];
        for (n, (&label, probabilities)) in labels.iter().zip(self.probabilities.chunks_exact_mut(classes)).enumerate()
        {
            for (c, logit) in self.logit_row.iter_mut().enumerate() {
                *logit = self.logits.at(c, n);
            }
            loss.evaluate(&self.logit_row, label, &mut self.delta_row, probabilities);
            self.delta_row.iter_mut().for_each(|delta| *delta *= delta_scale);
            self.deltas[depth - 1].set_sample(n, &self.delta_row);
        }
        for l in (0..depth - 1).rev() {
            let weights = &parameters[architecture.weights(l + 1)];
            let width = architecture.outputs(l);
            let (below, above) = self.deltas.split_at_mut(l + 1);
            let delta = &mut below[l];
            delta.data_mut().fill(0.0);
            add_product(delta, |i, c| weights[c * width + i], &above[0]);
            let derivatives = self.slopes[l].data().iter().zip(self.bends[l].data_mut());
            for (delta, (slope, bend)) in delta.data_mut().iter_mut().zip(derivatives) {
                *bend *= *delta;
                *delta *= slope;
            }
        }
    }

    /// S/N of the samples, into C·C rows: entry (c, d) of sample s of the tile goes to row c·C + d, column s.
    #[inline(never)]
    pub(super) fn curvature(&self, loss: &Loss, curvature: &mut Batch) {
        let classes = self.logits.units();
        curvature.data_mut().fill(0.0);
        for (s, probabilities) in self.probabilities.chunks_exact(classes).enumerate() {
            for c in 0..classes {
                for d in 0..classes {
                    curvature.row_mut(c * classes + d)[s] = self.curvature_scale * loss.curvature(probabilities, c, d);
                }
            }
        }
    }
}
