//! What is to be done in the browser besides showing the model, as plain data.
//!
//! [`update`](super::update::update) returns effects in the order in which they are carried out. None returns a value: what
//! comes of it, such as a worker's event or the end of a wait, arrives as an [`Action`](super::action::Action) later.

use super::action::{Place, Timer};
use super::export::Snapshot;
use super::message::{Command, Task};
use crate::state::OwnFile;
use crate::view::Chart;
use crate::view::figure::Caption;

/// Something to do in the browser.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Begin a task, dropping what is under way at its place.
    Start {
        /// Where.
        place: Place,
        /// The number that its events carry.
        generation: u32,
        /// What.
        task: Box<Task>,
    },
    /// Send a command to the task at a place.
    Command {
        /// Where.
        place: Place,
        /// What.
        command: Command,
    },
    /// Drop the task at a place.
    Stop(Place),
    /// Write the link into the address; a text that begins with `#`.
    WriteLink(String),
    /// Copy the address with this link, and answer with [`Shared`](super::action::Action::Shared).
    Copy(String),
    /// Answer with [`Due`](super::action::Action::Due) after some milliseconds.
    Wait {
        /// How long.
        milliseconds: u32,
        /// What for.
        timer: Timer,
    },
    /// Load the lessons, and answer with [`LessonsLoaded`](super::action::Action::LessonsLoaded).
    LoadLessons,
    /// Load article and explanations, and answer with [`ReadingLoaded`](super::action::Action::ReadingLoaded).
    LoadReading,
    /// Load the results on several tasks, and answer with [`StoredLoaded`](super::action::Action::StoredLoaded).
    LoadStored,
    /// Load the program that repeats runs, and answer with [`TemplateLoaded`](super::action::Action::TemplateLoaded).
    LoadTemplate,
    /// Read a network or results, and answer with [`FileOpened`](super::action::Action::FileOpened).
    OpenFile(OwnFile),
    /// Look for files that this browser has kept, and answer with [`FilesRestored`](super::action::Action::FilesRestored).
    RestoreFiles,
    /// Keep files in this browser, and answer with [`TableKept`](super::action::Action::TableKept).
    KeepFiles(Vec<OwnFile>),
    /// Remove the table that this browser has kept, and answer with [`TableForgotten`](super::action::Action::TableForgotten).
    ForgetTable,
    /// Save a text as a file; [`Saving`](super::action::Action::Saving) answers.
    SaveText {
        /// The file's name.
        name: String,
        /// Its media type.
        media_type: &'static str,
        /// Its text.
        text: String,
    },
    /// Save bytes as a file; [`Saving`](super::action::Action::Saving) answers.
    SaveBytes {
        /// The file's name.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// Save results as JSON, a checkpoint after the other, and report by
    /// [`Saving`](super::action::Action::Saving) how far that is.
    SaveJson {
        /// The file's name.
        name: String,
        /// The results.
        snapshot: Box<Snapshot>,
    },
    /// Draw a picture and save its pixels as a file; [`Saving`](super::action::Action::Saving) answers.
    SavePixels {
        /// The file's name.
        name: String,
        /// The picture.
        chart: Box<Chart>,
        /// What stands around it.
        caption: Caption,
        /// Width and height in CSS pixels; the file is higher where the legend needs it.
        size: (u32, u32),
        /// Pixels of the file per CSS pixel.
        scale: f64,
        /// Whether on a dark ground.
        dark: bool,
    },
}
