//! Leading eigenvalues with the stability threshold, or curvature as a share of that threshold.

use super::{Scene, ShownRun, line};
use crate::experiment::Checkpoint;
use crate::state::RUN_NAMES;
use crate::state::view::{Against, Curvature};
use crate::view::AxisSpec;
use crate::view::color::DASHES;
use crate::view::curves::{Curves, Level, Note, Series, StepLine};
use crate::view::number::{short, significant, subscript};

/// In how many steps a threshold that follows a schedule is drawn.
const SAMPLES: usize = 200;

/// From which relative difference on the values of two successive steps are told apart in words: mini-batches alone change
/// them by about 5 %, the two phases beyond the edge of stability by 30 %.
const DIFFERENT: f64 = 0.1;

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
            let end_label = (rank < 2).then(|| format!("{} λ{}", RUN_NAMES[run.index], subscript(rank + 1)));
            chart.series.push(Series { end_label, is_main: rank == 0, ..series });
        }
        let name = RUN_NAMES[run.index];
        if !is_preconditioned(run) {
            add_step_before(&mut chart, scene, run, "λ₁", |c| c.sharpness_before, |c| Some(c.sharpness));
        }
        if is_preconditioned(run) {
            // Its threshold belongs to another matrix, and would be read against the wrong curve here.
            let text = format!("{name}: for its preconditioned λ₁ see λ ÷ threshold");
            chart.notes.push(Note { text, color: run.color });
        } else if lacks_threshold(run) {
            chart.notes.push(no_threshold(run));
        } else if scene.view.against == Against::Step
            && let Some(product) = threshold_over_rate(run)
        {
            let label = format!("{name}: stable below {}/η =", short(product, 3));
            let points = threshold(run, product);
            chart.step_lines.push(StepLine { label, points, color: run.color, fit: false });
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
        let now = |c: &Checkpoint| Some(c.sharpness / c.stability_threshold?);
        let before = |c: &Checkpoint| Some(c.sharpness_before? / c.stability_threshold_before?);
        let points = scene.points(run, now);
        if points.iter().all(|(_, y)| y.is_nan()) {
            let reason = match run.results.learning_rate_at(0) {
                0.0 => "η = 0 has no threshold",
                _ => "there is a threshold from the first step on",
            };
            let text = format!("{}: {reason}", RUN_NAMES[run.index]);
            chart.notes.push(Note { text, color: run.color });
            continue;
        }
        let which = if is_preconditioned(run) { "preconditioned λ₁" } else { "λ₁" };
        let series = line(&format!("{}, {which}", run.name), run.color, 1.8, 1.0, points);
        let end_label =
            Some(RUN_NAMES[run.index].to_owned() + if is_preconditioned(run) { " preconditioned" } else { "" });
        chart.series.push(Series { end_label, is_main: true, ..series });
        add_step_before(&mut chart, scene, run, &format!("{which} ÷ threshold"), before, now);
    }
    let color = scene.palette().muted;
    chart.levels.push(Level { label: "edge of stability".into(), value: 1.0, color, fit: true });
    chart
}

/// Draws a quantity one step before each checkpoint, and says so where it differs from that at the last checkpoint: beyond
/// the edge of stability training alternates between two phases, and evenly spaced checkpoints see one of them.
fn add_step_before(
    chart: &mut Curves,
    scene: &Scene,
    run: &ShownRun,
    quantity: &str,
    before: fn(&Checkpoint) -> Option<f64>,
    now: fn(&Checkpoint) -> Option<f64>,
) {
    let points = scene.points(run, before);
    if points.iter().all(|(_, y)| y.is_nan()) {
        return;
    }
    let series = line(&format!("{}, one step before each checkpoint", run.name), run.color, 1.1, 0.8, points);
    chart.series.push(Series { dash: DASHES[2].to_vec(), ..series });
    // Where H vanishes, its eigenvalues are rounding.
    let last = run.checkpoints.last().filter(|c| !c.hessian_vanishes());
    let last = last.and_then(|c| Some((c.step, before(c)?, now(c)?)));
    if let Some((step, before, now)) = last
        && (now - before).abs() > DIFFERENT * now.abs().max(before.abs())
    {
        let (before, now, name) = (significant(before, 3), significant(now, 3), RUN_NAMES[run.index]);
        let text = format!("{name}: {quantity} is {before} at step {}, {now} at step {step}", step - 1);
        chart.notes.push(Note { text, color: run.color });
    }
}

/// The threshold of an unpreconditioned rule times η, a constant, which the checkpoints give.
fn threshold_over_rate(run: &ShownRun) -> Option<f64> {
    run.checkpoints.iter().find_map(|c| Some(c.stability_threshold? * c.learning_rate))
}

/// The threshold at each step so far, `product`/η; η follows from the schedule and from changes on the way, also between
/// checkpoints.
fn threshold(run: &ShownRun, product: f64) -> Vec<(f64, f64)> {
    let Some(last) = run.checkpoints.last() else { return Vec::new() };
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
pub fn is_preconditioned(run: &ShownRun) -> bool {
    run.checkpoints.iter().any(|c| c.preconditioned_eigenvalue.is_some())
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
