//! What is known of the spectrum of H(θ): H v = λ v for the k leading pairs, and all λ_i where the matrix is affordable.
//!
//! With [`Method::Spectrum`] the P × P matrix is computed and all of its eigenvalues. With [`Method::Products`] products H v
//! alone, from which the Lanczos method finds the leading pairs, and tr H is estimated (Hutchinson 1990). With
//! [`Method::Matrix`] the Lanczos method takes its products with the matrix.

mod route;
mod found;

pub use found::{Found, Trace, Wanted};
pub use route::{
    ChooseMethod, DENSE_PARAMETERS, MAX_LEADING_BYTES, MAX_LEADING_OPERATIONS, Method, Route, SpectrumMode,
    leading_bytes, leading_operations,
};

use std::ops::Range;

use crate::error::Result;
use crate::hessian::{HessianOperator, HessianWorkspace, Part};
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch};
use crate::optimizer::Optimizer;
use crate::spectrum::{
    DenseMatrix, EigenWorkspace, LeadingWorkspace, Order, SpectralDensity, Spectrum, SymmetricOperator, eigenvalues,
    largest_eigenvalue, leading_spectrum, spectral_density, spectrum,
};
use found::{estimated_trace, from_products, from_spectrum, largest};

/// Computes what is known of the spectra of one loss's Hessians at many θ, with all room allocated once.
#[derive(Clone)]
pub struct Curvature {
    n: usize,
    method: Method,
    source: Source,
    /// H, or what was drawn in its place.
    matrix: Vec<f64>,
    block: Vec<f64>,
    eigen: EigenWorkspace,
    lanczos: LeadingWorkspace,
}

#[derive(Clone)]
enum Source {
    Matrix(Box<HessianWorkspace>),
    Products(Box<HessianOperator>),
}

impl Curvature {
    /// For the Hessian of `loss` on `inputs` (n_0 × samples) with one label per sample.
    ///
    /// # Errors
    /// As [`HessianWorkspace::new`].
    pub fn new(
        method: Method,
        architecture: &Architecture,
        loss: &Loss,
        inputs: &Batch,
        labels: &[usize],
    ) -> Result<Self> {
        let source = match method {
            Method::Spectrum | Method::Matrix => {
                Source::Matrix(Box::new(HessianWorkspace::new(architecture, loss, inputs, labels)?))
            }
            Method::Products => Source::Products(Box::new(HessianOperator::new(architecture, loss, inputs, labels)?)),
        };
        Ok(Curvature {
            n: architecture.parameter_count(),
            method,
            source,
            matrix: Vec::new(),
            block: Vec::new(),
            eigen: EigenWorkspace::default(),
            lanczos: LeadingWorkspace::default(),
        })
    }

    /// What is found.
    pub fn route(&self) -> Route {
        self.method.route()
    }

    /// Replaces the labels, for example by a permutation of them; before the next [`Curvature::at`].
    ///
    /// # Errors
    /// As [`HessianWorkspace::set_labels`].
    pub fn set_labels(&mut self, labels: &[usize]) -> Result<()> {
        match &mut self.source {
            Source::Matrix(hessian) => hessian.set_labels(labels),
            Source::Products(operator) => operator.set_labels(labels),
        }
    }

    /// Makes `parameters` the θ of what is asked next.
    ///
    /// # Errors
    /// As [`HessianWorkspace::hessian`] and [`HessianOperator::linearize`].
    pub fn at(&mut self, parameters: &[f64]) -> Result<()> {
        match &mut self.source {
            Source::Matrix(hessian) => hessian.hessian(parameters, Part::Full, &mut self.matrix),
            Source::Products(operator) => operator.linearize(parameters),
        }
    }

    /// H(θ), P rows of P numbers, where there is a matrix.
    pub fn matrix(&self) -> Option<&[f64]> {
        matches!(self.source, Source::Matrix(_)).then_some(&self.matrix)
    }

    /// An estimate of the rounding error of H in the spectral norm, as [`HessianWorkspace::rounding`] explains it.
    pub fn rounding(&self) -> f64 {
        match &self.source {
            Source::Matrix(hessian) => hessian.rounding(),
            Source::Products(operator) => operator.rounding(),
        }
    }

    /// What is known of the spectrum of H(θ), and its trace.
    ///
    /// # Errors
    /// What the eigenvalue problem and the products report.
    pub fn measure(&mut self, wanted: &Wanted) -> Result<(Found, Trace)> {
        let rounding = self.rounding();
        if self.method == Method::Spectrum {
            return self.all(wanted, rounding);
        }
        let Wanted { leading, order, seed } = *wanted;
        let (mut operator, lanczos) = (operator(&mut self.source, &self.matrix, self.n)?, &mut self.lanczos);
        let found = leading_spectrum(&mut *operator, leading, order, seed, lanczos)?;
        let trace = estimated_trace(&mut *operator, &found, seed)?;
        Ok((from_products(found, order, rounding), trace))
    }

    /// As [`Curvature::measure`], where no trace is wanted.
    ///
    /// # Errors
    /// As [`Curvature::measure`].
    pub fn measure_leading(&mut self, wanted: &Wanted) -> Result<Found> {
        let rounding = self.rounding();
        if self.method == Method::Spectrum {
            return Ok(self.all(wanted, rounding)?.0);
        }
        let Wanted { leading, order, seed } = *wanted;
        let (mut operator, lanczos) = (operator(&mut self.source, &self.matrix, self.n)?, &mut self.lanczos);
        Ok(from_products(leading_spectrum(&mut *operator, leading, order, seed, lanczos)?, order, rounding))
    }

    /// As [`Curvature::measure_leading`], of the symmetric P × P matrix, row by row, that `draw` writes in place of H.
    ///
    /// # Errors
    /// What the eigenvalue problem reports.
    pub fn measure_drawn(&mut self, wanted: &Wanted, draw: impl FnOnce(&mut Vec<f64>)) -> Result<Found> {
        draw(&mut self.matrix);
        if self.method == Method::Spectrum {
            return Ok(self.all(wanted, 0.0)?.0);
        }
        let Wanted { leading, order, seed } = *wanted;
        let mut drawn = DenseMatrix::new(&self.matrix, self.n)?;
        Ok(from_products(leading_spectrum(&mut drawn, leading, order, seed, &mut self.lanczos)?, order, 0.0))
    }

    fn all(&mut self, wanted: &Wanted, rounding: f64) -> Result<(Found, Trace)> {
        let found = spectrum(&self.matrix, self.n, wanted.leading, wanted.order, &mut self.eigen)?;
        Ok(from_spectrum(found, wanted.order, rounding))
    }

    /// Of the preconditioned Hessian at θ, as [`Optimizer::preconditioned_hessian`] has it, all eigenvalues, descending, or
    /// with [`Route::Leading`] the largest alone. `None` for optimizers without a preconditioner and before the first step.
    ///
    /// # Errors
    /// As [`Curvature::measure`], and where the preconditioner has no inverse.
    pub fn preconditioned_eigenvalues(&mut self, optimizer: &Optimizer, seed: u64) -> Result<Option<Vec<f64>>> {
        if self.method == Method::Spectrum {
            let preconditioned = optimizer.preconditioned_hessian(&self.matrix)?;
            return preconditioned.map(|scaled| eigenvalues(&scaled, self.n, &mut self.eigen)).transpose();
        }
        let mut operator = operator(&mut self.source, &self.matrix, self.n)?;
        let Some(mut scaled) = optimizer.preconditioned(&mut *operator)? else { return Ok(None) };
        Ok(Some(vec![largest(&mut scaled, seed, &mut self.lanczos)?]))
    }

    /// The largest eigenvalue of the preconditioned Hessian at θ, or of H itself where the optimizer has no preconditioner.
    ///
    /// # Errors
    /// As [`Curvature::preconditioned_eigenvalues`].
    pub fn sharpness(&mut self, optimizer: &Optimizer, seed: u64) -> Result<f64> {
        if self.method == Method::Spectrum {
            let preconditioned = optimizer.preconditioned_hessian(&self.matrix)?;
            return largest_eigenvalue(preconditioned.as_ref().unwrap_or(&self.matrix), self.n, &mut self.eigen);
        }
        let mut operator = operator(&mut self.source, &self.matrix, self.n)?;
        if let Some(mut scaled) = optimizer.preconditioned(&mut *operator)? {
            return largest(&mut scaled, seed, &mut self.lanczos);
        }
        largest(&mut *operator, seed, &mut self.lanczos)
    }

    /// All eigenvalues and k leading eigenvectors of the diagonal block of H(θ) that `range` selects; `None` with
    /// [`Route::Leading`].
    ///
    /// # Errors
    /// What the eigenvalue problem reports.
    pub fn block(&mut self, range: Range<usize>, k: usize, order: Order) -> Result<Option<Spectrum>> {
        if self.route() == Route::Leading {
            return Ok(None);
        }
        let n = range.len();
        self.block.clear();
        self.block.reserve_exact(n * n);
        for i in range.clone() {
            self.block.extend_from_slice(&self.matrix[i * self.n..][range.clone()]);
        }
        spectrum(&self.block, n, k, order, &mut self.eigen).map(Some)
    }

    /// The density of all eigenvalues of H(θ), from `probes` random vectors with `steps` products each; `None` with
    /// [`Route::Full`], which gives all of them.
    ///
    /// # Errors
    /// What the products report.
    pub fn density(&mut self, probes: usize, steps: usize, seed: u64) -> Result<Option<SpectralDensity>> {
        if self.route() == Route::Full {
            return Ok(None);
        }
        let mut operator = operator(&mut self.source, &self.matrix, self.n)?;
        spectral_density(&mut *operator, None, probes, steps, seed).map(Some)
    }
}

/// H(θ) as an operator on R^n: `matrix`, where there is one.
fn operator<'a>(source: &'a mut Source, matrix: &'a [f64], n: usize) -> Result<Box<dyn SymmetricOperator + 'a>> {
    Ok(match source {
        Source::Matrix(_) => Box::new(DenseMatrix::new(matrix, n)?),
        Source::Products(operator) => Box::new(&mut **operator),
    })
}
