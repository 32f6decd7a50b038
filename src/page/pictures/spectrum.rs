//! The spectrum at the cursor, of the whole Hessian or of one layer's block, with the null model behind it: a panel for each
//! run, on a symmetric logarithmic axis. Where the leading eigenvalues alone are known, how many others lie in each bin is
//! estimated once the cursor rests.

use super::{Scene, ShownBands, ShownRun};
use crate::curvature::Route;
use crate::experiment::Checkpoint;
use crate::hessian::Part;
use crate::landscape::PartSpectra;
use crate::page::exploration::Spot;
use crate::spectrum::{Count, SpectralDensity};
use crate::view::histogram::{Estimated, EstimatedCount, Histogram, HistogramSeries, NullSpectrum, edges};
use crate::view::number::{exponent, fixed, short, significant, thousands};
use crate::view::{AxisScale, AxisSpec};

/// Bins over the axis.
const BINS: usize = 60;

/// Estimated numbers of negative eigenvalues are of those below −‖H‖₂ times this: nearer to 0 the products of an estimate do
/// not tell them from 0, where most eigenvalues of a large network lie.
const RESOLVED: f64 = 1e-2;

/// What is known of the eigenvalues of H, or of a part of it, beside the leading ones.
pub enum Others<'a> {
    /// Their density at the cursor.
    Known(&'a SpectralDensity),
    /// Why it could not be estimated.
    Failed(&'a str),
    /// Nothing yet.
    Unknown,
}

/// The chart.
pub fn chart(scene: &Scene) -> Histogram {
    if let Some(part) = scene.view.part {
        return of_part(scene, part);
    }
    let layer = scene.view.layer;
    let (mut series, mut densities) = (Vec::new(), Vec::new());
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for run in &scene.runs {
        // The axis spans all checkpoints, so that it keeps still while the cursor moves.
        for values in run.checkpoints.iter().filter_map(|c| eigenvalues(c, layer)) {
            (low, high) = range(values, (low, high));
        }
        let Some(checkpoint) = run.at(scene.cursor) else { continue };
        let Some(values) = eigenvalues(checkpoint, layer) else { continue };
        let leading = if layer.is_none() { &checkpoint.leading_eigenvalues[..] } else { &[] };
        let (name, color) = (run.name.clone(), run.color);
        let count = run.results.experiment.leading.min(values.len());
        let null = scene.nulls_at_cursor(run).into_iter().find(|_| layer.is_none()).map(null);
        let leads = checkpoint.spectrum == Route::Leading && layer.is_none();
        let others = if leads { others(scene, run, Part::Full) } else { Others::Unknown };
        if let Others::Known(density) = others {
            (low, high) = density.nodes.iter().fold((low, high), |ends, nodes| range(nodes, ends));
        }
        let estimated = leads.then(|| estimated(checkpoint, &others));
        let eigenvalues = leading_first(values, leading);
        series.push(HistogramSeries { name, color, eigenvalues, leading: count, null, estimated });
        densities.push(others);
    }
    let title = match layer {
        Some(layer) if series.is_empty() && leads_alone(scene) => {
            format!("Spectrum of layer {layer}: blocks are not computed with leading pairs")
        }
        Some(layer) => format!("Spectrum at the cursor, block of layer {layer}"),
        None if leads_alone(scene) => "Leading eigenvalues at the cursor, and estimated numbers of all".into(),
        None => "Spectrum at the cursor".into(),
    };
    let mut chart = Histogram { title, x: axis(low, high), series, apart: true, bins: BINS, ..Histogram::default() };
    estimate(&mut chart, &densities);
    chart
}

/// Whether the leading eigenvalues are all that is known of a shown run.
fn leads_alone(scene: &Scene) -> bool {
    scene.runs.iter().filter_map(|run| run.at(scene.cursor)).any(|c| c.spectrum == Route::Leading)
}

/// The ends of what was there and of values.
fn range(values: &[f64], ends: (f64, f64)) -> (f64, f64) {
    values.iter().fold(ends, |(low, high), x| (low.min(*x), high.max(*x)))
}

/// The axis from `low` ≤ 0 to `high` ≥ 0.
fn axis(low: f64, high: f64) -> AxisSpec {
    if high <= low {
        return AxisSpec::linear("λ");
    }
    let power = linear_power(high.max(-low));
    let end = short(libm::exp10(f64::from(power)), 1);
    let x =
        AxisSpec { scale: AxisScale::SymmetricLog(power), ..AxisSpec::linear(&format!("λ, linear within ±{end}")) };
    // Somewhat beyond the outermost on this axis.
    x.range(1.3 * low, 1.3 * high)
}

/// The power of ten up to which the axis is linear: from a thousandth to a hundredth of the largest |λ| of all checkpoints.
fn linear_power(largest: f64) -> i32 {
    exponent(largest) - 2
}

/// The mean spectrum of a null model.
fn null(shown: ShownBands) -> NullSpectrum {
    let what = match shown.bands.spectrum {
        Route::Full => "mean spectrum",
        Route::Leading => "means of its leading eigenvalues",
    };
    NullSpectrum {
        label: format!("null: {}, {what}", shown.name()),
        eigenvalues: shown.bands.eigenvalues_descending.iter().map(|band| band.mean).collect(),
        samples: 1,
    }
}

/// All eigenvalues, the `leading` ones first: those are the largest, or the largest by magnitude.
fn leading_first(descending: &[f64], leading: &[f64]) -> Vec<f64> {
    let mut others = descending.to_vec();
    for value in leading {
        if let Some(at) = others.iter().position(|other| other == value) {
            others.remove(at);
        }
    }
    [leading, &others].concat()
}

/// What is known of a run's eigenvalues at the cursor beside the leading ones.
pub fn others<'a>(scene: &Scene<'a>, run: &ShownRun, part: Part) -> Others<'a> {
    let spot = Spot { generation: run.results.generation, index: scene.cursor };
    let found = scene.model.exploration.runs.get(&run.index).and_then(|of_run| of_run.density(part).as_ref());
    match found.filter(|(of, _)| *of == spot) {
        Some((_, Ok(density))) => Others::Known(density),
        Some((_, Err(why))) => Others::Failed(why),
        None => Others::Unknown,
    }
}

/// What a series says of eigenvalues that are not known; its counts follow with the axis.
fn estimated(checkpoint: &Checkpoint, others: &Others) -> Estimated {
    let words = match others {
        Others::Unknown => "the others are estimated where the cursor rests".into(),
        Others::Failed(why) => format!("the others could not be estimated: {}", why.trim_end_matches('.')),
        Others::Known(density) => {
            format!(
                "{} eigenvalues, estimated from {} random vectors with {} products each: {}",
                thousands(density.n),
                density.probes,
                density.steps,
                negative(density, checkpoint)
            )
        }
    };
    Estimated { words, ..Estimated::default() }
}

/// How many eigenvalues are negative as far as an estimate can tell: from the least to the most, below which number.
pub fn negative(density: &SpectralDensity, checkpoint: &Checkpoint) -> String {
    let below = -RESOLVED * checkpoint.spectral_norm;
    let (least, most) = density.cumulative(&[below])[0].range();
    let most = most.min(density.n as f64);
    format!("{} to {} below {}", fixed(least.floor(), 0), fixed(most.ceil(), 0), significant(below, 2))
}

/// Puts the estimated numbers into the bins that the axis has.
fn estimate(chart: &mut Histogram, densities: &[Others]) {
    let edges = edges(chart);
    for (run, others) in chart.series.iter_mut().zip(densities) {
        if let (Some(estimated), Others::Known(density)) = (&mut run.estimated, others) {
            let bin = |found: Count| {
                let (least, most) = found.range();
                EstimatedCount { count: found.count.value, least, most: most.min(density.n as f64) }
            };
            estimated.counts = density.counts(&edges).into_iter().map(bin).collect();
        }
    }
}

/// The spectrum of a part of the Hessian, as far as the worker has computed it for the cursor. No null model has parts.
fn of_part(scene: &Scene, part: Part) -> Histogram {
    let name = if part == Part::GaussNewton { "Gauss–Newton part" } else { "residual part" };
    let (mut series, mut densities, mut words) = (Vec::new(), Vec::new(), format!("λ of the {name}"));
    let (mut low, mut high) = (0.0, 0.0);
    for run in &scene.runs {
        let (label, color, leading) = (run.name.clone(), run.color, run.results.experiment.leading);
        let Some(checkpoint) = run.at(scene.cursor) else { continue };
        if checkpoint.spectrum == Route::Leading {
            let others = others(scene, run, part);
            match others {
                Others::Known(density) => {
                    (low, high) = density.nodes.iter().fold((low, high), |ends, nodes| range(nodes, ends));
                    let estimated = Some(estimated(checkpoint, &others));
                    let (eigenvalues, leading) = (Vec::new(), 0);
                    series.push(HistogramSeries { name: label, color, eigenvalues, leading, null: None, estimated });
                    densities.push(others);
                }
                Others::Failed(why) => words += &format!("; {label}: {why}"),
                Others::Unknown => words += &format!("; {label}: computing where the cursor rests"),
            }
            continue;
        }
        match parts_of(scene, run) {
            Some(Ok(parts)) => {
                let values = if part == Part::GaussNewton { &parts.gauss_newton } else { &parts.residual };
                let (eigenvalues, leading) = (values.clone(), leading.min(values.len()));
                series.push(HistogramSeries { name: label, color, eigenvalues, leading, null: None, estimated: None });
                densities.push(Others::Unknown);
            }
            Some(Err(why)) => words += &format!("; {label}: {why}"),
            None => words += &format!("; {label}: computing"),
        }
    }
    let waits = if series.is_empty() && words.contains("computing") { ": computing" } else { "" };
    let title = format!("Spectrum at the cursor, {name}{waits}");
    let mut x = AxisSpec::linear(&words);
    if high > low {
        let title = format!("{words}, {}", axis(low, high).title);
        x = AxisSpec { title, ..axis(low, high) };
    }
    let mut chart = Histogram { title, x, series, bins: BINS, ..Histogram::default() };
    estimate(&mut chart, &densities);
    chart
}

/// The spectra of the parts at the cursor, where they are there.
fn parts_of<'a>(scene: &Scene<'a>, run: &ShownRun) -> Option<Result<&'a PartSpectra, &'a String>> {
    let (spot, found) = scene.model.exploration.runs.get(&run.index)?.parts.as_ref()?;
    let here = *spot == Spot { generation: run.results.generation, index: scene.cursor };
    here.then(|| found.as_ref().map(|found| &**found))
}

/// The eigenvalues of a checkpoint: all of them, descending, or the leading ones where no others are known, or those of a
/// layer's diagonal block.
fn eigenvalues(checkpoint: &Checkpoint, layer: Option<usize>) -> Option<&[f64]> {
    match layer {
        Some(layer) => {
            checkpoint.layer_spectra.get(layer - 1).map(|spectrum| spectrum.eigenvalues_descending.as_slice())
        }
        None if checkpoint.spectrum == Route::Leading => Some(&checkpoint.leading_eigenvalues),
        None => Some(&checkpoint.eigenvalues_descending),
    }
}
