//! What lies above a chart and changes more often than it: the cursor and the points at it.

use super::chart::Chart;
use super::{Drawing, Layout, Rect, Style};

/// Where the cursor stands.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cursor {
    /// A vertical line at this x of every plot.
    pub x: Option<f64>,
    /// A horizontal line at this y of every plot.
    pub y: Option<f64>,
    /// A dot on each series' point of this index.
    pub index: Option<usize>,
}

/// Marks of the cursor over a drawing of `size` pixels with this `layout`.
pub fn lay_out(chart: &Chart, layout: &Layout, cursor: &Cursor, size: (u32, u32), style: &Style) -> Drawing {
    let mut drawing = Drawing::new(size, style);
    let (ink, surface) = (drawing.palette.ink, drawing.palette.surface);
    // On cells, which may be as dark as the ink, between dashes of the surface.
    let solid = matches!(chart, Chart::Heatmap(_));
    let strokes = [(surface, &[][..]), (ink, &[2.0, 3.0][..])];
    let strokes = if solid { &strokes[..] } else { &strokes[1..] };
    for (panel, plot) in layout.plots.iter().enumerate() {
        let Rect { x0, y0, x1, y1 } = plot.rect;
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
        }
    }
    drawing
}
