//! A run as a stream of checkpoints, resumable between any two steps.

use super::Experiment;
use super::report::{ChanceLevels, Checkpoint, LayerSpectrum, Report, TwoTime};
use crate::alignment::subspace_share;
use crate::displacement::{History, chance_displacement, chance_subspace_overlap};
use crate::error::{Error, Result};
use crate::gradient::GradientWorkspace;
use crate::hessian::{HessianWorkspace, Part};
use crate::localization::{group_mass, inverse_participation_ratio, participation_entropy, random_direction_ipr};
use crate::mlp::{Architecture, Batch, ParameterGroup};
use crate::null_model::NullBands;
use crate::spectrum::{EigenWorkspace, eigenvalues, spectrum};
use crate::training::Training;

/// Samples on which the loss is evaluated as a whole.
struct Evaluated {
    inputs: Batch,
    labels: Vec<usize>,
    workspace: GradientWorkspace,
}

/// An experiment under way.
pub struct Run {
    experiment: Experiment,
    groups: Vec<ParameterGroup>,
    training: Training,
    train: Evaluated,
    test: Option<Evaluated>,
    hessian: HessianWorkspace,
    matrix: Vec<f64>,
    block: Vec<f64>,
    eigen: EigenWorkspace,
    history: History,
    checkpoint_steps: Vec<usize>,
    taken: usize,
}

impl Run {
    /// Loads the data, draws the start and makes room for everything.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Csv`] name what in the experiment is not allowed.
    pub fn new(experiment: Experiment) -> Result<Self> {
        experiment.validate()?;
        let (train, test) = experiment.load_data()?;
        let architecture = experiment.architecture(train.shape())?;
        let sampled = experiment.hessian_data(&train);
        let inputs = Batch::from_rows(&sampled.inputs, sampled.features);
        let hessian = HessianWorkspace::new(&architecture, &experiment.loss(), &inputs, &sampled.labels)?;
        let evaluated = |data: &crate::dataset::Dataset| Evaluated {
            inputs: Batch::from_rows(&data.inputs, data.features),
            labels: data.labels.clone(),
            workspace: GradientWorkspace::new(&architecture, data.len()),
        };
        Ok(Run {
            groups: architecture.groups(),
            train: evaluated(&train),
            test: (!test.is_empty()).then(|| evaluated(&test)),
            hessian,
            matrix: Vec::new(),
            block: Vec::new(),
            eigen: EigenWorkspace::default(),
            history: History::new(experiment.leading),
            checkpoint_steps: experiment.checkpoint_steps(),
            taken: 0,
            training: experiment.training(architecture, train)?,
            experiment,
        })
    }

    /// What is being run.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// The network.
    pub fn architecture(&self) -> &Architecture {
        self.training.architecture()
    }

    /// Which entries of θ are which weights and biases.
    pub fn groups(&self) -> &[ParameterGroup] {
        &self.groups
    }

    /// The training under way, to read its parameters and steps.
    pub fn training(&self) -> &Training {
        &self.training
    }

    /// The training under way, to change its learning rate or schedule.
    pub fn training_mut(&mut self) -> &mut Training {
        &mut self.training
    }

    /// Chance levels for this P and k.
    pub fn chance(&self) -> ChanceLevels {
        let p = self.architecture().parameter_count();
        ChanceLevels {
            ipr: random_direction_ipr(p),
            displacement: chance_displacement(p),
            subspace_overlap: chance_subspace_overlap(p, self.experiment.leading),
        }
    }

    /// Steps of all checkpoints, taken or to come.
    pub fn checkpoint_steps(&self) -> &[usize] {
        &self.checkpoint_steps
    }

    /// Whether all checkpoints have been taken.
    pub fn is_finished(&self) -> bool {
        self.taken == self.checkpoint_steps.len()
    }

    /// Whether the step of the next checkpoint has been reached.
    pub fn is_checkpoint_due(&self) -> bool {
        self.checkpoint_steps.get(self.taken).is_some_and(|&step| step == self.training.steps())
    }

    /// Trains for at most `steps`, and not beyond the next checkpoint; returns how many steps were taken.
    ///
    /// # Errors
    /// [`Error::Diverged`]; the checkpoints so far stand.
    pub fn advance(&mut self, steps: usize) -> Result<usize> {
        let Some(&next) = self.checkpoint_steps.get(self.taken) else { return Ok(0) };
        let steps = steps.min(next - self.training.steps());
        self.training.advance(steps)?;
        Ok(steps)
    }

    /// Takes the checkpoint that is due.
    ///
    /// # Errors
    /// [`Error::Diverged`] when the loss or the Hessian is not finite, and what the eigenvalue problem reports.
    ///
    /// # Panics
    /// If none is due.
    pub fn checkpoint(&mut self) -> Result<Checkpoint> {
        assert!(self.is_checkpoint_due(), "the next checkpoint's step has not been reached");
        let step = self.training.steps();
        let checkpoint = self.measure(step).map_err(|error| match error {
            Error::NotFinite { quantity } => Error::Diverged { step, sign: format!("{quantity} is no longer finite") },
            other => other,
        })?;
        self.taken += 1;
        Ok(checkpoint)
    }

    fn measure(&mut self, step: usize) -> Result<Checkpoint> {
        let (architecture, loss) = (self.training.architecture().clone(), *self.training.loss());
        let parameters = self.training.parameters().to_vec();
        let (p, k) = (parameters.len(), self.experiment.leading);

        let mut gradient = vec![0.0; p];
        let Evaluated { inputs, labels, workspace } = &mut self.train;
        let trained = workspace.gradient(&architecture, &loss, &parameters, inputs, labels, &mut gradient);
        if !trained.loss.is_finite() {
            return Err(Error::not_finite("the loss"));
        }
        if gradient.iter().any(|g| !g.is_finite()) {
            return Err(Error::not_finite("the gradient"));
        }
        let tested = self
            .test
            .as_mut()
            .map(|test| test.workspace.evaluate(&architecture, &loss, &parameters, &test.inputs, &test.labels));

        self.hessian.hessian(&parameters, Part::Full, &mut self.matrix)?;
        let found = spectrum(&self.matrix, p, k, self.experiment.leading_order, &mut self.eigen)?;
        let preconditioned = self
            .training
            .optimizer()
            .preconditioned_hessian(&self.matrix)?
            .map(|scaled| eigenvalues(&scaled, p, &mut self.eigen))
            .transpose()?;
        let layer_spectra = if self.experiment.layer_spectra { self.layer_spectra(&architecture)? } else { Vec::new() };
        let leading_eigenvectors: Vec<Vec<f64>> = found.vectors.chunks_exact(p).map(<[f64]>::to_vec).collect();
        Ok(Checkpoint {
            step,
            learning_rate: self.training.optimizer().learning_rate(),
            loss: trained.loss,
            accuracy: trained.accuracy,
            test_loss: tested.map(|t| t.loss),
            test_accuracy: tested.map(|t| t.accuracy),
            gradient_norm: gradient.iter().map(|g| g * g).sum::<f64>().sqrt(),
            leading_eigenvalues: (0..k).map(|i| found.leading_eigenvalue(i)).collect(),
            trace: found.trace,
            leading_ipr: leading_eigenvectors.iter().map(|v| inverse_participation_ratio(v)).collect(),
            leading_participation_entropy: leading_eigenvectors.iter().map(|v| participation_entropy(v)).collect(),
            group_mass: leading_eigenvectors.iter().map(|v| group_mass(v, &self.groups)).collect(),
            gradient_share: subspace_share(&found.vectors, &gradient),
            update_share: subspace_share(&found.vectors, &self.training.last_update()),
            sharpness: preconditioned.as_ref().map_or(found.eigenvalues[0], |values| values[0]),
            stability_threshold: self.training.optimizer().stability_threshold().map(|threshold| threshold.value()),
            preconditioned_eigenvalues_descending: preconditioned,
            layer_spectra,
            two_time: self.history.push(found.vectors, parameters.clone()),
            certificates: found.certificates,
            eigenvalues_descending: found.eigenvalues,
            leading_eigenvectors,
            parameters,
        })
    }

    fn layer_spectra(&mut self, architecture: &Architecture) -> Result<Vec<LayerSpectrum>> {
        let p = architecture.parameter_count();
        let mut spectra = Vec::with_capacity(architecture.depth());
        for l in 0..architecture.depth() {
            let range = architecture.layer(l);
            let n = range.len();
            self.block.clear();
            self.block.reserve_exact(n * n);
            for i in range.clone() {
                self.block.extend_from_slice(&self.matrix[i * p..][range.clone()]);
            }
            let k = self.experiment.leading.min(n);
            let found = spectrum(&self.block, n, k, self.experiment.leading_order, &mut self.eigen)?;
            spectra.push(LayerSpectrum {
                leading_ipr: found.vectors.chunks_exact(n).map(inverse_participation_ratio).collect(),
                eigenvalues_descending: found.eigenvalues,
            });
        }
        Ok(spectra)
    }

    /// The report on `checkpoints` that this run gave.
    pub fn report(
        &self,
        checkpoints: Vec<Checkpoint>,
        diverged: Option<String>,
        null_model: Option<NullBands>,
    ) -> Report {
        Report {
            experiment: self.experiment.clone(),
            layers: self.architecture().layers().to_vec(),
            parameter_count: self.architecture().parameter_count(),
            groups: self.groups.clone(),
            chance: self.chance(),
            diverged,
            two_time: TwoTime::from_rows(checkpoints.iter().map(|checkpoint| &checkpoint.two_time)),
            checkpoints,
            null_model,
        }
    }
}

/// Runs `experiment` to its end, or to where it diverges, and shows each checkpoint to `observe` as it comes.
///
/// # Errors
/// [`Error::Invalid`] or [`Error::Csv`] name what in the experiment is not allowed.
pub fn run(experiment: Experiment, mut observe: impl FnMut(&Checkpoint)) -> Result<Report> {
    let mut run = Run::new(experiment)?;
    let mut checkpoints = Vec::new();
    let mut diverged = None;
    while !run.is_finished() {
        match run.advance(usize::MAX).and_then(|_| run.checkpoint()) {
            Ok(checkpoint) => {
                observe(&checkpoint);
                checkpoints.push(checkpoint);
            }
            Err(error @ Error::Diverged { .. }) => {
                diverged = Some(error.to_string());
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let null_bands = match (&run.experiment.null_model, checkpoints.last()) {
        (Some(model), Some(last)) => Some(run.experiment.null_sampling(*model, &last.parameters)?.finish()?),
        _ => None,
    };
    Ok(run.report(checkpoints, diverged, null_bands))
}
