//! What lies above a chart: the cursor, points at the cursor, and the readout at the pointer.

use super::canvas::Surface;
use crate::page::pictures::{CursorMark, Scene, descriptor};
use crate::page::readout;
use crate::state::Picture;
use crate::view::{Chart, Plot, Rgb};
use crate::web::dom::{self, append, make, make_text, show};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlElement};

/// How many CSS pixels away points of other curves are read with the nearest one.
const REACH: f64 = 12.0;

/// Draws cursor and readout; `pointer` in CSS pixels.
pub fn draw(picture: Picture, surface: &Surface, scene: &Scene, pointer: Option<(f64, f64)>) {
    let (Some(context), Some((chart, layout))) = (surface.clear_over(), surface.shown()) else { return };
    let (scale, mark) = (surface.scale, descriptor(picture).cursor);
    context.set_line_width(scale.round().max(1.0));
    if let (true, Some(step)) = (mark != CursorMark::Chart, scene.cursor_step()) {
        let ink = scene.palette().ink;
        for plot in &layout.plots {
            let curves = matches!(chart, Chart::Curves(_));
            if curves {
                dots(&context, plot, scene, scale);
            }
            if !(curves && readout::is_against_loss(scene, picture)) {
                line(&context, plot, plot.x.px(step as f64), ink, scale, true);
            }
            if mark == CursorMark::BothTimes {
                line(&context, plot, plot.y.px(step as f64), ink, scale, false);
            }
        }
    }
    let place = readout_place(&surface.plot);
    let lines = pointer.map_or(Vec::new(), |(x, y)| {
        readout::at_pointer(scene, chart, layout, (x * scale, y * scale), REACH * scale)
    });
    show(&place, !lines.is_empty());
    let Some((x, _)) = pointer.filter(|_| !lines.is_empty()) else { return };
    dom::clear(&place);
    for (name, value, color) in &lines {
        let row = make("div", &[]);
        let bold = make_text("b", &[], name);
        if let Some(color) = color {
            let _ = bold.style().set_property("--run", &color.css());
        }
        append(&row, &[&bold, &make_text("span", &[], &format!(" {value}"))]);
        append(&place, &[&row]);
    }
    // In the other half, which it may fill but not leave, so that it never covers the point that it reads.
    let right = x < surface.size.0 / 2.0;
    let _ = place.class_list().toggle_with_force("right", right);
    let room = if right { surface.size.0 - x } else { x };
    let _ = place.style().set_property("max-width", &format!("{}px", (room - 14.0).max(60.0)));
}

fn line(context: &CanvasRenderingContext2d, plot: &Plot, at: Option<f64>, ink: Rgb, scale: f64, upright: bool) {
    let Some(at) = at.map(|at| at.round() + 0.5) else { return };
    let dash = js_sys::Array::of2(&(2.0 * scale).into(), &(3.0 * scale).into());
    let _ = context.set_line_dash(&dash);
    context.set_stroke_style_str(&ink.css());
    context.begin_path();
    let rect = plot.rect;
    if upright {
        context.move_to(at, rect.y0);
        context.line_to(at, rect.y1);
    } else {
        context.move_to(rect.x0, at);
        context.line_to(rect.x1, at);
    }
    context.stroke();
}

/// A point on each curve at the checkpoint of the cursor.
fn dots(context: &CanvasRenderingContext2d, plot: &Plot, scene: &Scene, scale: f64) {
    for points in &plot.series {
        let Some(point) = points.iter().find(|point| point.index == scene.cursor) else { continue };
        context.begin_path();
        if context.arc(point.px, point.py, 2.5 * scale, 0.0, std::f64::consts::TAU).is_ok() {
            context.set_fill_style_str(&scene.palette().ink.css());
            context.fill();
        }
    }
}

fn readout_place(plot: &HtmlElement) -> HtmlElement {
    if let Some(place) = plot.query_selector(".readout").ok().flatten() {
        return place.unchecked_into();
    }
    let place = make("div", &[("class", "readout"), ("aria-hidden", "true"), ("hidden", "")]);
    append(plot, &[&place]);
    place
}
