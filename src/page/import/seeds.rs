//! The seeds of an ensemble that `headless ensemble` computed, as those that the page's claims are about. Claims and curves are
//! derived from them again.

use serde::Deserialize;

use super::{computing, explicit, rows_apart, without_rows};
use crate::claims::{RunSummary, Windows};
use crate::displacement::Pairing;
use crate::ensemble::{Ensemble, Member, Piece, SeedResult};
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::page::evidence;
use crate::page::imported::Results;
use crate::state::view::{Seeds, ShownNull};
use crate::state::{Choice, Scope, choice, link};
use crate::view::number::plural;

/// What is read of an ensemble's report.
#[derive(Deserialize)]
pub(super) struct StoredEnsemble {
    ensemble: Ensemble,
    seeds: Vec<SeedResult>,
}

/// The seeds, and the state whose claims are about them.
///
/// # Errors
/// [`Error::Invalid`]: what does not fit the ensemble, or what in it the page has no control for.
pub(super) fn read(name: &str, stored: StoredEnsemble) -> Result<Results> {
    let StoredEnsemble { mut ensemble, seeds } = stored;
    ensemble.experiment.data = rows_apart(std::mem::take(&mut ensemble.experiment.data), ensemble.first_seed)?;
    ensemble.validate()?;
    if seeds.is_empty() {
        return Err(Error::invalid("seeds", "are empty; there is nothing to show"));
    }
    let of_first = |member| ensemble.experiment(Piece { seed: ensemble.first_seed, member });
    let runs = [(0, of_first(Member::A)), (1, of_first(Member::B))];
    let a = &runs[0].1;
    let (shape, _) = a.data_shape()?;
    let architecture = a.architecture(shape)?;
    for (i, result) in seeds.iter().enumerate() {
        let seed = result.seed;
        if !ensemble.seeds().any(|known| known == seed) || seeds[..i].iter().any(|other| other.seed == seed) {
            return Err(Error::invalid("seeds", format!("have {seed} twice, or beside those of the ensemble")));
        }
        let members = ensemble.members().iter().map(|&member| result.run(member));
        for run in members {
            let problem = match run {
                None => Some("one of the runs is not there"),
                Some(run) => misfit(run, a, architecture.parameter_count()),
            };
            if let Some(what) = problem {
                return Err(Error::invalid("seeds", format!("of {seed}: {what} does not fit the experiment")));
            }
        }
    }

    let computed = runs.iter().map(|(index, experiment)| (*index, experiment));
    let (mut found, mut state) = computing(name, "", architecture.layers(), computed);
    let null = a.null_model.map(|model| model.kind).filter(|kind| ShownNull::Both.of_claims() != *kind);
    let view = [
        ("seeds", Some(ensemble.seed_count.to_string())),
        ("curves", Some(Seeds::All.name().to_owned())),
        ("null", null.map(|kind| choice::name(&kind))),
    ];
    for (key, text) in view {
        // What the controls do not allow is found below.
        let _ = text.map(|text| state.set(Scope::View, key, &text));
    }
    let (wanted, _) = evidence::wanted(&state)
        .map_err(|sentence| Error::invalid("ensemble", format!("is not one that the page computes: {sentence}")))?;
    if let Some(field) = difference(&ensemble, &wanted) {
        let problem = format!("has a {field} for which there is no control here");
        return Err(Error::invalid("ensemble", problem));
    }
    found.note = Some(match found.own_table {
        Some(_) => without_rows(name),
        None => format!(
            "{name} has {} for the claims, and no single runs: these are computed here.",
            plural(seeds.len(), "seed")
        ),
    });
    found.link = link::write(&state);
    found.seeds = seeds;
    Ok(found)
}

/// The first field by which the page's seeds would be others than those of `stored`.
fn difference(stored: &Ensemble, wanted: &Ensemble) -> Option<String> {
    if (stored.first_seed, stored.seed_count) != (wanted.first_seed, wanted.seed_count) {
        return Some("number of seeds".to_owned());
    }
    for &member in stored.members().iter().filter(|member| wanted.members().contains(member)) {
        let of = |ensemble: &Ensemble| explicit(&ensemble.experiment(Piece { seed: wanted.first_seed, member }));
        let (stored, wanted) = (of(stored), of(wanted));
        if stored != wanted {
            let [stored, wanted] =
                [&stored, &wanted].map(|experiment| serde_json::to_value(experiment).unwrap_or_default());
            let fields = stored.as_object()?;
            let differs = fields.iter().find(|(key, value)| wanted.get(key) != Some(value));
            return Some(differs.map_or("setting".to_owned(), |(key, _)| format!("`{key}`")));
        }
    }
    None
}

/// What of a run's summary has another shape than it should.
fn misfit(run: &RunSummary, experiment: &Experiment, parameter_count: usize) -> Option<&'static str> {
    let (steps, count) = (experiment.checkpoint_steps(), run.steps.len());
    let is_whole = count == steps.len() || run.diverged.is_some();
    let curves = [run.loss.len(), run.accuracy.len(), run.distance.len()];
    let measured = [&run.test_loss, &run.test_accuracy, &run.mean_ipr, &run.gradient_share, &run.update_share];
    let rows = if count == 0 { 0 } else { experiment.leading };
    let lag = Windows::lag(count);
    let pairs = if lag == 0 { 0 } else { count - lag };
    let displacement = |pairing| {
        let found = run.displacement.of(pairing);
        found.at_lag.len() == pairs && found.at_halvings.len() == run.halvings.len()
    };
    let checks = [
        ("the number of parameters", run.parameter_count == parameter_count || count == 0),
        ("a step", is_whole && steps.get(..count) == Some(&run.steps[..])),
        ("the number of losses, accuracies or distances", curves == [count; 3]),
        ("the number of shares, test losses or IPR", measured.iter().all(|values| values.len() == count)),
        (
            "the number of leading eigenvalues",
            run.leading_eigenvalues.len() == rows && run.leading_eigenvalues.iter().all(|row| row.len() == count),
        ),
        ("a halving of the loss", run.halvings.iter().all(|halving| halving.from.max(halving.to) < count)),
        ("the number of displacements", Pairing::ALL.into_iter().all(displacement)),
    ];
    checks.into_iter().find(|(_, fits)| !fits).map(|(what, _)| what)
}
