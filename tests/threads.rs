//! Results on several threads against those on one: the same bytes.
#![cfg(not(target_arch = "wasm32"))]

use std::sync::atomic::{AtomicUsize, Ordering};

use eigendrift::experiment::{Experiment, Report, Run, run, run_on};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// P = 610, where the products of the Hessian are shared out; layers, preconditioner and samples have threads of their own.
const LARGE: &str = r#"{"data": {"name": "digits"}, "hidden": [8], "hessian_samples": 300, "steps": 2, "checkpoint_every": 1,
    "optimizer": {"name": "adam"}, "null_model": {"kind": "shuffled_labels", "samples": 5}}"#;
/// Samples of the null model cannot be drawn.
const FAILING: &str = r#"{"steps": 4, "checkpoint_every": 2, "activation": "relu", "start": {"scale": 1e300},
    "initial_parameters": "#;
const SMALL: &str = r#"{"steps": 6, "checkpoint_every": 3, "null_model": {"kind": "shuffled_weights", "samples": 5}}"#;

fn experiment(text: &str) -> Experiment {
    Experiment::from_json(text).unwrap()
}

fn json(report: &Report) -> String {
    serde_json::to_string(report).unwrap()
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

#[test]
fn reports_do_not_depend_on_the_number_of_threads() {
    let parameters = vec![0.1; 231];
    let failing = format!("{FAILING}{parameters:?}}}");
    for text in [LARGE, SMALL, &failing] {
        let alone = run(experiment(text), |_| {}).unwrap();
        assert_eq!(alone.null_model_failed.is_some(), text == failing);
        for threads in [1, 2, 3] {
            let together = pool(threads).install(|| run(experiment(text), |_| {})).unwrap();
            assert!(json(&together) == json(&alone), "{threads} threads, {text}");
        }
    }
}

/// Also between samples of the null model.
#[test]
fn a_run_on_several_threads_can_be_stopped() {
    let whole = json(&run(experiment(SMALL), |_| {}).unwrap());
    let mut stopped_in_null_model = 0;
    for asked in [0, 3, 8, 9, 10, 11, 12] {
        let left = AtomicUsize::new(asked);
        let stop = || left.load(Ordering::Relaxed) == 0 || left.fetch_sub(1, Ordering::Relaxed) == 0;
        let stopped =
            pool(2).install(|| run_on(Run::new(experiment(SMALL)).unwrap(), Vec::new(), |_| {}, stop)).unwrap();
        if stopped.interrupted.is_none() {
            assert!(json(&stopped) == whole);
            continue;
        }
        stopped_in_null_model += usize::from(stopped.checkpoints.len() == 3);
        let mut resumed = Run::new(stopped.experiment).unwrap();
        stopped.checkpoints.iter().for_each(|checkpoint| resumed.replay(checkpoint).unwrap());
        let resumed = pool(2).install(|| run_on(resumed, stopped.checkpoints, |_| {}, || false)).unwrap();
        assert!(json(&resumed) == whole, "stopped when asked for the {asked}th time");
    }
    assert!(stopped_in_null_model > 0);
}
