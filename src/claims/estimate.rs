//! One number per seed for each claim.

use serde::{Deserialize, Serialize};

use super::summary::RunSummary;
use super::windows::Windows;
use crate::displacement::Pairing;
use crate::measured::Measured;

/// Fewest pairs of each run in a bin of distances that counts.
const FEWEST_PAIRS: usize = 3;

/// How an estimate is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A difference; no effect is 0.
    Difference,
    /// A factor, averaged as its logarithm; no effect is 1.
    Factor,
}

/// A claim about the runs A and B.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// A's leading directions become more stable: mean early D_A(t, t+L) − mean late D_A(t, t+L).
    AStabilizes,
    /// The same for B, for comparison.
    BStabilizes,
    /// B reorganizes them more, step by step: mean late D_B(t, t+L) − mean late D_A(t, t+L).
    BReorganizes,
    /// … also at matched loss: mean over j of D_B − D_A between t(ℓ_j) and t(ℓ_{j+2}), see [`Halving`](super::Halving).
    BReorganizesMatchedLoss,
    /// … also at matched distance: mean over bins of mean D_B − mean D_A, see [`DistanceBin`](super::DistanceBin).
    BReorganizesMatchedDistance,
    /// B localizes them: the geometric mean over the end of IPR_B / IPR_A.
    BLocalizes,
    /// … also at matched loss: IPR_B / IPR_A, each at its first checkpoint with a training loss that both reach.
    BLocalizesMatchedLoss,
    /// A localizes beyond what the architecture alone gives: geometric mean of IPR_A over the end / mean IPR of the null
    /// model.
    ABeyondNull,
    /// The same for B.
    BBeyondNull,
    /// … because of B's own axes: the geometric mean over the end of IPR_B / IPR of B in a rotated basis.
    BAxes,
    /// The gradient of A lies in the leading subspace: the geometric mean over the end of its share · P / k.
    GradientInSubspaceA,
    /// The same for B.
    GradientInSubspaceB,
    /// So does the update of A: the geometric mean over the end of its share · P / k.
    UpdateInSubspaceA,
    /// The same for B.
    UpdateInSubspaceB,
}

/// The runs of one seed.
#[derive(Debug, Clone, Copy)]
pub struct PairedRuns<'a> {
    /// A.
    pub a: &'a RunSummary,
    /// B.
    pub b: &'a RunSummary,
    /// B in a rotated basis, where it was run.
    pub rotated: Option<&'a RunSummary>,
}

impl Claim {
    /// All claims, in the order in which they are shown.
    pub const ALL: [Claim; 14] = [
        Claim::AStabilizes,
        Claim::BStabilizes,
        Claim::BReorganizes,
        Claim::BReorganizesMatchedLoss,
        Claim::BReorganizesMatchedDistance,
        Claim::BLocalizes,
        Claim::BLocalizesMatchedLoss,
        Claim::ABeyondNull,
        Claim::BBeyondNull,
        Claim::BAxes,
        Claim::GradientInSubspaceA,
        Claim::GradientInSubspaceB,
        Claim::UpdateInSubspaceA,
        Claim::UpdateInSubspaceB,
    ];

    /// How its estimate is reported.
    pub fn unit(self) -> Unit {
        if self.depends_on_pairing() { Unit::Difference } else { Unit::Factor }
    }

    /// Whether it is about displacement, so that the pairing decides.
    pub fn depends_on_pairing(self) -> bool {
        matches!(
            self,
            Claim::AStabilizes
                | Claim::BStabilizes
                | Claim::BReorganizes
                | Claim::BReorganizesMatchedLoss
                | Claim::BReorganizesMatchedDistance
        )
    }

    /// Whether it needs A, and whether it needs B.
    fn needs(self) -> (bool, bool) {
        match self {
            Claim::AStabilizes | Claim::ABeyondNull | Claim::GradientInSubspaceA | Claim::UpdateInSubspaceA => {
                (true, false)
            }
            Claim::BStabilizes
            | Claim::BBeyondNull
            | Claim::BAxes
            | Claim::GradientInSubspaceB
            | Claim::UpdateInSubspaceB => (false, true),
            Claim::BReorganizes
            | Claim::BReorganizesMatchedLoss
            | Claim::BReorganizesMatchedDistance
            | Claim::BLocalizes
            | Claim::BLocalizesMatchedLoss => (true, true),
        }
    }

    /// The estimate from one seed: a difference, or the binary logarithm of a factor.
    ///
    /// # Errors
    /// A sentence: why there is none.
    pub fn estimate(self, runs: PairedRuns, pairing: Pairing) -> Result<f64, String> {
        let PairedRuns { a, b, rotated } = runs;
        let (needs_a, needs_b) = self.needs();
        for (needed, name, run) in [(needs_a, "A", a), (needs_b, "B", b)] {
            if let (true, Some(sentence)) = (needed, &run.diverged) {
                return Err(format!("{name}: {sentence}"));
            }
        }
        let windows = Windows::new(if needs_a { &a.steps } else { &b.steps })?;
        match self {
            Claim::AStabilizes => stabilization(a, pairing, &windows),
            Claim::BStabilizes => stabilization(b, pairing, &windows),
            Claim::BReorganizes => Ok(late(b, pairing, &windows)? - late(a, pairing, &windows)?),
            Claim::BReorganizesMatchedLoss => at_matched_loss(a, b, pairing),
            Claim::BReorganizesMatchedDistance => at_matched_distance(a, b, pairing),
            Claim::BLocalizes => localization(b, a, &windows),
            Claim::BLocalizesMatchedLoss => {
                let reached = a.lowest_loss().max(b.lowest_loss());
                let ipr = |run: &RunSummary| run.first_at_loss(reached).and_then(|t| run.mean_ipr[t].value());
                let ratio = ipr(b).zip(ipr(a)).map(|(b, a)| libm::log2(b / a));
                ratio.ok_or_else(|| "no direction is determined where the two losses match".to_owned())
            }
            Claim::ABeyondNull => beyond_null(a, &windows),
            Claim::BBeyondNull => beyond_null(b, &windows),
            Claim::BAxes => {
                let rotated = rotated.ok_or_else(|| "B was not run in a rotated basis".to_owned())?;
                match &rotated.diverged {
                    Some(sentence) => Err(format!("B in a rotated basis: {sentence}")),
                    None => localization(b, rotated, &windows),
                }
            }
            Claim::GradientInSubspaceA => share(a, &a.gradient_share, &windows),
            Claim::GradientInSubspaceB => share(b, &b.gradient_share, &windows),
            Claim::UpdateInSubspaceA => share(a, &a.update_share, &windows),
            Claim::UpdateInSubspaceB => share(b, &b.update_share, &windows),
        }
    }
}

/// Mean of D(t, t + L) over waiting times, where it is determined.
fn mean_at_lag(run: &RunSummary, pairing: Pairing, waiting: std::ops::Range<usize>) -> Result<f64, String> {
    let moved = &run.displacement.of(pairing).at_lag[waiting];
    Measured::mean(moved.iter().copied()).value().ok_or_else(|| "no displacement is determined".to_owned())
}

fn late(run: &RunSummary, pairing: Pairing, windows: &Windows) -> Result<f64, String> {
    mean_at_lag(run, pairing, windows.late.clone())
}

fn stabilization(run: &RunSummary, pairing: Pairing, windows: &Windows) -> Result<f64, String> {
    Ok(mean_at_lag(run, pairing, windows.early.clone())? - late(run, pairing, windows)?)
}

/// Halvings whose two levels are crossed between the same two checkpoints of a run would read as D = 0; they are left out.
fn at_matched_loss(a: &RunSummary, b: &RunSummary, pairing: Pairing) -> Result<f64, String> {
    let moved = |run: &RunSummary, j: usize| run.displacement.of(pairing).at_halvings[j].value();
    let (mut differences, mut crossed, mut resolved) = (Vec::new(), 0, 0);
    for (j, (of_a, of_b)) in a.halvings.iter().zip(&b.halvings).enumerate() {
        if of_a.from == of_a.to || of_b.from == of_b.to {
            crossed += 1;
            continue;
        }
        resolved += 1;
        differences.extend(moved(b, j).zip(moved(a, j)).map(|(b, a)| Measured::from(b - a)));
    }
    Measured::mean(differences).value().ok_or_else(|| match (resolved, crossed) {
        (0, 0) => "training loss does not halve in both runs".to_owned(),
        (0, _) => {
            "the loss halves between two checkpoints; a smaller spacing of checkpoints would resolve it".to_owned()
        }
        _ => "no displacement while the loss halves is determined in both runs".to_owned(),
    })
}

fn at_matched_distance(a: &RunSummary, b: &RunSummary, pairing: Pairing) -> Result<f64, String> {
    let [a, b] =
        [a, b].map(|run| run.displacement.of(pairing).by_distance.iter().filter(|bin| bin.pairs >= FEWEST_PAIRS));
    let differences = a.filter_map(|of_a| {
        let of_b = b.clone().find(|of_b| of_b.bin == of_a.bin)?;
        Some(Measured::from(of_b.mean - of_a.mean))
    });
    let mean = Measured::mean(differences).value();
    mean.ok_or_else(|| "the parameters of the two runs move by no comparable distances late in training".to_owned())
}

/// Mean over the end of log2 of a ratio, where it is determined and positive.
fn mean_log2(windows: &Windows, ratio: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let logarithm = |t: usize| ratio(t).filter(|ratio| *ratio > 0.0).map(libm::log2);
    Measured::mean(windows.end.clone().map(|t| Measured::from(logarithm(t)))).value()
}

fn localization(run: &RunSummary, reference: &RunSummary, windows: &Windows) -> Result<f64, String> {
    let ratio = |t: usize| Some(run.mean_ipr[t].value()? / reference.mean_ipr[t].value()?);
    mean_log2(windows, ratio).ok_or_else(|| "no direction is determined in both runs at the end".to_owned())
}

fn beyond_null(run: &RunSummary, windows: &Windows) -> Result<f64, String> {
    let null = run.null_mean_ipr.value().ok_or_else(|| match &run.null_model_failed {
        Some(sentence) => format!("the null model could not be drawn: {sentence}"),
        None => "there is no null model".to_owned(),
    })?;
    let ratio = |t: usize| Some(run.mean_ipr[t].value()? / null);
    mean_log2(windows, ratio).ok_or_else(|| "no direction is determined at the end".to_owned())
}

fn share(run: &RunSummary, shares: &[Measured], windows: &Windows) -> Result<f64, String> {
    let by_chance = run.leading() as f64 / run.parameter_count as f64;
    let ratio = |t: usize| Some(shares[t].value()? / by_chance);
    mean_log2(windows, ratio).ok_or_else(|| "no share is determined at the end".to_owned())
}
