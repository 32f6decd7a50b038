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

mod sampler;
mod bands;
mod sampling;

pub use bands::{Band, NullBands, bands};
pub use sampler::{NullSample, NullSampler};
pub use sampling::NullSampling;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Which null model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
