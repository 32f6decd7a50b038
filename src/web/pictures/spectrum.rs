//! The spectrum at the cursor, of the whole Hessian or of one layer's block, with the null model behind it.

use super::Scene;
use crate::experiment::Checkpoint;
use crate::null_model::NullBands;
use crate::state::{RUN_NAMES, Scope};
use crate::view::histogram::{Histogram, HistogramSeries, NullSpectrum, counts, edges};
use crate::view::number::significant;
use crate::view::{AxisSpec, Plot, Rgb};

/// Bins over the axis.
const BINS: usize = 60;

/// The chart.
pub fn chart(scene: &Scene) -> Histogram {
    let block: Option<usize> = scene.state.text(Scope::View, "block").parse().ok();
    let eigenvalues = |c: &Checkpoint| match block {
        Some(layer) => c.layer_spectra.get(layer - 1).map(|spectrum| spectrum.eigenvalues_descending.clone()),
        None => Some(c.eigenvalues_descending.clone()),
    };
    let mut spectra = Vec::new();
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for (index, run) in scene.runs.iter().enumerate() {
        // The axis spans all checkpoints, so that it keeps still while the cursor moves.
        for values in run.checkpoints.iter().map(|c| ends(c, block)) {
            low = low.min(values.0);
            high = high.max(values.1);
        }
        if let Some(values) = run.at(scene.cursor).and_then(eigenvalues) {
            let leading = run.experiment.leading.min(values.len());
            spectra.push(HistogramSeries {
                name: scene.name(index),
                color: scene.color(index),
                eigenvalues: values,
                leading,
            });
        }
    }
    let null = nulls(scene).into_iter().next().filter(|_| block.is_none()).map(|(bands, name, _)| NullSpectrum {
        label: format!("null: {name}, mean spectrum"),
        eigenvalues: bands.eigenvalues_descending.iter().map(|band| band.mean).collect(),
        samples: 1,
    });
    let title = match block {
        Some(layer) => format!("Spectrum at the cursor, block of layer {layer}"),
        None => "Spectrum at the cursor".into(),
    };
    let mut x = AxisSpec::linear("λ");
    if high > low {
        let margin = 0.02 * (high - low);
        x = x.range(low - margin, high + margin);
    }
    Histogram { title, x, series: spectra, null, bins: BINS, ..Histogram::default() }
}

/// Smallest and largest eigenvalue of a checkpoint.
fn ends(checkpoint: &Checkpoint, block: Option<usize>) -> (f64, f64) {
    let all = match block {
        Some(layer) => checkpoint.layer_spectra.get(layer - 1).map(|spectrum| &spectrum.eigenvalues_descending),
        None => Some(&checkpoint.eigenvalues_descending),
    };
    all.and_then(|all| Some((*all.last()?, *all.first()?))).unwrap_or((0.0, 0.0))
}

/// What the pointer reads: the bin, and how many eigenvalues lie in it.
pub fn read(data: &Histogram, plot: &Plot, px: f64) -> Vec<(String, String, Option<Rgb>)> {
    let Some(x) = plot.x.at(px) else { return Vec::new() };
    let edges = edges(data);
    let bin = edges.partition_point(|edge| *edge <= x).saturating_sub(1).min(edges.len().saturating_sub(2));
    let (Some(low), Some(high)) = (edges.get(bin), edges.get(bin + 1)) else { return Vec::new() };
    let mut lines = vec![("λ".to_owned(), format!("{} to {}", significant(*low, 3), significant(*high, 3)), None)];
    for spectrum in &data.series {
        let count = counts(&spectrum.eigenvalues, &edges).get(bin).copied().unwrap_or(0.0);
        lines.push((spectrum.name.clone(), format!("{count}"), Some(spectrum.color)));
    }
    if let Some(null) = &data.null {
        let count = counts(&null.eigenvalues, &edges).get(bin).copied().unwrap_or(0.0) / null.samples.max(1) as f64;
        lines.push((null.label.clone(), significant(count, 3), None));
    }
    lines
}

/// The bands of the null model with name and colour: one in grey where it is the same for all runs, else each in the
/// colour of its run.
pub fn nulls<'a>(scene: &'a Scene) -> Vec<(&'a NullBands, String, Rgb)> {
    let muted = scene.palette().muted;
    let known = scene.runs.iter().enumerate().filter_map(|(index, run)| Some((index, run.null.as_ref()?)));
    let named = |(index, bands): (usize, &'a NullBands)| {
        let kind = serde_json::to_value(bands.kind).ok();
        let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or("").replace('_', " ");
        match bands.kind.needs_checkpoint() {
            true => (bands, format!("{kind}, {}", RUN_NAMES[index]), scene.color(index)),
            false => (bands, kind, muted),
        }
    };
    known.map(named).collect()
}
