//! The multilayer perceptron: z_l = W_l a_{l−1} + b_l, a_l = φ(z_l) for l < L, logits f = z_L.
//!
//! θ ∈ R^P holds, layer by layer, the weight matrix (outputs × inputs) row by row and then the bias, the order of
//! PyTorch's `parameters_to_vector`. Layers are counted from 0 in code and from 1 in names such as `W1`.
//!
//! Batches are kept *unit-major*: one row per unit, contiguous over samples, the row's stride rounded up to a multiple
//! of [`LANES`]. Every product of a layer then runs over contiguous samples, for any width, and needs no remainder loop.
//! The padding of inputs is zero, that of z and a is the network at zero input: finite, but without meaning. Sums over
//! samples are right because the padding of ∂ℓ/∂z is zero.

mod architecture;
mod batch;
mod forward;

pub use architecture::{
    Architecture, MAX_HIDDEN_LAYERS, MAX_PARAMETERS, MAX_WIDTH, ParameterGroup, ParameterKind, parameter_count,
};
pub(crate) use batch::add_product;
pub use batch::{Batch, LANES};
pub use forward::ForwardPass;
