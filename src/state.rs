//! The page's state: one shared setting, one to four runs, the view. Free of the browser, so that it is tested natively.
//!
//! [`table`] ties every field to its control, its key in links and its place in the [`Experiment`]; [`link`] writes and
//! reads links; [`cost`] estimates what a setting costs before it is run.

pub mod by_key;
pub mod choice;
pub mod picture;
pub mod field;
pub mod memory;
pub mod cost;
pub mod slider;
pub mod view;
pub mod table;
pub mod changes;
pub mod experiments;
pub mod link;

pub use changes::Changes;
pub use choice::Choice;
pub use field::{Field, Group, Kind, Value};
pub use picture::Picture;
pub use view::View;

use crate::dataset::Own;
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::network_file::NetworkFile;
use by_key::by_key;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What is set, by key. Maps of the page are sorted vectors: they have few entries, and trees take much more code.
pub type Values = LiteMap<&'static str, Value>;

/// Names of the runs. A run keeps its name, and with it its colour, whatever is done to the others.
pub const RUN_NAMES: [&str; 4] = ["A", "B", "C", "D"];
/// What `hide=` understands besides the keys of fields and the names of groups and pictures.
pub const PARTS: [&str; 11] =
    ["setting", "presets", "export", "share", "intro", "evidence", "numbers", "bar", "lesson", "sentence", "article"];

/// A file of the visitor's own; the page keeps it, outside of the program, under a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnFile {
    /// The number.
    pub number: u32,
    /// The file's name.
    pub name: String,
}

/// A visitor's own data: a text table, or a pair of IDX files.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnTable {
    /// The files.
    pub files: Vec<OwnFile>,
    /// The label column that they were last read with, and what is known of the rows, or why there are none.
    pub read: Option<(String, std::result::Result<Own, String>)>,
}

/// A trained network of the visitor's own.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnNetwork {
    /// The file's name.
    pub name: String,
    /// What is in it.
    pub network: NetworkFile,
}

impl OwnTable {
    /// The files' names.
    pub fn name(&self) -> String {
        self.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Everything that decides what the page computes and shows.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Fields shared by all runs; what is not set has its default.
    pub setting: Values,
    /// One to four runs, by the index of their name in [`RUN_NAMES`].
    pub runs: LiteMap<usize, Values>,
    /// How runs change on the way, by their index; runs that do not change have no entry.
    pub changes: LiteMap<usize, Changes>,
    /// Fields of the view.
    pub view: Values,
    /// The visitor's own table, which links cannot carry.
    pub own_table: Option<OwnTable>,
    /// The visitor's own network, which links cannot carry.
    pub own_network: Option<Rc<OwnNetwork>>,
    /// Parts of the page that a link hides.
    pub hide: BTreeSet<String>,
    /// The one picture that is open large.
    pub open: Option<Picture>,
    /// Whether the page is inside another and shows no frame of its own.
    pub embed: bool,
    /// Whether it is for a projector, in large type.
    pub present: bool,
    /// The lesson that is read.
    pub lesson: Option<String>,
}

impl Default for State {
    /// Spirals; run A with SGD, run B with Adam.
    fn default() -> Self {
        let run = |rule: &str| by_key([("optimizer", Value::Text(rule.into()))]);
        State {
            setting: Values::new(),
            runs: by_key([(0, run("sgd")), (1, run("adam"))]),
            changes: LiteMap::new(),
            view: Values::new(),
            own_table: None,
            own_network: None,
            hide: BTreeSet::new(),
            open: None,
            embed: false,
            present: false,
            lesson: None,
        }
    }
}

/// Which values of a state are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The shared setting.
    Setting,
    /// The run with this index in [`RUN_NAMES`].
    Run(usize),
    /// The view.
    View,
}

impl State {
    /// The fields of a scope, given the present values; none for a run that does not exist.
    pub fn fields(&self, scope: Scope) -> Vec<Field> {
        self.values(scope).map(|values| self.fields_for(scope, values)).unwrap_or_default()
    }

    /// The fields that a scope would have, were these its values.
    fn fields_for(&self, scope: Scope, values: &Values) -> Vec<Field> {
        match scope {
            Scope::Setting => table::setting(values, self.own_table.as_ref(), self.own_network.as_deref()),
            Scope::Run(_) => table::run(values),
            Scope::View => {
                let names: Vec<&str> = self.runs.keys().map(|&run| RUN_NAMES[run]).collect();
                table::view(self.hidden().len() + 1, self.k(), &names)
            }
        }
    }

    /// The values of a scope.
    pub fn values(&self, scope: Scope) -> Option<&Values> {
        match scope {
            Scope::Setting => Some(&self.setting),
            Scope::Run(index) => self.runs.get(&index),
            Scope::View => Some(&self.view),
        }
    }

    fn values_mut(&mut self, scope: Scope) -> Option<&mut Values> {
        match scope {
            Scope::Setting => Some(&mut self.setting),
            Scope::Run(index) => self.runs.get_mut(&index),
            Scope::View => Some(&mut self.view),
        }
    }

    /// The value of a field, set or default.
    pub fn value(&self, scope: Scope, key: &str) -> Option<Value> {
        let field = self.fields(scope).into_iter().find(|field| field.key == key)?;
        Some(self.values(scope)?.get(key).cloned().unwrap_or(field.default))
    }

    /// A number, where the field holds one.
    pub fn number(&self, scope: Scope, key: &str) -> Option<f64> {
        match self.value(scope, key) {
            Some(Value::Number(x)) => Some(x),
            _ => None,
        }
    }

    /// A name or text; empty where the field holds none.
    pub fn text(&self, scope: Scope, key: &str) -> String {
        match self.value(scope, key) {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        }
    }

    /// Sets a field from its text form. Choosing another data set, optimizer or schedule drops the options of the old. A
    /// run's learning rate, schedule and optimizer are set for the whole run: its changes on the way are dropped.
    ///
    /// # Errors
    /// A sentence: what was wrong and what is allowed.
    pub fn set(&mut self, scope: Scope, key: &str, text: &str) -> std::result::Result<(), String> {
        let fields = self.fields(scope);
        let Some(field) = fields.iter().find(|field| field.key == key) else {
            return Err(format!("“{}” is not a setting here", field::shown(key)));
        };
        let value = field.parse(text)?;
        let changed = self.value(scope, key).as_ref() != Some(&value);
        if let Scope::Run(run) = scope {
            if changed && (field.key == "optimizer" || field.is_steerable()) {
                self.changes.remove(&run);
            } else if let Some(changes) = self.changes.get_mut(&run) {
                let later = changes.later.iter_mut().map(|(_, values)| values);
                for values in later.chain([&mut changes.start]) {
                    values.insert(field.key, value.clone());
                }
            }
        }
        if let Some(values) = self.values_mut(scope) {
            values.insert(field.key, value);
        }
        if changed && let Kind::Choice(options) = &field.kind {
            let kept = self.independent(scope, field.key, options);
            if let Some(values) = self.values_mut(scope) {
                values.retain(|key, _| kept.contains(key));
            }
        }
        self.drop_what_does_not_fit();
        Ok(())
    }

    /// Keys of the fields that are the same for all `options` of the choice `key`, the other values being as they are.
    fn independent(&self, scope: Scope, key: &'static str, options: &[(String, String)]) -> Vec<&'static str> {
        let mut values = self.values(scope).cloned().unwrap_or_default();
        let mut fields = options.iter().map(|(name, _)| {
            values.insert(key, Value::Text(name.clone()));
            self.fields_for(scope, &values)
        });
        let mut same = fields.next().unwrap_or_default();
        fields.for_each(|other| same.retain(|field| other.contains(field)));
        same.iter().map(|field| field.key).collect()
    }

    /// Removes values that the present fields no longer accept, such as eigenvector 5 of 3, or the comparison with a run
    /// that is gone.
    pub fn drop_what_does_not_fit(&mut self) {
        let fields = self.fields(Scope::View);
        self.view.retain(|key, value| {
            fields.iter().any(|field| field.key == *key && field.parse(&field.write(value)).is_ok())
        });
    }

    /// Takes over from another state what is shown and how, as far as it fits.
    pub fn show_as(&mut self, other: State) {
        let State { view, hide, open, embed, present, .. } = other;
        *self = State { view, hide, open, embed, present, ..std::mem::take(self) };
        self.drop_what_does_not_fit();
    }

    /// The options of the view.
    pub fn view(&self) -> View {
        View::new(&self.view)
    }

    /// Whether the visitor's own table is the data.
    pub fn is_own_table(&self) -> bool {
        self.text(Scope::Setting, "data") == table::OWN_TABLE
    }

    /// What is known of the visitor's own rows as the setting asks for them, or why there are none; `None` where they have not
    /// been read in that way, or other data are chosen.
    pub fn own(&self) -> Option<std::result::Result<&Own, &String>> {
        let (label, read) = self.own_table.as_ref()?.read.as_ref()?;
        let wanted =
            |label: &String| matches!(read, Ok(own) if own.images) || self.text(Scope::Setting, "label") == *label;
        (self.is_own_table() && wanted(label)).then_some(read.as_ref())
    }

    /// The visitor's own network, where runs begin with it.
    pub fn start_network(&self) -> Option<&OwnNetwork> {
        let network = self.own_network.as_deref()?;
        (self.text(Scope::Setting, "start") == table::OWN_NETWORK).then_some(network)
    }

    /// The first name that no run has.
    pub fn free_run(&self) -> Option<usize> {
        (0..RUN_NAMES.len()).find(|index| !self.runs.contains_key(index))
    }

    /// Widths of the hidden layers.
    pub fn hidden(&self) -> Vec<usize> {
        match self.setting.get("hidden") {
            Some(Value::Widths(widths)) => widths.clone(),
            _ => vec![12, 12],
        }
    }

    /// The number of leading eigenvectors.
    pub fn k(&self) -> usize {
        match self.setting.get("k") {
            Some(Value::Number(k)) => *k as usize,
            _ => 5,
        }
    }

    /// The experiment of a run. The null model is left out: the page has it computed apart from the runs.
    ///
    /// # Errors
    /// When the core refuses it, naming the field.
    pub fn experiment(&self, run: usize) -> Result<Experiment> {
        let mut json = Json::Object(Map::new());
        for scope in [Scope::Setting, Scope::Run(run)] {
            let values = match scope {
                Scope::Run(run) => self.start_values(run),
                _ => self.values(scope),
            };
            let values = values.ok_or_else(|| Error::invalid("run", "there is no such run"))?;
            for field in self.fields_for(scope, values) {
                if let Some(value) = field.json(values.get(field.key).unwrap_or(&field.default)) {
                    *place(&mut json, &field.path) = value;
                }
            }
        }
        if self.is_own_table()
            && let Some(data) = json.get_mut("data").and_then(Json::as_object_mut)
        {
            data.remove("name");
            let read = self.own().ok_or_else(|| Error::invalid("data", "its file has not been read yet"))?;
            let own = read.map_err(|problem| Error::invalid("data", problem))?;
            // A record of names and numbers can be written.
            data.insert("own".into(), serde_json::to_value(own).unwrap_or_default());
        }
        let network = self.start_network();
        if network.is_some() {
            json["start"] = Json::Object(Map::new());
        }
        json["null_model"] = Json::Null;
        let mut experiment: Experiment =
            serde_json::from_value(json).map_err(|error| Error::invalid("experiment", error.to_string()))?;
        experiment.changes = self.changes(run);
        // A change after the last step has no effect; it comes back when the run is made longer.
        experiment.changes.retain(|change| change.step < experiment.steps);
        if let Some(OwnNetwork { name, network }) = network {
            let own = &network.layers[1..network.layers.len() - 1];
            if experiment.hidden != own {
                let own = field::widths(own);
                let problem = format!("those of {name} are {own}; choose them, or another start than the file");
                return Err(Error::invalid("hidden layers", problem));
            }
            network.begin(name, &mut experiment)?;
        }
        experiment.validate()?;
        Ok(experiment)
    }
}

/// The place that a JSON pointer names, made where it does not exist.
fn place<'a>(json: &'a mut Json, path: &str) -> &'a mut Json {
    path.split('/').skip(1).fold(json, |at, part| {
        if !at.is_object() {
            *at = Json::Object(Map::new());
        }
        &mut at[part]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_table_are_those_of_the_experiment() {
        let experiment = State::default().experiment(0).unwrap();
        let named = crate::dataset::Name::Spirals;
        let limits = named.limits();
        let data = crate::dataset::Named {
            name: named,
            samples: Some(limits.samples.default),
            noise: limits.noise.map(|noise| noise.default),
            features: None,
            classes: None,
            hidden: None,
        };
        let mut expected = Experiment { null_model: None, ..Experiment::default() };
        expected.data.origin = crate::dataset::Origin::Named(data);
        assert_eq!(experiment, expected);
    }

    #[test]
    fn every_field_changes_the_experiment() {
        for data in ["spirals", "blobs", "teacher", "iris"] {
            for rule in crate::optimizer::Rule::ALL {
                for schedule in crate::optimizer::Schedule::all() {
                    let mut state = State::default();
                    state.set(Scope::Setting, "data", data).unwrap();
                    state.set(Scope::Run(0), "optimizer", rule.name()).unwrap();
                    state.set(Scope::Run(0), "schedule", schedule.name()).unwrap();
                    for scope in [Scope::Setting, Scope::Run(0)] {
                        for field in state.fields(scope) {
                            let text = other(&field, &state.value(scope, field.key).unwrap());
                            let mut changed = state.clone();
                            changed.set(scope, field.key, &text).unwrap();
                            let (before, after) = (state.experiment(0).unwrap(), changed.experiment(0).unwrap());
                            assert_ne!(before, after, "{} = {text}", field.key);
                        }
                    }
                }
            }
        }
    }

    /// An allowed value other than the present one.
    fn other(field: &Field, present: &Value) -> String {
        match (&field.kind, present) {
            (Kind::Choice(options), present) => {
                options.iter().find(|(name, _)| *present != Value::Text(name.clone())).unwrap().0.clone()
            }
            (Kind::Flag, _) => "on".into(),
            (Kind::Widths, _) => "3,4,5".into(),
            (Kind::Text(_), _) => "class".into(),
            (Kind::Number { low, high, whole, .. }, present) => {
                let middle = if *whole { ((low + high) / 2.0).floor() } else { (low + high) / 2.0 };
                let x = if *present == Value::Number(middle) { *low } else { middle };
                field.write(&Value::Number(x))
            }
        }
    }

    #[test]
    fn changing_the_optimizer_drops_the_options_of_the_old() {
        let mut state = State::default();
        state.set(Scope::Run(1), "beta2", "0.9").unwrap();
        state.set(Scope::Run(1), "optimizer", "adam").unwrap();
        assert_eq!(state.number(Scope::Run(1), "beta2"), Some(0.9));
        state.set(Scope::Run(1), "optimizer", "sgd").unwrap();
        assert_eq!(state.number(Scope::Run(1), "beta2"), None);
        assert_eq!(state.number(Scope::Run(1), "lr"), Some(0.1));
    }

    /// With every value of a scope set to something else, another choice keeps exactly what does not depend on it.
    #[test]
    fn a_choice_drops_the_values_that_depend_on_it_and_no_others() {
        for (scope, choice, before, after, kept) in [
            (Scope::Run(0), "optimizer", "adam", "adamw", "optimizer rotated schedule steps to"),
            (Scope::Run(0), "optimizer", "nadam", "muon", "optimizer rotated schedule steps to"),
            (
                Scope::Run(0),
                "schedule",
                "cosine",
                "step",
                "amsgrad beta1 beta2 decoupled eps lr optimizer rotated schedule wd",
            ),
            (Scope::Setting, "data", "blobs", "teacher", ""),
            (Scope::Setting, "loss", "cross_entropy", "mean_squared_error", "classes features noise samples"),
        ] {
            let mut state = State::default();
            if scope == Scope::Run(0) {
                state.set(scope, "optimizer", "adam").unwrap();
                state.set(scope, "schedule", "cosine").unwrap();
            } else {
                state.set(scope, "data", "blobs").unwrap();
            }
            state.set(scope, choice, before).unwrap();
            for field in state.fields(scope).iter().filter(|field| !matches!(field.kind, Kind::Choice(_))) {
                let text = other(field, &state.value(scope, field.key).unwrap());
                state.set(scope, field.key, &text).unwrap();
            }
            state.set(scope, choice, after).unwrap();
            let left: Vec<&str> = state.values(scope).unwrap().keys().copied().collect();
            if scope == Scope::Run(0) {
                assert_eq!(left.join(" "), kept, "{choice}");
            } else {
                // Of a shared setting's many fields only the data set's own can go.
                let data = ["classes", "features", "noise", "samples"];
                let own: Vec<&str> = left.iter().copied().filter(|key| data.contains(key)).collect();
                assert_eq!(own.join(" "), kept, "{choice}");
                assert!(left.contains(&"hidden") && left.contains(&"test") && left.contains(&"k"), "{left:?}");
            }
        }
    }

    #[test]
    fn an_own_table_becomes_the_data() {
        let mut state = State::default();
        assert!(state.set(Scope::Setting, "data", "csv").is_err());
        let files = vec![OwnFile { number: 0, name: "a.csv".into() }];
        state.own_table = Some(OwnTable { files: files.clone(), read: None });
        state.set(Scope::Setting, "data", "csv").unwrap();
        state.set(Scope::Setting, "label", "y").unwrap();
        assert!(state.own().is_none() && state.experiment(0).is_err(), "it has not been read");
        let table = crate::dataset::csv::read("y,x\na,1\nb,2\na,5\n", Some("y")).unwrap();
        let (own, packed) = crate::dataset::own::pack_table("a.csv", &table);
        state.own_table = Some(OwnTable { files: files.clone(), read: Some(("y".into(), Ok(own))) });
        let mut experiment = state.experiment(0).unwrap();
        assert_eq!(experiment.data_shape().unwrap().0.samples, 3);
        assert!(
            experiment.load_data().unwrap_err().to_string().starts_with("data.own: the rows of a.csv are not here")
        );
        experiment.data.table = Some(packed.into());
        let (train, _) = experiment.load_data().unwrap();
        assert_eq!((train.len(), train.classes), (3, 2));
        // By hand: mean 8/3, variance (25 + 4 + 49)/27; the middle row is -2/3 from the mean.
        assert!((train.inputs[1] + (2.0 / 3.0) / (78.0_f64 / 27.0).sqrt()).abs() < 1e-15);
        // With another label column it has to be read again; a sentence is said by whoever needs the rows.
        state.set(Scope::Setting, "label", "x").unwrap();
        assert!(state.own().is_none());
        state.own_table = Some(OwnTable { files, read: Some(("x".into(), Err("a.csv: no".into()))) });
        assert_eq!(state.experiment(0).unwrap_err().to_string(), "data: a.csv: no");
    }
}
