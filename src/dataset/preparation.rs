//! Putting inputs on a common scale: standardized, or as the leading principal components of the standardized ones.
//!
//! ```text
//! z_j = (x_j − μ_j)/σ_j,  μ_j = Σ_n x_nj / N,  σ_j² = Σ_n (x_nj − μ_j)² / N;   z_j = 0 for a constant feature
//! C = ZᵀZ/N = U diag(e_1 ≥ e_2 ≥ …) Uᵀ,   scores = Z U_k;  component i explains the variance e_i
//! ```

use super::Dataset;
use crate::error::{Error, Result};
use crate::matmul::dot;
use crate::sorting::ascending;
use crate::spectrum::{EigenWorkspace, Order, spectrum};
use nalgebra::{DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};

/// Number of principal components unless set.
pub const COMPONENTS: usize = 16;
/// Rows of Z that are held at a time.
const ROWS: usize = 32;
/// With more features only the leading components are computed: all of them would take seconds.
const MANY: usize = 512;

/// How inputs are prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preparation {
    /// As they are.
    None,
    /// Each feature with mean 0 and variance 1.
    Standardized,
    /// The leading principal components of the standardized features.
    PrincipalComponents,
}

impl Preparation {
    /// All of them, in the order of the page.
    pub const ALL: [Preparation; 3] = [Preparation::None, Preparation::Standardized, Preparation::PrincipalComponents];

    /// The number of inputs that this makes of `features`. `components` is for principal components only; unless set it
    /// is [`COMPONENTS`], or the number of features where that is smaller.
    ///
    /// # Errors
    /// Naming `data.components` when it is not 1 … number of features, or the preparation has no components.
    pub fn features(self, features: usize, components: Option<usize>) -> Result<usize> {
        match (self, components) {
            (Preparation::PrincipalComponents, Some(k)) if k < 1 || k > features => {
                let problem = format!("{k} is not allowed; these data have 1 to {features}");
                Err(Error::invalid("data.components", problem))
            }
            (Preparation::PrincipalComponents, k) => Ok(k.unwrap_or(COMPONENTS.min(features))),
            (Preparation::None | Preparation::Standardized, Some(_)) => {
                let problem = "only the preparation principal_components has them";
                Err(Error::invalid("data.components", problem))
            }
            (Preparation::None | Preparation::Standardized, None) => Ok(features),
        }
    }
}

/// A preparation fitted to some inputs, to be applied to the same and to others.
#[derive(Debug, Clone, PartialEq)]
pub enum Transform {
    /// x ↦ x.
    Identity,
    /// x ↦ z.
    Standardize(Standardization),
    /// x ↦ U_kᵀ z.
    Project(Standardization, Components),
}

/// Mean and inverse standard deviation of each feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardization {
    /// μ, one number per feature.
    pub mean: Vec<f64>,
    /// 1/σ, one number per feature; 0 for a constant one.
    pub inverse_deviation: Vec<f64>,
}

/// Principal directions with the variance that each explains.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// U_kᵀ, k × features, row by row; the entry of largest magnitude of each direction is positive.
    pub directions: Vec<f64>,
    /// e_1 ≥ … ≥ e_k.
    pub explained_variance: Vec<f64>,
}

impl Transform {
    /// Fits `preparation` to the inputs of `dataset`; about `components` see [`Preparation::features`].
    ///
    /// # Errors
    /// As [`Preparation::features`], and when numbers are so large that their variance overflows.
    pub fn fit(dataset: &Dataset, preparation: Preparation, components: Option<usize>) -> Result<Transform> {
        let features = dataset.features;
        let k = preparation.features(features, components)?;
        Ok(match preparation {
            Preparation::None => Transform::Identity,
            Preparation::Standardized => Transform::Standardize(Standardization::fit(dataset)?),
            Preparation::PrincipalComponents => {
                let scale = Standardization::fit(dataset)?;
                let fitted = Components::fit(&dataset.inputs, &scale, k)?;
                Transform::Project(scale, fitted)
            }
        })
    }

    /// The transformed data set.
    ///
    /// # Panics
    /// When it has another number of features than the one that was fitted.
    pub fn apply(&self, dataset: &Dataset) -> Dataset {
        self.prepare(dataset.clone())
    }

    /// The same of a data set that is not needed any more, in its place.
    ///
    /// # Panics
    /// As [`Transform::apply`].
    pub fn prepare(&self, dataset: Dataset) -> Dataset {
        let mut prepared = dataset;
        let (Transform::Standardize(scale) | Transform::Project(scale, _)) = self else {
            return prepared;
        };
        assert_eq!(prepared.features, scale.mean.len(), "the transform was fitted to another number of features");
        prepared.inputs.chunks_exact_mut(prepared.features).for_each(|row| scale.apply(row));
        if let Transform::Project(_, components) = self {
            prepared.inputs = components.apply(&prepared.inputs, prepared.features);
            prepared.features = components.explained_variance.len();
            prepared.feature_names = (1..=prepared.features).map(|i| format!("component {i}")).collect();
        }
        prepared
    }
}

impl Standardization {
    fn fit(dataset: &Dataset) -> Result<Standardization> {
        let count = dataset.len() as f64;
        let (mut mean, mut inverse_deviation) = (Vec::new(), Vec::new());
        for (j, name) in dataset.feature_names.iter().enumerate() {
            let column = || dataset.inputs.iter().skip(j).step_by(dataset.features);
            let average = column().sum::<f64>() / count;
            let variance = column().map(|x| (x - average) * (x - average)).sum::<f64>() / count;
            if !variance.is_finite() {
                return Err(Error::invalid("data", format!("the numbers of '{name}' are too large to standardize")));
            }
            // Compared, not taken from the variance: the mean of equal numbers may miss them by a rounding error, which
            // would then be blown up to size 1. A variance that underflows to 0 counts as constant too.
            let constant = column().all(|x| Some(x) == column().next()) || variance == 0.0;
            mean.push(average);
            inverse_deviation.push(if constant { 0.0 } else { 1.0 / variance.sqrt() });
        }
        Ok(Standardization { mean, inverse_deviation })
    }

    /// Turns an input into its row of Z.
    fn apply(&self, row: &mut [f64]) {
        let scale = self.mean.iter().zip(&self.inverse_deviation);
        row.iter_mut().zip(scale).for_each(|(x, (mean, s))| *x = (*x - mean) * s);
    }
}

impl Components {
    /// The `k` leading principal directions of `inputs`, N × features, standardized by `scale`.
    fn fit(inputs: &[f64], scale: &Standardization, k: usize) -> Result<Components> {
        let features = scale.mean.len();
        let mut covariance = DMatrix::<f64>::zeros(features, features);
        // Some rows at a time, for which each column of C is fetched once; each sum still goes from row to row.
        for rows in inputs.chunks(ROWS * features) {
            let mut z = rows.to_vec();
            z.chunks_exact_mut(features).for_each(|row| scale.apply(row));
            for (j, column) in covariance.as_mut_slice().chunks_exact_mut(features).enumerate() {
                for row in z.chunks_exact(features) {
                    let x = row[j];
                    column[j..].iter_mut().zip(&row[j..]).for_each(|(sum, y)| *sum += y * x);
                }
            }
        }
        covariance /= (inputs.len() / features) as f64;
        let (explained_variance, directions) = if features > MANY {
            covariance.fill_upper_triangle_with_lower_triangle();
            let found = spectrum(covariance.as_slice(), features, k, Order::Algebraic, &mut EigenWorkspace::default())?;
            ((0..k).map(|i| found.leading_eigenvalue(i)).collect(), found.vectors)
        } else {
            leading(covariance, k)
        };
        let signed = |direction: &[f64]| {
            // The first entry within rounding of the largest magnitude, so that a tie does not leave the sign to chance.
            let most = direction.iter().fold(0.0_f64, |most, entry| most.max(entry.abs()));
            let reference = direction.iter().find(|entry| entry.abs() >= most * (1.0 - 1e-9));
            let sign = reference.map_or(1.0, |entry| entry.signum());
            direction.iter().map(|entry| sign * entry).collect::<Vec<f64>>()
        };
        Ok(Components {
            directions: directions.chunks_exact(features).flat_map(signed).collect(),
            explained_variance: explained_variance.into_iter().map(|e: f64| e.max(0.0)).collect(),
        })
    }

    /// Scores, N × k, of standardized inputs `z`, N × `features`.
    fn apply(&self, z: &[f64], features: usize) -> Vec<f64> {
        let scores = |row: &[f64]| -> Vec<f64> {
            self.directions.chunks_exact(features).map(|direction| dot(direction, row)).collect()
        };
        z.chunks_exact(features).flat_map(scores).collect()
    }
}

/// The `k` largest eigenvalues of C and their eigenvectors, row by row, from all of them.
fn leading(covariance: DMatrix<f64>, k: usize) -> (Vec<f64>, Vec<f64>) {
    let eigen = SymmetricEigen::new(covariance); // reads the lower triangle only
    let negative: Vec<f64> = eigen.eigenvalues.iter().map(|e| -e).collect();
    let order = ascending(&negative);
    let directions = order[..k].iter().flat_map(|&i| eigen.eigenvectors.column(i).iter().copied().collect::<Vec<_>>());
    (order[..k].iter().map(|&i| eigen.eigenvalues[i]).collect(), directions.collect())
}
