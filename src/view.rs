//! Pictures of finished numbers, generic over plotters' drawing backends.
//!
//! A [`Chart`] is a data record with a text alternative and a table: [`curves`] for lines, bands and levels,
//! [`histogram`] for spectra, [`heatmap`] for matrices over training time, [`network`] for one direction on the network,
//! [`landscape`] for the loss around one point, [`scatter`] for data sets, [`forest`] for estimates with their intervals. A chart first lays its marks out as numbers, a [`Drawing`], which needs no backend and no
//! font, and then paints them, or writes them as [`svg`]. Where its data lie comes back as [`Layout`]: rectangles and
//! axes that turn pixels into data again, from which [`readout`] and [`overlay`] follow. A [`figure`] is a chart with
//! title, legend and caption, for export.
//!
//! Lengths in a [`Style`]'s unit are CSS pixels; canvas pixels are CSS pixels × `scale`.

pub mod color;
pub mod number;
pub mod text;
pub mod axis;
pub mod ticks;
pub mod layout;
pub mod stroke;
pub mod drawing;
pub mod svg;
pub mod legend;
pub mod frame;
pub mod curves;
pub mod panels;
pub mod histogram;
pub mod heatmap;
pub mod scatter;
pub mod network;
pub mod landscape;
pub mod forest;
pub mod chart;
pub mod table;
pub mod readout;
pub mod overlay;
pub mod figure;

pub use axis::{Axis, AxisLabels, AxisScale, AxisSpec};
pub use chart::Chart;
pub use color::{Palette, Rgb};
pub use drawing::{Blit, Cells, DrawError, Drawing};
pub use layout::{Layout, Plot, PlottedPoint, Rect};
pub use legend::{LegendEntry, Symbol};
pub use table::DataTable;

/// How every picture of the page is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    /// Canvas pixels per CSS pixel (`devicePixelRatio`); lengths, strokes and fonts all grow with it.
    pub scale: f64,
    /// Colours for a dark surface.
    pub dark: bool,
    /// CSS font family list.
    pub font: String,
    /// What the backend multiplies font sizes by: 1 for a canvas, 1/1.24 for plotters' SVG backend.
    pub font_factor: f64,
}

impl Style {
    /// Style for a canvas with `scale` device pixels per CSS pixel.
    pub fn canvas(scale: f64, dark: bool) -> Self {
        let scale = if scale.is_finite() { scale.clamp(0.25, 16.0) } else { 1.0 };
        Style { scale, dark, font: "system-ui, sans-serif".into(), font_factor: 1.0 }
    }

    /// Style for plotters' SVG backend, which draws text at 1/1.24 of the size asked for.
    pub fn svg(scale: f64, dark: bool) -> Self {
        Style { font_factor: 1.0 / 1.24, ..Style::canvas(scale, dark) }
    }

    /// The colours that belong to the style.
    pub fn palette(&self) -> &'static Palette {
        if self.dark { &color::DARK } else { &color::LIGHT }
    }
}

/// Font size of ticks, notes and titles, CSS pixels.
pub const SMALL: f64 = 11.0;
/// Font size of names, CSS pixels.
pub const TEXT: f64 = 12.0;
/// The unit of the margin scale, CSS pixels; margins are 1, 2, 3 or more units.
pub const UNIT: f64 = 4.0;
