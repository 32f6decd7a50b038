//! What lies above a chart and changes more often than it: the cursor and the points at it.

use super::chart::Chart;
use super::drawing::Align;
use super::heatmap::{self, HeatmapMarks};
use super::{Drawing, Layout, Rect, Rgb, SMALL, Style, UNIT};
use crate::sorting::sort_by_number;

/// Where the cursor stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cursor {
    /// A vertical line at this x of every plot.
    pub x: Option<f64>,
    /// A horizontal line at this y of every plot.
    pub y: Option<f64>,
    /// A dot on each series' point of this index.
    pub index: Option<usize>,
    /// Whether what lies to the right of the vertical line is pale: it comes later.
    pub veil: bool,
    /// What a heatmap shows for the cursor alone.
    pub heatmap: HeatmapMarks,
}

/// How much of the surface's colour covers what comes later.
const VEIL: f64 = 0.6;

/// Marks of the cursor over a drawing of `size` pixels with this `layout`.
pub fn lay_out(chart: &Chart, layout: &Layout, cursor: &Cursor, size: (u32, u32), style: &Style) -> Drawing {
    let mut drawing = Drawing::new(size, style);
    let (ink, surface) = (drawing.palette.ink, drawing.palette.surface);
    // On cells, which may be as dark as the ink, between dashes of the surface.
    let solid = matches!(chart, Chart::Heatmap(_));
    let strokes = [(surface, &[][..]), (ink, &[2.0, 3.0][..])];
    let strokes = if solid { &strokes[..] } else { &strokes[1..] };
    let mut values = Vec::new();
    for (panel, plot) in layout.plots.iter().enumerate() {
        let Rect { x0, y0, x1, y1 } = plot.rect;
        if let Some(px) = cursor.x.and_then(|x| plot.x.px(x)).filter(|px| cursor.veil && (x0..=x1).contains(px)) {
            drawing.fill(Rect { x0: px, ..plot.rect }, surface, VEIL);
        }
        for &(color, dash) in strokes {
            if let Some(px) = cursor.x.and_then(|x| plot.x.px(x)).filter(|px| (x0..=x1).contains(px)) {
                drawing.vertical(px, y0, y1, 1.0, color, dash);
            }
            if let Some(py) = cursor.y.and_then(|y| plot.y.px(y)).filter(|py| (y0..=y1).contains(py)) {
                drawing.horizontal(x0, x1, py, 1.0, color, dash);
            }
        }
        for (i, points) in plot.series.iter().enumerate() {
            let Some(point) = points.iter().find(|point| Some(point.index) == cursor.index) else { continue };
            let color = match chart {
                Chart::Curves(data) => data.series.get(i).map(|series| series.color),
                Chart::CurvePanels(data) => data.panels.get(panel).map(|panel| panel.color),
                _ => None,
            };
            drawing.dot(point.px, point.py, 3.5, surface, 1.0);
            drawing.dot(point.px, point.py, 2.5, color.unwrap_or(ink), 1.0);
            if let Chart::Curves(data) = chart
                && data.series.get(i).is_some_and(|series| series.is_main)
            {
                values.push((point.px, point.py, data.y.labels.text(point.y), color.unwrap_or(ink)));
            }
        }
        write_values(&mut drawing, plot.rect, std::mem::take(&mut values));
        if let Chart::Heatmap(data) = chart {
            heatmap::mark(&mut drawing, data, panel, plot, &cursor.heatmap);
        }
    }
    drawing
}

/// Values beside the dots at the cursor, to the right of it where there is room; those that would cover each other are
/// pushed apart.
fn write_values(drawing: &mut Drawing, rect: Rect, mut values: Vec<(f64, f64, String, Rgb)>) {
    let row = 1.2 * SMALL * drawing.scale;
    sort_by_number(&mut values, |value| value.1);
    let mut free = rect.y0;
    let left = values.len() as f64;
    for (i, (px, py, text, color)) in values.into_iter().enumerate() {
        let lowest = rect.y1 - (left - i as f64) * row;
        let y0 = (py - 1.2 * row).min(lowest).max(free);
        free = y0 + row;
        let away = 1.5 * UNIT * drawing.scale;
        let right = px + away + drawing.text_width(&text, SMALL) < rect.x1;
        let (x, align) = if right { (px + away, Align::Start) } else { (px - away, Align::End) };
        drawing.note((x, y0 + 0.5 * row), align, color, &text, rect);
    }
}
