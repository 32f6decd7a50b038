//! Interruption from the terminal, SIGINT: the first ends a computation where it can go on later, the second the program.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit status of a program that SIGINT ended: 128 and the number of the signal.
pub const INTERRUPTED: u8 = 130;

/// Whether there was an interruption.
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on interruptions are counted. The second one removes `temporary` and ends the program.
    ///
    /// # Errors
    /// A sentence, when the system refuses.
    pub fn watch(temporary: Option<&Path>) -> Result<Self, String> {
        let seen = Arc::new(AtomicBool::new(false));
        let (noted, temporary) = (Arc::clone(&seen), temporary.map(Path::to_owned));
        ctrlc::set_handler(move || {
            if noted.swap(true, Ordering::Relaxed) {
                // Nothing is left to do when that fails.
                let _ = temporary.as_ref().map(std::fs::remove_file);
                std::process::exit(i32::from(INTERRUPTED));
            }
        })
        .map_err(|error| format!("interruptions cannot be noticed: {error}"))?;
        Ok(Interrupt(seen))
    }

    /// Whether there has been one.
    pub fn seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
