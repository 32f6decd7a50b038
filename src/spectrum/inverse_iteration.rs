//! A few eigenvectors of a symmetric tridiagonal matrix, from its eigenvalues, by inverse iteration.
//!
//! Each vector costs a few solves with T − λI, O(n). Vectors of close eigenvalues in one diagonal block are kept
//! orthogonal explicitly; vectors of different blocks have no entry in common.

use std::ops::Range;

use super::pair::add_scaled;
use crate::matmul::dot;

/// Solves per vector; 2 to 3 are usual.
const SOLVES: usize = 8;
/// Residuals below this many rounding errors of ‖T‖ are as good as they get.
const CONVERGED: f64 = 4.0;
/// Eigenvalues closer than this share of ‖T‖ have their vectors orthogonalized explicitly: beyond it, rounding alone
/// leaves inner products of about ε / 0.05.
const CLUSTER: f64 = 0.05;

/// One eigenvalue and the diagonal block it belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Located {
    /// λ.
    pub eigenvalue: f64,
    /// First row of the block.
    pub start: usize,
    /// One past the last row of the block.
    pub end: usize,
}

impl Located {
    fn block(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// LU factors of T − λI with row exchanges: U has two superdiagonals.
#[derive(Debug, Default, Clone)]
pub struct Solver {
    pivot: Vec<f64>,
    upper: Vec<f64>,
    upper2: Vec<f64>,
    multiplier: Vec<f64>,
    exchanged: Vec<bool>,
}

impl Solver {
    /// Factors T − λI for the block with diagonal `d` and couplings `e`; pivots smaller than `floor` are set to it.
    fn factor(&mut self, d: &[f64], e: &[f64], lambda: f64, floor: f64) {
        let m = d.len();
        for buffer in [&mut self.pivot, &mut self.upper, &mut self.upper2, &mut self.multiplier] {
            buffer.clear();
            buffer.resize(m, 0.0);
        }
        self.exchanged.clear();
        self.exchanged.resize(m, false);
        let safe = |p: f64| if p.abs() < floor { floor } else { p };
        let (mut p, mut u) = (d[0] - lambda, if m > 1 { e[0] } else { 0.0 });
        for i in 0..m - 1 {
            let below = e[i];
            let (next, beyond) = (d[i + 1] - lambda, if i + 2 < m { e[i + 1] } else { 0.0 });
            if p.abs() >= below.abs() {
                let pivot = safe(p);
                let factor = below / pivot;
                (self.pivot[i], self.upper[i], self.multiplier[i]) = (pivot, u, factor);
                (p, u) = (next - factor * u, beyond);
            } else {
                let factor = p / below;
                (self.pivot[i], self.upper[i], self.upper2[i], self.multiplier[i]) = (below, next, beyond, factor);
                self.exchanged[i] = true;
                (p, u) = (u - factor * next, -factor * beyond);
            }
        }
        self.pivot[m - 1] = safe(p);
    }

    /// x ← (T − λI)⁻¹ x.
    fn solve(&self, x: &mut [f64]) {
        let m = x.len();
        for i in 0..m - 1 {
            if self.exchanged[i] {
                x.swap(i, i + 1);
            }
            x[i + 1] -= self.multiplier[i] * x[i];
        }
        x[m - 1] /= self.pivot[m - 1];
        if m > 1 {
            x[m - 2] = (x[m - 2] - self.upper[m - 2] * x[m - 1]) / self.pivot[m - 2];
        }
        for i in (0..m.saturating_sub(2)).rev() {
            x[i] = (x[i] - self.upper[i] * x[i + 1] - self.upper2[i] * x[i + 2]) / self.pivot[i];
        }
    }
}

/// Fills row r of `vectors` (length n) with a unit eigenvector of T for `wanted[r]`. `norm` bounds ‖T‖₂.
///
/// Gives whether every residual and every inner product is within some rounding errors of what it should be; if not,
/// the caller has to take another way.
pub fn eigenvectors(
    d: &[f64],
    e: &[f64],
    norm: f64,
    wanted: &[Located],
    solver: &mut Solver,
    vectors: &mut [f64],
) -> bool {
    let n = d.len();
    let mut good = true;
    vectors.fill(0.0);
    for (r, located) in wanted.iter().enumerate() {
        let (done, rest) = vectors.split_at_mut(r * n);
        let block = located.block();
        let x = &mut rest[block.clone()];
        let earlier = || {
            let close = |other: &Located| {
                other.start == located.start && (other.eigenvalue - located.eigenvalue).abs() <= CLUSTER * norm
            };
            let block = block.clone();
            let rows = done.chunks_exact(n);
            wanted.iter().zip(rows).filter(move |(o, _)| close(o)).map(move |(_, row)| &row[block.clone()])
        };
        good &= one_vector(&d[block.clone()], &e[block.clone()], norm, located.eigenvalue, r, solver, x, earlier);
    }
    good && orthogonal(vectors, n)
}

/// One unit eigenvector of one block; returns whether it converged. `seed` picks the start.
#[allow(clippy::too_many_arguments)]
fn one_vector<'a, I: Iterator<Item = &'a [f64]>>(
    d: &[f64],
    e: &[f64],
    norm: f64,
    lambda: f64,
    seed: usize,
    solver: &mut Solver,
    x: &mut [f64],
    earlier: impl Fn() -> I,
) -> bool {
    if x.len() == 1 {
        x[0] = 1.0;
        return true;
    }
    // Any start with a share of every eigenvector will do: multiples of the golden ratio, modulo 1, are spread evenly.
    let mut phase = 0.5 + 0.754_877_666_246_693 * seed as f64;
    for x in x.iter_mut() {
        phase = (phase + 0.618_033_988_749_895).fract();
        *x = phase - 0.5;
    }
    solver.factor(d, e, lambda, f64::EPSILON * norm);
    let mut settled = false;
    for _ in 0..SOLVES {
        solver.solve(x);
        normalize(x);
        for _ in 0..2 {
            for other in earlier() {
                let share = -dot(other, x);
                add_scaled(x, share, other);
            }
        }
        normalize(x);
        if settled {
            break; // one solve beyond convergence, against what is left of the start
        }
        settled = residual(d, e, lambda, x) <= CONVERGED * f64::EPSILON * norm;
    }
    residual(d, e, lambda, x) <= 16.0 * CONVERGED * f64::EPSILON * norm
}

/// x ← x / ‖x‖, first by its largest entry so that no square overflows.
fn normalize(x: &mut [f64]) {
    let largest = x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    if largest > 0.0 {
        x.iter_mut().for_each(|x| *x /= largest);
        let scale = 1.0 / dot(x, x).sqrt();
        x.iter_mut().for_each(|x| *x *= scale);
    }
}

/// max_i |(T x − λ x)_i|; NaN counts as infinite.
fn residual(d: &[f64], e: &[f64], lambda: f64, x: &[f64]) -> f64 {
    let m = x.len();
    let mut largest: f64 = 0.0;
    for i in 0..m {
        let mut r = (d[i] - lambda) * x[i];
        if i > 0 {
            r += e[i - 1] * x[i - 1];
        }
        if i + 1 < m {
            r += e[i] * x[i + 1];
        }
        if r.is_nan() {
            return f64::INFINITY;
        }
        largest = largest.max(r.abs());
    }
    largest
}

/// Whether the rows of `vectors` are orthonormal to 100 rounding errors.
fn orthogonal(vectors: &[f64], n: usize) -> bool {
    let rows = || vectors.chunks_exact(n).enumerate();
    rows().all(|(i, a)| rows().take(i + 1).all(|(j, b)| (dot(a, b) - f64::from(i == j)).abs() <= 100.0 * f64::EPSILON))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wilkinson's W₂₁⁺ (1965): its two largest eigenvalues, 10.746 194 182 903 3…, agree to 14 digits in one block.
    #[test]
    fn vectors_of_a_tight_pair_are_orthogonal() {
        let d: Vec<f64> = (-10..=10).map(|i| f64::from(i32::abs(i))).collect();
        let e = [vec![1.0; 20], vec![0.0]].concat();
        let wanted = [10.746_194_182_903_393, 10.746_194_182_903_322];
        let located = wanted.map(|eigenvalue| Located { eigenvalue, start: 0, end: 21 });
        let mut vectors = vec![0.0; 42];
        assert!(eigenvectors(&d, &e, 12.0, &located, &mut Solver::default(), &mut vectors));
        let (u, v) = vectors.split_at(21);
        assert!(dot(u, v).abs() < 1e-13, "{}", dot(u, v));
        for (v, eigenvalue) in [(u, wanted[0]), (v, wanted[1])] {
            assert!((dot(v, v) - 1.0).abs() < 1e-13);
            for i in 0..21 {
                let below = if i > 0 { v[i - 1] } else { 0.0 };
                let above = if i < 20 { v[i + 1] } else { 0.0 };
                assert!((below + d[i] * v[i] + above - eigenvalue * v[i]).abs() < 1e-12);
            }
        }
    }
}
