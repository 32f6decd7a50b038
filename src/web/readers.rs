//! Networks and results in a visitor's files, read by the program of the JS API: it is loaded for them alone, and what reads them is
//! no part of what every visitor loads.

use crate::page::imported::{FileKind, Opened};
use crate::web::transfer::from_js;
use js_sys::{Error, Function, Promise, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Reads a file of the form that its name tells.
///
/// # Errors
/// A sentence that begins with `name`.
pub async fn open(name: &str, file: Option<Blob>) -> Result<Opened, String> {
    match FileKind::of(name) {
        Some(FileKind::Network) => {
            let content = file.map(|file| file.array_buffer());
            read(name, "readNetwork", content).await.map(|network| Opened::Network(Box::new(network)))
        }
        _ => {
            let content = file.map(|file| file.text());
            read(name, "readResults", content).await.map(|results| Opened::Results(Box::new(results)))
        }
    }
}

/// Calls a function of the JS API with a file's name and what is in it.
async fn read<T: DeserializeOwned>(name: &str, reader: &str, content: Option<Promise>) -> Result<T, String> {
    let named = |words: &str| format!("{name}: {words}");
    let unreadable = || named("the browser could not read the file");
    let content = JsFuture::from(content.ok_or_else(unreadable)?).await.map_err(|_| unreadable())?;
    let content = if content.is_string() { content } else { Uint8Array::new(&content).into() };
    let api = load().await;
    let api = api.map_err(|_| {
        named("the program that reads such files could not be loaded; check the connection and choose the file again")
    })?;
    let found = || {
        let reader: Function = Reflect::get(&api, &reader.into())?.dyn_into()?;
        from_js(reader.call2(&JsValue::UNDEFINED, &name.into(), &content)?)
            .map_err(|error| Error::new(&named(&error.to_string())).into())
    };
    found().map_err(|error: JsValue| {
        error.dyn_into::<Error>().map_or_else(|_| unreadable(), |error| error.message().into())
    })
}

/// The JS API, by the function that `www/guard.js` has for it: a program in wasm cannot load modules.
async fn load() -> Result<JsValue, JsValue> {
    let place = Reflect::get(&crate::web::dom::window(), &"eigendrift".into())?;
    let api: Function = Reflect::get(&place, &"api".into())?.dyn_into()?;
    let api: Promise = api.call0(&JsValue::UNDEFINED)?.dyn_into()?;
    JsFuture::from(api).await
}
