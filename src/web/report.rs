//! `window.eigendrift.report()`: the page's numbers as an object, for researchers with a console and for tests.

use super::message::build_id;
use super::page::{self, Page};
use super::results::{Phase, RunResults};
use crate::state::{RUN_NAMES, link};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

/// Puts `eigendrift` on the window, beside what may be there already.
pub fn publish() {
    let window = super::dom::window();
    let name = JsValue::from_str("eigendrift");
    let place = js_sys::Reflect::get(&window, &name).ok().filter(JsValue::is_object);
    let place = place.unwrap_or_else(|| js_sys::Object::new().into());
    let report = Closure::<dyn Fn() -> JsValue>::new(|| {
        let mut text = String::from("null");
        page::with(|page| text = report(page).to_string());
        js_sys::JSON::parse(&text).unwrap_or(JsValue::NULL)
    });
    // Properties of an ordinary object can be set.
    let _ = js_sys::Reflect::set(&place, &"report".into(), &report.into_js_value());
    let _ = js_sys::Reflect::set(&window, &name, &place);
}

/// Everything that the pictures show except the eigenvectors themselves.
pub fn report(page: &Page) -> Value {
    json!({
        "build": build_id(),
        "link": link::write(&page.state),
        "cursor": page.cursor,
        "live": page.live,
        "paused": page.paused,
        "workers": page.crew.workers(),
        "problems": page.problems.iter().map(|(source, sentence)| format!("{source}: {sentence}")).collect::<Vec<_>>(),
        "runs": page.runs.iter().zip(RUN_NAMES).map(|(run, name)| of_run(run, name)).collect::<Vec<_>>(),
    })
}

/// All that the page knows: [`report`], with whole checkpoints, eigenvectors and parameters included, and null models.
pub fn everything(page: &Page) -> Value {
    let mut whole = report(page);
    for (index, run) in page.runs.iter().enumerate() {
        whole["runs"][index]["checkpoints"] = json!(run.checkpoints);
        whole["runs"][index]["groups"] = json!(run.started.as_ref().map(|started| &started.groups));
        whole["runs"][index]["null_model"] = json!(run.null);
    }
    whole
}

fn of_run(run: &RunResults, name: &str) -> Value {
    let phase = match &run.phase {
        Phase::Waiting => "waiting",
        Phase::Running => "running",
        Phase::Paused => "paused",
        Phase::Finished => "finished",
        Phase::Failed { diverged: true, .. } => "diverged",
        Phase::Failed { .. } => "failed",
    };
    let checkpoints: Vec<Value> = run
        .checkpoints
        .iter()
        .map(|c| {
            json!({
                "step": c.step,
                "learning_rate": c.learning_rate,
                "loss": c.loss,
                "accuracy": c.accuracy,
                "test_loss": c.test_loss,
                "test_accuracy": c.test_accuracy,
                "leading_eigenvalues": c.leading_eigenvalues,
                "leading_ipr": c.leading_ipr,
                "trace": c.trace,
                "sharpness": c.sharpness,
                "stability_threshold": c.stability_threshold,
                "gradient_share": c.gradient_share,
                "update_share": c.update_share,
                "max_residual": c.certificates.max_residual,
                "subspace_overlap": c.two_time.subspace_overlap,
                "displacement_by_rank": c.two_time.displacement_by_rank,
                "displacement_tracked": c.two_time.displacement_tracked,
            })
        })
        .collect();
    json!({
        "name": name,
        "experiment": run.experiment,
        "phase": phase,
        "step": run.step,
        "parameter_count": run.parameter_count(),
        "milliseconds_per_checkpoint": run.typical_milliseconds(),
        "changes": run.changes.iter().map(|c| json!({ "step": c.step, "words": c.words })).collect::<Vec<_>>(),
        "null_model": run.null.as_ref().map(|bands| json!({
            "kind": bands.kind,
            "samples": bands.samples,
            "mean_ipr": bands.mean_ipr,
        })),
        "checkpoints": checkpoints,
    })
}
