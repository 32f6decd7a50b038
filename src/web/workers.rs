//! The workers by their places: one for each run, one for what is computed beside them.

pub mod pool;

use crate::page::action::{Action, Place};
use crate::page::message::{Command, Task};
use crate::state::RUN_NAMES;
use litemap::LiteMap;
use pool::{Notice, Pool};

/// Where Trunk puts the worker's loader, next to the page.
const LOADER: &str = "./worker_loader.js";

/// Tasks by place.
pub struct Workers {
    pool: Pool,
    /// For each place the pool's number of its task, and the page's.
    tasks: LiteMap<Place, (u32, u32)>,
}

impl Workers {
    /// Workers whose notices go to `notify`, which passes them to [`handle`](Workers::handle).
    pub fn new(notify: fn(Notice)) -> Self {
        Workers { pool: Pool::new(LOADER, RUN_NAMES.len() + 1, 1, notify), tasks: LiteMap::new() }
    }

    /// Begins a task at a place, dropping what was under way there.
    pub fn start(&mut self, place: Place, generation: u32, task: Task) {
        self.stop(place);
        self.tasks.insert(place, (self.pool.start(task), generation));
    }

    /// Sends a command to the task at a place, if there is one.
    pub fn command(&mut self, place: Place, command: Command) {
        if let Some(&(task, _)) = self.tasks.get(&place) {
            self.pool.send(task, command);
        }
    }

    /// Drops the task at a place.
    pub fn stop(&mut self, place: Place) {
        if let Some((task, _)) = self.tasks.remove(&place) {
            self.pool.stop(task);
        }
    }

    /// The actions that follow from a notice.
    pub fn handle(&mut self, notice: Notice) -> Vec<Action> {
        let events = self.pool.handle(notice).into_iter();
        let action = |(id, event)| {
            let (&place, &(_, generation)) = self.tasks.iter().find(|(_, (task, _))| *task == id)?;
            Some(Action::Worker { place, generation, event })
        };
        events.filter_map(action).collect()
    }

    /// Assigns tasks to workers; to be called after the others.
    pub fn dispatch(&mut self) {
        self.pool.dispatch();
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.pool.workers()
    }
}
