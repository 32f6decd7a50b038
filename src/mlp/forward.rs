//! The forward pass of a batch.

use super::architecture::Architecture;
use super::batch::{Batch, add_product};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation;

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
