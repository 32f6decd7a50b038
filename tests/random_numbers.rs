//! The random streams against an independent implementation (xoshiro256++ and SplitMix64 after their authors' C code,
//! written in Python with unbounded integers) and against the moments of the distributions.
//!
//! The same file runs natively and, from web_worker.rs and web_page.rs, in a browser: equal bits against fixed values show
//! that both agree.

use eigendrift::random::{Random, Stream};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn uniform_numbers_have_the_reference_bits() {
    let mut random = Random::new(42, Stream::Start, 3);
    let drawn: Vec<f64> = (0..4).map(|_| random.uniform()).collect();
    assert_eq!(drawn, [0.47558635243125014, 0.09154101648665258, 0.5174862174560891, 0.3960511469540321]);
    let first = |seed, stream, index| Random::new(seed, stream, index).uniform();
    assert_eq!(first(0, Stream::Data, 0).to_bits(), 0x3fdd_2a4e_a4a7_e63c); // the exponent of numbers in [¼, ½) is 3fd
    assert_eq!(first(u64::MAX, Stream::NullModel, 199).to_bits(), 0x3fe5_f607_2ca6_a621);
}

#[test]
fn normal_numbers_have_fixed_bits_everywhere() {
    let mut random = Random::new(42, Stream::Start, 3);
    let drawn: Vec<f64> = (0..6).map(|_| random.normal()).collect();
    let python = [
        0.9533852194730965,
        0.6180660384850877,
        -0.9587935534394615,
        0.7336255921036058,
        0.41316105838243566,
        0.8222350063861316,
    ];
    // Python calls another mathematical library: a few units in the last place (2⁻⁵²) per elementary function.
    for (ours, theirs) in drawn.iter().zip(python) {
        assert!((ours - theirs).abs() < 8.0 * f64::EPSILON, "{ours} {theirs}");
    }
    // A digest of ten thousand numbers: native and browser builds must agree in every bit of every one.
    let digest = (0..10_000).fold(0u64, |sum, _| sum.rotate_left(5) ^ random.normal().to_bits());
    assert_eq!(digest, 17_597_975_612_999_407_259);
}

#[test]
fn bounded_numbers_and_permutations_are_the_reference_ones() {
    let mut random = Random::new(42, Stream::Start, 3);
    let drawn: Vec<usize> = (0..12).map(|_| random.below(10)).collect();
    assert_eq!(drawn, [4, 0, 5, 3, 3, 1, 2, 9, 2, 3, 3, 6]);
    let mut random = Random::new(42, Stream::Start, 3);
    let drawn: Vec<usize> = (0..3).map(|_| random.below(4_294_967_291)).collect();
    assert_eq!(drawn, [2042627827, 393165671, 2222586377]);
    assert_eq!(Random::new(42, Stream::Batches, 0).permutation(12), [9, 5, 8, 3, 10, 4, 2, 0, 11, 7, 1, 6]);
}

#[test]
fn moments_are_those_of_the_distributions() {
    const N: usize = 200_000;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    // The m-th raw moment has variance (E x²ᵐ − (E xᵐ)²)/N; 4.5 standard errors are exceeded once in 150 000 draws.
    let check = |values: &[f64], power: i32, truth: f64, square: f64| {
        let moment = mean(&values.iter().map(|x| x.powi(power)).collect::<Vec<_>>());
        let error = 4.5 * ((square - truth * truth) / N as f64).sqrt();
        assert!((moment - truth).abs() < error, "power {power}: {moment} is not {truth} ± {error}");
    };
    let mut random = Random::new(1, Stream::Probe, 0);
    let uniform: Vec<f64> = (0..N).map(|_| random.uniform()).collect();
    for power in 1..5 {
        check(&uniform, power, 1.0 / f64::from(power + 1), 1.0 / f64::from(2 * power + 1));
    }
    assert!(uniform.iter().all(|u| (0.0..1.0).contains(u)));
    let normal: Vec<f64> = (0..N).map(|_| random.normal()).collect();
    for (power, truth, square) in [(1, 0.0, 1.0), (2, 1.0, 3.0), (3, 0.0, 15.0), (4, 3.0, 105.0)] {
        check(&normal, power, truth, square);
    }
    // Both halves of a Box–Muller pair, and neighbouring pairs, are uncorrelated.
    let lagged: Vec<f64> = normal.windows(2).map(|pair| pair[0] * pair[1]).collect();
    assert!(mean(&lagged).abs() < 4.5 / (N as f64).sqrt());
}

#[test]
fn streams_do_not_depend_on_each_other() {
    const N: usize = 20_000;
    let draw = |seed, stream, index| {
        let mut random = Random::new(seed, stream, index);
        (0..N).map(|_| random.normal()).collect::<Vec<f64>>()
    };
    let streams = [
        draw(5, Stream::Start, 0),
        draw(5, Stream::Start, 1),
        draw(6, Stream::Start, 0),
        draw(6, Stream::Start, 1),
        draw(5, Stream::Data, 0),
        draw(5, Stream::Batches, 0),
        draw(0, Stream::Data, 0),
        draw(1, Stream::Data, 0),
    ];
    for (i, a) in streams.iter().enumerate() {
        for b in &streams[..i] {
            // Correlation of independent normal numbers: standard error 1/√N; 4.5 of them for 28 pairs.
            let correlation = a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / N as f64;
            assert!(correlation.abs() < 4.5 / (N as f64).sqrt(), "{correlation}");
        }
    }
    assert_eq!(streams[0], draw(5, Stream::Start, 0));
}

#[test]
fn first_numbers_of_neighbouring_streams_are_uniform() {
    // χ² with 63 degrees of freedom over the first number of 6 400 neighbouring seeds, then indices: mean 63,
    // standard deviation √126 ≈ 11.2; 4.5 of them above the mean.
    for by_seed in [true, false] {
        let mut counts = [0.0f64; 64];
        for i in 0..6400 {
            let (seed, index) = if by_seed { (i, 0) } else { (0, i) };
            counts[(Random::new(seed, Stream::NullModel, index).uniform() * 64.0) as usize] += 1.0;
        }
        let statistic: f64 = counts.iter().map(|count| (count - 100.0).powi(2) / 100.0).sum();
        assert!(statistic < 63.0 + 4.5 * 126f64.sqrt(), "{statistic}");
    }
}

#[test]
fn every_order_of_three_is_equally_likely() {
    let mut random = Random::new(9, Stream::Probe, 0);
    let mut counts = [0.0f64; 27];
    for _ in 0..12_000 {
        let order = random.permutation(3);
        counts[9 * order[0] + 3 * order[1] + order[2]] += 1.0;
    }
    let seen: Vec<f64> = counts.into_iter().filter(|&count| count > 0.0).collect();
    assert_eq!(seen.len(), 6);
    // Binomial counts: 2000 ± √(12000 · 1/6 · 5/6) ≈ 41.
    assert!(seen.iter().all(|count| (count - 2000.0).abs() < 4.5 * 41.0), "{seen:?}");
}
