//! How much of the gradient and of the update lies in the leading subspace, beside chance.

use super::{Scene, line, undetermined_subspace};
use crate::state::RUN_NAMES;
use crate::view::axis::percent;
use crate::view::color::DASHES;
use crate::view::curves::{Curves, Level, Series};
use crate::view::{AxisLabels, AxisSpec};

/// The chart.
pub fn chart(scene: &Scene) -> Curves {
    let y = AxisSpec::linear("share").range(0.0, 1.0).labels(AxisLabels::Percent);
    let mut chart = scene.over_training("Gradient and update shares", y);
    for run in &scene.runs {
        let letter = RUN_NAMES[run.index];
        let update = scene.points(run, |c| c.update_share);
        let label = format!("{}, update", run.name);
        let (dash, end_label) = (DASHES[2].to_vec(), Some(format!("{letter} update")));
        chart.series.push(Series { dash, end_label, ..line(&label, run.color, 1.3, 0.9, update) });
        let gradient = scene.points(run, |c| c.gradient_share);
        let label = format!("{}, gradient", run.name);
        let end_label = Some(format!("{letter} gradient"));
        chart.series.push(Series { end_label, is_main: true, ..line(&label, run.color, 1.8, 1.0, gradient) });
        chart.notes.extend(undetermined_subspace(run));
    }
    if let Some(started) = scene.runs.iter().find_map(|run| run.results.started.as_ref()) {
        let (value, color) = (started.chance.subspace_overlap, scene.palette().muted);
        let label = format!("random direction k/P: {}", percent(value));
        chart.end_notes.push((value, format!("chance {}", percent(value)), color));
        chart.levels.push(Level { label, value, color, fit: true });
    }
    chart
}
