//! Single samples of a null model.

use std::ops::Range;

use serde::Serialize;

use super::NullKind;
use crate::dataset::Dataset;
use crate::displacement::Directions;
use crate::error::Result;
use crate::hessian::{HessianWorkspace, Part};
use crate::localization::inverse_participation_ratio;
use crate::loss::Loss;
use crate::measured::Measured;
use crate::mlp::{Architecture, Batch};
use crate::random::{Random, Stream};
use crate::spectrum::{EigenWorkspace, Order, spectrum};
use crate::training::Start;

/// One matrix of a null model, analysed as a checkpoint is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NullSample {
    /// All eigenvalues, descending.
    pub eigenvalues_descending: Vec<f64>,
    /// IPR of the leading eigenvectors that are determined.
    pub leading_ipr: Vec<Measured>,
    /// The leading eigenvectors.
    #[serde(skip)]
    pub directions: Directions,
}

/// Draws samples of one null model, any index in any order.
#[derive(Clone)]
pub struct NullSampler {
    kind: NullKind,
    architecture: Architecture,
    labels: Vec<usize>,
    start: Start,
    trained: Vec<f64>,
    /// Per pair of layers (block_rows ≥ block_columns) the deviation of a Gaussian entry; empty for the other kinds.
    blocks: Vec<(Range<usize>, Range<usize>, f64)>,
    leading: usize,
    order: Order,
    seed: u64,
    hessian: HessianWorkspace,
    matrix: Vec<f64>,
    eigen: EigenWorkspace,
}

impl NullSampler {
    /// A sampler for the Hessian of `loss` on `data`. `trained` holds the parameters of the checkpoint that the null model
    /// refers to; `random_weights` ignores it.
    ///
    /// # Errors
    /// What the Hessian at `trained` reports.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        kind: NullKind,
        architecture: &Architecture,
        loss: &Loss,
        data: &Dataset,
        start: Start,
        trained: &[f64],
        leading: usize,
        order: Order,
        seed: u64,
    ) -> Result<Self> {
        let inputs = Batch::from_rows(&data.inputs, data.features);
        let mut hessian = HessianWorkspace::new(architecture, loss, &inputs, &data.labels)?;
        let mut matrix = Vec::new();
        let blocks = match kind {
            NullKind::BlockGaussian | NullKind::Goe => {
                hessian.hessian(trained, Part::Full, &mut matrix)?;
                let ranges: Vec<Range<usize>> = match kind {
                    NullKind::Goe => std::iter::once(0..architecture.parameter_count()).collect(),
                    _ => (0..architecture.depth()).map(|l| architecture.layer(l)).collect(),
                };
                block_deviations(&matrix, architecture.parameter_count(), &ranges)
            }
            _ => Vec::new(),
        };
        Ok(NullSampler {
            kind,
            architecture: architecture.clone(),
            labels: data.labels.clone(),
            start,
            trained: trained.to_vec(),
            blocks,
            leading,
            order,
            seed,
            hessian,
            matrix,
            eigen: EigenWorkspace::default(),
        })
    }

    /// Sample number `index`, the same whatever was drawn before it.
    ///
    /// # Errors
    /// What the Hessian or the eigenvalue problem reports.
    pub fn sample(&mut self, index: usize) -> Result<NullSample> {
        let mut random = Random::new(self.seed, Stream::NullModel, index as u64);
        match self.kind {
            NullKind::RandomWeights => {
                let parameters = self.start.draw(&self.architecture, &mut random);
                self.hessian.hessian(&parameters, Part::Full, &mut self.matrix)?;
            }
            NullKind::RescaledWeights => {
                let mut parameters = self.start.draw(&self.architecture, &mut random);
                for l in 0..self.architecture.depth() {
                    // Biases may start at zero and then have no direction to scale: the layer is scaled as a whole.
                    let range = self.architecture.layer(l);
                    let (drawn, trained) = (norm(&parameters[range.clone()]), norm(&self.trained[range.clone()]));
                    if drawn > 0.0 {
                        parameters[range].iter_mut().for_each(|p| *p *= trained / drawn);
                    }
                }
                self.hessian.hessian(&parameters, Part::Full, &mut self.matrix)?;
            }
            NullKind::ShuffledWeights => {
                let mut parameters = self.trained.clone();
                for group in self.architecture.groups() {
                    random.shuffle(&mut parameters[group.range]);
                }
                self.hessian.hessian(&parameters, Part::Full, &mut self.matrix)?;
            }
            NullKind::ShuffledLabels => {
                let mut labels = self.labels.clone();
                random.shuffle(&mut labels);
                self.hessian.set_labels(&labels)?;
                self.hessian.hessian(&self.trained, Part::Full, &mut self.matrix)?;
            }
            NullKind::BlockGaussian | NullKind::Goe => self.draw_gaussian(&mut random),
        }
        let n = self.architecture.parameter_count();
        let found = spectrum(&self.matrix, n, self.leading, self.order, &mut self.eigen)?;
        let rounding = match self.kind {
            NullKind::BlockGaussian | NullKind::Goe => 0.0,
            _ => self.hessian.rounding(),
        };
        let directions = Directions { determination: found.determination(rounding), vectors: found.vectors };
        Ok(NullSample {
            leading_ipr: directions.measure(inverse_participation_ratio),
            eigenvalues_descending: found.eigenvalues,
            directions,
        })
    }

    /// Diagonal entries have twice the variance of the others, as in the Gaussian orthogonal ensemble.
    fn draw_gaussian(&mut self, random: &mut Random) {
        let n = self.architecture.parameter_count();
        self.matrix.resize(n * n, 0.0);
        for (rows, columns, deviation) in &self.blocks {
            for i in rows.clone() {
                for j in columns.clone().take_while(|&j| j <= i) {
                    let scale = if i == j { std::f64::consts::SQRT_2 * deviation } else { *deviation };
                    let entry = scale * random.normal();
                    self.matrix[i * n + j] = entry;
                    self.matrix[j * n + i] = entry;
                }
            }
        }
        if self.kind == NullKind::Goe {
            // The norm itself is matched and not only its expectation.
            let n = n as f64;
            let wanted = self.blocks[0].2 * (n * (n + 1.0)).sqrt();
            let drawn = norm(&self.matrix);
            if drawn > 0.0 {
                self.matrix.iter_mut().for_each(|entry| *entry *= wanted / drawn);
            }
        }
    }
}

/// For each pair of ranges with rows at or below columns, the deviation s of an off-diagonal Gaussian entry that gives the
/// block the expected Frobenius norm F it has in `matrix`: s² = F²/(n m), on the diagonal s² = F²/(n (n + 1)).
fn block_deviations(matrix: &[f64], n: usize, ranges: &[Range<usize>]) -> Vec<(Range<usize>, Range<usize>, f64)> {
    let mut blocks = Vec::new();
    for (a, rows) in ranges.iter().enumerate() {
        for columns in &ranges[..=a] {
            let squares: f64 =
                rows.clone().map(|i| matrix[i * n..][columns.clone()].iter().map(|h| h * h).sum::<f64>()).sum();
            let entries = if rows == columns { rows.len() * (rows.len() + 1) } else { rows.len() * columns.len() };
            blocks.push((rows.clone(), columns.clone(), (squares / entries as f64).sqrt()));
        }
    }
    blocks
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}
