//! What the workers have found so far, run by run, as the page keeps it.

use super::message::{Event, Started};
use crate::experiment::{Checkpoint, Experiment};
use crate::null_model::NullBands;
use crate::sorting::ascending;

/// Where a run stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Asked for, not yet begun.
    Waiting,
    /// Computing.
    Running,
    /// Paused by the visitor.
    Paused,
    /// All checkpoints taken.
    Finished,
    /// Ended early, with a sentence.
    Failed {
        /// Why.
        sentence: String,
        /// Whether training diverged.
        diverged: bool,
    },
}

/// A change of the learning rate or schedule while a run went on.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Steps taken before it.
    pub step: usize,
    /// What changed, in a few words.
    pub words: String,
}

/// One run.
#[derive(Debug, Clone)]
pub struct RunResults {
    /// What is run.
    pub experiment: Experiment,
    /// Number of the task in its worker.
    pub generation: u32,
    /// What was known before the first step.
    pub started: Option<Started>,
    /// Checkpoints in order of time.
    pub checkpoints: Vec<Checkpoint>,
    /// Milliseconds that each checkpoint took.
    pub milliseconds: Vec<f64>,
    /// Steps taken.
    pub step: usize,
    /// Where it stands.
    pub phase: Phase,
    /// Changes while it went on.
    pub changes: Vec<Change>,
    /// Bands of the null model that refers to this run.
    pub null: Option<NullBands>,
}

impl RunResults {
    /// A run that has been asked for.
    pub fn new(experiment: Experiment) -> Self {
        RunResults {
            experiment,
            generation: 0,
            started: None,
            checkpoints: Vec::new(),
            milliseconds: Vec::new(),
            step: 0,
            phase: Phase::Waiting,
            changes: Vec::new(),
            null: None,
        }
    }

    /// Takes in an event; whether pictures have changed.
    pub fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Started(started) => {
                self.started = Some(started);
                if self.phase == Phase::Waiting {
                    self.phase = Phase::Running;
                }
                return true;
            }
            Event::Progress { step } => self.step = step,
            Event::Checkpoint { checkpoint, milliseconds, .. } => {
                self.step = checkpoint.step;
                self.checkpoints.push(*checkpoint);
                self.milliseconds.push(milliseconds);
                return true;
            }
            Event::Paused { step } => (self.step, self.phase) = (step, Phase::Paused),
            Event::Resumed { step } => (self.step, self.phase) = (step, Phase::Running),
            Event::Changed { step, learning_rate, schedule } => {
                let words = match schedule.name() {
                    "constant" => format!("η = {learning_rate}"),
                    name => format!("η = {learning_rate}, {name}"),
                };
                // Dragging a slider changes it many times at one step.
                self.changes.retain(|change| change.step != step);
                self.changes.push(Change { step, words });
                return true;
            }
            Event::Finished { step } => (self.step, self.phase) = (step, Phase::Finished),
            Event::Failed { sentence, diverged } => self.phase = Phase::Failed { sentence, diverged },
            Event::Panicked { sentence } => self.phase = Phase::Failed { sentence, diverged: false },
            Event::Refused { .. }
            | Event::Stopped
            | Event::NullProgress { .. }
            | Event::NullFinished(_)
            | Event::Sketches(_) => {}
        }
        false
    }

    /// Whether it still computes or can go on.
    pub fn is_under_way(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Running | Phase::Paused)
    }

    /// Whether its first checkpoint is being computed.
    pub fn is_first_awaited(&self) -> bool {
        self.generation != 0 && self.checkpoints.is_empty() && matches!(self.phase, Phase::Waiting | Phase::Running)
    }

    /// The checkpoint at an index of the common times, or the last one if the run ended before.
    pub fn at(&self, index: usize) -> Option<&Checkpoint> {
        self.checkpoints.get(index.min(self.checkpoints.len().checked_sub(1)?))
    }

    /// P, once known.
    pub fn parameter_count(&self) -> Option<usize> {
        self.started.as_ref().map(|started| started.parameter_count)
    }

    /// The median milliseconds of a checkpoint.
    pub fn typical_milliseconds(&self) -> Option<f64> {
        let order = ascending(&self.milliseconds);
        order.get(order.len() / 2).map(|&middle| self.milliseconds[middle])
    }
}
