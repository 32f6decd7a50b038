//! README's tables and lists name what the code has: each name once, none that is not there.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;

use eigendrift::activation::Activation;
use eigendrift::dataset::{Name, Preparation};
use eigendrift::displacement::Pairing;
use eigendrift::loss::LossFunction;
use eigendrift::null_model::NullKind;
use eigendrift::optimizer::{Rule, Schedule};
use eigendrift::spectrum::Order;
use eigendrift::training::Scheme;
use serde::Serialize;
use serde_json::Value;

fn readme() -> String {
    fs::read_to_string("README.md").unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands between the first `from` and the next `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("README has {from:?}"));
    rest.split_once(to).unwrap_or_else(|| panic!("README has {to:?} after {from:?}")).0
}

/// The words in back quotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(|word| word.trim_matches('"').to_owned()).collect()
}

/// As they are written in JSON.
fn names<T: Serialize>(all: &[T]) -> Vec<String> {
    let name = |one: &T| serde_json::to_value(one).unwrap().as_str().unwrap().to_owned();
    all.iter().map(name).collect()
}

/// Fields of the record whose schema is in docs/.
fn fields(record: &str) -> Vec<String> {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(format!("docs/{record}.schema.json")).unwrap()).unwrap();
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

/// The cell beside the field in the table of an experiment's fields.
fn cell(field: &str) -> String {
    let text = readme();
    let table = between(&text, "| field | allowed | | --- | --- |", "The result is");
    let row = table.trim_matches(['|', ' ']).split(" | | ").find(|row| row.starts_with(&format!("`{field}`")));
    row.unwrap_or_else(|| panic!("README has a row for {field}")).split_once(" | ").unwrap().1.to_owned()
}

#[test]
fn activations_and_losses() {
    let text = readme();
    assert_eq!(quoted(between(&text, "Activations are ", ";")), names(&Activation::ALL));
    let losses = between(&text, "; losses ", ";").replace("(with `label_smoothing`)", "");
    assert_eq!(quoted(&losses), names(&LossFunction::ALL));
    assert_eq!(quoted(between(&text, "`leading_order` whether ", ".")), names(&[Order::Algebraic, Order::Magnitude]));
}

#[test]
fn null_models() {
    let text = readme();
    let list = between(&text, "beside a null model:", ";").replace("(fresh starts)", "");
    assert_eq!(quoted(&list), names(&NullKind::ALL));
}

#[test]
fn fields_of_an_experiment() {
    let text = readme();
    let table = between(&text, "| field | allowed | | --- | --- |", "The result is");
    let listed: Vec<String> = table
        .trim_matches(['|', ' '])
        .split(" | | ")
        .flat_map(|row| quoted(row.split_once(" | ").expect("two cells").0))
        .collect();
    assert_eq!(sorted(listed), sorted(fields("experiment")));
}

#[test]
fn data_sets() {
    let cell = cell("data");
    assert_eq!(quoted(between(&cell, "`{\"name\": ...}` with ", " and their ")), names(&Name::ALL));
    let mut options: Vec<String> = Vec::new();
    for name in Name::ALL {
        for (option, range) in serde_json::to_value(name.limits()).unwrap().as_object().unwrap() {
            if range.is_object() && !options.contains(option) {
                options.push(option.clone());
            }
        }
    }
    assert_eq!(sorted(quoted(between(&cell, " and their ", ";"))), sorted(options));
    assert_eq!(quoted(between(&cell, "`preparation` (", ")")), names(&Preparation::ALL));
}

#[test]
fn starts() {
    assert_eq!(quoted(between(&cell("start"), "}` with ", ";")), names(&Scheme::ALL));
}

#[test]
fn optimizers() {
    let cell = cell("optimizer");
    assert_eq!(quoted(between(&cell, "`name` (", ")")), Rule::ALL.map(|rule| rule.name().to_owned()));
    let mut settings: Vec<String> = Vec::new();
    for rule in Rule::ALL {
        for name in rule.fields().iter().map(|field| field.name).chain(rule.switches().iter().map(|switch| switch.name))
        {
            if name != "learning_rate" && !settings.iter().any(|known| known == name) {
                settings.push(name.to_owned());
            }
        }
    }
    assert_eq!(sorted(quoted(between(&cell, "what the rule has of ", ";"))), sorted(settings));
    let schedules = Schedule::all().map(|schedule| schedule.name().to_owned());
    assert_eq!(quoted(between(&cell, "`schedule` (", ")")), schedules);
}

#[test]
fn fields_of_an_ensemble() {
    let text = readme();
    let list = between(&text, "Its fields are ", ").");
    let (listed, pairings) = list.split_once("`pairing` (").expect("the pairings");
    assert_eq!(quoted(pairings), names(&Pairing::ALL));
    let mut listed = quoted(listed);
    listed.push("pairing".to_owned());
    assert_eq!(sorted(listed), sorted(fields("ensemble")));
}

#[test]
fn fields_of_results() {
    let text = readme();
    let analysis = between(&text, "and prints one JSON object with ", ".");
    assert_eq!(quoted(analysis), fields("analysis"));
    let schema: Value = serde_json::from_str(&fs::read_to_string("docs/report.schema.json").unwrap()).unwrap();
    let checkpoint = &schema["$defs"]["Checkpoint"]["properties"];
    let report = between(&text, "The result is one JSON object: ", ".");
    let in_checkpoints = quoted(between(report, "`checkpoints` (", ")"));
    assert!(in_checkpoints.len() > 10);
    for field in &in_checkpoints {
        assert!(checkpoint.get(field).is_some(), "{field}");
    }
    let mut listed: Vec<String> = quoted(report).into_iter().filter(|field| !in_checkpoints.contains(field)).collect();
    listed.push("experiment".to_owned());
    assert_eq!(sorted(listed), sorted(fields("report")));
}

/// The sentences below the figure have the counts and factors of docs/results.
#[test]
fn what_was_found() {
    let text = readme();
    let sentences = between(&text, "(docs/results/matrix.svg)](docs/results/claims.md) ", " The question is");
    let results: Value = serde_json::from_str(&fs::read_to_string("docs/results/results.json").unwrap()).unwrap();
    let tasks = results["tasks"].as_array().unwrap();
    assert!(tasks.len() == 8 && tasks.iter().all(|task| task["seeds"]["count"] == 32));
    let of = |claim: &str, pairing: &str| -> Vec<&Value> {
        let claims = tasks.iter().map(|task| task["claims"][pairing].as_array().unwrap());
        claims.map(|claims| claims.iter().find(|result| result["name"] == claim).unwrap()).collect()
    };
    let verdicts = |claim: &str, pairing: &str| {
        ["supported", "contradicted", "undecided"]
            .map(|verdict| of(claim, pairing).iter().filter(|result| result["verdict"] == verdict).count())
    };
    let localizes = of("b_localizes", "subspace");
    let factors = localizes.iter().filter(|result| result["verdict"] == "supported");
    let factors = factors.map(|result| result["estimate"].as_f64().unwrap());
    let (least, most) = factors.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let [more, fewer, open] = verdicts("b_localizes", "subspace");
    assert_eq!(fewer, 0);
    let [at_loss, ..] = verdicts("b_localizes_matched_loss", "subspace");
    let [axes, ..] = verdicts("b_axes", "subspace");
    let [beyond, ..] = verdicts("a_beyond_null", "subspace");
    let [stable, unstable, _] = verdicts("a_stabilizes", "subspace");
    let [moves, stays, _] = verdicts("b_reorganizes", "subspace");
    let [moves_at_loss, stays_at_loss, _] = verdicts("b_reorganizes_matched_loss", "subspace");
    let [moves_tracked, stays_tracked, _] = verdicts("b_reorganizes", "tracked");
    for phrase in [
        "Over 32 seeds on each of eight small tasks".to_owned(),
        format!("more than SGD on {more} tasks (by a factor of {least:.2} to {most:.2}; undecided on {open})"),
        format!("also at matched loss on {at_loss}, which agrees"),
        format!("its own axes on {axes}, and SGD too localizes beyond the null model on {beyond}."),
        format!("becomes more stable on {stable} tasks and less stable on {unstable};"),
        format!("reorganizes it more is supported on {moves} tasks and contradicted on {stays},"),
        format!("at matched loss supported on {moves_at_loss} and contradicted on {stays_at_loss},"),
        format!("tracked one by one supported on {moves_tracked} and contradicted on {stays_tracked},"),
    ] {
        assert!(sentences.contains(&phrase), "{phrase:?} in {sentences:?}");
    }

    let sizes = results["sizes"].as_array().unwrap();
    assert!(sizes.iter().all(|size| size["seeds"]["count"] == 8));
    // The larger network, then the smaller one.
    let [larger, smaller] = [1, 0].map(|size: usize| {
        let claims = sizes[size]["claims"]["subspace"].as_array().unwrap();
        move |claim: &str| claims.iter().find(|result| result["name"] == claim).unwrap()["estimate"].as_f64().unwrap()
    });
    for phrase in [
        format!("in both (+{:.2} and +{:.2});", larger("b_reorganizes"), smaller("b_reorganizes")),
        format!("by ×{:.2} in the larger and ×{:.2} in", larger("b_localizes"), smaller("b_localizes")),
        format!("null model by ×{:.2} and ×{:.2} (", larger("b_beyond_null"), smaller("b_beyond_null")),
    ] {
        assert!(sentences.contains(&phrase), "{phrase:?} in {sentences:?}");
    }
}
