//! The compiled part of the Python package `eigendrift`: its three functions take records as Python has them and return
//! records, while other Python threads go on. What is pure Python, and the documentation for users, is in `python/eigendrift`.
#![cfg(not(target_arch = "wasm32"))]

mod reader;
mod value;
mod writer;
mod task;

use eigendrift::case::{self, Case};
use eigendrift::ensemble::{Ensemble, compute_seeds, ensemble_report};
use eigendrift::experiment::{self, Experiment, Run};
use pyo3::prelude::*;

use reader::from_person;
use task::compute;
use value::Value;
use writer::value_of;

fn sentence(error: eigendrift::Error) -> String {
    error.to_string()
}

/// Loss, gradient, exact Hessian and spectrum of one network at one point.
#[pyfunction]
fn analyze(py: Python<'_>, case: &Bound<'_, PyAny>, jobs: Option<&Bound<'_, PyAny>>) -> PyResult<Value> {
    let case: Case = from_person(case, "case")?;
    compute(py, jobs, None, move |_| value_of(&case::analyze(&case).map_err(sentence)?))
}

/// Trains a network and follows its Hessian; `progress` is called with steps taken and steps in all.
#[pyfunction]
fn run(
    py: Python<'_>,
    experiment: &Bound<'_, PyAny>,
    progress: Option<Py<PyAny>>,
    jobs: Option<&Bound<'_, PyAny>>,
) -> PyResult<Value> {
    let experiment: Experiment = from_person(experiment, "experiment")?;
    compute(py, jobs, progress, move |observer| {
        let steps = experiment.steps;
        let run = Run::new(experiment).map_err(sentence)?;
        let observe = |checkpoint: &experiment::Checkpoint| observer.progress(checkpoint.step, steps);
        let report = experiment::run_on(run, Vec::new(), observe, || observer.is_stopped());
        value_of(&report.map_err(sentence)?)
    })
}

/// Compares two optimizers over many seeds; `progress` is called with runs finished and runs in all.
#[pyfunction]
fn ensemble(
    py: Python<'_>,
    ensemble: &Bound<'_, PyAny>,
    progress: Option<Py<PyAny>>,
    jobs: Option<&Bound<'_, PyAny>>,
) -> PyResult<Value> {
    let ensemble: Ensemble = from_person(ensemble, "ensemble")?;
    compute(py, jobs, progress, move |observer| {
        ensemble.validate().map_err(sentence)?;
        let total = ensemble.seed_count * ensemble.members().len();
        let done = |count: usize| observer.progress(count, total);
        let seeds = compute_seeds(&ensemble, Vec::new(), done, |_| Ok(()), || observer.is_stopped())?;
        value_of(&ensemble_report(ensemble, seeds))
    })
}

/// The module `eigendrift._eigendrift`.
#[pymodule]
mod _eigendrift {
    #[pymodule_export]
    use super::{analyze, ensemble, run};
}
