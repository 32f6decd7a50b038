//! Files in and out: a visitor's own data by file or drop, and what is exported.

use super::Port;
use crate::page::Action;
use crate::page::action::{Export, Format};
use crate::page::imported::FileKind;
use crate::page::reading::MAX_BYTES;
use crate::script::Form;
use crate::state::{Choice, OwnFile, Picture, RUN_NAMES};
use crate::web::dom::{self, body, by_id, listen as on};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, FileList, HtmlElement, HtmlInputElement};

/// Listens to the buttons, the file input and drops anywhere on the page.
pub fn listen(port: Port) {
    let document = dom::document();
    on(&document, "click", move |event| {
        if dom::target(&event, "#own-table, #own-network").is_some()
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
            take(port, files.files());
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
        take(port, transfer.and_then(|transfer| transfer.files()));
    });
}

/// What a button exports, and the size of its picture on the page.
fn export(port: Port, button: &HtmlElement) -> Option<(Export, (f64, f64))> {
    let format = match button.get_attribute("data-export")?.as_str() {
        "csv" => return Some((Export::Csv, (0.0, 0.0))),
        "json" => return Some((Export::Json, (0.0, 0.0))),
        "program" => return Some((Export::Program(run(button)?, Form::Program), (0.0, 0.0))),
        "weights" => return Some((Export::Weights(run(button)?), (0.0, 0.0))),
        "notebook" => return Some((Export::Program(run(button)?, Form::Notebook), (0.0, 0.0))),
        "png" => Format::Png,
        _ => Format::Svg,
    };
    let picture = Picture::named(&button.get_attribute("data-of")?)?;
    Some((Export::Picture(picture, format), (port.shown_size)(picture)))
}

/// The index of the run that a button is about.
fn run(button: &HtmlElement) -> Option<usize> {
    let name = button.get_attribute("data-of")?;
    RUN_NAMES.iter().position(|known| *known == name)
}

/// Hands files over to be read.
fn take(port: Port, list: Option<FileList>) {
    let list = list.map_or(Vec::new(), |list| (0..list.length()).filter_map(|index| list.item(index)).collect());
    let is_large = |file: &&File| file.size() > MAX_BYTES as f64;
    if let Some(file) = list.iter().find(is_large) {
        let problem = format!("the file has more than {} MB; the page reads smaller ones", MAX_BYTES / 1_000_000);
        return (port.dispatch)(Action::FileRefused { name: file.name(), problem });
    }
    let (opened, list): (Vec<File>, Vec<File>) =
        list.into_iter().partition(|file| FileKind::of(&file.name()).is_some());
    let kept = |file: File| OwnFile { name: file.name(), number: (port.keep_file)(file.into()) };
    if let Some(file) = opened.into_iter().next_back() {
        (port.dispatch)(Action::OpenFile(kept(file)));
    }
    let files: Vec<OwnFile> = list.into_iter().map(kept).collect();
    if !files.is_empty() {
        (port.dispatch)(Action::FilesChosen(files));
    }
}
