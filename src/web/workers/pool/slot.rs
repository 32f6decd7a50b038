//! One worker as the page sees it.

use js_sys::{Array, Function, Object, Reflect, Set};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, Event, MessageEvent, WorkerOptions, WorkerType};

use crate::page::message::ToWorker;
use crate::web::transfer::{to_js, with_blobs};

/// What workers are made from: `url`, as a `TrustedScriptURL` where the browser knows them, because a page may be served with
/// the policy `require-trusted-types-for 'script'`.
pub fn address(url: &str) -> JsValue {
    trusted(url).unwrap_or_else(|_| url.into())
}

/// `url` as a `TrustedScriptURL`, by a policy of the name `eigendrift`, which passes what it is given.
fn trusted(url: &str) -> Result<JsValue, JsValue> {
    let types = Reflect::get(&js_sys::global(), &"trustedTypes".into())?;
    let create: Function = Reflect::get(&types, &"createPolicy".into())?.dyn_into()?;
    let rules = Object::new();
    let pass = Closure::once_into_js(|url: JsValue| url);
    Reflect::set(&rules, &"createScriptURL".into(), &pass)?;
    let policy = create.call2(&types, &"eigendrift".into(), &rules)?;
    let create: Function = Reflect::get(&policy, &"createScriptURL".into())?.dyn_into()?;
    create.call1(&policy, &url.into())
}

/// The workers that there are, as a set of the browser's: after a failure of the program they can be ended without the pool.
#[derive(Clone)]
pub struct Alive(Set);

impl Default for Alive {
    fn default() -> Self {
        Alive(Set::new(&JsValue::UNDEFINED))
    }
}

impl Alive {
    /// Ends all workers.
    pub fn terminate(&self) {
        self.0.for_each(&mut |worker, _, _| worker.unchecked_into::<web_sys::Worker>().terminate());
    }
}

/// A worker, terminated when this is dropped.
pub struct Slot {
    /// The pool's number for it.
    pub id: u32,
    /// Whether it has posted that it is ready.
    pub ready: bool,
    /// Whether it was ready before it was given its task.
    pub waited: bool,
    /// The task that it has or will have.
    pub task: Option<u32>,
    /// The task that it was asked to drop, and has not answered about.
    pub stopping: Option<u32>,
    /// Whether that is taking too long, so that it goes as soon as another one is loaded.
    pub overdue: bool,
    worker: web_sys::Worker,
    alive: Alive,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Slot {
    /// Makes a worker from the [`address`] of its script, to which `program` is posted.
    ///
    /// # Errors
    /// Where workers are not allowed or not known.
    pub fn open(
        script: &JsValue,
        program: &JsValue,
        alive: &Alive,
        id: u32,
        on_message: impl Fn(JsValue) + 'static,
        on_error: impl Fn(String) + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module); // as Trunk writes its loader
        let constructor: Function = Reflect::get(&js_sys::global(), &"Worker".into())?.dyn_into()?;
        let worker = Reflect::construct(&constructor, &Array::of2(script, &options))?;
        let worker: web_sys::Worker = worker.unchecked_into();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| on_message(event.data()));
        let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            // A file that cannot be loaded gives an event without a message.
            let message = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
            on_error(message.unwrap_or_else(|| "its file could not be loaded".to_owned()));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.post_message(program)?;
        alive.0.add(&worker);
        let (alive, _on_message, _on_error) = (alive.clone(), on_message, on_error);
        Ok(Slot {
            id,
            ready: false,
            waited: false,
            task: None,
            stopping: None,
            overdue: false,
            worker,
            alive,
            _on_message,
            _on_error,
        })
    }

    /// Whether it can be given a task.
    pub fn is_free(&self) -> bool {
        self.task.is_none() && self.stopping.is_none()
    }

    /// Posts `message`, a task with `blobs`.
    ///
    /// # Errors
    /// When a whole number in it is beyond 2⁵³.
    pub fn post(&self, message: &ToWorker, blobs: &[Blob]) -> Result<(), JsValue> {
        let (value, buffers) = to_js(message)?;
        let value = if matches!(message, ToWorker::Start { .. }) { with_blobs(value, blobs) } else { value };
        self.worker.post_message_with_transfer(&value, &buffers)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        self.alive.0.delete(&self.worker);
    }
}
