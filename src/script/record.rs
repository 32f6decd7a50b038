//! The record of a run: all that another program needs to repeat it, and what was found.

use serde::{Deserialize, Serialize};

use super::base64::Packed;
use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::experiment::{Checkpoint, Experiment};
use crate::loss::LossFunction;
use crate::measured::Measured;
use crate::optimizer::{OptimizerSettings, SettingsChange};
use crate::spectrum::Order;

/// Most numbers that a sequence in a record may have: 64 to 128 MB, and a third more as text.
pub const MAX_NUMBERS: usize = 1 << 24;

/// A run to repeat.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// Version and build of the program that found the numbers.
    pub program: String,
    /// What follows the page's address in a link to the run, from `#` on; none where it is not a run of the page.
    pub link: Option<String>,
    /// The name of the data.
    pub data: String,
    /// How it is trained and measured.
    pub experiment: Settings,
    /// n_0, …, n_L.
    pub layers: Vec<usize>,
    /// θ at the start, P numbers.
    pub initial_parameters: Packed,
    /// The training inputs after their preparation, N × n_0, row by row.
    pub inputs: Packed,
    /// The class of each.
    pub labels: Vec<usize>,
    /// R, P × P, row by row, where the optimizer acts in a rotated basis.
    pub rotation: Option<Packed>,
    /// Samples of each batch.
    pub batch_samples: usize,
    /// The samples of the batches of all steps, one after the other; none where each has all samples in their own order.
    pub batches: Option<Packed>,
    /// The training samples that the Hessian averages over; none for all of them.
    pub hessian_samples: Option<Packed>,
    /// What was found.
    pub checkpoints: Vec<Expected>,
}

/// The fields of an [`Experiment`] by which a given network is trained and measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// φ of the hidden layers.
    pub activation: Activation,
    /// The loss to minimize.
    pub loss_function: LossFunction,
    /// Label smoothing of the cross-entropy.
    pub label_smoothing: f64,
    /// The optimizer with its numbers.
    pub optimizer: OptimizerSettings,
    /// Changes of the learning rate or schedule on the way.
    pub changes: Vec<SettingsChange>,
    /// k.
    pub leading: usize,
    /// What leading means.
    pub leading_order: Order,
}

/// What a checkpoint found, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Optimizer steps taken.
    pub step: usize,
    /// L(θ) on all training samples.
    pub loss: f64,
    /// The k leading eigenvalues.
    pub leading_eigenvalues: Vec<f64>,
    /// IPR of each leading eigenvector that is determined.
    pub leading_ipr: Vec<Measured>,
    /// Q_k of each checkpoint up to this one, where both subspaces are determined.
    pub subspace_overlap: Vec<Measured>,
}

impl From<&Checkpoint> for Expected {
    fn from(checkpoint: &Checkpoint) -> Self {
        Expected {
            step: checkpoint.step,
            loss: checkpoint.loss,
            leading_eigenvalues: checkpoint.leading_eigenvalues.clone(),
            leading_ipr: checkpoint.leading_ipr.clone(),
            subspace_overlap: checkpoint.two_time.subspace_overlap.clone(),
        }
    }
}

impl Record {
    /// The record of `experiment`, which gave `checkpoints`, up to the last of these.
    ///
    /// # Errors
    /// [`Error::Invalid`] names what in the experiment is not allowed, and where a record of it would be too large.
    pub fn new(experiment: &Experiment, checkpoints: Vec<Expected>) -> Result<Self> {
        let Some(last) = checkpoints.last() else {
            return Err(Error::invalid(
                "checkpoints",
                "is empty; a run without a checkpoint has no numbers to compare",
            ));
        };
        let steps = last.step;
        experiment.validate()?;
        let (train, _) = experiment.load_data()?;
        let architecture = experiment.architecture(train.shape())?;
        let (layers, data) = (architecture.layers().to_vec(), train.name.clone());
        let (inputs, labels) = (floats("data", &train.inputs)?, train.labels.clone());
        let sampled = experiment.hessian_indices(train.len());
        let training = experiment.training(architecture, train)?;
        let mut batches = training.batches().clone();
        let batch_samples = batches.samples();
        let drawn = match batches.are_full() {
            true => None,
            false => {
                check("steps", steps.saturating_mul(batch_samples))?;
                let drawn: Vec<usize> = (0..steps).flat_map(|_| batches.next_batch().to_vec()).collect();
                Some(Packed::indices(&drawn))
            }
        };
        let rotation = training.optimizer().rotation();
        let rotation = rotation.map(|rotation| floats("optimizer.rotated_basis", rotation.rows())).transpose()?;
        Ok(Record {
            program: build_id(),
            link: None,
            data,
            experiment: Settings {
                activation: experiment.activation,
                loss_function: experiment.loss_function,
                label_smoothing: experiment.label_smoothing,
                optimizer: experiment.optimizer.clone(),
                changes: experiment.changes.clone(),
                leading: experiment.leading,
                leading_order: experiment.leading_order,
            },
            layers,
            initial_parameters: Packed::floats(training.parameters()),
            inputs,
            rotation,
            batch_samples,
            batches: drawn,
            hessian_samples: (sampled.len() < labels.len()).then(|| Packed::indices(&sampled)),
            labels,
            checkpoints,
        })
    }
}

/// Names the sources that a file was made by: version, and hash of the build.
pub fn build_id() -> String {
    format!("{} {}", env!("CARGO_PKG_VERSION"), env!("EIGENDRIFT_SOURCES"))
}

fn floats(field: &str, numbers: &[f64]) -> Result<Packed> {
    check(field, numbers.len())?;
    Ok(Packed::floats(numbers))
}

/// Refuses sequences that would make a file too large to be used.
fn check(field: &str, numbers: usize) -> Result<()> {
    if numbers <= MAX_NUMBERS {
        return Ok(());
    }
    let problem = format!("would put {numbers} numbers into the program; at most {MAX_NUMBERS} are allowed");
    Err(Error::invalid(field, problem))
}
