//! What the samples of a null model have in common: means and percentiles of every statistic.

use serde::{Deserialize, Serialize};

use super::NullKind;
use super::sampler::NullSample;
use crate::curvature::Route;
use crate::displacement::{Directions, displacement_assigned, displacement_by_rank, subspace_overlap};
use crate::error::{Error, Result};
use crate::measured::Measured;
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
    /// How many numbers these are over.
    pub count: usize,
}

impl Band {
    /// The band of `values`, none without any; percentiles interpolate linearly between order statistics (Hyndman and
    /// Fan's type 7).
    pub fn of(values: Vec<f64>) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let values: Vec<f64> = ascending(&values).into_iter().map(|i| values[i]).collect();
        let quantile = |q: f64| {
            let position = q * (values.len() - 1) as f64;
            let below = position.floor() as usize;
            let above = (below + 1).min(values.len() - 1);
            values[below] + (position - below as f64) * (values[above] - values[below])
        };
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Some(Band { mean, low: quantile(0.05), high: quantile(0.95), count: values.len() })
    }
}

/// Bands of every statistic of a null model over its samples; none where no sample determines the quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct NullBands {
    /// Which null model.
    pub kind: NullKind,
    /// How many samples the bands are over.
    pub samples: usize,
    /// How the samples' leading pairs were found.
    pub spectrum: Route,
    /// IPR of rank i.
    pub leading_ipr: Vec<Option<Band>>,
    /// IPR averaged over the leading eigenvectors that are determined.
    pub mean_ipr: Option<Band>,
    /// λ_i for every i, descending; with `leading` the k leading ones alone.
    pub eigenvalues_descending: Vec<Band>,
    /// λ_i − λ_{i+1} for the first k eigenvalues (k − 1 if k = P); none where eigenvalues that lead by magnitude are all that
    /// is known.
    pub spacing: Vec<Band>,
    /// D between two independent samples, by rank; over all pairs.
    pub displacement_by_rank: Option<Band>,
    /// D between two independent samples, by the best one-to-one assignment; over all pairs.
    pub displacement_tracked: Option<Band>,
    /// Q_k between two independent samples; over all pairs.
    pub subspace_overlap: Option<Band>,
}

/// Bands over at least two `samples` of the null model `kind`, which were analysed by `route`.
///
/// # Errors
/// [`Error::NotFinite`] where a mean overflows.
///
/// # Panics
/// With fewer than two samples, or samples of different shapes.
pub fn bands(kind: NullKind, route: Route, samples: &[NullSample]) -> Result<NullBands> {
    assert!(samples.len() >= 2);
    let k = samples[0].leading_ipr.len();
    let count = samples[0].eigenvalues_descending.len();
    let over = |statistic: &dyn Fn(&NullSample) -> f64| {
        let band = Band::of(samples.iter().map(statistic).collect());
        // There are samples, and every one has its eigenvalues.
        band.filter(|band| band.mean.is_finite())
            .ok_or_else(|| Error::not_finite("a mean over the null model's samples"))
    };
    let measured = |statistic: &dyn Fn(&NullSample) -> Measured| {
        Band::of(samples.iter().filter_map(|sample| statistic(sample).value()).collect())
    };
    let pairs = |statistic: fn(&Directions, &Directions) -> Measured| {
        let mut values = Vec::new();
        for (i, a) in samples.iter().enumerate() {
            values.extend(samples[..i].iter().filter_map(|b| statistic(&a.directions, &b.directions).value()));
        }
        Band::of(values)
    };
    let spacings = samples.iter().map(|sample| sample.spacing.len()).min().unwrap_or(0);
    Ok(NullBands {
        kind,
        samples: samples.len(),
        spectrum: route,
        leading_ipr: (0..k).map(|i| measured(&|s| s.leading_ipr[i])).collect(),
        mean_ipr: measured(&|s| Measured::mean(s.leading_ipr.iter().copied())),
        eigenvalues_descending: (0..count).map(|i| over(&|s| s.eigenvalues_descending[i])).collect::<Result<_>>()?,
        spacing: (0..spacings).map(|i| over(&|s| s.spacing[i])).collect::<Result<_>>()?,
        displacement_by_rank: pairs(displacement_by_rank),
        displacement_tracked: pairs(displacement_assigned),
        subspace_overlap: pairs(subspace_overlap),
    })
}
