//! Loss, or accuracy, on training and test samples.

use super::{Scene, line};
use crate::experiment::Checkpoint;
use crate::state::RUN_NAMES;
use crate::state::view::Measure;
use crate::view::curves::{Curves, Series};
use crate::view::{AxisSpec, color::DASHES};

/// The chart.
pub fn chart(scene: &Scene) -> Curves {
    let accuracy = scene.view.measure == Measure::Accuracy;
    let (title, y) = match accuracy {
        true => ("Accuracy", AxisSpec::linear("accuracy").range(0.0, 1.0)),
        false => ("Loss", AxisSpec::log("loss")),
    };
    let mut chart =
        Curves { markers: scene.changes(), x: scene.step_axis(), title: title.into(), y, ..Curves::default() };
    for run in &scene.runs {
        let over_steps = |value: &dyn Fn(&Checkpoint) -> f64| -> Vec<(f64, f64)> {
            run.checkpoints.iter().map(|c| (c.step as f64, value(c))).collect()
        };
        if run.checkpoints.iter().any(|c| c.test_loss.is_some()) {
            let test = |c: &Checkpoint| if accuracy { c.test_accuracy } else { c.test_loss };
            let points = over_steps(&|c| test(c).unwrap_or(f64::NAN));
            let dash = DASHES[2].to_vec();
            let end_label = Some(format!("{} test", RUN_NAMES[run.index]));
            let series = line(&format!("{}, test", run.name), run.color, 1.3, 0.9, points);
            chart.series.push(Series { dash, end_label, ..series });
        }
        let points = over_steps(&|c| if accuracy { c.accuracy } else { c.loss });
        let series = line(&format!("{}, train", run.name), run.color, 1.8, 1.0, points);
        chart.series.push(Series { end_label: Some(run.name.clone()), ..series });
    }
    chart
}
