//! Localization: inverse participation ratio over training, beside the null model and a random direction.

use super::{Scene, line, undetermined_directions};
use crate::state::RUN_NAMES;
use crate::view::AxisSpec;
use crate::view::curves::{Curves, Extent, Level, Note, Series, ShadedBand};

/// The chart.
pub fn chart(scene: &Scene) -> Curves {
    let metric = scene.view.localization;
    let mut chart = scene.over_training("Localization", AxisSpec::linear(metric.label));
    let muted = scene.palette().muted;
    let mut highest: f64 = 0.0;
    for run in &scene.runs {
        let first = scene.points(run, |c| (metric.value)(c, 0));
        let mean = scene.points(run, |c| metric.mean(c));
        for (_, y) in first.iter().chain(&mean) {
            highest = highest.max(*y);
        }
        let letter = RUN_NAMES[run.index];
        let v1 = line(&format!("{}, v₁", run.name), run.color, 1.0, 0.45, first);
        chart.series.push(Series { end_label: Some(format!("{letter} v₁")), ..v1 });
        let mean = line(&format!("{}, mean", run.name), run.color, 2.0, 1.0, mean);
        chart.series.push(Series { end_label: Some(format!("{letter} mean")), ..mean });
        chart.notes.extend(undetermined_directions(run));
    }
    let Some(localization) = metric.localization else { return chart };
    for (bands, name, color) in scene.nulls() {
        let Some(band) = localization.null.and_then(|of| of(bands)) else { continue };
        highest = highest.max(band.high);
        let label = format!("null: {name}, 5–95 %");
        chart.bands.push(ShadedBand { label, extent: Extent::Constant(band.low, band.high), color });
    }
    if localization.null.is_none() {
        chart.notes.push(Note { text: "no null model for this measure".into(), color: muted });
    }
    if let Some(count) = scene.runs.iter().find_map(|run| run.results.parameter_count()) {
        let (value, formula) = ((localization.chance.0)(count), localization.chance.1);
        highest = highest.max(2.0 * value.min(1.0)).max(value);
        chart.levels.push(Level { label: format!("random direction {formula}"), value, color: muted, fit: true });
    }
    // From 0 on, and a round upper end that seldom moves while curves grow.
    if highest > 0.0 {
        chart.y = chart.y.range(0.0, ceiling(1.05 * highest));
    }
    chart
}

/// The next rounder number: an upper end that seldom moves while curves grow.
fn ceiling(x: f64) -> f64 {
    let unit = 10_f64.powf(x.log10().floor());
    let steps = [1.0, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.iter().map(|step| step * unit).find(|end| *end >= x).unwrap_or(x)
}
