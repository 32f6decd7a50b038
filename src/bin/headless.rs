//! The native program for batch work and for checking the page.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eigendrift::headless::main(std::env::args_os())
}

#[cfg(target_arch = "wasm32")]
fn main() {}
