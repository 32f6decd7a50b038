//! The multilayer perceptron: z_l = W_l a_{l−1} + b_l, a_l = φ(z_l) for l < L, logits f = z_L.
//!
//! θ ∈ R^P holds, layer by layer, the weight matrix (outputs × inputs) row by row and then the bias, the order of
//! PyTorch's `parameters_to_vector`. Layers are counted from 0 in code and from 1 in names such as `W1`.
//!
//! Batches are kept *unit-major*: one row per unit, contiguous over samples, the row's stride rounded up to a multiple
//! of [`LANES`]. Every product of a layer then runs over contiguous samples, for any width, and needs no remainder loop.
//! The padding of inputs is zero, that of z and a is the network at zero input: finite, but without meaning. Sums over
//! samples are right because the padding of ∂ℓ/∂z is zero.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::error::{Error, Result};

/// Rows of a [`Batch`] are padded to a multiple of this many samples.
pub const LANES: usize = 8;

/// Most hidden layers that an architecture may have.
pub const MAX_HIDDEN_LAYERS: usize = 8;

/// Most units that a layer may have; beyond this a dense P × P Hessian is out of reach anyway.
pub const MAX_WIDTH: usize = 4096;

/// Most parameters for which a dense Hessian is computed: 200 MB and several seconds per checkpoint.
pub const MAX_PARAMETERS: usize = 5000;

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
pub enum Kind {
    /// Entries of W_l
    Weights,
    /// Entries of b_l
    Biases,
}

/// One weight matrix or one bias vector as a range of θ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Group {
    /// `W1`, `b1`, `W2`, …
    pub name: String,
    /// Layer, from 0.
    pub layer: usize,
    /// Weights or biases.
    pub kind: Kind,
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

    /// P = Σ_l n_l (n_{l−1} + 1).
    pub fn parameter_count(&self) -> usize {
        (0..self.depth()).map(|l| self.outputs(l) * (self.inputs(l) + 1)).sum()
    }

    /// Where layer `l` begins in θ.
    fn offset(&self, l: usize) -> usize {
        (0..l).map(|m| self.outputs(m) * (self.inputs(m) + 1)).sum()
    }

    /// W of layer `l` as a range of θ, row by row (outputs × inputs).
    pub fn weights(&self, l: usize) -> Range<usize> {
        let start = self.offset(l);
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
    pub fn groups(&self) -> Vec<Group> {
        (0..self.depth())
            .flat_map(|l| {
                [(Kind::Weights, 'W', self.weights(l)), (Kind::Biases, 'b', self.biases(l))]
                    .map(|(kind, letter, range)| Group { name: format!("{letter}{}", l + 1), layer: l, kind, range })
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

/// A matrix of `units` rows over `samples` columns, unit-major with padded rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    units: usize,
    samples: usize,
    stride: usize,
    data: Vec<f64>,
}

impl Batch {
    /// A zero matrix.
    pub fn zeros(units: usize, samples: usize) -> Self {
        let stride = samples.next_multiple_of(LANES);
        Batch { units, samples, stride, data: vec![0.0; units * stride] }
    }

    /// Transposes `rows` (samples × units, row-major).
    ///
    /// # Panics
    /// If the length of `rows` is not a multiple of `units`.
    pub fn from_rows(rows: &[f64], units: usize) -> Self {
        assert_eq!(rows.len() % units, 0);
        let mut batch = Batch::zeros(units, rows.len() / units);
        for (sample, row) in rows.chunks_exact(units).enumerate() {
            batch.set_sample(sample, row);
        }
        batch
    }

    /// Number of rows.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of columns that hold samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Distance from one row to the next, a multiple of [`LANES`].
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Row of one unit, padding included.
    pub fn row(&self, unit: usize) -> &[f64] {
        &self.data[unit * self.stride..][..self.stride]
    }

    /// Row of one unit, padding included.
    pub fn row_mut(&mut self, unit: usize) -> &mut [f64] {
        &mut self.data[unit * self.stride..][..self.stride]
    }

    /// All rows, padding included.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// All rows, padding included.
    pub fn data_mut(&mut self) -> &mut [f64] {
        &mut self.data
    }

    /// Entry of one unit and one sample.
    pub fn at(&self, unit: usize, sample: usize) -> f64 {
        self.data[unit * self.stride + sample]
    }

    /// Writes one sample's column.
    pub fn set_sample(&mut self, sample: usize, values: &[f64]) {
        for (unit, &value) in values.iter().enumerate() {
            self.data[unit * self.stride + sample] = value;
        }
    }
}

/// z_l and a_l of every layer for one batch, with room reused from batch to batch.
#[derive(Debug, Clone)]
pub struct ForwardPass {
    /// z_1, …, z_L; the last entry holds the logits.
    pub preactivations: Vec<Batch>,
    /// a_1, …, a_{L−1}.
    pub activations: Vec<Batch>,
}

impl ForwardPass {
    /// Room for batches of `samples`.
    pub fn new(architecture: &Architecture, samples: usize) -> Self {
        let depth = architecture.depth();
        ForwardPass {
            preactivations: (0..depth).map(|l| Batch::zeros(architecture.outputs(l), samples)).collect(),
            activations: (0..depth - 1).map(|l| Batch::zeros(architecture.outputs(l), samples)).collect(),
        }
    }

    /// The logits f = z_L.
    pub fn logits(&self) -> &Batch {
        &self.preactivations[self.preactivations.len() - 1]
    }

    /// Runs the network on `inputs` (n_0 × samples).
    ///
    /// # Panics
    /// If the shapes do not fit the architecture or the room.
    pub fn run(&mut self, architecture: &Architecture, parameters: &[f64], inputs: &Batch) {
        for l in 0..architecture.depth() {
            let weights = &parameters[architecture.weights(l)];
            let biases = &parameters[architecture.biases(l)];
            let input = if l == 0 { inputs } else { &self.activations[l - 1] };
            let z = &mut self.preactivations[l];
            for (unit, &bias) in biases.iter().enumerate() {
                z.row_mut(unit).fill(bias);
            }
            let n = architecture.inputs(l);
            add_product(z, |i, j| weights[i * n + j], input);
            if l + 1 < architecture.depth() {
                architecture.activation().apply(z.data(), self.activations[l].data_mut());
            }
        }
    }
}

/// C ← C + A B, with A given entry by entry (C's units × B's units), B and C unit-major over the same samples.
///
/// Two rows of C times eight samples stay in registers while the loop runs over B's units, in order, so that the bits do
/// not depend on the width of the machine's vectors.
pub(crate) fn add_product(c: &mut Batch, a: impl Fn(usize, usize) -> f64, b: &Batch) {
    assert_eq!(c.stride, b.stride);
    let (rows, inner, stride) = (c.units, b.units, c.stride);
    let mut i = 0;
    while i < rows {
        let pair = i + 1 < rows;
        for s in (0..stride).step_by(LANES) {
            let mut first = [0.0; LANES];
            let mut second = [0.0; LANES];
            first.copy_from_slice(&c.data[i * stride + s..][..LANES]);
            if pair {
                second.copy_from_slice(&c.data[(i + 1) * stride + s..][..LANES]);
            }
            for j in 0..inner {
                let column = &b.data[j * stride + s..][..LANES];
                let (x, y) = (a(i, j), if pair { a(i + 1, j) } else { 0.0 });
                for lane in 0..LANES {
                    first[lane] += x * column[lane];
                    second[lane] += y * column[lane];
                }
            }
            c.data[i * stride + s..][..LANES].copy_from_slice(&first);
            if pair {
                c.data[(i + 1) * stride + s..][..LANES].copy_from_slice(&second);
            }
        }
        i += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// By hand: z = W x + b with W = [[1, 2], [3, 4], [5, 6]], b = (0.5, −0.5, 1), for more samples than one stride holds.
    #[test]
    fn linear_layer_by_hand() {
        let architecture = Architecture::new(vec![2, 3], Activation::Tanh).unwrap();
        let parameters = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.5, -0.5, 1.0];
        let rows: Vec<f64> = (0..22).map(f64::from).collect();
        let inputs = Batch::from_rows(&rows, 2);
        let mut pass = ForwardPass::new(&architecture, 11);
        pass.run(&architecture, &parameters, &inputs);
        for n in 0..11 {
            let (x, y) = (rows[2 * n], rows[2 * n + 1]);
            assert_eq!(pass.logits().at(0, n), x + 2.0 * y + 0.5);
            assert_eq!(pass.logits().at(1, n), 3.0 * x + 4.0 * y - 0.5);
            assert_eq!(pass.logits().at(2, n), 5.0 * x + 6.0 * y + 1.0);
        }
    }
}
