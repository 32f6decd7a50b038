//! What the samples of a null model have in common: means and percentiles of every statistic.

use serde::{Deserialize, Serialize};

use super::NullKind;
use super::sampler::NullSample;
use crate::displacement::{displacement_assigned, displacement_by_rank, overlaps, subspace_overlap};
use crate::sorting::ascending;

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
