//! The program of the page and of its workers, which are given the compiled module by the page.

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: eigendrift::web::allocator::Reporting = eigendrift::web::allocator::Reporting::new();

#[cfg(target_arch = "wasm32")]
fn main() {
    if web_sys::window().is_some() {
        eigendrift::web::page::start();
    } else {
        ALLOCATOR.throw();
        eigendrift::web::worker::start();
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
