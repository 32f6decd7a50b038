//! Evidence computed from the matrix as it was given and the result as it is handed out.

use super::pair::dot;

/// max_i ‖H v_i − λ_i v_i‖₂ for the rows v_i of `vectors`. `scale` is a power of two that brings H near 1.
pub fn max_residual(matrix: &[f64], n: usize, eigenvalues: &[f64], vectors: &[f64], scale: f64) -> f64 {
    let mut squares = vec![0.0; eigenvalues.len()];
    for (a, row) in matrix.chunks_exact(n).enumerate() {
        for ((square, v), lambda) in squares.iter_mut().zip(vectors.chunks_exact(n)).zip(eigenvalues) {
            let r = scale * dot(row, v) - scale * lambda * v[a];
            *square += r * r;
        }
    }
    squares.iter().fold(0.0, |m: f64, s| m.max(s.sqrt())) / scale
}

/// max |H_ij − H_ji|.
pub fn symmetry_defect(matrix: &[f64], n: usize) -> f64 {
    const TILE: usize = 16; // rows read across and rows read down stay in the first-level cache
    let mut largest: f64 = 0.0;
    for top in (0..n).step_by(TILE) {
        for left in (0..=top).step_by(TILE) {
            for i in top..n.min(top + TILE) {
                for j in left..i.min(left + TILE) {
                    largest = largest.max((matrix[i * n + j] - matrix[j * n + i]).abs());
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
