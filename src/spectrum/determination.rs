//! Which leading eigenvectors a matrix determines, given how exactly the matrix itself is known.
//!
//! For a symmetric H known up to a perturbation E, the angle between an eigenvector of H and the corresponding one of
//! H + E obeys sin ∠ ≤ ‖E‖ / gap, where the gap is the distance of its eigenvalue from the rest of the spectrum (Davis and
//! Kahan 1970). Rounding makes ‖E‖ about n ε ‖H‖, and more where entries of H are differences of larger numbers. So a
//! direction whose gap is not above that floor may point anywhere; and one whose eigenvalue is not above it belongs to the
//! null space as far as can be known.

use serde::{Deserialize, Serialize};

/// Which leading directions, and whether the subspace that they span, are determined.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Determination {
    /// n ε ‖H‖₂ plus the rounding error of H itself: smaller eigenvalues and gaps are not told from 0.
    pub floor: f64,
    /// For each leading direction, whether |λ_i| and the gap to the nearest other eigenvalue are above the floor.
    pub directions: Vec<bool>,
    /// Whether the span of the k leading directions is determined: every eigenvalue in it is farther than the floor from
    /// every one outside. A cluster of eigenvalues may determine its subspace and no single direction.
    pub subspace: bool,
}

impl Determination {
    /// The determination of the eigenvectors with indices `leading` among all `eigenvalues` (descending) of an n × n
    /// matrix H that is known up to `rounding` in ‖H‖₂.
    pub fn new(eigenvalues: &[f64], leading: &[usize], rounding: f64) -> Self {
        let n = eigenvalues.len();
        let norm = eigenvalues.iter().fold(0.0, |m: f64, value| m.max(value.abs()));
        let floor = (n as f64 * f64::EPSILON * norm + rounding).min(f64::MAX);
        let directions = leading.iter().map(|&i| eigenvalues[i].abs() > floor && gap(eigenvalues, i) > floor).collect();
        let mut kept = vec![false; n];
        leading.iter().for_each(|&i| kept[i] = true);
        // Eigenvalues are sorted: the closest pair of one inside and one outside is a pair of neighbours.
        let border = |i: usize| kept[i] != kept[i + 1];
        let subspace =
            (0..n.saturating_sub(1)).filter(|&i| border(i)).all(|i| eigenvalues[i] - eigenvalues[i + 1] > floor);
        Determination { floor, directions, subspace }
    }

    /// How many directions are determined.
    pub fn count(&self) -> usize {
        self.directions.iter().filter(|determined| **determined).count()
    }
}

/// The distance from eigenvalue i to the nearest other one; infinite for a single eigenvalue.
pub fn gap(eigenvalues: &[f64], i: usize) -> f64 {
    let above = if i > 0 { eigenvalues[i - 1] - eigenvalues[i] } else { f64::INFINITY };
    let below = eigenvalues.get(i + 1).map_or(f64::INFINITY, |next| eigenvalues[i] - next);
    above.min(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_determines_its_span_and_no_direction_of_it() {
        let found = Determination::new(&[3.0, 2.0, 2.0, 1.0, 0.0, 0.0], &[0, 1, 2], 0.0);
        assert_eq!((found.directions, found.subspace), (vec![true, false, false], true));
        let cut = Determination::new(&[3.0, 2.0, 2.0, 1.0, 0.0, 0.0], &[0, 1], 0.0);
        assert_eq!((cut.directions, cut.subspace), (vec![true, false], false));
    }

    #[test]
    fn nothing_is_determined_where_the_matrix_vanishes() {
        let found = Determination::new(&[0.0; 4], &[0, 1], 0.0);
        assert_eq!((found.count(), found.subspace, found.floor), (0, false, 0.0));
        // Eigenvalues that are exact for the rounded matrix, and far below its rounding error.
        let tiny = Determination::new(&[4e-20, 1e-30, 0.0], &[0, 1], 1e-16);
        assert_eq!((tiny.count(), tiny.subspace), (0, false));
    }

    #[test]
    fn null_eigenvalues_are_no_directions_though_one_alone_has_a_gap() {
        let found = Determination::new(&[1.0, 0.0, -1.0], &[0, 1, 2], 0.0);
        assert_eq!((found.directions, found.subspace), (vec![true, false, true], true));
    }

    #[test]
    fn leading_by_magnitude_is_bordered_on_both_sides() {
        let eigenvalues = [5.0, 0.1, 0.0, -4.0];
        assert!(Determination::new(&eigenvalues, &[0, 3], 0.0).subspace);
        assert!(!Determination::new(&eigenvalues, &[0, 3], 5.0).subspace);
        assert!(Determination::new(&[2.0], &[0], 0.0).subspace, "the whole space");
        assert_eq!(Determination::new(&[2.0], &[0], 0.0).directions, [true]);
    }

    /// A rotation by a small angle in the plane of two eigenvectors is what a perturbation of the size of the floor can
    /// do at most: [[a, e], [e, b]] turns by about e / (a − b).
    #[test]
    fn the_bound_holds_for_a_perturbed_matrix_of_two_rows() {
        for gap in [1e-3_f64, 1e-6, 1e-9] {
            let e = 1e-12;
            let angle: f64 = 0.5 * (2.0 * e / gap).atan();
            assert!(angle.sin() <= e / gap);
            assert_eq!(Determination::new(&[1.0 + gap, 1.0], &[0], e).directions[0], gap > 2.0 * f64::EPSILON + e);
        }
    }
}
