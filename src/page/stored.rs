//! Claims on several tasks, computed natively and kept with the page: `results.json`, as `headless results` writes it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::claims::{Claim, ClaimResult, Unit, Verdict};
use crate::displacement::Pairing;

/// The results, as far as they are there.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// Not asked for.
    NotAsked,
    /// On their way.
    Asked,
    /// There.
    Known(Vec<StoredTask>),
    /// Not to be had, with the reason.
    Failed(String),
}

/// The claims on one task.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StoredTask {
    /// Name in texts that quote it.
    pub name: String,
    /// Name that people read.
    pub title: String,
    /// The link that opens it here, without `#`; none where the page cannot.
    pub link: Option<String>,
    /// The seeds.
    pub seeds: StoredSeeds,
    /// The claims in each pairing.
    pub claims: BTreeMap<Pairing, Vec<StoredClaim>>,
}

/// How many seeds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct StoredSeeds {
    /// Their number.
    pub count: usize,
}

/// A claim over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct StoredClaim {
    /// The claim.
    pub name: Claim,
    /// The unit of the estimate.
    pub unit: Unit,
    /// The mean over seeds.
    pub estimate: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// What that means.
    pub verdict: Verdict,
}

impl From<&ClaimResult> for StoredClaim {
    fn from(result: &ClaimResult) -> Self {
        let &ClaimResult { name, unit, estimate, low, high, verdict, .. } = result;
        StoredClaim { name, unit, estimate, low, high, verdict }
    }
}

impl Stored {
    /// Reads the text of the file, or says why there is none.
    pub fn read(text: Result<String, String>) -> Self {
        #[derive(Deserialize)]
        struct File {
            tasks: Vec<StoredTask>,
            sizes: Vec<StoredTask>,
        }
        let read = text.and_then(|text| serde_json::from_str::<File>(&text).map_err(|error| error.to_string()));
        match read {
            Ok(File { tasks, mut sizes }) => {
                // The others all have the same number of seeds, which is stated once.
                for size in &mut sizes {
                    size.title += &format!(", {} seeds", size.seeds.count);
                }
                Stored::Known([tasks, sizes].concat())
            }
            Err(why) => Stored::Failed(format!("The results on other tasks could not be loaded: {why}.")),
        }
    }
}

impl StoredTask {
    /// A claim in a pairing; those that no pairing changes stand with one of them.
    pub fn claim(&self, pairing: Pairing, claim: Claim) -> Option<&StoredClaim> {
        let of = |pairing| self.claims.get(pairing).into_iter().flatten().find(|stored| stored.name == claim);
        if claim.depends_on_pairing() { of(&pairing) } else { self.claims.keys().find_map(of) }
    }
}
