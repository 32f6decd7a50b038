//! Whole full-batch runs against PyTorch: training, Hessian, spectrum, localization, displacement and overlap together.

use eigendrift::experiment::{Experiment, Report, run};
use serde_json::{Value, json};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/training_runs.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn report(golden: &Value, which: &Value, spectrum: &str) -> Report {
    let mut optimizer = which["options"].clone();
    optimizer["name"] = which["optimizer"].clone();
    let experiment = json!({
        "data": {"inputs": golden["inputs"], "labels": golden["labels"]},
        "layers": golden["layers"],
        "activation": golden["activation"],
        "loss_function": golden["loss_function"],
        "initial_parameters": golden["initial_parameters"],
        "batch_size": golden["batch"],
        "optimizer": optimizer,
        "steps": golden["steps"],
        "checkpoint_every": golden["checkpoint_every"],
        "leading": 5,
        "spectrum": spectrum,
        "null_model": null,
    });
    run(Experiment::from_json(&experiment.to_string()).unwrap(), |_| {}).unwrap()
}

fn close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{what}: {found} instead of {expected}");
}

#[test]
fn runs_agree_with_pytorch() {
    let golden = golden();
    let runs = golden["runs"].as_array().unwrap();
    for (which, spectrum) in runs.iter().flat_map(|which| [(which, "full"), (which, "leading")]) {
        let name = format!("{}, {spectrum}", which["optimizer"].as_str().unwrap());
        let report = report(&golden, which, spectrum);
        let expected = which["checkpoints"].as_array().unwrap();
        assert_eq!(report.checkpoints.len(), expected.len());
        let mut determined = Vec::new();
        for (found, expected) in report.checkpoints.iter().zip(expected) {
            let at = format!("{name}, step {}", found.step);
            assert_eq!(found.step as u64, expected["step"].as_u64().unwrap());
            close(found.loss, &expected["loss"], &at);
            close(found.accuracy, &expected["accuracy"], &at);
            if spectrum == "full" {
                close(found.trace, &expected["trace"], &at);
            }
            close(found.gradient_share.unwrap(), &expected["gradient_fraction_top5"], &at);
            let values = expected["eigenvalues_descending"].as_array().unwrap();
            let found_values =
                if spectrum == "full" { &found.eigenvalues_descending } else { &found.leading_eigenvalues };
            assert_eq!(found_values.len(), if spectrum == "full" { values.len() } else { 5 });
            for (i, (found, value)) in found_values.iter().zip(values).enumerate() {
                close(*found, value, &format!("{at}, eigenvalue {i}"));
            }
            for (i, value) in expected["parameters"].as_array().unwrap().iter().enumerate() {
                close(found.parameters[i], value, &format!("{at}, parameter {i}"));
            }
            // Where an eigenvalue nearly meets the next, its eigenvector is not determined to that accuracy.
            let limit = 1e-3 * found.leading_eigenvalues[0];
            let gaps = numbers(&expected["gaps"]);
            for i in 0..5 {
                if gaps[i] > limit && (i == 0 || gaps[i - 1] > limit) {
                    close(
                        found.leading_ipr[i].value().unwrap(),
                        &expected["leading_ipr"][i],
                        &format!("{at}, IPR {i}"),
                    );
                }
            }
            determined.push((gaps[4] > limit, gaps.iter().all(|&gap| gap > limit)));
        }
        let (overlap, displacement) =
            (&which["subspace_overlap_top5"], &which["mean_squared_displacement_by_rank_top5"]);
        let mut compared = 0;
        for s in 0..determined.len() {
            for t in 0..determined.len() {
                if determined[s].0 && determined[t].0 {
                    close(
                        report.two_time.subspace_overlap[s][t].value().unwrap(),
                        &overlap[s][t],
                        &format!("{name}, overlap {s} {t}"),
                    );
                }
                if determined[s].1 && determined[t].1 {
                    let found = report.two_time.displacement_by_rank[s][t].value().unwrap();
                    close(found, &displacement[s][t], &format!("{name}, displacement {s} {t}"));
                    compared += 1;
                }
            }
        }
        assert!(compared > determined.len(), "{name}: only {compared} displacements are determined");
    }
}
