//! The pictures on the page. They are drawn behind the scenes, as many per frame as fit into it, and shown together: all
//! pictures of a frame show the same moment.

use super::canvas::{self, Surface};
use super::{alternative, icon_button, icons, overlay};
use crate::page::pictures::{CursorMark, PICTURES, Scene, descriptor, is_explored};
use crate::page::readout::caption::caption;
use crate::page::{Model, Moment, readout};
use crate::state::view::Seeds;
use crate::state::{Choice, Picture};
use crate::web::dom::{self, all, append, by_id, make, make_text, set, set_text};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver, ResizeObserverEntry};

/// Milliseconds of a frame that drawing may take; the rest waits for the next frame.
const BUDGET: f64 = 6.0;
/// While runs compute, drawing rests for so many times as long as it took,
const REST: f64 = 10.0;
/// but at most so many milliseconds: a long drawing may only have waited for the processor.
const MOST_REST: f64 = 250.0;
/// Milliseconds between two updates of text alternatives while runs compute.
const WORDS: f64 = 1000.0;

/// What a chart was made from: revisions, and for some pictures the cursor.
type Key = (Vec<u64>, Option<(usize, bool)>);

struct Figure {
    picture: Picture,
    surface: Surface,
    /// What the drawing behind the scenes was made from.
    key: Option<Key>,
    /// Whether it waits to be shown.
    waits: bool,
    words_due: bool,
    /// The sentence below its title.
    caption: Option<HtmlElement>,
}

/// All pictures.
#[derive(Default)]
pub struct Gallery {
    figures: Vec<Figure>,
    shown: Moment,
    presented: u64,
    /// The moment that is being drawn.
    next: Option<Moment>,
    /// The revisions that the visitor's doing changes, which are shown without a rest.
    urgent: Vec<u64>,
    /// Milliseconds that drawing the present moment took so far, and when the next may begin.
    spent: f64,
    not_before: f64,
    words_at: f64,
    overlay: Vec<u64>,
    /// How much larger than usual type is.
    enlarged: f64,
}

impl Gallery {
    /// Figures for all pictures.
    pub fn new() -> Self {
        let mut figures = Vec::new();
        let Some(place) = by_id::<HtmlElement>("pictures") else { return Gallery::default() };
        let last = by_id::<web_sys::Element>("numbers");
        for descriptor in &PICTURES {
            let (name, title) = (descriptor.picture.name(), descriptor.picture.label());
            let figure = make("figure", &[("id", name), ("data-picture", name)]);
            let caption = make("figcaption", &[]);
            let options = make("span", &[("class", "options")]);
            for key in descriptor.options {
                append(&options, &[&make("span", &[("data-view", key)])]);
            }
            let heading = make_text("h2", &[], title);
            append(&caption, &[&heading, &options, &make_text("p", &[], descriptor.help)]);
            let enlarge = [("class", "enlarge"), ("data-enlarge", name)];
            let button = icon_button(&enlarge, &format!("Open {title} large"), icons::ENLARGE);
            let unfold = make_text("button", &[("type", "button"), ("class", "unfold")], "▾");
            set(&unfold, "aria-label", &format!("Show or hide {title}"));
            append(&figure, &[&caption, &button, &unfold]);
            let surface = Surface::new(&figure);
            set(&surface.base, "data-chart", name);
            // Before the card of numbers, which the markup has.
            let _ = place.insert_before(&figure, last.as_ref().map(AsRef::as_ref));
            let caption = all(&caption, "p").into_iter().next();
            let (picture, key) = (descriptor.picture, None);
            figures.push(Figure { picture, surface, key, waits: false, words_due: true, caption });
        }
        make_export_menu();
        Gallery { figures, ..Gallery::default() }
    }

    /// The moment that is shown.
    pub fn shown(&self) -> &Moment {
        &self.shown
    }

    /// How many moments were shown.
    pub fn presented(&self) -> u64 {
        self.presented
    }

    fn figure(&self, picture: Picture) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.picture == picture)
    }

    /// A picture's size in CSS pixels.
    pub fn size(&self, picture: Picture) -> (f64, f64) {
        self.figure(picture).map_or((0.0, 0.0), |figure| figure.surface.size)
    }

    /// Index of the checkpoint under a CSS pixel column of a picture.
    pub fn checkpoint_at(&self, scene: &Scene, picture: Picture, x: f64) -> Option<usize> {
        let surface = &self.figure(picture)?.surface;
        let (chart, layout) = surface.shown()?;
        readout::checkpoint_at(scene, picture, chart, layout, x * surface.scale)
    }

    /// Reports the sizes of pictures, at first and whenever they change; and an empty list when pixels change theirs.
    pub fn observe(&self, resized: fn(Vec<(Picture, f64, f64)>)) {
        let sized = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let entries = entries.iter().filter_map(|entry| entry.dyn_into::<ResizeObserverEntry>().ok());
            let size = |entry: ResizeObserverEntry| {
                let name = entry.target().parent_element()?.get_attribute("data-picture")?;
                let rect = entry.content_rect();
                Some((Picture::named(&name)?, rect.width(), rect.height()))
            };
            resized(entries.filter_map(size).collect());
        });
        if let Ok(observer) = ResizeObserver::new(sized.as_ref().unchecked_ref()) {
            for figure in &self.figures {
                observer.observe(&figure.surface.plot);
            }
        }
        sized.forget();
        // A change of the zoom or of the screen alters the pixels and leaves the sizes.
        dom::listen(&dom::window(), "resize", move |_| resized(Vec::new()));
        dom::listen(&dom::document(), "visibilitychange", move |_| resized(Vec::new()));
    }

    /// Takes over sizes.
    pub fn resize(&mut self, sizes: &[(Picture, f64, f64)]) {
        // Only together with sizes does it change.
        let enlarged = canvas::enlarged();
        let all = sizes.is_empty() || self.enlarged != enlarged;
        self.enlarged = enlarged;
        for (picture, width, height) in sizes {
            if let Some(figure) = self.figures.iter_mut().find(|figure| figure.picture == *picture) {
                figure.surface.size = (*width, *height);
                figure.key = None;
            }
        }
        if all {
            self.figures.iter_mut().for_each(|figure| figure.key = None);
        }
        self.not_before = 0.0;
    }

    /// Draws what is due, and shows it once all is drawn; `true` where another frame is needed.
    pub fn frame(&mut self, model: &Model) -> bool {
        let begun = dom::now();
        let computing = !*model.paused && model.is_under_way();
        // While the cursor runs by itself, a moment that is being drawn is shown before the next.
        let cursor = if model.playing.is_some() { 0 } else { model.cursor.revision() };
        let urgent = vec![model.state.revision(), cursor, model.dark.revision()];
        if self.urgent != urgent {
            // What is being drawn is not what the visitor wants to see now.
            (self.next, self.not_before) = (None, 0.0);
            self.urgent = urgent;
        }
        if self.next.as_ref().is_some_and(|moment| !moment.is_in(model)) {
            self.next = None;
        }
        if self.next.is_none() {
            let moment = model.moment();
            if self.figures.iter().all(|figure| figure.key.as_ref() == Some(&key(model, &moment, figure.picture)))
                && self.presented > 0
                && moment == self.shown
            {
                self.overlay(model);
                return self.words(begun, computing);
            }
            if computing && begun < self.not_before {
                self.overlay(model);
                return true;
            }
            (self.next, self.spent) = (Some(moment), 0.0);
        }
        let Some(moment) = self.next.clone() else { return false };
        let scene = Scene::new(model, &moment);
        for figure in &mut self.figures {
            let key = key(model, &moment, figure.picture);
            if figure.key.as_ref() == Some(&key) {
                continue;
            }
            if dom::now() - begun > BUDGET {
                self.spent += dom::now() - begun;
                return true;
            }
            figure.key = Some(key);
            if figure.surface.has_room() {
                figure.surface.draw(scene.chart(figure.picture), *model.dark, self.enlarged);
                figure.waits = true;
            }
        }
        for figure in self.figures.iter_mut().filter(|figure| figure.waits) {
            figure.surface.present();
            (figure.waits, figure.words_due) = (false, true);
        }
        for figure in &self.figures {
            set(&figure.surface.plot, "data-moment", &moment.cursor.to_string());
            if let Some(text) = &figure.caption {
                set_text(text, &caption(&scene, figure.picture));
            }
        }
        self.shown = moment;
        self.next = None;
        self.presented += 1;
        self.overlay.clear();
        self.overlay(model);
        let end = dom::now();
        self.spent += end - begun;
        self.not_before = if computing { end + (REST * self.spent).min(MOST_REST) } else { end };
        // Checkpoints may have come in the meantime.
        true
    }

    /// Draws the cursor and the readout above the charts, where they have changed.
    fn overlay(&mut self, model: &Model) {
        let now = vec![model.pointer.revision(), self.presented];
        if self.overlay == now || self.presented == 0 {
            return;
        }
        self.overlay = now;
        let scene = Scene::new(model, &self.shown);
        for figure in &self.figures {
            let pointer = model.pointer.filter(|pointer| pointer.picture == figure.picture);
            overlay::draw(figure.picture, &figure.surface, &scene, pointer.map(|p| (p.x, p.y)));
        }
    }

    /// Writes text alternatives, seldom while runs compute; `true` where some are left.
    fn words(&mut self, begun: f64, computing: bool) -> bool {
        let due = self.figures.iter().any(|figure| figure.words_due);
        if !due || (computing && begun - self.words_at < WORDS) {
            return due && computing;
        }
        for figure in self.figures.iter_mut().filter(|figure| figure.words_due) {
            if dom::now() - begun > BUDGET {
                return true;
            }
            figure.words_due = false;
            alternative::write(&figure.surface);
        }
        self.words_at = begun;
        false
    }
}

/// What the chart of a picture depends on.
fn key(model: &Model, moment: &Moment, picture: Picture) -> Key {
    let state = if picture == Picture::Function { model.state.revision() } else { model.drawn() };
    let mut revisions = vec![state, model.nulls.revision(), model.dark.revision()];
    for (run, (generation, count)) in &moment.shown {
        let changes = model.runs.get(run).map_or(0, |results| results.experiment.changes.len());
        revisions.extend([*run as u64, u64::from(*generation), *count as u64, changes as u64]);
    }
    if descriptor(picture).over_seeds.is_some() && model.state.view().curves != Seeds::This {
        revisions.push(model.evidence.revision());
    }
    if is_explored(picture, model) {
        revisions.push(model.exploration.revision());
    }
    let cursor = (descriptor(picture).cursor == CursorMark::Chart).then_some((moment.cursor, moment.live));
    (revisions, cursor)
}

/// Buttons that save each picture.
fn make_export_menu() {
    let Some(menu) = by_id::<HtmlElement>("export-pictures") else { return };
    for descriptor in &PICTURES {
        let (name, title) = (descriptor.picture.name(), descriptor.picture.label());
        let row = make_text("p", &[], title);
        for (format, label) in [("svg", "SVG"), ("png", "PNG")] {
            let attributes = [("type", "button"), ("data-export", format), ("data-of", name)];
            let button = make_text("button", &attributes, label);
            set(&button, "aria-label", &format!("{title} as {label}"));
            append(&row, &[&button]);
        }
        append(&menu, &[&row]);
    }
}
