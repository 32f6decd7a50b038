//! A = Q T Qᵀ with T tridiagonal and Q a product of Householder reflections.
//!
//! Row i of the lower triangle is contiguous, so the reduction goes from the last row up: reflection i acts on entries
//! 0..i, and what is left to reduce is always the leading submatrix, whose rows start where the matrix's rows start.
//! Source: Golub & Van Loan, Matrix Computations, 8.3.1 (there from the first column down).

use super::pair::{Pair, add_scaled};
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
    /// Makes room for an n × n matrix; allocates only when n grows.
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

    /// Reduces the matrix whose lower triangle is in `rows`. About 4n³/3 flops in n passes over the triangle: the pass
    /// that applies the last reflection's rank-2 update also multiplies by the next reflection's vector.
    #[inline(never)] // V8 keeps fewer values in registers where this ends up inside a large function
    pub fn reduce(&mut self) {
        let (n, stride) = (self.n, self.stride);
        let Tridiagonal { rows, v, w, x, y, tau, diagonal, off_diagonal, .. } = self;
        for i in (1..n).rev() {
            let row = &mut rows[i * stride..i * stride + i + 1];
            let (vi, wi) = (v[i], w[i]);
            for j in 0..=i {
                row[j] -= vi * w[j] + wi * v[j];
            }
            diagonal[i] = row[i];
            let (beta, t) = reflection(&mut row[..i]);
            off_diagonal[i - 1] = beta;
            tau[i] = t;
            x[..i].copy_from_slice(&row[..i]);
            update_and_multiply(rows, stride, &v[..i], &w[..i], &x[..i], &mut y[..i]);
            // A ← (I − τ x xᵀ) A (I − τ x xᵀ) = A − x wᵀ − w xᵀ,  w = τ A x − ½ τ² (xᵀA x) x
            let half = 0.5 * t * t * dot(&x[..i], &y[..i]);
            for j in 0..i {
                w[j] = t * y[j] - half * x[j];
                v[j] = x[j];
            }
        }
        diagonal[0] = rows[0];
        off_diagonal[n - 1] = 0.0;
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

/// On the lower triangle of the leading m × m matrix, m = `x.len()`: A ← A − v wᵀ − w vᵀ and y ← A x, in one pass.
///
/// Two rows at a time: per two columns 16 flops on each of 2 lanes for 6 loads and 3 stores.
fn update_and_multiply(rows: &mut [f64], stride: usize, v: &[f64], w: &[f64], x: &[f64], y: &mut [f64]) {
    let m = x.len();
    y.fill(0.0);
    let even = m & !1;
    for i in (0..even).step_by(2) {
        let (upper, lower) = rows[i * stride..i * stride + stride + i + 2].split_at_mut(stride);
        let (r0, d0) = upper[..i + 1].split_at_mut(i);
        let (r1, d1) = lower[..i + 2].split_at_mut(i);
        let (s0, s1) = both_rows(r0, r1, [v[i], v[i + 1], w[i], w[i + 1], x[i], x[i + 1]], v, w, x, y);
        d0[0] -= v[i] * w[i] + w[i] * v[i];
        d1[0] -= v[i + 1] * w[i] + w[i + 1] * v[i];
        d1[1] -= v[i + 1] * w[i + 1] + w[i + 1] * v[i + 1];
        y[i] += s0 + (d0[0] * x[i] + d1[0] * x[i + 1]);
        y[i + 1] += s1 + (d1[0] * x[i] + d1[1] * x[i + 1]);
    }
    if even < m {
        let row = &mut rows[even * stride..even * stride + m];
        for j in 0..m {
            row[j] -= v[even] * w[j] + w[even] * v[j];
        }
        add_scaled(&mut y[..even], x[even], row);
        y[even] += dot(row, x);
    }
}

/// The part of [`update_and_multiply`] left of the diagonal, for two rows r0 and r1; `c` holds v, w and x at these rows.
/// Gives both rows' products with x.
#[inline]
fn both_rows(
    r0: &mut [f64],
    r1: &mut [f64],
    c: [f64; 6],
    v: &[f64],
    w: &[f64],
    x: &[f64],
    y: &mut [f64],
) -> (f64, f64) {
    let m = r0.len();
    let (r1, v, w, x, y) = (&mut r1[..m], &v[..m], &w[..m], &x[..m], &mut y[..m]);
    let [v0, v1, w0, w1, x0, x1] = c.map(Pair::splat);
    let (mut s0, mut s1) = (Pair::zero(), Pair::zero());
    let (r0, r0_rest) = r0.as_chunks_mut::<4>();
    let (r1, r1_rest) = r1.as_chunks_mut::<4>();
    let (v, v_rest) = v.as_chunks::<4>();
    let (w, w_rest) = w.as_chunks::<4>();
    let (x, x_rest) = x.as_chunks::<4>();
    let (y, y_rest) = y.as_chunks_mut::<4>();
    for (((((r0, r1), v), w), x), y) in r0.iter_mut().zip(r1).zip(v).zip(w).zip(x).zip(y) {
        let (r0, r1, y) = (r0.as_chunks_mut().0, r1.as_chunks_mut().0, y.as_chunks_mut().0);
        let (v, w, x) = (v.as_chunks().0, w.as_chunks().0, x.as_chunks().0);
        for h in 0..2 {
            let (v, w, x) = (Pair::load(&v[h]), Pair::load(&w[h]), Pair::load(&x[h]));
            let a0 = Pair::load(&r0[h]) - (v0 * w + w0 * v);
            let a1 = Pair::load(&r1[h]) - (v1 * w + w1 * v);
            a0.store(&mut r0[h]);
            a1.store(&mut r1[h]);
            s0 = s0 + a0 * x;
            s1 = s1 + a1 * x;
            (Pair::load(&y[h]) + (x0 * a0 + x1 * a1)).store(&mut y[h]);
        }
    }
    let [v0, v1, w0, w1, x0, x1] = c;
    let (mut s0, mut s1) = (s0.sum(), s1.sum());
    for j in 0..r0_rest.len() {
        r0_rest[j] -= v0 * w_rest[j] + w0 * v_rest[j];
        r1_rest[j] -= v1 * w_rest[j] + w1 * v_rest[j];
        s0 += r0_rest[j] * x_rest[j];
        s1 += r1_rest[j] * x_rest[j];
        y_rest[j] += x0 * r0_rest[j] + x1 * r1_rest[j];
    }
    (s0, s1)
}
