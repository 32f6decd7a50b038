//! Eigenvalues and eigenvectors of D + ρ u uᵀ, D diagonal, ρ > 0: the roots λ of 1 + Σ_i ρ u_i² / (d_i − λ) = 0.
//!
//! Sources: Golub & Van Loan, Matrix Computations, 8.4.3; Gu & Eisenstat, SIAM J. Matrix Anal. Appl. 15 (1994) 1266, for
//! vectors that are orthogonal although the roots are rounded.

use super::pair::Pair;

/// Evaluations per root before the best point so far is taken; 4 to 8 are usual.
const EVALUATIONS: usize = 100;

/// The two halves of Σ c_i / x_i, below and above the root, and their derivatives by λ.
struct Sums {
    below: f64,
    below_slope: f64,
    above: f64,
    above_slope: f64,
}

impl Sums {
    fn value(&self) -> f64 {
        1.0 + self.below + self.above
    }
}

/// Eigenvalue j of diag(d) + ρ u uᵀ, where c_i = ρ u_i² > 0 and d ascends strictly. Writes d_i − λ to `differences`:
/// these are accurate even where λ is close to d_i, because λ is held as a distance from the nearest d.
pub fn root(d: &[f64], c: &[f64], j: usize, differences: &mut [f64]) -> f64 {
    let k = d.len();
    let (origin, eta) = if k == 1 { (d[0], c[0]) } else { search(d, c, j) };
    for (difference, d) in differences.iter_mut().zip(d) {
        *difference = (d - origin) - eta;
    }
    origin + eta
}

/// The root as origin + η; k ≥ 2.
fn search(d: &[f64], c: &[f64], j: usize) -> (f64, f64) {
    let k = d.len();
    let last = j == k - 1;
    // Left of the root stand the terms up to `split`; the last root has no term to its right, and keeps its own apart.
    let split = j.min(k - 2);
    let (mut origin, mut low, mut high) =
        if last { (d[j], 0.0, c.iter().sum()) } else { (d[j], 0.0, 0.5 * (d[j + 1] - d[j])) };
    let mut eta = if last { 0.5 * high } else { high };
    let mut sums = evaluate(d, c, split, origin, eta);
    if !last && sums.value() < 0.0 {
        (origin, low, high) = (d[j + 1], -high, 0.0);
        eta = low;
    }
    for _ in 0..EVALUATIONS {
        let f = sums.value();
        if f.abs() <= f64::EPSILON * k as f64 * (1.0 + sums.below.abs() + sums.above.abs()) {
            break;
        }
        if f < 0.0 {
            low = eta
        } else {
            high = eta
        }
        let near = next(&sums, (d[split] - origin) - eta, (d[split + 1] - origin) - eta, last);
        let mut following = eta + near;
        if !(following > low && following < high) {
            following = 0.5 * (low + high);
        }
        if following == eta {
            break;
        }
        eta = following;
        sums = evaluate(d, c, split, origin, eta);
    }
    (origin, eta)
}

/// The step to the root of the function r + s / (x₁ − t) + S / (x₂ − t) that has the sums' values and slopes at t = 0:
/// each half replaced by its nearest pole and a constant.
fn next(sums: &Sums, x1: f64, x2: f64, last: bool) -> f64 {
    let f = sums.value();
    let constant = f - x1 * sums.below_slope - x2 * sums.above_slope;
    let a = (x1 + x2) * f - x1 * x2 * (sums.below_slope + sums.above_slope);
    let b = x1 * x2 * f;
    // constant t² − a t + b = 0: the root between the poles, or right of both.
    let constant = if last { constant.abs() } else { constant };
    let root = (a * a - 4.0 * b * constant).abs().sqrt();
    match (last, a > 0.0) {
        (false, true) => 2.0 * b / (a + root),
        (false, false) => (a - root) / (2.0 * constant),
        (true, true) => (a + root) / (2.0 * constant),
        (true, false) => 2.0 * b / (a - root),
    }
}

fn evaluate(d: &[f64], c: &[f64], split: usize, origin: f64, eta: f64) -> Sums {
    let (below, below_slope) = half(&d[..=split], &c[..=split], origin, eta);
    let (above, above_slope) = half(&d[split + 1..], &c[split + 1..], origin, eta);
    Sums { below, below_slope, above, above_slope }
}

/// Σ c_i / x_i and Σ c_i / x_i², x_i = (d_i − origin) − η.
fn half(d: &[f64], c: &[f64], origin: f64, eta: f64) -> (f64, f64) {
    let (d2, d_rest) = d.as_chunks::<2>();
    let (c2, c_rest) = c.as_chunks::<2>();
    let (one, o, h) = (Pair::splat(1.0), Pair::splat(origin), Pair::splat(eta));
    let (mut sum, mut slope) = (Pair::zero(), Pair::zero());
    for (d, c) in d2.iter().zip(c2) {
        let inverse = one / ((Pair::load(d) - o) - h);
        let term = Pair::load(c) * inverse;
        sum = sum + term;
        slope = slope + term * inverse;
    }
    let (mut sum, mut slope) = (sum.sum(), slope.sum());
    for (d, c) in d_rest.iter().zip(c_rest) {
        let inverse = 1.0 / ((d - origin) - eta);
        let term = c * inverse;
        sum += term;
        slope += term * inverse;
    }
    (sum, slope)
}

/// Row j of `rows` (k × k) goes from the differences d_i − λ_j to the unit eigenvector of λ_j.
///
/// The vectors are those of D + û ûᵀ, with û such that the rounded λ are its exact eigenvalues:
/// û_i² = Π_j (λ_j − d_i) / Π_{j≠i} (d_j − d_i), with the signs of u.
pub fn vectors(d: &[f64], u: &[f64], rows: &mut [f64], products: &mut Vec<f64>) {
    let k = d.len();
    products.clear();
    products.resize(k, 1.0);
    for (j, row) in rows.chunks_exact(k).enumerate() {
        let ratio = |i: usize| row[i] / (d[i] - d[j]);
        (0..j).for_each(|i| products[i] *= ratio(i));
        products[j] *= row[j];
        (j + 1..k).for_each(|i| products[i] *= ratio(i));
    }
    for (product, u) in products.iter_mut().zip(u) {
        *product = product.abs().sqrt().copysign(*u);
    }
    for row in rows.chunks_exact_mut(k) {
        for (entry, weight) in row.iter_mut().zip(&*products) {
            *entry = weight / *entry;
        }
        let scale = 1.0 / crate::matmul::dot(row, row).sqrt();
        row.iter_mut().for_each(|entry| *entry *= scale);
    }
}
