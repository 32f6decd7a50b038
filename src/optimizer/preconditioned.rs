//! The Hessian as an adaptive rule sees it, known by products alone: D^(−1/2) R H Rᵀ D^(−1/2), R = 1 without a rotated basis.

use super::Optimizer;
use super::stability::roots;
use crate::error::Result;
use crate::orthogonal_basis::OrthogonalBasis;
use crate::spectrum::SymmetricOperator;

/// D^(−1/2) R H Rᵀ D^(−1/2) for an operator H.
pub struct Preconditioned<'a> {
    operator: &'a mut dyn SymmetricOperator,
    /// The roots of D's diagonal, P numbers.
    roots: Vec<f64>,
    rotation: Option<&'a OrthogonalBasis>,
    scaled: Vec<f64>,
    turned: Vec<f64>,
}

impl Optimizer {
    /// As [`Optimizer::preconditioned_hessian`], for H as an operator on R^P. `None` for the rules without a preconditioner
    /// and before the first step.
    ///
    /// # Errors
    /// As [`precondition`](super::precondition).
    pub fn preconditioned<'a>(&'a self, operator: &'a mut dyn SymmetricOperator) -> Result<Option<Preconditioned<'a>>> {
        let Some(diagonal) = self.diagonal() else { return Ok(None) };
        let roots = roots(&diagonal)?;
        let (scaled, turned) = (vec![0.0; roots.len()], vec![0.0; roots.len()]);
        Ok(Some(Preconditioned { operator, roots, rotation: self.rotation(), scaled, turned }))
    }
}

impl SymmetricOperator for Preconditioned<'_> {
    fn rows(&self) -> usize {
        self.roots.len()
    }

    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> Result<()> {
        let Preconditioned { operator, roots, rotation, scaled, turned } = self;
        scaled.iter_mut().zip(vector.iter().zip(&*roots)).for_each(|(s, (v, r))| *s = v / r);
        match rotation {
            Some(rotation) => {
                rotation.back(scaled, turned);
                operator.apply(turned, scaled)?;
                rotation.forth(scaled, product);
            }
            None => operator.apply(scaled, product)?,
        }
        product.iter_mut().zip(&*roots).for_each(|(x, r)| *x /= r);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::{OptimizerSettings, Rule};
    use crate::spectrum::DenseMatrix;

    /// Products against the preconditioned matrix, plain and in a rotated basis: sums of four terms, so up to some 10 ε.
    #[test]
    fn products_are_those_of_the_preconditioned_matrix() {
        let matrix = [4.0, 1.0, 0.5, 0.0, 1.0, 3.0, -2.0, 0.25, 0.5, -2.0, -1.0, 0.0, 0.0, 0.25, 0.0, 2.0];
        for rotated_basis in [false, true] {
            let settings = OptimizerSettings { rotated_basis, ..OptimizerSettings::new(Rule::Adam) };
            let mut theta = vec![0.5, -0.25, 1.0, 2.0];
            let mut optimizer = Optimizer::new(settings, &theta, &[], 3).unwrap();
            let mut operator = DenseMatrix::new(&matrix, 4).unwrap();
            assert!(optimizer.preconditioned(&mut operator).unwrap().is_none(), "before the first step");
            optimizer.step(&mut theta, &[1.0, -2.0, 0.5, 0.125]);
            let expected = optimizer.preconditioned_hessian(&matrix).unwrap().unwrap();
            let largest = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            let mut scaled = optimizer.preconditioned(&mut operator).unwrap().unwrap();
            assert_eq!(scaled.rows(), 4);
            for column in 0..4 {
                let mut unit = [0.0; 4];
                unit[column] = 1.0;
                let mut product = [f64::NAN; 4];
                scaled.apply(&unit, &mut product).unwrap();
                for row in 0..4 {
                    let difference = (product[row] - expected[row * 4 + column]).abs();
                    assert!(difference <= 20.0 * f64::EPSILON * largest, "{rotated_basis}: {difference:e}");
                }
            }
        }
    }
}
