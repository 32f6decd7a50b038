//! Which checkpoints the claims look at.

use std::ops::Range;

/// Windows of checkpoints, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// L = ⌊N/10⌋.
    pub lag: usize,
    /// Waiting times before the middle.
    pub early: Range<usize>,
    /// Waiting times from the middle on.
    pub late: Range<usize>,
    /// The last fifth.
    pub end: Range<usize>,
}

impl Windows {
    /// Fewest checkpoints: N = 10 gives a lag of one.
    pub const FEWEST: usize = 11;

    /// L for a number of checkpoints.
    pub fn lag(checkpoints: usize) -> usize {
        checkpoints.saturating_sub(1) / 10
    }

    /// The windows of a run with checkpoints after `steps`.
    ///
    /// # Errors
    /// A sentence, when there are fewer than 11 checkpoints or they are not evenly spaced but for the last.
    pub fn new(steps: &[usize]) -> Result<Self, String> {
        let count = steps.len();
        if count < Self::FEWEST {
            return Err(format!("there are {count} checkpoints; at least {} are needed", Self::FEWEST));
        }
        let spacing = steps[1] - steps[0];
        // The last step has a checkpoint, wherever it falls.
        if steps[..count - 1].windows(2).any(|pair| pair[1] - pair[0] != spacing) {
            return Err("checkpoints are not evenly spaced".to_owned());
        }
        let (n, lag) = (count - 1, Self::lag(count));
        Ok(Windows { lag, early: lag..n / 2, late: n / 2..n - lag + 1, end: count - count / 5..count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// N = 40: L = 4, early 4..=19, late 20..=36, the last 8 of 41.
    #[test]
    fn windows_by_hand() {
        let steps: Vec<usize> = (0..=40).map(|i| 50 * i).collect();
        let windows = Windows::new(&steps).unwrap();
        assert_eq!(windows, Windows { lag: 4, early: 4..20, late: 20..37, end: 33..41 });
        assert!(Windows::new(&steps[..10]).unwrap_err().contains("at least 11"));
        assert!(Windows::new(&[0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]).unwrap_err().contains("evenly"));
        let mut short_last = steps.clone();
        short_last[40] = 1960;
        assert!(Windows::new(&short_last).is_ok());
    }
}
