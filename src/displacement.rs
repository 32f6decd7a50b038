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

use crate::matmul::dot;

/// All two-time quantities between one checkpoint t and every checkpoint s ≤ t, the last entry being t itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TwoTimeRow {
    /// Q_k(s, t).
    pub subspace_overlap: Vec<f64>,
    /// D(s, t) with the i-th direction paired with the i-th.
    pub displacement_by_rank: Vec<f64>,
    /// D(s, t) with tracked directions.
    pub displacement_tracked: Vec<f64>,
    /// (1/P) ‖θ(t) − θ(s)‖².
    pub weight_displacement: Vec<f64>,
    /// Rank at t (from 0) of the direction that had rank i at the first checkpoint, followed from checkpoint to checkpoint.
    pub track: Vec<usize>,
}

/// The leading eigenvectors and parameters of all checkpoints so far.
#[derive(Debug, Clone, Default)]
pub struct History {
    count: usize,
    vectors: Vec<Vec<f64>>,
    tracks: Vec<Vec<usize>>,
    parameters: Vec<Vec<f64>>,
}

impl History {
    /// An empty history of `count` = k eigenvectors per checkpoint.
    pub fn new(count: usize) -> Self {
        History { count, ..History::default() }
    }

    /// Takes the next checkpoint (`vectors`: k × P, `parameters`: P) and compares it with all before it and with itself.
    ///
    /// # Panics
    /// If the shapes differ from those of earlier checkpoints.
    pub fn push(&mut self, vectors: Vec<f64>, parameters: Vec<f64>) -> TwoTimeRow {
        let k = self.count;
        assert_eq!(vectors.len(), k * parameters.len());
        let track: Vec<usize> = match (self.vectors.last(), self.tracks.last()) {
            (Some(previous), Some(track)) => {
                let squared: Vec<f64> = overlaps(previous, &vectors, k).iter().map(|q| q * q).collect();
                let next = best_assignment(&squared, k);
                track.iter().map(|&rank: &usize| next[rank]).collect()
            }
            _ => (0..k).collect(),
        };
        self.vectors.push(vectors);
        self.tracks.push(track.clone());
        self.parameters.push(parameters);

        let newest = self.vectors.len() - 1;
        let (now, theta) = (&self.vectors[newest], &self.parameters[newest]);
        let p = theta.len();
        let mut row = TwoTimeRow { track, ..TwoTimeRow::default() };
        for s in 0..=newest {
            let then = &self.vectors[s];
            row.subspace_overlap.push(subspace_overlap(&overlaps(then, now, k), k));
            let mean = |pairs: &mut dyn Iterator<Item = (usize, usize)>| {
                pairs.map(|(i, j)| squared_displacement(&then[i * p..][..p], &now[j * p..][..p])).sum::<f64>()
                    / k as f64
            };
            row.displacement_by_rank.push(mean(&mut (0..k).zip(0..k)));
            row.displacement_tracked.push(mean(&mut self.tracks[s].iter().copied().zip(row.track.iter().copied())));
            row.weight_displacement.push(squared_distance(&self.parameters[s], theta, 1.0) / p as f64);
        }
        row
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

/// Q_k = (1/k) Σ_ij q_ij² from a k × k matrix of overlaps.
pub fn subspace_overlap(overlaps: &[f64], k: usize) -> f64 {
    overlaps.iter().map(|q| q * q).sum::<f64>() / k as f64
}

/// d² = min_± ‖v ∓ u‖² of two unit vectors; from the difference itself and not as 2 − 2q, which would lose small values.
pub fn squared_displacement(u: &[f64], v: &[f64]) -> f64 {
    squared_distance(u, v, if dot(u, v) < 0.0 { -1.0 } else { 1.0 })
}

/// D of two sets of k unit vectors (k × P each), paired by rank: mean of d².
pub fn displacement_by_rank(a: &[f64], b: &[f64], k: usize) -> f64 {
    let p = a.len() / k;
    a.chunks_exact(p).zip(b.chunks_exact(p)).map(|(a, b)| squared_displacement(a, b)).sum::<f64>() / k as f64
}

/// D of two sets of k unit vectors (k × P each), paired by the one-to-one assignment that maximizes Σ q².
pub fn displacement_assigned(a: &[f64], b: &[f64], k: usize) -> f64 {
    let p = a.len() / k;
    let squared: Vec<f64> = overlaps(a, b, k).iter().map(|q| q * q).collect();
    let pairs = best_assignment(&squared, k);
    (0..k).map(|i| squared_displacement(&a[i * p..][..p], &b[pairs[i] * p..][..p])).sum::<f64>() / k as f64
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
/// If `gain` is not n × n.
pub fn best_assignment(gain: &[f64], n: usize) -> Vec<usize> {
    assert_eq!(gain.len(), n * n);
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
            sum += subspace_overlap(&overlaps(&axes, &basis.concat(), 3), 3);
        }
        assert!((sum / 2000.0 - chance_subspace_overlap(p, 3)).abs() < 0.005);
    }

    /// Two directions whose eigenvalues cross between the checkpoints: by rank both jump to orthogonal ones (d² = 2),
    /// tracked they stand still.
    #[test]
    fn a_crossing_is_a_jump_by_rank_and_none_when_tracked() {
        let mut history = History::new(2);
        history.push(vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0], vec![0.0; 3]);
        let crossed = history.push(vec![0.0, -1.0, 0.0, 1.0, 0.0, 0.0], vec![1.0, 2.0, 2.0]);
        assert_eq!(crossed.displacement_by_rank, [2.0, 0.0]);
        assert_eq!(crossed.displacement_tracked, [0.0, 0.0]);
        assert_eq!(crossed.subspace_overlap, [1.0, 1.0]);
        assert_eq!(crossed.weight_displacement, [3.0, 0.0]);
        assert_eq!(crossed.track, [1, 0]);
        let back = history.push(vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0], vec![0.0; 3]);
        assert_eq!(back.track, [0, 1]);
        assert_eq!(back.displacement_tracked, [0.0, 0.0, 0.0]);
        assert_eq!(back.displacement_by_rank, [0.0, 2.0, 0.0]);
    }
}
