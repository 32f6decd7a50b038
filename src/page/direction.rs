//! The direction that the view chooses: a leading eigenvector by rank, or the one that is tracked from that rank.

use crate::displacement::Pairing;
use crate::experiment::Checkpoint;
use crate::state::View;

/// Which leading eigenvector of a checkpoint is chosen, from 0 on; none where it is not determined, or was lost.
pub fn rank(checkpoint: &Checkpoint, view: &View) -> Option<usize> {
    let chosen = view.rank - 1;
    let rank = match view.pairing {
        Pairing::Tracked => (*checkpoint.two_time.track.get(chosen)?)?,
        Pairing::Rank | Pairing::Subspace => chosen,
    };
    checkpoint.determination.directions.get(rank)?.then_some(rank)
}

/// The chosen eigenvector of a checkpoint, of unit length, where it is determined.
pub fn vector<'a>(checkpoint: &'a Checkpoint, view: &View) -> Option<&'a Vec<f64>> {
    checkpoint.leading_eigenvectors.get(rank(checkpoint, view)?)
}

/// Its name, such as v₁.
pub fn name(view: &View) -> String {
    let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0x2080 + digit)).unwrap_or(c);
    let index: String = view.rank.to_string().chars().map(digit).collect();
    if view.pairing == Pairing::Tracked { format!("v{index} (tracked)") } else { format!("v{index}") }
}
