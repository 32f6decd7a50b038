//! The page's entry point.

#[cfg(target_arch = "wasm32")]
fn main() {
    eigendrift::web::page::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
