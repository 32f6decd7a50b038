//! Results in files that the page saved as JSON or that `headless run` and `headless ensemble` printed, read back to be shown.
//! They are compared with the experiment that they name: what does not fit it is refused, since pictures rely on it.

mod seeds;

use serde::Deserialize;

use crate::dataset::{DataSource, Origin, Own, load, own};
use crate::error::{Error, Result, shown};
use crate::experiment::{ChanceLevels, Checkpoint, Experiment};
use crate::network_file::NetworkFile;
use crate::page::export::json::SCHEMA;
use crate::page::imported::{ImportedRun, Results};
use crate::page::message::Started;
use crate::page::results::RunResults;
use crate::state::{RUN_NAMES, State, Values, link};
use crate::training::Start;

/// How far the length of an eigenvector may be from 1; it is a few units in the last place.
const LENGTH: f64 = 1e-9;

/// What tells the forms of files apart.
#[derive(Deserialize)]
struct Form {
    schema: Option<String>,
    #[serde(default)]
    ensemble: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    runs: Option<serde::de::IgnoredAny>,
}

/// What is shown of what the page saves; bands of null models are computed again.
#[derive(Deserialize)]
struct StoredExport {
    link: String,
    runs: Vec<StoredRun>,
}

#[derive(Deserialize)]
struct StoredRun {
    name: Option<String>,
    experiment: Experiment,
    diverged: Option<String>,
    checkpoints: Vec<Checkpoint>,
}

/// Reads a file; `name` names it in errors.
///
/// # Errors
/// [`Error::Invalid`] with `name`: when the text is no JSON, cut off, of another form or version, or when what it holds does not fit
/// the experiment.
pub fn read(name: &str, text: &str) -> Result<Results> {
    let refuse = |problem: String| Error::invalid(name, problem);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let form: Form = parse(text).map_err(refuse)?;
    let export = match (form.schema, form.runs.is_some(), form.ensemble.is_some()) {
        (Some(schema), ..) if schema != SCHEMA => {
            return Err(refuse(format!("has the form “{}”; this version reads {SCHEMA}", shown(&schema))));
        }
        (_, _, true) => {
            return seeds::read(name, parse(text).map_err(refuse)?).map_err(|error| match error {
                Error::Invalid { field, problem } => refuse(format!("{field} {problem}")),
                other => refuse(other.to_string()),
            });
        }
        (_, true, _) => parse(text).map_err(refuse)?,
        (_, false, _) => StoredExport { link: String::new(), runs: vec![parse(text).map_err(refuse)?] },
    };
    let mut found = Vec::new();
    for stored in export.runs {
        let index = match &stored.name {
            Some(known) => RUN_NAMES.iter().position(|name| name == known),
            None => Some(0),
        };
        let index = index.filter(|index| found.iter().all(|run: &ImportedRun| run.index != *index));
        let index = index.ok_or_else(|| refuse("names a run that there cannot be, or one twice".into()))?;
        if stored.checkpoints.is_empty() {
            continue;
        }
        found.push(run(index, stored).map_err(|error| match error {
            Error::Invalid { field, problem } => refuse(format!("run {}: {field} {problem}", RUN_NAMES[index])),
            other => refuse(format!("run {}: {other}", RUN_NAMES[index])),
        })?);
    }
    results(name, &export.link, found).ok_or_else(|| refuse("holds no checkpoint of any run".into()))
}

/// A record, or in what the text is none.
fn parse<T: for<'a> Deserialize<'a>>(text: &str) -> std::result::Result<T, String> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        if error.is_data() {
            format!("is no result that this version reads: {}", crate::error::shortened(&error.to_string(), 200))
        } else if error.is_eof() || is_within_number(text, &error) {
            format!("ends within a value, at {place}; was it cut off?")
        } else {
            format!("is not JSON, at {place}")
        }
    })
}

/// Whether the text ends where a number lacks its next digits, which serde_json reports as an invalid number.
fn is_within_number(text: &str, error: &serde_json::Error) -> bool {
    let last = text.lines().next_back().unwrap_or_default();
    last.ends_with(['.', '-', '+', 'e', 'E']) && error.column() >= last.len()
}

fn run(index: usize, stored: StoredRun) -> Result<ImportedRun> {
    let StoredRun { mut experiment, diverged, checkpoints, .. } = stored;
    // Computed apart on the page.
    experiment.null_model = None;
    experiment.data = rows_apart(std::mem::take(&mut experiment.data), experiment.seed)?;
    experiment.validate()?;
    let started = started(&experiment)?;
    for (t, checkpoint) in checkpoints.iter().enumerate() {
        if started.checkpoint_steps.get(t) != Some(&checkpoint.step) {
            let problem = format!("has one at step {}, where the experiment has none", checkpoint.step);
            return Err(Error::invalid("checkpoints", problem));
        }
        if let Some(what) = misfit(checkpoint, t, &started, experiment.leading) {
            let problem = format!("at step {}: {what} does not fit the experiment", checkpoint.step);
            return Err(Error::invalid("checkpoints", problem));
        }
    }
    let is_whole = checkpoints.len() == started.checkpoint_steps.len();
    let last = checkpoints.last().map_or(0, |checkpoint| checkpoint.step);
    let end = match diverged {
        Some(sentence) => Some((shorter(&sentence), true)),
        None if is_whole => None,
        None => {
            Some((format!("the file ends with step {last} of {}; Reset computes all of it", experiment.steps), false))
        }
    };
    Ok(ImportedRun { index, experiment, started, end, checkpoints })
}

fn shorter(sentence: &str) -> String {
    crate::error::shortened(sentence, 300)
}

/// Rows that stand in an experiment in full are none that the page can load by name: they are its visitor's own.
fn rows_apart(data: DataSource, seed: u64) -> Result<DataSource> {
    let (name, label_column, samples) = match &data.origin {
        Origin::Named(_) | Origin::Own { .. } => return Ok(data),
        Origin::Images { classes, samples, own, .. } => {
            let own = own.clone().ok_or_else(|| {
                let problem =
                    "are image files by their paths, which the page cannot open, and what they hold is not given";
                Error::invalid("data", problem)
            })?;
            let own = Own { classes: classes.unwrap_or(own.classes), ..own };
            let origin = Origin::Own { own, label_column: None, samples: *samples };
            return Ok(DataSource { preparation: Some(data.preparation()), origin, ..data });
        }
        Origin::Csv { label_column, samples, .. } => ("table", label_column.clone(), *samples),
        Origin::Explicit { .. } => ("rows", None, None),
    };
    let DataSource { preparation, components, .. } = data;
    let raw = DataSource { preparation: Some(crate::dataset::Preparation::None), components: None, ..data.clone() };
    let (own, _) = own::pack_table(name, &load(&raw, seed)?);
    let preparation = Some(preparation.unwrap_or(data.preparation()));
    Ok(DataSource { origin: Origin::Own { own, label_column, samples }, preparation, components, table: None })
}

/// What a worker posts at the start of a run, but for names where the data are not here.
fn started(experiment: &Experiment) -> Result<Started> {
    let (data, _) = experiment.data_shape()?;
    let architecture = experiment.architecture(data)?;
    let (class_names, feature_names) = match experiment.load_data() {
        Ok((train, _)) => (train.class_names, train.feature_names),
        Err(_) => {
            let classes = (0..data.classes).map(|class| class.to_string());
            (classes.collect(), (1..=data.features).map(|feature| format!("x{feature}")).collect())
        }
    };
    Ok(Started {
        layers: architecture.layers().to_vec(),
        parameter_count: architecture.parameter_count(),
        groups: architecture.groups(),
        chance: ChanceLevels::new(architecture.parameter_count(), experiment.leading),
        checkpoint_steps: experiment.checkpoint_steps(),
        training_samples: data.samples,
        class_names,
        feature_names,
    })
}

/// What of the t-th checkpoint has another shape than it should.
fn misfit(checkpoint: &Checkpoint, t: usize, started: &Started, k: usize) -> Option<&'static str> {
    let (p, depth) = (started.parameter_count, started.layers.len() - 1);
    let all_or_none = |length: usize| length == p || length == 0;
    let is_unit = |v: &Vec<f64>| v.len() == p && (v.iter().map(|x| x * x).sum::<f64>().sqrt() - 1.0).abs() < LENGTH;
    let mass = |mass: &Option<Vec<f64>>| mass.as_ref().is_none_or(|mass| mass.len() == started.groups.len());
    let row = &checkpoint.two_time;
    let rows = [row.subspace_overlap.len(), row.displacement_by_rank.len(), row.displacement_tracked.len()];
    let blocks = || {
        let of_layers = started.layers.windows(2).map(|pair| pair[1] * (pair[0] + 1));
        let fits =
            |(block, size): (&crate::experiment::LayerSpectrum, usize)| block.eigenvalues_descending.len() == size;
        checkpoint.layer_spectra.is_empty()
            || checkpoint.layer_spectra.len() == depth && checkpoint.layer_spectra.iter().zip(of_layers).all(fits)
    };
    let checks = [
        ("θ", checkpoint.parameters.len() == p),
        ("the number of eigenvalues", all_or_none(checkpoint.eigenvalues_descending.len())),
        ("the number of leading eigenvalues", checkpoint.leading_eigenvalues.len() == k),
        (
            "an eigenvector",
            checkpoint.leading_eigenvectors.len() == k && checkpoint.leading_eigenvectors.iter().all(is_unit),
        ),
        ("the number of inverse participation ratios", checkpoint.leading_ipr.len() == k),
        ("the number of participation entropies", checkpoint.leading_participation_entropy.len() == k),
        ("the mass by group", checkpoint.group_mass.len() == k && checkpoint.group_mass.iter().all(mass)),
        ("the determination", checkpoint.determination.directions.len() == k),
        ("a comparison with earlier checkpoints", rows == [t + 1; 3] && row.weight_displacement.len() == t + 1),
        ("a track", row.track.len() == k && row.track.iter().flatten().all(|rank| *rank < k)),
        ("the spectra of layers", blocks()),
        (
            "the preconditioned spectrum",
            checkpoint.preconditioned_eigenvalues_descending.as_ref().is_none_or(|values| values.len() == p),
        ),
    ];
    checks.into_iter().find(|(_, fits)| !fits).map(|(what, _)| what)
}

/// The same experiment, written in one of the ways in which it can be.
fn explicit(experiment: &Experiment) -> Experiment {
    let layers = experiment.data_shape().map(|(shape, _)| experiment.layer_sizes(shape)).ok();
    let start = if experiment.initial_parameters.is_some() { Start::default() } else { experiment.start };
    Experiment { data: experiment.data.explicit(), hidden: Vec::new(), layers, start, ..experiment.clone() }
}

/// The state that computes the runs, as a link and the files that it cannot carry.
fn results(name: &str, link: &str, runs: Vec<ImportedRun>) -> Option<Results> {
    let layers = &runs.first()?.started.layers;
    let computed = runs.iter().map(|run| (run.index, &run.experiment));
    let (mut found, state) = computing(name, link, layers, computed);
    let differs = |run: &ImportedRun| {
        let shown = state.experiment(run.index).ok();
        shown.is_none_or(|shown| explicit(&shown) != explicit(&run.experiment))
    };
    let without_control = || {
        format!(
            "{name} was computed with a setting for which there is no control here: Reset computes what the controls show."
        )
    };
    found.note = match runs.iter().any(differs) {
        true => Some(without_control()),
        false => found.own_table.is_some().then(|| without_rows(name)),
    };
    found.runs = runs;
    Some(found)
}

fn without_rows(name: &str) -> String {
    format!("{name} has no rows of its data: choose them as well to compute anything further.")
}

/// Results without any run or seed yet, and the state that computes the given experiments as far as one can; `link` is that of a
/// state with the same view, `layers` those of a network that is in the experiments.
fn computing<'a>(
    name: &str,
    link: &str,
    layers: &[usize],
    experiments: impl Iterator<Item = (usize, &'a Experiment)> + Clone,
) -> (Results, State) {
    let first = experiments.clone().next().map(|(_, experiment)| experiment);
    let own_table = first.and_then(|first| match &first.data.origin {
        Origin::Own { own, label_column, .. } => Some((own.clone(), label_column.clone().unwrap_or_default())),
        _ => None,
    });
    let own_network = first.and_then(|first| {
        Some(NetworkFile {
            layers: layers.to_vec(),
            parameters: first.initial_parameters.clone()?,
            activation: Some(first.activation),
            loss_function: Some(first.loss_function),
            label_smoothing: Some(first.label_smoothing),
        })
    });
    let mut found = Results {
        link: String::new(),
        has_view: !link.is_empty(),
        own_table,
        own_network,
        note: None,
        runs: Vec::new(),
        seeds: Vec::new(),
    };
    let mut files = State::default();
    found.put_files(name, &mut files);
    // What is shown, and how, stays as it was; what is computed follows from the experiments.
    let (mut state, _) = link::read(link, Some(&files));
    state.runs.clear();
    state.changes.clear();
    for (index, experiment) in experiments {
        state.set_experiment(index, experiment);
        let changes = RunResults::new(Values::new(), experiment.clone(), 0).changes();
        state.set_changes(index, changes.iter().map(|change| (change.step, change.settings())));
    }
    found.link = link::write(&state);
    (found, state)
}
