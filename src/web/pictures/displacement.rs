//! Displacement against lag for several waiting times, beside chance level and null model.

use super::{Scene, line};
use crate::experiment::Checkpoint;
use crate::state::Scope;
use crate::view::AxisSpec;
use crate::view::curves::{Curves, Extent, Level, ShadedBand};

/// How directions are paired.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pairing {
    Rank,
    Tracked,
    Subspace,
}

impl Pairing {
    fn of(scene: &Scene) -> Self {
        match scene.state.text(Scope::View, "pair").as_str() {
            "tracked" => Pairing::Tracked,
            "subspace" => Pairing::Subspace,
            _ => Pairing::Rank,
        }
    }

    /// The quantity between a checkpoint and an earlier one, of which `waiting` is the index.
    fn value(self, now: &Checkpoint, waiting: usize) -> f64 {
        let row = &now.two_time;
        let entry = |values: &[f64]| values.get(waiting).copied().unwrap_or(f64::NAN);
        match self {
            Pairing::Rank => entry(&row.displacement_by_rank),
            Pairing::Tracked => entry(&row.displacement_tracked),
            Pairing::Subspace => 1.0 - entry(&row.subspace_overlap),
        }
    }
}

/// Indices of the waiting times: early, a quarter, half way; and the cursor's where it is set by hand.
pub fn waiting_times(scene: &Scene) -> Vec<usize> {
    let last = scene.times().len().saturating_sub(1);
    let mut times = vec![(last / 20).max(1), last / 4, last / 2];
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
    let pairing = Pairing::of(scene);
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
    for (index, run) in scene.runs.iter().enumerate() {
        for (order, &w) in waiting.iter().enumerate() {
            let Some(from) = run.checkpoints.get(w) else { continue };
            let strength = (order as f64 + 1.0) / waiting.len() as f64;
            let at_cursor = !scene.live && w == scene.cursor;
            let color = scene.palette().shade(scene.color(index), strength);
            let later = run.checkpoints.iter().skip(w + 1);
            let points = later.map(|c| ((c.step - from.step) as f64, pairing.value(c, w))).collect();
            let label = format!("{}, t_w = {}", scene.name(index), from.step);
            let mut series = line(&label, color, if at_cursor { 2.5 } else { 1.6 }, 1.0, points);
            if at_cursor {
                series.dash = vec![6.0, 3.0];
            }
            chart.series.push(series);
        }
    }
    let muted = scene.palette().muted;
    for (bands, name, color) in super::spectrum::nulls(scene) {
        let (low, high) = match pairing {
            Pairing::Rank => (bands.displacement_by_rank.low, bands.displacement_by_rank.high),
            Pairing::Tracked => (bands.displacement_tracked.low, bands.displacement_tracked.high),
            Pairing::Subspace => (1.0 - bands.subspace_overlap.high, 1.0 - bands.subspace_overlap.low),
        };
        let label = format!("two samples of null: {name}, 5–95 %");
        chart.bands.push(ShadedBand { label, extent: Extent::Constant(low, high), color });
    }
    if let Some(started) = scene.runs.iter().find_map(|run| run.started.as_ref()) {
        let value = match pairing {
            Pairing::Subspace => 1.0 - started.chance.subspace_overlap,
            Pairing::Rank | Pairing::Tracked => started.chance.displacement,
        };
        chart.levels.push(Level { label: "independent directions".into(), value, color: muted, fit: true });
    }
    chart
}
