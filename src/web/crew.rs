//! The workers by their places: one for each run, one for the null model.

use super::message::{Command, Event, Task};
use super::pool::{Handle, Pool};
use crate::null_model::NullKind;
use crate::state::RUN_NAMES;
use std::rc::Rc;

/// Where Trunk puts the worker's loader, next to the page.
const LOADER: &str = "./worker_loader.js";

/// Tasks by place.
pub struct Crew {
    pool: Pool,
    handles: Vec<Option<Handle>>,
    hear: Rc<dyn Fn(usize, u32, Event)>,
    last: u32,
    /// The run, its task's number and the kind of the null model under way.
    pub null_for: Option<(usize, u32, NullKind)>,
    /// Number of the null model's task.
    pub null_generation: u32,
}

impl Crew {
    /// A crew whose events, with place and number of their task, go to `hear`.
    pub fn new(hear: impl Fn(usize, u32, Event) + 'static) -> Self {
        let places = RUN_NAMES.len() + 1;
        let pool = Pool::new(LOADER, places, 1);
        let handles = (0..places).map(|_| None).collect();
        Crew { pool, handles, hear: Rc::new(hear), last: 0, null_for: None, null_generation: 0 }
    }

    /// Begins a task at a place, dropping what was under way there; returns the task's number.
    pub fn start(&mut self, slot: usize, task: Task) -> u32 {
        self.last += 1;
        let (number, hear) = (self.last, self.hear.clone());
        self.handles[slot] = None;
        self.handles[slot] = Some(self.pool.start(task, move |event| hear(slot, number, event)));
        number
    }

    /// Sends a command to the task at a place, if there is one.
    pub fn command(&self, slot: usize, command: Command) {
        if let Some(Some(handle)) = self.handles.get(slot) {
            handle.send(command);
        }
    }

    /// Drops the task at a place.
    pub fn stop(&mut self, slot: usize) {
        self.handles[slot] = None;
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.pool.workers()
    }
}
