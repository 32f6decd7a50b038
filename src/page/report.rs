//! The page's numbers as an object, for researchers with a console and for tests: `eigendrift.report()` in the browser.

use super::evidence::Evidence;
use super::exploration::{self, OfRun, Spot};
use super::model::{Model, Moment};
use super::pictures::PICTURES;
use super::readout;
use super::results::{Phase, Progress, RunResults};
use crate::experiment::{Checkpoint, DIRECTION_METRICS, METRICS};
use crate::landscape::Prediction;
use crate::null_model::NullBands;
use crate::script::build_id;
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
        "certificates": readout::certificates::word(model),
        "exploration": of_exploration(model),
        "check": of_checks(model),
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

/// What is known around checkpoints, for each run of which something is.
fn of_exploration(model: &Model) -> Value {
    let of = |(run, of_run): (&usize, &OfRun)| {
        let sight = of_run.sight.as_ref()?;
        let step = step_of(model, *run, sight.aim.spot)?;
        let prediction = |p: &Prediction| {
            let regions = p.regions.as_ref();
            json!({
                "loss": p.loss,
                "accuracy": p.accuracy,
                "rows": regions.map(|regions| regions.rows),
                "columns": regions.map(|regions| regions.columns),
                "classes": regions.map(|regions| &regions.classes),
            })
        };
        Some(json!({
            "name": RUN_NAMES[*run],
            "step": step,
            "rank": sight.aim.rank.map(|rank| rank + 1),
            "s": sight.s,
            "curve": { "s": exploration::values(), "loss": sight.base.losses, "slope": sight.base.slope },
            "base": prediction(&sight.base.prediction),
            "moved": prediction(&sight.moved),
        }))
    };
    let plane = model.exploration.plane.as_ref().map(|plane| json!({ "x": plane.x, "y": plane.y }));
    let runs: Vec<Value> = model.exploration.runs.iter().filter_map(of).collect();
    json!({ "broken": model.exploration.broken, "plane": plane, "runs": runs })
}

/// The newest check of each run that has one.
fn of_checks(model: &Model) -> Vec<Value> {
    let of = |(run, of_run): (&usize, &OfRun)| {
        let (spot, found) = of_run.check.as_ref()?;
        let (step, name) = (step_of(model, *run, *spot)?, RUN_NAMES[*run]);
        Some(match found {
            Ok(checked) => json!({ "name": name, "step": step, "checked": **checked }),
            Err(why) => json!({ "name": name, "step": step, "failed": why }),
        })
    };
    model.exploration.runs.iter().filter_map(of).collect()
}

/// The step of a checkpoint, where the run still has it.
fn step_of(model: &Model, run: usize, spot: Spot) -> Option<usize> {
    let results = model.runs.get(&run).filter(|results| results.generation == spot.generation)?;
    results.checkpoints.get(spot.index).map(|checkpoint| checkpoint.step)
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
        let mut fields = serde_json::Map::new();
        for (name, value) in all {
            fields.insert(name.to_owned(), value);
        }
        Value::Object(fields)
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
