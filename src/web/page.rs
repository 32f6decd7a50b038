//! The page: one record of everything it holds, made at start-up, and what happens when a setting changes.

mod restart;

use std::cell::RefCell;
use std::rc::Rc;

use super::controls::thumbnails::Sketches;
use super::crew::Crew;
use super::gallery::Gallery;
use super::message::{Command, Event};
use super::results::RunResults;
use super::setting::Known;
use super::{address, dom, export, gallery, numbers, pointer, report, runs, setting, theme, transport, upload};
use crate::state::{RUN_NAMES, Scope, State, cost};

/// Everything that the page holds.
pub struct Page {
    /// What the visitor has chosen.
    pub state: State,
    /// What the workers have found, run by run.
    pub runs: Vec<RunResults>,
    /// The workers.
    pub crew: Crew,
    /// The pictures.
    pub gallery: Gallery,
    /// What the thumbnails of the data sets are drawn from.
    pub sketches: Sketches,
    /// Index of the checkpoint at the cursor.
    pub cursor: usize,
    /// Whether the cursor follows the newest checkpoint.
    pub live: bool,
    /// Whether runs stand still, or begin so.
    pub paused: bool,
    /// What is known of the data before a worker loads them.
    pub known: Option<Known>,
    /// Measured over modelled seconds per checkpoint.
    pub calibration: f64,
    /// Sentences about what is wrong, by their source.
    pub problems: Vec<(String, String)>,
    /// Which places, [`nulls::SLOT`](super::nulls::SLOT) among them, lost a worker and began again by themselves.
    pub recovered: [bool; RUN_NAMES.len() + 1],
    /// Runs that will start again when the visitor has stopped dragging.
    pending: Vec<usize>,
    timer: Option<i32>,
}

thread_local! {
    static PAGE: RefCell<Option<Rc<RefCell<Page>>>> = const { RefCell::new(None) };
}

/// Does something with the page. Nothing happens while the page is at work already, as with an event that the page
/// itself causes.
pub fn with(action: impl FnOnce(&mut Page)) {
    let page = PAGE.with(|page| page.borrow().clone());
    if let Some(page) = page
        && let Ok(mut page) = page.try_borrow_mut()
    {
        action(&mut page);
    }
}

/// Starts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    let (state, notes) = address::read(None);
    let page = Page {
        state,
        runs: Vec::new(),
        crew: Crew::new(|slot, generation, event| with(|page| page.hear(slot, generation, event))),
        gallery: Gallery::new(),
        sketches: Sketches::NotAsked,
        cursor: 0,
        live: true,
        paused: false,
        known: None,
        calibration: 1.0,
        problems: Vec::new(),
        recovered: [false; RUN_NAMES.len() + 1],
        pending: Vec::new(),
        timer: None,
    };
    PAGE.with(|place| *place.borrow_mut() = Some(Rc::new(RefCell::new(page))));
    theme::start();
    with(|page| {
        address::apply_parts(&page.state);
        address::show_notes(&notes);
        page.begin_all();
    });
    // The workers are loading now; the controls are made in tasks of their own, so that none is long.
    dom::after(0, || with(|page| setting::sync(page)));
    dom::after(0, move || {
        with(|page| page.sync());
        ready();
    });
}

/// Hears everything, once all controls are there.
fn ready() {
    for listen in [
        setting::listen,
        runs::listen,
        transport::listen,
        pointer::listen,
        upload::listen,
        gallery::listen,
        export::listen,
    ] {
        listen();
    }
    address::listen();
    report::publish();
    dom::set(&dom::body(), "data-state", "ready");
}

impl Page {
    /// Takes over another state, as from a link.
    pub fn adopt(&mut self, state: State) {
        self.state = state;
        address::apply_parts(&self.state);
        self.restart_all();
    }

    /// What follows from the change of a field.
    pub fn changed(&mut self, scope: Scope, key: &str) {
        address::write(&self.state);
        match scope {
            Scope::View => self.view_changed(key),
            Scope::Setting => {
                let all = (0..self.state.runs.len()).collect();
                self.restart_soon(all);
            }
            Scope::Run(index) if self.steer(index, key) => {}
            Scope::Run(index) => self.restart_soon(vec![index]),
        }
        self.sync();
    }

    fn view_changed(&mut self, key: &str) {
        match key {
            "null" => self.start_nulls(),
            "speed" => {
                let speed = transport::speed(&self.state);
                for slot in 0..self.runs.len() {
                    self.crew.command(slot, Command::SetSpeed(speed));
                }
            }
            _ => {}
        }
        self.gallery.touch_all();
    }

    /// Learning rate and schedule of a run under way change from the next step on; `false` where it must begin again.
    fn steer(&mut self, index: usize, key: &str) -> bool {
        let of_schedule = ["schedule", "steps", "from", "to", "every", "factor"].contains(&key);
        let Some(run) = self.runs.get(index) else { return false };
        if !(key == "lr" || of_schedule) || !run.is_under_way() || run.step == 0 || self.pending.contains(&index) {
            return false;
        }
        let Ok(experiment) = self.state.experiment(index) else { return false };
        self.crew.command(
            index,
            match of_schedule {
                true => Command::SetSchedule(experiment.optimizer.schedule),
                false => Command::SetLearningRate(experiment.optimizer.learning_rate),
            },
        );
        true
    }

    /// Has the null model computed for the present setting and checkpoint.
    pub fn start_nulls(&mut self) {
        for run in &mut self.runs {
            run.null = None;
        }
        self.recovered[super::nulls::SLOT] = false;
        self.gallery.touch_all();
        super::nulls::ask(self);
    }

    /// Takes in what a worker says.
    fn hear(&mut self, slot: usize, generation: u32, event: Event) {
        if slot >= RUN_NAMES.len() {
            return super::nulls::hear(self, generation, event);
        }
        let source = format!("run {}", RUN_NAMES[slot]);
        let Some(run) = self.runs.get_mut(slot) else { return };
        if run.generation != generation {
            return;
        }
        if let Event::Refused { sentence } | Event::Failed { sentence, .. } = &event {
            self.problems.push((source, sentence.clone()));
        } else if let Event::Panicked { sentence } = &event {
            if !self.recovered[slot] {
                return self.recover(slot, sentence);
            }
            self.problems.push((source, format!("the computation stopped again ({sentence}). Reset begins anew.")));
        }
        let (last, changed) = (event.is_last(), matches!(event, Event::Changed { .. } | Event::Refused { .. }));
        let measured = match &event {
            Event::Checkpoint { milliseconds, .. } => Some(*milliseconds / 1e3),
            _ => None,
        };
        let pictures = run.take(event);
        if let (Some(seconds), Some(known), true) = (measured, &self.known, run.checkpoints.len() > 2) {
            let model = known.cost(&self.state, 1.0).seconds;
            let ratio = cost::calibrate(seconds, model);
            self.calibration = if self.calibration == 1.0 { ratio } else { 0.8 * self.calibration + 0.2 * ratio };
        }
        if self.live {
            self.cursor = self.newest();
        }
        if pictures {
            self.gallery.touch_all();
        }
        super::nulls::ask(self);
        if last || changed {
            self.sync();
        }
        self.gallery.ask_frame();
    }

    /// Index of the newest checkpoint of any run.
    pub fn newest(&self) -> usize {
        self.runs.iter().map(|run| run.checkpoints.len()).max().unwrap_or(0).saturating_sub(1)
    }

    /// Puts the cursor on a checkpoint; everything follows.
    pub fn set_cursor(&mut self, index: usize, live: bool) {
        let index = index.min(self.newest());
        if (self.cursor, self.live) != (index, live) {
            (self.cursor, self.live) = (index, live);
            self.gallery.cursor_moved();
        }
    }

    /// Brings all controls, sentences and pictures up to date.
    pub fn sync(&mut self) {
        setting::sync(self);
        runs::sync(self);
        transport::sync(self);
        numbers::sync(self);
        self.gallery.ask_frame();
    }
}
