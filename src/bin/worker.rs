//! The worker's program, and the JS API.

#[cfg(target_arch = "wasm32")]
#[path = "../web/api.rs"]
mod api;

fn main() {
    #[cfg(target_arch = "wasm32")]
    eigendrift::web::worker::start();
}
