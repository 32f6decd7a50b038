//! The native program and the system around it: paths of any bytes, full devices, results that are whole or not there.
#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_headless");
const CASE: &str = r#"{"layers": [1, 2], "activation": "tanh", "loss_function": "cross_entropy",
    "inputs": [[0.5]], "labels": [1], "parameters": [0.1, 0.2, 0.3, 0.4]}"#;
/// A name in Latin-1, which is no UTF-8.
const LATIN: &[u8] = b"caf\xe9.json";

/// A directory with a case in it.
fn directory() -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("case.json"), CASE).unwrap();
    directory
}

fn headless(directory: &Path, arguments: &[&OsStr]) -> Output {
    Command::new(PROGRAM).args(arguments).current_dir(directory).output().unwrap()
}

fn analyze(directory: &Path, out: impl AsRef<OsStr>) -> Output {
    headless(directory, &["analyze".as_ref(), "case.json".as_ref(), "--out".as_ref(), out.as_ref()])
}

/// `script` with `$0` as the program.
fn shell(directory: &Path, script: &str) -> Output {
    Command::new("sh").args(["-c", script, PROGRAM]).current_dir(directory).output().unwrap()
}

fn names(directory: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

fn is_result(path: &Path) -> bool {
    let value: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    value["hessian_rows"].is_array()
}

#[test]
fn paths_that_are_not_utf8() {
    let directory = directory();
    let path = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    fs::rename(directory.path().join("case.json"), directory.path().join(path(LATIN))).unwrap();
    let out = path(b"r\xe9sultat.json");
    let arguments = [OsString::from("analyze"), path(LATIN), "--out".into(), out.clone()];
    let output = headless(directory.path(), &arguments.each_ref().map(OsString::as_os_str));
    assert!(output.status.success(), "{output:?}");
    assert!(is_result(&directory.path().join(out)));

    // What is not there, or is no argument, is named as well as it can be.
    for arguments in [[OsString::from("analyze"), path(b"\xff.json")], [path(b"\xfe"), path(b"\xff")]] {
        let output = headless(directory.path(), &arguments.each_ref().map(OsString::as_os_str));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
    }
}

#[test]
fn inputs_that_are_not_utf8() {
    let directory = directory();
    fs::write(directory.path().join("case.json"), b"{\"layers\": \xff}").unwrap();
    let output = headless(directory.path(), &["analyze".as_ref(), "case.json".as_ref()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("case.json: "));
}

#[test]
fn a_result_replaces_the_old_file_as_it_was() {
    let directory = directory();
    let (old, link) = (directory.path().join("old.json"), directory.path().join("link.json"));
    fs::write(&old, "old").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("old.json", &link).unwrap();
    assert!(analyze(directory.path(), "link.json").status.success());
    assert!(is_result(&old));
    assert_eq!(fs::metadata(&old).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(names(directory.path()), ["case.json", "link.json", "old.json"]);
}

/// As any program would create it, not private as temporary files are.
#[test]
fn a_new_result_has_the_usual_permissions() {
    let directory = directory();
    assert!(shell(directory.path(), "umask 022; exec \"$0\" analyze case.json --out new.json").status.success());
    assert_eq!(fs::metadata(directory.path().join("new.json")).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn bad_input_leaves_the_old_file() {
    let directory = directory();
    let old = directory.path().join("old.json");
    fs::write(&old, "old").unwrap();
    // Noticed by the reader, and by the computation.
    for case in [CASE.replace("tanh", "tan"), CASE.replace("[0.1, ", "[")] {
        fs::write(directory.path().join("case.json"), case).unwrap();
        let output = analyze(directory.path(), "old.json");
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(fs::read_to_string(&old).unwrap(), "old");
        assert_eq!(names(directory.path()), ["case.json", "old.json"]);
    }
}

/// A limit on the size of files stands for a full disk: writing fails after some blocks.
#[test]
fn a_full_disk_leaves_the_old_file() {
    let directory = directory();
    let old = directory.path().join("old.json");
    fs::write(&old, "old").unwrap();
    let experiment = r#"{"data": {"name": "iris"}, "hidden": [12], "steps": 2, "null_model": null}"#;
    fs::write(directory.path().join("experiment.json"), experiment).unwrap();
    let output = shell(directory.path(), "trap '' XFSZ; ulimit -f 8; exec \"$0\" run experiment.json --out old.json");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("old.json: "));
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
    assert_eq!(names(directory.path()), ["case.json", "experiment.json", "old.json"]);
}

/// The steps would take hours.
#[test]
fn the_place_is_checked_before_anything_is_computed() {
    let directory = directory();
    let experiment = r#"{"steps": 10000000, "checkpoint_every": 10000, "null_model": null}"#;
    fs::write(directory.path().join("experiment.json"), experiment).unwrap();
    let output = shell(directory.path(), "exec timeout 60 \"$0\" run experiment.json --out missing/report.json");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("missing/report.json: "));
}

/// A device is written to and not replaced.
#[cfg(target_os = "linux")]
#[test]
fn devices_stay() {
    let directory = directory();
    assert!(analyze(directory.path(), "/dev/null").status.success());
    let full = analyze(directory.path(), "/dev/full");
    assert_eq!(full.status.code(), Some(2));
    assert!(String::from_utf8(full.stderr).unwrap().starts_with("/dev/full: "));
    for device in ["/dev/null", "/dev/full"] {
        assert!(!fs::metadata(device).unwrap().is_file(), "{device}");
    }
    let piped = shell(directory.path(), "\"$0\" analyze case.json --out /dev/stdout | cat");
    assert!(String::from_utf8(piped.stdout).unwrap().contains("hessian_rows"));
}

/// Arguments and names of files are repeated in errors, but short and on one line.
#[test]
fn what_errors_repeat_is_short_and_on_one_line() {
    let directory = directory();
    let long = OsString::from_vec(b"a\nb\x1b[31m\xff".repeat(2000));
    for arguments in [
        vec![OsStr::new("analyze"), &long],
        vec![OsStr::new("run"), &long],
        vec![OsStr::new("run"), OsStr::new("--resume"), &long],
        vec![OsStr::new("analyze"), OsStr::new("case.json"), OsStr::new("--out"), &long],
        vec![OsStr::new("defaults"), &long],
        vec![OsStr::new("schema"), &long],
        vec![&long],
    ] {
        let output = headless(directory.path(), &arguments);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.lines().count() == 1 && said.chars().count() < 600, "{said}");
        assert!(!said.trim_end().contains(char::is_control), "{said:?}");
    }
}

/// Neither a panic (101) nor a signal: the exit code reports what happened when standard error cannot.
#[cfg(target_os = "linux")]
#[test]
fn streams_that_are_full_or_closed() {
    let directory = directory();
    for (script, code) in [
        ("exec \"$0\" fly 2>/dev/full", 2),
        ("exec \"$0\" analyze missing.json 2>/dev/full", 2),
        ("exec \"$0\" analyze missing.json 2>&-", 2),
        ("exec \"$0\" defaults >/dev/full", 2),
        ("exec \"$0\" --help >/dev/full 2>/dev/full", 2),
        ("exec \"$0\" completions bash >/dev/full", 2),
        ("exec \"$0\" analyze case.json >&-", 0),
        ("exec \"$0\" analyze case.json >/dev/full 2>/dev/full", 2),
        ("exec \"$0\" run --resume case.json 2>/dev/full", 2),
        ("exec \"$0\" run --resume case.json >&- 2>&-", 2),
        (
            "echo '{\"steps\": 3, \"optimizer\": {\"name\": \"sgd\", \"learning_rate\": 1e9}}' | \"$0\" run - 2>/dev/full",
            0,
        ),
    ] {
        assert_eq!(shell(directory.path(), script).status.code(), Some(code), "{script}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let directory = directory();
    let mut child = Command::new(PROGRAM)
        .args(["run", "-"])
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(br#"{"steps": 2, "null_model": null}"#).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn completions_name_the_commands() {
    let directory = directory();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = headless(directory.path(), &["completions".as_ref(), shell.as_ref()]);
        let script = String::from_utf8(output.stdout).unwrap();
        for word in ["headless", "analyze", "run", "defaults", "schema", "types", "completions"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    // bash can read its own.
    let loaded = Command::new("bash")
        .args(["-c", "source <(\"$0\" completions bash) && complete -p headless", PROGRAM])
        .output()
        .unwrap();
    assert!(loaded.status.success(), "{loaded:?}");
}

/// A run on images by their paths, from the working directory, is that on the same numbers as they are.
#[test]
fn images_by_their_paths() {
    let directory = TempDir::new().unwrap();
    let pixels: Vec<u8> = (0..40 * 9).map(|i| (i * i % 255) as u8).collect();
    let labels: Vec<u8> = (0..40).map(|n| (n % 3) as u8).collect();
    let images = [&[0, 0, 8, 3, 0, 0, 0, 40, 0, 0, 0, 3, 0, 0, 0, 3], pixels.as_slice()].concat();
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    compressed.write_all(&images).unwrap();
    fs::write(directory.path().join("images.gz"), compressed.finish().unwrap()).unwrap();
    fs::write(directory.path().join("labels"), [&[0, 0, 8, 1, 0, 0, 0, 40], labels.as_slice()].concat()).unwrap();
    let inputs: Vec<Vec<f64>> =
        pixels.chunks(9).map(|image| image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect()).collect();
    let report = |name: &str, data: serde_json::Value| {
        let mut experiment = serde_json::json!({"hidden": [3], "steps": 20, "checkpoint_every": 10, "leading": 2});
        experiment["data"] = data;
        fs::write(directory.path().join(name), experiment.to_string()).unwrap();
        let output = headless(directory.path(), &["run".as_ref(), name.as_ref()]);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let paths = serde_json::json!({"images": "images.gz", "image_labels": "labels", "preparation": "none"});
    let by_path = report("a.json", paths.clone());
    let as_they_are = report("b.json", serde_json::json!({"inputs": inputs, "labels": labels}));
    assert_eq!(by_path["checkpoints"], as_they_are["checkpoints"]);
    // What the files held is in the result, and other files are not taken for them.
    let own = &by_path["experiment"]["data"]["own"];
    assert_eq!(
        (&own["name"], &own["rows"], &own["features"], &own["side"]),
        (&"images.gz".into(), &40.into(), &9.into(), &3.into())
    );
    let mut data = paths.clone();
    data["own"] = own.clone();
    assert_eq!(by_path["experiment"]["data"], data);
    assert_eq!(report("c.json", data.clone()), by_path);
    data["own"]["hash"] = "0123456789abcdef".into();
    let others = serde_json::json!({"data": data, "steps": 20, "checkpoint_every": 10});
    fs::write(directory.path().join("d.json"), others.to_string()).unwrap();
    let output = headless(directory.path(), &["run".as_ref(), "d.json".as_ref()]);
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && sentence.contains("data.images: do not hold"), "{sentence}");

    fs::write(directory.path().join("labels"), [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]).unwrap();
    let output = headless(directory.path(), &["run".as_ref(), "a.json".as_ref()]);
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && sentence.contains("data.image_labels: has 2 labels for 40 samples"),
        "{sentence}"
    );
}
