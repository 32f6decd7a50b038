//! What a setting asks for, before a worker has begun: the shape of the data, the cost, and whether it can be run.
//!
//! The data themselves are in the workers' program alone, which keeps them out of what the page loads; their shape
//! follows from the setting.

use crate::curvature::{Method, Route};
use crate::dataset::Shape;
use crate::experiment::{DEFAULT_HESSIAN_SAMPLES, Experiment};
use crate::mlp::{MAX_PARAMETERS, parameter_count};
use crate::null_model::NullModel;
use crate::optimizer::{OptimizerSettings, ROTATED_BASIS};
use crate::state::cost::{self, Cost, MOST_PARAMETERS, WARN_PARAMETERS, WARN_SECONDS};
use crate::state::memory::Held;
use crate::state::table::run_rule;
use crate::state::{Choice, Scope, State, Value, Values};
use crate::view::number::{plural, thousands};

/// The most that a page or worker can hold: its memory has addresses of 32 bits.
const ADDRESSABLE: f64 = 4e9;

/// What is known of the data before a worker has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The training samples' shape.
    pub train: Shape,
    /// How many samples are set aside.
    pub test: usize,
    /// The number of checkpoints.
    pub checkpoints: usize,
    /// How many samples the Hessian averages over.
    pub hessian_samples: usize,
    /// How the leading eigenvectors are found.
    pub route: Route,
    /// How they are found where nothing else is of interest.
    pub brief_method: Method,
    /// Bytes of the runs' checkpoints on the page.
    pub page: f64,
    /// Bytes of all workers.
    pub workers: f64,
    /// Bytes of the worker that holds most.
    pub largest_worker: f64,
}

impl Plan {
    /// The plan of a state, if its data can be loaded. Named data are not loaded: they are in the workers.
    pub fn new(state: &State) -> Option<Self> {
        let &run = state.runs.keys().next()?;
        let experiment = state.experiment(run).ok()?;
        let (train, test) = experiment.data_shape().ok()?;
        let wanted = experiment.hessian_samples.unwrap_or(DEFAULT_HESSIAN_SAMPLES);
        let hessian_samples = wanted.min(train.samples);
        let any = Held::new(&experiment, train, test);
        let count = parameter_count(&experiment.layer_sizes(train));
        let held = |values: &Values| {
            let mut settings = OptimizerSettings::new(run_rule(values));
            // Beyond that the run is refused, and holds nothing.
            settings.rotated_basis = values.get("rotated") == Some(&Value::Flag(true)) && count <= MAX_PARAMETERS;
            any.with_optimizer(&settings)
        };
        let runs: Vec<Held> = state.runs.values().map(held).collect();
        Some(Plan {
            train,
            test,
            checkpoints: experiment.checkpoint_steps().len(),
            hessian_samples,
            route: experiment.spectrum.route(count),
            brief_method: experiment.spectrum.brief_method(&experiment.layer_sizes(train), hessian_samples),
            page: runs.iter().map(Held::page).sum(),
            // The browser keeps a visitor's rows as well.
            workers: runs.iter().map(Held::worker).sum::<f64>()
                + any.null_model(NullModel::default().samples)
                + any.explorer()
                + any.packed(),
            largest_worker: runs.iter().map(Held::worker).fold(0.0, f64::max),
        })
    }

    /// The layer sizes that a state asks for.
    pub fn layers(&self, state: &State) -> Vec<usize> {
        [&[self.train.features], state.hidden().as_slice(), &[self.train.classes]].concat()
    }

    /// What all runs of the state cost.
    pub fn cost(&self, state: &State, calibration: f64) -> Cost {
        let layers = self.layers(state);
        Cost {
            parameters: parameter_count(&layers),
            route: self.route,
            bytes: self.page + self.workers,
            largest: self.page.max(self.largest_worker),
            seconds: cost::checkpoint_seconds(self.route, &layers, self.hessian_samples, state.k(), calibration),
        }
    }

    /// Seconds of a checkpoint of which only the claims' numbers are wanted.
    pub fn brief_seconds(&self, state: &State, calibration: f64) -> f64 {
        let (layers, samples) = (self.layers(state), self.hessian_samples);
        cost::brief_checkpoint_seconds(self.brief_method, &layers, samples, state.k(), calibration)
    }
}

/// How a cost is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// As it is.
    None,
    /// Checkpoints will come slowly.
    Slow,
    /// The page refuses to run it.
    Refused,
    /// The page refuses to run it, unless the visitor allows more memory.
    Memory,
}

/// Whether the memory that runs need is allowed, and can be had.
fn fits(state: &State, cost: &Cost) -> bool {
    cost.bytes <= state.view().memory.bytes() && cost.largest <= ADDRESSABLE
}

/// Why runs cannot begin that need more memory than is allowed.
fn refusal(state: &State, plan: &Plan, cost: &Cost) -> String {
    let allow = if cost.largest > ADDRESSABLE {
        format!("{} of it in one place, where a browser's page or worker has at most 4 GB", cost::bytes(cost.largest))
    } else {
        format!("more than the memory limit of {}, which can be raised below the cost", state.view().memory.label())
    };
    format!(
        "{} of {} with k = {} would hold about {}, {allow}. Take fewer checkpoints, a smaller k, a smaller network or fewer runs.",
        plural(state.runs.len(), "run"),
        plural(plan.checkpoints, "checkpoint"),
        state.k(),
        cost::bytes(cost.bytes)
    )
}

/// A cost in words.
pub fn describe(state: &State, cost: &Cost, checkpoints: usize) -> (String, Warning) {
    let what = match cost.route {
        Route::Full => format!("{} exact Hessians", thousands(checkpoints)),
        Route::Leading => format!("{} × {} leading eigenpairs", thousands(checkpoints), state.k()),
    };
    let words = format!(
        "P = {} · {what} per run, about {} each · about {} of memory for {}",
        thousands(cost.parameters),
        cost::seconds(cost.seconds),
        cost::bytes(cost.bytes),
        plural(state.runs.len(), "run")
    );
    let is_full = cost.route == Route::Full;
    if is_full && cost.parameters > MOST_PARAMETERS {
        let advice =
            format!(". Too large for all eigenvalues: at most {MOST_PARAMETERS} parameters, else leading pairs.");
        (words + &advice, Warning::Refused)
    } else if !fits(state, cost) {
        (words + ". More than the memory limit.", Warning::Memory)
    } else if is_full && cost.parameters > WARN_PARAMETERS {
        (words + &format!(". Above {WARN_PARAMETERS} parameters checkpoints come slowly."), Warning::Slow)
    } else if !is_full && cost.seconds > WARN_SECONDS {
        let advice = ". Checkpoints come slowly; with fewer samples of the Hessian, or a smaller k, they come sooner.";
        (words + advice, Warning::Slow)
    } else {
        (words, Warning::None)
    }
}

/// The experiment of a run, if it can be computed here.
///
/// # Errors
/// A sentence: which field is wrong, or why the network is too large.
pub fn experiment(state: &State, plan: Option<&Plan>, run: usize) -> Result<Experiment, String> {
    let experiment = state.experiment(run).map_err(|error| sentence(&error))?;
    let Some(plan) = plan else {
        return match experiment.data_shape() {
            Ok(_) => Ok(experiment),
            Err(error) => Err(sentence(&error)),
        };
    };
    let cost = plan.cost(state, 1.0);
    if cost.route == Route::Full && cost.parameters > MOST_PARAMETERS {
        return Err(format!(
            "This network has {} parameters; beyond {MOST_PARAMETERS} the Hessian of P × P numbers and all of its \
             eigenvalues would take {} and about {} per checkpoint, more than a browser tab should. Set the spectrum to \
             leading pairs, or take fewer or narrower layers.",
            thousands(cost.parameters),
            cost::bytes(cost.bytes),
            cost::seconds(cost.seconds)
        ));
    }
    if let Some(why) = rotated_refusal(state, Some(plan), run) {
        return Err(why);
    }
    experiment.architecture(plan.train).map_err(|error| sentence(&error))?;
    if !fits(state, &cost) {
        return Err(refusal(state, plan, &cost));
    }
    Ok(experiment)
}

/// Why a run's optimizer cannot work in a rotated basis, if it is to and the network has too many parameters for that.
pub fn rotated_refusal(state: &State, plan: Option<&Plan>, run: usize) -> Option<String> {
    let is_rotated = state.value(Scope::Run(run), ROTATED_BASIS.key) == Some(Value::Flag(true));
    let count = parameter_count(&plan?.layers(state));
    (is_rotated && count > MAX_PARAMETERS).then(|| {
        format!(
            "A rotated basis takes a matrix of P × P numbers, up to {} parameters; this network has {}.",
            thousands(MAX_PARAMETERS),
            thousands(count)
        )
    })
}

/// A text as a sentence with a capital and a full stop.
pub fn sentence(text: &impl std::fmt::Display) -> String {
    let text = text.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Scope;

    #[test]
    fn the_cost_counts_the_checkpoints_that_there_are() {
        let mut state = State::default();
        for (key, text) in [("steps", "5000"), ("every", "1"), ("spacing", "logarithmic")] {
            state.set(Scope::Setting, key, text).unwrap();
        }
        let plan = Plan::new(&state).unwrap();
        // 0, then 2^(j/4) rounded and at least one step apart, then 5000.
        let mut steps = vec![0_usize];
        let mut j = 0;
        while *steps.last().unwrap() < 5000 {
            let next = 2_f64.powf(f64::from(j) / 4.0).round() as usize;
            steps.push(next.max(steps.last().unwrap() + 1).min(5000));
            j += 1;
        }
        assert_eq!(plan.checkpoints, steps.len());
        assert!(plan.checkpoints < 60);
        let (words, _) = describe(&state, &plan.cost(&state, 1.0), plan.checkpoints);
        assert!(words.contains(&format!("{} exact Hessians", steps.len())), "{words}");
    }

    /// By hand: 4 runs × 2001 checkpoints × (50 vectors, θ, 2 spectra) of 2802 numbers, and four rows of up to 2001
    /// numbers, are 9.8 GB on the page; the rest is small.
    #[test]
    fn runs_that_need_gigabytes_are_refused_unless_they_are_allowed() {
        let link = "#hidden=50,50&k=50&steps=2000&every=1&A=sgd&B=sgd,lr:0.2&C=sgd,lr:0.3&D=sgd,lr:0.4";
        let (mut state, _) = crate::state::link::read(link, None);
        let plan = Plan::new(&state).unwrap();
        let numbers = 8.0 * 4.0 * 2001.0 * (53.0 * 2802.0 + 4.0 * 1001.0);
        assert!((1.0..1.03).contains(&(plan.page / numbers)), "{} {numbers}", plan.page);
        let refused = experiment(&state, Some(&plan), 0).unwrap_err();
        assert!(refused.starts_with("4 runs of 2,001 checkpoints with k = 50 would hold about "), "{refused}");
        assert!(refused.contains("at most 4 GB") && refused.ends_with("a smaller network or fewer runs."), "{refused}");
        // No limit helps where a page has no addresses for it.
        state.set(Scope::View, "memory", "16").unwrap();
        assert!(experiment(&state, Some(&plan), 0).is_err());

        state.set(Scope::Setting, "every", "10").unwrap();
        let plan = Plan::new(&state).unwrap();
        assert_eq!(experiment(&state, Some(&plan), 0).map(|_| ()), Ok(()));
        state.set(Scope::View, "memory", "1").unwrap();
        let refused = experiment(&state, Some(&plan), 0).unwrap_err();
        assert!(refused.contains("more than the memory limit of 1 GB"), "{refused}");
        assert_eq!(describe(&state, &plan.cost(&state, 1.0), plan.checkpoints).1, Warning::Memory);
        // Fewer checkpoints and runs do as well.
        state.set(Scope::Setting, "every", "100").unwrap();
        state.runs.retain(|run, _| *run < 2);
        assert!(experiment(&state, Plan::new(&state).as_ref(), 0).is_ok());
    }

    #[test]
    fn a_matrix_that_is_too_large_is_refused_and_leading_pairs_are_not() {
        let mut state = State::default();
        state.set(Scope::Setting, "hidden", "60,60").unwrap();
        let planned = |state: &State| {
            let plan = Plan::new(state).unwrap();
            (experiment(state, Some(&plan), 0), describe(state, &plan.cost(state, 1.0), plan.checkpoints))
        };
        let (begins, (words, warning)) = planned(&state);
        assert_eq!((begins.map(|_| ()), warning), (Ok(()), Warning::None));
        assert!(words.starts_with("P = 4,023 · 41 × 5 leading eigenpairs per run, about "), "{words}");
        state.set(Scope::Setting, "spectrum", "full").unwrap();
        let (refused, (words, warning)) = planned(&state);
        let refused = refused.unwrap_err();
        assert!(refused.starts_with("This network has 4,023 parameters; beyond 3000"), "{refused}");
        assert!(refused.contains("Set the spectrum to leading pairs"), "{refused}");
        assert!(warning == Warning::Refused && words.contains("41 exact Hessians"), "{words}");
    }

    /// By hand, for 64-800-10, P = 60,010, two runs of 21 checkpoints: on the page 2 × 21 × 6 vectors, 0.12 GB, and as much in
    /// the workers; there, for two runs, a null model and the explorer, a Lanczos basis and an operator of 91 vectors each,
    /// 0.17 GB, and what the network holds for each sample, 3 numbers per input and some 6 per unit: 0.02 GB for 512 samples.
    #[test]
    fn networks_of_sixty_thousand_parameters_stay_within_a_gigabyte() {
        let link = "#data=digits&hidden=800&hessian=512&every=100&A=sgd&B=adam";
        let (mut state, notes) = crate::state::link::read(link, None);
        assert!(notes.is_empty(), "{notes:?}");
        let plan = Plan::new(&state).unwrap();
        let cost = plan.cost(&state, 1.0);
        assert_eq!((cost.parameters, plan.route, plan.checkpoints), (60_010, Route::Leading, 21));
        let vectors = 2.0 * 21.0 * 6.0 * 8.0 * 60_010.0;
        assert!((1.0..1.05).contains(&(plan.page / vectors)), "{} {vectors}", plan.page);
        assert!((0.5e9..1e9).contains(&cost.bytes), "{}", cost.bytes);
        assert_eq!(experiment(&state, Some(&plan), 1).map(|_| ()), Ok(()));
        // Beyond, the reason is memory.
        state.set(Scope::Setting, "every", "10").unwrap();
        let plan = Plan::new(&state).unwrap();
        let refused = experiment(&state, Some(&plan), 0).unwrap_err();
        assert!(refused.starts_with("2 runs of 201 checkpoints with k = 5 would hold about "), "{refused}");
        assert_eq!(describe(&state, &plan.cost(&state, 1.0), plan.checkpoints).1, Warning::Memory);
    }

    #[test]
    fn a_rotated_basis_of_many_parameters_is_refused() {
        let (state, _) = crate::state::link::read("#data=digits&hidden=512&A=sgd&B=adam,rotated:on", None);
        let plan = Plan::new(&state);
        assert_eq!(rotated_refusal(&state, plan.as_ref(), 0), None);
        let why = rotated_refusal(&state, plan.as_ref(), 1).unwrap();
        assert!(why.ends_with("up to 5,000 parameters; this network has 38,410."), "{why}");
        let (small, _) = crate::state::link::read("#A=sgd&B=adam,rotated:on", None);
        assert_eq!(rotated_refusal(&small, Plan::new(&small).as_ref(), 1), None);
    }
}
