//! Displacement of the leading eigenvectors over two times, waiting time t_w and lag τ, as in glassy systems:
//!
//! ```text
//! q_ij(t_w, τ) = |v_i(t_w) · v_j(t_w + τ)|                                   overlap, free of signs
//! d²_i(t_w, τ) = min_± ‖v_i(t_w + τ) ∓ v_i(t_w)‖² = 2 − 2 q_ii ∈ [0, 2]      D = mean over i ≤ k
//! Q_k(t_w, τ)  = (1/k) Σ_ij q_ij² ∈ [0, 1]                                   subspace overlap
//! ```
//!
//! Directions are paired by rank, or tracked: a one-to-one assignment that maximizes Σ q², chained from checkpoint to
//! checkpoint, so that two eigenvalues that cross do not read as a jump.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::matmul::dot;
use crate::measured::Measured;
use crate::spectrum::Determination;

/// How directions of two checkpoints are paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// The i-th with the i-th.
    Rank,
    /// By the assignment that maximizes Σ q², chained from checkpoint to checkpoint.
    Tracked,
    /// Not at all: 1 − Q_k of the leading subspaces.
    Subspace,
}

impl Pairing {
    /// All pairings, in the order in which they are offered.
    pub const ALL: [Pairing; 3] = [Pairing::Rank, Pairing::Tracked, Pairing::Subspace];
}

/// The leading eigenvectors of one matrix, and which of them it determines.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// k × P, row by row, each of unit norm.
    pub vectors: Vec<f64>,
    /// Which of them, and whether their span, are determined.
    pub determination: Determination,
}

impl Directions {
    /// k.
    pub fn count(&self) -> usize {
        self.determination.directions.len()
    }

    /// A quantity of each unit vector, where that is determined.
    pub fn measure(&self, quantity: impl Fn(&[f64]) -> f64) -> Vec<Measured> {
        let measured = |i: usize| self.is_determined(i).then(|| quantity(self.vector(i))).into();
        (0..self.count()).map(measured).collect()
    }

    /// Whether the direction of rank i is determined.
    pub fn is_determined(&self, i: usize) -> bool {
        self.determination.directions[i]
    }

    /// The unit vector of rank i.
    ///
    /// # Panics
    /// If i ≥ k.
    pub fn vector(&self, i: usize) -> &[f64] {
        let p = self.vectors.len() / self.count();
        &self.vectors[i * p..][..p]
    }
}

/// All two-time quantities between one checkpoint t and every checkpoint s ≤ t, the last entry being t itself.
///
/// Displacements are means over the directions that are determined at both times; without any there is none. So is the
/// subspace overlap where the subspace is not determined at one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TwoTimeRow {
    /// Q_k(s, t).
    pub subspace_overlap: Vec<Measured>,
    /// D(s, t) with the i-th direction paired with the i-th.
    pub displacement_by_rank: Vec<Measured>,
    /// D(s, t) with tracked directions, over those that were determined at all checkpoints from s to t.
    pub displacement_tracked: Vec<Measured>,
    /// (1/P) ‖θ(t) − θ(s)‖².
    pub weight_displacement: Vec<f64>,
    /// Rank at t (from 0) of the direction that had rank i at the first checkpoint, followed from checkpoint to checkpoint;
    /// none where it is not determined. From where a direction is determined again, it is followed anew.
    pub track: Vec<Option<usize>>,
}

impl TwoTimeRow {
    /// D(s, t) in a pairing, where it is determined.
    ///
    /// # Panics
    /// If there is no checkpoint s ≤ t.
    pub fn displacement(&self, pairing: Pairing, s: usize) -> Measured {
        match pairing {
            Pairing::Rank => self.displacement_by_rank[s],
            Pairing::Tracked => self.displacement_tracked[s],
            Pairing::Subspace => self.subspace_overlap[s].value().map(|overlap| 1.0 - overlap).into(),
        }
    }
}

/// The leading eigenvectors and parameters of all checkpoints so far.
#[derive(Debug, Clone, Default)]
pub struct History {
    directions: Vec<Directions>,
    parameters: Vec<Vec<f64>>,
    /// By checkpoint: the rank of each track.
    tracks: Vec<Vec<usize>>,
    /// For each track the first checkpoint from which on it was determined at all up to the newest.
    since: Vec<usize>,
}

impl History {
    /// Takes the next checkpoint (k directions and P `parameters`) and compares it with all before it and with itself.
    ///
    /// # Errors
    /// [`Error::NotFinite`] where ‖θ(t) − θ(s)‖² overflows.
    ///
    /// # Panics
    /// If the shapes differ from those of earlier checkpoints, or there is no direction.
    pub fn push(&mut self, directions: Directions, parameters: Vec<f64>) -> Result<TwoTimeRow> {
        let k = directions.count();
        assert!(k > 0 && directions.vectors.len() == k * parameters.len());
        let newest = self.directions.len();
        let ranks: Vec<usize> = match (self.directions.last(), self.tracks.last()) {
            (Some(previous), Some(ranks)) => {
                let next = best_assignment(&gains(previous, &directions), k);
                ranks.iter().map(|&rank| next[rank]).collect()
            }
            _ => (0..k).collect(),
        };
        self.since.resize(k, 0);
        for (since, &rank) in self.since.iter_mut().zip(&ranks) {
            if !directions.is_determined(rank) {
                *since = newest + 1;
            }
        }
        let track = ranks.iter().map(|&rank| directions.is_determined(rank).then_some(rank)).collect();
        self.directions.push(directions);
        self.tracks.push(ranks);
        self.parameters.push(parameters);

        let (now, ranks, theta) = (&self.directions[newest], &self.tracks[newest], &self.parameters[newest]);
        let mut row = TwoTimeRow { track, ..TwoTimeRow::default() };
        for (s, then) in self.directions.iter().enumerate() {
            row.subspace_overlap.push(subspace_overlap(then, now));
            row.displacement_by_rank.push(displacement_by_rank(then, now));
            let unbroken = (0..k).filter(|&i| self.since[i] <= s).map(|i| (self.tracks[s][i], ranks[i]));
            row.displacement_tracked.push(mean_displacement(then, now, unbroken));
            let moved = squared_distance(&self.parameters[s], theta, 1.0) / theta.len() as f64;
            if !moved.is_finite() {
                return Err(Error::not_finite("the distance travelled by the parameters"));
            }
            row.weight_displacement.push(moved);
        }
        Ok(row)
    }
}

/// q_ij = |a_i · b_j| for two sets of k unit vectors (k × P each), row by row.
///
/// # Panics
/// If the shapes differ.
pub fn overlaps(a: &[f64], b: &[f64], k: usize) -> Vec<f64> {
    assert!(a.len() == b.len() && k > 0 && a.len().is_multiple_of(k));
    let p = a.len() / k;
    let mut q = Vec::with_capacity(k * k);
    for a in a.chunks_exact(p) {
        q.extend(b.chunks_exact(p).map(|b| dot(a, b).abs()));
    }
    q
}

/// Q_k = (1/k) Σ_ij q_ij² of two sets of k directions, where both subspaces are determined.
pub fn subspace_overlap(a: &Directions, b: &Directions) -> Measured {
    if !(a.determination.subspace && b.determination.subspace) {
        return Measured::UNDETERMINED;
    }
    let k = a.count();
    Measured::from(overlaps(&a.vectors, &b.vectors, k).iter().map(|q| q * q).sum::<f64>() / k as f64)
}

/// d² = min_± ‖v ∓ u‖² of two unit vectors; from the difference itself and not as 2 − 2q, which would lose small values.
pub fn squared_displacement(u: &[f64], v: &[f64]) -> f64 {
    squared_distance(u, v, if dot(u, v) < 0.0 { -1.0 } else { 1.0 })
}

/// D of two sets of k directions, paired by rank: mean of d² over the pairs that are determined on both sides.
pub fn displacement_by_rank(a: &Directions, b: &Directions) -> Measured {
    mean_displacement(a, b, (0..a.count()).map(|i| (i, i)))
}

/// D of two sets of k directions, paired by the one-to-one assignment that maximizes Σ q².
pub fn displacement_assigned(a: &Directions, b: &Directions) -> Measured {
    let pairs = best_assignment(&gains(a, b), a.count());
    mean_displacement(a, b, pairs.into_iter().enumerate())
}

/// q_ij², and 0 where a direction is not determined: it is matched last.
fn gains(a: &Directions, b: &Directions) -> Vec<f64> {
    let k = a.count();
    let overlaps = overlaps(&a.vectors, &b.vectors, k);
    let gain = |(index, q): (usize, &f64)| {
        let determined = a.is_determined(index / k) && b.is_determined(index % k);
        if determined { q * q } else { 0.0 }
    };
    overlaps.iter().enumerate().map(gain).collect()
}

fn mean_displacement(a: &Directions, b: &Directions, pairs: impl Iterator<Item = (usize, usize)>) -> Measured {
    let determined = pairs.filter(|&(i, j)| a.is_determined(i) && b.is_determined(j));
    Measured::mean(determined.map(|(i, j)| squared_displacement(a.vector(i), b.vector(j)).into()))
}

/// Expected d² of two independent uniform directions in R^P: 2 − 2 E|u·v| with E|u·v| = Γ(P/2) / (√π Γ((P+1)/2)), about
/// √(2/(πP)).
pub fn chance_displacement(parameter_count: usize) -> f64 {
    let p = parameter_count as f64;
    let mean_overlap = libm::exp(libm::lgamma(p / 2.0) - libm::lgamma((p + 1.0) / 2.0)) / PI.sqrt();
    2.0 - 2.0 * mean_overlap
}

/// Expected Q_k of two independent uniform k-dimensional subspaces of R^P: k/P.
pub fn chance_subspace_overlap(parameter_count: usize, k: usize) -> f64 {
    k as f64 / parameter_count as f64
}

/// The permutation π that maximizes Σ_i gain[i, π(i)] (n × n, row by row), by shortest augmenting paths with dual
/// variables in O(n³) (Kuhn 1955; Jonker and Volgenant 1987).
///
/// # Panics
/// If `gain` is not n × n finite numbers: with NaN no permutation is best, and the search would not end.
pub fn best_assignment(gain: &[f64], n: usize) -> Vec<usize> {
    assert_eq!(gain.len(), n * n);
    assert!(gain.iter().all(|gain| gain.is_finite()), "gains of an assignment must be finite");
    // Column 0 and row 0 are sentinels: `row_of[0]` is the row that looks for a column.
    let mut row_price = vec![0.0; n + 1];
    let mut column_price = vec![0.0; n + 1];
    let mut row_of = vec![0usize; n + 1];
    for row in 1..=n {
        row_of[0] = row;
        let mut slack = vec![f64::INFINITY; n + 1];
        let mut came_from = vec![0usize; n + 1];
        let mut visited = vec![false; n + 1];
        let mut column = 0;
        while row_of[column] != 0 {
            visited[column] = true;
            let i = row_of[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for j in 1..=n {
                if visited[j] {
                    continue;
                }
                let reduced = -gain[(i - 1) * n + j - 1] - row_price[i] - column_price[j];
                if reduced < slack[j] {
                    slack[j] = reduced;
                    came_from[j] = column;
                }
                if slack[j] < step {
                    step = slack[j];
                    next = j;
                }
            }
            for j in 0..=n {
                if visited[j] {
                    row_price[row_of[j]] += step;
                    column_price[j] -= step;
                } else {
                    slack[j] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            let previous = came_from[column];
            row_of[column] = row_of[previous];
            column = previous;
        }
    }
    let mut assignment = vec![0; n];
    for j in 1..=n {
        assignment[row_of[j] - 1] = j - 1;
    }
    assignment
}

fn squared_distance(u: &[f64], v: &[f64], sign: f64) -> f64 {
    u.iter().zip(v).map(|(u, v)| (v - sign * u) * (v - sign * u)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    fn directions(vectors: Vec<f64>, k: usize) -> Directions {
        Directions { vectors, determination: Determination { floor: 0.0, directions: vec![true; k], subspace: true } }
    }

    fn numbers(values: &[Measured]) -> Vec<f64> {
        values.iter().map(|value| value.value().unwrap()).collect()
    }

    fn random_direction(random: &mut Random, p: usize) -> Vec<f64> {
        let v: Vec<f64> = (0..p).map(|_| random.normal()).collect();
        let norm = dot(&v, &v).sqrt();
        v.iter().map(|x| x / norm).collect()
    }

    /// Rotation by an angle α in a plane: q = cos α, d² = 2 − 2 cos α, whatever the signs.
    #[test]
    fn a_turn_by_a_known_angle() {
        for angle in [0.0f64, 1e-9, 0.3, 1.5] {
            for sign in [1.0, -1.0] {
                let turned = [sign * angle.cos(), sign * angle.sin()];
                let expected = 4.0 * (angle / 2.0).sin().powi(2);
                let d = squared_displacement(&[1.0, 0.0], &turned);
                assert!((d - expected).abs() <= 1e-15 * expected.max(1e-3), "{angle} {sign}: {d}");
            }
        }
    }

    /// All permutations of up to six, tried one by one.
    #[test]
    fn assignment_is_the_best_of_all_permutations() {
        fn best(gain: &[f64], n: usize, row: usize, used: &mut Vec<usize>) -> f64 {
            if row == n {
                return 0.0;
            }
            let mut value = f64::NEG_INFINITY;
            for j in 0..n {
                if !used.contains(&j) {
                    used.push(j);
                    value = value.max(gain[row * n + j] + best(gain, n, row + 1, used));
                    used.pop();
                }
            }
            value
        }
        let mut random = Random::new(3, Stream::Probe, 0);
        for n in 1..=6 {
            for _ in 0..40 {
                let gain: Vec<f64> = (0..n * n).map(|_| random.uniform()).collect();
                let assignment = best_assignment(&gain, n);
                let mut seen = assignment.clone();
                seen.sort_unstable();
                assert_eq!(seen, (0..n).collect::<Vec<_>>());
                let value: f64 = assignment.iter().enumerate().map(|(i, &j)| gain[i * n + j]).sum();
                assert!((value - best(&gain, n, 0, &mut Vec::new())).abs() < 1e-12);
            }
        }
    }

    /// 20 000 pairs of random directions in R^60: d² has standard deviation below 0.2, so the mean is known to 0.0014;
    /// four of these are allowed. Q_3 has expectation 3/60 and a standard deviation below 0.05.
    #[test]
    fn chance_levels_by_simulation() {
        let (p, pairs) = (60, 20_000);
        let mut random = Random::new(11, Stream::Probe, 0);
        let mean = (0..pairs)
            .map(|_| squared_displacement(&random_direction(&mut random, p), &random_direction(&mut random, p)))
            .sum::<f64>()
            / f64::from(pairs);
        assert!((mean - chance_displacement(p)).abs() < 0.006, "{mean}");

        // A coordinate subspace against a random one: by symmetry as good as two random ones.
        let mut sum = 0.0;
        for _ in 0..2000 {
            let mut basis: Vec<Vec<f64>> = Vec::new();
            while basis.len() < 3 {
                let mut v = random_direction(&mut random, p);
                for b in &basis {
                    let projection = dot(&v, b);
                    v.iter_mut().zip(b).for_each(|(v, b)| *v -= projection * b);
                }
                let norm = dot(&v, &v).sqrt();
                basis.push(v.iter().map(|x| x / norm).collect());
            }
            let axes: Vec<f64> = (0..3 * p).map(|i| if i % p == i / p { 1.0 } else { 0.0 }).collect();
            sum += subspace_overlap(&directions(axes, 3), &directions(basis.concat(), 3)).value().unwrap();
        }
        assert!((sum / 2000.0 - chance_subspace_overlap(p, 3)).abs() < 0.005);
    }

    /// Two directions whose eigenvalues cross between the checkpoints: by rank both jump to orthogonal ones (d² = 2),
    /// tracked they stand still.
    #[test]
    fn a_crossing_is_a_jump_by_rank_and_none_when_tracked() {
        let mut history = History::default();
        let first = directions(vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0], 2);
        history.push(first.clone(), vec![0.0; 3]).unwrap();
        let crossed = history.push(directions(vec![0.0, -1.0, 0.0, 1.0, 0.0, 0.0], 2), vec![1.0, 2.0, 2.0]).unwrap();
        assert_eq!(numbers(&crossed.displacement_by_rank), [2.0, 0.0]);
        assert_eq!(numbers(&crossed.displacement_tracked), [0.0, 0.0]);
        assert_eq!(numbers(&crossed.subspace_overlap), [1.0, 1.0]);
        assert_eq!(crossed.weight_displacement, [3.0, 0.0]);
        assert_eq!(crossed.track, [Some(1), Some(0)]);
        let back = history.push(first, vec![0.0; 3]).unwrap();
        assert_eq!(back.track, [Some(0), Some(1)]);
        assert_eq!(numbers(&back.displacement_tracked), [0.0, 0.0, 0.0]);
        assert_eq!(numbers(&back.displacement_by_rank), [0.0, 2.0, 0.0]);
    }

    /// Where v_2 is not determined at the second checkpoint, its displacement to and from there does not exist, means are
    /// over v_1 alone, and its track before and after are not compared.
    #[test]
    fn what_is_not_determined_is_left_out() {
        let mut history = History::default();
        let turned = |angle: f64| vec![1.0, 0.0, 0.0, 0.0, angle.cos(), angle.sin()];
        let mut lost = directions(turned(0.5), 2);
        lost.determination = Determination { floor: 0.1, directions: vec![true, false], subspace: false };
        history.push(directions(turned(0.0), 2), vec![0.0; 3]).unwrap();
        let second = history.push(lost, vec![0.0; 3]).unwrap();
        assert_eq!(numbers(&second.displacement_by_rank), [0.0, 0.0], "the mean over v₁ alone");
        assert_eq!(second.track, [Some(0), None]);
        assert!(second.subspace_overlap.iter().all(|q| !q.is_determined()));
        let third = history.push(directions(turned(1.0), 2), vec![0.0; 3]).unwrap();
        assert_eq!(third.track, [Some(0), Some(1)]);
        assert!(third.displacement_by_rank[0].value().unwrap() > 0.1, "by rank both ends are determined");
        assert_eq!(numbers(&third.displacement_tracked), [0.0, 0.0, 0.0], "the second track broke between");
        assert!(third.subspace_overlap[0].is_determined() && !third.subspace_overlap[1].is_determined());

        let mut none = directions(turned(0.0), 2);
        none.determination.directions = vec![false, false];
        let nothing = displacement_by_rank(&none, &none);
        assert_eq!((nothing.value(), displacement_assigned(&none, &none).value()), (None, None));
    }

    #[test]
    #[should_panic(expected = "must be finite")]
    fn an_assignment_of_nan_is_refused() {
        best_assignment(&[0.0, f64::NAN, 1.0, 2.0], 2);
    }

    #[test]
    fn a_distance_that_overflows_is_reported() {
        let mut history = History::default();
        history.push(directions(vec![1.0], 1), vec![1e200]).unwrap();
        let error = history.push(directions(vec![1.0], 1), vec![-1e200]).unwrap_err();
        assert_eq!(error, Error::not_finite("the distance travelled by the parameters"));
    }
}
