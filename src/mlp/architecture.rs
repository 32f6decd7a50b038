//! The shape of a network: its layers, the number of its parameters, and where θ holds which of them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::error::{Error, Result};

/// Most hidden layers that an architecture may have.
pub const MAX_HIDDEN_LAYERS: usize = 8;

/// Most units that a layer may have; beyond this a dense P × P Hessian is out of reach anyway.
pub const MAX_WIDTH: usize = 4096;

/// Most parameters for which a dense Hessian is computed: 200 MB and several seconds per checkpoint.
pub const MAX_PARAMETERS: usize = 5000;

/// P = Σ_l n_l (n_{l−1} + 1) of the layer sizes n_0, …, n_L; 0 for fewer than two layers, and the largest number there
/// is where P is beyond it.
pub fn parameter_count(layers: &[usize]) -> usize {
    let of_layer = |pair: &[usize]| pair[1].saturating_mul(pair[0].saturating_add(1));
    layers.windows(2).map(of_layer).fold(0, usize::saturating_add)
}

/// Layer sizes n_0, …, n_L and the activation of the hidden layers.
#[derive(Debug, Clone, PartialEq)]
pub struct Architecture {
    layers: Vec<usize>,
    activation: Activation,
}

/// Whether a group of parameters is a weight matrix or a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Entries of W_l
    Weights,
    /// Entries of b_l
    Biases,
}

/// One weight matrix or one bias vector as a range of θ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ParameterGroup {
    /// `W1`, `b1`, `W2`, …
    pub name: String,
    /// Layer, from 0.
    pub layer: usize,
    /// Weights or biases.
    pub kind: ParameterKind,
    /// Indices into θ.
    pub range: Range<usize>,
}

impl Architecture {
    /// A network with `layers` = n_0, …, n_L; two entries make a linear model.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than two layers, more than [`MAX_HIDDEN_LAYERS`] hidden ones, or a width outside
    /// 1..=[`MAX_WIDTH`].
    pub fn new(layers: Vec<usize>, activation: Activation) -> Result<Self> {
        if layers.len() < 2 || layers.len() > MAX_HIDDEN_LAYERS + 2 {
            let problem = format!(
                "has {} entries; allowed are 2 (inputs and outputs only) to {}",
                layers.len(),
                MAX_HIDDEN_LAYERS + 2
            );
            return Err(Error::invalid("layers", problem));
        }
        if let Some(&width) = layers.iter().find(|&&width| width == 0 || width > MAX_WIDTH) {
            return Err(Error::invalid("layers", format!("holds the width {width}; allowed are 1 to {MAX_WIDTH}")));
        }
        Ok(Architecture { layers, activation })
    }

    /// n_0, …, n_L.
    pub fn layers(&self) -> &[usize] {
        &self.layers
    }

    /// φ of the hidden layers.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// L, the number of weight matrices.
    pub fn depth(&self) -> usize {
        self.layers.len() - 1
    }

    /// Inputs of layer `l` (from 0).
    pub fn inputs(&self, l: usize) -> usize {
        self.layers[l]
    }

    /// Outputs of layer `l` (from 0).
    pub fn outputs(&self, l: usize) -> usize {
        self.layers[l + 1]
    }

    /// Number of classes, n_L.
    pub fn classes(&self) -> usize {
        self.layers[self.depth()]
    }

    /// P, see [`parameter_count`].
    pub fn parameter_count(&self) -> usize {
        parameter_count(&self.layers)
    }

    /// W of layer `l` as a range of θ, row by row (outputs × inputs).
    pub fn weights(&self, l: usize) -> Range<usize> {
        let start = parameter_count(&self.layers[..=l]);
        start..start + self.outputs(l) * self.inputs(l)
    }

    /// b of layer `l` as a range of θ.
    pub fn biases(&self, l: usize) -> Range<usize> {
        let start = self.weights(l).end;
        start..start + self.outputs(l)
    }

    /// Weights and biases of layer `l` together as a range of θ.
    pub fn layer(&self, l: usize) -> Range<usize> {
        self.weights(l).start..self.biases(l).end
    }

    /// All groups of θ in order: W1, b1, W2, b2, …
    pub fn groups(&self) -> Vec<ParameterGroup> {
        (0..self.depth())
            .flat_map(|l| {
                [(ParameterKind::Weights, 'W', self.weights(l)), (ParameterKind::Biases, 'b', self.biases(l))].map(
                    |(kind, letter, range)| ParameterGroup {
                        name: format!("{letter}{}", l + 1),
                        layer: l,
                        kind,
                        range,
                    },
                )
            })
            .collect()
    }

    /// Checks that `parameters` has P finite entries.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `field`.
    pub fn check_parameters(&self, field: &str, parameters: &[f64]) -> Result<()> {
        let expected = self.parameter_count();
        if parameters.len() != expected {
            let problem = format!(
                "has {} numbers; layers {:?} need {expected} (per layer the weight matrix row by row, then the bias)",
                parameters.len(),
                self.layers
            );
            return Err(Error::invalid(field, problem));
        }
        if let Some(i) = parameters.iter().position(|p| !p.is_finite()) {
            return Err(Error::invalid(field, format!("entry {} is {}; it must be finite", i + 1, parameters[i])));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_as_by_hand() {
        assert_eq!(parameter_count(&[2, 12, 12, 3]), 24 + 12 + 144 + 12 + 36 + 3);
        assert_eq!(parameter_count(&[64, 16, 10]), 1210);
        assert_eq!(parameter_count(&[usize::MAX, usize::MAX]), usize::MAX);
        assert_eq!(parameter_count(&[7]), 0);
    }

    #[test]
    fn layout_follows_parameters_to_vector() {
        let architecture = Architecture::new(vec![2, 3, 4], Activation::Tanh).unwrap();
        assert_eq!(architecture.parameter_count(), 3 * 3 + 4 * 4);
        assert_eq!(architecture.weights(0), 0..6);
        assert_eq!(architecture.biases(0), 6..9);
        assert_eq!(architecture.weights(1), 9..21);
        assert_eq!(architecture.biases(1), 21..25);
        let names: Vec<_> = architecture.groups().into_iter().map(|g| g.name).collect();
        assert_eq!(names, ["W1", "b1", "W2", "b2"]);
    }

    #[test]
    fn impossible_architectures_are_refused() {
        for layers in [vec![], vec![3], vec![2, 0, 3], vec![2, MAX_WIDTH + 1, 3], vec![2; MAX_HIDDEN_LAYERS + 3]] {
            assert!(Architecture::new(layers, Activation::Tanh).is_err());
        }
        let architecture = Architecture::new(vec![2, 2], Activation::Tanh).unwrap();
        assert!(architecture.check_parameters("parameters", &[0.0; 5]).is_err());
        assert!(architecture.check_parameters("parameters", &[0.0, 0.0, f64::NAN, 0.0, 0.0, 0.0]).is_err());
    }
}
