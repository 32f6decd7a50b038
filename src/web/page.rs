//! The page's thread: owns the model and a queue of actions and of notices from workers. Each is handled, its effects are
//! carried out, and once per frame the document is brought up to date. What comes while another is handled waits.
//!
//! An action or a frame that does not return, because of a panic or of an exception that the browser threw, stops the page:
//! what it changed may be half done. `www/guard.js` then asks this module to `stop` and offers to save what was found
//! before, which is kept apart from the model.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::input::{self, Port};
use super::render::{self, Renderer};
use super::workers::Workers;
use super::workers::pool::{Alive, Notice};
use super::{address, dom, files, readers, storage, theme};
use crate::page::action::Saving;
use crate::page::export::Snapshot;
use crate::page::json_text::to_text;
use crate::page::{self, Action, Effect, Model, readout, report};
use crate::state::{OwnFile, Picture, link};
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

/// What waits to be handled.
enum Queued {
    Action(Action),
    Notice(Notice),
}

/// Bytes that are set free when the page stops, possibly for want of memory: more than the text of a checkpoint takes.
const RESERVE: usize = 8 << 20;

/// The script of workers; this and the others beside this program, see [`beside`].
const LOADER: &str = "worker_loader.js";
/// The folder of the packed tables.
const TABLES: &str = "tables";
/// The lessons.
const LESSONS: &str = "lessons.json";
/// Article and explanations.
const READING: &str = "reading.html";
/// The results on several tasks.
const RESULTS: &str = "results.json";
/// The program that repeats runs.
const TEMPLATE: &str = "repeat.py";
/// Most seeds that are computed at the same time: each worker has memory of its own.
const MOST_LANES: usize = 32;

thread_local! {
    static MODEL: RefCell<Option<Model>> = const { RefCell::new(None) };
    static WORKERS: RefCell<Option<Workers>> = const { RefCell::new(None) };
    /// The workers that there are, for the time when `WORKERS` is borrowed for ever.
    static ALIVE: Cell<Option<Alive>> = const { Cell::new(None) };
    static RENDERER: RefCell<Renderer> = RefCell::new(Renderer::default());
    static QUEUE: RefCell<VecDeque<Queued>> = const { RefCell::new(VecDeque::new()) };
    /// What the model had after the last action that returned, and the revisions of that.
    static KEPT: RefCell<Option<(Snapshot, [u64; 3])>> = const { RefCell::new(None) };
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// Whether an action or a frame is at work; for ever, once one has not returned.
    static WORKING: Cell<bool> = const { Cell::new(false) };
    /// Whether it is known that one has not.
    static STOPPED: Cell<bool> = const { Cell::new(false) };
    static FRAME_ASKED: Cell<bool> = const { Cell::new(false) };
    static FRAME: Closure<dyn FnMut()> = Closure::new(frame);
}

#[wasm_bindgen]
extern "C" {
    type ImportMeta;
    #[wasm_bindgen(thread_local_v2, js_namespace = import, js_name = meta)]
    static IMPORT_META: ImportMeta;
    #[wasm_bindgen(method, getter)]
    fn url(this: &ImportMeta) -> JsValue;
}

/// The address of a file of this build. Its folder is that of this program's script; the document is in another.
fn beside(name: &str) -> String {
    let script = IMPORT_META.with(ImportMeta::url).as_string().unwrap_or_default();
    let folder = script.rsplit_once('/').map_or(".", |(folder, _)| folder);
    format!("{folder}/{name}")
}

/// What `www/worker_loader.js` starts in a worker: this program, as the address of its script and as its compiled module, so
/// that a worker need not compile it again, and is of the same build.
fn program() -> JsValue {
    let program = Object::new();
    for (name, value) in [("script", IMPORT_META.with(ImportMeta::url)), ("module", wasm_bindgen::module())] {
        // Properties of an ordinary object can be set.
        let _ = Reflect::set(&program, &name.into(), &value);
    }
    program.into()
}

/// Handles an action, now or once those before it are done.
pub fn dispatch(action: Action) {
    enqueue(Queued::Action(action));
}

fn notify(notice: Notice) {
    enqueue(Queued::Notice(notice));
}

fn enqueue(queued: Queued) {
    if STOPPED.get() {
        return;
    }
    QUEUE.with_borrow_mut(|queue| queue.push_back(queued));
    work(|_| Vec::new());
}

/// Calls `action` unless another one is at work.
fn alone<T>(action: impl FnOnce() -> T) -> Option<T> {
    if WORKING.replace(true) {
        return None;
    }
    let result = action();
    WORKING.set(false);
    Some(result)
}

/// Does something with the model and carries out what follows, then handles all that waits.
fn work(first: impl FnOnce(&mut Model) -> Vec<Effect>) {
    let done = alone(|| {
        let mut effects = with_model(first);
        loop {
            effects.drain(..).for_each(perform);
            match QUEUE.with_borrow_mut(VecDeque::pop_front) {
                Some(Queued::Action(action)) => effects = with_model(|model| page::update(model, action)),
                Some(Queued::Notice(notice)) => {
                    for action in with_workers(|workers| workers.handle(notice)).unwrap_or_default() {
                        effects.extend(with_model(|model| page::update(model, action)));
                    }
                }
                None => break,
            }
        }
        with_workers(Workers::dispatch);
        keep();
    });
    if done.is_some() {
        ask_frame();
    }
}

fn with_model(action: impl FnOnce(&mut Model) -> Vec<Effect>) -> Vec<Effect> {
    MODEL.with_borrow_mut(|model| model.as_mut().map(action)).unwrap_or_default()
}

fn with_workers<T>(action: impl FnOnce(&mut Workers) -> T) -> Option<T> {
    WORKERS.with_borrow_mut(|workers| workers.as_mut().map(action))
}

/// Keeps what the model has now, where it differs from what was kept.
fn keep() {
    MODEL.with_borrow(|model| {
        let Some(model) = model else { return };
        let now = [model.runs.revision(), model.nulls.revision(), model.state.revision()];
        if KEPT.with_borrow(|kept| kept.as_ref().is_none_or(|(_, revisions)| *revisions != now)) {
            // Made while nothing is borrowed: where memory ends here, what was kept before can still be saved.
            let snapshot = Snapshot::new(model);
            drop(KEPT.replace(Some((snapshot, now))));
        }
    });
}

/// Whether the page has stopped, or has to: nothing is handled any more, and all memory is set free that saving can do
/// without. To be called from the event loop alone, where nothing is at work.
fn stop(must: bool) -> bool {
    if must {
        WORKING.set(true);
    }
    if !WORKING.get() {
        return false;
    }
    STOPPED.set(true);
    if let Some(alive) = ALIVE.take() {
        alive.terminate();
    }
    // What the failure left borrowed stays where it is.
    _ = RENDERER.with(|renderer| renderer.try_borrow_mut().map(|mut renderer| *renderer = Renderer::default()));
    _ = QUEUE.with(|queue| queue.try_borrow_mut().map(|mut queue| queue.clear()));
    drop(SPARE.take());
    true
}

/// Saves what the model had before the page stopped; `words` is called with sentences about it.
fn save_kept(words: Function) {
    let Some(snapshot) = KEPT.with_borrow(|kept| kept.as_ref().map(|(snapshot, _)| snapshot.clone())) else { return };
    let report = move |saving: Saving| {
        let text = if saving == Saving::Done { "Saved.".to_owned() } else { readout::saving(&saving) };
        // The guard's function shows the words and throws nothing.
        _ = words.call1(&JsValue::NULL, &text.into());
    };
    files::save_json("eigendrift.json", snapshot, report);
}

/// Starts the page.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        // Set for panics outside of actions too, after which nothing is sure any more.
        WORKING.set(true);
        dom::log(&panic.to_string());
    }));
    SPARE.set(Vec::with_capacity(RESERVE));
    publish();
    theme::restore();
    let hash = address::read();
    let (state, notes) = link::read(&hash, None);
    let mut model = Model::new(state, notes, theme::is_dark());
    let lanes = lanes();
    model.lanes = lanes;
    model.autoplay = !theme::wants_less_motion();
    model.awaiting = link::wants_own_table(&hash).then_some(hash);
    MODEL.set(Some(model));
    let workers = Workers::new(&beside(LOADER), program(), beside(TABLES), lanes, notify);
    ALIVE.set(Some(workers.alive()));
    WORKERS.set(Some(workers));
    // The workers load while the document is made, in tasks of their own so that none is long.
    work(page::begin);
    dom::after(0, make_document);
}

/// Makes one more part of the document; once all is there, listens to it.
fn make_document() {
    let more = with_renderer(|model, renderer| renderer.make_next(model)).unwrap_or(false);
    if more {
        return dom::after(0, make_document);
    }
    input::listen(Port { dispatch, checkpoint_at, shown_size, keep_file });
    address::listen_to_changes(dispatch);
    theme::listen_to_changes(dispatch);
    with_renderer(|_, renderer| renderer.observe_sizes(resized));
    dom::set(&dom::body(), "data-state", "ready");
    ask_frame();
}

/// How many seeds are computed at the same time: one processor is left to the page, unless there are but two, of which the page
/// takes what it needs.
fn lanes() -> usize {
    let processors = dom::window().navigator().hardware_concurrency() as usize;
    processors.saturating_sub(1).clamp(processors.clamp(1, 2), MOST_LANES)
}

fn perform(effect: Effect) {
    let saving = |saving| dispatch(Action::Saving(saving));
    match effect {
        Effect::Start { place, generation, task } => {
            with_workers(|workers| workers.start(place, generation, *task));
        }
        Effect::Command { place, command } => _ = with_workers(|workers| workers.command(place, command)),
        Effect::Stop(place) => _ = with_workers(|workers| workers.stop(place)),
        Effect::WriteLink(text) => address::write(&text),
        Effect::Copy(text) => address::copy(&text, dispatch),
        Effect::Wait { milliseconds, timer } => {
            dom::after(milliseconds as i32, move || dispatch(Action::Due(timer)));
        }
        Effect::LoadLessons => {
            spawn_local(async { dispatch(Action::LessonsLoaded(files::load_text(&beside(LESSONS)).await)) })
        }
        Effect::LoadReading => spawn_local(async {
            let text = files::load_document(&beside(READING)).await;
            dispatch(Action::ReadingLoaded(text.map(|text| render::reading::put(&text))));
        }),
        Effect::LoadStored => {
            spawn_local(async { dispatch(Action::StoredLoaded(files::load_text(&beside(RESULTS)).await)) })
        }
        Effect::LoadTemplate => {
            spawn_local(async { dispatch(Action::TemplateLoaded(files::load_text(&beside(TEMPLATE)).await)) });
        }
        Effect::OpenFile(OwnFile { name, number }) => {
            let file = with_workers(|workers| workers.file(number)).flatten();
            spawn_local(async {
                let found = readers::open(&name, file).await;
                dispatch(Action::FileOpened { name, found });
            });
        }
        Effect::RestoreFiles => spawn_local(async {
            let found = storage::restore().await;
            let kept = |(name, blob)| OwnFile { name, number: keep_file(blob) };
            let files = found.map(|files| files.map(|files| files.into_iter().map(kept).collect()));
            dispatch(Action::FilesRestored(files));
        }),
        Effect::KeepFiles(files) => {
            let blob = |file: OwnFile| Some((file.name, with_workers(|workers| workers.file(file.number))??));
            let blobs: Vec<_> = files.into_iter().filter_map(blob).collect();
            spawn_local(async { dispatch(Action::TableKept(storage::store(blobs).await)) });
        }
        Effect::ForgetTable => spawn_local(async { dispatch(Action::TableForgotten(storage::forget().await)) }),
        Effect::SaveText { name, media_type, text } => saving(files::save_text(&name, media_type, &text)),
        Effect::SaveBytes { name, bytes } => saving(files::save_bytes(&name, &bytes)),
        Effect::SaveJson { name, snapshot } => files::save_json(&name, *snapshot, saving),
        Effect::SavePixels { name, chart, caption, size, scale, dark } => {
            files::save_pixels(&name, &chart, &caption, size, scale, dark, saving);
        }
    }
}

/// Asks for the next frame, once.
fn ask_frame() {
    if !FRAME_ASKED.replace(true) {
        // Fails only without a window.
        FRAME.with(|frame| _ = dom::window().request_animation_frame(frame.as_ref().unchecked_ref()));
    }
}

fn frame() {
    FRAME_ASKED.set(false);
    if with_renderer(|model, renderer| renderer.frame(model)) == Some(true) {
        ask_frame();
    }
}

/// Uses the renderer; `None` before there is a model, and while an action is at work, after which a frame follows.
fn with_renderer<T>(action: impl FnOnce(&Model, &mut Renderer) -> T) -> Option<T> {
    let shown = || {
        MODEL.with_borrow(|model| {
            let model = model.as_ref()?;
            Some(RENDERER.with_borrow_mut(|renderer| action(model, renderer)))
        })
    };
    alone(shown).flatten()
}

/// A picture has another size, or pixels of another size.
fn resized(sizes: Vec<(Picture, f64, f64)>) {
    with_renderer(|_, renderer| renderer.resize(&sizes));
    ask_frame();
}

fn checkpoint_at(picture: Picture, x: f64) -> Option<usize> {
    with_renderer(|model, renderer| renderer.checkpoint_at(model, picture, x)).flatten()
}

fn shown_size(picture: Picture) -> (f64, f64) {
    with_renderer(|_, renderer| renderer.shown_size(picture)).unwrap_or_default()
}

/// Keeps a visitor's file; returns its number.
fn keep_file(file: Blob) -> u32 {
    with_workers(|workers| workers.keep_file(file)).unwrap_or_default()
}

/// Puts `eigendrift.report()` on the window, beside what may be there already, and what `www/guard.js` calls.
fn publish() {
    let window = dom::window();
    let name = JsValue::from_str("eigendrift");
    let place = Reflect::get(&window, &name).ok().filter(JsValue::is_object);
    let place = place.unwrap_or_else(|| Object::new().into());
    let report = Closure::<dyn Fn() -> JsValue>::new(|| {
        let text = with_renderer(|model, renderer| {
            let workers = with_workers(|workers| workers.count()).unwrap_or(0);
            to_text(&report::report(model, renderer.moment(), workers)).ok()
        });
        js_sys::JSON::parse(&text.flatten().unwrap_or("null".into())).unwrap_or(JsValue::NULL)
    });
    let stop = Closure::<dyn Fn(bool) -> bool>::new(stop);
    let save = Closure::<dyn Fn(Function)>::new(save_kept);
    for (name, function) in
        [("report", report.into_js_value()), ("stop", stop.into_js_value()), ("save", save.into_js_value())]
    {
        // Properties of an ordinary object can be set.
        let _ = Reflect::set(&place, &name.into(), &function);
    }
    let _ = Reflect::set(&window, &name, &place);
}
