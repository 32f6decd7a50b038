//! Sentences about many seeds.

use crate::claims::{Claim, ClaimResult};
use crate::curvature::SpectrumMode;
use crate::displacement::Pairing;
use crate::ensemble::Member;
use crate::page::evidence::{CHIPS, Evidence, Phase};
use crate::page::model::Model;
use crate::page::names::run_names;
use crate::page::stored::{Stored, StoredClaim};
use crate::state::{Choice, cost};
use crate::view::forest::{Estimate, interval_text, shown, symbol, word};
use crate::view::number::{plural, thousands};

/// The names of the compared runs.
fn names(model: &Model) -> (String, String) {
    let names = run_names(model.state.runs.iter().map(|(run, values)| (*run, values)));
    let of = |run: usize| names.get(&run).cloned().unwrap_or_default();
    let (a, b) = model.evidence.as_ref().map_or((0, 1), |evidence| evidence.runs);
    (of(a), of(b))
}

/// A text in which {A} and {B} are the names of the compared runs.
pub fn named(model: &Model, text: &str) -> String {
    let (a, b) = names(model);
    text.replace("{A}", &a).replace("{B}", &b)
}

/// A claim about the compared runs, and what its estimate compares.
pub fn claim(model: &Model, claim: Claim) -> (String, String) {
    let (a, b) = names(model);
    (claim.title(&a, &b), claim.detail(&a, &b))
}

/// For what claims are: task, network, size.
pub fn setting(model: &Model) -> String {
    let Some(evidence) = model.evidence.as_ref() else {
        return "Claims compare two runs; add another one.".into();
    };
    let experiment = &evidence.ensemble.experiment;
    let started = model.runs.get(&evidence.runs.0).and_then(|results| results.started.as_ref());
    let network = started.map_or(String::new(), |started| {
        let layers: Vec<String> = started.layers.iter().map(usize::to_string).collect();
        let mode = if experiment.spectrum != SpectrumMode::Full { " · leading pairs alone" } else { "" };
        format!(" · {} · P = {}{mode}", layers.join("-"), thousands(started.parameter_count))
    });
    let last = evidence.ensemble.first_seed + evidence.ensemble.seed_count as u64 - 1;
    let (k, first) = (experiment.leading, evidence.ensemble.first_seed);
    let rotated = match &evidence.ensemble {
        ensemble if ensemble.rotated || ensemble.b.rotated_basis => "",
        _ => " · without the rotated run, whose basis would take a matrix of P × P numbers",
    };
    let start = model.state.start_network().map_or(String::new(), |own| format!(" · all begin with {}", own.name));
    format!(
        "For this task and these settings{network}{start} · k = {k} · seeds {first} to {last}, paired · 95 % intervals{rotated}"
    )
}

/// How far the seeds are.
pub fn status(model: &Model) -> String {
    let Some(evidence) = model.evidence.as_ref() else { return String::new() };
    let (done, of) = (evidence.seeds.len(), evidence.wanted());
    let left =
        || evidence.seconds_left(model.lanes).map_or(String::new(), |left| format!(", {} left", cost::seconds(left)));
    let words = match &evidence.phase {
        Phase::Waiting => format!("{of} seeds follow this run"),
        Phase::OnRequest => format!("{of} seeds are computed on request"),
        Phase::Running => format!("{done} of {}{}", plural(of, "seed"), left()),
        Phase::Stopped => format!("stopped at {done} of {}", plural(of, "seed")),
        Phase::Finished => plural(of, "seed"),
        Phase::TooLarge(sentence) | Phase::Failed(sentence) => return sentence.clone(),
    };
    match evidence.given() {
        Some((file, count)) => format!("{words}; {count} computed elsewhere ({file})"),
        None => words,
    }
}

/// What the button does; none where there is nothing to do.
pub fn button(model: &Model) -> Option<&'static str> {
    match model.evidence.as_ref()?.phase {
        Phase::OnRequest => Some("Compute"),
        Phase::Waiting | Phase::Running => Some("Stop"),
        Phase::Stopped => Some("Go on"),
        Phase::Failed(_) => Some("Try again"),
        Phase::Finished | Phase::TooLarge(_) => None,
    }
}

/// An estimate with its interval, such as `×2.25 [1.77, 2.88]`.
pub fn estimate(found: StoredClaim) -> String {
    let of = short(found);
    match found.low.zip(found.high) {
        Some(interval) => {
            let whole = Estimate { value: found.estimate, interval: Some(interval), verdict: found.verdict };
            format!("{of} {}", interval_text(found.unit, whole))
        }
        None => of,
    }
}

/// An estimate alone.
pub fn short(found: StoredClaim) -> String {
    found.estimate.map_or("no estimate".into(), |value| shown(found.unit, value))
}

/// What the table of tasks shows, or why there is none.
pub fn stored(stored: &Stored, pairing: Pairing) -> String {
    match stored {
        Stored::NotAsked | Stored::Asked => String::new(),
        Stored::Failed(sentence) => sentence.clone(),
        Stored::Known(tasks) => {
            let seeds = tasks.iter().map(|task| task.seeds.count).max().unwrap_or(0);
            format!(
                "SGD against Adam on each task: {} unless fewer are stated, computed natively with learning rates chosen for each; displacement {} \
                 unless another pairing is chosen below. A task's name opens it here.",
                plural(seeds, "seed"),
                pairing.label()
            )
        }
    }
}

/// What a chip means.
pub fn chip(result: Option<&ClaimResult>, done: bool) -> String {
    match result {
        None => "not known yet".into(),
        Some(result) if done => format!("{}, {}", word(result.verdict), estimate(result.into())),
        Some(result) => format!("{} so far", estimate(result.into())),
    }
}

/// How many seeds gave no estimate, and why the first did not.
pub fn left_out(result: &ClaimResult, evidence: &Evidence) -> Option<String> {
    let first = result.left_out.first()?;
    let (given, done) = (result.seeds, evidence.seeds.len());
    Some(format!("{given} of {}; seed {}: {}", plural(done, "seed"), first.seed, first.reason))
}

/// Which seeds diverged.
pub fn diverged(model: &Model, evidence: &Evidence) -> String {
    let of = |&member: &Member| {
        let diverged = |seed: &&crate::ensemble::SeedResult| seed.run(member).is_some_and(|run| run.diverged.is_some());
        let seeds: Vec<String> = evidence.seeds.iter().filter(diverged).map(|seed| seed.seed.to_string()).collect();
        let name = match member {
            Member::A => "{A}",
            Member::B => "{B}",
            Member::Rotated => "{B}, rotated,",
        };
        let words = format!("{name} diverged with {}: {}.", plural(seeds.len(), "seed"), seeds.join(", "));
        (!seeds.is_empty()).then(|| named(model, &words))
    };
    evidence.ensemble.members().iter().filter_map(of).collect::<Vec<_>>().join(" ")
}

/// The verdicts, once all seeds are done; nothing before.
pub fn spoken(model: &Model) -> String {
    let Some(evidence) = model.evidence.as_ref().filter(|evidence| evidence.is_final()) else { return String::new() };
    let claims = evidence.claims(model.state.view().pairing);
    let words = CHIPS.iter().filter_map(|(claim, text)| {
        let result = claims.iter().find(|result| result.name == *claim)?;
        Some(format!("{} {}: {}.", symbol(result.verdict), named(model, text), word(result.verdict)))
    });
    format!("{} are done. {}", plural(evidence.wanted(), "seed"), words.collect::<Vec<_>>().join(" "))
}
