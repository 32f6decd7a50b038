//! The JS API, as a file of its own: the page needs none of it.

#[cfg(target_arch = "wasm32")]
#[path = "../web/api.rs"]
mod api;

fn main() {}
