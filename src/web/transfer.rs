//! Rust records ↔ JavaScript values. Every sequence of `f64` becomes one `Float64Array` and bytes become one `Uint8Array`,
//! whose buffers can be moved to another thread; everything else becomes what `JSON.parse` would give.

mod reader;
mod writer;

use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use reader::Reader;
use writer::Writer;

/// `record` as a JavaScript value, and the buffers of its arrays, as `postMessage` wants them to move and not copy.
///
/// # Errors
/// When a whole number is beyond 2⁵³, which JavaScript cannot hold.
pub fn to_js<T: Serialize + ?Sized>(record: &T) -> Result<(JsValue, Array), Error> {
    let writer = Writer::default();
    let value = record.serialize(&writer)?.into();
    Ok((value, writer.buffers))
}

/// A message together with blobs, which stay outside of the program's memory and are not copied on their way.
pub fn with_blobs(message: JsValue, blobs: &[Blob]) -> JsValue {
    if blobs.is_empty() {
        return message;
    }
    std::iter::once(message).chain(blobs.iter().map(JsValue::from)).collect::<Array>().into()
}

/// What [`with_blobs`] put together.
pub fn without_blobs(message: JsValue) -> (JsValue, Vec<Blob>) {
    match message.dyn_ref::<Array>() {
        Some(parts) => (parts.get(0), parts.iter().skip(1).filter_map(|part| part.dyn_into().ok()).collect()),
        None => (message, Vec::new()),
    }
}

/// Reads what [`to_js`] wrote; for messages, whose shape is known to fit.
///
/// # Errors
/// When it does not fit.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    T::deserialize(Reader::Value(value, 0))
}

/// Reads what a person wrote in JavaScript, as strictly as the JSON of the same record; arrays may be typed.
///
/// # Errors
/// [`Invalid`](crate::Error::Invalid) names the field as a path such as `optimizer.learning_rate`; `whole` stands for the
/// value itself.
pub fn from_person<T: DeserializeOwned>(value: &JsValue, whole: &str) -> crate::Result<T> {
    // By way of a node, which names the field that is wrong.
    let node = from_js(value.clone()).map_err(|_| {
        crate::Error::invalid(whole, "must hold only numbers, texts, true, false, null, lists and objects")
    })?;
    crate::json::from_node(node, whole)
}
