//! The address: its link is read at start-up and when it changes, and written at every change of the state.

use super::dom::{self, all, append, body, by_id, listen as on, make, make_text, set, show};
use super::{gallery, page};
use crate::state::{OwnTable, State, link};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// The state of the address, and notes about what was not understood; `own_table` is there already.
pub fn read(own_table: Option<OwnTable>) -> (State, Vec<String>) {
    let hash = dom::window().location().hash().unwrap_or_default();
    link::read(&hash, own_table)
}

/// Writes the state into the address, without a new entry in the history.
pub fn write(state: &State) {
    let link = link::write(state);
    let now = dom::window().location().hash().unwrap_or_default();
    // The default state leaves a bare address bare.
    if now == link || (now.is_empty() && link == link::write(&State::default())) {
        return;
    }
    if let Ok(history) = dom::window().history() {
        // Refused by browsers when called very often; the next change writes it.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&link));
    }
}

/// Hears links that are followed within the page.
pub fn listen() {
    on(&dom::window(), "hashchange", |_| {
        page::with(|page| {
            let (state, notes) = read(page.state.own_table.take());
            page.adopt(state);
            show_notes(&notes);
        });
    });
    on(&dom::document(), "click", |event| {
        // A menu stays open for its own buttons, and is done with once a link was chosen.
        let stays = if dom::target(&event, ".menu a").is_some() { None } else { dom::target(&event, ".menu") };
        for menu in all(&dom::root(), "details.menu[open]").into_iter().filter(|menu| Some(menu) != stays.as_ref()) {
            let _ = menu.remove_attribute("open");
        }
        if dom::target(&event, "[data-close-notes]").is_some() {
            show_notes(&[]);
        }
    });
    on(&dom::document(), "keydown", |event| {
        if event.dyn_ref::<web_sys::KeyboardEvent>().is_some_and(|e| e.key() == "Escape") {
            for menu in all(&dom::root(), "details.menu[open]") {
                let _ = menu.remove_attribute("open");
            }
        }
    });
}

/// Shows or hides what a link asks for, and opens its picture.
pub fn apply_parts(state: &State) {
    let flag = |name: &str, on: bool| match on {
        true => set(&body(), name, ""),
        false => _ = body().remove_attribute(name),
    };
    flag("data-embed", state.embed);
    flag("data-hide-setting", state.hide.contains("setting"));
    gallery::show_open(state.open);
    hide_parts(state);
}

/// Hides the parts, groups, pictures and single controls that a link names.
pub fn hide_parts(state: &State) {
    if state.hide.is_empty() && !body().has_attribute("data-hidden-parts") {
        return;
    }
    set(&body(), "data-hidden-parts", "");
    for attribute in ["data-part", "data-picture", "data-field"] {
        for element in all(&dom::root(), &format!("[{attribute}]")) {
            let name = element.get_attribute(attribute).unwrap_or_default();
            show(&element, !state.hide.contains(&name));
        }
    }
    for element in all(&dom::root(), "[data-group]") {
        let name = element.get_attribute("data-group").unwrap_or_default();
        let whole = element.closest("fieldset").ok().flatten().and_then(|f| f.dyn_into::<HtmlElement>().ok());
        show(&whole.unwrap_or(element), !state.hide.contains(&name));
    }
}

/// Shows what in a link was not understood.
pub fn show_notes(notes: &[String]) {
    let Some(place) = by_id::<HtmlElement>("notes") else { return };
    show(&place, !notes.is_empty());
    dom::clear(&place);
    if notes.is_empty() {
        return;
    }
    let column = make("div", &[]);
    append(&column, &[&make_text("p", &[], "Not everything in this link was understood; the rest has its defaults:")]);
    for note in notes {
        append(&column, &[&make_text("p", &[], note)]);
    }
    append(&place, &[&column, &make_text("button", &[("type", "button"), ("data-close-notes", "")], "Close")]);
}

/// Copies the whole link.
pub fn share(state: &State) {
    write(state);
    let location = dom::window().location();
    let bare = location.href().unwrap_or_default();
    let bare = bare.split('#').next().unwrap_or_default();
    let text = format!("{bare}{}", link::write(state));
    let own = super::setting::is_own_table(state);
    let clipboard = dom::window().navigator().clipboard();
    let copied = clipboard.write_text(&text);
    let done = wasm_bindgen::closure::Closure::once_into_js(move |_: JsValue| {
        say_shared(if own { "Copied, without your table" } else { "Copied" });
    });
    let failed = wasm_bindgen::closure::Closure::once_into_js(move |_: JsValue| {
        say_shared("See the address bar");
    });
    // What `then` returns settles nothing more.
    let then =
        js_sys::Reflect::get(&copied, &"then".into()).ok().and_then(|then| then.dyn_into::<js_sys::Function>().ok());
    if let Some(then) = then {
        let _ = then.call2(&copied, &done, &failed);
    }
}

fn say_shared(words: &str) {
    let Some(button) = by_id::<Element>("share") else { return };
    dom::set_text(&button, words);
    dom::after(2000, move || dom::set_text(&button, "Share link"));
}
