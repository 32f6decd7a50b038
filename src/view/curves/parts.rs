//! What a line chart is made of.

use super::super::Rgb;
use super::super::axis;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name, for the legend and the description; series of one name share a legend entry.
    pub label: String,
    /// (x, y); the line is broken where either has no place on its axis.
    pub points: Vec<(f64, f64)>,
    /// Stroke colour.
    pub color: Rgb,
    /// Opacity ∈ [0, 1].
    pub alpha: f64,
    /// CSS pixels.
    pub width: f64,
    /// Dash, gap, … in CSS pixels; empty for a solid line.
    pub dash: Vec<f64>,
    /// Name to the right of the last point that can be drawn, once for each colour. Where there is no room for all, the series drawn last,
    /// on top of the others, keep theirs.
    pub end_label: Option<String>,
    /// Indices of the points that have a dot.
    pub dots: Vec<usize>,
    /// Whether its value is written beside its dot at the cursor.
    pub is_main: bool,
}

impl Series {
    /// A solid opaque line of ordinary width.
    pub fn new(label: &str, color: Rgb, points: Vec<(f64, f64)>) -> Self {
        Series {
            label: label.into(),
            points,
            color,
            alpha: 1.0,
            width: 1.5,
            dash: Vec::new(),
            end_label: None,
            dots: Vec::new(),
            is_main: false,
        }
    }
}

/// Where a band reaches from and to.
#[derive(Debug, Clone, PartialEq)]
pub enum Extent {
    /// (low, high) over the whole width.
    Constant(f64, f64),
    /// (x, low, high) from point to point.
    Varying(Vec<(f64, f64, f64)>),
    /// (begin, end, low, high) of single bars, each drawn at least [`BAR`](super::BAR) wide: bands of which each belongs to
    /// its own x and to no other.
    Bars(Vec<(f64, f64, f64, f64)>),
}

/// A filled range of values, such as a null model's 5–95 % or a confidence interval.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadedBand {
    /// What it is, in a few words; may be empty.
    pub label: String,
    /// From and to.
    pub extent: Extent,
    /// Fill colour, drawn thinly; the palette's `muted` for null models, a run's own for its confidence band.
    pub color: Rgb,
}

/// A horizontal reference: a chance level, a threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// What it is, in a few words; where there is no room for all, a number after the last colon is kept.
    pub label: String,
    /// Where.
    pub value: f64,
    /// Colour of the dashed line and its label.
    pub color: Rgb,
    /// Whether an automatic range must hold it. A level outside the range is named at the edge that it lies beyond.
    pub fit: bool,
}

/// A reference that changes along x, such as a threshold that follows the learning rate: each value holds from its own
/// x to the next, the last one only at its own. The label ends with the last value; a line whose last value lies outside the range is named at the
/// edge that it lies beyond.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLine {
    /// What it is, in a few words, without the value.
    pub label: String,
    /// (x, value), x ascending; NaN where there is none, which leaves a gap.
    pub points: Vec<(f64, f64)>,
    /// Colour of the dashed line and its label.
    pub color: Rgb,
    /// Whether an automatic range must hold it.
    pub fit: bool,
}

impl StepLine {
    /// The last point with a value.
    pub fn last(&self) -> Option<(f64, f64)> {
        self.points.iter().rev().copied().find(|p| axis::shown(p.0) && axis::shown(p.1))
    }
}

/// A short message within the plot, such as what has no value to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The message.
    pub text: String,
    /// Its colour: that of its run, or `muted`.
    pub color: Rgb,
}

/// A vertical reference: something happened here.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// What happened, in a few words; may be empty.
    pub label: String,
    /// Where.
    pub x: f64,
    /// Colour of the line and its label.
    pub color: Rgb,
}

/// What the legend above the plot names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Legend {
    /// Nothing.
    #[default]
    None,
    /// The series.
    Series,
    /// Series, bands, levels and step lines.
    All,
}
