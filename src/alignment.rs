//! How the leading eigenvectors take part in training: shares of gradient and update, and the preconditioned Hessian
//! whose largest eigenvalue decides the stability of adaptive optimizers.

use crate::error::{Error, Result};
use crate::matmul::dot;
use crate::optimizer::Optimizer;

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

/// D^{−1/2} H D^{−1/2}, row by row, for the P × P matrix `hessian` and the diagonal D > 0.
///
/// # Errors
/// [`Error::NotFinite`] when an entry of D is not a positive finite number.
///
/// # Panics
/// If the shapes do not fit.
pub fn precondition(hessian: &[f64], diagonal: &[f64]) -> Result<Vec<f64>> {
    let n = diagonal.len();
    assert_eq!(hessian.len(), n * n);
    if diagonal.iter().any(|d| !(d.is_finite() && *d > 0.0)) {
        return Err(Error::not_finite("the preconditioner's inverse"));
    }
    let root: Vec<f64> = diagonal.iter().map(|d| d.sqrt()).collect();
    let mut scaled = Vec::with_capacity(n * n);
    for (row, r) in hessian.chunks_exact(n).zip(&root) {
        scaled.extend(row.iter().zip(&root).map(|(h, c)| h / (r * c)));
    }
    Ok(scaled)
}

/// The Hessian as an adaptive optimizer sees it, D^{−1/2} H D^{−1/2}; in a rotated basis R, where D is diagonal in the
/// coordinates Rθ, D^{−1/2} R H Rᵀ D^{−1/2}. `None` for the others and before the first step.
///
/// # Errors
/// As [`precondition`].
///
/// # Panics
/// If the shapes do not fit.
pub fn preconditioned_hessian(optimizer: &Optimizer, hessian: &[f64]) -> Result<Option<Vec<f64>>> {
    if let Some(diagonal) = optimizer.preconditioner() {
        return precondition(hessian, &diagonal).map(Some);
    }
    match (optimizer.rotation(), optimizer.rotated_preconditioner()) {
        (Some(rotation), Some(diagonal)) => precondition(&rotation.conjugate(hessian), &diagonal).map(Some),
        _ => Ok(None),
    }
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

    /// [[4, 2], [2, 9]] with D = (4, 9): [[1, 1/3], [1/3, 1]].
    #[test]
    fn preconditioning_by_hand() {
        assert_eq!(precondition(&[4.0, 2.0, 2.0, 9.0], &[4.0, 9.0]).unwrap(), [1.0, 2.0 / 6.0, 2.0 / 6.0, 1.0]);
        assert!(precondition(&[1.0], &[0.0]).is_err());
        assert!(precondition(&[1.0], &[f64::INFINITY]).is_err());
    }
}
