//! What the workers have found so far, run by run, as the page keeps it.
//!
//! All checkpoints are kept with their eigenvectors and parameters, so that a cursor in the past needs no worker.
//! [`RunResults`] changes at checkpoints only, [`Progress`] several times per second: they are apart so that progress
//! redraws no picture. Experiments and checkpoints are shared and never changed, so that a clone of results, such as one
//! that is being [saved](super::export), costs little.

use super::message::{Event, Started};
use super::units::{self, UnitRows};
use crate::curvature::Route;
use crate::experiment::{Checkpoint, Experiment};
use crate::optimizer::{Schedule, SettingsChange};
use crate::sorting::ascending;
use crate::state::Values;
use std::rc::Rc;

/// How far a run is.
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

impl Phase {
    /// Whether the run computes or can go on.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Phase::Waiting | Phase::Running | Phase::Paused)
    }
}

/// Where a run is between two checkpoints.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Steps taken.
    pub step: usize,
    /// How far it is.
    pub phase: Phase,
}

/// What holds after a change of the learning rate or schedule on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Steps taken before it.
    pub step: usize,
    /// η before the schedule, from then on.
    pub learning_rate: f64,
    /// The schedule from then on.
    pub schedule: Schedule,
}

impl Change {
    /// η before the schedule, and the schedule.
    pub fn settings(&self) -> (f64, Schedule) {
        (self.learning_rate, self.schedule)
    }

    /// What it is now, in a few words.
    pub fn describe(&self) -> String {
        match self.schedule.name() {
            "constant" => format!("η = {}", self.learning_rate),
            name => format!("η = {}, {name}", self.learning_rate),
        }
    }
}

/// What one run has found.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResults {
    /// The visitor's choices that the experiment was made from.
    pub values: Values,
    /// What is run, with all changes on the way so far.
    pub experiment: Rc<Experiment>,
    /// Number of its task; no task has number 0, which stands for a run that could not begin.
    pub generation: u32,
    /// What was known before the first step.
    pub started: Option<Started>,
    /// Checkpoints in order of time.
    pub checkpoints: Vec<Rc<Checkpoint>>,
    /// Of each checkpoint its leading eigenvectors by unit, where there are too many parameters for a row of each.
    pub units: Vec<Rc<Vec<UnitRows>>>,
    /// Milliseconds that each checkpoint took.
    pub milliseconds: Vec<f64>,
    /// Milliseconds of training in all.
    pub training_milliseconds: f64,
}

impl RunResults {
    /// A run that has been asked for.
    pub fn new(values: Values, experiment: Experiment, generation: u32) -> Self {
        RunResults {
            values,
            experiment: Rc::new(experiment),
            generation,
            started: None,
            checkpoints: Vec::new(),
            units: Vec::new(),
            milliseconds: Vec::new(),
            training_milliseconds: 0.0,
        }
    }

    /// Takes in what belongs to the results; events about progress alone change nothing here.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Started(started) => self.started = Some(started),
            Event::Checkpoint { checkpoint, milliseconds, training_milliseconds } => {
                self.training_milliseconds += training_milliseconds;
                let layers = self.started.as_ref().map_or(&[][..], |started| &started.layers);
                self.units.push(units::of_checkpoint(layers, &checkpoint.leading_eigenvectors).into());
                self.checkpoints.push(checkpoint.into());
                self.milliseconds.push(milliseconds);
            }
            Event::Changed { step, learning_rate, schedule } => {
                // Dragging a slider changes it many times at one step. A change by hand takes the place of those planned.
                Rc::make_mut(&mut self.experiment).changes.retain(|change| change.step < step);
                let before = self.changes().last().map_or_else(|| self.begins(), |last| last.settings());
                let change = SettingsChange::between(step, before, (learning_rate, schedule));
                Rc::make_mut(&mut self.experiment).changes.extend(change);
            }
            _ => {}
        }
    }

    /// η before the schedule, and the schedule, of the first step.
    fn begins(&self) -> (f64, Schedule) {
        let settings = &self.experiment.optimizer;
        (settings.learning_rate, settings.schedule)
    }

    /// The changes on the way so far and those that are planned, each with what holds from then on.
    pub fn changes(&self) -> Vec<Change> {
        let mut now = self.begins();
        let next = |change: &SettingsChange| {
            now = change.apply(now);
            Change { step: change.step, learning_rate: now.0, schedule: now.1 }
        };
        self.experiment.changes.iter().map(next).collect()
    }

    /// η of the step after `step` steps, with the schedule and all changes on the way.
    pub fn learning_rate_at(&self, step: usize) -> f64 {
        let past = self.experiment.changes.iter().take_while(|change| change.step <= step);
        let (rate, schedule) = past.fold(self.begins(), |before, change| change.apply(before));
        rate * schedule.factor(step as u64)
    }

    /// Whether η depends on the step by a schedule.
    pub fn is_scheduled(&self) -> bool {
        let of_changes = self.experiment.changes.iter().filter_map(|change| change.schedule);
        of_changes.chain([self.experiment.optimizer.schedule]).any(|schedule| schedule != Schedule::default())
    }

    /// P, once known.
    pub fn parameter_count(&self) -> Option<usize> {
        self.started.as_ref().map(|started| started.parameter_count)
    }

    /// Whether the leading eigenvalues are known and no others.
    pub fn leads_alone(&self) -> bool {
        self.checkpoints.last().is_some_and(|checkpoint| checkpoint.spectrum == Route::Leading)
    }

    /// The median milliseconds of a checkpoint.
    pub fn typical_milliseconds(&self) -> Option<f64> {
        let order = ascending(&self.milliseconds);
        order.get(order.len() / 2).map(|&middle| self.milliseconds[middle])
    }
}

impl Progress {
    /// Takes in what an event reports about progress.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Started(_) if self.phase == Phase::Waiting => self.phase = Phase::Running,
            Event::Progress { step } => self.step = *step,
            Event::Checkpoint { checkpoint, .. } => self.step = checkpoint.step,
            Event::Paused { step } => (self.step, self.phase) = (*step, Phase::Paused),
            Event::Resumed { step } => (self.step, self.phase) = (*step, Phase::Running),
            Event::Finished { step } => (self.step, self.phase) = (*step, Phase::Finished),
            Event::Failed { sentence, diverged } => {
                self.phase = Phase::Failed { sentence: sentence.clone(), diverged: *diverged };
            }
            Event::Panicked { sentence } => {
                self.phase = Phase::Failed { sentence: sentence.clone(), diverged: false };
            }
            _ => {}
        }
    }
}
