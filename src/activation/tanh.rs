//! tanh over slices, for training: most of its time goes into it.
//!
//! It has the bits of libm's tanh, which takes one number at a time, since it branches. Here all arguments take the same steps, those
//! of each branch, and one of the results is selected: several arguments go through vector registers together. Crates that have
//! such a tanh use fused multiply-add where a processor has it, which gives other bits there than in wasm.

use crate::simd::dispatch;
use std::f64::consts::LOG2_E;

/// From here on tanh rounds to ±1.
const SATURATED: f64 = 20.0;
/// About ½ ln 3: from here on tanh x = 1 − 2/(e + 2).
const LARGE: f64 = f64::from_bits(0x3fe1_93eb_0000_0000);
/// About ½ ln (5/3): below, e = exp(−2x) − 1, which is more accurate.
const SMALL: f64 = f64::from_bits(0x3fd0_58af_0000_0000);
/// About ½ ln 2: an exponent below it is not reduced.
const REDUCED: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
/// The upper 32 bits of ln 2, whose products with small integers are exact, and the rest.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// 2⁵² + 1023: added to a small integer it leaves it, with the bias of exponents, in the last bits.
const BIASED: f64 = 4_503_599_627_371_519.0;
const BITS_OF_FRACTION: u32 = 52;
/// (6/z) (coth(z/2) − 2/z) in powers of z²/2, fitted to |z| ≤ ½ ln 2 by the authors of FreeBSD's expm1: the coefficients by
/// which libm has its bits.
const SERIES: [f64; 6] = [
    1.0,
    -3.333_333_333_333_313e-2,
    1.587_301_587_254_814_6e-3,
    -7.936_507_578_674_88e-5,
    4.008_217_827_329_362e-6,
    -2.010_992_181_836_243_7e-7,
];

/// tanh x, with the bits of libm: from e = exp(±2|x|) − 1.
#[inline(always)]
fn tanh(x: f64) -> f64 {
    let magnitude = x.abs();
    let magnitude = if magnitude > SATURATED { SATURATED } else { magnitude };
    let (is_small, is_large) = (magnitude < SMALL, magnitude >= LARGE);
    let y = 2.0 * magnitude;
    let e = exp_m1(if is_small { -y } else { y }, y, is_small);
    let quotient = (if is_large {
        2.0
    } else if is_small {
        -e
    } else {
        e
    }) / (e + 2.0);
    (if is_large { 1.0 - quotient } else { quotient }).copysign(x)
}

/// exp(x) − 1, where |x| = `size` is at most 40, and negative x are small.
#[inline(always)]
fn exp_m1(x: f64, size: f64, is_negative: bool) -> f64 {
    // x = k ln 2 + r + c, where c is the rounding error of r.
    let is_reduced = size >= REDUCED;
    let k_of_negative = if is_reduced { -1.0 } else { 0.0 };
    let k = if is_negative { k_of_negative } else { (LOG2_E * size + 0.5).floor() };
    let (high, low) = (x - k * LN_2_HIGH, k * LN_2_LOW);
    let r = high - low;
    let c = (high - r) - low;
    // exp(r) ≈ 1 + r − e
    let half = 0.5 * r;
    let square = r * half;
    let mut series = SERIES[5];
    for i in (0..5).rev() {
        series = SERIES[i] + square * series;
    }
    let t = 3.0 - series * half;
    let e = square * ((series - t) / (6.0 - r * t));
    let e = (r * (e - c) - c) - square;
    // 2^k (1 + r − e) − 1, in the order of additions that loses least.
    let power = f64::from_bits((BIASED + k).to_bits() << BITS_OF_FRACTION);
    let inverse = f64::from_bits((BIASED - k).to_bits() << BITS_OF_FRACTION);
    let at_zero = r - e;
    let at_one = if r < -0.25 { -2.0 * (e - (r + 0.5)) } else { 1.0 + 2.0 * at_zero };
    let below_twenty = (at_zero + (1.0 - inverse)) * power;
    let beyond = (r - (e + inverse) + 1.0) * power;
    let of_positive = if k < 20.0 { below_twenty } else { beyond };
    let of_positive = if k == 1.0 { at_one } else { of_positive };
    let of_negative = if is_reduced { 0.5 * at_zero - 0.5 } else { at_zero };
    if is_negative { of_negative } else { of_positive }
}

/// a ← tanh z over the shorter length.
pub(super) fn apply(z: &[f64], a: &mut [f64]) {
    dispatch!(each(z: &[f64], a: &mut [f64]));
}

#[inline(always)]
fn each(z: &[f64], a: &mut [f64]) {
    a.iter_mut().zip(z).for_each(|(a, &z)| *a = tanh(z));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers at every scale, those around the ends of each branch, and what has no such neighbours.
    fn arguments() -> Vec<f64> {
        let mut found: Vec<f64> = (0..600_000).map(|i| 1e-20 * libm::exp10(22.0 * f64::from(i) / 600_000.0)).collect();
        found.extend((0..600_000).map(|i| 21.0 * f64::from(i) / 600_000.0));
        let multiples = (0..60).map(|k| 0.25 * f64::from(2 * k + 1) * std::f64::consts::LN_2);
        for end in [SATURATED, LARGE, SMALL, REDUCED, 0.5 * REDUCED, 2f64.powi(-55)].into_iter().chain(multiples) {
            let (bits, high) = (end.to_bits(), end.to_bits() & !0xffff_ffff);
            found.extend((0..1000).map(|i| f64::from_bits(bits + i - 500)));
            found.extend((0..1000).flat_map(|i| [high + i - 500, (high | 0xffff_ffff) + i - 500]).map(f64::from_bits));
        }
        found.extend([0.0, 5e-324, 1e-310, f64::MIN_POSITIVE, 1e300, f64::INFINITY]);
        found
    }

    #[test]
    fn has_the_bits_of_libm() {
        let z: Vec<f64> = arguments().into_iter().flat_map(|x| [x, -x]).collect();
        let mut a = vec![0.0; z.len()];
        apply(&z, &mut a);
        for (a, &z) in a.iter().zip(&z) {
            let expected = libm::tanh(z).to_bits();
            assert_eq!((a.to_bits(), tanh(z).to_bits()), (expected, expected), "tanh {z:e}");
        }
        assert!(tanh(f64::NAN).is_nan());
    }
}
