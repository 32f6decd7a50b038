//! Matrices over training time: the overlap of leading subspaces at two times, and one eigenvector's entries.

use super::{Scene, ShownRun, parameter_names};
use crate::displacement::Pairing;
use crate::experiment::Checkpoint;
use crate::mlp::ParameterKind;
use crate::page::direction;
use crate::page::message::Started;
use crate::sorting::ascending;
use crate::state::view::{Entries, RowOrder};
use crate::view::AxisLabels;
use crate::view::axis::percent;
use crate::view::heatmap::{ColorScale, Heatmap, HeatmapMarks, Panel, Rows};
use std::rc::Rc;

/// Most columns of a matrix: more would fall between pixels.
const COLUMNS: usize = 256;

/// Q_k(t, t′) of every run.
pub fn overlap(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let panels = panels(scene, &columns, |checkpoints| {
        let entry = |s: usize, t: usize| {
            let row = checkpoints.get(s.max(t)).map(|c| &c.two_time.subspace_overlap);
            row.and_then(|row| row.get(s.min(t))?.value()).unwrap_or(f64::NAN)
        };
        columns.iter().flat_map(|&s| columns.iter().map(move |&t| entry(s, t))).collect()
    });
    let started = scene.runs.iter().find_map(|run| run.results.started.as_ref());
    let chance = started.map(|started| started.chance.subspace_overlap);
    Heatmap {
        title: "Two-time overlap".into(),
        quantity: "Q".into(),
        rows: Rows::Times,
        panels,
        color_scale: ColorScale::Linear,
        max: Some(1.0),
        labels: AxisLabels::Percent,
        reference: chance.map(|chance| (chance, format!("chance {}", percent(chance)))),
        ..over_time(scene, &columns)
    }
}

/// The pair of times at the cursor: that checkpoint and the one the claims' lag before it, with each run's overlap.
pub fn overlap_marks(scene: &Scene) -> HeatmapMarks {
    let (times, earlier) = (scene.times(), scene.cursor.checked_sub(scene.lag()));
    let pair = earlier.and_then(|earlier| Some((*times.get(scene.cursor)? as f64, *times.get(earlier)? as f64)));
    let Some((earlier, pair)) = earlier.zip(pair) else { return HeatmapMarks::default() };
    let words = |run: &ShownRun| {
        let overlap = run.at(scene.cursor).and_then(|c| c.two_time.subspace_overlap.get(earlier)?.value());
        overlap.map_or(String::new(), |overlap| format!("□ {}", percent(overlap)))
    };
    HeatmapMarks { square: Some(pair), words: scene.runs.iter().map(words).collect(), ..HeatmapMarks::default() }
}

/// The entries of one leading eigenvector, by layer and unit or by mean share.
pub fn eigenvector(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let rank = scene.view.rank - 1;
    let tracked = scene.view.pairing == Pairing::Tracked;
    let signed = scene.view.entries == Entries::Signed;
    let started = scene.runs.iter().find_map(|run| run.results.started.as_ref());
    let (groups, mut order) = started.map_or((Vec::new(), Vec::new()), by_unit);
    let rows = order.len();
    let mut names = started.map_or(Vec::new(), parameter_names);
    let mut panels = panels(scene, &columns, |checkpoints| {
        let mut values = vec![f64::NAN; rows * columns.len()];
        let mut before: Option<Vec<f64>> = None;
        for (column, &index) in columns.iter().enumerate() {
            let Some(vector) = checkpoints.get(index).and_then(|c| direction::vector(c, &scene.view)) else { continue };
            // Eigenvectors have no sign of their own: each is turned to the side of the one before.
            let product = before.as_ref().map_or(1.0, |b| b.iter().zip(vector).map(|(x, y)| x * y).sum());
            let sign = if product < 0.0 { -1.0 } else { 1.0 };
            let vector: Vec<f64> = vector.iter().map(|x| sign * x).collect();
            for (row, x) in vector.iter().enumerate().take(rows) {
                values[row * columns.len() + column] = if signed { *x } else { x * x };
            }
            before = Some(vector);
        }
        values
    });
    let is_sorted = scene.view.rows == RowOrder::Sorted;
    if is_sorted {
        // One order for all runs, so that a row is the same parameter in each, and for all times, so that rows keep still.
        let share = |row: usize| -> f64 {
            let of = |panel: &Panel| -> f64 {
                let row = &panel.values[row * columns.len()..(row + 1) * columns.len()];
                row.iter().filter(|x| x.is_finite()).map(|x| if signed { x * x } else { *x }).sum()
            };
            panels.iter().map(of).sum()
        };
        order = ascending(&(0..rows).map(|row| -share(row)).collect::<Vec<_>>());
    }
    for panel in &mut panels {
        let row = |&row: &usize| panel.values[row * columns.len()..(row + 1) * columns.len()].to_vec();
        panel.values = order.iter().flat_map(row).collect();
    }
    names = order.iter().filter_map(|&row| names.get(row).cloned()).collect();
    let (quantity, color_scale) = if signed { ("v", ColorScale::Signed) } else { ("v²", ColorScale::SquareRoot) };
    let which = if tracked { "tracked from rank" } else { "rank" };
    let sorted = if is_sorted { ", rows by mean share over runs and training" } else { "" };
    Heatmap {
        title: format!("Eigenvector, {which} {}{sorted}", rank + 1),
        quantity: quantity.into(),
        rows: Rows::Groups(if is_sorted && rows > 0 { vec![("by share".into(), rows)] } else { groups }),
        row_names: names,
        panels,
        color_scale,
        has_shares: !is_sorted,
        ..over_time(scene, &columns)
    }
}

/// The layers with their numbers of parameters, and the parameters ordered by layer and in it by unit: the unit's weights,
/// then its bias.
fn by_unit(started: &Started) -> (Vec<(String, usize)>, Vec<usize>) {
    let (mut groups, mut order) = (Vec::new(), Vec::new());
    let last = started.groups.iter().map(|group| group.layer).max().unwrap_or(0);
    for layer in 0..=last {
        let of = |kind| started.groups.iter().find(|group| group.layer == layer && group.kind == kind);
        let (Some(weights), biases) = (of(ParameterKind::Weights), of(ParameterKind::Biases)) else { continue };
        let units = started.layers.get(layer + 1).copied().unwrap_or(1).max(1);
        let inputs = weights.range.len() / units;
        let before = order.len();
        for unit in 0..units {
            order.extend(weights.range.clone().skip(unit * inputs).take(inputs));
            order.extend(biases.and_then(|biases| biases.range.clone().nth(unit)));
        }
        let name = if layer == last { "output".into() } else { format!("hidden {}", layer + 1) };
        groups.push((name, order.len() - before));
    }
    (groups, order)
}

/// Each layer's share of the direction at the cursor, weights and biases together; none where it is not determined.
pub fn eigenvector_marks(scene: &Scene) -> HeatmapMarks {
    let shares = |run: &ShownRun| {
        let (started, checkpoint) = (run.results.started.as_ref()?, run.at(scene.cursor)?);
        let rank = direction::rank(checkpoint, &scene.view)?;
        let masses = checkpoint.group_mass.get(rank)?.as_ref()?;
        let mut shares: Vec<(usize, f64)> = Vec::new();
        for (group, mass) in started.groups.iter().zip(masses) {
            match shares.last_mut().filter(|(layer, _)| *layer == group.layer) {
                Some((_, share)) => *share += mass,
                None => shares.push((group.layer, *mass)),
            }
        }
        Some(shares.into_iter().map(|(_, share)| share).collect())
    };
    HeatmapMarks { shares: scene.runs.iter().map(shares).collect(), ..HeatmapMarks::default() }
}

fn panels(scene: &Scene, columns: &[usize], values: impl Fn(&[Rc<Checkpoint>]) -> Vec<f64>) -> Vec<Panel> {
    let panel = |run: &ShownRun| Panel {
        name: run.name.clone(),
        color: run.color,
        values: values(run.checkpoints),
        reached: columns.partition_point(|&index| index < run.checkpoints.len()),
    };
    scene.runs.iter().map(panel).collect()
}

/// A matrix without rows over the steps of some checkpoints.
fn over_time(scene: &Scene, columns: &[usize]) -> Heatmap {
    let all = scene.times();
    let times = columns.iter().filter_map(|&index| all.get(index)).map(|&step| step as f64).collect();
    Heatmap { time: "step".into(), times, ..Heatmap::default() }
}
