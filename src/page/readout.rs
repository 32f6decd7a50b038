//! Numbers and sentences: at the cursor, under the pointer, and about how the runs are.

pub mod certificates;
pub mod evidence;
pub mod sentence;
pub mod caption;

use super::action::{Place, Saving};
use super::model::{Model, Problems};
use super::pictures::{CursorMark, Scene, ShownRun, descriptor, matrices};
use super::plan;
use super::results::Phase;
use crate::experiment::{Checkpoint, DIRECTION_METRICS, METRICS, Unit, saturation};
use crate::sorting::sort_by_number;
use crate::state::view::{Against, Seeds};
use crate::state::{Picture, RUN_NAMES, cost};
use crate::view::heatmap::HeatmapMarks;
use crate::view::number::{plural, significant, thousands};
use crate::view::overlay::Cursor;
use crate::view::{Chart, Layout};

/// A table of numbers: a column for each run.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// Index and name of each run.
    pub runs: Vec<(usize, String)>,
    /// A name and one text for each run.
    pub rows: Vec<(String, Vec<String>)>,
}

/// A number as it is shown.
fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Plain => significant(value, 4),
        Unit::Count => thousands(value as usize),
        Unit::Share => format!("{:.1} %", 100.0 * value),
    }
}

/// The numbers at the cursor. A run that has not got there, or ended before, has none.
pub fn numbers(scene: &Scene) -> Numbers {
    let at: Vec<Option<&Checkpoint>> = scene.runs.iter().map(|run| run.at(scene.cursor)).collect();
    let row = |label: String, unit: Unit, value: &dyn Fn(&Checkpoint) -> Option<f64>| {
        let values: Vec<Option<f64>> = at.iter().map(|checkpoint| checkpoint.and_then(value)).collect();
        let cell = |value: &Option<f64>| value.map_or("–".to_owned(), |value| shown(value, unit));
        values.iter().any(Option::is_some).then(|| (label, values.iter().map(cell).collect()))
    };
    let single = METRICS.iter().filter_map(|metric| row(metric.label.to_owned(), metric.unit, &metric.value));
    // A number that is there at some checkpoints and not at others belongs to a direction that is not determined.
    let direction = |label: String, value: &dyn Fn(&Checkpoint) -> Option<f64>| {
        let cell = |checkpoint: &Option<&Checkpoint>| match checkpoint.map(value) {
            None => "–".to_owned(),
            Some(None) => "not determined".to_owned(),
            Some(Some(value)) => shown(value, Unit::Plain),
        };
        (label, at.iter().map(cell).collect())
    };
    let of_directions = DIRECTION_METRICS.iter().flat_map(|metric| {
        let first = direction(format!("{} of v₁", metric.label), &|c| (metric.value)(c, 0));
        let mean = direction(format!("{}, mean of k", metric.label), &|c| metric.mean(c));
        [first, mean]
    });
    let runs = scene.runs.iter().map(|run| (run.index, run.name.clone())).collect();
    Numbers { runs, rows: single.chain(of_directions).collect() }
}

/// Step, size and time of a checkpoint, at the cursor.
pub fn status(scene: &Scene) -> String {
    let Some(step) = scene.cursor_step() else { return "starting".into() };
    let total = scene.times().last().copied().unwrap_or(0);
    let mut words = format!("step {} of {}", thousands(step), thousands(total));
    let most = scene.runs.iter().map(|run| run.checkpoints.len()).max().unwrap_or(0);
    if let Some(count) = scene.runs.iter().find_map(|run| run.results.parameter_count()) {
        words += &format!(" · {} · P = {}", plural(most, "checkpoint"), thousands(count));
    }
    let typical = |run: &ShownRun| run.results.typical_milliseconds();
    if let Some(ms) = scene.runs.iter().filter_map(typical).reduce(f64::max) {
        let leads = scene.runs.iter().any(|run| run.results.leads_alone());
        let what = if leads { "leading eigenpairs" } else { "exact Hessian + spectrum" };
        words += &format!(" · {what} {}", cost::seconds(ms / 1e3));
    }
    words
}

/// Something that happened at about the same time in one or more runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Milestone {
    /// The runs, and when it happened in each as a share of all checkpoints, in order of time.
    pub runs: Vec<(usize, f64)>,
    /// What.
    pub words: String,
    /// Whether the words stand before the first of them, because behind the last there is no room.
    pub before: bool,
}

/// The room that a milestone's words take, as a share of all checkpoints.
const ROOM: f64 = 0.18;

/// From which share of training samples on most are right.
const MOST: f64 = 0.95;

/// When each run first had most training samples right.
pub fn milestones(scene: &Scene) -> Vec<Milestone> {
    let last = scene.times().len().saturating_sub(1).max(1) as f64;
    let of = |run: &ShownRun| {
        let first = run.checkpoints.iter().position(|c| c.accuracy >= MOST)?;
        Some((run.index, first as f64 / last))
    };
    let mut reached: Vec<(usize, f64)> = scene.runs.iter().filter_map(of).collect();
    sort_by_number(&mut reached, |(_, place)| *place);
    let milestone = |runs: &[(usize, f64)]| {
        let names: Vec<&str> = runs.iter().map(|(run, _)| RUN_NAMES[*run]).collect();
        let words = format!("{} {:.0} % right", names.join(", "), 100.0 * MOST);
        Milestone { before: runs[runs.len() - 1].1 + ROOM > 1.0, runs: runs.to_vec(), words }
    };
    // Words before their place need the room between it and those of the milestone before.
    let is_close = |one: f64, next: f64| next - one < if next + ROOM > 1.0 { 2.0 * ROOM } else { ROOM };
    reached.chunk_by(|(_, one), (_, next)| is_close(*one, *next)).map(milestone).collect()
}

/// How many of all steps are done, from 0 to 1.
pub fn share_done(model: &Model) -> f64 {
    let steps: usize = model.runs.values().map(|run| run.experiment.steps).sum();
    let done: usize = model.progress.values().map(|progress| progress.step).sum();
    if steps == 0 { 0.0 } else { done as f64 / steps as f64 }
}

/// The phase of each run in words, for screen readers.
pub fn announcement(model: &Model) -> String {
    let phase = |phase: &Phase| match phase {
        Phase::Waiting | Phase::Running => "is running",
        Phase::Paused => "is paused",
        Phase::Finished => "has finished",
        Phase::Failed { diverged: true, .. } => "has diverged",
        Phase::Failed { .. } => "has stopped",
    };
    let words = model.progress.iter().map(|(run, p)| format!("Run {} {}.", RUN_NAMES[*run], phase(&p.phase)));
    let seeds = evidence::spoken(model);
    words.chain((!seeds.is_empty()).then_some(seeds)).collect::<Vec<_>>().join(" ")
}

/// What a run's card shows beside its controls: its state, where that needs a word, and whether that is a fault.
pub fn run_note(model: &Model, run: usize) -> Option<(String, bool)> {
    match model.progress.get(&run).map(|progress| &progress.phase) {
        Some(Phase::Failed { diverged: true, .. }) => Some(("Diverged.".into(), true)),
        Some(Phase::Failed { .. }) => Some(("Stopped.".into(), true)),
        _ => {
            let results = model.runs.get(&run)?;
            if let Some(words) = saturation(&results.checkpoints) {
                return Some((plan::sentence(&words), true));
            }
            let changes = results.changes();
            let last = changes.last()?;
            let seen = model.progress.get(&run).is_some_and(|progress| progress.step >= last.step);
            let (step, others) = (thousands(last.step), changes.len() - 1);
            let mut words = last.describe();
            words += &if seen { format!(" since step {step}") } else { format!(" from step {step} on") };
            words += &match others {
                0 => ". Reset repeats it.".to_owned(),
                _ => format!(", after {}. Reset repeats them.", plural(others, "other change")),
            };
            Some((words, false))
        }
    }
}

/// Sentences about what is wrong; one that several runs share is written once.
pub fn problems(problems: &Problems) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for (place, sentence) in &problems.places {
        if sentences.iter().any(|other| other.ends_with(sentence.as_str())) {
            continue;
        }
        let shared = problems.places.iter().filter(|(_, other)| other == sentence).count() > 1;
        let name = match place {
            Place::Run(run) => format!("Run {}", RUN_NAMES[*run]),
            Place::Background | Place::Explorer | Place::Reader | Place::Writer | Place::Seed(_) => "Background".into(),
        };
        sentences.push(if shared { sentence.clone() } else { format!("{name}: {sentence}") });
    }
    sentences
}

/// How far a file is that is being saved, or why it could not be; nothing where there is nothing to say.
pub fn saving(saving: &Saving) -> String {
    match saving {
        Saving::UnderWay { done, of } => format!("Exporting {} of {}", thousands(*done), plural(*of, "checkpoint")),
        Saving::Done => String::new(),
        Saving::Failed(sentence) => sentence.clone(),
    }
}

/// Index of the checkpoint under a pixel column of a picture over training time.
pub fn checkpoint_at(scene: &Scene, picture: Picture, chart: &Chart, layout: &Layout, px: f64) -> Option<usize> {
    if descriptor(picture).cursor == CursorMark::Chart {
        return None;
    }
    if is_over_seeds(scene, picture) && scene.view.against != Against::Step {
        return None;
    }
    if let (Chart::Curves(_), false) = (chart, is_over_steps(scene, picture)) {
        let near = layout.plots.first()?.nearest(px);
        let closest = near.into_iter().flatten().min_by(|a, b| (a.px - px).abs().total_cmp(&(b.px - px).abs()));
        return closest.map(|point| point.index);
    }
    let step = layout.plot_at(px, layout.plots.first()?.rect.y0)?.x.at_clamped(px)?;
    let times = scene.times();
    let away = |&index: &usize| (times[index] as f64 - step).abs();
    (0..times.len()).min_by(|a, b| away(a).total_cmp(&away(b)))
}

/// What a picture shows of the cursor above its chart.
pub fn cursor(scene: &Scene, picture: Picture, chart: &Chart) -> Cursor {
    let mark = descriptor(picture).cursor;
    let step = scene.cursor_step().map(|step| step as f64).filter(|_| mark != CursorMark::Chart);
    let curves = matches!(chart, Chart::Curves(_));
    let x = step.filter(|_| !curves || is_over_steps(scene, picture));
    let newest = scene.runs.iter().map(|run| run.checkpoints.len()).max().unwrap_or(0).saturating_sub(1);
    let one_seed = !is_over_seeds(scene, picture);
    Cursor {
        x,
        y: step.filter(|_| mark == CursorMark::BothTimes),
        index: (curves && step.is_some() && one_seed).then_some(scene.cursor),
        veil: curves && x.is_some() && one_seed && scene.cursor < newest,
        heatmap: match picture {
            Picture::Overlap => matrices::overlap_marks(scene),
            Picture::Eigenvector => matrices::eigenvector_marks(scene),
            _ => HeatmapMarks::default(),
        },
    }
}

/// Whether the horizontal axis of a picture's curves is that of steps.
pub fn is_over_steps(scene: &Scene, picture: Picture) -> bool {
    match scene.view.against {
        Against::Step => true,
        Against::Loss => picture == Picture::Loss && !is_over_seeds(scene, picture),
        Against::Distance => false,
    }
}

/// Whether a picture shows means over seeds.
pub fn is_over_seeds(scene: &Scene, picture: Picture) -> bool {
    descriptor(picture).over_seeds.is_some() && scene.view.curves != Seeds::This
}
