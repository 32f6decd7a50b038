//! Curves over seeds: means with the 95 % interval of the mean, at equal step, loss or distance.

use super::{Scene, line};
use crate::claims::RunSummary;
use crate::ensemble::{Member, Progress, Quantity, curve_over_seeds};
use crate::measured::Measured;
use crate::state::View;
use crate::state::view::{Against, Measure, Seeds};
use crate::view::color::DASHES;
use crate::view::curves::{Curves, Extent, Level, Note, Series, ShadedBand};
use crate::view::number::plural;
use crate::view::{AxisLabels, AxisSpec, Rgb};

/// What a picture shows over seeds.
pub struct OverSeeds {
    /// Name of the picture.
    pub title: &'static str,
    /// The vertical axis.
    pub y: AxisSpec,
    /// What is drawn, each with a word that tells it from the others.
    pub quantities: Vec<(Quantity, &'static str)>,
}

/// Loss or accuracy, on training and test samples.
pub fn loss(view: &View) -> OverSeeds {
    match view.measure {
        Measure::Accuracy => OverSeeds {
            title: "Accuracy",
            y: AxisSpec::linear("accuracy").range(0.0, 1.0).labels(AxisLabels::Percent),
            quantities: vec![(Quantity::Accuracy, "train"), (Quantity::TestAccuracy, "test")],
        },
        Measure::Loss => OverSeeds {
            title: "Loss",
            y: AxisSpec::log("loss"),
            quantities: vec![(Quantity::Loss, "train"), (Quantity::TestLoss, "test")],
        },
    }
}

/// The leading eigenvalue.
pub fn eigenvalues(_: &View) -> OverSeeds {
    let quantities = vec![(Quantity::Eigenvalue(0), "λ₁")];
    OverSeeds { title: "Leading eigenvalue", y: AxisSpec::linear("λ₁"), quantities }
}

/// Mean IPR, whatever measure is chosen for one seed.
pub fn localization(_: &View) -> OverSeeds {
    OverSeeds { title: "Localization", y: AxisSpec::linear("mean IPR"), quantities: vec![(Quantity::MeanIpr, "")] }
}

/// Displacement at the lag that claims use.
pub fn displacement(view: &View) -> OverSeeds {
    let quantities = vec![(Quantity::DisplacementAtLag(view.pairing), "")];
    OverSeeds { title: "Displacement", y: AxisSpec::linear("D(t, t + N/10)"), quantities }
}

/// Shares of gradient and update.
pub fn shares(_: &View) -> OverSeeds {
    OverSeeds {
        title: "Gradient and update shares",
        y: AxisSpec::linear("share").range(0.0, 1.0).labels(AxisLabels::Percent),
        quantities: vec![(Quantity::GradientShare, "gradient"), (Quantity::UpdateShare, "update")],
    }
}

/// The chart of a picture over the seeds that are done.
pub fn chart(scene: &Scene, what: &OverSeeds) -> Curves {
    let x = match scene.view.against {
        Against::Step => scene.step_axis(),
        _ => scene.time_axis(),
    };
    let mut chart = Curves { x, y: what.y.clone(), title: what.title.into(), ..Curves::default() };
    let muted = scene.palette().muted;
    let Some(evidence) = scene.model.evidence.as_ref().filter(|evidence| !evidence.seeds.is_empty()) else {
        chart.notes.push(Note { text: "no seed is done yet".into(), color: muted });
        return chart;
    };
    let done = evidence.seeds.len();
    let so_far = if evidence.is_final() { "" } else { " so far" };
    chart.title = format!("{}, mean of {}{so_far} and its 95 % interval", what.title, plural(done, "seed"));
    let progress = progress(scene.view.against);
    for &member in evidence.ensemble.members().iter().rev() {
        let (name, color) = member_name(scene, member);
        let runs = evidence.of_member(member);
        let known = |&(quantity, _): &(Quantity, &str)| {
            runs.iter().any(|run| (0..run.steps.len()).any(|t| quantity.value(run, t).is_determined()))
        };
        for (index, (quantity, word)) in what.quantities.iter().copied().filter(known).enumerate() {
            let label = if word.is_empty() { name.clone() } else { format!("{name}, {word}") };
            let dash = if member == Member::Rotated || index > 0 { DASHES[2].to_vec() } else { Vec::new() };
            if scene.view.curves == Seeds::Each {
                for run in runs.iter().filter(|run| run.diverged.is_none()) {
                    let points = single(run, quantity, scene.view.against);
                    chart.series.push(line(&format!("{label}, each seed"), color, 0.6, 0.35, points));
                }
            }
            let curve = curve_over_seeds(&runs, quantity, progress);
            let value = |values: &[Measured], i: usize| values[i].value().unwrap_or(f64::NAN);
            let points = |values: &[Measured]| (0..curve.at.len()).map(|i| (curve.at[i], value(values, i))).collect();
            let band = (0..curve.at.len()).map(|i| (curve.at[i], value(&curve.low, i), value(&curve.high, i)));
            let band = band.filter(|(_, low, high)| !low.is_nan() && !high.is_nan()).collect();
            chart.bands.push(ShadedBand { label: String::new(), extent: Extent::Varying(band), color });
            let width = if member == Member::Rotated { 1.3 } else { 1.9 };
            let mean = line(&label, color, width, 1.0, points(&curve.mean));
            chart.series.push(Series { dash, end_label: Some(label.clone()), ..mean });
        }
        let diverged = runs.iter().filter(|run| run.diverged.is_some()).count();
        if diverged > 0 {
            let text = format!("{name}: {diverged} of {done} diverged and are left out");
            chart.notes.push(Note { text, color });
        }
    }
    if what.quantities.iter().any(|(quantity, _)| *quantity == Quantity::MeanIpr) {
        for member in [Member::A, Member::B] {
            let runs = evidence.of_member(member);
            let Some(value) = Measured::mean(runs.iter().map(|run| run.null_mean_ipr)).value() else { continue };
            let shared = !scene.view.null.of_claims().needs_checkpoint();
            let (name, color) = if shared { (String::new(), muted) } else { member_name(scene, member) };
            if !(shared && member == Member::B) {
                let label = format!("null model {name}").trim_end().to_owned();
                chart.levels.push(Level { label, value, color, fit: true });
            }
        }
    }
    chart
}

/// How far a run is, by what curves are drawn against.
fn progress(against: Against) -> Progress {
    match against {
        Against::Step => Progress::Step,
        Against::Loss => Progress::Loss,
        Against::Distance => Progress::Distance,
    }
}

fn single(run: &RunSummary, quantity: Quantity, against: Against) -> Vec<(f64, f64)> {
    let at = |t: usize| match against {
        Against::Step => run.steps[t] as f64,
        Against::Loss => run.loss[t],
        Against::Distance => run.distance[t],
    };
    let value = |t| quantity.value(run, t).value().unwrap_or(f64::NAN);
    let points = (0..run.steps.len()).map(|t| (at(t), value(t)));
    super::first_passages(points, against)
}

/// Name and colour of a run over seeds.
fn member_name(scene: &Scene, member: Member) -> (String, Rgb) {
    let (a, b) = scene.model.evidence.as_ref().map_or((0, 1), |evidence| evidence.runs);
    let of = |index: usize| {
        let shown = scene.runs.iter().find(|run| run.index == index);
        shown.map_or((String::new(), scene.palette().muted), |run| (run.name.clone(), run.color))
    };
    match member {
        Member::A => of(a),
        Member::B => of(b),
        Member::Rotated => {
            let (name, color) = of(b);
            (format!("{name}, rotated"), color)
        }
    }
}
