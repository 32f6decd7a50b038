//! Leading pairs from products: runs, null models, cases and landscapes against the same with the whole spectrum; the same bits
//! again; sizes that are refused.

use eigendrift::curvature::{Method, Route};
use eigendrift::ensemble::{Ensemble, Member, Piece, SummarizedRun};
use eigendrift::experiment::run_on;
use eigendrift::hessian::Part;
use eigendrift::landscape::Landscape;
use eigendrift::{Case, Checkpoint, Error, Experiment, Measured, Report, Run, SpectrumMode, analyze, run};
use serde_json::{Value, json};

/// Residuals of products are at most 10⁻¹⁰ ‖H‖, so that a vector's angle to the exact one is at most so much over its gap,
/// and what is measured of it differs by a few times that angle.
const RESIDUAL: f64 = 2e-10;

fn experiment(fields: Value, spectrum: &str) -> Experiment {
    let mut whole = json!({
        "data": {"name": "spirals", "samples": 90}, "steps": 20, "checkpoint_every": 10, "leading": 4,
        "layer_spectra": true, "null_model": {"kind": "random_weights", "samples": 3},
    });
    whole.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    whole["spectrum"] = json!(spectrum);
    Experiment::from_json(&whole.to_string()).unwrap()
}

fn both(fields: Value) -> [Report; 2] {
    ["full", "leading"].map(|spectrum| run(experiment(fields.clone(), spectrum), |_| {}).unwrap())
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} for {expected}");
}

fn all_close(found: &[Measured], expected: &[Measured], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        if let (Some(found), Some(expected)) = (found.value(), expected.value()) {
            close(found, expected, tolerance, what);
        }
    }
}

/// Compares a checkpoint of leading pairs with that of the whole spectrum; gives the bound of its vectors' angles.
fn compare(leading: &Checkpoint, full: &Checkpoint, experiment: &Experiment, what: &str) -> f64 {
    let what = format!("{what}, step {}", full.step);
    let (order, norm) = (experiment.leading_order, full.spectral_norm);
    assert_eq!((leading.spectrum, full.spectrum), (Route::Leading, Route::Full));
    assert!(leading.eigenvalues_descending.is_empty() && leading.layer_spectra.is_empty());
    assert!(leading.preconditioned_eigenvalues_descending.is_none());
    assert_eq!(leading.parameters, full.parameters, "{what}: the path is the same");
    assert_eq!((leading.loss, leading.gradient_norm), (full.loss, full.gradient_norm));
    // Errors of eigenvalues are of second order in the residual.
    for (i, (found, expected)) in leading.leading_eigenvalues.iter().zip(&full.leading_eigenvalues).enumerate() {
        close(*found, *expected, 1e-12 * norm, &format!("{what}, λ_{i}"));
    }
    // That it is the next is certain to its own residual.
    close(leading.next_eigenvalue.unwrap(), full.next_eigenvalue.unwrap(), 1e-2 * norm, &format!("{what}, next"));
    close(leading.spectral_norm, norm, 1e-2 * norm, &format!("{what}, norm"));
    close(leading.sharpness, full.sharpness, 1e-9 * full.sharpness.abs(), &format!("{what}, sharpness"));
    assert_eq!(leading.preconditioned_eigenvalue.is_some(), full.preconditioned_eigenvalue.is_some());
    if let Some(values) = &full.preconditioned_eigenvalues_descending {
        assert_eq!((full.preconditioned_eigenvalue, full.sharpness), (Some(values[0]), values[0]));
        assert_eq!(leading.preconditioned_eigenvalue, Some(leading.sharpness));
    }
    if let (Some(found), Some(expected)) = (leading.sharpness_before, full.sharpness_before) {
        close(found, expected, 1e-9 * expected.abs(), &format!("{what}, sharpness before"));
    }
    assert_eq!(leading.sharpness_before.is_some(), full.sharpness_before.is_some());
    assert_eq!(leading.stability_threshold, full.stability_threshold);
    // The estimate is within six of its standard errors: beyond with a probability of 5·10⁻⁴ at seven degrees of freedom.
    let error = leading.trace_standard_error.unwrap();
    assert!(full.trace_standard_error.is_none() && error >= 0.0);
    close(leading.trace, full.trace, 6.0 * error + 1e-9 * norm, &format!("{what}, trace"));
    let c = &leading.certificates;
    assert!(c.max_residual <= RESIDUAL * norm && c.checked_residual.unwrap() <= 4.0 * RESIDUAL * norm, "{what}: {c:?}");
    assert!(c.orthogonality_defect < 1e-12 && c.symmetry_defect < 1e-13 * norm, "{what}: {c:?}");
    assert!(c.trace_defect.value().is_none() && full.certificates.trace_defect.value().is_some());
    assert_eq!((c.residuals.len(), c.omissions.len()), (4, 4));
    assert!(c.products.is_some_and(|products| products > 4) && full.certificates.products.is_none());
    assert_eq!((full.certificates.residuals.len(), full.certificates.omissions.len()), (4, 0));
    let mut worst: f64 = 0.0;
    for i in 0..4 {
        let gap = full.leading_gap(i, order).unwrap();
        if gap < 1e-4 * norm || !full.determination.directions[i] {
            continue;
        }
        assert!(leading.determination.directions[i], "{what}: v_{i} is determined");
        // What is known of the gap is no more than the gap.
        assert!(leading.leading_gap(i, order).unwrap() <= gap + 1e-9 * norm, "{what}: gap of v_{i}");
        let angle = RESIDUAL * norm / gap;
        worst = worst.max(angle);
        let (v, w) = (&leading.leading_eigenvectors[i], &full.leading_eigenvectors[i]);
        let overlap: f64 = v.iter().zip(w).map(|(v, w)| v * w).sum();
        close(overlap, 1.0, angle * angle + 1e-13, &format!("{what}, v_{i}, sign too"));
        // |d v⁴| ≤ 4 |v|³ |dv| summed, and the participation entropy by its derivative, of order P.
        close(
            leading.leading_ipr[i].value().unwrap(),
            full.leading_ipr[i].value().unwrap(),
            4.0 * angle,
            &format!("{what}, IPR {i}"),
        );
        let (found, expected) = (leading.group_mass[i].as_ref().unwrap(), full.group_mass[i].as_ref().unwrap());
        found.iter().zip(expected).for_each(|(x, y)| close(*x, *y, 2.0 * angle + 1e-13, &format!("{what}, mass {i}")));
    }
    if full.determination.subspace && leading.determination.subspace {
        for (name, found, expected) in [
            ("gradient", leading.gradient_share, full.gradient_share),
            ("update", leading.update_share, full.update_share),
        ] {
            assert_eq!(found.is_some(), expected.is_some(), "{what}, {name}");
            found.zip(expected).into_iter().for_each(|(x, y)| close(x, y, 1e-6, &format!("{what}, {name}")));
        }
    }
    let (found, expected) = (&leading.two_time, &full.two_time);
    all_close(&found.subspace_overlap, &expected.subspace_overlap, 1e-8, &format!("{what}, Q"));
    assert_eq!(found.weight_displacement, expected.weight_displacement);
    if worst < 1e-7 && full.determination == leading.determination {
        let what = format!("{what}, D");
        all_close(&found.displacement_by_rank, &expected.displacement_by_rank, 1e-5, &what);
        all_close(&found.displacement_tracked, &expected.displacement_tracked, 1e-5, &what);
    }
    worst
}

#[test]
fn runs_measure_the_same_from_products() {
    let digits = json!({"name": "digits4x4", "samples": 150});
    for (what, fields) in [
        ("sgd", json!({"hidden": [12, 12], "optimizer": {"name": "sgd", "learning_rate": 0.3}})),
        ("adam", json!({"hidden": [8, 8], "optimizer": {"name": "adam", "learning_rate": 0.03}})),
        ("magnitude", json!({"hidden": [6, 5], "leading_order": "magnitude", "test_share": 0.2})),
        ("rotated", json!({"hidden": [5], "optimizer": {"name": "rmsprop", "rotated_basis": true}})),
        ("digits", json!({"hidden": [30], "data": digits, "loss_function": "mean_squared_error"})),
    ] {
        let [full, leading] = both(fields);
        assert_eq!(leading.checkpoints.len(), 3);
        for (found, expected) in leading.checkpoints.iter().zip(&full.checkpoints) {
            compare(found, expected, &full.experiment, what);
        }
        let (found, expected) = (leading.null_model.unwrap(), full.null_model.unwrap());
        assert_eq!((found.spectrum, expected.spectrum), (Route::Leading, Route::Full));
        assert_eq!(found.eigenvalues_descending.len(), 4);
        if what != "magnitude" {
            let norm = expected.eigenvalues_descending[0].mean;
            for (x, y) in found.eigenvalues_descending.iter().zip(&expected.eigenvalues_descending) {
                close(x.mean, y.mean, 1e-9 * norm, what);
                close(x.high, y.high, 1e-9 * norm, what);
            }
            assert_eq!(found.spacing.len(), expected.spacing.len());
            let spacings = found.spacing.iter().zip(&expected.spacing).take(3);
            spacings.for_each(|(x, y)| close(x.mean, y.mean, 1e-9 * norm, what));
        } else {
            assert!(found.spacing.is_empty());
        }
        close(found.mean_ipr.unwrap().mean, expected.mean_ipr.unwrap().mean, 1e-6, what);
        close(found.subspace_overlap.unwrap().mean, expected.subspace_overlap.unwrap().mean, 1e-6, what);
    }
}

/// Every kind of sample; the Gaussian ones are drawn from the same numbers, and solved without their whole spectrum.
#[test]
fn null_models_are_the_same_from_products() {
    let trained = run(experiment(json!({"hidden": [6], "null_model": null}), "full"), |_| {}).unwrap();
    let theta = &trained.checkpoints[2].parameters;
    for kind in eigendrift::NullKind::ALL {
        let [full, leading] = ["full", "leading"].map(|spectrum| {
            let mut sampler = experiment(json!({"hidden": [6]}), spectrum).null_sampler(kind, theta).unwrap();
            (0..2).map(|index| sampler.sample(index).unwrap()).collect::<Vec<_>>()
        });
        for (found, expected) in leading.iter().zip(&full) {
            let norm = expected.eigenvalues_descending.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            for (x, y) in found.eigenvalues_descending.iter().zip(&expected.eigenvalues_descending) {
                close(*x, *y, 1e-12 * norm, &format!("{kind:?}"));
            }
            assert_eq!(found.spacing.len(), 4);
            all_close(&found.leading_ipr, &expected.leading_ipr, 1e-6, &format!("{kind:?}"));
        }
    }
}

#[test]
fn the_same_experiment_gives_the_same_bits_whole_or_in_parts() {
    let fields = json!({"hidden": [7, 5], "optimizer": {"name": "adam"}});
    let whole = run(experiment(fields.clone(), "leading"), |_| {}).unwrap();
    assert_eq!(whole, run(experiment(fields.clone(), "leading"), |_| {}).unwrap());
    let mut resumed = Run::new(experiment(fields, "leading")).unwrap();
    let stored: Vec<Checkpoint> = whole.checkpoints[..2].iter().map(through_json).collect();
    stored.iter().for_each(|checkpoint| resumed.replay(checkpoint).unwrap());
    assert_eq!(run_on(resumed, stored, |_| {}, || false).unwrap(), whole);
}

/// As it is read from a report.
fn through_json(checkpoint: &Checkpoint) -> Checkpoint {
    let text = serde_json::to_string(checkpoint).unwrap();
    assert!(!text.contains("eigenvalues_descending\":["));
    serde_json::from_str(&text).unwrap()
}

/// From products, and by the method that is chosen where nothing else is of interest: here the Lanczos method on the matrix.
#[test]
fn summaries_for_claims_are_the_same_from_leading_pairs() {
    assert_eq!(SpectrumMode::Auto.brief_method(&[2, 6, 6, 3], 90), Method::Matrix);
    let [full, leading, chosen] = ["full", "leading", "auto"].map(|spectrum| {
        let experiment = experiment(json!({"hidden": [6, 6], "steps": 40}), spectrum);
        let ensemble = Ensemble { experiment, ..Ensemble::default() };
        ensemble.validate().unwrap();
        [Member::A, Member::B, Member::Rotated].map(|member| {
            let mut run = SummarizedRun::new(ensemble.experiment(Piece { seed: 3, member })).unwrap();
            while run.advance(usize::MAX).unwrap() {}
            run.summary()
        })
    });
    assert!(full != leading && full != chosen && leading != chosen);
    for (found, expected) in leading.iter().zip(&full).chain(chosen.iter().zip(&full)) {
        assert_eq!((&found.loss, &found.distance), (&expected.loss, &expected.distance));
        let norm = expected.leading_eigenvalues[0].iter().fold(0.0, |most: f64, x| most.max(*x));
        for (x, y) in found.leading_eigenvalues.concat().iter().zip(expected.leading_eigenvalues.concat()) {
            close(*x, y, 1e-12 * norm, "λ");
        }
        all_close(&found.mean_ipr, &expected.mean_ipr, 1e-6, "IPR");
        all_close(&found.gradient_share, &expected.gradient_share, 1e-6, "share");
        all_close(&found.displacement.subspace.at_lag, &expected.displacement.subspace.at_lag, 1e-8, "D");
        close(found.null_mean_ipr.value().unwrap_or(0.0), expected.null_mean_ipr.value().unwrap_or(0.0), 1e-6, "null");
    }
}

#[test]
fn cases_leave_out_what_takes_the_matrix() {
    let case = |spectrum: &str| {
        let mut case: Value = serde_json::from_str(include_str!("golden/deep_tanh_ce.json")).unwrap();
        case["spectrum"] = json!(spectrum);
        analyze(&Case::from_json(&case.to_string()).unwrap()).unwrap()
    };
    let (full, leading) = (case("full"), case("leading"));
    assert_eq!(full, case("auto"));
    assert_eq!(leading, case("leading"));
    let (norm, k) = (full.eigenvalues_descending[0], full.leading_eigenvalues.len());
    assert_eq!(full.leading_eigenvalues, full.eigenvalues_descending[..k]);
    assert_eq!(full.next_eigenvalue, Some(full.eigenvalues_descending[k]));
    for (x, y) in leading.leading_eigenvalues.iter().zip(&full.leading_eigenvalues) {
        close(*x, *y, 1e-12 * norm, "λ");
    }
    let trace: f64 = full.eigenvalues_descending.iter().sum();
    close(full.trace, trace, 1e-12 * norm, "trace");
    close(leading.trace, trace, 6.0 * leading.trace_standard_error.unwrap() + 1e-9 * norm, "estimate");
    let density = leading.spectral_density.as_ref().unwrap();
    assert_eq!((density.n, density.probes, full.spectral_density.is_none()), (full.gradient.len(), 8, true));
    let keys = |found: &eigendrift::Analysis| {
        serde_json::to_value(found).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let (all, some) = (keys(&full), keys(&leading));
    let only = |a: &[String], b: &[String]| a.iter().filter(|key| !b.contains(key)).cloned().collect::<Vec<_>>();
    assert_eq!(only(&all, &some), ["hessian_rows", "eigenvalues_descending"]);
    assert_eq!(only(&some, &all), ["trace_standard_error", "spectral_density"]);
}

#[test]
fn the_landscape_compares_products_where_there_is_no_matrix() {
    let experiment = experiment(json!({"hidden": [5, 4]}), "leading");
    let report = run(experiment.clone(), |_| {}).unwrap();
    let last = report.checkpoints.last().unwrap();
    let mut landscape = Landscape::new(&experiment).unwrap();
    assert_eq!(landscape.route(), Route::Leading);
    let mut check = landscape.begin_check(&last.parameters, &last.leading_eigenvectors).unwrap();
    let p = last.parameters.len();
    let checked = loop {
        match check.checked() {
            Some(checked) => break checked,
            None => landscape.advance(&mut check).unwrap(),
        }
        // Something else is asked meanwhile, of another θ.
        landscape.density(&vec![0.1; p], Part::Full).unwrap();
    };
    assert_eq!((checked.parameters, checked.columns, checked.vectors), (p, 40, 7));
    // As for the matrix (tests/landscape.rs).
    assert!(checked.differences.value().unwrap() < 1e-8 && checked.products.value().unwrap() < 1e-12, "{checked:?}");
    let [full, gauss_newton, residual] =
        [Part::Full, Part::GaussNewton, Part::Residual].map(|part| landscape.density(&last.parameters, part).unwrap());
    assert_eq!([full.n, gauss_newton.n, residual.n], [p; 3]);
    // The same random vectors: the traces add up.
    let sum = gauss_newton.trace().value + residual.trace().value;
    close(full.trace().value, sum, 1e-9 * last.spectral_norm * p as f64, "tr H");
}

/// The field and the sentence of a refusal.
fn refused(fields: Value) -> (String, String) {
    match Experiment::from_json(&fields.to_string()).and_then(Run::new) {
        Err(Error::Invalid { field, problem }) => (field, problem),
        Err(error) => panic!("{fields}: {error}"),
        Ok(_) => panic!("{fields} was taken"),
    }
}

#[test]
fn what_takes_too_much_is_refused_with_the_reason() {
    let small = json!({"name": "spirals", "samples": 30});
    let wide = json!([70, 70]); // 5,393 parameters
    let (field, problem) = refused(json!({"data": small, "hidden": wide, "spectrum": "full"}));
    assert_eq!(field, "hidden");
    assert!(problem.contains("5393 parameters; a dense Hessian is computed up to 5000"), "{problem}");
    assert!(problem.contains("\"spectrum\": \"leading\""), "{problem}");
    assert!(Run::new(Experiment::from_json(&json!({"data": small, "hidden": wide}).to_string()).unwrap()).is_ok());

    let rotated = json!({"name": "adam", "rotated_basis": true});
    let (field, problem) = refused(json!({"data": small, "hidden": wide, "optimizer": rotated}));
    assert_eq!(field, "optimizer.rotated_basis");
    assert!(problem.contains("up to 5000 parameters; the network has 5393"), "{problem}");
    let (field, problem) = refused(json!({"data": small, "hidden": wide, "null_model": {"kind": "goe"}}));
    assert_eq!(field, "null_model.kind");
    assert!(problem.contains("is goe") && problem.contains("5393"), "{problem}");
    let (field, problem) = refused(json!({"data": small, "hidden": [4096, 4096, 4096]}));
    assert_eq!(field, "hidden");
    assert!(problem.contains("GB of memory"), "{problem}");

    let ensemble = json!({"experiment": {"data": small, "hidden": wide}, "rotated": true});
    let error = Ensemble::from_json(&ensemble.to_string()).unwrap().validate().unwrap_err().to_string();
    assert!(error.starts_with("rotated: ") && error.ends_with("set it to false"), "{error}");
    let ensemble = json!({"experiment": {"data": small, "hidden": wide}, "rotated": false});
    Ensemble::from_json(&ensemble.to_string()).unwrap().validate().unwrap();
    let case = json!({"layers": [2, 70, 70, 3], "activation": "tanh", "loss_function": "cross_entropy", "spectrum": "full",
        "inputs": [[1, 2]], "labels": [0], "parameters": vec![0.01; 5393]});
    let error = Case::from_json(&case.to_string()).and_then(|case| analyze(&case)).unwrap_err().to_string();
    assert!(error.starts_with("layers: makes 5393 parameters"), "{error}");
}

/// 97,362 parameters: the matrix would have 76 GB.
#[test]
fn a_hundred_thousand_parameters_are_followed() {
    let experiment = json!({
        "data": {"name": "digits", "samples": 40}, "hidden": [1000, 32], "leading": 2, "steps": 2, "checkpoint_every": 2,
        "optimizer": {"name": "adam"}, "null_model": null, "batch_size": 20,
    });
    let report = run(Experiment::from_json(&experiment.to_string()).unwrap(), |_| {}).unwrap();
    assert_eq!(report.parameter_count, 97_362);
    for checkpoint in &report.checkpoints {
        assert_eq!((checkpoint.spectrum, checkpoint.leading_eigenvectors[1].len()), (Route::Leading, 97_362));
        assert!(checkpoint.certificates.max_residual <= RESIDUAL * checkpoint.spectral_norm);
        assert_eq!(checkpoint.determination.directions, [true, true]);
    }
    assert!(report.two_time.subspace_overlap[0][1].value().is_some());
    assert!(report.checkpoints[1].preconditioned_eigenvalue.is_some_and(|value| value > 0.0));
}
