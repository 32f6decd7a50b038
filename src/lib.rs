//! Eigendrift trains small multilayer perceptrons, computes the exact Hessian of the loss at checkpoints, solves the
//! symmetric eigenproblem and follows the leading eigenvectors: how far they move, and on how few parameters they
//! are concentrated, against null models of the Hessian that the architecture alone induces.
//!
//! An [`Experiment`] names everything that a run depends on. Its [data](dataset::load_split) are loaded or drawn from the
//! seed, the parameters θ of an [`Architecture`] are [drawn](training::Start) and [trained](training::Training) by an
//! [optimizer](OptimizerSettings); at each checkpoint the exact [Hessian](HessianWorkspace) ∇²L(θ) is computed and its
//! [spectrum](mod@spectrum) solved; the leading eigenvectors' [localization](inverse_participation_ratio) and their
//! [displacement](displacement::History) since earlier checkpoints are measured, and what a [null model](NullModel) shows
//! without training. [`run`] does all of this and returns a [`Report`]; [`analyze`] looks at one given point θ.
//!
//! ```
//! use eigendrift::{Experiment, OptimizerSettings, Rule, run};
//!
//! # fn main() -> eigendrift::Result<()> {
//! let experiment = Experiment {
//!     hidden: vec![4],
//!     optimizer: OptimizerSettings::new(Rule::Adam),
//!     steps: 40,
//!     checkpoint_every: 20,
//!     null_model: None,
//!     ..Experiment::default()
//! };
//! let report = run(experiment, |checkpoint| println!("step {}: loss {}", checkpoint.step, checkpoint.loss))?;
//!
//! let last = &report.checkpoints[2];
//! assert_eq!(last.eigenvalues_descending.len(), report.parameter_count);
//! assert!(last.certificates.max_residual < 1e-12);
//! // How far the leading eigenvectors moved from step 20 to step 40, and how many parameters carry the first; there is no
//! // number where a direction is not determined.
//! let moved = report.two_time.displacement_tracked[1][2].value();
//! let carriers = last.leading_ipr[0].value().map(|ipr| 1.0 / ipr);
//! assert!(moved.is_some_and(|d| d <= 2.0) && carriers.is_some_and(|count| count >= 1.0));
//! # Ok(())
//! # }
//! ```
//!
//! Experiments and cases can be read from JSON ([`Experiment::from_json`], [`Case::from_json`]); all results implement
//! `serde::Serialize`.
//!
//! Data flows one way: a module uses only those listed above it.

// numbers: f64, no browser, no clock, no hidden randomness; those above these lines are in src/numbers.rs
pub use eigendrift_numbers::*;
pub mod json;
pub mod dataset;
pub mod optimizer;
pub mod training;
pub mod curvature;
pub mod null_model;
pub mod case;
pub mod experiment;
pub mod network_file;
pub mod landscape;
pub mod claims;
pub mod ensemble;
pub mod script;

// pictures: generic over plotters' drawing backends
pub mod view;

// the page as a value: no browser
pub mod state;
pub mod page;

// the native program
#[cfg(not(target_arch = "wasm32"))]
pub mod headless;

// browser
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use case::{Analysis, Case, analyze};
pub use curvature::{Curvature, Route, SpectrumMode};
pub use dataset::{DataSource, Dataset};
pub use experiment::{Checkpoint, Experiment, Report, Run, run};
pub use null_model::{NullKind, NullModel};
pub use optimizer::{OptimizerSettings, Rule, Schedule};
