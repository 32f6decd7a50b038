//! What computing time goes into: exact Hessians, spectra, and what is measured of eigenvectors. f64, no browser, no clock, no
//! hidden randomness. The crate `eigendrift` re-exports all of it.
//!
//! A crate of its own, so that it can be compiled for speed where all else is compiled for size.
//!
//! Data flows one way: a module uses only those listed above it.

pub mod error;
pub mod sorting;
pub mod measured;
pub mod random;
pub mod simd;
pub mod threads;
pub mod matmul;
pub mod orthogonal_basis;
pub mod spectrum;
pub mod activation;
pub mod loss;
pub mod mlp;
pub mod gradient;
pub mod hessian;
pub mod localization;
pub mod displacement;
pub mod alignment;

pub use activation::Activation;
pub use error::{Error, Result};
pub use hessian::{HessianOperator, HessianWorkspace, Part, hessian_vector_product};
pub use localization::inverse_participation_ratio;
pub use loss::{Loss, LossFunction};
pub use measured::Measured;
pub use mlp::{Architecture, Batch};
pub use spectrum::{
    Certificates, Determination, LeadingSpectrum, Order, SpectralDensity, Spectrum, SymmetricOperator,
    leading_spectrum, spectrum,
};
