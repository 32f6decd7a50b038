//! Light and dark: as the system has it, or as the button says; remembered by the browser, not in links.

use super::controls::thumbnails;
use super::dom::{self, by_id, listen, root, set};
use super::page;
use web_sys::{Element, Storage};

const NAME: &str = "eigendrift-theme";

fn storage() -> Option<Storage> {
    // Browsers may forbid it.
    dom::window().local_storage().ok().flatten()
}

/// Takes over what was chosen before, and hears the button and the system.
pub fn start() {
    let chosen = storage().and_then(|storage| storage.get_item(NAME).ok().flatten());
    choose(chosen.as_deref());
    for (name, value) in crate::view::color::css_variables() {
        let _ = root().style().set_property(&name, &value);
    }
    if let Some(button) = by_id::<Element>("theme") {
        listen(&button, "click", |_| {
            let next = match root().get_attribute("data-theme").as_deref() {
                None if system_is_dark() => Some("light"),
                None => Some("dark"),
                Some("dark") if system_is_dark() => None,
                Some("light") if !system_is_dark() => None,
                Some("dark") => Some("light"),
                Some(_) => Some("dark"),
            };
            choose(next);
            redraw();
        });
    }
    if let Ok(Some(query)) = dom::window().match_media("(prefers-color-scheme: dark)") {
        listen(&query, "change", |_| redraw());
        // The query must live as long as the page to go on telling.
        std::mem::forget(query);
    }
}

/// Has everything that is drawn in colours of the theme drawn again.
fn redraw() {
    page::with(|page| page.gallery.touch_all());
    thumbnails::draw_all();
}

fn choose(theme: Option<&str>) {
    match theme {
        Some(name @ ("light" | "dark")) => set(&root(), "data-theme", name),
        _ => _ = root().remove_attribute("data-theme"),
    }
    if let Some(storage) = storage() {
        let _ = match theme {
            Some(name) => storage.set_item(NAME, name),
            None => storage.remove_item(NAME),
        };
    }
    let words = format!("Theme: {}", theme.unwrap_or("as the system has it"));
    if let Some(button) = by_id::<Element>("theme") {
        set(&button, "aria-label", &words);
        set(&button, "title", &words);
    }
}

fn system_is_dark() -> bool {
    dom::window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
}

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    match root().get_attribute("data-theme").as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => system_is_dark(),
    }
}
