//! Everything that the page knows. It is changed by [`update`](super::update::update) alone.
//!
//! Each part that is shown is [`Tracked`], so that the renderer finds by revision numbers what to draw anew. Runs are
//! keyed by the index of their name, which they keep. A frame shows the model at one [`Moment`].

use super::action::{Place, Pointer, Saving};
use super::evidence::Evidence;
use super::exploration::{Exploration, Exploring};
use super::lessons::Lessons;
use super::plan::Plan;
use super::reading::Found;
use super::results::{Progress, RunResults};
use super::stored::Stored;
use super::table::{Kept, Table};
use super::tracked::Tracked;
use crate::dataset::Sketch;
use crate::experiment::Experiment;
use crate::null_model::{NullBands, NullKind};
use crate::script::{Expected, Form};
use crate::state::by_key::by_key;
use crate::state::{OwnFile, Scope, State};
use litemap::LiteMap;
use std::rc::Rc;

/// The page as a value.
#[derive(Debug, Clone)]
pub struct Model {
    /// What the visitor chose.
    pub state: Tracked<State>,
    /// What the workers have found, by the runs' indices.
    pub runs: Tracked<LiteMap<usize, RunResults>>,
    /// Where each run is between checkpoints.
    pub progress: Tracked<LiteMap<usize, Progress>>,
    /// Bands of null models.
    pub nulls: Tracked<LiteMap<NullKey, Rc<NullBands>>>,
    /// Why null models failed; they are not asked for again until something of theirs changes.
    pub failed_nulls: LiteMap<NullKey, String>,
    /// Which checkpoint is looked at.
    pub cursor: Tracked<Cursor>,
    /// The number of the timer that moves the cursor on, while it runs through training by itself.
    pub playing: Tracked<Option<u32>>,
    /// Whether it begins to by itself; visitors who want less motion press Play.
    pub autoplay: bool,
    /// Whether runs stand still, or begin so.
    pub paused: Tracked<bool>,
    /// What is known of the setting before it is run, and measured over modelled seconds of a checkpoint.
    pub plan: Tracked<(Option<Plan>, f64)>,
    /// What is wrong, where.
    pub problems: Tracked<Problems>,
    /// What is shown of the visitor's own table.
    pub table: Tracked<Table>,
    /// What was last read of it.
    pub found: Option<Box<Found>>,
    /// Whether it is there again at the next visit.
    pub kept: Tracked<Kept>,
    /// A link that waits for the table that this browser may have kept; nothing is computed meanwhile.
    pub awaiting: Option<String>,
    /// What thumbnails are drawn from.
    pub sketches: Tracked<Sketches>,
    /// Where the pointer is.
    pub pointer: Tracked<Option<Pointer>>,
    /// Whether the page is dark.
    pub dark: Tracked<bool>,
    /// Whether the link was copied, while the button Share shows it, and the number of its timer.
    pub shared: Tracked<Option<(bool, u32)>>,
    /// The file that is being saved, or what became of it.
    pub saving: Tracked<Saving>,
    /// The seeds that claims are about; none where there are not two runs.
    pub evidence: Tracked<Option<Evidence>>,
    /// The revision of the state that `evidence` was last compared with.
    pub evidence_of: Option<u64>,
    /// Claims on several tasks, computed natively.
    pub stored: Tracked<Stored>,
    /// The lessons.
    pub lessons: Tracked<Lessons>,
    /// What was predicted, by the lesson's name.
    pub predicted: Tracked<Option<(String, usize)>>,
    /// Whether the article and the explanations are there; or why not.
    pub reading: Tracked<Option<Result<(), String>>>,
    /// What was found around single checkpoints.
    pub exploration: Tracked<Exploration>,
    /// How often the state was changed only in what pictures of a checkpoint's surroundings show; see [`Model::drawn`].
    pub slid: u64,
    /// How many seeds can be computed at the same time.
    pub lanes: usize,
    /// What waits and what is under way.
    pub tasks: Tasks,
}

/// Which checkpoint is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Its index among the common checkpoints; while the newest is followed, the last one that was looked at by hand.
    pub index: usize,
    /// Whether the newest is followed.
    pub live: bool,
}

/// What is wrong, where.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Problems {
    /// Sentences about runs and the null model, by place.
    pub places: Vec<(Place, String)>,
    /// What of a link was not understood.
    pub of_link: Vec<String>,
    /// What is to be known of results from a file.
    pub of_file: Vec<String>,
    /// Sentences about what was written into a field.
    pub fields: LiteMap<(Scope, String), String>,
}

impl Problems {
    /// Replaces what was noted of a link or file before by what a link's reading found.
    pub fn note_link(&mut self, notes: Vec<String>) {
        self.of_link = notes;
        self.of_file.clear();
    }
}

/// What thumbnails are drawn from.
#[derive(Debug, Clone, PartialEq)]
pub enum Sketches {
    /// No worker was asked.
    NotAsked,
    /// The number of the task.
    Asked(u32),
    /// What the worker found.
    Found(Vec<Sketch>),
}

/// What waits and what is under way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tasks {
    /// The number of the last task.
    pub last: u32,
    /// Runs that begin again when nothing has changed for a moment.
    pub pending: Vec<usize>,
    /// The number of the newest timer.
    pub timer: u32,
    /// The number of the timer after which they begin again.
    pub restart: u32,
    /// Places that lost a worker and began again by themselves.
    pub recovered: Vec<Place>,
    /// The null model that was asked for last, unless it has arrived.
    pub null: Option<NullTask>,
    /// Whether the cursor stands still.
    pub rest: Rest,
    /// What is being found out around single checkpoints.
    pub exploring: Exploring,
    /// The files that are being read.
    pub reading: Option<ReadTask>,
    /// The name of the file that is being opened.
    pub opening: Option<String>,
    /// The program that is being written.
    pub writing: Option<WriteTask>,
    /// Files of which the other half is awaited, and the sentence that asks for it.
    pub half: Option<(Vec<OwnFile>, String)>,
}

/// Files that are being read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadTask {
    /// The number of the task.
    pub generation: u32,
    /// The files.
    pub files: Vec<OwnFile>,
    /// The label column.
    pub label: String,
}

/// A program that is being written.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteTask {
    /// The number of the task; none while its template is being loaded.
    pub generation: Option<u32>,
    /// The run's index.
    pub run: usize,
    /// What is made.
    pub form: Form,
    /// What was run.
    pub experiment: Rc<Experiment>,
    /// What it had found when the program was asked for.
    pub checkpoints: Vec<Expected>,
    /// The link that repeats it, as it was then.
    pub link: String,
}

/// The cursor as it was last seen, and whether it has stood there for a moment: null models of a checkpoint take longer than
/// a cursor on its way stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rest {
    /// Where the cursor was; none where nothing was seen yet.
    pub cursor: Option<Cursor>,
    /// The number of the timer that began then.
    pub timer: u32,
    /// Whether it rests.
    pub rests: bool,
}

/// To which kind, run and checkpoint bands of a null model belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NullKey {
    /// Which null model.
    pub kind: NullKind,
    /// The run; `None` where no trained weights are needed, and all runs share it.
    pub run: Option<usize>,
    /// Index of the checkpoint; 0 where there is none.
    pub checkpoint: usize,
}

/// A null model that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NullTask {
    /// The number of its task.
    pub generation: u32,
    /// To what it belongs.
    pub key: NullKey,
}

impl Tasks {
    /// A number that no task had.
    pub fn next_generation(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// A number that no timer had.
    pub fn next_timer(&mut self) -> u32 {
        self.timer += 1;
        self.timer
    }
}

impl Model {
    /// The model before anything was computed.
    pub fn new(state: State, notes: Vec<String>, dark: bool) -> Self {
        Model {
            state: Tracked::new(state),
            runs: Tracked::new(LiteMap::new()),
            progress: Tracked::new(LiteMap::new()),
            nulls: Tracked::new(LiteMap::new()),
            failed_nulls: LiteMap::new(),
            cursor: Tracked::new(Cursor { index: 0, live: true }),
            playing: Tracked::new(None),
            autoplay: false,
            paused: Tracked::new(false),
            plan: Tracked::new((None, 1.0)),
            problems: Tracked::new(Problems { of_link: notes, ..Problems::default() }),
            table: Tracked::new(Table::default()),
            found: None,
            kept: Tracked::new(Kept::No),
            awaiting: None,
            sketches: Tracked::new(Sketches::NotAsked),
            pointer: Tracked::new(None),
            dark: Tracked::new(dark),
            shared: Tracked::new(None),
            saving: Tracked::new(Saving::Done),
            evidence: Tracked::new(None),
            evidence_of: None,
            stored: Tracked::new(Stored::NotAsked),
            lessons: Tracked::new(Lessons::Asked),
            predicted: Tracked::new(None),
            reading: Tracked::new(None),
            exploration: Tracked::new(Exploration::default()),
            slid: 0,
            lanes: 1,
            tasks: Tasks::default(),
        }
    }

    /// The revision of the state as far as most pictures show it: moving θ along v changes it not.
    pub fn drawn(&self) -> u64 {
        self.state.revision() - self.slid
    }

    /// Whether nothing is to begin because the visitor's own data are being read, or look wrong.
    pub fn waits_for_table(&self) -> bool {
        self.table.doubt.is_some() || (self.state.is_own_table() && self.state.own().is_none())
    }

    /// Whether any run computes or can go on.
    pub fn is_under_way(&self) -> bool {
        self.progress.values().any(|progress| progress.phase.is_under_way())
    }

    /// Whether a run computes or can go on.
    pub fn is_run_under_way(&self, run: usize) -> bool {
        self.progress.get(&run).is_some_and(|progress| progress.phase.is_under_way())
    }

    /// The null model's bands that files and reports have: of all runs (`None`) where it needs no trained weights, else those
    /// at each run's last checkpoint.
    pub fn nulls_at_the_end(&self) -> LiteMap<Option<usize>, Rc<NullBands>> {
        let kind = self.state.view().null.of_claims();
        let at_the_end = |(key, bands): (&NullKey, &Rc<NullBands>)| {
            let last =
                key.run.map_or(0, |run| self.runs.get(&run).map_or(0, |run| run.checkpoints.len()).saturating_sub(1));
            (key.kind == kind && key.checkpoint == last).then(|| (key.run, bands.clone()))
        };
        by_key(self.nulls.iter().filter_map(at_the_end))
    }

    /// How many checkpoints the run that is furthest has.
    pub fn most_checkpoints(&self) -> usize {
        self.runs.values().map(|run| run.checkpoints.len()).max().unwrap_or(0)
    }

    /// The newest checkpoint that all runs under way have, or, when none is, that any run has: an index.
    pub fn newest(&self) -> usize {
        let under_way = self.runs.iter().filter(|(run, _)| self.is_run_under_way(**run));
        let common = under_way.map(|(_, run)| run.checkpoints.len()).min();
        common.unwrap_or(self.most_checkpoints()).saturating_sub(1)
    }

    /// The index of the checkpoint that is shown.
    pub fn shown_checkpoint(&self) -> usize {
        match *self.cursor {
            Cursor { live: true, .. } => self.newest(),
            Cursor { index, .. } => index.min(self.most_checkpoints().saturating_sub(1)),
        }
    }

    /// What one frame shows; see [`Moment`].
    pub fn moment(&self) -> Moment {
        let shown = |(&run, results): (&usize, &RunResults)| (run, (results.generation, results.checkpoints.len()));
        Moment { cursor: self.shown_checkpoint(), live: self.cursor.live, shown: by_key(self.runs.iter().map(shown)) }
    }
}

/// The moment in training that a frame shows. Drawing takes several tasks, between which checkpoints come in; all pictures,
/// numbers and sentences of a frame are made from one moment, which later checkpoints do not change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moment {
    /// Index of the checkpoint at the cursor.
    pub cursor: usize,
    /// Whether the cursor follows the newest checkpoint.
    pub live: bool,
    /// By run: the number of its task, and how many of its checkpoints are shown.
    pub shown: LiteMap<usize, (u32, usize)>,
}

impl Moment {
    /// Whether the model still has what this moment shows; a run that began again has not.
    pub fn is_in(&self, model: &Model) -> bool {
        let has = |(run, &(generation, count)): (&usize, &(u32, usize))| {
            model.runs.get(run).is_some_and(|r| r.generation == generation && r.checkpoints.len() >= count)
        };
        self.shown.len() == model.runs.len() && self.shown.iter().all(has)
    }
}
