//! `headless run`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::input::{path_name, read};
use super::interrupt::{INTERRUPTED, Interrupt};
use super::jobs::Jobs;
use super::network::Network;
use super::output::{Out, warn};
use super::record::Record;
use super::stored::resumed;
use crate::dataset;
use crate::experiment::{self, Checkpoint, Experiment, Report};

/// Train a network and follow its Hessian.
///
/// A run that diverges is no failure: the field diverged then holds a sentence, and the checkpoints up to there are in
/// the result. Interrupted from the keyboard (SIGINT), a run writes what it has and ends with exit code 130; the field
/// interrupted then holds the step, and --resume goes on. A second interruption ends the program without a result.
#[derive(Args)]
#[command(after_long_help = fields())]
pub struct Run {
    /// The experiment, a JSON object; - for standard input. What it leaves out has its default (headless defaults).
    #[arg(value_name = "EXPERIMENT.json", required_unless_present = "resume")]
    experiment: Option<PathBuf>,
    /// Go on from the last checkpoint of the interrupted run whose result is in FILE, to the result that it would have
    /// had; FILE may be that of --out, too.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["experiment", "network"])]
    resume: Option<PathBuf>,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    out: Out,
}

impl Run {
    pub fn execute(&self) -> Result<ExitCode, String> {
        // Before anything is trained.
        let (experiment, output) = match &self.experiment {
            Some(path) => {
                let mut experiment = Experiment::from_json(&read(path)?).map_err(|error| error.to_string())?;
                if let Some((name, network)) = self.network.read()? {
                    network.begin(&name, &mut experiment).map_err(|error| error.to_string())?;
                    experiment.activation = network.activation.unwrap_or(experiment.activation);
                    experiment.loss_function = network.loss_function.unwrap_or(experiment.loss_function);
                    experiment.label_smoothing = network.label_smoothing.unwrap_or(experiment.label_smoothing);
                }
                dataset::identify_files(&mut experiment.data).map_err(|error| error.to_string())?;
                (Some(experiment), self.out.open()?)
            }
            None => (None, self.out.open()?),
        };
        let interrupt = Interrupt::watch(output.temporary())?;
        let (run, checkpoints) = match (experiment, &self.resume) {
            (Some(experiment), _) => {
                let run = experiment::Run::new(experiment).map_err(|error| error.to_string())?;
                (run, Vec::new())
            }
            (None, Some(path)) => resumed(path)?,
            // The arguments require one of both.
            (None, None) => return Err("EXPERIMENT.json: is missing".to_owned()),
        };
        let bar = ProgressBar::with_draw_target(Some(run.experiment().steps as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("step {pos}/{len} [{wide_bar}] loss {msg}, {eta} left") {
            bar.set_style(style);
        }
        let observe = |checkpoint: &Checkpoint| {
            bar.set_position(checkpoint.step as u64);
            bar.set_message(format!("{:.4}", checkpoint.loss));
        };
        let pool = self.jobs.pool()?;
        let report = pool.install(|| experiment::run_on(run, checkpoints, observe, || interrupt.seen()));
        bar.finish_and_clear();
        let report = report.map_err(|error| error.to_string())?;
        output.write_json(&report)?;
        if let Some(sentence) = &report.diverged {
            warn(&format!("{sentence}; the checkpoints up to there are in the result"));
        }
        if let Some(sentence) = &report.saturated {
            warn(sentence);
        }
        if let Some(sentence) = &report.null_model_failed {
            warn(&format!("the null model could not be drawn: {sentence}; all else is in the result"));
        }
        if let Some(step) = report.interrupted {
            warn(&self.how_to_go_on(step, &report));
            return Ok(ExitCode::from(INTERRUPTED));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn how_to_go_on(&self, step: usize, report: &Report) -> String {
        let from = match report.checkpoints.last() {
            Some(last) => format!("goes on from the checkpoint at step {}", last.step),
            None => "begins again".to_owned(),
        };
        let (file, place) = match self.out.path() {
            Some(path) => (path_name(path), String::new()),
            None => ("FILE".to_owned(), ", where FILE holds the result".to_owned()),
        };
        format!("interrupted at step {step}; headless run --resume {file} {from}{place}")
    }
}

fn fields() -> String {
    let (experiment, report) =
        (Record::Experiment.fields("Fields of EXPERIMENT.json"), Record::Report.fields("Prints"));
    format!("{experiment}\n{report}")
}
