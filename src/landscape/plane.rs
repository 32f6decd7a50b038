//! Inputs with two features as points of the plane, and the class that a network gives to every place there.

use super::{classify, confidence};
use crate::dataset::Dataset;
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch, ForwardPass};

/// Rows and columns of cells: each is about two pixels of a panel.
const SIDE: usize = 72;
/// Space around the points, as a share of their extent.
const MARGIN: f64 = 0.08;

/// Training samples in the plane, as they were prepared.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Smallest and largest first feature shown: the points' box with a margin of 8 % of its extent on each side.
    pub x: (f64, f64),
    /// Smallest and largest second feature shown.
    pub y: (f64, f64),
    /// N × 2 inputs, row by row.
    pub points: Vec<f64>,
    /// The class of each.
    pub labels: Vec<usize>,
}

/// Which class each cell of the plane is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    /// Rows, from the largest second feature down.
    pub rows: usize,
    /// Columns, from the smallest first feature up.
    pub columns: usize,
    /// The class at each cell's centre, rows × columns.
    pub classes: Vec<usize>,
    /// How sure it is ∈ [0, 1]: for cross-entropy its softmax probability, for the squared error by how much its output
    /// exceeds the next, at most 1.
    pub confidence: Vec<f64>,
}

impl Plane {
    /// The samples' plane; none where they have not two features.
    pub fn new(data: &Dataset) -> Option<Self> {
        if data.features != 2 {
            return None;
        }
        let ends = |feature: usize| {
            let values = data.inputs.iter().skip(feature).step_by(2);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)))
        };
        let widened = |(low, high): (f64, f64)| {
            let margin = if high > low { MARGIN * (high - low) } else { 1.0 };
            (low - margin, high + margin)
        };
        let (x, y) = (widened(ends(0)), widened(ends(1)));
        Some(Plane { x, y, points: data.inputs.clone(), labels: data.labels.clone() })
    }

    /// The centre of a cell.
    pub fn center(&self, row: usize, column: usize) -> (f64, f64) {
        let at = |(low, high): (f64, f64), i: usize| low + (high - low) * (i as f64 + 0.5) / SIDE as f64;
        (at(self.x, column), at(self.y, SIDE - 1 - row))
    }
}

/// The cells' centres as samples, with room for the network's outputs.
pub(super) struct Cells {
    inputs: Batch,
    forward: ForwardPass,
}

impl Cells {
    pub(super) fn new(architecture: &Architecture, plane: &Plane) -> Self {
        let centers = (0..SIDE * SIDE).map(|i| plane.center(i / SIDE, i % SIDE)).flat_map(|(x, y)| [x, y]);
        let inputs = Batch::from_rows(&centers.collect::<Vec<f64>>(), 2);
        Cells { inputs, forward: ForwardPass::new(architecture, SIDE * SIDE) }
    }

    /// The class of every cell at θ; none where an output is not finite.
    pub(super) fn map(&mut self, architecture: &Architecture, loss: &Loss, parameters: &[f64]) -> Option<Regions> {
        self.forward.run(architecture, parameters, &self.inputs);
        let found = classify(self.forward.logits(), SIDE * SIDE, |logits| confidence(loss, logits))?;
        let (classes, confidence) = found.into_iter().unzip();
        Some(Regions { rows: SIDE, columns: SIDE, classes, confidence })
    }
}
