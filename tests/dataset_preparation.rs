//! Standardization and principal components against numpy (tests/data/preparation.json) and against the properties
//! that define them; the split into training and test samples.

use eigendrift::dataset::preparation::COMPONENTS;
use eigendrift::dataset::{self, DataSource, Dataset, Name, Preparation, Transform};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn load(name: Name, preparation: Preparation) -> Dataset {
    dataset::load(&DataSource { preparation: Some(preparation), ..name.into() }, 0).unwrap()
}

/// Covariance of features i and j about 0, Σ_n x_ni x_nj / N.
fn moment(data: &Dataset, i: usize, j: usize) -> f64 {
    (0..data.len()).map(|n| data.input(n)[i] * data.input(n)[j]).sum::<f64>() / data.len() as f64
}

fn mean(data: &Dataset, i: usize) -> f64 {
    (0..data.len()).map(|n| data.input(n)[i]).sum::<f64>() / data.len() as f64
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn assert_close(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() <= tolerance, "{a} is not {b} ± {tolerance}");
    }
}

#[test]
fn values_are_those_of_numpy() {
    let truth: Value = serde_json::from_str(include_str!("data/preparation.json")).unwrap();
    for (field, name) in [("iris", Name::Iris), ("wine", Name::Wine), ("digits", Name::Digits)] {
        let truth = &truth[field];
        let standardized = load(name, Preparation::Standardized);
        let raw = load(name, Preparation::None);
        let transform = Transform::fit(&raw, Preparation::PrincipalComponents, None).unwrap();
        let scores = transform.apply(&raw);
        let Transform::Project(_, components) = transform else { panic!("not a projection") };
        // Sums of N ≤ 1797 terms of size 1 in another order: N·2⁻⁵³ ≈ 2e-13 at worst, and a few digits more when
        // the error of a mean is divided by a small standard deviation.
        for (row, values) in truth["standardized_rows"].as_object().unwrap() {
            assert_close(standardized.input(row.parse().unwrap()), &numbers(values), 1e-11);
        }
        // Eigenvalues move by the error of C, which is as large; directions and scores by that over the gap between
        // eigenvalues, at least 0.02 here.
        assert_close(&components.explained_variance, &numbers(&truth["explained_variance"]), 1e-11);
        assert_close(&components.directions[..raw.features], &numbers(&truth["first_direction"]), 1e-10);
        for (row, values) in truth["score_rows"].as_object().unwrap() {
            assert_close(scores.input(row.parse().unwrap()), &numbers(values), 1e-9);
        }
    }
}

#[test]
fn standardized_features_have_mean_0_and_variance_1() {
    for name in [Name::Iris, Name::Wine, Name::BreastCancer, Name::Digits] {
        let (raw, data) = (load(name, Preparation::None), load(name, Preparation::Standardized));
        for j in 0..data.features {
            let constant = (1..raw.len()).all(|n| raw.input(n)[j] == raw.input(0)[j]);
            // The mean is known to N·2⁻⁵³ ≈ 2e-13 of the largest number, at most 30 standard deviations here.
            assert!(mean(&data, j).abs() < 1e-11, "{name:?} {j}");
            let variance = if constant { 0.0 } else { 1.0 };
            assert!((moment(&data, j, j) - variance).abs() < 1e-11, "{name:?} {j}");
        }
    }
}

#[test]
fn principal_components_are_uncorrelated_and_explain_their_eigenvalue() {
    for name in [Name::Iris, Name::Wine, Name::BreastCancer, Name::Digits, Name::DigitsSmall] {
        let raw = load(name, Preparation::None);
        let transform = Transform::fit(&raw, Preparation::PrincipalComponents, None).unwrap();
        let scores = transform.apply(&raw);
        let Transform::Project(scale, components) = transform else { panic!("not a projection") };
        assert_eq!(scores.features, COMPONENTS.min(raw.features));
        assert_eq!(scores.feature_names.len(), scores.features);
        let variances = &components.explained_variance;
        assert!(variances.windows(2).all(|pair| pair[0] >= pair[1]), "{variances:?}");
        for i in 0..scores.features {
            for j in 0..scores.features {
                let truth = if i == j { variances[i] } else { 0.0 };
                // Backward error of the eigensolver and of the sums: some N·2⁻⁵³ times the largest variance, 13.
                assert!((moment(&scores, i, j) - truth).abs() < 1e-11, "{name:?} {i} {j}");
            }
            let direction = &components.directions[i * raw.features..(i + 1) * raw.features];
            let largest = direction.iter().fold(0.0, |a: f64, &b| if b.abs() > a.abs() { b } else { a });
            assert!((direction.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(largest > 0.0 || direction.contains(&-largest));
        }
        // All components together explain one unit of variance per feature that is not constant.
        let all = Transform::fit(&raw, Preparation::PrincipalComponents, Some(raw.features)).unwrap();
        let Transform::Project(_, all) = all else { panic!("not a projection") };
        let varying = scale.inverse_deviation.iter().filter(|&&s| s > 0.0).count();
        assert!((all.explained_variance.iter().sum::<f64>() - varying as f64).abs() < 1e-11 * varying as f64);
    }
}

#[test]
fn constant_features_become_0_and_overflow_is_told() {
    // The mean of ten times 0.1 is not 0.1: dividing by the "standard deviation" of that error would give ±1.
    let rows = |x: f64| (0..10).map(|n| vec![0.1, f64::from(n) * x]).collect::<Vec<_>>();
    let labels: Vec<usize> = (0..10).map(|n| n % 2).collect();
    let constant = Dataset::from_rows(rows(1.0), labels.clone()).unwrap();
    for preparation in [Preparation::Standardized, Preparation::PrincipalComponents] {
        let data = Transform::fit(&constant, preparation, None).unwrap().apply(&constant);
        assert!((0..10).all(|n| data.input(n).iter().all(|x| x.is_finite())));
        assert_eq!((0..10).map(|n| data.input(n).iter().filter(|&&x| x == 0.0).count()).min(), Some(1));
    }
    let huge = Dataset::from_rows(rows(1e200), labels).unwrap();
    let error = Transform::fit(&huge, Preparation::Standardized, None).unwrap_err();
    assert_eq!(error.to_string(), "data: the numbers of 'x2' are too large to standardize");
}

#[test]
fn components_are_checked() {
    let source =
        |preparation, components| DataSource { preparation: Some(preparation), components, ..Name::Iris.into() };
    for (preparation, components, sentence) in [
        (Preparation::PrincipalComponents, 0, "data.components: 0 is not allowed; these data have 1 to 4"),
        (Preparation::PrincipalComponents, 5, "data.components: 5 is not allowed; these data have 1 to 4"),
        (Preparation::None, 2, "data.components: only the preparation principal_components has them"),
    ] {
        let error = dataset::load(&source(preparation, Some(components)), 0).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
    assert_eq!(dataset::load(&source(Preparation::PrincipalComponents, Some(2)), 0).unwrap().features, 2);
}

#[test]
fn the_split_is_a_partition_and_the_scale_is_that_of_the_training_samples() {
    let source = DataSource { preparation: Some(Preparation::None), ..Name::Wine.into() };
    let all = dataset::load(&source, 3).unwrap();
    let (train, test) = dataset::load_split(&source, 0.25, 3).unwrap();
    assert_eq!((train.len(), test.len()), (133, 45)); // 44.5 rounds up
    // Both are subsequences, and together hold every sample once.
    let (mut trained, mut tested) = (0, 0);
    for n in 0..all.len() {
        if trained < train.len() && train.input(trained) == all.input(n) {
            assert_eq!(train.labels[trained], all.labels[n]);
            trained += 1;
        } else {
            assert_eq!((test.input(tested), test.labels[tested]), (all.input(n), all.labels[n]));
            tested += 1;
        }
    }
    assert_eq!((trained, tested), (train.len(), test.len()));
    assert_eq!(dataset::load_split(&source, 0.25, 3).unwrap().0, train);
    assert_ne!(dataset::load_split(&source, 0.25, 4).unwrap().0, train);

    let (train, test) = dataset::load_split(&Name::Wine.into(), 0.25, 3).unwrap();
    assert!((0..train.features).all(|j| mean(&train, j).abs() < 1e-12));
    assert!((0..test.features).any(|j| mean(&test, j).abs() > 1e-3));

    let (train, test) = dataset::load_split(&source, 0.0, 3).unwrap();
    assert_eq!((train, test.len()), (all, 0));
    for share in [-0.1, 0.51, f64::NAN] {
        let error = dataset::load_split(&source, share, 3).unwrap_err().to_string();
        assert_eq!(error, format!("test_share: {share} is not allowed; 0 to 0.5"));
    }
}
