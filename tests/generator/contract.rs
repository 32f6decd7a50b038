//! What must hold for any text: an error that is one line and names a field, or a result of finite numbers within their
//! mathematical ranges.

use eigendrift::{Case, Error, Experiment, Run, analyze, run};
use serde_json::Value;

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was refused.
    Refused,
    /// It was run.
    Found,
    /// It would take too long to run.
    Large,
}

type Checked<T> = Result<T, String>;

/// The outcome of an experiment, or what is wrong with it.
pub fn experiment(text: &str) -> Checked<Outcome> {
    let experiment = match Experiment::from_json(text) {
        Err(error) => return sentence(&error, text).map(|()| Outcome::Refused),
        Ok(experiment) => experiment,
    };
    // To draw a rotation of thousands of coordinates takes minutes.
    let shape = experiment.data_shape().and_then(|(shape, _)| experiment.architecture(shape));
    if experiment.optimizer.rotated_basis && shape.is_ok_and(|architecture| architecture.parameter_count() > 100) {
        return Ok(Outcome::Large);
    }
    let begun = match Run::new(experiment.clone()) {
        Err(error) => return sentence(&error, text).map(|()| Outcome::Refused),
        Ok(begun) => begun,
    };
    let samples = experiment.null_model.map_or(0, |model| model.samples);
    let small = begun.architecture().parameter_count() <= 100
        && experiment.steps <= 50
        && begun.checkpoint_steps().len() <= 12
        && begun.training().data().len() <= 300
        && samples <= 5;
    if !small {
        return Ok(Outcome::Large);
    }
    let found = run(experiment, |_| {}).map_err(|error| format!("the run ends with the error {error}"))?;
    report(&serde_json::to_value(found).map_err(|error| error.to_string())?).map(|()| Outcome::Found)
}

/// The outcome of a case, or what is wrong with it.
pub fn case(text: &str) -> Checked<Outcome> {
    match Case::from_json(text).and_then(|case| analyze(&case)) {
        // Where numbers overflow no field is to blame.
        Err(Error::NotFinite { .. }) => Ok(Outcome::Refused),
        Err(error) => sentence(&error, text).map(|()| Outcome::Refused),
        Ok(found) => {
            analysis(&serde_json::to_value(found).map_err(|error| error.to_string())?).map(|()| Outcome::Found)
        }
    }
}

/// A sentence on one line, in words of JSON, that names a field of `text` or the whole.
fn sentence(error: &Error, text: &str) -> Checked<()> {
    let said = error.to_string();
    let Error::Invalid { field, problem } = error else { return Err(format!("the error names no field: {said}")) };
    demand(!problem.is_empty() && !said.contains(char::is_control), || format!("no line of text: {said:?}"))?;
    demand(said.chars().count() < 600, || format!("too long: {said}"))?;
    // Some messages quote the names of fields and choices; types of Rust and serde's words are in none of them.
    for word in ["usize", "u64", "f64", "i64", "struct ", "invalid type", "variant", "expected a ", "Option", "NaN("] {
        demand(!said.contains(word), || format!("words of another language: {said}"))?;
    }
    let first = field.split(['.', '[']).next().unwrap_or_default();
    let written = text.contains(&format!("\"{first}"));
    let known = KNOWN.contains(&first);
    demand(written || known, || format!("names no field: {said}"))
}

/// What may be named though it is not written: the whole, and fields whose default does not fit, or that are missing.
const KNOWN: [&str; 11] = [
    "experiment",
    "case",
    "checkpoint_every",
    "hidden",
    "leading",
    "layers",
    "activation",
    "loss_function",
    "inputs",
    "labels",
    "parameters",
];

fn demand(holds: bool, problem: impl Fn() -> String) -> Checked<()> {
    if holds { Ok(()) } else { Err(problem()) }
}

/// Rounding of sums of some hundred terms.
const ROUNDING: f64 = 1e-9;

fn number(record: &Value, name: &str) -> Checked<f64> {
    record[name].as_f64().ok_or_else(|| format!("{name} is no finite number: {}", record[name]))
}

fn list<'a>(record: &'a Value, name: &str) -> Checked<&'a Vec<Value>> {
    record[name].as_array().ok_or_else(|| format!("{name} is no list: {}", record[name]))
}

/// All numbers in `value`, nested lists too; those that are not determined are null where `open` allows it.
fn numbers(value: &Value, name: &str, open: bool) -> Checked<Vec<f64>> {
    match value {
        Value::Array(entries) => {
            let nested: Checked<Vec<Vec<f64>>> = entries.iter().map(|entry| numbers(entry, name, open)).collect();
            Ok(nested?.concat())
        }
        Value::Null if open => Ok(Vec::new()),
        other => Ok(vec![other.as_f64().ok_or_else(|| format!("{name} holds {other}"))?]),
    }
}

fn all_within(record: &Value, name: &str, open: bool, low: f64, high: f64) -> Checked<()> {
    for x in numbers(&record[name], name, open)? {
        demand(x >= low && x <= high, || format!("{name} holds {x}, outside of {low} to {high}"))?;
    }
    Ok(())
}

fn descending(record: &Value, name: &str, count: usize) -> Checked<()> {
    let values = numbers(&record[name], name, false)?;
    demand(values.len() == count, || format!("{name} has {} entries instead of {count}", values.len()))?;
    demand(values.windows(2).all(|pair| pair[0] >= pair[1]), || format!("{name} is not descending: {values:?}"))
}

fn report(report: &Value) -> Checked<()> {
    let p = number(report, "parameter_count")? as usize;
    let k = number(&report["experiment"], "leading")? as usize;
    let checkpoints = list(report, "checkpoints")?;
    demand(!checkpoints.is_empty() || report["diverged"].is_string(), || "no checkpoint and no divergence".into())?;
    demand(report["interrupted"].is_null(), || "interrupted".into())?;
    let steps = numbers(&Value::from_iter(checkpoints.iter().map(|c| c["step"].clone())), "step", false)?;
    demand(steps.windows(2).all(|pair| pair[0] < pair[1]), || format!("steps do not ascend: {steps:?}"))?;
    for found in checkpoints {
        checkpoint(found, p, k).map_err(|problem| format!("checkpoint at step {}: {problem}", found["step"]))?;
        two_time(&found["two_time"])?;
    }
    two_time(report)?;
    for name in ["ipr", "displacement", "subspace_overlap"] {
        all_within(&report["chance"], name, false, 0.0, 2.0)?;
    }
    null_model(report, p, k)
}

fn checkpoint(found: &Value, p: usize, k: usize) -> Checked<()> {
    for name in ["learning_rate", "loss", "gradient_norm"] {
        all_within(found, name, false, 0.0, f64::MAX)?;
    }
    all_within(found, "accuracy", false, 0.0, 1.0)?;
    let tested = !found["test_accuracy"].is_null();
    all_within(found, "test_accuracy", true, 0.0, 1.0)?;
    all_within(found, "test_loss", !tested, 0.0, f64::MAX)?;
    spectrum(found, "eigenvalues_descending", p)?;
    for name in ["trace", "sharpness"] {
        number(found, name)?;
    }
    all_within(found, "spectral_norm", false, 0.0, f64::MAX)?;
    all_within(found, "next_eigenvalue", true, f64::MIN, f64::MAX)?;
    demand(numbers(&found["leading_eigenvalues"], "leading_eigenvalues", false)?.len() == k, || "not k".into())?;
    demand(numbers(&found["parameters"], "parameters", false)?.len() == p, || "not P parameters".into())?;
    let least = 1.0 / p as f64;
    all_within(found, "leading_ipr", true, least * (1.0 - ROUNDING), 1.0 + ROUNDING)?;
    all_within(found, "leading_participation_entropy", true, 1.0 - ROUNDING, p as f64 * (1.0 + ROUNDING))?;
    all_within(found, "group_mass", true, 0.0, 1.0 + ROUNDING)?;
    all_within(found, "gradient_share", true, 0.0, 1.0 + ROUNDING)?;
    all_within(found, "update_share", true, 0.0, 1.0 + ROUNDING)?;
    all_within(found, "stability_threshold", true, 0.0, f64::MAX)?;
    all_within(found, "leading_eigenvectors", true, -1.0 - ROUNDING, 1.0 + ROUNDING)?;
    if !found["preconditioned_eigenvalues_descending"].is_null() {
        descending(found, "preconditioned_eigenvalues_descending", p)?;
    }
    for layer in list(found, "layer_spectra")? {
        let count = list(layer, "eigenvalues_descending")?.len();
        descending(layer, "eigenvalues_descending", count)?;
        all_within(layer, "leading_ipr", true, (1.0 - ROUNDING) / count as f64, 1.0 + ROUNDING)?;
    }
    certificates(found)
}

/// P descending eigenvalues, or none where the leading ones alone are known.
fn spectrum(found: &Value, name: &str, p: usize) -> Checked<()> {
    match found["spectrum"].as_str() {
        Some("full") => descending(found, name, p),
        Some("leading") => demand(found.get(name).is_none(), || format!("{name} is not left out")),
        _ => Err(format!("spectrum is {}", found["spectrum"])),
    }
}

fn certificates(found: &Value) -> Checked<()> {
    for (name, value) in found["certificates"].as_object().into_iter().flatten() {
        // Bounds of single directions are open where these are not determined, and the trace where it is an estimate.
        let open = value.is_array() || (name == "trace_defect" && found["spectrum"] == "leading");
        for x in numbers(value, name, open)? {
            demand(x >= 0.0, || format!("certificates.{name} is {x}"))?;
        }
    }
    Ok(())
}

fn two_time(record: &Value) -> Checked<()> {
    all_within(record, "subspace_overlap", true, 0.0, 1.0 + ROUNDING)?;
    all_within(record, "displacement_by_rank", true, 0.0, 2.0 + ROUNDING)?;
    all_within(record, "displacement_tracked", true, 0.0, 2.0 + ROUNDING)?;
    all_within(record, "weight_displacement", false, 0.0, f64::MAX)
}

fn null_model(report: &Value, p: usize, k: usize) -> Checked<()> {
    let bands = &report["null_model"];
    if bands.is_null() {
        let wanted = !report["experiment"]["null_model"].is_null() && !list(report, "checkpoints")?.is_empty();
        return demand(wanted == report["null_model_failed"].is_string(), || "no null model, and no reason".into());
    }
    let range = |name: &str, low: f64, high: f64| -> Checked<()> {
        let whole = [bands[name].clone()];
        for band in bands[name].as_array().map_or(&whole[..], Vec::as_slice).iter().filter(|band| !band.is_null()) {
            for part in ["mean", "low", "high"].into_iter().filter(|part| !band[part].is_null()) {
                let x = number(band, part)?;
                demand(x >= low && x <= high, || format!("null_model.{name}.{part} is {x}"))?;
            }
        }
        Ok(())
    };
    let count = if bands["spectrum"] == "leading" { k } else { p };
    demand(list(bands, "eigenvalues_descending")?.len() == count, || format!("not {count} bands"))?;
    demand(list(bands, "leading_ipr")?.len() == k, || "not k bands".into())?;
    range("eigenvalues_descending", f64::MIN, f64::MAX)?;
    range("spacing", 0.0, f64::MAX)?;
    range("leading_ipr", (1.0 - ROUNDING) / p as f64, 1.0 + ROUNDING)?;
    range("mean_ipr", (1.0 - ROUNDING) / p as f64, 1.0 + ROUNDING)?;
    range("displacement_by_rank", 0.0, 2.0 + ROUNDING)?;
    range("displacement_tracked", 0.0, 2.0 + ROUNDING)?;
    range("subspace_overlap", 0.0, 1.0 + ROUNDING)
}

fn analysis(found: &Value) -> Checked<()> {
    let p = list(found, "gradient")?.len();
    all_within(found, "loss", false, 0.0, f64::MAX)?;
    all_within(found, "accuracy", false, 0.0, 1.0)?;
    for name in ["logits", "gradient", "leading_eigenvalues"] {
        numbers(&found[name], name, false)?;
    }
    if found["spectrum"] == "full" {
        numbers(&found["hessian_rows"], "hessian_rows", false)?;
    }
    spectrum(found, "eigenvalues_descending", p)?;
    number(found, "trace")?;
    all_within(found, "leading_ipr", true, (1.0 - ROUNDING) / p as f64, 1.0 + ROUNDING)?;
    all_within(found, "leading_eigenvectors", true, -1.0 - ROUNDING, 1.0 + ROUNDING)?;
    certificates(found)
}
