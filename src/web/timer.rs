//! The clock and the timers that pages and workers share.

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the page or worker began, by a clock that never goes back.
    #[wasm_bindgen(js_namespace = performance)]
    pub fn now() -> f64;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64, argument: u32);
    #[wasm_bindgen(js_name = setInterval)]
    fn set_interval(callback: &Function, milliseconds: f64);
}

/// Calls `callback` once, later.
pub fn after(milliseconds: f64, callback: impl FnOnce() + 'static) {
    set_timeout(Closure::once_into_js(callback).unchecked_ref(), milliseconds, 0);
}

/// Calls `callback` with `argument` once, later; `callback` must live as long.
pub fn call_after(milliseconds: f64, callback: &Closure<dyn Fn(u32)>, argument: u32) {
    set_timeout(callback.as_ref().unchecked_ref(), milliseconds, argument);
}

/// Calls `callback` every second, for as long as the page lives.
pub fn every_second(callback: impl Fn() + 'static) {
    let callback = Closure::<dyn Fn()>::new(callback);
    set_interval(callback.as_ref().unchecked_ref(), 1000.0);
    callback.forget();
}
