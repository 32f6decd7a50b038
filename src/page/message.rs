//! The messages between the page and its workers.
//!
//! The first message to a worker is the program that it is to run, for `www/worker_loader.js`. That program posts
//! [`Ready`](FromWorker::Ready) once; what is posted to the worker in between is lost. Each [`Task`] then has a number,
//! and every [`Event`] carries that of the task it belongs to, so that late events of an earlier task are told apart.

use serde::{Deserialize, Serialize};

use super::exploration::Packed;
use super::reading::Reading;
use crate::claims::RunSummary;
use crate::dataset::{DataSource, Origin, Sketch, Table, embedded};
use crate::experiment::{ChanceLevels, Checkpoint, Experiment, Run};
use crate::mlp::ParameterGroup;
use crate::null_model::{NullBands, NullModel};
use crate::optimizer::Schedule;
use crate::script::{Expected, Form};
use crate::state::OwnFile;

/// From the page to a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Begin `task`, dropping the one under way.
    Start {
        /// The number that its events carry.
        generation: u32,
        /// What to do.
        task: Box<Task>,
        /// The packed tables that it [needs](Task::tables).
        tables: Vec<PackedTable>,
    },
    /// To the task under way.
    Command(Command),
}

/// A packed table by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackedTable {
    /// The name, as [`Name::table`](crate::dataset::Name::table) gives it; the hash of own rows, or a file's name.
    pub name: String,
    /// The bytes of its file.
    pub bytes: Table,
}

/// What a worker is asked to do from beginning to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Run an experiment; its `null_model` is left to a task of its own, so that the two can go on at the same time.
    Run {
        /// The experiment.
        experiment: Experiment,
        /// Most optimizer steps per second; `None` for as many as there can be.
        speed: Option<f64>,
        /// Whether it begins paused, before its first checkpoint.
        paused: bool,
    },
    /// Sample a null model of an experiment.
    Null {
        /// The experiment.
        experiment: Experiment,
        /// The null model.
        model: NullModel,
        /// θ of the checkpoint that it refers to; empty for `random_weights`, which refers to none.
        parameters: Vec<f64>,
    },
    /// Run an experiment, its null model included, and reduce it to its summary.
    Summarize {
        /// The experiment.
        experiment: Box<Experiment>,
    },
    /// Load the data of an experiment and answer [requests](Command::Explore), until it is stopped.
    Explore {
        /// The experiment.
        experiment: Box<Experiment>,
    },
    /// Sketch all named data sets.
    Sketches,
    /// Read files of the visitor's own, whose bytes are posted beside the task, as tables under their names.
    Read {
        /// The files.
        files: Vec<OwnFile>,
        /// The label column of a table; the last where it is empty.
        label: String,
    },
    /// Write a program that repeats a run.
    Write(Box<Writing>),
}

/// What a program that repeats a run is written from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Writing {
    /// The run's experiment.
    pub experiment: Experiment,
    /// What it has found.
    pub checkpoints: Vec<Expected>,
    /// The link that repeats it, but for a visitor's own files.
    pub link: String,
    /// The program without a record.
    pub template: String,
    /// What is made of it.
    pub form: Form,
}

impl Task {
    /// The names of the packed tables of named sets that the task needs.
    pub fn tables(&self) -> Vec<&'static str> {
        match (self, self.data().map(|data| &data.origin)) {
            (Task::Sketches, _) => embedded::names(),
            (_, Some(Origin::Named(named))) => named.name.table().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The hash of the visitor's own rows that the task needs.
    pub fn own_rows(&self) -> Option<&str> {
        match self.data().map(|data| &data.origin) {
            Some(Origin::Own { own, .. }) => Some(&own.hash),
            _ => None,
        }
    }

    /// The data of the experiment that the task is about.
    fn data(&self) -> Option<&DataSource> {
        match self {
            Task::Run { experiment, .. } | Task::Null { experiment, .. } => Some(&experiment.data),
            Task::Summarize { experiment } | Task::Explore { experiment } => Some(&experiment.data),
            Task::Write(writing) => Some(&writing.experiment.data),
            Task::Sketches | Task::Read { .. } => None,
        }
    }

    /// The same, to put rows into it.
    pub fn data_mut(&mut self) -> Option<&mut DataSource> {
        match self {
            Task::Run { experiment, .. } | Task::Null { experiment, .. } => Some(&mut experiment.data),
            Task::Summarize { experiment } | Task::Explore { experiment } => Some(&mut experiment.data),
            Task::Write(writing) => Some(&mut writing.experiment.data),
            Task::Sketches | Task::Read { .. } => None,
        }
    }
}

/// A change to the task under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Stop computing until [`Resume`](Command::Resume) or [`Step`](Command::Step); answered by [`Event::Paused`].
    Pause,
    /// Go on; answered by [`Event::Resumed`].
    Resume,
    /// Go on to the next checkpoint and pause there.
    Step,
    /// Change η from the next step on; answered by [`Event::Changed`].
    SetLearningRate(f64),
    /// Change the schedule from the next step on; answered by [`Event::Changed`].
    SetSchedule(Schedule),
    /// Change the most optimizer steps per second; `None` for as many as there can be.
    SetSpeed(Option<f64>),
    /// Find out something about one θ, a [`Request`](super::exploration::Request); answered by [`Event::Explored`].
    Explore(Packed),
    /// Drop the task; answered by [`Event::Stopped`].
    Stop,
}

/// From a worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker receives messages from now on.
    Ready,
    /// Something about a task.
    Event {
        /// The task's number.
        generation: u32,
        /// What happened.
        event: Event,
    },
}

/// What happens during a task. [`Finished`](Event::Finished), [`NullFinished`](Event::NullFinished), [`Summarized`](Event::Summarized),
/// [`Sketches`](Event::Sketches), [`Read`](Event::Read), [`Written`](Event::Written), [`Stopped`](Event::Stopped), [`Failed`](Event::Failed) and [`Panicked`](Event::Panicked) end it; nothing follows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The experiment is sound and its data are loaded; the first event of a run but for [`Progress`](Event::Progress) while a
    /// visitor's own rows are read.
    Started(Started),
    /// Optimizer steps taken so far; a few times per second where nothing else is posted.
    Progress {
        /// Steps.
        step: usize,
    },
    /// A checkpoint was taken.
    Checkpoint {
        /// What was found.
        checkpoint: Box<Checkpoint>,
        /// Milliseconds that it took, without the training.
        milliseconds: f64,
        /// Milliseconds of training since the checkpoint before, without pauses.
        training_milliseconds: f64,
    },
    /// The run is paused.
    Paused {
        /// Steps taken.
        step: usize,
    },
    /// The run goes on.
    Resumed {
        /// Steps taken.
        step: usize,
    },
    /// The learning rate or the schedule was changed.
    Changed {
        /// Steps taken before the change.
        step: usize,
        /// η before the schedule, as it is now.
        learning_rate: f64,
        /// The schedule as it is now.
        schedule: Schedule,
    },
    /// A command could not be followed; the run goes on as it was.
    Refused {
        /// Why, as a sentence.
        sentence: String,
    },
    /// All checkpoints were taken.
    Finished {
        /// Steps taken.
        step: usize,
    },
    /// Null samples drawn so far; always the first event of a null model.
    NullProgress {
        /// How many.
        drawn: usize,
        /// Of how many.
        of: usize,
    },
    /// All null samples were drawn.
    NullFinished(Box<NullBands>),
    /// The summary of a run, whether it diverged or not.
    Summarized {
        /// What was found.
        summary: Box<RunSummary>,
        /// Milliseconds that it took.
        milliseconds: f64,
    },
    /// The sketches of all named data sets; the only event of that task.
    Sketches(Vec<Sketch>),
    /// What came of files of the visitor's own.
    Read(Reading),
    /// The text of the program that was to be written.
    Written(String),
    /// The first event of an exploration, and the answer to each request: an [`Answer`](super::exploration::Answer).
    Explored(Packed),
    /// The task was dropped on request.
    Stopped,
    /// The task ended early; the checkpoints so far stand.
    Failed {
        /// Why, as a sentence.
        sentence: String,
        /// Whether training diverged; else something in the experiment is not allowed, or there can be no worker.
        diverged: bool,
    },
    /// The worker is lost, by an error in the program or because something ended it; the pool has replaced it.
    Panicked {
        /// The panic's text.
        sentence: String,
    },
}

impl Event {
    /// Whether this is the last event of its task.
    pub fn is_last(&self) -> bool {
        match self {
            Event::Finished { .. }
            | Event::NullFinished(_)
            | Event::Summarized { .. }
            | Event::Sketches(_)
            | Event::Read(_)
            | Event::Written(_)
            | Event::Stopped
            | Event::Failed { .. }
            | Event::Panicked { .. } => true,
            Event::Started(_)
            | Event::Progress { .. }
            | Event::Checkpoint { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Changed { .. }
            | Event::Refused { .. }
            | Event::Explored(_)
            | Event::NullProgress { .. } => false,
        }
    }
}

/// What is known of a run before its first step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// n_0, …, n_L.
    pub layers: Vec<usize>,
    /// P.
    pub parameter_count: usize,
    /// Which entries of θ are which weights and biases.
    pub groups: Vec<ParameterGroup>,
    /// Chance levels.
    pub chance: ChanceLevels,
    /// Steps of all checkpoints to come.
    pub checkpoint_steps: Vec<usize>,
    /// How many samples are trained on.
    pub training_samples: usize,
    /// Name of each class.
    pub class_names: Vec<String>,
    /// Name of each feature.
    pub feature_names: Vec<String>,
}

impl Started {
    /// Of a run that has begun.
    pub fn new(run: &Run) -> Self {
        let (architecture, data) = (run.architecture(), run.training().data());
        Started {
            layers: architecture.layers().to_vec(),
            parameter_count: architecture.parameter_count(),
            groups: run.groups().to_vec(),
            chance: run.chance(),
            checkpoint_steps: run.checkpoint_steps().to_vec(),
            training_samples: data.len(),
            class_names: data.class_names.clone(),
            feature_names: data.feature_names.clone(),
        }
    }
}

/// What a worker throws when there is no more memory, in the words that the page shows.
pub const OUT_OF_MEMORY: &str = "the memory that the browser gives a worker is used up";
