//! Controls, made from the table of fields: each knows its scope and key, and nothing else.

mod layers;
mod build;

use super::scope_name;
use crate::dataset::packed::hash;
use crate::page::Model;
use crate::state::{Field, Group, Kind, Scope, Value, Values, slider};
use crate::web::dom::{self, all, append, by_id, make_text, set, set_text, set_value};
use litemap::LiteMap;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The id of a field's main control.
fn id(scope: Scope, key: &str) -> String {
    format!("{}-{key}", scope_name(scope))
}

/// Makes the controls of a group of the setting, or brings them up to date.
pub fn setting(model: &Model, group: Group) {
    let fields: Vec<Field> =
        model.state.fields(Scope::Setting).into_iter().filter(|field| field.group == group).collect();
    if let Some(place) = all(&dom::root(), &format!("fieldset [data-group={}]", group.name())).first() {
        fill(place, Scope::Setting, &fields, &model.state.setting);
    }
}

/// Makes the controls of the view, wherever the markup wants one, or brings them up to date.
pub fn view(model: &Model) {
    let fields = model.state.fields(Scope::View);
    let mut keys = Vec::new();
    for place in all(&dom::root(), "[data-view]") {
        let key = place.get_attribute("data-view");
        let own: Vec<Field> = fields.iter().filter(|field| Some(field.key) == key.as_deref()).cloned().collect();
        fill(&place, Scope::View, &own, &model.state.view);
        if keys.contains(&key) {
            rename(&place);
        }
        keys.push(key);
    }
}

/// Gives the controls of a field that has others elsewhere ids of their own.
fn rename(place: &HtmlElement) {
    for element in all(place, "[id], [for]") {
        for name in ["id", "for"] {
            if let Some(old) = element.get_attribute(name).filter(|old| !old.ends_with("-again")) {
                set(&element, name, &format!("{old}-again"));
            }
        }
    }
}

/// Makes the controls of `fields` in `place`, or brings those that are there up to date.
pub fn fill(place: &HtmlElement, scope: Scope, fields: &[Field], values: &Values) {
    // Short, since it is read back at every change.
    let shape = format!("{:x}", hash(format!("{fields:?}").as_bytes()));
    let known = js_sys::Reflect::get(place, &"shape".into()).ok().and_then(|shape| shape.as_string());
    if known.as_deref() != Some(&shape) {
        let focused = dom::document().active_element().map(|element| element.id());
        let open = all(place, "details[open]").len() == 1;
        build::build(place, scope, fields, open);
        // Remembered on the element itself; an element takes any property.
        let _ = js_sys::Reflect::set(place, &"shape".into(), &shape.into());
        if let Some(again) = focused.filter(|id| !id.is_empty()).and_then(|id| by_id::<HtmlElement>(&id))
            && place.contains(Some(&again))
        {
            let _ = again.focus();
        }
    }
    for field in fields {
        update(place, scope, field, values.get(field.key).unwrap_or(&field.default));
    }
}

/// Brings all controls of a field up to date.
fn update(place: &HtmlElement, scope: Scope, field: &Field, value: &Value) {
    let selector = format!("[data-scope=\"{}\"][data-key=\"{}\"]", scope_name(scope), field.key);
    let text = field.write(value);
    if field.kind == Kind::Widths {
        return layers::update(value);
    }
    for element in all(place, &selector) {
        if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
            if select.value() != text {
                select.set_value(&text);
            }
        } else if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            update_input(input, field, value, &text);
        }
    }
}

fn update_input(input: &HtmlInputElement, field: &Field, value: &Value, text: &str) {
    match input.type_().as_str() {
        "radio" => input.set_checked(input.value() == text),
        "checkbox" if input.has_attribute("data-all") => input.set_checked(*value == Value::All),
        "checkbox" => input.set_checked(*value == Value::Flag(true)),
        "range" => {
            let x = match value {
                Value::Number(x) => *x,
                _ => f64::INFINITY,
            };
            set_value(input, &slider::position(&field.kind, x).to_string());
            set(input, "aria-valuetext", text);
        }
        _ => refresh(input, text),
    }
}

/// Shows a value in a text input. What a visitor is just writing, or has written wrongly, stays there until the value itself
/// changes.
fn refresh(input: &HtmlInputElement, text: &str) {
    let writing = dom::document().active_element().is_some_and(|active| active.is_same_node(Some(input)));
    let same = input.get_attribute("data-shown").as_deref() == Some(text);
    if same && (writing || input.has_attribute("aria-invalid")) {
        return;
    }
    set_value(input, text);
    set(input, "data-shown", text);
}

/// Shows what is wrong with what was written, below its control, and takes back what is no longer wrong.
pub fn errors(fields: &LiteMap<(Scope, String), String>) {
    for old in all(&dom::root(), "[aria-invalid]") {
        let of = old.get_attribute("data-error-of").unwrap_or_default();
        if !fields.keys().any(|(scope, key)| id(*scope, key) == of) {
            if let Some(sentence) = by_id::<HtmlElement>(&format!("{of}-error")) {
                sentence.remove();
            }
            for name in ["aria-invalid", "aria-describedby", "data-error-of"] {
                let _ = old.remove_attribute(name);
            }
            if let Some(input) = old.dyn_ref::<HtmlInputElement>() {
                set_value(input, &input.get_attribute("data-shown").unwrap_or_default());
            }
        }
    }
    for ((scope, key), sentence) in fields {
        let of = id(*scope, key);
        let Some(control) = by_id::<HtmlElement>(&of) else { continue };
        let name = format!("{of}-error");
        if let Some(place) = by_id::<Element>(&name) {
            set_text(&place, sentence);
            continue;
        }
        let Ok(Some(row)) = control.closest(".field") else { continue };
        append(&row, &[&make_text("p", &[("class", "error"), ("id", &name), ("role", "alert")], sentence)]);
        // Of several inputs the one that was written is marked; a group of inputs has none of its own.
        let written = dom::document().active_element().filter(|active| row.contains(Some(active)));
        let input = written.and_then(|w| w.dyn_into::<HtmlElement>().ok()).unwrap_or(control);
        set(&input, "aria-invalid", "true");
        set(&input, "aria-describedby", &name);
        set(&input, "data-error-of", &of);
    }
}
