//! The density of all eigenvalues by stochastic Lanczos quadrature (Golub and Meurant 2010; Lin, Saad and Yang 2016;
//! Ghorbani, Krishnan and Xiao 2019), the converged leading pairs (Λ, V) taken out exactly.
//!
//! For a random unit vector u of the complement of V, of dimension d = n − k, d E[uᵀ f(H) u] is the sum of f over the other
//! eigenvalues; m Lanczos steps from u give nodes θ_i and weights w_i with uᵀ f(H) u ≈ Σ_i w_i f(θ_i), exact for polynomials of
//! degree below 2 m:
//!
//! ```text
//! Σ_λ f(λ) ≈ Σ_Λ f(λ) + d/p Σ_probes Σ_i w_i f(θ_i)
//! ```
//!
//! Taking out the leading pairs takes their share out of the variance too (Meyer et al. 2021, Hutch++).

use serde::{Deserialize, Serialize};

use super::krylov::Krylov;
use super::leading::LeadingSpectrum;
use super::operator::SymmetricOperator;
use super::projected::{Entries, Ritz};
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::sorting::ascending;

/// A number with its standard error over the probes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Estimate {
    /// Mean over the probes.
    pub value: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
}

/// How many eigenvalues lie in a range. Nodes are no eigenvalues: what the moments of a probe say of a range is bounded by the
/// weights of the nodes in it and next to it (Chebyshev, Markov and Stieltjes; Szegő 1939, §3.41), and the bounds of few steps
/// are wide, however small the standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// From the nodes inside.
    pub count: Estimate,
    /// The least that the moments allow.
    pub least: Estimate,
    /// The most that they allow.
    pub most: Estimate,
}

impl Count {
    /// From the least to the most, each with its standard error.
    pub fn range(&self) -> (f64, f64) {
        let Count { least, most, .. } = self;
        ((least.value - least.standard_error).max(0.0), most.value + most.standard_error)
    }
}

/// The spectrum of a symmetric n × n operator: k eigenvalues exactly, and a quadrature for the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SpectralDensity {
    /// Rows of the operator.
    pub n: usize,
    /// Eigenvalues that were taken out.
    pub leading: Vec<f64>,
    /// Per probe: nodes, ascending.
    pub nodes: Vec<Vec<f64>>,
    /// Per probe: weights of the nodes; their sum is 1.
    pub weights: Vec<Vec<f64>>,
    /// Number of probes.
    pub probes: usize,
    /// Most Lanczos steps of a probe.
    pub steps: usize,
}

impl SpectralDensity {
    /// tr H.
    pub fn trace(&self) -> Estimate {
        self.sum(|value| value)
    }

    /// ‖H‖_F² = tr H².
    pub fn squared_norm(&self) -> Estimate {
        self.sum(|value| value * value)
    }

    /// Σ_λ f(λ) over all n eigenvalues.
    pub fn sum(&self, f: impl Fn(f64) -> f64) -> Estimate {
        let exact: f64 = self.leading.iter().map(|&value| f(value)).sum();
        self.estimate(exact, |nodes, weights| nodes.iter().zip(weights).map(|(&node, weight)| weight * f(node)).sum())
    }

    /// How many eigenvalues lie in each of the bins [e_i, e_{i+1}) of ascending `edges`.
    pub fn counts(&self, edges: &[f64]) -> Vec<Count> {
        edges.windows(2).map(|ends| self.count_within(ends[0], ends[1])).collect()
    }

    /// How many eigenvalues lie below each of `points`.
    pub fn cumulative(&self, points: &[f64]) -> Vec<Count> {
        points.iter().map(|&point| self.count_within(f64::NEG_INFINITY, point)).collect()
    }

    fn count_within(&self, low: f64, high: f64) -> Count {
        let exact = self.leading.iter().filter(|value| (low..high).contains(*value)).count() as f64;
        // The share below a point between nodes i and i + 1 is at least that of the nodes before i, and at most that of the
        // nodes up to i + 1; below −∞ there is none.
        let share = |before_low: isize, before_high: isize| {
            self.estimate(exact, move |nodes: &[f64], weights: &[f64]| {
                let inside = |point: f64, beyond: isize| match point {
                    f64::NEG_INFINITY => 0,
                    _ => nodes.partition_point(|node| *node < point).saturating_add_signed(beyond).min(weights.len()),
                };
                weights
                    .get(inside(low, before_low)..inside(high, before_high))
                    .map_or(0.0, |within| within.iter().sum())
            })
        };
        Count { count: share(0, 0), least: share(1, -1), most: share(-1, 1) }
    }

    /// The density Σ_λ g(x − λ) at each of `points`, g the normal density of standard deviation `width`: its integral is n.
    pub fn smoothed(&self, points: &[f64], width: f64) -> Vec<Estimate> {
        let height = 1.0 / (width * std::f64::consts::TAU.sqrt());
        let at = |&point: &f64| {
            self.sum(|value| {
                let z = (point - value) / width;
                height * libm::exp(-0.5 * z * z)
            })
        };
        points.iter().map(at).collect()
    }

    /// `exact` + d · (mean of `share` over the probes).
    fn estimate(&self, exact: f64, share: impl Fn(&[f64], &[f64]) -> f64) -> Estimate {
        let dimension = (self.n - self.leading.len()) as f64;
        let count = self.nodes.len() as f64;
        let shares: Vec<f64> = self.nodes.iter().zip(&self.weights).map(|(n, w)| dimension * share(n, w)).collect();
        if shares.is_empty() {
            return Estimate { value: exact, standard_error: 0.0 };
        }
        let mean = shares.iter().sum::<f64>() / count;
        let squares: f64 = shares.iter().map(|share| (share - mean) * (share - mean)).sum();
        Estimate { value: exact + mean, standard_error: (squares / (count * (count - 1.0))).sqrt() }
    }
}

/// The density of `operator` from `probes` random vectors with at most `steps` products each, drawn from `seed`; the pairs
/// of `leading` that have converged are taken out.
///
/// # Errors
/// [`Error::Invalid`] for fewer than 2 probes or 1 step, or a `leading` of another n; [`Error::NotFinite`], and what the
/// products give.
pub fn spectral_density(
    operator: &mut dyn SymmetricOperator,
    leading: Option<&LeadingSpectrum>,
    probes: usize,
    steps: usize,
    seed: u64,
) -> Result<SpectralDensity> {
    let n = operator.rows();
    if probes < 2 {
        return Err(Error::invalid("probes", format!("are {probes}; allowed are 2 or more, for a standard error")));
    }
    if steps == 0 {
        return Err(Error::invalid("steps", "are 0; allowed are 1 or more"));
    }
    if let Some(leading) = leading.filter(|leading| leading.n != n) {
        let problem = format!("has vectors of {} entries; the operator has {n} rows", leading.n);
        return Err(Error::invalid("leading", problem));
    }
    let mut krylov = Krylov::default();
    let mut density = SpectralDensity { n, leading: Vec::new(), nodes: Vec::new(), weights: Vec::new(), probes, steps };
    for probe in 0..probes {
        krylov.clear(n, seed, Stream::Density, probe as u64);
        density.leading.clear();
        if let Some(leading) = leading {
            for i in (0..leading.eigenvalues.len()).filter(|&i| leading.converged[i]) {
                krylov.push(leading.vector(i));
                density.leading.push(leading.eigenvalues[i]);
            }
        }
        if density.leading.len() == n {
            break;
        }
        krylov.begin(density.leading.len());
        loop {
            krylov.advance(operator)?;
            // What comes after a coupling of 0 has no share of the probe.
            if krylov.steps() == steps || krylov.last_coupling() == 0.0 {
                break;
            }
        }
        let mut ritz = Ritz::default();
        krylov.projected.ritz(Entries::First, &mut ritz)?;
        let order = ascending(&ritz.values);
        let scale = krylov.scale();
        density.nodes.push(order.iter().map(|&i| ritz.values[i] / scale).collect());
        density.weights.push(order.iter().map(|&i| ritz.entries[i] * ritz.entries[i]).collect());
    }
    Ok(density)
}
