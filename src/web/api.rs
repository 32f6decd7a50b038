//! The JS API:
//!
//! ```js
//! import init, { analyze, Run } from "./api.js";
//! await init();
//! const { eigenvalues_descending, leading_ipr } = analyze({ layers, activation: "tanh", loss_function: "cross_entropy", inputs, labels, parameters });
//! const run = new Run({ data: { name: "spirals" }, optimizer: { name: "adam", learning_rate: 0.01 }, steps: 500 });
//! while (!run.isFinished) { run.advance(); console.log(run.checkpoint().leading_ipr); }
//! const { displacement_tracked } = run.report();
//! run.free();
//! ```
//!
//! Records have the fields of the native program's JSON; every sequence of floating-point numbers is a `Float64Array`, and
//! may be one in what is passed in. Errors are thrown as `Error` with a sentence that names the field. Calls return when
//! they are done: call from a worker of your own what shall not hold up a page.
//!
//! This file is a module of a program of its own and not of the library, since all exports of a library would be in the
//! files of the page and its workers too.

use eigendrift::case::Case;
use eigendrift::claims::RunSummary;
use eigendrift::ensemble::{Ensemble, Piece, SeedResult, SummarizedRun, join};
use eigendrift::experiment::{Checkpoint, Experiment};
use eigendrift::network_file::NetworkFile;
use eigendrift::null_model::{NullBands, NullSampling};
use eigendrift::optimizer::Schedule;
use eigendrift::page::import;
use eigendrift::web::transfer::{from_js, from_person, to_js};
use eigendrift::{Error, Result, case, experiment, network_file};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("api.d.ts");

fn thrown(error: Error) -> JsError {
    JsError::new(&error.to_string())
}

fn written(record: &impl Serialize) -> std::result::Result<JsValue, JsError> {
    let (value, _) = to_js(record).map_err(|error| JsError::new(&error.to_string()))?;
    Ok(value)
}

/// Loss, gradient, exact Hessian and spectrum of one network at one point.
///
/// # Errors
/// Naming the field that is not allowed.
#[wasm_bindgen(unchecked_return_type = "Analysis")]
pub fn analyze(#[wasm_bindgen(unchecked_param_type = "Case")] case: JsValue) -> std::result::Result<JsValue, JsError> {
    let case: Case = from_person(&case, "case").map_err(thrown)?;
    written(&case::analyze(&case).map_err(thrown)?)
}

/// A network in a safetensors file, whose `name` stands in errors: layers, parameters, and what its metadata have of
/// `activation`, `loss_function` and `label_smoothing`.
///
/// # Errors
/// Saying what is wrong with the file and what is allowed.
#[wasm_bindgen(js_name = readNetwork, unchecked_return_type = "NetworkFile")]
pub fn read_network(name: &str, bytes: &[u8]) -> std::result::Result<JsValue, JsError> {
    written(&network_file::read(name, bytes).map_err(thrown)?)
}

/// The safetensors file of a network, as `readNetwork` and PyTorch read it; tanh and cross-entropy where it names no others.
///
/// # Errors
/// Naming the field that is not allowed.
#[wasm_bindgen(js_name = writeNetwork)]
pub fn write_network(
    #[wasm_bindgen(unchecked_param_type = "NetworkFile")] network: JsValue,
) -> std::result::Result<Vec<u8>, JsError> {
    let network: NetworkFile = from_person(&network, "network").map_err(thrown)?;
    network.write().map_err(thrown)
}

/// Results in a file that the page saved or `headless run` printed, whose `name` stands in errors, as the page shows them: with a
/// link that computes them, and checkpoint by checkpoint.
///
/// # Errors
/// Saying what is wrong with the file.
#[wasm_bindgen(js_name = readResults, skip_typescript)]
pub fn read_results(name: &str, bytes: &[u8]) -> std::result::Result<JsValue, JsError> {
    written(&import::read(name, &String::from_utf8_lossy(bytes)).map_err(thrown)?)
}

fn read_ensemble(ensemble: &JsValue) -> Result<Ensemble> {
    let ensemble: Ensemble = from_person(ensemble, "ensemble")?;
    ensemble.validate()?;
    Ok(ensemble)
}

/// The seeds of an ensemble, ascending.
///
/// # Errors
/// Naming the field of the ensemble that is not allowed.
#[wasm_bindgen(js_name = ensembleSeeds)]
pub fn ensemble_seeds(
    #[wasm_bindgen(unchecked_param_type = "Ensemble")] ensemble: JsValue,
) -> std::result::Result<Vec<f64>, JsError> {
    // Seeds are below 2⁵³.
    Ok(read_ensemble(&ensemble).map_err(thrown)?.seeds().map(|seed| seed as f64).collect())
}

/// All runs of one seed of an ensemble.
///
/// # Errors
/// Naming the field of the ensemble that is not allowed.
#[wasm_bindgen(js_name = ensembleSeed, unchecked_return_type = "SeedResult")]
pub fn ensemble_seed(
    #[wasm_bindgen(unchecked_param_type = "Ensemble")] ensemble: JsValue,
    seed: f64,
) -> std::result::Result<JsValue, JsError> {
    let ensemble = read_ensemble(&ensemble).map_err(thrown)?;
    let seed = ensemble.seeds().find(|&each| each as f64 == seed).ok_or_else(|| {
        let last = ensemble.first_seed + (ensemble.seed_count as u64 - 1);
        JsError::new(&format!("seed: {seed} is not one of the ensemble, {} to {last}", ensemble.first_seed))
    })?;
    let named = |error: Error| JsError::new(&format!("seed {seed}: {error}"));
    let mut runs: Vec<Option<RunSummary>> = Vec::new();
    for &member in ensemble.members() {
        let mut run = SummarizedRun::new(ensemble.experiment(Piece { seed, member })).map_err(named)?;
        while run.advance(usize::MAX).map_err(named)? {}
        runs.push(Some(run.summary()));
    }
    let place = |member| ensemble.members().iter().position(|&each| each == member);
    written(&SeedResult::new(seed, &ensemble, |member| runs[place(member)?].take()))
}

/// The claims and curves of an ensemble from what `ensembleSeed` gave for its seeds, in any order. From some of them, without
/// a gap, it is the report on an ensemble of these.
///
/// # Errors
/// Naming the field of the ensemble that is not allowed, or the seeds that are missing or there twice.
#[wasm_bindgen(js_name = ensembleReport, unchecked_return_type = "EnsembleReport")]
pub fn ensemble_report(
    #[wasm_bindgen(unchecked_param_type = "Ensemble")] ensemble: JsValue,
    #[wasm_bindgen(unchecked_param_type = "SeedResult[]")] seeds: JsValue,
) -> std::result::Result<JsValue, JsError> {
    let ensemble = read_ensemble(&ensemble).map_err(thrown)?;
    let seeds: Vec<SeedResult> =
        from_js(seeds).map_err(|error| JsError::new(&format!("seeds: must be what ensembleSeed gave, but {error}")))?;
    written(&join([(ensemble, seeds)]).map_err(thrown)?)
}

/// An experiment under way.
#[wasm_bindgen]
pub struct Run {
    run: experiment::Run,
    checkpoints: Vec<Checkpoint>,
    diverged: Option<String>,
    null_bands: Option<Result<NullBands>>,
}

#[wasm_bindgen]
impl Run {
    /// Begins `experiment` at step 0, where the first checkpoint is due. What it leaves out has its default.
    ///
    /// # Errors
    /// Naming the field that is not allowed.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Experiment")] experiment: JsValue,
    ) -> std::result::Result<Run, JsError> {
        let experiment: Experiment = from_person(&experiment, "experiment").map_err(thrown)?;
        let run = experiment::Run::new(experiment).map_err(thrown)?;
        Ok(Run { run, checkpoints: Vec::new(), diverged: None, null_bands: None })
    }

    /// Trains for at most `steps` (else without limit), and not beyond the next checkpoint; tells how many were taken.
    ///
    /// # Errors
    /// When training diverges; the checkpoints so far stand.
    pub fn advance(&mut self, steps: Option<f64>) -> std::result::Result<usize, JsError> {
        // A float becomes a whole number within the type's range, Infinity its largest.
        let taken = self.run.advance(steps.map_or(usize::MAX, |steps| steps as usize));
        self.noted(taken).map_err(thrown)
    }

    /// Takes the checkpoint that is due.
    ///
    /// # Errors
    /// When none is due, or training has diverged.
    #[wasm_bindgen(unchecked_return_type = "Checkpoint")]
    pub fn checkpoint(&mut self) -> std::result::Result<JsValue, JsError> {
        if !self.run.is_checkpoint_due() {
            let sentence = match self.run.checkpoint_steps().get(self.checkpoints.len()) {
                Some(step) => format!("the next checkpoint is due at step {step}, and this is step {}", self.step()),
                None => "all checkpoints have been taken".to_owned(),
            };
            return Err(JsError::new(&sentence));
        }
        let checkpoint = self.run.checkpoint();
        let checkpoint = self.noted(checkpoint).map_err(thrown)?;
        let value = written(&checkpoint);
        self.checkpoints.push(checkpoint);
        value
    }

    fn noted<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error @ Error::Diverged { .. }) = &result {
            self.diverged = Some(error.to_string());
        }
        result
    }

    /// Everything found so far; with the bands of the experiment's null model once the run has ended, which takes as long
    /// as that many checkpoints. When a sample cannot be drawn, `null_model_failed` says why.
    #[wasm_bindgen(unchecked_return_type = "Report")]
    pub fn report(&mut self) -> std::result::Result<JsValue, JsError> {
        let ended = self.is_finished() || self.diverged.is_some();
        if let (true, None, Some(model), Some(last)) =
            (ended, &self.null_bands, self.run.experiment().null_model, self.checkpoints.last())
        {
            let sampling = self.run.experiment().null_sampling(model, &last.parameters);
            self.null_bands = Some(sampling.and_then(NullSampling::finish));
        }
        written(&self.run.report(self.checkpoints.clone(), self.diverged.clone(), self.null_bands.clone()))
    }

    /// Steps taken.
    #[wasm_bindgen(getter)]
    pub fn step(&self) -> usize {
        self.run.training().steps()
    }

    /// Whether all checkpoints were taken.
    #[wasm_bindgen(getter, js_name = isFinished)]
    pub fn is_finished(&self) -> bool {
        self.run.is_finished()
    }

    /// Whether the step of the next checkpoint has been reached.
    #[wasm_bindgen(getter, js_name = isCheckpointDue)]
    pub fn is_checkpoint_due(&self) -> bool {
        self.run.is_checkpoint_due()
    }

    /// Steps of all checkpoints.
    #[wasm_bindgen(getter, js_name = checkpointSteps)]
    pub fn checkpoint_steps(&self) -> Vec<u32> {
        self.run.checkpoint_steps().iter().map(|&step| step as u32).collect()
    }

    /// θ now.
    #[wasm_bindgen(getter)]
    pub fn parameters(&self) -> Vec<f64> {
        self.run.training().parameters().to_vec()
    }

    /// η of the next step.
    #[wasm_bindgen(getter, js_name = learningRate)]
    pub fn learning_rate(&self) -> f64 {
        self.run.training().optimizer().learning_rate()
    }

    /// Changes η before the schedule, from the next step on.
    ///
    /// # Errors
    /// When it is negative or not finite; the old one then stays.
    #[wasm_bindgen(js_name = setLearningRate)]
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> std::result::Result<(), JsError> {
        self.run.training_mut().optimizer_mut().set_learning_rate(learning_rate).map_err(thrown)
    }

    /// Changes the schedule, from the next step on; it counts from the run's first step.
    ///
    /// # Errors
    /// Naming the number that is not allowed; the old schedule then stays.
    #[wasm_bindgen(js_name = setSchedule)]
    pub fn set_schedule(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Schedule")] schedule: JsValue,
    ) -> std::result::Result<(), JsError> {
        let schedule: Schedule = from_person(&schedule, "schedule").map_err(thrown)?;
        self.run.training_mut().optimizer_mut().set_schedule(schedule).map_err(thrown)
    }
}
