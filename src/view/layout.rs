//! What was drawn, for the pointer: rectangles in pixels, axes, and the points of every series.

use super::axis::Axis;

/// A rectangle in pixels of the drawing area, y downwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub x0: f64,
    /// Upper edge.
    pub y0: f64,
    /// Right edge.
    pub x1: f64,
    /// Lower edge.
    pub y1: f64,
}

impl Rect {
    /// Width in pixels.
    pub fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    /// Height in pixels.
    pub fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    /// Whether the point lies inside or on an edge.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        x >= self.x0 && x <= self.x1 && y >= self.y0 && y <= self.y1
    }
}

/// One point of a series: its place in the caller's data, and on the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlottedPoint {
    /// Index in the series' points.
    pub index: usize,
    /// Data.
    pub x: f64,
    /// Data.
    pub y: f64,
    /// Pixels from the left.
    pub px: f64,
    /// Pixels from the top.
    pub py: f64,
}

/// One coordinate system of a picture; a heatmap has one for each run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Where data lie.
    pub rect: Rect,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// For each series the points that have a place within the drawing, in the caller's order.
    pub series: Vec<Vec<PlottedPoint>>,
}

impl Plot {
    /// For each series the point whose x lies nearest to the pixel column `px`; `None` for a series without points.
    pub fn nearest(&self, px: f64) -> Vec<Option<PlottedPoint>> {
        let near = |spots: &Vec<PlottedPoint>| {
            spots.iter().copied().min_by(|a, b| (a.px - px).abs().total_cmp(&(b.px - px).abs()))
        };
        self.series.iter().map(near).collect()
    }
}

/// What a chart's `draw` left on its area.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// The coordinate systems, left to right; empty when the area was too small for any.
    pub plots: Vec<Plot>,
}

impl Layout {
    /// The plot at a pixel, or, outside all of them, the one whose columns are nearest.
    pub fn plot_at(&self, px: f64, py: f64) -> Option<&Plot> {
        let away = |p: &Plot| (p.rect.x0 - px).max(px - p.rect.x1).max(0.0);
        let inside = self.plots.iter().find(|p| p.rect.contains(px, py));
        inside.or_else(|| self.plots.iter().min_by(|a, b| away(a).total_cmp(&away(b))))
    }

    /// The same layout, moved by (dx, dy) pixels.
    pub fn moved(mut self, dx: f64, dy: f64) -> Layout {
        for plot in &mut self.plots {
            let r = plot.rect;
            plot.rect = Rect { x0: r.x0 + dx, x1: r.x1 + dx, y0: r.y0 + dy, y1: r.y1 + dy };
            for (axis, d) in [(&mut plot.x, dx), (&mut plot.y, dy)] {
                let (Axis::Range { from, to, .. } | Axis::Cells { from, to, .. }) = axis;
                (*from, *to) = (*from + d, *to + d);
            }
            for point in plot.series.iter_mut().flatten() {
                (point.px, point.py) = (point.px + dx, point.py + dy);
            }
        }
        self
    }
}
