//! Pointer and keys on pictures: readouts, and the cursor in training time.

use super::canvas::Chart;
use super::dom::{self, listen as on};
use super::gallery::Picture;
use super::marks::OVER_TIME;
use super::page::{self, Page};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

/// Hears pointer and keys on all pictures.
pub fn listen() {
    let document = dom::document();
    for name in ["pointermove", "pointerdown"] {
        on(&document, name, |event| {
            let canvas = dom::target(&event, "canvas[data-chart]");
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            page::with(|page| moved(page, canvas.as_ref(), event));
        });
    }
    on(&document, "pointerleave", |_| page::with(|page| page.gallery.pointer_moved(None)));
    on(&document, "keydown", |event| {
        let canvas = dom::target(&event, "canvas[data-chart]");
        let (Some(_), Some(key)) = (canvas, event.dyn_ref::<KeyboardEvent>()) else { return };
        page::with(|page| {
            let at = page.cursor;
            let index = match key.key().as_str() {
                "ArrowLeft" => at.saturating_sub(1),
                "ArrowRight" => at + 1,
                "PageDown" => at.saturating_sub(10),
                "PageUp" => at + 10,
                "Home" => 0,
                "End" => page.newest(),
                _ => return,
            };
            event.prevent_default();
            page.set_cursor(index, false);
        });
    });
}

fn moved(page: &mut Page, canvas: Option<&HtmlElement>, event: &PointerEvent) {
    let name = canvas.and_then(|canvas| canvas.get_attribute("data-chart"));
    let index = page.gallery.pictures.iter().position(|picture| Some(picture.name) == name.as_deref());
    let (Some(canvas), Some(index)) = (canvas, index) else {
        if page.gallery.pointer.is_some() {
            page.gallery.pointer_moved(None);
        }
        return;
    };
    let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
    if event.type_() == "pointerdown" && event.button() == 0 {
        // A drag that leaves the picture goes on moving the cursor.
        let _ = canvas.set_pointer_capture(event.pointer_id());
    }
    page.gallery.pointer_moved(Some((index, x, y)));
    if event.buttons() & 1 == 1
        && let Some(at) = checkpoint_at(page, &page.gallery.pictures[index], x)
    {
        page.set_cursor(at, false);
    }
}

/// Index of the checkpoint under a CSS pixel column of a picture over training time.
fn checkpoint_at(page: &Page, picture: &Picture, x: f64) -> Option<usize> {
    if !OVER_TIME.contains(&picture.name) {
        return None;
    }
    let surface = &picture.surface;
    let px = x * surface.scale;
    let by_loss = page.state.text(crate::state::Scope::View, "against") == "loss" && picture.name != "loss";
    if let (Some(Chart::Curves(_)), true) = (&picture.chart, by_loss) {
        let near = surface.drawn.plots.first()?.nearest(px);
        return near
            .into_iter()
            .flatten()
            .min_by(|a, b| (a.px - px).abs().total_cmp(&(b.px - px).abs()))
            .map(|s| s.index);
    }
    let step = surface.drawn.plot_at(px, surface.drawn.plots.first()?.rect.y0)?.x.at_clamped(px)?;
    let times = page.runs.iter().find_map(|run| run.started.as_ref()).map(|started| &started.checkpoint_steps)?;
    let away = |&index: &usize| (times[index] as f64 - step).abs();
    (0..times.len()).min_by(|a, b| away(a).total_cmp(&away(b)))
}
