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
const SIGN: u64 = 1 << 63;
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
    let e = exp_m1(2.0 * magnitude, (magnitude - SMALL).to_bits() & SIGN);
    // 1 − 2/(e + 2) or |e|/(e + 2), in a form that is not compiled to two divisions.
    let (one, sign) = if magnitude >= LARGE { (1.0, SIGN) } else { (0.0, 0) };
    let quotient = (if magnitude >= LARGE { 2.0 } else { e.abs() }) / (e + 2.0);
    (one + f64::from_bits(quotient.to_bits() | sign)).copysign(x)
}

/// exp(±y) − 1 for 0 ≤ y ≤ 40, minus where `sign` has the first bit set, which is for small y.
#[inline(always)]
fn exp_m1(y: f64, sign: u64) -> f64 {
    let with_sign = |x: f64| f64::from_bits(x.to_bits() ^ sign);
    // ±y = k ln 2 + r + c, where c is the rounding error of r.
    let k = with_sign(if y < REDUCED { 0.0 } else { (LOG2_E * y + 0.5).floor() });
    let (high, low) = (with_sign(y) - k * LN_2_HIGH, k * LN_2_LOW);
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
    let rest = 1.0 - inverse;
    let sum = if k == 1.0 && r < -0.25 { (r + rest) - e } else { (r - e) + rest };
    let sum = if k < 20.0 { sum } else { (r - (e + inverse)) + 1.0 };
    sum * power
}

/// a ← tanh z over the shorter length.
pub(super) fn apply(z: &[f64], a: &mut [f64]) {
    dispatch!(each(z: &[f64], a: &mut [f64]));
}

#[inline(always)]
fn each(z: &[f64], a: &mut [f64]) {
    // A closure of this size would not be inlined, and so not get the wider registers.
    for (a, &z) in a.iter_mut().zip(z) {
        *a = tanh(z);
    }
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
