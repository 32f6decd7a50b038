//! What one start vector cannot show: eigenvectors of repeated eigenvalues.
//!
//! From one start vector the process finds one eigenvector of each eigenspace. So, when k pairs have converged, a second
//! process begins from a random vector r in the complement of the whole first basis, where every eigenvector that was
//! missed lies. Its orthonormal polynomials p_i bound the share of r in any eigenvector with eigenvalue μ:
//!
//! ```text
//! (uᵀr)² ≤ 1 / Σ_i p_i(μ)²                       (the Christoffel function; Szegő 1939, §3.4)
//! P[(uᵀr)² ≤ δ²] ≤ δ √(2 n/π)                    for a random direction r in n dimensions
//! ```
//!
//! Outside the Ritz values p_i grows geometrically: a few steps leave no more than a small probability that an eigenvalue
//! was missed. Where a Ritz value rises to the kept ones instead, its vector starts a further process in the complement of
//! what has converged.

use std::ops::Range;

use super::super::operator::SymmetricOperator;
use super::super::projected::{Entries, Ritz};
use super::{Candidate, OMISSION, Order, Place, Search, TOLERANCE};
use crate::Result;

impl Search {
    /// Looks for an eigenvalue beyond the basis that is as leading as the kept ones; where there is one, the process
    /// begins anew from its vector, in the complement of all that has converged.
    pub(super) fn missed(&mut self, operator: &mut dyn SymmetricOperator) -> Result<bool> {
        let k = self.k;
        let tolerance = TOLERANCE * self.norm;
        let next = self.pool.get(k).map_or(f64::NEG_INFINITY, |pair| self.rank(pair.value));
        // Kept values that the next one equals are not told from it anyway.
        let above = self.pool[..k].iter().filter(|pair| self.rank(pair.value) > next + 2.0 * tolerance).count();
        if above == 0 {
            return Ok(false);
        }
        let threshold = self.rank(self.pool[above - 1].value) - tolerance;
        let locked = self.locked.len();
        let steps = self.krylov.steps();
        self.krylov.begin_beyond();
        let first = self.krylov.rows() - 1;
        let dimension = (self.krylov.row(0).len() - first) as f64;
        let mut beyond = Ritz::default();
        while self.krylov.steps() < self.capacity && self.krylov.products < self.budget {
            self.krylov.advance(operator)?;
            self.krylov.projected.ritz(Entries::Last, &mut beyond)?;
            if beyond.values.iter().any(|&value| self.rank(value) >= threshold) {
                self.krylov.projected.ritz(Entries::All, &mut beyond)?;
                let ranks = beyond.values.iter().map(|&value| self.rank(value));
                let top =
                    ranks.enumerate().fold((0, f64::NEG_INFINITY), |top, it| if it.1 > top.1 { it } else { top }).0;
                self.krylov.replace(first..first + beyond.width, &beyond, &[top]);
                self.lock(locked..locked + steps, first);
                return Ok(true);
            }
            let exhausted = self.krylov.last_coupling() == 0.0;
            for i in 0..above {
                let level = self.rank(self.pool[i].value) - tolerance;
                let mut share = self.krylov.projected.largest_share(level);
                if self.order == Order::Magnitude {
                    share = share.max(self.krylov.projected.largest_share(-level));
                }
                let bound = (2.0 * dimension / std::f64::consts::PI * share).sqrt().min(1.0);
                self.omissions[i] = if exhausted { 0.0 } else { bound };
            }
            if exhausted || self.omissions[..above].iter().all(|&omission| omission <= OMISSION) {
                break;
            }
        }
        Ok(false)
    }

    /// Locks the converged pairs of the process in `rows`, and begins the next process from row `start`.
    fn lock(&mut self, rows: Range<usize>, start: usize) {
        let tolerance = TOLERANCE * self.norm;
        let vector = self.krylov.row(start).to_vec();
        let mut kept = Vec::new();
        for pair in &self.pool {
            if let (Place::Process(i), true) = (pair.place, pair.within <= tolerance) {
                self.locked.push(Candidate { place: Place::Locked(self.locked.len()), ..*pair });
                kept.push(i);
            }
        }
        self.krylov.replace(rows, &self.ritz, &kept);
        self.krylov.begin_from(self.locked.len(), &vector);
    }
}
