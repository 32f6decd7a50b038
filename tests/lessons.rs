//! The lessons: what they name is there, their links open, and their numbers are those that the links compute.
#![cfg(not(target_arch = "wasm32"))]

mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use eigendrift::curvature::Route;
use eigendrift::experiment::{Checkpoint, Experiment, Report, run};
use eigendrift::measured::Measured;
use eigendrift::null_model::NullModel;
use eigendrift::state::RUN_NAMES;
use serde_json::Value;
use texts::{Results, opened, pictures, terms};

const FIRST: [&str; 4] = ["sgd-against-adam", "what-settles", "adams-axes", "by-rank-or-tracked"];

fn lessons() -> Vec<Value> {
    let text = fs::read_to_string("www/lessons.json").unwrap();
    assert!(text.len() <= 18_000, "{} bytes", text.len());
    let read: Value = serde_json::from_str(&text).unwrap();
    read["lessons"].as_array().unwrap().clone()
}

fn text<'a>(lesson: &'a Value, field: &str) -> &'a str {
    lesson[field].as_str().unwrap_or_else(|| panic!("{field} of {lesson}"))
}

/// What stands between `open` and `close`.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).map(|rest| rest.split_once(close).expect("a closing bracket").0).collect()
}

/// `outcome` without its placeholders, and these.
fn placeholders(lesson: &Value) -> (String, Vec<String>) {
    let outcome = text(lesson, "outcome");
    let found: Vec<String> = between(outcome, "{", "}").into_iter().map(str::to_owned).collect();
    (found.iter().fold(outcome.to_owned(), |rest, name| rest.replace(&format!("{{{name}}}"), "")), found)
}

#[test]
fn every_lesson_asks_and_shows_what_there_is() {
    let (lessons, known, terms) = (lessons(), pictures(), terms());
    let names: Vec<&str> = lessons.iter().map(|lesson| text(lesson, "name")).collect();
    assert!(names.starts_with(&FIRST) && lessons.len() >= 13, "{names:?}");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    for lesson in &lessons {
        let name = text(lesson, "name");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !text(lesson, "title").is_empty());
        let question = text(lesson, "question");
        assert!(question.starts_with("Predict: ") && question.find('?') == Some(question.len() - 1), "{question}");
        let options = lesson["options"].as_array().unwrap();
        assert!(
            (2..=4).contains(&options.len()) && lesson["answer"].as_u64().unwrap() < options.len() as u64,
            "{name}"
        );
        let shown: Vec<&str> = lesson["pictures"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        let watch = text(lesson, "watch");
        for (bracket, close, allowed) in [("[[", "]]", &known), ("{{", "}}", &terms)] {
            for reference in between(watch, bracket, close) {
                let (target, words) = reference.split_once('|').expect("words after |");
                assert!(allowed.contains(target) && !words.is_empty(), "{name}: {reference}");
            }
        }
        assert!(!shown.is_empty() && shown.iter().all(|picture| known.contains(*picture)), "{name}: {shown:?}");
        assert!(!["[[", "{{"].iter().any(|bracket| text(lesson, "outcome").contains(bracket)), "{name}");
    }
}

/// Placeholders stand for results that are kept, and the link, or that of the lesson that is named as their source, opens the
/// very runs that the first of them is about.
#[test]
fn placeholders_are_results_on_what_the_link_opens() {
    let (all, results) = (lessons(), Results::read());
    let mut count = 0;
    for lesson in &all {
        let (_, found) = placeholders(lesson);
        let wrong: Vec<&String> = found.iter().filter(|name| !results.resolves(name)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let Some(task) = found.first().map(|name| name.split('.').next().unwrap()) else { continue };
        let link = results.task(task, false).unwrap()["link"].as_str().unwrap();
        let experiments = |hash: &str| -> Vec<Experiment> {
            let state = opened(hash);
            state.runs.keys().map(|&run| state.experiment(run).unwrap()).collect()
        };
        let source = lesson["results_of"].as_str().unwrap_or(text(lesson, "name"));
        let source = all.iter().find(|lesson| text(lesson, "name") == source).expect("a lesson of that name");
        let shown = experiments(text(source, "link"));
        assert!(experiments(&format!("#{link}")).iter().all(|run| shown.contains(run)), "{}", text(lesson, "name"));
        count += found.len();
    }
    assert!(count > 30);
}

#[test]
fn every_link_opens() {
    let lessons = lessons();
    let links: BTreeSet<&str> = lessons.iter().map(|lesson| text(lesson, "link")).collect();
    assert_eq!(links.len(), lessons.len(), "each lesson shows something else");
    links.into_iter().for_each(|link| _ = opened(link));
}

/// Numbers with a decimal point stand in `measured`, and each of these in the text.
#[test]
fn every_number_is_measured() {
    for lesson in lessons() {
        let (outcome, _) = placeholders(&lesson);
        let whole = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).to_owned();
        let words: BTreeSet<String> = outcome.split(|c: char| c.is_whitespace() || c == '×').map(whole).collect();
        let measured = lesson["measured"].as_array().cloned().unwrap_or_default();
        let measured: Vec<&str> = measured.iter().map(|entry| entry["text"].as_str().unwrap()).collect();
        for number in words.iter().filter(|word| word.contains('.')) {
            assert!(measured.iter().any(|text| text.contains(number.as_str())), "{number}: {outcome}");
        }
        for text in measured {
            assert!(words.contains(text) || outcome.contains(text) && text.contains('×'), "{text}: {outcome}");
        }
    }
}

#[test]
fn measured_numbers_are_what_the_links_compute() {
    let (lessons, results) = (lessons(), Results::read());
    let counts = std::thread::scope(|scope| {
        let results = &results;
        let one = |lesson| scope.spawn(move || measure(lesson, results));
        let workers: Vec<_> = lessons.iter().map(one).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(counts.iter().sum::<usize>() >= 35 && counts.iter().filter(|count| **count > 0).count() >= 9, "{counts:?}");
}

/// Computes the measured numbers of a lesson, and gives how many there are.
fn measure(lesson: &Value, results: &Results) -> usize {
    let state = opened(text(lesson, "link"));
    let mut reports: BTreeMap<(usize, u64), Report> = BTreeMap::new();
    let entries = lesson["measured"].as_array().cloned().unwrap_or_default();
    for entry in &entries {
        if let Some(name) = entry["result"].as_str() {
            let claim = results.claim(name, true).unwrap();
            let [x, low, high] = ["estimate", "low", "high"].map(|field| claim[field].as_f64().unwrap());
            assert_eq!(text(entry, "text"), format!("×{x:.2} [{low:.2}, {high:.2}]"), "{name}");
            continue;
        }
        let index = RUN_NAMES.iter().position(|name| *name == text(entry, "run")).unwrap();
        let mut experiment = state.experiment(index).unwrap();
        if let Some(kind) = entry.get("null") {
            let kind = serde_json::from_value(kind.clone()).unwrap();
            experiment.null_model = Some(NullModel { kind, ..NullModel::default() });
            // Only the last checkpoint counts.
            experiment.checkpoint_every = experiment.steps;
            assert_eq!(entry["step"], experiment.steps);
            let bands = run(experiment, |_| ()).unwrap().null_model.unwrap();
            compare(entry, &[bands.mean_ipr.unwrap().mean]);
            continue;
        }
        let seeds = match (&entry["seeds"], entry["seed"].as_u64()) {
            (Value::Array(range), _) => range[0].as_u64().unwrap()..=range[1].as_u64().unwrap(),
            (_, seed) => seed.unwrap_or(experiment.seed)..=seed.unwrap_or(experiment.seed),
        };
        let mut values = Vec::new();
        for seed in seeds {
            experiment.seed = seed;
            let report = reports.entry((index, seed)).or_insert_with(|| run(experiment.clone(), |_| ()).unwrap());
            let at =
                |step: &Value| report.checkpoints.iter().position(|c| *step == c.step).expect("a checkpoint there");
            // A quantity of the optimizer is not known before its first step.
            let range = match (&entry["step"], entry["first"] == true) {
                (Value::Array(range), _) => at(&range[0])..=at(&range[1]),
                (step, true) => 1..=at(step),
                (step, false) => at(step)..=at(step),
            };
            values.extend(range.map(|index| quantity(report, index, entry, &at)));
        }
        compare(entry, &values);
    }
    entries.len()
}

/// Compares the mean of values with the digits of a text; or each with an upper end, or with what the last of them is the
/// first to pass.
fn compare(entry: &Value, values: &[f64]) {
    let digits = text(entry, "text");
    let number: f64 = digits.parse().unwrap();
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let (last, before) = values.split_last().unwrap();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let agree = if entry["first"] == true {
        !before.is_empty() && before.iter().all(|value| *value < number) && *last >= number
    } else if entry["below"] == true {
        values.iter().all(|value| *value < number)
    } else {
        format!("{mean:.decimals$}") == digits
    };
    assert!(agree, "{mean} for {entry}");
}

fn quantity(report: &Report, index: usize, entry: &Value, at: &impl Fn(&Value) -> usize) -> f64 {
    let checkpoint: &Checkpoint = &report.checkpoints[index];
    let since = || at(&entry["since"]);
    let known = |measured: Measured| measured.value().expect("determined");
    match text(entry, "quantity") {
        "loss" => checkpoint.loss,
        "accuracy" => checkpoint.accuracy,
        "sharpness" => checkpoint.sharpness,
        "sharpness before" => checkpoint.sharpness_before.unwrap(),
        "sharpness over threshold" => checkpoint.sharpness / checkpoint.stability_threshold.unwrap(),
        "directions determined" => checkpoint.determination.count() as f64,
        "gradient share" => checkpoint.gradient_share.unwrap(),
        "chance share" => report.chance.subspace_overlap,
        "mean IPR" => known(Measured::mean(checkpoint.leading_ipr.iter().copied())),
        "displacement by rank" => known(checkpoint.two_time.displacement_by_rank[since()]),
        "displacement tracked" => known(checkpoint.two_time.displacement_tracked[since()]),
        "subspace overlap" => known(checkpoint.two_time.subspace_overlap[since()]),
        other => {
            let (name, rank) = other.rsplit_once(' ').expect("a quantity");
            let rank = rank.parse::<usize>().expect("a rank") - 1;
            match name {
                "eigenvalue" if checkpoint.spectrum == Route::Leading => checkpoint.leading_eigenvalues[rank],
                "eigenvalue" => checkpoint.eigenvalues_descending[rank],
                "IPR" => known(checkpoint.leading_ipr[rank]),
                _ => panic!("{other} is no quantity"),
            }
        }
    }
}
