//! How tasks meet workers, and what is done about workers that fail. Listeners are called only from here, by messages and
//! timers, and never while the state is borrowed: they may use the pool.

use std::rc::Rc;

use super::slot::Slot;
use super::{Inner, State};
use crate::page::message::{Command, Event, FromWorker, PackedTable, Task, ToWorker, build_id};
use crate::web::timer::after;
use crate::web::transfer::from_js;
use wasm_bindgen::JsValue;

/// Milliseconds after which a worker that was asked to stop, and is in a long computation, is replaced instead.
const PATIENCE: f64 = 250.0;
/// So many workers that are lost before they are ready mean that there can be none.
const MAX_FAILED_LOADS: u32 = 3;
/// Seconds without a message after which a worker counts as lost: one that has not answered to its task at all, which it
/// does before it computes, and one that still loads, or has not posted its first checkpoint.
const NO_ANSWER: f64 = 10.0;
const FIRST_SILENCE: f64 = 180.0;

impl State {
    fn slot_of(&mut self, task: u32) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.task == Some(task))
    }

    fn take_slot(&mut self, id: u32) -> Option<Slot> {
        let index = self.slots.iter().position(|slot| slot.id == id)?;
        Some(self.slots.swap_remove(index))
    }
}

impl Inner {
    /// Lets a task begin as soon as a worker is free, unless it was dropped meanwhile.
    pub fn begin(self: &Rc<Self>, id: u32, task: Task, tables: Vec<PackedTable>) {
        {
            let state = &mut *self.state.borrow_mut();
            let Some(pending) = state.tasks.get_mut(&id) else { return };
            // Before the commands that came meanwhile.
            pending.outbox.insert(0, ToWorker::Start { generation: id, task: Box::new(task), tables });
            state.queue.push_back(id);
        }
        self.dispatch();
    }

    /// Brings tasks and workers together, and keeps as many spare workers as are wanted.
    pub fn dispatch(self: &Rc<Self>) {
        let mut assigned = Vec::new();
        {
            let state = &mut *self.state.borrow_mut();
            let mut busy = state.slots.iter().filter(|slot| slot.task.is_some()).count();
            while state.refused.is_none() && busy < self.limit && !state.queue.is_empty() {
                // A loaded worker is better than one that is still loading.
                let free = state.slots.iter().filter(|slot| slot.is_free());
                let Some(id) = free.max_by_key(|slot| slot.ready).map(|slot| slot.id).or_else(|| self.open(state))
                else {
                    break;
                };
                let task = state.queue.pop_front();
                state.slots.iter_mut().filter(|slot| slot.id == id).for_each(|slot| slot.task = task);
                assigned.extend(task);
                busy += 1;
            }
            let mut free = state.slots.iter().filter(|slot| slot.is_free()).count();
            // Loading takes a processor or two, which workers that are waited for need more.
            let loaded = state.slots.iter().all(|slot| slot.ready);
            if loaded && state.refused.is_none() && free < self.spares && self.open(state).is_some() {
                free += 1;
            }
            state.slots.retain(|slot| {
                let surplus = slot.is_free() && free > self.spares;
                free -= usize::from(surplus);
                !surplus
            });
        }
        assigned.into_iter().for_each(|task| self.flush(task));
        self.refuse();
    }

    fn open(self: &Rc<Self>, state: &mut State) -> Option<u32> {
        state.last_id += 1;
        let id = state.last_id;
        let (receiving, failing) = (Rc::downgrade(self), Rc::downgrade(self));
        let receive = move |message| {
            if let Some(inner) = receiving.upgrade() {
                inner.receive(id, message);
            }
        };
        let fail = move |message: String| {
            if let Some(inner) = failing.upgrade() {
                inner.lose(id, &format!("a worker failed: {message}"));
            }
        };
        match Slot::open(&self.url, id, receive, fail) {
            Ok(slot) => {
                state.slots.push(slot);
                Some(id)
            }
            Err(_) => {
                state.refused = Some("this browser does not let the page start a worker".to_owned());
                None
            }
        }
    }

    /// Posts what waits for a worker, if it is ready.
    pub fn flush(self: &Rc<Self>, task: u32) {
        let state = &mut *self.state.borrow_mut();
        let Some(slot) = state.slots.iter_mut().find(|slot| slot.task == Some(task) && slot.ready) else { return };
        let Some(pending) = state.tasks.get_mut(&task) else { return };
        for message in pending.outbox.drain(..) {
            if slot.post(&message).is_err() {
                let sentence = "the experiment holds a number that JavaScript cannot hold exactly".to_owned();
                self.deliver_later(task, Event::Failed { sentence, diverged: false });
                slot.task = matches!(message, ToWorker::Command(_)).then_some(task);
            }
        }
    }

    /// Ends all tasks when there can be no workers.
    fn refuse(self: &Rc<Self>) {
        let state = &mut *self.state.borrow_mut();
        let Some(sentence) = state.refused.clone() else { return };
        state.slots.clear();
        state.queue.clear();
        for &task in state.tasks.keys() {
            self.deliver_later(task, Event::Failed { sentence: sentence.clone(), diverged: false });
        }
    }

    fn receive(self: &Rc<Self>, slot_id: u32, message: JsValue) {
        match from_js(message) {
            Ok(FromWorker::Ready { build }) if build == build_id() => {
                let task = {
                    let state = &mut *self.state.borrow_mut();
                    state.failed_loads = 0;
                    let Some(slot) = state.slots.iter_mut().find(|slot| slot.id == slot_id) else { return };
                    slot.ready = true;
                    slot.task
                };
                task.into_iter().for_each(|task| self.flush(task));
                self.dispatch();
            }
            Ok(FromWorker::Event { event: Event::Panicked { sentence }, .. }) => self.lose(slot_id, &sentence),
            Ok(FromWorker::Event { generation, event }) => {
                let last = event.is_last();
                for slot in self.state.borrow_mut().slots.iter_mut().filter(|slot| last && slot.id == slot_id) {
                    slot.task = slot.task.filter(|&task| task != generation);
                    slot.stopping = slot.stopping.filter(|&task| task != generation);
                }
                self.deliver(generation, event);
                if last {
                    self.dispatch();
                }
            }
            // A worker of another build may post what this one does not know.
            Ok(FromWorker::Ready { .. }) | Err(_) => {
                let sentence = "the page and its worker are of different builds; reload the page without its cache";
                self.state.borrow_mut().refused = Some(sentence.to_owned());
                self.refuse();
            }
        }
    }

    /// Gives up a worker, and takes another.
    fn lose(self: &Rc<Self>, slot_id: u32, sentence: &str) {
        let Some(slot) = self.state.borrow_mut().take_slot(slot_id) else { return };
        if let Some(task) = slot.task {
            if slot.ready {
                self.deliver(task, Event::Panicked { sentence: sentence.to_owned() });
            } else {
                // It has not begun, so that another worker can do it.
                self.state.borrow_mut().queue.push_front(task);
            }
        }
        if !slot.ready {
            let state = &mut *self.state.borrow_mut();
            state.failed_loads += 1;
            if state.failed_loads >= MAX_FAILED_LOADS {
                state.refused = Some(sentence.to_owned());
            }
        }
        drop(slot);
        self.dispatch();
    }

    /// Calls the listener of `task`, if it has neither ended nor been dropped.
    pub fn deliver(&self, task: u32, event: Event) {
        let listener = {
            let state = &mut *self.state.borrow_mut();
            let Some(pending) = state.tasks.get_mut(&task) else { return };
            pending.silent_seconds = 0;
            pending.answered = true;
            match &event {
                Event::Paused { .. } => pending.working = false,
                Event::Resumed { .. } => pending.working = true,
                Event::Checkpoint { milliseconds, .. } => {
                    pending.longest_checkpoint = pending.longest_checkpoint.max(*milliseconds);
                }
                _ => (),
            }
            let listener = pending.listener.clone();
            if event.is_last() {
                state.tasks.remove(&task);
            }
            listener
        };
        (listener.borrow_mut())(event);
    }

    fn deliver_later(self: &Rc<Self>, task: u32, event: Event) {
        let inner = self.clone();
        after(0.0, move || inner.deliver(task, event));
    }

    /// Sends `command` to `task`, now or when its worker is ready.
    pub fn send(self: &Rc<Self>, task: u32, command: Command) {
        {
            let state = &mut *self.state.borrow_mut();
            let Some(pending) = state.tasks.get_mut(&task) else { return };
            pending.working |= matches!(command, Command::Resume | Command::Step);
            pending.silent_seconds = 0;
            pending.outbox.push(ToWorker::Command(command));
        }
        self.flush(task);
    }

    /// Drops `task`; its listener is not called any more.
    pub fn stop(self: &Rc<Self>, task: u32) {
        let forgotten = {
            let state = &mut *self.state.borrow_mut();
            state.queue.retain(|&queued| queued != task);
            if let Some(slot) = state.slot_of(task) {
                slot.task = None;
                if slot.ready && slot.post(&ToWorker::Command(Command::Stop)).is_ok() {
                    slot.stopping = Some(task);
                    let inner = self.clone();
                    after(PATIENCE, move || inner.lose_patience(task));
                }
            }
            state.tasks.remove(&task)
        };
        // Outside the borrow, because what its listener holds may be handles of this pool.
        drop(forgotten);
        self.dispatch();
    }

    fn lose_patience(self: &Rc<Self>, task: u32) {
        self.state.borrow_mut().slots.retain(|slot| slot.stopping != Some(task));
        self.dispatch();
    }

    /// Once per second: finds workers that were ended without a message. Ticks are counted, and not the clock, which goes on
    /// while a machine sleeps.
    pub fn watch(self: &Rc<Self>) {
        let mut dead = Vec::new();
        {
            let State { slots, tasks, .. } = &mut *self.state.borrow_mut();
            for slot in slots.iter() {
                let Some(pending) = slot.task.and_then(|task| tasks.get_mut(&task)).filter(|pending| pending.working)
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
                    dead.push((slot.id, limit.floor()));
                }
            }
        }
        for (slot, limit) in dead {
            self.lose(slot, &format!("a worker was silent for {limit} seconds and was replaced"));
        }
    }
}
