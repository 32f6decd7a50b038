//! The worker's program.

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: eigendrift::web::allocator::Throwing = eigendrift::web::allocator::Throwing;

fn main() {
    #[cfg(target_arch = "wasm32")]
    eigendrift::web::worker::start();
}
