//! The page's side of the messages: workers, the tasks that they are given, and a new worker for one that is lost.

mod slot;
mod dispatch;

use std::collections::VecDeque;
use std::rc::Rc;

use litemap::LiteMap;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::page::message::{PackedTable, Task, ToWorker};
use crate::web::tables::Unavailable;
use crate::web::timer::{after, every_second};
pub use slot::Alive;
use slot::Slot;

/// What reaches a pool from its workers and timers, to be passed to [`Pool::handle`].
#[derive(Debug, Clone)]
pub enum Notice {
    /// A worker posted a message.
    Message {
        /// The worker's number.
        worker: u32,
        /// The message.
        message: JsValue,
    },
    /// A worker threw an error, or its file could not be loaded.
    Error {
        /// The worker's number.
        worker: u32,
        /// What was wrong.
        message: String,
    },
    /// The packed tables that a task waits for are there, or one is not to be had.
    Tables {
        /// The task.
        task: u32,
        /// The tables.
        tables: Result<Vec<PackedTable>, Unavailable>,
    },
    /// A task cannot be done by any worker.
    Unable {
        /// The task.
        task: u32,
        /// Why, as a sentence.
        sentence: String,
    },
    /// The time that a worker has to stop a task is over.
    StopOverdue {
        /// The task.
        task: u32,
    },
    /// A second has passed.
    Second,
}

/// Workers that share one queue of tasks. Its owner passes all notices to [`handle`](Pool::handle), and calls
/// [`dispatch`](Pool::dispatch) after whatever it did with the pool.
pub struct Pool {
    address: JsValue,
    program: JsValue,
    limit: usize,
    spares: usize,
    notify: Rc<dyn Fn(Notice)>,
    alive: Alive,
    slots: Vec<Slot>,
    queue: VecDeque<u32>,
    tasks: LiteMap<u32, Pending>,
    last_id: u32,
    /// Workers that were lost, one after the other, before they were ready.
    failed_loads: u32,
    /// What was wrong with the last of them, and what to do.
    load_failure: String,
    /// Why there can be no workers.
    refused: Option<String>,
    /// A visitor's files, by their numbers.
    files: Vec<Blob>,
    /// The packed rows that were read from them last, by their hashes.
    rows: VecDeque<(String, Blob)>,
}

/// Packed rows that are kept: those in use, and those that are about to be.
const KEPT_ROWS: usize = 2;

/// A task that has not ended.
struct Pending {
    /// The task itself, while it waits for packed tables.
    waiting: Option<Task>,
    /// What is to be posted once a worker is ready for it, the task first; kept until the task has answered.
    outbox: Vec<ToWorker>,
    /// What is posted beside the task itself: the visitor's files or rows.
    blobs: Vec<Blob>,
    /// How much of that was posted to the present worker.
    posted: usize,
    /// Whether a worker was lost before the task had answered.
    retried: bool,
    /// Whether events are due; else it is paused.
    working: bool,
    /// Whether there was any event.
    answered: bool,
    /// Seconds since its last event.
    silent_seconds: u32,
    /// Milliseconds of its longest checkpoint so far.
    longest_checkpoint: f64,
}

impl Pool {
    /// A pool that runs up to `limit` tasks at once, in workers made from `url`, to which `program` is posted first, and keeps `spares` more workers loaded, so
    /// that the next task begins at once. A worker whose task has ended serves the next one, without loading anything. `notify` is called from the browser's event loop, never from within the pool.
    pub fn new(url: &str, program: JsValue, limit: usize, spares: usize, notify: impl Fn(Notice) + 'static) -> Self {
        let notify: Rc<dyn Fn(Notice)> = Rc::new(notify);
        let every = notify.clone();
        every_second(move || every(Notice::Second));
        Pool {
            address: slot::address(url),
            program,
            limit,
            spares,
            notify,
            alive: Alive::default(),
            slots: Vec::new(),
            queue: VecDeque::new(),
            tasks: LiteMap::new(),
            last_id: 0,
            failed_loads: 0,
            load_failure: String::new(),
            refused: None,
            files: Vec::new(),
            rows: VecDeque::new(),
        }
    }

    /// Adds a task, which begins as soon as a worker is free; returns its number, which its events carry.
    pub fn start(&mut self, task: Task) -> u32 {
        let id = self.add(task);
        self.begin(id, Vec::new());
        id
    }

    /// As [`Pool::start`], once `tables` are there; when one is not to be had, the task fails with its sentence.
    pub fn start_with(
        &mut self,
        tables: impl Future<Output = Result<Vec<PackedTable>, Unavailable>> + 'static,
        task: Task,
    ) -> u32 {
        let (id, notify) = (self.add(task), self.notify.clone());
        spawn_local(async move { notify(Notice::Tables { task: id, tables: tables.await }) });
        id
    }

    /// Adds a task that is not to begin yet.
    fn add(&mut self, task: Task) -> u32 {
        // Whoever asks again after loads have failed wants them tried again.
        self.failed_loads = 0;
        self.last_id += 1;
        let pending = Pending {
            working: !matches!(task, Task::Run { paused: true, .. } | Task::Explore { .. }),
            waiting: Some(task),
            outbox: Vec::new(),
            blobs: Vec::new(),
            posted: 0,
            retried: false,
            answered: false,
            silent_seconds: 0,
            longest_checkpoint: 0.0,
        };
        self.tasks.insert(self.last_id, pending);
        self.last_id
    }

    /// Lets a task begin as soon as a worker is free, unless it was stopped meanwhile.
    fn begin(&mut self, id: u32, tables: Vec<PackedTable>) {
        let Some(pending) = self.tasks.get_mut(&id) else { return };
        let Some(task) = pending.waiting.take() else { return };
        pending.blobs = match (&task, task.own_rows()) {
            (Task::Read { files, .. }, _) => {
                files.iter().filter_map(|file| self.files.get(file.number as usize)).cloned().collect()
            }
            (_, Some(wanted)) => {
                self.rows.iter().filter(|(hash, _)| hash == wanted).map(|(_, rows)| rows.clone()).take(1).collect()
            }
            _ => Vec::new(),
        };
        // Before the commands that came meanwhile.
        pending.outbox.insert(0, ToWorker::Start { generation: id, task: Box::new(task), tables });
        self.queue.push_back(id);
    }

    /// Keeps a visitor's file for tasks that read it; returns its number.
    pub fn keep_file(&mut self, file: Blob) -> u32 {
        self.files.push(file);
        self.files.len() as u32 - 1
    }

    /// The file with a number.
    pub fn file(&self, number: u32) -> Option<Blob> {
        self.files.get(number as usize).cloned()
    }

    /// How many workers there are, with and without a task.
    pub fn workers(&self) -> usize {
        self.slots.len()
    }

    /// The workers that there are, now and later.
    pub fn alive(&self) -> Alive {
        self.alive.clone()
    }

    /// Whether `task` has neither ended nor been stopped.
    pub fn is_alive(&self, task: u32) -> bool {
        self.tasks.contains_key(&task)
    }

    /// Calls `notify` with `notice` after some milliseconds.
    fn notify_after(&self, milliseconds: f64, notice: Notice) {
        let notify = self.notify.clone();
        after(milliseconds, move || notify(notice));
    }
}
