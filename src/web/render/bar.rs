//! The bar above the pictures and the slider below them.

use crate::page::Model;
use crate::page::pictures::Scene;
use crate::page::readout;
use crate::state::link;
use crate::view::number::thousands;
use crate::web::address;
use crate::web::dom::{self, by_id, set, set_text};
use web_sys::{Element, HtmlButtonElement, HtmlInputElement, HtmlProgressElement};

/// What the buttons do now, and how much is done.
pub fn render(model: &Model) {
    let under_way = model.is_under_way();
    let text = match (under_way, *model.paused) {
        (false, _) => "Run again",
        (true, true) => "Run",
        (true, false) => "Pause",
    };
    if let Some(button) = by_id::<Element>("run") {
        set_text(&button, text);
    }
    enable("back", model.shown_checkpoint() > 0);
    enable("step", model.shown_checkpoint() + 1 < model.most_checkpoints() || under_way);
    if let Some(button) = by_id::<Element>("live") {
        set(&button, "aria-pressed", if model.cursor.live { "true" } else { "false" });
    }
    if let Some(bar) = by_id::<HtmlProgressElement>("progress") {
        bar.set_value(readout::share_done(model));
    }
    if let Some(button) = by_id::<Element>("share") {
        let text = match *model.shared {
            None => "Share link",
            Some((false, _)) => "Copy this:",
            Some((true, _)) if model.state.is_own_table() => "Copied, without your table",
            Some((true, _)) => "Copied",
        };
        set_text(&button, text);
    }
    if let Some(link) = by_id::<HtmlInputElement>("link") {
        let wanted = matches!(*model.shared, Some((false, _)));
        let appears = wanted && link.hidden();
        dom::show(&link, wanted);
        if wanted {
            dom::set_value(&link, &address::with(&link::write(&model.state)));
        }
        if appears {
            link.select();
        }
    }
    if let Some(place) = by_id::<Element>("saving") {
        set_text(&place, &readout::saving(&model.saving));
    }
}

fn enable(id: &str, on: bool) {
    if let Some(button) = by_id::<HtmlButtonElement>(id)
        && button.disabled() == on
    {
        button.set_disabled(!on);
    }
}

/// Step and size at the moment that the pictures show. A slider that was moved on since stays where it is: it comes next.
pub fn render_moment(scene: &Scene, is_present: bool) {
    let step = format!("step {}", thousands(scene.cursor_step().unwrap_or(0)));
    if let Some(slider) = by_id::<HtmlInputElement>("cursor") {
        set(&slider, "max", &scene.model.most_checkpoints().saturating_sub(1).to_string());
        if is_present {
            dom::set_value(&slider, &scene.cursor.to_string());
        }
        set(&slider, "aria-valuetext", &step);
    }
    if let Some(output) = by_id::<Element>("cursor-step") {
        set_text(&output, &step);
    }
    if let Some(status) = by_id::<Element>("status") {
        set_text(&status, &readout::status(scene));
    }
}
