//! All eigenvectors of a symmetric tridiagonal matrix T: T is torn into two halves and a rank-1 correction, the halves
//! are solved, and the correction is applied to their eigenvectors by matrix products.
//!
//! Most of what a Hessian's many near-zero eigenvalues would cost is saved: a pair that the correction does not move
//! stays as it is (deflation). Sources: Cuppen, Numer. Math. 36 (1981) 177; Golub & Van Loan, Matrix Computations, 8.4.

use super::{implicit_ql, secular};
use crate::Result;
use crate::matmul::{Panels, Tiles, multiply_add};
use crate::sorting::{ascending, sort_by_number};

/// Matrices up to this size are solved by QL iteration.
const LEAF: usize = 32;
/// Products are cut into slices of this depth, so that a slice of the smaller factor stays in the second-level cache.
const SLICE: usize = 128;

/// The eigenvectors and the memory to find them in.
#[derive(Debug, Default, Clone)]
pub struct DivideAndConquer {
    n: usize,
    stride: usize,
    /// n eigenvalues, ascending.
    pub values: Vec<f64>,
    /// Row i, of length `stride`, is the eigenvector of `values[i]`.
    rows: Vec<f64>,
    /// The rows of one merged part on their way to where they belong.
    merged: Vec<f64>,
    coefficients: Vec<f64>,
    left: Panels,
    right: Panels,
    leaf: Vec<f64>,
    products: Vec<f64>,
}

/// A pair of the two halves, seen by the merge of them.
#[derive(Debug, Clone, Copy)]
struct Pole {
    d: f64,
    u: f64,
    row: usize,
    /// Whether the vector has entries in the first and in the second half of the columns.
    reach: [bool; 2],
}

impl DivideAndConquer {
    /// The eigenvector of `values[i]`.
    pub fn vector(&self, i: usize) -> &[f64] {
        &self.rows[i * self.stride..i * self.stride + self.n]
    }

    /// Solves T given by its diagonal and its couplings; `norm` bounds ‖T‖₂.
    pub fn solve(&mut self, diagonal: &[f64], off_diagonal: &[f64], norm: f64) -> Result<()> {
        self.n = diagonal.len();
        let padded = self.n.next_multiple_of(4);
        self.stride = if padded.is_multiple_of(64) { padded + 8 } else { padded };
        self.values.clear();
        self.values.extend_from_slice(diagonal);
        self.rows.clear();
        self.rows.resize(self.n * self.stride, 0.0);
        self.part(off_diagonal, norm, 0, self.n)
    }

    /// Solves the part of T in rows and columns low..high.
    fn part(&mut self, e: &[f64], norm: f64, low: usize, high: usize) -> Result<()> {
        if high - low <= LEAF {
            return self.leaf(e, norm, low, high);
        }
        let middle = low + (high - low) / 2;
        // [[a, e], [e, b]] = [[a − |e|, 0], [0, b − |e|]] + |e| (1, ±1)ᵀ (1, ±1)
        let coupling = e[middle - 1];
        self.values[middle - 1] -= coupling.abs();
        self.values[middle] -= coupling.abs();
        self.part(e, norm, low, middle)?;
        self.part(e, norm, middle, high)?;
        self.merge(coupling, norm, low, middle, high);
        Ok(())
    }

    fn leaf(&mut self, e: &[f64], norm: f64, low: usize, high: usize) -> Result<()> {
        let m = high - low;
        self.leaf.clear();
        self.leaf.resize(m * m, 0.0);
        self.leaf.iter_mut().step_by(m + 1).for_each(|z| *z = 1.0);
        let mut couplings = [0.0; LEAF];
        couplings[..m].copy_from_slice(&e[low..high]);
        let mut found = [0.0; LEAF];
        found[..m].copy_from_slice(&self.values[low..high]);
        implicit_ql::eigenvectors(&mut found[..m], &mut couplings[..m], &mut self.leaf, m, norm)?;
        for (i, from) in ascending(&found[..m]).into_iter().enumerate() {
            self.values[low + i] = found[from];
            let row = (low + i) * self.stride + low;
            self.rows[row..row + m].copy_from_slice(&self.leaf[from * m..(from + 1) * m]);
        }
        Ok(())
    }

    /// Joins the solved halves low..middle and middle..high.
    fn merge(&mut self, coupling: f64, norm: f64, low: usize, middle: usize, high: usize) {
        let stride = self.stride;
        // ρ u uᵀ in the basis of the halves' eigenvectors, with ‖u‖ = 1.
        let rho = 2.0 * coupling.abs();
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let mut poles: Vec<Pole> = (low..high)
            .map(|row| {
                let (column, factor) =
                    if row < middle { (middle - 1, half) } else { (middle, half.copysign(coupling)) };
                let u = factor * self.rows[row * stride + column];
                Pole { d: self.values[row], u, row, reach: [row < middle, row >= middle] }
            })
            .collect();
        sort_by_number(&mut poles, |pole| pole.d);
        let (kept, settled) = self.deflate(poles, rho, 4.0 * f64::EPSILON * norm, low, high);

        let k = kept.len();
        let d: Vec<f64> = kept.iter().map(|p| p.d).collect();
        let u: Vec<f64> = kept.iter().map(|p| p.u).collect();
        let c: Vec<f64> = u.iter().map(|u| rho * u * u).collect();
        self.coefficients.clear();
        self.coefficients.resize(k * k, 0.0);
        let mut found: Vec<(f64, usize)> = Vec::with_capacity(high - low);
        for (j, differences) in self.coefficients.chunks_exact_mut(k.max(1)).enumerate() {
            found.push((secular::root(&d, &c, j, differences), j));
        }
        if k > 0 {
            secular::vectors(&d, &u, &mut self.coefficients, &mut self.products);
        }
        found.extend(settled.iter().enumerate().map(|(i, p)| (p.d, k + i)));

        let width = high - low;
        self.merged.clear();
        self.merged.resize(width * width, 0.0);
        self.combine(&kept, 0, low..middle, low);
        self.combine(&kept, 1, middle..high, low);
        for (p, target) in settled.iter().zip(self.merged[k * width..].chunks_exact_mut(width)) {
            target.copy_from_slice(&self.rows[p.row * stride + low..p.row * stride + high]);
        }
        sort_by_number(&mut found, |found| found.0);
        for (i, &(value, from)) in found.iter().enumerate() {
            self.values[low + i] = value;
            let row = (low + i) * stride;
            self.rows[row + low..row + high].copy_from_slice(&self.merged[from * width..(from + 1) * width]);
        }
    }

    /// Splits the poles into those that the correction moves, and those whose pairs are final to within `tolerance`:
    /// because u is negligible there, or because a rotation with a close neighbour makes it so.
    fn deflate(
        &mut self,
        poles: Vec<Pole>,
        rho: f64,
        tolerance: f64,
        low: usize,
        high: usize,
    ) -> (Vec<Pole>, Vec<Pole>) {
        let (mut kept, mut settled): (Vec<Pole>, Vec<Pole>) = (Vec::new(), Vec::new());
        for mut pole in poles {
            if rho * pole.u.abs() <= tolerance {
                settled.push(pole);
                continue;
            }
            if let Some(mut previous) = kept.pop() {
                let length = libm::hypot(previous.u, pole.u);
                let (c, s) = (pole.u / length, previous.u / length);
                if ((pole.d - previous.d) * c * s).abs() <= tolerance {
                    self.rotate(previous.row, pole.row, c, s, low, high);
                    let (d0, d1) = (previous.d, pole.d);
                    previous.d = d0 * c * c + d1 * s * s;
                    pole.d = d0 * s * s + d1 * c * c;
                    pole.u = length;
                    pole.reach = [pole.reach[0] || previous.reach[0], pole.reach[1] || previous.reach[1]];
                    previous.reach = pole.reach;
                    settled.push(previous);
                } else {
                    kept.push(previous);
                }
            }
            kept.push(pole);
        }
        (kept, settled)
    }

    /// (a, b) ← (c a − s b, s a + c b) for the vectors in rows a and b.
    fn rotate(&mut self, a: usize, b: usize, c: f64, s: f64, low: usize, high: usize) {
        for column in low..high {
            let (i, j) = (a * self.stride + column, b * self.stride + column);
            let (x, y) = (self.rows[i], self.rows[j]);
            (self.rows[i], self.rows[j]) = (c * x - s * y, s * x + c * y);
        }
    }

    /// The given columns of the moved vectors: coefficients (k × k) times the kept rows, of which only those that reach
    /// into this half of the columns count.
    fn combine(&mut self, kept: &[Pole], side: usize, columns: std::ops::Range<usize>, low: usize) {
        let k = kept.len();
        let stride = self.stride;
        let width = self.merged.len().isqrt();
        let inner: Vec<usize> = (0..k).filter(|&i| kept[i].reach[side]).collect();
        let target = columns.start - low;
        for slice in inner.chunks(SLICE) {
            let (coefficients, rows) = (&self.coefficients, &self.rows);
            self.left.pack(slice.len(), 0..k, |j, packed| {
                packed.iter_mut().zip(slice).for_each(|(x, &i)| *x = coefficients[j * k + i]);
            });
            self.right.pack(slice.len(), columns.clone(), |column, packed| {
                packed.iter_mut().zip(slice).for_each(|(x, &i)| *x = rows[kept[i].row * stride + column]);
            });
            multiply_add(1.0, &self.left, &self.right, &mut self.merged[target..], width, Tiles::All);
        }
    }
}
