//! The native program for batch work and for checking the page.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eigendrift::headless::main(std::env::args().skip(1).collect())
}

#[cfg(target_arch = "wasm32")]
fn main() {}
