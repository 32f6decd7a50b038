//! What an experiment finds: one record per checkpoint, and all of them together.

use serde::{Deserialize, Serialize};

use super::Experiment;
use crate::displacement::TwoTimeRow;
use crate::mlp::ParameterGroup;
use crate::null_model::NullBands;
use crate::spectrum::Certificates;

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
    /// λ_1 ≥ … ≥ λ_P of the Hessian.
    pub eigenvalues_descending: Vec<f64>,
    /// The eigenvalues that belong to `leading_eigenvectors`, in their order.
    pub leading_eigenvalues: Vec<f64>,
    /// tr H.
    pub trace: f64,
    /// IPR of each leading eigenvector.
    pub leading_ipr: Vec<f64>,
    /// exp of the participation entropy −Σ_a v_a² ln v_a² of each leading eigenvector v: another number of parameters that
    /// carry it.
    pub leading_participation_entropy: Vec<f64>,
    /// Mass of each leading eigenvector in each group of parameters (k rows).
    pub group_mass: Vec<Vec<f64>>,
    /// ‖V_kᵀ g‖²/‖g‖² of the full gradient; `None` when it vanishes.
    pub gradient_share: Option<f64>,
    /// ‖V_kᵀ Δθ‖²/‖Δθ‖² of the last step; `None` before the first.
    pub update_share: Option<f64>,
    /// λ_1, or the largest eigenvalue of the preconditioned Hessian where the optimizer has a preconditioner.
    pub sharpness: f64,
    /// What `sharpness` must stay below for stability, where theory gives one.
    pub stability_threshold: Option<f64>,
    /// Eigenvalues of D^{−1/2} H D^{−1/2}, descending, for optimizers with a preconditioner D.
    pub preconditioned_eigenvalues_descending: Option<Vec<f64>>,
    /// Spectrum of each layer's diagonal block; empty unless asked for.
    pub layer_spectra: Vec<LayerSpectrum>,
    /// This checkpoint against all before it.
    pub two_time: TwoTimeRow,
    /// How exact the spectrum is.
    pub certificates: Certificates,
    /// The leading eigenvectors (k rows of P), each with its largest entry positive.
    pub leading_eigenvectors: Vec<Vec<f64>>,
    /// θ.
    pub parameters: Vec<f64>,
}

/// Spectrum of the diagonal block H_ll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LayerSpectrum {
    /// All eigenvalues, descending.
    pub eigenvalues_descending: Vec<f64>,
    /// IPR of the block's leading eigenvectors, within the layer.
    pub leading_ipr: Vec<f64>,
}

/// All pairs of checkpoints (rows and columns in order of time).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TwoTime {
    /// Q_k.
    pub subspace_overlap: Vec<Vec<f64>>,
    /// D, paired by rank.
    pub displacement_by_rank: Vec<Vec<f64>>,
    /// D, tracked.
    pub displacement_tracked: Vec<Vec<f64>>,
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
    /// All checkpoints, in order of time.
    pub checkpoints: Vec<Checkpoint>,
    /// All pairs of checkpoints.
    #[serde(flatten)]
    pub two_time: TwoTime,
    /// Bands of the null model, for the last checkpoint where it refers to one.
    pub null_model: Option<NullBands>,
}

impl TwoTime {
    /// Symmetric matrices from the rows of all checkpoints.
    pub fn from_rows<'a>(rows: impl Iterator<Item = &'a TwoTimeRow> + Clone) -> Self {
        let full = |part: fn(&TwoTimeRow) -> &[f64]| {
            let triangle: Vec<&[f64]> = rows.clone().map(part).collect();
            let count = triangle.len();
            let entry = |s: usize, t: usize| triangle[s.max(t)][s.min(t)];
            (0..count).map(|s| (0..count).map(|t| entry(s, t)).collect()).collect()
        };
        TwoTime {
            subspace_overlap: full(|row| &row.subspace_overlap),
            displacement_by_rank: full(|row| &row.displacement_by_rank),
            displacement_tracked: full(|row| &row.displacement_tracked),
            weight_displacement: full(|row| &row.weight_displacement),
        }
    }
}
