//! A chart of any kind, drawn and described alike.

use super::curves::{self, Curves};
use super::forest::{self, Forest};
use super::heatmap::{self, Heatmap};
use super::histogram::{self, Histogram};
use super::landscape::{self, Landscape};
use super::network::{self, Network};
use super::panels::{self, CurvePanels};
use super::scatter::{self, Scatter};
use super::{Blit, DrawError, Drawing, Layout, Style};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// A chart of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Lines over a common axis.
    Curves(Curves),
    /// Lines, a panel for each run.
    CurvePanels(CurvePanels),
    /// Matrices over training time.
    Heatmap(Heatmap),
    /// Spectra.
    Histogram(Histogram),
    /// Directions on the network.
    Network(Network),
    /// The loss around one point.
    Landscape(Landscape),
    /// Points in the plane.
    Scatter(Scatter),
    /// Estimates with their intervals.
    Forest(Forest),
}

impl Chart {
    /// Name of the chart.
    pub fn title(&self) -> &str {
        match self {
            Chart::Curves(data) => &data.title,
            Chart::CurvePanels(data) => &data.title,
            Chart::Heatmap(data) => &data.title,
            Chart::Histogram(data) => &data.title,
            Chart::Network(data) => &data.title,
            Chart::Landscape(data) => &data.title,
            Chart::Scatter(data) => &data.title,
            Chart::Forest(data) => &data.title,
        }
    }

    /// The chart's marks on `size` (width, height) pixels, and where data lie; scatters have no plots.
    pub fn lay_out(&self, size: (u32, u32), style: &Style) -> (Drawing, Layout) {
        match self {
            Chart::Curves(data) => curves::lay_out(size, data, style),
            Chart::CurvePanels(data) => panels::lay_out(size, data, style),
            Chart::Heatmap(data) => heatmap::lay_out(size, data, style),
            Chart::Histogram(data) => histogram::lay_out(size, data, style),
            Chart::Network(data) => network::lay_out(size, data, style),
            Chart::Landscape(data) => landscape::lay_out(size, data, style),
            Chart::Scatter(data) => (scatter::lay_out(size, data, style), Layout::default()),
            Chart::Forest(data) => forest::lay_out(size, data, style),
        }
    }

    /// Draws the chart over the whole area. Cells go to `blit`; without one they are painted as rectangles.
    ///
    /// # Errors
    /// Whatever the backend reports.
    pub fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        style: &Style,
        blit: Option<Blit>,
    ) -> Result<Layout, DrawError<DB>> {
        let (drawing, layout) = self.lay_out(area.dim_in_pixel(), style);
        drawing.paint(area, blit)?;
        Ok(layout)
    }

    /// The data in words: the chart's text alternative.
    pub fn describe(&self) -> String {
        match self {
            Chart::Curves(data) => curves::describe(data),
            Chart::CurvePanels(data) => panels::describe(data),
            Chart::Heatmap(data) => heatmap::describe(data),
            Chart::Histogram(data) => histogram::describe(data),
            Chart::Network(data) => network::describe(data),
            Chart::Landscape(data) => landscape::describe(data),
            Chart::Scatter(data) => scatter::describe(data),
            Chart::Forest(data) => forest::describe(data),
        }
    }
}
