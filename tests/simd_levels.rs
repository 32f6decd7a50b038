//! Every level of vector instructions that the processor has against the code without them: the same bits.
#![cfg(not(target_arch = "wasm32"))]

use eigendrift::activation::Activation;
use eigendrift::experiment::{Experiment, run};
use eigendrift::hessian::{HessianWorkspace, Part};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::matmul::{Panels, Tiles, multiply_add};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::random::{Random, Stream};
use eigendrift::simd::Level;
use eigendrift::spectrum::{EigenWorkspace, Order, spectrum};
use eigendrift::training::Start;

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

fn normal(count: usize, index: u64) -> Vec<f64> {
    let mut random = Random::new(1, Stream::Probe, index);
    (0..count).map(|_| random.normal()).collect()
}

/// C + α A Bᵀ for all remainders of rows and columns by the tiles' edges; rows of C are farther apart than they are long.
fn products() -> Vec<u64> {
    let mut all = Vec::new();
    for (m, q, k) in [(1, 1, 1), (4, 8, 5), (3, 7, 8), (9, 5, 16), (20, 12, 3), (17, 33, 31), (6, 6, 0), (37, 19, 130)]
    {
        for (alpha, tiles) in [(1.0, Tiles::All), (-1.0, Tiles::All), (1.0, Tiles::Upper)] {
            let (mut a, mut b) = (Panels::default(), Panels::default());
            let (left, right) = (normal(m * k, 1), normal(q * k, 2));
            a.pack(k, 0..m, |r, row| row.copy_from_slice(&left[r * k..][..k]));
            b.pack(k, 0..q, |r, row| row.copy_from_slice(&right[r * k..][..k]));
            let mut c = normal(m * (q + 3), 3);
            multiply_add(alpha, &a, &b, &mut c, q + 3, tiles);
            all.extend(bits(&c));
        }
    }
    all
}

/// Spectra with a few and with all vectors, for all remainders of n by the rows that are taken together.
fn spectra() -> Vec<u64> {
    let mut all = Vec::new();
    let mut workspace = EigenWorkspace::default();
    for n in (1..=24).chain([61, 66, 131]) {
        let entries = normal(n * n, n as u64);
        let matrix: Vec<f64> = (0..n * n).map(|at| entries[at.min(at % n * n + at / n)]).collect();
        for k in [n.min(6), n] {
            let found = spectrum(&matrix, n, k, Order::Magnitude, &mut workspace).unwrap();
            all.extend(bits(&found.eigenvalues));
            all.extend(bits(&found.vectors));
            all.extend(bits(&found.certificates.angle_bounds));
            all.push(found.certificates.orthogonality_defect.to_bits());
        }
    }
    all
}

/// H and its spectrum, P = 231, a deeper network and inputs of which half are 0, for numbers of samples that leave remainders.
fn hessians() -> Vec<u64> {
    let mut all = Vec::new();
    let least = f64::NEG_INFINITY;
    for (layers, samples, least) in
        [(vec![2, 12, 12, 3], 300, least), (vec![3, 5, 7, 6, 2], 141, least), (vec![9, 7, 3], 141, 0.0)]
    {
        for activation in [Activation::Tanh, Activation::Gelu] {
            let architecture = Architecture::new(layers.clone(), activation).unwrap();
            let mut inputs = normal(samples * layers[0], 4);
            inputs.iter_mut().filter(|x| **x < least).for_each(|x| *x = 0.0);
            let inputs = Batch::from_rows(&inputs, layers[0]);
            let labels: Vec<usize> = (0..samples).map(|n| n % architecture.classes()).collect();
            let parameters = Start::default().draw(&architecture, &mut Random::new(1, Stream::Probe, 5));
            let loss = Loss::new(LossFunction::CrossEntropy);
            let mut workspace = HessianWorkspace::new(&architecture, &loss, &inputs, &labels).unwrap();
            let mut matrix = Vec::new();
            for part in [Part::Full, Part::GaussNewton] {
                workspace.hessian(&parameters, part, &mut matrix).unwrap();
                all.extend(bits(&matrix));
            }
            let n = parameters.len();
            let found = spectrum(&matrix, n, 10, Order::Algebraic, &mut EigenWorkspace::default()).unwrap();
            all.extend(bits(&found.eigenvalues));
            all.extend(bits(&found.vectors));
        }
    }
    all
}

fn report() -> String {
    let text = r#"{"optimizer": {"name": "adam"}, "steps": 60, "checkpoint_every": 20, "test_share": 0.2,
        "null_model": {"kind": "random_weights", "samples": 3}}"#;
    serde_json::to_string(&run(Experiment::from_json(text).unwrap(), |_| {}).unwrap()).unwrap()
}

/// One test in its file: the level is the same for all threads.
#[test]
fn all_levels_give_the_same_bits() {
    let at = |level: Level| {
        assert_eq!(level.limit(), level);
        assert_eq!(Level::current(), level);
        (products(), spectra(), hessians(), report())
    };
    let plain = at(Level::Baseline);
    assert!(plain.0.len() > 1000 && plain.1.len() > 10_000 && plain.2.len() > 4 * 231 * 231 && plain.3.len() > 10_000);
    for level in Level::ALL.into_iter().filter(|&level| level > Level::Baseline && level <= Level::widest()) {
        let wide = at(level);
        assert!(wide.0 == plain.0, "products at {level:?}");
        assert!(wide.1 == plain.1, "spectra at {level:?}");
        assert!(wide.2 == plain.2, "Hessians at {level:?}");
        assert!(wide.3 == plain.3, "a report at {level:?}");
    }
    // What the processor does not have is not chosen.
    assert_eq!(Level::Avx512.limit(), Level::widest());
}
