//! How large data are, computed from their source without loading them.

use super::{DataSource, Dataset, Named, Origin, check_classes, explicit, table, test_count, wanted, with_images};
use crate::error::Result;

/// Number of samples, of inputs and of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// N.
    pub samples: usize,
    /// Length of an input, n_0.
    pub features: usize,
    /// Number of classes.
    pub classes: usize,
}

impl Dataset {
    /// N, n_0 and the number of classes.
    pub fn shape(&self) -> Shape {
        Shape { samples: self.len(), features: self.features, classes: self.classes }
    }
}

/// The shape of the training samples, and the number of test samples, that
/// [`load_split`](super::load_split) would return. Tables and files are read for it; named sets and a visitor's own rows are neither drawn nor unpacked.
///
/// # Errors
/// As [`load_split`](super::load_split), except that numbers too large to be prepared are not noticed.
pub fn shape_split(source: &DataSource, test_share: f64) -> Result<(Shape, usize)> {
    let raw = match &source.origin {
        Origin::Named(named) => of_named(named)?,
        Origin::Explicit { inputs, labels, classes } => explicit(inputs, labels, *classes)?.shape(),
        Origin::Csv { text, label_column, samples } => {
            let (dataset, count) = table(text, label_column.as_deref(), *samples)?;
            Shape { samples: count, ..dataset.shape() }
        }
        Origin::Images { images, labels, classes, samples, own } => {
            with_images(images, labels, own.as_ref(), |rows| {
                let classes = classes.unwrap_or(rows.classes());
                check_classes(classes, rows.classes())?;
                Ok(Shape { samples: wanted(rows.count(), *samples)?, features: rows.features(), classes })
            })?
        }
        Origin::Own { own, samples, .. } => {
            Shape { samples: wanted(own.rows, *samples)?, features: own.features, classes: own.classes }
        }
    };
    let tested = test_count(raw.samples, test_share)?;
    let features = source.preparation().features(raw.features, source.components)?;
    Ok((Shape { samples: raw.samples - tested, features, ..raw }, tested))
}

fn of_named(named: &Named) -> Result<Shape> {
    let (options, limits) = (named.options()?, named.name.limits());
    let features = if limits.features.is_some() { options.features } else { limits.shape.0 };
    let classes = if limits.classes.is_some() { options.classes } else { limits.shape.1 };
    Ok(Shape { samples: options.samples, features, classes })
}
