//! A run that is reduced to its summary while it goes on.

use crate::claims::{RunSummary, Summarizer};
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Run};
use crate::null_model::NullSampling;

/// An experiment under way of which only the summary is wanted, resumable between any two steps, checkpoints and samples
/// of its null model.
pub struct SummarizedRun {
    run: Run,
    summarizer: Summarizer,
    /// θ at the last checkpoint.
    parameters: Vec<f64>,
    diverged: Option<String>,
    null: Option<Result<NullSampling>>,
}

impl SummarizedRun {
    /// Loads the data and draws the start.
    ///
    /// # Errors
    /// As [`Run::new`].
    pub fn new(experiment: Experiment) -> Result<Self> {
        let run = Run::brief_only(experiment)?;
        Ok(SummarizedRun { run, summarizer: Summarizer::default(), parameters: Vec::new(), diverged: None, null: None })
    }

    /// What is being run.
    pub fn experiment(&self) -> &Experiment {
        self.run.experiment()
    }

    /// Optimizer steps taken.
    pub fn steps(&self) -> usize {
        self.run.training().steps()
    }

    /// Goes on by one checkpoint, one sample of the null model, or at most `steps` steps of training; gives false when
    /// nothing was left to do.
    ///
    /// # Errors
    /// What [`Run::advance`] and [`Run::brief_checkpoint`] report, but for divergence, which ends the run and is part of
    /// the summary.
    pub fn advance(&mut self, steps: usize) -> Result<bool> {
        if !self.run.is_finished() && self.diverged.is_none() {
            let advanced = match self.run.is_checkpoint_due() {
                true => self.run.brief_checkpoint().map(Some),
                false => self.run.advance(steps).map(|_| None),
            };
            match advanced {
                Ok(None) => {}
                Ok(Some(checkpoint)) => {
                    self.parameters = self.run.training().parameters().to_vec();
                    self.summarizer.push(self.parameters.len(), checkpoint);
                }
                Err(error @ Error::Diverged { .. }) => self.diverged = Some(error.to_string()),
                Err(error) => return Err(error),
            }
            return Ok(true);
        }
        let Some(model) = self.experiment().null_model.filter(|_| self.summarizer.checkpoints() > 0) else {
            return Ok(false);
        };
        if self.null.is_none() {
            self.null = Some(self.run.experiment().brief_null_sampling(model, &self.parameters));
            return Ok(true);
        }
        let Some(Ok(sampling)) = &mut self.null else { return Ok(false) };
        if sampling.drawn() == sampling.wanted() {
            return Ok(false);
        }
        if let Err(error) = sampling.advance() {
            self.null = Some(Err(error));
        }
        Ok(true)
    }

    /// The summary of what has been found.
    pub fn summary(&self) -> RunSummary {
        let mut summary = self.summarizer.summary();
        summary.diverged = self.diverged.clone();
        match self.null.as_ref().map(|null| null.as_ref().map(NullSampling::bands)) {
            Some(Ok(Ok(Some(bands)))) => summary.null_mean_ipr = bands.mean_ipr.map(|band| band.mean).into(),
            Some(Ok(Err(error))) => summary.null_model_failed = Some(error.to_string()),
            Some(Err(error)) => summary.null_model_failed = Some(error.to_string()),
            Some(Ok(Ok(None))) | None => {}
        }
        summary
    }
}
