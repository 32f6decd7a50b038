//! Displacement against lag for several waiting times, beside chance level and null model.

use super::{Scene, line, undetermined_directions, undetermined_subspace};
use crate::displacement::{Pairing, TwoTimeRow};
use crate::measured::Measured;
use crate::state::RUN_NAMES;
use crate::view::AxisSpec;
use crate::view::curves::{Curves, Extent, Level, Note, ShadedBand};
use crate::view::number::significant;

/// The quantity between the checkpoint of `row` and an earlier one, of which `waiting` is the index; NaN where there is none.
pub fn value(pairing: Pairing, row: &TwoTimeRow, waiting: usize) -> f64 {
    let known = (waiting < row.subspace_overlap.len()).then(|| row.displacement(pairing, waiting));
    known.and_then(Measured::value).unwrap_or(f64::NAN)
}

/// Indices of the waiting times: early, a quarter, half way, or the start where there is no other; and the cursor's where
/// it is set by hand.
pub fn waiting_times(scene: &Scene) -> Vec<usize> {
    let last = scene.times().len().saturating_sub(1);
    let mut times = match last {
        0 | 1 => vec![0],
        _ => vec![(last / 20).max(1), last / 4, last / 2],
    };
    if !scene.live && scene.cursor > 0 && scene.cursor < last {
        times.push(scene.cursor);
    }
    times.retain(|&index| index < last);
    times.sort_unstable();
    times.dedup();
    times
}

/// The chart.
pub fn chart(scene: &Scene) -> Curves {
    let pairing = scene.view.pairing;
    let (quantity, most) = match pairing {
        Pairing::Rank => ("D, by rank", 2.0),
        Pairing::Tracked => ("D, tracked", 2.0),
        Pairing::Subspace => ("1 − Q", 1.0),
    };
    let times = scene.times();
    let longest = times.last().copied().unwrap_or(2).max(2) as f64;
    let shortest = times.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(1).max(1) as f64;
    let mut chart = Curves {
        title: "Displacement".into(),
        x: AxisSpec::log("lag τ (steps)").range(shortest, longest.max(2.0 * shortest)),
        y: AxisSpec::linear(quantity).range(0.0, most),
        ..Curves::default()
    };
    let waiting = waiting_times(scene);
    for run in &scene.runs {
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
        for (order, &w) in waiting.iter().enumerate() {
            let Some(from) = run.at(w) else { continue };
            let strength = (order as f64 + 1.0) / waiting.len() as f64;
            let at_cursor = !scene.live && w == scene.cursor;
            let color = scene.palette().shade(run.color, strength);
            let later = run.checkpoints.iter().skip(w + 1);
            let points = later.map(|c| ((c.step - from.step) as f64, value(pairing, &c.two_time, w))).collect();
            let label = format!("{}, t_w = {}", run.name, from.step);
            let mut series = line(&label, color, if at_cursor { 2.5 } else { 1.6 }, 1.0, points);
            if at_cursor {
                series.dash = vec![6.0, 3.0];
            }
            chart.series.push(series);
        }
    }
    for (bands, name, color) in scene.nulls() {
        let range = match pairing {
            Pairing::Rank => bands.displacement_by_rank.map(|band| (band.low, band.high)),
            Pairing::Tracked => bands.displacement_tracked.map(|band| (band.low, band.high)),
            Pairing::Subspace => bands.subspace_overlap.map(|band| (1.0 - band.high, 1.0 - band.low)),
        };
        let Some((low, high)) = range else { continue };
        let label = format!("two samples of null: {name}, 5–95 %");
        chart.bands.push(ShadedBand { label, extent: Extent::Constant(low, high), color });
    }
    if let Some(started) = scene.runs.iter().find_map(|run| run.results.started.as_ref()) {
        let value = match pairing {
            Pairing::Subspace => 1.0 - started.chance.subspace_overlap,
            Pairing::Rank | Pairing::Tracked => started.chance.displacement,
        };
        let color = scene.palette().muted;
        chart.levels.push(Level { label: "independent directions".into(), value, color, fit: true });
    }
    chart
}
