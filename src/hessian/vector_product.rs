//! H v without H, by differentiating back-propagation forwards in the direction v (Pearlmutter 1994).
//!
//! Sample by sample and in plain loops: this is the independent check on the matrix, so it shares nothing with it but φ, ℓ
//! and their derivatives.

use crate::error::{Error, Result};
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch};

/// H(θ) v (length P), with `inputs` n_0 × samples and one label per sample.
///
/// With R = d/dε at θ + ε v: R z_l = W_l R a_{l−1} + V_l a_{l−1} + v_l, R δ_L = S R f,
/// R(W_{l+1}ᵀδ_{l+1}) = W_{l+1}ᵀ R δ_{l+1} + V_{l+1}ᵀ δ_{l+1}, and (H v)_l = (1/N) Σ_n R δ_l ã_{l−1}ᵀ + δ_l (R ã_{l−1})ᵀ.
///
/// # Errors
/// [`Error::Invalid`] where shapes, labels or parameters do not fit, [`Error::NotFinite`] if the result is not finite.
pub fn hessian_vector_product(
    architecture: &Architecture,
    loss: &Loss,
    inputs: &Batch,
    labels: &[usize],
    parameters: &[f64],
    vector: &[f64],
) -> Result<Vec<f64>> {
    super::check_data(architecture, loss, inputs, labels)?;
    architecture.check_parameters("parameters", parameters)?;
    architecture.check_parameters("vector", vector)?;
    let depth = architecture.depth();
    let mut product = vec![0.0; parameters.len()];
    for (n, &label) in labels.iter().enumerate() {
        // Per layer: its input a and R a; per hidden layer: φ′, φ″ and R z.
        let mut a = vec![(0..inputs.units()).map(|unit| inputs.at(unit, n)).collect::<Vec<f64>>()];
        let mut ra = vec![vec![0.0; inputs.units()]];
        let (mut first, mut second, mut rz) = (Vec::new(), Vec::new(), Vec::new());
        for l in 0..depth {
            let (w, b) = (&parameters[architecture.weights(l)], &parameters[architecture.biases(l)]);
            let (v, c) = (&vector[architecture.weights(l)], &vector[architecture.biases(l)]);
            let width = architecture.inputs(l);
            let (mut z, mut r) = (b.to_vec(), c.to_vec());
            for i in 0..z.len() {
                for j in 0..width {
                    z[i] += w[i * width + j] * a[l][j];
                    r[i] += w[i * width + j] * ra[l][j] + v[i * width + j] * a[l][j];
                }
            }
            if l + 1 < depth {
                let jets: Vec<_> = z.iter().map(|&z| architecture.activation().jet(z)).collect();
                a.push(jets.iter().map(|jet| jet.value).collect());
                ra.push(jets.iter().zip(&r).map(|(jet, r)| jet.first * r).collect());
                first.push(jets.iter().map(|jet| jet.first).collect::<Vec<f64>>());
                second.push(jets.iter().map(|jet| jet.second).collect::<Vec<f64>>());
                rz.push(r);
            } else {
                a.push(z);
                ra.push(r);
            }
        }

        let classes = architecture.classes();
        let (mut delta, mut probabilities) = (vec![0.0; classes], vec![0.0; classes]);
        loss.evaluate(&a[depth], label, &mut delta, &mut probabilities);
        let curved = |c: usize| (0..classes).map(|d| loss.curvature(&probabilities, c, d) * ra[depth][d]).sum();
        let mut rdelta: Vec<f64> = (0..classes).map(curved).collect();
        for l in (0..depth).rev() {
            let width = architecture.inputs(l);
            let weights = architecture.weights(l);
            let biases = architecture.biases(l);
            for i in 0..delta.len() {
                for j in 0..width {
                    product[weights.start + i * width + j] += rdelta[i] * a[l][j] + delta[i] * ra[l][j];
                }
                product[biases.start + i] += rdelta[i];
            }
            if l == 0 {
                break;
            }
            let (w, v) = (&parameters[weights.clone()], &vector[weights]);
            let (mut below, mut rbelow) = (vec![0.0; width], vec![0.0; width]);
            for j in 0..width {
                let (mut g, mut rg) = (0.0, 0.0);
                for i in 0..delta.len() {
                    g += w[i * width + j] * delta[i];
                    rg += w[i * width + j] * rdelta[i] + v[i * width + j] * delta[i];
                }
                below[j] = first[l - 1][j] * g;
                rbelow[j] = first[l - 1][j] * rg + second[l - 1][j] * rz[l - 1][j] * g;
            }
            (delta, rdelta) = (below, rbelow);
        }
    }
    let scale = 1.0 / labels.len() as f64;
    product.iter_mut().for_each(|entry| *entry *= scale);
    if product.iter().all(|entry| entry.is_finite()) {
        Ok(product)
    } else {
        Err(Error::not_finite("the Hessian-vector product"))
    }
}
