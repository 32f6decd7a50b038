//! The bar above the pictures and the slider below them.

use crate::page::Model;
use crate::page::pictures::Scene;
use crate::page::readout::{self, Milestone};
use crate::state::{RUN_NAMES, link};
use crate::view::number::thousands;
use crate::web::address;
use crate::web::dom::{self, by_id, set, set_text};
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement, HtmlProgressElement};

/// What the buttons do now, and how much is done.
pub fn render(model: &Model) {
    let under_way = model.is_under_way();
    let text = match (model.state.view().play.factor(), under_way, *model.paused) {
        (Some(_), ..) if model.playing.is_some() => "Pause",
        (Some(_), ..) => "Play",
        (None, false, _) => "Run again",
        (None, true, true) => "Run",
        (None, true, false) => "Pause",
    };
    if let Some(button) = by_id::<Element>("run") {
        set_text(&button, text);
    }
    if let Some(button) = by_id::<Element>("play") {
        set_text(&button, if text == "Pause" { "❚❚" } else { "▶" });
        set(&button, "aria-label", text);
    }
    for place in dom::all(&dom::root(), "[data-view=speed]") {
        // A pace of the computation is for those who follow it.
        dom::show(&place, model.state.view().play.factor().is_none() || model.state.view.contains_key("speed"));
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
    programs(model);
}

/// Buttons that save a program and the network for each run.
fn programs(model: &Model) {
    let Some(place) = by_id::<HtmlElement>("export-runs") else { return };
    let runs = || model.state.runs.keys().map(|&run| RUN_NAMES[run]);
    let tag = runs().collect::<Vec<_>>().join(" ");
    if place.get_attribute("data-shows").as_deref() == Some(&tag) {
        return;
    }
    set(&place, "data-shows", &tag);
    dom::clear(&place);
    for run in runs() {
        let button = |form: &str, label: &str, described: &str| {
            let attributes = [("type", "button"), ("data-export", form), ("data-of", run), ("aria-label", described)];
            dom::make_text("button", &attributes, label)
        };
        let row = dom::make_text("p", &[], &format!("Run {run} again, with PyTorch"));
        for (form, label) in [("program", "Script"), ("notebook", "Notebook")] {
            dom::append(&row, &[&button(form, label, &format!("{label} that repeats run {run} with PyTorch"))]);
        }
        let weights = dom::make_text("p", &[], &format!("Network {run} at the cursor"));
        let described = format!("Weights of run {run} at the cursor as safetensors");
        dom::append(&weights, &[&button("weights", "Weights", &described)]);
        dom::append(&place, &[&row, &weights]);
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
        // All checkpoints to come, so that a place on it stays the same time.
        set(&slider, "max", &scene.times().len().saturating_sub(1).to_string());
        if is_present {
            dom::set_value(&slider, &scene.cursor.to_string());
        }
        set(&slider, "aria-valuetext", &step);
    }
    if let Some(output) = by_id::<Element>("cursor-step") {
        set_text(&output, &thousands(scene.cursor_step().unwrap_or(0)));
    }
    if let Some(status) = by_id::<Element>("status") {
        let words = readout::status(scene);
        set(&status, "title", &words);
        set_text(&status, &words);
    }
    milestones(scene);
}

/// What happened when, above the slider.
fn milestones(scene: &Scene) {
    let Some(place) = by_id::<HtmlElement>("milestones") else { return };
    let found = readout::milestones(scene);
    let tag = format!("{found:?}");
    if place.get_attribute("data-shows").as_deref() == Some(&tag) {
        return;
    }
    set(&place, "data-shows", &tag);
    dom::clear(&place);
    for Milestone { runs, words, before } in found {
        let put = |class: &str, at: f64, text: &str| {
            let mark = dom::make_text("span", &[("class", class), ("title", &words)], text);
            let _ = mark.style().set_property("left", &format!("{:.2}%", 100.0 * at));
            dom::append(&place, &[&mark]);
        };
        for (run, at) in &runs {
            put(&format!("run-{run}"), *at, "▾");
        }
        let end = if before { runs.first() } else { runs.last() };
        put(if before { "text before" } else { "text" }, end.map_or(0.0, |(_, at)| *at), &words);
    }
}
