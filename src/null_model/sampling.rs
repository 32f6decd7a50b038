//! All samples of a null model, one after the other, and then their bands.

use super::bands::{NullBands, bands};
use super::sampler::{NullSample, NullSampler};
use super::{NullKind, NullModel};
use crate::error::Result;
use crate::threads;

/// A null model under way, resumable between any two samples.
pub struct NullSampling {
    kind: NullKind,
    wanted: usize,
    sampler: NullSampler,
    /// For further threads, as far as they were needed.
    others: Vec<NullSampler>,
    samples: Vec<NullSample>,
}

impl NullSampling {
    /// Before the first of the samples of `model`; `sampler` draws them.
    ///
    /// # Errors
    /// As [`NullModel::validate`].
    pub fn new(model: NullModel, sampler: NullSampler) -> Result<Self> {
        model.validate()?;
        Ok(NullSampling { kind: model.kind, wanted: model.samples, sampler, others: Vec::new(), samples: Vec::new() })
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

    /// Draws the next samples that are left, one on each thread that the caller has.
    ///
    /// # Errors
    /// As [`NullSampler::sample`], for the first of them that cannot be drawn.
    pub fn advance_on_all_threads(&mut self) -> Result<()> {
        if threads::count() == 1 {
            return self.advance();
        }
        let (first, count) = (self.drawn(), threads::count().min(self.wanted - self.drawn()));
        self.others.resize_with(self.others.len().max(count.saturating_sub(1)), || self.sampler.clone());
        let samplers: Vec<_> = std::iter::once(&mut self.sampler).chain(&mut self.others).take(count).collect();
        for sample in threads::map(samplers, |i, sampler| sampler.sample(first + i)) {
            self.samples.push(sample?);
        }
        Ok(())
    }

    /// The bands over all samples, once they have been drawn.
    ///
    /// # Errors
    /// As [`bands`].
    pub fn bands(&self) -> Result<Option<NullBands>> {
        (self.drawn() == self.wanted).then(|| bands(self.kind, self.sampler.route(), &self.samples)).transpose()
    }

    /// Draws the samples that are left, and gives the bands over all.
    ///
    /// # Errors
    /// As [`NullSampler::sample`] and [`bands`].
    pub fn finish(mut self) -> Result<NullBands> {
        while self.drawn() < self.wanted {
            self.advance_on_all_threads()?;
        }
        bands(self.kind, self.sampler.route(), &self.samples)
    }
}
