//! The control of the hidden layers: 2 → [12 ×] → [12 ×] → 3, and a button that adds one.

use super::super::dom::{all, append, by_id, make, make_text, set, set_text};
use crate::state::field::MAX_LAYERS;
use crate::state::{Field, Value};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement};

const PLACE: &str = "setting-hidden";

/// The control, still without layers.
pub fn control(field: &Field, marks: &[(&str, &str); 2]) -> HtmlElement {
    let row = make("div", &[("class", "field"), ("data-field", field.key)]);
    let place = make("div", &[("class", "wide layers"), ("id", PLACE), ("role", "group")]);
    set(&place, marks[0].0, marks[0].1);
    set(&place, marks[1].0, marks[1].1);
    set(&place, "aria-label", &field.label);
    let add = make_text("button", &[("type", "button"), ("data-layer", "add")], "+ layer");
    let parts = [
        make_text("span", &[("id", "inputs"), ("title", "inputs")], ""),
        make_text("span", &[("data-arrow", "")], "→"),
        make_text("span", &[("id", "outputs"), ("title", "classes")], ""),
        add,
    ];
    append(&place, &parts.each_ref().map(|part| -> &Element { part }));
    append(&row, &[&place]);
    row
}

/// Shows as many layers as there are.
pub fn update(value: &Value) {
    let (Value::Widths(widths), Some(place)) = (value, by_id::<HtmlElement>(PLACE)) else { return };
    let layers = all(&place, ".layer");
    for extra in layers.iter().skip(widths.len()) {
        if let Some(arrow) = extra.previous_element_sibling() {
            arrow.remove();
        }
        extra.remove();
    }
    let last = all(&place, "[data-arrow]").pop();
    for index in layers.len()..widths.len() {
        let name = format!("hidden-{index}");
        let layer = make("span", &[("class", "layer")]);
        let kind = [("type", "text"), ("inputmode", "numeric"), ("id", name.as_str()), ("autocomplete", "off")];
        let input = make("input", &kind);
        set(&input, "aria-label", &format!("width of hidden layer {}", index + 1));
        let remove = make_text("button", &[("type", "button"), ("data-layer", "remove")], "×");
        set(&remove, "aria-label", &format!("remove hidden layer {}", index + 1));
        append(&layer, &[&input, &remove]);
        if let Some(last) = &last {
            let arrow = make_text("span", &[], "→");
            let _ = place.insert_before(&arrow, Some(last));
            let _ = place.insert_before(&layer, Some(last));
        }
    }
    for (input, width) in inputs(&place).iter().zip(widths) {
        super::refresh(input, &width.to_string());
    }
    if let Some(add) = all(&place, "[data-layer=add]").pop().and_then(|add| add.dyn_into::<HtmlButtonElement>().ok()) {
        add.set_disabled(widths.len() >= MAX_LAYERS);
    }
}

/// Shows the numbers of inputs and classes at the ends.
pub fn ends(inputs: usize, classes: usize) {
    for (id, count) in [("inputs", inputs), ("outputs", classes)] {
        if let Some(place) = by_id::<Element>(id) {
            set_text(&place, &count.to_string());
        }
    }
}

/// What the control says, as text; a pressed button adds or removes a layer.
pub fn said(button: Option<&HtmlElement>) -> Option<String> {
    let place = by_id::<HtmlElement>(PLACE)?;
    let mut widths: Vec<String> = inputs(&place).iter().map(HtmlInputElement::value).collect();
    match button.and_then(|button| button.get_attribute("data-layer")).as_deref() {
        Some("add") => widths.push(widths.last().cloned().unwrap_or_else(|| "8".into())),
        Some("remove") => {
            let layer = button?.parent_element()?;
            let index = all(&place, ".layer").iter().position(|other| other.is_same_node(Some(&layer)))?;
            widths.remove(index);
        }
        _ => {}
    }
    Some(if widths.is_empty() { "none".into() } else { widths.join(",") })
}

fn inputs(place: &HtmlElement) -> Vec<HtmlInputElement> {
    all(place, ".layer input").into_iter().filter_map(|input| input.dyn_into().ok()).collect()
}
