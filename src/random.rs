//! Random numbers from a seed: one independent stream per purpose, the same bits on every machine.
//!
//! A stream is named by (seed, purpose, index), so that drawing more numbers for one purpose never shifts another: runs
//! with different optimizers share start, data and batches, and the i-th sample of a null model does not depend on how
//! many were drawn before it.
//!
//! The generator is xoshiro256++ (Blackman and Vigna 2021), chosen by name: rand's `SmallRng` is another algorithm on
//! 32-bit wasm than on 64-bit machines, and `StdRng` may change with any release. Seeds go through SplitMix64's finalizer,
//! so that neighbouring seeds and indices give unrelated states. Not for secrets.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// What a stream of random numbers is for. The number of each is part of an experiment's meaning: it
/// never changes, and none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// Points and noise of synthetic data sets.
    Data = 1,
    /// Which samples are for training, which for testing.
    Split = 2,
    /// Which samples of a real data set are kept.
    Subsample = 3,
    /// Parameters at the start of training.
    Start = 4,
    /// Order of the samples in mini-batches; the index is the epoch.
    Batches = 5,
    /// Null models of the Hessian; the index is the sample.
    NullModel = 6,
    /// The random orthogonal matrix of a rotated basis.
    Basis = 7,
    /// Which training samples the Hessian is averaged over.
    HessianSamples = 9,
    /// The network that labels the teacher data set.
    Teacher = 10,
    /// Random directions and Monte Carlo checks that no other purpose covers.
    Probe = 11,
    /// Start vectors of the Lanczos process for leading eigenpairs; the index counts them.
    Krylov = 12,
    /// Probes of a spectral density; the index is the probe.
    Density = 13,
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random {
    generator: Xoshiro256PlusPlus,
    /// The second of a pair of normal numbers, not yet handed out.
    spare: Option<f64>,
}

impl Random {
    /// The stream number `index` for the purpose `stream` under `seed`.
    pub fn new(seed: u64, stream: Stream, index: u64) -> Self {
        let state = [seed, stream as u64, index].into_iter().fold(0, |state, word| mixed(state ^ word));
        Random { generator: Xoshiro256PlusPlus::seed_from_u64(state), spare: None }
    }

    /// Uniform on [0, 1): a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Normal, mean 0 and variance 1: √(−2 ln u) cos 2πv, then √(−2 ln u) sin 2πv (Box and Muller 1958).
    ///
    /// Not rand_distr's ziggurat: its tail and wedges call the system's `ln` and `exp`, whose last bit differs between
    /// machines, and one differently rejected candidate shifts all numbers after it.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * self.uniform());
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// Uniform on 0 … n−1, without bias (Lemire 2019: the high word of a 64 × 64-bit product, with rejection).
    ///
    /// # Panics
    /// When `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "no number lies below 0");
        let n = n as u64; // 64 bits also where usize has 32, so that both draw alike
        let rejected = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.generator.next_u64()) * u128::from(n);
            if product as u64 >= rejected {
                return (product >> 64) as usize;
            }
        }
    }

    /// A uniformly random order of 0 … n−1.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// Puts `items` into uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// One step of SplitMix64 (Steele, Lea and Flood 2014): a bijection that flips each output bit with probability ½ when
/// one input bit flips.
fn mixed(word: u64) -> u64 {
    let z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
