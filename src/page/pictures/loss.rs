//! Loss, or accuracy, on training and test samples.

use super::{Scene, line, points};
use crate::experiment::Checkpoint;
use crate::state::RUN_NAMES;
use crate::state::view::{Against, Measure};
use crate::view::curves::{Curves, Series};
use crate::view::{AxisLabels, AxisSpec, color::DASHES};

/// The chart.
pub fn chart(scene: &Scene) -> Curves {
    let accuracy = scene.view.measure == Measure::Accuracy;
    let (title, y) = match accuracy {
        true => ("Accuracy", AxisSpec::linear("accuracy").range(0.0, 1.0).labels(AxisLabels::Percent)),
        false => ("Loss", AxisSpec::log("loss")),
    };
    // Loss against loss would be a diagonal.
    let against = if scene.view.against == Against::Loss { Against::Step } else { scene.view.against };
    let mut chart = match against {
        Against::Distance => scene.over_training(title, y),
        _ => Curves { markers: scene.changes(), x: scene.step_axis(), title: title.into(), y, ..Curves::default() },
    };
    for run in &scene.runs {
        if run.checkpoints.iter().any(|c| c.test_loss.is_some()) {
            let test = |c: &Checkpoint| if accuracy { c.test_accuracy } else { c.test_loss };
            let points = points(against, run, test);
            let dash = DASHES[2].to_vec();
            let end_label = Some(format!("{} test", RUN_NAMES[run.index]));
            let series = line(&format!("{}, test", run.name), run.color, 1.3, 0.9, points);
            chart.series.push(Series { dash, end_label, ..series });
        }
        let points = points(against, run, |c| Some(if accuracy { c.accuracy } else { c.loss }));
        let series = line(&format!("{}, train", run.name), run.color, 1.8, 1.0, points);
        chart.series.push(Series { end_label: Some(run.name.clone()), is_main: true, ..series });
    }
    chart
}
