//! Rust records ↔ JavaScript values. Every sequence of `f64` becomes one `Float64Array` and bytes become one `Uint8Array`,
//! whose buffers can be moved to another thread; everything else becomes what `JSON.parse` would give.

mod writer;

use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

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
    serde_wasm_bindgen::from_value(value)
}

/// Reads what a person wrote in JavaScript, as strictly as the JSON of the same record; arrays may be typed.
///
/// # Errors
/// [`Invalid`](crate::Error::Invalid) names the field as a path such as `optimizer.learning_rate`; `whole` stands for the
/// value itself.
pub fn from_person<T: DeserializeOwned>(value: &JsValue, whole: &str) -> crate::Result<T> {
    // serde-wasm-bindgen fetches only the fields that a record knows, so that a misspelt one would pass in silence; in a
    // node all of them arrive.
    let node = from_js(untyped(value, 0)).map_err(|_| {
        crate::Error::invalid(whole, "must hold only numbers, texts, true, false, null, lists and objects")
    })?;
    crate::json::from_node(node, whole)
}

/// Deepest nesting that is looked at; records have less, and a value that holds itself ends here.
const MAX_DEPTH: usize = 16;

/// `value` with plain arrays in place of typed ones.
fn untyped(value: &JsValue, depth: usize) -> JsValue {
    if depth > MAX_DEPTH {
        return JsValue::NULL;
    }
    if js_sys::ArrayBuffer::is_view(value) {
        return Array::from(value).into();
    }
    if let Some(array) = value.dyn_ref::<Array>() {
        // Rows of numbers are the bulk of it, and need no copy.
        if array.iter().all(|entry| !entry.is_object()) {
            return value.clone();
        }
        return array.iter().map(|entry| untyped(&entry, depth + 1)).collect::<Array>().into();
    }
    if value.is_object() && !value.is_function() {
        let copy = Object::new();
        for entry in Object::entries(value.unchecked_ref()).iter() {
            let entry: Array = entry.unchecked_into();
            if entry.get(1).is_undefined() {
                continue;
            }
            // Setting a property of an ordinary new object cannot fail.
            let _ = Reflect::set(&copy, &entry.get(0), &untyped(&entry.get(1), depth + 1));
        }
        return copy.into();
    }
    value.clone()
}
