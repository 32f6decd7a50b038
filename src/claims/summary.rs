//! A run reduced to what the claims and the curves over seeds need: no vectors, no parameters, no pairs of checkpoints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::windows::Windows;
use crate::displacement::{Pairing, TwoTimeRow};
use crate::experiment::BriefCheckpoint;
use crate::measured::Measured;

/// The curves of a run, one entry per checkpoint, and its displacements as the claims compare them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RunSummary {
    /// P.
    pub parameter_count: usize,
    /// Optimizer steps taken.
    pub steps: Vec<usize>,
    /// L(θ) on all training samples.
    pub loss: Vec<f64>,
    /// Share of training samples classified correctly.
    pub accuracy: Vec<f64>,
    /// L(θ) on the test samples, if there are any.
    pub test_loss: Vec<Measured>,
    /// Share of test samples classified correctly, if there are any.
    pub test_accuracy: Vec<Measured>,
    /// The eigenvalues of the k leading directions, one row per rank.
    pub leading_eigenvalues: Vec<Vec<f64>>,
    /// IPR averaged over the leading directions that are determined.
    pub mean_ipr: Vec<Measured>,
    /// Share of the gradient in the leading subspace.
    pub gradient_share: Vec<Measured>,
    /// Share of the last update in the leading subspace.
    pub update_share: Vec<Measured>,
    /// (1/P) ‖θ(t) − θ(0)‖².
    pub distance: Vec<f64>,
    /// Where the training loss halves, half a halving after the other.
    pub halvings: Vec<Halving>,
    /// Displacements in each pairing.
    pub displacement: ByPairing<Displacements>,
    /// Mean over the null model's samples of their mean IPR; for the last checkpoint where the null model refers to one.
    pub null_mean_ipr: Measured,
    /// Why the null model could not be drawn, if so.
    pub null_model_failed: Option<String>,
    /// The sentence about divergence, if the run ended by it.
    pub diverged: Option<String>,
}

/// The checkpoints t(ℓ_j) and t(ℓ_{j+2}), where ℓ_j = ℓ_0 2^{−j/2}, ℓ_0 is the training loss at step 0 and t(ℓ) the first
/// checkpoint with training loss ≤ ℓ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Halving {
    /// Index of t(ℓ_j).
    pub from: usize,
    /// Index of t(ℓ_{j+2}).
    pub to: usize,
}

/// Something for each way of pairing directions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ByPairing<T> {
    /// By rank.
    pub rank: T,
    /// Tracked.
    pub tracked: T,
    /// Subspace.
    pub subspace: T,
}

impl<T> ByPairing<T> {
    /// From a function of the pairing.
    pub fn new(mut entry: impl FnMut(Pairing) -> T) -> Self {
        ByPairing { rank: entry(Pairing::Rank), tracked: entry(Pairing::Tracked), subspace: entry(Pairing::Subspace) }
    }

    /// That of one pairing.
    pub fn of(&self, pairing: Pairing) -> &T {
        match pairing {
            Pairing::Rank => &self.rank,
            Pairing::Tracked => &self.tracked,
            Pairing::Subspace => &self.subspace,
        }
    }
}

/// Displacements of one run in one pairing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Displacements {
    /// D(t, t + L) for t = 0, …, N − L.
    pub at_lag: Vec<Measured>,
    /// D between the two checkpoints of each halving.
    pub at_halvings: Vec<Measured>,
    /// D between pairs of late checkpoints, by how far θ moved.
    pub by_distance: Vec<DistanceBin>,
}

/// Pairs of late checkpoints t < u with bin/4 ≤ log₁₀ (1/P)‖θ(u) − θ(t)‖² < (bin + 1)/4.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct DistanceBin {
    /// Four times the lower edge.
    pub bin: i32,
    /// How many pairs with a displacement that is determined.
    pub pairs: usize,
    /// The mean of D.
    pub mean: f64,
}

/// Makes a summary from checkpoints as they come.
#[derive(Debug, Default)]
pub struct Summarizer {
    summary: RunSummary,
    two_time: Vec<TwoTimeRow>,
}

impl Summarizer {
    /// Takes the next checkpoint of a network with P parameters.
    pub fn push(&mut self, parameter_count: usize, checkpoint: BriefCheckpoint) {
        let summary = &mut self.summary;
        summary.parameter_count = parameter_count;
        summary.steps.push(checkpoint.step);
        summary.loss.push(checkpoint.loss);
        summary.accuracy.push(checkpoint.accuracy);
        summary.test_loss.push(checkpoint.test_loss.into());
        summary.test_accuracy.push(checkpoint.test_accuracy.into());
        summary.leading_eigenvalues.resize_with(checkpoint.leading_eigenvalues.len(), Vec::new);
        for (row, value) in summary.leading_eigenvalues.iter_mut().zip(checkpoint.leading_eigenvalues) {
            row.push(value);
        }
        summary.mean_ipr.push(checkpoint.mean_ipr);
        summary.gradient_share.push(checkpoint.gradient_share.into());
        summary.update_share.push(checkpoint.update_share.into());
        summary.distance.push(checkpoint.two_time.weight_displacement[0]);
        self.two_time.push(checkpoint.two_time);
    }

    /// How many checkpoints there are.
    pub fn checkpoints(&self) -> usize {
        self.two_time.len()
    }

    /// The summary of all checkpoints, without null model.
    pub fn summary(&self) -> RunSummary {
        let (mut summary, two_time) = (self.summary.clone(), &self.two_time);
        summary.halvings = halvings(&summary.loss);
        let windows = Windows::new(&summary.steps).ok();
        let lag = Windows::lag(two_time.len());
        summary.displacement = ByPairing::new(|pairing| Displacements {
            at_lag: match lag {
                0 => Vec::new(),
                lag => (lag..two_time.len()).map(|u| two_time[u].displacement(pairing, u - lag)).collect(),
            },
            at_halvings: summary.halvings.iter().map(|h| two_time[h.to].displacement(pairing, h.from)).collect(),
            by_distance: windows.as_ref().map_or(Vec::new(), |windows| by_distance(two_time, pairing, windows)),
        });
        summary
    }
}

impl RunSummary {
    /// k.
    pub fn leading(&self) -> usize {
        self.leading_eigenvalues.len()
    }

    /// The first checkpoint with at most this training loss.
    pub fn first_at_loss(&self, loss: f64) -> Option<usize> {
        first_at(&self.loss, loss)
    }

    /// The lowest training loss of any checkpoint; infinite without any.
    pub fn lowest_loss(&self) -> f64 {
        self.loss.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

fn first_at(losses: &[f64], loss: f64) -> Option<usize> {
    losses.iter().position(|&reached| reached <= loss)
}

fn halvings(losses: &[f64]) -> Vec<Halving> {
    let Some(start) = losses.first() else { return Vec::new() };
    let level = |j: i32| start * libm::exp2(-0.5 * f64::from(j));
    let positive = (1..).take_while(|&j| level(j + 2) > 0.0);
    let at = |j| first_at(losses, level(j));
    positive.map_while(|j| Some(Halving { from: at(j)?, to: at(j + 2)? })).collect()
}

fn by_distance(two_time: &[TwoTimeRow], pairing: Pairing, windows: &Windows) -> Vec<DistanceBin> {
    let mut bins: BTreeMap<i32, Vec<Measured>> = BTreeMap::new();
    for u in windows.late.clone() {
        for t in windows.late.start..u {
            let (distance, moved) = (two_time[u].weight_displacement[t], two_time[u].displacement(pairing, t));
            if distance > 0.0 && moved.is_determined() {
                bins.entry((4.0 * libm::log10(distance)).floor() as i32).or_default().push(moved);
            }
        }
    }
    let bin = |(bin, moved): (i32, Vec<Measured>)| {
        let mean = Measured::mean(moved.iter().copied()).value()?;
        Some(DistanceBin { bin, pairs: moved.len(), mean })
    };
    bins.into_iter().filter_map(bin).collect()
}
