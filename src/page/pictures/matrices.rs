//! Matrices over training time: the overlap of leading subspaces at two times, and one eigenvector's entries.

use super::{Scene, ShownRun, parameter_names};
use crate::displacement::Pairing;
use crate::mlp::ParameterKind;
use crate::page::direction;
use crate::page::message::Started;
use crate::page::units::MANY_PARAMETERS;
use crate::sorting::ascending;
use crate::state::view::{Entries, RowOrder};
use crate::view::AxisLabels;
use crate::view::axis::percent;
use crate::view::heatmap::{ColorScale, Heatmap, HeatmapMarks, Panel, Rows};

/// Most columns of a matrix: more would fall between pixels.
const COLUMNS: usize = 256;

/// Q_k(t, t′) of every run.
pub fn overlap(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let panels = panels(scene, &columns, |run| {
        let entry = |s: usize, t: usize| {
            let row = run.checkpoints.get(s.max(t)).map(|c| &c.two_time.subspace_overlap);
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

/// The entries of one leading eigenvector, by layer and unit or by mean share; of many parameters by unit.
pub fn eigenvector(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let rank = scene.view.rank - 1;
    let tracked = scene.view.pairing == Pairing::Tracked;
    let signed = scene.view.entries == Entries::Signed;
    let started = scene.runs.iter().find_map(|run| run.results.started.as_ref());
    let has_units = started.is_some_and(|started| started.parameter_count > MANY_PARAMETERS);
    let (groups, mut order, names) = match started {
        None => Default::default(),
        Some(started) if has_units => units(started),
        Some(started) => by_unit(started),
    };
    let rows = order.len();
    let mut panels = panels(scene, &columns, |run| {
        let mut values = vec![f64::NAN; rows * columns.len()];
        let mut before: Option<(&[f64], f64)> = None;
        for (column, &index) in columns.iter().enumerate() {
            let Some(vector) = entries(scene, run, index, has_units) else { continue };
            // Eigenvectors have no sign of their own: each is turned to the side of the one before.
            let product = before.map_or(1.0, |(b, sign)| sign * b.iter().zip(vector).map(|(x, y)| x * y).sum::<f64>());
            let sign = if product < 0.0 { -1.0 } else { 1.0 };
            for (row, x) in vector.iter().enumerate().take(rows) {
                values[row * columns.len() + column] = match signed {
                    true => sign * x,
                    false if has_units => *x,
                    false => x * x,
                };
            }
            before = Some((vector, sign));
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
        let row = |&row: &usize| panel.values[row * columns.len()..(row + 1) * columns.len()].iter().copied();
        panel.values = order.iter().flat_map(row).collect();
    }
    let names = order.iter().filter_map(|&row| names.get(row).cloned()).collect();
    let (quantity, color_scale) = match signed {
        true => ("v", ColorScale::Signed),
        false => ("v²", ColorScale::SquareRoot),
    };
    let which = if tracked { "tracked from rank" } else { "rank" };
    let sorted = if is_sorted { ", rows by mean share over runs and training" } else { "" };
    let of_units = match (has_units, signed) {
        (true, true) => ", the largest entry of each unit",
        (true, false) => ", the sum over each unit",
        (false, _) => "",
    };
    Heatmap {
        title: format!("Eigenvector, {which} {}{of_units}{sorted}", rank + 1),
        quantity: quantity.into(),
        rows: Rows::Groups(if is_sorted && rows > 0 { vec![("by share".into(), rows)] } else { groups }),
        row_names: names,
        panels,
        color_scale,
        has_shares: !is_sorted,
        ..over_time(scene, &columns)
    }
}

/// The chosen eigenvector of a run's checkpoint: its entries, or of each unit its share or its largest entry.
fn entries<'a>(scene: &Scene, run: &ShownRun<'a>, index: usize, has_units: bool) -> Option<&'a [f64]> {
    let checkpoint = run.checkpoints.get(index)?;
    let rank = direction::rank(checkpoint, &scene.view)?;
    if !has_units {
        return checkpoint.leading_eigenvectors.get(rank).map(Vec::as_slice);
    }
    let units = run.results.units.get(index)?.get(rank)?;
    Some(if scene.view.entries == Entries::Signed { &units.largest } else { &units.shares })
}

/// Groups of rows by name and size, the rows in their order, and the name of each of them.
type RowsOf = (Vec<(String, usize)>, Vec<usize>, Vec<String>);

/// A row for each unit.
fn units(started: &Started) -> RowsOf {
    let (mut groups, mut names) = (Vec::new(), Vec::new());
    let last = started.layers.len().saturating_sub(1);
    for (layer, &units) in started.layers.iter().enumerate().skip(1) {
        let name = if layer == last { "output".into() } else { format!("hidden {layer}") };
        names.extend((1..=units).map(|unit| format!("{name}, unit {unit}")));
        groups.push((name, units));
    }
    (groups, (0..names.len()).collect(), names)
}

/// A row for each parameter, by layer and in it by unit: the unit's weights, then its bias.
fn by_unit(started: &Started) -> RowsOf {
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
    (groups, order, parameter_names(started))
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

fn panels<'a>(scene: &'a Scene, columns: &[usize], values: impl Fn(&'a ShownRun<'a>) -> Vec<f64>) -> Vec<Panel> {
    let panel = |run: &'a ShownRun<'a>| Panel {
        name: run.name.clone(),
        color: run.color,
        values: values(run),
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
