//! The page's side of the messages: workers, the tasks that they are given, and a new worker for one that is lost.

mod slot;
mod dispatch;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use litemap::LiteMap;
use wasm_bindgen_futures::spawn_local;

use crate::page::message::{Command, Event, PackedTable, Task, ToWorker};
use crate::web::timer::every_second;
use slot::Slot;

/// Workers that share one queue of tasks. Clones are the same pool.
#[derive(Clone)]
pub struct Pool(Rc<Inner>);

struct Inner {
    url: String,
    limit: usize,
    spares: usize,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    slots: Vec<Slot>,
    queue: VecDeque<u32>,
    tasks: LiteMap<u32, Pending>,
    last_id: u32,
    /// Workers that were lost, one after the other, before they were ready.
    failed_loads: u32,
    /// Why there can be no workers.
    refused: Option<String>,
}

type Listener = Rc<RefCell<dyn FnMut(Event)>>;

/// A task that has not ended.
struct Pending {
    listener: Listener,
    /// What is to be posted once a worker is ready for it, the task first.
    outbox: Vec<ToWorker>,
    /// Whether events are due; else it is paused.
    working: bool,
    /// Whether there was any event.
    answered: bool,
    /// Seconds since its last event.
    silent_seconds: u32,
    /// Milliseconds of its longest checkpoint so far.
    longest_checkpoint: f64,
}

/// A task in the pool. Dropping it stops the task.
pub struct Handle {
    pool: Rc<Inner>,
    id: u32,
}

impl Pool {
    /// A pool that runs up to `limit` tasks at once, in workers made from `url`, and keeps `spares` more workers loaded, so
    /// that the next task begins at once.
    pub fn new(url: &str, limit: usize, spares: usize) -> Self {
        let inner = Rc::new(Inner { url: url.to_owned(), limit, spares, state: RefCell::default() });
        inner.dispatch();
        let watched = Rc::downgrade(&inner);
        every_second(move || {
            if let Some(inner) = watched.upgrade() {
                inner.watch();
            }
        });
        Pool(inner)
    }

    /// Adds a task, which begins as soon as a worker is free. `listener` is called with its events until the last one, or
    /// until the handle is dropped; it may use the pool and its own handle.
    pub fn start(&self, task: Task, listener: impl FnMut(Event) + 'static) -> Handle {
        let handle = self.add(&task, listener);
        self.0.begin(handle.id, task, Vec::new());
        handle
    }

    /// As [`Pool::start`], once `tables` are there; when they are not to be had, the task fails with their sentence.
    pub fn start_with(
        &self,
        tables: impl Future<Output = Result<Vec<PackedTable>, String>> + 'static,
        task: Task,
        listener: impl FnMut(Event) + 'static,
    ) -> Handle {
        let handle = self.add(&task, listener);
        let (pool, id) = (Rc::downgrade(&self.0), handle.id);
        spawn_local(async move {
            let tables = tables.await;
            let Some(pool) = pool.upgrade() else { return };
            match tables {
                Ok(tables) => pool.begin(id, task, tables),
                Err(sentence) => pool.deliver(id, Event::Failed { sentence, diverged: false }),
            }
        });
        handle
    }

    /// Adds a task that is not to begin yet.
    fn add(&self, task: &Task, listener: impl FnMut(Event) + 'static) -> Handle {
        let state = &mut *self.0.state.borrow_mut();
        state.last_id += 1;
        let pending = Pending {
            listener: Rc::new(RefCell::new(listener)),
            outbox: Vec::new(),
            working: !matches!(task, Task::Run { paused: true, .. }),
            answered: false,
            silent_seconds: 0,
            longest_checkpoint: 0.0,
        };
        state.tasks.insert(state.last_id, pending);
        Handle { pool: self.0.clone(), id: state.last_id }
    }

    /// How many workers there are, with and without a task.
    pub fn workers(&self) -> usize {
        self.0.state.borrow().slots.len()
    }
}

impl Handle {
    /// Sends a command to the task; nothing happens if it has ended.
    pub fn send(&self, command: Command) {
        self.pool.send(self.id, command);
    }

    /// Whether the task has neither ended nor been stopped.
    pub fn is_alive(&self) -> bool {
        self.pool.state.borrow().tasks.contains_key(&self.id)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.pool.stop(self.id);
    }
}
