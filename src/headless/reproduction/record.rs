//! `results.json`: what is kept of the ensembles with the sources.

use serde::{Deserialize, Serialize};

use super::learning_rates::TriedRate;
use super::tasks::Comparison;
use crate::claims::{ByPairing, Claim, ClaimResult};
use crate::displacement::Pairing;
use crate::ensemble::{EnsembleReport, Member};
use crate::optimizer::OptimizerSettings;

/// Everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Version of the program.
    pub program: String,
    /// SGD and Adam on every task.
    pub tasks: Vec<ComparisonResult>,
    /// SGD and other optimizers on the first task.
    pub optimizers: Vec<ComparisonResult>,
    /// SGD and Adam in networks of two sizes.
    pub sizes: Vec<ComparisonResult>,
}

impl Results {
    /// All comparisons.
    pub fn all(&self) -> impl Iterator<Item = &ComparisonResult> {
        self.tasks.iter().chain(&self.optimizers).chain(&self.sizes)
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonResult {
    /// The comparison's name.
    pub name: String,
    /// The task's title.
    pub title: String,
    /// The page's link to it, with seed 1 and without `#`; `None` where no link opens it.
    pub link: Option<String>,
    /// The optimizer of A.
    pub a: OptimizerSettings,
    /// The optimizer of B.
    pub b: OptimizerSettings,
    /// What was tried to choose the learning rates.
    pub learning_rates: LearningRates,
    /// The seeds.
    pub seeds: Seeds,
    /// The claims. Those that do not depend on the pairing stand in `subspace` alone, and `b_axes` only where B was run in a
    /// rotated basis.
    pub claims: ByPairing<Vec<ClaimResult>>,
    /// Seeds with which runs diverged.
    pub diverged: Diverged,
}

/// The grids of both optimizers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningRates {
    /// That of A.
    pub a: Vec<TriedRate>,
    /// That of B.
    pub b: Vec<TriedRate>,
}

/// Consecutive seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeds {
    /// The first.
    pub first: u64,
    /// How many.
    pub count: usize,
}

/// Seeds with which a run diverged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diverged {
    /// Of A.
    pub a: Vec<u64>,
    /// Of B.
    pub b: Vec<u64>,
    /// Of B in a rotated basis.
    pub rotated: Vec<u64>,
}

impl ComparisonResult {
    /// What is kept of a report; numbers are rounded to 6 significant digits.
    ///
    /// # Errors
    /// A sentence, as [`Comparison::link`].
    pub fn new(comparison: &Comparison, mut rates: LearningRates, report: &EnsembleReport) -> Result<Self, String> {
        let ensemble = &report.ensemble;
        for tried in rates.a.iter_mut().chain(&mut rates.b) {
            tried.mean_loss = tried.mean_loss.map(rounded);
        }
        let diverged = |member: Member| {
            let seeds = report.seeds.iter();
            let seeds = seeds.filter(|seed| seed.run(member).is_some_and(|run| run.diverged.is_some()));
            seeds.map(|seed| seed.seed).collect()
        };
        Ok(ComparisonResult {
            name: comparison.name.clone(),
            title: comparison.task.title.to_owned(),
            link: comparison.link((ensemble.a.learning_rate, ensemble.b.learning_rate))?,
            a: ensemble.a.clone(),
            b: ensemble.b.clone(),
            learning_rates: rates,
            seeds: Seeds { first: ensemble.first_seed, count: ensemble.seed_count },
            claims: ByPairing::new(|pairing| kept_claims(report, pairing)),
            diverged: Diverged { a: diverged(Member::A), b: diverged(Member::B), rotated: diverged(Member::Rotated) },
        })
    }
}

/// The claims in one pairing that are kept.
pub fn kept_claims(report: &EnsembleReport, pairing: Pairing) -> Vec<ClaimResult> {
    let claims = match pairing == report.ensemble.pairing {
        true => &report.claims,
        false => match report.claims_by_pairing.get(&pairing) {
            Some(claims) => claims,
            None => return Vec::new(),
        },
    };
    let of_pairing = |claim: Claim| pairing == Pairing::Subspace || claim.depends_on_pairing();
    let computed = |claim: Claim| claim != Claim::BAxes || report.ensemble.rotated;
    let kept = claims.iter().filter(|claim| of_pairing(claim.name) && computed(claim.name));
    let round = |mut claim: ClaimResult| {
        for number in [&mut claim.estimate, &mut claim.low, &mut claim.high] {
            *number = number.map(rounded);
        }
        for seed in &mut claim.per_seed {
            seed.value = rounded(seed.value);
        }
        claim
    };
    kept.cloned().map(round).collect()
}

/// To 6 significant digits.
fn rounded(value: f64) -> f64 {
    // What Rust prints it reads.
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_six_digits() {
        assert_eq!(rounded(0.012_345_678_9), 0.012_345_7);
        assert_eq!(rounded(-123_456_789.0), -123_457_000.0);
        assert_eq!(rounded(0.0), 0.0);
        assert_eq!(rounded(2.0), 2.0);
        assert_eq!(rounded(f64::INFINITY), f64::INFINITY);
    }
}
