//! What lies around one point θ of an experiment's loss: the loss along a direction, what the network predicts there, and
//! the Hessian at θ in its parts and under check.
//!
//! A [`Landscape`] has data, network and room, and no clock: everything is asked of it by θ.

mod plane;
mod check;

pub use check::{Check, Checked, largest_difference};
pub use plane::{Plane, Regions};

use crate::curvature::Route;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::gradient::{GradientWorkspace, first_largest};
use crate::hessian::{HessianOperator, HessianWorkspace, Part};
use crate::loss::{Loss, LossFunction};
use crate::matmul::dot;
use crate::measured::Measured;
use crate::mlp::{Architecture, Batch, MAX_PARAMETERS};
use crate::spectrum::{EigenWorkspace, SpectralDensity, eigenvalues, spectral_density};
use plane::Cells;

/// Samples on which the network is evaluated as a whole.
struct Samples {
    inputs: Batch,
    labels: Vec<usize>,
    workspace: GradientWorkspace,
}

impl Samples {
    fn new(architecture: &Architecture, data: &Dataset) -> Self {
        Samples {
            inputs: Batch::from_rows(&data.inputs, data.features),
            labels: data.labels.clone(),
            workspace: GradientWorkspace::new(architecture, data.len()),
        }
    }
}

/// What surrounds points of an experiment's loss.
pub struct Landscape {
    architecture: Architecture,
    loss: Loss,
    route: Route,
    seed: u64,
    /// The training samples.
    train: Samples,
    /// Those that the Hessian averages over.
    sampled: Samples,
    plane: Option<Plane>,
    cells: Option<Cells>,
    /// Made when a Hessian is asked for.
    hessian: Option<HessianWorkspace>,
    /// Made when products with it are asked for.
    operator: Option<HessianOperator>,
    eigen: EigenWorkspace,
}

/// What the network predicts at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// L on the samples of the Hessian; missing where it is not finite.
    pub loss: Measured,
    /// Share of the training samples classified correctly; missing where an output is not finite.
    pub accuracy: Measured,
    /// The class that each training sample is given, that of its largest output; empty where `accuracy` is missing.
    pub classes: Vec<usize>,
    /// The class that each point of the plane is given, where inputs are points of the plane and outputs are finite.
    pub regions: Option<Regions>,
}

/// The spectra of the two parts of H = H_GN + H_R, each with all P eigenvalues, descending.
#[derive(Debug, Clone, PartialEq)]
pub struct PartSpectra {
    /// Of the Gauss-Newton part.
    pub gauss_newton: Vec<f64>,
    /// Of the residual part.
    pub residual: Vec<f64>,
}

/// Random vectors and products with each of them, from which a density is estimated.
const DENSITY: (usize, usize) = (4, 40);

/// θ + s v.
pub fn along(parameters: &[f64], direction: &[f64], s: f64) -> Vec<f64> {
    parameters.iter().zip(direction).map(|(p, v)| p + s * v).collect()
}

/// L(θ) + ½ λ s², the loss along an eigenvector of unit length without its slope and all beyond the second order.
pub fn parabola(loss: f64, eigenvalue: f64, s: f64) -> f64 {
    loss + 0.5 * eigenvalue * s * s
}

impl Landscape {
    /// Loads the data of `experiment`.
    ///
    /// # Errors
    /// [`Invalid`](crate::Error::Invalid) or [`Csv`](crate::Error::Csv) name what in the experiment is not allowed.
    pub fn new(experiment: &Experiment) -> Result<Self> {
        experiment.validate()?;
        let (train, _) = experiment.load_data()?;
        let architecture = experiment.architecture(train.shape())?;
        let plane = Plane::new(&train);
        Ok(Landscape {
            loss: experiment.loss(),
            route: experiment.route(&architecture),
            seed: experiment.seed,
            sampled: Samples::new(&architecture, &experiment.hessian_data(&train)),
            train: Samples::new(&architecture, &train),
            cells: plane.as_ref().map(|plane| Cells::new(&architecture, plane)),
            plane,
            architecture,
            hessian: None,
            operator: None,
            eigen: EigenWorkspace::default(),
        })
    }

    /// The network.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// How the Hessian is known here: as a matrix, or by products.
    pub fn route(&self) -> Route {
        self.route
    }

    /// The training samples as points of the plane; none where they have not two features.
    pub fn plane(&self) -> Option<&Plane> {
        self.plane.as_ref()
    }

    /// L(θ + s v) on the samples of the Hessian for each s; missing where it is not finite.
    ///
    /// # Errors
    /// [`Invalid`](crate::Error::Invalid) if θ or v does not have P finite entries.
    pub fn losses(&mut self, parameters: &[f64], direction: &[f64], values: &[f64]) -> Result<Vec<Measured>> {
        self.architecture.check_parameters("parameters", parameters)?;
        self.architecture.check_parameters("direction", direction)?;
        Ok(values.iter().map(|&s| self.loss_at(&along(parameters, direction, s))).collect())
    }

    /// gᵀv, the slope of L at θ along v, with g = ∇L on the samples of the Hessian; missing where it is not finite.
    ///
    /// # Errors
    /// As [`Landscape::losses`].
    pub fn slope(&mut self, parameters: &[f64], direction: &[f64]) -> Result<Measured> {
        self.architecture.check_parameters("direction", direction)?;
        Ok(finite(dot(&self.gradient(parameters)?, direction)))
    }

    /// What the network predicts at θ; the plane only where `regions` are wanted.
    ///
    /// # Errors
    /// As [`Landscape::losses`].
    pub fn predict(&mut self, parameters: &[f64], regions: bool) -> Result<Prediction> {
        self.architecture.check_parameters("parameters", parameters)?;
        let loss = self.loss_at(parameters);
        let (architecture, of_loss) = (&self.architecture, &self.loss);
        let Samples { inputs, labels, workspace } = &mut self.train;
        let found = workspace.evaluate(architecture, of_loss, parameters, inputs, labels);
        let classes = classify(workspace.logits(), labels.len(), first_largest);
        let mapped = |cells: &mut Cells| cells.map(architecture, of_loss, parameters);
        let regions = self.cells.as_mut().filter(|_| regions).and_then(mapped);
        let accuracy = classes.as_ref().map(|_| found.accuracy).into();
        Ok(Prediction { loss, accuracy, classes: classes.unwrap_or_default(), regions })
    }

    /// The spectra of the Gauss-Newton and of the residual part of H(θ).
    ///
    /// # Errors
    /// As [`HessianWorkspace::hessian`], and what the eigenvalue problem reports.
    pub fn parts(&mut self, parameters: &[f64]) -> Result<PartSpectra> {
        let p = self.architecture.parameter_count();
        let gauss_newton = self.hessian(parameters, Part::GaussNewton)?;
        let gauss_newton = eigenvalues(&gauss_newton, p, &mut self.eigen)?;
        let residual = self.hessian(parameters, Part::Residual)?;
        Ok(PartSpectra { gauss_newton, residual: eigenvalues(&residual, p, &mut self.eigen)? })
    }

    /// The density of the eigenvalues of H(θ) or of a part of it, estimated from products.
    ///
    /// # Errors
    /// As [`HessianOperator::linearize`], and what the products report.
    pub fn density(&mut self, parameters: &[f64], part: Part) -> Result<SpectralDensity> {
        let (seed, (probes, steps)) = (self.seed, DENSITY);
        spectral_density(self.operator(parameters, part)?, None, probes, steps, seed)
    }

    /// H(θ) or a part of it as an operator.
    fn operator(&mut self, parameters: &[f64], part: Part) -> Result<&mut HessianOperator> {
        let Samples { inputs, labels, .. } = &self.sampled;
        let operator = match self.operator.take() {
            Some(operator) => operator,
            None => HessianOperator::new(&self.architecture, &self.loss, inputs, labels)?,
        };
        let operator = self.operator.insert(operator);
        operator.linearize_part(parameters, part)?;
        Ok(operator)
    }

    /// H(θ) or a part of it, P × P.
    ///
    /// # Errors
    /// As [`HessianWorkspace::hessian`]; [`Invalid`](crate::Error::Invalid) for more than 5000 parameters.
    pub fn hessian(&mut self, parameters: &[f64], part: Part) -> Result<Vec<f64>> {
        let count = self.architecture.parameter_count();
        if count > MAX_PARAMETERS {
            let problem = format!("a dense Hessian is computed up to {MAX_PARAMETERS}; the network has {count}");
            return Err(Error::invalid("parameters", problem));
        }
        if self.hessian.is_none() {
            let Samples { inputs, labels, .. } = &self.sampled;
            self.hessian = Some(HessianWorkspace::new(&self.architecture, &self.loss, inputs, labels)?);
        }
        let mut matrix = Vec::new();
        self.hessian.iter_mut().try_for_each(|hessian| hessian.hessian(parameters, part, &mut matrix))?;
        Ok(matrix)
    }

    fn loss_at(&mut self, parameters: &[f64]) -> Measured {
        let Samples { inputs, labels, workspace } = &mut self.sampled;
        finite(workspace.evaluate(&self.architecture, &self.loss, parameters, inputs, labels).loss)
    }

    /// ∇L(θ) on the samples of the Hessian.
    fn gradient(&mut self, parameters: &[f64]) -> Result<Vec<f64>> {
        self.architecture.check_parameters("parameters", parameters)?;
        let mut gradient = vec![0.0; parameters.len()];
        let Samples { inputs, labels, workspace } = &mut self.sampled;
        workspace.gradient(&self.architecture, &self.loss, parameters, inputs, labels, &mut gradient);
        Ok(gradient)
    }
}

fn finite(x: f64) -> Measured {
    Some(x).filter(|x| x.is_finite()).into()
}

/// Something of each sample's outputs; none where one of them is not finite.
fn classify<T>(logits: &Batch, samples: usize, of: impl Fn(&[f64]) -> T) -> Option<Vec<T>> {
    let mut row = vec![0.0; logits.units()];
    let one = |n: usize| {
        row.iter_mut().enumerate().for_each(|(c, logit)| *logit = logits.at(c, n));
        row.iter().all(|logit| logit.is_finite()).then(|| of(&row))
    };
    (0..samples).map(one).collect()
}

/// The class of the largest output and how sure it is ∈ [0, 1]: for cross-entropy its softmax probability; for the squared
/// error, whose outputs shall be 0 and 1, by how much it exceeds the next, at most 1.
fn confidence(loss: &Loss, logits: &[f64]) -> (usize, f64) {
    let class = first_largest(logits);
    let top = logits[class];
    let others = || logits.iter().enumerate().filter(|(c, _)| *c != class).map(|(_, f)| *f);
    let sure = match loss.function {
        LossFunction::CrossEntropy => 1.0 / (1.0 + others().map(|f| libm::exp(f - top)).sum::<f64>()),
        LossFunction::MeanSquaredError => (top - others().fold(f64::NEG_INFINITY, f64::max)).min(1.0),
    };
    (class, sure)
}
