//! The address: the link after `#` is read at start-up and when it changes, and written when the state changes.

use super::dom::{self, listen};
use crate::page::Action;
use crate::state::{State, link};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// The link in the address.
pub fn read() -> String {
    dom::window().location().hash().unwrap_or_default()
}

/// Listens to links that are followed within the page.
pub fn listen_to_changes(dispatch: fn(Action)) {
    listen(&dom::window(), "hashchange", move |_| dispatch(Action::FollowLink(read())));
}

/// Writes a link into the address, without a new entry in the history.
pub fn write(text: &str) {
    let now = read();
    // The default state leaves a bare address bare.
    if now == text || (now.is_empty() && text == link::write(&State::default())) {
        return;
    }
    if let Ok(history) = dom::window().history() {
        // Refused by browsers when called very often; the next change writes it.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(text));
    }
}

/// Copies the address with a link.
pub fn copy(text: &str, dispatch: fn(Action)) {
    write(text);
    let address = dom::window().location().href().unwrap_or_default();
    let bare = address.split('#').next().unwrap_or_default();
    // Only pages of a secure origin have a clipboard.
    let clipboard = dom::window().navigator().clipboard();
    if clipboard.is_undefined() {
        return dispatch(Action::Shared(false));
    }
    let copied = clipboard.write_text(&format!("{bare}{text}"));
    spawn_local(async move { dispatch(Action::Shared(JsFuture::from(copied).await.is_ok())) });
}
