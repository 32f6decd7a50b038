//! The search for the k leading eigenpairs by thick-restart Lanczos (Wu and Simon 2000), and once more from the complement
//! where that shows that one start vector did not suffice.

mod missed;

use super::krylov::Krylov;
use super::operator::SymmetricOperator;
use super::projected::{Entries, Ritz};
use super::{Order, sort_by_number};
use crate::Result;

/// Residual at which a pair counts as converged, relative to the largest |Ritz value|.
pub(super) const CONVERGED: f64 = 1e-10;
/// Residual within a process at which its pairs are taken; those of locked pairs come on top.
const TOLERANCE: f64 = 0.5 * CONVERGED;
/// Probability of a missed eigenvector that is let stand.
pub(super) const OMISSION: f64 = 1e-6;
/// From this n on a product costs more than a look at T.
const LARGE: usize = 2000;

/// An approximate eigenpair, all numbers scaled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) value: f64,
    /// ‖H v − λ v‖₂.
    pub(super) residual: f64,
    /// The same within the process.
    within: f64,
    /// Row of the basis, or index of the process's Ritz pair.
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Locked(usize),
    Process(usize),
}

impl Candidate {
    /// Its index among the process's Ritz pairs.
    fn of_process(&self) -> Option<usize> {
        match self.place {
            Place::Process(i) => Some(i),
            Place::Locked(_) => None,
        }
    }
}

/// The search with its memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Search {
    pub(super) krylov: Krylov,
    k: usize,
    order: Order,
    budget: usize,
    capacity: usize,
    /// Converged pairs, in the first rows of the basis.
    locked: Vec<Candidate>,
    ritz: Ritz,
    /// All candidates, the most leading first.
    pub(super) pool: Vec<Candidate>,
    /// The largest |Ritz value|, and the extreme ones.
    pub(super) norm: f64,
    pub(super) extremes: [f64; 2],
    /// Bounds of the probability that an eigenvector was missed whose eigenvalue is not below that of each of the k.
    pub(super) omissions: Vec<f64>,
}

impl Search {
    /// How leading a value is.
    fn rank(&self, value: f64) -> f64 {
        match self.order {
            Order::Algebraic => value,
            Order::Magnitude => value.abs(),
        }
    }

    /// Finds k pairs with at most `budget` products; leaves them at the head of the pool, and the basis for
    /// [`Search::vectors`].
    pub(super) fn run(
        &mut self,
        operator: &mut dyn SymmetricOperator,
        k: usize,
        order: Order,
        budget: usize,
    ) -> Result<()> {
        (self.k, self.order, self.budget) = (k, order, budget);
        self.capacity = (3 * k + 30).max(60);
        self.locked.clear();
        (self.norm, self.extremes) = (0.0, [f64::INFINITY, f64::NEG_INFINITY]);
        self.krylov.begin(0);
        loop {
            let settled = self.converge(operator)?;
            self.krylov.projected.ritz(Entries::All, &mut self.ritz)?;
            self.collect();
            self.omissions.clear();
            self.omissions.resize(k, if self.krylov.complete() { 0.0 } else { 1.0 });
            if !settled || self.krylov.complete() || !self.missed(operator)? {
                return Ok(());
            }
        }
    }

    /// Advances the process until the pool is settled; gives whether it is.
    fn converge(&mut self, operator: &mut dyn SymmetricOperator) -> Result<bool> {
        let mut look = 0;
        loop {
            self.krylov.advance(operator)?;
            let (steps, complete) = (self.krylov.steps(), self.krylov.complete());
            let spent = self.krylov.products >= self.budget;
            if steps < look && steps < self.capacity && !complete && !spent {
                continue;
            }
            self.krylov.projected.ritz(Entries::Last, &mut self.ritz)?;
            self.collect();
            let worst = self.worst();
            if worst <= 1.0 || complete || spent {
                return Ok(worst <= 1.0 || complete);
            }
            let large = self.krylov.rows() >= 1 && self.krylov.row(0).len() >= LARGE;
            look = steps
                + if !large {
                    4
                } else if worst > 1e4 {
                    3
                } else {
                    1
                };
            if steps >= self.capacity {
                self.restart()?;
            }
        }
    }

    /// The largest residual of the k most leading candidates over the tolerance; more than 1 also where the first
    /// candidate beyond is not yet told from them.
    fn worst(&self) -> f64 {
        let k = self.k;
        if self.pool.len() < k + usize::from(!self.krylov.complete()) {
            return f64::INFINITY;
        }
        let tolerance = TOLERANCE * self.norm;
        let over = |residual: f64, limit: f64| if residual <= limit { 0.0 } else { residual / limit };
        let kept = self.pool[..k].iter().map(|pair| over(pair.within, tolerance)).fold(0.0, f64::max);
        let Some(next) = self.pool.get(k) else { return kept };
        let gap = self.rank(self.pool[k - 1].value) - self.rank(next.value);
        kept.max(over(next.within, tolerance.max(0.01 * gap)))
    }

    /// Candidates from what is locked and the process's Ritz values.
    fn collect(&mut self) {
        let (ritz, beta) = (&self.ritz, self.krylov.last_coupling());
        self.pool.clear();
        self.pool.extend(&self.locked);
        let width = ritz.width;
        // Products with vectors of the process reach back to the locked ones, by no more than their residuals.
        let leak = self.locked.iter().map(|pair| pair.residual * pair.residual).sum::<f64>().sqrt();
        for (i, (&value, entries)) in ritz.values.iter().zip(ritz.entries.chunks_exact(width)).enumerate() {
            let within = (beta * entries[width - 1]).abs();
            let residual = libm::hypot(within, leak);
            self.pool.push(Candidate { value, within, residual, place: Place::Process(i) });
            self.extremes = [self.extremes[0].min(value), self.extremes[1].max(value)];
        }
        self.norm = self.extremes[0].abs().max(self.extremes[1].abs());
        let mut pool = std::mem::take(&mut self.pool);
        sort_by_number(&mut pool, |pair| -self.rank(pair.value));
        self.pool = pool;
    }

    fn restart(&mut self) -> Result<()> {
        self.krylov.projected.ritz(Entries::All, &mut self.ritz)?;
        self.collect();
        let kept = self.k + (self.capacity - self.k) / 3;
        let kept: Vec<usize> = self.pool.iter().filter_map(Candidate::of_process).take(kept).collect();
        self.krylov.restart(&self.ritz, &kept);
        Ok(())
    }

    /// Writes the vectors of the k most leading candidates (k × n).
    pub(super) fn vectors(&mut self, vectors: &mut [f64]) {
        let n = self.krylov.row(0).len();
        let kept = self.pool[..self.k].to_vec();
        let places: Vec<usize> = kept.iter().filter_map(Candidate::of_process).collect();
        let locked = self.locked.len();
        self.krylov.replace(locked..locked + self.ritz.width, &self.ritz, &places);
        let mut process = locked..;
        for (pair, vector) in kept.iter().zip(vectors.chunks_exact_mut(n)) {
            let row = match pair.place {
                Place::Locked(row) => Some(row),
                Place::Process(_) => process.next(),
            };
            vector.copy_from_slice(self.krylov.row(row.unwrap_or(0)));
        }
    }
}
