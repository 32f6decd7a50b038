//! Controls of fields, wherever they stand: each element has its scope and key as attributes.

use super::Port;
use crate::page::Action;
use crate::state::Scope;
use crate::web::dom::{self, listen as on};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement};

/// Listens to all controls.
pub fn listen(port: Port) {
    let document = dom::document();
    on(&document, "input", move |event| {
        if dom::target(&event, "input[type=range][data-key]").is_some() {
            changed(port, &event);
        }
    });
    on(&document, "change", move |event| changed(port, &event));
    on(&document, "click", move |event| {
        let Some(button) = dom::target(&event, "[data-layer]") else { return };
        match button.get_attribute("data-layer").as_deref() {
            Some("add") => (port.dispatch)(Action::AddLayer),
            Some(layer) => layer.parse().into_iter().for_each(|layer| (port.dispatch)(Action::RemoveLayer(layer))),
            None => {}
        }
    });
    // Return in a text input ends writing; it must not send the form.
    on(&document, "submit", |event| event.prevent_default());
}

fn changed(port: Port, event: &Event) {
    if let Some(input) = dom::target(event, "input[data-width]").and_then(|i| i.dyn_into::<HtmlInputElement>().ok()) {
        let layer = input.get_attribute("data-width").and_then(|layer| layer.parse().ok());
        return layer.into_iter().for_each(|layer| (port.dispatch)(Action::SetWidth { layer, text: input.value() }));
    }
    if let Some(control) = dom::target(event, "[data-key]")
        && let Some(scope) = control.get_attribute("data-scope").as_deref().and_then(scope_named)
        && let Some(key) = control.get_attribute("data-key")
        && let Some(action) = action(&control, scope, key)
    {
        (port.dispatch)(action);
    }
}

/// What a control's event means; nothing where it does not change a value.
fn action(control: &Element, scope: Scope, key: String) -> Option<Action> {
    if let Some(select) = control.dyn_ref::<HtmlSelectElement>() {
        return Some(Action::Set { scope, key, text: select.value() });
    }
    let input = control.dyn_ref::<HtmlInputElement>()?;
    let switched = |text: &str| Action::Set { scope, key: key.clone(), text: text.to_owned() };
    match input.type_().as_str() {
        "radio" => input.checked().then(|| switched(&input.value())),
        "checkbox" if input.has_attribute("data-all") => {
            Some(Action::UseAll { scope, key: key.clone(), all: input.checked() })
        }
        "checkbox" => Some(switched(if input.checked() { "on" } else { "off" })),
        "range" => Some(Action::Slide { scope, key: key.clone(), position: input.value().parse().ok()? }),
        _ => Some(switched(&input.value())),
    }
}

/// The scope with a name in the markup, see [`scope_name`](crate::web::render::controls::scope_name).
fn scope_named(name: &str) -> Option<Scope> {
    match name {
        "setting" => Some(Scope::Setting),
        "view" => Some(Scope::View),
        _ => name.strip_prefix("run")?.parse().ok().map(Scope::Run),
    }
}
