//! The Lanczos process with full reorthogonalization on the complement of given vectors, with thick restarts.
//!
//! Rows v_1, …, v_{j+1} of the basis are orthonormal, and H V_j = V_j T_j + β_j v_{j+1} e_jᵀ: an eigenpair (θ, s) of T_j gives
//! the Ritz pair (θ, V_j s) with residual β_j |s_j|. T is tridiagonal; after a restart that keeps p Ritz vectors it begins with
//! their values on the diagonal and their couplings to v_{p+1} (Wu and Simon 2000, SIAM J. Matrix Anal. Appl. 22, 602).
//! Where β_j vanishes, the process goes on from a random vector, with coupling 0.

use std::ops::Range;

use super::operator::SymmetricOperator;
use super::pair::{add_scaled, dot4, largest_magnitude};
use super::projected::{Projected, Ritz};
use crate::error::{Error, Result};
use crate::matmul::{Panels, Tiles, dot, multiply_add};
use crate::random::{Random, Stream};

/// Columns of the basis that are combined at a time.
const WIDTH: usize = 256;

/// A process with its memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Krylov {
    n: usize,
    basis: Vec<f64>,
    /// Rows before the process.
    first: usize,
    /// Those of them whose products with H lie in the span of the rows before the process.
    closed: Range<usize>,
    /// T.
    pub(super) projected: Projected,
    /// A power of two that brings H near 1, once a product was not zero.
    scale: Option<f64>,
    random: Option<(u64, Stream, u64)>,
    next: Vec<f64>,
    projections: Vec<f64>,
    /// max |v_iᵀ H v_j − (H v_i)ᵀ v_j|, scaled.
    pub(super) symmetry_defect: f64,
    pub(super) products: usize,
    left: Panels,
    right: Panels,
    block: Vec<f64>,
}

impl Krylov {
    /// Forgets everything; random vectors are drawn from (seed, stream, index), (seed, stream, index + 1), ….
    pub(super) fn clear(&mut self, n: usize, seed: u64, stream: Stream, index: u64) {
        self.n = n;
        self.basis.clear();
        self.scale = None;
        self.random = Some((seed, stream, index));
        self.next.resize(n, 0.0);
        (self.products, self.symmetry_defect) = (0, 0.0);
        self.forget_process(0);
    }

    /// Makes the first `rows` rows of the basis those that the next process is orthogonal to.
    fn forget_process(&mut self, rows: usize) {
        self.basis.truncate(rows * self.n);
        (self.first, self.closed) = (rows, 0..0);
        self.projected.clear();
    }

    /// Steps of the process, and rows of its T.
    pub(super) fn steps(&self) -> usize {
        self.projected.steps()
    }

    /// Rows of the basis, with v_{j+1}.
    pub(super) fn rows(&self) -> usize {
        self.basis.len() / self.n
    }

    /// Whether the basis spans the whole space.
    pub(super) fn complete(&self) -> bool {
        self.first + self.steps() == self.n
    }

    /// β_j.
    pub(super) fn last_coupling(&self) -> f64 {
        self.projected.couplings.last().copied().unwrap_or(0.0)
    }

    /// The power of two by which all numbers here are larger than those of H.
    pub(super) fn scale(&self) -> f64 {
        self.scale.unwrap_or(1.0)
    }

    /// Row i of the basis.
    pub(super) fn row(&self, i: usize) -> &[f64] {
        &self.basis[i * self.n..][..self.n]
    }

    /// Appends a row (n), which is to be orthonormal to all others.
    pub(super) fn push(&mut self, row: &[f64]) {
        self.basis.reserve_exact(self.n);
        self.basis.extend_from_slice(row);
    }

    /// Begins a process from a random vector in the complement of the first `rows` rows of the basis.
    pub(super) fn begin(&mut self, rows: usize) {
        self.forget_process(rows);
        self.push_random();
    }

    /// Begins a process from a random vector in the complement of all rows that have had their product. v_{j+1} is not
    /// among them: what V_j cannot show may lie in it.
    pub(super) fn begin_beyond(&mut self) {
        let last = self.first + self.steps();
        let closed = self.first..last - 1;
        self.forget_process(last);
        self.closed = closed;
        self.push_random();
    }

    /// Begins a process from `start` in the complement of the first `rows` rows of the basis.
    pub(super) fn begin_from(&mut self, rows: usize, start: &[f64]) {
        self.forget_process(rows);
        self.next.copy_from_slice(start);
        self.orthogonalize();
        self.orthogonalize();
        let norm = dot(&self.next, &self.next).sqrt();
        self.push_next(norm);
    }

    fn push_random(&mut self) {
        let (seed, stream, index) = self.random.unwrap_or((0, Stream::Krylov, 0));
        self.random = Some((seed, stream, index + 1));
        let mut random = Random::new(seed, stream, index);
        self.next.iter_mut().for_each(|x| *x = random.normal());
        // Each pass leaves ε times what it takes away: near the end of a small space that is nearly all.
        for _ in 0..3 {
            let norm = dot(&self.next, &self.next).sqrt();
            self.next.iter_mut().for_each(|x| *x /= norm);
            self.orthogonalize();
        }
        let norm = dot(&self.next, &self.next).sqrt();
        self.push_next(norm);
    }

    fn push_next(&mut self, norm: f64) {
        if self.basis.capacity() < self.basis.len() + self.n {
            self.basis.reserve_exact(8 * self.n);
        }
        self.basis.extend(self.next.iter().map(|x| x / norm));
    }

    /// w ← w − V Vᵀ w over all rows, four at a time; the projections are kept.
    fn orthogonalize(&mut self) {
        let (n, next) = (self.n, &mut self.next);
        self.projections.clear();
        let mut fours = self.basis.chunks_exact(4 * n);
        for four in &mut fours {
            let rows: [&[f64]; 4] = std::array::from_fn(|r| &four[r * n..][..n]);
            let c = dot4(next, rows);
            let [a, b, d, e] = rows;
            for ((((x, a), b), d), e) in next.iter_mut().zip(a).zip(b).zip(d).zip(e) {
                *x -= c[0] * a + c[1] * b + (c[2] * d + c[3] * e);
            }
            self.projections.extend(c);
        }
        for row in fours.remainder().chunks_exact(n) {
            let c = dot(row, next);
            add_scaled(next, -c, row);
            self.projections.push(c);
        }
    }

    /// One product with the last row, and the next row unless the basis is complete.
    pub(super) fn advance(&mut self, operator: &mut dyn SymmetricOperator) -> Result<()> {
        let (n, j) = (self.n, self.steps());
        let newest = self.rows() - 1;
        operator.apply(&self.basis[newest * n..], &mut self.next)?;
        self.products += 1;
        let largest = largest_magnitude(&self.next);
        if !largest.is_finite() {
            return Err(Error::not_finite("the product of the operator with a vector"));
        }
        if self.scale.is_none() && largest > 0.0 {
            self.scale = Some(libm::scalbn(1.0, -libm::ilogb(largest).clamp(-1000, 1000)));
        }
        let scale = self.scale();
        self.next.iter_mut().for_each(|x| *x *= scale);

        let alpha = dot(&self.basis[newest * n..], &self.next);
        add_scaled(&mut self.next, -alpha, &self.basis[newest * n..]);
        if j > self.projected.retained {
            let before = &self.basis[(newest - 1) * n..newest * n];
            add_scaled(&mut self.next, -self.projected.couplings[j - 1], before);
        }
        // A pass that takes little away leaves the rest orthogonal to rounding; else a second one does (Parlett 1998, §6.9).
        let before = dot(&self.next, &self.next);
        self.orthogonalize();
        let within = self.projections[self.first..newest].iter().enumerate();
        let expected = |i: usize| if j == self.projected.retained { self.projected.couplings[i] } else { 0.0 };
        let defects = within.map(|(i, projection)| (projection - expected(i)).abs());
        let beyond = self.projections[self.closed.clone()].iter().map(|projection| projection.abs());
        self.symmetry_defect = defects.chain(beyond).fold(self.symmetry_defect, f64::max);
        self.projected.diagonal.push(alpha + self.projections[newest]);
        let mut square = dot(&self.next, &self.next);
        if square < 0.5 * before {
            self.orthogonalize();
            square = dot(&self.next, &self.next);
        }
        let beta = square.sqrt();
        self.projected.couplings.push(beta);
        if self.complete() {
            self.projected.couplings[j] = 0.0;
        } else if beta <= (n as f64).sqrt() * f64::EPSILON * self.projected.norm() {
            self.projected.couplings[j] = 0.0;
            self.push_random();
        } else {
            self.push_next(beta);
        }
        Ok(())
    }

    /// Goes on with the Ritz vectors `kept` of T alone.
    pub(super) fn restart(&mut self, ritz: &Ritz, kept: &[usize]) {
        let (j, p, beta) = (self.steps(), kept.len(), self.last_coupling());
        let first = self.first;
        self.replace(first..first + j, ritz, kept);
        let n = self.n;
        self.basis.copy_within((first + j) * n..(first + j + 1) * n, (first + p) * n);
        self.basis.truncate((first + p + 1) * n);
        self.projected.retained = p;
        self.projected.diagonal = kept.iter().map(|&i| ritz.values[i]).collect();
        self.projected.couplings = kept.iter().map(|&i| beta * ritz.entries[i * j + j - 1]).collect();
    }

    /// The first rows of `rows` ← the Ritz vectors `kept` of the process that these are the rows of.
    pub(super) fn replace(&mut self, rows: Range<usize>, ritz: &Ritz, kept: &[usize]) {
        let (n, j) = (self.n, rows.len());
        self.left.pack(j, kept, |&i, row| row.copy_from_slice(&ritz.entries[i * j..][..j]));
        for start in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - start);
            let basis = &mut self.basis;
            self.right.pack_columns(width, rows.clone(), |row, column| {
                column.copy_from_slice(&basis[row * n + start..][..width]);
            });
            self.block.clear();
            self.block.resize(kept.len() * width, 0.0);
            multiply_add(1.0, &self.left, &self.right, &mut self.block, width, Tiles::All);
            for (source, row) in self.block.chunks_exact(width).zip(rows.clone()) {
                basis[row * n + start..][..width].copy_from_slice(source);
            }
        }
    }
}
