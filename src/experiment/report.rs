//! What an experiment finds: one record per checkpoint, and all of them together.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};

use super::Experiment;
use crate::curvature::Route;
use crate::displacement::{TwoTimeRow, chance_displacement, chance_subspace_overlap};
use crate::localization::random_direction_ipr;
use crate::measured::Measured;
use crate::mlp::ParameterGroup;
use crate::null_model::NullBands;
use crate::spectrum::{Certificates, Determination, Order, gap};

/// All results of one checkpoint. k is the number of leading eigenvectors, P that of parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Checkpoint {
    /// Optimizer steps taken.
    pub step: usize,
    /// η that the next step will use, but for a change at this very step.
    pub learning_rate: f64,
    /// L(θ) on all training samples.
    pub loss: f64,
    /// Share of training samples classified correctly.
    pub accuracy: f64,
    /// L(θ) on the test samples, if there are any.
    pub test_loss: Option<f64>,
    /// Share of test samples classified correctly, if there are any.
    pub test_accuracy: Option<f64>,
    /// ‖∇L‖ on all training samples.
    pub gradient_norm: f64,
    /// How the leading eigenvectors were found: with all eigenvalues, or from products with the Hessian alone.
    pub spectrum: Route,
    /// λ_1 ≥ … ≥ λ_P of the Hessian; left out with `leading`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eigenvalues_descending: Vec<f64>,
    /// The eigenvalues that belong to `leading_eigenvectors`, in their order.
    pub leading_eigenvalues: Vec<f64>,
    /// The most leading of the other eigenvalues; `None` where there is no other.
    pub next_eigenvalue: Option<f64>,
    /// ‖H‖₂ = max |λ|; with `leading`, what is known of it: at least this.
    pub spectral_norm: f64,
    /// tr H; an estimate with `leading`.
    pub trace: f64,
    /// Standard error of the estimate of the trace; left out where that is exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_standard_error: Option<f64>,
    /// Which leading eigenvectors are determined.
    pub determination: Determination,
    /// IPR of each leading eigenvector that is determined.
    pub leading_ipr: Vec<Measured>,
    /// exp of the participation entropy −Σ_a v_a² ln v_a² of each leading eigenvector v that is determined: another number
    /// of parameters that carry it.
    pub leading_participation_entropy: Vec<Measured>,
    /// Mass of each leading eigenvector that is determined in each group of parameters (k rows).
    pub group_mass: Vec<Option<Vec<f64>>>,
    /// ‖V_kᵀ g‖²/‖g‖² of the full gradient; `None` when it vanishes, or the subspace is not determined.
    pub gradient_share: Option<f64>,
    /// ‖V_kᵀ Δθ‖²/‖Δθ‖² of the last step; `None` before the first, and as for `gradient_share`.
    pub update_share: Option<f64>,
    /// λ_1, or the largest eigenvalue of the preconditioned Hessian where the optimizer has a preconditioner.
    pub sharpness: f64,
    /// What `sharpness` must stay below for stability, where theory gives one.
    pub stability_threshold: Option<f64>,
    /// `sharpness` one step earlier, where there is a threshold: beyond it, training can alternate between two phases, of
    /// which evenly spaced checkpoints see one.
    pub sharpness_before: Option<f64>,
    /// The threshold one step earlier.
    pub stability_threshold_before: Option<f64>,
    /// The largest eigenvalue of D^{−1/2} H D^{−1/2}, for optimizers with a preconditioner D.
    pub preconditioned_eigenvalue: Option<f64>,
    /// All eigenvalues of D^{−1/2} H D^{−1/2}, descending, for optimizers with a preconditioner D; `None` with `leading`.
    pub preconditioned_eigenvalues_descending: Option<Vec<f64>>,
    /// Spectrum of each layer's diagonal block; empty unless asked for, and with `leading`.
    pub layer_spectra: Vec<LayerSpectrum>,
    /// This checkpoint against all before it.
    pub two_time: TwoTimeRow,
    /// How exact the spectrum is.
    pub certificates: Certificates,
    /// The leading eigenvectors (k rows of P), each with its largest entry positive. Those that are not determined complete
    /// an orthonormal basis, and mean no more than that.
    pub leading_eigenvectors: Vec<Vec<f64>>,
    /// θ.
    pub parameters: Vec<f64>,
}

/// What the claims need of a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct BriefCheckpoint {
    /// Optimizer steps taken.
    pub step: usize,
    /// L(θ) on all training samples.
    pub loss: f64,
    /// Share of training samples classified correctly.
    pub accuracy: f64,
    /// L(θ) on the test samples, if there are any.
    pub test_loss: Option<f64>,
    /// Share of test samples classified correctly, if there are any.
    pub test_accuracy: Option<f64>,
    /// The eigenvalues of the k leading directions.
    pub leading_eigenvalues: Vec<f64>,
    /// IPR averaged over the leading directions that are determined.
    pub mean_ipr: Measured,
    /// As in [`Checkpoint`].
    pub gradient_share: Option<f64>,
    /// As in [`Checkpoint`].
    pub update_share: Option<f64>,
    /// This checkpoint against all before it.
    pub two_time: TwoTimeRow,
}

impl Checkpoint {
    /// The distance from the i-th leading eigenvalue to the nearest other one; none where there is no other. Where only those
    /// that lead by magnitude are known (`order`), the others may lie anywhere between ±`next_eigenvalue`, and this is the
    /// least that the distance can be.
    pub fn leading_gap(&self, i: usize, order: Order) -> Option<f64> {
        let value = *self.leading_eigenvalues.get(i)?;
        if self.spectrum == Route::Full {
            let at = self.eigenvalues_descending.iter().position(|other| *other == value)?;
            return Some(gap(&self.eigenvalues_descending, at)).filter(|gap| gap.is_finite());
        }
        let kept = self.leading_eigenvalues.iter().enumerate().filter(|(j, _)| *j != i);
        let next = self.next_eigenvalue.map(|next| match order {
            Order::Algebraic => value - next,
            Order::Magnitude => value.abs() - next.abs(),
        });
        kept.map(|(_, other)| (value - other).abs()).chain(next).reduce(f64::min).map(|gap| gap.max(0.0))
    }

    /// What overflowed, or became NaN, although θ and the Hessian are finite.
    pub(super) fn not_finite(&self) -> Option<&'static str> {
        let numbers = |values: [Option<f64>; 2]| values.into_iter().flatten().collect::<Vec<f64>>();
        let named = [
            ("the loss on the test samples", numbers([self.test_loss, None])),
            ("the gradient's norm", numbers([Some(self.gradient_norm), None])),
            ("the sharpness", numbers([Some(self.sharpness), self.sharpness_before])),
            ("the stability threshold", numbers([self.stability_threshold, self.stability_threshold_before])),
            ("the spectrum's residual", numbers([Some(self.certificates.max_residual), None])),
            ("the estimate of the trace", numbers([Some(self.trace), self.trace_standard_error])),
        ];
        named.into_iter().find(|(_, numbers)| numbers.iter().any(|x| !x.is_finite())).map(|(name, _)| name)
    }
}

/// Spectrum of the diagonal block H_ll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LayerSpectrum {
    /// All eigenvalues, descending.
    pub eigenvalues_descending: Vec<f64>,
    /// IPR of the block's leading eigenvectors that are determined, within the layer.
    pub leading_ipr: Vec<Measured>,
}

/// All pairs of checkpoints (rows and columns in order of time), as [`TwoTimeRow`] has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TwoTime {
    /// Q_k.
    pub subspace_overlap: Vec<Vec<Measured>>,
    /// D, paired by rank.
    pub displacement_by_rank: Vec<Vec<Measured>>,
    /// D, tracked.
    pub displacement_tracked: Vec<Vec<Measured>>,
    /// (1/P) ‖θ(t) − θ(s)‖².
    pub weight_displacement: Vec<Vec<f64>>,
}

/// What independent random directions would show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ChanceLevels {
    /// 3/(P + 2).
    pub ipr: f64,
    /// 2 − 2 E|u·v|.
    pub displacement: f64,
    /// k/P, also the chance level of the gradient and update shares.
    pub subspace_overlap: f64,
}

impl ChanceLevels {
    /// Of k directions of so many parameters.
    pub fn new(parameters: usize, k: usize) -> Self {
        ChanceLevels {
            ipr: random_direction_ipr(parameters),
            displacement: chance_displacement(parameters),
            subspace_overlap: chance_subspace_overlap(parameters, k),
        }
    }
}

/// Everything an experiment found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Report {
    /// The experiment itself.
    pub experiment: Experiment,
    /// n_0, …, n_L.
    pub layers: Vec<usize>,
    /// P.
    pub parameter_count: usize,
    /// Which entries of θ are which weights and biases.
    pub groups: Vec<ParameterGroup>,
    /// Chance levels.
    pub chance: ChanceLevels,
    /// The sentence about divergence, if the run ended by it; the checkpoints up to there stand.
    pub diverged: Option<String>,
    /// The sentence about a Hessian that vanishes from some step on to the end, if it does.
    pub saturated: Option<String>,
    /// Optimizer steps taken when the run was interrupted, if it was: then checkpoints or the null model are missing, and
    /// `headless run --resume` goes on from the last checkpoint.
    pub interrupted: Option<usize>,
    /// All checkpoints, in order of time.
    pub checkpoints: Vec<Checkpoint>,
    /// All pairs of checkpoints.
    #[serde(flatten)]
    pub two_time: TwoTime,
    /// Bands of the null model, for the last checkpoint where it refers to one; `None` if none was asked for, it could not
    /// be drawn, or the run was interrupted.
    pub null_model: Option<NullBands>,
    /// Why the null model could not be drawn, if so; all else stands.
    pub null_model_failed: Option<String>,
}

impl TwoTime {
    /// Symmetric matrices from the rows of all checkpoints.
    pub fn from_rows<'a>(rows: impl Iterator<Item = &'a TwoTimeRow> + Clone) -> Self {
        TwoTime {
            subspace_overlap: symmetric(rows.clone().map(|row| &row.subspace_overlap)),
            displacement_by_rank: symmetric(rows.clone().map(|row| &row.displacement_by_rank)),
            displacement_tracked: symmetric(rows.clone().map(|row| &row.displacement_tracked)),
            weight_displacement: symmetric(rows.map(|row| &row.weight_displacement)),
        }
    }
}

/// The symmetric matrix of which `rows` are the lower triangle.
fn symmetric<'a, T: Copy + 'a>(rows: impl Iterator<Item = &'a Vec<T>>) -> Vec<Vec<T>> {
    let triangle: Vec<&Vec<T>> = rows.collect();
    let count = triangle.len();
    let entry = |s: usize, t: usize| triangle[s.max(t)][s.min(t)];
    (0..count).map(|s| (0..count).map(|t| entry(s, t)).collect()).collect()
}

impl Checkpoint {
    /// Whether the Hessian vanishes as far as can be known: no eigenvalue is above its rounding error. The activations or
    /// the outputs are saturated then, or all units are dead.
    pub fn hessian_vanishes(&self) -> bool {
        self.spectral_norm <= self.determination.floor
    }
}

/// A sentence about the steps from which on the Hessian vanishes at every one of `checkpoints`, if it does at the last.
pub fn saturation(checkpoints: &[impl Borrow<Checkpoint>]) -> Option<String> {
    let all = checkpoints.iter().map(Borrow::<Checkpoint>::borrow);
    let (first, last) = (all.clone().next()?, all.clone().next_back()?);
    let since = all.rev().take_while(|checkpoint| checkpoint.hessian_vanishes()).last()?;
    Some(format!(
        "from step {} on the Hessian vanishes up to rounding, and no direction is determined: the network is saturated or \
         dead (training loss {:.3e} at step {}, {:.3e} at the start)",
        since.step, last.loss, last.step, first.loss
    ))
}
