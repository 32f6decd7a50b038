//! The largest eigenvalue alone, by the Lanczos method with full reorthogonalization (Lanczos 1950; Parlett 1998, §13).
//!
//! From a start v_1 the recurrence β_j v_{j+1} = H v_j − α_j v_j − β_{j−1} v_{j−1} builds an orthonormal basis in which H is
//! the tridiagonal T_j. For an eigenpair (θ, s) of T_j the residual is ‖H V s − θ V s‖ = β_j |s_j|, and some eigenvalue of H
//! is no farther than that from θ. Each step costs one product with H, n² multiply-adds, so that a few dozen of them are
//! much cheaper than the n³ of the whole spectrum.

use super::implicit_ql;
use crate::Result;
use crate::matmul::dot;
use crate::threads;

/// Residual at which an eigenvalue is taken as found, relative to ‖T‖.
const TOLERANCE: f64 = 1e-11;
/// Steps from one look at the residual to the next.
const EVERY: usize = 8;
/// Most steps; beyond, all eigenvalues are cheaper.
const STEPS: usize = 200;

/// From this many rows on, a product with H is worth more than one thread.
const SHARED: usize = 500;

/// Memory of the method.
#[derive(Debug, Default, Clone)]
pub struct Lanczos {
    /// v_1, v_2, …, of n numbers each.
    basis: Vec<f64>,
    next: Vec<f64>,
    alpha: Vec<f64>,
    beta: Vec<f64>,
}

impl Lanczos {
    /// The algebraically largest eigenvalue of scale · H for the symmetric n × n `matrix` H; `None` where it was not found
    /// in [`STEPS`] steps. `scale` is a power of two that brings H near 1.
    ///
    /// # Errors
    /// If the QL iteration on T does not converge.
    pub fn largest(&mut self, matrix: &[f64], n: usize, scale: f64) -> Result<Option<f64>> {
        self.alpha.clear();
        self.beta.clear();
        self.basis.clear();
        self.basis.extend(start(n));
        self.next.resize(n, 0.0);
        for j in 0..STEPS.min(n) {
            let newest = &self.basis[j * n..];
            let multiply = |targets: &mut [f64], rows: &[f64]| {
                for (target, row) in targets.iter_mut().zip(rows.chunks_exact(n)) {
                    *target = scale * dot(row, newest);
                }
            };
            if n < SHARED || threads::count() == 1 {
                multiply(&mut self.next, matrix);
            } else {
                let height = n.div_ceil(threads::count());
                let part = |index: usize, targets: &mut [f64]| multiply(targets, &matrix[index * height * n..]);
                threads::for_each_stretch(&mut self.next, height, part);
            }
            self.alpha.push(dot(newest, &self.next));
            // Twice is enough to be orthogonal to rounding (Giraud et al. 2005).
            for _ in 0..2 {
                for v in self.basis.chunks_exact(n) {
                    let projection = dot(v, &self.next);
                    self.next.iter_mut().zip(v).for_each(|(x, v)| *x -= projection * v);
                }
            }
            let beta = dot(&self.next, &self.next).sqrt();
            // The last one couples to nothing yet, and counts in the norm as if it were there.
            self.beta.push(beta);
            let norm = implicit_ql::norm(&self.alpha, &self.beta);
            let exhausted = j + 1 == n || beta <= n as f64 * f64::EPSILON * norm;
            if exhausted || (j + 1) % EVERY == 0 {
                let (value, last) = largest_of_tridiagonal(&self.alpha, &self.beta, norm)?;
                if exhausted || beta * last.abs() <= TOLERANCE * norm {
                    return Ok(Some(value));
                }
            }
            self.basis.extend(self.next.iter().map(|x| x / beta));
        }
        Ok(None)
    }
}

/// A unit vector with a part in every direction that a matrix could have by its structure: its entries are the fractional
/// parts of multiples of the golden ratio, less a half, which repeat nowhere.
fn start(n: usize) -> Vec<f64> {
    let entry = |i: usize| (0.618_033_988_749_894_9 * (i + 1) as f64).fract() - 0.5;
    let v: Vec<f64> = (0..n).map(entry).collect();
    let norm = dot(&v, &v).sqrt();
    v.into_iter().map(|x| x / norm).collect()
}

/// The largest eigenvalue of a tridiagonal matrix, and the last entry of its eigenvector.
fn largest_of_tridiagonal(diagonal: &[f64], off_diagonal: &[f64], norm: f64) -> Result<(f64, f64)> {
    let mut values = diagonal.to_vec();
    let mut couplings = off_diagonal.to_vec();
    // The last column of the identity turns into the last entries of the eigenvectors.
    let mut last = vec![0.0; values.len()];
    last[values.len() - 1] = 1.0;
    implicit_ql::eigenvectors(&mut values, &mut couplings, &mut last, 1, norm)?;
    let largest = (0..values.len()).fold(0, |m, i| if values[i] > values[m] { i } else { m });
    Ok((values[largest], last[largest]))
}
