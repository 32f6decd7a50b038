//! The chosen eigenvector at the cursor, on the network.

use super::{Scene, ShownRun, parameter_names};
use crate::dataset::Origin;
use crate::page::direction;
use crate::view::network::{Direction, Network};
use crate::view::number::significant;
use crate::view::scatter::Image;

/// The chart.
pub fn chart(scene: &Scene) -> Network {
    let started = scene.runs.iter().find_map(|run| run.results.started.as_ref());
    let quantity = direction::name(&scene.view);
    Network {
        title: format!("Where {quantity} lives"),
        layers: started.map_or(Vec::new(), |started| started.layers.clone()),
        names: started.map_or(Vec::new(), parameter_names),
        directions: scene.runs.iter().map(|run| of_run(scene, run, &quantity)).collect(),
        quantity,
    }
}

fn of_run(scene: &Scene, run: &ShownRun, quantity: &str) -> Direction {
    let mut direction =
        Direction { name: run.name.clone(), color: run.color, words: String::new(), shares: vec![], images: vec![] };
    let Some(checkpoint) = run.at(scene.cursor) else {
        direction.words = "no checkpoint here".into();
        return direction;
    };
    let Some(vector) = direction::vector(checkpoint, &scene.view) else {
        direction.words = format!("{quantity} not determined");
        return direction;
    };
    let ipr = direction::rank(checkpoint, &scene.view).and_then(|rank| checkpoint.leading_ipr.get(rank)?.value());
    // Biases count: they are parameters, and not weights.
    direction.words =
        ipr.map_or(String::new(), |ipr| format!("on ≈ {} parameters", significant((1.0 / ipr).round(), 2)));
    direction.shares = vector.iter().map(|x| x * x).collect();
    direction.images = images(run, vector);
    direction
}

/// The first layer's part of v as an image for each hidden unit, as strong as the largest entry of all of them; none where
/// inputs are no images.
fn images(run: &ShownRun, vector: &[f64]) -> Vec<Image> {
    let (Origin::Named(named), Some(started)) = (&run.results.experiment.data.origin, &run.results.started) else {
        return Vec::new();
    };
    let (Some(side), &[inputs, units, _, ..]) = (named.name.image_side(), started.layers.as_slice()) else {
        return Vec::new();
    };
    let first = vector.get(..inputs * units).filter(|_| inputs == side * side);
    let most = first.unwrap_or_default().iter().fold(f64::MIN_POSITIVE, |most, x| x.abs().max(most));
    let image = |values: &[f64]| {
        let values = values.iter().map(|x| x / most).collect();
        Image { rows: side, columns: side, values, signed: true }
    };
    first.map_or(Vec::new(), |first| first.chunks_exact(inputs).map(image).collect())
}
