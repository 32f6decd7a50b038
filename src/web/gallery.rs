//! The pictures on the page: drawn again at most once per frame, and only as many per frame as fit into it.

use super::canvas::{Chart, Surface};
use super::dom::{self, all, append, by_id, make_text, set, set_text};
use super::page::{self, Page};
use super::pictures::Scene;
use super::{alternative, marks, theme};
use crate::sorting::ascending;
use crate::state::PICTURES;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, ResizeObserver, ResizeObserverEntry};

/// Milliseconds of a frame that pictures may take; the rest waits for the next frame.
const BUDGET: f64 = 6.0;
/// A picture that took long to draw rests for so many times as long.
const REST: f64 = 10.0;
/// And at most so many milliseconds: a long drawing may only have waited for the processor.
const MOST_REST: f64 = 250.0;

/// One picture.
pub struct Picture {
    /// Its name.
    pub name: &'static str,
    /// Its canvases.
    pub surface: Surface,
    /// What was drawn last.
    pub chart: Option<Chart>,
    touched: bool,
    over_touched: bool,
    not_before: f64,
    words_due: bool,
}

/// All pictures.
#[derive(Default)]
pub struct Gallery {
    /// In the order of [`PICTURES`].
    pub pictures: Vec<Picture>,
    /// Where the pointer is: picture and CSS pixels in it.
    pub pointer: Option<(usize, f64, f64)>,
    asked: bool,
    words_at: f64,
}

impl Gallery {
    /// Canvases for all figures of the markup.
    pub fn new() -> Self {
        let figure = |name: &&'static str| {
            let figure: HtmlElement = by_id(name)?;
            let button = make_text("button", &[("type", "button"), ("class", "enlarge"), ("data-enlarge", name)], "⤢");
            set(&button, "aria-label", &format!("Open {name} large"));
            set(&button, "title", "Open large (Escape closes)");
            append(&figure, &[&button]);
            let surface = Surface::new(&figure);
            set(&surface.base, "data-chart", name);
            Some(Picture {
                name,
                surface,
                chart: None,
                touched: true,
                over_touched: true,
                not_before: 0.0,
                words_due: true,
            })
        };
        Gallery { pictures: PICTURES.iter().filter_map(figure).collect(), ..Gallery::default() }
    }

    /// All pictures are to be drawn again.
    pub fn touch_all(&mut self) {
        for picture in &mut self.pictures {
            picture.touched = true;
        }
        self.ask_frame();
    }

    /// The cursor stands elsewhere: what depends on it is to be drawn again.
    pub fn cursor_moved(&mut self) {
        for picture in &mut self.pictures {
            picture.over_touched = true;
            picture.touched |= ["spectrum", "displacement"].contains(&picture.name);
        }
        self.ask_frame();
    }

    /// The pointer moved.
    pub fn pointer_moved(&mut self, at: Option<(usize, f64, f64)>) {
        let before = self.pointer.map(|p| p.0);
        self.pointer = at;
        for index in [before, at.map(|p| p.0)].into_iter().flatten() {
            self.pictures[index].over_touched = true;
        }
        self.ask_frame();
    }

    /// Asks for the next frame, once.
    pub fn ask_frame(&mut self) {
        thread_local! {
            static FRAME: Closure<dyn FnMut()> = Closure::new(|| page::with(frame));
        }
        if !std::mem::replace(&mut self.asked, true) {
            // Fails only without a window.
            FRAME.with(|frame| _ = dom::window().request_animation_frame(frame.as_ref().unchecked_ref()));
        }
    }
}

/// Opens pictures large, closes them, and fits them to the window.
pub fn listen() {
    dom::listen(&dom::document(), "click", |event| {
        let Some(button) = dom::target(&event, "[data-enlarge]") else { return };
        let name = button.get_attribute("data-enlarge");
        page::with(|page| {
            let known = PICTURES.iter().find(|known| Some(**known) == name.as_deref()).copied();
            page.state.open = if page.state.open == known { None } else { known };
            opened(page);
        });
    });
    dom::listen(&dom::document(), "keydown", |event| {
        let escape =
            wasm_bindgen::JsCast::dyn_ref::<web_sys::KeyboardEvent>(&event).is_some_and(|e| e.key() == "Escape");
        if escape {
            page::with(|page| {
                if page.state.open.take().is_some() {
                    opened(page);
                }
            });
        }
    });
    observe();
    // A change of the zoom or of the screen alters the pixels and leaves the sizes.
    dom::listen(&dom::window(), "resize", |_| page::with(|page| page.gallery.touch_all()));
    dom::listen(&dom::document(), "visibilitychange", |_| page::with(|page| page.gallery.touch_all()));
}

/// Hears from the browser how large each picture is, at first and whenever that changes.
fn observe() {
    let sized = Closure::<dyn FnMut(js_sys::Array)>::new(|entries: js_sys::Array| {
        page::with(|page| {
            for entry in entries.iter().filter_map(|entry| entry.dyn_into::<ResizeObserverEntry>().ok()) {
                let (plot, rect) = (entry.target(), entry.content_rect());
                let same = |picture: &&mut Picture| picture.surface.plot.is_same_node(Some(&plot));
                if let Some(picture) = page.gallery.pictures.iter_mut().find(same) {
                    picture.surface.size = (rect.width(), rect.height());
                    picture.touched = true;
                    picture.not_before = 0.0;
                }
            }
            page.gallery.ask_frame();
        });
    });
    let Ok(observer) = ResizeObserver::new(sized.as_ref().unchecked_ref()) else { return };
    sized.forget();
    page::with(|page| {
        for picture in &page.gallery.pictures {
            observer.observe(&picture.surface.plot);
        }
    });
}

/// What follows when a picture was opened large or closed.
fn opened(page: &mut Page) {
    super::address::write(&page.state);
    super::address::apply_parts(&page.state);
    page.gallery.touch_all();
}

/// Draws what is due.
fn frame(page: &mut Page) {
    page.gallery.asked = false;
    super::transport::sync(page);
    super::numbers::sync(page);
    let begun = dom::now();
    let mut gallery = std::mem::take(&mut page.gallery);
    let scene =
        Scene { state: &page.state, runs: &page.runs, cursor: page.cursor, live: page.live, dark: theme::is_dark() };
    let computing = page.runs.iter().any(|run| run.phase == super::results::Phase::Running);
    let mut again = false;
    // Beginning with the one that has waited longest, so that a small budget is shared.
    let times: Vec<f64> = gallery.pictures.iter().map(|picture| picture.not_before).collect();
    for index in ascending(&times) {
        let picture = &mut gallery.pictures[index];
        let now = dom::now();
        if picture.touched {
            if now - begun > BUDGET || now < picture.not_before {
                again = true;
            } else {
                draw(picture, &scene);
                let end = dom::now();
                picture.not_before = if computing { end + (REST * (end - now)).min(MOST_REST) } else { end };
            }
        }
        if picture.over_touched && !picture.touched {
            picture.over_touched = false;
            let pointer = gallery.pointer.filter(|p| p.0 == index).map(|p| (p.1, p.2));
            marks::draw(picture, &scene, pointer);
        }
    }
    let now = dom::now();
    if now - gallery.words_at > 1000.0 || !computing {
        gallery.words_at = now;
        for picture in gallery.pictures.iter_mut().filter(|picture| picture.words_due) {
            if dom::now() - begun > BUDGET {
                again = true;
                break;
            }
            picture.words_due = false;
            alternative::write(picture);
        }
    }
    page.gallery = gallery;
    if again {
        page.gallery.ask_frame();
    }
}

fn draw(picture: &mut Picture, scene: &Scene) {
    picture.touched = false;
    if !picture.surface.fit() {
        return;
    }
    if let Some(chart) = scene.chart(picture.name) {
        picture.surface.draw(&chart, scene.dark);
        picture.chart = Some(chart);
        picture.over_touched = true;
        picture.words_due = true;
    }
}

/// Shows one picture large, or all of them.
pub fn show_open(open: Option<&str>) {
    let Some(place) = by_id::<Element>("pictures") else { return };
    match open {
        Some(name) => set(&place, "data-open", name),
        None => _ = place.remove_attribute("data-open"),
    }
    for figure in all(&place, "figure") {
        let this = open == figure.get_attribute("data-picture").as_deref();
        let _ = figure.class_list().toggle_with_force("open", this);
        for button in all(&figure, ".enlarge") {
            set_text(&button, if this { "✕" } else { "⤢" });
            let name = figure.get_attribute("data-picture").unwrap_or_default();
            set(&button, "aria-label", &if this { format!("Close {name}") } else { format!("Open {name} large") });
        }
    }
}
