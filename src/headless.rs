//! The native program `headless`: cases and experiments from files, results as one JSON object on standard output.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::case::{Case, analyze};
use crate::experiment::{Experiment, run};

const HELP: &str = "\
headless: exact Hessians of small networks, without a browser

usage:
  headless analyze CASE.json [--out FILE]
      One network at one point. CASE.json holds layers, activation, loss_function, inputs, labels and parameters
      (optional: label_smoothing, leading, leading_order; other fields are ignored). Prints loss, accuracy, logits,
      gradient, hessian_rows, eigenvalues_descending, leading_eigenvectors, leading_ipr and certificates.

  headless run EXPERIMENT.json [--out FILE]
      Trains and follows the Hessian. EXPERIMENT.json may set data, test_share, hidden (or layers), activation,
      loss_function, label_smoothing, start, initial_parameters, optimizer, batch_size, steps, checkpoint_every,
      checkpoint_spacing, leading, leading_order, hessian_samples, layer_spectra, null_model, seed and seeds; what it
      leaves out has its default. Prints the experiment, its checkpoints, the two-time matrices subspace_overlap,
      displacement_by_rank, displacement_tracked and weight_displacement, and the null model's bands.

  headless defaults
      Prints the experiment that an empty EXPERIMENT.json ({}) stands for.

A file named - is standard input. --out writes to FILE instead of standard output. Bad input ends with exit code 2 and
one sentence on standard error.";

/// Runs the program with its arguments, without the program's own name.
pub fn main(arguments: Vec<String>) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["-h" | "--help" | "help"] => emit(None, |out| writeln!(out, "{HELP}")),
        ["defaults"] => print(&Experiment::default(), None),
        ["analyze", case] => analyze_file(case, None),
        ["analyze", case, "--out", out] | ["analyze", "--out", out, case] => analyze_file(case, Some(out)),
        ["run", experiment] => run_file(experiment, None),
        ["run", experiment, "--out", out] | ["run", "--out", out, experiment] => run_file(experiment, Some(out)),
        _ => {
            Err("usage: headless analyze CASE.json | run EXPERIMENT.json [--out FILE]; see headless --help".to_owned())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::from(2)
        }
    }
}

fn analyze_file(path: &str, out: Option<&str>) -> Result<(), String> {
    let case = Case::from_json(&read(path)?).map_err(|error| error.to_string())?;
    print(&analyze(&case).map_err(|error| error.to_string())?, out)
}

fn run_file(path: &str, out: Option<&str>) -> Result<(), String> {
    let experiment = Experiment::from_json(&read(path)?).map_err(|error| error.to_string())?;
    let steps = experiment.steps as u64;
    let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("step {pos}/{len} [{wide_bar}] loss {msg}, {eta} left") {
        bar.set_style(style);
    }
    let report = run(experiment, |checkpoint| {
        bar.set_position(checkpoint.step as u64);
        bar.set_message(format!("{:.4}", checkpoint.loss));
    });
    bar.finish_and_clear();
    let report = report.map_err(|error| error.to_string())?;
    if let Some(sentence) = &report.diverged {
        eprintln!("{sentence}; the checkpoints up to there are in the result");
    }
    print(&report, out)
}

fn read(path: &str) -> Result<String, String> {
    let mut text = String::new();
    let read = if path == "-" {
        std::io::stdin().read_to_string(&mut text)
    } else {
        File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map(|_| text).map_err(|error| format!("{path}: {error}"))
}

fn print(value: &impl Serialize, out: Option<&str>) -> Result<(), String> {
    emit(out, |writer| {
        serde_json::to_writer(&mut *writer, value)?;
        writeln!(writer)
    })
}

fn emit(out: Option<&str>, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), String> {
    let named = |error: std::io::Error| format!("{}: {error}", out.unwrap_or("standard output"));
    let mut writer: Box<dyn Write> = match out {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(named)?)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    let outcome = write(&mut *writer).and_then(|()| writer.flush());
    match outcome {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(named),
    }
}
