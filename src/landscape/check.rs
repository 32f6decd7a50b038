//! The Hessian against two other ways to it: central differences of the gradient, column by column, and Hessian-vector
//! products, which share nothing with the matrix but φ, ℓ and their derivatives.
//!
//! H e_a ≈ (∇L(θ + h e_a) − ∇L(θ − h e_a)) / 2h with h = ε^⅓ max(1, |θ_a|), which balances the truncated h² against ε/h: they
//! agree to some 10⁻¹⁰ of ∇L's derivatives, and not where a ReLU bends within ±h.
//!
//! Where the matrix is not affordable, the products that take its place are compared in the same way: H e_a is a column.

use super::{Landscape, Samples};
use crate::curvature::Route;
use crate::error::Result;
use crate::hessian::{Part, hessian_vector_product};
use crate::matmul::dot;
use crate::measured::Measured;
use crate::random::{Random, Stream};
use serde::Serialize;

/// Up to so many parameters all columns are compared,
const ALL_COLUMNS: usize = 600;
/// beyond it about so many, evenly over all.
const SOME_COLUMNS: usize = 200;
/// and by products, which take longer, so many.
const FEW_COLUMNS: usize = 40;
/// How many random vectors are multiplied beside the given ones.
const RANDOM: usize = 3;

/// How far the Hessian is from what it was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Checked {
    /// P.
    pub parameters: usize,
    /// How many columns were compared with central differences.
    pub columns: usize,
    /// max |H_ab − difference quotient| over these columns, as a share of max |H|, or without the matrix of the largest entry
    /// of these columns; missing where H vanishes or a gradient is not finite.
    pub differences: Measured,
    /// How many products H v were compared.
    pub vectors: usize,
    /// max |(H v − product)_a| over all vectors of unit length, as the same share; missing where H vanishes.
    pub products: Measured,
}

/// A comparison under way.
pub struct Check {
    claimed: Claimed,
    /// max |H|, as far as it is known.
    largest: f64,
    parameters: Vec<f64>,
    columns: Vec<usize>,
    vectors: Vec<Vec<f64>>,
    /// Columns, then vectors, that are compared.
    done: usize,
    difference: f64,
    product: f64,
}

/// What is claimed to be the Hessian.
enum Claimed {
    /// P × P.
    Matrix(Vec<f64>),
    /// The landscape's products.
    Products,
}

impl Check {
    /// To compare `matrix` (P × P), claimed to be the Hessian at θ, also along `directions` of unit length.
    pub fn new(matrix: Vec<f64>, parameters: &[f64], directions: &[Vec<f64>], seed: u64) -> Self {
        let largest = matrix.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let count = if parameters.len() <= ALL_COLUMNS { parameters.len() } else { SOME_COLUMNS };
        Check { largest, ..Check::of(Claimed::Matrix(matrix), count, parameters, directions, seed) }
    }

    fn of(claimed: Claimed, count: usize, parameters: &[f64], directions: &[Vec<f64>], seed: u64) -> Self {
        let p = parameters.len();
        let random = |index: usize| {
            let mut random = Random::new(seed, Stream::Probe, index as u64);
            let vector: Vec<f64> = (0..p).map(|_| random.normal()).collect();
            let norm = dot(&vector, &vector).sqrt();
            vector.into_iter().map(|x| x / norm).collect()
        };
        Check {
            claimed,
            largest: 0.0,
            parameters: parameters.to_vec(),
            columns: (0..count).map(|i| i * p / count).collect(),
            vectors: directions.iter().cloned().chain((0..RANDOM).map(random)).collect(),
            done: 0,
            difference: 0.0,
            product: 0.0,
        }
    }

    /// What was found, once all is compared.
    pub fn checked(&self) -> Option<Checked> {
        let (columns, vectors) = (self.columns.len(), self.vectors.len());
        let share = |x: f64| Some(x / self.largest).filter(|share| share.is_finite()).into();
        (self.done == columns + vectors).then(|| Checked {
            parameters: self.parameters.len(),
            columns,
            differences: share(self.difference),
            vectors,
            products: share(self.product),
        })
    }
}

impl Landscape {
    /// Begins to compare H(θ), along `directions` (unit eigenvectors) too.
    ///
    /// # Errors
    /// As [`Landscape::hessian`].
    pub fn begin_check(&mut self, parameters: &[f64], directions: &[Vec<f64>]) -> Result<Check> {
        directions.iter().try_for_each(|v| self.architecture.check_parameters("direction", v))?;
        if self.route == Route::Leading {
            self.architecture.check_parameters("parameters", parameters)?;
            let count = parameters.len().min(FEW_COLUMNS);
            return Ok(Check::of(Claimed::Products, count, parameters, directions, self.seed));
        }
        Ok(Check::new(self.hessian(parameters, Part::Full)?, parameters, directions, self.seed))
    }

    /// Compares one more column or vector.
    ///
    /// # Errors
    /// [`Invalid`](crate::Error::Invalid) if θ does not fit the network, [`NotFinite`](crate::Error::NotFinite) if a product
    /// is not finite.
    pub fn advance(&mut self, check: &mut Check) -> Result<()> {
        let p = check.parameters.len();
        if let Some(&a) = check.columns.get(check.done) {
            let at = check.parameters[a];
            let h = libm::cbrt(f64::EPSILON) * at.abs().max(1.0);
            let (upper, lower) = (at + h, at - h);
            check.parameters[a] = upper;
            let above = self.gradient(&check.parameters)?;
            check.parameters[a] = lower;
            let below = self.gradient(&check.parameters)?;
            check.parameters[a] = at;
            // The distance of the two as they are in f64.
            let quotient: Vec<f64> = above.iter().zip(&below).map(|(x, y)| (x - y) / (upper - lower)).collect();
            // A column of a symmetric matrix is a row.
            let row = match &check.claimed {
                Claimed::Matrix(matrix) => matrix[a * p..(a + 1) * p].to_vec(),
                Claimed::Products => {
                    let mut unit = vec![0.0; p];
                    unit[a] = 1.0;
                    let row = self.product(&check.parameters, &unit)?;
                    check.largest = row.iter().fold(check.largest, |most: f64, x| most.max(x.abs()));
                    row
                }
            };
            check.difference = check.difference.max(largest_difference(&row, &quotient));
        } else if let Some(vector) = check.vectors.get(check.done - check.columns.len()) {
            let Samples { inputs, labels, .. } = &self.sampled;
            let (architecture, loss) = (&self.architecture, &self.loss);
            let other = hessian_vector_product(architecture, loss, inputs, labels, &check.parameters, vector)?;
            let product: Vec<f64> = match &check.claimed {
                Claimed::Matrix(matrix) => matrix.chunks_exact(p).map(|row| dot(row, vector)).collect(),
                Claimed::Products => self.product(&check.parameters, vector)?,
            };
            check.product = check.product.max(largest_difference(&product, &other));
        }
        check.done = (check.done + 1).min(check.columns.len() + check.vectors.len());
        Ok(())
    }

    /// H(θ) v by the operator. Other requests may have moved it to another θ meanwhile.
    fn product(&mut self, parameters: &[f64], vector: &[f64]) -> Result<Vec<f64>> {
        let mut product = vec![0.0; vector.len()];
        self.operator(parameters, Part::Full)?.apply(vector, &mut product)?;
        Ok(product)
    }
}

/// max_a |x_a − y_a|; infinite where one is not finite.
pub fn largest_difference(x: &[f64], y: &[f64]) -> f64 {
    let difference = |(x, y): (&f64, &f64)| if (x - y).is_finite() { (x - y).abs() } else { f64::INFINITY };
    x.iter().zip(y).map(difference).fold(0.0, f64::max)
}
