//! What a setting costs, before it is run: parameters, time per checkpoint, and memory ([`memory`](super::memory)).

use crate::curvature::{DENSE_PARAMETERS, Method, Route};
use crate::mlp::parameter_count;

/// From this many parameters on, the page warns where all eigenvalues are computed.
pub const WARN_PARAMETERS: usize = 1500;
/// Beyond this many parameters, the page refuses to compute all eigenvalues.
pub const MOST_PARAMETERS: usize = DENSE_PARAMETERS;
/// From so many seconds of a checkpoint on, the page warns where the leading pairs alone are computed.
pub const WARN_SECONDS: f64 = 5.0;

/// An estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// P.
    pub parameters: usize,
    /// How the leading eigenvectors are found.
    pub route: Route,
    /// Bytes of all runs and the null model, on the page and in the workers.
    pub bytes: f64,
    /// Bytes of the page or the worker that holds most.
    pub largest: f64,
    /// Seconds per checkpoint.
    pub seconds: f64,
}

/// Seconds of a checkpoint with the Hessian over `samples` samples and k = `leading`.
///
/// Where all eigenvalues are computed they are modelled as 1 ms + a N P² + b P³. Where the leading pairs alone are, as
/// 1 ms + m (c F + d (60 + 3 k) P): m products of F = 2 N (6 W − 4 n_0 n_1) floating-point operations with W weights, each made
/// orthogonal to a basis. Both times `calibration`: what a checkpoint took on this machine over this estimate of it, 1 before
/// the first checkpoint.
pub fn checkpoint_seconds(route: Route, layers: &[usize], samples: usize, leading: usize, calibration: f64) -> f64 {
    let (p, samples, k) = (parameter_count(layers) as f64, samples as f64, leading as f64);
    let seconds = match route {
        Route::Full => 1.2e-10 * samples * p * p + 0.8e-9 * p * p * p,
        Route::Leading => {
            let weights = |pair: &[usize]| pair[0] as f64 * pair[1] as f64;
            let all: f64 = layers.windows(2).map(weights).sum();
            let product = 2.0 * samples * (6.0 * all - 4.0 * weights(layers));
            // For the pairs with their check, the trace, and λ₁ one step before.
            let products = 45.0 + 3.0 * k;
            products * (1.6e-10 * product + 1e-9 * (60.0 + 3.0 * k) * p)
        }
    };
    calibration * (1e-3 + seconds)
}

/// The same of a checkpoint of which only the claims' numbers are wanted: without the spectra of layers and of the preconditioned
/// Hessian, and the Hessian one step before. With [`Method::Matrix`] it is modelled as 1 ms + a N P² + m d (P² + (60 + 3 k) P).
pub fn brief_checkpoint_seconds(
    method: Method,
    layers: &[usize],
    samples: usize,
    leading: usize,
    calibration: f64,
) -> f64 {
    if method != Method::Matrix {
        return 0.5 * checkpoint_seconds(method.route(), layers, samples, leading, calibration);
    }
    let (p, samples, k) = (parameter_count(layers) as f64, samples as f64, leading as f64);
    let products = 25.0 + 3.0 * k;
    calibration * (1e-3 + 1.2e-10 * samples * p * p + products * 4e-10 * p * (p + 60.0 + 3.0 * k))
}

/// Measured seconds of a checkpoint over modelled ones, kept within reason.
pub fn calibrate(measured: f64, modelled: f64) -> f64 {
    let ratio = measured / modelled;
    if ratio.is_finite() { ratio.clamp(0.02, 50.0) } else { 1.0 }
}

/// Bytes for people.
pub fn bytes(x: f64) -> String {
    if x < 9.995e5 {
        format!("{:.0} kB", (x / 1e3).max(1.0))
    } else if x < 9.995e8 {
        format!("{:.0} MB", x / 1e6)
    } else {
        format!("{:.1} GB", x / 1e9)
    }
}

/// Seconds for people.
pub fn seconds(x: f64) -> String {
    if x < 0.0995 {
        format!("{:.0} ms", (x * 1e3).max(1.0))
    } else if x < 99.5 {
        format!("{x:.1} s")
    } else {
        format!("{:.0} min", x / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_turns_the_model_into_the_measurement() {
        for route in [Route::Full, Route::Leading] {
            let model = checkpoint_seconds(route, &[16, 12, 10], 512, 5, 1.0);
            let calibration = calibrate(0.02, model);
            let calibrated = checkpoint_seconds(route, &[16, 12, 10], 512, 5, calibration);
            assert!((calibrated - 0.02).abs() < 1e-15);
        }
        assert_eq!(calibrate(f64::NAN, 1.0), 1.0);
        assert_eq!(calibrate(1.0, 0.0), 1.0);
    }

    /// By hand for 2-12-12-3, P = 231, with 300 samples and 40 products, in milliseconds: 1 + 1.92 for H, 1.14 for the products.
    #[test]
    fn a_brief_checkpoint_costs_less_than_a_whole_one() {
        let layers = [2, 12, 12, 3];
        let brief = |method| brief_checkpoint_seconds(method, &layers, 300, 5, 2.0);
        assert!((brief(Method::Matrix) - 2.0 * 4.052e-3).abs() < 2e-6, "{}", brief(Method::Matrix));
        for method in [Method::Spectrum, Method::Products] {
            assert_eq!(brief(method), 0.5 * checkpoint_seconds(method.route(), &layers, 300, 5, 2.0));
        }
        assert!(brief(Method::Matrix) < brief(Method::Spectrum));
    }

    #[test]
    fn bytes_are_written_in_the_unit_that_suits_them() {
        for (x, words) in [(0.0, "1 kB"), (27e6, "27 MB"), (999.4e3, "999 kB"), (999.6e3, "1 MB"), (999.6e6, "1.0 GB")]
        {
            assert_eq!(bytes(x), words);
        }
        assert_eq!(bytes(9.87e9), "9.9 GB");
    }
}
