//! From the model to the document, once per frame. Rendering changes neither the model nor the state; each part compares
//! the revisions of what it shows with those of the last time.

pub mod canvas;
mod alternative;
mod thumbnails;
pub mod controls;
mod overlay;
mod gallery;
mod bar;
mod runs;
mod numbers;
mod messages;
mod evidence;
pub mod lesson;
pub mod reading;
mod certificates;
mod parts;

use super::dom;
use crate::page::pictures::Scene;
use crate::page::tracked::Tracked;
use crate::page::{Model, Moment};
use crate::state::{Group, Picture, Scope};
use evidence::Claims;
use gallery::Gallery;

/// Revisions that a part was last rendered with.
#[derive(Default)]
struct Seen(Vec<u64>);

impl Seen {
    /// Whether any revision differs from the last time.
    fn differs(&mut self, now: &[u64]) -> bool {
        let differs = self.0 != now;
        if differs {
            self.0 = now.to_vec();
        }
        differs
    }
}

/// The document as it was last rendered.
#[derive(Default)]
pub struct Renderer {
    /// How many steps of [`Renderer::make_next`] are done.
    made: usize,
    gallery: Gallery,
    controls: Seen,
    runs: Seen,
    run_notes: Seen,
    bar: Seen,
    moment: Seen,
    messages: Seen,
    thumbnails: Seen,
    parts: Seen,
    evidence: Seen,
    claims: Tracked<Option<Claims>>,
    claim_tables: Seen,
    lesson: Seen,
    reading: Seen,
    figures: Seen,
    certificates: Seen,
}

/// The setting's groups, one step of [`Renderer::make_next`] each.
const GROUPS: [Group; 4] = [Group::Data, Group::Network, Group::Training, Group::Hessian];

impl Renderer {
    /// Makes one more part of the document; `false` when nothing is left to make. In parts, so that no task is long.
    pub fn make_next(&mut self, model: &Model) -> bool {
        match self.made {
            0 => self.gallery = Gallery::new(),
            step @ 1..=4 => controls::setting(model, GROUPS[step - 1]),
            5 => runs::render(model),
            6 => controls::view(model),
            _ => {
                parts::render(&model.state);
                return false;
            }
        }
        self.made += 1;
        true
    }

    /// Listens to the sizes of pictures.
    pub fn observe_sizes(&mut self, resized: fn(Vec<(Picture, f64, f64)>)) {
        self.gallery.observe(resized);
    }

    /// Takes over the sizes of pictures; an empty list stands for pixels of another size.
    pub fn resize(&mut self, sizes: &[(Picture, f64, f64)]) {
        self.gallery.resize(sizes);
    }

    /// The moment that the pictures show.
    pub fn moment(&self) -> &Moment {
        self.gallery.shown()
    }

    /// Index of the checkpoint under a CSS pixel column of a picture.
    pub fn checkpoint_at(&self, model: &Model, picture: Picture, x: f64) -> Option<usize> {
        self.gallery.checkpoint_at(&Scene::new(model, self.gallery.shown()), picture, x)
    }

    /// A picture's size in CSS pixels.
    pub fn shown_size(&self, picture: Picture) -> (f64, f64) {
        self.gallery.size(picture)
    }

    /// Brings the document up to date; `true` where another frame is needed.
    pub fn frame(&mut self, model: &Model) -> bool {
        if self.made <= GROUPS.len() + 2 {
            return true;
        }
        let (state, problems, progress) =
            (model.state.revision(), model.problems.revision(), model.progress.revision());
        let saving = model.saving.revision();
        let (runs, cursor, paused) = (model.runs.revision(), model.cursor.revision(), model.paused.revision());
        if self.parts.differs(&[state]) {
            parts::render(&model.state);
        }
        if self.controls.differs(&[state, problems]) {
            for group in GROUPS {
                controls::setting(model, group);
            }
            controls::view(model);
            controls::errors(&model.problems.fields);
            parts::hide(&model.state);
        }
        if self.runs.differs(&[state, problems]) {
            runs::render(model);
        }
        if self.run_notes.differs(&[state, progress, runs]) {
            runs::notes(model);
        }
        let playing = model.playing.revision();
        if self.bar.differs(&[progress, paused, runs, cursor, playing, state, model.shared.revision(), saving]) {
            bar::render(model);
        }
        if self.messages.differs(&[
            state,
            problems,
            model.table.revision(),
            model.kept.revision(),
            model.plan.revision(),
            progress,
            saving,
            model.evidence.revision(),
        ]) {
            messages::render(model);
        }
        let stored = model.stored.revision();
        if self.evidence.differs(&[model.evidence.revision(), state, runs]) {
            evidence::render(model);
            self.claims.assign(model.evidence.as_ref().map(Claims::of));
        }
        let claims = self.claims.revision();
        if self.claim_tables.differs(&[claims, state, stored]) {
            evidence::render_claims(model);
        }
        if self.lesson.differs(&[state, model.lessons.revision(), model.predicted.revision(), stored]) {
            lesson::render(model);
        }
        let text = model.reading.revision();
        if self.reading.differs(&[state, text, stored, claims]) {
            reading::render(model);
        }
        if self.figures.differs(&[state, text, model.dark.revision()]) {
            reading::draw_figures();
        }
        if self.certificates.differs(&[runs, cursor, model.exploration.revision(), model.problems.revision()]) {
            certificates::render(model);
        }
        let table = model.table.revision();
        if self.thumbnails.differs(&[model.sketches.revision(), model.dark.revision(), table, state]) {
            thumbnails::render(model);
        }
        let again = self.gallery.frame(model);
        let shown = self.gallery.shown();
        // What is said of the moment changes in the same frame as the pictures.
        if self.moment.differs(&[self.gallery.presented(), state, playing]) && self.gallery.presented() > 0 {
            let scene = Scene::new(model, shown);
            bar::render_moment(&scene, model.cursor.live || shown.cursor == model.shown_checkpoint());
            numbers::render(&scene);
            lesson::sentence(&scene);
            certificates::render_moment(&scene);
        }
        again
    }
}

/// The name of a scope in the markup.
pub fn scope_name(scope: Scope) -> String {
    match scope {
        Scope::Setting => "setting".into(),
        Scope::View => "view".into(),
        Scope::Run(index) => format!("run{index}"),
    }
}

/// The text of an icon's button is its label; the drawing is hidden from those who listen.
fn icon_button(attributes: &[(&str, &str)], label: &str, path: &str) -> web_sys::HtmlElement {
    let button = dom::make("button", attributes);
    dom::set(&button, "type", "button");
    dom::set(&button, "aria-label", label);
    dom::set(&button, "title", label);
    dom::append(&button, &[&dom::icon(path)]);
    button
}

/// Paths of icons in a square of 16 by 16.
mod icons {
    /// Two arrows outwards.
    pub const ENLARGE: &str = "M9.5 2.5h4v4M13 3 9.2 6.8M6.5 13.5h-4v-4M3 13l3.8-3.8";
    /// A cross.
    pub const CLOSE: &str = "M4 4l8 8M12 4l-8 8";
    /// Two sheets.
    pub const DUPLICATE: &str = "M5.5 5.5h8v8h-8zM10.5 2.5h-8v8";
}
