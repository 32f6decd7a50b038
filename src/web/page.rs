//! The page's thread: owns the model and a queue of actions and of notices from workers. Each is handled, its effects are
//! carried out, and once per frame the document is brought up to date. What comes while another is handled waits.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::input::{self, Port};
use super::render::Renderer;
use super::workers::Workers;
use super::workers::pool::Notice;
use super::{address, dom, files, storage, theme};
use crate::page::{self, Action, Effect, Model, report};
use crate::state::{Picture, link};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

struct Page {
    model: Model,
    workers: Workers,
    renderer: Renderer,
}

/// What waits to be handled.
enum Queued {
    Action(Action),
    Notice(Notice),
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
    static QUEUE: RefCell<VecDeque<Queued>> = const { RefCell::new(VecDeque::new()) };
    static WORKING: Cell<bool> = const { Cell::new(false) };
    static FRAME_ASKED: Cell<bool> = const { Cell::new(false) };
    static FRAME: Closure<dyn FnMut()> = Closure::new(frame);
}

/// Handles an action, now or once those before it are done.
pub fn dispatch(action: Action) {
    enqueue(Queued::Action(action));
}

fn notify(notice: Notice) {
    enqueue(Queued::Notice(notice));
}

fn enqueue(queued: Queued) {
    QUEUE.with_borrow_mut(|queue| queue.push_back(queued));
    work(|_| Vec::new());
}

/// Does something with the page and carries out what follows, then handles all that waits.
fn work(first: impl FnOnce(&mut Page) -> Vec<Effect>) {
    if WORKING.replace(true) {
        return;
    }
    PAGE.with_borrow_mut(|page| {
        let Some(page) = page else { return };
        let mut effects = first(page);
        loop {
            for effect in effects.drain(..) {
                perform(&mut page.workers, effect);
            }
            match QUEUE.with_borrow_mut(VecDeque::pop_front) {
                Some(Queued::Action(action)) => effects = page::update(&mut page.model, action),
                Some(Queued::Notice(notice)) => {
                    for action in page.workers.handle(notice) {
                        effects.extend(page::update(&mut page.model, action));
                    }
                }
                None => break,
            }
        }
        page.workers.dispatch();
    });
    WORKING.set(false);
    ask_frame();
}

/// Starts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    theme::restore();
    let hash = address::read();
    let (state, notes) = link::read(&hash, None);
    let mut model = Model::new(state, notes, theme::is_dark());
    model.awaiting = link::wants_own_table(&hash).then_some(hash);
    let page = Page { model, workers: Workers::new(notify), renderer: Renderer::default() };
    PAGE.with_borrow_mut(|place| *place = Some(page));
    // The workers load while the document is made, in tasks of their own so that none is long.
    work(|page| page::begin(&mut page.model));
    dom::after(0, make_document);
}

/// Makes one more part of the document; once all is there, listens to it.
fn make_document() {
    let more = with_renderer(|page| page.renderer.make_next(&page.model)).unwrap_or(false);
    if more {
        return dom::after(0, make_document);
    }
    input::listen(Port { dispatch, checkpoint_at, shown_size });
    address::listen_to_changes(dispatch);
    theme::listen_to_changes(dispatch);
    with_renderer(|page| page.renderer.observe_sizes(resized));
    publish();
    dom::set(&dom::body(), "data-state", "ready");
    ask_frame();
}

fn perform(workers: &mut Workers, effect: Effect) {
    match effect {
        Effect::Start { place, generation, task } => workers.start(place, generation, *task),
        Effect::Command { place, command } => workers.command(place, command),
        Effect::Stop(place) => workers.stop(place),
        Effect::WriteLink(text) => address::write(&text),
        Effect::Copy(text) => address::copy(&text, dispatch),
        Effect::Wait { milliseconds, timer } => {
            dom::after(milliseconds as i32, move || dispatch(Action::Due(timer)));
        }
        Effect::RestoreTable => spawn_local(async { dispatch(Action::TableRestored(storage::restore().await)) }),
        Effect::KeepTable(table) => spawn_local(async { dispatch(Action::TableKept(storage::store(table).await)) }),
        Effect::ForgetTable => spawn_local(async { dispatch(Action::TableForgotten(storage::forget().await)) }),
        Effect::SaveText { name, media_type, text } => files::save_text(&name, media_type, &text),
        Effect::SavePixels { name, chart, caption, size, scale, dark } => {
            files::save_pixels(&name, &chart, &caption, size, scale, dark);
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
    if with_renderer(|page| page.renderer.frame(&page.model)) == Some(true) {
        ask_frame();
    }
}

/// Uses the renderer; `None` before there is one, and while an action is at work, after which a frame follows.
fn with_renderer<T>(action: impl FnOnce(&mut Page) -> T) -> Option<T> {
    if WORKING.get() {
        return None;
    }
    PAGE.with_borrow_mut(|page| page.as_mut().map(action))
}

/// A picture has another size, or pixels of another size.
fn resized(sizes: Vec<(Picture, f64, f64)>) {
    with_renderer(|page| page.renderer.resize(&sizes));
    ask_frame();
}

fn checkpoint_at(picture: Picture, x: f64) -> Option<usize> {
    with_renderer(|page| page.renderer.checkpoint_at(&page.model, picture, x)).flatten()
}

fn shown_size(picture: Picture) -> (f64, f64) {
    with_renderer(|page| page.renderer.shown_size(picture)).unwrap_or_default()
}

/// Puts `eigendrift.report()` on the window, beside what may be there already.
fn publish() {
    let window = dom::window();
    let name = JsValue::from_str("eigendrift");
    let place = js_sys::Reflect::get(&window, &name).ok().filter(JsValue::is_object);
    let place = place.unwrap_or_else(|| js_sys::Object::new().into());
    let report = Closure::<dyn Fn() -> JsValue>::new(|| {
        let text =
            with_renderer(|page| report::report(&page.model, page.renderer.moment(), page.workers.count()).to_string());
        js_sys::JSON::parse(&text.unwrap_or("null".into())).unwrap_or(JsValue::NULL)
    });
    // Properties of an ordinary object can be set.
    let _ = js_sys::Reflect::set(&place, &"report".into(), &report.into_js_value());
    let _ = js_sys::Reflect::set(&window, &name, &place);
}
