//! The core and its JS API on the page's thread of a real browser, and the pool of workers, which only the page has.
#![cfg(target_arch = "wasm32")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "web/pool.rs"]
mod pool;
#[path = "web/tests.rs"]
mod tests;
