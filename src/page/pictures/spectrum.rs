//! The spectrum at the cursor, of the whole Hessian or of one layer's block, with the null model behind it: a panel for each
//! run, on a symmetric logarithmic axis.

use super::{Scene, ShownBands, ShownRun};
use crate::experiment::Checkpoint;
use crate::hessian::Part;
use crate::landscape::PartSpectra;
use crate::page::exploration::Spot;
use crate::view::histogram::{Histogram, HistogramSeries, NullSpectrum};
use crate::view::number::{exponent, short};
use crate::view::{AxisScale, AxisSpec};

/// Bins over the axis.
const BINS: usize = 60;

/// The chart.
pub fn chart(scene: &Scene) -> Histogram {
    if let Some(part) = scene.view.part {
        return of_part(scene, part);
    }
    let layer = scene.view.layer;
    let mut series = Vec::new();
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for run in &scene.runs {
        // The axis spans all checkpoints, so that it keeps still while the cursor moves.
        for values in run.checkpoints.iter().filter_map(|c| eigenvalues(c, layer)) {
            low = low.min(values.last().copied().unwrap_or(0.0));
            high = high.max(values.first().copied().unwrap_or(0.0));
        }
        if let Some(values) = run.at(scene.cursor).and_then(|c| eigenvalues(c, layer)) {
            let checkpoint = run.at(scene.cursor).filter(|_| layer.is_none());
            let leading = checkpoint.map_or(&[][..], |c| &c.leading_eigenvalues);
            let (name, color) = (run.name.clone(), run.color);
            let count = run.results.experiment.leading.min(values.len());
            let null = scene.nulls_at_cursor(run).into_iter().find(|_| layer.is_none()).map(null);
            series.push(HistogramSeries {
                name,
                color,
                eigenvalues: leading_first(values, leading),
                leading: count,
                null,
            });
        }
    }
    let title = match layer {
        Some(layer) => format!("Spectrum at the cursor, block of layer {layer}"),
        None => "Spectrum at the cursor".into(),
    };
    let mut x = AxisSpec::linear("λ");
    if high > low {
        let power = linear_power(high.max(-low));
        let end = short(libm::exp10(f64::from(power)), 1);
        x = AxisSpec {
            scale: AxisScale::SymmetricLog(power), ..AxisSpec::linear(&format!("λ, linear within ±{end}"))
        };
        // Somewhat beyond the outermost on this axis.
        x = x.range(1.3 * low, 1.3 * high);
    }
    Histogram { title, x, series, apart: true, bins: BINS, ..Histogram::default() }
}

/// The power of ten up to which the axis is linear: from a thousandth to a hundredth of the largest |λ| of all checkpoints.
fn linear_power(largest: f64) -> i32 {
    exponent(largest) - 2
}

/// The mean spectrum of a null model.
fn null(shown: ShownBands) -> NullSpectrum {
    NullSpectrum {
        label: format!("null: {}, mean spectrum", shown.name()),
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

/// The spectrum of a part of the Hessian, as far as the worker has computed it for the cursor. No null model has parts.
fn of_part(scene: &Scene, part: Part) -> Histogram {
    let name = if part == Part::GaussNewton { "Gauss–Newton part" } else { "residual part" };
    let (mut series, mut words) = (Vec::new(), format!("λ of the {name}"));
    for run in &scene.runs {
        match parts_of(scene, run) {
            Some(Ok(parts)) => {
                let values = if part == Part::GaussNewton { &parts.gauss_newton } else { &parts.residual };
                let (name, color, leading) = (run.name.clone(), run.color, run.results.experiment.leading);
                let leading = leading.min(values.len());
                series.push(HistogramSeries { name, color, eigenvalues: values.clone(), leading, null: None });
            }
            Some(Err(why)) => words += &format!("; {}: {why}", run.name),
            None if run.at(scene.cursor).is_some() => words += &format!("; {}: computing", run.name),
            None => {}
        }
    }
    let waits = if series.is_empty() && words.contains("computing") { ": computing" } else { "" };
    let title = format!("Spectrum at the cursor, {name}{waits}");
    Histogram { title, x: AxisSpec::linear(&words), series, bins: BINS, ..Histogram::default() }
}

/// The spectra of the parts at the cursor, where they are there.
fn parts_of<'a>(scene: &Scene<'a>, run: &ShownRun) -> Option<Result<&'a PartSpectra, &'a String>> {
    let (spot, found) = scene.model.exploration.runs.get(&run.index)?.parts.as_ref()?;
    let here = *spot == Spot { generation: run.results.generation, index: scene.cursor };
    here.then(|| found.as_ref().map(|found| &**found))
}

/// The eigenvalues of a checkpoint, descending: all of them, or those of a layer's diagonal block.
fn eigenvalues(checkpoint: &Checkpoint, layer: Option<usize>) -> Option<&[f64]> {
    match layer {
        Some(layer) => {
            checkpoint.layer_spectra.get(layer - 1).map(|spectrum| spectrum.eigenvalues_descending.as_slice())
        }
        None => Some(&checkpoint.eigenvalues_descending),
    }
}
