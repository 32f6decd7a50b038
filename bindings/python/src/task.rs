//! A computation on threads of its own. The calling thread, which waits without the interpreter's lock, reports progress and
//! notices interruptions from the keyboard.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::ThreadPoolBuilder;

/// How long an interruption may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

/// The connection of a computation to the thread that waits for it: its progress, and whether its result is still wanted.
pub struct Observer {
    progress: Sender<(usize, usize)>,
    stopped: Arc<AtomicBool>,
}

impl Observer {
    /// So much is done, of so much in all.
    pub fn progress(&self, done: usize, total: usize) {
        // Fails once no thread waits any more.
        let _ = self.progress.send((done, total));
    }

    /// Whether the result is no longer wanted.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// What `work` gives on `jobs` threads, as many as there are cores unless set.
///
/// # Errors
/// `ValueError` with the sentence of `work`, or about `jobs`; whatever `progress` raises, and `KeyboardInterrupt`. These two
/// come at once: the threads end by themselves where the computation next looks whether it is still wanted.
pub fn compute<T: Send + 'static>(
    py: Python<'_>,
    jobs: Option<&Bound<'_, PyAny>>,
    progress: Option<Py<PyAny>>,
    work: impl FnOnce(&Observer) -> Result<T, String> + Send + 'static,
) -> PyResult<T> {
    let refused = |error: &dyn std::fmt::Display| PyValueError::new_err(format!("threads cannot be started: {error}"));
    let pool = ThreadPoolBuilder::new().num_threads(threads(jobs)?).build().map_err(|error| refused(&error))?;
    let (sender, receiver) = channel();
    let stopped = Arc::new(AtomicBool::new(false));
    let observer = Observer { progress: sender, stopped: Arc::clone(&stopped) };
    let computation = move || pool.install(|| work(&observer));
    let thread = thread::Builder::new().spawn(computation).map_err(|error| refused(&error))?;
    py.detach(move || {
        loop {
            let message = match receiver.recv_timeout(PATIENCE) {
                // The observer is gone: `work` has returned.
                Err(RecvTimeoutError::Disconnected) => break,
                // A slow listener gets the latest alone.
                Ok(first) => receiver.try_iter().last().or(Some(first)),
                Err(RecvTimeoutError::Timeout) => None,
            };
            let reported = Python::attach(|py| {
                py.check_signals()?;
                match (&progress, message) {
                    (Some(progress), Some(message)) => progress.call1(py, message).map(drop),
                    _ => Ok(()),
                }
            });
            reported.inspect_err(|_| stopped.store(true, Ordering::Relaxed))?;
        }
        match thread.join() {
            Ok(outcome) => outcome.map_err(PyValueError::new_err),
            // Raised as pyo3's PanicException.
            Err(panic) => resume_unwind(panic),
        }
    })
}

/// 0 for as many as there are cores.
fn threads(jobs: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
    let Some(jobs) = jobs else { return Ok(0) };
    match jobs.extract::<u16>() {
        Ok(count) if count > 0 => Ok(count.into()),
        _ => {
            let sentence = format!("jobs: must be a whole number from 1 to {}, not {}", u16::MAX, jobs.repr()?);
            Err(PyValueError::new_err(sentence))
        }
    }
}
