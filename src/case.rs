//! One network at one point: loss, gradient, exact Hessian and spectrum of a case given in full.

use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::curvature::{Curvature, Route, SpectrumMode, Wanted};
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::gradient::GradientWorkspace;
use crate::localization::inverse_participation_ratio;
use crate::loss::{Loss, LossFunction};
use crate::measured::Measured;
use crate::mlp::{Architecture, Batch};
use crate::spectrum::{Certificates, Determination, Order, SpectralDensity};

/// A network, its parameters and its data. Fields beyond these are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Case {
    /// n_0, …, n_L.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 2, max = crate::mlp::MAX_HIDDEN_LAYERS + 2), inner(range(min = 1, max = crate::mlp::MAX_WIDTH))))]
    pub layers: Vec<usize>,
    /// φ of the hidden layers.
    pub activation: Activation,
    /// The loss.
    pub loss_function: LossFunction,
    /// Label smoothing of the cross-entropy, in [0, 1).
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0), extend("exclusiveMaximum" = 1)))]
    pub label_smoothing: f64,
    /// N rows of n_0 numbers.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1)))]
    pub inputs: Vec<Vec<f64>>,
    /// N classes below n_L.
    pub labels: Vec<usize>,
    /// θ: per layer the weight matrix (outputs × inputs) row by row, then the bias.
    pub parameters: Vec<f64>,
    /// How many leading eigenvectors are wanted; at most P of them are given.
    #[serde(default = "Case::default_leading")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1)))]
    pub leading: usize,
    /// What leading means.
    #[serde(default)]
    pub leading_order: Order,
    /// Whether the matrix and all eigenvalues are wanted, or the leading ones alone.
    #[serde(default)]
    pub spectrum: SpectrumMode,
}

/// Random vectors and products with each of them, from which the density of all eigenvalues is estimated.
const DENSITY: (usize, usize) = (8, 48);
/// The seed of random starts and vectors.
const SEED: u64 = 1;

/// What is known at one point θ.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Analysis {
    /// L(θ).
    pub loss: f64,
    /// Share of samples classified correctly.
    pub accuracy: f64,
    /// f, N rows of n_L numbers.
    pub logits: Vec<Vec<f64>>,
    /// ∇L, P numbers.
    pub gradient: Vec<f64>,
    /// How the leading eigenvectors were found.
    pub spectrum: Route,
    /// H, P rows of P numbers; left out with `leading`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hessian_rows: Vec<Vec<f64>>,
    /// λ_1 ≥ … ≥ λ_P; left out with `leading`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub eigenvalues_descending: Vec<f64>,
    /// The eigenvalues of `leading_eigenvectors`, in their order.
    pub leading_eigenvalues: Vec<f64>,
    /// The most leading of the other eigenvalues; `None` where there is no other.
    pub next_eigenvalue: Option<f64>,
    /// tr H; an estimate with `leading`.
    pub trace: f64,
    /// Of the estimate; left out where the trace is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_standard_error: Option<f64>,
    /// The density of all eigenvalues, estimated; left out where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spectral_density: Option<SpectralDensity>,
    /// The leading eigenvectors, each with its largest entry positive.
    pub leading_eigenvectors: Vec<Vec<f64>>,
    /// Their inverse participation ratios, where they are determined.
    pub leading_ipr: Vec<Measured>,
    /// Which of them are determined.
    pub determination: Determination,
    /// How exact the spectrum is.
    pub certificates: Certificates,
}

impl Case {
    fn default_leading() -> usize {
        5
    }

    /// Reads a case from JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field, or the line and column where the text stops being JSON.
    pub fn from_json(text: &str) -> Result<Self> {
        crate::json::from_json(text, "case")
    }

    /// The network of this case and the route to its spectrum, after all checks.
    fn checked(&self) -> Result<(Architecture, Loss, Dataset, Route)> {
        let architecture = Architecture::new(self.layers.clone(), self.activation)?;
        let leading = self.leading.min(architecture.parameter_count());
        let route = self.spectrum.allowed(&self.layers, self.inputs.len(), leading, 1);
        let route = route.map_err(|problem| Error::invalid("layers", problem))?;
        let loss = Loss { function: self.loss_function, label_smoothing: self.label_smoothing };
        loss.validate()?;
        architecture.check_parameters("parameters", &self.parameters)?;
        let width = architecture.inputs(0);
        if let Some(n) = self.inputs.iter().position(|row| row.len() != width) {
            let problem = format!("row {} has {} numbers; the first layer takes {width}", n + 1, self.inputs[n].len());
            return Err(Error::invalid("inputs", problem));
        }
        if self.inputs.is_empty() {
            return Err(Error::invalid("inputs", "is empty; at least one sample is needed"));
        }
        if self.labels.len() != self.inputs.len() {
            let problem = format!("has {} entries for {} rows of inputs", self.labels.len(), self.inputs.len());
            return Err(Error::invalid("labels", problem));
        }
        let classes = architecture.classes();
        if let Some(n) = self.labels.iter().position(|&label| label >= classes) {
            let problem =
                format!("entry {} is {}; the last layer has the classes 0 to {}", n + 1, self.labels[n], classes - 1);
            return Err(Error::invalid("labels", problem));
        }
        if self.leading == 0 {
            return Err(Error::invalid("leading", "is 0; allowed are 1 and more"));
        }
        let data = Dataset::from_rows(self.inputs.clone(), self.labels.clone())?;
        Ok((architecture, loss, data, route))
    }
}

/// Loss, gradient, exact Hessian and spectrum of `case`.
///
/// # Errors
/// [`Error::Invalid`] names the field that is not allowed; [`Error::NotFinite`] when a number overflows on the way.
pub fn analyze(case: &Case) -> Result<Analysis> {
    let (architecture, loss, data, route) = case.checked()?;
    let p = architecture.parameter_count();
    let inputs = Batch::from_rows(&data.inputs, data.features);
    let mut workspace = GradientWorkspace::new(&architecture, data.len());
    let mut gradient = vec![0.0; p];
    let evaluation = workspace.gradient(&architecture, &loss, &case.parameters, &inputs, &data.labels, &mut gradient);
    if !evaluation.loss.is_finite() {
        return Err(Error::not_finite("the loss"));
    }
    if !gradient.iter().all(|g| g.is_finite()) {
        return Err(Error::not_finite("the gradient"));
    }
    if !workspace.logits().data().iter().all(|f| f.is_finite()) {
        return Err(Error::not_finite("a logit"));
    }
    let mut curvature = Curvature::new(route.into(), &architecture, &loss, &inputs, &data.labels)?;
    curvature.at(&case.parameters)?;
    let wanted = Wanted { leading: case.leading.min(p), order: case.leading_order, seed: SEED };
    let (found, trace) = curvature.measure(&wanted)?;
    let (probes, steps) = DENSITY;
    let spectral_density = curvature.density(probes, steps, SEED)?;
    let directions = found.directions;
    let rows = |flat: &[f64]| flat.chunks_exact(p).map(<[f64]>::to_vec).collect::<Vec<_>>();
    let logits = workspace.logits();
    Ok(Analysis {
        loss: evaluation.loss,
        accuracy: evaluation.accuracy,
        logits: (0..data.len()).map(|n| (0..architecture.classes()).map(|c| logits.at(c, n)).collect()).collect(),
        gradient,
        spectrum: route,
        hessian_rows: curvature.matrix().map_or(Vec::new(), rows),
        leading_ipr: directions.measure(inverse_participation_ratio),
        leading_eigenvectors: rows(&directions.vectors),
        determination: directions.determination,
        eigenvalues_descending: found.eigenvalues,
        leading_eigenvalues: found.leading,
        next_eigenvalue: found.next,
        trace: trace.value,
        trace_standard_error: trace.standard_error,
        spectral_density,
        certificates: found.certificates,
    })
}
