//! Displacement against lag for several waiting times, beside chance level and null model.

use super::{Scene, ShownRun, line, undetermined_directions, undetermined_subspace};
use crate::claims::Windows;
use crate::displacement::{Pairing, TwoTimeRow};
use crate::measured::Measured;
use crate::state::RUN_NAMES;
use crate::view::curves::{Curves, Extent, Level, Marker, Note, Series, ShadedBand};
use crate::view::number::{significant, thousands};
use crate::view::panels::{CurvePanel, CurvePanels};
use crate::view::{AxisLabels, AxisSpec};

/// The quantity between the checkpoint of `row` and an earlier one, of which `waiting` is the index; NaN where there is none.
pub fn value(pairing: Pairing, row: &TwoTimeRow, waiting: usize) -> f64 {
    let known = (waiting < row.subspace_overlap.len()).then(|| row.displacement(pairing, waiting));
    known.and_then(Measured::value).unwrap_or(f64::NAN)
}

/// Indices of the waiting times: the start, an eighth, a quarter, half way and three quarters; and the cursor's where it is
/// set by hand.
pub fn waiting_times(scene: &Scene) -> Vec<usize> {
    let last = scene.times().len().saturating_sub(1);
    let mut times = vec![0, last / 8, last / 4, last / 2, 3 * last / 4];
    if !scene.live {
        times.push(scene.cursor);
    }
    times.retain(|&index| index < last.max(1));
    times.sort_unstable();
    times.dedup();
    times
}

/// The chart.
pub fn chart(scene: &Scene) -> CurvePanels {
    let pairing = scene.view.pairing;
    let (quantity, most, labels) = match pairing {
        Pairing::Rank => ("D, by rank", 2.0, AxisLabels::Plain),
        Pairing::Tracked => ("D, tracked", 2.0, AxisLabels::Plain),
        Pairing::Subspace => ("turned, 1 − Q", 1.0, AxisLabels::Percent),
    };
    let times = scene.times();
    let longest = times.last().copied().unwrap_or(2).max(2) as f64;
    let shortest = times.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(1).max(1) as f64;
    CurvePanels {
        title: "Displacement".into(),
        x: AxisSpec::log("lag τ (steps)").range(shortest, longest.max(2.0 * shortest)),
        y: AxisSpec::linear(quantity).range(0.0, most).labels(labels),
        panels: scene.runs.iter().map(|run| panel(scene, run, labels)).collect(),
        ..CurvePanels::default()
    }
}

fn panel(scene: &Scene, run: &ShownRun, labels: AxisLabels) -> CurvePanel {
    let (pairing, times) = (scene.view.pairing, scene.times());
    let muted = scene.palette().muted;
    let mut chart = Curves { end_title: "from".into(), ..Curves::default() };
    chart.notes.extend(match pairing {
        Pairing::Subspace => undetermined_subspace(run),
        Pairing::Rank | Pairing::Tracked => undetermined_directions(run),
    });
    if let [from, to] = run.checkpoints
        && times.len() == 2
    {
        let found = match value(pairing, &to.two_time, 0) {
            d if d.is_nan() => "not determined".to_owned(),
            d => significant(d, 3),
        };
        let text = format!("{}: one lag only, τ = {}: {found}", RUN_NAMES[run.index], to.step - from.step);
        chart.notes.push(Note { text, color: run.color });
    }
    let (waiting, lag) = (waiting_times(scene), scene.lag());
    for (order, &w) in waiting.iter().enumerate() {
        let Some(from) = run.at(w) else { continue };
        let strength = (order as f64 + 1.0) / waiting.len() as f64;
        let at_cursor = !scene.live && w == scene.cursor;
        let color = scene.palette().shade(run.color, strength);
        let later = run.checkpoints.iter().skip(w + 1);
        let points = later.map(|c| ((c.step - from.step) as f64, value(pairing, &c.two_time, w))).collect();
        let label = format!("{}, t_w = {}", run.name, from.step);
        let series = line(&label, color, if at_cursor { 2.5 } else { 1.6 }, 1.0, points);
        let dash = if at_cursor { vec![6.0, 3.0] } else { Vec::new() };
        chart.series.push(Series { dash, end_label: Some(thousands(from.step)), dots: vec![lag - 1], ..series });
    }
    // Where checkpoints are not evenly spaced, the claims have no lag, and so many checkpoints are not one lag.
    match Windows::new(times) {
        Ok(windows) => {
            let x = (times[windows.lag] - times[0]) as f64;
            let color = scene.palette().axis;
            chart.markers.push(Marker { label: String::new(), x, color });
        }
        Err(_) => chart.series.iter_mut().for_each(|series| series.dots.clear()),
    }
    for null in scene.nulls_at_cursor(run) {
        let bands = null.bands;
        let range = match pairing {
            Pairing::Rank => bands.displacement_by_rank.map(|band| (band.low, band.high)),
            Pairing::Tracked => bands.displacement_tracked.map(|band| (band.low, band.high)),
            Pairing::Subspace => bands.subspace_overlap.map(|band| (1.0 - band.high, 1.0 - band.low)),
        };
        let Some((low, high)) = range else { continue };
        let label = format!("null: {}", null.name());
        chart.bands.push(ShadedBand { label, extent: Extent::Constant(low, high), color: null.color });
    }
    if let Some(started) = run.results.started.as_ref() {
        let value = match pairing {
            Pairing::Subspace => 1.0 - started.chance.subspace_overlap,
            Pairing::Rank | Pairing::Tracked => started.chance.displacement,
        };
        chart.levels.push(Level { label: format!("chance: {}", labels.text(value)), value, color: muted, fit: true });
    }
    CurvePanel { name: run.name.clone(), color: run.color, curves: chart }
}
