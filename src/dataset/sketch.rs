//! What a small picture of a named data set is drawn from.

use super::{DataSource, Dataset, Name, Preparation, Rows, Table, load};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Most points of a sketch: more would be one blot.
pub const POINTS: usize = 90;

/// One image of a set of images; of other sets, points in the plane of two inputs or two principal components.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// The set; none for a visitor's own.
    pub name: Option<Name>,
    /// Side of the image, where it is one.
    pub side: Option<usize>,
    /// The pixels of the image, row by row, the largest 1; or x and y of one point after the other, each from −1 to 1.
    pub values: Vec<f64>,
    /// The class of each point; empty for an image.
    pub labels: Vec<usize>,
}

impl Sketch {
    /// The sketch of the set with all defaults, the same at every call; `table` is its packed table, for sets that have
    /// one and programs that do not carry it.
    ///
    /// # Errors
    /// As [`load`].
    pub fn of(name: Name, table: Option<Table>) -> Result<Sketch> {
        let mut source = DataSource { table, ..name.into() };
        if name.image_side().is_none() && !name.is_planar() {
            source.preparation = Some(Preparation::PrincipalComponents);
            source.components = Some(2);
        }
        let data = load(&source, 1)?;
        if name.image_side().is_some() {
            // The fourth sample is a three, whose strokes survive at 4 × 4.
            return Ok(Sketch { name: Some(name), ..Sketch::of_image(name.image_side(), data.input(3)) });
        }
        Ok(Sketch { name: Some(name), ..Sketch::of_table(&data) })
    }

    fn of_image(side: Option<usize>, pixels: &[f64]) -> Sketch {
        let most = pixels.iter().fold(1e-9_f64, |most, x| most.max(*x));
        Sketch { name: None, side, values: pixels.iter().map(|x| x / most).collect(), labels: Vec::new() }
    }

    /// The sketch of IDX files: the fourth image, or the last of fewer; points where inputs are no images.
    pub fn of_rows(rows: &Rows) -> Sketch {
        match rows.image_side() {
            side @ Some(_) => Sketch::of_image(side, &rows.input(3.min(rows.count() - 1))),
            None => Sketch::of_table(&rows.first(POINTS)),
        }
    }

    /// The sketch of a table: points at its first two inputs, or along a line where there is one.
    pub fn of_table(data: &Dataset) -> Sketch {
        let vertical = data.features.min(2) - 1;
        let range = |axis: usize| {
            let values = (0..data.len()).map(|n| data.input(n)[axis]);
            let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
            ((low + high) / 2.0, (high - low).max(1e-9) / 2.0)
        };
        let ((cx, rx), (cy, ry)) = (range(0), range(vertical));
        // Spread evenly, and not at whole steps, which would pass over classes where these take turns.
        let count = POINTS.min(data.len());
        let chosen: Vec<usize> = (0..count).map(|i| i * data.len() / count).collect();
        let place = |&n: &usize| [(data.input(n)[0] - cx) / rx, (data.input(n)[vertical] - cy) / ry];
        let values = chosen.iter().flat_map(place).collect();
        Sketch { name: None, side: None, values, labels: chosen.iter().map(|&n| data.labels[n]).collect() }
    }
}
