//! Experiments as a whole: determinism, what must not move, and what bad input is answered with.
#![cfg(not(target_arch = "wasm32"))]

use eigendrift::Error;
use eigendrift::Schedule;
use eigendrift::experiment::{Checkpoint, Experiment, Report, Run, run, run_on};
use eigendrift::mlp::Architecture;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;

fn experiment(changes: Value) -> Experiment {
    let mut fields = json!({
        "data": {"name": "spirals", "samples": 60},
        "hidden": [5, 4],
        "steps": 40,
        "checkpoint_every": 10,
        "leading": 3,
        "null_model": null,
        "test_share": 0.2,
    });
    for (key, value) in changes.as_object().unwrap() {
        fields[key] = value.clone();
    }
    Experiment::from_json(&fields.to_string()).unwrap()
}

fn report(changes: Value) -> Report {
    run(experiment(changes), |_| {}).unwrap()
}

#[test]
fn the_same_experiment_gives_the_same_bits() {
    let twice = [report(json!({})), report(json!({}))].map(|report| serde_json::to_string(&report).unwrap());
    assert_eq!(twice[0], twice[1]);
    assert_ne!(report(json!({"seed": 2})).checkpoints[0].loss, report(json!({})).checkpoints[0].loss);
}

#[test]
fn interruptions_change_nothing() {
    let whole = report(json!({"optimizer": {"name": "adam"}}));
    let mut run = Run::new(experiment(json!({"optimizer": {"name": "adam"}}))).unwrap();
    let mut checkpoints = Vec::new();
    while !run.is_finished() {
        if run.is_checkpoint_due() {
            checkpoints.push(run.checkpoint().unwrap());
        } else {
            assert!(run.advance(3).unwrap() <= 3);
        }
    }
    assert_eq!(checkpoints, whole.checkpoints);
}

/// Wherever a run is stopped, also before its first checkpoint and within its null model, what it gave as JSON is enough to
/// go on to the same bits.
#[test]
fn a_stopped_run_goes_on_to_the_same_bits() {
    let of = |rule: &str| {
        json!({"optimizer": {"name": rule}, "steps": 12, "checkpoint_every": 3, "layer_spectra": false,
            "null_model": {"kind": "shuffled_labels", "samples": 4}})
    };
    for rule in ["muon", "nadam"] {
        let whole = report(of(rule));
        assert_eq!(whole.interrupted, None);
        for asked in [0, 1, 2, 5, 9, 14, 17, 18, 20] {
            let left: Cell<usize> = Cell::new(asked);
            let stop = || left.replace(left.get().saturating_sub(1)) == 0;
            let stopped = run_on(Run::new(experiment(of(rule))).unwrap(), Vec::new(), |_| {}, stop).unwrap();
            assert!(stopped.interrupted.is_some() && stopped.null_model.is_none());
            assert!(stopped.checkpoints.len() <= 1 + asked);
            let text = serde_json::to_string(&stopped.checkpoints).unwrap();
            let checkpoints: Vec<Checkpoint> = serde_json::from_str(&text).unwrap();
            assert_eq!(checkpoints, stopped.checkpoints);
            let mut run = Run::new(stopped.experiment).unwrap();
            checkpoints.iter().for_each(|checkpoint| run.replay(checkpoint).unwrap());
            let resumed = run_on(run, checkpoints, |_| {}, || false).unwrap();
            assert_eq!(serde_json::to_string(&resumed).unwrap(), serde_json::to_string(&whole).unwrap());
        }
    }
}

#[test]
fn a_null_model_that_fails_leaves_the_rest() {
    let start = vec![0.1; 3 * 5 + 6 * 4 + 5 * 3];
    let failing = json!({"activation": "relu", "initial_parameters": start, "start": {"scale": 1e300}, "null_model": {"kind": "random_weights"}});
    let found = report(failing);
    assert_eq!(found.checkpoints.len(), 5);
    assert!(found.null_model.is_none() && found.interrupted.is_none());
    assert!(found.null_model_failed.unwrap().contains("NaN or infinity"));
}

/// Against a run that is stopped at each of the steps and given the new setting by hand.
#[test]
fn changes_on_the_way_act_from_their_step_on() {
    let adam = json!({"name": "adam", "learning_rate": 0.01});
    let changes = json!([
        {"step": 0, "learning_rate": 0.02},
        {"step": 13, "schedule": {"name": "step", "every": 15, "factor": 0.5}},
        {"step": 20, "learning_rate": 0.3, "schedule": {"name": "constant"}},
    ]);
    let changed = report(json!({"optimizer": adam, "changes": changes}));
    let mut by_hand = Run::new(experiment(json!({"optimizer": adam}))).unwrap();
    let mut checkpoints = Vec::new();
    let (step, constant) = (Schedule::Step { every: 15, factor: 0.5 }, Schedule::Constant);
    while !by_hand.is_finished() {
        if by_hand.is_checkpoint_due() {
            checkpoints.push(by_hand.checkpoint().unwrap());
            continue;
        }
        let now = by_hand.training().steps();
        let optimizer = by_hand.training_mut().optimizer_mut();
        match now {
            0 => optimizer.set_learning_rate(0.02).unwrap(),
            13 => optimizer.set_schedule(step).unwrap(),
            20 => {
                optimizer.set_learning_rate(0.3).unwrap();
                optimizer.set_schedule(constant).unwrap();
            }
            _ => {}
        }
        by_hand.advance(1).unwrap();
    }
    assert_eq!(changed.checkpoints, checkpoints);
    let rates: Vec<f64> = checkpoints.iter().map(|checkpoint| checkpoint.learning_rate).collect();
    assert_eq!(rates, [0.01, 0.02, 0.01, 0.3, 0.3], "a checkpoint is taken before a change at its step");
    assert_ne!(changed.checkpoints[4].loss, report(json!({"optimizer": adam})).checkpoints[4].loss);
    // What was run is in the report, and reads back as it was.
    assert_eq!(serde_json::to_value(&changed.experiment).unwrap()["changes"], changes);
}

#[test]
fn a_change_by_hand_takes_the_place_of_those_planned() {
    let planned = json!([{"step": 5, "learning_rate": 0.2}, {"step": 25, "learning_rate": 0.4}]);
    let mut run = Run::new(experiment(json!({"changes": planned}))).unwrap();
    let mut checkpoints = Vec::new();
    while !run.is_finished() {
        if run.is_checkpoint_due() {
            checkpoints.push(run.checkpoint().unwrap());
            continue;
        }
        if run.training().steps() == 15 {
            run.training_mut().change(Some(0.05), None).unwrap();
            assert!(run.training_mut().change(Some(f64::NAN), None).is_err());
        }
        run.advance(1).unwrap();
    }
    let as_data = json!([{"step": 5, "learning_rate": 0.2}, {"step": 15, "learning_rate": 0.05}]);
    assert_eq!(checkpoints, report(json!({"changes": as_data})).checkpoints);
}

#[test]
fn optimizers_share_start_data_and_batches() {
    let adam = report(json!({"optimizer": {"name": "adam"}}));
    let sgd = report(json!({}));
    assert_eq!(adam.checkpoints[0].parameters, sgd.checkpoints[0].parameters);
    // With learning rate 0 any rule stays at the start, on the same data.
    let still = report(json!({"optimizer": {"name": "adam", "learning_rate": 0.0}}));
    assert_eq!(still.checkpoints[4].loss, sgd.checkpoints[0].loss);
}

#[test]
fn a_learning_rate_of_zero_moves_nothing() {
    let still = report(json!({"optimizer": {"name": "sgd", "learning_rate": 0.0}}));
    assert!(still.two_time.displacement_by_rank.concat().iter().all(|d| d.value() == Some(0.0)));
    assert!(still.two_time.displacement_tracked.concat().iter().all(|d| d.value() == Some(0.0)));
    assert!(still.two_time.weight_displacement.concat().iter().all(|&d| d == 0.0));
    assert!(still.two_time.subspace_overlap.concat().iter().all(|q| (q.value().unwrap() - 1.0).abs() < 1e-14));
    assert!(still.checkpoints.iter().all(|checkpoint| checkpoint.update_share.is_none()));
}

/// SGD in a rotated basis takes the same path up to rounding; Adam does not.
#[test]
fn only_adam_notices_a_rotated_basis() {
    let distance = |name: &str| {
        let [plain, rotated] = [false, true].map(|rotated_basis| {
            report(json!({"optimizer": {"name": name, "rotated_basis": rotated_basis}})).checkpoints.pop().unwrap()
        });
        plain.parameters.iter().zip(&rotated.parameters).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    assert!(distance("sgd") < 1e-12);
    assert!(distance("adam") > 1e-3);
}

/// Permuting the hidden units of a start permutes everything that follows: λ and IPR stay, eigenvector entries move along.
#[test]
fn permuting_hidden_units_leaves_spectrum_and_localization() {
    let layers = vec![2, 5, 3];
    let start = report(json!({"hidden": [5]})).checkpoints[0].parameters.clone();
    let architecture = Architecture::new(layers, eigendrift::activation::Activation::Tanh).unwrap();
    let permutation = [3, 0, 4, 1, 2];
    let mut moved: Vec<usize> = (0..start.len()).collect();
    let (first, bias, second) =
        (architecture.weights(0).start, architecture.biases(0).start, architecture.weights(1).start);
    for (new, &old) in permutation.iter().enumerate() {
        for j in 0..2 {
            moved[first + new * 2 + j] = first + old * 2 + j;
        }
        moved[bias + new] = bias + old;
        for c in 0..3 {
            moved[second + c * 5 + new] = second + c * 5 + old;
        }
    }
    let permuted: Vec<f64> = moved.iter().map(|&i| start[i]).collect();
    let a = report(json!({"hidden": [5], "initial_parameters": start}));
    let b = report(json!({"hidden": [5], "initial_parameters": permuted}));
    for (a, b) in a.checkpoints.iter().zip(&b.checkpoints) {
        let scale = a.eigenvalues_descending[0];
        for (x, y) in a.eigenvalues_descending.iter().zip(&b.eigenvalues_descending) {
            assert!((x - y).abs() < 1e-12 * scale);
        }
        // Gaps here exceed 1 % of λ_1, so that vectors are determined to about 1e-13.
        assert!((a.leading_eigenvalues[0] - a.leading_eigenvalues[1]) > 0.01 * scale);
        assert!((a.leading_ipr[0].value().unwrap() - b.leading_ipr[0].value().unwrap()).abs() < 1e-9);
        let overlap: f64 =
            moved.iter().zip(&b.leading_eigenvectors[0]).map(|(&i, v)| a.leading_eigenvectors[0][i] * v).sum();
        assert!((overlap.abs() - 1.0).abs() < 1e-11);
    }
}

#[test]
fn checkpoints_stand_where_they_should() {
    let steps = |changes| experiment(changes).checkpoint_steps();
    assert_eq!(steps(json!({})), [0, 10, 20, 30, 40]);
    assert_eq!(steps(json!({"steps": 45})), [0, 10, 20, 30, 40, 45]);
    assert_eq!(steps(json!({"steps": 0})), [0]);
    assert_eq!(steps(json!({"checkpoint_spacing": "logarithmic"})), [0, 10, 12, 14, 17, 20, 24, 28, 34, 40]);
    assert_eq!(
        steps(json!({"checkpoint_spacing": "logarithmic", "checkpoint_every": 1, "steps": 9})),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    );
}

#[test]
fn divergence_is_told_and_keeps_the_curves() {
    let report = report(json!({"optimizer": {"name": "sgd", "learning_rate": 1e6}}));
    assert!(report.diverged.unwrap().contains("diverged at step"));
    assert!(!report.checkpoints.is_empty());
    assert_eq!(report.two_time.subspace_overlap.len(), report.checkpoints.len());
}

#[test]
fn bad_fields_are_named() {
    let cases = [
        (json!({"stepz": 3}), "stepz"),
        (json!({"steps": -3}), "steps"),
        (json!({"steps": 20_000_000}), "steps"),
        (json!({"checkpoint_every": 0}), "checkpoint_every"),
        (json!({"leading": 0}), "leading"),
        (json!({"leading": 4000}), "leading"),
        (json!({"hidden": [0]}), "hidden"),
        (json!({"hidden": [4000], "spectrum": "full"}), "hidden"),
        (json!({"hidden": [2, 2, 2, 2, 2, 2, 2, 2, 2]}), "hidden"),
        (json!({"layers": [7, 3]}), "layers"),
        (json!({"activation": "tanhh"}), "activation"),
        (json!({"label_smoothing": 1.0}), "label_smoothing"),
        (json!({"loss_function": "mean_squared_error", "label_smoothing": 0.1}), "label_smoothing"),
        (json!({"optimizer": {"name": "adam", "learning_rate": -1}}), "optimizer.learning_rate"),
        (json!({"optimizer": {"name": "sgdd"}}), "optimizer"),
        (json!({"batch_size": 0}), "batch_size"),
        (json!({"batch_size": "half"}), "batch_size"),
        (json!({"data": {"name": "spirals", "samples": 1}}), "data.samples"),
        (json!({"data": {"inputs": [[1, 2], [3]], "labels": [0, 1]}}), "data"),
        (json!({"test_share": 0.9}), "test_share"),
        (json!({"initial_parameters": [1, 2]}), "initial_parameters"),
        (json!({"null_model": {"kind": "goe", "samples": 1}}), "null_model.samples"),
        (json!({"null_model": {"kind": "goes"}}), "null_model"),
        (json!({"start": {"scale": -1}}), "start.scale"),
        (json!({"seed": 1u64 << 60}), "seed"),
        (json!({"hessian_samples": 0}), "hessian_samples"),
        (json!({"steps": 9_000_000, "checkpoint_every": 1}), "checkpoint_every"),
        (json!({"changes": [{"step": 3}]}), "changes[0]"),
        (json!({"changes": [{"step": 3, "learning_rate": -1}]}), "changes[0].learning_rate"),
        (json!({"changes": [{"step": 3, "learning_rate": "x"}]}), "changes[0].learning_rate"),
        (json!({"changes": [{"step": -3, "learning_rate": 1}]}), "changes[0].step"),
        (json!({"changes": [{"step": 2000, "learning_rate": 1}]}), "changes[0].step"),
        (json!({"changes": [{"step": 3, "rate": 1}]}), "changes[0].rate"),
        (json!({"changes": [{"step": 3, "schedule": {"name": "step", "every": 0}}]}), "changes[0].schedule.every"),
        (json!({"changes": [{"step": 3, "schedule": {"name": "steps"}}]}), "changes[0].schedule.name"),
        (json!({"changes": [{"step": 3, "learning_rate": 1}, {"step": 3, "learning_rate": 2}]}), "changes[1].step"),
        (json!({"changes": vec![json!({"step": 3, "learning_rate": 1}); 300]}), "changes"),
        (json!([1]), "experiment"),
    ];
    for (text, field) in cases {
        let outcome = Experiment::from_json(&text.to_string()).and_then(Run::new);
        match outcome {
            Err(Error::Invalid { field: named, problem }) => {
                assert!(named.starts_with(field) && !problem.is_empty(), "{text}: {named}: {problem}");
            }
            Err(error) => panic!("{text}: {error}"),
            Ok(_) => panic!("{text} was taken"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Arbitrary bytes as text: an answer, never a panic.
    #[test]
    fn hostile_text_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = Experiment::from_json(&text).map(Run::new);
        let _ = eigendrift::case::Case::from_json(&text).and_then(|case| eigendrift::case::analyze(&case));
    }

    /// A valid experiment and a valid case with some bytes overwritten.
    #[test]
    fn damaged_json_is_answered(edits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..4)) {
        let experiment = r#"{"data":{"name":"xor","samples":20},"hidden":[3],"steps":3,"checkpoint_every":2,"leading":2,"optimizer":{"name":"adam","learning_rate":0.01},"null_model":null,"seed":7}"#;
        let case = r#"{"layers":[2,2,2],"activation":"tanh","loss_function":"cross_entropy","inputs":[[1,2],[0.5,-1]],"labels":[0,1],"parameters":[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1.0,1.1,1.2]}"#;
        let damage = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            for &(position, byte) in &edits {
                let position = usize::from(position) % bytes.len();
                bytes[position] = byte;
            }
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let small = |e: &Experiment| e.steps <= 100 && e.hidden.iter().all(|&h| h < 40) && e.leading < 10;
        if let Ok(experiment) = Experiment::from_json(&damage(experiment)) && small(&experiment) {
            let _ = run(experiment, |_| {});
        }
        let _ = eigendrift::case::Case::from_json(&damage(case)).and_then(|case| eigendrift::case::analyze(&case));
    }
}
