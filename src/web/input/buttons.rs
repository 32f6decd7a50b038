//! Buttons, menus and keys that belong to no field and no picture.

use super::Port;
use crate::page::Action;
use crate::state::choice::named;
use crate::state::{Choice, Picture};
use crate::web::dom::{self, all, by_id, set};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

/// Listens to the bar, the list of runs, menus and sentences.
pub fn listen(port: Port) {
    for (id, action) in [
        ("run", Action::PlayOrPause),
        ("play", Action::PlayOrPause),
        ("back", Action::Back),
        ("step", Action::Step),
        ("reset", Action::Reset),
        ("share", Action::Share),
        ("add-run", Action::AddRun),
        ("seeds-button", Action::ComputeOrStopSeeds),
        ("check-now", Action::CheckNow),
    ] {
        if let Some(button) = by_id::<Element>(id) {
            dom::listen(&button, "click", move |_| (port.dispatch)(action.clone()));
        }
    }
    if let Some(button) = by_id::<Element>("new-seed") {
        dom::listen(&button, "click", move |_| (port.dispatch)(Action::NewSeed(random())));
    }
    if let Some(button) = by_id::<Element>("live") {
        let pressed = button.clone();
        dom::listen(&button, "click", move |_| {
            let live = pressed.get_attribute("aria-pressed").as_deref() == Some("true");
            (port.dispatch)(Action::FollowNewest(!live));
        });
    }
    if let Some(slider) = by_id::<HtmlInputElement>("cursor") {
        let input = slider.clone();
        dom::listen(&slider, "input", move |_| {
            (port.dispatch)(Action::MoveCursor(input.value().parse().unwrap_or(0)));
        });
    }
    let document = dom::document();
    dom::listen(&document, "click", move |event| {
        if let Some(button) = dom::target(&event, "[data-run-action]")
            && let Some(run) = button.get_attribute("data-run").and_then(|run| run.parse().ok())
        {
            match button.get_attribute("data-run-action").as_deref() {
                Some("remove") => (port.dispatch)(Action::RemoveRun(run)),
                Some("remove-changes") => (port.dispatch)(Action::RemoveChanges(run)),
                _ => (port.dispatch)(Action::DuplicateRun(run)),
            }
        }
        if let Some(claim) = dom::target(&event, "[data-show-claim]")
            && let Some(claim) = claim.get_attribute("data-show-claim").as_deref().and_then(named)
        {
            (port.dispatch)(Action::ShowClaim(claim));
        }
        if let Some(answer) = dom::target(&event, "[data-predict]")
            && let Some(answer) = answer.get_attribute("data-predict").and_then(|answer| answer.parse().ok())
        {
            (port.dispatch)(Action::Predict(answer));
        }
        if dom::target(&event, "[data-close-lesson]").is_some() {
            (port.dispatch)(Action::CloseLesson);
        }
        if let Some(button) = dom::target(&event, "[data-go-to]") {
            go_to(&button.get_attribute("data-go-to").unwrap_or_default());
        }
        // The fragment of the address is the state; within the text such a link opens a picture.
        if let Some(link) = dom::target(&event, "a[href^='#about-']") {
            event.prevent_default();
            let name = link.get_attribute("href").unwrap_or_default();
            if let Some(picture) = Picture::named(name.trim_start_matches("#about-")) {
                (port.dispatch)(Action::Enlarge(picture));
            }
        }
        if let Some(figure) = dom::target(&event, ".unfold").and_then(|button| button.closest("figure").ok().flatten())
        {
            let _ = figure.class_list().toggle("unfolded");
        }
        if dom::target(&event, "[data-close-notes]").is_some() {
            (port.dispatch)(Action::CloseNotes);
        }
        // A menu stays open for its own buttons, and is done with once a link was chosen.
        let stays = if dom::target(&event, ".menu a").is_some() { None } else { dom::target(&event, ".menu") };
        for menu in all(&dom::root(), "details.menu[open]").into_iter().filter(|menu| Some(menu) != stays.as_ref()) {
            let _ = menu.remove_attribute("open");
        }
    });
    dom::listen(&document, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key) else { return };
        if key == " " && dom::target(&event, "button, input, select, summary, a, textarea").is_none() {
            event.prevent_default();
            (port.dispatch)(Action::SpaceBar);
        } else if key == "Escape" {
            for menu in all(&dom::root(), "details.menu[open]") {
                let _ = menu.remove_attribute("open");
            }
            (port.dispatch)(Action::CloseEnlarged);
        }
    });
    if let Some(fold) = by_id::<HtmlElement>("fold") {
        let button = fold.clone();
        dom::listen(&fold, "click", move |_| {
            let open = button.get_attribute("aria-expanded").as_deref() == Some("true");
            set(&button, "aria-expanded", if open { "false" } else { "true" });
        });
    }
}

/// A random number; where the browser gives no randomness, the clock must do.
fn random() -> u64 {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = dom::now().to_bits().to_le_bytes();
    }
    u64::from_le_bytes(bytes)
}

/// Brings a picture into view, and marks it for a moment.
fn go_to(name: &str) {
    let Some(figure) = by_id::<HtmlElement>(name) else { return };
    figure.scroll_into_view();
    set(&figure, "data-found", "");
    dom::after(1500, move || _ = figure.remove_attribute("data-found"));
}
