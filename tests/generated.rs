//! Files that are written by the program and kept with the sources are what it writes now.
//!
//! `EIGENDRIFT_WRITE=1 cargo test --test generated` writes them.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::process::Command;

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_headless")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn is_current(path: &str, arguments: &[&str]) {
    let text = printed(arguments);
    if std::env::var_os("EIGENDRIFT_WRITE").is_some() {
        fs::write(path, &text).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "{path} is out of date: EIGENDRIFT_WRITE=1 cargo test --test generated");
}

#[test]
fn typescript_types() {
    is_current("src/web/api.d.ts", &["types"]);
}

#[test]
fn json_schemas() {
    for record in ["case", "experiment", "analysis", "report", "export", "ensemble", "ensemble-report"] {
        is_current(&format!("docs/{record}.schema.json"), &["schema", record]);
    }
}

/// What the JS API's users rely on, written here by hand.
#[test]
fn types_are_as_precise_as_the_records() {
    let types = printed(&["types"]);
    for line in [
        "export type LossFunction = \"cross_entropy\" | \"mean_squared_error\";",
        // passed in: fields with a default may be left out, numbers may be in typed arrays
        "    activation: Activation;",
        "    activation?: Activation;",
        "    inputs: Numbers[];",
        "    parameters: Numbers;",
        "    initial_parameters?: Numbers | null;",
        "    null_model?: NullModel | null;",
        "export type BatchSize = number | \"full\";",
        "        name: \"momentum\" | \"nesterov\";",
        "        decoupled_weight_decay?: boolean;",
        // handed out: every sequence of floating-point numbers is typed, others are not
        "    gradient: Float64Array;",
        "    hessian_rows?: Float64Array[];",
        "    preconditioned_eigenvalues_descending: Float64Array | null;",
        "    track: (number | null)[];",
        "    test_loss: number | null;",
        "    leading_ipr: (Band | null)[];",
        "    claims_by_pairing: Record<string, ClaimResult[]>;",
    ] {
        assert!(types.lines().any(|found| found == line), "{line}");
    }
    for name in [
        "Case",
        "Analysis",
        "Ensemble",
        "EnsembleReport",
        "Experiment",
        "Checkpoint",
        "NetworkFile",
        "Report",
        "SeedResult",
    ] {
        assert!(types.contains(&format!("export interface {name} {{")), "{name}");
    }
    assert!(types.contains("export type Schedule ="));
    // What a schema leaves open would be unknown.
    assert!(!types.contains(": unknown"));
}
