//! The report of an interrupted run, to go on from.

use std::path::Path;

use serde::Deserialize;

use super::input::{path_name, read};
use crate::experiment::{Checkpoint, Experiment, Run};

/// What going on needs of a [`Report`](crate::experiment::Report); all else is computed from it again.
#[derive(Deserialize)]
struct Stored {
    experiment: Experiment,
    interrupted: Option<usize>,
    checkpoints: Vec<Checkpoint>,
}

/// The interrupted run whose report is at `path`, after its last checkpoint, and its checkpoints so far.
///
/// # Errors
/// A sentence that begins with the path: when the file is no report, or not all of one, when its run was not interrupted,
/// and when this program would not have measured what it holds.
pub fn resumed(path: &Path) -> Result<(Run, Vec<Checkpoint>), String> {
    let text = read(path)?;
    let named = |problem: String| format!("{}: {problem}", path_name(path));
    let stored: Stored = serde_json::from_str(&text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        named(match error.is_eof() {
            true => format!("the report ends within a value, at {place}; was it cut off?"),
            false => format!("is not a report that this version of headless run wrote; see {place}"),
        })
    })?;
    if stored.interrupted.is_none() {
        return Err(named("the run was not interrupted; there is nothing to go on with".to_owned()));
    }
    let mut run = Run::new(stored.experiment).map_err(|error| named(error.to_string()))?;
    for checkpoint in &stored.checkpoints {
        run.replay(checkpoint).map_err(|error| named(error.to_string()))?;
    }
    Ok((run, stored.checkpoints))
}
