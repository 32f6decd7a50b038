//! What lies above a chart: the cursor, points at the cursor, and the readout at the pointer.

use super::canvas::Surface;
use crate::page::pictures::Scene;
use crate::page::readout;
use crate::state::Picture;
use crate::view::Style;
use crate::web::dom::{self, append, make, make_text, show};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Draws cursor and readout; `pointer` in CSS pixels.
pub fn draw(picture: Picture, surface: &Surface, scene: &Scene, pointer: Option<(f64, f64)>) {
    let Some((chart, layout)) = surface.shown() else { return };
    let cursor = readout::cursor(scene, picture, chart);
    surface.draw_over(&cursor, &Style::canvas(surface.scale * surface.enlarged, *scene.model.dark));
    let place = readout_place(&surface.plot);
    let scale = surface.scale;
    let lines = pointer.map_or(Vec::new(), |(x, y)| chart.readout(layout, (x * scale, y * scale), scale));
    show(&place, !lines.is_empty());
    let Some((x, _)) = pointer.filter(|_| !lines.is_empty()) else { return };
    dom::clear(&place);
    for line in &lines {
        let row = make("div", &[]);
        let bold = make_text("b", &[], &line.name);
        if let Some(color) = &line.color {
            let _ = bold.style().set_property("--run", &color.css());
        }
        append(&row, &[&bold, &make_text("span", &[], &format!(" {}", line.value))]);
        append(&place, &[&row]);
    }
    // In the other half, which it may fill but not leave, so that it never covers the point that it reads.
    let right = x < surface.size.0 / 2.0;
    let _ = place.class_list().toggle_with_force("right", right);
    let room = if right { surface.size.0 - x } else { x };
    let _ = place.style().set_property("max-width", &format!("{}px", (room - 14.0).max(60.0)));
}

fn readout_place(plot: &HtmlElement) -> HtmlElement {
    if let Some(place) = plot.query_selector(".readout").ok().flatten() {
        return place.unchecked_into();
    }
    let place = make("div", &[("class", "readout"), ("aria-hidden", "true"), ("hidden", "")]);
    append(plot, &[&place]);
    place
}
