//! The state that computes given experiments: the table of fields, read backwards.

use super::by_key::by_key;
use super::changes::Changes;
use super::field::{Field, Kind, Value};
use super::table::{OWN_NETWORK, OWN_TABLE};
use super::{Scope, State, place};
use crate::dataset::Origin;
use crate::experiment::Experiment;
use crate::optimizer::Schedule;
use serde_json::Value as Json;

impl State {
    /// Makes the shared setting that of `experiment`, and its optimizer that of a run, as far as there are controls for them.
    /// Own rows and a start of its own are those of the visitor's files in this state.
    pub fn set_experiment(&mut self, run: usize, experiment: &Experiment) {
        // A record of names and numbers can be written.
        let mut json = serde_json::to_value(experiment).unwrap_or_default();
        if matches!(experiment.data.origin, Origin::Own { .. }) {
            *place(&mut json, "/data/name") = OWN_TABLE.into();
        }
        if experiment.initial_parameters.is_some() {
            *place(&mut json, "/start/scheme") = OWN_NETWORK.into();
        }
        if let Some(layers) = &experiment.layers {
            *place(&mut json, "/hidden") = serde_json::json!(layers[1..layers.len() - 1]);
        }
        self.changes.remove(&run);
        let rule = Value::Text(experiment.optimizer.rule.name().into());
        self.runs.insert(run, by_key([("optimizer", rule)]));
        // Twice: a start of the visitor's own, which comes late, decides the default of what comes before.
        for scope in [Scope::Setting, Scope::Setting, Scope::Run(run)] {
            // Which fields there are depends on those before them.
            let mut seen = Vec::new();
            while let Some(field) = self.fields(scope).into_iter().find(|field| !seen.contains(&field.key)) {
                seen.push(field.key);
                let value = field.read_json(json.pointer(&field.path));
                if let Some(value) = value.filter(|value| *value != field.default) {
                    // What the controls do not allow stays at its default; the caller compares experiments.
                    let _ = self.set(scope, field.key, &field.write(&value));
                }
            }
        }
    }

    /// Records changes of a run on the way: for each the steps before it, and what holds from then on.
    pub fn set_changes(&mut self, run: usize, changes: impl Iterator<Item = (usize, (f64, Schedule))>) {
        let Some(start) = self.runs.get(&run).cloned() else { return };
        self.changes.insert(run, Changes { start, later: Vec::new() });
        self.record_changes(run, changes);
        self.settle_changes(run);
    }
}

impl Field {
    /// The value that an experiment's JSON has, the inverse of [`Field::json`]; none where it has one of another kind.
    fn read_json(&self, json: Option<&Json>) -> Option<Value> {
        let json = json.filter(|json| !json.is_null());
        match (&self.kind, json) {
            (Kind::Number { all: Some(word), .. }, None) if *word != "full" => Some(Value::All),
            (Kind::Number { all: Some("full"), .. }, Some(Json::String(text))) if text == "full" => Some(Value::All),
            (Kind::Number { .. }, Some(json)) => json.as_f64().map(Value::Number),
            (Kind::Choice(_) | Kind::Text(_), Some(json)) => json.as_str().map(|text| Value::Text(text.to_owned())),
            (Kind::Flag, Some(json)) => json.as_bool().map(Value::Flag),
            (Kind::Widths, Some(json)) => serde_json::from_value(json.clone()).ok().map(Value::Widths),
            (_, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::link;

    #[test]
    fn states_are_those_of_their_experiments() {
        for text in [
            "#v=1",
            "#v=1&data=blobs&features=5&classes=4&noise=0.5&samples=90&hidden=none&test=0.2",
            "#v=1&data=digits4x4&samples=200&hidden=8,8,8&activation=gelu&loss=mean_squared_error&batch=full",
            "#v=1&start=he&scale=0.5&smoothing=0.1&spacing=logarithmic&k=3&order=magnitude&hessian=50&spectrum=leading",
            "#v=1&seed=7&seed_data=3&seed_batches=9&steps=300&every=10&A=adamw,lr:0.003,wd:0.02&C=lion,lr:1e-4",
            "#v=1&A=sgd,lr:0.1,schedule:cosine,steps:500&B=adam,lr:0.02,rotated:on,amsgrad:on",
            "#v=1&A=sgd,at:20,lr:0.5,at:40,lr:0.2&B=muon",
        ] {
            let (state, notes) = link::read(text, None);
            assert!(notes.is_empty(), "{notes:?}");
            let mut found = State { runs: Default::default(), ..State::default() };
            for &run in state.runs.keys() {
                let experiment = state.experiment(run).unwrap();
                found.set_experiment(run, &Experiment { changes: Vec::new(), ..experiment.clone() });
                let mut now = super::super::changes::settings(state.start_values(run).unwrap());
                let changes = experiment.changes.iter().map(|change| {
                    now = change.apply(now);
                    (change.step, now)
                });
                found.set_changes(run, changes.collect::<Vec<_>>().into_iter());
                assert_eq!(found.experiment(run).unwrap(), experiment, "{text}");
            }
            assert_eq!(link::write(&found), link::write(&state), "{text}");
        }
    }
}
