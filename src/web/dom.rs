//! The few things that the page asks of the document.

use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, HtmlInputElement, Window};

/// The window.
///
/// # Panics
/// In a worker, which has none.
pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The document.
///
/// # Panics
/// In a worker, which has none.
pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The element with an id, of the wanted kind.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// All elements below `root` that a selector finds.
pub fn all(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = root.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}

/// The document's root element.
pub fn root() -> HtmlElement {
    document().document_element().and_then(|root| root.dyn_into().ok()).expect("a document has a root")
}

/// The document's body.
pub fn body() -> HtmlElement {
    document().body().expect("the document has a body")
}

/// A new element with attributes.
pub fn make(tag: &str, attributes: &[(&str, &str)]) -> HtmlElement {
    let element = document().create_element(tag).expect("the tag's name is valid");
    for (name, value) in attributes {
        set(&element, name, value);
    }
    element.unchecked_into()
}

/// A new element with attributes and text.
pub fn make_text(tag: &str, attributes: &[(&str, &str)], text: &str) -> HtmlElement {
    let element = make(tag, attributes);
    element.set_text_content(Some(text));
    element
}

/// A drawing in lines, from an SVG path in a square of 16 by 16; as large and as dark as text.
pub fn icon(path: &str) -> Element {
    let element = |tag: &str, attributes: &[(&str, &str)]| {
        let element = document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag);
        let element = element.expect("the tag's name is valid");
        for (name, value) in attributes {
            set(&element, name, value);
        }
        element
    };
    let icon = element("svg", &[("viewBox", "0 0 16 16"), ("class", "icon"), ("aria-hidden", "true")]);
    append(&icon, &[&element("path", &[("d", path)])]);
    icon
}

/// Sets an attribute.
pub fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        // Fails only for names that are not valid.
        let _ = element.set_attribute(name, value);
    }
}

/// Sets the text if it differs, so that nothing is laid out anew for no reason.
pub fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Shows or hides an element.
pub fn show(element: &HtmlElement, shown: bool) {
    if element.hidden() == shown {
        element.set_hidden(!shown);
    }
}

/// Appends children.
pub fn append(parent: &Element, children: &[&Element]) {
    for child in children {
        // Fails only where a child contains the parent.
        let _ = parent.append_child(child);
    }
}

/// Removes all children.
pub fn clear(element: &Element) {
    element.set_text_content(None);
}

/// Sets an input's value unless it is there already, which would move the caret.
pub fn set_value(input: &HtmlInputElement, value: &str) {
    if input.value() != value {
        input.set_value(value);
    }
}

/// Calls `action` at every event of a name, as long as the page lives.
pub fn listen(target: &EventTarget, name: &str, action: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(action);
    // Fails only for listeners that are not functions.
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// The element at or above an event's target that a selector finds.
pub fn target(event: &Event, selector: &str) -> Option<HtmlElement> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()??.dyn_into().ok()
}

/// Calls `action` once after some milliseconds.
pub fn after(milliseconds: i32, action: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(action);
    // Fails only without a window.
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), milliseconds);
}

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Logs an error for developers.
pub fn log(message: &str) {
    web_sys::console::error_1(&JsValue::from_str(message));
}
