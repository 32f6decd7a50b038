//! The workers by their places: one for each run, four for what is done beside them.

pub mod pool;

use crate::page::action::{Action, Place};
use crate::page::message::{Command, Task};
use crate::state::RUN_NAMES;
use crate::web::tables::Tables;
use litemap::LiteMap;
use pool::{Alive, Notice, Pool};
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// Tasks by place.
pub struct Workers {
    pool: Pool,
    tables: Tables,
    /// For each place the pool's number of its task, and the page's.
    tasks: LiteMap<Place, (u32, u32)>,
}

impl Workers {
    /// Workers, `lanes` of them for seeds, made from the script `loader`, to which `program` is posted first, and whose notices go
    /// to `notify`, which passes them to [`handle`](Workers::handle). Packed tables are in the folder `tables`.
    pub fn new(loader: &str, program: JsValue, tables: String, lanes: usize, notify: fn(Notice)) -> Self {
        let pool = Pool::new(loader, program, RUN_NAMES.len() + 4 + lanes, 1, notify);
        Workers { pool, tables: Tables::new(tables), tasks: LiteMap::new() }
    }

    /// Keeps a visitor's file for tasks that read it; returns its number.
    pub fn keep_file(&mut self, file: Blob) -> u32 {
        self.pool.keep_file(file)
    }

    /// The file with a number.
    pub fn file(&self, number: u32) -> Option<Blob> {
        self.pool.file(number)
    }

    /// Begins a task at a place, dropping what was under way there; a task that needs packed tables once they are loaded.
    /// When one cannot be loaded, the task fails with a sentence.
    pub fn start(&mut self, place: Place, generation: u32, task: Task) {
        self.stop(place);
        let names = task.tables();
        let number = match names.is_empty() {
            true => self.pool.start(task),
            false => self.pool.start_with(self.tables.load(names), task),
        };
        self.tasks.insert(place, (number, generation));
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
        if let Notice::Tables { tables: Err(unavailable), .. } = &notice {
            self.tables.forget(unavailable.name);
        }
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

    /// The workers that there are, now and later.
    pub fn alive(&self) -> Alive {
        self.pool.alive()
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.pool.workers()
    }
}
