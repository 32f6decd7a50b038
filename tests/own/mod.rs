//! What lies between the page and a visitor's files: keeps them, has them read by the real job, and keeps the rows.

use std::cell::RefCell;

use eigendrift::dataset::Table;
use eigendrift::experiment::Experiment;
use eigendrift::page::action::Place;
use eigendrift::page::job::{Host, Job, Next};
use eigendrift::page::message::{Event, PackedTable, Task};
use eigendrift::page::reading::Reading;
use eigendrift::page::{Action, Effect, Model, update};
use eigendrift::state::OwnFile;

/// Files by their numbers, and rows by their hashes.
#[derive(Default)]
pub struct Desk {
    files: Vec<Vec<u8>>,
    rows: Vec<(String, Table)>,
}

impl Desk {
    /// Keeps a file.
    pub fn file(&mut self, name: &str, bytes: impl Into<Vec<u8>>) -> OwnFile {
        self.files.push(bytes.into());
        OwnFile { number: self.files.len() as u32 - 1, name: name.into() }
    }

    /// Chooses files on the page, which are read. What follows.
    pub fn choose(&mut self, model: &mut Model, files: Vec<OwnFile>) -> Vec<Effect> {
        let effects = update(model, Action::FilesChosen(files));
        self.work(model, effects)
    }

    /// Has the files read that `effects` ask for. They, but for those tasks, and then what follows from these.
    pub fn work(&mut self, model: &mut Model, effects: Vec<Effect>) -> Vec<Effect> {
        let reads = |effect: &Effect| matches!(effect, Effect::Start { place: Place::Reader, .. });
        let (tasks, mut left): (Vec<Effect>, Vec<Effect>) = effects.into_iter().partition(reads);
        for effect in tasks {
            let Effect::Start { generation, task, .. } = effect else { continue };
            for mut event in self.events(*task) {
                if let Event::Read(Reading::Rows(found)) = &mut event {
                    let rows = std::mem::replace(&mut found.packed, Vec::new().into());
                    self.rows.push((found.own.hash.clone(), rows));
                }
                let more = update(model, Action::Worker { place: Place::Reader, generation, event });
                left.extend(self.work(model, more));
            }
        }
        left
    }

    fn events(&self, task: Task) -> Vec<Event> {
        let Task::Read { files, .. } = &task else { panic!("{task:?}") };
        let table = |file: &OwnFile| PackedTable {
            name: file.name.clone(),
            bytes: self.files[file.number as usize].clone().into(),
        };
        let (tables, events) = (files.iter().map(table).collect(), RefCell::new(Vec::new()));
        let emit = |event| events.borrow_mut().push(event);
        let host = Host { clock: &|| 0.0, emit: &emit };
        let mut job = Job::start(task, tables, &host).unwrap();
        while job.slice(&host) != Next::Over {}
        events.into_inner()
    }

    /// The rows that a task needs, as its worker gets them.
    pub fn tables(&self, task: &Task) -> Vec<PackedTable> {
        let wanted = self.rows.iter().filter(|(hash, _)| task.own_rows() == Some(hash)).take(1);
        wanted.map(|(hash, rows)| PackedTable { name: hash.clone(), bytes: rows.clone() }).collect()
    }

    /// An experiment with the rows that it needs.
    pub fn with_rows(&self, experiment: &Experiment) -> Experiment {
        let mut experiment = experiment.clone();
        let wanted = experiment.data.table_name().map(str::to_owned);
        experiment.data.table =
            self.rows.iter().find(|(hash, _)| Some(hash) == wanted.as_ref()).map(|(_, rows)| rows.clone());
        experiment
    }
}
