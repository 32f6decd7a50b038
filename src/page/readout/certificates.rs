//! How far the numbers of the spectra can be trusted: one word for all checkpoints, the certificates at the cursor, and the
//! check of the Hessian that was asked for.

use crate::curvature::Route;
use crate::experiment::Checkpoint;
use crate::landscape::Checked;
use crate::page::model::Model;
use crate::page::pictures::{Scene, ShownRun};
use crate::page::results::RunResults;
use crate::spectrum::Order;
use crate::state::RUN_NAMES;
use crate::view::number::{plural, significant, thousands};

/// Rounding of one spectrum, in units of max |λ|: residuals and the defect from orthogonality stay below it, and the trace
/// below P times as much.
pub const TOLERANCE: f64 = 1e-11;

/// Residual of leading pairs that were found from products, where they have converged, in units of max |λ|.
pub const LEADING_TOLERANCE: f64 = 2e-10;

/// The certificate that a checkpoint does not hold, if there is one.
fn broken(checkpoint: &Checkpoint) -> Option<&'static str> {
    let (c, norm, p) = (&checkpoint.certificates, checkpoint.spectral_norm, checkpoint.parameters.len() as f64);
    // Numbers so small that their products underflow have no rounding of their own.
    let least = f64::MIN_POSITIVE.sqrt();
    let within = |x: f64, most: f64| x <= most.max(least);
    // A matrix is symmetric to the last bit; products are summed in another order on either side.
    let (residual, symmetry) = match checkpoint.spectrum {
        Route::Full => (TOLERANCE * norm, 0.0),
        Route::Leading => (LEADING_TOLERANCE * norm, TOLERANCE * norm),
    };
    match c {
        _ if !within(c.max_residual, residual) => Some("residual"),
        _ if c.symmetry_defect > symmetry => Some("symmetry"),
        _ if c.trace_defect.value().is_some_and(|defect| !within(defect, TOLERANCE * norm * p)) => Some("trace"),
        _ if !within(c.orthogonality_defect, TOLERANCE) => Some("orthogonality"),
        _ => None,
    }
}

/// One word about all checkpoints so far, or which certificate fails first; nothing before the first.
pub fn word(model: &Model) -> String {
    let mut count = 0;
    for (run, results) in model.runs.iter() {
        count += results.checkpoints.len();
        if let Some((checkpoint, name)) = results.checkpoints.iter().find_map(|c| Some((c, broken(c)?))) {
            return format!("not exact: {name}, {} at step {}", RUN_NAMES[*run], thousands(checkpoint.step));
        }
    }
    let leads = model.runs.values().any(RunResults::leads_alone);
    match count {
        0 => String::new(),
        count if leads => format!("leading pairs of {}, checked ✓", plural(count, "checkpoint")),
        count => format!("{}, checked ✓", plural(count, "Hessian")),
    }
}

/// The certificates at the cursor: rows of a name and a text for each run.
pub fn rows(scene: &Scene) -> Vec<(String, Vec<String>)> {
    let row = |name: &str, text: &dyn Fn(&Checkpoint) -> String| {
        let texts = scene.runs.iter().map(|run| run.at(scene.cursor).map_or("–".to_owned(), text));
        (name.to_owned(), texts.collect())
    };
    let number = |x: f64| significant(x, 2);
    let mut rows = vec![
        row("residual ‖Hv − λv‖", &|c| number(c.certificates.max_residual)),
        row("symmetry |H − Hᵀ|", &|c| number(c.certificates.symmetry_defect)),
        row("trace |tr H − Σλ|", &|c| c.certificates.trace_defect.value().map_or("–".to_owned(), number)),
        row("orthogonality |VᵀV − I|", &|c| number(c.certificates.orthogonality_defect)),
        row("floor of λ and gaps", &|c| number(c.determination.floor)),
    ];
    let leading = |run: &ShownRun| (run.results.experiment.leading, run.results.experiment.leading_order);
    let order = scene.runs.first().map_or(Order::Algebraic, |run| leading(run).1);
    let k = scene.runs.iter().map(|run| leading(run).0).max().unwrap_or(0);
    for i in 0..k {
        rows.push(row(&format!("gap of v{}", i + 1), &|c| {
            let gap = c.leading_gap(i, order).map_or("–".to_owned(), number);
            match c.determination.directions.get(i) {
                Some(true) => gap,
                Some(false) => format!("{gap}, not determined"),
                None => "–".to_owned(),
            }
        }));
    }
    rows
}

/// What became of the check of the Hessians: a sentence for each run.
pub fn check(model: &Model) -> String {
    let exploration = &model.exploration;
    let mut sentences = Vec::new();
    if exploration.checking {
        sentences.push("Comparing …".to_owned());
    } else if let Some(why) = &exploration.broken {
        sentences.push(format!("Not compared: {why}."));
    }
    for (run, of_run) in &exploration.runs {
        let Some((spot, found)) = &of_run.check else { continue };
        let Some(results) = model.runs.get(run).filter(|results| results.generation == spot.generation) else {
            continue;
        };
        let Some(checkpoint) = results.checkpoints.get(spot.index) else { continue };
        let step = thousands(checkpoint.step);
        sentences.push(match found {
            Ok(checked) => format!("{} at step {step}: {}.", RUN_NAMES[*run], words(checked)),
            Err(why) => format!("{} at step {step}: {}.", RUN_NAMES[*run], why.trim_end_matches('.')),
        });
    }
    sentences.join(" ")
}

fn words(checked: &Checked) -> String {
    let share = |x: crate::Measured| x.value().map_or("nothing to compare with".to_owned(), |x| significant(x, 2));
    format!(
        "of {} columns, {} compared with differences of gradients: {} of max |H|; {} with products H v: {}",
        thousands(checked.parameters),
        thousands(checked.columns),
        share(checked.differences),
        plural(checked.vectors, "vector"),
        share(checked.products)
    )
}
