//! Null models of the Hessian: what the same architecture shows without training, in six degrees of knowledge.
//!
//! | kind | one sample is | it keeps |
//! | --- | --- | --- |
//! | `random_weights` | the exact Hessian at a freshly drawn start | architecture, data, start distribution |
//! | `rescaled_weights` | the same, each layer scaled to the trained layer's norm | also the scale of each layer |
//! | `shuffled_weights` | the exact Hessian after permuting the trained weights within each layer | also the distribution of each layer's weights |
//! | `shuffled_labels` | the exact Hessian at the trained weights with permuted labels | architecture, inputs, weights |
//! | `block_gaussian` | a symmetric Gaussian matrix, block by block as large as the trained Hessian | only the blocks' mean squares |
//! | `goe` | the Gaussian orthogonal ensemble at the trained Hessian's Frobenius norm | only P |
//!
//! Biases are permuted among the biases of their layer. All but the first refer to a checkpoint.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::displacement::{displacement_assigned, displacement_by_rank, overlaps, subspace_overlap};
use crate::error::{Error, Result};
use crate::hessian::{HessianWorkspace, Part};
use crate::localization::inverse_participation_ratio;
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch};
use crate::random::{Random, Stream};
use crate::sorting::ascending;
use crate::spectrum::{EigenWorkspace, Order, spectrum};
use crate::training::Start;

/// Which null model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NullKind {
    /// Freshly drawn starts.
    RandomWeights,
    /// Freshly drawn starts with each layer's trained norm.
    RescaledWeights,
    /// Trained weights permuted within each layer.
    ShuffledWeights,
    /// Permuted labels at the trained weights.
    ShuffledLabels,
    /// Gaussian with the trained Hessian's mean square in each layer-by-layer block.
    BlockGaussian,
    /// Gaussian orthogonal ensemble.
    Goe,
}

impl NullKind {
    /// All null models, in the order in which they are offered.
    pub const ALL: [NullKind; 6] = [
        NullKind::RandomWeights,
        NullKind::RescaledWeights,
        NullKind::ShuffledWeights,
        NullKind::ShuffledLabels,
        NullKind::BlockGaussian,
        NullKind::Goe,
    ];

    /// Whether the samples depend on the parameters of a checkpoint.
    pub fn needs_checkpoint(self) -> bool {
        self != NullKind::RandomWeights
    }
}

/// A null model and how many samples of it are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NullModel {
    /// Which null model.
    pub kind: NullKind,
    /// M, the number of samples.
    #[serde(default = "NullModel::default_samples")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 2, max = NullModel::MAX_SAMPLES)))]
    pub samples: usize,
}

impl NullModel {
    /// Most samples that may be asked for.
    pub const MAX_SAMPLES: usize = 1000;

    fn default_samples() -> usize {
        20
    }

    /// Refuses a number of samples outside 2..=[`NullModel::MAX_SAMPLES`].
    ///
    /// # Errors
    /// [`Error::Invalid`] names `null_model.samples`.
    pub fn validate(&self) -> Result<()> {
        if (2..=NullModel::MAX_SAMPLES).contains(&self.samples) {
            return Ok(());
        }
        let problem = format!("is {}; allowed are 2 to {}", self.samples, NullModel::MAX_SAMPLES);
        Err(Error::invalid("null_model.samples", problem))
    }
}

impl Default for NullModel {
    fn default() -> Self {
        NullModel { kind: NullKind::RandomWeights, samples: NullModel::default_samples() }
    }
}

/// One matrix of a null model, analysed as a checkpoint is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NullSample {
    /// All eigenvalues, descending.
    pub eigenvalues_descending: Vec<f64>,
    /// IPR of the leading eigenvectors.
    pub leading_ipr: Vec<f64>,
    /// The leading eigenvectors, k × P.
    #[serde(skip)]
    pub vectors: Vec<f64>,
}

/// Draws samples of one null model, any index in any order.
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
        Ok(NullSample {
            leading_ipr: found.vectors.chunks_exact(n).map(inverse_participation_ratio).collect(),
            eigenvalues_descending: found.eigenvalues,
            vectors: found.vectors,
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

/// Mean and the range from the 5th to the 95th percentile of single samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Band {
    /// Mean.
    pub mean: f64,
    /// 5th percentile.
    pub low: f64,
    /// 95th percentile.
    pub high: f64,
}

impl Band {
    /// The band of `values`; percentiles interpolate linearly between order statistics (Hyndman and Fan's type 7).
    ///
    /// # Panics
    /// If `values` is empty.
    pub fn of(values: Vec<f64>) -> Self {
        assert!(!values.is_empty());
        let values: Vec<f64> = ascending(&values).into_iter().map(|i| values[i]).collect();
        let quantile = |q: f64| {
            let position = q * (values.len() - 1) as f64;
            let below = position.floor() as usize;
            let above = (below + 1).min(values.len() - 1);
            values[below] + (position - below as f64) * (values[above] - values[below])
        };
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Band { mean, low: quantile(0.05), high: quantile(0.95) }
    }
}

/// Bands of every statistic of a null model over its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct NullBands {
    /// Which null model.
    pub kind: NullKind,
    /// How many samples the bands are over.
    pub samples: usize,
    /// IPR of rank i.
    pub leading_ipr: Vec<Band>,
    /// IPR averaged over the k leading eigenvectors.
    pub mean_ipr: Band,
    /// λ_i for every i, descending.
    pub eigenvalues_descending: Vec<Band>,
    /// λ_i − λ_{i+1} for the first k eigenvalues (k − 1 if k = P).
    pub spacing: Vec<Band>,
    /// D between two independent samples, by rank; over all pairs.
    pub displacement_by_rank: Band,
    /// D between two independent samples, by the best one-to-one assignment; over all pairs.
    pub displacement_tracked: Band,
    /// Q_k between two independent samples; over all pairs.
    pub subspace_overlap: Band,
}

/// Bands over at least two `samples` of the null model `kind`.
///
/// # Panics
/// With fewer than two samples, or samples of different shapes.
pub fn bands(kind: NullKind, samples: &[NullSample]) -> NullBands {
    assert!(samples.len() >= 2);
    let k = samples[0].leading_ipr.len();
    let count = samples[0].eigenvalues_descending.len();
    let over = |statistic: &dyn Fn(&NullSample) -> f64| Band::of(samples.iter().map(statistic).collect());
    let pairs = |statistic: fn(&[f64], &[f64], usize) -> f64| {
        let mut values = Vec::new();
        for (i, a) in samples.iter().enumerate() {
            values.extend(samples[..i].iter().map(|b| statistic(&a.vectors, &b.vectors, k)));
        }
        Band::of(values)
    };
    NullBands {
        kind,
        samples: samples.len(),
        leading_ipr: (0..k).map(|i| over(&|s| s.leading_ipr[i])).collect(),
        mean_ipr: over(&|s| s.leading_ipr.iter().sum::<f64>() / k as f64),
        eigenvalues_descending: (0..count).map(|i| over(&|s| s.eigenvalues_descending[i])).collect(),
        spacing: (0..k.min(count - 1))
            .map(|i| over(&|s| s.eigenvalues_descending[i] - s.eigenvalues_descending[i + 1]))
            .collect(),
        displacement_by_rank: pairs(displacement_by_rank),
        displacement_tracked: pairs(displacement_assigned),
        subspace_overlap: pairs(|a, b, k| subspace_overlap(&overlaps(a, b, k), k)),
    }
}
