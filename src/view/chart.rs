//! A chart of any kind.

use super::{Drawing, Layout, Style, curves, heatmap, histogram, network, scatter};

/// A chart of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Lines.
    Curves(curves::Curves),
    /// Matrices.
    Heatmap(heatmap::Heatmap),
    /// A spectrum.
    Histogram(histogram::Histogram),
    /// A network.
    Network(network::Network),
    /// Points.
    Scatter(scatter::Scatter),
}

impl Chart {
    /// The chart in words.
    pub fn describe(&self) -> String {
        match self {
            Chart::Curves(data) => curves::describe(data),
            Chart::Heatmap(data) => heatmap::describe(data),
            Chart::Histogram(data) => histogram::describe(data),
            Chart::Network(data) => network::describe(data),
            Chart::Scatter(data) => scatter::describe("", data),
        }
    }
}
