//! A run as a stream of checkpoints, resumable between any two steps.

use super::Experiment;
use super::report::{BriefCheckpoint, ChanceLevels, Checkpoint, LayerSpectrum, Report, TwoTime, saturation};
use crate::alignment::subspace_share;
use crate::displacement::{Directions, History, chance_displacement, chance_subspace_overlap};
use crate::error::{Error, Result};
use crate::gradient::{Evaluation, GradientWorkspace};
use crate::hessian::{HessianWorkspace, Part};
use crate::localization::{group_mass, inverse_participation_ratio, participation_entropy, random_direction_ipr};
use crate::measured::Measured;
use crate::mlp::{Architecture, Batch, ParameterGroup};
use crate::null_model::{NullBands, NullModel};
use crate::optimizer::Optimizer;
use crate::spectrum::{Certificates, EigenWorkspace, eigenvalues, largest_eigenvalue, spectrum};
use crate::threads;
use crate::training::Training;

/// Samples on which the loss is evaluated as a whole.
struct Evaluated {
    inputs: Batch,
    labels: Vec<usize>,
    workspace: GradientWorkspace,
}

/// What every checkpoint begins with.
struct Leading {
    trained: Evaluation,
    tested: Option<Evaluation>,
    gradient_norm: f64,
    /// Of the k directions.
    eigenvalues: Vec<f64>,
    all_eigenvalues: Vec<f64>,
    trace: f64,
    certificates: Certificates,
    directions: Directions,
    gradient_share: Option<f64>,
    update_share: Option<f64>,
    /// Where they were computed at the same time.
    beside: Option<Beside>,
}

/// What is computed of H beside its leading directions.
struct Beside {
    /// Eigenvalues of the preconditioned Hessian, for optimizers that have one.
    preconditioned: Result<Option<Vec<f64>>>,
    /// If they are wanted.
    layers: Result<Vec<LayerSpectrum>>,
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
    /// For what is computed at the same time on other threads.
    others: [EigenWorkspace; 2],
    history: History,
    checkpoint_steps: Vec<usize>,
    taken: usize,
    diverged: bool,
    /// Whether sharpness is measured one step before checkpoints.
    watches_stability: bool,
    /// Sharpness and its threshold where they were last measured, and after how many steps.
    sharpness: Option<(usize, Sharpness)>,
}

/// The eigenvalue that decides about stability, and its threshold where theory gives one.
#[derive(Debug, Clone, Copy)]
struct Sharpness {
    value: f64,
    threshold: Option<f64>,
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
            others: Default::default(),
            history: History::default(),
            checkpoint_steps: experiment.checkpoint_steps(),
            taken: 0,
            diverged: false,
            watches_stability: true,
            sharpness: None,
            training: experiment.training(architecture, train)?,
            experiment,
        })
    }

    /// For [`Run::brief_checkpoint`] only: nothing is measured between checkpoints.
    ///
    /// # Errors
    /// As [`Run::new`].
    pub fn brief_only(experiment: Experiment) -> Result<Self> {
        Ok(Run { watches_stability: false, ..Run::new(experiment)? })
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

    /// Whether all checkpoints have been taken, or training has diverged: nothing is left to do.
    pub fn is_finished(&self) -> bool {
        self.diverged || self.taken == self.checkpoint_steps.len()
    }

    /// Whether the step of the next checkpoint has been reached.
    pub fn is_checkpoint_due(&self) -> bool {
        !self.diverged && self.checkpoint_steps.get(self.taken).is_some_and(|&step| step == self.training.steps())
    }

    /// Trains for at most `steps`, and not beyond the next checkpoint; returns how many steps were taken. One step before
    /// the checkpoint the sharpness is measured, where it has a threshold.
    ///
    /// # Errors
    /// [`Error::Diverged`], after which the run is finished; the checkpoints so far stand.
    pub fn advance(&mut self, steps: usize) -> Result<usize> {
        if self.is_finished() {
            return Ok(0);
        }
        let next = self.checkpoint_steps[self.taken];
        let steps = steps.min(next - self.training.steps());
        let last = self.training.steps() + steps;
        let advanced = self.advance_to(last.min(next.saturating_sub(1))).and_then(|()| {
            let watched = self.watches_stability && self.training.steps() + 1 == next;
            if watched && self.training.optimizer().stability_threshold().is_some() {
                self.measure_sharpness()?;
            }
            self.advance_to(last)
        });
        self.noted(advanced).map(|()| steps)
    }

    fn advance_to(&mut self, step: usize) -> Result<()> {
        self.training.advance(step.saturating_sub(self.training.steps()))
    }

    /// Takes the checkpoint that is due.
    ///
    /// # Errors
    /// [`Error::Diverged`] when the training loss has grown too far or a number is not finite, after which the run is
    /// finished, and what the eigenvalue problem reports.
    ///
    /// # Panics
    /// If none is due.
    pub fn checkpoint(&mut self) -> Result<Checkpoint> {
        assert!(self.is_checkpoint_due(), "the next checkpoint's step has not been reached");
        let checkpoint = self.measure();
        let checkpoint = self.noted(checkpoint)?;
        self.taken += 1;
        Ok(checkpoint)
    }

    /// Reports a number that is not finite as divergence, and ends the run by it.
    fn noted<T>(&mut self, result: Result<T>) -> Result<T> {
        result.map_err(|error| {
            let error = match error {
                Error::NotFinite { quantity } => self.training.overflowed(&quantity),
                other => other,
            };
            self.diverged |= matches!(error, Error::Diverged { .. });
            error
        })
    }

    /// Measures the sharpness at the present step, unless a checkpoint has.
    fn measure_sharpness(&mut self) -> Result<()> {
        let step = self.training.steps();
        if self.sharpness.is_some_and(|(measured, _)| measured == step) {
            return Ok(());
        }
        let optimizer = self.training.optimizer();
        self.hessian.hessian(self.training.parameters(), Part::Full, &mut self.matrix)?;
        let preconditioned = optimizer.preconditioned_hessian(&self.matrix)?;
        let matrix = preconditioned.as_ref().unwrap_or(&self.matrix);
        let value = largest_eigenvalue(matrix, self.training.parameters().len(), &mut self.eigen)?;
        let threshold = optimizer.stability_threshold().map(|threshold| threshold.value());
        self.sharpness = Some((step, Sharpness { value, threshold }));
        Ok(())
    }

    /// Trains to the next checkpoint and, in place of measuring there, takes `found`, what an earlier run of the same
    /// experiment measured: training costs little beside Hessians, so the state of an optimizer need not be stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `checkpoints` where `found` is not what this run would have measured: another step, other
    /// parameters in any bit, or eigenvectors that do not give the two-time comparisons.
    pub fn replay(&mut self, found: &Checkpoint) -> Result<()> {
        let step = found.step;
        let other = |problem: String| Error::invalid("checkpoints", problem);
        let due = self.checkpoint_steps.get(self.taken) == Some(&step);
        if !due || self.advance_to(step).is_err() {
            return Err(other(format!("this experiment has no checkpoint at step {step} in this place")));
        }
        let parameters = self.training.parameters().to_vec();
        if !parameters.iter().map(|p| p.to_bits()).eq(found.parameters.iter().map(|p| p.to_bits())) {
            let problem = "this program reaches other parameters; another version may have written them";
            return Err(other(format!("at step {step} {problem}")));
        }
        let (vectors, determination) = (&found.leading_eigenvectors, found.determination.clone());
        let k = self.experiment.leading;
        let whole = vectors.len() == k && vectors.iter().all(|v| v.len() == parameters.len());
        let unfit = || other(format!("at step {step} the eigenvectors do not fit the comparisons over two times"));
        if !whole || determination.directions.len() != k {
            return Err(unfit());
        }
        let directions = Directions { vectors: vectors.concat(), determination };
        if self.history.push(directions, parameters).as_ref() != Ok(&found.two_time) {
            return Err(unfit());
        }
        self.sharpness = Some((step, Sharpness { value: found.sharpness, threshold: found.stability_threshold }));
        self.taken += 1;
        Ok(())
    }

    /// Takes the checkpoint that is due, without what no claim is about: stability, single layers, certificates.
    ///
    /// # Errors
    /// As [`Run::checkpoint`].
    ///
    /// # Panics
    /// If none is due.
    pub fn brief_checkpoint(&mut self) -> Result<BriefCheckpoint> {
        assert!(self.is_checkpoint_due(), "the next checkpoint's step has not been reached");
        let checkpoint = self.measure_leading(false).and_then(|measured| self.brief(measured));
        let checkpoint = self.noted(checkpoint)?;
        self.taken += 1;
        Ok(checkpoint)
    }

    fn brief(&mut self, measured: Leading) -> Result<BriefCheckpoint> {
        let Leading { trained, tested, eigenvalues, directions, gradient_share, update_share, .. } = measured;
        let parameters = self.training.parameters().to_vec();
        Ok(BriefCheckpoint {
            step: self.training.steps(),
            loss: trained.loss,
            accuracy: trained.accuracy,
            test_loss: tested.map(|t| t.loss),
            test_accuracy: tested.map(|t| t.accuracy),
            leading_eigenvalues: eigenvalues,
            mean_ipr: Measured::mean(directions.measure(inverse_participation_ratio)),
            gradient_share,
            update_share,
            two_time: self.history.push(directions, parameters)?,
        })
    }

    /// Loss, gradient, Hessian (which stays in `matrix`) and the leading directions at the present step; what is computed
    /// `beside` them, if that is wanted and there are threads for it.
    fn measure_leading(&mut self, beside: bool) -> Result<Leading> {
        let (architecture, loss) = (self.training.architecture(), *self.training.loss());
        let parameters = self.training.parameters();
        let (p, k) = (parameters.len(), self.experiment.leading);

        let mut gradient = vec![0.0; p];
        let Evaluated { inputs, labels, workspace } = &mut self.train;
        let trained = workspace.gradient(architecture, &loss, parameters, inputs, labels, &mut gradient);
        self.training.check_loss(trained.loss)?;
        let tested = self
            .test
            .as_mut()
            .map(|test| test.workspace.evaluate(architecture, &loss, parameters, &test.inputs, &test.labels));

        self.hessian.hessian(parameters, Part::Full, &mut self.matrix)?;
        let order = self.experiment.leading_order;
        let (found, beside) = if beside && threads::count() > 1 {
            let [first, second] = &mut self.others;
            let (experiment, optimizer, matrix) = (&self.experiment, self.training.optimizer(), &self.matrix);
            let (rounding, block) = (self.hessian.rounding(), &mut self.block);
            let whole = || spectrum(matrix, p, k, order, &mut self.eigen);
            let ((found, preconditioned), layers) = threads::join(
                || threads::join(whole, || preconditioned_eigenvalues(optimizer, matrix, p, first)),
                || layer_spectra(experiment, architecture, matrix, rounding, block, second),
            );
            (found?, Some(Beside { preconditioned, layers }))
        } else {
            (spectrum(&self.matrix, p, k, order, &mut self.eigen)?, None)
        };
        let determination = found.determination(self.hessian.rounding());
        let share = |g: &[f64]| determination.subspace.then(|| subspace_share(&found.vectors, g)).flatten();
        Ok(Leading {
            trained,
            tested,
            gradient_share: share(&gradient),
            update_share: share(&self.training.last_update()),
            gradient_norm: gradient.iter().map(|g| g * g).sum::<f64>().sqrt(),
            eigenvalues: (0..k).map(|i| found.leading_eigenvalue(i)).collect(),
            all_eigenvalues: found.eigenvalues,
            trace: found.trace,
            certificates: found.certificates,
            directions: Directions { vectors: found.vectors, determination },
            beside,
        })
    }

    fn measure(&mut self) -> Result<Checkpoint> {
        let measured = self.measure_leading(true)?;
        let step = self.training.steps();
        let parameters = self.training.parameters().to_vec();
        let (p, k) = (parameters.len(), self.experiment.leading);
        let beside = measured.beside.unwrap_or_else(|| {
            let (optimizer, architecture) = (self.training.optimizer(), self.training.architecture());
            let (matrix, rounding, eigen) = (&self.matrix, self.hessian.rounding(), &mut self.eigen);
            let preconditioned = preconditioned_eigenvalues(optimizer, matrix, p, eigen);
            let layers = layer_spectra(&self.experiment, architecture, matrix, rounding, &mut self.block, eigen);
            Beside { preconditioned, layers }
        });
        let preconditioned = beside.preconditioned?;
        let layer_spectra = beside.layers?;
        let before = self.sharpness.filter(|(measured, _)| measured + 1 == step).map(|(_, sharpness)| sharpness);
        let sharpness = Sharpness {
            value: preconditioned.as_ref().map_or(measured.all_eigenvalues[0], |values| values[0]),
            threshold: self.training.optimizer().stability_threshold().map(|threshold| threshold.value()),
        };
        self.sharpness = Some((step, sharpness));

        let directions = measured.directions;
        let mass = |i: usize| directions.is_determined(i).then(|| group_mass(directions.vector(i), &self.groups));
        let checkpoint = Checkpoint {
            step,
            learning_rate: self.training.optimizer().learning_rate(),
            loss: measured.trained.loss,
            accuracy: measured.trained.accuracy,
            test_loss: measured.tested.map(|t| t.loss),
            test_accuracy: measured.tested.map(|t| t.accuracy),
            gradient_norm: measured.gradient_norm,
            leading_eigenvalues: measured.eigenvalues,
            trace: measured.trace,
            determination: directions.determination.clone(),
            leading_ipr: directions.measure(inverse_participation_ratio),
            leading_participation_entropy: directions.measure(participation_entropy),
            group_mass: (0..k).map(mass).collect(),
            gradient_share: measured.gradient_share,
            update_share: measured.update_share,
            sharpness: sharpness.value,
            stability_threshold: sharpness.threshold,
            sharpness_before: before.map(|before| before.value),
            stability_threshold_before: before.and_then(|before| before.threshold),
            preconditioned_eigenvalues_descending: preconditioned,
            layer_spectra,
            certificates: measured.certificates,
            eigenvalues_descending: measured.all_eigenvalues,
            leading_eigenvectors: directions.vectors.chunks_exact(p).map(<[f64]>::to_vec).collect(),
            two_time: self.history.push(directions, parameters.clone())?,
            parameters,
        };
        checkpoint.not_finite().map_or(Ok(()), |quantity| Err(Error::not_finite(quantity)))?;
        Ok(checkpoint)
    }

    /// The report on `checkpoints` that this run gave, and on what became of its null model, if that was drawn.
    pub fn report(
        &self,
        checkpoints: Vec<Checkpoint>,
        diverged: Option<String>,
        null_model: Option<Result<NullBands>>,
    ) -> Report {
        let (null_model, null_model_failed) = match null_model {
            Some(Ok(bands)) => (Some(bands), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        Report {
            experiment: self.experiment.clone(),
            layers: self.architecture().layers().to_vec(),
            parameter_count: self.architecture().parameter_count(),
            groups: self.groups.clone(),
            chance: self.chance(),
            diverged,
            saturated: saturation(&checkpoints),
            interrupted: None,
            two_time: TwoTime::from_rows(checkpoints.iter().map(|checkpoint| &checkpoint.two_time)),
            checkpoints,
            null_model,
            null_model_failed,
        }
    }
}

/// All eigenvalues, descending, of the preconditioned Hessian, for an optimizer that has one; `matrix` is H (P × P).
fn preconditioned_eigenvalues(
    optimizer: &Optimizer,
    matrix: &[f64],
    p: usize,
    eigen: &mut EigenWorkspace,
) -> Result<Option<Vec<f64>>> {
    optimizer.preconditioned_hessian(matrix)?.map(|scaled| eigenvalues(&scaled, p, eigen)).transpose()
}

/// The spectrum of each layer's diagonal block of H (P × P), if the experiment wants them; `block` is room for one.
fn layer_spectra(
    experiment: &Experiment,
    architecture: &Architecture,
    matrix: &[f64],
    rounding: f64,
    block: &mut Vec<f64>,
    eigen: &mut EigenWorkspace,
) -> Result<Vec<LayerSpectrum>> {
    let p = architecture.parameter_count();
    let depth = if experiment.layer_spectra { architecture.depth() } else { 0 };
    let mut spectra = Vec::with_capacity(depth);
    for l in 0..depth {
        let range = architecture.layer(l);
        let n = range.len();
        block.clear();
        block.reserve_exact(n * n);
        for i in range.clone() {
            block.extend_from_slice(&matrix[i * p..][range.clone()]);
        }
        let k = experiment.leading.min(n);
        let found = spectrum(block, n, k, experiment.leading_order, eigen)?;
        let determination = found.determination(rounding);
        let directions = Directions { vectors: found.vectors, determination };
        spectra.push(LayerSpectrum {
            leading_ipr: directions.measure(inverse_participation_ratio),
            eigenvalues_descending: found.eigenvalues,
        });
    }
    Ok(spectra)
}

/// Runs `experiment` to its end, or to where it diverges, and shows each checkpoint to `observe` as it comes. A null model
/// that cannot be drawn leaves the rest of the report as it is.
///
/// # Errors
/// [`Error::Invalid`] or [`Error::Csv`] name what in the experiment is not allowed.
pub fn run(experiment: Experiment, observe: impl FnMut(&Checkpoint)) -> Result<Report> {
    run_on(Run::new(experiment)?, Vec::new(), observe, || false)
}

/// Goes on with `run`, which has given `checkpoints`, as [`run()`] does, until `stop` gives true: it is asked before each
/// step, checkpoint and sample of the null model, or as many samples as the caller has threads. What was found up to there is then marked as interrupted.
///
/// # Errors
/// As [`run()`].
pub fn run_on(
    mut run: Run,
    mut checkpoints: Vec<Checkpoint>,
    mut observe: impl FnMut(&Checkpoint),
    stop: impl Fn() -> bool,
) -> Result<Report> {
    let mut diverged = None;
    while !run.is_finished() && diverged.is_none() && !stop() {
        let measured = match run.is_checkpoint_due() {
            true => run.checkpoint().map(Some),
            false => run.advance(1).map(|_| None),
        };
        match measured {
            Ok(None) => {}
            Ok(Some(checkpoint)) => {
                observe(&checkpoint);
                checkpoints.push(checkpoint);
            }
            Err(error @ Error::Diverged { .. }) => diverged = Some(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    let ended = run.is_finished() || diverged.is_some();
    let null_model = run.experiment.null_model.zip(checkpoints.last());
    let null_bands = null_model.and_then(|(model, last)| null_bands(&run.experiment, model, last, &stop).transpose());
    let complete = ended && (null_model.is_none() || null_bands.is_some());
    let interrupted = (!complete).then(|| run.training.steps());
    Ok(Report { interrupted, ..run.report(checkpoints, diverged, null_bands) })
}

/// The bands of `model`; `None` where `stop` gave true.
fn null_bands(
    experiment: &Experiment,
    model: NullModel,
    last: &Checkpoint,
    stop: &impl Fn() -> bool,
) -> Result<Option<NullBands>> {
    if stop() {
        return Ok(None);
    }
    let mut sampling = experiment.null_sampling(model, &last.parameters)?;
    while sampling.drawn() < sampling.wanted() {
        if stop() {
            return Ok(None);
        }
        sampling.advance_on_all_threads()?;
    }
    sampling.bands()
}
