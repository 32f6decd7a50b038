//! Everything an ensemble found, and the joining of parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::curves::{CurveOverSeeds, Progress, Quantity, curve_over_seeds};
use super::{Ensemble, Member};
use crate::claims::{Claim, ClaimResult, PairedRuns, RunSummary, claim_result};
use crate::displacement::Pairing;
use crate::error::{Error, Result};

/// What one seed gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SeedResult {
    /// The seed.
    pub seed: u64,
    /// A.
    pub a: RunSummary,
    /// B.
    pub b: RunSummary,
    /// B in a rotated basis, if it was asked for.
    pub rotated: Option<RunSummary>,
}

impl SeedResult {
    /// From its runs. A null model that refers to no checkpoint was drawn with A, and is B's too.
    ///
    /// # Panics
    /// If A or B is missing.
    pub fn new(seed: u64, ensemble: &Ensemble, mut run: impl FnMut(Member) -> Option<RunSummary>) -> Self {
        let a = run(Member::A).expect("A was run");
        let mut b = run(Member::B).expect("B was run");
        if ensemble.experiment.null_model.is_some_and(|model| !model.kind.needs_checkpoint()) {
            b.null_mean_ipr = a.null_mean_ipr;
            b.null_model_failed = a.null_model_failed.clone();
        }
        let rotated = ensemble.rotated.then(|| run(Member::Rotated)).flatten();
        SeedResult { seed, a, b, rotated }
    }

    /// One of its runs.
    pub fn run(&self, member: Member) -> Option<&RunSummary> {
        match member {
            Member::A => Some(&self.a),
            Member::B => Some(&self.b),
            Member::Rotated => self.rotated.as_ref(),
        }
    }

    fn paired(&self) -> PairedRuns<'_> {
        PairedRuns { a: &self.a, b: &self.b, rotated: self.rotated.as_ref() }
    }
}

/// Everything an ensemble found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EnsembleReport {
    /// The ensemble itself.
    pub ensemble: Ensemble,
    /// The claims, in the pairing of `ensemble`.
    pub claims: Vec<ClaimResult>,
    /// The claims in the other two pairings.
    pub claims_by_pairing: BTreeMap<Pairing, Vec<ClaimResult>>,
    /// Means over seeds, of each run.
    pub curves: Vec<MemberCurves>,
    /// What each seed gave.
    pub seeds: Vec<SeedResult>,
}

/// The curves of A, B or B in a rotated basis over seeds, against steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MemberCurves {
    /// Which run.
    pub run: Member,
    /// Training loss.
    pub loss: CurveOverSeeds,
    /// Training accuracy.
    pub accuracy: CurveOverSeeds,
    /// λ of the first leading direction.
    pub leading_eigenvalue: CurveOverSeeds,
    /// Mean IPR of the leading directions.
    pub mean_ipr: CurveOverSeeds,
    /// Share of the gradient in the leading subspace.
    pub gradient_share: CurveOverSeeds,
    /// Share of the update in the leading subspace.
    pub update_share: CurveOverSeeds,
    /// (1/P) ‖θ(t) − θ(0)‖².
    pub distance: CurveOverSeeds,
    /// D(t, t + L) at t, in the pairing of the ensemble.
    pub displacement: CurveOverSeeds,
}

/// The claims over seeds in one pairing.
pub fn claims(seeds: &[SeedResult], pairing: Pairing) -> Vec<ClaimResult> {
    let result = |claim: Claim| {
        claim_result(claim, seeds.iter().map(|seed| (seed.seed, claim.estimate(seed.paired(), pairing))))
    };
    Claim::ALL.into_iter().map(result).collect()
}

/// The report on `seeds`, which are put into ascending order.
pub fn ensemble_report(ensemble: Ensemble, mut seeds: Vec<SeedResult>) -> EnsembleReport {
    seeds.sort_by_key(|seed| seed.seed);
    let other = Pairing::ALL.into_iter().filter(|&pairing| pairing != ensemble.pairing);
    EnsembleReport {
        claims: claims(&seeds, ensemble.pairing),
        claims_by_pairing: other.map(|pairing| (pairing, claims(&seeds, pairing))).collect(),
        curves: ensemble.members().iter().map(|&member| member_curves(&seeds, member, ensemble.pairing)).collect(),
        ensemble,
        seeds,
    }
}

fn member_curves(seeds: &[SeedResult], member: Member, pairing: Pairing) -> MemberCurves {
    let runs: Vec<&RunSummary> = seeds.iter().filter_map(|seed| seed.run(member)).collect();
    let curve = |quantity| curve_over_seeds(&runs, quantity, Progress::Step);
    MemberCurves {
        run: member,
        loss: curve(Quantity::Loss),
        accuracy: curve(Quantity::Accuracy),
        leading_eigenvalue: curve(Quantity::Eigenvalue(0)),
        mean_ipr: curve(Quantity::MeanIpr),
        gradient_share: curve(Quantity::GradientShare),
        update_share: curve(Quantity::UpdateShare),
        distance: curve(Quantity::Distance),
        displacement: curve(Quantity::DisplacementAtLag(pairing)),
    }
}

/// Joins parts of an ensemble that were computed apart, each an ensemble of some of its seeds, to what one computation of
/// all would have given.
///
/// # Errors
/// [`Error::Invalid`] names what does not fit: ensembles that differ in more than their seeds, seeds that are missing or there
/// twice.
pub fn join(parts: impl IntoIterator<Item = (Ensemble, Vec<SeedResult>)>) -> Result<EnsembleReport> {
    let mut whole: Option<Ensemble> = None;
    let mut seeds: Vec<SeedResult> = Vec::new();
    for (part, results) in parts {
        let alike = |whole: &Ensemble| {
            let (first_seed, seed_count) = (whole.first_seed, whole.seed_count);
            Ensemble { first_seed, seed_count, ..part.clone() } == *whole
        };
        if whole.as_ref().is_some_and(|whole| !alike(whole)) {
            return Err(Error::invalid("ensemble", "differs between the parts in more than first_seed and seed_count"));
        }
        whole = whole.or(Some(part));
        seeds.extend(results);
    }
    seeds.sort_by_key(|seed| seed.seed);
    let (Some(whole), Some(first)) = (whole, seeds.first()) else {
        return Err(Error::invalid("seeds", "are empty; there is nothing to join"));
    };
    for pair in seeds.windows(2) {
        let (this, next) = (pair[0].seed, pair[1].seed);
        if next == this {
            return Err(Error::invalid("seeds", format!("have {this} twice")));
        }
        if next != this + 1 {
            return Err(Error::invalid("seeds", format!("have none from {} to {}", this + 1, next - 1)));
        }
    }
    let ensemble = Ensemble { first_seed: first.seed, seed_count: seeds.len(), ..whole };
    ensemble.validate()?;
    Ok(ensemble_report(ensemble, seeds))
}
