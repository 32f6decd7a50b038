//! Spectra at one checkpoint: counts of eigenvalues on a logarithmic axis, the leading ones as stems, the null
//! model's mean behind.

use super::axis::{self, AxisScale, AxisSpec};
use super::drawing::{Align, DrawError, Drawing};
use super::frame::{self, Frame, Ranged};
use super::legend::{self, LegendEntry, Symbol};
use super::number::{self, plural, significant};
use super::{Layout, Plot, PlottedPoint, Rect, Rgb, SMALL, Style, TEXT, UNIT, text};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// Below which height panels stand side by side, CSS pixels.
const LOW: f64 = 40.0;

/// Eigenvalues of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramSeries {
    /// Name of the run.
    pub name: String,
    /// The run's colour.
    pub color: Rgb,
    /// All eigenvalues, the `leading` ones first.
    pub eigenvalues: Vec<f64>,
    /// How many are marked one by one, and named λ₁, λ₂, … where there is room.
    pub leading: usize,
    /// The null model of this run, where it has its own.
    pub null: Option<NullSpectrum>,
    /// How all eigenvalues lie, as far as can be estimated, where few are known.
    pub estimated: Option<Estimated>,
}

/// What is estimated of eigenvalues that are not known one by one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Estimated {
    /// For each bin the number of eigenvalues; empty where there is no estimate yet.
    pub counts: Vec<EstimatedCount>,
    /// From what, and what follows, in a few words.
    pub words: String,
}

/// An estimated number of eigenvalues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EstimatedCount {
    /// The estimate.
    pub count: f64,
    /// The least that it can be.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl HistogramSeries {
    /// How many eigenvalues lie in each bin, counted or estimated.
    pub fn counts(&self, edges: &[f64]) -> Vec<f64> {
        match self.estimates(edges) {
            Some(estimates) => estimates.iter().map(|estimate| estimate.count).collect(),
            None => counts(&self.eigenvalues, edges),
        }
    }

    /// The estimates of the bins, where there are any.
    pub fn estimates(&self, edges: &[f64]) -> Option<&[EstimatedCount]> {
        let estimates = &self.estimated.as_ref()?.counts;
        (estimates.len() + 1 == edges.len()).then_some(estimates)
    }
}

/// Eigenvalues of all samples of a null model.
#[derive(Debug, Clone, PartialEq)]
pub struct NullSpectrum {
    /// What it is, in a few words.
    pub label: String,
    /// Those of all samples together.
    pub eigenvalues: Vec<f64>,
    /// How many samples; counts are divided by it.
    pub samples: usize,
}

/// One or several spectra over a common axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Name of the chart.
    pub title: String,
    /// Axis of the eigenvalues; a fixed range keeps it still while the cursor moves.
    pub x: AxisSpec,
    /// The runs.
    pub series: Vec<HistogramSeries>,
    /// The null model of all runs that have none of their own.
    pub null: Option<NullSpectrum>,
    /// Number of bins over the axis, equally wide on it.
    pub bins: usize,
    /// The largest count of the axis; from the data if `None`.
    pub most: Option<f64>,
    /// One panel for each run instead of all in one: one above the other, or side by side where that is too low for it.
    pub apart: bool,
}

impl Histogram {
    /// The null model behind a run.
    pub fn null_of<'a>(&'a self, run: &'a HistogramSeries) -> Option<&'a NullSpectrum> {
        run.null.as_ref().or(self.null.as_ref())
    }
}

/// Draws the spectra over the whole area. The series of each plot are the leading eigenvalues of its runs: x the
/// eigenvalue, y its rank from 1.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Histogram,
    style: &Style,
) -> Result<Layout, DrawError<DB>> {
    let (drawing, drawn) = lay_out(area.dim_in_pixel(), data, style);
    drawing.paint(area, None)?;
    Ok(drawn)
}

/// The picture's marks on `size` pixels.
pub fn lay_out(size: (u32, u32), data: &Histogram, style: &Style) -> (Drawing, Layout) {
    let mut drawing = Drawing::new(size, style);
    let s = style.scale;
    let edges = edges(data);
    let x = Ranged { spec: &data.x, min: edges[0], max: edges[edges.len() - 1] };
    let counted: Vec<Vec<f64>> = data.series.iter().map(|s| s.counts(&edges)).collect();
    let of_null = |null: Option<&NullSpectrum>| null.map_or(Vec::new(), |null| null_counts(null, &edges));
    let mut nulls: Vec<Vec<f64>> = data.series.iter().map(|s| of_null(data.null_of(s))).collect();
    if !data.apart || nulls.is_empty() {
        nulls.insert(0, of_null(data.null.as_ref()));
    }
    let seen = counted.iter().chain(&nulls).flatten().copied().fold(1.0, f64::max);
    let most = data.most.filter(|m| *m > 1.0 && axis::shown(*m)).unwrap_or(axis::round_log(seen, true));
    let y_spec = AxisSpec::log("eigenvalues");
    let no_title = AxisSpec::log("");
    // One eigenvalue must show: the axis begins below 1.
    let y = Ranged { spec: &y_spec, min: 0.6, max: 1.3 * most };

    let panels = if data.apart { data.series.len().max(1) } else { 1 };
    let head = legend::draw(&mut drawing, &legend_entries(data, style.palette().muted));
    // Below all panels stand the numbers of their common axis, above the first what its counts are.
    let (foot, title) = if drawing.height > 80.0 * s { (2.0 * SMALL + 3.0 * UNIT, SMALL + UNIT) } else { (0.0, 0.0) };
    let high = (drawing.height - (head + foot + title) * s) / panels as f64;
    let stacked = high > LOW * s;
    let mut plots = Vec::new();
    for i in 0..panels {
        let (each, begin) = (drawing.width / panels as f64, head * s + if i == 0 { 0.0 } else { title * s });
        let outer = match stacked {
            true => {
                let y1 = (head + title) * s + (i + 1) as f64 * high;
                let y1 = if i + 1 == panels { drawing.height } else { y1 };
                Rect { x0: 0.0, x1: drawing.width, y0: begin + i as f64 * high, y1 }
            }
            false => Rect { x0: i as f64 * each, x1: (i + 1) as f64 * each, y0: head * s, y1: drawing.height },
        };
        let y = if i == 0 || !stacked { y } else { Ranged { spec: &no_title, ..y } };
        let frame = match stacked && i + 1 < panels {
            true => frame::draw_bare(&mut drawing, outer, x, y, 0.0),
            false => frame::draw(&mut drawing, outer, x, y, 0.0, 0.0),
        };
        if frame.rect.width() < 2.0 || frame.rect.height() < 2.0 {
            continue;
        }
        let members = if data.apart { i..(i + 1).min(data.series.len()) } else { 0..data.series.len() };
        let muted = drawing.palette.muted;
        steps(&mut drawing, &frame, &edges, &nulls[i], muted, true);
        for m in members.clone() {
            steps(&mut drawing, &frame, &edges, &counted[m], data.series[m].color, false);
            ranges(&mut drawing, &frame, &edges, &data.series[m]);
        }
        let mut taken = Vec::new();
        if let Some(run) = data.series.get(i).filter(|_| data.apart) {
            let x = frame.rect.x0 + UNIT * s;
            let room = frame.rect.width().min(0.5 * drawing.width) - UNIT * s;
            drawing.panel_name((x, frame.rect.y0 + 0.6 * TEXT * s), room, run.color, &run.name);
            taken.push((x, x + room.min(text::BOLD * drawing.text_width(&run.name, TEXT))));
        }
        let mut stems_of = |m: usize| {
            let named = data.apart.then_some(&mut taken);
            stems(&mut drawing, &frame, &data.series[m], m - members.start, named)
        };
        let stems = members.clone().map(&mut stems_of).collect();
        plots.push(Plot { rect: frame.rect, x: frame.x, y: frame.y, series: stems });
    }
    (drawing, Layout { plots })
}

/// The runs of a common panel, and the null model in the colour `muted`; panels of their own carry the runs' names.
pub fn legend_entries(data: &Histogram, muted: Rgb) -> Vec<LegendEntry> {
    let area = |label: &str, color, alpha| {
        let label = label.to_owned();
        LegendEntry { label, symbol: Symbol::Area, color, alpha, width: 1.0, dash: Vec::new() }
    };
    let runs = data.series.iter().filter(|s| !s.name.is_empty() && !data.apart);
    let runs = runs.map(|s| area(&s.name, s.color, 0.7));
    let mut nulls: Vec<&NullSpectrum> = data.series.iter().filter_map(|s| data.null_of(s)).collect();
    if nulls.is_empty() {
        nulls.extend(&data.null);
    }
    nulls.dedup_by(|a, b| a.label == b.label);
    let null = nulls.into_iter().filter(|n| !n.label.is_empty() && !n.eigenvalues.is_empty());
    runs.chain(null.map(|n| area(&n.label, muted, 0.3))).collect()
}

/// Bin edges over the axis of the eigenvalues, ascending.
pub fn edges(data: &Histogram) -> Vec<f64> {
    let nulls = data.series.iter().filter_map(|s| s.null.as_ref()).chain(&data.null);
    let all = data.series.iter().flat_map(|s| &s.eigenvalues).chain(nulls.flat_map(|n| &n.eigenvalues));
    let (min, max) = axis::resolve(&data.x, all.copied(), true);
    let bins = data.bins.clamp(1, 1000);
    let scale = data.x.scale;
    let ends = scale.forward(min).zip(scale.forward(max));
    let at = |i: usize| {
        let t = i as f64 / bins as f64;
        match ends {
            Some((first, last)) if scale == AxisScale::Linear => first + t * (last - first),
            Some((first, last)) => scale.inverse(first * (1.0 - t) + last * t),
            None => min + t * (max - min),
        }
    };
    (0..=bins).map(at).collect()
}

/// How many values fall into each bin; those beyond the ends count in the outermost, those that are NaN nowhere.
pub fn counts(values: &[f64], edges: &[f64]) -> Vec<f64> {
    let bins = edges.len().saturating_sub(1);
    let mut counts = vec![0.0; bins];
    for value in values.iter().filter(|v| !v.is_nan()) {
        let bin = edges.partition_point(|e| e <= value).saturating_sub(1).min(bins.saturating_sub(1));
        if let Some(count) = counts.get_mut(bin) {
            *count += 1.0;
        }
    }
    counts
}

fn null_counts(null: &NullSpectrum, edges: &[f64]) -> Vec<f64> {
    let samples = null.samples.max(1) as f64;
    counts(&null.eigenvalues, edges).into_iter().map(|c| c / samples).collect()
}

/// A step line over the bins, filled down to the axis; broken where bins are empty.
fn steps(drawing: &mut Drawing, frame: &Frame, edges: &[f64], counts: &[f64], color: Rgb, behind: bool) {
    let rect = frame.rect;
    let bins = edges.windows(2).zip(counts).map(|(e, count)| {
        let y = frame.y.px(*count).filter(|y| *y < rect.y1)?.max(rect.y0);
        Some((frame.x.px(e[0])?, frame.x.px(e[1])?, y))
    });
    let bins: Vec<Option<(f64, f64, f64)>> = bins.collect();
    for run in bins.split(Option::is_none).filter(|run| !run.is_empty()) {
        let run: Vec<_> = run.iter().flatten().copied().collect();
        let (first, last) = (run[0], run[run.len() - 1]);
        let mut outline = vec![(first.0, rect.y1)];
        outline.extend(run.iter().flat_map(|(x0, x1, y)| [(*x0, *y), (*x1, *y)]));
        outline.push((last.1, rect.y1));
        drawing.area(outline.clone(), color, if behind { 0.2 } else { 0.22 });
        if !behind {
            drawing.line(&outline, rect, 1.25, (color, 1.0), &[]);
        }
    }
}

/// A line over each bin from the least to the most that its number can be, also where the estimate is 0.
fn ranges(drawing: &mut Drawing, frame: &Frame, edges: &[f64], run: &HistogramSeries) {
    let Rect { y0, y1, .. } = frame.rect;
    for (ends, EstimatedCount { least, most, .. }) in edges.windows(2).zip(run.estimates(edges).unwrap_or(&[])) {
        let x = frame.x.px(ends[0]).zip(frame.x.px(ends[1])).map(|(a, b)| 0.5 * (a + b));
        let top = frame.y.px(*most).filter(|top| *top < y1 && most > least);
        if let Some((x, top)) = x.zip(top) {
            // On a logarithmic axis there is no place for what is not above 0.
            let bottom = frame.y.px(*least).unwrap_or(y1).min(y1);
            drawing.vertical(x, top.max(y0), bottom.max(y0), 1.0, run.color, &[]);
        }
    }
}

/// Leading eigenvalues as stems with heads; each run's heads have their own height, so that none hides another.
fn stems(
    drawing: &mut Drawing,
    frame: &Frame,
    spectrum: &HistogramSeries,
    row: usize,
    mut taken: Option<&mut Vec<(f64, f64)>>,
) -> Vec<PlottedPoint> {
    let (s, rect) = (drawing.scale, frame.rect);
    // Above bars of one eigenvalue, which outliers have.
    let top = frame.y.px(1.0).unwrap_or(rect.y1);
    let y = (top - (8.0 + 8.0 * row as f64) * s).clamp(rect.y0, rect.y1);
    let mut spots = Vec::new();
    for (index, &value) in spectrum.eigenvalues.iter().take(spectrum.leading).enumerate() {
        if let Some(px) = frame.x.px(value).filter(|px| (rect.x0..=rect.x1).contains(px)) {
            drawing.vertical(px, y, rect.y1, 1.0, spectrum.color, &[]);
            drawing.dot(px, y, 3.25, drawing.palette.surface, 1.0);
            drawing.dot(px, y, 2.5, spectrum.color, 1.0);
            let name = format!("λ{} {}", number::subscript(index + 1), significant(value, 2));
            let width = drawing.text_width(&name, SMALL);
            let begin = (px - 0.5 * width).clamp(rect.x0, (rect.x1 - width).max(rect.x0));
            let place = (begin - UNIT * s, begin + width + UNIT * s);
            // Above its head, as far as the names of the run and of larger ones leave room.
            if let Some(taken) = taken.as_deref_mut()
                && y - rect.y0 > 1.2 * SMALL * s
                && taken.iter().all(|t| place.1 <= t.0 || t.1 <= place.0)
            {
                drawing.text((begin, y - 0.9 * SMALL * s), Align::Start, SMALL, spectrum.color, &name);
                taken.push(place);
            }
            spots.push(PlottedPoint { index, x: value, y: (index + 1) as f64, px, py: y });
        }
    }
    spots
}

/// The spectra in words.
pub fn describe(data: &Histogram) -> String {
    let range = |values: &[f64]| {
        let known = values.iter().copied().filter(|v| v.is_finite());
        known.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
    };
    let words = |s: &HistogramSeries| {
        let (lo, hi) = range(&s.eigenvalues);
        if lo > hi && s.estimated.is_none() {
            return format!("{}: no eigenvalues yet", s.name);
        }
        let leading: Vec<String> = s.eigenvalues.iter().take(s.leading.min(5)).map(|v| significant(*v, 3)).collect();
        if let Some(estimated) = &s.estimated {
            let leading = if leading.is_empty() { String::new() } else { format!("leading {}; ", leading.join(", ")) };
            return format!("{}: {leading}{}", s.name, estimated.words);
        }
        let negative = s.eigenvalues.iter().filter(|v| **v < 0.0).count();
        format!(
            "{}: {} from {} to {}, {negative} of them negative, leading {}",
            s.name,
            plural(s.eigenvalues.len(), "eigenvalue"),
            significant(lo, 3),
            significant(hi, 3),
            leading.join(", ")
        )
    };
    let mut parts: Vec<String> = data.series.iter().map(words).collect();
    for null in data.series.iter().filter_map(|s| s.null.as_ref()).chain(&data.null) {
        let (lo, hi) = range(&null.eigenvalues);
        if lo <= hi {
            parts.push(format!("{}: from {} to {}", null.label, significant(lo, 3), significant(hi, 3)));
        }
    }
    format!("{}: {}.", data.title, if parts.is_empty() { "no runs yet".into() } else { parts.join("; ") })
}
