//! Training: mini-batches of shuffled samples, back-propagation, one optimizer's steps; resumable between any two steps.

mod batches;

pub use batches::{BatchSize, Batches, Full};

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::gradient::{Evaluation, GradientWorkspace};
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch};
use crate::optimizer::{MatrixBlock, Optimizer, OptimizerSettings, Schedule, SettingsChange};
use crate::random::Random;

/// A batch loss this many times above max(1, loss at the start) counts as divergence: saturating activations keep the
/// loss of a run that has blown up finite, so waiting for infinity would miss it.
pub const DIVERGENCE_FACTOR: f64 = 1e4;

const SMALLER_LEARNING_RATE: &str = "a smaller learning rate may help";

/// How weights are drawn at the start; biases start at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Uniform on ±√(6/(n_in + n_out)) (Glorot and Bengio 2010)
    Xavier,
    /// Normal with variance 2/n_in (He et al. 2015)
    He,
    /// Normal with variance 1/n_in (LeCun et al. 1998)
    LeCun,
    /// Uniform on ±1/√n_in, biases too, PyTorch's default for `Linear`
    Uniform,
    /// Standard normal
    Normal,
}

impl Scheme {
    /// All schemes, in the order in which they are offered.
    pub const ALL: [Scheme; 5] = [Scheme::Xavier, Scheme::He, Scheme::LeCun, Scheme::Uniform, Scheme::Normal];
}

/// The distribution of the parameters at the start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// How weights are drawn.
    #[serde(default = "Start::default_scheme")]
    pub scheme: Scheme,
    /// Factor on everything that is drawn.
    #[serde(default = "Start::default_scale")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0)))]
    pub scale: f64,
}

impl Default for Start {
    fn default() -> Self {
        Start { scheme: Start::default_scheme(), scale: Start::default_scale() }
    }
}

impl Start {
    fn default_scheme() -> Scheme {
        Scheme::Xavier
    }

    fn default_scale() -> f64 {
        1.0
    }

    /// θ drawn from `random`, layer by layer.
    pub fn draw(&self, architecture: &Architecture, random: &mut Random) -> Vec<f64> {
        let mut parameters = vec![0.0; architecture.parameter_count()];
        for l in 0..architecture.depth() {
            let (inputs, outputs) = (architecture.inputs(l) as f64, architecture.outputs(l) as f64);
            let mut symmetric = |bound: f64| bound * (2.0 * random.uniform() - 1.0);
            match self.scheme {
                Scheme::Xavier => {
                    let bound = (6.0 / (inputs + outputs)).sqrt();
                    parameters[architecture.weights(l)].fill_with(|| symmetric(bound));
                }
                Scheme::Uniform => parameters[architecture.layer(l)].fill_with(|| symmetric(1.0 / inputs.sqrt())),
                Scheme::He | Scheme::LeCun | Scheme::Normal => {
                    let deviation = match self.scheme {
                        Scheme::He => (2.0 / inputs).sqrt(),
                        Scheme::LeCun => (1.0 / inputs).sqrt(),
                        _ => 1.0,
                    };
                    parameters[architecture.weights(l)].fill_with(|| deviation * random.normal());
                }
            }
        }
        parameters.iter_mut().for_each(|p| *p *= self.scale);
        parameters
    }
}

/// One network being trained by one optimizer.
#[derive(Debug, Clone)]
pub struct Training {
    architecture: Architecture,
    loss: Loss,
    data: Dataset,
    batches: Batches,
    optimizer: Optimizer,
    /// Changes that have not been applied, by ascending steps.
    changes: Vec<SettingsChange>,
    parameters: Vec<f64>,
    previous: Vec<f64>,
    gradient: Vec<f64>,
    workspace: GradientWorkspace,
    inputs: Batch,
    labels: Vec<usize>,
    steps: usize,
    first_loss: f64,
}

impl Training {
    /// Training of `parameters` on `data`; batches are drawn under `batch_seed`, a rotated basis under `basis_seed`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for settings or parameters that are not allowed.
    ///
    /// # Panics
    /// If the data do not fit the architecture.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        architecture: Architecture,
        loss: Loss,
        data: Dataset,
        batch_size: BatchSize,
        settings: &OptimizerSettings,
        parameters: Vec<f64>,
        batch_seed: u64,
        basis_seed: u64,
    ) -> Result<Self> {
        assert!(data.features == architecture.inputs(0) && data.classes <= architecture.classes());
        architecture.check_parameters("initial_parameters", &parameters)?;
        let batches = Batches::new(batch_size, data.len(), batch_seed)?;
        let optimizer = Optimizer::new(settings.clone(), &parameters, &matrix_blocks(&architecture), basis_seed)?;
        let count = parameters.len();
        let mut training = Training {
            optimizer,
            changes: Vec::new(),
            previous: parameters.clone(),
            parameters,
            gradient: vec![0.0; count],
            workspace: GradientWorkspace::new(&architecture, batches.samples()),
            inputs: Batch::zeros(data.features, batches.samples()),
            labels: vec![0; batches.samples()],
            batches,
            steps: 0,
            first_loss: f64::NAN,
            architecture,
            loss,
            data,
        };
        if training.batches.are_full() {
            training.gather();
        }
        Ok(training)
    }

    /// Plans changes of the learning rate or schedule, by ascending steps, instead of those planned so far. Each is applied
    /// just before the step that follows it, after a checkpoint at the same step.
    ///
    /// # Errors
    /// [`Error::Invalid`] for values that are not allowed; what was planned so far then stays.
    pub fn plan_changes(&mut self, changes: &[SettingsChange]) -> Result<()> {
        changes.iter().try_for_each(|change| change.validate("optimizer"))?;
        self.changes = changes.to_vec();
        Ok(())
    }

    /// Changes η, the schedule or both from the next step on, where they are given; later changes that were planned are
    /// dropped.
    ///
    /// # Errors
    /// [`Error::Invalid`] for values that are not allowed; nothing is changed then.
    pub fn change(&mut self, learning_rate: Option<f64>, schedule: Option<Schedule>) -> Result<()> {
        let change = SettingsChange { step: self.steps, learning_rate, schedule };
        change.validate("optimizer")?;
        self.changes.retain(|planned| planned.step <= self.steps);
        self.changes.push(change);
        Ok(())
    }

    /// η before the schedule, and the schedule, of the next step.
    pub fn next_settings(&self) -> (f64, Schedule) {
        let settings = self.optimizer.settings();
        let due = self.changes.iter().take_while(|change| change.step <= self.steps);
        due.fold((settings.learning_rate, settings.schedule), |before, change| change.apply(before))
    }

    fn apply_changes(&mut self) -> Result<()> {
        let due = self.changes.iter().take_while(|change| change.step <= self.steps).count();
        if due > 0 {
            let (learning_rate, schedule) = self.next_settings();
            self.optimizer.set_learning_rate(learning_rate)?;
            self.optimizer.set_schedule(schedule)?;
            self.changes.drain(..due);
        }
        Ok(())
    }

    /// Takes `steps` optimizer steps.
    ///
    /// # Errors
    /// [`Error::Diverged`] when the batch loss is not finite or beyond [`DIVERGENCE_FACTOR`], or a parameter is not
    /// finite; the parameters stay as they were before that step.
    pub fn advance(&mut self, steps: usize) -> Result<()> {
        for _ in 0..steps {
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        self.apply_changes()?;
        if !self.batches.are_full() {
            self.gather();
        }
        let Evaluation { loss, .. } = self.workspace.gradient(
            &self.architecture,
            &self.loss,
            &self.parameters,
            &self.inputs,
            &self.labels,
            &mut self.gradient,
        );
        if self.steps == 0 {
            self.first_loss = loss;
        }
        self.check_loss(loss)?;
        self.previous.copy_from_slice(&self.parameters);
        self.optimizer.step(&mut self.parameters, &self.gradient);
        if self.parameters.iter().any(|p| !p.is_finite()) {
            self.parameters.copy_from_slice(&self.previous);
            return Err(self.diverged("a parameter is not a finite number".to_owned(), self.advice()));
        }
        self.steps += 1;
        Ok(())
    }

    /// Checks a training loss at the present parameters, of a batch or of all samples.
    ///
    /// # Errors
    /// [`Error::Diverged`] when it is not finite or beyond [`DIVERGENCE_FACTOR`].
    pub fn check_loss(&self, loss: f64) -> Result<()> {
        if !loss.is_finite() {
            return Err(self.overflowed("the loss"));
        }
        // Before the first step nothing has grown.
        if self.steps > 0 && loss > DIVERGENCE_FACTOR * self.first_loss.max(1.0) {
            return Err(self.diverged(format!("the loss has grown to {loss:.2e}"), SMALLER_LEARNING_RATE));
        }
        Ok(())
    }

    /// Divergence at the present step, by a quantity that holds NaN or infinity.
    pub fn overflowed(&self, quantity: &str) -> Error {
        let advice = match self.steps {
            0 => "a smaller scale of the start or of the inputs may help",
            _ => self.advice(),
        };
        self.diverged(format!("{quantity} is not a finite number"), advice)
    }

    /// What may help against steps that lead to NaN or infinity.
    fn advice(&self) -> &'static str {
        let settings = self.optimizer.settings();
        match settings.rule.fields().iter().any(|field| field.name == "epsilon") && settings.epsilon == 0.0 {
            true => "with epsilon = 0 the optimizer divides by 0 where gradients vanish: take a larger epsilon",
            false => SMALLER_LEARNING_RATE,
        }
    }

    fn diverged(&self, sign: String, advice: &'static str) -> Error {
        Error::Diverged { step: self.steps, sign, advice }
    }

    /// Copies the samples of the next batch.
    fn gather(&mut self) {
        for (slot, &sample) in self.batches.next_batch().iter().enumerate() {
            self.inputs.set_sample(slot, self.data.input(sample));
            self.labels[slot] = self.data.labels[sample];
        }
    }

    /// θ now.
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// Δθ of the last step; all zeros before the first.
    pub fn last_update(&self) -> Vec<f64> {
        self.parameters.iter().zip(&self.previous).map(|(now, before)| now - before).collect()
    }

    /// Steps taken so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The network that is trained.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The loss that is minimized.
    pub fn loss(&self) -> &Loss {
        &self.loss
    }

    /// The samples trained on.
    pub fn data(&self) -> &Dataset {
        &self.data
    }

    /// The batches of the steps to come; where they are full, one has been taken already.
    pub fn batches(&self) -> &Batches {
        &self.batches
    }

    /// The optimizer with its state.
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// The optimizer, to change its learning rate or schedule while training goes on.
    pub fn optimizer_mut(&mut self) -> &mut Optimizer {
        &mut self.optimizer
    }
}

/// Where θ holds each weight matrix, and which of them are between hidden layers: Muon treats these differently.
fn matrix_blocks(architecture: &Architecture) -> Vec<MatrixBlock> {
    (0..architecture.depth())
        .map(|l| MatrixBlock {
            offset: architecture.weights(l).start,
            rows: architecture.outputs(l),
            cols: architecture.inputs(l),
            hidden: l > 0 && l + 1 < architecture.depth(),
        })
        .collect()
}
