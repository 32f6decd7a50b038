//! Eigendrift trains small multilayer perceptrons, computes the exact Hessian of the loss at checkpoints, solves the
//! symmetric eigenproblem and follows the leading eigenvectors: how far they move, and on how few parameters they
//! live, against null models of the Hessian that the architecture alone induces.
//!
//! Data flows one way: a module uses only those listed above it.

// numbers: f64, no browser, no clock, no hidden randomness
pub mod error;
pub mod sorting;
pub mod random;
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

// the native program
#[cfg(not(target_arch = "wasm32"))]
pub mod headless;

// pictures: generic over plotters' drawing backends
pub mod view;

// the page as a value: no browser
pub mod state;
pub mod page;

// browser
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use error::{Error, Result};
