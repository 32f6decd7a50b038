//! What lies above a chart: the cursor, points at the cursor, and the readout at the pointer.

use super::canvas::Chart;
use super::dom::{self, append, make, make_text, show};
use super::gallery::Picture;
use super::pictures::Scene;
use crate::view::{Axis, Plot, Rgb, heatmap, number};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlElement};

/// Pictures whose horizontal axis is training time.
pub const OVER_TIME: [&str; 5] = ["localization", "eigenvector", "overlap", "eigenvalues", "loss"];
/// Most lines of a readout.
const LINES: usize = 14;

/// Draws cursor and readout; `pointer` in CSS pixels.
pub fn draw(picture: &Picture, scene: &Scene, pointer: Option<(f64, f64)>) {
    let surface = &picture.surface;
    let Some(context) = surface.clear_over() else { return };
    let scale = surface.scale;
    context.set_line_width(scale.round().max(1.0));
    if let (true, Some(step)) = (OVER_TIME.contains(&picture.name), scene.cursor_step()) {
        for plot in &surface.drawn.plots {
            let ink = scene.palette().ink;
            match (&picture.chart, scene.against_loss() && picture.name != "loss") {
                (Some(Chart::Curves(_)), true) => dots(&context, plot, scene, scale),
                (Some(Chart::Curves(_)), false) => {
                    line(&context, plot, plot.x.px(step as f64), ink, scale, true);
                    dots(&context, plot, scene, scale);
                }
                (Some(_), _) => {
                    line(&context, plot, plot.x.px(step as f64), ink, scale, true);
                    if picture.name == "overlap" {
                        line(&context, plot, plot.y.px(step as f64), ink, scale, false);
                    }
                }
                (None, _) => {}
            }
        }
    }
    let readout = readout_place(&surface.plot);
    let lines = pointer.map_or(Vec::new(), |(x, y)| read(picture, scene, x * scale, y * scale));
    show(&readout, !lines.is_empty());
    let Some((x, y)) = pointer.filter(|_| !lines.is_empty()) else { return };
    dom::clear(&readout);
    for (name, value, color) in &lines {
        let row = make("div", &[]);
        let bold = make_text("b", &[], name);
        if let Some(color) = color {
            let _ = bold.style().set_property("--run", &color.css());
        }
        append(&row, &[&bold, &make_text("span", &[], &format!(" {value}"))]);
        append(&readout, &[&row]);
    }
    // To the side of the pointer where there is more room.
    let (width, height) = surface.size;
    let style = readout.style();
    let place = |name: &str, value: Option<f64>| {
        let _ = style.set_property(name, &value.map_or("auto".into(), |v| format!("{v}px")));
    };
    place("left", (x < width / 2.0).then_some(x + 14.0));
    place("right", (x >= width / 2.0).then_some(width - x + 14.0));
    place("top", (y < height / 2.0).then_some(y + 8.0));
    place("bottom", (y >= height / 2.0).then_some(height - y + 8.0));
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
    for spots in &plot.series {
        let Some(spot) = spots.iter().find(|spot| spot.index == scene.cursor) else { continue };
        context.begin_path();
        if context.arc(spot.px, spot.py, 2.5 * scale, 0.0, std::f64::consts::TAU).is_ok() {
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

/// The values under a point of the canvas: name, value, colour.
fn read(picture: &Picture, scene: &Scene, px: f64, py: f64) -> Vec<(String, String, Option<Rgb>)> {
    let Some(plot) = picture.surface.drawn.plot_at(px, py) else { return Vec::new() };
    let text = |x: f64| number::significant(x, 4);
    let mut lines = Vec::new();
    match &picture.chart {
        Some(Chart::Curves(data)) => {
            let near = plot.nearest(px);
            let closest = near.iter().flatten().min_by(|a, b| (a.px - px).abs().total_cmp(&(b.px - px).abs()));
            let Some(closest) = closest else { return lines };
            lines.push((data.x.title.clone(), text(closest.x), None));
            for (series, spot) in data.series.iter().zip(&near) {
                if let Some(spot) = spot.filter(|spot| (spot.px - closest.px).abs() < 12.0 * picture.surface.scale) {
                    lines.push((series.label.clone(), text(spot.y), Some(series.color)));
                }
            }
        }
        Some(Chart::Heatmap(data)) => {
            let run = picture.surface.drawn.plots.iter().position(|other| other == plot).unwrap_or(0);
            let (Some(panel), Some(column), Some(row)) = (data.panels.get(run), plot.x.cell_at(px), cell(&plot.y, py))
            else {
                return lines;
            };
            let step = data.times.get(column).copied().unwrap_or(f64::NAN);
            let value = panel.values.get(row * data.times.len() + column).copied().unwrap_or(f64::NAN);
            lines.push((panel.name.clone(), format!("step {step}"), Some(panel.color)));
            match &data.rows {
                heatmap::Rows::Times => {
                    lines.push(("and step".into(), format!("{}", data.times[row]), None));
                }
                heatmap::Rows::Groups(_) => lines.push(("parameter".into(), parameter(scene, row), None)),
            }
            let known = value.is_finite();
            lines.push((data.quantity.clone(), if known { text(value) } else { "not yet known".into() }, None));
        }
        Some(Chart::Histogram(data)) => lines = super::pictures::spectrum::read(data, plot, px),
        Some(Chart::CurvePanels(_) | Chart::Network(_) | Chart::Scatter(_)) | None => {}
    }
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push((String::new(), format!("and {more} more"), None));
    }
    lines
}

fn cell(axis: &Axis, px: f64) -> Option<usize> {
    axis.cell_at(px)
}

/// A parameter by its place in its matrix, such as `W2[3, 7]`.
pub fn parameter(scene: &Scene, index: usize) -> String {
    let started = scene.runs.iter().find_map(|run| run.started.as_ref());
    let Some(group) = started.and_then(|s| s.groups.iter().find(|group| group.range.contains(&index))) else {
        return index.to_string();
    };
    let offset = index - group.range.start;
    let inputs = started.and_then(|s| s.layers.get(group.layer)).copied().unwrap_or(1).max(1);
    match group.kind {
        crate::mlp::Kind::Weights => format!("{}[{}, {}]", group.name, offset / inputs + 1, offset % inputs + 1),
        crate::mlp::Kind::Biases => format!("{}[{}]", group.name, offset + 1),
    }
}
