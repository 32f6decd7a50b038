//! What is not determined, has diverged or is saturated is reported as that, and never as a number.

use eigendrift::error::Error;
use eigendrift::{Case, Experiment, Report, analyze, run};
use serde_json::{Value, json};

fn report(fields: Value) -> Report {
    run(Experiment::from_json(&fields.to_string()).unwrap(), |_| ()).unwrap()
}

fn case(fields: Value) -> Case {
    Case::from_json(&fields.to_string()).unwrap()
}

/// With η = 1000 the softmax saturates: every p_c is 0 or 1 up to rounding, so that S = diag(p) − p pᵀ, and with it H,
/// vanishes in exact terms up to e^−1000. What is left is no curvature.
#[test]
fn a_saturated_network_has_no_leading_directions() {
    let report =
        report(json!({"optimizer": {"name": "sgd", "learning_rate": 1000}, "steps": 200, "checkpoint_every": 20}));
    assert_eq!(report.diverged, None);
    let [first, late @ ..] = &report.checkpoints[..] else { panic!() };
    assert_eq!((first.determination.count(), first.determination.subspace), (5, true));
    for checkpoint in late {
        assert!(checkpoint.hessian_vanishes(), "step {}", checkpoint.step);
        assert!(checkpoint.leading_ipr.iter().all(|ipr| !ipr.is_determined()));
        assert!(checkpoint.leading_participation_entropy.iter().all(|count| !count.is_determined()));
        assert!(checkpoint.group_mass.iter().all(Option::is_none));
        assert!(checkpoint.two_time.track.iter().all(Option::is_none));
        assert_eq!((checkpoint.gradient_share, checkpoint.update_share), (None, None));
        let row = &checkpoint.two_time;
        for values in [&row.displacement_by_rank, &row.displacement_tracked, &row.subspace_overlap] {
            assert!(values.iter().all(|value| !value.is_determined()));
        }
        assert!(row.weight_displacement.iter().all(|d| d.is_finite()), "the weights are known all the same");
    }
    let sentence = report.saturated.unwrap();
    assert!(sentence.starts_with("from step 20 on the Hessian vanishes"), "{sentence}");
    assert!(sentence.contains("at step 200, 1.048e0 at the start"), "{sentence}");
}

/// With θ = 0 and ReLU only the output biases have curvature: S at p = (1/3, 1/3, 1/3) has the eigenvalues 1/3, 1/3, 0. No
/// direction is determined, and the plane of the first two is.
#[test]
fn a_dead_network_determines_a_plane_and_no_direction() {
    let fields = |leading: usize| json!({"start": {"scale": 0}, "activation": "relu", "steps": 0, "leading": leading, "null_model": null});
    let two = &report(fields(2)).checkpoints[0];
    for value in &two.leading_eigenvalues {
        assert!((value - 1.0 / 3.0).abs() < 1e-14, "{value}");
    }
    assert_eq!((two.determination.count(), two.determination.subspace), (0, true));
    assert!(two.leading_ipr.iter().all(|ipr| !ipr.is_determined()));
    assert_eq!(two.two_time.subspace_overlap[0].value().map(|q| (q - 1.0).abs() < 1e-14), Some(true));
    assert!(two.gradient_share.is_some(), "the plane is determined");
    let five = &report(fields(5)).checkpoints[0];
    assert_eq!((five.determination.count(), five.determination.subspace), (0, false));
    assert_eq!(five.gradient_share, None);
}

/// Two equal rows with opposite labels at θ = 0 of a softmax regression: H = S ⊗ ããᵀ with S = (1 −1; −1 1)/4 has rank 1. Its
/// first direction is known by hand; all others are rounding.
#[test]
fn noise_below_the_rounding_of_h_is_no_direction() {
    let found = analyze(&case(json!({
        "layers": [2, 2], "activation": "tanh", "loss_function": "cross_entropy",
        "inputs": [[0.3, -0.7], [0.3, -0.7]], "labels": [0, 1],
        "parameters": [0, 0, 0, 0, 0, 0], "leading": 4,
    })))
    .unwrap();
    let square = 0.3_f64.powi(2) + 0.7_f64.powi(2) + 1.0;
    assert!((found.eigenvalues_descending[0] - 0.5 * square).abs() < 1e-15);
    assert_eq!(found.determination.directions, [true, false, false, false]);
    // v_1 = (ã, −ã)/(√2 ‖ã‖): IPR = 2 Σ ã⁴ / (4 ‖ã‖⁴).
    let fourth = 0.3_f64.powi(4) + 0.7_f64.powi(4) + 1.0;
    let ipr = found.leading_ipr[0].value().unwrap();
    assert!((ipr - fourth / (2.0 * square * square)).abs() < 1e-14, "{ipr}");
    assert!(found.leading_ipr[1..].iter().all(|ipr| !ipr.is_determined()));
    let written = serde_json::to_value(&found).unwrap();
    assert_eq!(written["leading_ipr"][1], Value::Null);
}

/// Everything that a usual run reports is determined: the floor is far below what training shows.
#[test]
fn the_default_run_determines_all_its_directions() {
    let report = report(json!({"steps": 300, "checkpoint_every": 50}));
    for checkpoint in &report.checkpoints {
        assert_eq!((checkpoint.determination.count(), checkpoint.determination.subspace), (5, true));
        assert!(checkpoint.determination.floor < 1e-9 * checkpoint.leading_eigenvalues[4]);
        assert!(checkpoint.certificates.angle_bounds.iter().all(|bound| *bound < 1e-10));
    }
    assert_eq!(report.saturated, None);
}

/// After a single step with η = 1e300 nothing is left that would notice it but the last checkpoint.
#[test]
fn divergence_is_found_at_the_last_step_too() {
    let optimizer = json!({"name": "sgd", "learning_rate": 1e300});
    let report = report(json!({"optimizer": optimizer, "steps": 1, "checkpoint_every": 1}));
    assert_eq!(report.checkpoints.len(), 1);
    let sentence = report.diverged.unwrap();
    assert!(sentence.starts_with("training diverged at step 1: the loss "), "{sentence}");
    assert!(sentence.ends_with("a smaller learning rate may help"), "{sentence}");
}

#[test]
fn the_advice_fits_the_case() {
    let start = report(json!({"start": {"scale": 1e200}, "activation": "relu", "steps": 10}));
    let sentence = start.diverged.unwrap();
    assert!(
        sentence.contains("at step 0") && sentence.ends_with("a smaller scale of the start or of the inputs may help")
    );
    assert_eq!(start.checkpoints.len(), 0);

    // A dead unit's gradient is 0, and with ε = 0 Adam divides 0 by 0.
    let adam = json!({"name": "adam", "epsilon": 0});
    let fields =
        json!({"optimizer": adam, "start": {"scale": 0}, "activation": "relu", "steps": 10, "checkpoint_every": 5});
    let sentence = report(fields).diverged.unwrap();
    assert!(sentence.contains("epsilon = 0") && !sentence.contains("learning rate"), "{sentence}");
}

/// A run that has diverged has nothing left to do.
#[test]
fn a_diverged_run_is_finished() {
    let fields = json!({"optimizer": {"name": "sgd", "learning_rate": 1e300}, "steps": 5, "checkpoint_every": 1});
    let mut run = eigendrift::Run::new(Experiment::from_json(&fields.to_string()).unwrap()).unwrap();
    run.checkpoint().unwrap();
    let error = (0..5).find_map(|_| run.advance(1).and_then(|_| run.checkpoint()).err()).unwrap();
    assert!(matches!(error, Error::Diverged { .. }));
    assert!(run.is_finished() && !run.is_checkpoint_due());
    assert_eq!(run.advance(10).unwrap(), 0);
}

/// Numbers that overflow are reported where they arise; JSON has no infinity, and would write null.
#[test]
fn no_number_is_infinite() {
    let gradient = json!({
        "layers": [1, 2], "activation": "identity", "loss_function": "mean_squared_error",
        "inputs": [[1e160]], "labels": [0], "parameters": [1e-10, 0, 0, 0],
    });
    let error = analyze(&case(gradient)).unwrap_err().to_string();
    assert!(error.contains("holds NaN or infinity"), "{error}");

    // The training inputs are tame, and the only test sample is not.
    let fields = json!({
        "data": {"inputs": [[1], [2], [3], [4], [1e200]], "labels": [0, 1, 0, 1, 0]}, "test_share": 0.2,
        "loss_function": "mean_squared_error", "hidden": [], "leading": 2, "steps": 1,
    });
    for seed in 0..12 {
        let mut fields = fields.clone();
        fields["seed"] = seed.into();
        let report = report(fields);
        let text = serde_json::to_value(&report.checkpoints).unwrap();
        for checkpoint in text.as_array().unwrap() {
            assert!(checkpoint["gradient_norm"].is_f64() && checkpoint["trace"].is_f64(), "{checkpoint}");
            assert!(checkpoint["test_loss"].is_f64(), "{checkpoint}");
        }
        assert!(report.diverged.is_some(), "1e200 squared is beyond f64 wherever it stands");
    }
}

/// Gradient descent beyond its edge of stability moves with period 2: at η = 0.5 on the default spirals λ_1 is 5.41 and 3.93
/// in turn (values of an independent trial, from step 600 on). Every checkpoint holds both.
#[test]
fn both_phases_of_a_period_two_motion_are_recorded() {
    let optimizer = json!({"name": "sgd", "learning_rate": 0.5});
    let report = report(
        json!({"optimizer": optimizer, "batch_size": "full", "steps": 600, "checkpoint_every": 100, "null_model": null}),
    );
    let last = report.checkpoints.last().unwrap();
    assert_eq!(last.stability_threshold, Some(4.0));
    assert_eq!(last.stability_threshold_before, Some(4.0));
    let (high, low) = (last.sharpness, last.sharpness_before.unwrap());
    assert!((high - 5.41).abs() < 0.01 && (low - 3.93).abs() < 0.01, "{high} {low}");
    assert_eq!(report.checkpoints[0].sharpness_before, None, "nothing comes before the start");
}

/// The sharpness before a checkpoint is what a checkpoint there would have found, also with a preconditioner.
#[test]
fn the_sharpness_before_is_that_of_a_checkpoint_there() {
    for optimizer in
        [json!({"name": "momentum"}), json!({"name": "adam"}), json!({"name": "adam", "rotated_basis": true})]
    {
        let fields = |every: usize| json!({"optimizer": optimizer, "hidden": [6], "steps": 12, "checkpoint_every": every, "null_model": null});
        let (each, fourth) = (report(fields(1)), report(fields(4)));
        for checkpoint in &fourth.checkpoints[1..] {
            let there = &each.checkpoints[checkpoint.step - 1];
            let before = checkpoint.sharpness_before.unwrap();
            assert!((before - there.sharpness).abs() <= 1e-10 * there.sharpness.abs(), "{before} {}", there.sharpness);
            assert_eq!(checkpoint.stability_threshold_before, there.stability_threshold);
            assert_eq!(each.checkpoints[checkpoint.step].leading_eigenvalues, checkpoint.leading_eigenvalues);
        }
    }
    let lion = report(json!({"optimizer": {"name": "lion"}, "hidden": [4], "steps": 4, "checkpoint_every": 2}));
    assert!(lion.checkpoints.iter().all(|checkpoint| checkpoint.sharpness_before.is_none()), "it has no threshold");
}
