//! What a setting costs, before it is run: parameters, time per checkpoint, and memory ([`memory`](super::memory)).

use crate::mlp::parameter_count;

/// From this many parameters on, the page warns.
pub const WARN_PARAMETERS: usize = 1500;
/// Beyond this many parameters, the page refuses to start.
pub const MOST_PARAMETERS: usize = 3000;

/// An estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// P.
    pub parameters: usize,
    /// Bytes of all runs and the null model, on the page and in the workers.
    pub bytes: f64,
    /// Bytes of the page or the worker that holds most.
    pub largest: f64,
    /// Seconds per checkpoint.
    pub seconds: f64,
}

/// Seconds of a checkpoint with the Hessian over `samples` samples.
///
/// They are modelled as 1 ms + a N P² + b P³, multiplied by `calibration`: what a checkpoint took on this machine over
/// this estimate of it, 1 before the first checkpoint.
pub fn checkpoint_seconds(layers: &[usize], samples: usize, calibration: f64) -> f64 {
    let p = parameter_count(layers) as f64;
    calibration * (1e-3 + 1.2e-10 * samples as f64 * p * p + 0.8e-9 * p * p * p)
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
        let model = checkpoint_seconds(&[16, 12, 10], 512, 1.0);
        let calibration = calibrate(0.02, model);
        let calibrated = checkpoint_seconds(&[16, 12, 10], 512, calibration);
        assert!((calibrated - 0.02).abs() < 1e-15);
        assert_eq!(calibrate(f64::NAN, 1.0), 1.0);
        assert_eq!(calibrate(1.0, 0.0), 1.0);
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
