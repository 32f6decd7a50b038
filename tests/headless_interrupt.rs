//! Interrupted runs: what they leave, and that going on gives the bytes of an uninterrupted run.
#![cfg(unix)]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Many checkpoints; batches, decoupled decay and moments make the state of the training more than its parameters.
const EXPERIMENT: &str = r#"{"data": {"name": "spirals", "samples": 200}, "hidden": [12, 12], "steps": 1200,
    "checkpoint_every": 10, "leading": 4, "optimizer": {"name": "adamw", "learning_rate": 0.02,
    "schedule": {"name": "cosine", "steps": 1200}}, "null_model": {"kind": "goe", "samples": 3}, "test_share": 0.2}"#;

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

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn sentence(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// What `run experiment.json --out part.json` leaves that is interrupted after its first checkpoints.
fn interrupted(directory: &Path) -> Output {
    for patience in 1..=6 {
        let child = start(directory, &["run", "experiment.json", "--out", "part.json"]);
        // Too short on a busy machine: the next round waits longer.
        sleep(Duration::from_millis(100 << patience));
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        if output.status.signal().is_none()
            && let Ok(text) = fs::read_to_string(directory.join("part.json"))
            && serde_json::from_str::<Value>(&text).unwrap()["checkpoints"][2].is_object()
        {
            return output;
        }
    }
    panic!("the run was never interrupted after a checkpoint");
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_bytes() {
    let directory = TempDir::new().unwrap();
    let directory = directory.path();
    fs::write(directory.join("experiment.json"), EXPERIMENT).unwrap();
    let output = interrupted(directory);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(names(directory), ["experiment.json", "part.json"]);
    let part: Value = serde_json::from_slice(&fs::read(directory.join("part.json")).unwrap()).unwrap();
    let last = part["checkpoints"].as_array().unwrap().last().unwrap()["step"].as_u64().unwrap();
    assert!(part["interrupted"].as_u64().unwrap() >= last && last < 1200);
    assert!(part["null_model"].is_null() && part["diverged"].is_null());
    let said = sentence(&output);
    assert!(said.contains("--resume part.json") && said.contains(&format!("step {last}")), "{said}");

    // In the place of the report that it goes on from.
    let resumed = finished(directory, &["run", "--resume", "part.json", "--out", "part.json"]);
    assert!(resumed.status.success() && resumed.stderr.is_empty(), "{resumed:?}");
    let whole = finished(directory, &["run", "experiment.json"]);
    assert!(whole.status.success());
    assert!(fs::read(directory.join("part.json")).unwrap() == whole.stdout, "the bytes differ");

    let again = finished(directory, &["run", "--resume", "part.json"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(sentence(&again).contains("part.json: the run was not interrupted"));
}

#[test]
fn reports_to_go_on_from_are_checked() {
    let directory = TempDir::new().unwrap();
    let directory = directory.path();
    let experiment = r#"{"data": {"name": "xor", "samples": 20}, "hidden": [3], "steps": 4, "checkpoint_every": 2,
        "leading": 2, "null_model": null}"#;
    fs::write(directory.join("experiment.json"), experiment).unwrap();
    let output = finished(directory, &["run", "experiment.json"]);
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["interrupted"] = 2.into();
    report["checkpoints"].as_array_mut().unwrap().pop();
    let good = report.to_string();
    let changed = |pointer: &str, value: Value| {
        let mut report = report.clone();
        *report.pointer_mut(pointer).unwrap() = value;
        report.to_string()
    };
    let resume = |text: &str| {
        fs::write(directory.join("report.json"), text).unwrap();
        finished(directory, &["run", "--resume", "report.json"])
    };
    assert_eq!(resume(&good).stdout, output.stdout);
    for (text, problem) in [
        (&good[..good.len() / 2], "cut off"),
        ("", "cut off"),
        ("[]", "is not a report"),
        (experiment, "is not a report"),
        (&changed("/experiment/seed", 5.into()), "other parameters"),
        (&changed("/checkpoints/1/parameters/0", 0.25.into()), "other parameters"),
        (&changed("/checkpoints/1/parameters", vec![1.0].into()), "other parameters"),
        (&changed("/checkpoints/1/leading_eigenvectors/0/0", 0.25.into()), "eigenvectors"),
        (&changed("/checkpoints/1/leading_eigenvectors/0", vec![1.0].into()), "eigenvectors"),
        (&changed("/checkpoints/1/step", 3.into()), "no checkpoint at step 3"),
        (&changed("/experiment/steps", 0.into()), "no checkpoint at step 2"),
        (&changed("/experiment/steps", (-1).into()), "is not a report"),
        (&changed("/experiment/leading", 0.into()), "leading"),
    ] {
        let output = resume(text);
        assert_eq!(output.status.code(), Some(2), "{problem}: {output:?}");
        let said = sentence(&output);
        assert!(said.starts_with("report.json: ") && said.contains(problem), "{problem}: {said}");
    }
    for arguments in [&["run"][..], &["run", "experiment.json", "--resume", "report.json"]] {
        assert_eq!(finished(directory, arguments).status.code(), Some(2));
    }
}

/// One checkpoint takes far longer than the signals are apart.
#[test]
fn a_second_interruption_ends_the_program() {
    let directory = TempDir::new().unwrap();
    let directory = directory.path();
    let experiment = r#"{"data": {"name": "digits"}, "hidden": [50, 20], "steps": 4, "checkpoint_every": 1}"#;
    fs::write(directory.join("experiment.json"), experiment).unwrap();
    for patience in 1..=6 {
        fs::write(directory.join("old.json"), "old").unwrap();
        let mut child = start(directory, &["run", "experiment.json", "--out", "old.json"]);
        sleep(Duration::from_millis(100 << patience));
        while child.try_wait().unwrap().is_none() {
            interrupt(&child);
            sleep(Duration::from_millis(50));
        }
        let output = child.wait_with_output().unwrap();
        if output.status.signal().is_some() {
            // The program was not ready for signals yet, and may have left its temporary file.
            let temporary = |name: &&String| name.starts_with(".headless-");
            names(directory).iter().filter(temporary).for_each(|name| fs::remove_file(directory.join(name)).unwrap());
            continue;
        }
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert_eq!(fs::read_to_string(directory.join("old.json")).unwrap(), "old");
        assert_eq!(names(directory), ["experiment.json", "old.json"]);
        return;
    }
    panic!("the program was never ready for signals");
}
