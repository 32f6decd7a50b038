//! H v = λ v for a symmetric H: all eigenvalues, and the leading k or all eigenvectors, with the evidence.
//!
//! H = Q T Qᵀ by Householder reflections, all eigenvalues of the tridiagonal T by QL iteration, the k vectors that are
//! asked for by inverse iteration on T (many or all of them, or where it does not converge: by divide and conquer), then
//! only these rotated back by Q. Rows that are 0, of parameters that the loss does not depend on, are left out of T.
//!
//! Own code, because it measures faster in wasm (V8, simd128, one thread) than the libraries that compile to it. Times
//! there relative to this module's eigenvalues and 10 vectors with certificates, on a Hessian-like matrix (a third of the
//! eigenvalues not near zero) with n rows; where vectors are meant, these libraries have no choice but all of them:
//!
//! | n    | nalgebra values | nalgebra vectors | faer values | faer vectors | this, all vectors |
//! | ---- | --------------- | ---------------- | ----------- | ------------ | ----------------- |
//! | 231  | 2.1             | 4.9              | 1.9         | 8            | 4.6               |
//! | 334  | 2.2             | 5.8              | 1.8         | 5.3          | 4.2               |
//! | 610  | 2.5             | 7.1              | 1.7         | 6.0          | 4.4               |
//! | 1210 | 2.6             | 8.3              | 1.8         | 5.7          | 4.3               |
//!
//! Natively, `cargo bench --bench eigensolvers` on exact Hessians, relative to the same (3.4, 8.4, 46 and 342 ms of CPU
//! time, the least of ten samples, Intel Xeon; nalgebra 0.35, faer 0.24, one thread). faer chose wider vectors (AVX) at run
//! time, which wasm does not have, and this crate was at [`Level::Baseline`](crate::simd::Level), SSE2; at the level of AVX2 it
//! takes 0.6 (n = 231) to 0.5 (n = 1210) of the time:
//!
//! | n    | nalgebra values | nalgebra vectors | faer values | faer vectors | this, all vectors |
//! | ---- | --------------- | ---------------- | ----------- | ------------ | ----------------- |
//! | 231  | 1.6             | 2.6              | 0.8         | 1.4          | 4.1               |
//! | 334  | 1.3             | 3.9              | 0.9         | 1.5          | 4.3               |
//! | 610  | 1.7             | 4.5              | 0.7         | 1.4          | 4.1               |
//! | 1210 | 1.9             | 5.3              | 0.5         | 1.0          | 4.0               |
//!
//! Most of the time goes into T. The reduction's fused passes reach 80-90 % of the flop rate of the packed product
//! kernel while the triangle fits into the second-level cache, 70-80 % beyond: too little is left for a blocked form,
//! with its extra products within each panel, to gain much at these sizes. Native LAPACK with its wider vectors takes
//! 0.9 (n = 334) to 0.5 (n = 1210) of the time.

mod pair;
mod rank_two;
mod tridiagonal;
mod implicit_ql;
mod secular;
mod divide_and_conquer;
mod inverse_iteration;
mod back_transformation;
mod lanczos;
mod certificate;
mod determination;
mod operator;
mod projected;
mod krylov;
mod thick_restart;
mod leading;
mod density;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::measured::Measured;
use crate::sorting::sort_by_number;
use crate::{Error, Result};
use back_transformation::BackTransformation;
use certificate::Evidence;
pub use density::{Count, Estimate, SpectralDensity, spectral_density};
pub use determination::{Determination, gap};
use divide_and_conquer::DivideAndConquer;
use inverse_iteration::{Located, Solver};
use lanczos::Lanczos;
pub use leading::{BUDGET, LeadingCertificates, LeadingSpectrum, LeadingWorkspace, Next, leading_spectrum};
pub use operator::{DenseMatrix, SymmetricOperator};
use tridiagonal::Tridiagonal;

/// What "leading" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The algebraically largest eigenvalues.
    #[default]
    Algebraic,
    /// The eigenvalues of largest |λ|.
    Magnitude,
}

/// How far the result is from what it should be; every defect and residual is 0 in exact arithmetic.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Certificates {
    /// max_i ‖H v_i − λ_i v_i‖₂ over the kept vectors, with H as it was given.
    pub max_residual: f64,
    /// max |H_ij − H_ji| of the input; max |uᵀHw − wᵀHu| over pairs of unit vectors where H is known by products alone.
    pub symmetry_defect: f64,
    /// |tr H − Σ λ_i|; none where not all eigenvalues are known.
    pub trace_defect: Measured,
    /// max |(VᵀV − I)_ij| over the kept vectors.
    pub orthogonality_defect: f64,
    /// For each kept vector a bound of sin ∠ to the exact eigenvector of H as it was given: ‖H v_i − λ_i v_i‖₂ divided by
    /// the gap from λ_i to the rest of the spectrum, and at most 1 (Davis and Kahan 1970).
    pub angle_bounds: Vec<f64>,
    /// ‖H v_i − λ_i v_i‖₂ of each kept vector.
    #[serde(default)]
    pub residuals: Vec<f64>,
    /// Where the leading pairs were found from products: ‖H x − Σ_i s_i λ_i v_i‖₂ for x = Σ_i s_i v_i with random signs, by one
    /// product more. `residuals` are then those of the recurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_residual: Option<f64>,
    /// Products with H that the leading pairs took, where they were found from products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<usize>,
    /// Where the leading pairs were found from products: for each kept vector a bound of the probability that H has another
    /// eigenvector with the same or a more leading eigenvalue, which was not found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omissions: Vec<f64>,
}

/// Eigenvalues and leading eigenvectors of a symmetric n × n matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spectrum {
    /// Rows of the matrix.
    pub n: usize,
    /// All n eigenvalues, descending.
    pub eigenvalues: Vec<f64>,
    /// k indices into `eigenvalues`: which belong to the kept vectors, the most leading first.
    pub leading: Vec<usize>,
    /// k × n: row i is the i-th leading eigenvector, of unit norm; its entry of largest magnitude (the first of equals)
    /// is positive.
    pub vectors: Vec<f64>,
    /// tr H.
    pub trace: f64,
    /// How far all this is from exact.
    pub certificates: Certificates,
}

impl Spectrum {
    /// k, how many eigenvectors were kept.
    pub fn kept(&self) -> usize {
        self.leading.len()
    }

    /// The i-th leading eigenvector, n entries.
    ///
    /// # Panics
    /// If i ≥ k.
    pub fn vector(&self, i: usize) -> &[f64] {
        &self.vectors[i * self.n..(i + 1) * self.n]
    }

    /// Which leading eigenvectors are determined, if the matrix is known up to `rounding` in the spectral norm.
    pub fn determination(&self, rounding: f64) -> Determination {
        Determination::new(&self.eigenvalues, &self.leading, rounding)
    }

    /// The eigenvalue of the i-th leading eigenvector.
    ///
    /// # Panics
    /// If i ≥ k.
    pub fn leading_eigenvalue(&self, i: usize) -> f64 {
        self.eigenvalues[self.leading[i]]
    }
}

/// Memory that one solve after the other works in: in the steady state of equal n only results are allocated.
#[derive(Debug, Default, Clone)]
pub struct EigenWorkspace {
    /// The rows of the matrix in the order in which they are reduced: those that are 0 come last.
    order: Vec<usize>,
    /// One vector in that order.
    ordered: Vec<f64>,
    tridiagonal: Tridiagonal,
    blocks: Vec<Range<usize>>,
    values: Vec<f64>,
    squares: Vec<f64>,
    located: Vec<Located>,
    wanted: Vec<Located>,
    solver: Solver,
    divide_and_conquer: DivideAndConquer,
    back_transformation: BackTransformation,
    evidence: Evidence,
    lanczos: Lanczos,
}

/// All eigenvalues, descending, of the symmetric n × n `matrix` (row-major; the lower triangle is used).
///
/// # Errors
/// If n = 0, if `matrix` does not have n² entries, if one of them or an eigenvalue is not finite, or if the QL iteration
/// does not converge.
pub fn eigenvalues(matrix: &[f64], n: usize, ws: &mut EigenWorkspace) -> Result<Vec<f64>> {
    let scale = prepare(matrix, n, ws)?;
    solve_values(ws)?;
    unscaled(ws, scale)
}

/// The algebraically largest eigenvalue of the symmetric n × n `matrix`, which is read as a whole, with an error below
/// 10⁻¹¹ ‖H‖₁.
///
/// # Errors
/// As [`eigenvalues`].
pub fn largest_eigenvalue(matrix: &[f64], n: usize, ws: &mut EigenWorkspace) -> Result<f64> {
    let scale = scale_of(matrix, n)?;
    match ws.lanczos.largest(matrix, n, scale)? {
        Some(value) => Ok(value / scale),
        None => eigenvalues(matrix, n, ws).map(|values| values[0]),
    }
}

/// All eigenvalues of the symmetric n × n `matrix` (row-major; the lower triangle is used) and its k leading
/// eigenvectors; k may be n.
///
/// # Errors
/// As [`eigenvalues`], and if k > n.
pub fn spectrum(matrix: &[f64], n: usize, k: usize, order: Order, ws: &mut EigenWorkspace) -> Result<Spectrum> {
    if k > n {
        let problem = format!("{k} eigenvectors were asked for, but the matrix has only {n} rows");
        return Err(Error::invalid("leading", problem));
    }
    let scale = prepare(matrix, n, ws)?;
    solve_values(ws)?;
    let eigenvalues = unscaled(ws, scale)?;

    let mut leading: Vec<usize> = (0..n).collect();
    if order == Order::Magnitude {
        sort_by_number(&mut leading, |&i| -eigenvalues[i].abs());
    }
    leading.truncate(k);
    ws.wanted.clear();
    ws.wanted.extend(leading.iter().map(|&i| ws.located[i]));

    let mut vectors = vec![0.0; k * n];
    let t = &ws.tridiagonal;
    let norm = implicit_ql::norm(&t.diagonal, &t.off_diagonal);
    // Inverse iteration costs O(n k²), and O(n k) where eigenvalues are not clustered; divide and conquer up to O(n³).
    let few = 4 * k <= n && k <= 16.max(n / 16);
    if !(few
        && inverse_iteration::eigenvectors(
            &t.diagonal,
            &t.off_diagonal,
            norm,
            &ws.wanted,
            &mut ws.solver,
            &mut vectors,
        ))
    {
        all_vectors(ws, norm, &leading, &mut vectors)?;
    }
    back_transformation::back_transform(&ws.tridiagonal, &mut vectors, &mut ws.back_transformation);
    for v in vectors.chunks_exact_mut(n) {
        ws.ordered.clear();
        ws.ordered.extend_from_slice(v);
        ws.order.iter().zip(&ws.ordered).for_each(|(&i, x)| v[i] = *x);
        fix_sign(v);
    }

    let trace: f64 = (0..n).map(|i| matrix[i * n + i]).sum();
    let sum: f64 = eigenvalues.iter().sum();
    if !(trace.is_finite() && sum.is_finite()) {
        return Err(Error::not_finite("the trace of the Hessian"));
    }
    let kept: Vec<f64> = leading.iter().map(|&i| eigenvalues[i]).collect();
    let residuals = certificate::residuals(matrix, n, &kept, &vectors, scale, &mut ws.evidence);
    let certificates = Certificates {
        max_residual: residuals.iter().fold(0.0, |m: f64, residual| m.max(*residual)),
        angle_bounds: leading
            .iter()
            .zip(&residuals)
            .map(|(&i, &residual)| certificate::angle_bound(residual, determination::gap(&eigenvalues, i)))
            .collect(),
        symmetry_defect: certificate::symmetry_defect(matrix, n),
        trace_defect: (trace - sum).abs().into(),
        orthogonality_defect: certificate::orthogonality_defect(&vectors, n, &mut ws.evidence),
        residuals,
        checked_residual: None,
        products: None,
        omissions: Vec::new(),
    };
    Ok(Spectrum { n, eigenvalues, leading, vectors, trace, certificates })
}

/// Checks the matrix; gives a power of two that brings its largest entry near 1, so that no square over- or underflows.
fn scale_of(matrix: &[f64], n: usize) -> Result<f64> {
    if n == 0 {
        return Err(Error::invalid("matrix", "it has no rows; at least 1 is needed"));
    }
    if matrix.len() != n * n {
        let problem = format!("{} entries were given, but {n} rows of {n} need {}", matrix.len(), n * n);
        return Err(Error::invalid("matrix", problem));
    }
    let largest = pair::largest_magnitude(matrix);
    if !largest.is_finite() {
        return Err(Error::not_finite("the Hessian"));
    }
    Ok(if largest == 0.0 { 1.0 } else { libm::scalbn(1.0, -libm::ilogb(largest).clamp(-1000, 1000)) })
}

/// Checks the matrix and reduces it, times the power of two that this gives. Rows that are 0 need no reduction: e_i is an
/// eigenvector for the eigenvalue 0 exactly.
fn prepare(matrix: &[f64], n: usize, ws: &mut EigenWorkspace) -> Result<f64> {
    let scale = scale_of(matrix, n)?;
    ws.order.clear();
    ws.order.extend((0..n).filter(|&i| !vanishes(matrix, n, i)));
    let rows = ws.order.len();
    ws.order.extend((0..n).filter(|&i| vanishes(matrix, n, i)));
    let t = &mut ws.tridiagonal;
    t.resize(n);
    for (a, &i) in ws.order[..rows].iter().enumerate() {
        let (row, target) = (&matrix[i * n..][..=i], t.row_mut(a));
        if a == i {
            target.iter_mut().zip(row).for_each(|(target, x)| *target = scale * x);
        } else {
            target.iter_mut().zip(&ws.order).for_each(|(target, &j)| *target = scale * row[j]);
        }
    }
    t.reduce(rows);
    Ok(scale)
}

/// Whether row and column i of the matrix, known by its lower triangle, are 0.
fn vanishes(matrix: &[f64], n: usize, i: usize) -> bool {
    let row = matrix[i * n..=i * n + i].iter().rev();
    let column = matrix[i * n + i..].iter().step_by(n);
    row.chain(column).all(|x| *x == 0.0)
}

/// Eigenvalues of T, block by block, into `ws.located`, descending.
fn solve_values(ws: &mut EigenWorkspace) -> Result<()> {
    let t = &mut ws.tridiagonal;
    let norm = implicit_ql::norm(&t.diagonal, &t.off_diagonal);
    implicit_ql::split(&mut t.off_diagonal, norm, &mut ws.blocks);
    ws.values.clone_from(&t.diagonal);
    ws.squares.clear();
    ws.squares.extend(t.off_diagonal.iter().map(|e| e * e));
    ws.located.clear();
    for block in &ws.blocks {
        let values = &mut ws.values[block.clone()];
        implicit_ql::eigenvalues(values, &mut ws.squares[block.clone()], norm)?;
        ws.located.extend(values.iter().map(|&eigenvalue| Located { eigenvalue, start: block.start, end: block.end }));
    }
    sort_by_number(&mut ws.located, |located| -located.eigenvalue);
    Ok(())
}

/// The eigenvalues of the matrix as it was given.
fn unscaled(ws: &EigenWorkspace, scale: f64) -> Result<Vec<f64>> {
    let values: Vec<f64> = ws.located.iter().map(|l| l.eigenvalue / scale).collect();
    if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(Error::not_finite("an eigenvalue")) }
}

/// Rows of `vectors` ← the eigenvectors of T with the given ranks, from all of them.
fn all_vectors(ws: &mut EigenWorkspace, norm: f64, ranks: &[usize], vectors: &mut [f64]) -> Result<()> {
    let t = &ws.tridiagonal;
    ws.divide_and_conquer.solve(&t.diagonal, &t.off_diagonal, norm)?;
    for (&rank, target) in ranks.iter().zip(vectors.chunks_exact_mut(t.n)) {
        target.copy_from_slice(ws.divide_and_conquer.vector(t.n - 1 - rank));
    }
    Ok(())
}

/// Makes the entry of largest magnitude (the first of equals) positive.
fn fix_sign(v: &mut [f64]) {
    let largest = v.iter().fold(0.0, |m: f64, x| if x.abs() > m.abs() { *x } else { m });
    if largest < 0.0 {
        v.iter_mut().for_each(|x| *x = -*x);
    }
}
