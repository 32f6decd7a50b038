//! `headless ensemble`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::finished_seeds::FinishedSeeds;
use super::input::{path_name, read};
use super::interrupt::{INTERRUPTED, Interrupt};
use super::jobs;
use super::output::{Out, warn};
use super::record::Record;
use crate::dataset;
use crate::ensemble::{Ensemble, EnsembleReport, Member, SeedResult, compute_seeds, ensemble_report};

/// Compare two optimizers over many seeds: claims with intervals and verdicts.
///
/// Prints what every seed gave, curves over seeds, and for each claim the mean of its estimates, the 95 % interval of that
/// mean by Student's t, and a verdict. The result depends on neither the number of jobs nor the order in which runs end. With
/// --out FILE, finished seeds are kept in FILE.seeds until the result is complete: interrupted from the keyboard (SIGINT,
/// exit code 130) or ended in any other way, the same command goes on with the seeds that are left.
#[derive(Args)]
#[command(after_long_help = fields())]
pub struct EnsembleCommand {
    /// The ensemble, a JSON object; - for standard input. What it leaves out has its default.
    #[arg(value_name = "ENSEMBLE.json")]
    ensemble: PathBuf,
    /// These seeds, both included, in place of those that the ensemble names.
    #[arg(long, value_name = "FIRST..LAST", value_parser = seed_range)]
    seeds: Option<(u64, u64)>,
    /// How many runs are computed at the same time; as many as there are cores unless set.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    #[command(flatten)]
    out: Out,
}

fn seed_range(text: &str) -> Result<(u64, u64), String> {
    let ends = text.split_once("..").map(|(first, last)| (first.parse::<u64>(), last.parse::<u64>()));
    match ends {
        Some((Ok(first), Ok(last))) if first <= last => Ok((first, last)),
        _ => Err("is not FIRST..LAST, two ascending whole numbers, such as 1..16".to_owned()),
    }
}

impl EnsembleCommand {
    pub fn execute(&self) -> Result<ExitCode, String> {
        let mut ensemble = Ensemble::from_json(&read(&self.ensemble)?).map_err(|error| error.to_string())?;
        if let Some((first, last)) = self.seeds {
            ensemble.first_seed = first;
            ensemble.seed_count = usize::try_from(last - first).unwrap_or(usize::MAX).saturating_add(1);
        }
        ensemble.validate().map_err(|error| error.to_string())?;
        dataset::identify_files(&mut ensemble.experiment.data).map_err(|error| error.to_string())?;
        // Before anything is computed.
        let output = self.out.open()?;
        let kept = self.out.path().map(|path| FinishedSeeds::beside(path, &ensemble)).transpose()?;
        let finished = kept.as_ref().map_or(Ok(Vec::new()), FinishedSeeds::read)?;
        let interrupt = Interrupt::watch(output.temporary())?;
        let already = finished.len();
        let seeds = compute(&ensemble, finished, self.jobs, kept.as_ref(), &interrupt)?;
        if seeds.len() < ensemble.seed_count {
            warn(&self.how_to_go_on(seeds.len(), ensemble.seed_count));
            return Ok(ExitCode::from(INTERRUPTED));
        }
        if already > 0 {
            warn(&format!("{already} of {} seeds were finished before", ensemble.seed_count));
        }
        let report = ensemble_report(ensemble, seeds);
        output.write_json(&report)?;
        if let Some(kept) = kept {
            kept.remove();
        }
        warn_of_divergence(&report);
        Ok(ExitCode::SUCCESS)
    }

    fn how_to_go_on(&self, finished: usize, wanted: usize) -> String {
        let how = match self.out.path() {
            Some(path) => format!("the same command goes on with the others, for {}", path_name(path)),
            None => "without --out they are not kept".to_owned(),
        };
        format!("interrupted after {finished} of {wanted} seeds; {how}")
    }
}

/// The results of all seeds, or of those that were finished before an interruption.
pub fn compute(
    ensemble: &Ensemble,
    finished: Vec<SeedResult>,
    jobs: Option<u16>,
    kept: Option<&FinishedSeeds>,
    interrupt: &Interrupt,
) -> Result<Vec<SeedResult>, String> {
    let left = ensemble.seeds().filter(|&seed| finished.iter().all(|result| result.seed != seed)).count();
    let runs = left * ensemble.members().len();
    let bar = ProgressBar::with_draw_target(Some(runs as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("run {pos}/{len} [{wide_bar}] {eta} left") {
        bar.set_style(style);
    }
    let done = |runs: usize| bar.set_position(runs as u64);
    let keep = |seed: &SeedResult| kept.map_or(Ok(()), |kept| kept.keep(seed));
    let pool = jobs::pool(jobs)?;
    let outcome = pool.install(|| compute_seeds(ensemble, finished, done, keep, || interrupt.seen()));
    bar.finish_and_clear();
    outcome
}

/// Says which seeds diverged.
pub fn warn_of_divergence(report: &EnsembleReport) {
    for &member in report.ensemble.members() {
        let diverged = report.seeds.iter().filter(|seed| seed.run(member).is_some_and(|run| run.diverged.is_some()));
        let seeds: Vec<String> = diverged.map(|seed| seed.seed.to_string()).collect();
        let name = match member {
            Member::A => "A",
            Member::B => "B",
            Member::Rotated => "B in a rotated basis",
        };
        if !seeds.is_empty() {
            warn(&format!(
                "{name} diverged with {} of {} seeds: {}",
                seeds.len(),
                report.seeds.len(),
                seeds.join(", ")
            ));
        }
    }
}

fn fields() -> String {
    let (ensemble, report) =
        (Record::Ensemble.fields("Fields of ENSEMBLE.json"), Record::EnsembleReport.fields("Prints"));
    format!("{ensemble}\n{report}")
}
