//! How tasks are assigned to workers, and what is done about workers that fail.

use super::slot::Slot;
use super::{KEPT_ROWS, Notice, Pool};
use crate::page::message::{Command, Event, FromWorker, ToWorker};
use crate::page::reading::Reading;
use crate::web::tables::Unavailable;
use crate::web::transfer::{from_js, without_blobs};
use wasm_bindgen::JsValue;

/// Milliseconds after which another worker is loaded in place of one that was asked to stop, and is in a long computation.
const STOP_LIMIT: f64 = 250.0;
/// After so many workers, one after the other, that were lost before they were ready, no more are loaded until a new task is
/// asked for.
const MAX_FAILED_LOADS: u32 = 3;
/// Seconds without a message after which a worker counts as lost: one that has not answered to its task at all, which it
/// does before it computes, and one that still loads, or has not posted its first checkpoint.
const NO_ANSWER: f64 = 10.0;
const FIRST_SILENCE: f64 = 180.0;

impl Pool {
    /// Assigns tasks to workers, and keeps as many spare workers as are wanted.
    pub fn dispatch(&mut self) {
        let mut busy = self.slots.iter().filter(|slot| slot.task.is_some()).count();
        // A worker that was asked to stop will be free, or replaced, sooner than another one is loaded.
        let stopping = self.slots.iter().any(|slot| slot.stopping.is_some() && !slot.overdue);
        let can_load = self.refused.is_none() && !stopping && self.failed_loads < MAX_FAILED_LOADS;
        while self.refused.is_none() && busy < self.limit && !self.queue.is_empty() {
            // A loaded worker is better than one that is still loading.
            let free = self.slots.iter().filter(|slot| slot.is_free());
            let Some(id) = free
                .max_by_key(|slot| slot.ready)
                .map(|slot| slot.id)
                .or_else(|| if can_load { self.open() } else { None })
            else {
                break;
            };
            let Some(task) = self.queue.pop_front() else { break };
            for slot in self.slots.iter_mut().filter(|slot| slot.id == id) {
                (slot.task, slot.waited) = (Some(task), slot.ready);
            }
            self.flush(task);
            busy += 1;
        }
        let free = self.slots.iter().filter(|slot| slot.is_free()).count();
        // Loading takes a processor or two, which workers that are waited for need more.
        let loaded = self.slots.iter().all(|slot| slot.ready);
        let overdue = self.slots.iter().any(|slot| slot.overdue);
        if loaded && can_load && (free < self.spares || overdue) {
            self.open();
        }
        // Tasks that were stopped may have left more workers than there can be tasks.
        let mut surplus = self.slots.len().saturating_sub(self.limit + self.spares);
        self.slots.retain(|slot| {
            let dropped = slot.is_free() && surplus > 0;
            surplus -= usize::from(dropped);
            !dropped
        });
        self.refuse();
    }

    fn open(&mut self) -> Option<u32> {
        self.last_id += 1;
        let id = self.last_id;
        let (posted, failed) = (self.notify.clone(), self.notify.clone());
        let on_message = move |message| posted(Notice::Message { worker: id, message });
        let on_error = move |message| failed(Notice::Error { worker: id, message });
        match Slot::open(&self.address, &self.program, &self.alive, id, on_message, on_error) {
            Ok(slot) => {
                self.slots.push(slot);
                Some(id)
            }
            Err(_) => {
                self.refused = Some("this browser does not let the page start a worker".to_owned());
                None
            }
        }
    }

    /// Posts what waits for a worker, if it is ready.
    fn flush(&mut self, task: u32) {
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.task == Some(task) && slot.ready) else { return };
        let Some(pending) = self.tasks.get_mut(&task) else { return };
        let mut failed = false;
        for message in &pending.outbox[pending.posted..] {
            if slot.post(message, &pending.blobs).is_err() {
                failed = true;
                slot.task = matches!(message, ToWorker::Command(_)).then_some(task);
            }
        }
        pending.posted = pending.outbox.len();
        if pending.answered {
            pending.outbox.clear();
            pending.posted = 0;
        }
        if failed {
            let sentence = "the experiment holds a number that JavaScript cannot hold exactly".to_owned();
            self.notify_after(0.0, Notice::Unable { task, sentence });
        }
    }

    /// Ends all tasks when there can be no workers.
    fn refuse(&mut self) {
        let unloaded = self.failed_loads >= MAX_FAILED_LOADS && self.slots.is_empty();
        let unloaded = || unloaded.then(|| self.load_failure.clone());
        let Some(sentence) = self.refused.clone().or_else(unloaded) else { return };
        self.slots.clear();
        self.queue.clear();
        for &task in self.tasks.keys() {
            self.notify_after(0.0, Notice::Unable { task, sentence: sentence.clone() });
        }
    }

    /// Handles a notice; returns the events of tasks that follow from it, with the tasks' numbers.
    pub fn handle(&mut self, notice: Notice) -> Vec<(u32, Event)> {
        match notice {
            Notice::Message { worker, message } => self.receive(worker, message).into_iter().collect(),
            Notice::Error { worker, message } => self.lose(worker, &failure(&message)).into_iter().collect(),
            Notice::Tables { task, tables: Ok(tables) } => {
                self.begin(task, tables);
                Vec::new()
            }
            Notice::Tables { task, tables: Err(Unavailable { sentence, .. }) } | Notice::Unable { task, sentence } => {
                self.recorded(task, Event::Failed { sentence, diverged: false }).into_iter().collect()
            }
            Notice::StopOverdue { task } => {
                self.slots.iter_mut().filter(|slot| slot.stopping == Some(task)).for_each(|slot| slot.overdue = true);
                Vec::new()
            }
            Notice::Second => self.watch(),
        }
    }

    fn receive(&mut self, worker: u32, message: JsValue) -> Option<(u32, Event)> {
        let (message, mut blobs) = without_blobs(message);
        match from_js(message) {
            Ok(FromWorker::Ready) => {
                self.failed_loads = 0;
                let slot = self.slots.iter_mut().find(|slot| slot.id == worker)?;
                slot.ready = true;
                let task = slot.task;
                // Not before: without a server it would be one worker less for ever.
                if let Some(overdue) = self.slots.iter().position(|slot| slot.overdue) {
                    self.slots.swap_remove(overdue);
                }
                self.flush(task?);
                None
            }
            Ok(FromWorker::Event { event: Event::Panicked { sentence }, .. }) => self.lose(worker, &sentence),
            Ok(FromWorker::Event { generation, event }) => {
                let last = event.is_last();
                for slot in self.slots.iter_mut().filter(|slot| last && slot.id == worker) {
                    slot.task = slot.task.filter(|&task| task != generation);
                    slot.stopping = slot.stopping.filter(|&task| task != generation);
                    slot.overdue &= slot.stopping.is_some();
                }
                if let Event::Read(reading) = &event {
                    // Its memory has grown with the files, and never shrinks.
                    self.slots.retain(|slot| slot.id != worker);
                    if let (Reading::Rows(found), Some(rows)) = (reading, blobs.pop()) {
                        self.rows.push_front((found.own.hash.clone(), rows));
                        self.rows.truncate(KEPT_ROWS);
                    }
                }
                self.recorded(generation, event)
            }
            // The loader of another build may start a worker that posts what this one does not know.
            Err(_) => {
                let sentence = "the page and its worker are of different builds; reload the page without its cache";
                self.refused = Some(sentence.to_owned());
                None
            }
        }
    }

    /// Removes a worker; those that are left may do what it was to do. Returns the failure of its task if that had begun.
    fn lose(&mut self, worker: u32, sentence: &str) -> Option<(u32, Event)> {
        let index = self.slots.iter().position(|slot| slot.id == worker)?;
        let slot = self.slots.swap_remove(index);
        if slot.ready {
            let task = slot.task?;
            let pending = self.tasks.get_mut(&task)?;
            // One that had waited may have been lost before the task was posted to it: another one tries. So does another
            // one after a new worker, once.
            if pending.answered || (!slot.waited && std::mem::replace(&mut pending.retried, true)) {
                return self.recorded(task, Event::Panicked { sentence: sentence.to_owned() });
            }
            pending.posted = 0;
            self.queue.push_front(task);
            return None;
        }
        // Its task has not begun, so that another worker can do it.
        slot.task.into_iter().for_each(|task| self.queue.push_front(task));
        self.failed_loads += 1;
        self.load_failure = format!("{sentence}; check the connection and press Reset");
        None
    }

    /// Records what an event shows of its task; `None` if the task has ended or was stopped.
    fn recorded(&mut self, task: u32, event: Event) -> Option<(u32, Event)> {
        let pending = self.tasks.get_mut(&task)?;
        pending.silent_seconds = 0;
        pending.answered = true;
        pending.outbox.drain(..pending.posted);
        pending.posted = 0;
        match &event {
            Event::Paused { .. } | Event::Explored(_) => pending.working = false,
            Event::Resumed { .. } => pending.working = true,
            Event::Checkpoint { milliseconds, .. } => {
                pending.longest_checkpoint = pending.longest_checkpoint.max(*milliseconds);
            }
            _ => (),
        }
        if event.is_last() {
            self.tasks.remove(&task);
        }
        Some((task, event))
    }

    /// Sends `command` to `task`, now or when its worker is ready; nothing happens if it has ended.
    pub fn send(&mut self, task: u32, command: Command) {
        let Some(pending) = self.tasks.get_mut(&task) else { return };
        pending.working |= matches!(command, Command::Resume | Command::Step | Command::Explore(_));
        pending.silent_seconds = 0;
        pending.outbox.push(ToWorker::Command(command));
        self.flush(task);
    }

    /// Drops `task`; it has no events any more.
    pub fn stop(&mut self, task: u32) {
        self.queue.retain(|&queued| queued != task);
        self.tasks.remove(&task);
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.task == Some(task)) else { return };
        slot.task = None;
        if slot.ready && slot.post(&ToWorker::Command(Command::Stop), &[]).is_ok() {
            slot.stopping = Some(task);
            self.notify_after(STOP_LIMIT, Notice::StopOverdue { task });
        }
    }

    /// Once per second: finds workers that were ended without a message. Ticks are counted, and not the clock, which goes on
    /// while a machine sleeps.
    fn watch(&mut self) -> Vec<(u32, Event)> {
        let mut lost = Vec::new();
        for slot in &self.slots {
            let Some(pending) = slot.task.and_then(|task| self.tasks.get_mut(&task)).filter(|pending| pending.working)
            else {
                continue;
            };
            pending.silent_seconds += 1;
            // The next checkpoint can take longer than those before, by a spectrum or two, but not ten times.
            let limit = match pending.longest_checkpoint {
                _ if slot.ready && !pending.answered => NO_ANSWER,
                0.0 => FIRST_SILENCE,
                longest => 5.0 + 10.0 * longest / 1000.0,
            };
            if f64::from(pending.silent_seconds) > limit {
                pending.silent_seconds = 0;
                lost.push((slot.id, limit.floor()));
            }
        }
        let failure = |(worker, limit): (u32, f64)| {
            self.lose(worker, &format!("a worker was silent for {limit} seconds and was replaced"))
        };
        lost.into_iter().filter_map(failure).collect()
    }
}

/// What went wrong with a worker. A panic is posted by the worker itself, so that a trap is left for the other way to end: an
/// allocation that failed.
fn failure(message: &str) -> String {
    match message.contains("unreachable") {
        true => "a worker has run out of memory; take fewer parameters, checkpoints or leading eigenvectors".to_owned(),
        false => format!("a worker failed: {message}"),
    }
}
