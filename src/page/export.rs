//! What is saved as files: the curves as CSV, everything as JSON, and what stands around an exported picture. Each stands
//! alone: it holds the build, and the link by which its runs can be repeated.

pub mod json;

use super::json_text::to_text;
use super::pictures::Scene;
use crate::curvature::Route;
use crate::displacement::TwoTimeRow;
use crate::experiment::{DIRECTION_METRICS, METRICS};
use crate::measured::Measured;
use crate::script::build_id;
use crate::state::{Choice, Picture, RUN_NAMES, Scope, State, Value, link};
use crate::view::figure::Caption;
use crate::view::number::plural;

pub use json::Snapshot;

/// One line per run and checkpoint; what is not known has an empty cell. Lines that begin with `#` state build, link,
/// experiments and null model.
///
/// Displacements and overlap are those between the row's checkpoint and the one `lag` steps later.
pub fn csv(scene: &Scene) -> String {
    let lag = lag(scene);
    let k = scene.runs.iter().flat_map(|run| run.checkpoints).map(|c| c.leading_ipr.len()).max().unwrap_or(0);
    let groups = scene.runs.iter().find_map(|run| run.results.started.as_ref()).map_or(&[][..], |s| &s.groups);
    let mut lines = header(scene, lag);
    let mut head: Vec<String> = vec!["run".into(), "optimizer".into()];
    head.extend(METRICS.iter().map(|metric| metric.name.into()));
    let two_time = ["lag", "displacement_by_rank", "displacement_tracked", "subspace_overlap", "weight_displacement"];
    head.extend(two_time.into_iter().chain(["null_ipr_mean", "null_ipr_low", "null_ipr_high"]).map(String::from));
    head.extend(DIRECTION_METRICS.iter().flat_map(|metric| (1..=k).map(move |i| format!("{}_{i}", metric.column))));
    head.extend((1..=k).map(|i| format!("determined_{i}")));
    head.extend((1..=k).flat_map(|i| groups.iter().map(move |group| format!("mass_{i}_{}", group.name))));
    lines.push(head.join(","));
    let nulls = scene.model.nulls_at_the_end();
    for run in &scene.runs {
        let null = nulls.get(&Some(run.index)).or(nulls.get(&None)).and_then(|bands| bands.mean_ipr);
        for (index, c) in run.checkpoints.iter().enumerate() {
            let later = run.checkpoints.get(index + lag);
            let two_time =
                |values: fn(&TwoTimeRow) -> &[Measured]| later.and_then(|l| values(&l.two_time).get(index)?.value());
            let optimizer = run.results.experiment.optimizer.rule.name().to_owned();
            let mut cells = vec![RUN_NAMES[run.index].to_owned(), optimizer];
            let lagged = [
                later.map(|l| (l.step - c.step) as f64),
                two_time(|row| &row.displacement_by_rank),
                two_time(|row| &row.displacement_tracked),
                two_time(|row| &row.subspace_overlap),
                later.and_then(|l| l.two_time.weight_displacement.get(index).copied()),
                null.map(|band| band.mean),
                null.map(|band| band.low),
                null.map(|band| band.high),
            ];
            let numbers = METRICS.iter().map(|metric| (metric.value)(c)).chain(lagged);
            // The shortest text that reads back as the same number.
            cells.extend(numbers.map(|value| value.map_or(String::new(), |value| value.to_string())));
            for metric in &DIRECTION_METRICS {
                cells.extend((0..k).map(|i| (metric.value)(c, i).map_or(String::new(), |value| value.to_string())));
            }
            cells.extend((0..k).map(|i| c.determination.directions.get(i).map_or(String::new(), bool::to_string)));
            let mass = |i: usize, g: usize| c.group_mass.get(i)?.as_ref()?.get(g);
            let masses = (0..k).flat_map(|i| (0..groups.len()).map(move |g| (i, g)));
            cells.extend(masses.map(|(i, g)| mass(i, g).map_or(String::new(), f64::to_string)));
            lines.push(cells.join(","));
        }
    }
    lines.join("\n") + "\n"
}

/// The lag of exported displacements in checkpoints: as chosen, or a tenth of the run.
fn lag(scene: &Scene) -> usize {
    let intervals = scene.times().len().saturating_sub(1);
    scene.view.lag.unwrap_or(intervals / 10).clamp(1, intervals.max(1))
}

/// What the table is: build, link, experiments, null model.
fn header(scene: &Scene, lag: usize) -> Vec<String> {
    let mut lines = vec![
        format!("# Eigendrift {}", build_id()),
        format!("# link: {}", link::write(&scene.model.state)),
        format!("# {}", experiment_line(&scene.model.state)),
        format!(
            "# displacement_*, subspace_overlap, weight_displacement: from this row's step to {} later",
            plural(lag, "checkpoint")
        ),
        "# an empty cell: not determined (of a direction, where determined_i is false), or not defined at this row"
            .into(),
    ];
    for run in &scene.runs {
        // Records of numbers and texts can be written.
        let experiment = to_text(&*run.results.experiment).unwrap_or_default();
        lines.push(format!("# run {}: {experiment}", RUN_NAMES[run.index]));
        if run.checkpoints.iter().any(|c| c.spectrum == Route::Leading) {
            let words = "leading eigenvectors alone, from products with H; trace is an estimate";
            lines.push(format!("# run {}: {words}", RUN_NAMES[run.index]));
        }
        for change in run.results.changes() {
            lines.push(format!("# run {}: {} from step {} on", RUN_NAMES[run.index], change.describe(), change.step));
        }
    }
    for null in scene.nulls() {
        lines.push(format!("# null model: {}, {}", null.name(), plural(null.bands.samples, "sample")));
    }
    lines
}

/// What stands around an exported picture.
pub fn caption(scene: &Scene, picture: Picture) -> Caption {
    let at = scene.cursor_step().map_or(String::new(), |step| format!(" · cursor at step {step}"));
    let lines = vec![
        experiment_line(&scene.model.state) + &at,
        format!("Eigendrift {} · {}", env!("CARGO_PKG_VERSION"), link::write(&scene.model.state)),
    ];
    Caption { title: picture.label().to_owned(), lines }
}

/// Whether the leading eigenvalues alone are computed.
fn leads_alone(state: &State) -> bool {
    let Some(plan) = super::plan::Plan::new(state) else { return false };
    plan.route == Route::Leading
}

/// The experiment in one line.
pub fn experiment_line(state: &State) -> String {
    let shown = |key: &str| {
        let field = state.fields(Scope::Setting).into_iter().find(|field| field.key == key)?;
        let value = state.value(Scope::Setting, key)?;
        let text = match (&value, &field.kind) {
            (Value::Text(name), crate::state::Kind::Choice(options)) => {
                options.iter().find(|(option, _)| option == name).map_or(name.clone(), |(_, label)| label.clone())
            }
            _ => field.write(&value),
        };
        Some((field.label, text))
    };
    let data = match (&state.own_table, state.is_own_table()) {
        (Some(table), true) => table.name(),
        _ => shown("data").map_or(String::new(), |(_, name)| name),
    };
    let mut parts = vec![data];
    for key in
        ["samples", "noise", "hidden", "activation", "loss", "batch", "steps", "every", "spacing", "k", "order", "seed"]
    {
        if let Some((label, text)) = shown(key) {
            parts.push(format!("{label} {text}"));
        }
    }
    if leads_alone(state) {
        parts.push("leading pairs alone".to_owned());
    }
    for (&index, values) in &state.runs {
        let mut words = Vec::new();
        for field in state.fields(Scope::Run(index)) {
            let value = values.get(field.key).unwrap_or(&field.default);
            match field.key {
                "optimizer" => words.push(field.write(value)),
                "lr" => words.push(format!("η {}", field.write(value))),
                _ if *value != field.default => words.push(format!("{} {}", field.label, field.write(value))),
                _ => {}
            }
        }
        parts.push(format!("{}: {}", RUN_NAMES[index], words.join(", ")));
    }
    parts.join(" · ")
}
