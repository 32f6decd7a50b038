//! Localization over training: on about how many parameters leading directions lie, beside null models and a random direction.

use super::{Scene, ShownBands, line, undetermined_directions};
use crate::null_model::Band;
use crate::state::RUN_NAMES;
use crate::state::view::{Against, Directions};
use crate::view::curves::{Curves, Extent, Level, Note, Series, ShadedBand};
use crate::view::number::{short, subscript, thousands};
use crate::view::{AxisLabels, AxisSpec};

/// The chart. The axis of a participation ratio is logarithmic, from 1/P on, and labelled with its reciprocal.
pub fn chart(scene: &Scene) -> Curves {
    let metric = scene.view.localization;
    let parameters = scene.runs.iter().find_map(|run| run.results.parameter_count());
    let is_ratio = metric.localization.is_some_and(|localization| localization.is_ratio);
    let labels = parameters.filter(|_| is_ratio).map_or(AxisLabels::Plain, AxisLabels::Count);
    let mut chart = scene.over_training("Localization", AxisSpec::linear(metric.label).labels(labels));
    let muted = scene.palette().muted;
    for run in &scene.runs {
        let letter = RUN_NAMES[run.index];
        let mut add = |name: String, points: Vec<(f64, f64)>, is_main: bool, is_named: bool| {
            let (width, alpha) = if is_main { (2.2, 1.0) } else { (1.0, 0.45) };
            let last = points.iter().rev().find(|point| point.1.is_finite());
            let value = last.map_or(String::new(), |point| written(labels, point.1));
            let end_label = is_named.then(|| format!("{letter} {name} {value}").trim_end().to_owned());
            let series = line(&format!("{}, {name}", run.name), run.color, width, alpha, points);
            chart.series.push(Series { end_label, is_main, ..series });
        };
        let single = |rank: usize| scene.points(run, |c| (metric.value)(c, rank));
        let name = |rank: usize| format!("v{}", subscript(rank + 1));
        match scene.view.directions {
            Directions::One => add(name(scene.view.rank - 1), single(scene.view.rank - 1), true, true),
            Directions::Mean => add(name(0), single(0), false, true),
            Directions::All => {
                let k = run.results.experiment.leading;
                (0..k).rev().for_each(|rank| add(name(rank), single(rank), false, rank == 0));
            }
        }
        if scene.view.directions != Directions::One {
            add("mean".into(), scene.points(run, |c| metric.mean(c)), true, true);
        }
        chart.notes.extend(undetermined_directions(run));
    }
    let Some(localization) = metric.localization else { return chart };
    // Of one direction the band is that of its rank.
    let band = |null: &ShownBands| match (localization.null, scene.view.directions) {
        (Some(_), Directions::One) if is_ratio => *null.bands.leading_ipr.get(scene.view.rank - 1)?,
        (of, _) => of.and_then(|of| of(null.bands)),
    };
    bands(&mut chart, scene, labels, band);
    if localization.null.is_none() {
        chart.notes.push(Note { text: "no null model for this measure".into(), color: muted });
    }
    if let Some(count) = parameters {
        let (value, formula) = ((localization.chance.0)(count), localization.chance.1);
        let number = if is_ratio { format!(": {} weights", labels.text(value)) } else { String::new() };
        let label = format!("random direction {formula}{number}");
        chart.end_notes.push((value, format!("random {}", written(labels, value)), muted));
        chart.levels.push(Level { label, value, color: muted, fit: true });
    }
    let highest = highest(&chart);
    match parameters.filter(|_| is_ratio) {
        Some(count) => {
            let bottom = 1.0 / count as f64;
            let y = AxisSpec::log("about N parameters (1/IPR)").labels(labels);
            chart.y = y.range(bottom, ratio_ceiling(highest).max(2.0 * bottom));
        }
        // From 0 on, and a round upper end that seldom moves while curves grow.
        None if highest > 0.0 => chart.y = chart.y.range(0.0, ceiling(1.05 * highest)),
        None => {}
    }
    chart
}

fn written(labels: AxisLabels, value: f64) -> String {
    if labels == AxisLabels::Plain { short(value, 2) } else { labels.text(value) }
}

/// Bands of null models: over the whole width where one holds at all times, else only where its own checkpoint is.
fn bands(chart: &mut Curves, scene: &Scene, labels: AxisLabels, band: impl Fn(&ShownBands) -> Option<Band>) {
    let nulls = scene.nulls();
    for of_one in nulls.chunk_by(|a, b| (a.key.kind, a.key.run) == (b.key.kind, b.key.run)) {
        let known: Vec<(&ShownBands, Band)> = of_one.iter().filter_map(|null| Some((null, band(null)?))).collect();
        let Some((null, last)) = known.last() else { continue };
        let shown = scene.runs.iter().find(|run| Some(run.index) == null.key.run);
        let (extent, name) = match shown {
            None => (Extent::Constant(last.low, last.high), null.name()),
            Some(run) => {
                let xs: Vec<f64> = scene.points(run, |_| None).iter().map(|point| point.0).collect();
                let bar = |(null, band): &(&ShownBands, Band)| {
                    let (begin, end) = around(&xs, null.key.checkpoint, scene.view.against);
                    (begin, end, band.low, band.high)
                };
                let (kind, letter) = (crate::state::choice::plain(&null.key.kind), RUN_NAMES[run.index]);
                let name = match known.len() {
                    1 => null.name(),
                    count => format!("{kind}, {letter} at {count} steps, each at its own"),
                };
                (Extent::Bars(known.iter().map(bar).collect()), name)
            }
        };
        // Of a participation ratio the largest is that of the fewest parameters.
        let ends = if labels == AxisLabels::Plain { (last.low, last.high) } else { (last.high, last.low) };
        let range = format!("{}–{}", written(labels, ends.0), written(labels, ends.1));
        let short = match (null.key.run.zip(null.step), known.len()) {
            (None, _) => format!("null {range}"),
            (Some((run, step)), 1) => format!("null {}, step {}", RUN_NAMES[run], thousands(step)),
            (Some((run, _)), count) => format!("null {}, {count} steps", RUN_NAMES[run]),
        };
        let label = format!("null: {name}{}", if known.len() == 1 { format!(": {range}") } else { String::new() });
        // At the height of the middle on a logarithmic axis.
        chart.end_notes.push(((last.low * last.high).sqrt(), short, null.color));
        chart.bands.push(ShadedBand { label, extent, color: null.color });
    }
}

/// From where to where a checkpoint stands for its time: half-way to its neighbours, or, where the axis is not that of steps,
/// just there.
fn around(xs: &[f64], index: usize, against: Against) -> (f64, f64) {
    let x = xs[index];
    let half_way =
        |other: Option<&f64>| other.filter(|_| against == Against::Step).map_or(x, |other| 0.5 * (x + other));
    (half_way(index.checked_sub(1).and_then(|before| xs.get(before))), half_way(xs.get(index + 1)))
}

/// The largest value of lines, bands and levels.
fn highest(chart: &Curves) -> f64 {
    let lines = chart.series.iter().flat_map(|series| series.points.iter().map(|point| point.1));
    let bands = chart.bands.iter().flat_map(|band| match &band.extent {
        Extent::Constant(_, high) => vec![*high],
        Extent::Varying(points) => points.iter().map(|point| point.2).collect(),
        Extent::Bars(bars) => bars.iter().map(|bar| bar.3).collect(),
    });
    let levels = chart.levels.iter().map(|level| 1.1 * level.value);
    lines.chain(bands).chain(levels).fold(0.0, f64::max)
}

/// The next rounder number: an upper end that seldom moves while curves grow.
fn ceiling(x: f64) -> f64 {
    let unit = 10_f64.powf(x.log10().floor());
    let steps = [1.0, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.iter().map(|step| step * unit).find(|end| *end >= x).unwrap_or(x)
}

/// The next larger reciprocal of a round number, 1 at most.
fn ratio_ceiling(ratio: f64) -> f64 {
    let count = (1.0 / ratio.max(1e-9)).max(1.0);
    let unit = 10_f64.powf(count.log10().floor());
    let steps = [7.0, 5.0, 4.0, 3.0, 2.0, 1.5, 1.0];
    1.0 / (unit * steps.into_iter().find(|step| step * unit <= count).unwrap_or(1.0)).max(1.0)
}
