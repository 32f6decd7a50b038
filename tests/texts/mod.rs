//! What lessons and article are checked against: the results that are kept, the pictures, the terms, and links.

use std::collections::BTreeSet;
use std::fs;

use eigendrift::curvature::Route;
use eigendrift::page::plan::{self, Plan};
use eigendrift::state::{Choice, Picture, State, link};
use serde_json::Value;

/// The article and the explanations, as the page loads them.
pub fn reading() -> String {
    fs::read_to_string("www/reading.html").unwrap()
}

/// Names by which pictures are linked: those of the charts, and the two that are not charts.
pub fn pictures() -> BTreeSet<String> {
    let names = Picture::ALL.iter().map(|picture| picture.name()).chain(["function", "network"]);
    names.map(str::to_owned).collect()
}

/// All values of an attribute.
pub fn attributes(html: &str, name: &str) -> Vec<String> {
    let start = format!(" {name}=\"");
    html.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")).collect()
}

/// The terms that are explained.
pub fn terms() -> BTreeSet<String> {
    attributes(&reading(), "id").iter().filter_map(|id| id.strip_prefix("term-")).map(str::to_owned).collect()
}

/// `docs/results/results.json`.
pub struct Results(Value);

impl Results {
    pub fn read() -> Self {
        Results(serde_json::from_str(&fs::read_to_string("docs/results/results.json").unwrap()).unwrap())
    }

    /// The task of a name; of those that the page loads, unless `all`.
    pub fn task(&self, name: &str, all: bool) -> Option<&Value> {
        let lists: &[&str] = if all { &["tasks", "optimizers", "sizes"] } else { &["tasks", "sizes"] };
        lists.iter().flat_map(|list| self.0[list].as_array().unwrap()).find(|task| task["name"] == name)
    }

    /// The claim `task.claim`, about subspaces where the pairing decides.
    pub fn claim(&self, name: &str, all: bool) -> Option<&Value> {
        let (task, claim) = name.split_once('.')?;
        let claims = self.task(task, all)?["claims"]["subspace"].as_array()?;
        claims.iter().find(|found| found["name"] == claim)
    }

    /// What stands for `task.claim`, `task.claim.verdict` or `task.seeds`.
    pub fn resolves(&self, name: &str) -> bool {
        match name.split('.').collect::<Vec<_>>()[..] {
            [task, "seeds"] => self.task(task, false).is_some_and(|task| task["seeds"]["count"].is_u64()),
            [task, claim] | [task, claim, "verdict"] => self
                .claim(&format!("{task}.{claim}"), false)
                .is_some_and(|found| found["estimate"].is_f64() && found["verdict"].is_string()),
            _ => false,
        }
    }
}

/// The state that a link opens, which the page can compute without a warning.
pub fn opened(hash: &str) -> State {
    let (state, notes) = link::read(hash, None);
    assert_eq!(notes, Vec::<String>::new(), "{hash}");
    assert!(hash.starts_with("#v=1"), "{hash}");
    let written = link::write(&state);
    let (again, notes) = link::read(&written, None);
    assert_eq!((link::write(&again), notes), (written, vec![]), "{hash}");
    let found = Plan::new(&state).unwrap_or_else(|| panic!("{hash} has data"));
    for &run in state.runs.keys() {
        let (kept, planned) = (again.experiment(run).unwrap(), plan::experiment(&state, Some(&found), run).unwrap());
        assert_eq!(kept, planned, "{hash}");
    }
    let cost = found.cost(&state, 1.0);
    let (words, warning) = plan::describe(&state, &cost, found.checkpoints);
    assert_eq!(warning, plan::Warning::None, "{hash}: {words}");
    let seconds = cost.seconds * (found.checkpoints * state.runs.len()) as f64;
    let most = if found.route == Route::Full { 30.0 } else { 90.0 };
    assert!(seconds < most, "{hash} takes {seconds} s");
    state
}
