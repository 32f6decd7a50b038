//! Evidence computed from the matrix as it was given and the result as it is handed out.

use std::ops::Range;

use super::pair::dot4;
use crate::matmul::{Panels, Tiles, dot, multiply_add};

/// From this many vectors on, products are computed by the packed kernel.
const MANY: usize = 48;
/// Rows and depth of the smaller factor that the kernel reads at a time: a quarter megabyte, in the second-level cache.
const ROWS: usize = 256;
const DEPTH: usize = 128;

/// Memory for products of many vectors.
#[derive(Debug, Default, Clone)]
pub struct Evidence {
    left: Panels,
    right: Panels,
    products: Vec<f64>,
    squares: Vec<f64>,
}

/// ‖H v_i − λ_i v_i‖₂ for each row v_i of `vectors`. `scale` is a power of two that brings H near 1.
pub fn residuals(
    matrix: &[f64],
    n: usize,
    eigenvalues: &[f64],
    vectors: &[f64],
    scale: f64,
    work: &mut Evidence,
) -> Vec<f64> {
    let k = eigenvalues.len();
    let mut squares = std::mem::take(&mut work.squares);
    squares.clear();
    squares.resize(k, 0.0);
    let mut add = |i: usize, a: usize, product: f64| {
        let r = scale * product - scale * eigenvalues[i] * vectors[i * n + a];
        squares[i] += r * r;
    };
    if k < MANY {
        for (a, row) in matrix.chunks_exact(n).enumerate() {
            let mut groups = vectors.chunks_exact(4 * n);
            for (g, group) in (&mut groups).enumerate() {
                let products = dot4(row, [group, &group[n..], &group[2 * n..], &group[3 * n..]]);
                (0..4).for_each(|i| add(4 * g + i, a, products[i]));
            }
            for (i, v) in groups.remainder().chunks_exact(n).enumerate() {
                add((k & !3) + i, a, dot(row, v));
            }
        }
    } else {
        for start in (0..n).step_by(ROWS) {
            let rows = start..n.min(start + ROWS);
            let products = work.multiply(vectors, 0, matrix, rows.clone(), n);
            for (i, products) in products.chunks_exact(rows.len()).enumerate() {
                rows.clone().zip(products).for_each(|(a, product)| add(i, a, *product));
            }
        }
    }
    let residuals = squares.iter().map(|s| s.sqrt() / scale).collect();
    work.squares = squares;
    residuals
}

/// residual / gap, and at most 1.
pub fn angle_bound(residual: f64, gap: f64) -> f64 {
    if residual < gap { residual / gap } else { 1.0 }
}

/// max |(VᵀV − I)_ij| for the rows of `vectors`.
pub fn orthogonality_defect(vectors: &[f64], n: usize, work: &mut Evidence) -> f64 {
    let k = vectors.len() / n;
    let mut largest = 0.0;
    let mut take = |i: usize, j: usize, product: f64| {
        let defect = (product - f64::from(i == j)).abs();
        if defect > largest {
            largest = defect;
        }
    };
    let row = |i: usize| &vectors[i * n..(i + 1) * n];
    if k < MANY {
        (0..k).for_each(|i| (0..=i).for_each(|j| take(i, j, dot(row(i), row(j)))));
    } else {
        for start in (0..k).step_by(ROWS) {
            let rows = start..k.min(start + ROWS);
            let products = work.multiply(vectors, start, vectors, rows.clone(), n);
            for (i, products) in products.chunks_exact(rows.len()).enumerate() {
                rows.clone().zip(products).for_each(|(j, product)| take(start + i, j, *product));
            }
        }
    }
    largest
}

impl Evidence {
    /// A Bᵀ for the rows of `a` from `first` on and the given rows of `b`; both have rows of length n.
    fn multiply(&mut self, a: &[f64], first: usize, b: &[f64], rows: Range<usize>, n: usize) -> &[f64] {
        let width = rows.len();
        self.products.clear();
        self.products.resize((a.len() / n - first) * width, 0.0);
        for start in (0..n).step_by(DEPTH) {
            let inner = start..n.min(start + DEPTH);
            let part = |row: &[f64], packed: &mut [f64]| packed.copy_from_slice(&row[inner.clone()]);
            self.left.pack(inner.len(), a.chunks_exact(n).skip(first), part);
            self.right.pack(inner.len(), b[rows.start * n..rows.end * n].chunks_exact(n), part);
            multiply_add(1.0, &self.left, &self.right, &mut self.products, width, Tiles::All);
        }
        &self.products
    }
}

/// max |H_ij − H_ji|.
pub fn symmetry_defect(matrix: &[f64], n: usize) -> f64 {
    const TILE: usize = 32; // rows read across and rows read down stay in the first-level cache
    let mut largest = 0.0;
    for top in (0..n).step_by(TILE) {
        for left in (0..=top).step_by(TILE) {
            for i in top..n.min(top + TILE) {
                let row = &matrix[i * n + left..i * n + i.min(left + TILE)];
                for (value, mirrored) in row.iter().zip(matrix[left * n + i..].iter().step_by(n)) {
                    // A branch that is hardly ever taken: f64::max is slow in wasm.
                    let defect = (value - mirrored).abs();
                    if defect > largest {
                        largest = defect;
                    }
                }
            }
        }
    }
    largest
}
