//! The k leading eigenpairs of a symmetric operator, from products with it.

use serde::{Deserialize, Serialize};

use super::certificate::{self, Evidence};
use super::operator::SymmetricOperator;
use super::pair::add_scaled;
use super::thick_restart::{CONVERGED, Candidate, OMISSION, Search};
use super::{Determination, Order, fix_sign};
use crate::error::{Error, Result};
use crate::matmul::dot;
use crate::random::{Random, Stream};

/// The first eigenvalue that was not kept, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Next {
    /// The Ritz value θ: an eigenvalue of H lies within `residual` of it.
    pub eigenvalue: f64,
    /// ‖H u − θ u‖₂ of its unit Ritz vector.
    pub residual: f64,
}

/// How far leading eigenpairs are from what they should be; every entry is 0 in exact arithmetic.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LeadingCertificates {
    /// max_i ‖H v_i − λ_i v_i‖₂, from the recurrence.
    pub max_residual: f64,
    /// ‖H x − Σ_i s_i λ_i v_i‖₂ for x = Σ_i s_i v_i with random signs, by one product more: its mean square is the sum of
    /// the squared residuals.
    pub checked_residual: f64,
    /// max |uᵀHw − wᵀHu| over pairs of orthonormal vectors, two of which are random.
    pub symmetry_defect: f64,
    /// max |(VᵀV − I)_ij| over the kept vectors.
    pub orthogonality_defect: f64,
    /// For each kept vector residual / gap, and at most 1: a bound of sin ∠ to the exact eigenvector (Davis and Kahan 1970).
    pub angle_bounds: Vec<f64>,
    /// For each kept vector a bound of the probability that H has another eigenvector with the same or a more leading
    /// eigenvalue, which was not found.
    pub omissions: Vec<f64>,
}

/// The k leading eigenpairs of a symmetric n × n operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LeadingSpectrum {
    /// Rows of the operator.
    pub n: usize,
    /// What leading means.
    pub order: Order,
    /// k eigenvalues, the most leading first.
    pub eigenvalues: Vec<f64>,
    /// k × n: row i is the eigenvector of eigenvalue i, of unit norm; its entry of largest magnitude (the first of equals)
    /// is positive.
    pub vectors: Vec<f64>,
    /// ‖H v_i − λ_i v_i‖₂.
    pub residuals: Vec<f64>,
    /// Whether residual i is within the tolerance.
    pub converged: Vec<bool>,
    /// The first eigenvalue that was not kept; none where all n were.
    pub next: Option<Next>,
    /// The smallest Ritz value.
    pub smallest: f64,
    /// The largest Ritz value.
    pub largest: f64,
    /// Products with H that it took.
    pub products: usize,
    /// How far all this is from exact.
    pub certificates: LeadingCertificates,
}

impl LeadingSpectrum {
    /// The i-th leading eigenvector, n entries.
    ///
    /// # Panics
    /// If i ≥ k.
    pub fn vector(&self, i: usize) -> &[f64] {
        &self.vectors[i * self.n..(i + 1) * self.n]
    }

    /// max |λ| as far as it is known: a lower bound of ‖H‖₂.
    pub fn norm(&self) -> f64 {
        self.largest.abs().max(self.smallest.abs())
    }

    /// The distance from eigenvalue i to the nearest other one, less what is not known of it: to the others that were kept,
    /// and to the rest, which lies beyond the next one, to ± its magnitude where magnitudes order. 0 where nothing is
    /// known of the rest.
    pub fn gap(&self, i: usize) -> f64 {
        let value = self.eigenvalues[i];
        let to =
            |j: usize| (value - self.eigenvalues[j]).abs() - if self.converged[j] { 0.0 } else { self.residuals[j] };
        let kept = (0..self.eigenvalues.len()).filter(|&j| j != i).map(to).fold(f64::INFINITY, f64::min);
        kept.min(self.gap_to_rest(i)).max(0.0)
    }

    fn gap_to_rest(&self, i: usize) -> f64 {
        match self.next {
            None if self.eigenvalues.len() == self.n => f64::INFINITY,
            None => 0.0,
            Some(next) => match self.order {
                Order::Algebraic => self.eigenvalues[i] - next.eigenvalue - next.residual,
                Order::Magnitude => self.eigenvalues[i].abs() - next.eigenvalue.abs() - next.residual,
            },
        }
    }

    /// Which leading eigenvectors are determined, if the operator is known up to `rounding` in the spectral norm: those
    /// that have converged, whose |λ_i| and gap are above the floor, n ε ‖H‖ + `rounding` + the largest residual, and
    /// beside which another eigenvector was missed with a probability of at most 10⁻⁶.
    pub fn determination(&self, rounding: f64) -> Determination {
        let k = self.eigenvalues.len();
        let residual = (0..k).filter(|&i| self.converged[i]).map(|i| self.residuals[i]).fold(0.0, f64::max);
        let floor = (self.n as f64 * f64::EPSILON * self.norm() + rounding + residual).min(f64::MAX);
        let found = |i: usize| self.converged[i] && self.certificates.omissions[i] <= OMISSION;
        let directions = (0..k).map(|i| found(i) && self.eigenvalues[i].abs() > floor && self.gap(i) > floor).collect();
        let subspace = (0..k).all(|i| found(i) && self.gap_to_rest(i) > floor);
        Determination { floor, directions, subspace }
    }
}

/// Most products by default, some twenty times as many as Hessians need.
pub const BUDGET: usize = 1000;

/// Memory of the method, and how much it may do.
#[derive(Debug, Clone)]
pub struct LeadingWorkspace {
    budget: usize,
    search: Search,
    evidence: Evidence,
}

impl LeadingWorkspace {
    /// For searches of at most `budget` products, but at least k + 2.
    pub fn new(budget: usize) -> Self {
        LeadingWorkspace { budget, search: Search::default(), evidence: Evidence::default() }
    }
}

impl Default for LeadingWorkspace {
    /// For searches of at most [`BUDGET`] products.
    fn default() -> Self {
        LeadingWorkspace::new(BUDGET)
    }
}

/// The k leading eigenpairs of `operator`; random vectors are drawn from `seed`.
///
/// Where the budget is spent before all of them have converged, the result says which have not; and nothing of the
/// directions that have not is determined.
///
/// # Errors
/// [`Error::Invalid`] if k = 0 or k > n, [`Error::NotFinite`] if a product is not finite, and what the products give.
pub fn leading_spectrum(
    operator: &mut dyn SymmetricOperator,
    k: usize,
    order: Order,
    seed: u64,
    ws: &mut LeadingWorkspace,
) -> Result<LeadingSpectrum> {
    let n = operator.rows();
    if k == 0 || k > n {
        let problem = format!("{k} eigenvectors were asked for; allowed are 1 to {n}, the rows of the operator");
        return Err(Error::invalid("leading", problem));
    }
    let search = &mut ws.search;
    search.krylov.clear(n, seed, Stream::Krylov, 0);
    search.run(operator, k, order, ws.budget.max(k + 2))?;
    let mut vectors = vec![0.0; k * n];
    search.vectors(&mut vectors);
    let scale = search.krylov.scale();
    // That of the recurrence and of the eigenvectors of T.
    let rounding = search.krylov.rows() as f64 * f64::EPSILON * search.norm;
    let pairs = &search.pool[..k];
    let residuals: Vec<f64> = pairs.iter().map(|pair| (pair.residual + rounding) / scale).collect();
    let mut found = LeadingSpectrum {
        n,
        order,
        eigenvalues: pairs.iter().map(|pair| pair.value / scale).collect(),
        converged: pairs.iter().map(|pair| pair.residual <= CONVERGED * search.norm).collect(),
        next: search.pool.get(k).map(|pair| Next { eigenvalue: pair.value / scale, residual: pair.residual / scale }),
        smallest: search.extremes[0] / scale,
        largest: search.extremes[1] / scale,
        products: search.krylov.products + 1,
        certificates: LeadingCertificates {
            max_residual: residuals.iter().fold(0.0, |largest: f64, residual| largest.max(*residual)),
            checked_residual: checked_residual(operator, &vectors, pairs, scale, seed)?,
            symmetry_defect: search.krylov.symmetry_defect / scale,
            orthogonality_defect: certificate::orthogonality_defect(&vectors, n, &mut ws.evidence),
            angle_bounds: Vec::new(),
            omissions: search.omissions.clone(),
        },
        residuals,
        vectors,
    };
    if !found.eigenvalues.iter().chain(&found.residuals).all(|value| value.is_finite()) {
        return Err(Error::not_finite("a leading eigenvalue"));
    }
    let bounds = (0..k).map(|i| certificate::angle_bound(found.residuals[i], found.gap(i)));
    found.certificates.angle_bounds = bounds.collect();
    found.vectors.chunks_exact_mut(n).for_each(fix_sign);
    Ok(found)
}

/// ‖H x − Σ_i s_i λ_i v_i‖₂ for x = Σ_i s_i v_i with random signs s_i: its mean square is Σ_i ‖H v_i − λ_i v_i‖₂².
fn checked_residual(
    operator: &mut dyn SymmetricOperator,
    vectors: &[f64],
    pairs: &[Candidate],
    scale: f64,
    seed: u64,
) -> Result<f64> {
    let n = operator.rows();
    let mut random = Random::new(seed, Stream::Krylov, u64::MAX);
    let (mut sum, mut product, mut image) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    for (pair, v) in pairs.iter().zip(vectors.chunks_exact(n)) {
        let sign = if random.below(2) == 0 { -1.0 } else { 1.0 };
        add_scaled(&mut sum, sign, v);
        add_scaled(&mut image, sign * pair.value, v);
    }
    operator.apply(&sum, &mut product)?;
    product.iter_mut().zip(&image).for_each(|(x, y)| *x = scale * *x - y);
    Ok(dot(&product, &product).sqrt() / scale)
}
