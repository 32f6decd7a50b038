//! The rotated basis: R is uniform on the orthogonal group, rules without axes do not notice it, the others act as they
//! would on the rotated problem.

use eigendrift::optimizer::{Optimizer, OptimizerSettings, Rule};
use eigendrift::orthogonal_basis::OrthogonalBasis;
use eigendrift::random::{Random, Stream};

#[test]
fn rotations_are_orthogonal_and_back_undoes_forth() {
    for size in [1, 2, 7, 64, 231] {
        let rotation = OrthogonalBasis::new(size, 3);
        let rows = rotation.rows();
        for i in 0..size {
            for j in 0..=i {
                let dot: f64 = (0..size).map(|k| rows[i * size + k] * rows[j * size + k]).sum();
                // each of `size` reflections adds a few roundings, which add up like a random walk
                assert!(
                    (dot - f64::from(i == j)).abs() < 1e-14 * (size as f64).sqrt().max(2.0),
                    "{size}: {i} {j} {dot}"
                );
            }
        }
        let x: Vec<f64> = (0..size).map(|i| (i as f64 * 0.7).sin()).collect();
        let (mut there, mut again) = (vec![0.0; size], vec![0.0; size]);
        rotation.forth(&x, &mut there);
        for i in 0..size {
            let expected: f64 = (0..size).map(|k| rows[i * size + k] * x[k]).sum();
            assert!((there[i] - expected).abs() < 1e-13);
        }
        rotation.back(&there, &mut again);
        assert!(x.iter().zip(&again).all(|(x, y)| (x - y).abs() < 1e-13));
    }
    assert_ne!(OrthogonalBasis::new(5, 1), OrthogonalBasis::new(5, 2));
    assert_eq!(OrthogonalBasis::new(5, 1), OrthogonalBasis::new(5, 1));
}

/// Moments of the Haar measure on O(3): ⟨R_ij²⟩ = 1/3, ⟨R_ij⁴⟩ = 3/(3·5), ⟨R_ij⟩ = 0, ⟨tr R⟩ = 0, ⟨tr² R⟩ = 1,
/// ⟨det R⟩ = 0 (Diaconis and Shahshahani 1994 for the traces). Wrongly fixed signs show in the trace.
#[test]
fn rotations_are_uniform() {
    let count = 20_000;
    let (mut trace, mut trace2, mut det) = (0.0, 0.0, 0.0);
    let (mut mean, mut square, mut fourth) = ([0.0; 9], [0.0; 9], [0.0; 9]);
    for seed in 0..count {
        let rotation = OrthogonalBasis::new(3, seed);
        let r = rotation.rows();
        trace += r[0] + r[4] + r[8];
        trace2 += (r[0] + r[4] + r[8]).powi(2);
        det += r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6])
            + r[2] * (r[3] * r[7] - r[4] * r[6]);
        for k in 0..9 {
            mean[k] += r[k];
            square[k] += r[k] * r[k];
            fourth[k] += r[k].powi(4);
        }
    }
    let n = count as f64;
    // all of these have a variance of at most 2 per sample: five standard errors are at most 5 √(2/n) = 0.05
    let error = 5.0 * (2.0 / n).sqrt();
    assert!((trace / n).abs() < error && (trace2 / n - 1.0).abs() < error && (det / n).abs() < error);
    for k in 0..9 {
        // variances 1/3, 1/5 − 1/9 and below 1/9
        assert!((mean[k] / n).abs() < 5.0 * (1.0 / 3.0 / n).sqrt(), "{k}");
        assert!((square[k] / n - 1.0 / 3.0).abs() < 5.0 * (0.09 / n).sqrt(), "{k}");
        assert!((fourth[k] / n - 0.2).abs() < 5.0 * (0.11 / n).sqrt(), "{k}");
    }
}

const SIZE: usize = 10;

/// ½xᵀAx − bᵀx with A = 1 + G Gᵀ/SIZE, and a start.
fn problem() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let mut random = Random::new(9, Stream::Probe, 0);
    let g: Vec<f64> = (0..SIZE * SIZE).map(|_| random.normal()).collect();
    let entry = |i: usize, j: usize| (0..SIZE).map(|k| g[i * SIZE + k] * g[j * SIZE + k]).sum::<f64>() / SIZE as f64;
    let a = (0..SIZE * SIZE).map(|n| entry(n / SIZE, n % SIZE) + f64::from(n / SIZE == n % SIZE)).collect();
    (a, (0..SIZE).map(|_| random.normal()).collect(), (0..SIZE).map(|_| random.normal()).collect())
}

fn gradient(a: &[f64], b: &[f64], x: &[f64]) -> Vec<f64> {
    (0..SIZE).map(|i| (0..SIZE).map(|j| a[i * SIZE + j] * x[j]).sum::<f64>() - b[i]).collect()
}

fn run(settings: OptimizerSettings, a: &[f64], b: &[f64], start: &[f64]) -> Vec<f64> {
    let mut optimizer = Optimizer::new(settings, start, &[], 17).unwrap();
    let mut x = start.to_vec();
    for _ in 0..30 {
        let g = gradient(a, b, &x);
        optimizer.step(&mut x, &g);
    }
    x
}

#[test]
fn a_rotated_rule_acts_as_on_the_rotated_problem_and_only_rules_without_axes_do_not_notice() {
    let (a, b, start) = problem();
    let rotation = OrthogonalBasis::new(SIZE, 17);
    let forth = |x: &[f64]| {
        let mut out = vec![0.0; SIZE];
        rotation.forth(x, &mut out);
        out
    };
    // A′ = R A Rᵀ, column by column and then row by row (A is symmetric)
    let conjugate = rotation.conjugate(&a);
    let turned: Vec<f64> = a.chunks(SIZE).flat_map(&forth).collect();
    let turned: Vec<f64> =
        (0..SIZE).flat_map(|j| forth(&(0..SIZE).map(|i| turned[i * SIZE + j]).collect::<Vec<_>>())).collect();
    assert!(conjugate.iter().zip(&turned).all(|(x, y)| (x - y).abs() < 1e-13));
    for rule in Rule::ALL {
        let mut plain = OptimizerSettings::new(rule);
        plain.learning_rate = 0.03;
        plain.weight_decay = 0.02;
        let rotated = OptimizerSettings { rotated_basis: true, ..plain.clone() };
        let there = run(rotated, &a, &b, &start);
        let on_rotated_problem = run(plain.clone(), &turned, &forth(&b), &forth(&start));
        let expected = if rule == Rule::Lion { None } else { Some(on_rotated_problem) }; // a sign may hang on rounding
        if let Some(expected) = expected {
            // 30 steps of rounding, 1e-15 each, amplified where a rule divides by small √v
            let there = forth(&there);
            assert!(there.iter().zip(&expected).all(|(x, y)| (x - y).abs() < 1e-11), "{rule:?}");
        }
        let here = run(plain, &a, &b, &start);
        let distance = here.iter().zip(&there).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
        if matches!(rule, Rule::Sgd | Rule::Momentum | Rule::Nesterov) {
            assert!(distance < 1e-13, "{rule:?} noticed: {distance}");
        } else {
            assert!(distance > 1e-2, "{rule:?} did not notice: {distance}");
        }
    }
}
