//! `headless reproduce`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ensemble::{compute, warn_of_divergence};
use super::finished_seeds::{FinishedSeeds, PROGRAM};
use super::input::{path_name, read};
use super::interrupt::{INTERRUPTED, Interrupt};
use super::output::{Output, warn};
use super::reproduction::learning_rates::{TriedRate, best, try_rates};
use super::reproduction::record::{ComparisonResult, Results, kept_claims};
use super::reproduction::tasks::{Comparison, all};
use crate::claims::ByPairing;
use crate::ensemble::{Ensemble, EnsembleReport, ensemble_report};
use crate::optimizer::Rule;

/// Compute what docs/results holds: the claims on eight tasks, on the first of them for other optimizers, and in networks of two
/// sizes.
///
/// For each comparison the learning rates are chosen (docs/results/claims.md has the rule), then the ensemble is computed as by
/// headless ensemble. FOLDER/PROGRAM/NAME.json holds the ensemble's result, where PROGRAM stands for the sources of this
/// program; what is there is not computed again. Interrupted (SIGINT, exit code 130) or ended in any other way, the same
/// command goes on with what is left. Prints the folder of the results.
#[derive(Args)]
pub struct Reproduce {
    /// Where results are kept.
    #[arg(value_name = "FOLDER", required_unless_present = "check")]
    folder: Option<PathBuf>,
    /// These comparisons instead of all.
    #[arg(long = "only", value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
    /// Compute some seeds again with the learning rates of the results in FILE, and compare every estimate.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    check: Option<PathBuf>,
    /// How many seeds, from 1 on; 32 unless set, 8 where networks of two sizes are compared, and 2 for a check.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: Option<u16>,
    /// How many runs are computed at the same time; as many as there are cores unless set.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// First of the seeds that the claims are weighed with.
const FIRST_SEED: u64 = 1;

impl Reproduce {
    pub fn execute(&self) -> Result<ExitCode, String> {
        let comparisons = wanted(&self.names)?;
        let interrupt = Interrupt::watch(None)?;
        match (&self.check, &self.folder) {
            (Some(results), _) => self.check(results, &comparisons, &interrupt),
            (None, Some(folder)) => self.compute_all(folder, &comparisons, &interrupt),
            // The arguments require one of both.
            (None, None) => Err("FOLDER: is missing".to_owned()),
        }
    }

    fn compute_all(
        &self,
        folder: &Path,
        comparisons: &[Comparison],
        interrupt: &Interrupt,
    ) -> Result<ExitCode, String> {
        let folder = folder.join(PROGRAM);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", path_name(&folder)))?;
        for (index, comparison) in comparisons.iter().enumerate() {
            let place = format!("{} ({} of {})", comparison.name, index + 1, comparisons.len());
            let chosen = |rule: Rule| rates(&folder, comparison, rule, interrupt);
            let Some((a, b)) = chosen(comparison.a)?.zip(chosen(comparison.b)?) else { return Ok(interrupted()) };
            let seed_count = usize::from(self.seeds.unwrap_or(comparison.seed_count));
            let ensemble = comparison.ensemble((rate(&a)?, rate(&b)?), FIRST_SEED, seed_count)?;
            let path = folder.join(format!("{}.json", comparison.name));
            if stored::<EnsembleReport>(&path).is_some_and(|report| report.ensemble == ensemble) {
                warn(&format!("{place}: there already"));
                continue;
            }
            warn(&format!(
                "{place}: {} {}, {} {}",
                ensemble.a.rule.label(),
                ensemble.a.learning_rate,
                ensemble.b.rule.label(),
                ensemble.b.learning_rate
            ));
            let kept = FinishedSeeds::beside(&path, &ensemble)?;
            let Some(report) = report(&ensemble, self.jobs, Some(&kept), interrupt)? else { return Ok(interrupted()) };
            write(&path, &report)?;
            kept.remove();
            warn_of_divergence(&report);
        }
        Output::standard().write(|out| writeln!(out, "{}", folder.display()))?;
        Ok(ExitCode::SUCCESS)
    }

    fn check(&self, results: &Path, comparisons: &[Comparison], interrupt: &Interrupt) -> Result<ExitCode, String> {
        let text = read(results)?;
        let named = |problem: String| format!("{}: {problem}", path_name(results));
        let stored: Results = serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
        for comparison in comparisons {
            let kept = stored.all().find(|result| result.name == comparison.name);
            let kept = kept.ok_or_else(|| named(format!("has no {}", comparison.name)))?;
            let count = usize::from(self.seeds.unwrap_or(2)).min(kept.seeds.count);
            let learning_rates = (kept.a.learning_rate, kept.b.learning_rate);
            let ensemble = comparison.ensemble(learning_rates, kept.seeds.first, count)?;
            let Some(report) = report(&ensemble, self.jobs, None, interrupt)? else { return Ok(interrupted()) };
            let again = ComparisonResult {
                seeds: kept.seeds,
                diverged: kept.diverged.clone(),
                claims: ByPairing::new(|pairing| kept_claims(&report, pairing)),
                ..ComparisonResult::new(comparison, kept.learning_rates.clone(), &report)?
            };
            let count = compare(kept, &again).map_err(|problem| named(format!("{}: {problem}", comparison.name)))?;
            let seeds = format!("{} to {}", ensemble.first_seed, ensemble.first_seed + ensemble.seed_count as u64 - 1);
            let line = format!("{}: all {count} estimates of seeds {seeds} agree", comparison.name);
            Output::standard().write(|out| writeln!(out, "{line}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The comparisons of these names, or all.
fn wanted(names: &[String]) -> Result<Vec<Comparison>, String> {
    let all = all();
    let known: Vec<&str> = all.iter().map(|comparison| comparison.name.as_str()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let unknown = crate::error::shortened(unknown, 50);
        return Err(format!("{unknown}: there is no such comparison; there are {}", known.join(", ")));
    }
    Ok(all.into_iter().filter(|comparison| names.is_empty() || names.contains(&comparison.name)).collect())
}

fn interrupted() -> ExitCode {
    warn("interrupted; the same command goes on with what is left");
    ExitCode::from(INTERRUPTED)
}

/// The rates that were tried for a rule on a task, from the folder or computed; `None` when interrupted.
fn rates(
    folder: &Path,
    comparison: &Comparison,
    rule: Rule,
    interrupt: &Interrupt,
) -> Result<Option<Vec<TriedRate>>, String> {
    let path = rates_path(folder, comparison, rule);
    if let Some(tried) = stored(&path) {
        return Ok(Some(tried));
    }
    let Some(tried) = try_rates(&comparison.task.experiment()?, rule, &|| interrupt.seen())? else { return Ok(None) };
    write(&path, &tried)?;
    Ok(Some(tried))
}

/// The file of the rates that were tried for a rule on the task of a comparison.
pub fn rates_path(folder: &Path, comparison: &Comparison, rule: Rule) -> PathBuf {
    folder.join(format!("{}.{}.rates.json", comparison.task.name, rule.name()))
}

fn rate(tried: &[TriedRate]) -> Result<f64, String> {
    best(tried).ok_or_else(|| "training diverges with every learning rate".to_owned())
}

fn report(
    ensemble: &Ensemble,
    jobs: Option<u16>,
    kept: Option<&FinishedSeeds>,
    interrupt: &Interrupt,
) -> Result<Option<EnsembleReport>, String> {
    let finished = kept.map_or(Ok(Vec::new()), FinishedSeeds::read)?;
    let wanted = |seed: u64| ensemble.seeds().any(|wanted| wanted == seed);
    let finished = finished.into_iter().filter(|result| wanted(result.seed)).collect();
    let seeds = compute(ensemble, finished, jobs, kept, interrupt)?;
    Ok((seeds.len() == ensemble.seed_count).then(|| ensemble_report(ensemble.clone(), seeds)))
}

/// What a file holds; none if it is missing or was cut off.
fn stored<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), String> {
    Output::at(path).map_err(|error| format!("{}: {error}", path_name(path)))?.write_json(value)
}

/// How many estimates there are of the seeds that were computed again, all of which must be those that are kept.
fn compare(kept: &ComparisonResult, again: &ComparisonResult) -> Result<usize, String> {
    if (&kept.link, &kept.title, &kept.a, &kept.b) != (&again.link, &again.title, &again.a, &again.b) {
        return Err("link, title or optimizers are not those of the program".to_owned());
    }
    let mut count = 0;
    for pairing in crate::displacement::Pairing::ALL {
        let (kept, again) = (kept.claims.of(pairing), again.claims.of(pairing));
        if kept.iter().map(|claim| claim.name).ne(again.iter().map(|claim| claim.name)) {
            return Err(format!("the claims in pairing {pairing:?} are not those of the program"));
        }
        for (kept, again) in kept.iter().zip(again) {
            let name = kept.name;
            for seed in &again.per_seed {
                let there = kept.per_seed.iter().find(|other| other.seed == seed.seed);
                if there != Some(seed) {
                    let there = there.map_or("none".to_owned(), |there| there.value.to_string());
                    let place = format!("{name:?} in pairing {pairing:?}, seed {}", seed.seed);
                    return Err(format!("{place}: kept is {there}, found {}", seed.value));
                }
                count += 1;
            }
            if let Some(missing) = again.left_out.iter().find(|missing| !kept.left_out.contains(missing)) {
                return Err(format!(
                    "{name:?}, seed {}: kept is an estimate, found none: {}",
                    missing.seed, missing.reason
                ));
            }
        }
    }
    Ok(count)
}
