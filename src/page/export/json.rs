//! Everything that the runs have found as JSON, in pieces: a long experiment's file is larger than the memory of the page.
//!
//! [`Snapshot::pieces`] gives a piece for each checkpoint and a few between them; one after the other they are the file.
//! Checkpoints of large networks are several pieces, since a piece is written in one go on the page's thread.

use crate::experiment::{ChanceLevels, Checkpoint, Experiment};
use crate::mlp::ParameterGroup;
use crate::null_model::NullBands;
use crate::page::json_text::to_text;
use crate::page::model::Model;
use crate::page::results::RunResults;
use crate::script::build_id;
use crate::state::{RUN_NAMES, link};
use litemap::LiteMap;
use serde::Serialize;
use std::rc::Rc;

/// The form that [`Everything`] has: docs/export.schema.json in its first version. A reader refuses what it does not know.
pub const SCHEMA: &str = "eigendrift/export.schema.json/1";

/// All that the page knows, as it is saved.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Everything<'a> {
    /// `eigendrift/export.schema.json/1`.
    pub schema: &'static str,
    /// The sources that the page was built from.
    pub build: String,
    /// The link that repeats the runs, but for an own table.
    pub link: String,
    /// Bands of the null model that serves all runs, where there is one.
    pub null_model: Option<&'a NullBands>,
    /// The runs.
    pub runs: Vec<RunExport<'a>>,
}

/// One run, as it is saved.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RunExport<'a> {
    /// `A` to `D`.
    pub name: &'static str,
    /// The experiment, with all changes on the way.
    pub experiment: &'a Experiment,
    /// n_0, …, n_L.
    pub layers: Option<&'a [usize]>,
    /// P.
    pub parameter_count: Option<usize>,
    /// Which entries of θ are which weights and biases.
    pub groups: Option<&'a [ParameterGroup]>,
    /// Chance levels.
    pub chance: Option<ChanceLevels>,
    /// Changes of learning rate or schedule on the way.
    pub changes: Vec<ChangeExport>,
    /// Bands of the null model that refers to this run's last checkpoint, where it refers to one.
    pub null_model: Option<&'a NullBands>,
    /// All checkpoints, in order of time.
    pub checkpoints: Vec<&'a Checkpoint>,
}

/// A change on the way, as it is saved.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ChangeExport {
    /// Steps taken before it.
    pub step: usize,
    /// What changed, in a few words.
    pub words: String,
}

/// What there is to save at one moment. It shares experiments and checkpoints with the model, whose later changes it does
/// not show.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    link: String,
    runs: LiteMap<usize, RunResults>,
    nulls: LiteMap<Option<usize>, Rc<NullBands>>,
}

impl Snapshot {
    /// What a model has found.
    pub fn new(model: &Model) -> Self {
        Snapshot { link: link::write(&model.state), runs: (*model.runs).clone(), nulls: model.nulls_at_the_end() }
    }

    /// How many checkpoints all runs have.
    pub fn checkpoints(&self) -> usize {
        self.runs.values().map(|run| run.checkpoints.len()).sum()
    }

    /// The JSON text of [`Everything`], in pieces.
    pub fn pieces(self) -> Pieces {
        Pieces { snapshot: self, next: Next::Head, done: 0 }
    }

    fn run(&self, place: usize) -> Option<(usize, &RunResults)> {
        self.runs.iter().nth(place).map(|(&index, results)| (index, results))
    }

    /// The text before the first run.
    fn head(&self) -> serde_json::Result<String> {
        open(&Everything {
            schema: SCHEMA,
            build: build_id(),
            link: self.link.clone(),
            null_model: self.nulls.get(&None).map(|bands| &**bands),
            runs: Vec::new(),
        })
    }

    /// The text of a run before its first checkpoint.
    fn run_head(&self, index: usize, results: &RunResults) -> serde_json::Result<String> {
        let started = results.started.as_ref();
        let changes = results.changes();
        open(&RunExport {
            name: RUN_NAMES[index],
            experiment: &results.experiment,
            layers: started.map(|s| s.layers.as_slice()),
            parameter_count: started.map(|s| s.parameter_count),
            groups: started.map(|s| s.groups.as_slice()),
            chance: started.map(|s| s.chance),
            changes: changes.iter().map(|c| ChangeExport { step: c.step, words: c.describe() }).collect(),
            null_model: self.nulls.get(&Some(index)).map(|bands| &**bands),
            checkpoints: Vec::new(),
        })
    }
}

/// What ends a record whose last field is a list.
const END: &str = "]}";

/// Most numbers of θ and of eigenvectors that are one piece with the checkpoint that has them.
const WHOLE: usize = 20_000;
/// Most numbers of a piece of them otherwise.
const ROW: usize = 8192;

/// How the text of a checkpoint ends that has no eigenvectors and no θ, which are its last fields.
const NO_VECTORS: &str = "[],\"parameters\":[]}";

/// How many numbers the eigenvectors and θ of a checkpoint have.
fn numbers(checkpoint: &Checkpoint) -> usize {
    (checkpoint.leading_eigenvectors.len() + 1) * checkpoint.parameters.len()
}

/// The text of a checkpoint up to its first eigenvector.
fn before_vectors(checkpoint: &Checkpoint) -> serde_json::Result<String> {
    let none = (Vec::new(), Vec::new());
    let bare = Checkpoint { leading_eigenvectors: none.0, parameters: none.1, ..checkpoint.clone() };
    let mut text = to_text(&bare)?;
    debug_assert!(text.ends_with(NO_VECTORS), "{text}");
    text.truncate(text.len() - NO_VECTORS.len());
    Ok(text + "[")
}

/// The text of the numbers from `from` on of a row, an eigenvector or after the last θ, and where the next numbers are: row
/// and first number; none at the end of the checkpoint.
fn row(checkpoint: &Checkpoint, row: usize, from: usize) -> serde_json::Result<(String, Option<(usize, usize)>)> {
    let k = checkpoint.leading_eigenvectors.len();
    let values = checkpoint.leading_eigenvectors.get(row).unwrap_or(&checkpoint.parameters);
    let end = values.len().min(from + ROW);
    let numbers = to_text(&values[from..end])?;
    let before = match (row, from) {
        (0, 0) if k > 0 => "[",
        (_, 0) if row < k => ",[",
        (_, 0) => "],\"parameters\":[",
        _ => ",",
    };
    let (after, next) = match (end == values.len(), row < k) {
        (false, _) => ("", Some((row, end))),
        (true, true) => ("]", Some((row + 1, 0))),
        (true, false) => ("]}", None),
    };
    Ok((format!("{before}{}{after}", &numbers[1..numbers.len() - 1]), next))
}

/// A record whose last field is an empty list, up to where the list's first entry would stand.
fn open(record: &impl Serialize) -> serde_json::Result<String> {
    let mut text = to_text(record)?;
    text.truncate(text.len() - END.len());
    Ok(text)
}

/// The pieces of a JSON text.
#[derive(Debug, Clone, PartialEq)]
pub struct Pieces {
    snapshot: Snapshot,
    next: Next,
    done: usize,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Next {
    Head,
    /// The head of the run at this place.
    Run(usize),
    /// The run's place, and the checkpoint's index.
    Checkpoint(usize, usize),
    /// Of that checkpoint a row, and the first of its numbers.
    Row((usize, usize), (usize, usize)),
    Nothing,
}

impl Pieces {
    /// How many checkpoints the pieces so far have.
    pub fn done(&self) -> usize {
        self.done
    }
}

impl Iterator for Pieces {
    type Item = serde_json::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let comma = |index: usize| if index > 0 { "," } else { "" };
        let (piece, next) = match self.next {
            Next::Head => (self.snapshot.head(), Next::Run(0)),
            Next::Run(place) => match self.snapshot.run(place) {
                Some((index, results)) => {
                    let head = self.snapshot.run_head(index, results);
                    (head.map(|head| format!("{}{head}", comma(place))), Next::Checkpoint(place, 0))
                }
                None => (Ok(END.to_owned()), Next::Nothing),
            },
            Next::Checkpoint(place, index) => {
                match self.snapshot.run(place).and_then(|(_, results)| results.checkpoints.get(index)) {
                    Some(checkpoint) if numbers(checkpoint) > WHOLE => {
                        let text = before_vectors(checkpoint).map(|text| comma(index).to_owned() + &text);
                        (text, Next::Row((place, index), (0, 0)))
                    }
                    Some(checkpoint) => {
                        self.done += 1;
                        let text = to_text(&**checkpoint);
                        (text.map(|text| comma(index).to_owned() + &text), Next::Checkpoint(place, index + 1))
                    }
                    None => (Ok(END.to_owned()), Next::Run(place + 1)),
                }
            }
            Next::Row((place, index), (at, from)) => {
                let (_, results) = self.snapshot.run(place)?;
                match row(results.checkpoints.get(index)?, at, from) {
                    Ok((text, Some(next))) => (Ok(text), Next::Row((place, index), next)),
                    Ok((text, None)) => {
                        self.done += 1;
                        (Ok(text), Next::Checkpoint(place, index + 1))
                    }
                    Err(error) => (Err(error), Next::Nothing),
                }
            }
            Next::Nothing => return None,
        };
        self.next = if piece.is_ok() { next } else { Next::Nothing };
        Some(piece)
    }
}
