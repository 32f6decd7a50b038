//! The examples run, and what they print holds.
#![cfg(not(target_arch = "wasm32"))]

use std::process::Command;

/// What the example prints, line by line and word by word.
fn printed(example: &str) -> Vec<Vec<String>> {
    let output = Command::new(env!("CARGO")).args(["run", "--quiet", "--example", example]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

fn number(word: &str) -> f64 {
    word.trim_matches(['[', ']', ',']).parse().unwrap()
}

#[test]
fn exact_hessian() {
    let lines = printed("exact_hessian");
    let trace = number(&lines[0][6]);
    let eigenvalues: Vec<f64> = lines[1][1..].iter().map(|word| number(word)).collect();
    assert_eq!(eigenvalues.len(), 17);
    // Printed with four and six digits.
    assert!((eigenvalues.iter().sum::<f64>() - trace).abs() < 17.0 * 0.5e-4 + 0.5e-6);
    assert_eq!(lines.len(), 3 + 3);
    for (row, eigenvalue) in lines[3..].iter().zip(eigenvalues) {
        assert!((number(&row[1]) - eigenvalue).abs() < 0.51e-4, "{row:?}");
        assert!((1.0 / 17.0..=1.0).contains(&number(&row[2])), "{row:?}");
        assert!(number(&row[3]) < 1e-14, "{row:?}");
    }
}

#[test]
fn one_experiment() {
    let lines = printed("one_experiment");
    assert_eq!(lines.len(), 3);
    for (row, rule) in lines[1..].iter().zip(["sgd", "adam"]) {
        assert_eq!(row[0], rule);
        let numbers: Vec<f64> = row[1..].iter().map(|word| number(word)).collect();
        assert!((0.0..1.0986).contains(&numbers[0]), "{row:?}: a loss below ln 3, that of guessing");
        assert!(numbers[1..3].iter().all(|moved| (0.0..=2.0).contains(moved)), "{row:?}");
        assert!(numbers[3..].iter().all(|ipr| (1.0 / 123.0..=1.0).contains(ipr)), "{row:?}");
    }
    // Same data, same start, same labels: the null model does not depend on the optimizer.
    assert_eq!(lines[1][5], lines[2][5]);
}
