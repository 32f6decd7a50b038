//! The entries of leading eigenvectors by unit, for networks that have too many parameters for a row of each.
//!
//! A unit has the weights to it and its bias. Of an eigenvector v it has the share Σ_a v_a² over these, and the v_a of the
//! largest magnitude among them. Both are taken once for each checkpoint, as it arrives: P numbers are too many to be gone
//! through for each checkpoint and frame.

use crate::curvature::DENSE_PARAMETERS;

/// Of more parameters than this, pictures of all entries have a row for each unit.
pub const MANY_PARAMETERS: usize = DENSE_PARAMETERS;

/// One eigenvector by unit: layer after layer, without the inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRows {
    /// Σ_a v_a² of each unit; their sum is 1.
    pub shares: Vec<f64>,
    /// v_a of the largest magnitude of each unit.
    pub largest: Vec<f64>,
}

impl UnitRows {
    /// Of a vector of P entries, for the layers n_0, …, n_L.
    ///
    /// # Panics
    /// If the vector has fewer entries.
    pub fn new(layers: &[usize], vector: &[f64]) -> Self {
        let mut rows = UnitRows { shares: Vec::new(), largest: Vec::new() };
        let mut rest = vector;
        for pair in layers.windows(2) {
            let (inputs, units) = (pair[0], pair[1]);
            let (weights, after) = rest.split_at(inputs * units);
            let (biases, after) = after.split_at(units);
            for (unit, bias) in biases.iter().enumerate() {
                let own = weights[unit * inputs..(unit + 1) * inputs].iter().chain([bias]);
                let (mut share, mut largest) = (0.0, 0.0_f64);
                for x in own {
                    share += x * x;
                    largest = if x.abs() > largest.abs() { *x } else { largest };
                }
                rows.shares.push(share);
                rows.largest.push(largest);
            }
            rest = after;
        }
        rows
    }
}

/// The leading eigenvectors of a checkpoint by unit; none where there is a row for each parameter.
pub fn of_checkpoint(layers: &[usize], eigenvectors: &[Vec<f64>]) -> Vec<UnitRows> {
    let wanted = eigenvectors.iter().filter(|vector| vector.len() > MANY_PARAMETERS);
    wanted.map(|vector| UnitRows::new(layers, vector)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2-3-1: W1 (3 × 2), b1 (3), W2 (1 × 3), b2 (1), by hand.
    #[test]
    fn a_unit_has_its_weights_and_its_bias() {
        let v = [1.0, -2.0, 3.0, 0.0, -5.0, 4.0, 0.5, -6.0, 0.0, 1.0, 2.0, -3.0, 0.0];
        let rows = UnitRows::new(&[2, 3, 1], &v);
        assert_eq!(rows.shares, [5.25, 45.0, 41.0, 14.0]);
        assert_eq!(rows.largest, [-2.0, -6.0, -5.0, -3.0]);
    }
}
