//! Curves over seeds: the mean of a quantity and the 95 % interval of that mean, at equal training time, loss or distance.

use serde::{Deserialize, Serialize};

use crate::claims::{Interval, RunSummary};
use crate::displacement::Pairing;
use crate::measured::Measured;

/// What a curve shows, one number per checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Training loss.
    Loss,
    /// Training accuracy.
    Accuracy,
    /// Test loss.
    TestLoss,
    /// Test accuracy.
    TestAccuracy,
    /// The eigenvalue of the leading direction of this rank, from 0.
    Eigenvalue(usize),
    /// Mean IPR of the leading directions.
    MeanIpr,
    /// Share of the gradient in the leading subspace.
    GradientShare,
    /// Share of the update in the leading subspace.
    UpdateShare,
    /// D(t, t + L), at t.
    DisplacementAtLag(Pairing),
    /// (1/P) ‖θ(t) − θ(0)‖².
    Distance,
}

impl Quantity {
    /// The quantity at a checkpoint, where it is known.
    pub fn value(self, run: &RunSummary, checkpoint: usize) -> Measured {
        let measured = |values: &[Measured]| values.get(checkpoint).copied().unwrap_or_default();
        let number = |values: &[f64]| Measured::from(values.get(checkpoint).copied());
        match self {
            Quantity::Loss => number(&run.loss),
            Quantity::Accuracy => number(&run.accuracy),
            Quantity::TestLoss => measured(&run.test_loss),
            Quantity::TestAccuracy => measured(&run.test_accuracy),
            Quantity::Eigenvalue(rank) => {
                run.leading_eigenvalues.get(rank).map_or(Measured::default(), |row| number(row))
            }
            Quantity::MeanIpr => measured(&run.mean_ipr),
            Quantity::GradientShare => measured(&run.gradient_share),
            Quantity::UpdateShare => measured(&run.update_share),
            Quantity::DisplacementAtLag(pairing) => measured(&run.displacement.of(pairing).at_lag),
            Quantity::Distance => number(&run.distance),
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// In optimizer steps.
    Step,
    /// In training loss: at the first checkpoint with at most a given loss, so that a curve does not go back.
    Loss,
    /// In (1/P) ‖θ(t) − θ(0)‖²: at the first checkpoint with at least a given distance.
    Distance,
}

/// A mean over seeds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CurveOverSeeds {
    /// Steps, training losses (descending) or distances (ascending).
    pub at: Vec<f64>,
    /// Mean over the seeds that have the quantity there.
    pub mean: Vec<Measured>,
    /// Lower end of the mean's 95 % interval by Student's t; undetermined below three seeds.
    pub low: Vec<Measured>,
    /// Upper end.
    pub high: Vec<Measured>,
    /// How many seeds have the quantity there.
    pub seeds: Vec<usize>,
}

/// Points of a curve against loss or distance.
const POINTS: usize = 60;

/// The curve of a quantity over `runs`, one per seed, of which those that diverged are left out. Against loss and distance
/// it goes as far as all of them do.
pub fn curve_over_seeds(runs: &[&RunSummary], quantity: Quantity, progress: Progress) -> CurveOverSeeds {
    let runs: Vec<&RunSummary> = runs.iter().copied().filter(|run| run.diverged.is_none()).collect();
    let mut curve = CurveOverSeeds::default();
    let Some(first) = runs.first() else { return curve };
    let at: Vec<f64> = match progress {
        Progress::Step => first.steps.iter().map(|&step| step as f64).collect(),
        Progress::Loss => {
            let start = runs.iter().map(|run| run.loss[0]).fold(f64::INFINITY, f64::min);
            spaced(start, runs.iter().map(|run| run.lowest_loss()).fold(0.0, f64::max))
        }
        Progress::Distance => {
            let least = |run: &&RunSummary| run.distance.iter().copied().find(|&d| d > 0.0).unwrap_or(0.0);
            let most = |run: &&RunSummary| run.distance.iter().copied().fold(0.0, f64::max);
            spaced(runs.iter().map(least).fold(0.0, f64::max), runs.iter().map(most).fold(f64::INFINITY, f64::min))
        }
    };
    for (index, &at) in at.iter().enumerate() {
        let checkpoint = |run: &RunSummary| match progress {
            Progress::Step => Some(index),
            Progress::Loss => run.first_at_loss(at),
            Progress::Distance => run.distance.iter().position(|&distance| distance >= at),
        };
        let values: Vec<f64> = runs.iter().filter_map(|run| quantity.value(run, checkpoint(run)?).value()).collect();
        let interval = Interval::of(&values);
        let ends = interval.and_then(|interval| interval.ends);
        curve.at.push(at);
        curve.mean.push(interval.map(|interval| interval.mean).into());
        curve.low.push(ends.map(|(low, _)| low).into());
        curve.high.push(ends.map(|(_, high)| high).into());
        curve.seeds.push(values.len());
    }
    curve
}

/// Points in equal ratios between two numbers, both included; none unless both are positive and differ.
fn spaced(from: f64, to: f64) -> Vec<f64> {
    if !(from > 0.0 && to > 0.0 && from != to && to.is_finite()) {
        return Vec::new();
    }
    let point = |i: usize| match i {
        0 => from,
        i if i + 1 == POINTS => to,
        i => from * libm::pow(to / from, i as f64 / (POINTS - 1) as f64),
    };
    (0..POINTS).map(point).collect()
}
