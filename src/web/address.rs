//! The address: the link after `#` is read at start-up and when it changes, and written when the state changes.

use super::dom::{self, listen};
use crate::page::Action;
use crate::state::{State, link};
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
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

/// The address with a link.
pub fn with(text: &str) -> String {
    let address = dom::window().location().href().unwrap_or_default();
    let bare = address.split('#').next().unwrap_or_default();
    format!("{bare}{text}")
}

#[wasm_bindgen]
extern "C" {
    type Clipboard;
    #[wasm_bindgen(method, catch, js_name = writeText)]
    fn write_text(this: &Clipboard, text: &str) -> Result<Promise, JsValue>;
}

/// Copies the address with a link.
pub fn copy(text: &str, dispatch: fn(Action)) {
    write(text);
    // Only pages of a secure origin have a clipboard.
    let clipboard = Reflect::get(&dom::window().navigator(), &"clipboard".into());
    let clipboard = clipboard.ok().filter(JsValue::is_object).map(JsCast::unchecked_into::<Clipboard>);
    let copied = clipboard.and_then(|clipboard| clipboard.write_text(&with(text)).ok());
    let Some(copied) = copied else { return dispatch(Action::Shared(false)) };
    spawn_local(async move { dispatch(Action::Shared(JsFuture::from(copied).await.is_ok())) });
}
