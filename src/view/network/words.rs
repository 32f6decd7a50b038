//! The numbers and words of the picture.

use super::{Direction, Network, is_wide, least_drawn};
use crate::sorting::largest;
use crate::view::number::{significant, thousands};

/// Share of each layer's weights and biases, in the order of θ: name and Σ v_a²; `None` where the direction is not
/// known or does not fit the layers.
pub fn group_shares(data: &Network, direction: &Direction) -> Option<Vec<(String, f64)>> {
    if direction.shares.len() != data.parameters() || !direction.shares.iter().all(|v| v.is_finite()) {
        return None;
    }
    let (mut at, mut groups) = (0, Vec::new());
    for (l, pair) in data.layers.windows(2).enumerate() {
        for (kind, n) in [("W", pair[0] * pair[1]), ("b", pair[1])] {
            groups.push((format!("{kind}{}", l + 1), direction.shares[at..at + n].iter().sum()));
            at += n;
        }
    }
    Some(groups)
}

/// The parameters with the largest shares in any run, the largest first, at most so many.
pub fn strongest(data: &Network, most: usize) -> Vec<usize> {
    let share = |parameter: usize| {
        let shares = data.directions.iter().filter_map(|direction| direction.shares.get(parameter));
        shares.fold(0.0, |most: f64, share| most.max(*share))
    };
    let shares: Vec<f64> = (0..data.parameters()).map(share).collect();
    largest(&shares, most).into_iter().filter(|&parameter| shares[parameter] > 0.0).collect()
}

/// Where not all parameters of a direction are drawn as lines and rings of their own strength: how many are, of how many, and
/// their share.
pub fn part_drawn(shares: &[f64]) -> Option<(usize, usize, f64)> {
    let least = least_drawn(shares);
    let drawn = shares.iter().filter(|share| **share >= least);
    is_wide(shares.len()).then(|| (drawn.clone().count(), shares.len(), drawn.sum()))
}

/// The chart in words: for each run the share of each layer's weights and biases.
pub fn describe(data: &Network) -> String {
    let words = |d: &Direction| match group_shares(data, d) {
        Some(groups) => {
            let parts: Vec<String> =
                groups.iter().map(|(name, share)| format!("{name} {} %", significant(100.0 * share, 2))).collect();
            let words = if d.words.is_empty() { String::new() } else { format!("{}; ", d.words) };
            let drawn = part_drawn(&d.shares).map_or(String::new(), |(drawn, of, share)| {
                let share = significant(100.0 * share, 2);
                format!("; drawn are the {} strongest of {} parameters, {share} %", thousands(drawn), thousands(of))
            });
            let (images, units) = (d.images.len(), data.layers.get(1).copied().unwrap_or(0));
            let images = match images > 0 && images < units {
                true => format!("; as images of their weights, {images} of {units} hidden units"),
                false => String::new(),
            };
            format!("{}: {words}{}{drawn}{images}", d.name, parts.join(", "))
        }
        None if d.words.is_empty() => format!("{}: no direction yet", d.name),
        None => format!("{}: {}", d.name, d.words),
    };
    let parts: Vec<String> = data.directions.iter().map(words).collect();
    let layers: Vec<String> = data.layers.iter().map(usize::to_string).collect();
    let parts = if parts.is_empty() { "no runs yet".into() } else { parts.join("; ") };
    format!("{} ({} units): {parts}.", data.title, layers.join("–"))
}
