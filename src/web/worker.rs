//! The worker's side of the messages: handles them, and works in slices between them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

use crate::page::job::{Host, Job, Next, failed};
use crate::page::message::{Command, Event, FromWorker, PackedTable, Task, ToWorker};
use crate::page::reading::{MAX_BYTES, Reading};
use crate::web::bytes;
use crate::web::timer::{call_after, now};
use crate::web::transfer::{from_js, to_js, with_blobs, without_blobs};

thread_local! {
    /// The task under way, for the panic hook, which can hold nothing of its own.
    static GENERATION: Cell<u32> = const { Cell::new(0) };
}

/// Serves the page.
///
/// # Panics
/// Outside of a dedicated worker.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into().expect("a dedicated worker");
    std::panic::set_hook(Box::new(|panic| {
        let event = Event::Panicked { sentence: panic.to_string() };
        if let Ok(scope) = js_sys::global().dyn_into() {
            post(&scope, &FromWorker::Event { generation: GENERATION.get(), event });
        }
    }));
    let out = scope.clone();
    let worker = Worker::new(move |message| post(&out, message));
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| worker.receive(event.data()));
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    post(&scope, &FromWorker::Ready);
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &FromWorker) {
    let mut message = message.clone();
    let mut blobs = Vec::new();
    if let FromWorker::Event { event: Event::Read(Reading::Rows(found)), .. } = &mut message {
        // As a blob, which the page can keep outside of its memory.
        let rows = std::mem::replace(&mut found.packed, Vec::new().into());
        blobs.extend(Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(rows.bytes()))));
    }
    // Neither fails: all numbers in messages are below 2⁵³, and plain objects and blobs can be cloned.
    if let Ok((value, buffers)) = to_js(&message) {
        let _ = scope.post_message_with_transfer(&with_blobs(value, &blobs), &buffers);
    }
}

/// One worker, on whatever thread and behind whatever channel.
pub struct Worker {
    post: Box<dyn Fn(&FromWorker)>,
    task: RefCell<Option<Job>>,
    generation: Cell<u32>,
    /// The turn that is awaited; one that was superseded is let pass.
    ticket: Cell<u32>,
    channel: MessageChannel,
    turn: Closure<dyn Fn(u32)>,
}

impl Worker {
    /// A worker without a task, which answers through `post`.
    ///
    /// # Panics
    /// Where there is no `MessageChannel`.
    pub fn new(post: impl Fn(&FromWorker) + 'static) -> Rc<Self> {
        let worker = Rc::new_cyclic(|this: &std::rc::Weak<Worker>| {
            let this = this.clone();
            Worker {
                post: Box::new(post),
                task: RefCell::new(None),
                generation: Cell::new(0),
                ticket: Cell::new(0),
                channel: MessageChannel::new().expect("every browser with workers has MessageChannel"),
                turn: Closure::new(move |ticket| {
                    if let Some(worker) = this.upgrade() {
                        worker.work(ticket);
                    }
                }),
            }
        });
        let this = Rc::downgrade(&worker);
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let (Some(worker), Some(ticket)) = (this.upgrade(), event.data().as_f64()) {
                worker.work(ticket as u32);
            }
        });
        worker.channel.port2().set_onmessage(Some(listener.into_js_value().unchecked_ref()));
        worker
    }

    /// Handles one message from the page.
    ///
    /// # Panics
    /// When it is no [`ToWorker`]; the page replaces a worker that panics.
    pub fn receive(self: &Rc<Self>, message: JsValue) {
        let (message, blobs) = without_blobs(message);
        match from_js(message).expect("a message that the page's build makes") {
            ToWorker::Start { generation, task, tables } => {
                // Dropped before the next is made, so that there is never memory for two.
                *self.task.borrow_mut() = None;
                self.generation.set(generation);
                GENERATION.set(generation);
                if blobs.is_empty() {
                    return self.begin(*task, tables);
                }
                // Reading takes a while, in which the page is to know that the worker lives.
                self.emit(Event::Progress { step: 0 });
                let worker = self.clone();
                match *task {
                    Task::Read { files, label } => spawn_local(async move {
                        let mut tables = Vec::new();
                        for (file, blob) in files.iter().zip(blobs) {
                            let name = file.name.clone();
                            match bytes::inflated(&blob, MAX_BYTES).await {
                                Ok(bytes) => tables.push(PackedTable { name, bytes: bytes.into() }),
                                Err(problem) => {
                                    return worker.emit(Event::Read(Reading::Refused { name, problem }));
                                }
                            }
                        }
                        worker.begin(Task::Read { files, label }, tables);
                    }),
                    task => {
                        let name = task.own_rows().unwrap_or_default().to_owned();
                        let rows = bytes::whole(&blobs[0]).unwrap_or_default();
                        self.begin(task, vec![PackedTable { name, bytes: rows.into() }]);
                    }
                }
            }
            ToWorker::Command(Command::Stop) => {
                if self.task.borrow_mut().take().is_some() {
                    self.emit(Event::Stopped);
                }
            }
            ToWorker::Command(command) => {
                let next = match &mut *self.task.borrow_mut() {
                    Some(job) => job.command(command, &self.host(&|event| self.emit(event))),
                    None => Next::Idle,
                };
                self.schedule(next);
            }
        }
    }

    fn begin(&self, task: Task, tables: Vec<PackedTable>) {
        match Job::start(task, tables, &self.host(&|event| self.emit(event))) {
            Ok(job) => {
                *self.task.borrow_mut() = Some(job);
                self.schedule(Next::Now);
            }
            Err(error) => self.emit(failed(&error)),
        }
    }

    fn host<'a>(&self, emit: &'a dyn Fn(Event)) -> Host<'a> {
        Host { clock: &now, emit }
    }

    fn emit(&self, event: Event) {
        (self.post)(&FromWorker::Event { generation: self.generation.get(), event });
    }

    fn work(&self, ticket: u32) {
        if ticket != self.ticket.get() {
            return;
        }
        let next = match &mut *self.task.borrow_mut() {
            Some(job) => job.slice(&self.host(&|event| self.emit(event))),
            None => Next::Idle,
        };
        self.schedule(next);
    }

    /// Takes a turn, after whatever messages have come in.
    fn schedule(&self, next: Next) {
        let ticket = self.ticket.get().wrapping_add(1);
        self.ticket.set(ticket);
        match next {
            // A message to oneself, because browsers stretch setTimeout(0) to 4 ms, and to a second in hidden pages.
            Next::Now => drop(self.channel.port1().post_message(&ticket.into())),
            Next::After(milliseconds) => call_after(milliseconds, &self.turn, ticket),
            Next::Idle => (),
            Next::Over => *self.task.borrow_mut() = None,
        }
    }
}
