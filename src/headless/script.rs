//! `headless script`.

use std::path::PathBuf;

use clap::Args;

use super::input::read;
use super::jobs::Jobs;
use super::output::{Out, warn};
use crate::experiment::{self, Experiment};
use crate::script::{self, Expected, Form, Record};

/// The program without a record.
const TEMPLATE: &str = include_str!("../../www/repeat.py");

/// Run an experiment and write a Python program that repeats it with PyTorch.
///
/// The program holds the start, the data, the mini-batches and what was found here. It trains the same network in float64,
/// computes the Hessian with torch.func and prints the largest differences; its exit code is 1 where one is beyond its
/// tolerance. It needs torch and numpy; the notebook matplotlib, too. A run that diverges is repeated up to its last
/// checkpoint.
#[derive(Args)]
pub struct Script {
    /// The experiment, a JSON object; - for standard input. What it leaves out has its default (headless defaults).
    #[arg(value_name = "EXPERIMENT.json")]
    experiment: PathBuf,
    /// Write a Jupyter notebook, with plots, in place of a program.
    #[arg(long)]
    notebook: bool,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    out: Out,
}

impl Script {
    pub fn execute(&self) -> Result<(), String> {
        let experiment = Experiment::from_json(&read(&self.experiment)?).map_err(|error| error.to_string())?;
        // What is not compared.
        let experiment = Experiment { null_model: None, layer_spectra: false, ..experiment };
        let output = self.out.open()?;
        let mut found: Vec<Expected> = Vec::new();
        let report = self.jobs.pool()?.install(|| {
            let run = experiment::Run::new(experiment.clone())?;
            experiment::run_on(run, Vec::new(), |checkpoint| found.push(checkpoint.into()), || false)
        });
        let report = report.map_err(|error| error.to_string())?;
        if let Some(sentence) = &report.diverged {
            warn(&format!("{sentence}; the program ends with the last checkpoint before"));
        }
        let record = Record::new(&experiment, found).map_err(|error| error.to_string())?;
        let form = if self.notebook { Form::Notebook } else { Form::Program };
        let text = script::text(TEMPLATE, &record, form).map_err(|error| error.to_string())?;
        output.write(|writer| writer.write_all(text.as_bytes()))
    }
}
