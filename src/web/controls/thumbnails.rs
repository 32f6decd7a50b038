//! The choice of a data set: radio buttons with thumbnails drawn from the data themselves, and a button for own tables.

use super::super::canvas::context;
use super::super::dom::{self, all, append, make, make_text, set};
use super::super::theme;
use crate::dataset::{DataSource, Dataset, Name, Preparation, load};
use crate::state::{Field, Kind};
use crate::view::color::{DARK, LIGHT};
use crate::view::scatter::class_color;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlElement};

/// Side of a thumbnail in CSS pixels.
const SIDE: f64 = 40.0;
/// Most points of a thumbnail: more would be one blot.
const POINTS: usize = 90;

/// The control.
pub fn control(field: &Field, marks: &[(&str, &str); 2]) -> HtmlElement {
    let group = make("div", &[("class", "thumbs"), ("role", "radiogroup"), ("data-field", field.key)]);
    set(&group, "aria-label", &field.label);
    let Kind::Choice(options) = &field.kind else { return group };
    for (name, text) in options {
        let whole: Option<Name> = serde_json::from_value(serde_json::Value::String(name.clone())).ok();
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

/// Draws all thumbnails, one per task, so that the page stays responsive.
pub fn draw_all() {
    dom::after(0, || draw_from(0));
}

fn draw_from(index: usize) {
    let canvases = all(&dom::root(), "canvas[data-thumbnail]");
    let Some(canvas) = canvases.get(index) else { return };
    if let Some(canvas) = canvas.dyn_ref::<HtmlCanvasElement>() {
        let name = canvas.get_attribute("data-thumbnail").unwrap_or_default();
        let known: Option<Name> = serde_json::from_value(serde_json::Value::String(name)).ok();
        if let Some(name) = known {
            draw(canvas, name);
        }
    }
    dom::after(0, move || draw_from(index + 1));
}

fn draw(canvas: &HtmlCanvasElement, name: Name) {
    let scale = dom::window().device_pixel_ratio().clamp(1.0, 4.0);
    let pixels = (SIDE * scale).round() as u32;
    canvas.set_width(pixels);
    canvas.set_height(pixels);
    let mut source = DataSource::from(name);
    if name.image_side().is_none() && !matches!(name, Name::Spirals | Name::Moons | Name::Circles | Name::Xor) {
        source.preparation = Some(Preparation::PrincipalComponents);
        source.components = Some(2);
    }
    // A set that cannot be loaded has no thumbnail.
    let Ok(data) = load(&source, 1) else { return };
    match name.image_side() {
        Some(side) => image(canvas, &data, side),
        None => points(canvas, &data, scale),
    }
}

/// Points in the plane of the first two inputs.
fn points(canvas: &HtmlCanvasElement, data: &Dataset, scale: f64) {
    let Some(context) = context(canvas) else { return };
    let palette = if theme::is_dark() { &DARK } else { &LIGHT };
    let range = |axis: usize| {
        let values = (0..data.len()).map(|n| data.input(n)[axis.min(data.features - 1)]);
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(x), h.max(x)));
        ((low + high) / 2.0, (high - low).max(1e-9) / 2.0)
    };
    let ((cx, rx), (cy, ry)) = (range(0), range(1));
    let stride = data.len().div_ceil(POINTS).max(1);
    let half = SIDE / 2.0;
    for n in (0..data.len()).step_by(stride) {
        let x = half + (half - 3.0) * (data.input(n)[0] - cx) / rx;
        let y = half - (half - 3.0) * (data.input(n)[1.min(data.features - 1)] - cy) / ry;
        context.set_fill_style_str(&class_color(palette, data.labels[n]).css());
        context.begin_path();
        if context.arc(x * scale, y * scale, 1.3 * scale, 0.0, std::f64::consts::TAU).is_ok() {
            context.fill();
        }
    }
}

/// The first image of the set.
fn image(canvas: &HtmlCanvasElement, data: &Dataset, side: usize) {
    let Some(context) = context(canvas) else { return };
    let palette = if theme::is_dark() { &DARK } else { &LIGHT };
    // The fourth sample is a three, whose strokes survive at 4×4.
    let pixels = data.input(3.min(data.len() - 1));
    let most = pixels.iter().fold(1e-9_f64, |m, x| m.max(*x));
    let cell = f64::from(canvas.width()) / side as f64;
    for (index, value) in pixels.iter().enumerate() {
        let (row, column) = (index / side, index % side);
        context.set_fill_style_str(&palette.sequential(value / most).css());
        context.fill_rect((column as f64 * cell).floor(), (row as f64 * cell).floor(), cell.ceil(), cell.ceil());
    }
}
