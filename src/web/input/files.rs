//! Files in and out: a visitor's own table by file or drop, and what is exported.

use super::Port;
use crate::page::Action;
use crate::page::action::{Export, Format};
use crate::state::{Choice, Picture};
use crate::web::dom::{self, body, by_id, listen as on};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, File, HtmlElement, HtmlInputElement};

/// The largest table that the page reads; its own thread must not stand still for long.
const MAX_BYTES: f64 = 5e6;

/// Listens to the buttons, the file input and drops anywhere on the page.
pub fn listen(port: Port) {
    let document = dom::document();
    on(&document, "click", move |event| {
        if dom::target(&event, "#own-table").is_some()
            && let Some(input) = by_id::<HtmlInputElement>("file")
        {
            input.click();
        }
        if dom::target(&event, "[data-confirm-table]").is_some() {
            (port.dispatch)(Action::ConfirmTable);
        }
        if dom::target(&event, "[data-forget-table]").is_some() {
            (port.dispatch)(Action::ForgetTable);
        }
        if let Some(button) = dom::target(&event, "[data-export]")
            && let Some((export, shown)) = export(port, &button)
        {
            (port.dispatch)(Action::Export { export, shown });
        }
    });
    if let Some(input) = by_id::<HtmlInputElement>("file") {
        let files = input.clone();
        on(&input, "change", move |_| {
            if let Some(file) = files.files().and_then(|list| list.item(0)) {
                read(port, file);
            }
            // The same file can then be chosen again.
            files.set_value("");
        });
    }
    let mark = |on: bool| _ = body().class_list().toggle_with_force("drop", on);
    on(&document, "dragover", move |event| {
        event.prevent_default();
        mark(true);
    });
    on(&document, "dragleave", move |_| mark(false));
    on(&document, "drop", move |event| {
        event.prevent_default();
        mark(false);
        let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
        if let Some(file) = transfer.and_then(|t| t.files()).and_then(|list| list.item(0)) {
            read(port, file);
        }
    });
}

/// What a button exports, and the size of its picture on the page.
fn export(port: Port, button: &HtmlElement) -> Option<(Export, (f64, f64))> {
    let format = match button.get_attribute("data-export")?.as_str() {
        "csv" => return Some((Export::Csv, (0.0, 0.0))),
        "json" => return Some((Export::Json, (0.0, 0.0))),
        "png" => Format::Png,
        _ => Format::Svg,
    };
    let picture = Picture::named(&button.get_attribute("data-of")?)?;
    Some((Export::Picture(picture, format), (port.shown_size)(picture)))
}

fn read(port: Port, file: File) {
    let name = file.name();
    if file.size() > MAX_BYTES {
        let problem = "the file has more than 5 MB; the page reads smaller tables".to_owned();
        return (port.dispatch)(Action::TableRefused { name, problem });
    }
    spawn_local(async move {
        (port.dispatch)(match JsFuture::from(file.text()).await {
            Ok(text) => Action::TableRead { name, text: text.as_string().unwrap_or_default() },
            Err(_) => Action::TableRefused { name, problem: "the browser could not read the file".into() },
        });
    });
}
