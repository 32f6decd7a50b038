//! Evidence computed from the matrix as it was given and the result as it is handed out.

use super::pair::{dot, dot4};

/// max_i ‖H v_i − λ_i v_i‖₂ for the rows v_i of `vectors`. `scale` is a power of two that brings H near 1.
pub fn max_residual(matrix: &[f64], n: usize, eigenvalues: &[f64], vectors: &[f64], scale: f64) -> f64 {
    let mut squares = vec![0.0; eigenvalues.len()];
    for (a, row) in matrix.chunks_exact(n).enumerate() {
        let mut add = |i: usize, product: f64| {
            let r = scale * product - scale * eigenvalues[i] * vectors[i * n + a];
            squares[i] += r * r;
        };
        let mut groups = vectors.chunks_exact(4 * n);
        for (g, group) in (&mut groups).enumerate() {
            let products = dot4(row, [group, &group[n..], &group[2 * n..], &group[3 * n..]]);
            (0..4).for_each(|i| add(4 * g + i, products[i]));
        }
        let done = eigenvalues.len() & !3;
        for (i, v) in groups.remainder().chunks_exact(n).enumerate() {
            add(done + i, dot(row, v));
        }
    }
    squares.iter().fold(0.0, |m: f64, s| m.max(s.sqrt())) / scale
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

/// max |(VᵀV − I)_ij| for the rows of `vectors`.
pub fn orthogonality_defect(vectors: &[f64], n: usize) -> f64 {
    let rows = || vectors.chunks_exact(n).enumerate();
    let defects = rows().flat_map(|(i, a)| rows().take(i + 1).map(move |(j, b)| (dot(a, b) - f64::from(i == j)).abs()));
    defects.fold(0.0, f64::max)
}
