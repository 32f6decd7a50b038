//! The bar: run, pause, step, back, reset, new seed, progress, and the slider of the cursor.

use super::dom::{self, by_id, listen as on, set, set_text};
use super::message::Command;
use super::page::{self, Page};
use super::results::Phase;
use crate::state::{RUN_NAMES, Scope, State, cost, table};
pub use crate::view::number::thousands;
use web_sys::{Element, HtmlButtonElement, HtmlInputElement, HtmlProgressElement, KeyboardEvent};

type Action = fn(&mut Page);

/// Hears the buttons and keys.
pub fn listen() {
    let buttons: [(&str, Action); 7] = [
        ("run", run_or_pause),
        ("back", |page| page.set_cursor(page.cursor.saturating_sub(1), false)),
        ("step", step),
        ("reset", Page::restart_all),
        ("new-seed", new_seed),
        ("live", |page| page.set_cursor(page.newest(), !page.live)),
        ("share", |page| super::address::share(&page.state)),
    ];
    for (id, action) in buttons {
        if let Some(button) = by_id::<Element>(id) {
            on(&button, "click", move |_| {
                page::with(|page| {
                    action(page);
                    page.sync();
                })
            });
        }
    }
    if let Some(slider) = by_id::<HtmlInputElement>("cursor") {
        let input = slider.clone();
        on(&slider, "input", move |_| {
            let index = input.value().parse().unwrap_or(0);
            page::with(|page| page.set_cursor(index, false));
        });
    }
    on(&dom::document(), "keydown", |event| {
        let Some(key) = wasm_bindgen::JsCast::dyn_ref::<KeyboardEvent>(&event) else { return };
        if key.key() == " " && dom::target(&event, "button, input, select, summary, a, textarea").is_none() {
            event.prevent_default();
            page::with(|page| {
                run_or_pause(page);
                page.sync();
            });
        }
    });
}

/// The most steps per second that the visitor wants to see.
pub fn speed(state: &State) -> Option<f64> {
    let checkpoints: f64 = state.text(Scope::View, "speed").parse().ok()?;
    Some(checkpoints * state.number(Scope::Setting, "every").unwrap_or(50.0))
}

fn run_or_pause(page: &mut Page) {
    if !page.runs.iter().any(|run| run.is_under_way()) {
        page.paused = false;
        return page.restart_all();
    }
    page.paused = !page.paused;
    for (slot, run) in page.runs.iter_mut().enumerate().filter(|(_, run)| run.is_under_way()) {
        page.crew.command(slot, if page.paused { Command::Pause } else { Command::Resume });
        // The page shows at once what the worker will confirm.
        run.phase = if page.paused { Phase::Paused } else { Phase::Running };
    }
    if !page.paused {
        page.set_cursor(page.newest(), true);
    }
}

/// One checkpoint on: the next that is known, or else the next to be computed.
fn step(page: &mut Page) {
    if page.cursor < page.newest() {
        return page.set_cursor(page.cursor + 1, false);
    }
    page.paused = true;
    page.live = true;
    for slot in 0..page.runs.len() {
        if page.runs[slot].is_under_way() {
            page.crew.command(slot, Command::Step);
        }
    }
}

fn new_seed(page: &mut Page) {
    let mut bytes = [0; 8];
    // Where the browser gives no randomness, the clock must do.
    if getrandom::fill(&mut bytes).is_err() {
        bytes = dom::now().to_bits().to_le_bytes();
    }
    // Six digits keep links short; two visitors rarely need different seeds.
    let seed = u64::from_le_bytes(bytes) % 1_000_000;
    let seed = seed.min(table::largest_seed());
    if page.state.set(Scope::Setting, "seed", &seed.to_string()).is_ok() {
        super::address::write(&page.state);
        page.restart_all();
    }
}

/// Brings the bar up to date.
pub fn sync(page: &Page) {
    let under_way = page.runs.iter().any(|run| run.is_under_way());
    let text = match (under_way, page.paused) {
        (false, _) => "Run again",
        (true, true) => "Run",
        (true, false) => "Pause",
    };
    if let Some(button) = by_id::<Element>("run") {
        set_text(&button, text);
    }
    let newest = page.newest();
    let enable = |id: &str, on: bool| {
        if let Some(button) = by_id::<HtmlButtonElement>(id)
            && button.disabled() == on
        {
            button.set_disabled(!on);
        }
    };
    enable("back", page.cursor > 0);
    enable("step", page.cursor < newest || under_way);
    if let Some(slider) = by_id::<HtmlInputElement>("cursor") {
        set(&slider, "max", &newest.to_string());
        dom::set_value(&slider, &page.cursor.to_string());
        set(&slider, "aria-valuetext", &format!("step {}", cursor_step(page)));
    }
    if let Some(output) = by_id::<Element>("cursor-step") {
        set_text(&output, &format!("step {}", thousands(cursor_step(page))));
    }
    if let Some(button) = by_id::<Element>("live") {
        set(&button, "aria-pressed", if page.live { "true" } else { "false" });
    }
    sync_progress(page);
}

/// The step at the cursor.
pub fn cursor_step(page: &Page) -> usize {
    page.runs.iter().filter_map(|run| run.checkpoints.get(page.cursor)).map(|c| c.step).next().unwrap_or(0)
}

fn sync_progress(page: &Page) {
    let steps: usize = page.runs.iter().map(|run| run.experiment.steps).sum();
    let done: usize = page.runs.iter().map(|run| run.step).sum();
    if let Some(bar) = by_id::<HtmlProgressElement>("progress") {
        bar.set_value(if steps == 0 { 0.0 } else { done as f64 / steps as f64 });
    }
    let Some(status) = by_id::<Element>("status") else { return };
    let slowest = page.runs.iter().map(|run| run.step).min().unwrap_or(0);
    let total = page.runs.iter().map(|run| run.experiment.steps).max().unwrap_or(0);
    let mut words = format!("step {} of {}", thousands(slowest), thousands(total));
    if let Some(count) = page.runs.iter().find_map(|run| run.parameter_count()) {
        words += &format!(" · {} checkpoints · P = {} parameters", page.newest() + 1, thousands(count));
    }
    if let Some(ms) = page.runs.iter().filter_map(|run| run.typical_milliseconds()).reduce(f64::max) {
        words += &format!(" · exact Hessian + spectrum {}", cost::seconds(ms / 1e3));
    }
    set_text(&status, &words);
}

/// Says how the runs stand, for those who hear the page, when that changes.
pub fn announce(page: &Page) {
    let stands = |phase: &Phase| match phase {
        Phase::Waiting | Phase::Running => "is running",
        Phase::Paused => "is paused",
        Phase::Finished => "has finished",
        Phase::Failed { diverged: true, .. } => "has diverged",
        Phase::Failed { .. } => "has stopped",
    };
    let runs = page.runs.iter().zip(RUN_NAMES);
    let words: Vec<String> = runs.map(|(run, name)| format!("Run {name} {}.", stands(&run.phase))).collect();
    if let Some(place) = by_id::<Element>("say") {
        set_text(&place, &words.join(" "));
    }
}
