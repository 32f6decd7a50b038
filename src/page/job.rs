//! A task as slices of work, short enough that messages are handled between them.
//!
//! A worker receives nothing during a call into WebAssembly, so that pause and stop would wait for the end of the run. So
//! a [`Job`] returns after each slice, with when the [`Next`] one is due. Clock and messages come from a [`Host`], which
//! lets tests run jobs without a browser.

mod explore;

use super::message::{Command, Event, PackedTable, Started, Task, Writing};
use super::reading;
use crate::dataset::{Name, Sketch, Table};
use crate::ensemble::SummarizedRun;
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Run};
use crate::null_model::{NullModel, NullSampling};
use crate::script::{self, Record};
pub use explore::ExploreJob;

/// Milliseconds after which a slice of training ends. A checkpoint, or one null sample, is one slice however long.
pub const SLICE: f64 = 10.0;
/// The same of a run of which only the summary is wanted, which can be stopped but takes no other commands.
const SUMMARIZED_SLICE: f64 = 50.0;
/// Milliseconds between two [`Event::Progress`], which also show the page that the worker lives.
pub const PROGRESS: f64 = 100.0;

/// When the next slice is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// As soon as waiting messages are handled.
    Now,
    /// After so many milliseconds.
    After(f64),
    /// When a command asks for it.
    Idle,
    /// Never: the task has ended.
    Over,
}

/// What a job needs of its surroundings.
pub struct Host<'a> {
    /// The time in milliseconds.
    pub clock: &'a dyn Fn() -> f64,
    /// Posts an event to the page.
    pub emit: &'a dyn Fn(Event),
}

/// A task under way.
pub enum Job {
    /// Of training and checkpoints.
    Run(Box<RunJob>),
    /// Of null samples.
    Null(Box<NullJob>),
    /// Of a run of which only the summary is wanted.
    Summarize(Box<SummarizeJob>),
    /// Of answers about single θ.
    Explore(Box<ExploreJob>),
    /// Of sketches of data sets.
    Sketches {
        /// Those that are done.
        done: Vec<Sketch>,
        /// The packed tables of the sets that have one.
        tables: Vec<PackedTable>,
    },
    /// Of files of the visitor's own.
    Read {
        /// The files, by their names.
        files: Vec<PackedTable>,
        /// The label column of a table; the last where it is empty.
        label: String,
    },
    /// Of a program that repeats a run.
    Write(Box<Writing>),
}

impl Job {
    /// Begins `task`, with the packed tables that it needs and the program does not carry.
    ///
    /// # Errors
    /// Naming what in the experiment is not allowed, or the table that is missing or damaged.
    pub fn start(mut task: Task, tables: Vec<PackedTable>, host: &Host) -> Result<Self> {
        if let Some(data) = task.data_mut() {
            data.table = find(&tables, data.table_name());
        }
        match task {
            Task::Summarize { experiment } => Ok(Job::Summarize(Box::new(SummarizeJob::start(*experiment, host)?))),
            Task::Run { experiment, speed, paused } => {
                Ok(Job::Run(Box::new(RunJob::start(experiment, speed, paused, host)?)))
            }
            Task::Null { experiment, model, parameters } => {
                Ok(Job::Null(Box::new(NullJob::start(&experiment, model, &parameters, host)?)))
            }
            Task::Explore { experiment } => Ok(Job::Explore(Box::new(ExploreJob::start(&experiment, host)?))),
            Task::Sketches => Ok(Job::Sketches { done: Vec::new(), tables }),
            Task::Read { label, .. } => Ok(Job::Read { files: tables, label }),
            Task::Write(writing) => Ok(Job::Write(writing)),
        }
    }

    /// Does a slice of work.
    pub fn slice(&mut self, host: &Host) -> Next {
        let next = match self {
            Job::Run(run) => run.slice(host),
            Job::Null(null) => null.slice(host),
            Job::Summarize(run) => run.slice(host),
            Job::Explore(explore) => Ok(explore.slice(host)),
            Job::Sketches { done, tables } => sketch(done, tables, host),
            Job::Read { files, label } => {
                let files: Vec<_> = files.iter().map(|file| (&*file.name, file.bytes.bytes())).collect();
                (host.emit)(Event::Read(reading::read(&files, label)));
                Ok(Next::Over)
            }
            Job::Write(writing) => {
                let Writing { experiment, checkpoints, link, template, form } = &mut **writing;
                let record = Record::new(experiment, std::mem::take(checkpoints));
                let record = record.map(|record| Record { link: Some(std::mem::take(link)), ..record });
                record.and_then(|record| script::text(template, &record, *form)).map(|text| {
                    (host.emit)(Event::Written(text));
                    Next::Over
                })
            }
        };
        next.unwrap_or_else(|error| {
            (host.emit)(failed(&error));
            Next::Over
        })
    }

    /// Follows `command`; [`Command::Stop`] is the caller's.
    pub fn command(&mut self, command: Command, host: &Host) -> Next {
        match self {
            Job::Run(run) => run.command(command, host),
            Job::Null(null) => null.command(&command),
            Job::Explore(explore) => explore.command(command),
            Job::Summarize(_) | Job::Sketches { .. } | Job::Read { .. } | Job::Write { .. } => Next::Now,
        }
    }
}

/// The event that reports `error`.
pub fn failed(error: &Error) -> Event {
    Event::Failed { sentence: error.to_string(), diverged: matches!(error, Error::Diverged { .. }) }
}

/// A run of which only the summary is wanted.
pub struct SummarizeJob {
    run: SummarizedRun,
    begun: f64,
    reported: f64,
}

/// Steps of training between two looks at the clock: about a millisecond in small networks.
const STEPS: usize = 64;

impl SummarizeJob {
    fn start(experiment: Experiment, host: &Host) -> Result<Self> {
        let now = (host.clock)();
        Ok(SummarizeJob { run: SummarizedRun::new(experiment)?, begun: now, reported: now })
    }

    fn slice(&mut self, host: &Host) -> Result<Next> {
        let begin = (host.clock)();
        let mut now = begin;
        while now - begin < SUMMARIZED_SLICE {
            let more = self.run.advance(STEPS)?;
            now = (host.clock)();
            if !more {
                let summary = Box::new(self.run.summary());
                (host.emit)(Event::Summarized { summary, milliseconds: now - self.begun });
                return Ok(Next::Over);
            }
        }
        if now - self.reported >= PROGRESS {
            self.reported = now;
            (host.emit)(Event::Progress { step: self.run.steps() });
        }
        Ok(Next::Now)
    }
}

/// A run of an experiment.
pub struct RunJob {
    run: Run,
    paused: bool,
    /// Whether to pause at the next checkpoint.
    step_only: bool,
    pace: Pace,
    reported: f64,
    training: f64,
}

impl RunJob {
    fn start(experiment: Experiment, speed: Option<f64>, paused: bool, host: &Host) -> Result<Self> {
        check_speed(speed)?;
        let now = (host.clock)();
        let run = Run::new(experiment)?;
        (host.emit)(Event::Started(Started::new(&run)));
        if paused {
            (host.emit)(Event::Paused { step: 0 });
        }
        let pace = Pace { speed, since: now, from: 0 };
        Ok(RunJob { run, paused, step_only: false, pace, reported: now, training: 0.0 })
    }

    fn steps(&self) -> usize {
        self.run.training().steps()
    }

    fn slice(&mut self, host: &Host) -> Result<Next> {
        if self.paused {
            return Ok(Next::Idle);
        }
        if self.run.is_checkpoint_due() {
            return self.checkpoint(host);
        }
        let begin = (host.clock)();
        let mut now = begin;
        let mut next = Next::Now;
        while now - begin < SLICE && !self.run.is_checkpoint_due() {
            let wait = self.pace.wait(self.steps(), now);
            if wait > 0.0 {
                next = Next::After(wait.min(PROGRESS));
                break;
            }
            self.run.advance(1)?;
            now = (host.clock)();
        }
        self.training += now - begin;
        if now - self.reported >= PROGRESS {
            self.reported = now;
            (host.emit)(Event::Progress { step: self.steps() });
        }
        Ok(next)
    }

    fn checkpoint(&mut self, host: &Host) -> Result<Next> {
        let begin = (host.clock)();
        let checkpoint = Box::new(self.run.checkpoint()?);
        let now = (host.clock)();
        let training_milliseconds = std::mem::take(&mut self.training);
        (host.emit)(Event::Checkpoint { checkpoint, milliseconds: now - begin, training_milliseconds });
        self.reported = now;
        self.pace.restart(self.steps(), now);
        let step = self.steps();
        if self.run.is_finished() {
            (host.emit)(Event::Finished { step });
            return Ok(Next::Over);
        }
        if self.step_only {
            self.paused = true;
            (host.emit)(Event::Paused { step });
            return Ok(Next::Idle);
        }
        Ok(Next::Now)
    }

    fn command(&mut self, command: Command, host: &Host) -> Next {
        let (step, now) = (self.steps(), (host.clock)());
        let changed = match command {
            Command::Pause => {
                self.paused = true;
                (host.emit)(Event::Paused { step });
                Ok(())
            }
            Command::Resume | Command::Step => {
                self.step_only = command == Command::Step;
                self.paused = false;
                self.pace.restart(step, now);
                if !self.step_only {
                    (host.emit)(Event::Resumed { step });
                }
                Ok(())
            }
            Command::SetSpeed(speed) => check_speed(speed).map(|()| self.pace = Pace { speed, since: now, from: step }),
            Command::SetLearningRate(rate) => {
                let changed = self.run.training_mut().change(Some(rate), None);
                changed.map(|()| self.report_change(host))
            }
            Command::SetSchedule(schedule) => {
                let changed = self.run.training_mut().change(None, Some(schedule));
                changed.map(|()| self.report_change(host))
            }
            Command::Stop | Command::Explore(_) => Ok(()),
        };
        if let Err(error) = changed {
            (host.emit)(Event::Refused { sentence: error.to_string() });
        }
        if self.paused { Next::Idle } else { Next::Now }
    }

    fn report_change(&self, host: &Host) {
        let (learning_rate, schedule) = self.run.training().next_settings();
        (host.emit)(Event::Changed { step: self.steps(), learning_rate, schedule });
    }
}

/// A limit on the steps per second, counted anew from every checkpoint, so that a long one is not caught up in a burst.
struct Pace {
    speed: Option<f64>,
    since: f64,
    from: usize,
}

impl Pace {
    /// Milliseconds until the step after `steps` is due.
    fn wait(&self, steps: usize, now: f64) -> f64 {
        let taken = (steps - self.from) as f64;
        self.speed.map_or(0.0, |speed| self.since + 1000.0 * (taken + 1.0) / speed - now)
    }

    fn restart(&mut self, steps: usize, now: f64) {
        (self.since, self.from) = (now, steps);
    }
}

fn check_speed(speed: Option<f64>) -> Result<()> {
    match speed {
        Some(speed) if !(speed > 0.0 && speed.is_finite()) => {
            Err(Error::invalid("speed", format!("is {speed} steps per second; allowed are finite numbers above 0")))
        }
        _ => Ok(()),
    }
}

/// The table of a name among `tables`.
fn find(tables: &[PackedTable], name: Option<&str>) -> Option<Table> {
    tables.iter().find(|table| Some(&*table.name) == name).map(|table| table.bytes.clone())
}

/// Sketches the next data set.
fn sketch(done: &mut Vec<Sketch>, tables: &[PackedTable], host: &Host) -> Result<Next> {
    if let Some(&name) = Name::ALL.get(done.len()) {
        done.push(Sketch::of(name, find(tables, name.table()))?);
        return Ok(Next::Now);
    }
    (host.emit)(Event::Sketches(std::mem::take(done)));
    Ok(Next::Over)
}

/// Sampling of a null model.
pub struct NullJob {
    sampling: NullSampling,
    paused: bool,
}

impl NullJob {
    fn start(experiment: &Experiment, model: NullModel, parameters: &[f64], host: &Host) -> Result<Self> {
        model.validate()?;
        (host.emit)(Event::NullProgress { drawn: 0, of: model.samples });
        Ok(NullJob { sampling: experiment.null_sampling(model, parameters)?, paused: false })
    }

    fn slice(&mut self, host: &Host) -> Result<Next> {
        if self.paused {
            return Ok(Next::Idle);
        }
        if let Some(bands) = self.sampling.bands()? {
            (host.emit)(Event::NullFinished(Box::new(bands)));
            return Ok(Next::Over);
        }
        self.sampling.advance()?;
        (host.emit)(Event::NullProgress { drawn: self.sampling.drawn(), of: self.sampling.wanted() });
        Ok(Next::Now)
    }

    fn command(&mut self, command: &Command) -> Next {
        match command {
            Command::Pause => self.paused = true,
            Command::Resume => self.paused = false,
            _ => (),
        }
        if self.paused { Next::Idle } else { Next::Now }
    }
}
