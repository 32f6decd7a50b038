//! Two f64 lanes: one 128-bit register in wasm with simd128, an array that the compiler vectorizes elsewhere.
//!
//! Sums that are split over two lanes have the same order of additions, hence the same bits, on every target.

use std::ops::{Add, Div, Mul, Sub};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::{
        f64x2, f64x2_add, f64x2_div, f64x2_extract_lane, f64x2_mul, f64x2_splat, f64x2_sub, v128,
    };
    pub type Lanes = v128;
    #[inline(always)]
    pub fn load(a: [f64; 2]) -> Lanes {
        f64x2(a[0], a[1])
    }
    #[inline(always)]
    pub fn splat(a: f64) -> Lanes {
        f64x2_splat(a)
    }
    #[inline(always)]
    pub fn array(a: Lanes) -> [f64; 2] {
        [f64x2_extract_lane::<0>(a), f64x2_extract_lane::<1>(a)]
    }
    #[inline(always)]
    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        f64x2_add(a, b)
    }
    #[inline(always)]
    pub fn sub(a: Lanes, b: Lanes) -> Lanes {
        f64x2_sub(a, b)
    }
    #[inline(always)]
    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        f64x2_mul(a, b)
    }
    #[inline(always)]
    pub fn div(a: Lanes, b: Lanes) -> Lanes {
        f64x2_div(a, b)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    pub type Lanes = [f64; 2];
    #[inline(always)]
    pub fn load(a: [f64; 2]) -> Lanes {
        a
    }
    #[inline(always)]
    pub fn splat(a: f64) -> Lanes {
        [a; 2]
    }
    #[inline(always)]
    pub fn array(a: Lanes) -> [f64; 2] {
        a
    }
    #[inline(always)]
    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        [a[0] + b[0], a[1] + b[1]]
    }
    #[inline(always)]
    pub fn sub(a: Lanes, b: Lanes) -> Lanes {
        [a[0] - b[0], a[1] - b[1]]
    }
    #[inline(always)]
    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        [a[0] * b[0], a[1] * b[1]]
    }
    #[inline(always)]
    pub fn div(a: Lanes, b: Lanes) -> Lanes {
        [a[0] / b[0], a[1] / b[1]]
    }
}

/// Two numbers in one register.
#[derive(Clone, Copy)]
pub struct Pair(lanes::Lanes);

impl Pair {
    /// Both lanes zero.
    #[inline(always)]
    pub fn zero() -> Self {
        Pair::splat(0.0)
    }
    /// The same number in both lanes.
    #[inline(always)]
    pub fn splat(value: f64) -> Self {
        Pair(lanes::splat(value))
    }
    /// Two neighbours in memory.
    #[inline(always)]
    pub fn load(values: &[f64; 2]) -> Self {
        Pair(lanes::load(*values))
    }
    /// Writes both lanes to two neighbours in memory.
    #[inline(always)]
    pub fn store(self, values: &mut [f64; 2]) {
        *values = lanes::array(self.0);
    }
    /// First lane + second lane.
    #[inline(always)]
    pub fn sum(self) -> f64 {
        let [a, b] = lanes::array(self.0);
        a + b
    }
}

impl Add for Pair {
    type Output = Pair;
    #[inline(always)]
    fn add(self, other: Pair) -> Pair {
        Pair(lanes::add(self.0, other.0))
    }
}

impl Sub for Pair {
    type Output = Pair;
    #[inline(always)]
    fn sub(self, other: Pair) -> Pair {
        Pair(lanes::sub(self.0, other.0))
    }
}

impl Mul for Pair {
    type Output = Pair;
    #[inline(always)]
    fn mul(self, other: Pair) -> Pair {
        Pair(lanes::mul(self.0, other.0))
    }
}

impl Div for Pair {
    type Output = Pair;
    #[inline(always)]
    fn div(self, other: Pair) -> Pair {
        Pair(lanes::div(self.0, other.0))
    }
}

/// max |a_i|; NaN when any entry is NaN or infinite.
pub fn largest_magnitude(a: &[f64]) -> f64 {
    let (fours, rest) = a.as_chunks::<4>();
    let mut largest = [0.0; 4];
    let mut poison = [0.0; 4]; // 0 · NaN and 0 · ∞ are NaN, and stay in the sum
    let mut take = |values: &[f64; 4]| {
        for lane in 0..4 {
            let magnitude = values[lane].abs();
            largest[lane] = if largest[lane] < magnitude { magnitude } else { largest[lane] };
            poison[lane] += 0.0 * magnitude;
        }
    };
    fours.iter().for_each(&mut take);
    let mut last = [0.0; 4];
    last[..rest.len()].copy_from_slice(rest);
    take(&last);
    poison.iter().zip(largest).fold(0.0, |m: f64, (poison, l)| if m < l { l } else { m } + poison)
}

/// (aᵀb_0, ..., aᵀb_3), over the length of a: a is read once, and four sums hide each other's latency.
#[cfg_attr(target_arch = "wasm32", inline)]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn dot4(a: &[f64], b: [&[f64]; 4]) -> [f64; 4] {
    let [b0, b1, b2, b3] = b.map(|b| b[..a.len()].as_chunks::<2>().0);
    let (a2, a_rest) = a.as_chunks::<2>();
    let mut sums = [Pair::zero(); 4];
    for ((((a, b0), b1), b2), b3) in a2.iter().zip(b0).zip(b1).zip(b2).zip(b3) {
        let a = Pair::load(a);
        for (sum, b) in sums.iter_mut().zip([b0, b1, b2, b3]) {
            *sum = *sum + a * Pair::load(b);
        }
    }
    let mut sums = sums.map(Pair::sum);
    if let [last] = a_rest {
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum += last * b[a.len() - 1];
        }
    }
    sums
}

/// y ← y + α x over the shorter length.
#[cfg_attr(target_arch = "wasm32", inline)]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn add_scaled(y: &mut [f64], alpha: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += alpha * x;
    }
}
