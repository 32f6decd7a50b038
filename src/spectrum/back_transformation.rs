//! The back transformation Z ← Z Qᵀ of eigenvectors of T into those of H = Q T Qᵀ, by Householder reflections.

use super::pair::{add_scaled, dot4};
use super::tridiagonal::Tridiagonal;
use crate::matmul::{Panels, Tiles, dot, multiply_add};
use crate::simd::dispatch;

/// From this many vectors on, reflections are applied together by matrix products.
const MANY: usize = 48;
/// Reflections applied together. More would spend longer on W, fewer on passes over Z.
const TOGETHER: usize = 32;

/// Memory for products of many vectors.
#[derive(Debug, Default, Clone)]
pub struct BackTransformation {
    v: Vec<f64>,
    w: Vec<f64>,
    shares: Vec<f64>,
    left: Panels,
    right: Panels,
}

/// z ← Q z for each row z of `vectors` (rows of length n).
pub fn back_transform(t: &Tridiagonal, vectors: &mut [f64], work: &mut BackTransformation) {
    if vectors.len() < MANY * t.n {
        (1..t.n).filter_map(|i| t.reflection(i)).for_each(|(v, tau)| reflect(v, tau, vectors, t.n));
        return;
    }
    for first in (1..t.n).step_by(TOGETHER) {
        reflect_together(t, first, t.n.min(first + TOGETHER), vectors, work);
    }
}

/// z ← z − τ (vᵀz) v for each row z of `vectors`.
#[inline]
fn reflect(v: &[f64], tau: f64, vectors: &mut [f64], n: usize) {
    dispatch!(reflect_rows(v: &[f64], tau: f64, vectors: &mut [f64], n: usize));
}

#[inline(always)]
fn reflect_rows(v: &[f64], tau: f64, vectors: &mut [f64], n: usize) {
    let mut groups = vectors.chunks_exact_mut(4 * n);
    for group in &mut groups {
        let (z0, rest) = group.split_at_mut(n);
        let (z1, rest) = rest.split_at_mut(n);
        let (z2, z3) = rest.split_at_mut(n);
        let shares = dot4(v, [z0, z1, z2, z3]);
        for (z, share) in [z0, z1, z2, z3].into_iter().zip(shares) {
            add_scaled(z, -tau * share, v);
        }
    }
    for z in groups.into_remainder().chunks_exact_mut(n) {
        let share = dot(v, z);
        add_scaled(z, -tau * share, v);
    }
}

/// Reflections first..end, the first first: with their vectors as the rows of V, their product is I − Vᵀ W, where
/// w_i = τ_i (v_i − Σ_{j<i} (v_iᵀ v_j) w_j). Then Z ← Z − (Z Wᵀ) V.
fn reflect_together(t: &Tridiagonal, first: usize, end: usize, vectors: &mut [f64], work: &mut BackTransformation) {
    let n = t.n;
    let k = vectors.len() / n;
    let width = end - 1; // the longest v
    let BackTransformation { v, w, shares, left, right } = work;
    for buffer in [&mut *v, &mut *w] {
        buffer.clear();
        buffer.resize((end - first) * width, 0.0);
    }
    let mut count = 0;
    for (vector, tau) in (first..end).filter_map(|i| t.reflection(i)) {
        v[count * width..count * width + vector.len()].copy_from_slice(vector);
        let (done, rest) = w.split_at_mut(count * width);
        let new = &mut rest[..width];
        add_scaled(new, tau, vector);
        for (earlier_v, earlier_w) in v.chunks_exact(width).zip(done.chunks_exact(width)) {
            // An earlier vector is shorter; the rest of it is zero.
            add_scaled(new, -tau * dot(vector, earlier_v), earlier_w);
        }
        count += 1;
    }
    if count == 0 {
        return;
    }
    shares.clear();
    shares.resize(k * count, 0.0);
    left.pack(width, vectors.chunks_exact(n), |z, packed| packed.copy_from_slice(&z[..width]));
    right.pack(width, w.chunks_exact(width).take(count), |w, packed| packed.copy_from_slice(w));
    multiply_add(1.0, left, right, shares, count, Tiles::All);
    left.pack(count, shares.chunks_exact(count), |share, packed| packed.copy_from_slice(share));
    right.pack(count, 0..width, |column, packed| {
        packed.iter_mut().zip(v.chunks_exact(width)).for_each(|(x, v)| *x = v[column]);
    });
    multiply_add(-1.0, left, right, vectors, n, Tiles::All);
}
