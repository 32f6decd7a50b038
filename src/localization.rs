//! Localization: on how few parameters is a unit vector v ∈ R^P concentrated?
//!
//! ```text
//! IPR(v) = Σ_a v_a⁴ ∈ [1/P, 1]
//! ```
//!
//! 1/IPR is about the number of parameters that carry v. A random direction has the expected value 3/(P + 2).
//! Source: inverse participation ratio as in Anderson localization (Bell and Dean 1970).

use crate::mlp::ParameterGroup;

/// IPR(v) = Σ_a v_a⁴ of a unit vector.
pub fn inverse_participation_ratio(v: &[f64]) -> f64 {
    v.iter().map(|x| (x * x) * (x * x)).sum()
}

/// Expected IPR of a direction drawn uniformly from the unit sphere in R^P: 3/(P + 2).
pub fn random_direction_ipr(parameter_count: usize) -> f64 {
    3.0 / (parameter_count as f64 + 2.0)
}

/// Mass of a unit vector in each group of parameters: Σ_{a ∈ group} v_a², adding up to 1 over all groups of θ.
///
/// # Panics
/// If a group reaches beyond `v`.
pub fn group_mass(v: &[f64], groups: &[ParameterGroup]) -> Vec<f64> {
    groups.iter().map(|group| v[group.range.clone()].iter().map(|x| x * x).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation;
    use crate::mlp::Architecture;
    use crate::random::{Random, Stream};

    /// m equal entries: IPR = m·(1/m)² = 1/m.
    #[test]
    fn counts_the_entries_that_carry_a_vector() {
        for m in [1usize, 2, 5, 40] {
            let mut v = vec![0.0; 40];
            v[..m].fill(1.0 / (m as f64).sqrt());
            assert!((inverse_participation_ratio(&v) - 1.0 / m as f64).abs() < 1e-15);
        }
    }

    /// Mean over 4000 random directions in R^50. The IPR's standard deviation is below its mean 3/52, so the mean of 4000
    /// has a standard error below 0.001; five of them are allowed.
    #[test]
    fn random_directions_have_three_over_p_plus_two() {
        let mut random = Random::new(7, Stream::Probe, 0);
        let mut sum = 0.0;
        for _ in 0..4000 {
            let v: Vec<f64> = (0..50).map(|_| random.normal()).collect();
            let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
            sum += inverse_participation_ratio(&v.iter().map(|x| x / norm).collect::<Vec<_>>());
        }
        assert!((sum / 4000.0 - random_direction_ipr(50)).abs() < 0.005);
    }

    #[test]
    fn mass_adds_up_group_by_group() {
        let architecture = Architecture::new(vec![2, 3, 2], Activation::Tanh).unwrap();
        let v = vec![1.0 / (17.0f64).sqrt(); 17];
        let mass = group_mass(&v, &architecture.groups());
        for (mass, size) in mass.iter().zip([6.0, 3.0, 6.0, 2.0]) {
            assert!((mass - size / 17.0).abs() < 1e-15);
        }
    }
}
