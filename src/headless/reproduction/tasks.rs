//! The tasks on which the claims are weighed.

use crate::dataset::Preparation;
use crate::displacement::Pairing;
use crate::ensemble::Ensemble;
use crate::experiment::Experiment;
use crate::null_model::{NullKind, NullModel};
use crate::optimizer::{OptimizerSettings, Rule};
use crate::state::{Scope, State, link};

/// A task: data, network and training, without optimizers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Its name in commands and results.
    pub name: &'static str,
    /// The name that people read.
    pub title: &'static str,
    /// The page's link to it, after the `#`; the experiment is the one that it opens.
    pub link: &'static str,
    /// Principal components that are the inputs, which no link of the page can ask for.
    pub components: Option<usize>,
}

macro_rules! link {
    ($setting:literal) => {
        concat!("v=1&", $setting, "&every=10")
    };
}

const fn task(name: &'static str, title: &'static str, link: &'static str) -> Task {
    Task { name, title, link, components: None }
}

/// All tasks. What their links leave out has the page's defaults: tanh, cross-entropy, Xavier, batches of 32, 2000 steps, k = 5.
pub const TASKS: [Task; 8] = [
    task("spirals", "spirals", link!("data=spirals")),
    task("moons", "moons", link!("data=moons")),
    task("blobs", "blobs, 10 features", link!("data=blobs&hidden=12")),
    task("digits4x4", "digits, 4 × 4", link!("data=digits4x4&hidden=12&hessian=512")),
    Task {
        components: Some(16),
        ..task("digits-pc16", "digits, 16 components", link!("data=digits&hidden=12&hessian=512"))
    },
    task("iris", "iris", link!("data=iris&hidden=12")),
    task("wine", "wine", link!("data=wine&hidden=12")),
    task("cancer", "breast cancer", link!("data=breast_cancer&hidden=8")),
];

/// One task in networks of two sizes, with 21 checkpoints: P = 1210, whose Hessian is solved as a whole, and P = 38,410, whose
/// leading pairs are found from products with it.
pub const SIZES: [Task; 2] = [
    task("digits-16", "digits, 64-16-10", "v=1&data=digits&hidden=16&hessian=512&steps=1000&every=50"),
    task("digits-512", "digits, 64-512-10", "v=1&data=digits&hidden=512&hessian=512&steps=1000&every=50"),
];

/// A task and the two optimizers that are compared on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Name in commands and results.
    pub name: String,
    /// The task.
    pub task: Task,
    /// The rule of A.
    pub a: Rule,
    /// The rule of B.
    pub b: Rule,
    /// Whether B is also run in a rotated basis.
    pub rotated: bool,
    /// How many seeds, from 1 on.
    pub seed_count: u16,
}

/// Seeds of a comparison, but for those in networks of two sizes.
const SEED_COUNT: u16 = 32;

/// SGD and Adam on a task.
fn sgd_and_adam(task: Task, rotated: bool, seed_count: u16) -> Comparison {
    Comparison { name: task.name.to_owned(), task, a: Rule::Sgd, b: Rule::Adam, rotated, seed_count }
}

/// SGD and Adam on every task.
pub fn on_tasks() -> Vec<Comparison> {
    TASKS.map(|task| sgd_and_adam(task, true, SEED_COUNT)).to_vec()
}

/// SGD and Adam in networks of two sizes.
pub fn by_size() -> Vec<Comparison> {
    SIZES.map(|task| sgd_and_adam(task, false, 8)).to_vec()
}

/// All comparisons.
pub fn all() -> Vec<Comparison> {
    [on_tasks(), of_optimizers(), by_size()].concat()
}

/// SGD and the other optimizers on the first task.
pub fn of_optimizers() -> Vec<Comparison> {
    let task = TASKS[0];
    let of = |b: Rule| Comparison {
        name: format!("{}-{}", task.name, b.name()),
        b,
        ..sgd_and_adam(task, false, SEED_COUNT)
    };
    [Rule::Momentum, Rule::AdamW, Rule::RmsProp, Rule::Lion, Rule::Muon].map(of).to_vec()
}

impl Task {
    /// What all runs share.
    ///
    /// # Errors
    /// A sentence, if the link is not understood as a whole.
    pub fn experiment(&self) -> Result<Experiment, String> {
        let (state, notes) = link::read(self.link, None);
        if let Some(note) = notes.first() {
            return Err(format!("{}: {note}", self.name));
        }
        let mut experiment = state.experiment(0).map_err(|error| format!("{}: {error}", self.name))?;
        if let Some(components) = self.components {
            experiment.data.preparation = Some(Preparation::PrincipalComponents);
            experiment.data.components = Some(components);
        }
        let null_model = Some(NullModel { kind: NullKind::RandomWeights, samples: 20 });
        Ok(Experiment { null_model, optimizer: Experiment::default().optimizer, ..experiment })
    }
}

impl Comparison {
    /// The ensemble with these learning rates of A and B and these seeds.
    ///
    /// # Errors
    /// As [`Task::experiment`].
    pub fn ensemble(&self, (a, b): (f64, f64), first_seed: u64, seed_count: usize) -> Result<Ensemble, String> {
        let with = |rule, learning_rate| OptimizerSettings { learning_rate, ..OptimizerSettings::new(rule) };
        Ok(Ensemble {
            experiment: self.task.experiment()?,
            a: with(self.a, a),
            b: with(self.b, b),
            rotated: self.rotated,
            first_seed,
            seed_count,
            pairing: Pairing::Subspace,
            ..Ensemble::default()
        })
    }

    /// The page's link to the first seed with these learning rates, after the `#`; `None` where no link opens the task.
    ///
    /// # Errors
    /// A sentence, if the page does not accept a learning rate.
    pub fn link(&self, (a, b): (f64, f64)) -> Result<Option<String>, String> {
        if self.task.components.is_some() {
            return Ok(None);
        }
        let mut state: State = link::read(self.task.link, None).0;
        for (run, rule, rate) in [(0, self.a, a), (1, self.b, b)] {
            state.set(Scope::Run(run), "optimizer", rule.name())?;
            state.set(Scope::Run(run), "lr", &rate.to_string())?;
        }
        Ok(Some(link::write(&state).trim_start_matches('#').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn experiments_are_those_of_the_links_with_their_rates() {
        for comparison in all() {
            let rates = (0.3, 0.03);
            let Some(link) = comparison.link(rates).unwrap() else {
                assert_eq!(comparison.name, "digits-pc16");
                continue;
            };
            let (state, notes) = link::read(&link, None);
            assert_eq!(notes, Vec::<String>::new());
            let ensemble = comparison.ensemble(rates, 1, 1).unwrap();
            for (index, piece) in ensemble.pieces().take(2).enumerate() {
                // The page also draws the layers' own spectra, which no claim looks at, and a null model of the visitor's choice.
                let expected = Experiment { null_model: None, layer_spectra: true, ..ensemble.experiment(piece) };
                assert_eq!(state.experiment(index).unwrap(), expected, "{}", comparison.name);
            }
            ensemble.validate().unwrap();
        }
    }

    /// Data, layers and samples of the Hessian as docs/results/claims.md states them.
    #[test]
    fn tasks_have_the_stated_sizes() {
        let stated = [
            ("spirals", vec![2, 12, 12, 3], None),
            ("moons", vec![2, 12, 12, 2], None),
            ("blobs", vec![10, 12, 4], None),
            ("digits4x4", vec![16, 12, 10], Some(512)),
            ("digits-pc16", vec![16, 12, 10], Some(512)),
            ("iris", vec![4, 12, 3], None),
            ("wine", vec![13, 12, 3], None),
            ("cancer", vec![30, 8, 2], None),
        ];
        let sizes: [(&str, Vec<usize>, _); 2] =
            [("digits-16", vec![64, 16, 10], Some(512)), ("digits-512", vec![64, 512, 10], Some(512))];
        for (task, (name, layers, hessian_samples)) in SIZES.iter().zip(sizes) {
            let experiment = task.experiment().unwrap();
            let train = experiment.data_shape().unwrap().0;
            assert_eq!((task.name, experiment.layer_sizes(train)), (name, layers));
            assert_eq!((experiment.hessian_samples, experiment.checkpoint_steps().len()), (hessian_samples, 21));
        }
        assert_eq!(stated.len(), TASKS.len());
        for (task, (name, layers, hessian_samples)) in TASKS.iter().zip(stated) {
            let experiment = task.experiment().unwrap();
            let data = experiment.load_data().unwrap().0;
            let found = [vec![data.features], experiment.hidden.clone(), vec![data.classes]].concat();
            assert_eq!((task.name, &found, experiment.hessian_samples), (name, &layers, hessian_samples));
            let json = serde_json::to_value(&experiment).unwrap();
            for (field, value) in [
                ("activation", json!("tanh")),
                ("loss_function", json!("cross_entropy")),
                ("start", json!({"scheme": "xavier", "scale": 1.0})),
                ("batch_size", json!(32)),
                ("steps", json!(2000)),
                ("checkpoint_every", json!(10)),
                ("leading", json!(5)),
                ("null_model", json!({"kind": "random_weights", "samples": 20})),
            ] {
                assert_eq!(json[field], value, "{name}: {field}");
            }
        }
    }
}
