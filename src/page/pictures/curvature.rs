//! Leading eigenvalues with the stability threshold, or curvature as a share of that threshold.

use super::{Scene, ShownRun, line};
use crate::state::RUN_NAMES;
use crate::state::view::{Against, Curvature};
use crate::view::AxisSpec;
use crate::view::curves::{Curves, Level, Note, Series, StepLine};

/// In how many steps a threshold that follows a schedule is drawn.
const SAMPLES: usize = 200;

/// The chart.
pub fn chart(scene: &Scene) -> Curves {
    match scene.view.curvature {
        Curvature::Eigenvalues => eigenvalues(scene),
        Curvature::Stability => stability(scene),
    }
}

fn eigenvalues(scene: &Scene) -> Curves {
    let mut chart = scene.over_training("Leading eigenvalues", AxisSpec::linear("λ"));
    for run in &scene.runs {
        let count = run.results.experiment.leading;
        for rank in (0..count).rev() {
            let strength = 1.0 - 0.75 * rank as f64 / count.max(2) as f64;
            let color = scene.palette().shade(run.color, strength);
            let points = scene.points(run, |c| c.leading_eigenvalues.get(rank).copied());
            let label = format!("{}, λ{}", run.name, subscript(rank + 1));
            let series = line(&label, color, if rank == 0 { 1.9 } else { 1.1 }, 1.0, points);
            let end_label = (rank == 0).then(|| format!("{} λ₁", RUN_NAMES[run.index]));
            chart.series.push(Series { end_label, ..series });
        }
        let name = RUN_NAMES[run.index];
        if is_preconditioned(run) {
            // Its threshold belongs to another matrix, and would be read against the wrong curve here.
            let text = format!("{name}: for its preconditioned λ₁ see λ ÷ threshold");
            chart.notes.push(Note { text, color: run.color });
        } else if lacks_threshold(run) {
            chart.notes.push(no_threshold(run));
        } else if scene.view.against == Against::Step {
            let label = format!("{name}: unstable above");
            chart.step_lines.push(StepLine { label, points: threshold(run), color: run.color, fit: false });
        }
    }
    chart
}

fn stability(scene: &Scene) -> Curves {
    let mut chart = scene.over_training("Curvature over stability threshold", AxisSpec::linear("λ ÷ threshold"));
    for run in &scene.runs {
        if lacks_threshold(run) {
            chart.notes.push(no_threshold(run));
            continue;
        }
        let points = scene.points(run, |c| Some(c.sharpness / c.stability_threshold?));
        let which = if is_preconditioned(run) { "preconditioned λ₁" } else { "λ₁" };
        chart.series.push(line(&format!("{}, {which}", run.name), run.color, 1.8, 1.0, points));
    }
    let color = scene.palette().muted;
    chart.levels.push(Level { label: "edge of stability".into(), value: 1.0, color, fit: true });
    chart
}

/// The threshold at each step so far. That of an unpreconditioned rule is a constant over η, which the checkpoints give;
/// η follows from the schedule and from changes on the way, also between checkpoints.
fn threshold(run: &ShownRun) -> Vec<(f64, f64)> {
    let known = run.checkpoints.iter().find_map(|c| Some(c.stability_threshold? * c.learning_rate));
    let (Some(product), Some(last)) = (known, run.checkpoints.last()) else { return Vec::new() };
    let mut steps: Vec<usize> = run.checkpoints.iter().map(|c| c.step).collect();
    steps.extend(run.results.experiment.changes.iter().map(|change| change.step).filter(|step| *step <= last.step));
    if run.results.is_scheduled() {
        steps.extend((0..SAMPLES).map(|i| i * last.step / SAMPLES));
    }
    steps.sort_unstable();
    steps.dedup();
    let value = |step: usize| match run.results.learning_rate_at(step) {
        0.0 => f64::NAN,
        rate => product / rate,
    };
    steps.into_iter().map(|step| (step as f64, value(step))).collect()
}

/// Whether the run's threshold is one for the preconditioned Hessian.
fn is_preconditioned(run: &ShownRun) -> bool {
    run.checkpoints.iter().any(|c| c.preconditioned_eigenvalues_descending.is_some())
}

/// Whether theory has no threshold for the run's rule: there is none, though steps were taken with η > 0.
fn lacks_threshold(run: &ShownRun) -> bool {
    let mut later = run.checkpoints.iter().filter(|c| c.step > 0 && c.learning_rate > 0.0).peekable();
    later.peek().is_some() && later.all(|c| c.stability_threshold.is_none())
}

fn no_threshold(run: &ShownRun) -> Note {
    let rule = run.results.experiment.optimizer.rule.label();
    Note { text: format!("{}: {rule} has no stability threshold", RUN_NAMES[run.index]), color: run.color }
}

/// A number in subscript digits.
pub fn subscript(n: usize) -> String {
    n.to_string().chars().filter_map(|c| char::from_u32('₀' as u32 + c.to_digit(10)?)).collect()
}
