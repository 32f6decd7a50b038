//! What the seeds give together.

use serde::{Deserialize, Serialize};

use super::estimate::{Claim, Unit};
use super::interval::Interval;

/// What an interval means for a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval lies on the claim's side of no effect.
    Supported,
    /// The whole interval lies on the other side.
    Contradicted,
    /// The interval holds no effect, or there are too few seeds for one.
    Undecided,
}

/// The estimate from one seed, in the claim's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SeedValue {
    /// The seed.
    pub seed: u64,
    /// The estimate.
    pub value: f64,
}

/// A seed that gives no estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The seed.
    pub seed: u64,
    /// Why, as a sentence.
    pub reason: String,
}

/// A claim over seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ClaimResult {
    /// The claim.
    pub name: Claim,
    /// The unit of the numbers.
    pub unit: Unit,
    /// The mean over seeds (geometric for factors); `None` without any.
    pub estimate: Option<f64>,
    /// Lower end of the 95 % interval by Student's t; `None` below three seeds, and where all give the same.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// How many seeds these are from.
    pub seeds: usize,
    /// What they mean for the claim.
    pub verdict: Verdict,
    /// The estimate from each seed.
    pub per_seed: Vec<SeedValue>,
    /// The seeds that gave none.
    pub left_out: Vec<LeftOut>,
}

/// Joins what [`Claim::estimate`] gave for each seed; seeds in ascending order give the same bits.
pub fn claim_result(claim: Claim, estimates: impl IntoIterator<Item = (u64, Result<f64, String>)>) -> ClaimResult {
    let (mut seeds, mut values, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for (seed, estimate) in estimates {
        match estimate {
            Ok(value) => {
                seeds.push(seed);
                values.push(value);
            }
            Err(reason) => left_out.push(LeftOut { seed, reason }),
        }
    }
    let in_unit = |value: f64| match claim.unit() {
        Unit::Difference => value,
        Unit::Factor => libm::exp2(value),
    };
    let interval = Interval::of(&values);
    let ends = interval.and_then(|interval| interval.ends);
    let verdict = match ends {
        Some((low, _)) if low > 0.0 => Verdict::Supported,
        Some((_, high)) if high < 0.0 => Verdict::Contradicted,
        _ => Verdict::Undecided,
    };
    ClaimResult {
        name: claim,
        unit: claim.unit(),
        estimate: interval.map(|interval| in_unit(interval.mean)),
        low: ends.map(|(low, _)| in_unit(low)),
        high: ends.map(|(_, high)| in_unit(high)),
        seeds: values.len(),
        verdict,
        per_seed: seeds
            .into_iter()
            .zip(&values)
            .map(|(seed, &value)| SeedValue { seed, value: in_unit(value) })
            .collect(),
        left_out,
    }
}
