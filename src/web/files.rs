//! Files: saving, and loading those beside the page.

use super::dom::{self, make};
use super::render::canvas::{context, put};
use crate::page::action::Saving;
use crate::page::export::Snapshot;
use crate::page::export::json::Pieces;
use crate::view::drawing::Cells;
use crate::view::figure::{self, Caption};
use crate::view::{Chart, Style};
use js_sys::{Array, Promise, Uint8Array};
use plotters::drawing::IntoDrawingArea;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, Document, HtmlCanvasElement, Response, Url, XmlHttpRequest, XmlHttpRequestResponseType,
};

/// Milliseconds of work on a file before the page has its turn.
const SLICE: f64 = 10.0;

/// Saves a text.
pub fn save_text(name: &str, media_type: &str, text: &str) -> Saving {
    answer(name, blob(&Array::of1(&JsValue::from_str(text)), media_type).and_then(|blob| download(name, &blob)))
}

/// Saves bytes.
pub fn save_bytes(name: &str, bytes: &[u8]) -> Saving {
    let parts = Array::of1(&Uint8Array::from(bytes));
    answer(name, blob(&parts, "application/octet-stream").and_then(|blob| download(name, &blob)))
}

/// Saves results as JSON, a part of the file for each checkpoint, so that the program never has the whole. Calls `report`
/// whenever the page has had its turn, and at the end.
pub fn save_json(name: &str, snapshot: Snapshot, report: impl Fn(Saving) + 'static) {
    let (name, of) = (name.to_owned(), snapshot.checkpoints());
    go_on(File { name, of, pieces: snapshot.pieces(), parts: Array::new(), report });
}

/// A file that is being written.
struct File<R> {
    name: String,
    of: usize,
    pieces: Pieces,
    parts: Array,
    report: R,
}

fn go_on<R: Fn(Saving) + 'static>(mut file: File<R>) {
    const TYPE: &str = "application/json";
    let end = dom::now() + SLICE;
    while dom::now() < end {
        let part = match file.pieces.next() {
            Some(Ok(piece)) => blob(&Array::of1(&JsValue::from_str(&piece)), TYPE),
            Some(Err(error)) => Err(error.to_string().into()),
            None => {
                let saved = blob(&file.parts, TYPE).and_then(|blob| download(&file.name, &blob));
                return (file.report)(answer(&file.name, saved));
            }
        };
        match part {
            Ok(part) => _ = file.parts.push(&part),
            Err(error) => return (file.report)(answer(&file.name, Err(error))),
        }
    }
    (file.report)(Saving::UnderWay { done: file.pieces.done(), of: file.of });
    dom::after(0, move || go_on(file));
}

/// Draws a picture of `size` CSS pixels, `scale` pixels for each, and saves it as PNG; calls `report` at the end.
pub fn save_pixels(
    name: &str,
    chart: &Chart,
    caption: &Caption,
    size: (u32, u32),
    scale: f64,
    dark: bool,
    report: impl Fn(Saving) + 'static,
) {
    let drawing = figure::lay_out(chart, caption, size, &Style::canvas(scale, dark));
    let canvas: HtmlCanvasElement = make("canvas", &[]).unchecked_into();
    canvas.set_width(drawing.width as u32);
    canvas.set_height(drawing.height as u32);
    let (Some(context), Some(backend)) = (context(&canvas), CanvasBackend::with_canvas_object(canvas.clone())) else {
        return report(answer(name, Err("there is no canvas".into())));
    };
    let mut blit = |cells: &Cells| _ = put(&context, cells);
    if let Err(error) = drawing.paint(&backend.into_drawing_area(), Some(&mut blit)) {
        return report(answer(name, Err(error.to_string().into())));
    }
    let file = name.to_owned();
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        let saved = blob.ok_or("it has too many pixels".into()).and_then(|blob| download(&file, &blob));
        report(answer(&file, saved));
    });
    // Fails only where the canvas holds pixels of another origin.
    let _ = canvas.to_blob(done.unchecked_ref());
}

fn blob(parts: &Array, media_type: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_str_sequence_and_options(parts, &options)
}

fn download(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(blob)?;
    make("a", &[("href", &address), ("download", name)]).click();
    // The browser has taken the file up by then.
    dom::after(60_000, move || _ = Url::revoke_object_url(&address));
    Ok(())
}

/// What became of a file, where necessary as a sentence with the error's message.
fn answer(name: &str, saved: Result<(), JsValue>) -> Saving {
    let Err(error) = saved else { return Saving::Done };
    let message = error.as_string().or_else(|| error.dyn_into::<js_sys::Error>().ok().map(|e| e.message().into()));
    let reason = message.map_or(String::new(), |message| format!(": {}", message.trim_end_matches('.')));
    Saving::Failed(format!("The file {name} could not be saved{reason}. Results and page are as they were."))
}

/// The text of a file beside the page.
///
/// # Errors
/// Why it could not be loaded, in a few words.
pub async fn load_text(address: &str) -> Result<String, String> {
    let response = JsFuture::from(dom::window().fetch_with_str(address)).await.map_err(unreachable)?;
    let response: Response = response.dyn_into().map_err(unreachable)?;
    if !response.ok() {
        return Err(missing(response.status()));
    }
    let text = JsFuture::from(response.text().map_err(unreachable)?).await.map_err(unreachable)?;
    Ok(text.as_string().unwrap_or_default())
}

/// A file of HTML beside the page, parsed by the browser while it is loaded: markup from a text is not allowed where a page is
/// served with the policy `require-trusted-types-for 'script'`.
///
/// # Errors
/// Why it could not be loaded, in a few words.
pub async fn load_document(address: &str) -> Result<Document, String> {
    let request = XmlHttpRequest::new().map_err(unreachable)?;
    request.open("GET", address).map_err(unreachable)?;
    request.set_response_type(XmlHttpRequestResponseType::Document);
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send().map_err(unreachable)?;
    JsFuture::from(ended).await.map_err(unreachable)?;
    match request.status().map_err(unreachable)? {
        200..300 => request.response_xml().map_err(unreachable)?.ok_or_else(|| "it is not HTML".to_owned()),
        0 => Err(unreachable(JsValue::NULL)),
        status => Err(missing(status)),
    }
}

fn unreachable(_: JsValue) -> String {
    "check the connection, and reload".to_owned()
}

fn missing(status: u16) -> String {
    format!("its file is missing (status {status})")
}
