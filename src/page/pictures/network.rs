//! The chosen eigenvector at the cursor, on the network.

use super::{Scene, ShownRun};
use crate::page::direction;
use crate::sorting::largest;
use crate::view::network::{Direction, Network, part_drawn};
use crate::view::number::significant;
use crate::view::scatter::Image;

/// From more hidden units than this on, images are shown of the strongest alone, so many of them.
const MANY_IMAGES: usize = 40;
/// See [`MANY_IMAGES`].
const IMAGES: usize = 16;

/// The chart.
pub fn chart(scene: &Scene) -> Network {
    let started = scene.runs.iter().find_map(|run| run.results.started.as_ref());
    let quantity = direction::name(&scene.view);
    Network {
        title: format!("Where {quantity} lives"),
        layers: started.map_or(Vec::new(), |started| started.layers.clone()),
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
    direction.shares = vector.iter().map(|x| x * x).collect();
    let ipr = direction::rank(checkpoint, &scene.view).and_then(|rank| checkpoint.leading_ipr.get(rank)?.value());
    // Biases count: they are parameters, and not weights.
    direction.words =
        ipr.map_or(String::new(), |ipr| format!("on ≈ {} parameters", significant((1.0 / ipr).round(), 2)));
    if let Some((drawn, ..)) = part_drawn(&direction.shares) {
        direction.words += &format!("; top {drawn}");
    }
    direction.images = images(run, vector);
    direction
}

/// The first layer's part of v as an image for each hidden unit, or for the strongest of many, as strong as the largest entry
/// of all of them; none where inputs are no images.
fn images(run: &ShownRun, vector: &[f64]) -> Vec<Image> {
    let Some(started) = &run.results.started else { return Vec::new() };
    let side = run.results.experiment.data.image_side();
    let (Some(side), &[inputs, units, _, ..]) = (side, started.layers.as_slice()) else {
        return Vec::new();
    };
    let Some(first) = vector.get(..inputs * units).filter(|_| inputs == side * side) else { return Vec::new() };
    let of_unit = |unit: usize| &first[unit * inputs..(unit + 1) * inputs];
    let mut shown: Vec<usize> = (0..units).collect();
    if units > MANY_IMAGES {
        let shares: Vec<f64> = shown.iter().map(|&unit| of_unit(unit).iter().map(|x| x * x).sum()).collect();
        let strongest = largest(&shares, IMAGES);
        shown.retain(|unit| strongest.contains(unit));
    }
    let most = first.iter().fold(f64::MIN_POSITIVE, |most, x| x.abs().max(most));
    let image = |&unit: &usize| {
        let values = of_unit(unit).iter().map(|x| x / most).collect();
        Image { rows: side, columns: side, values, signed: true }
    };
    shown.iter().map(image).collect()
}
