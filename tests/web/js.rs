//! JavaScript values as a caller of the API sees them.

use eigendrift::web::timer::after;
use js_sys::{Array, Float64Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

pub fn parse(json: &str) -> JsValue {
    js_sys::JSON::parse(json).expect("JSON")
}

/// `object.field`, or `array[3]` for the field `3`.
pub fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, key| Reflect::get(&value, &key.into()).expect("an object"))
}

pub fn number(value: &JsValue, path: &str) -> f64 {
    get(value, path).as_f64().unwrap_or_else(|| panic!("{path} is not a number"))
}

/// All numbers in `value.path`, row by row; plain and typed arrays alike.
pub fn numbers(value: &JsValue, path: &str) -> Vec<f64> {
    fn flat(value: &JsValue, into: &mut Vec<f64>) {
        if let Some(array) = value.dyn_ref::<Float64Array>() {
            into.extend(array.to_vec());
        } else if let Some(array) = value.dyn_ref::<Array>() {
            array.iter().for_each(|entry| flat(&entry, into));
        } else {
            into.push(value.as_f64().expect("a number"));
        }
    }
    let mut all = Vec::new();
    flat(&get(value, path), &mut all);
    all
}

/// The message of the `Error` that was thrown.
pub fn message<T>(result: Result<T, JsError>) -> String {
    let error: JsValue = result.err().expect("an error").into();
    error.dyn_into::<js_sys::Error>().expect("an Error").message().into()
}

/// What was returned; panics with the message of what was thrown.
pub fn returned<T>(result: Result<T, JsError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{:?}", JsValue::from(error)),
    }
}

pub async fn sleep(milliseconds: f64) {
    let promise = Promise::new(&mut |resolve, _| {
        after(milliseconds, move || drop(resolve.call0(&JsValue::UNDEFINED)));
    });
    JsFuture::from(promise).await.expect("a timer");
}

/// Asserts |found − expected| ≤ tolerance · max(scale, floor) entry by entry.
pub fn close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: lengths");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance, "{what}, entry {i}: {found} instead of {expected}");
    }
}

pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}
