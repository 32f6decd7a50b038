//! A run as a stream of checkpoints, resumable between any two steps.

use super::Experiment;
use super::report::{BriefCheckpoint, ChanceLevels, Checkpoint, LayerSpectrum, Report, TwoTime, saturation};
use crate::alignment::subspace_share;
use crate::curvature::{ChooseMethod, Curvature, Found, Route, SpectrumMode, Wanted};
use crate::displacement::{Directions, History};
use crate::error::{Error, Result};
use crate::gradient::{Evaluation, GradientWorkspace};
use crate::localization::{group_mass, inverse_participation_ratio, participation_entropy};
use crate::measured::Measured;
use crate::mlp::{Architecture, Batch, ParameterGroup};
use crate::null_model::{NullBands, NullModel};
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
    found: Found,
    gradient_share: Option<f64>,
    update_share: Option<f64>,
}

/// An experiment under way.
pub struct Run {
    experiment: Experiment,
    groups: Vec<ParameterGroup>,
    training: Training,
    train: Evaluated,
    test: Option<Evaluated>,
    curvature: Curvature,
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
        Run::by(experiment, SpectrumMode::method)
    }

    fn by(experiment: Experiment, method: ChooseMethod) -> Result<Self> {
        experiment.validate()?;
        let (train, test) = experiment.load_data()?;
        let architecture = experiment.architecture(train.shape())?;
        let sampled = experiment.hessian_data(&train);
        let inputs = Batch::from_rows(&sampled.inputs, sampled.features);
        let (loss, method) = (experiment.loss(), method(experiment.spectrum, architecture.layers(), sampled.len()));
        let curvature = Curvature::new(method, &architecture, &loss, &inputs, &sampled.labels)?;
        let evaluated = |data: &crate::dataset::Dataset| Evaluated {
            inputs: Batch::from_rows(&data.inputs, data.features),
            labels: data.labels.clone(),
            workspace: GradientWorkspace::new(&architecture, data.len()),
        };
        Ok(Run {
            groups: architecture.groups(),
            train: evaluated(&train),
            test: (!test.is_empty()).then(|| evaluated(&test)),
            curvature,
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

    /// For [`Run::brief_checkpoint`] only: nothing is measured between checkpoints, and of spectra nothing but leading pairs
    /// where `spectrum` leaves the choice.
    ///
    /// # Errors
    /// As [`Run::new`].
    pub fn brief_only(experiment: Experiment) -> Result<Self> {
        Ok(Run { watches_stability: false, ..Run::by(experiment, SpectrumMode::brief_method)? })
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

    /// What is found of spectra.
    pub fn route(&self) -> Route {
        self.curvature.route()
    }

    /// Chance levels for this P and k.
    pub fn chance(&self) -> ChanceLevels {
        ChanceLevels::new(self.architecture().parameter_count(), self.experiment.leading)
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
        self.curvature.at(self.training.parameters())?;
        let value = self.curvature.sharpness(optimizer, self.experiment.seed)?;
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
        let checkpoint = self
            .measure_leading(|curvature, wanted| Ok((curvature.measure_leading(wanted)?, ())))
            .and_then(|(measured, ())| self.brief(measured));
        let checkpoint = self.noted(checkpoint)?;
        self.taken += 1;
        Ok(checkpoint)
    }

    fn brief(&mut self, measured: Leading) -> Result<BriefCheckpoint> {
        let Leading { trained, tested, found, gradient_share, update_share, .. } = measured;
        let parameters = self.training.parameters().to_vec();
        Ok(BriefCheckpoint {
            step: self.training.steps(),
            loss: trained.loss,
            accuracy: trained.accuracy,
            test_loss: tested.map(|t| t.loss),
            test_accuracy: tested.map(|t| t.accuracy),
            leading_eigenvalues: found.leading,
            mean_ipr: Measured::mean(found.directions.measure(inverse_participation_ratio)),
            gradient_share,
            update_share,
            two_time: self.history.push(found.directions, parameters)?,
        })
    }

    /// Loss, gradient, Hessian (which stays in `curvature`) and the leading directions at the present step, with what else
    /// `measure` finds.
    fn measure_leading<T>(
        &mut self,
        measure: impl FnOnce(&mut Curvature, &Wanted) -> Result<(Found, T)>,
    ) -> Result<(Leading, T)> {
        let (architecture, loss) = (self.training.architecture(), *self.training.loss());
        let parameters = self.training.parameters();
        let mut gradient = vec![0.0; parameters.len()];
        let Evaluated { inputs, labels, workspace } = &mut self.train;
        let trained = workspace.gradient(architecture, &loss, parameters, inputs, labels, &mut gradient);
        self.training.check_loss(trained.loss)?;
        let tested = self
            .test
            .as_mut()
            .map(|test| test.workspace.evaluate(architecture, &loss, parameters, &test.inputs, &test.labels));

        self.curvature.at(parameters)?;
        let Experiment { leading, leading_order: order, seed, .. } = self.experiment;
        let (found, more) = measure(&mut self.curvature, &Wanted { leading, order, seed })?;
        let Directions { vectors, determination } = &found.directions;
        let share = |g: &[f64]| determination.subspace.then(|| subspace_share(vectors, g)).flatten();
        let leading = Leading {
            trained,
            tested,
            gradient_share: share(&gradient),
            update_share: share(&self.training.last_update()),
            gradient_norm: gradient.iter().map(|g| g * g).sum::<f64>().sqrt(),
            found,
        };
        Ok((leading, more))
    }

    fn measure(&mut self) -> Result<Checkpoint> {
        let (measured, trace) = self.measure_leading(Curvature::measure)?;
        let found = measured.found;
        let step = self.training.steps();
        let parameters = self.training.parameters().to_vec();
        let (p, k, seed) = (parameters.len(), self.experiment.leading, self.experiment.seed);
        let optimizer = self.training.optimizer();
        let preconditioned = self.curvature.preconditioned_eigenvalues(optimizer, seed)?;
        let preconditioned_eigenvalue = preconditioned.as_ref().map(|values| values[0]);
        let value = match preconditioned_eigenvalue.or(found.largest) {
            Some(value) => value,
            None => self.curvature.sharpness(optimizer, seed)?,
        };
        let threshold = optimizer.stability_threshold().map(|threshold| threshold.value());
        let before = self.sharpness.filter(|(measured, _)| measured + 1 == step).map(|(_, sharpness)| sharpness);
        self.sharpness = Some((step, Sharpness { value, threshold }));
        let layer_spectra = if self.experiment.layer_spectra { self.layer_spectra()? } else { Vec::new() };

        let directions = found.directions;
        let mass = |i: usize| directions.is_determined(i).then(|| group_mass(directions.vector(i), &self.groups));
        let checkpoint = Checkpoint {
            step,
            learning_rate: self.training.optimizer().learning_rate(),
            loss: measured.trained.loss,
            accuracy: measured.trained.accuracy,
            test_loss: measured.tested.map(|t| t.loss),
            test_accuracy: measured.tested.map(|t| t.accuracy),
            gradient_norm: measured.gradient_norm,
            spectrum: self.curvature.route(),
            leading_eigenvalues: found.leading,
            next_eigenvalue: found.next,
            spectral_norm: found.norm,
            trace: trace.value,
            trace_standard_error: trace.standard_error,
            determination: directions.determination.clone(),
            leading_ipr: directions.measure(inverse_participation_ratio),
            leading_participation_entropy: directions.measure(participation_entropy),
            group_mass: (0..k).map(mass).collect(),
            gradient_share: measured.gradient_share,
            update_share: measured.update_share,
            sharpness: value,
            stability_threshold: threshold,
            sharpness_before: before.map(|before| before.value),
            stability_threshold_before: before.and_then(|before| before.threshold),
            preconditioned_eigenvalue,
            preconditioned_eigenvalues_descending: preconditioned.filter(|_| self.curvature.route() == Route::Full),
            layer_spectra,
            certificates: found.certificates,
            eigenvalues_descending: found.eigenvalues,
            leading_eigenvectors: directions.vectors.chunks_exact(p).map(<[f64]>::to_vec).collect(),
            two_time: self.history.push(directions, parameters.clone())?,
            parameters,
        };
        checkpoint.not_finite().map_or(Ok(()), |quantity| Err(Error::not_finite(quantity)))?;
        Ok(checkpoint)
    }

    fn layer_spectra(&mut self) -> Result<Vec<LayerSpectrum>> {
        let architecture = self.training.architecture();
        let rounding = self.curvature.rounding();
        let mut spectra = Vec::with_capacity(architecture.depth());
        for l in 0..architecture.depth() {
            let range = architecture.layer(l);
            let k = self.experiment.leading.min(range.len());
            let Some(found) = self.curvature.block(range, k, self.experiment.leading_order)? else { break };
            let determination = found.determination(rounding);
            let directions = Directions { vectors: found.vectors, determination };
            spectra.push(LayerSpectrum {
                leading_ipr: directions.measure(inverse_participation_ratio),
                eigenvalues_descending: found.eigenvalues,
            });
        }
        Ok(spectra)
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

/// Runs `experiment` to its end, or to where it diverges, and shows each checkpoint to `observe` as it comes. A null model
/// that cannot be drawn leaves the rest of the report as it is.
///
/// # Errors
/// [`Error::Invalid`] or [`Error::Csv`] name what in the experiment is not allowed.
pub fn run(experiment: Experiment, observe: impl FnMut(&Checkpoint)) -> Result<Report> {
    run_on(Run::new(experiment)?, Vec::new(), observe, || false)
}

/// Goes on with `run`, which has given `checkpoints`, as [`run()`] does, until `stop` gives true: it is asked before each
/// step, checkpoint and sample of the null model. What was found up to there is then marked as interrupted.
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
        sampling.advance()?;
    }
    sampling.bands()
}
