//! Activation functions φ with their first and second derivatives.
//!
//! Elementary functions come from `libm`, so that wasm and native agree bit for bit.

mod tanh;

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use serde::{Deserialize, Serialize};

/// The activation φ of the hidden layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// φ(z) = tanh z
    Tanh,
    /// φ(z) = σ(z) = 1/(1 + e^{−z})
    Sigmoid,
    /// φ(z) = max(z, 0), with φ′(0) = 0 and φ″ = 0 everywhere, the convention of automatic differentiation
    Relu,
    /// φ(z) = z Φ(z), Φ the normal distribution function (the exact form with erf)
    Gelu,
    /// φ(z) = z σ(z)
    Silu,
    /// φ(z) = ln(1 + e^z)
    Softplus,
    /// φ(z) = sin z
    Sin,
    /// φ(z) = z
    #[serde(alias = "linear")]
    Identity,
}

/// φ, φ′ and φ″ at one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jet {
    /// φ(z)
    pub value: f64,
    /// φ′(z)
    pub first: f64,
    /// φ″(z)
    pub second: f64,
}

impl Activation {
    /// All activations, in the order in which they are offered.
    pub const ALL: [Activation; 8] = [
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Relu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Softplus,
        Activation::Sin,
        Activation::Identity,
    ];

    /// φ(z).
    pub fn value(self, z: f64) -> f64 {
        match self {
            Activation::Tanh => libm::tanh(z),
            Activation::Sigmoid => sigmoid(z),
            Activation::Relu => {
                // NaN must stay NaN, which f64::max would hide.
                if z > 0.0 || z.is_nan() { z } else { 0.0 }
            }
            Activation::Gelu => z * normal_distribution(z),
            Activation::Silu => z * sigmoid(z),
            Activation::Softplus => {
                if z.is_nan() {
                    z
                } else {
                    z.max(0.0) + libm::log1p(libm::exp(-z.abs()))
                }
            }
            Activation::Sin => libm::sin(z),
            Activation::Identity => z,
        }
    }

    /// φ(z), φ′(z) and φ″(z).
    pub fn jet(self, z: f64) -> Jet {
        self.jet_of(z, self.value(z))
    }

    /// values ← φ(z), first ← φ′(z) and second ← φ″(z), elementwise, with z in `values` before.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn apply_with_derivatives(self, values: &mut [f64], first: &mut [f64], second: &mut [f64]) {
        assert!(values.len() == first.len() && first.len() == second.len());
        second.copy_from_slice(values);
        self.apply(second, values);
        for (&value, (first, second)) in values.iter().zip(first.iter_mut().zip(second)) {
            let jet = self.jet_of(*second, value);
            (*first, *second) = (jet.first, jet.second);
        }
    }

    /// [`Activation::jet`] with φ(z) given.
    #[inline(always)]
    fn jet_of(self, z: f64, value: f64) -> Jet {
        let (first, second) = match self {
            Activation::Tanh => {
                let first = 1.0 - value * value;
                (first, -2.0 * value * first)
            }
            Activation::Sigmoid => {
                let first = value * (1.0 - value);
                (first, first * (1.0 - 2.0 * value))
            }
            Activation::Relu => (if z > 0.0 { 1.0 } else { 0.0 }, 0.0),
            Activation::Gelu => {
                let density = libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt();
                (normal_distribution(z) + z * density, density * (2.0 - z * z))
            }
            Activation::Silu => {
                let s = sigmoid(z);
                let slope = s * (1.0 - s);
                (s + z * slope, slope * (2.0 + z * (1.0 - 2.0 * s)))
            }
            Activation::Softplus => {
                let s = sigmoid(z);
                (s, s * (1.0 - s))
            }
            Activation::Sin => (libm::cos(z), -value),
            Activation::Identity => (1.0, 0.0),
        };
        Jet { value, first, second }
    }

    /// a ← φ(z), elementwise.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn apply(self, z: &[f64], a: &mut [f64]) {
        assert_eq!(z.len(), a.len());
        match self {
            Activation::Tanh => tanh::apply(z, a),
            _ => a.iter_mut().zip(z).for_each(|(a, &z)| *a = self.value(z)),
        }
    }

    /// δ ← φ′(z) ⊙ δ, elementwise, with a = φ(z) given to save evaluations.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn multiply_by_first(self, z: &[f64], a: &[f64], delta: &mut [f64]) {
        assert!(z.len() == a.len() && a.len() == delta.len());
        match self {
            Activation::Tanh => delta.iter_mut().zip(a).for_each(|(d, &a)| *d *= 1.0 - a * a),
            Activation::Sigmoid => delta.iter_mut().zip(a).for_each(|(d, &a)| *d *= a * (1.0 - a)),
            Activation::Identity => {}
            _ => delta.iter_mut().zip(z).for_each(|(d, &z)| *d *= self.jet(z).first),
        }
    }
}

/// σ(z) = 1/(1 + e^{−z}), without overflow on either side.
fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + libm::exp(-z))
    } else {
        let e = libm::exp(z);
        e / (1.0 + e)
    }
}

/// Φ(z) = ½ erfc(−z/√2).
fn normal_distribution(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each derivative against a central difference of the function before it: error h²/6·|φ‴| + ε/h ≈ 1e-10 at h = 6e-6.
    #[test]
    fn derivatives_are_those_of_the_value() {
        let h = f64::EPSILON.cbrt();
        for activation in Activation::ALL {
            for i in -40..=40 {
                let z = i as f64 * 0.17 + 0.05;
                let jet = activation.jet(z);
                let first = (activation.value(z + h) - activation.value(z - h)) / (2.0 * h);
                let second = (activation.jet(z + h).first - activation.jet(z - h).first) / (2.0 * h);
                assert!((jet.first - first).abs() < 1e-9, "{activation:?} φ′({z})");
                assert!((jet.second - second).abs() < 1e-9, "{activation:?} φ″({z})");
            }
        }
    }

    /// Known values: tanh 1 and σ(1), gelu(1) = Φ(1), silu(1) = σ(1), softplus(0) = ln 2.
    #[test]
    fn values_at_one() {
        let cases = [
            (Activation::Tanh, 0.761_594_155_955_764_9),
            (Activation::Sigmoid, 0.731_058_578_630_004_9),
            (Activation::Relu, 1.0),
            (Activation::Gelu, 0.841_344_746_068_542_9),
            (Activation::Silu, 0.731_058_578_630_004_9),
            (Activation::Softplus, 1.313_261_687_518_222_8),
            (Activation::Sin, 0.841_470_984_807_896_5),
            (Activation::Identity, 1.0),
        ];
        for (activation, expected) in cases {
            assert!((activation.value(1.0) - expected).abs() < 4.0 * f64::EPSILON, "{activation:?}");
        }
    }

    #[test]
    fn far_arguments_stay_finite_and_nan_stays_nan() {
        for activation in Activation::ALL {
            for z in [-800.0, -40.0, 40.0, 800.0] {
                let jet = activation.jet(z);
                assert!(
                    jet.value.is_finite() && jet.first.is_finite() && jet.second.is_finite(),
                    "{activation:?}({z})"
                );
            }
            assert!(activation.value(f64::NAN).is_nan(), "{activation:?}");
        }
    }

    #[test]
    fn slices_equal_the_jet() {
        let z: Vec<f64> = (-9..9).map(|i| 0.37 * f64::from(i)).collect();
        for activation in Activation::ALL {
            let mut a = vec![0.0; z.len()];
            activation.apply(&z, &mut a);
            let mut delta = vec![1.5; z.len()];
            activation.multiply_by_first(&z, &a, &mut delta);
            for (d, &z) in delta.iter().zip(&z) {
                assert!((d - 1.5 * activation.jet(z).first).abs() < 1e-15);
            }
            let (mut values, mut first, mut second) = (z.clone(), delta.clone(), delta);
            activation.apply_with_derivatives(&mut values, &mut first, &mut second);
            for (i, &z) in z.iter().enumerate() {
                assert_eq!(Jet { value: values[i], first: first[i], second: second[i] }, activation.jet(z));
            }
        }
    }
}
