//! Leading eigenvalues with the stability threshold, or curvature as a share of that threshold.

use super::{Scene, line};
use crate::state::{RUN_NAMES, Scope};
use crate::view::AxisSpec;
use crate::view::curves::{Curves, Level};

/// The chart.
pub fn chart(scene: &Scene) -> Curves {
    let muted = scene.palette().muted;
    if scene.state.text(Scope::View, "curvature") == "stability" {
        let mut chart = scene.over_training("Curvature over stability threshold", AxisSpec::linear("λ ÷ threshold"));
        for (index, run) in scene.runs.iter().enumerate() {
            let points = scene.points(run, |c| Some(c.sharpness / c.stability_threshold?));
            chart.series.push(line(&scene.name(index), scene.color(index), 1.8, 1.0, points));
        }
        chart.levels.push(Level { label: "edge of stability".into(), value: 1.0, color: muted, fit: true });
        return chart;
    }
    let mut chart = scene.over_training("Leading eigenvalues", AxisSpec::linear("λ"));
    for (index, run) in scene.runs.iter().enumerate() {
        for rank in (0..run.experiment.leading).rev() {
            let strength = 1.0 - 0.75 * rank as f64 / run.experiment.leading.max(2) as f64;
            let color = scene.palette().shade(scene.color(index), strength);
            let points = scene.points(run, |c| c.leading_eigenvalues.get(rank).copied());
            let label = format!("{}, λ{}", scene.name(index), subscript(rank + 1));
            chart.series.push(line(&label, color, if rank == 0 { 1.9 } else { 1.1 }, 1.0, points));
        }
        // A preconditioned optimizer's threshold belongs to another matrix; it is shown as a share instead.
        let plain = run.checkpoints.last().filter(|c| c.preconditioned_eigenvalues_descending.is_none());
        if let Some(value) = plain.and_then(|c| c.stability_threshold) {
            let label = format!("{}: unstable above", RUN_NAMES[index]);
            chart.levels.push(Level { label, value, color: scene.color(index), fit: false });
        }
    }
    chart
}

/// A number in subscript digits.
pub fn subscript(n: usize) -> String {
    n.to_string().chars().filter_map(|c| char::from_u32('₀' as u32 + c.to_digit(10)?)).collect()
}
