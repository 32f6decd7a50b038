//! What a setting asks for, before a worker has begun: the shape of the data, the cost, and whether it can be run.
//!
//! The data themselves are in the workers' program alone, which keeps them out of what the page loads; their shape
//! follows from the setting.

use crate::dataset::Shape;
use crate::experiment::{DEFAULT_HESSIAN_SAMPLES, Experiment};
use crate::state::State;
use crate::state::cost::{self, Cost, MOST_PARAMETERS, WARN_PARAMETERS};
use crate::view::number::thousands;

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
}

impl Plan {
    /// The plan of a state, if its data can be loaded. Named data are not loaded: they are in the workers.
    pub fn new(state: &State) -> Option<Self> {
        let &run = state.runs.keys().next()?;
        let experiment = state.experiment(run).ok()?;
        let (train, test) = experiment.data_shape().ok()?;
        let wanted = experiment.hessian_samples.unwrap_or(DEFAULT_HESSIAN_SAMPLES);
        let hessian_samples = wanted.min(train.samples);
        Some(Plan { train, test, checkpoints: experiment.checkpoint_steps().len(), hessian_samples })
    }

    /// The layer sizes that a state asks for.
    pub fn layers(&self, state: &State) -> Vec<usize> {
        [&[self.train.features], state.hidden().as_slice(), &[self.train.classes]].concat()
    }

    /// What one run of the state costs.
    pub fn cost(&self, state: &State, calibration: f64) -> Cost {
        cost::estimate(&self.layers(state), self.hessian_samples, self.checkpoints, state.k(), calibration)
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
}

/// A cost in words.
pub fn describe(cost: &Cost, checkpoints: usize) -> (String, Warning) {
    let words = format!(
        "P = {} · {} exact Hessians per run · about {}, {} each",
        thousands(cost.parameters),
        thousands(checkpoints),
        cost::bytes(cost.bytes),
        cost::seconds(cost.seconds)
    );
    if cost.parameters > MOST_PARAMETERS {
        (words + &format!(". Too large: at most {MOST_PARAMETERS} parameters."), Warning::Refused)
    } else if cost.parameters > WARN_PARAMETERS {
        (words + &format!(". Above {WARN_PARAMETERS} parameters checkpoints come slowly."), Warning::Slow)
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
    if cost.parameters > MOST_PARAMETERS {
        return Err(format!(
            "This network has {} parameters; beyond {MOST_PARAMETERS} the Hessian of P × P numbers and its spectrum would \
             take {} and about {} per checkpoint, more than a browser tab should. Take fewer or narrower layers.",
            thousands(cost.parameters),
            cost::bytes(cost.bytes),
            cost::seconds(cost.seconds)
        ));
    }
    experiment.architecture(plan.train).map_err(|error| sentence(&error))?;
    Ok(experiment)
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
        let (words, _) = describe(&plan.cost(&state, 1.0), plan.checkpoints);
        assert!(words.contains(&format!("{} exact Hessians", steps.len())), "{words}");
    }

    #[test]
    fn a_network_that_is_too_large_is_refused_with_its_size() {
        let mut state = State::default();
        state.set(Scope::Setting, "hidden", "60,60").unwrap();
        let plan = Plan::new(&state);
        let refusal = experiment(&state, plan.as_ref(), 0).unwrap_err();
        assert!(refusal.starts_with("This network has 4,023 parameters; beyond 3000"), "{refusal}");
    }
}
