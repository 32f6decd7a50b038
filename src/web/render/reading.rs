//! Article, terms and explanations: static text that is loaded after the first pictures, with the numbers, the matrix and
//! the live figures that belong into it.

use super::{canvas, evidence};
use crate::page::figures::{LIVE, Live};
use crate::page::lessons::number;
use crate::page::{Model, figures};
use crate::state::Picture;
use crate::state::choice::Choice;
use crate::view::Style;
use crate::web::dom::{self, all, append, by_id, clear, make, make_text, set, set_text, show};
use crate::web::theme;
use plotters::prelude::IntoDrawingArea;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    Document, Element, HtmlCanvasElement, HtmlElement, HtmlInputElement, IntersectionObserver,
    IntersectionObserverEntry, IntersectionObserverInit,
};

/// How far below or above the window a live figure is drawn, before it can be seen.
const MARGIN: &str = "400px";

/// Puts the text into the page.
pub fn put(text: &Document) {
    if let (Some(place), Some(body)) = (by_id::<Element>("reading"), text.body()) {
        while let Some(part) = body.first_child() {
            // Fails only where a part contains its place.
            _ = place.append_child(&part);
        }
        let seen = observer();
        for figure in all(&place, "[data-live]") {
            live(&figure);
            match &seen {
                Some(observer) => observer.observe(&figure),
                None => set(&figure, "data-near", ""),
            }
            draw(&figure);
        }
    }
}

/// Draws live figures as they come near the window, which not every visitor takes them to. Lives as long as the page.
fn observer() -> Option<IntersectionObserver> {
    let moved = Closure::<dyn FnMut(js_sys::Array)>::new(|entries: js_sys::Array| {
        for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
            let Ok(figure) = entry.target().dyn_into::<HtmlElement>() else { continue };
            // Fails only for names that are not valid.
            let _ = figure.toggle_attribute_with_force("data-near", entry.is_intersecting());
            if entry.is_intersecting() {
                draw(&figure);
            }
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(MARGIN);
    let observer = IntersectionObserver::new_with_options(moved.as_ref().unchecked_ref(), &options).ok();
    moved.forget();
    observer
}

/// Brings numbers and matrix up to date.
pub fn render(model: &Model) {
    let Some(place) = by_id::<HtmlElement>("reading") else { return };
    match &*model.reading {
        None => return,
        Some(Err(why)) => {
            let words = format!("The article and the explanations of terms could not be loaded: {why}.");
            return set_text(&place, &words);
        }
        Some(Ok(())) => {}
    }
    for span in all(&place, "[data-result]") {
        set_text(&span, &number(&span.get_attribute("data-result").unwrap_or_default(), &model.stored));
    }
    for matrix in all(&place, "[data-matrix]") {
        clear(&matrix);
        if let Some(table) = evidence::matrix_table(model) {
            append(&matrix, &[&table]);
        }
    }
    about(model.state.open);
}

/// Draws the live figures that are near the window.
pub fn draw_figures() {
    for figure in by_id::<Element>("reading").iter().flat_map(|place| all(place, "[data-live][data-near]")) {
        draw(&figure);
    }
}

/// What explains the picture that is open large.
fn about(open: Option<Picture>) {
    let Some(place) = by_id::<HtmlElement>("about") else { return };
    let source = open.and_then(|picture| by_id::<Element>(&format!("about-{}", picture.name())));
    show(&place, source.is_some());
    let name = open.map_or("", Choice::name);
    if place.get_attribute("data-of").as_deref() != Some(name) || place.child_element_count() == 0 {
        set(&place, "data-of", name);
        clear(&place);
        let mut part = source.and_then(|source| source.first_child());
        while let Some(node) = part {
            // Fails only where a part contains its place.
            _ = node.clone_node_with_deep(true).and_then(|copy| place.append_child(&copy));
            part = node.next_sibling();
        }
    }
}

fn named(figure: &Element) -> Option<Live> {
    let name = figure.get_attribute("data-live")?;
    LIVE.into_iter().find(|live| live.name() == name)
}

/// Gives a figure its canvas, slider and words.
fn live(figure: &HtmlElement) {
    let Some(live) = named(figure) else { return };
    let plot = make("div", &[("class", "plot")]);
    append(&plot, &[&make("canvas", &[("role", "img")])]);
    let slider =
        make("input", &[("type", "range"), ("min", "0"), ("max", "100"), ("value", &live.start().to_string())]);
    set(&slider, "aria-label", live.label());
    let row = make("p", &[("class", "turn")]);
    append(&row, &[&make_text("span", &[], live.label()), &slider, &make("output", &[("aria-live", "polite")])]);
    let caption = figure.query_selector("figcaption").ok().flatten();
    for element in [plot, row] {
        let _ = figure.insert_before(&element, caption.as_ref().map(|caption| caption.as_ref()));
    }
    let whole = figure.clone();
    dom::listen(&slider, "input", move |_| draw(&whole));
}

/// Writes a figure's words, and draws it where it is near the window.
fn draw(figure: &HtmlElement) {
    let one = |selector: &str| all(figure, selector).into_iter().next();
    let (Some(live), Some(canvas), Some(slider)) = (named(figure), one("canvas"), one("input")) else { return };
    let (canvas, slider): (HtmlCanvasElement, HtmlInputElement) = (canvas.unchecked_into(), slider.unchecked_into());
    let at = slider.value().parse().unwrap_or(0.0) / 100.0;
    let dark = theme::is_dark();
    let (chart, words) = figures::figure(live, at, dark);
    if let Some(output) = one("output") {
        set_text(&output, &words);
    }
    set(&slider, "aria-valuetext", &words);
    set(&canvas, "aria-label", &chart.describe());
    if !figure.has_attribute("data-near") {
        return;
    }
    let scale = dom::window().device_pixel_ratio();
    let size = [canvas.client_width(), canvas.client_height()].map(|length| (f64::from(length) * scale) as u32);
    if size.contains(&0) {
        return;
    }
    canvas.set_width(size[0]);
    canvas.set_height(size[1]);
    let Some(backend) = CanvasBackend::with_canvas_object(canvas.clone()) else { return };
    let context = canvas::context(&canvas);
    let mut blit = |cells: &crate::view::Cells| {
        if let Some(context) = &context {
            _ = canvas::put(context, cells);
        }
    };
    if let Err(error) = chart.draw(&backend.into_drawing_area(), &Style::canvas(scale, dark), Some(&mut blit)) {
        dom::log(&format!("a figure could not be drawn: {error}"));
    }
}
