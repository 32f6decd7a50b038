//! The results as charts of `view`.

use super::record::ComparisonResult;
use crate::claims::{Claim, ClaimResult};
use crate::displacement::Pairing;
use crate::ensemble::{CurveOverSeeds, EnsembleReport, Member, MemberCurves};
use crate::measured::Measured;
use crate::page::names::short;
use crate::view::color::DASHES;
use crate::view::curves::{Curves, Extent, Level, Series, ShadedBand};
use crate::view::forest::{Estimate, Forest, ForestRow};
use crate::view::number::exponent;
use crate::view::{AxisSpec, Palette};

/// Claims of the figures: those about gradient and update are in the tables alone, since their factors need an axis of their
/// own.
pub const SHOWN: [Claim; 10] = [
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
];

/// The axes of the matrix, the same for all columns: ±0.3 and ×8.
const DIFFERENCE: f64 = 0.3;
const FACTOR: f64 = 8.0;

impl ComparisonResult {
    /// The names of A and B.
    pub fn names(&self) -> (&'static str, &'static str) {
        (short(self.a.rule), short(self.b.rule))
    }

    /// The result of a claim; for one about displacement in the given pairing.
    pub fn claim(&self, claim: Claim, pairing: Pairing) -> Option<&ClaimResult> {
        let pairing = if claim.depends_on_pairing() { pairing } else { Pairing::Subspace };
        self.claims.of(pairing).iter().find(|result| result.name == claim)
    }
}

/// Claims × comparisons; with more than one of them the names of A and B are those of the first.
pub fn forest(title: &str, results: &[(&str, &ComparisonResult)], pairing: Pairing) -> Forest {
    let (a, b) = results.first().map_or(("A", "B"), |(_, result)| result.names());
    let row = |claim: Claim| ForestRow {
        claim: claim.title(a, b),
        detail: claim.detail(a, b),
        unit: claim.unit(),
        estimates: results.iter().map(|(_, result)| estimate(result.claim(claim, pairing))).collect(),
    };
    let several = results.len() > 1;
    Forest {
        title: title.to_owned(),
        columns: results.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: SHOWN.into_iter().map(row).collect(),
        difference: several.then_some(DIFFERENCE),
        factor: several.then_some(FACTOR),
    }
}

fn estimate(result: Option<&ClaimResult>) -> Estimate {
    Estimate {
        value: result.and_then(|result| result.estimate),
        interval: result.and_then(|result| result.low.zip(result.high)),
        verdict: result.map_or(crate::claims::Verdict::Undecided, |result| result.verdict),
    }
}

/// Mean IPR over training.
pub fn localization(report: &EnsembleReport, palette: &Palette) -> Curves {
    let mut chart = over_seeds(report, "Mean IPR of the leading directions", palette, |curves| &curves.mean_ipr);
    let null = Measured::mean(report.seeds.iter().map(|seed| seed.a.null_mean_ipr)).value();
    chart.levels.extend(null.map(|value| Level {
        label: "null model, random weights".to_owned(),
        value,
        color: palette.muted,
        fit: true,
    }));
    chart
}

/// Displacement at the claims' lag over training.
pub fn displacement(report: &EnsembleReport, palette: &Palette) -> Curves {
    over_seeds(report, "Displacement of the leading subspace, 1 − Q_k(t, t + L)", palette, |curves| {
        &curves.displacement
    })
}

fn over_seeds(
    report: &EnsembleReport,
    title: &str,
    palette: &Palette,
    quantity: impl Fn(&MemberCurves) -> &CurveOverSeeds,
) -> Curves {
    let mut chart =
        Curves { title: title.to_owned(), x: AxisSpec::linear("step t"), y: AxisSpec::linear(""), ..Curves::default() };
    let (a, b) = (&report.ensemble.a, &report.ensemble.b);
    let known = |value: Measured| value.value().unwrap_or(f64::NAN);
    let mut highest: f64 = 0.0;
    for (index, curves) in report.curves.iter().enumerate() {
        let curve = quantity(curves);
        let name = match curves.run {
            Member::A => format!("{} {}", short(a.rule), a.learning_rate),
            Member::B => format!("{} {}", short(b.rule), b.learning_rate),
            Member::Rotated => format!("{} {}, rotated basis", short(b.rule), b.learning_rate),
        };
        let color = palette.run(index);
        let points = curve.at.iter().zip(&curve.mean).map(|(&x, &y)| (x, known(y))).collect();
        let band = curve.at.iter().zip(curve.low.iter().zip(&curve.high));
        let band: Vec<_> = band.map(|(&x, (&low, &high))| (x, known(low), known(high))).collect();
        highest = band.iter().map(|point| point.2).filter(|y| y.is_finite()).fold(highest, f64::max);
        chart.bands.push(ShadedBand { label: String::new(), extent: Extent::Varying(band), color });
        let line = Series::new(&name, color, points);
        chart.series.push(Series { dash: DASHES[index % DASHES.len()].to_vec(), ..line });
    }
    if highest > 0.0 {
        chart.y = chart.y.range(0.0, ceiling(highest));
    }
    chart
}

/// The next rounder number.
fn ceiling(x: f64) -> f64 {
    let unit = libm::exp10(f64::from(exponent(x)));
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.iter().map(|step| step * unit).find(|end| *end >= x).unwrap_or(10.0 * unit)
}
