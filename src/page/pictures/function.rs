//! What the network does at the cursor: the class it gives to the plane, and the loss along the chosen eigenvector.

use super::{Scene, ShownRun};
use crate::landscape::{Plane, Prediction, parabola};
use crate::page::direction;
use crate::page::exploration::{Aim, OfRun, Spot, values};
use crate::view::landscape::{Landscape, Panel};
use crate::view::number::thousands;
use crate::view::scatter::{ClassGrid, Scatter};

/// The chart.
pub fn chart(scene: &Scene) -> Landscape {
    let exploration = &scene.model.exploration;
    let started = scene.runs.iter().find_map(|run| run.results.started.as_ref());
    Landscape {
        title: "What the network does".into(),
        direction: direction::name(&scene.view),
        classes: started.map_or(Vec::new(), |started| started.class_names.clone()),
        planar: exploration.plane.is_some(),
        panels: scene.runs.iter().map(|run| of_run(scene, run)).collect(),
    }
}

fn of_run(scene: &Scene, run: &ShownRun) -> Panel {
    let mut panel = Panel { name: run.name.clone(), color: Some(run.color), ..Panel::default() };
    let exploration = &scene.model.exploration;
    let Some(checkpoint) = run.at(scene.cursor) else {
        panel.message = "no checkpoint here".into();
        return panel;
    };
    let spot = Spot { generation: run.results.generation, index: scene.cursor };
    let aim = Aim { spot, rank: direction::rank(checkpoint, &scene.view) };
    let sight = exploration.runs.get(&run.index).and_then(|of_run: &OfRun| of_run.sight.as_ref());
    // The newest that is known of this run stays until the worker has answered, with the step that it belongs to.
    let Some(sight) = sight.filter(|sight| sight.aim.spot.generation == spot.generation) else {
        panel.message = match &exploration.broken {
            Some(why) => format!("not computed: {why}"),
            None => "computing".into(),
        };
        return panel;
    };
    let (base, moved) = (&sight.base, &sight.moved);
    panel.words = match run.at(sight.aim.spot.index) {
        Some(other) if sight.aim.spot != spot => format!("at step {}", thousands(other.step)),
        _ => accuracy(&base.prediction, moved, sight.s),
    };
    panel.plane = exploration.plane.as_ref().map(|plane| scatter(plane, moved, &base.prediction, sight.s));
    let known = |loss: f64, s: f64| (s, loss);
    panel.loss = base.losses.iter().zip(values()).map(|(l, s)| known(l.value().unwrap_or(f64::NAN), s)).collect();
    let eigenvalue = sight.aim.rank.and_then(|rank| run.at(sight.aim.spot.index)?.leading_eigenvalues.get(rank));
    if let (Some(loss), Some(&eigenvalue)) = (base.prediction.loss.value(), eigenvalue) {
        panel.parabola = values().into_iter().map(|s| (s, parabola(loss, eigenvalue, s))).collect();
    }
    panel.slope = base.slope.value();
    panel.at = moved.loss.value().filter(|_| sight.aim.rank.is_some()).map(|loss| (sight.s, loss));
    if aim.rank.is_none() && sight.aim == aim {
        panel.message = format!("{} is not determined here", direction::name(&scene.view));
    }
    panel
}

/// The share of training samples that are classified correctly, at θ and at θ + s v.
fn accuracy(base: &Prediction, moved: &Prediction, s: f64) -> String {
    let percent = |prediction: &Prediction| match prediction.accuracy.value() {
        Some(accuracy) => format!("{:.0}", 100.0 * accuracy),
        None => "–".into(),
    };
    if s == 0.0 {
        return format!("{} % right", percent(base));
    }
    format!("{} → {} % right", percent(base), percent(moved))
}

fn scatter(plane: &Plane, moved: &Prediction, base: &Prediction, s: f64) -> Scatter {
    let grid = |prediction: &Prediction| {
        let regions = prediction.regions.as_ref()?;
        let cells = regions.classes.iter().copied().zip(regions.confidence.iter().copied()).collect();
        Some(ClassGrid { rows: regions.rows, columns: regions.columns, cells })
    };
    let points = plane.points.chunks_exact(2).zip(&plane.labels).map(|(point, label)| ((point[0], point[1]), *label));
    let is_wrong = |n: &usize| moved.classes.get(*n).is_some_and(|class| *class != plane.labels[*n]);
    Scatter {
        points: points.collect(),
        radius: if plane.labels.len() > 500 { 1.0 } else { 1.75 },
        window: Some((plane.x, plane.y)),
        class_grid: grid(moved),
        before: if s == 0.0 { None } else { grid(base) },
        wrong: (0..plane.labels.len()).filter(is_wrong).collect(),
        ..Scatter::default()
    }
}
