//! `headless analyze`.

use std::path::PathBuf;

use clap::Args;

use super::input::read;
use super::jobs::Jobs;
use super::output::Out;
use super::record::Record;
use crate::case::{self, Case};

/// Look at one network at one point: loss, gradient, exact Hessian and spectrum.
#[derive(Args)]
#[command(after_long_help = fields())]
pub struct Analyze {
    /// The case, a JSON object; - for standard input.
    #[arg(value_name = "CASE.json")]
    case: PathBuf,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    out: Out,
}

impl Analyze {
    pub fn execute(&self) -> Result<(), String> {
        let case = Case::from_json(&read(&self.case)?).map_err(|error| error.to_string())?;
        let output = self.out.open()?;
        let analysis = self.jobs.pool()?.install(|| case::analyze(&case));
        output.write_json(&analysis.map_err(|error| error.to_string())?)
    }
}

fn fields() -> String {
    let (case, analysis) = (Record::Case.fields("Fields of CASE.json"), Record::Analysis.fields("Prints"));
    format!("{case}\n{analysis}")
}
