//! Many seeds: for each, the runs A and B and, where asked for, B in a rotated basis, as independent pieces of work, and
//! the claims over all seeds.
//!
//! A piece is an [`Experiment`], and gives a [`RunSummary`](crate::claims::RunSummary). What comes out depends on neither the
//! order in which pieces are computed nor on who computes them.

mod piece;
mod curves;
mod report;
#[cfg(not(target_arch = "wasm32"))]
mod compute;

#[cfg(not(target_arch = "wasm32"))]
pub use compute::compute_seeds;
pub use curves::{CurveOverSeeds, Progress, Quantity, curve_over_seeds};
pub use piece::SummarizedRun;
pub use report::{EnsembleReport, MemberCurves, SeedResult, claims, ensemble_report, join};

use serde::{Deserialize, Serialize};

use crate::displacement::Pairing;
use crate::error::{Error, Result};
use crate::experiment::{Experiment, MAX_SEED};
use crate::mlp::MAX_PARAMETERS;
use crate::optimizer::{OptimizerSettings, Rule, SettingsChange};
use crate::sorting::sort_by_number;

/// Two optimizers to compare over seeds. In JSON every field may be left out; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Ensemble {
    /// What all runs share. Its `optimizer` and `seed` are replaced by those below, and layers have no spectra of their own.
    pub experiment: Experiment,
    /// The optimizer of A.
    pub a: OptimizerSettings,
    /// The optimizer of B.
    pub b: OptimizerSettings,
    /// Changes of A's learning rate or schedule on the way, beside those of `experiment`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub a_changes: Vec<SettingsChange>,
    /// Changes of B's learning rate or schedule on the way, beside those of `experiment`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub b_changes: Vec<SettingsChange>,
    /// Whether B is also run in a rotated basis.
    pub rotated: bool,
    /// The first seed.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = MAX_SEED)))]
    pub first_seed: u64,
    /// How many seeds, one after the other.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = MAX_SEEDS)))]
    pub seed_count: usize,
    /// How directions of two checkpoints are paired in `claims`.
    pub pairing: Pairing,
}

/// Most seeds of an ensemble.
pub const MAX_SEEDS: usize = 10_000;

impl Default for Ensemble {
    fn default() -> Self {
        Ensemble {
            experiment: Experiment::default(),
            a: OptimizerSettings::new(Rule::Sgd),
            b: OptimizerSettings::new(Rule::Adam),
            a_changes: Vec::new(),
            b_changes: Vec::new(),
            rotated: true,
            first_seed: 1,
            seed_count: 16,
            pairing: Pairing::Tracked,
        }
    }
}

/// One of the runs of a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// A.
    A,
    /// B.
    B,
    /// B in a rotated basis.
    Rotated,
}

/// One run of one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The seed.
    pub seed: u64,
    /// Which run.
    pub member: Member,
}

impl Ensemble {
    /// Reads an ensemble from JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field, or the line and column where the text stops being JSON.
    pub fn from_json(text: &str) -> Result<Self> {
        crate::json::from_json(text, "ensemble")
    }

    /// Checks every field that can be checked without loading the data.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field and what is allowed.
    pub fn validate(&self) -> Result<()> {
        if !(1..=MAX_SEEDS).contains(&self.seed_count) {
            let problem = format!("is {}; allowed are 1 to {MAX_SEEDS}", self.seed_count);
            return Err(Error::invalid("seed_count", problem));
        }
        if self.first_seed.checked_add(self.seed_count as u64 - 1).is_none_or(|last| last > MAX_SEED) {
            let problem = format!("and `seed_count` reach beyond 2^53 - 1 = {MAX_SEED}, the largest seed");
            return Err(Error::invalid("first_seed", problem));
        }
        if self.rotated && self.b.rotated_basis {
            return Err(Error::invalid("rotated", "is true although b has a rotated basis already"));
        }
        // What is wrong with the data is reported below.
        if self.rotated
            && let Ok(count) = self.experiment.parameter_count()
            && count > MAX_PARAMETERS
        {
            let problem = format!(
                "is true, but a rotated basis takes a matrix of P × P numbers, up to {MAX_PARAMETERS} parameters; the \
                 network has {count}: set it to false"
            );
            return Err(Error::invalid("rotated", problem));
        }
        for member in self.members() {
            let within = |error: Error| match (error, member) {
                (Error::Invalid { field, problem }, _) if field.starts_with("optimizer") => {
                    let name = if *member == Member::A { "a" } else { "b" };
                    Error::invalid(field.replacen("optimizer", name, 1), problem)
                }
                (Error::Invalid { field, problem }, _) => Error::invalid(format!("experiment.{field}"), problem),
                (other, _) => other,
            };
            self.experiment(Piece { seed: self.first_seed, member: *member }).validate().map_err(within)?;
        }
        Ok(())
    }

    /// The runs of each seed.
    pub fn members(&self) -> &'static [Member] {
        if self.rotated { &[Member::A, Member::B, Member::Rotated] } else { &[Member::A, Member::B] }
    }

    /// All seeds, ascending.
    pub fn seeds(&self) -> impl Iterator<Item = u64> + use<> {
        self.first_seed..self.first_seed + self.seed_count as u64
    }

    /// All pieces, seed by seed.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + use<> {
        let members = self.members();
        self.seeds().flat_map(move |seed| members.iter().map(move |&member| Piece { seed, member }))
    }

    /// What a piece runs. A null model that refers to no checkpoint is the same for A and B, and drawn with A.
    pub fn experiment(&self, piece: Piece) -> Experiment {
        let (optimizer, changes) = match piece.member {
            Member::A => (self.a.clone(), &self.a_changes),
            Member::B => (self.b.clone(), &self.b_changes),
            Member::Rotated => (OptimizerSettings { rotated_basis: true, ..self.b.clone() }, &self.b_changes),
        };
        let mut all_changes = [self.experiment.changes.as_slice(), changes].concat();
        sort_by_number(&mut all_changes, |change| change.step as f64);
        let drawn = |kind: crate::null_model::NullKind| match piece.member {
            Member::A => true,
            Member::B => kind.needs_checkpoint(),
            Member::Rotated => false,
        };
        Experiment {
            optimizer,
            changes: all_changes,
            seed: piece.seed,
            layer_spectra: false,
            null_model: self.experiment.null_model.filter(|model| drawn(model.kind)),
            ..self.experiment.clone()
        }
    }
}
