//! The control of the hidden layers: 2 → [12 ×] → [12 ×] → 3, and a button that adds one.

use super::refresh;
use crate::state::field::MAX_LAYERS;
use crate::state::{Field, Value};
use crate::web::dom::{all, append, by_id, make, make_text, set};
use crate::web::render::{icon_button, icons};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement};

const PLACE: &str = "setting-hidden";

/// The control, still without layers.
pub fn control(field: &Field) -> HtmlElement {
    let row = make("div", &[("class", "field"), ("data-field", field.key)]);
    let place = make("div", &[("class", "wide layers"), ("id", PLACE), ("role", "group")]);
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
        let (name, number) = (format!("hidden-{index}"), index.to_string());
        let layer = make("span", &[("class", "layer")]);
        let kind = [("type", "text"), ("inputmode", "numeric"), ("id", name.as_str()), ("autocomplete", "off")];
        let input = make("input", &kind);
        set(&input, "data-width", &number);
        set(&input, "aria-label", &format!("width of hidden layer {}", index + 1));
        let label = format!("remove hidden layer {}", index + 1);
        let remove = icon_button(&[("data-layer", &number)], &label, icons::CLOSE);
        append(&layer, &[&input, &remove]);
        if let Some(last) = &last {
            let arrow = make_text("span", &[], "→");
            let _ = place.insert_before(&arrow, Some(last));
            let _ = place.insert_before(&layer, Some(last));
        }
    }
    let inputs = all(&place, ".layer input").into_iter().filter_map(|input| input.dyn_into::<HtmlInputElement>().ok());
    for (input, width) in inputs.zip(widths) {
        refresh(&input, &width.to_string());
    }
    if let Some(add) = all(&place, "[data-layer=add]").pop().and_then(|add| add.dyn_into::<HtmlButtonElement>().ok()) {
        add.set_disabled(widths.len() >= MAX_LAYERS);
    }
}
