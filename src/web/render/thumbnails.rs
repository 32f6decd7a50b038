//! The choice of a data set: radio buttons with thumbnails drawn from the data themselves, and a button for own data.
//! The data are in the workers, which sketch them once; the page draws the sketches again when the theme changes.

use super::canvas::context;
use crate::dataset::{Name, Sketch};
use crate::page::Model;
use crate::page::model::Sketches;
use crate::state::choice::named;
use crate::state::table::OWN_TABLE;
use crate::state::{Field, Kind};
use crate::view::Palette;
use crate::view::color::{DARK, LIGHT};
use crate::web::dom::{self, all, append, make, make_text, set};
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlElement};

/// Side of a thumbnail in CSS pixels.
const SIDE: f64 = 40.0;

/// The control, still without drawings.
pub fn control(field: &Field, marks: &[(&str, &str); 2]) -> HtmlElement {
    let group = make("div", &[("class", "thumbs"), ("role", "radiogroup"), ("data-field", field.key)]);
    set(&group, "aria-label", &field.label);
    let Kind::Choice(options) = &field.kind else { return group };
    for (name, text) in options {
        let whole = named::<Name>(name);
        let label = make("label", &[("class", "thumb"), ("title", whole.map_or(text.as_str(), |name| name.label()))]);
        let radio = make("input", &[("type", "radio"), ("name", "data"), ("value", name), marks[0], marks[1]]);
        let face = make("span", &[]);
        let canvas = make("canvas", &[("data-thumbnail", name), ("aria-hidden", "true")]);
        append(&face, &[&canvas, &make_text("span", &[("class", "caption")], text)]);
        append(&label, &[&radio, &face]);
        append(&group, &[&label]);
    }
    let own = make("button", &[("type", "button"), ("id", "own-table")]);
    append(&own, &[&make_text("b", &[("aria-hidden", "true")], "+"), &make_text("span", &[], "your data")]);
    append(&group, &[&own]);
    group
}

/// Draws all thumbnails of which there is a sketch, one per task, so that the page stays responsive.
pub fn render(model: &Model) {
    let palette = if *model.dark { &DARK } else { &LIGHT };
    for canvas in all(&dom::root(), "canvas[data-thumbnail]") {
        let Ok(canvas) = canvas.dyn_into::<HtmlCanvasElement>() else { continue };
        let name = canvas.get_attribute("data-thumbnail").unwrap_or_default();
        let sketch = match (&*model.sketches, name.as_str()) {
            (_, OWN_TABLE) => model.table.sketch.clone(),
            (Sketches::Found(found), name) => {
                let name = named::<Name>(name);
                found.iter().find(|sketch| sketch.name == name).cloned()
            }
            _ => None,
        };
        if let Some(sketch) = sketch {
            dom::after(0, move || draw(&canvas, &sketch, palette));
        }
    }
}

fn draw(canvas: &HtmlCanvasElement, sketch: &Sketch, palette: &Palette) {
    let scale = dom::window().device_pixel_ratio().clamp(1.0, 4.0);
    let pixels = (SIDE * scale).round() as u32;
    canvas.set_width(pixels);
    canvas.set_height(pixels);
    match sketch.side {
        Some(side) => image(canvas, sketch, side, palette),
        None => points(canvas, sketch, scale, palette),
    }
}

fn points(canvas: &HtmlCanvasElement, sketch: &Sketch, scale: f64, palette: &Palette) {
    let Some(context) = context(canvas) else { return };
    let half = SIDE / 2.0;
    for (place, &label) in sketch.values.chunks_exact(2).zip(&sketch.labels) {
        let (x, y) = (half + (half - 3.0) * place[0], half - (half - 3.0) * place[1]);
        context.set_fill_style_str(&palette.class(label).css());
        context.begin_path();
        if context.arc(x * scale, y * scale, 1.3 * scale, 0.0, std::f64::consts::TAU).is_ok() {
            context.fill();
        }
    }
}

fn image(canvas: &HtmlCanvasElement, sketch: &Sketch, side: usize, palette: &Palette) {
    let Some(context) = context(canvas) else { return };
    let cell = f64::from(canvas.width()) / side as f64;
    for (index, value) in sketch.values.iter().enumerate() {
        let (row, column) = (index / side, index % side);
        context.set_fill_style_str(&palette.sequential(*value).css());
        context.fill_rect((column as f64 * cell).floor(), (row as f64 * cell).floor(), cell.ceil(), cell.ceil());
    }
}
