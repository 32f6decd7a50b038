//! Which parts of the page are shown: what a link hides, whether the page is embedded, which picture is open large.

use super::icons;
use crate::state::{Choice, Picture, State};
use crate::web::dom::{self, all, append, body, by_id, set, show};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Shows or hides what the state asks for, and opens its picture.
pub fn render(state: &State) {
    let flag = |name: &str, on: bool| match on {
        true => set(&body(), name, ""),
        false => _ = body().remove_attribute(name),
    };
    flag("data-embed", state.embed);
    flag("data-present", state.present);
    flag("data-hide-setting", state.hide.contains("setting"));
    open(state.open);
    hide(state);
}

/// Hides the parts, groups, pictures and single controls that a link names.
pub fn hide(state: &State) {
    if state.hide.is_empty() && !body().has_attribute("data-hidden-parts") {
        return;
    }
    set(&body(), "data-hidden-parts", "");
    for attribute in ["data-part", "data-picture", "data-field"] {
        for element in all(&dom::root(), &format!("[{attribute}]")) {
            let name = element.get_attribute(attribute).unwrap_or_default();
            // `hide=spectrum` is about the picture.
            let is_other = attribute == "data-field" && Picture::named(&name).is_some();
            show(&element, is_other || !state.hide.contains(&name));
        }
    }
    for element in all(&dom::root(), "[data-group]") {
        let name = element.get_attribute("data-group").unwrap_or_default();
        let whole = element.closest("fieldset").ok().flatten().and_then(|f| f.dyn_into::<HtmlElement>().ok());
        show(&whole.unwrap_or(element), !state.hide.contains(&name));
    }
}

/// Shows one picture large, or all of them.
fn open(open: Option<Picture>) {
    let Some(place) = by_id::<Element>("pictures") else { return };
    let name = open.map(Choice::name);
    if place.get_attribute("data-open").as_deref() == name && place.has_attribute("data-parted") {
        return;
    }
    set(&place, "data-parted", "");
    match name {
        Some(name) => set(&place, "data-open", name),
        None => _ = place.remove_attribute("data-open"),
    }
    for figure in all(&place, "figure") {
        let Some(picture) = figure.get_attribute("data-picture").as_deref().and_then(Picture::named) else { continue };
        let this = open == Some(picture);
        let _ = figure.class_list().toggle_with_force("open", this);
        for button in all(&figure, ".enlarge") {
            dom::clear(&button);
            append(&button, &[&dom::icon(if this { icons::CLOSE } else { icons::ENLARGE })]);
            let title = picture.label();
            let label = if this { format!("Close {title}") } else { format!("Open {title} large") };
            set(&button, "aria-label", &label);
            set(&button, "title", &label);
        }
    }
    neighbours(open);
}

/// The way back to all pictures, and to those before and after the one that is open large.
fn neighbours(open: Option<Picture>) {
    let Some(place) = by_id::<HtmlElement>("large") else { return };
    show(&place, open.is_some());
    let Some(index) = open.and_then(|open| Picture::ALL.iter().position(|picture| *picture == open)) else { return };
    let at = |by: isize| index.checked_add_signed(by).and_then(|index| Picture::ALL.get(index));
    for (id, picture, label) in [
        ("large-close", Some(&Picture::ALL[index]), "‹ All pictures".to_owned()),
        ("large-before", at(-1), at(-1).map_or(String::new(), |picture| format!("‹ {}", picture.label()))),
        ("large-after", at(1), at(1).map_or(String::new(), |picture| format!("{} ›", picture.label()))),
    ] {
        if let Some(button) = by_id::<HtmlElement>(id) {
            show(&button, picture.is_some());
            set(&button, "data-enlarge", picture.map_or("", |picture| picture.name()));
            dom::set_text(&button, &label);
        }
    }
    if let Some(count) = by_id::<Element>("large-place") {
        dom::set_text(&count, &format!("{} of {}", index + 1, Picture::ALL.len()));
    }
    place.scroll_into_view();
}
