//! `scripts/reproduce`: what docs/results holds is what is computed now; interruptions change nothing; README's ways to
//! compute an ensemble in parts give what one computation gives.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

const HEADLESS: &str = env!("CARGO_BIN_EXE_headless");

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn quick(directory: &Path, arguments: &[&str]) -> Output {
    // The script works where it stands.
    let mut command = Command::new(directory.join("scripts/reproduce"));
    command.arg("--quick").args(arguments).env("EIGENDRIFT_HEADLESS", HEADLESS).output().unwrap()
}

#[test]
fn stored_results_are_what_is_computed_now() {
    let output = quick(Path::new("."), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    let agree = |name: &str| {
        lines.lines().any(|line| line.starts_with(name) && line.ends_with("estimates of seeds 1 to 2 agree"))
    };
    assert!(agree("iris: all ") && agree("moons: all "), "{lines}");
}

#[test]
fn a_stored_estimate_that_differs_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::create_dir_all(at.join("scripts")).unwrap();
    fs::create_dir_all(at.join("docs/results")).unwrap();
    fs::copy("scripts/reproduce", at.join("scripts/reproduce")).unwrap();
    let mut results: Value = serde_json::from_str(&fs::read_to_string("docs/results/results.json").unwrap()).unwrap();
    let iris = results["tasks"].as_array_mut().unwrap().iter_mut().find(|task| task["name"] == "iris").unwrap();
    let value = iris["claims"]["tracked"][0]["per_seed"][1]["value"].as_f64().unwrap();
    // The last of six digits.
    iris["claims"]["tracked"][0]["per_seed"][1]["value"] = (value * (1.0 + 1e-5)).into();
    fs::write(at.join("docs/results/results.json"), results.to_string()).unwrap();
    let output = quick(at, &["iris"]);
    assert_eq!(output.status.code(), Some(2));
    let sentence = text(&output.stderr);
    assert!(sentence.contains("iris: AStabilizes in pairing Tracked, seed 2: kept is"), "{sentence}");
    let output = quick(at, &["irises"]);
    assert!(
        text(&output.stderr).contains("irises: there is no such comparison; there are spirals, moons"),
        "{output:?}"
    );
}

/// Estimates, intervals and verdicts of what is stored follow from its seeds.
#[test]
fn stored_results_are_complete() {
    let results: Value = serde_json::from_str(&fs::read_to_string("docs/results/results.json").unwrap()).unwrap();
    let of = |list: &str| results[list].as_array().unwrap().clone();
    assert_eq!((of("tasks").len(), of("optimizers").len()), (8, 5));
    for task in [of("tasks"), of("optimizers")].concat() {
        assert!(task["seeds"]["count"].as_u64().unwrap() >= 32);
        for (pairing, claims) in task["claims"].as_object().unwrap() {
            let count = claims.as_array().unwrap().len();
            let rotated = usize::from(of("tasks").contains(&task));
            assert_eq!(count, if pairing == "subspace" { 13 + rotated } else { 5 });
            for claim in claims.as_array().unwrap() {
                let per_seed = claim["per_seed"].as_array().unwrap();
                let left_out = claim["left_out"].as_array().unwrap();
                assert_eq!(per_seed.len() + left_out.len(), 32);
                let factor = claim["unit"] == "factor";
                let number = |value: &Value| value.as_f64().map(|x| if factor { x.log2() } else { x });
                let values: Vec<f64> = per_seed.iter().map(|seed| number(&seed["value"]).unwrap()).collect();
                let (Some(estimate), Some(low), Some(high)) =
                    (number(&claim["estimate"]), number(&claim["low"]), number(&claim["high"]))
                else {
                    assert!(values.len() < 3, "{}", claim["name"]);
                    continue;
                };
                // Six digits each.
                let scale = values.iter().fold(1.0_f64, |most, value| most.max(value.abs()));
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                assert!((mean - estimate).abs() <= 2e-5 * scale, "{}: {mean} {estimate}", claim["name"]);
                let verdict = if low > 0.0 {
                    "supported"
                } else if high < 0.0 {
                    "contradicted"
                } else {
                    "undecided"
                };
                assert_eq!(claim["verdict"], verdict, "{}", claim["name"]);
            }
        }
    }
}

/// Tables and figures, but for the curves over seeds, follow from results.json.
#[test]
fn stored_tables_and_figures_are_what_is_drawn_now() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::copy("docs/results/results.json", at.join("results.json")).unwrap();
    let draw = |at: &Path| Command::new(HEADLESS).args(["results", "--out"]).arg(at).output().unwrap();
    let output = draw(at);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for file in ["claims.md", "matrix.svg", "spirals.svg"] {
        let [kept, drawn] =
            [Path::new("docs/results"), at].map(|folder| fs::read_to_string(folder.join(file)).unwrap());
        assert!(kept == drawn, "{file} is out of date: headless results --out docs/results");
    }
    fs::remove_file(at.join("results.json")).unwrap();
    let output = draw(at);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("results.json: is missing; scripts/reproduce computes it"));
}

#[test]
fn an_interrupted_computation_goes_on_with_what_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let arguments = |folder: &str| ["reproduce", folder, "--only", "iris", "--seeds", "2"].map(String::from);
    let start = |folder: &str| {
        let mut command = Command::new(HEADLESS);
        command.args(arguments(folder)).current_dir(at).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let result = |output: &Output| {
        assert!(output.status.success(), "{}", text(&output.stderr));
        let folder = text(&output.stdout);
        fs::read(at.join(folder.trim()).join("iris.json")).unwrap()
    };
    let whole = result(&start("whole").wait_with_output().unwrap());
    let mut interruptions = 0;
    // Ever later, so that it gets further each time.
    let last = loop {
        let child = start("parts");
        sleep(Duration::from_millis(700 * (interruptions + 1)));
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            break output;
        }
        // Before it watches for interruptions, it is ended by the signal itself.
        assert!(matches!(output.status.code(), Some(130) | None), "{}", text(&output.stderr));
        interruptions += 1;
    };
    assert!(interruptions > 0 && result(&last) == whole, "{interruptions}");
    let again = start("parts").wait_with_output().unwrap();
    assert!(text(&again.stderr).contains("iris (1 of 1): there already"));
    assert!(result(&again) == whole);
}

/// The block of README that is marked with `kind`.
fn block(kind: &str) -> String {
    let readme = fs::read_to_string("README.md").unwrap();
    let begin = format!("```{kind}\n");
    let start = readme.find(&begin).unwrap_or_else(|| panic!("README has {kind}")) + begin.len();
    readme[start..start + readme[start..].find("```").unwrap()].to_owned()
}

#[test]
fn readmes_ensemble_in_parts_is_that_of_one_computation() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("ensemble.json"), block("json ensemble")).unwrap();
    // The program is found as README calls it.
    let path = format!("{}:{}", Path::new(HEADLESS).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let shell = |script: &str| {
        let mut command = Command::new("bash");
        let output =
            command.args(["-euo", "pipefail", "-c", script]).current_dir(at).env("PATH", &path).output().unwrap();
        assert!(output.status.success(), "{script}: {}", text(&output.stderr));
    };
    shell(&block("sh ensemble"));
    let whole = fs::read(at.join("result.json")).unwrap();
    let mut ways = vec!["sh ensemble-xargs"];
    // Debian's moreutils has another program of this name.
    let version = Command::new("parallel").arg("--version").output();
    if version.is_ok_and(|output| text(&output.stdout).starts_with("GNU parallel")) {
        ways.push("sh ensemble-parallel");
    }
    for way in ways {
        fs::remove_file(at.join("result.json")).unwrap();
        shell(&block(way));
        assert!(fs::read(at.join("result.json")).unwrap() == whole, "{way}");
        for part in fs::read_dir(at).unwrap().flatten().filter(|entry| entry.file_name() != "ensemble.json") {
            if part.file_name() != "result.json" {
                fs::remove_file(part.path()).unwrap();
            }
        }
    }
}

/// Slurm is not here to run it: the task's seeds are those of its number.
#[test]
fn readmes_slurm_script_computes_the_seeds_of_its_task() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("ensemble.json"), block("json ensemble")).unwrap();
    fs::write(at.join("job.sh"), block("sh ensemble-slurm")).unwrap();
    let path = format!("{}:{}", Path::new(HEADLESS).parent().unwrap().display(), std::env::var("PATH").unwrap());
    for task in ["0", "1"] {
        let mut command = Command::new("bash");
        let output = command.args(["-eu", "job.sh"]).current_dir(at).env("PATH", &path).env("SLURM_CPUS_PER_TASK", "1");
        let output = output.env("SLURM_ARRAY_TASK_ID", task).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    for (part, seeds) in [("part-0.json", [1, 2, 3, 4]), ("part-1.json", [5, 6, 7, 8])] {
        let part: Value = serde_json::from_str(&fs::read_to_string(at.join(part)).unwrap()).unwrap();
        let found: Vec<u64> =
            part["seeds"].as_array().unwrap().iter().map(|seed| seed["seed"].as_u64().unwrap()).collect();
        assert_eq!(found, seeds);
    }
}
