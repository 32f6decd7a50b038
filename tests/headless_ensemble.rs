//! Ensembles by the native program: the same bytes from any number of jobs, from parts that are merged, and after
//! interruptions.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

fn start(directory: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_headless"))
        .args(arguments)
        .current_dir(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finished(directory: &Path, arguments: &[&str]) -> Output {
    start(directory, arguments).wait_with_output().unwrap()
}

fn printed(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = finished(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn sentence(directory: &Path, arguments: &[&str]) -> String {
    let output = finished(directory, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn ensemble(steps: usize, seed_count: usize) -> Value {
    json!({
        "experiment": {
            "data": {"name": "moons", "samples": 80}, "hidden": [6], "steps": steps, "checkpoint_every": 10, "leading": 3,
            "null_model": {"kind": "random_weights", "samples": 3},
        },
        "seed_count": seed_count,
    })
}

fn folder(ensemble: &Value) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("ensemble.json"), ensemble.to_string()).unwrap();
    directory
}

#[test]
fn jobs_and_parts_give_the_same_bytes() {
    let directory = folder(&ensemble(150, 5));
    let at = directory.path();
    let whole = printed(at, &["ensemble", "ensemble.json", "--jobs", "1"]);
    for jobs in ["2", "4"] {
        assert!(printed(at, &["ensemble", "ensemble.json", "--jobs", jobs]) == whole, "{jobs} jobs");
    }
    for (part, seeds) in [("late.json", "4..5"), ("first.json", "1..1"), ("middle.json", "2..3")] {
        printed(at, &["ensemble", "ensemble.json", "--seeds", seeds, "--out", part]);
    }
    assert!(printed(at, &["merge", "late.json", "first.json", "middle.json"]) == whole);

    let result: Value = serde_json::from_slice(&whole).unwrap();
    assert_eq!(result["seeds"].as_array().unwrap().len(), 5);
    let curve = &result["curves"][1]["mean_ipr"];
    assert_eq!(curve["at"].as_array().unwrap().len(), 16);
    let values = result["seeds"].as_array().unwrap().iter().map(|seed| seed["b"]["mean_ipr"][7].as_f64().unwrap());
    let mean = values.sum::<f64>() / 5.0;
    assert!((curve["mean"][7].as_f64().unwrap() - mean).abs() < 1e-15);
    assert!(curve["low"][7].as_f64().unwrap() < mean && mean < curve["high"][7].as_f64().unwrap());

    assert!(sentence(at, &["merge", "first.json", "late.json"]).contains("none from 2 to 3"));
    assert!(sentence(at, &["merge", "first.json", "middle.json", "first.json"]).contains("have 1 twice"));
    let other = folder(&ensemble(140, 1));
    let part = other.path().join("other.json");
    printed(other.path(), &["ensemble", "ensemble.json", "--seeds", "6..6", "--out", "other.json"]);
    let problem = sentence(at, &["merge", "late.json", part.to_str().unwrap()]);
    assert!(problem.contains("differs between the parts in more than first_seed and seed_count"), "{problem}");
    assert!(sentence(at, &["merge", "ensemble.json"]).starts_with("ensemble.json: is not a result"));
}

#[test]
fn an_interrupted_ensemble_goes_on_with_what_is_left() {
    let directory = folder(&ensemble(4000, 12));
    let at = directory.path();
    let whole = printed(at, &["ensemble", "ensemble.json"]);
    let command = ["ensemble", "ensemble.json", "--out", "result.json", "--jobs", "1"];
    let kept = at.join("result.json.seeds");
    let mut interruptions = 0;
    let last = loop {
        let child = start(at, &command);
        let before = files(&kept);
        // Until one more seed is finished.
        for _ in 0..2000 {
            sleep(Duration::from_millis(5));
            if files(&kept) > before {
                break;
            }
        }
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        if output.status.code() != Some(130) {
            break output;
        }
        interruptions += 1;
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("of 12 seeds; the same command goes on with the others"), "{text}");
        assert!(!at.join("result.json").exists() && files(&kept) > 0);
        if interruptions == 3 {
            break finished(at, &command);
        }
    };
    assert!(interruptions > 0 && last.status.success(), "{interruptions}");
    assert!(String::from_utf8(last.stderr).unwrap().contains("of 12 seeds were finished before"));
    assert!(fs::read(at.join("result.json")).unwrap() == whole);
    assert!(!kept.exists(), "what was kept is removed with the last seed");
}

fn files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json")).count()
}

#[test]
fn seeds_that_another_ensemble_kept_are_not_taken() {
    let directory = folder(&ensemble(100, 2));
    let at = directory.path();
    let whole = printed(at, &["ensemble", "ensemble.json"]);
    let kept = at.join("result.json.seeds");
    fs::create_dir(&kept).unwrap();
    // Of another program, cut off, and something else.
    let other = json!({"program": "another", "ensemble": {}, "result": {}});
    fs::write(kept.join("1.json"), other.to_string()).unwrap();
    fs::write(kept.join("2.json"), "{\"program\":").unwrap();
    printed(at, &["ensemble", "ensemble.json", "--out", "result.json"]);
    assert!(fs::read(at.join("result.json")).unwrap() == whole);
}

#[test]
fn bad_input_is_named() {
    for (input, words) in [
        (json!({"seed_count": 0}), "seed_count: is 0; allowed are 1 to 10000"),
        (json!({"seed_counts": 1}), "seed_counts: there is no such field; there are experiment, a, b"),
        (json!({"b": {"name": "adam", "learning_rate": -1}}), "b: optimizer.learning_rate: must be"),
        (json!({"b": {"name": "adam", "rotated_basis": true}}), "rotated: is true although b has a rotated basis"),
        (json!({"experiment": {"leading": 0}}), "experiment.leading: is 0"),
        (json!({"first_seed": 9_007_199_254_740_991_u64, "seed_count": 2}), "first_seed: and"),
        (json!({"pairing": "best"}), "pairing"),
    ] {
        let directory = folder(&input);
        let found = sentence(directory.path(), &["ensemble", "ensemble.json"]);
        assert!(found.contains(words), "{found} should contain {words}");
    }
    let directory = folder(&json!({}));
    for (argument, words) in
        [("--seeds=5..1", "FIRST..LAST"), ("--jobs=0", "--jobs"), ("--seeds=0..9007199254740991", "seed_count")]
    {
        let found = sentence(directory.path(), &["ensemble", "ensemble.json", argument]);
        assert!(found.contains(words), "{found} should contain {words}");
    }
}
