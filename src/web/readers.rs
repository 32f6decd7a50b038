//! Networks and results in a visitor's files, read by the program of the JS API in a worker: it is loaded for them alone, and what
//! reads them is no part of what every visitor loads.

use crate::page::imported::{FileKind, Opened};
use crate::web::dom;
use crate::web::transfer::from_js;
use js_sys::{Error, Function, Promise, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Reads a file of the form that its name tells.
///
/// # Errors
/// A sentence that begins with `name`.
pub async fn open(name: &str, file: Option<Blob>) -> Result<Opened, String> {
    let file = file.ok_or_else(|| format!("{name}: the browser could not read the file"))?;
    match FileKind::of(name) {
        Some(FileKind::Network) => {
            read("readNetwork", name, &file).await.map(|network| Opened::Network(Box::new(network)))
        }
        _ => read("readResults", name, &file).await.map(|results| Opened::Results(Box::new(results))),
    }
}

/// Has a function of the JS API read a file, by the function that `www/guard.js` has for it: a program in wasm cannot load modules.
async fn read<T: DeserializeOwned>(reader: &str, name: &str, file: &Blob) -> Result<T, String> {
    let begin = || -> Result<Promise, JsValue> {
        let place = Reflect::get(&dom::window(), &"eigendrift".into())?;
        let read: Function = Reflect::get(&place, &"read".into())?.dyn_into()?;
        read.call3(&place, &reader.into(), &name.into(), file)?.dyn_into()
    };
    let sentence = |error: JsValue| match error.dyn_into::<Error>() {
        Ok(error) => error.message().into(),
        Err(_) => format!("{name}: the browser gives no worker to read the file in"),
    };
    let found = JsFuture::from(begin().map_err(sentence)?).await.map_err(sentence)?;
    from_js(found).map_err(|error| format!("{name}: {error}"))
}
