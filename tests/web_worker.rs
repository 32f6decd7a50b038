//! The core and its JS API in a dedicated worker of a real browser.
#![cfg(target_arch = "wasm32")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[path = "web/tests.rs"]
mod tests;
