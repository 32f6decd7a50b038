//! Trajectories of every rule and schedule against torch.optim in float64 (Lion: its paper's algorithm in numpy), on
//! ½xᵀAx − bᵀx, whose gradient is Ax − b. tests/golden/optimizers_more.py writes the second file.

use eigendrift::optimizer::{MatrixBlock, Optimizer, OptimizerSettings, Rule};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Both programs round each step's about ten operations differently, 1e-15 relative; the quadratic contracts errors, and
/// where a rule divides by √v ≪ 1 they stay below 1e-12 over 40 steps.
const TOLERANCE: f64 = 1e-12;

fn read(name: &str) -> Value {
    let text = match name {
        "optimizers.json" => include_str!("golden/optimizers.json"),
        _ => include_str!("golden/optimizers_more.json"),
    };
    serde_json::from_str(text).unwrap()
}

fn vector(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(vector).collect()
}

/// Follows `trajectory` on `problem`; the learning rates before each step.
fn follow(name: &str, settings: &Value, blocks: &[MatrixBlock], problem: &Value, trajectory: &Value) -> Vec<f64> {
    let settings: OptimizerSettings =
        serde_json::from_value(settings.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let matrix = rows(&problem["quadratic_matrix_rows"]);
    let linear = vector(&problem["linear_term"]);
    let mut x = vector(&problem["start"]);
    let mut optimizer = Optimizer::new(settings, &x, blocks, 1).unwrap();
    let trajectory = rows(trajectory);
    assert_eq!(trajectory.len(), 40, "{name}");
    let mut rates = Vec::new();
    for (step, expected) in trajectory.iter().enumerate() {
        let gradient: Vec<f64> = matrix
            .iter()
            .zip(&linear)
            .map(|(row, b)| row.iter().zip(&x).map(|(a, x)| a * x).sum::<f64>() - b)
            .collect();
        rates.push(optimizer.learning_rate());
        optimizer.step(&mut x, &gradient);
        for (x, expected) in x.iter().zip(expected) {
            let error = (x - expected).abs() / expected.abs().max(1.0);
            assert!(error <= TOLERANCE, "{name}, step {step}: {x} instead of {expected}");
        }
    }
    rates
}

#[test]
fn the_rules_follow_torch() {
    let golden = read("optimizers.json");
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        let mut settings = case["options"].clone();
        settings["name"] = json!(case["optimizer"].as_str().unwrap().to_lowercase());
        follow(case["name"].as_str().unwrap(), &settings, &[], &golden, &case["trajectory"]);
    }
}

#[test]
fn further_rules_options_and_defaults_follow_torch() {
    let (problem, more) = (read("optimizers.json"), read("optimizers_more.json"));
    let cases = more["rules"].as_array().unwrap();
    assert_eq!(cases.len(), 18);
    for case in cases {
        follow(case["name"].as_str().unwrap(), &case["settings"], &[], &problem, &case["trajectory"]);
    }
}

#[test]
fn schedules_follow_torch() {
    let (problem, more) = (read("optimizers.json"), read("optimizers_more.json"));
    let cases = more["schedules"].as_array().unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let name = case["settings"]["schedule"].to_string();
        let rates = follow(&name, &case["settings"], &[], &problem, &case["trajectory"]);
        for (rate, expected) in rates.iter().zip(vector(&case["learning_rates"])) {
            // torch multiplies rate by rate, 40 roundings; near the cosine's end 1 + cos loses absolute digits of η
            assert!((rate - expected).abs() <= 1e-15, "{name}: {rate} instead of {expected}");
        }
    }
}

#[test]
fn muon_follows_torch_on_tall_square_and_wide_matrices_and_adamw_elsewhere() {
    let more = read("optimizers_more.json");
    for case in more["muon"].as_array().unwrap() {
        let mut blocks: Vec<MatrixBlock> = case["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|block| {
                let number = |key: &str| block[key].as_u64().unwrap() as usize;
                MatrixBlock { offset: number("offset"), rows: number("rows"), cols: number("cols"), hidden: true }
            })
            .collect();
        blocks.reverse(); // their order must not matter
        blocks.push(MatrixBlock { offset: 0, rows: 1, cols: 2, hidden: false }); // left to AdamW
        let settings: OptimizerSettings = serde_json::from_value(case["settings"].clone()).unwrap();
        assert_eq!(settings.rule, Rule::Muon);
        follow("muon", &case["settings"], &blocks, case, &case["trajectory"]);
    }
}
