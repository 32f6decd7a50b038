//! T, the projection of H on the basis of a Lanczos process: its eigenpairs, and its orthonormal polynomials.
//!
//! T is tridiagonal; after a restart that keeps p Ritz vectors, their values stand on the diagonal, coupled to row p + 1
//! alone.

use super::{EigenWorkspace, Order, implicit_ql, spectrum};
use crate::Result;

/// Which entries of the eigenvectors of T are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entries {
    /// The first: weights of the start vector.
    First,
    /// The last: residuals.
    Last,
    /// All of them.
    All,
}

/// Eigenpairs of T, in no order.
#[derive(Debug, Clone, Default)]
pub(super) struct Ritz {
    pub(super) values: Vec<f64>,
    /// One row of `width` entries for each value.
    pub(super) entries: Vec<f64>,
    pub(super) width: usize,
}

/// T, row by row.
#[derive(Debug, Clone, Default)]
pub(super) struct Projected {
    /// How many rows are Ritz vectors.
    pub(super) retained: usize,
    pub(super) diagonal: Vec<f64>,
    /// Of the retained rows to the first of the others, of each other one to the next.
    pub(super) couplings: Vec<f64>,
    eigen: EigenWorkspace,
}

impl Projected {
    /// T without rows.
    pub(super) fn clear(&mut self) {
        self.retained = 0;
        self.diagonal.clear();
        self.couplings.clear();
    }

    /// Rows.
    pub(super) fn steps(&self) -> usize {
        self.diagonal.len()
    }

    /// A bound of ‖T‖₂.
    pub(super) fn norm(&self) -> f64 {
        let arrow: f64 = self.couplings[..self.retained].iter().map(|s| s.abs()).sum();
        let retained = self.diagonal[..self.retained].iter().fold(0.0, |norm: f64, value| norm.max(value.abs()));
        arrow + retained.max(implicit_ql::norm(&self.diagonal[self.retained..], &self.couplings[self.retained..]))
    }

    /// Eigenpairs of T.
    pub(super) fn ritz(&mut self, entries: Entries, ritz: &mut Ritz) -> Result<()> {
        let j = self.steps();
        ritz.width = if entries == Entries::All { j } else { 1 };
        if self.retained > 0 {
            return self.ritz_of_arrow(entries, ritz);
        }
        ritz.values.clone_from(&self.diagonal);
        ritz.entries.clear();
        ritz.entries.resize(j * ritz.width, 0.0);
        match entries {
            Entries::First => ritz.entries[0] = 1.0,
            Entries::Last => ritz.entries[j - 1] = 1.0,
            Entries::All => (0..j).for_each(|i| ritz.entries[i * j + i] = 1.0),
        }
        let norm = self.norm();
        let mut couplings = self.couplings.clone();
        implicit_ql::eigenvectors(&mut ritz.values, &mut couplings, &mut ritz.entries, ritz.width, norm)
    }

    fn ritz_of_arrow(&mut self, entries: Entries, ritz: &mut Ritz) -> Result<()> {
        let (j, p) = (self.steps(), self.retained);
        let mut t = vec![0.0; j * j];
        for i in 0..j {
            t[i * j + i] = self.diagonal[i];
            let other = if i < p { p } else { i + 1 };
            if other < j {
                t[i * j + other] = self.couplings[i];
                t[other * j + i] = self.couplings[i];
            }
        }
        let all = spectrum(&t, j, j, Order::Algebraic, &mut self.eigen)?;
        ritz.values = all.eigenvalues;
        ritz.entries = match entries {
            Entries::First => all.vectors.chunks_exact(j).map(|s| s[0]).collect(),
            Entries::Last => all.vectors.chunks_exact(j).map(|s| s[j - 1]).collect(),
            Entries::All => all.vectors,
        };
        Ok(())
    }

    /// 1 / Σ_i p_i(μ)² of the process's orthonormal polynomials: the largest share that the start vector may have in an
    /// eigenvector with eigenvalue μ. Without restarts.
    pub(super) fn largest_share(&self, mu: f64) -> f64 {
        let (mut before, mut p, mut sum) = (0.0, 1.0, 1.0);
        let mut coupling = 0.0;
        for (alpha, beta) in self.diagonal.iter().zip(&self.couplings).take(self.steps() - 1) {
            (before, p) = (p, ((mu - alpha) * p - coupling * before) / beta);
            coupling = *beta;
            sum += p * p;
        }
        if sum.is_finite() { 1.0 / sum } else { 0.0 }
    }
}
