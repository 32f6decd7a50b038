//! `headless run`.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::input::read;
use super::output::{Out, warn};
use super::record::Record;
use crate::experiment::{self, Experiment};

/// Train a network and follow its Hessian.
///
/// A run that diverges is no failure: the field diverged then holds a sentence, and the checkpoints up to there are in
/// the result.
#[derive(Args)]
#[command(after_long_help = fields())]
pub struct Run {
    /// The experiment, a JSON object; - for standard input. What it leaves out has its default (headless defaults).
    #[arg(value_name = "EXPERIMENT.json")]
    experiment: PathBuf,
    #[command(flatten)]
    out: Out,
}

impl Run {
    pub fn execute(&self) -> Result<(), String> {
        let experiment = Experiment::from_json(&read(&self.experiment)?).map_err(|error| error.to_string())?;
        let output = self.out.open()?;
        let bar = ProgressBar::with_draw_target(Some(experiment.steps as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("step {pos}/{len} [{wide_bar}] loss {msg}, {eta} left") {
            bar.set_style(style);
        }
        let report = experiment::run(experiment, |checkpoint| {
            bar.set_position(checkpoint.step as u64);
            bar.set_message(format!("{:.4}", checkpoint.loss));
        });
        bar.finish_and_clear();
        let report = report.map_err(|error| error.to_string())?;
        if let Some(sentence) = &report.diverged {
            warn(&format!("{sentence}; the checkpoints up to there are in the result"));
        }
        output.write_json(&report)
    }
}

fn fields() -> String {
    let (experiment, report) =
        (Record::Experiment.fields("Fields of EXPERIMENT.json"), Record::Report.fields("Prints"));
    format!("{experiment}\n{report}")
}
