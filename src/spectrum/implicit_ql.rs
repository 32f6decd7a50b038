//! Eigenvalues of a symmetric tridiagonal matrix by QL iteration: without vectors in its form free of square roots
//! (Pal, Walker and Kahan), with vectors by plane rotations.
//!
//! Source: Parlett, The Symmetric Eigenvalue Problem, sections 8.12-8.15.

use std::ops::Range;

use crate::{Error, Result};

/// Sweeps per eigenvalue before giving up; 2 is usual.
const SWEEPS: usize = 60;

/// Sets entries of `off_diagonal` to zero that are below 1/16 of the rounding error of a matrix with the given norm,
/// and lists the diagonal blocks that remain.
pub fn split(off_diagonal: &mut [f64], norm: f64, blocks: &mut Vec<Range<usize>>) {
    let negligible = 0.0625 * f64::EPSILON * norm;
    blocks.clear();
    let mut start = 0;
    for (i, e) in off_diagonal.iter_mut().enumerate() {
        if e.abs() <= negligible {
            *e = 0.0;
            blocks.push(start..i + 1);
            start = i + 1;
        }
    }
}

/// max_i |d_i| + |e_{i-1}| + |e_i|, an upper bound of ‖T‖₂ at most √3 times too large.
pub fn norm(diagonal: &[f64], off_diagonal: &[f64]) -> f64 {
    let mut left = 0.0;
    diagonal.iter().zip(off_diagonal).fold(0.0, |norm: f64, (d, e)| {
        let sum = d.abs() + f64::abs(left) + e.abs();
        left = *e;
        norm.max(sum)
    })
}

/// Whether the coupling with square `e2` between diagonal entries d0 and d1 can be dropped.
fn negligible(e2: f64, d0: f64, d1: f64, floor: f64) -> bool {
    e2 <= floor || e2 <= f64::EPSILON * f64::EPSILON * (d0 * d1).abs()
}

/// Turns the diagonal `d` of one block into its eigenvalues, not sorted. `e2` holds the squares of the off-diagonal
/// entries (`e2[i]` couples i and i + 1, the last is unused) and is overwritten. `norm` bounds ‖T‖₂.
pub fn eigenvalues(d: &mut [f64], e2: &mut [f64], norm: f64) -> Result<()> {
    let n = d.len();
    let floor = (0.0625 * f64::EPSILON * norm) * (0.0625 * f64::EPSILON * norm);
    let mut budget = SWEEPS * n;
    let mut segment = 0; // end of the unreduced segment being worked on
    let mut l = 0;
    while l < n {
        let fresh = l >= segment;
        if fresh {
            segment = n;
        }
        let m = (l..segment - 1).find(|&i| negligible(e2[i], d[i], d[i + 1], floor)).unwrap_or(segment - 1);
        segment = m + 1;
        // QL finds the eigenvalue near d[l] first, so the smaller entries belong there.
        if fresh && d[m].abs() < d[l].abs() {
            d[l..=m].reverse();
            e2[l..m].reverse();
        }
        if m == l {
            l += 1;
            continue;
        }
        // The eigenvalue of [[d0, e], [e, d1]] nearest d0 as a shift, or both if that is all there is.
        let e = e2[l].sqrt();
        let half = 0.5 * (d[l + 1] - d[l]);
        let root = (half * half + e2[l]).sqrt();
        let step = e * (e / (half + if half < 0.0 { -root } else { root }));
        if m == l + 1 {
            d[l] -= step;
            d[l + 1] += step;
            l += 2;
            continue;
        }
        budget = budget
            .checked_sub(1)
            .ok_or_else(|| Error::NotConverged { computation: "the QL iteration for the eigenvalues".into() })?;
        let shift = d[l] - step;
        sweep(&mut d[l..=m], &mut e2[l..m], shift);
    }
    Ok(())
}

/// One QL sweep with shift σ, from the last entry to the first. In terms of Parlett's γ, p, c², s²; quotients are
/// arranged so that only one division lies on the path from one step to the next, γ and p being computed side by side.
fn sweep(d: &mut [f64], e2: &mut [f64], shift: f64) {
    let last = d.len() - 1;
    let (mut c, mut s) = (1.0, 0.0);
    let mut gamma = d[last] - shift;
    let mut p = gamma * gamma;
    for i in (0..last).rev() {
        let b = e2[i];
        let r = p + b;
        if i + 1 < last {
            e2[i + 1] = s * r;
        }
        let old_c = c;
        let inverse = 1.0 / r;
        c = p * inverse;
        s = b * inverse;
        let scaled = p * (d[i] - shift) - b * gamma;
        let next = scaled * inverse;
        d[i + 1] = gamma + (d[i] - next);
        gamma = next;
        // γ²/c, or its limit as c → 0, where r p could underflow. A square that underflows is far below the least b that
        // is not dropped.
        p = if p > 1e-140 { scaled * scaled / (r * p) } else { old_c * b };
    }
    e2[0] = s * p;
    d[0] = shift + gamma;
}

/// √(x² + y²), where the squares are far from the ends of the range of f64 by themselves.
#[inline(always)]
fn hypot(x: f64, y: f64) -> f64 {
    let sum = x * x + y * y;
    if (1e-280..1e280).contains(&sum) { sum.sqrt() } else { libm::hypot(x, y) }
}

/// Turns the diagonal `d` of one block into its eigenvalues and applies the same rotations to the rows of `z`:
/// row i of `z` (of length `width`) becomes eigenvector i if `z` was the identity. Not sorted. `e` is overwritten.
pub fn eigenvectors(d: &mut [f64], e: &mut [f64], z: &mut [f64], width: usize, norm: f64) -> Result<()> {
    let n = d.len();
    let floor = (0.0625 * f64::EPSILON * norm) * (0.0625 * f64::EPSILON * norm);
    let mut budget = SWEEPS * n;
    let mut l = 0;
    while l < n {
        let m = (l..n - 1).find(|&i| negligible(e[i] * e[i], d[i], d[i + 1], floor)).unwrap_or(n - 1);
        if m == l {
            l += 1;
            continue;
        }
        budget = budget
            .checked_sub(1)
            .ok_or_else(|| Error::NotConverged { computation: "the QL iteration for the eigenvectors".into() })?;
        let half = 0.5 * (d[l + 1] - d[l]);
        let root = hypot(half, e[l]);
        let shift = d[l] - e[l] * (e[l] / (half + if half < 0.0 { -root } else { root }));
        // Bulge chase from m to l: the rotation in the plane (i, i + 1) removes the bulge that the one before made.
        let mut g = d[m] - shift;
        let (mut c, mut s, mut p) = (1.0, 1.0, 0.0);
        for i in (l..m).rev() {
            let (f, b) = (s * e[i], c * e[i]);
            let r = hypot(f, g);
            if i + 1 < m {
                e[i + 1] = r;
            }
            if r == 0.0 {
                (c, s) = (1.0, 0.0);
            } else {
                (c, s) = (g / r, f / r);
            }
            g = d[i + 1] - p;
            let t = (d[i] - g) * s + 2.0 * c * b;
            p = s * t;
            d[i + 1] = g + p;
            g = c * t - b;
            let (z0, z1) = z[i * width..(i + 2) * width].split_at_mut(width);
            for (z0, z1) in z0.iter_mut().zip(z1) {
                (*z0, *z1) = (c * *z0 - s * *z1, s * *z0 + c * *z1);
            }
        }
        d[l] -= p;
        e[l] = g;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A right triangle of 3, 4 and 5 at scales where squares are ordinary, too large, too small, and not finite.
    #[test]
    fn hypotenuses_at_every_scale() {
        for scale in [1.0, 1e-150, 1e150, 1e-300, 1e300] {
            let found = hypot(3.0 * scale, -4.0 * scale);
            assert!((found / (5.0 * scale) - 1.0).abs() <= 2.0 * f64::EPSILON, "{scale:e}: {found:e}");
        }
        assert_eq!(hypot(0.0, 0.0), 0.0);
        assert_eq!(hypot(f64::INFINITY, 1.0), f64::INFINITY);
        assert!(hypot(f64::NAN, 1.0).is_nan());
    }
}
