//! Results in files, opened on the page: the same as those that were saved, and nothing else than what fits their experiment.

#![cfg(not(target_arch = "wasm32"))]

#[allow(dead_code)] // others use all of it
mod own;
mod page;

use eigendrift::dataset::{identify_files, idx};
use eigendrift::ensemble::{Ensemble, EnsembleReport, compute_seeds, ensemble_report};
use eigendrift::page::action::{Export, Place, Timer};
use eigendrift::page::evidence;
use eigendrift::page::export::json::SCHEMA;
use eigendrift::page::import::read;
use eigendrift::page::imported::{Opened, Results};
use eigendrift::page::pictures::{PICTURES, Scene};
use eigendrift::page::results::Phase;
use eigendrift::page::{Action, Effect, Model, readout, update};
use eigendrift::state::{OwnFile, Scope, link};
use eigendrift::{Experiment, Report, run};
use page::{open, set};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

fn report(experiment: Value) -> Report {
    run(Experiment::from_json(&experiment.to_string()).unwrap(), |_| {}).unwrap()
}

fn small() -> Value {
    json!({
        "data": {"name": "blobs", "samples": 40, "noise": 0.7, "features": 3, "classes": 3},
        "hidden": [4], "activation": "gelu", "steps": 30, "checkpoint_every": 10, "leading": 2, "null_model": null,
        "optimizer": {"name": "adam", "learning_rate": 0.02, "schedule": {"name": "cosine", "steps": 30}},
        "changes": [{"step": 12, "learning_rate": 0.01}],
    })
}

/// The page after a file was dropped on it.
fn opened(name: &str, found: Results) -> (Model, Vec<Effect>) {
    let (mut model, _) = open("#v=1&samples=60&steps=40&every=20&k=2&vector=2&curves=all&hide=article&view=loss");
    let file = OwnFile { number: 1, name: name.into() };
    assert!(update(&mut model, Action::OpenFile(file.clone())).contains(&Effect::OpenFile(file)));
    let effects =
        update(&mut model, Action::FileOpened { name: name.into(), found: Ok(Opened::Results(Box::new(found))) });
    (model, effects)
}

/// Lets the moment pass after which runs begin again.
fn begin_what_waits(model: &mut Model) {
    let timer = model.tasks.restart;
    update(model, Action::Due(Timer::Restart(timer)));
}

/// Draws every picture and writes every sentence at every checkpoint.
fn draw(model: &mut Model) {
    for index in 0..4 {
        update(model, Action::MoveCursor(index));
        let moment = model.moment();
        let scene = Scene::new(model, &moment);
        for descriptor in &PICTURES {
            assert!(!scene.chart(descriptor.picture).describe().is_empty());
            readout::caption::caption(&scene, descriptor.picture);
        }
        readout::status(&scene);
    }
}

#[test]
fn a_report_is_shown_as_it_was_computed() {
    let report = report(small());
    let text = serde_json::to_string(&report).unwrap();
    let found = read("run.json", &text).unwrap();
    assert_eq!(found.note, None);
    let (mut model, effects) = opened("run.json", found);
    // The runs that were there are ended, and none begins.
    let stopped = |run| effects.contains(&Effect::Stop(Place::Run(run)));
    assert!(stopped(0) && stopped(1));
    let begun = |effect: &Effect| matches!(effect, Effect::Start { place: Place::Run(_), .. });
    assert!(!effects.iter().any(begun), "{effects:?}");
    assert_eq!(model.runs.len(), 1);
    let run = &model.runs[&0];
    let kept: Vec<_> = run.checkpoints.iter().map(|checkpoint| (**checkpoint).clone()).collect();
    assert_eq!(kept, report.checkpoints);
    assert_eq!(*run.experiment, report.experiment);
    assert_eq!(model.progress[&0].phase, Phase::Finished);
    assert_eq!(model.state.experiment(0).unwrap(), report.experiment);
    assert_eq!(model.shown_checkpoint(), 3);
    // The file has no view: what is shown, and how, stays.
    let view = "&vector=2&curves=all&view=loss&hide=article";
    assert!(link::write(&model.state).ends_with(view), "{}", link::write(&model.state));
    draw(&mut model);
    // Reset computes the same.
    let effects = update(&mut model, Action::Reset);
    assert!(effects.iter().any(begun));
    assert_eq!(*model.runs[&0].experiment, report.experiment);
    // What the file leaves at its default is no other setting.
    let defaults = json!({"steps": 4, "checkpoint_every": 2, "hessian_samples": 40});
    let text = serde_json::to_string(&self::report(defaults)).unwrap();
    assert_eq!(read("defaults.json", &text).unwrap().note, None);
    // What is changed is computed with all else as in the file.
    update(&mut model, set(Scope::Setting, "seed", "5"));
    assert_eq!(model.state.experiment(0).unwrap(), Experiment { seed: 5, ..report.experiment });
}

/// The file that the page saves of a model.
fn saved(model: &mut Model) -> String {
    let effects = update(model, Action::Export { export: Export::Json, shown: (0.0, 0.0) });
    let snapshot = effects.into_iter().find_map(|effect| match effect {
        Effect::SaveJson { snapshot, .. } => Some(snapshot),
        _ => None,
    });
    snapshot.unwrap().pieces().map(|piece| piece.unwrap()).collect()
}

#[test]
fn what_the_page_saves_opens_as_it_was_with_its_view() {
    let of_both = [small(), json!({"optimizer": {"name": "sgd", "learning_rate": 0.5}, "changes": []})];
    let mut second = small();
    of_both[1].as_object().unwrap().iter().for_each(|(key, value)| second[key] = value.clone());
    let reports = [report(small()), report(second)];
    let texts = reports.each_ref().map(|report| serde_json::to_value(report).unwrap());
    let runs: Vec<Value> = ["B", "D"]
        .iter()
        .zip(&texts)
        .map(|(name, report)| {
            json!({"name": name, "experiment": report["experiment"], "checkpoints": report["checkpoints"]})
        })
        .collect();
    let export = json!({"schema": SCHEMA, "build": "", "link": "#v=1&curvature=stability&vector=2&k=2", "runs": runs});
    let (mut model, _) = opened("all.json", read("all.json", &export.to_string()).unwrap());
    assert_eq!(model.runs.keys().copied().collect::<Vec<_>>(), [1, 3]);
    let link = link::write(&model.state);
    assert!(link.contains("curvature=stability") && link.contains("vector=2"), "{link}");
    // Saved and opened again, it is the same.
    let text = saved(&mut model);
    let (again, _) = opened("again.json", read("again.json", &text).unwrap());
    assert_eq!(*again.state, *model.state);
    for run in [1, 3] {
        assert_eq!(again.runs[&run].checkpoints, model.runs[&run].checkpoints);
        assert_eq!(again.runs[&run].experiment, model.runs[&run].experiment);
        assert_eq!(again.runs[&run].started, model.runs[&run].started);
    }
    draw(&mut model);
}

#[test]
fn own_rows_and_own_starts_are_those_of_the_file() {
    let mut experiment = small();
    let rows: Vec<String> = (0..40).map(|i| format!("{},{},{}", i % 7, (i * i) % 11, ["x", "y"][i % 2])).collect();
    experiment["data"] = json!({"csv": format!("a,b,kind\n{}\n", rows.join("\n")), "label_column": "kind"});
    experiment["initial_parameters"] = json!((0..(4 * 3 + 2 * 5)).map(|i| 0.1 * f64::from(i % 5)).collect::<Vec<_>>());
    let report = report(experiment);
    let found = read("own.json", &serde_json::to_string(&report).unwrap()).unwrap();
    let note = "own.json has no rows of its data: choose them as well to compute anything further.";
    assert_eq!(found.note.as_deref(), Some(note));
    let (mut model, _) = opened("own.json", found);
    assert_eq!(model.runs[&0].checkpoints.len(), 4);
    assert!(model.state.is_own_table() && model.state.start_network().is_some());
    assert_eq!(model.state.start_network().unwrap().network.parameters, report.checkpoints[0].parameters);
    draw(&mut model);
    // The rows themselves are not in the file.
    let experiment = model.state.experiment(0).unwrap();
    assert_eq!(experiment.data_shape().unwrap().0.samples, 40);
    assert!(experiment.load_data().is_err());
    // With another label column they would be others; no worker is asked for what is not there.
    let effects = update(&mut model, set(Scope::Setting, "label", "a"));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Start { place: Place::Reader, .. })), "{effects:?}");
    let refusal = model.table.refusal.clone().unwrap_or_default();
    assert!(refusal.contains("a file of results has no rows of its data"), "{refusal}");
    assert!(model.state.experiment(0).is_err());

    // The table, under whatever name, is read with the column of the results; another one begins anew, with its last column.
    let again = || opened("own.json", read("own.json", &serde_json::to_string(&report).unwrap()).unwrap()).0;
    let (mut model, mut desk) = (again(), own::Desk::default());
    let file = desk.file("b.csv", format!("a,b,kind\n{}\n", rows.join("\n")));
    desk.choose(&mut model, vec![file]);
    begin_what_waits(&mut model);
    assert_eq!(model.runs[&0].checkpoints.len(), 4);
    assert_eq!(
        run(desk.with_rows(&model.state.experiment(0).unwrap()), |_| {}).unwrap().checkpoints,
        report.checkpoints
    );
    let mut model = again();
    let other = desk.file("c.csv", "p,q,r\n1,2,u\n2,1,v\n3,2,u\n3,1,v\n");
    desk.choose(&mut model, vec![other]);
    begin_what_waits(&mut model);
    assert_eq!(
        (model.table.preview.as_ref().unwrap().head.last().unwrap().as_str(), model.runs[&0].checkpoints.len()),
        ("class", 0)
    );
}

#[test]
fn runs_that_ended_early_say_so() {
    let report = report(small());
    let mut value = serde_json::to_value(&report).unwrap();
    value["checkpoints"].as_array_mut().unwrap().truncate(2);
    let (model, _) = opened("part.json", read("part.json", &value.to_string()).unwrap());
    let Phase::Failed { sentence, diverged: false } = &model.progress[&0].phase else { panic!() };
    assert_eq!(sentence, "the file ends with step 10 of 30; Reset computes all of it");
    assert!(!model.is_run_under_way(0));
    value["diverged"] = "training diverged at step 17: the loss is NaN".into();
    let (model, _) = opened("part.json", read("part.json", &value.to_string()).unwrap());
    assert!(
        matches!(&model.progress[&0].phase, Phase::Failed { diverged: true, sentence } if sentence.contains("step 17"))
    );
    // A setting without a control.
    let mut value = serde_json::to_value(&report).unwrap();
    value["experiment"]["layer_spectra"] = false.into();
    let note = read("r.json", &value.to_string()).unwrap().note.unwrap();
    assert!(note.starts_with("r.json was computed with a setting for which there is no control here"), "{note}");
}

#[test]
fn what_does_not_fit_is_refused_with_a_sentence() {
    let good = serde_json::to_value(report(small())).unwrap();
    let refusal = |text: &str| {
        let sentence = read("f.json", text).unwrap_err().to_string();
        assert!(sentence.starts_with("f.json: ") && sentence.len() < 400, "{sentence}");
        sentence
    };
    let text = good.to_string();
    for (text, words) in [
        ("", "ends within a value, at line 1, column 0; was it cut off?"),
        ("{}", "is no result that this version reads: missing field `experiment`"),
        ("[1, 2]", "is no result that this version reads"),
        ("a,b\n1,2", "is not JSON, at line 1, column 1"),
        (&text[..text.len() / 2], "ends within a value"),
        ("{\"runs\": [-1.", "ends within a value, at line 1, column 13; was it cut off?"),
        ("{\"runs\":\n[-", "ends within a value, at line 2, column 2; was it cut off?"),
        ("{\"runs\": [1e-", "ends within a value, at line 1, column 13; was it cut off?"),
        ("{\"runs\": [-1.]", "is not JSON, at line 1, column 14"),
        (
            "{\"schema\": \"eigendrift/export.schema.json/9\", \"runs\": []}",
            "has the form “eigendrift/export.schema.json/9”",
        ),
        ("{\"ensemble\": {}}", "is no result that this version reads: missing field `seeds`"),
        ("{\"ensemble\": {\"seed_count\": 0}, \"seeds\": []}", "seed_count is 0; allowed are 1 to"),
        ("{\"link\": \"\", \"runs\": []}", "holds no checkpoint of any run"),
    ] {
        let sentence = refusal(text);
        assert!(sentence.contains(words), "{sentence}");
    }
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 10] = [
        (|v| v["checkpoints"][1]["parameters"] = json!([1.0]), "at step 10: θ does not fit the experiment"),
        (|v| v["checkpoints"][1]["step"] = json!(11), "has one at step 11, where the experiment has none"),
        (|v| v["checkpoints"][1]["leading_eigenvectors"][0][0] = json!(5.0), "at step 10: an eigenvector does not fit"),
        (|v| v["checkpoints"][1]["leading_ipr"] = json!([]), "inverse participation ratios does not fit"),
        (|v| v["checkpoints"][2]["two_time"]["track"] = json!([0, 7]), "at step 20: a track does not fit"),
        (|v| v["checkpoints"][2]["two_time"]["subspace_overlap"] = json!([1.0]), "comparison with earlier checkpoints"),
        (|v| v["checkpoints"][0].as_object_mut().unwrap().clear(), "missing field `step`"),
        (|v| v["experiment"]["hidden"] = json!([9]), "does not fit the experiment"),
        (|v| v["experiment"]["optimizer"]["learning_rate"] = json!(-1), "optimizer.learning_rate: must be"),
        (
            |v| v["experiment"]["data"] = json!({"images": "/etc/passwd", "image_labels": "b"}),
            "image files by their paths, which the page cannot open, and what they hold is not given",
        ),
    ];
    for (change, words) in changes {
        let mut value = good.clone();
        change(&mut value);
        let sentence = refusal(&value.to_string());
        assert!(sentence.contains(words), "{sentence}\n{words}");
    }
}

/// A run on image files that the native program opened by their paths is shown without them; with them, more can be computed.
#[test]
fn a_report_on_image_files_opens_without_them() {
    let (images, labels) = (of_bytes(&[60, 3, 3], 241), of_bytes(&[60], 3));
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut experiment = small();
    experiment["data"] = json!({
        "images": path("i", &images), "image_labels": path("l", &labels), "samples": 50, "preparation": "none",
    });
    let mut experiment = Experiment::from_json(&experiment.to_string()).unwrap();
    identify_files(&mut experiment.data).unwrap();
    let report = run(experiment, |_| {}).unwrap();
    let found = read("run.json", &serde_json::to_string(&report).unwrap()).unwrap();
    assert!(found.note.as_ref().unwrap().starts_with("run.json has no rows of its data"), "{:?}", found.note);
    let (mut model, _) = opened("run.json", found);
    assert_eq!(model.runs[&0].checkpoints.len(), report.checkpoints.len());
    draw(&mut model);

    // The files are those that were meant: what is shown stays, and a change computes with them.
    let mut desk = own::Desk::default();
    let files = vec![desk.file("l", labels), desk.file("i", images)];
    desk.choose(&mut model, files);
    begin_what_waits(&mut model);
    assert_eq!(model.runs[&0].checkpoints.len(), report.checkpoints.len());
    assert!(model.problems.of_file.is_empty());
    let effects = update(&mut model, Action::Reset);
    let begun = |effect: &Effect| matches!(effect, Effect::Start { place: Place::Run(0), .. });
    assert!(effects.iter().any(begun), "{effects:?}");
    let again = run(desk.with_rows(&model.state.experiment(0).unwrap()), |_| {}).unwrap();
    assert_eq!(again.checkpoints, report.checkpoints);
}

/// An IDX file of bytes below a limit.
fn of_bytes(sizes: &[usize], below: usize) -> Vec<u8> {
    let count: usize = sizes.iter().product();
    [idx::header(idx::Element::U8, sizes), (0..count).map(|i| (i * i % 997 % below) as u8).collect()].concat()
}

fn ensemble(changes: Value) -> EnsembleReport {
    let mut value = json!({
        "experiment": {
            "data": {"name": "blobs", "samples": 40, "noise": 0.7, "features": 3, "classes": 3}, "hidden": [4],
            "steps": 120, "checkpoint_every": 10, "leading": 2, "batch_size": 8,
        },
        "a": {"name": "sgd", "learning_rate": 0.1}, "b": {"name": "adam", "learning_rate": 0.02},
        "b_changes": [{"step": 60, "learning_rate": 0.01}], "first_seed": 3, "seed_count": 4,
    });
    changes.as_object().unwrap().iter().for_each(|(key, change)| value[key] = change.clone());
    let ensemble = Ensemble::from_json(&value.to_string()).unwrap();
    let seeds = compute_seeds(&ensemble, Vec::new(), |_| {}, |_| Ok(()), || false).unwrap();
    ensemble_report(ensemble, seeds)
}

fn pieces(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Start { place: Place::Seed(_), .. })).count()
}

#[test]
fn seeds_of_an_ensemble_are_those_of_the_claims() {
    let report = ensemble(json!({}));
    let found = read("seeds.json", &serde_json::to_string(&report).unwrap()).unwrap();
    let (mut model, effects) = opened("seeds.json", found);
    assert_eq!(pieces(&effects), 0);
    // The two runs themselves are not in the file: they are computed, with the first of the seeds.
    let begun =
        |run| effects.iter().any(|effect| matches!(effect, Effect::Start { place, .. } if *place == Place::Run(run)));
    assert!(begun(0) && begun(1));
    assert_eq!(model.runs[&1].experiment.seed, 3);
    assert_eq!(model.runs[&1].experiment.changes, report.ensemble.b_changes);
    let evidence = model.evidence.as_ref().unwrap();
    assert_eq!(evidence.seeds, report.seeds);
    assert!(evidence.is_final());
    assert_eq!(evidence.claims(report.ensemble.pairing), report.claims);
    for (pairing, claims) in &report.claims_by_pairing {
        assert_eq!(evidence.claims(*pairing), claims);
    }
    assert_eq!(
        model.problems.of_file,
        ["seeds.json has 4 seeds for the claims, and no single runs: these are computed here."]
    );
    draw(&mut model);
    // More of them are computed beside those of the file; another setting needs others.
    assert_eq!(readout::evidence::status(&model), "4 seeds; 4 computed elsewhere (seeds.json)");
    update(&mut model, set(Scope::View, "seeds", "6"));
    assert_eq!(readout::evidence::status(&model), "6 seeds follow this run; 4 computed elsewhere (seeds.json)");
    assert_eq!(model.evidence.as_ref().unwrap().seeds, report.seeds);
    assert_eq!(model.evidence.as_ref().unwrap().phase, evidence::Phase::Waiting);
    update(&mut model, set(Scope::Run(0), "lr", "0.2"));
    assert!(model.evidence.as_ref().unwrap().seeds.is_empty());
    assert_eq!(readout::evidence::status(&model), "6 seeds follow this run");
}

#[test]
fn what_an_ensemble_lacks_is_computed_on_request() {
    // Runs in a rotated basis were not asked for, and the null model is not the first one of the page.
    let without = ensemble(json!({
        "rotated": false,
        "experiment": {
            "data": {"name": "iris"}, "hidden": [3], "steps": 110, "checkpoint_every": 10, "leading": 2,
            "null_model": {"kind": "shuffled_labels"},
        },
    }));
    let (model, effects) = opened("s.json", read("s.json", &serde_json::to_string(&without).unwrap()).unwrap());
    let evidence = model.evidence.as_ref().unwrap();
    assert_eq!((evidence.phase.name(), evidence.seeds.len(), pieces(&effects)), ("stopped", 0, 0));
    assert!((evidence.share_done() - 2.0 / 3.0).abs() < 1e-12);
    // A seed is missing.
    let mut whole = ensemble(json!({}));
    whole.seeds.remove(1);
    let (model, _) = opened("s.json", read("s.json", &serde_json::to_string(&whole).unwrap()).unwrap());
    let evidence = model.evidence.as_ref().unwrap();
    assert_eq!((evidence.phase.name(), evidence.seeds.len()), ("stopped", 3));
    assert_eq!(readout::evidence::status(&model), "stopped at 3 of 4 seeds; 3 computed elsewhere (s.json)");
}

#[test]
fn seeds_that_do_not_fit_are_refused_with_a_sentence() {
    let good = serde_json::to_value(ensemble(json!({}))).unwrap();
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 10] = [
        (|v| v["seeds"] = json!([]), "seeds are empty; there is nothing to show"),
        (|v| v["seeds"][1]["seed"] = json!(3), "seeds have 3 twice, or beside those of the ensemble"),
        (|v| v["seeds"][1]["seed"] = json!(9), "seeds have 9 twice, or beside those of the ensemble"),
        (|v| v["seeds"][0]["rotated"] = json!(null), "seeds of 3: one of the runs is not there does not fit"),
        (|v| v["seeds"][0]["a"]["steps"][2] = json!(21), "seeds of 3: a step does not fit"),
        (|v| v["seeds"][0]["b"]["mean_ipr"] = json!([0.5]), "seeds of 3: the number of shares, test losses or IPR"),
        (|v| v["seeds"][2]["b"]["halvings"] = json!([{"from": 3, "to": 99}]), "seeds of 5: a halving of the loss"),
        (
            |v| v["seeds"][2]["b"]["displacement"]["rank"]["at_lag"] = json!([]),
            "seeds of 5: the number of displacements",
        ),
        (
            |v| v["ensemble"]["experiment"]["null_model"]["samples"] = json!(7),
            "has a `null_model` for which there is no control",
        ),
        (|v| v["ensemble"]["seed_count"] = json!(9999), "has a number of seeds for which there is no control"),
    ];
    for (change, words) in changes {
        let mut value = good.clone();
        change(&mut value);
        let sentence = read("f.json", &value.to_string()).unwrap_err().to_string();
        assert!(sentence.starts_with("f.json: ") && sentence.contains(words), "{sentence}\n{words}");
    }
}

/// All places of a JSON value.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    found.push(at.clone());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| places(value, format!("{at}/{key}"), found)),
        Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(i, value)| places(value, format!("{at}/{i}"), found));
        }
        _ => {}
    }
}

/// A file, and the places in it; of long rows of numbers the first few are enough.
fn with_places(value: Value) -> (Value, Vec<String>) {
    let mut found = Vec::new();
    places(&value, String::new(), &mut found);
    found.retain(|place| place.rsplit('/').next().and_then(|last| last.parse().ok()).is_none_or(|i: usize| i < 3));
    (value, found)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is changed in a file, it is refused, or all pictures can be drawn of it.
    #[test]
    fn changed_files_are_refused_or_drawn(
        of_seeds in any::<bool>(),
        at in any::<prop::sample::Index>(),
        to in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!(-1)), Just(json!(0)), Just(json!(1e300)), Just(json!("x")),
            Just(json!(true)), Just(json!({})), Just(json!(3)), Just(json!([1.0, 2.0])),
        ],
    ) {
        static RUN: LazyLock<(Value, Vec<String>)> =
            LazyLock::new(|| with_places(serde_json::to_value(report(small())).unwrap()));
        static SEEDS: LazyLock<(Value, Vec<String>)> =
            LazyLock::new(|| with_places(serde_json::to_value(ensemble(json!({}))).unwrap()));
        let (mut value, places) = (if of_seeds { &SEEDS } else { &RUN }.0.clone(), if of_seeds { &SEEDS.1 } else { &RUN.1 });
        *value.pointer_mut(&places[at.index(places.len())]).unwrap() = to;
        if let Ok(found) = read("f.json", &value.to_string()) {
            let (mut model, _) = opened("f.json", found);
            draw(&mut model);
        }
    }
}
