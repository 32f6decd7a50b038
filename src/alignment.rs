//! Alignment of a gradient or an update g with the leading eigenvectors: the share ‖V_kᵀ g‖²/‖g‖² in their span.

use crate::matmul::dot;

/// ‖V_kᵀ g‖² / ‖g‖² for k orthonormal `vectors` (k × P): the share of g that lies in their span, k/P by chance.
///
/// `None` when g = 0, which has no direction.
///
/// # Panics
/// If `vectors` does not consist of rows as long as `g`.
pub fn subspace_share(vectors: &[f64], g: &[f64]) -> Option<f64> {
    assert!(vectors.len().is_multiple_of(g.len()));
    // Scaled by the largest entry, so that squares neither overflow nor vanish.
    let largest = g.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if largest == 0.0 {
        return None;
    }
    let scaled: Vec<f64> = g.iter().map(|x| x / largest).collect();
    let inside: f64 =
        vectors.chunks_exact(g.len()).map(|v| dot(v, &scaled)).map(|projection| projection * projection).sum();
    Some(inside / dot(&scaled, &scaled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_hand() {
        let vectors = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        assert_eq!(subspace_share(&vectors, &[3.0, 0.0, 4.0]), Some(9.0 / 25.0));
        assert_eq!(subspace_share(&vectors, &[0.0, 0.0, 0.0]), None);
        assert_eq!(subspace_share(&vectors, &[1e-200, 1e-200, 0.0]), Some(1.0));
    }
}
