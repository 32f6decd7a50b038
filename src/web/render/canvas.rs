//! A picture's canvases: one for the chart, one above it for cursor and pointer, sharp on every screen, and one behind the
//! scenes on which the next chart is drawn.

use crate::view::drawing::Cells;
use crate::view::overlay::{self, Cursor};
use crate::view::{Chart, Layout, Rect, Style};
use crate::web::dom::{self, append, make, set, window};
use plotters::drawing::IntoDrawingArea;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData};

/// The canvases of one picture.
pub struct Surface {
    /// Their parent, which has the size.
    pub plot: HtmlElement,
    /// The chart.
    pub base: HtmlCanvasElement,
    /// Cursor and pointer.
    over: HtmlCanvasElement,
    /// The next chart; not in the document.
    behind: HtmlCanvasElement,
    /// The place that they have, in CSS pixels, as the browser last reported it; asking would force it to lay out the page.
    pub size: (f64, f64),
    /// Device pixels per CSS pixel of the chart that is shown.
    pub scale: f64,
    /// How much larger than usual its type and lines are.
    pub enlarged: f64,
    shown: Option<(Chart, Layout)>,
    next: Option<(Chart, Layout, f64)>,
}

impl Surface {
    /// Canvases at the end of a figure.
    pub fn new(figure: &HtmlElement) -> Self {
        let canvas = |attributes: &[(&str, &str)]| make("canvas", attributes).unchecked_into::<HtmlCanvasElement>();
        let plot = make("div", &[("class", "plot")]);
        let base = canvas(&[("role", "img"), ("tabindex", "0")]);
        let over = canvas(&[("aria-hidden", "true")]);
        append(&plot, &[&base, &over]);
        append(figure, &[&plot]);
        let behind = canvas(&[]);
        Surface { plot, base, over, behind, size: (0.0, 0.0), scale: 1.0, enlarged: 1.0, shown: None, next: None }
    }

    /// Whether the picture is shown at all.
    pub fn has_room(&self) -> bool {
        self.size.0 >= 1.0 && self.size.1 >= 1.0
    }

    /// The chart that is shown, and where its data are.
    pub fn shown(&self) -> Option<(&Chart, &Layout)> {
        self.shown.as_ref().map(|(chart, layout)| (chart, layout))
    }

    /// Draws a chart behind the scenes, its type and lines so much larger than usual.
    pub fn draw(&mut self, chart: Chart, dark: bool, enlarged: f64) {
        let scale = window().device_pixel_ratio().clamp(0.5, 4.0);
        self.enlarged = enlarged;
        let (width, height) = ((self.size.0 * scale).round() as u32, (self.size.1 * scale).round() as u32);
        fit(&self.behind, width, height);
        let Some(context) = context(&self.behind) else { return };
        context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
        let Some(backend) = CanvasBackend::with_canvas_object(self.behind.clone()) else { return };
        let mut blit = |cells: &Cells| _ = put(&context, cells);
        match chart.draw(&backend.into_drawing_area(), &Style::canvas(scale * self.enlarged, dark), Some(&mut blit)) {
            Ok(layout) => self.next = Some((chart, layout, scale)),
            Err(error) => dom::log(&format!("a picture could not be drawn: {error}")),
        }
    }

    /// Shows what was drawn behind the scenes.
    pub fn present(&mut self) {
        let Some((chart, layout, scale)) = self.next.take() else { return };
        let (width, height) = (self.behind.width(), self.behind.height());
        fit(&self.base, width, height);
        fit(&self.over, width, height);
        if let Some(context) = context(&self.base) {
            context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
            // Fails only for canvases without pixels.
            let _ = context.draw_image_with_html_canvas_element(&self.behind, 0.0, 0.0);
        }
        (self.shown, self.scale) = (Some((chart, layout)), scale);
        set(&self.plot, "data-drawn", "");
    }

    /// Draws the cursor above the chart.
    pub fn draw_over(&self, cursor: &Cursor, style: &Style) {
        let (Some(context), Some((chart, layout))) = (context(&self.over), self.shown()) else { return };
        let size = (self.over.width(), self.over.height());
        context.clear_rect(0.0, 0.0, f64::from(size.0), f64::from(size.1));
        let Some(backend) = CanvasBackend::with_canvas_object(self.over.clone()) else { return };
        let drawing = overlay::lay_out(chart, layout, cursor, size, style);
        if let Err(error) = drawing.paint(&backend.into_drawing_area(), None) {
            dom::log(&format!("the cursor could not be drawn: {error}"));
        }
    }
}

/// How much larger than usual the page's type is, as the style sheet has it for projectors and very large screens. Asking makes
/// the browser work out the styles of what has changed.
pub fn enlarged() -> f64 {
    let style = window().get_computed_style(&dom::body()).ok().flatten();
    let value = style.and_then(|style| style.get_property_value("--type").ok());
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(1.0)
}

fn fit(canvas: &HtmlCanvasElement, width: u32, height: u32) {
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
}

/// The context of a canvas.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Puts a matrix of colours into its rectangle, cell by cell without smoothing.
///
/// # Errors
/// Where there is no memory for the pixels.
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
