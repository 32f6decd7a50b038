//! What lies around a point: loss, classes and parts against whole cases and the Hessian's own spectrum; the check of H against
//! PyTorch's Hessian, and against one that is wrong.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::activation::Activation;
use eigendrift::dataset::{DataSource, Origin};
use eigendrift::landscape::{Check, Checked, Landscape, along, largest_difference, parabola};
use eigendrift::loss::LossFunction;
use eigendrift::{Case, Checkpoint, Experiment, Part, Run, analyze};
use serde::Deserialize;

fn experiment(extra: &str) -> Experiment {
    let json = format!(r#"{{"data": {{"name": "spirals", "samples": 60}}, "hidden": [5, 4], "leading": 3{extra}}}"#);
    Experiment::from_json(&json).unwrap()
}

/// The last checkpoint of a short run.
fn checkpoint(experiment: &Experiment) -> Checkpoint {
    let mut run = Run::new(Experiment { steps: 60, checkpoint_every: 30, ..experiment.clone() }).unwrap();
    let mut last = None;
    while !run.is_finished() {
        if run.is_checkpoint_due() {
            last = Some(run.checkpoint().unwrap());
        } else {
            run.advance(usize::MAX).unwrap();
        }
    }
    last.unwrap()
}

/// A case with the experiment's network at θ on some samples.
fn case(
    experiment: &Experiment,
    layers: &[usize],
    parameters: &[f64],
    inputs: Vec<Vec<f64>>,
    labels: Vec<usize>,
) -> Case {
    Case {
        layers: layers.to_vec(),
        activation: experiment.activation,
        loss_function: experiment.loss_function,
        label_smoothing: experiment.label_smoothing,
        inputs,
        labels,
        parameters: parameters.to_vec(),
        leading: 1,
        leading_order: experiment.leading_order,
        spectrum: experiment.spectrum,
    }
}

#[test]
fn the_loss_along_an_eigenvector_has_its_curvature_and_the_gradients_slope() {
    // With fewer samples for the Hessian than for training, L is that of the Hessian's samples.
    for extra in ["", r#", "hessian_samples": 25"#, r#", "loss_function": "mean_squared_error""#] {
        let experiment = experiment(extra);
        let checkpoint = checkpoint(&experiment);
        let mut landscape = Landscape::new(&experiment).unwrap();
        let (theta, step) = (&checkpoint.parameters, 1e-3);
        let sampled = experiment.hessian_data(&experiment.load_data().unwrap().0);
        let rows = sampled.inputs.chunks_exact(2).map(<[f64]>::to_vec).collect();
        let whole = analyze(&case(&experiment, &[2, 5, 4, 3], theta, rows, sampled.labels.clone())).unwrap();
        for (vector, eigenvalue) in checkpoint.leading_eigenvectors.iter().zip(&checkpoint.leading_eigenvalues) {
            let found = landscape.losses(theta, vector, &[-step, 0.0, step, 1.0]).unwrap();
            let [below, at, above, far] = [0, 1, 2, 3].map(|i: usize| found[i].value().unwrap());
            assert!((at - whole.loss).abs() < 1e-14 * whole.loss.max(1.0), "{extra}");
            // Of order s² of the fourth derivative, and 4 ε L / s² ≈ 1e-9 of rounding.
            let second = (above - 2.0 * at + below) / (step * step);
            assert!(
                (second - eigenvalue).abs() < 1e-4 * eigenvalue.abs().max(0.1),
                "{extra}: {second} for {eigenvalue}"
            );
            let slope = landscape.slope(theta, vector).unwrap().value().unwrap();
            let expected: f64 = whole.gradient.iter().zip(vector).map(|(g, v)| g * v).sum();
            assert!(
                (slope - expected).abs() < 1e-14 && ((above - below) / (2.0 * step) - slope).abs() < 1e-4,
                "{extra}"
            );
            let moved = landscape.predict(&along(theta, vector, 1.0), false).unwrap();
            assert_eq!(moved.loss.value(), Some(far));
            assert_eq!(parabola(at, *eigenvalue, -0.5), at + eigenvalue / 8.0);
        }
        if !extra.contains("hessian_samples") {
            assert!((checkpoint.loss - whole.loss).abs() < 1e-14 * whole.loss.max(1.0));
        }
    }
}

#[test]
fn classes_are_those_of_the_largest_output() {
    for extra in ["", r#", "loss_function": "mean_squared_error", "activation": "relu""#] {
        let experiment = experiment(extra);
        let theta = checkpoint(&experiment).parameters;
        let mut landscape = Landscape::new(&experiment).unwrap();
        let plane = landscape.plane().unwrap().clone();
        let found = landscape.predict(&theta, true).unwrap();
        let regions = found.regions.unwrap();
        assert_eq!(regions.classes.len(), regions.rows * regions.columns);

        // Each training sample, then cells all over the plane, as cases of their own.
        let mut inputs: Vec<Vec<f64>> = plane.points.chunks_exact(2).map(<[f64]>::to_vec).collect();
        let cells: Vec<(usize, usize)> = (0..regions.rows * regions.columns)
            .step_by(101)
            .map(|i| (i / regions.columns, i % regions.columns))
            .collect();
        inputs.extend(cells.iter().map(|&(row, column)| {
            let (x, y) = plane.center(row, column);
            vec![x, y]
        }));
        let labels = vec![0; inputs.len()];
        let logits = analyze(&case(&experiment, &[2, 5, 4, 3], &theta, inputs, labels)).unwrap().logits;
        let class = |row: &Vec<f64>| (0..3).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
        let expected: Vec<usize> = logits.iter().map(class).collect();
        let (samples, plain) = expected.split_at(plane.labels.len());
        assert_eq!(found.classes, samples, "{extra}");
        let right = samples.iter().zip(&plane.labels).filter(|(class, label)| class == label).count();
        assert_eq!(found.accuracy.value(), Some(right as f64 / samples.len() as f64));
        for (i, &(row, column)) in cells.iter().enumerate() {
            let at = row * regions.columns + column;
            assert_eq!(regions.classes[at], plain[i], "{extra}: cell {row}, {column}");
            let outputs = &logits[samples.len() + i];
            let mut sorted = outputs.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let sure = match experiment.loss_function {
                LossFunction::CrossEntropy => sorted[0].exp() / sorted.iter().map(|f| f.exp()).sum::<f64>(),
                LossFunction::MeanSquaredError => (sorted[0] - sorted[1]).min(1.0),
            };
            assert!((regions.confidence[at] - sure).abs() < 1e-12);
        }
        // Down the rows y falls, along the columns x grows, and the points lie inside with a margin of 8 %.
        assert!(plane.center(0, 0).1 > plane.center(1, 0).1 && plane.center(0, 1).0 > plane.center(0, 0).0);
        let x = plane.points.iter().step_by(2);
        let (low, high) = x.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
        assert!(
            (low - plane.x.0 - 0.08 * (high - low)).abs() < 1e-12
                && (plane.x.1 - high - 0.08 * (high - low)).abs() < 1e-12
        );
    }
}

#[test]
fn other_data_have_no_plane_and_overflow_is_missing() {
    let blobs = Experiment::from_json(r#"{"data": {"name": "blobs", "samples": 30}, "hidden": [3]}"#).unwrap();
    let mut landscape = Landscape::new(&blobs).unwrap();
    assert!(landscape.plane().is_none());
    let theta = vec![0.1; landscape.architecture().parameter_count()];
    let found = landscape.predict(&theta, true).unwrap();
    assert!(found.regions.is_none() && found.loss.value().is_some());
    let found = landscape.predict(&vec![f64::MAX; theta.len()], true).unwrap();
    assert_eq!((found.loss.value(), found.accuracy.value(), found.classes.len()), (None, None, 0));
    assert!(landscape.predict(&theta[1..], true).is_err());
}

#[test]
fn the_parts_add_up_to_the_hessian() {
    let experiment = experiment("");
    let checkpoint = checkpoint(&experiment);
    let mut landscape = Landscape::new(&experiment).unwrap();
    let theta = &checkpoint.parameters;
    let whole = landscape.hessian(theta, Part::Full).unwrap();
    let gauss_newton = landscape.hessian(theta, Part::GaussNewton).unwrap();
    let residual = landscape.hessian(theta, Part::Residual).unwrap();
    let sum: Vec<f64> = gauss_newton.iter().zip(&residual).map(|(g, r)| g + r).collect();
    let scale = whole.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    assert!(largest_difference(&sum, &whole) < 1e-13 * scale);
    let spectra = landscape.parts(theta).unwrap();
    let p = theta.len();
    assert_eq!((spectra.gauss_newton.len(), spectra.residual.len()), (p, p));
    for (values, matrix) in [(&spectra.gauss_newton, &gauss_newton), (&spectra.residual, &residual)] {
        assert!(values.is_sorted_by(|a, b| a >= b));
        // tr A = Σ λ and tr A² = Σ λ².
        let trace: f64 = (0..p).map(|i| matrix[i * p + i]).sum();
        let squares: f64 = matrix.iter().map(|x| x * x).sum();
        assert!((values.iter().sum::<f64>() - trace).abs() < 1e-10 * scale);
        assert!((values.iter().map(|x| x * x).sum::<f64>() - squares).abs() < 1e-10 * scale * scale);
    }
    // The Gauss-Newton part of a convex loss in the outputs is positive semidefinite; the residual part has both signs here.
    assert!(spectra.gauss_newton[p - 1] > -1e-12 * scale && spectra.gauss_newton[0] > 0.1 * scale);
    assert!(spectra.residual[0] > 0.0 && spectra.residual[p - 1] < 0.0);
}

/// What of a reference file is needed.
#[derive(Deserialize)]
struct Golden {
    layers: Vec<usize>,
    activation: Activation,
    loss_function: LossFunction,
    inputs: Vec<Vec<f64>>,
    labels: Vec<usize>,
    parameters: Vec<f64>,
    leading_eigenvectors: Vec<Vec<f64>>,
    hessian_rows: Vec<Vec<f64>>,
}

fn finish(landscape: &mut Landscape, mut check: Check) -> Checked {
    loop {
        match check.checked() {
            Some(checked) => return checked,
            None => landscape.advance(&mut check).unwrap(),
        }
    }
}

#[test]
fn the_check_agrees_with_pytorchs_hessian_and_not_with_a_wrong_one() {
    for name in ["deep_tanh_ce", "deep_gelu_mse", "linear_softmax_ce"] {
        let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let classes = golden.layers.last().copied();
        let origin = Origin::Explicit { inputs: golden.inputs, labels: golden.labels, classes };
        let experiment = Experiment {
            data: DataSource { origin, preparation: None, components: None, table: None },
            layers: Some(golden.layers),
            activation: golden.activation,
            loss_function: golden.loss_function,
            ..Experiment::default()
        };
        let mut landscape = Landscape::new(&experiment).unwrap();
        let (theta, p) = (&golden.parameters, golden.parameters.len());
        let directions = &golden.leading_eigenvectors;
        let begun = landscape.begin_check(theta, directions).unwrap();
        assert_eq!(begun.checked(), None);
        let right = finish(&mut landscape, begun);
        assert_eq!((right.parameters, right.columns, right.vectors), (p, p, directions.len() + 3));
        let of_torch = Check::new(golden.hessian_rows.concat(), theta, directions, 1);
        for checked in [right, finish(&mut landscape, of_torch)] {
            // h² ≈ 4e-11 of third derivatives of the gradient, and ε/h ≈ 4e-11 of the gradient, both a few max |H| here.
            assert!(checked.differences.value().unwrap() < 1e-8, "{name}: {checked:?}");
            assert!(checked.products.value().unwrap() < 1e-12, "{name}: {checked:?}");
        }
        // One entry wrong by a thousandth of the largest is found by both.
        let mut wrong = golden.hessian_rows.concat();
        let largest = wrong.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        wrong[(p / 2) * p + p / 3] += 1e-3 * largest;
        let checked = finish(&mut landscape, Check::new(wrong, theta, directions, 1));
        let (differences, products) = (checked.differences.value().unwrap(), checked.products.value().unwrap());
        assert!((differences - 1e-3).abs() < 1e-6, "{name}: {checked:?}");
        assert!(products > 1e-6 && products <= 1.01e-3, "{name}: {checked:?}");
        // Where there is nothing, there is no share of it.
        let none = finish(&mut landscape, Check::new(vec![0.0; p * p], theta, &[], 1));
        assert_eq!(none.products.value(), None);
    }
}

#[test]
fn many_columns_are_compared_evenly() {
    let json = r#"{"data": {"name": "digits", "samples": 40}, "hidden": [12]}"#;
    let experiment = Experiment::from_json(json).unwrap();
    let mut landscape = Landscape::new(&experiment).unwrap();
    let p = landscape.architecture().parameter_count();
    assert!(p > 600);
    let theta: Vec<f64> = (0..p).map(|a| 0.2 * ((a * 37 % 101) as f64 / 50.0 - 1.0)).collect();
    let check = landscape.begin_check(&theta, &[]).unwrap();
    let checked = finish(&mut landscape, check);
    assert_eq!((checked.columns, checked.vectors), (200, 3));
    assert!(checked.differences.value().unwrap() < 1e-7 && checked.products.value().unwrap() < 1e-12, "{checked:?}");
    assert_eq!(largest_difference(&[1.0, f64::NAN], &[1.0, 2.0]), f64::INFINITY);
}
