//! `headless merge`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::ensemble::warn_of_divergence;
use super::input::{path_name, read};
use super::output::Out;
use crate::ensemble::{Ensemble, SeedResult, join};

/// Join parts of an ensemble that were computed elsewhere, each by headless ensemble with some of its seeds.
///
/// The result is what one computation of all seeds would have printed, byte for byte. Parts may be given in any order; they
/// must differ in their seeds alone, and leave none out in between.
#[derive(Args)]
pub struct Merge {
    /// Results of headless ensemble.
    #[arg(value_name = "PART", required = true)]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    out: Out,
}

/// What joining needs of an [`EnsembleReport`](crate::ensemble::EnsembleReport); all else is computed from it again.
#[derive(Deserialize)]
struct Part {
    ensemble: Ensemble,
    seeds: Vec<SeedResult>,
}

impl Merge {
    pub fn execute(&self) -> Result<(), String> {
        let output = self.out.open()?;
        let parts: Vec<_> = self.parts.iter().map(|path| part(path)).collect::<Result<_, _>>()?;
        let report = join(parts).map_err(|error| error.to_string())?;
        output.write_json(&report)?;
        warn_of_divergence(&report);
        Ok(())
    }
}

fn part(path: &Path) -> Result<(Ensemble, Vec<SeedResult>), String> {
    let text = read(path)?;
    let part: Part = serde_json::from_str(&text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let problem = match error.is_eof() {
            true => format!("the result ends within a value, at {place}; was it cut off?"),
            false => format!("is not a result that this version of headless ensemble wrote; see {place}"),
        };
        format!("{}: {problem}", path_name(path))
    })?;
    Ok((part.ensemble, part.seeds))
}
