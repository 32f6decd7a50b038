//! What a setting costs, before it is run: parameters, memory, time per checkpoint.

use crate::mlp::parameter_count;

/// From this many parameters on, the page warns.
pub const WARN_PARAMETERS: usize = 1500;
/// Beyond this many parameters, the page refuses to start.
pub const MOST_PARAMETERS: usize = 3000;

/// An estimate for one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// P.
    pub parameters: usize,
    /// Bytes in the worker and on the page.
    pub bytes: f64,
    /// Seconds per checkpoint.
    pub seconds: f64,
}

/// The cost of `checkpoints` checkpoints with k leading eigenvectors and the Hessian over `samples` samples.
///
/// Time is modelled as 1 ms + a N P² + b P³, multiplied by `calibration`: what a checkpoint took on this machine over
/// this estimate of it, 1 before the first checkpoint.
pub fn estimate(layers: &[usize], samples: usize, checkpoints: usize, k: usize, calibration: f64) -> Cost {
    let count = parameter_count(layers);
    let p = count as f64;
    // Two dense matrices (the Hessian and its reduction) and the rows of all samples; on the page k vectors, all
    // eigenvalues and θ for each checkpoint.
    let worker = 8.0 * (2.0 * p * p + 4.0 * samples as f64 * p.sqrt());
    let page = 8.0 * checkpoints as f64 * p * (k as f64 + 2.0);
    let seconds = calibration * (1e-3 + 1.2e-10 * samples as f64 * p * p + 0.8e-9 * p * p * p);
    Cost { parameters: count, bytes: worker + page, seconds }
}

/// Measured seconds of a checkpoint over modelled ones, kept within reason.
pub fn calibrate(measured: f64, modelled: f64) -> f64 {
    let ratio = measured / modelled;
    if ratio.is_finite() { ratio.clamp(0.02, 50.0) } else { 1.0 }
}

/// Bytes for people.
pub fn bytes(x: f64) -> String {
    if x < 1e6 { format!("{:.0} kB", (x / 1e3).max(1.0)) } else { format!("{:.0} MB", x / 1e6) }
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
        let model = estimate(&[16, 12, 10], 512, 41, 5, 1.0);
        let calibration = calibrate(0.02, model.seconds);
        let calibrated = estimate(&[16, 12, 10], 512, 41, 5, calibration);
        assert!((calibrated.seconds - 0.02).abs() < 1e-15);
        assert_eq!(calibrate(f64::NAN, 1.0), 1.0);
        assert_eq!(calibrate(1.0, 0.0), 1.0);
    }
}
