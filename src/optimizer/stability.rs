//! At which curvature a rule stops being stable, and the Hessian as adaptive rules see it, through their preconditioner.

use super::Optimizer;
use super::update::{Context, StabilityThreshold};
use crate::error::{Error, Result};

impl Optimizer {
    fn context(&self) -> Context<'_> {
        Context { settings: self.settings(), rate: self.learning_rate(), steps: self.steps() }
    }

    /// The threshold for the next step's learning rate η, as [`Rule`](super::Rule) has it for each rule. `None` for rules
    /// without a linear regime, for rules with a preconditioner before their first step, and when η is 0.
    pub fn stability_threshold(&self) -> Option<StabilityThreshold> {
        let context = self.context();
        if context.rate == 0.0 {
            return None;
        }
        let threshold = self.state.rule().stability_threshold(&context)?;
        (context.steps > 0 || matches!(threshold, StabilityThreshold::Hessian(_))).then_some(threshold)
    }

    /// D's diagonal, in the coordinates of θ: P positive numbers by which the last step divided, entry by entry, as
    /// [`Rule`](super::Rule) has it for each rule.
    ///
    /// `None` for rules without one, before the first step, and in a rotated basis, where D is diagonal in other
    /// coordinates: there it is that of [`Optimizer::rotated_preconditioner`].
    pub fn preconditioner(&self) -> Option<Vec<f64>> {
        if self.rotation().is_some() { None } else { self.diagonal() }
    }

    /// The diagonal of D in the coordinates Rθ, where [`Optimizer::rotation`] is R: there the preconditioned Hessian is
    /// D^(−1/2) R H Rᵀ D^(−1/2). `None` without a rotated basis, and as for [`Optimizer::preconditioner`].
    pub fn rotated_preconditioner(&self) -> Option<Vec<f64>> {
        self.rotation().and_then(|_| self.diagonal())
    }

    /// D's diagonal, in the coordinates in which it is diagonal.
    pub(super) fn diagonal(&self) -> Option<Vec<f64>> {
        if self.steps() == 0 {
            return None;
        }
        self.state.rule().preconditioner(&self.context())
    }

    /// The Hessian as an adaptive rule sees it, D^(−1/2) H D^(−1/2), P × P, row by row; in a rotated basis R, where D is
    /// diagonal in the coordinates Rθ, D^(−1/2) R H Rᵀ D^(−1/2). `None` for the other rules and before the first step.
    ///
    /// # Errors
    /// As [`precondition`].
    ///
    /// # Panics
    /// If `hessian` is not P × P.
    pub fn preconditioned_hessian(&self, hessian: &[f64]) -> Result<Option<Vec<f64>>> {
        let Some(diagonal) = self.diagonal() else { return Ok(None) };
        match self.rotation() {
            Some(rotation) => precondition(&rotation.conjugate(hessian), &diagonal),
            None => precondition(hessian, &diagonal),
        }
        .map(Some)
    }
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
    let root = roots(diagonal)?;
    let mut scaled = Vec::with_capacity(n * n);
    for (row, r) in hessian.chunks_exact(n).zip(&root) {
        scaled.extend(row.iter().zip(&root).map(|(h, c)| h / (r * c)));
    }
    Ok(scaled)
}

/// √d of each entry of D's diagonal.
pub(super) fn roots(diagonal: &[f64]) -> Result<Vec<f64>> {
    if diagonal.iter().any(|d| !(d.is_finite() && *d > 0.0)) {
        return Err(Error::not_finite("the preconditioner's inverse"));
    }
    Ok(diagonal.iter().map(|d| d.sqrt()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [[4, 2], [2, 9]] with D = (4, 9): [[1, 1/3], [1/3, 1]].
    #[test]
    fn preconditioning_by_hand() {
        assert_eq!(precondition(&[4.0, 2.0, 2.0, 9.0], &[4.0, 9.0]).unwrap(), [1.0, 2.0 / 6.0, 2.0 / 6.0, 1.0]);
        assert!(precondition(&[1.0], &[0.0]).is_err());
        assert!(precondition(&[1.0], &[f64::INFINITY]).is_err());
    }
}
