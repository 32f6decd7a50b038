//! Controls, made from the table of fields: each knows its scope and key, and nothing else.

mod build;
pub mod layers;
pub mod thumbnails;

use super::dom::{self, all, append, by_id, make_text, set, set_text, set_value};
use crate::state::field::number;
use crate::state::{Field, Kind, Scope, Value, Values, slider};
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The name of a scope in the markup.
pub fn scope_name(scope: Scope) -> String {
    match scope {
        Scope::Setting => "setting".into(),
        Scope::View => "view".into(),
        Scope::Run(index) => format!("run{index}"),
    }
}

/// The scope that [`scope_name`] names.
pub fn scope_named(name: &str) -> Option<Scope> {
    match name {
        "setting" => Some(Scope::Setting),
        "view" => Some(Scope::View),
        _ => name.strip_prefix("run")?.parse().ok().map(Scope::Run),
    }
}

/// The id of a field's main control.
pub fn id(scope: Scope, key: &str) -> String {
    format!("{}-{key}", scope_name(scope))
}

/// Makes the controls of `fields` in `place`, or brings those that are there up to date.
pub fn fill(place: &HtmlElement, scope: Scope, fields: &[Field], values: &Values) {
    let shape = format!("{fields:?}");
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
        if let Some(select) = element.dyn_ref_select() {
            if select.value() != text {
                select.set_value(&text);
            }
        } else if let Some(input) = element.dyn_ref_input() {
            update_input(&input, field, value, &text);
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
        _ => {
            refresh(input, text);
        }
    }
}

/// Shows a value in a text input, and takes back a complaint. What a visitor is just writing, or has written wrongly, stays
/// there until the value itself changes.
pub fn refresh(input: &HtmlInputElement, text: &str) {
    let writing = dom::document().active_element().is_some_and(|active| active.is_same_node(Some(input)));
    let same = input.get_attribute("data-shown").as_deref() == Some(text);
    if same && (writing || input.has_attribute("aria-invalid")) {
        return;
    }
    set_value(input, text);
    set(input, "data-shown", text);
    complain(input, None);
}

/// The text form of what a control says now, or nothing where an event does not change a value.
pub fn said(element: &Element, field: &Field) -> Option<String> {
    if let Some(select) = element.dyn_ref_select() {
        return Some(select.value());
    }
    let input = element.dyn_ref_input()?;
    match (input.type_().as_str(), &field.kind) {
        ("radio", _) => input.checked().then(|| input.value()),
        ("checkbox", Kind::Number { all: Some(word), .. }) => Some(match input.checked() {
            true => (*word).to_owned(),
            false => match (&field.default, &field.kind) {
                (Value::Number(x), _) => number(*x),
                (_, kind) => number(slider::value(kind, slider::positions(kind)? / 2)),
            },
        }),
        ("checkbox", _) => Some(if input.checked() { "on" } else { "off" }.into()),
        ("range", kind) => Some(number(slider::value(kind, input.value().parse().ok()?))),
        _ => Some(input.value()),
    }
}

/// Marks a text input as wrong, with a sentence below it, or as right again.
pub fn complain(input: &Element, sentence: Option<&str>) {
    let Ok(Some(row)) = input.closest(".field") else { return };
    let old = row.query_selector(".error").ok().flatten();
    match (sentence, old) {
        (None, None) => {}
        (None, Some(old)) => {
            old.remove();
            let _ = input.remove_attribute("aria-invalid");
            let _ = input.remove_attribute("aria-describedby");
        }
        (Some(sentence), Some(old)) => set_text(&old, sentence),
        (Some(sentence), None) => {
            let name = format!("{}-error", input.id());
            append(&row, &[&make_text("p", &[("class", "error"), ("id", &name)], sentence)]);
            set(input, "aria-invalid", "true");
            set(input, "aria-describedby", &name);
        }
    }
}

/// Casts without ceremony.
trait Cast {
    fn dyn_ref_input(&self) -> Option<HtmlInputElement>;
    fn dyn_ref_select(&self) -> Option<HtmlSelectElement>;
}

impl Cast for Element {
    fn dyn_ref_input(&self) -> Option<HtmlInputElement> {
        wasm_bindgen::JsCast::dyn_ref::<HtmlInputElement>(self).cloned()
    }

    fn dyn_ref_select(&self) -> Option<HtmlSelectElement> {
        wasm_bindgen::JsCast::dyn_ref::<HtmlSelectElement>(self).cloned()
    }
}
