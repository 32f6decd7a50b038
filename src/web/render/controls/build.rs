//! Making controls: a number with its slider, a choice, a switch, a text.

use super::{id, layers};
use crate::state::{Field, Kind, Scope, slider};
use crate::web::dom::{self, append, make, make_text, set};
use crate::web::render::{scope_name, thumbnails};
use web_sys::HtmlElement;

/// Makes the controls of `fields` in `place`, the minor ones folded away; `open` tells whether unfolded.
pub fn build(place: &HtmlElement, scope: Scope, fields: &[Field], open: bool) {
    dom::clear(place);
    let more = make("details", &[("class", "more")]);
    more.append_child(&make_text("summary", &[], "More")).ok();
    if open {
        set(&more, "open", "");
    }
    let mut minor = false;
    for field in fields {
        minor |= field.minor;
        append(if field.minor { &more } else { place }, &[&control(scope, field)]);
    }
    if minor {
        append(place, &[&more]);
    }
}

/// A new control.
fn control(scope: Scope, field: &Field) -> HtmlElement {
    let (id, scope_text) = (id(scope, field.key), scope_name(scope));
    let marks = [("data-scope", scope_text.as_str()), ("data-key", field.key)];
    let with = |more: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        marks.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned())).collect()
    };
    let input = |tag: &str, more: &[(&'static str, &str)]| {
        let attributes = with(more);
        let attributes: Vec<(&str, &str)> = attributes.iter().map(|(n, v)| (*n, v.as_str())).collect();
        make(tag, &attributes)
    };
    let row = make("div", &[("class", "field"), ("data-field", field.key)]);
    if !field.help.is_empty() {
        set(&row, "title", field.help);
    }
    let label = make_text("label", &[("for", &id)], &field.label);
    match &field.kind {
        Kind::Number { all: every, .. } => {
            let entry = make("span", &[("class", "entry")]);
            if let Some(word) = every {
                let tick = input("input", &[("type", "checkbox"), ("data-all", word)]);
                let name = make("label", &[("class", "all")]);
                append(&name, &[&tick, &make_text("span", &[], word)]);
                set(&tick, "aria-label", &format!("{}: {word}", field.label));
                append(&entry, &[&name]);
            }
            let mode = [("type", "text"), ("inputmode", "decimal"), ("id", &id), ("autocomplete", "off")];
            append(&entry, &[&input("input", &mode)]);
            let most = slider::positions(&field.kind).unwrap_or(0).to_string();
            let range = input("input", &[("type", "range"), ("class", "wide"), ("data-slider", ""), ("min", "0")]);
            set(&range, "max", &most);
            set(&range, "aria-label", &format!("{}, slider", field.label));
            append(&row, &[&label, &entry, &range]);
        }
        Kind::Choice(_) if field.key == "data" => return thumbnails::control(field, &marks),
        Kind::Choice(options) => {
            let select = input("select", &[("id", &id)]);
            for (name, text) in options {
                append(&select, &[&make_text("option", &[("value", name)], text)]);
            }
            append(&row, &[&label, &select]);
        }
        Kind::Flag => append(&row, &[&label, &input("input", &[("type", "checkbox"), ("id", &id)])]),
        Kind::Text(_) => append(&row, &[&label, &input("input", &[("type", "text"), ("id", &id)])]),
        Kind::Widths => return layers::control(field),
    }
    row
}
