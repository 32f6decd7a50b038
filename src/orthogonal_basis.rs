//! A random orthogonal change of coordinates, in which the axes of an optimizer are not those of the architecture.

use crate::matmul::dot;
use crate::random::{Random, Stream};
use crate::simd::dispatch;

/// R, a P × P matrix with R Rᵀ = 1, uniform over all of them (Haar measure).
#[derive(Clone, PartialEq, Debug)]
pub struct OrthogonalBasis {
    size: usize,
    /// Row by row.
    rows: Vec<f64>,
}

impl OrthogonalBasis {
    /// Draws R from `Stream::Basis` of `seed`, about (4/3) P³ multiply-adds.
    ///
    /// If Q is uniform on the orthogonal (m−1) × (m−1) matrices, v uniform on the unit sphere of Rᵐ and F orthogonal with
    /// F e₁ = v, then F (1 ⊕ Q) is uniform in dimension m (Diaconis and Shahshahani 1987). F is ± a Householder
    /// reflection: this is the QR decomposition of a Gaussian matrix, signs fixed so that its triangular factor has a
    /// positive diagonal (Stewart 1980, Mezzadri 2007), without ever holding that matrix.
    ///
    /// # Panics
    /// When `size` is 0.
    // Inlined into its only caller, it would be compiled for size where that is.
    #[inline(never)]
    pub fn new(size: usize, seed: u64) -> Self {
        assert!(size > 0, "a rotation needs a dimension");
        let mut random = Random::new(seed, Stream::Basis, 0);
        let mut rows = vec![0.0; size * size];
        let (mut u, mut shares) = (vec![0.0; size], vec![0.0; size]);
        for corner in (0..size).rev() {
            let (u, shares) = (&mut u[corner..], &mut shares[corner..]);
            rows[corner * size + corner] = 1.0;
            u.iter_mut().for_each(|x| *x = random.normal());
            let norm = u.iter().map(|x| x * x).sum::<f64>().sqrt();
            // v = u/|u|; 1 − 2 w wᵀ/|w|² with w = v ± e₁, the sign of v₁, sends e₁ to ∓v without cancellation
            let sign = if u[0] < 0.0 { -1.0 } else { 1.0 };
            u.iter_mut().for_each(|x| *x /= norm);
            u[0] += sign;
            let scale = 2.0 / u.iter().map(|x| x * x).sum::<f64>();
            shares.fill(0.0);
            for (w, row) in u.iter().zip(rows.chunks_exact(size).skip(corner)) {
                for (share, x) in shares.iter_mut().zip(&row[corner..]) {
                    *share += w * x;
                }
            }
            for (w, row) in u.iter().zip(rows.chunks_exact_mut(size).skip(corner)) {
                for (share, x) in shares.iter().zip(&mut row[corner..]) {
                    *x = -sign * (*x - scale * w * share);
                }
            }
        }
        OrthogonalBasis { size, rows }
    }

    /// R's entries, row by row.
    pub fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// R M Rᵀ for a symmetric P × P matrix, about 2 P³ multiply-adds; symmetric to the last bit.
    ///
    /// # Panics
    /// When the shapes differ.
    pub fn conjugate(&self, matrix: &[f64]) -> Vec<f64> {
        let size = self.size;
        assert_eq!(matrix.len(), size * size, "a matrix of the rotation's shape");
        let (mut left, mut both) = (vec![0.0; size * size], vec![0.0; size * size]);
        let mut turned = vec![0.0; size];
        for (j, row) in matrix.chunks_exact(size).enumerate() {
            self.forth(row, &mut turned); // column j of R M, as M's rows are its columns
            for (i, x) in turned.iter().enumerate() {
                left[i * size + j] = *x;
            }
        }
        for (row, out) in left.chunks_exact(size).zip(both.chunks_exact_mut(size)) {
            self.forth(row, out); // (R M) Rᵀ, row by row
        }
        for i in 0..size {
            for j in 0..i {
                let mean = 0.5 * (both[i * size + j] + both[j * size + i]);
                both[i * size + j] = mean;
                both[j * size + i] = mean;
            }
        }
        both
    }

    /// out ← R x.
    pub fn forth(&self, x: &[f64], out: &mut [f64]) {
        let rows = self.rows.as_slice();
        dispatch!(multiply(rows: &[f64], x: &[f64], out: &mut [f64]));
    }

    /// out ← Rᵀ y.
    pub fn back(&self, y: &[f64], out: &mut [f64]) {
        let rows = self.rows.as_slice();
        dispatch!(multiply_transposed(rows: &[f64], y: &[f64], out: &mut [f64]));
    }
}

/// out ← A x, A row by row.
#[inline(always)]
fn multiply(a: &[f64], x: &[f64], out: &mut [f64]) {
    for (row, out) in a.chunks_exact(x.len()).zip(out) {
        *out = dot(row, x);
    }
}

/// out ← Aᵀ y, A row by row.
#[inline(always)]
fn multiply_transposed(a: &[f64], y: &[f64], out: &mut [f64]) {
    let size = out.len();
    out.fill(0.0);
    // four rows for each pass over `out`
    let (rows4, y4) = (a.chunks_exact(4 * size), y.chunks_exact(4));
    for (row, y) in rows4.remainder().chunks_exact(size).zip(y4.remainder()) {
        for (r, out) in row.iter().zip(&mut *out) {
            *out += r * y;
        }
    }
    for (rows, y) in rows4.zip(y4) {
        let (first, second) = rows.split_at(2 * size);
        let ((a, b), (c, d)) = (first.split_at(size), second.split_at(size));
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *out += (a * y[0] + b * y[1]) + (c * y[2] + d * y[3]);
        }
    }
}
