//! `headless results`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::DeserializeOwned;

use super::input::{path_name, read};
use super::output::Output;
use super::reproduce::rates_path;
use super::reproduction::record::{ComparisonResult, LearningRates, Results};
use super::reproduction::tasks::{Comparison, of_optimizers, on_tasks};
use super::reproduction::{charts, markdown};
use crate::displacement::Pairing;
use crate::ensemble::EnsembleReport;
use crate::view::figure::{self, Caption};
use crate::view::{Chart, color};

/// Write results.json, tables and figures from what headless reproduce computed.
///
/// The figures are SVG, drawn by the views of the page.
#[derive(Args)]
pub struct ResultsCommand {
    /// The folder that headless reproduce printed.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
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
        let (tasks, reports): (Vec<_>, Vec<_>) = self.all(on_tasks())?.into_iter().unzip();
        let (optimizers, _): (Vec<_>, Vec<_>) = self.all(of_optimizers())?.into_iter().unzip();
        let results = Results { program: env!("CARGO_PKG_VERSION").to_owned(), tasks, optimizers };
        self.write("results.json", &format!("{}\n", to_json(&results)?))?;
        self.write("claims.md", &markdown::document(&results))?;
        self.write_matrix(&results)?;
        if let Some((task, report)) = results.tasks.first().zip(reports.first()) {
            self.write_task(task, report)?;
        }
        Ok(())
    }

    fn all(&self, comparisons: Vec<Comparison>) -> Result<Vec<(ComparisonResult, EnsembleReport)>, String> {
        let one = |comparison: &Comparison| {
            let report: EnsembleReport = parsed(&self.folder.join(format!("{}.json", comparison.name)))?;
            let rates = |rule| parsed(&rates_path(&self.folder, comparison, rule));
            let rates = LearningRates { a: rates(comparison.a)?, b: rates(comparison.b)? };
            Ok((ComparisonResult::new(comparison, rates, &report)?, report))
        };
        comparisons.iter().map(one).collect()
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

    fn write_task(&self, task: &ComparisonResult, report: &EnsembleReport) -> Result<(), String> {
        let lines = vec![experiment_line(task, report), format!("Page: #{}", task.link.as_deref().unwrap_or_default())];
        let title = format!("Do the claims hold? {}, {} against {}", task.title, task.names().0, task.names().1);
        let forest = charts::forest(&title, &[("", task)], Pairing::Subspace);
        let note = "Displacement D is that of the leading subspace, 1 − Q_k. Mean over seeds and its 95 % interval."
            .to_owned();
        self.write_figure(&format!("{}.svg", task.name), Chart::Forest(forest), [vec![note], lines.clone()].concat())?;
        let note = "Mean over seeds and its 95 % interval.".to_owned();
        let lines = [vec![note], lines].concat();
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

fn experiment_line(task: &ComparisonResult, report: &EnsembleReport) -> String {
    let experiment = &report.ensemble.experiment;
    let parameters = report.seeds.first().map_or(0, |seed| seed.a.parameter_count);
    let (a, b) = task.names();
    let hidden: Vec<String> = experiment.hidden.iter().map(usize::to_string).collect();
    format!(
        "{}, hidden layers {}, P = {parameters}; {a} {}, {b} {}; {}, {} steps, batches of 32, a checkpoint every {} steps, k = {}.",
        task.title,
        hidden.join(", "),
        task.a.learning_rate,
        task.b.learning_rate,
        seeds(Some(task)),
        experiment.steps,
        experiment.checkpoint_every,
        experiment.leading,
    )
}

fn to_json(results: &Results) -> Result<String, String> {
    serde_json::to_string(results).map_err(|error| error.to_string())
}

fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let missing = || format!("{}: is missing; headless reproduce computes it", path_name(path));
    if !fs::exists(path).unwrap_or(false) {
        return Err(missing());
    }
    serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path_name(path)))
}
