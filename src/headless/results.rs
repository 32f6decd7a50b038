//! `headless results`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::DeserializeOwned;

use super::input::{path_name, read};
use super::output::Output;
use super::reproduce::rates_path;
use super::reproduction::record::{ComparisonResult, LearningRates, Results};
use super::reproduction::tasks::{Comparison, by_size, of_optimizers, on_tasks};
use super::reproduction::{charts, markdown};
use crate::displacement::Pairing;
use crate::ensemble::EnsembleReport;
use crate::view::figure::{self, Caption};
use crate::view::{Chart, color};

/// Write results.json, tables and figures from what headless reproduce computed.
///
/// The figures are SVG, drawn by the views of the page. Without FOLDER, tables and figures are written again from the
/// results.json that is there, but for the curves over seeds, which it does not hold.
#[derive(Args)]
pub struct ResultsCommand {
    /// The folder that headless reproduce printed.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Where to write; the folder must exist.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Width of the figures, CSS pixels.
const WIDTH: u32 = 1160;
/// Height of the curves, CSS pixels.
const CURVES: u32 = 420;

impl ResultsCommand {
    pub fn execute(&self) -> Result<(), String> {
        let results: Results = match &self.folder {
            Some(folder) => {
                let (tasks, reports): (Vec<_>, Vec<_>) = all(folder, &on_tasks())?.into_iter().unzip();
                let (optimizers, sizes) = (kept(folder, &of_optimizers())?, kept(folder, &by_size())?);
                if let Some((task, report)) = tasks.first().zip(reports.first()) {
                    self.write_curves(task, report)?;
                }
                let results = Results { program: env!("CARGO_PKG_VERSION").to_owned(), tasks, optimizers, sizes };
                let json = serde_json::to_string(&results).map_err(|error| error.to_string())?;
                self.write("results.json", &format!("{json}\n"))?;
                results
            }
            None => parsed(&self.out.join("results.json"))?,
        };
        self.write("claims.md", &markdown::document(&results))?;
        self.write_matrix(&results)?;
        results.tasks.first().map_or(Ok(()), |task| self.write_forest(task))
    }

    fn write_matrix(&self, results: &Results) -> Result<(), String> {
        let columns: Vec<(&str, &ComparisonResult)> =
            results.tasks.iter().map(|task| (task.name.as_str(), task)).collect();
        let forest = charts::forest("Do the claims hold? SGD against Adam on eight tasks", &columns, Pairing::Subspace);
        let lines = vec![
            format!(
                "{}, 2000 steps, batches of 32, a checkpoint every 10 steps, k = 5, tanh, cross-entropy, learning rates chosen for each \
                 task and optimizer. Mean over seeds and its 95 % interval; an arrow: the interval leaves the axis.",
                seeds(results.tasks.first())
            ),
            "D(t, t + L) is the displacement of the leading subspace, 1 − Q_k, over L = N/10 of N + 1 checkpoints; claims.md has the other \
             two pairings. IPR: mean inverse participation ratio of the leading directions. For these tasks, networks and settings."
                .to_owned(),
        ];
        self.write_figure("matrix.svg", Chart::Forest(forest), lines)
    }

    fn write_forest(&self, task: &ComparisonResult) -> Result<(), String> {
        let title = format!("Do the claims hold? {}, {} against {}", task.title, task.names().0, task.names().1);
        let forest = charts::forest(&title, &[("", task)], Pairing::Subspace);
        let note = "Displacement D is that of the leading subspace, 1 − Q_k. Mean over seeds and its 95 % interval.";
        self.write_figure(&format!("{}.svg", task.name), Chart::Forest(forest), caption(task, note)?)
    }

    fn write_curves(&self, task: &ComparisonResult, report: &EnsembleReport) -> Result<(), String> {
        let lines = caption(task, "Mean over seeds and its 95 % interval.")?;
        let palette = &color::LIGHT;
        let localization = charts::localization(report, palette);
        self.write_figure(&format!("{}-localization.svg", task.name), Chart::Curves(localization), lines.clone())?;
        let displacement = charts::displacement(report, palette);
        self.write_figure(&format!("{}-displacement.svg", task.name), Chart::Curves(displacement), lines)
    }

    fn write_figure(&self, name: &str, chart: Chart, lines: Vec<String>) -> Result<(), String> {
        let height = match &chart {
            // Title and caption take what is left.
            Chart::Forest(forest) => forest.natural_height(f64::from(WIDTH)) as u32 + 100,
            _ => CURVES,
        };
        let caption = Caption { title: String::new(), lines };
        self.write(name, &figure::svg(&chart, &caption, (WIDTH, height), false))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.out.join(name);
        let output = Output::at(&path).map_err(|error| format!("{}: {error}", path_name(&path)))?;
        output.write(|out| out.write_all(text.as_bytes()))
    }
}

fn seeds(task: Option<&ComparisonResult>) -> String {
    task.map_or(String::new(), |task| format!("{} seeds", task.seeds.count))
}

/// What is drawn, the experiment in words, and the link that opens it.
fn caption(task: &ComparisonResult, note: &str) -> Result<Vec<String>, String> {
    let named = |error: crate::Error| format!("{}: {error}", task.name);
    let comparison = on_tasks().into_iter().find(|comparison| comparison.name == task.name);
    let comparison = comparison.ok_or_else(|| format!("{}: there is no such task", task.name))?;
    let experiment = comparison.task.experiment()?;
    let architecture = experiment.data_shape().and_then(|(shape, _)| experiment.architecture(shape)).map_err(named)?;
    let layers: Vec<String> = architecture.layers().iter().map(usize::to_string).collect();
    let (a, b) = task.names();
    let line = format!(
        "{}, {}, P = {}; {a} {}, {b} {}; {}, {} steps, batches of 32, a checkpoint every {} steps, k = {}.",
        task.title,
        layers.join("-"),
        architecture.parameter_count(),
        task.a.learning_rate,
        task.b.learning_rate,
        seeds(Some(task)),
        experiment.steps,
        experiment.checkpoint_every,
        experiment.leading,
    );
    let link = task.link.iter().map(|link| format!("Page: #{link}"));
    Ok([note.to_owned(), line].into_iter().chain(link).collect())
}

/// What is kept of comparisons, and their reports.
fn all(folder: &Path, comparisons: &[Comparison]) -> Result<Vec<(ComparisonResult, EnsembleReport)>, String> {
    let one = |comparison: &Comparison| {
        let report: EnsembleReport = parsed(&folder.join(format!("{}.json", comparison.name)))?;
        let rates = |rule| parsed(&rates_path(folder, comparison, rule));
        let rates = LearningRates { a: rates(comparison.a)?, b: rates(comparison.b)? };
        Ok((ComparisonResult::new(comparison, rates, &report)?, report))
    };
    comparisons.iter().map(one).collect()
}

/// What is kept of comparisons.
fn kept(folder: &Path, comparisons: &[Comparison]) -> Result<Vec<ComparisonResult>, String> {
    Ok(all(folder, comparisons)?.into_iter().map(|(result, _)| result).collect())
}

fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    if !fs::exists(path).unwrap_or(false) {
        return Err(format!("{}: is missing; scripts/reproduce computes it", path_name(path)));
    }
    serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path_name(path)))
}
