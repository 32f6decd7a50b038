//! Networks of the visitor's own, read by the program of the JS API: it is loaded for them alone, and what reads them is no part of
//! what every visitor loads.

use crate::network_file::NetworkFile;
use crate::web::transfer::from_js;
use js_sys::{Error, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Reads a file.
///
/// # Errors
/// A sentence that begins with `name`.
pub async fn read(name: &str, file: Option<Blob>) -> Result<NetworkFile, String> {
    let sentence = |error: JsValue, otherwise: &str| match error.dyn_into::<Error>() {
        Ok(error) => String::from(error.message()),
        Err(_) => format!("{name}: {otherwise}"),
    };
    let unreadable = "the browser could not read the file";
    let file = file.ok_or_else(|| format!("{name}: {unreadable}"))?;
    let bytes = JsFuture::from(file.array_buffer()).await.map_err(|_| format!("{name}: {unreadable}"))?;
    let api = load().await.map_err(|_| {
        format!("{name}: the program that reads networks could not be loaded; check the connection and choose the file again")
    })?;
    let found = async {
        let read: Function = Reflect::get(&api, &"readNetwork".into())?.dyn_into()?;
        let found = read.call2(&JsValue::UNDEFINED, &name.into(), &Uint8Array::new(&bytes))?;
        from_js(found).map_err(|error| JsValue::from_str(&error.to_string()))
    };
    found.await.map_err(|error| sentence(error, unreadable))
}

/// The JS API, by the function that `www/guard.js` has for it: a program in wasm cannot load modules.
async fn load() -> Result<JsValue, JsValue> {
    let place = Reflect::get(&crate::web::dom::window(), &"eigendrift".into())?;
    let api: Function = Reflect::get(&place, &"api".into())?.dyn_into()?;
    let api: Promise = api.call0(&JsValue::UNDEFINED)?.dyn_into()?;
    JsFuture::from(api).await
}
