//! The workers by their places: one for each run, one for what is computed beside them.

pub mod pool;

use crate::page::action::{Action, Place};
use crate::page::message::{Command, Task};
use crate::state::RUN_NAMES;
use crate::web::tables::Tables;
use litemap::LiteMap;
use pool::{Handle, Pool};

/// Where Trunk puts the worker's loader, next to the page.
const LOADER: &str = "./worker_loader.js";
/// Where Trunk puts the packed tables.
const TABLES: &str = "./tables";

/// Tasks by place.
pub struct Workers {
    pool: Pool,
    tables: Tables,
    handles: LiteMap<Place, Handle>,
    dispatch: fn(Action),
}

impl Workers {
    /// Workers whose events become actions.
    pub fn new(dispatch: fn(Action)) -> Self {
        let pool = Pool::new(LOADER, RUN_NAMES.len() + 1, 1);
        Workers { pool, tables: Tables::new(TABLES), handles: LiteMap::new(), dispatch }
    }

    /// Begins a task at a place, dropping what was under way there; a task that needs packed tables once they are loaded.
    /// When one cannot be loaded, the task fails with a sentence.
    pub fn start(&mut self, place: Place, generation: u32, task: Task) {
        let dispatch = self.dispatch;
        self.stop(place);
        let listener = move |event| dispatch(Action::Worker { place, generation, event });
        let names = task.tables();
        let handle = if names.is_empty() {
            self.pool.start(task, listener)
        } else {
            self.pool.start_with(self.tables.load(names), task, listener)
        };
        self.handles.insert(place, handle);
    }

    /// Sends a command to the task at a place, if there is one.
    pub fn command(&self, place: Place, command: Command) {
        if let Some(handle) = self.handles.get(&place) {
            handle.send(command);
        }
    }

    /// Drops the task at a place.
    pub fn stop(&mut self, place: Place) {
        self.handles.remove(&place);
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.pool.workers()
    }
}
