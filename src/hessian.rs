//! The exact Hessian H(θ) = ∇²L(θ) ∈ R^{P×P}, from matrix products instead of P Hessian-vector products.
//!
//! Per sample, with δ_l = ∂ℓ/∂z_l, S = ∂²ℓ/∂f², T_lm = ∂z_l/∂z_m and R_lm = ∂δ_l/∂z_m:
//!
//! ```text
//! T_mm = I,  T_lm = W_l diag(φ′(z_{l−1})) T_{l−1,m}
//! R_Lm = S T_Lm,  R_lm = diag(φ′(z_l)) W_{l+1}ᵀ R_{l+1,m} + diag(φ″(z_l) ⊙ W_{l+1}ᵀ δ_{l+1}) T_lm
//!
//! ∂²ℓ/∂W̃_l[i,j] ∂W̃_m[p,q] = R_lm[i,p] ã_{l−1}[j] ã_{m−1}[q]                            m ≤ l
//!                          + δ_l[i] φ′(z_{l−1})[j] T_{l−1,m}[j,p] ã_{m−1}[q]          m < l, j not the bias
//! ```
//!
//! with W̃ = (W, b) and ã = (a, 1). Summed over samples, the first line is one matrix product of (i, p) against (j, q),
//! about N P²/4 multiply-adds for all blocks, since the diagonal blocks need only i ≤ p and j ≤ q. Samples go through in
//! tiles, so that a tile's factors stay in cache. Inputs that are 0 in all samples are left out of all of this, and where many
//! inputs are 0 in some, the products with ã_0 pass over these samples.
//!
//! The stages are `#[inline(never)]`: inlined into one function, their loops run short of registers in V8, which costs a
//! fifth of the time of small networks.

mod active_inputs;
mod linearization;
mod sensitivity;
mod block;
mod vector_product;
mod tile;
mod tangent;
mod operator;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch};
use active_inputs::ActiveInputs;
use block::{Block, Factor, Scratch, pair_count};
use linearization::Linearization;
use sensitivity::Sensitivity;

pub use operator::HessianOperator;
pub use vector_product::hessian_vector_product;

/// The first layer's factor ã_0 ã_0 depends on the data alone and is kept from checkpoint to checkpoint while it is not
/// larger than this many numbers (64 MiB); otherwise it is rebuilt tile by tile.
const KEPT_FACTOR: usize = 8 << 20;

/// Which part of H = H_GN + H_R.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// H itself.
    Full,
    /// The Gauss-Newton part (1/N) Σ_n Jᵀ S J, J = ∂f/∂θ: positive semidefinite for both losses.
    GaussNewton,
    /// The residual part (1/N) Σ_n Σ_c (∂ℓ/∂f_c) ∇²f_c.
    Residual,
}

/// Computes Hessians of one loss on one set of samples at many θ, with all room allocated once.
#[derive(Debug, Clone)]
pub struct HessianWorkspace {
    active: ActiveInputs,
    loss: Loss,
    labels: Vec<usize>,
    /// θ of the active inputs.
    parameters: Vec<f64>,
    tiles: Vec<Linearization>,
    sensitivity: Sensitivity,
    /// One per tile, or none where it is not kept; clones share it.
    first_factor: Arc<Vec<Factor>>,
    /// All (l, m) with m ≤ l, by m.
    blocks: Vec<Vec<Block>>,
    scratch: Scratch,
    /// (1/N) Σ_n ‖∂f/∂θ‖²_F at the last θ.
    squared_jacobian: f64,
}

impl HessianWorkspace {
    /// A workspace for `inputs` (n_0 × samples) with one label per sample.
    ///
    /// # Errors
    /// [`Error::Invalid`] where shapes, labels or the loss do not fit, [`Error::NotFinite`] for NaN or infinity in `inputs`.
    pub fn new(architecture: &Architecture, loss: &Loss, inputs: &Batch, labels: &[usize]) -> Result<Self> {
        check_data(architecture, loss, inputs, labels)?;
        let active = ActiveInputs::new(architecture, inputs);
        let architecture = active.reduced();
        let tiles = Linearization::tiles(&active, inputs);
        let columns = tiles[0].columns();
        let depth = architecture.depth();
        let kept = pair_count(active.whole().inputs(0) + 1) * tiles.len() * columns <= KEPT_FACTOR;
        let column = |m: usize| (m..depth).map(|l| Block::new(&active, inputs, l, m, kept && l == 0)).collect();
        let blocks: Vec<Vec<Block>> = (0..depth).map(column).collect();
        let mut first_factor = Vec::new();
        if kept {
            let ones = vec![1.0; columns];
            first_factor.extend(tiles.iter().map(|network| blocks[0][0].factor(network, &ones)));
        }
        Ok(HessianWorkspace {
            loss: *loss,
            labels: labels.to_vec(),
            parameters: Vec::new(),
            tiles,
            sensitivity: Sensitivity::new(architecture, columns),
            first_factor: Arc::new(first_factor),
            blocks,
            scratch: Scratch::new(columns),
            squared_jacobian: 0.0,
            active,
        })
    }

    /// Replaces the labels, for example by a permutation of them.
    ///
    /// # Errors
    /// [`Error::Invalid`] if their number changes or one is not a class.
    pub fn set_labels(&mut self, labels: &[usize]) -> Result<()> {
        check_labels(self.active.whole(), self.labels.len(), labels)?;
        self.labels.copy_from_slice(labels);
        Ok(())
    }

    /// Writes H(θ), or a part of it, into `hessian`: P × P, row-major, both triangles, symmetric to the last bit.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `parameters` does not have P finite entries, [`Error::NotFinite`] if H is not finite.
    pub fn hessian(&mut self, parameters: &[f64], part: Part, hessian: &mut Vec<f64>) -> Result<()> {
        self.active.whole().check_parameters("parameters", parameters)?;
        self.active.gather(parameters, &mut self.parameters);
        let (architecture, parameters) = (self.active.reduced(), &self.parameters);
        self.blocks.iter_mut().flatten().for_each(Block::clear);
        self.squared_jacobian = 0.0;
        for (t, network) in self.tiles.iter_mut().enumerate() {
            network.run(architecture, &self.loss, &self.labels, parameters, part);
            self.sensitivity.load_curvature(network, &self.loss);
            for (m, column) in self.blocks.iter_mut().enumerate() {
                self.sensitivity.respond(architecture, network, parameters, m);
                self.squared_jacobian += self.sensitivity.squared_jacobian(network, m) / self.labels.len() as f64;
                let kept = if m == 0 { self.first_factor.get(t) } else { None };
                for block in column {
                    block.add(architecture, network, &self.sensitivity, kept, &mut self.scratch);
                }
            }
        }
        if !self.blocks.iter().flatten().all(Block::is_finite) {
            return Err(Error::not_finite("the Hessian"));
        }
        hessian.resize(self.active.whole().parameter_count().pow(2), 0.0);
        for block in self.blocks.iter().flatten() {
            block.place(&self.active, &mut self.scratch, hessian);
        }
        Ok(())
    }

    /// An estimate of the rounding error of the last Hessian in the spectral norm: C ε (1/N) Σ_n ‖∂f/∂θ‖²_F.
    ///
    /// The entries of S = ∂²ℓ/∂f² are differences of numbers up to 1, such as p_c − p_c², and so are exact to about ε and
    /// no better, however small they are; ‖δS‖₂ ≤ C max |δS_cd|, and H_GN = (1/N) Σ_n Jᵀ S J passes the error on. A
    /// saturated network has a Hessian below this error.
    pub fn rounding(&self) -> f64 {
        self.active.whole().classes() as f64 * f64::EPSILON * self.squared_jacobian
    }
}

fn check_data(architecture: &Architecture, loss: &Loss, inputs: &Batch, labels: &[usize]) -> Result<()> {
    loss.validate()?;
    if inputs.units() != architecture.inputs(0) {
        let problem = format!("have {} features; the network has {} inputs", inputs.units(), architecture.inputs(0));
        return Err(Error::invalid("inputs", problem));
    }
    if inputs.samples() == 0 {
        return Err(Error::invalid("inputs", "are empty; at least one sample is needed"));
    }
    if !inputs.data().iter().all(|x| x.is_finite()) {
        return Err(Error::not_finite("inputs"));
    }
    check_labels(architecture, inputs.samples(), labels)
}

fn check_labels(architecture: &Architecture, samples: usize, labels: &[usize]) -> Result<()> {
    if labels.len() != samples {
        let problem = format!("are {} for {samples} samples; one per sample is needed", labels.len());
        return Err(Error::invalid("labels", problem));
    }
    let classes = architecture.classes();
    if let Some(&label) = labels.iter().find(|&&label| label >= classes) {
        let problem = format!("hold {label}; classes are counted from 0 to {}", classes - 1);
        return Err(Error::invalid("labels", problem));
    }
    Ok(())
}
