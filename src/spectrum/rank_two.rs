//! The pass over the triangle in which the reduction to tridiagonal form spends its time: a symmetric rank-2 update and the
//! product of the result with a vector.

use super::pair::{Pair, add_scaled};
use crate::matmul::dot;
use crate::simd::{Level, dispatch};

/// On the lower triangle of the leading m × m matrix, m = `x.len()`: A ← A − v wᵀ − w vᵀ and y ← A x, in one pass.
///
/// Two rows at a time: per two columns 16 flops on each of 2 lanes for 6 loads and 3 stores. Four rows at a time where
/// registers are wider.
pub fn update_and_multiply(rows: &mut [f64], stride: usize, v: &[f64], w: &[f64], x: &[f64], y: &mut [f64]) {
    let m = x.len();
    y.fill(0.0);
    let fours = if Level::current() == Level::Baseline { 0 } else { m & !3 };
    for i in (0..fours).step_by(4) {
        four_rows(rows, stride, i, v, w, x, y);
    }
    let even = m & !1;
    for i in (fours..even).step_by(2) {
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

/// Rows i to i + 3 of [`update_and_multiply`], i a multiple of four. The sums are those of [`both_rows`] for rows i and i + 1
/// and then for rows i + 2 and i + 3, in the same order.
#[inline(always)]
fn four_rows(rows: &mut [f64], stride: usize, i: usize, v: &[f64], w: &[f64], x: &[f64], y: &mut [f64]) {
    let (r0, rest) = rows[i * stride..(i + 3) * stride + i + 4].split_at_mut(stride);
    let (r1, rest) = rest.split_at_mut(stride);
    let (r2, r3) = rest.split_at_mut(stride);
    let at = |a: &[f64]| -> [f64; 4] { [a[i], a[i + 1], a[i + 2], a[i + 3]] };
    let c = [at(v), at(w), at(x)];
    let [s0, s1, mut s2, mut s3] = left_of_four(
        [&mut r0[..i], &mut r1[..i], &mut r2[..i], &mut r3[..i]],
        &c,
        &v[..i],
        &w[..i],
        &x[..i],
        &mut y[..i],
    )
    .map(|[even, odd]| even + odd);
    let [[v0, v1, v2, v3], [w0, w1, w2, w3], [x0, x1, x2, x3]] = c;
    r0[i] -= v0 * w0 + w0 * v0;
    r1[i] -= v1 * w0 + w1 * v0;
    r1[i + 1] -= v1 * w1 + w1 * v1;
    y[i] += s0 + (r0[i] * x0 + r1[i] * x1);
    y[i + 1] += s1 + (r1[i] * x0 + r1[i + 1] * x1);
    for j in i..i + 2 {
        r2[j] -= v2 * w[j] + w2 * v[j];
        r3[j] -= v3 * w[j] + w3 * v[j];
        s2 += r2[j] * x[j];
        s3 += r3[j] * x[j];
        y[j] += x2 * r2[j] + x3 * r3[j];
    }
    r2[i + 2] -= v2 * w2 + w2 * v2;
    r3[i + 2] -= v3 * w2 + w3 * v2;
    r3[i + 3] -= v3 * w3 + w3 * v3;
    y[i + 2] += s2 + (r2[i + 2] * x2 + r3[i + 2] * x3);
    y[i + 3] += s3 + (r3[i + 2] * x2 + r3[i + 3] * x3);
}

/// The part of [`four_rows`] in the columns before i. Gives each row's products with x, added over even and over odd columns.
fn left_of_four(
    rows: [&mut [f64]; 4],
    c: &[[f64; 4]; 3],
    v: &[f64],
    w: &[f64],
    x: &[f64],
    y: &mut [f64],
) -> [[f64; 2]; 4] {
    dispatch!(columns_of_four(
        rows: [&mut [f64]; 4], c: &[[f64; 4]; 3], v: &[f64], w: &[f64], x: &[f64], y: &mut [f64],
    ) -> [[f64; 2]; 4])
}

#[inline(always)]
fn columns_of_four(
    rows: [&mut [f64]; 4],
    c: &[[f64; 4]; 3],
    v: &[f64],
    w: &[f64],
    x: &[f64],
    y: &mut [f64],
) -> [[f64; 2]; 4] {
    let [[v0, v1, v2, v3], [w0, w1, w2, w3], [x0, x1, x2, x3]] = *c;
    let (v, w, x) = (v.as_chunks().0, w.as_chunks().0, x.as_chunks().0);
    let n = v.len();
    let [r0, r1, r2, r3] = rows.map(|row| &mut row.as_chunks_mut::<4>().0[..n]);
    let (w, x, y) = (&w[..n], &x[..n], &mut y.as_chunks_mut().0[..n]);
    // The sums of two rows share a register.
    let (mut s01, mut s23) = ([0.0; 4], [0.0; 4]);
    for i in 0..n {
        let (v, w, x): ([f64; 4], [f64; 4], [f64; 4]) = (v[i], w[i], x[i]);
        let (a0, a1, a2, a3) = (r0[i], r1[i], r2[i], r3[i]);
        let a0 = lanes(|k| a0[k] - (v0 * w[k] + w0 * v[k]));
        let a1 = lanes(|k| a1[k] - (v1 * w[k] + w1 * v[k]));
        let a2 = lanes(|k| a2[k] - (v2 * w[k] + w2 * v[k]));
        let a3 = lanes(|k| a3[k] - (v3 * w[k] + w3 * v[k]));
        (r0[i], r1[i], r2[i], r3[i]) = (a0, a1, a2, a3);
        let (p0, p1) = (lanes(|k| a0[k] * x[k]), lanes(|k| a1[k] * x[k]));
        let (p2, p3) = (lanes(|k| a2[k] * x[k]), lanes(|k| a3[k] * x[k]));
        for half in [0, 2] {
            let (p01, p23) =
                ([p0[half], p0[half + 1], p1[half], p1[half + 1]], [p2[half], p2[half + 1], p3[half], p3[half + 1]]);
            s01 = lanes(|k| s01[k] + p01[k]);
            s23 = lanes(|k| s23[k] + p23[k]);
        }
        let above: [f64; 4] = y[i];
        let above = lanes(|k| above[k] + (x0 * a0[k] + x1 * a1[k]));
        y[i] = lanes(|k| above[k] + (x2 * a2[k] + x3 * a3[k]));
    }
    [[s01[0], s01[1]], [s01[2], s01[3]], [s23[0], s23[1]], [s23[2], s23[3]]]
}

/// Four numbers of one register.
#[inline(always)]
fn lanes(number: impl Fn(usize) -> f64) -> [f64; 4] {
    [number(0), number(1), number(2), number(3)]
}
