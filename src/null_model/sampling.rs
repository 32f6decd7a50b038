//! All samples of a null model, one after the other, and then their bands.

use super::bands::{NullBands, bands};
use super::sampler::{NullSample, NullSampler};
use super::{NullKind, NullModel};
use crate::error::Result;

/// A null model under way, resumable between any two samples.
pub struct NullSampling {
    kind: NullKind,
    wanted: usize,
    sampler: NullSampler,
    samples: Vec<NullSample>,
}

impl NullSampling {
    /// Before the first of the samples of `model`; `sampler` draws them.
    ///
    /// # Errors
    /// As [`NullModel::validate`].
    pub fn new(model: NullModel, sampler: NullSampler) -> Result<Self> {
        model.validate()?;
        Ok(NullSampling { kind: model.kind, wanted: model.samples, sampler, samples: Vec::new() })
    }

    /// How many samples have been drawn.
    pub fn drawn(&self) -> usize {
        self.samples.len()
    }

    /// M, how many samples there are to be.
    pub fn wanted(&self) -> usize {
        self.wanted
    }

    /// Draws the next sample, if there is one to draw.
    ///
    /// # Errors
    /// As [`NullSampler::sample`].
    pub fn advance(&mut self) -> Result<()> {
        if self.drawn() < self.wanted {
            self.samples.push(self.sampler.sample(self.drawn())?);
        }
        Ok(())
    }

    /// The bands over all samples, once they have been drawn.
    ///
    /// # Errors
    /// As [`bands`].
    pub fn bands(&self) -> Result<Option<NullBands>> {
        (self.drawn() == self.wanted).then(|| bands(self.kind, &self.samples)).transpose()
    }

    /// Draws the samples that are left, and gives the bands over all.
    ///
    /// # Errors
    /// As [`NullSampler::sample`] and [`bands`].
    pub fn finish(mut self) -> Result<NullBands> {
        while self.drawn() < self.wanted {
            self.advance()?;
        }
        bands(self.kind, &self.samples)
    }
}
