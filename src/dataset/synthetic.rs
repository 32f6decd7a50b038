//! Data sets drawn from the seed. Sample n belongs to class n mod (number of classes), except where inputs decide.

use super::Dataset;
use crate::matmul::dot;
use crate::random::{Random, Stream};
use std::f64::consts::{PI, TAU};

/// Three spiral arms of 4 rad within the unit circle: radius r uniform on [0, 1), angle 2πc/3 + 4r + `noise`·ε with
/// ε standard normal, for class c.
pub fn spirals(samples: usize, noise: f64, seed: u64) -> Dataset {
    planar("spirals", samples, 3, seed, |class, random| {
        let radius = random.uniform();
        let (sin, cos) = libm::sincos(TAU * class as f64 / 3.0 + 4.0 * radius + noise * random.normal());
        [radius * cos, radius * sin]
    })
}

/// Two half circles of radius 1, one upside down and moved to (1, ½), then centred; normal noise of standard deviation
/// `noise` on each coordinate.
pub fn moons(samples: usize, noise: f64, seed: u64) -> Dataset {
    planar("moons", samples, 2, seed, |class, random| {
        let (sin, cos) = libm::sincos(PI * random.uniform());
        let [x, y] = if class == 0 { [cos - 0.5, sin - 0.25] } else { [0.5 - cos, 0.25 - sin] };
        [x + noise * random.normal(), y + noise * random.normal()]
    })
}

/// Circles of radius 1 and ½ about the origin; normal noise of standard deviation `noise` on each coordinate.
pub fn circles(samples: usize, noise: f64, seed: u64) -> Dataset {
    planar("circles", samples, 2, seed, |class, random| {
        let radius = if class == 0 { 1.0 } else { 0.5 };
        let (sin, cos) = libm::sincos(TAU * random.uniform());
        [radius * cos + noise * random.normal(), radius * sin + noise * random.normal()]
    })
}

/// Uniform on the square [−1, 1]²: class 0 where both coordinates have one sign, class 1 elsewhere; then normal noise
/// of standard deviation `noise` on each coordinate.
pub fn xor(samples: usize, noise: f64, seed: u64) -> Dataset {
    planar("xor", samples, 2, seed, |class, random| {
        let x = 2.0 * random.uniform() - 1.0;
        let size = random.uniform();
        let y = if (x < 0.0) == (class == 0) { -size } else { size };
        [x + noise * random.normal(), y + noise * random.normal()]
    })
}

/// Uniform on the square [−1, 1]², cut into 4 × 4 cells: the class is the parity of row + column; then normal noise of
/// standard deviation `noise` on each coordinate.
pub fn checkerboard(samples: usize, noise: f64, seed: u64) -> Dataset {
    planar("checkerboard", samples, 2, seed, |class, random| {
        let y = 4.0 * random.uniform();
        let row = y as usize; // below 4: a uniform number is below 1
        let half = 2.0 * random.uniform();
        let column = 2 * half as usize + (row + class) % 2;
        let x = column as f64 + half.fract();
        [0.5 * x - 1.0 + noise * random.normal(), 0.5 * y - 1.0 + noise * random.normal()]
    })
}

/// One Gaussian blob per class with standard deviation `noise` on each of the `features` coordinates. The centres are
/// normal too, with variance 8/features per coordinate: two of them lie 4 apart in root mean square in any dimension.
pub fn blobs(samples: usize, noise: f64, features: usize, classes: usize, seed: u64) -> Dataset {
    let mut random = Random::new(seed, Stream::Data, 0);
    let spread = (8.0 / features as f64).sqrt();
    let centres: Vec<f64> = (0..classes * features).map(|_| spread * random.normal()).collect();
    let labels: Vec<usize> = (0..samples).map(|n| n % classes).collect();
    let inputs = labels
        .iter()
        .flat_map(|&class| &centres[class * features..(class + 1) * features])
        .map(|centre| centre + noise * random.normal())
        .collect();
    Dataset::unnamed(inputs, labels, features, classes).called("blobs")
}

/// Standard normal inputs x, labelled by a random network: argmax of W₂ tanh(W₁ x + b₁), with W₁ of variance
/// 4/features, b₁ and W₂ of variance 1. A student of the same or larger width can represent the labels exactly.
pub fn teacher(samples: usize, features: usize, classes: usize, hidden: usize, seed: u64) -> Dataset {
    let mut random = Random::new(seed, Stream::Teacher, 0);
    let gain = 2.0 / (features as f64).sqrt();
    let first: Vec<f64> = (0..hidden * features).map(|_| gain * random.normal()).collect();
    let biases: Vec<f64> = (0..hidden).map(|_| random.normal()).collect();
    let second: Vec<f64> = (0..classes * hidden).map(|_| random.normal()).collect();

    let mut random = Random::new(seed, Stream::Data, 0);
    let inputs: Vec<f64> = (0..samples * features).map(|_| random.normal()).collect();
    let label = |x: &[f64]| {
        let units: Vec<f64> =
            first.chunks_exact(features).zip(&biases).map(|(row, bias)| libm::tanh(dot(row, x) + bias)).collect();
        let logits: Vec<f64> = second.chunks_exact(hidden).map(|row| dot(row, &units)).collect();
        (1..classes).fold(0, |best, class| if logits[class] > logits[best] { class } else { best })
    };
    let labels = inputs.chunks_exact(features).map(label).collect();
    Dataset::unnamed(inputs, labels, features, classes).called("teacher")
}

fn planar(
    name: &str,
    samples: usize,
    classes: usize,
    seed: u64,
    point: impl Fn(usize, &mut Random) -> [f64; 2],
) -> Dataset {
    let mut random = Random::new(seed, Stream::Data, 0);
    let labels: Vec<usize> = (0..samples).map(|n| n % classes).collect();
    let inputs = labels.iter().flat_map(|&class| point(class, &mut random)).collect();
    let mut dataset = Dataset::unnamed(inputs, labels, 2, classes).called(name);
    dataset.feature_names = vec!["x".into(), "y".into()];
    dataset
}
