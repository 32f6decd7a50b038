//! Saving files.

use super::dom::{self, make};
use super::render::canvas::{context, put};
use crate::view::drawing::Cells;
use crate::view::figure::{self, Caption};
use crate::view::{Chart, Style};
use js_sys::Array;
use plotters::drawing::IntoDrawingArea;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlCanvasElement, Url};

/// Saves a text.
pub fn save_text(name: &str, media_type: &str, text: &str) {
    let parts = Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        download(name, &blob);
    }
}

/// Draws a picture of `size` CSS pixels, `scale` pixels for each, and saves it as PNG.
pub fn save_pixels(name: &str, chart: &Chart, caption: &Caption, size: (u32, u32), scale: f64, dark: bool) {
    let drawing = figure::lay_out(chart, caption, size, &Style::canvas(scale, dark));
    let canvas: HtmlCanvasElement = make("canvas", &[]).unchecked_into();
    canvas.set_width(drawing.width as u32);
    canvas.set_height(drawing.height as u32);
    let (Some(context), Some(backend)) = (context(&canvas), CanvasBackend::with_canvas_object(canvas.clone())) else {
        return dom::log("a picture could not be saved: there is no canvas");
    };
    let mut blit = |cells: &Cells| _ = put(&context, cells);
    if let Err(error) = drawing.paint(&backend.into_drawing_area(), Some(&mut blit)) {
        return dom::log(&format!("a picture could not be saved: {error}"));
    }
    let file = name.to_owned();
    let done = Closure::once_into_js(move |blob: Option<Blob>| match blob {
        Some(blob) => download(&file, &blob),
        None => dom::log("a picture could not be saved: it has too many pixels"),
    });
    // Fails only where the canvas holds pixels of another origin.
    let _ = canvas.to_blob(done.unchecked_ref());
}

fn download(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    make("a", &[("href", &address), ("download", name)]).click();
    // The browser has taken the file up by then.
    dom::after(60_000, move || _ = Url::revoke_object_url(&address));
}
