//! The choice of a data set: radio buttons with thumbnails drawn from the data themselves, and a button for own tables.
//! The data are in the workers, which sketch them once; the page draws the sketches again when the theme changes.

use super::super::canvas::context;
use super::super::dom::{self, all, append, make, make_text, set};
use super::super::{page, theme};
use crate::dataset::{Name, Sketch};
use crate::state::{Field, Kind};
use crate::view::color::{DARK, LIGHT};
use crate::view::scatter::class_color;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlElement};

/// Side of a thumbnail in CSS pixels.
const SIDE: f64 = 40.0;

/// What the thumbnails are drawn from.
pub enum Sketches {
    /// No worker was asked.
    NotAsked,
    /// The number of the task.
    Asked(u32),
    /// What the worker found.
    There(Vec<Sketch>),
}

/// The control.
pub fn control(field: &Field, marks: &[(&str, &str); 2]) -> HtmlElement {
    let group = make("div", &[("class", "thumbs"), ("role", "radiogroup"), ("data-field", field.key)]);
    set(&group, "aria-label", &field.label);
    let Kind::Choice(options) = &field.kind else { return group };
    for (name, text) in options {
        let whole = named(name);
        let label = make("label", &[("class", "thumb"), ("title", whole.map_or(text.as_str(), |name| name.label()))]);
        let radio = make("input", &[("type", "radio"), ("name", "data"), ("value", name), marks[0], marks[1]]);
        let face = make("span", &[]);
        let canvas = make("canvas", &[("data-thumbnail", name), ("aria-hidden", "true")]);
        append(&face, &[&canvas, &make_text("span", &[("class", "caption")], text)]);
        append(&label, &[&radio, &face]);
        append(&group, &[&label]);
    }
    let own = make("button", &[("type", "button"), ("id", "own-table")]);
    append(&own, &[&make_text("b", &[("aria-hidden", "true")], "+"), &make_text("span", &[], "your CSV")]);
    append(&group, &[&own]);
    draw_all();
    group
}

fn named(name: &str) -> Option<Name> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// Draws all thumbnails of which there is a sketch, one per task, so that the page stays responsive.
pub fn draw_all() {
    dom::after(0, || draw_from(0));
}

fn draw_from(index: usize) {
    let canvases = all(&dom::root(), "canvas[data-thumbnail]");
    let Some(canvas) = canvases.get(index).and_then(|canvas| canvas.dyn_ref::<HtmlCanvasElement>()) else { return };
    let name = canvas.get_attribute("data-thumbnail").and_then(|name| named(&name));
    page::with(|page| {
        let Sketches::There(sketches) = &page.sketches else { return };
        if let Some(sketch) = sketches.iter().find(|sketch| Some(sketch.name) == name) {
            draw(canvas, sketch);
        }
    });
    dom::after(0, move || draw_from(index + 1));
}

fn draw(canvas: &HtmlCanvasElement, sketch: &Sketch) {
    let scale = dom::window().device_pixel_ratio().clamp(1.0, 4.0);
    let pixels = (SIDE * scale).round() as u32;
    canvas.set_width(pixels);
    canvas.set_height(pixels);
    match sketch.name.image_side() {
        Some(side) => image(canvas, sketch, side),
        None => points(canvas, sketch, scale),
    }
}

fn points(canvas: &HtmlCanvasElement, sketch: &Sketch, scale: f64) {
    let Some(context) = context(canvas) else { return };
    let palette = if theme::is_dark() { &DARK } else { &LIGHT };
    let half = SIDE / 2.0;
    for (place, &label) in sketch.values.chunks_exact(2).zip(&sketch.labels) {
        let (x, y) = (half + (half - 3.0) * place[0], half - (half - 3.0) * place[1]);
        context.set_fill_style_str(&class_color(palette, label).css());
        context.begin_path();
        if context.arc(x * scale, y * scale, 1.3 * scale, 0.0, std::f64::consts::TAU).is_ok() {
            context.fill();
        }
    }
}

fn image(canvas: &HtmlCanvasElement, sketch: &Sketch, side: usize) {
    let Some(context) = context(canvas) else { return };
    let palette = if theme::is_dark() { &DARK } else { &LIGHT };
    let cell = f64::from(canvas.width()) / side as f64;
    for (index, value) in sketch.values.iter().enumerate() {
        let (row, column) = (index / side, index % side);
        context.set_fill_style_str(&palette.sequential(*value).css());
        context.fill_rect((column as f64 * cell).floor(), (row as f64 * cell).floor(), cell.ceil(), cell.ceil());
    }
}
