//! The exact Hessian of a small network of your own, checked against Hessian-vector products.
//!
//! `cargo run --example exact_hessian`

use eigendrift::hessian::{HessianWorkspace, Part, hessian_vector_product};
use eigendrift::localization::{inverse_participation_ratio, random_direction_ipr};
use eigendrift::spectrum::{EigenWorkspace, spectrum};
use eigendrift::{Activation, Architecture, Batch, Loss, LossFunction, Order, Result};

fn main() -> Result<()> {
    // Two inputs, three hidden units, two classes: θ ∈ R^17.
    let network = Architecture::new(vec![2, 3, 2], Activation::Tanh)?;
    let loss = Loss::new(LossFunction::CrossEntropy);
    let p = network.parameter_count();

    // Exclusive or, one sample per row; and a start without symmetry.
    let inputs = Batch::from_rows(&[-1.0, -1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0], network.inputs(0));
    let labels = [0, 1, 1, 0];
    let parameters: Vec<f64> = (0..p).map(|a| (1.0 + 3.0 * a as f64).sin()).collect();

    // H = ∇²L(θ), P × P, row by row.
    let mut hessian = Vec::new();
    HessianWorkspace::new(&network, &loss, &inputs, &labels)?.hessian(&parameters, Part::Full, &mut hessian)?;

    let k = 3;
    let found = spectrum(&hessian, p, k, Order::Algebraic, &mut EigenWorkspace::default())?;
    println!("P = {p}, tr H = {:.6}, by chance IPR = {:.4}", found.trace, random_direction_ipr(p));
    println!("eigenvalues: {:.4?}", found.eigenvalues);
    println!("{:>4} {:>12} {:>8} {:>16}", "rank", "λ", "IPR", "‖Hv − λv‖");
    for i in 0..k {
        // H v by differentiating back-propagation in the direction v: it never sees the matrix.
        let (v, eigenvalue) = (found.vector(i), found.leading_eigenvalue(i));
        let product = hessian_vector_product(&network, &loss, &inputs, &labels, &parameters, v)?;
        let residual = product.iter().zip(v).map(|(hv, v)| (hv - eigenvalue * v).powi(2)).sum::<f64>().sqrt();
        println!("{:>4} {eigenvalue:>12.6} {:>8.4} {residual:>16.1e}", i + 1, inverse_participation_ratio(v));
    }
    Ok(())
}
