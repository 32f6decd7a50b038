//! The claims about two optimizers A and B as numbers: one per seed, paired between runs that share start, data and
//! batches, and over seeds a mean with its 95 % interval and a verdict.
//!
//! Checkpoints are 0..=N, evenly spaced; L = ⌊N/10⌋ is the lag, early = { t : L ≤ t < ⌊N/2⌋ }, late = { t : ⌊N/2⌋ ≤ t ≤ N − L },
//! end = the last ⌊(N + 1)/5⌋ checkpoints. D is the displacement in a [`Pairing`](crate::displacement::Pairing), IPR the
//! mean over the leading directions that are determined. Every estimate is oriented so that more speaks for the claim.
//! Ratios are averaged as logarithms and reported as factors. Intervals are for one claim each: with many claims, some of
//! them miss the truth.

pub mod windows;
mod summary;
mod estimate;
mod interval;
mod result;
mod words;

pub use estimate::{Claim, PairedRuns, Unit};
pub use interval::{FEWEST_SEEDS, Interval};
pub use result::{ClaimResult, LeftOut, SeedValue, Verdict, claim_result};
pub use summary::{ByPairing, Displacements, DistanceBin, Halving, RunSummary, Summarizer};
pub use windows::Windows;
