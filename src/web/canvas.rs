//! A picture's two canvases: one for the chart, one above it for cursor and pointer, sharp on every screen.

use super::dom::{append, make, set, window};
use crate::view::drawing::Cells;
use crate::view::{Layout, Rect, Style};
use plotters::drawing::IntoDrawingArea;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData};

pub use crate::view::Chart;

/// The canvases of one picture.
pub struct Surface {
    /// Their parent, which has the size.
    pub plot: HtmlElement,
    /// The chart.
    pub base: HtmlCanvasElement,
    /// Cursor and pointer.
    pub over: HtmlCanvasElement,
    /// The place that they have, in CSS pixels, as the browser last told it; asking would force it to lay out the page.
    pub size: (f64, f64),
    /// Device pixels per CSS pixel at the last drawing.
    pub scale: f64,
    /// Where the last chart put its data.
    pub drawn: Layout,
}

impl Surface {
    /// Canvases at the end of a figure.
    pub fn new(figure: &HtmlElement) -> Self {
        let plot = make("div", &[("class", "plot")]);
        let base: HtmlCanvasElement = make("canvas", &[("role", "img"), ("tabindex", "0")]).unchecked_into();
        let over: HtmlCanvasElement = make("canvas", &[("aria-hidden", "true")]).unchecked_into();
        append(&plot, &[&base, &over]);
        append(figure, &[&plot]);
        Surface { plot, base, over, size: (0.0, 0.0), scale: 1.0, drawn: Layout::default() }
    }

    /// Fits both canvases to the place that they have; `false` where there is none.
    pub fn fit(&mut self) -> bool {
        self.scale = window().device_pixel_ratio().clamp(0.5, 4.0);
        let pixels = |css: f64| (css * self.scale).round() as u32;
        let (width, height) = (pixels(self.size.0), pixels(self.size.1));
        for canvas in [&self.base, &self.over] {
            if canvas.width() != width || canvas.height() != height {
                canvas.set_width(width);
                canvas.set_height(height);
            }
        }
        width > 0 && height > 0
    }

    /// Draws a chart.
    pub fn draw(&mut self, chart: &Chart, dark: bool) {
        let style = Style::canvas(self.scale, dark);
        let Some(context) = context(&self.base) else { return };
        context.clear_rect(0.0, 0.0, f64::from(self.base.width()), f64::from(self.base.height()));
        let Some(backend) = CanvasBackend::with_canvas_object(self.base.clone()) else { return };
        let area = backend.into_drawing_area();
        let mut blit = |cells: &Cells| _ = put(&context, cells);
        match chart.draw(&area, &style, Some(&mut blit)) {
            Ok(drawn) => self.drawn = drawn,
            Err(error) => super::dom::log(&format!("a picture could not be drawn: {error}")),
        }
        set(&self.plot, "data-drawn", "");
    }

    /// A clean upper canvas and its context.
    pub fn clear_over(&self) -> Option<CanvasRenderingContext2d> {
        let context = context(&self.over)?;
        context.clear_rect(0.0, 0.0, f64::from(self.over.width()), f64::from(self.over.height()));
        Some(context)
    }
}

/// The context of a canvas.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Puts a matrix of colours into its rectangle, cell by cell without smoothing.
pub fn put(context: &CanvasRenderingContext2d, cells: &Cells) -> Result<(), JsValue> {
    let (columns, rows) = (cells.columns as u32, cells.rows as u32);
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&cells.rgba), columns, rows)?;
    let small: HtmlCanvasElement = make("canvas", &[]).unchecked_into();
    small.set_width(columns);
    small.set_height(rows);
    if let Some(inner) = self::context(&small) {
        inner.put_image_data(&image, 0.0, 0.0)?;
    }
    let Rect { x0, y0, .. } = cells.rect;
    context.set_image_smoothing_enabled(false);
    context.draw_image_with_html_canvas_element_and_dw_and_dh(&small, x0, y0, cells.rect.width(), cells.rect.height())
}
