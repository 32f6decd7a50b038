//! What a small picture of a named data set is drawn from.

use super::{DataSource, Name, Preparation, load};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Most points of a sketch: more would be one blot.
pub const POINTS: usize = 90;

/// One image of a set of images; of other sets, points in the plane of two inputs or two principal components.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// The set.
    pub name: Name,
    /// The pixels of the image, row by row, the largest 1; or x and y of one point after the other, each from −1 to 1.
    pub values: Vec<f64>,
    /// The class of each point; empty for an image.
    pub labels: Vec<usize>,
}

impl Sketch {
    /// The sketch of the set with all defaults, the same at every call.
    ///
    /// # Errors
    /// As [`load`].
    pub fn of(name: Name) -> Result<Sketch> {
        let mut source = DataSource::from(name);
        if name.image_side().is_none() && !name.is_planar() {
            source.preparation = Some(Preparation::PrincipalComponents);
            source.components = Some(2);
        }
        let data = load(&source, 1)?;
        if name.image_side().is_some() {
            // The fourth sample is a three, whose strokes survive at 4 × 4.
            let pixels = data.input(3);
            let most = pixels.iter().fold(1e-9_f64, |most, x| most.max(*x));
            return Ok(Sketch { name, values: pixels.iter().map(|x| x / most).collect(), labels: Vec::new() });
        }
        let range = |axis: usize| {
            let values = (0..data.len()).map(|n| data.input(n)[axis]);
            let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
            ((low + high) / 2.0, (high - low).max(1e-9) / 2.0)
        };
        let ((cx, rx), (cy, ry)) = (range(0), range(1));
        // Spread evenly, and not at whole steps, which would pass over classes where these take turns.
        let count = POINTS.min(data.len());
        let chosen: Vec<usize> = (0..count).map(|i| i * data.len() / count).collect();
        let place = |&n: &usize| [(data.input(n)[0] - cx) / rx, (data.input(n)[1] - cy) / ry];
        let values = chosen.iter().flat_map(place).collect();
        Ok(Sketch { name, values, labels: chosen.iter().map(|&n| data.labels[n]).collect() })
    }
}
