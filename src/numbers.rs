//! The numbers of Eigendrift: f64, no browser, no clock, no hidden randomness. The crate `eigendrift` re-exports all of it.
//!
//! They are a crate of their own so that they can be compiled for speed where the page is compiled for size.
//!
//! Data flows one way: a module uses only those listed above it.

pub mod error;
pub mod json;
pub mod sorting;
pub mod measured;
pub mod random;
pub mod simd;
pub mod threads;
pub mod matmul;
pub mod spectrum;
pub mod dataset;
pub mod activation;
pub mod loss;
pub mod mlp;
pub mod gradient;
pub mod optimizer;
pub mod training;
pub mod hessian;
pub mod localization;
pub mod displacement;
pub mod alignment;
pub mod null_model;
pub mod case;
pub mod experiment;

pub use activation::Activation;
pub use case::{Analysis, Case, analyze};
pub use dataset::{DataSource, Dataset};
pub use error::{Error, Result};
pub use experiment::{Checkpoint, Experiment, Report, Run, run};
pub use hessian::{HessianOperator, HessianWorkspace, Part, hessian_vector_product};
pub use localization::inverse_participation_ratio;
pub use loss::{Loss, LossFunction};
pub use measured::Measured;
pub use mlp::{Architecture, Batch};
pub use null_model::{NullKind, NullModel};
pub use optimizer::{OptimizerSettings, Rule, Schedule};
pub use spectrum::{
    Certificates, Determination, LeadingSpectrum, Order, SpectralDensity, Spectrum, SymmetricOperator,
    leading_spectrum, spectrum,
};
