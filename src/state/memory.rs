//! How much memory runs hold, in bytes, before they are run.
//!
//! Counted are a run's checkpoints on the page, and in its worker the history of directions and the workspaces of data,
//! training, Hessian and spectrum; of a visitor's own data the packed rows, and what they take while they are loaded. Not
//! counted are code and stacks (about 2 MB per worker), the pictures, what an export writes, and what is only held for the
//! length of one computation and small beside P² numbers. Inputs that are 0, in all samples or in some, are counted, though
//! the Hessian needs less memory for them, since data are not looked at.

use crate::curvature::{DENSE_PARAMETERS, Route, leading_bytes};
use crate::dataset::{Origin, Preparation, Shape};
use crate::experiment::{Checkpoint, DEFAULT_HESSIAN_SAMPLES, Experiment, LayerSpectrum};
use crate::mlp::parameter_count;
use crate::optimizer::OptimizerSettings;
use crate::training::BatchSize;

/// Bytes of an f64.
const NUMBER: f64 = 8.0;
/// Bytes of a list beside its entries: pointer, capacity, length.
const LIST: f64 = size_of::<Vec<f64>>() as f64;
/// Samples of a tile of the Hessian, rows that are packed at a time, and numbers of its first factor, at most, as in `hessian`.
const TILE: f64 = 128.0;
const ROWS: f64 = 4096.0;
const KEPT_FACTOR: f64 = (8 << 20) as f64;

/// What the memory of a run depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// n_0, …, n_L.
    layers: Vec<f64>,
    /// P.
    parameters: f64,
    route: Route,
    /// Samples: trained on, tested on, of a batch, of the Hessian.
    train: f64,
    test: f64,
    batch: f64,
    hessian: f64,
    checkpoints: usize,
    /// k.
    leading: f64,
    layer_spectra: bool,
    preconditioned: bool,
    rotated: bool,
    /// Bytes of a visitor's packed rows, and numbers that are held while samples are made of them.
    packed: f64,
    loading: f64,
}

impl Held {
    /// For `experiment` with training samples of a shape and so many test samples.
    pub fn new(experiment: &Experiment, train: Shape, test: usize) -> Self {
        let layers = experiment.layer_sizes(train);
        let samples = train.samples;
        let batch = match experiment.batch_size {
            BatchSize::Samples(batch) => batch.min(samples),
            BatchSize::Full(_) => samples,
        };
        let count = parameter_count(&layers);
        let route = experiment.spectrum.route(count);
        let (packed, loading) = match &experiment.data.origin {
            Origin::Own { own, .. } => {
                let features = own.features as f64;
                // The samples, once more where they are split; the matrix of which principal components are found, its
                // tridiagonal form and its eigenvectors.
                let copies = if test > 0 { 2.0 } else { 1.0 };
                let is_projected = experiment.data.preparation() == Preparation::PrincipalComponents;
                let matrices = if is_projected { 3.0 * features * features } else { 0.0 };
                (own.bytes as f64, copies * features * (samples + test) as f64 + matrices)
            }
            _ => (0.0, 0.0),
        };
        Held {
            packed,
            loading,
            parameters: count as f64,
            route,
            layers: layers.iter().map(|&n| n as f64).collect(),
            train: samples as f64,
            test: test as f64,
            batch: batch as f64,
            hessian: experiment.hessian_samples.unwrap_or(DEFAULT_HESSIAN_SAMPLES).min(samples) as f64,
            checkpoints: experiment.checkpoint_steps().len(),
            leading: experiment.leading as f64,
            layer_spectra: experiment.layer_spectra && route == Route::Full,
            preconditioned: false,
            rotated: false,
        }
        .with_optimizer(&experiment.optimizer)
    }

    /// The same with another optimizer.
    pub fn with_optimizer(&self, settings: &OptimizerSettings) -> Self {
        let preconditioned = settings.rule.has_preconditioner();
        Held { preconditioned, rotated: settings.rotated_basis, ..self.clone() }
    }

    /// The packed rows of a visitor's own.
    pub fn packed(&self) -> f64 {
        self.packed
    }

    /// Weight layers as (inputs, outputs).
    fn weights(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + Clone {
        self.layers.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// The checkpoints of one run on the page: each holds k eigenvectors, θ, up to three spectra where all eigenvalues are
    /// computed, and four two-time rows with an entry for each checkpoint up to it.
    pub fn page(&self) -> f64 {
        let (count, k, depth) = (self.checkpoints as f64, self.leading, self.layers.len() as f64 - 1.0);
        let spectra = match self.route {
            Route::Full => 1.0 + f64::from(u8::from(self.preconditioned)) + f64::from(u8::from(self.layer_spectra)),
            Route::Leading => 0.0,
        };
        let of_layers: f64 = self.weights().map(|(inputs, outputs)| k.min((inputs + 1.0) * outputs)).sum();
        // Eigenvalue, IPR, entropy, rank, residual and bounds, and the mass in weights and biases of each layer.
        let mut small = k * (7.0 + 2.0 * depth) + if self.layer_spectra { of_layers } else { 0.0 };
        if self.parameters > DENSE_PARAMETERS as f64 {
            // The share and the largest entry of each unit, for pictures.
            small += 2.0 * k * self.layers[1..].iter().sum::<f64>();
        }
        let numbers = (k + 1.0 + spectra) * self.parameters + small;
        let layer = size_of::<LayerSpectrum>() as f64;
        let lists = size_of::<Checkpoint>() as f64 + 2.0 * k * LIST + depth * layer;
        let two_time = 4.0 * NUMBER * count * (count + 1.0) / 2.0;
        // The list of checkpoints grows by doubling.
        let spare = (self.checkpoints.next_power_of_two() - self.checkpoints) * size_of::<Checkpoint>();
        count * (NUMBER * numbers + lists) + two_time + spare as f64
    }

    /// The worker of one run: its workspaces, and the eigenvectors and θ of all checkpoints.
    pub fn worker(&self) -> f64 {
        let (count, k) = (self.checkpoints as f64, self.leading);
        let history = count * (NUMBER * ((k + 1.0) * self.parameters + k) + 3.0 * LIST);
        let square = NUMBER * self.parameters * self.parameters;
        if self.route == Route::Leading {
            return history + self.workspaces() + if self.rotated { square } else { 0.0 };
        }
        // The preconditioned Hessian for the length of a checkpoint, the basis, and the Hessian in it.
        let scaled = if self.preconditioned { square } else { 0.0 };
        let rotated = if self.rotated { square + scaled } else { 0.0 };
        history + self.workspaces() + scaled + rotated
    }

    /// A null model with so many samples: the workspaces, and the directions of all samples, which are compared by pairs.
    pub fn null_model(&self, samples: usize) -> f64 {
        self.workspaces() + NUMBER * samples as f64 * self.leading * self.parameters
    }

    /// The worker that explores single checkpoints, where that takes as much as a run does: the workspaces of the leading
    /// pairs, in which densities are found as well.
    pub fn explorer(&self) -> f64 {
        if self.route == Route::Leading { self.workspaces() } else { 0.0 }
    }

    /// Workspaces of data, training, Hessian and spectrum, which a null model has as well.
    pub fn workspaces(&self) -> f64 {
        let (p, k) = (self.parameters, self.leading);
        let (inputs, outputs) = (self.layers[0], self.layers[self.layers.len() - 1]);
        let hidden: f64 = self.layers[1..self.layers.len() - 1].iter().sum();
        let units = hidden + outputs;
        // z, a and δ of each unit, for each sample of a batch, and of the evaluation of the loss.
        let passes = (2.0 * units + hidden) * (self.batch + self.train + self.test);
        let data = (inputs + 1.0) * (2.0 * self.train + self.test + self.batch) + self.train;
        if self.route == Route::Leading {
            let layers: Vec<usize> = self.layers.iter().map(|&n| n as usize).collect();
            return NUMBER * (passes + data) + leading_bytes(&layers, self.hessian as usize, k as usize);
        }
        // x, a, φ′, φ″ and δ of each sample.
        let network = (inputs + 3.0 * hidden + units + 2.0 * outputs + 1.0) * self.hessian;
        let kept = pairs(inputs + 1.0) * self.hessian <= KEPT_FACTOR;
        let factor = if kept { pairs(inputs + 1.0) * self.hessian } else { 0.0 };
        let tile = self.hessian.min(TILE);
        let (mut sums, mut sensitivity, mut panels) = (0.0, outputs * outputs, 0.0_f64);
        for (m, (inputs_m, outputs_m)) in self.weights().enumerate() {
            for (l, (inputs_l, outputs_l)) in self.weights().enumerate().skip(m) {
                let entries = (inputs_l + 1.0) * (inputs_m + 1.0);
                let units = outputs_l * outputs_m;
                let (left, right) = match l - m {
                    0 => (pairs(inputs_l + 1.0), pairs(outputs_l)),
                    1 => (entries, units),
                    _ => (units * (inputs_l + 1.0), inputs_m + 1.0),
                };
                sums += left * right + if l == m + 1 { units * (inputs_m + 1.0) } else { 0.0 };
                // Rows of a unit at a time where l > m + 1.
                let packed = if l > m + 1 { left / outputs_l } else { left.min(ROWS) };
                panels = panels.max(grown(right) + if l == 0 && kept { 0.0 } else { grown(packed) });
                // R, T, and T times φ′ where a layer follows.
                sensitivity += units
                    * if l == m {
                        1.0
                    } else if l + 2 < self.layers.len() {
                        3.0
                    } else {
                        2.0
                    };
            }
        }
        let hessian = sums + tile * (sensitivity + panels) + factor + network;
        // H, the rows that its tridiagonal form is found in, and a layer's block.
        let mut matrices = 2.0 * p * p;
        let mut whole = if finds_all_vectors(p, k) { p } else { 0.0 };
        if self.layer_spectra {
            let sizes = self.weights().map(|(inputs, outputs)| (inputs + 1.0) * outputs);
            let largest = sizes.clone().fold(0.0, f64::max);
            matrices += largest * largest;
            whole = sizes.filter(|&n| finds_all_vectors(n, k.min(n))).fold(whole, f64::max);
        }
        // All eigenvectors of a matrix, and those of its parts on their way.
        matrices += 2.5 * whole * whole;
        // What was freed after loading is used again.
        self.packed + NUMBER * (passes + data + hessian + matrices).max(self.loading)
    }
}

/// Rows of a list that has grown to n rows by doubling, four rows at first.
fn grown(n: f64) -> f64 {
    4.0 * ((n / 4.0).ceil() as usize).next_power_of_two() as f64
}

/// n(n + 1)/2.
fn pairs(n: f64) -> f64 {
    n * (n + 1.0) / 2.0
}

/// Whether k leading eigenvectors of n are found from all of them, as in `spectrum`.
fn finds_all_vectors(n: f64, k: f64) -> bool {
    4.0 * k > n || k > (n / 16.0).floor().max(16.0)
}
