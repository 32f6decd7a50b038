//! Beginning again: at once, or once the visitor has stopped dragging.

use super::{Page, with};
use crate::experiment::Experiment;
use crate::state::RUN_NAMES;
use crate::web::message::Task;
use crate::web::results::{Phase, RunResults};
use crate::web::{dom, setting, transport};

impl Page {
    /// Starts runs again once nothing has changed for a moment.
    pub(super) fn restart_soon(&mut self, runs: Vec<usize>) {
        self.pending.extend(runs);
        if let Some(timer) = self.timer.take() {
            dom::cancel(timer);
        }
        self.timer = Some(dom::after(250, || with(Page::restart_pending)));
    }

    fn restart_pending(&mut self) {
        self.timer = None;
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_unstable();
        pending.dedup();
        if pending.len() >= self.state.runs.len() {
            return self.restart_all();
        }
        for index in pending {
            self.restart(index);
        }
        self.start_nulls();
        self.sync();
    }

    /// Starts everything again.
    pub fn restart_all(&mut self) {
        self.begin_all();
        self.sync();
    }

    /// Hands all runs and the null model to the workers, and leaves the controls as they are.
    pub fn begin_all(&mut self) {
        self.pending.clear();
        self.problems.clear();
        self.known = setting::know(&self.state);
        self.runs.truncate(self.state.runs.len());
        for slot in self.state.runs.len()..RUN_NAMES.len() {
            self.crew.stop(slot);
        }
        (self.cursor, self.live) = (0, true);
        for index in 0..self.state.runs.len() {
            self.restart(index);
        }
        self.start_nulls();
    }

    /// Begins a run again whose worker was lost: the same experiment gives the same numbers. Only once, because a second loss
    /// may come from the experiment itself.
    pub(super) fn recover(&mut self, index: usize, sentence: &str) {
        self.restart(index);
        self.recovered[index] = true;
        let words = format!("the computation stopped ({sentence}) and was begun again in a new worker.");
        self.problems.push((format!("run {}", RUN_NAMES[index]), words));
        self.start_nulls();
        self.sync();
    }

    fn restart(&mut self, index: usize) {
        let source = format!("run {}", RUN_NAMES[index]);
        self.problems.retain(|(from, _)| *from != source);
        self.recovered[index] = false;
        let experiment = match setting::check(&self.state, self.known.as_ref(), index) {
            Ok(experiment) => experiment,
            Err(sentence) => return self.refuse(index, source, sentence),
        };
        let mut results = RunResults::new(experiment.clone());
        let speed = transport::speed(&self.state);
        let task = Task::Run { experiment, speed, paused: self.paused };
        results.generation = self.crew.start(index, task);
        if self.paused {
            results.phase = Phase::Paused;
        }
        match self.runs.get_mut(index) {
            Some(place) => *place = results,
            None => self.runs.push(results),
        }
        self.gallery.touch_all();
    }

    /// Says why a run cannot begin; what the run before it found stays.
    fn refuse(&mut self, index: usize, source: String, sentence: String) {
        self.crew.stop(index);
        if index >= self.runs.len() {
            self.runs.push(RunResults::new(Experiment::default()));
        }
        // No task has number 0: what the run before it still says is not heard.
        self.runs[index].generation = 0;
        self.runs[index].phase = Phase::Failed { sentence: sentence.clone(), diverged: false };
        self.problems.push((source, sentence));
    }
}
