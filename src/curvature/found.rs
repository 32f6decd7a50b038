//! What was found of one spectrum, from all of it or from its leading pairs.

use crate::displacement::Directions;
use crate::error::{Error, Result};
use crate::measured::Measured;
use crate::spectrum::{
    Certificates, Estimate, LeadingSpectrum, LeadingWorkspace, Order, Spectrum, SymmetricOperator, leading_spectrum,
    spectral_density,
};

/// Random vectors from which a trace is estimated.
const PROBES: usize = 8;

/// Which pairs are wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// k.
    pub leading: usize,
    /// What leading means.
    pub order: Order,
    /// Of random starts and probes.
    pub seed: u64,
}

/// tr H.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trace {
    /// The trace, or an estimate of it.
    pub value: f64,
    /// Of the estimate; none where the trace is exact.
    pub standard_error: Option<f64>,
}

/// What was found of one spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// All P eigenvalues, descending; empty with [`Route::Leading`](super::Route::Leading).
    pub eigenvalues: Vec<f64>,
    /// The k leading ones, the most leading first.
    pub leading: Vec<f64>,
    /// The most leading of the others, as far as it is known; none where there is no other.
    pub next: Option<f64>,
    /// ‖H‖₂, and with [`Route::Leading`](super::Route::Leading) what is known of it, a lower bound.
    pub norm: f64,
    /// The algebraically largest eigenvalue, where it is among those that are known.
    pub largest: Option<f64>,
    /// The leading eigenvectors.
    pub directions: Directions,
    /// How exact all this is.
    pub certificates: Certificates,
}

/// What all of a spectrum gives, if the matrix is known up to `rounding` in the spectral norm.
pub fn from_spectrum(found: Spectrum, order: Order, rounding: f64) -> (Found, Trace) {
    let determination = found.determination(rounding);
    let ends = [found.eigenvalues[0], found.eigenvalues[found.n - 1]];
    let trace = Trace { value: found.trace, standard_error: None };
    let found = Found {
        leading: (0..found.kept()).map(|i| found.leading_eigenvalue(i)).collect(),
        next: next_of(&found, order),
        norm: ends.iter().fold(0.0, |most: f64, value| most.max(value.abs())),
        largest: Some(ends[0]),
        eigenvalues: found.eigenvalues,
        directions: Directions { vectors: found.vectors, determination },
        certificates: found.certificates,
    };
    (found, trace)
}

/// The most leading eigenvalue that was not kept.
fn next_of(found: &Spectrum, order: Order) -> Option<f64> {
    let mut others = (0..found.n).filter(|i| !found.leading.contains(i)).map(|i| found.eigenvalues[i]);
    let first = others.next();
    match order {
        Order::Algebraic => first,
        Order::Magnitude => {
            first.map(|first| others.fold(first, |most, x| if x.abs() > most.abs() { x } else { most }))
        }
    }
}

/// What leading pairs alone give, if their operator is known up to `rounding` in the spectral norm.
pub fn from_products(found: LeadingSpectrum, order: Order, rounding: f64) -> Found {
    let (determination, norm) = (found.determination(rounding), found.norm());
    let LeadingSpectrum { eigenvalues, vectors, residuals, next, products, certificates: c, .. } = found;
    // Were there one larger than a positive one that leads by magnitude, it would lead as well.
    let most = eigenvalues.iter().fold(f64::NEG_INFINITY, |most: f64, value| most.max(*value));
    Found {
        eigenvalues: Vec::new(),
        next: next.map(|next| next.eigenvalue),
        norm,
        largest: Some(most).filter(|most| order == Order::Algebraic || *most > 0.0),
        certificates: Certificates {
            max_residual: c.max_residual,
            symmetry_defect: c.symmetry_defect,
            trace_defect: Measured::UNDETERMINED,
            orthogonality_defect: c.orthogonality_defect,
            angle_bounds: c.angle_bounds,
            residuals,
            checked_residual: Some(c.checked_residual),
            products: Some(products),
            omissions: c.omissions,
        },
        leading: eigenvalues,
        directions: Directions { vectors, determination },
    }
}

/// The trace of `operator` from what is known of its leading pairs and random vectors drawn from `seed`: after one step each
/// of these has its own vᵀ H v.
///
/// # Errors
/// As [`spectral_density`]; [`Error::NotFinite`] where the sum is beyond the largest number.
pub fn estimated_trace(operator: &mut dyn SymmetricOperator, leading: &LeadingSpectrum, seed: u64) -> Result<Trace> {
    let Estimate { value, standard_error } = spectral_density(operator, Some(leading), PROBES, 1, seed)?.trace();
    if !(value.is_finite() && standard_error.is_finite()) {
        return Err(Error::not_finite("the estimated trace of the Hessian"));
    }
    Ok(Trace { value, standard_error: Some(standard_error) })
}

/// The algebraically largest eigenvalue of `operator`.
///
/// # Errors
/// As [`leading_spectrum`].
pub fn largest(operator: &mut dyn SymmetricOperator, seed: u64, lanczos: &mut LeadingWorkspace) -> Result<f64> {
    Ok(leading_spectrum(operator, 1, Order::Algebraic, seed, lanczos)?.eigenvalues[0])
}
