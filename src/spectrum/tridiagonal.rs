//! A = Q T Qᵀ with T tridiagonal and Q a product of Householder reflections.
//!
//! Row i of the lower triangle is contiguous, so the reduction goes from the last row up: reflection i acts on entries
//! 0..i, and what is left to reduce is always the leading submatrix, whose rows start where the matrix's rows start.
//! Source: Golub & Van Loan, Matrix Computations, 8.3.1 (there from the first column down).

use super::rank_two::update_and_multiply;
use crate::matmul::dot;

/// Below this, a squared length may have lost digits to underflow. The matrix is scaled so that its largest entry is
/// about 1, and entries of 10⁻¹⁴⁰ are then far below its rounding errors.
const NEGLIGIBLE_SQUARE: f64 = 1e-280;

/// T and the reflections of Q, and the memory to compute them in.
#[derive(Debug, Default, Clone)]
pub struct Tridiagonal {
    /// n.
    pub n: usize,
    /// n entries: the diagonal of T.
    pub diagonal: Vec<f64>,
    /// n entries: `off_diagonal[i]` couples i and i + 1; the last is 0.
    pub off_diagonal: Vec<f64>,
    /// Rows of length `stride`: the lower triangle of A at first; after the reduction row i holds the vector v of
    /// reflection I − τ v vᵀ in its first i entries.
    rows: Vec<f64>,
    /// Distance between rows, ≥ n.
    stride: usize,
    /// n entries: τ of each reflection; 0 means none.
    tau: Vec<f64>,
    v: Vec<f64>,
    w: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Tridiagonal {
    /// Makes room for an n × n matrix, with T = 0 and no reflections; allocates only when n grows.
    pub fn resize(&mut self, n: usize) {
        // Rows a multiple of 4 KiB apart would all fall into the same cache sets.
        let padded = n.next_multiple_of(4);
        self.stride = if padded.is_multiple_of(64) { padded + 8 } else { padded };
        self.n = n;
        self.rows.resize(n * self.stride, 0.0);
        for buffer in [
            &mut self.diagonal,
            &mut self.off_diagonal,
            &mut self.tau,
            &mut self.v,
            &mut self.w,
            &mut self.x,
            &mut self.y,
        ] {
            buffer.clear();
            buffer.resize(n, 0.0);
        }
    }

    /// Row i of the lower triangle, i + 1 entries, to be filled before [`Tridiagonal::reduce`].
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.rows[i * self.stride..i * self.stride + i + 1]
    }

    /// Reduces the matrix whose lower triangle is in its first m `rows`; all other rows are 0. About 4m³/3 flops in m passes
    /// over the triangle: the pass that applies the last reflection's rank-2 update also multiplies by the next reflection's
    /// vector.
    #[inline(never)] // V8 keeps fewer values in registers where this ends up inside a large function
    pub fn reduce(&mut self, m: usize) {
        let stride = self.stride;
        let Tridiagonal { rows, v, w, x, y, tau, diagonal, off_diagonal, .. } = self;
        for i in (1..m).rev() {
            let row = &mut rows[i * stride..i * stride + i + 1];
            let (vi, wi) = (v[i], w[i]);
            row.iter_mut().zip(v.iter().zip(&*w)).for_each(|(a, (v, w))| *a -= vi * w + wi * v);
            diagonal[i] = row[i];
            let (beta, t) = reflection(&mut row[..i]);
            off_diagonal[i - 1] = beta;
            tau[i] = t;
            x[..i].copy_from_slice(&row[..i]);
            update_and_multiply(rows, stride, &v[..i], &w[..i], &x[..i], &mut y[..i]);
            // A ← (I − τ x xᵀ) A (I − τ x xᵀ) = A − x wᵀ − w xᵀ,  w = τ A x − ½ τ² (xᵀA x) x
            let half = 0.5 * t * t * dot(&x[..i], &y[..i]);
            w.iter_mut().zip(x[..i].iter().zip(&y[..i])).for_each(|(w, (x, y))| *w = t * y - half * x);
            v[..i].copy_from_slice(&x[..i]);
        }
        if m > 0 {
            diagonal[0] = rows[0];
        }
    }

    /// (v, τ) of reflection i ≥ 1, v of length i; None where there is nothing to reflect.
    pub fn reflection(&self, i: usize) -> Option<(&[f64], f64)> {
        let v = &self.rows[i * self.stride..i * self.stride + i];
        (self.tau[i] != 0.0).then_some((v, self.tau[i]))
    }
}

/// Replaces x by the vector v (last entry 1) of a reflection I − τ v vᵀ that maps x to (0, ..., 0, β); gives (β, τ).
/// When x is already of that form, τ = 0 and v = 0.
fn reflection(x: &mut [f64]) -> (f64, f64) {
    let (alpha, head) = x.split_last_mut().expect("a reflection acts on at least one entry");
    let square = dot(head, head);
    if square < NEGLIGIBLE_SQUARE {
        let beta = *alpha;
        x.fill(0.0);
        return (beta, 0.0);
    }
    let length = (*alpha * *alpha + square).sqrt();
    let beta = if *alpha > 0.0 { -length } else { length };
    let tau = (beta - *alpha) / beta;
    let scale = 1.0 / (*alpha - beta);
    head.iter_mut().for_each(|h| *h *= scale);
    *alpha = 1.0;
    (beta, tau)
}
