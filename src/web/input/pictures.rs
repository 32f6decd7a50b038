//! Pointer and keys on pictures: the readout, and the cursor in training time.

use super::Port;
use crate::page::Action;
use crate::page::action::Pointer;
use crate::state::{Choice, Picture};
use crate::web::dom::{self, listen as on};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent, PointerEvent};

/// Listens to pointer and keys on all pictures.
pub fn listen(port: Port) {
    let document = dom::document();
    for name in ["pointermove", "pointerdown"] {
        on(&document, name, move |event| {
            if let Some(event) = event.dyn_ref::<PointerEvent>() {
                moved(port, event);
            }
        });
    }
    on(&document, "pointerleave", move |event| {
        // A finger that is lifted leaves too; what it tapped stays shown until the next tap.
        if event.dyn_ref::<PointerEvent>().is_none_or(|event| event.pointer_type() != "touch") {
            (port.dispatch)(Action::Point(None));
        }
    });
    on(&document, "click", move |event| {
        let picture = dom::target(&event, "[data-enlarge]").and_then(|button| button.get_attribute("data-enlarge"));
        if let Some(picture) = picture.as_deref().and_then(Picture::named) {
            (port.dispatch)(Action::Enlarge(picture));
        }
    });
    on(&document, "keydown", move |event| {
        let (Some(_), Some(key)) = (chart(&event), event.dyn_ref::<KeyboardEvent>()) else { return };
        let action = match key.key().as_str() {
            "ArrowLeft" => Action::MoveCursorBy(-1),
            "ArrowRight" => Action::MoveCursorBy(1),
            "PageDown" => Action::MoveCursorBy(-10),
            "PageUp" => Action::MoveCursorBy(10),
            "Home" => Action::MoveCursor(0),
            "End" => Action::MoveCursor(usize::MAX),
            _ => return,
        };
        event.prevent_default();
        (port.dispatch)(action);
    });
}

/// The canvas and picture of an event.
fn chart(event: &Event) -> Option<(HtmlElement, Picture)> {
    let canvas = dom::target(event, "canvas[data-chart]")?;
    let picture = Picture::named(&canvas.get_attribute("data-chart")?)?;
    Some((canvas, picture))
}

fn moved(port: Port, event: &PointerEvent) {
    let Some((canvas, picture)) = chart(event) else { return (port.dispatch)(Action::Point(None)) };
    let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
    if event.type_() == "pointerdown" && event.button() == 0 {
        // A drag that leaves the picture goes on moving the cursor.
        let _ = canvas.set_pointer_capture(event.pointer_id());
    }
    (port.dispatch)(Action::Point(Some(Pointer { picture, x, y })));
    if event.buttons() & 1 == 1
        && let Some(index) = (port.checkpoint_at)(picture, x)
    {
        (port.dispatch)(Action::MoveCursor(index));
    }
}
