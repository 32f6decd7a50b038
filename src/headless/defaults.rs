//! `headless defaults`.

use clap::Args;

use super::output::Out;
use crate::experiment::Experiment;

/// Print the experiment that an empty EXPERIMENT.json, {}, stands for.
#[derive(Args)]
pub struct Defaults {
    #[command(flatten)]
    out: Out,
}

impl Defaults {
    pub fn execute(&self) -> Result<(), String> {
        self.out.open()?.write_json(&Experiment::default())
    }
}
