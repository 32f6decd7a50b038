//! Learning rates by a stated rule: for each optimizer the rate of a grid with the lowest mean training loss at the last step,
//! over seeds that are used for nothing else.
//!
//! The grid is 1 and 3 times powers of ten. While the best rate is the smallest or the largest, the grid grows by one there.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use crate::ensemble::SummarizedRun;
use crate::error::Result;
use crate::experiment::Experiment;
use crate::optimizer::{OptimizerSettings, Rule};

/// The seeds that learning rates are chosen with.
pub const SEEDS: std::ops::RangeInclusive<u64> = 1001..=1004;

/// Most rates by which a grid grows; no loss is best so far out.
const MOST_GROWTH: i32 = 12;

/// A learning rate of a grid, and what it gave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TriedRate {
    /// η.
    pub learning_rate: f64,
    /// Mean over seeds of the training loss at the last step; infinite, `null` in JSON, if a run diverged.
    pub mean_loss: Option<f64>,
}

/// First and last rate of a rule's grid, as arguments of [`rate`].
fn grid(rule: Rule) -> (i32, i32) {
    match rule {
        Rule::Sgd | Rule::Nesterov | Rule::Adagrad => (-4, 0),
        Rule::Momentum | Rule::Muon => (-6, -1),
        Rule::Adam | Rule::AdamW | Rule::NAdam | Rule::Adamax => (-7, -2),
        Rule::RmsProp | Rule::Lion => (-8, -3),
    }
}

/// 10^(i/2) for even i, 3 · 10^((i−1)/2) for odd i, the number nearest to its decimal form.
fn rate(i: i32) -> f64 {
    let digit = if i.rem_euclid(2) == 0 { 1 } else { 3 };
    // Digits and an exponent are a number.
    format!("{digit}e{}", i.div_euclid(2)).parse().unwrap_or(f64::NAN)
}

/// The rates that were tried for a rule on an experiment, ascending; `None` when interrupted.
///
/// # Errors
/// A sentence, if a run fails other than by divergence, or diverges with every rate.
pub fn try_rates(
    experiment: &Experiment,
    rule: Rule,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> std::result::Result<Option<Vec<TriedRate>>, String> {
    let (mut first, mut last) = grid(rule);
    let limits = (first - MOST_GROWTH, last + MOST_GROWTH);
    let measured = |range: std::ops::RangeInclusive<i32>| -> Result<Vec<TriedRate>> {
        range.into_par_iter().map(|i| try_rate(experiment, rule, rate(i), interrupted)).collect()
    };
    let named = |error: crate::Error| format!("learning rates of {}: {error}", rule.label());
    let mut tried = measured(first..=last).map_err(named)?;
    loop {
        if interrupted() {
            return Ok(None);
        }
        let Some(chosen) = best(&tried) else {
            return Err(format!("learning rates of {}: training diverges with all of them", rule.label()));
        };
        if chosen == tried[0].learning_rate && first > limits.0 {
            first -= 1;
            tried.splice(0..0, measured(first..=first).map_err(named)?);
        } else if chosen == tried[tried.len() - 1].learning_rate && last < limits.1 {
            last += 1;
            tried.extend(measured(last..=last).map_err(named)?);
        } else {
            return Ok(Some(tried));
        }
    }
}

/// The rate with the lowest mean loss, of equal ones the smallest; `None` if runs diverged with every rate.
pub fn best(tried: &[TriedRate]) -> Option<f64> {
    let known = tried.iter().filter_map(|tried| Some((tried.learning_rate, tried.mean_loss?)));
    known.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(rate, _)| rate)
}

fn try_rate(
    experiment: &Experiment,
    rule: Rule,
    learning_rate: f64,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<TriedRate> {
    let mut losses = Vec::new();
    for seed in SEEDS {
        let optimizer = OptimizerSettings { learning_rate, ..OptimizerSettings::new(rule) };
        // Of all checkpoints only the last is of interest.
        let checkpoint_every = experiment.steps.max(1);
        let experiment = Experiment {
            optimizer,
            seed,
            checkpoint_every,
            null_model: None,
            layer_spectra: false,
            ..experiment.clone()
        };
        let mut run = SummarizedRun::new(experiment)?;
        while !interrupted() && run.advance(usize::MAX)? {}
        let summary = run.summary();
        losses.push(summary.loss.last().copied().filter(|_| summary.diverged.is_none()));
    }
    let sum = losses.iter().copied().sum::<Option<f64>>();
    let mean_loss = sum.map(|sum| sum / losses.len() as f64);
    Ok(TriedRate { learning_rate, mean_loss })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_decimal() {
        let rates: Vec<f64> = (-7..=1).map(rate).collect();
        assert_eq!(rates, [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]);
    }

    #[test]
    fn the_lowest_mean_loss_is_chosen_and_divergence_never() {
        let tried = |losses: &[Option<f64>]| {
            let rates = (0..).map(rate);
            let tried = rates.zip(losses).map(|(learning_rate, &mean_loss)| TriedRate { learning_rate, mean_loss });
            tried.collect::<Vec<_>>()
        };
        assert_eq!(best(&tried(&[Some(0.5), Some(0.2), Some(0.2), None])), Some(3.0));
        assert_eq!(best(&tried(&[None, None])), None);
    }

    #[test]
    fn a_best_rate_at_the_edge_widens_the_grid() {
        // Twenty steps of plain gradient descent are too few for small rates, whatever the task.
        let experiment = Experiment { steps: 20, hidden: vec![4], ..Experiment::default() };
        let tried = try_rates(&experiment, Rule::Sgd, &|| false).unwrap().unwrap();
        let chosen = best(&tried).unwrap();
        assert!(tried.len() > 5 && chosen >= 1.0, "{tried:?}");
        let place = tried.iter().position(|tried| tried.learning_rate == chosen).unwrap();
        assert!(0 < place && place + 1 < tried.len());
        assert!(tried.windows(2).all(|pair| pair[0].learning_rate < pair[1].learning_rate));
    }
}
