//! Localization: on how few parameters does a unit vector v ∈ R^P live?
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

/// Participation entropy as a number of parameters, exp(−Σ_a v_a² ln v_a²) ∈ [1, P], of a unit vector: the exponential of
/// the Shannon entropy of the shares v_a². It weighs small entries more than 1/IPR does, and is never below it.
pub fn participation_entropy(v: &[f64]) -> f64 {
    let term = |x: &f64| {
        let share = x * x;
        // x ln x → 0 as x → 0.
        if share > 0.0 { share * libm::log(share) } else { 0.0 }
    };
    libm::exp(-v.iter().map(term).sum::<f64>())
}

/// exp of the expected entropy −Σ_a v_a² ln v_a² of a direction drawn uniformly from the unit sphere in R^P:
/// exp(ψ(P/2 + 1) − ψ(3/2)), since v_a² is Beta(1/2, (P − 1)/2) distributed.
pub fn random_direction_participation_entropy(parameter_count: usize) -> f64 {
    // ψ(x + 1) = ψ(x) + 1/x leads from P/2 + 1 down to 1 or 3/2; ψ(1) = −γ, ψ(3/2) = 2 − γ − 2 ln 2.
    let difference = if parameter_count.is_multiple_of(2) {
        2.0 * std::f64::consts::LN_2 - 2.0 + (1..=parameter_count / 2).map(|i| 1.0 / i as f64).sum::<f64>()
    } else {
        (1..=parameter_count / 2).map(|i| 1.0 / (i as f64 + 0.5)).sum::<f64>()
    };
    libm::exp(difference)
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

    /// m equal entries have the entropy ln m. Two entries with shares 0.8 and 0.2: −0.8 ln 0.8 − 0.2 ln 0.2 = 0.500402…
    #[test]
    fn participation_entropy_counts_entries_too() {
        for m in [1usize, 2, 5, 40] {
            let mut v = vec![0.0; 40];
            v[..m].fill(1.0 / (m as f64).sqrt());
            assert!((participation_entropy(&v) - m as f64).abs() < 1e-12 * m as f64);
        }
        let two = participation_entropy(&[0.8_f64.sqrt(), -(0.2_f64.sqrt())]);
        assert!((two - 0.500_402_423_538_188_f64.exp()).abs() < 1e-13, "{two}");
    }

    /// The mean entropy of 4000 random directions in R^50 and R^51, of standard deviation about 0.1 each, so that the mean has
    /// a standard error below 0.002; five of them are allowed.
    #[test]
    fn random_directions_have_the_expected_entropy() {
        for p in [50usize, 51] {
            let mut random = Random::new(3, Stream::Probe, p as u64);
            let mut sum = 0.0;
            for _ in 0..4000 {
                let mut v: Vec<f64> = (0..p).map(|_| random.normal()).collect();
                let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
                v.iter_mut().for_each(|x| *x /= norm);
                sum += participation_entropy(&v).ln();
            }
            let expected = random_direction_participation_entropy(p).ln();
            assert!((sum / 4000.0 - expected).abs() < 0.01, "{} against {expected}", sum / 4000.0);
        }
        assert_eq!(random_direction_participation_entropy(1), 1.0);
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
