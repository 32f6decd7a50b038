//! Single samples of a null model.

use std::ops::Range;

use serde::Serialize;

use super::NullKind;
use crate::curvature::{Curvature, Found, Method, Route, Wanted};
use crate::dataset::Dataset;
use crate::displacement::Directions;
use crate::error::{Error, Result};
use crate::hessian::{HessianWorkspace, Part};
use crate::localization::inverse_participation_ratio;
use crate::loss::Loss;
use crate::measured::Measured;
use crate::mlp::{Architecture, Batch, MAX_PARAMETERS};
use crate::random::{Random, Stream};
use crate::sorting::sort_by_number;
use crate::spectrum::Order;
use crate::training::Start;

/// One matrix of a null model, analysed as a checkpoint is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NullSample {
    /// All eigenvalues, descending; the k leading ones where no other is known.
    pub eigenvalues_descending: Vec<f64>,
    /// λ_i − λ_{i+1} of the first k eigenvalues, and k − 1 where none follows; empty where those that lead by magnitude
    /// alone are known, which are no neighbours.
    pub spacing: Vec<f64>,
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
    wanted: Wanted,
    curvature: Curvature,
}

impl NullKind {
    /// Refuses more parameters than a kind can be drawn for.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `null_model.kind`.
    pub fn allowed(self, parameters: usize) -> Result<()> {
        let name = match self {
            NullKind::BlockGaussian => "block_gaussian",
            NullKind::Goe => "goe",
            _ => return Ok(()),
        };
        if parameters <= MAX_PARAMETERS {
            return Ok(());
        }
        let problem = format!(
            "is {name}, which draws matrices of P × P numbers, up to {MAX_PARAMETERS} parameters; the network has \
             {parameters}, for which the other kinds can be drawn"
        );
        Err(Error::invalid("null_model.kind", problem))
    }
}

impl NullSampler {
    /// A sampler for the Hessian of `loss` on `data`. `trained` holds the parameters of the checkpoint that the null model
    /// refers to; `random_weights` ignores it. Samples are analysed by `method`.
    ///
    /// # Errors
    /// As [`NullKind::allowed`], and what the Hessian at `trained` reports.
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
        method: Method,
    ) -> Result<Self> {
        kind.allowed(architecture.parameter_count())?;
        let inputs = Batch::from_rows(&data.inputs, data.features);
        let blocks = match kind {
            NullKind::BlockGaussian | NullKind::Goe => {
                let mut matrix = Vec::new();
                HessianWorkspace::new(architecture, loss, &inputs, &data.labels)?.hessian(
                    trained,
                    Part::Full,
                    &mut matrix,
                )?;
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
            wanted: Wanted { leading, order, seed },
            curvature: Curvature::new(method, architecture, loss, &inputs, &data.labels)?,
        })
    }

    /// What is found of the samples' spectra.
    pub fn route(&self) -> Route {
        self.curvature.route()
    }

    /// Sample number `index`, the same whatever was drawn before it.
    ///
    /// # Errors
    /// What the Hessian or the eigenvalue problem reports.
    pub fn sample(&mut self, index: usize) -> Result<NullSample> {
        let mut random = Random::new(self.wanted.seed, Stream::NullModel, index as u64);
        let mut parameters = match self.kind {
            NullKind::BlockGaussian | NullKind::Goe => {
                let NullSampler { kind, blocks, wanted, curvature, architecture, .. } = self;
                let n = architecture.parameter_count();
                let found =
                    curvature.measure_drawn(wanted, |matrix| draw_gaussian(*kind, blocks, n, &mut random, matrix))?;
                return Ok(self.analysed(found));
            }
            NullKind::RandomWeights | NullKind::RescaledWeights => self.start.draw(&self.architecture, &mut random),
            NullKind::ShuffledWeights | NullKind::ShuffledLabels => self.trained.clone(),
        };
        match self.kind {
            NullKind::RescaledWeights => {
                for l in 0..self.architecture.depth() {
                    // Biases may start at zero and then have no direction to scale: the layer is scaled as a whole.
                    let range = self.architecture.layer(l);
                    let (drawn, trained) = (norm(&parameters[range.clone()]), norm(&self.trained[range.clone()]));
                    if drawn > 0.0 {
                        parameters[range].iter_mut().for_each(|p| *p *= trained / drawn);
                    }
                }
            }
            NullKind::ShuffledWeights => {
                for group in self.architecture.groups() {
                    random.shuffle(&mut parameters[group.range]);
                }
            }
            NullKind::ShuffledLabels => {
                let mut labels = self.labels.clone();
                random.shuffle(&mut labels);
                self.curvature.set_labels(&labels)?;
            }
            NullKind::RandomWeights | NullKind::BlockGaussian | NullKind::Goe => {}
        }
        self.curvature.at(&parameters)?;
        let found = self.curvature.measure_leading(&self.wanted)?;
        Ok(self.analysed(found))
    }

    fn analysed(&self, found: Found) -> NullSample {
        let k = self.wanted.leading;
        let (mut values, route) = (found.eigenvalues, self.curvature.route());
        if route == Route::Leading {
            values = found.leading;
            sort_by_number(&mut values, |value| -value);
        }
        // Those that lead by magnitude stand at both ends of the spectrum.
        let neighbours = route == Route::Full || self.wanted.order == Order::Algebraic;
        let next = found.next.filter(|_| route == Route::Leading);
        let descending: Vec<f64> = values.iter().copied().take(k + 1).chain(next).collect();
        NullSample {
            spacing: descending.windows(2).filter(|_| neighbours).map(|pair| pair[0] - pair[1]).collect(),
            leading_ipr: found.directions.measure(inverse_participation_ratio),
            eigenvalues_descending: values,
            directions: found.directions,
        }
    }
}

/// Writes a Gaussian matrix with n rows into `matrix`. Diagonal entries have twice the variance of the others, as in the
/// Gaussian orthogonal ensemble.
fn draw_gaussian(
    kind: NullKind,
    blocks: &[(Range<usize>, Range<usize>, f64)],
    n: usize,
    random: &mut Random,
    matrix: &mut Vec<f64>,
) {
    matrix.resize(n * n, 0.0);
    for (rows, columns, deviation) in blocks {
        for i in rows.clone() {
            for j in columns.clone().take_while(|&j| j <= i) {
                let scale = if i == j { std::f64::consts::SQRT_2 * deviation } else { *deviation };
                let entry = scale * random.normal();
                matrix[i * n + j] = entry;
                matrix[j * n + i] = entry;
            }
        }
    }
    if kind == NullKind::Goe {
        // The norm itself is matched and not only its expectation.
        let n = n as f64;
        let wanted = blocks[0].2 * (n * (n + 1.0)).sqrt();
        let drawn = norm(matrix);
        if drawn > 0.0 {
            matrix.iter_mut().for_each(|entry| *entry *= wanted / drawn);
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
