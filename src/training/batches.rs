//! Which training samples each step sees.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::random::{Random, Stream};

/// How many samples each step sees: a number, or `"full"` for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "must be a whole number of samples from 1, or \"full\"")]
pub enum BatchSize {
    /// That many samples, drawn without replacement epoch by epoch; all of them when the data set is smaller.
    Samples(#[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1)))] usize),
    /// All samples in their own order.
    Full(Full),
}

/// The word `"full"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "lowercase")]
pub enum Full {
    /// The word `"full"`.
    Full,
}

/// The samples of step after step: an order of all of them for each epoch, cut into batches.
#[derive(Debug, Clone)]
pub struct Batches {
    seed: u64,
    samples: usize,
    order: Vec<usize>,
    position: usize,
    epoch: u64,
}

impl Batches {
    /// Batches of `of` samples in all, shuffled under `seed`.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `batch_size` where it is 0.
    pub fn new(size: BatchSize, of: usize, seed: u64) -> Result<Self> {
        let samples = match size {
            BatchSize::Samples(0) => {
                return Err(Error::invalid("batch_size", "is 0; allowed are 1 and more, or \"full\""));
            }
            BatchSize::Samples(n) => n.min(of),
            BatchSize::Full(_) => of,
        };
        let mut batches = Batches { seed, samples, order: (0..of).collect(), position: 0, epoch: 0 };
        if !batches.are_full() {
            batches.shuffle();
        }
        Ok(batches)
    }

    /// Samples of each batch.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Whether each batch has all samples, in their own order.
    pub fn are_full(&self) -> bool {
        self.samples == self.order.len()
    }

    /// The indices of the next batch. Samples that do not fill a whole batch at the end of an epoch are left out of it, so
    /// that every step sees the same number.
    pub fn next_batch(&mut self) -> &[usize] {
        if self.are_full() {
            return &self.order;
        }
        if self.position + self.samples > self.order.len() {
            self.epoch += 1;
            self.shuffle();
        }
        self.position += self.samples;
        &self.order[self.position - self.samples..self.position]
    }

    fn shuffle(&mut self) {
        self.order = Random::new(self.seed, Stream::Batches, self.epoch).permutation(self.order.len());
        self.position = 0;
    }
}
