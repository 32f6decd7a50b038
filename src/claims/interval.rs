//! Means with their 95 % interval.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Fewest seeds that give an interval.
pub const FEWEST_SEEDS: usize = 3;

/// A mean, and from three values that differ on the interval that holds the true one in 95 % of cases, were the values normal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Both ends; none where all values are equal: seeds that change nothing are no sample of anything.
    pub ends: Option<(f64, f64)>,
}

impl Interval {
    /// x̄ ± t_{0.975, n−1} s/√n, s² = Σ (x − x̄)²/(n − 1) (Student 1908); none without values.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let differ = values.iter().any(|value| *value != values[0]);
        let ends = (values.len() >= FEWEST_SEEDS && differ).then(|| {
            let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
            let half = quantile(count - 1.0) * (squares / (count - 1.0) / count).sqrt();
            (mean - half, mean + half)
        });
        Some(Interval { mean, ends })
    }
}

/// t with P(|T| ≤ t) = 0.95 for Student's distribution.
fn quantile(degrees_of_freedom: f64) -> f64 {
    let distribution = StudentsT::new(0.0, 1.0, degrees_of_freedom).expect("degrees of freedom are positive");
    distribution.inverse_cdf(0.975)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.t.ppf(0.975, ν) of scipy 1.17.
    #[test]
    fn quantiles_are_those_of_scipy() {
        for (degrees_of_freedom, expected) in [
            (2.0, 4.302_652_729_749_462),
            (3.0, 3.182_446_305_283_707_8),
            (7.0, 2.364_624_251_592_784),
            (11.0, 2.200_985_160_091_639),
            (15.0, 2.131_449_545_559_776),
            (31.0, 2.039_513_446_396_408),
            (63.0, 1.998_340_542_520_741),
            (255.0, 1.969_310_569_849_875_2),
            (1000.0, 1.962_339_080_826_408_3),
        ] {
            let found = quantile(degrees_of_freedom);
            assert!((found - expected).abs() <= 1e-10, "{degrees_of_freedom}: {found} {expected}");
        }
    }

    #[test]
    fn an_interval_by_hand() {
        // Mean 2, s = 1, so that the half width is 4.3027/√3.
        let interval = Interval::of(&[1.0, 2.0, 3.0]).unwrap();
        let half = 4.302_652_729_749_462 / 3f64.sqrt();
        let (low, high) = interval.ends.unwrap();
        assert_eq!(interval.mean, 2.0);
        assert!((low - (2.0 - half)).abs() < 1e-10 && (high - (2.0 + half)).abs() < 1e-10);
        assert_eq!(Interval::of(&[1.0, 2.0]).unwrap(), Interval { mean: 1.5, ends: None });
        assert_eq!(Interval::of(&[0.5; 16]).unwrap(), Interval { mean: 0.5, ends: None });
        assert_eq!(Interval::of(&[]), None);
    }
}
