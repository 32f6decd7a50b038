//! Everything a run depends on, and the whole story in one function: [`run()`] loads the data, draws the start, trains,
//! and at every checkpoint computes the exact Hessian, its spectrum, and what the leading eigenvectors do.
//!
//! The same [`Experiment`] gives the same numbers: no clock, no ambient randomness.

mod report;
mod metric;
mod run;

pub use metric::{DIRECTION_METRICS, DirectionMetric, Localization, METRICS, Metric, Unit};
pub use report::{BriefCheckpoint, ChanceLevels, Checkpoint, LayerSpectrum, Report, TwoTime, saturation};
pub use run::{Run, run, run_on};

use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::curvature::{ChooseMethod, Route, SpectrumMode};
use crate::dataset::{DataSource, Dataset, Shape, drawn, load_split, shape_split};
use crate::error::{Error, Result};
use crate::loss::{Loss, LossFunction};
use crate::mlp::{Architecture, MAX_PARAMETERS, parameter_count};
use crate::null_model::{NullKind, NullModel, NullSampler, NullSampling};
use crate::optimizer::{OptimizerSettings, Rule, SettingsChange};
use crate::random::{Random, Stream};
use crate::spectrum::Order;
use crate::training::{BatchSize, Start, Training};

/// Everything a run depends on. In JSON every field may be left out; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Experiment {
    /// Where the samples come from.
    pub data: DataSource,
    /// Share of the samples kept for testing.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = crate::dataset::TEST_SHARE.min, max = crate::dataset::TEST_SHARE.max)))]
    pub test_share: f64,
    /// Widths of the hidden layers; empty for softmax regression.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = crate::mlp::MAX_HIDDEN_LAYERS), inner(range(min = 1, max = crate::mlp::MAX_WIDTH))))]
    pub hidden: Vec<usize>,
    /// All layer sizes n_0, …, n_L instead of `hidden`; n_0 and n_L must fit the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 2, max = crate::mlp::MAX_HIDDEN_LAYERS + 2), inner(range(min = 1, max = crate::mlp::MAX_WIDTH))))]
    pub layers: Option<Vec<usize>>,
    /// φ of the hidden layers.
    pub activation: Activation,
    /// The loss to minimize.
    pub loss_function: LossFunction,
    /// Label smoothing of the cross-entropy, in [0, 1).
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0), extend("exclusiveMaximum" = 1)))]
    pub label_smoothing: f64,
    /// How the start is drawn.
    pub start: Start,
    /// The start itself, instead of drawing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_parameters: Option<Vec<f64>>,
    /// The optimizer with its numbers.
    pub optimizer: OptimizerSettings,
    /// Changes of the learning rate or schedule on the way, by ascending steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = MAX_CHANGES)))]
    pub changes: Vec<SettingsChange>,
    /// Samples per step, or `"full"`.
    pub batch_size: BatchSize,
    /// Optimizer steps in all.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = MAX_STEPS)))]
    pub steps: usize,
    /// Steps from one checkpoint to the next (from the first to the second if logarithmic).
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = MAX_STEPS)))]
    pub checkpoint_every: usize,
    /// How checkpoints are spaced.
    pub checkpoint_spacing: Spacing,
    /// k, how many leading eigenvectors are kept; at most P.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = MAX_PARAMETERS)))]
    pub leading: usize,
    /// What leading means.
    pub leading_order: Order,
    /// How many training samples the Hessian averages over; all, but at most 2048, unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1)))]
    pub hessian_samples: Option<usize>,
    /// Whether all of the Hessian's spectrum is computed, or the leading eigenvectors alone.
    pub spectrum: SpectrumMode,
    /// Whether the spectrum of each layer's diagonal block is computed at every checkpoint, where the Hessian's is.
    pub layer_spectra: bool,
    /// The null model, or `null` for none.
    pub null_model: Option<NullModel>,
    /// The seed of every random draw, at most 2⁵³ − 1 so that JavaScript holds it exactly.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = MAX_SEED)))]
    pub seed: u64,
    /// Seeds of single purposes, where they shall differ from `seed`.
    #[serde(skip_serializing_if = "Seeds::is_empty")]
    pub seeds: Seeds,
}

/// Seeds of single purposes; what is not set follows the experiment's `seed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Seeds {
    /// Data, split and subsamples.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = MAX_SEED)))]
    pub data: Option<u64>,
    /// Start, rotated basis and null model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = MAX_SEED)))]
    pub start: Option<u64>,
    /// Order of the mini-batches.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = MAX_SEED)))]
    pub batches: Option<u64>,
}

impl Seeds {
    fn is_empty(&self) -> bool {
        *self == Seeds::default()
    }
}

/// How checkpoints are spaced in training time; step 0 and the last step always have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Spacing {
    /// Every `checkpoint_every` steps.
    Linear,
    /// At `checkpoint_every` · 2^{j/4} steps, j = 0, 1, …
    Logarithmic,
}

/// Most steps of a run.
pub const MAX_STEPS: usize = 10_000_000;
/// Most checkpoints of a run; each is compared with all before it.
pub const MAX_CHECKPOINTS: usize = 2001;
/// Most samples that the Hessian averages over unless `hessian_samples` is larger.
pub const DEFAULT_HESSIAN_SAMPLES: usize = 2048;
/// Most changes of the learning rate or schedule on the way.
pub const MAX_CHANGES: usize = 200;
/// Largest seed, 2⁵³ − 1.
pub const MAX_SEED: u64 = (1 << 53) - 1;

impl Default for Experiment {
    fn default() -> Self {
        Experiment {
            data: DataSource::default(),
            test_share: 0.0,
            hidden: vec![12, 12],
            layers: None,
            activation: Activation::Tanh,
            loss_function: LossFunction::CrossEntropy,
            label_smoothing: 0.0,
            start: Start::default(),
            initial_parameters: None,
            optimizer: OptimizerSettings::new(Rule::Sgd),
            changes: Vec::new(),
            batch_size: BatchSize::Samples(32),
            steps: 2000,
            checkpoint_every: 50,
            checkpoint_spacing: Spacing::Linear,
            leading: 5,
            leading_order: Order::Algebraic,
            hessian_samples: None,
            spectrum: SpectrumMode::Auto,
            layer_spectra: true,
            null_model: Some(NullModel::default()),
            seed: 1,
            seeds: Seeds::default(),
        }
    }
}

impl Experiment {
    /// Reads an experiment from JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field, or the line and column where the text stops being JSON.
    pub fn from_json(text: &str) -> Result<Self> {
        crate::json::from_json(text, "experiment")
    }

    /// Checks every field that can be checked without loading the data.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field and what is allowed.
    pub fn validate(&self) -> Result<()> {
        let within = |field: &str, value: usize, low: usize, high: usize| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Error::invalid(field, format!("is {value}; allowed are {low} to {high}")))
        };
        within("steps", self.steps, 0, MAX_STEPS)?;
        within("checkpoint_every", self.checkpoint_every, 1, MAX_STEPS)?;
        within("leading", self.leading, 1, MAX_PARAMETERS)?;
        if let Some(samples) = self.hessian_samples {
            within("hessian_samples", samples, 1, usize::MAX)?;
        }
        let seeds = [
            ("seed", Some(self.seed)),
            ("seeds.data", self.seeds.data),
            ("seeds.start", self.seeds.start),
            ("seeds.batches", self.seeds.batches),
        ];
        for (field, seed) in seeds {
            if seed.is_some_and(|seed| seed > MAX_SEED) {
                return Err(Error::invalid(field, format!("is beyond 2^53 - 1 = {MAX_SEED}, the largest allowed")));
            }
        }
        if !(self.start.scale.is_finite() && self.start.scale >= 0.0) {
            let problem = format!("is {:?}; allowed are finite numbers from 0", self.start.scale);
            return Err(Error::invalid("start.scale", problem));
        }
        if self.checkpoint_steps().len() > MAX_CHECKPOINTS {
            let (every, steps) = (self.checkpoint_every, self.steps);
            let problem = format!("is {every}, which makes more than {MAX_CHECKPOINTS} checkpoints in {steps} steps");
            return Err(Error::invalid("checkpoint_every", problem));
        }
        self.loss().validate()?;
        self.optimizer.validate()?;
        self.validate_changes()?;
        self.null_model.as_ref().map_or(Ok(()), NullModel::validate)
    }

    fn validate_changes(&self) -> Result<()> {
        let count = self.changes.len();
        if count > MAX_CHANGES {
            return Err(Error::invalid("changes", format!("has {count} entries; at most {MAX_CHANGES} are allowed")));
        }
        let mut least = 0;
        for (index, change) in self.changes.iter().enumerate() {
            let field = format!("changes[{index}]");
            if change.learning_rate.is_none() && change.schedule.is_none() {
                return Err(Error::invalid(field, "changes nothing; it needs learning_rate, schedule or both"));
            }
            if change.step < least {
                let problem = format!("is {}; steps must ascend, from {least} on here", change.step);
                return Err(Error::invalid(format!("{field}.step"), problem));
            }
            if change.step >= self.steps {
                let problem = format!("is {}; it must be below `steps`, {}", change.step, self.steps);
                return Err(Error::invalid(format!("{field}.step"), problem));
            }
            change.validate(&field)?;
            least = change.step + 1;
        }
        Ok(())
    }

    /// The steps at which there is a checkpoint, ascending.
    pub fn checkpoint_steps(&self) -> Vec<usize> {
        let every = self.checkpoint_every.max(1);
        let mut steps = vec![0];
        let mut j = 0;
        while let Some(&last) = steps.last()
            && last < self.steps
            && steps.len() <= MAX_CHECKPOINTS
        {
            let next = match self.checkpoint_spacing {
                Spacing::Linear => last + every,
                Spacing::Logarithmic => {
                    let step = libm::round(every as f64 * libm::exp2(f64::from(j) / 4.0)) as usize;
                    j += 1;
                    step.max(last + 1)
                }
            };
            steps.push(next.min(self.steps));
        }
        steps
    }

    /// The loss with its label smoothing.
    pub fn loss(&self) -> Loss {
        Loss { function: self.loss_function, label_smoothing: self.label_smoothing }
    }

    /// Training and test samples.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::Csv`] name what is wrong with the data.
    pub fn load_data(&self) -> Result<(Dataset, Dataset)> {
        load_split(&self.data, self.test_share, self.seeds.data.unwrap_or(self.seed))
    }

    /// The shape of the training samples and the number of test samples, without loading named data.
    ///
    /// # Errors
    /// As [`Experiment::load_data`], except that numbers too large to be prepared are not noticed.
    pub fn data_shape(&self) -> Result<(Shape, usize)> {
        shape_split(&self.data, self.test_share)
    }

    /// n_0, …, n_L for data of this shape.
    pub fn layer_sizes(&self, data: Shape) -> Vec<usize> {
        match &self.layers {
            Some(layers) => layers.clone(),
            None => [&[data.features], self.hidden.as_slice(), &[data.classes]].concat(),
        }
    }

    /// P, without loading named data.
    ///
    /// # Errors
    /// As [`Experiment::data_shape`].
    pub fn parameter_count(&self) -> Result<usize> {
        Ok(parameter_count(&self.layer_sizes(self.data_shape()?.0)))
    }

    /// The network for data of this shape.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `hidden` or `layers` when they do not fit or take too much, `leading`,
    /// `optimizer.rotated_basis` or `null_model.kind` when these do not go with so many parameters.
    pub fn architecture(&self, data: Shape) -> Result<Architecture> {
        let layers = self.layer_sizes(data);
        if self.layers.is_none() {
            let most = crate::mlp::MAX_HIDDEN_LAYERS;
            if self.hidden.len() > most {
                let problem = format!("has {} entries; allowed are 0 to {most}", self.hidden.len());
                return Err(Error::invalid("hidden", problem));
            }
        }
        let field = if self.layers.is_some() { "layers" } else { "hidden" };
        let architecture = Architecture::new(layers, self.activation).map_err(|error| match error {
            Error::Invalid { problem, .. } => Error::invalid(field, problem),
            other => other,
        })?;
        if architecture.inputs(0) != data.features || architecture.classes() < data.classes {
            let problem = format!(
                "is {:?}; the data need {} inputs and at least {} outputs",
                architecture.layers(),
                data.features,
                data.classes
            );
            return Err(Error::invalid("layers", problem));
        }
        let count = architecture.parameter_count();
        let samples = self.hessian_samples.unwrap_or(DEFAULT_HESSIAN_SAMPLES).min(data.samples);
        let leading = self.leading.min(count);
        let checkpoints = self.checkpoint_steps().len();
        let allowed = self.spectrum.allowed(architecture.layers(), samples, leading, checkpoints);
        allowed.map_err(|problem| Error::invalid(field, problem))?;
        if self.leading > count {
            return Err(Error::invalid("leading", format!("is {}; the network has {count} parameters", self.leading)));
        }
        if self.optimizer.rotated_basis && count > MAX_PARAMETERS {
            let problem = format!(
                "is true, which takes a matrix of P × P numbers, up to {MAX_PARAMETERS} parameters; the network has {count}"
            );
            return Err(Error::invalid("optimizer.rotated_basis", problem));
        }
        self.null_model.map_or(Ok(()), |model| model.kind.allowed(count))?;
        Ok(architecture)
    }

    /// How much of the spectra of a network is found.
    pub fn route(&self, architecture: &Architecture) -> Route {
        self.spectrum.route(architecture.parameter_count())
    }

    /// θ at the start.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `initial_parameters` when they do not fit, `start.scale` when what is drawn overflows.
    pub fn initial_parameters(&self, architecture: &Architecture) -> Result<Vec<f64>> {
        match &self.initial_parameters {
            Some(parameters) => {
                architecture.check_parameters("initial_parameters", parameters)?;
                Ok(parameters.clone())
            }
            None => {
                let drawn = self.start.draw(architecture, &mut Random::new(self.start_seed(), Stream::Start, 0));
                if drawn.iter().all(|p| p.is_finite()) {
                    return Ok(drawn);
                }
                let problem = format!("is {:?}, which makes parameters that are not finite", self.start.scale);
                Err(Error::invalid("start.scale", problem))
            }
        }
    }

    fn start_seed(&self) -> u64 {
        self.seeds.start.unwrap_or(self.seed)
    }

    /// The training samples that the Hessian averages over.
    pub fn hessian_data(&self, train: &Dataset) -> Dataset {
        train.select(&self.hessian_indices(train.len()))
    }

    /// Which of so many training samples the Hessian averages over, ascending.
    pub fn hessian_indices(&self, samples: usize) -> Vec<usize> {
        let wanted = self.hessian_samples.unwrap_or(DEFAULT_HESSIAN_SAMPLES);
        let seed = self.seeds.data.unwrap_or(self.seed);
        drawn(samples, wanted.min(samples), &mut Random::new(seed, Stream::HessianSamples, 0))
    }

    /// A sampler of the null model `kind` for this experiment; `trained` holds the parameters of the checkpoint that it
    /// refers to, and is not used by `random_weights`.
    ///
    /// # Errors
    /// As [`run()`].
    pub fn null_sampler(&self, kind: NullKind, trained: &[f64]) -> Result<NullSampler> {
        self.null_sampler_by(kind, trained, SpectrumMode::method)
    }

    fn null_sampler_by(&self, kind: NullKind, trained: &[f64], method: ChooseMethod) -> Result<NullSampler> {
        self.validate()?;
        let (train, _) = self.load_data()?;
        let architecture = self.architecture(train.shape())?;
        if kind.needs_checkpoint() {
            architecture.check_parameters("parameters", trained)?;
        }
        let sampled = self.hessian_data(&train);
        NullSampler::new(
            kind,
            &architecture,
            &self.loss(),
            &sampled,
            self.start,
            trained,
            self.leading,
            self.leading_order,
            self.start_seed(),
            method(self.spectrum, architecture.layers(), sampled.len()),
        )
    }

    /// All samples of `model` for this experiment, yet to be drawn; `trained` as in [`Experiment::null_sampler`].
    ///
    /// # Errors
    /// As [`run()`], and [`NullModel::validate`].
    pub fn null_sampling(&self, model: NullModel, trained: &[f64]) -> Result<NullSampling> {
        model.validate()?; // before data are loaded
        NullSampling::new(model, self.null_sampler(model.kind, trained)?)
    }

    /// The same where nothing but leading pairs is of interest.
    ///
    /// # Errors
    /// As [`Experiment::null_sampling`].
    pub(crate) fn brief_null_sampling(&self, model: NullModel, trained: &[f64]) -> Result<NullSampling> {
        model.validate()?;
        NullSampling::new(model, self.null_sampler_by(model.kind, trained, SpectrumMode::brief_method)?)
    }

    /// Training of a network on `train`, before its first step.
    ///
    /// # Errors
    /// As [`Experiment::initial_parameters`] and [`Training::new`].
    ///
    /// # Panics
    /// If the data do not fit the architecture.
    pub fn training(&self, architecture: Architecture, train: Dataset) -> Result<Training> {
        let parameters = self.initial_parameters(&architecture)?;
        let batches = self.seeds.batches.unwrap_or(self.seed);
        let (loss, size) = (self.loss(), self.batch_size);
        let basis = self.start_seed();
        let mut training = Training::new(architecture, loss, train, size, &self.optimizer, parameters, batches, basis)?;
        training.plan_changes(&self.changes)?;
        Ok(training)
    }
}
