//! tanh over slices, for training: most of its time goes into it.
//!
//! libm's tanh branches, so that its values come one by one. Here all arguments take the same steps, and several of them go
//! through vector registers. Crates that have such a tanh use fused multiply-add where a processor has it, which gives other
//! bits there than in wasm; this one gives the same everywhere.

use crate::simd::dispatch;

/// Beyond it tanh rounds to ±1.
const SATURATED: f64 = 20.0;
/// The upper 32 bits of ln 2, whose products with small integers are exact, and the rest.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// 1.5 · 2⁵² + 1023: added to a number it leaves the nearest integer and the bias of exponents in the last bits.
const ROUNDED_AND_BIASED: f64 = 6_755_399_441_056_767.0;
const BITS_OF_FRACTION: u32 = 52;

/// 1/n! from n = 2 on. Beyond n = 13 the terms of r^n/n! are below half a unit in the last place of r for |r| ≤ ½ ln 2.
const TERMS: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// tanh x = e/(e + 2) with e = exp(2|x|) − 1 and the sign of x, within 3 units in the last place; NaN stays NaN.
///
/// e = 2^k p + (2^k − 1) with p = exp(r) − 1 and 2|x| = k ln 2 + r, so that nothing cancels, however small x is.
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    let magnitude = x.abs();
    let y = 2.0 * if magnitude > SATURATED { SATURATED } else { magnitude };
    let rounded = y * std::f64::consts::LOG2_E + ROUNDED_AND_BIASED;
    let power = f64::from_bits(rounded.to_bits() << BITS_OF_FRACTION);
    let k = rounded - ROUNDED_AND_BIASED;
    let r = (y - k * LN_2_HIGH) - k * LN_2_LOW;
    let mut series = TERMS[TERMS.len() - 1];
    for term in TERMS[..TERMS.len() - 1].iter().rev() {
        series = series * r + term;
    }
    let p = r + r * r * series;
    let e = power * p + (power - 1.0);
    (e / (e + 2.0)).copysign(x)
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

    /// Units in the last place of `expected` between the two.
    fn distance(found: f64, expected: f64) -> f64 {
        let unit = expected.abs().max(f64::MIN_POSITIVE).log2().floor().exp2() * f64::EPSILON;
        (found - expected).abs() / unit
    }

    /// Against libm, which is within one unit in the last place.
    #[test]
    fn is_within_three_units_of_libm() {
        let mut worst: f64 = 0.0;
        for i in 0..=400_000 {
            // From 1e-20 to 100, as dense at every scale.
            let x = 1e-20 * libm::exp10(22.0 * f64::from(i) / 400_000.0);
            assert_eq!(tanh(-x), -tanh(x));
            worst = worst.max(distance(tanh(x), libm::tanh(x)));
        }
        assert!(worst <= 3.0, "{worst}");
    }

    #[test]
    fn ends_signs_and_nan() {
        for (x, expected) in [(f64::INFINITY, 1.0), (1e300, 1.0), (19.2, 1.0), (5e-324, 5e-324), (0.0, 0.0)] {
            assert_eq!(tanh(x).to_bits(), f64::to_bits(expected), "{x}");
            assert_eq!(tanh(-x).to_bits(), f64::to_bits(-expected), "-{x}");
        }
        assert!(tanh(f64::NAN).is_nan());
    }

    #[test]
    fn a_slice_has_the_same_bits() {
        let z: Vec<f64> = (0..1003).map(|i| 0.05 * f64::from(i - 500)).collect();
        let mut a = vec![0.0; z.len()];
        apply(&z, &mut a);
        for (a, &z) in a.iter().zip(&z) {
            assert_eq!(a.to_bits(), tanh(z).to_bits());
        }
    }
}
