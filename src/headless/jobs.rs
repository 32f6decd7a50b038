//! Threads of a computation.

use clap::Args;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// How many threads compute.
#[derive(Args)]
pub struct Jobs {
    /// How many threads compute; as many as there are cores unless set. The result does not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

impl Jobs {
    /// The threads.
    ///
    /// # Errors
    /// As [`pool`].
    pub fn pool(&self) -> Result<ThreadPool, String> {
        pool(self.jobs)
    }
}

/// `jobs` threads, or as many as there are cores.
///
/// # Errors
/// A sentence, when the system refuses.
pub fn pool(jobs: Option<u16>) -> Result<ThreadPool, String> {
    let built = ThreadPoolBuilder::new().num_threads(jobs.map_or(0, usize::from)).build();
    built.map_err(|error| format!("threads cannot be started: {error}"))
}
