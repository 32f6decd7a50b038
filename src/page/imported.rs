//! What the page opens beside data: networks, and results that were read from a file.

use crate::dataset::Own;
use crate::ensemble::SeedResult;
use crate::experiment::{Checkpoint, Experiment};
use crate::network_file::NetworkFile;
use crate::page::message::Started;
use crate::state::{OwnNetwork, OwnTable, State};
use serde::{Deserialize, Serialize};

/// What is in a file that the page opens.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// A network that runs begin with.
    Network(Box<NetworkFile>),
    /// Results to be shown.
    Results(Box<Results>),
}

/// Which of them a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A network.
    Network,
    /// Results.
    Results,
}

impl FileKind {
    /// By the end of the file's name; none for files of data.
    pub fn of(name: &str) -> Option<Self> {
        match name.rsplit('.').next() {
            Some(ending) if ending.eq_ignore_ascii_case("safetensors") => Some(FileKind::Network),
            Some(ending) if ending.eq_ignore_ascii_case("json") => Some(FileKind::Results),
            _ => None,
        }
    }
}

/// Results of one to four runs, or of many seeds of two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The link that computes them, as far as one can.
    pub link: String,
    /// Whether it has the view that they were saved with.
    pub has_view: bool,
    /// The visitor's own rows that they are on, and their label column.
    pub own_table: Option<(Own, String)>,
    /// The network that all runs began with, if they did not draw their start.
    pub own_network: Option<NetworkFile>,
    /// What is different from what the link computes.
    pub note: Option<String>,
    /// The runs; none where there are seeds.
    pub runs: Vec<ImportedRun>,
    /// What seeds of the first two runs gave; none where there are runs.
    pub seeds: Vec<SeedResult>,
}

/// Results of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedRun {
    /// The index of its name.
    pub index: usize,
    /// The experiment.
    pub experiment: Experiment,
    /// What is known before its first step.
    pub started: Started,
    /// Why it has no more checkpoints, and whether it diverged; none where it has all.
    pub end: Option<(String, bool)>,
    /// Its checkpoints; never none.
    pub checkpoints: Vec<Checkpoint>,
}

impl Results {
    /// Gives a state the visitor's files that the link cannot carry; of rows no more is here than what is known of them.
    pub fn put_files(&self, name: &str, state: &mut State) {
        if let Some((own, label)) = &self.own_table {
            state.own_table = Some(OwnTable { files: Vec::new(), read: Some((label.clone(), Ok(own.clone()))) });
        }
        if let Some(network) = &self.own_network {
            state.own_network = Some(OwnNetwork { name: name.to_owned(), network: network.clone() }.into());
        }
    }
}
