//! A chart as a figure that stands alone, for export: with title, complete legend and caption.

use super::chart::Chart;
use super::curves::{self, Legend};
use super::drawing::Align;
use super::panels::{self, CurvePanels};
use super::{Blit, DrawError, Drawing, Rect, SMALL, Style, UNIT, histogram, legend, svg, text};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// What stands around the chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Caption {
    /// Title; the chart's own where it is empty.
    pub title: String,
    /// Lines below the chart, such as the experiment and the link that repeats it; each is wrapped to the width.
    pub lines: Vec<String>,
}

const TITLE: f64 = 15.0;
const MARGIN: f64 = 3.0 * UNIT;
/// The least height of a chart without its legend, CSS pixels.
const LEAST: f64 = 180.0;

/// The figure's marks, `size` (width, height) CSS pixels large, and higher where chart and legend would get too little
/// of that: the size in pixels is the drawing's `width` and `height`. The surface is filled.
pub fn lay_out(chart: &Chart, caption: &Caption, size: (u32, u32), style: &Style) -> Drawing {
    let s = style.scale;
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let inner = (width - 2.0 * MARGIN).max(1.0);
    let pixels = |css: f64| (css * s).round().max(1.0) as u32;
    let measure = Drawing::new((pixels(inner), 1), style);
    let title = if caption.title.is_empty() { chart.title() } else { &caption.title };
    // Bold text is wider.
    let titles = measure.wrapped(title, TITLE, inner * s / text::BOLD);
    let notes: Vec<String> = caption.lines.iter().flat_map(|line| measure.wrapped(line, SMALL, inner * s)).collect();
    let head = MARGIN + titles.len() as f64 * 1.3 * TITLE + UNIT;
    let note_row = 1.35 * SMALL;
    let foot = MARGIN + if notes.is_empty() { 0.0 } else { notes.len() as f64 * note_row + 2.0 * UNIT };
    let chart = complete(chart);
    let named = match &chart {
        Chart::Curves(data) => legend::height(&measure, &curves::legend_entries(data, data.legend)),
        Chart::CurvePanels(data) => legend::height(&measure, &panels::legend_entries(data)),
        Chart::Histogram(data) => legend::height(&measure, &histogram::legend_entries(data, measure.palette.muted)),
        _ => 0.0,
    };
    let chart_height = (height - head - foot).max(LEAST + named);
    let total = head + chart_height + foot;

    let mut drawing = Drawing::new((pixels(width), pixels(total)), style);
    let all = Rect { x0: 0.0, y0: 0.0, x1: drawing.width, y1: drawing.height };
    let (surface, ink, muted) = (drawing.palette.surface, drawing.palette.ink, drawing.palette.muted);
    drawing.fill(all, surface, 1.0);
    for (i, line) in titles.iter().enumerate() {
        let y = MARGIN + (i as f64 + 0.5) * 1.3 * TITLE;
        drawing.bold((MARGIN * s, y * s), Align::Start, TITLE, ink, line);
    }
    let (part, _) = chart.lay_out((pixels(inner), pixels(chart_height)), style);
    drawing.append(part, (MARGIN * s).round(), (head * s).round());
    for (i, line) in notes.iter().enumerate() {
        let y = head + chart_height + 2.0 * UNIT + (i as f64 + 0.5) * note_row;
        drawing.text((MARGIN * s, y * s), Align::Start, SMALL, muted, line);
    }
    drawing
}

/// The chart with everything named in its legend.
fn complete(chart: &Chart) -> Chart {
    match chart {
        Chart::Curves(data) => Chart::Curves(curves::Curves { legend: Legend::All, ..data.clone() }),
        Chart::CurvePanels(data) => Chart::CurvePanels(CurvePanels { legend: Legend::All, ..data.clone() }),
        other => other.clone(),
    }
}

/// Draws the figure on an area that has the size, in pixels, of what [`lay_out`] returns.
///
/// # Errors
/// Whatever the backend reports.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    chart: &Chart,
    caption: &Caption,
    style: &Style,
    blit: Option<Blit>,
) -> Result<(), DrawError<DB>> {
    let (width, height) = area.dim_in_pixel();
    let css = |pixels: u32| (f64::from(pixels) / style.scale).floor() as u32;
    lay_out(chart, caption, (css(width), css(height)), style).paint(area, blit)
}

/// The figure as an SVG document; its text alternative is the chart's description.
pub fn svg(chart: &Chart, caption: &Caption, size: (u32, u32), dark: bool) -> String {
    svg::write(&lay_out(chart, caption, size, &Style::canvas(1.0, dark)), &chart.describe())
}
