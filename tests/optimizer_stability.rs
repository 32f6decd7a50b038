//! Stability thresholds by trial: just below, a quadratic's steps die out; just above, they grow. And preconditioners
//! against the steps that were taken.

use eigendrift::optimizer::{AMSGRAD, Optimizer, OptimizerSettings, Rule, Schedule, StabilityThreshold};
use eigendrift::orthogonal_basis::OrthogonalBasis;

/// |θ| after many steps on ½λθ², relative to its start, or ∞ once it is a million; λ is `ratio` times the threshold.
///
/// For adaptive rules ε is so large that √v stays below 1e-3 of it: D stays what it is, as the linear theory assumes.
fn growth(mut settings: OptimizerSettings, ratio: f64) -> f64 {
    let adaptive = !matches!(settings.rule, Rule::Sgd | Rule::Momentum | Rule::Nesterov);
    if adaptive {
        settings.epsilon = 1e9;
    }
    let start = 1e-12;
    let mut optimizer = Optimizer::new(settings, &[start], &[], 0).unwrap();
    let mut x = [0.0];
    for _ in 0..400 {
        optimizer.step(&mut x, &[0.0]); // bias corrections reach 1
    }
    let curvature = match optimizer.stability_threshold().unwrap() {
        StabilityThreshold::Hessian(value) => value,
        StabilityThreshold::Preconditioned(value) => value * optimizer.preconditioner().unwrap()[0],
    };
    assert_eq!(adaptive, matches!(optimizer.stability_threshold(), Some(StabilityThreshold::Preconditioned(_))));
    x = [start];
    let mut largest = 0.0_f64;
    for step in 0..1200 {
        let gradient = [ratio * curvature * x[0]];
        optimizer.step(&mut x, &gradient);
        if x[0].abs() > 1e6 * start {
            return f64::INFINITY;
        }
        if step >= 1000 {
            largest = largest.max(x[0].abs());
        }
    }
    largest / start
}

#[test]
fn steps_die_out_below_the_threshold_and_grow_above() {
    let mut cases = Vec::new();
    for rule in
        [Rule::Sgd, Rule::Momentum, Rule::Nesterov, Rule::Adagrad, Rule::RmsProp, Rule::Adam, Rule::AdamW, Rule::Adamax]
    {
        cases.push(OptimizerSettings { learning_rate: 0.3, weight_decay: 0.0, ..OptimizerSettings::new(rule) });
    }
    cases.push(OptimizerSettings { momentum: 0.5, ..OptimizerSettings::new(Rule::Momentum) });
    cases.push(OptimizerSettings { momentum: 0.5, ..OptimizerSettings::new(Rule::Nesterov) });
    cases.push(OptimizerSettings { beta1: 0.5, ..OptimizerSettings::new(Rule::Adam) });
    // momentum at its ends, β₁/2 and β₁, where it does not change
    for momentum_decay in [0.0, 100.0] {
        cases.push(OptimizerSettings { momentum_decay, ..OptimizerSettings::new(Rule::NAdam) });
    }
    for settings in cases {
        // the root at −1 moves by 0.02 or more; the heavy ball's other root, √μ at most, has died out in 1000 steps
        let (below, above) = (growth(settings.clone(), 0.98), growth(settings.clone(), 1.02));
        assert!(below < 1e-3, "{settings:?} {below}");
        assert!(above.is_infinite(), "{settings:?} {above}");
    }
}

#[test]
fn thresholds_at_the_usual_settings_are_the_published_numbers() {
    let value = |rule| {
        let settings = OptimizerSettings { learning_rate: 0.5, ..OptimizerSettings::new(rule) };
        let mut optimizer = Optimizer::new(settings, &[0.0], &[], 0).unwrap();
        assert_eq!(
            optimizer.stability_threshold().is_some(),
            matches!(rule, Rule::Sgd | Rule::Momentum | Rule::Nesterov)
        );
        optimizer.step(&mut [0.0], &[1.0]);
        optimizer.stability_threshold().map(StabilityThreshold::value)
    };
    for (rule, expected) in [
        (Rule::Sgd, 2.0 / 0.5),
        (Rule::Momentum, 3.8 / 0.5),
        (Rule::Nesterov, 3.8 / 2.8 / 0.5),
        (Rule::RmsProp, 2.0 / 0.5),
        (Rule::Adam, 38.0 / 0.5),
        (Rule::Adamax, 38.0 / 0.5),
    ] {
        assert!((value(rule).unwrap() - expected).abs() < 1e-13 * expected, "{rule:?}");
    }
    assert_eq!((value(Rule::Lion), value(Rule::Muon)), (None, None));
}

#[test]
fn the_preconditioner_is_what_the_step_divided_by() {
    let gradients = [[0.3, -2.0, 1e-3], [0.1, 1.0, 2e-3], [-0.4, 0.5, -4e-3]];
    for rule in [Rule::Adagrad, Rule::RmsProp, Rule::Adam, Rule::AdamW, Rule::Adamax] {
        for (rotated_basis, amsgrad) in [(false, false), (true, false), (false, true)] {
            let mut settings = OptimizerSettings::new(rule);
            (settings.weight_decay, settings.rotated_basis) = (0.0, rotated_basis);
            settings.amsgrad = amsgrad && rule.switches().contains(&AMSGRAD);
            let (eta, beta1) = (settings.learning_rate, settings.beta1);
            let rotation = OrthogonalBasis::new(3, 5);
            let in_rule = |x: [f64; 3]| {
                let mut out = x;
                if rotated_basis {
                    rotation.forth(&x, &mut out);
                }
                out
            };
            let mut x = [0.0; 3];
            let mut optimizer = Optimizer::new(settings, &x, &[], 5).unwrap();
            assert!(optimizer.preconditioner().is_none() && optimizer.rotated_preconditioner().is_none());
            let mut moment = [0.0; 3]; // of Adam before its bias correction; the gradient for the others
            for gradient in &gradients {
                let before = x;
                optimizer.step(&mut x, gradient);
                let moved = in_rule([0, 1, 2].map(|i| x[i] - before[i]));
                let g = in_rule(*gradient);
                moment = [0, 1, 2].map(|i| beta1 * moment[i] + (1.0 - beta1) * g[i]);
                let diagonal = if rotated_basis {
                    assert!(optimizer.preconditioner().is_none());
                    assert_eq!(optimizer.rotation(), Some(&rotation));
                    optimizer.rotated_preconditioner().unwrap()
                } else {
                    assert!(optimizer.rotated_preconditioner().is_none());
                    optimizer.preconditioner().unwrap()
                };
                for i in 0..3 {
                    // Δθ of 1e-3 or more out of θ of 0.1: eleven digits and more are left
                    assert!(
                        (diagonal[i] * moved[i] + eta * moment[i]).abs() < 1e-10 * (eta * moment[i]).abs(),
                        "{rule:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_learning_rate_of_zero_moves_nothing() {
    for rule in Rule::ALL {
        let settings = OptimizerSettings { learning_rate: 0.0, ..OptimizerSettings::new(rule) };
        let start = [0.3, -1.7, 0.0];
        let mut x = start;
        let mut optimizer = Optimizer::new(settings, &start, &[], 0).unwrap();
        for _ in 0..3 {
            optimizer.step(&mut x, &[1.0, -2.0, 0.5]);
        }
        assert_eq!(x, start, "{rule:?}");
        assert_eq!(optimizer.stability_threshold(), None);
    }
}

#[test]
fn rate_and_schedule_may_change_while_a_run_goes_on() {
    let with = |schedule| {
        let settings = OptimizerSettings { schedule, learning_rate: 0.5, ..OptimizerSettings::new(Rule::Adam) };
        Optimizer::new(settings, &[1.0, -3.0], &[], 0).unwrap()
    };
    let run = |optimizer: &mut Optimizer, x: &mut [f64; 2], steps: usize| {
        for _ in 0..steps {
            let gradient = [x[0], 3.0 * x[1]];
            optimizer.step(x, &gradient);
        }
    };
    let (mut stepped, mut by_hand) = (with(Schedule::Step { every: 4, factor: 0.5 }), with(Schedule::Constant));
    let (mut x, mut y) = ([1.0, -3.0], [1.0, -3.0]);
    run(&mut stepped, &mut x, 12);
    for rate in [0.5, 0.25, 0.125] {
        by_hand.set_learning_rate(rate).unwrap();
        let mut resumed = by_hand.clone(); // a run may stop here and go on
        run(&mut resumed, &mut y, 4);
        by_hand = resumed;
    }
    assert_eq!(x, y);
    assert_eq!((by_hand.steps(), by_hand.learning_rate()), (12, 0.125));
    by_hand.set_schedule(Schedule::Step { every: 4, factor: 0.5 }).unwrap();
    assert_eq!(by_hand.learning_rate(), 0.125 * 0.125);
    assert!(by_hand.set_learning_rate(f64::NAN).is_err() && by_hand.set_learning_rate(-1.0).is_err());
    assert!(by_hand.set_schedule(Schedule::Cosine { steps: 0, final_factor: 0.0 }).is_err());
    assert_eq!(by_hand.learning_rate(), 0.125 * 0.125, "a refused change changes nothing");
}

#[test]
fn the_rules_with_a_preconditioner_are_those_that_have_one() {
    for rule in Rule::ALL {
        let mut x = [1.0, 2.0];
        let mut optimizer = Optimizer::new(OptimizerSettings::new(rule), &x, &[], 0).unwrap();
        optimizer.step(&mut x, &[0.5, 1.0]);
        assert_eq!(rule.has_preconditioner(), optimizer.preconditioner().is_some(), "{rule:?}");
    }
}

#[test]
fn divergence_stays_visible() {
    for rule in Rule::ALL {
        let mut x = [1.0, 2.0];
        let mut optimizer = Optimizer::new(OptimizerSettings::new(rule), &x, &[], 0).unwrap();
        optimizer.step(&mut x, &[f64::NAN, 1.0]);
        assert!(x[0].is_nan() && x[1].is_finite(), "{rule:?}");
    }
}

/// With ε ≫ √v the preconditioner is (1−β₁ᵗ) ε times the identity in whatever basis.
#[test]
fn a_checkpoint_compares_the_preconditioned_hessian_with_its_threshold_also_in_a_rotated_basis() {
    for rotated_basis in [false, true] {
        let text = format!(
            r#"{{"data": {{"inputs": [[0.2, -0.4], [1.1, 0.3], [-0.7, 0.9], [0.5, 0.5]], "labels": [0, 1, 1, 0]}},
                "hidden": [3], "steps": 3, "checkpoint_every": 3, "leading": 2, "null_model": null,
                "optimizer": {{"name": "adam", "epsilon": 1e9, "rotated_basis": {rotated_basis}}}}}"#
        );
        let report = eigendrift::experiment::run(eigendrift::experiment::Experiment::from_json(&text).unwrap(), |_| {});
        let report = report.unwrap();
        let [start, end] = report.checkpoints.as_slice() else { panic!("two checkpoints") };
        assert_eq!(start.stability_threshold, None);
        let expected = end.eigenvalues_descending[0] / ((1.0 - 0.9f64.powi(3)) * 1e9);
        // √v/ε is 1e-9 at most
        assert!((end.sharpness - expected).abs() < 1e-8 * expected, "{} {expected}", end.sharpness);
        let threshold = end.stability_threshold.unwrap();
        assert!((threshold - 3800.0).abs() < 1e-9, "38/η at η = 0.01: {threshold}");
    }
}
