//! The page's numbers as an object, for researchers with a console and for tests: `eigendrift.report()` in the browser.

use super::evidence::Evidence;
use super::message::build_id;
use super::model::{Model, Moment};
use super::pictures::PICTURES;
use super::readout;
use super::results::{Phase, Progress, RunResults};
use crate::experiment::{Checkpoint, DIRECTION_METRICS, METRICS};
use crate::null_model::NullBands;
use crate::state::{Choice, RUN_NAMES, link};
use serde_json::{Value, json};

/// Everything that the pictures show except the eigenvectors themselves; `moment` is what the last frame showed.
pub fn report(model: &Model, moment: &Moment, workers: usize) -> Value {
    let nulls = model.nulls_at_the_end();
    let run = |(run, results): (&usize, &RunResults)| {
        let null = nulls.get(&Some(*run)).or(nulls.get(&None)).map(|bands| &**bands);
        of_run(RUN_NAMES[*run], results, model.progress.get(run), null)
    };
    json!({
        "build": build_id(),
        "link": link::write(&model.state),
        "cursor": model.shown_checkpoint(),
        "shown": moment.cursor,
        "live": model.cursor.live,
        "paused": *model.paused,
        "workers": workers,
        "problems": readout::problems(&model.problems),
        "pictures": PICTURES.iter().map(|descriptor| descriptor.picture.name()).collect::<Vec<_>>(),
        "evidence": model.evidence.as_ref().map(of_seeds),
        "runs": model.runs.iter().map(run).collect::<Vec<_>>(),
    })
}

fn of_seeds(evidence: &Evidence) -> Value {
    json!({
        "phase": evidence.phase.name(),
        "ensemble": evidence.ensemble,
        "seeds": evidence.seeds.iter().map(|seed| seed.seed).collect::<Vec<_>>(),
        "claims": evidence.claims,
    })
}

fn of_run(name: &str, run: &RunResults, progress: Option<&Progress>, null: Option<&NullBands>) -> Value {
    let phase = match progress.map(|progress| &progress.phase) {
        None | Some(Phase::Waiting) => "waiting",
        Some(Phase::Running) => "running",
        Some(Phase::Paused) => "paused",
        Some(Phase::Finished) => "finished",
        Some(Phase::Failed { diverged: true, .. }) => "diverged",
        Some(Phase::Failed { .. }) => "failed",
    };
    let checkpoint = |c: &Checkpoint| {
        let single = METRICS.iter().map(|metric| (metric.name, json!((metric.value)(c))));
        let of_directions = DIRECTION_METRICS.iter().map(|metric| (metric.name, json!(metric.values(c))));
        let two_time = [
            ("subspace_overlap", json!(c.two_time.subspace_overlap)),
            ("displacement_by_rank", json!(c.two_time.displacement_by_rank)),
            ("displacement_tracked", json!(c.two_time.displacement_tracked)),
        ];
        let all = single.chain(of_directions).chain(two_time);
        Value::Object(all.map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let checkpoints: Vec<Value> = run.checkpoints.iter().map(|c| checkpoint(c)).collect();
    let bands = null.map(|b| json!({ "kind": b.kind, "samples": b.samples, "mean_ipr": b.mean_ipr }));
    json!({
        "name": name,
        "generation": run.generation,
        "experiment": *run.experiment,
        "phase": phase,
        "step": progress.map_or(0, |progress| progress.step),
        "parameter_count": run.parameter_count(),
        "milliseconds_per_checkpoint": run.typical_milliseconds(),
        "changes": run.changes().iter().map(|c| json!({ "step": c.step, "words": c.describe() })).collect::<Vec<_>>(),
        "null_model": bands,
        "checkpoints": checkpoints,
    })
}
