//! Light and dark: as the system has it, or as the button says; remembered by the browser, not in links.

use super::dom::{self, by_id, listen, root, set};
use crate::page::Action;
use crate::view::color;
use web_sys::{Element, Storage};

const NAME: &str = "eigendrift-theme";

fn storage() -> Option<Storage> {
    // Browsers may forbid it.
    dom::window().local_storage().ok().flatten()
}

/// Takes over what was chosen before.
pub fn restore() {
    choose(storage().and_then(|storage| storage.get_item(NAME).ok().flatten()).as_deref());
    color_runs();
}

/// Listens to the button and the system.
pub fn listen_to_changes(dispatch: fn(Action)) {
    if let Some(button) = by_id::<Element>("theme") {
        listen(&button, "click", move |_| {
            let next = match root().get_attribute("data-theme").as_deref() {
                None if system_is_dark() => Some("light"),
                None => Some("dark"),
                Some("dark") if system_is_dark() => None,
                Some("light") if !system_is_dark() => None,
                Some("dark") => Some("light"),
                Some(_) => Some("dark"),
            };
            choose(next);
            dispatch(Action::Dark(is_dark()));
        });
    }
    if let Ok(Some(query)) = dom::window().match_media("(prefers-color-scheme: dark)") {
        listen(&query, "change", move |_| {
            dispatch(Action::Dark(is_dark()));
        });
        // The query must live as long as the page, or its events end.
        std::mem::forget(query);
    }
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
    let label = format!("Theme: {}", theme.unwrap_or("as the system has it"));
    if let Some(button) = by_id::<Element>("theme") {
        set(&button, "aria-label", &label);
        set(&button, "title", &label);
    }
}

/// Gives the markup the runs' colours, which pictures have from the same palette.
fn color_runs() {
    let style = root().style();
    for (name, value) in color::css_variables() {
        let _ = style.set_property(&name, &value);
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

/// Whether the visitor's system asks for less motion.
pub fn wants_less_motion() -> bool {
    let query = dom::window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}
