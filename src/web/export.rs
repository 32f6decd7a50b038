//! Export: the curves as CSV, everything as JSON, each picture as SVG or PNG.

use super::canvas::{Surface, context};
use super::dom::{self, make};
use super::page::{self, Page};
use super::{report, theme};
use crate::state::RUN_NAMES;
use crate::view::{Style, svg};
use js_sys::Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlCanvasElement, Url};

/// Hears the buttons of the menu.
pub fn listen() {
    dom::listen(&dom::document(), "click", |event| {
        let Some(button) = dom::target(&event, "[data-export]") else { return };
        let kind = button.get_attribute("data-export").unwrap_or_default();
        let picture = button.get_attribute("data-of").unwrap_or_default();
        page::with(|page| match (kind.as_str(), picture.as_str()) {
            ("csv", _) => save("eigendrift.csv", &csv(page)),
            ("json", _) => save("eigendrift.json", &report::everything(page).to_string()),
            ("svg", name) => _ = save_svg(page, name),
            ("png", name) => _ = save_png(page, name),
            _ => {}
        });
    });
}

/// One line per run and checkpoint; what is not known has an empty cell.
fn csv(page: &Page) -> String {
    let k = page.runs.iter().flat_map(|run| &run.checkpoints).map(|c| c.leading_ipr.len()).max().unwrap_or(0);
    let mut head = ["run", "optimizer", "step", "learning_rate", "loss", "accuracy", "test_loss", "test_accuracy"]
        .map(String::from)
        .to_vec();
    for name in ["gradient_norm", "trace", "sharpness", "stability_threshold", "gradient_share", "update_share"] {
        head.push(name.into());
    }
    head.extend((1..=k).map(|i| format!("eigenvalue_{i}")));
    head.extend((1..=k).map(|i| format!("ipr_{i}")));
    let mut lines = vec![head.join(",")];
    for (run, name) in page.runs.iter().zip(RUN_NAMES) {
        for c in &run.checkpoints {
            let mut cells = vec![name.to_owned(), run.experiment.optimizer.rule.name().to_owned(), c.step.to_string()];
            let known = [Some(c.learning_rate), Some(c.loss), Some(c.accuracy), c.test_loss, c.test_accuracy];
            let more = [Some(c.gradient_norm), Some(c.trace), Some(c.sharpness), c.stability_threshold];
            let shares = [c.gradient_share, c.update_share];
            let single = known.into_iter().chain(more).chain(shares);
            // The shortest text that reads back as the same number.
            cells.extend(single.map(|value| value.map_or(String::new(), |value| value.to_string())));
            for row in [&c.leading_eigenvalues, &c.leading_ipr] {
                cells.extend((0..k).map(|i| row.get(i).map_or(String::new(), f64::to_string)));
            }
            lines.push(cells.join(","));
        }
    }
    lines.join("\n") + "\n"
}

/// A picture as it stands, drawn anew as vectors.
fn save_svg(page: &Page, name: &str) -> Option<()> {
    let picture = page.gallery.pictures.iter().find(|picture| picture.name == name)?;
    let chart = picture.chart.as_ref()?;
    let (width, height) = picture.surface.size;
    let style = Style::canvas(1.0, theme::is_dark());
    let (laid_out, _) = chart.lay_out((width.round() as u32, height.round() as u32), &style);
    save(&format!("eigendrift-{name}.svg"), &svg::write(&laid_out, &chart.describe()));
    Some(())
}

/// A picture as it stands, pixel by pixel, on its surface's colour.
fn save_png(page: &Page, name: &str) -> Option<()> {
    let picture = page.gallery.pictures.iter().find(|picture| picture.name == name)?;
    let Surface { base, .. } = &picture.surface;
    let copy: HtmlCanvasElement = make("canvas", &[]).unchecked_into();
    let (width, height) = (base.width(), base.height());
    copy.set_width(width);
    copy.set_height(height);
    let context = context(&copy)?;
    context.set_fill_style_str(&Style::canvas(1.0, theme::is_dark()).palette().surface.css());
    context.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    context.draw_image_with_html_canvas_element(base, 0.0, 0.0).ok()?;
    let file = format!("eigendrift-{name}.png");
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        // A picture that is hidden has no pixels, and none is made of it.
        blob.inspect(|blob| download(&file, blob));
    });
    copy.to_blob(done.unchecked_ref()).ok()
}

fn save(name: &str, text: &str) {
    let parts = Array::of1(&JsValue::from_str(text));
    if let Ok(blob) = Blob::new_with_str_sequence(&parts) {
        download(name, &blob);
    }
}

fn download(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    make("a", &[("href", &address), ("download", name)]).click();
    // The browser has taken the file up by then.
    dom::after(60_000, move || _ = Url::revoke_object_url(&address));
}
