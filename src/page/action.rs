//! Everything that can happen on the page, as plain data.
//!
//! An [`Action`] holds what was done and not what follows from it: whether a changed field restarts a run, steers it or
//! only redraws is decided by [`update`](super::update::update).

use super::imported::Opened;
use super::message::Event;
use crate::claims::Claim;
use crate::script::Form;
use crate::state::{OwnFile, Picture, Scope};

/// What computes: one place for each run, and one for what is computed beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The run with this index.
    Run(usize),
    /// Sketches of data sets, then null models.
    Background,
    /// What lies around single checkpoints, of all runs.
    Explorer,
    /// Files of the visitor's own.
    Reader,
    /// Programs that repeat runs.
    Writer,
    /// The runs of further seeds, one after the other; there are several such places.
    Seed(usize),
}

/// A picture's file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Vectors.
    Svg,
    /// Pixels.
    Png,
}

/// What can be saved as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// The curves, one row per run and checkpoint.
    Csv,
    /// Everything, eigenvectors and parameters included.
    Json,
    /// A picture.
    Picture(Picture, Format),
    /// A program that repeats the run with this index.
    Program(usize, Form),
    /// θ of the run with this index at the cursor, as safetensors.
    Weights(usize),
}

/// How far a file is that is being saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saving {
    /// Being written.
    UnderWay {
        /// Checkpoints that are written.
        done: usize,
        /// Checkpoints that the file will have.
        of: usize,
    },
    /// Nothing is being saved, and nothing has gone wrong.
    Done,
    /// The last file could not be saved.
    Failed(String),
}

/// A picture under the pointer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointer {
    /// Which.
    pub picture: Picture,
    /// CSS pixels from its left edge.
    pub x: f64,
    /// CSS pixels from its upper edge.
    pub y: f64,
}

/// What the visitor, a worker, a timer or the browser did.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A field was given a text.
    Set {
        /// Whose field.
        scope: Scope,
        /// Which.
        key: String,
        /// The text.
        text: String,
    },
    /// A field's slider was moved to a position.
    Slide {
        /// Whose field.
        scope: Scope,
        /// Which.
        key: String,
        /// The position.
        position: u32,
    },
    /// A field was switched between a number and all there are.
    UseAll {
        /// Whose field.
        scope: Scope,
        /// Which.
        key: String,
        /// Whether all are wanted.
        all: bool,
    },
    /// The width of a hidden layer was written.
    SetWidth {
        /// Index of the hidden layer.
        layer: usize,
        /// The text.
        text: String,
    },
    /// A hidden layer was added at the end.
    AddLayer,
    /// A hidden layer was removed.
    RemoveLayer(usize),
    /// A run was added.
    AddRun,
    /// A run was duplicated under the first free name.
    DuplicateRun(usize),
    /// A run was removed.
    RemoveRun(usize),
    /// A run's changes of learning rate and schedule on the way were removed.
    RemoveChanges(usize),
    /// A link was followed: the part of the address from `#` on.
    FollowLink(String),
    /// The sentences about a link were read.
    CloseNotes,
    /// The button Play or Pause; where the cursor follows the computation, Run, Pause or Run again.
    PlayOrPause,
    /// The space bar: as the button, but never begins again what has ended.
    SpaceBar,
    /// One checkpoint on: the next that is known, or else the next to be computed.
    Step,
    /// One checkpoint back.
    Back,
    /// All runs begin again.
    Reset,
    /// All runs begin again with another seed, made of this random number.
    NewSeed(u64),
    /// The cursor was put on a checkpoint.
    MoveCursor(usize),
    /// The cursor was moved by so many checkpoints.
    MoveCursorBy(isize),
    /// The cursor follows the newest checkpoint from now on, or no longer.
    FollowNewest(bool),
    /// A picture was opened large, or closed if it was.
    Enlarge(Picture),
    /// The picture that is open large was closed.
    CloseEnlarged,
    /// The pointer is over a picture, or no longer.
    Point(Option<Pointer>),
    /// Files were chosen, and are to be read.
    FilesChosen(Vec<OwnFile>),
    /// A file that holds a network or results was chosen, and is to be opened.
    OpenFile(OwnFile),
    /// The last file that was to be opened has been read.
    FileOpened {
        /// The file's name.
        name: String,
        /// What is in it, or a sentence.
        found: Result<Opened, String>,
    },
    /// A file is not to be read.
    FileRefused {
        /// The file's name.
        name: String,
        /// Why.
        problem: String,
    },
    /// The table is to be used as it is, though it looks wrong.
    ConfirmTable,
    /// The browser has looked for files that it kept; a problem is what it says.
    FilesRestored(Result<Option<Vec<OwnFile>>, String>),
    /// The browser keeps the table, or says why not.
    TableKept(Result<(), String>),
    /// The table is no longer to be kept.
    ForgetTable,
    /// The browser no longer keeps the table, or says what went wrong.
    TableForgotten(Result<(), String>),
    /// The seeds that claims are about are to begin, to go on or to stop: what their button says.
    ComputeOrStopSeeds,
    /// The picture that belongs to a claim is to be opened, over seeds.
    ShowClaim(Claim),
    /// The text of the results on several tasks was loaded, or why it was not.
    StoredLoaded(Result<String, String>),
    /// The text of the lessons was loaded, or why it was not.
    LessonsLoaded(Result<String, String>),
    /// An answer to the lesson's question was chosen; the number of answers stands for none of them.
    Predict(usize),
    /// The lesson is to be shown no longer.
    CloseLesson,
    /// Article and explanations were put into the page, or why not.
    ReadingLoaded(Result<(), String>),
    /// The Hessians at the cursor are to be checked.
    CheckNow,
    /// The link was asked for.
    Share,
    /// The link was copied, or could not be.
    Shared(bool),
    /// Something is to be saved; for pictures, their size on the page in CSS pixels, or (0, 0) if it is not shown.
    Export {
        /// What.
        export: Export,
        /// Width and height on the page.
        shown: (f64, f64),
    },
    /// The program without a record, or why it could not be loaded.
    TemplateLoaded(Result<String, String>),
    /// How far a file is that is being saved.
    Saving(Saving),
    /// The page is dark or light from now on.
    Dark(bool),
    /// A task's event.
    Worker {
        /// The task's place.
        place: Place,
        /// The task's number.
        generation: u32,
        /// What happened.
        event: Event,
    },
    /// A wait is over.
    Due(Timer),
}

/// What the page waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The pause after a change of the setting; only the one with the newest number counts.
    Restart(u32),
    /// The next move of the cursor through training; only the one with the newest number counts.
    Play(u32),
    /// The moment after which a cursor that was not moved again rests; only the newest number counts.
    Rest(u32),
    /// The time for which the page waits for a table that the browser may have kept.
    Restore,
    /// The time for which the button Share shows whether the link was copied.
    Shared(u32),
}
