//! From results to charts: what each picture shows, with finished numbers only.

pub mod curvature;
pub mod displacement;
pub mod localization;
pub mod loss;
pub mod matrices;
pub mod spectrum;

use super::canvas::Chart;
use super::results::{Change, RunResults};
use crate::experiment::Checkpoint;
use crate::optimizer::Rule;
use crate::state::{RUN_NAMES, Scope, State};
use crate::view::curves::{Curves, Marker, Series};
use crate::view::{AxisSpec, Palette, Rgb, color};

/// Everything that pictures are made from.
pub struct Scene<'a> {
    /// The state.
    pub state: &'a State,
    /// The runs' results.
    pub runs: &'a [RunResults],
    /// Index of the checkpoint at the cursor.
    pub cursor: usize,
    /// Whether the cursor follows the newest checkpoint.
    pub live: bool,
    /// Whether the surface is dark.
    pub dark: bool,
}

impl Scene<'_> {
    /// The chart of a picture, by its name.
    pub fn chart(&self, picture: &str) -> Option<Chart> {
        Some(match picture {
            "localization" => Chart::Curves(localization::chart(self)),
            "displacement" => Chart::Curves(displacement::chart(self)),
            "eigenvalues" => Chart::Curves(curvature::chart(self)),
            "loss" => Chart::Curves(loss::chart(self)),
            "overlap" => Chart::Heatmap(matrices::overlap(self)),
            "eigenvector" => Chart::Heatmap(matrices::eigenvector(self)),
            "spectrum" => Chart::Histogram(spectrum::chart(self)),
            _ => return None,
        })
    }

    /// The colours.
    pub fn palette(&self) -> &'static Palette {
        if self.dark { &color::DARK } else { &color::LIGHT }
    }

    /// A run's colour.
    pub fn color(&self, run: usize) -> Rgb {
        self.palette().run(run)
    }

    /// A run's name, such as `A SGD`.
    pub fn name(&self, run: usize) -> String {
        let rule = self.runs.get(run).map_or(Rule::Sgd, |results| results.experiment.optimizer.rule);
        format!("{} {}", RUN_NAMES[run % RUN_NAMES.len()], short(rule))
    }

    /// Whether curves are drawn against training loss.
    pub fn against_loss(&self) -> bool {
        self.state.text(Scope::View, "against") == "loss"
    }

    /// The horizontal axis of curves over training.
    pub fn time_axis(&self) -> AxisSpec {
        if self.against_loss() {
            return AxisSpec::log("training loss (training goes left)");
        }
        self.step_axis()
    }

    /// The axis of steps, as wide as the whole run so that it stays put while curves grow.
    pub fn step_axis(&self) -> AxisSpec {
        let steps = self.runs.iter().map(|run| run.experiment.steps).max().unwrap_or(1);
        AxisSpec::linear("step").range(0.0, steps.max(1) as f64)
    }

    /// Steps of all checkpoints, taken or to come.
    pub fn times(&self) -> &[usize] {
        self.runs.iter().find_map(|run| run.started.as_ref()).map_or(&[], |started| &started.checkpoint_steps)
    }

    /// The step at the cursor.
    pub fn cursor_step(&self) -> Option<usize> {
        self.times().get(self.cursor).copied()
    }

    /// One quantity of a run over training; missing values become NaN, so that points keep the index of their checkpoint.
    pub fn points(&self, run: &RunResults, value: impl Fn(&Checkpoint) -> Option<f64>) -> Vec<(f64, f64)> {
        let loss = self.against_loss();
        let x = |c: &Checkpoint| if loss { c.loss } else { c.step as f64 };
        run.checkpoints.iter().map(|c| (x(c), value(c).unwrap_or(f64::NAN))).collect()
    }

    /// Marks where a learning rate was changed.
    pub fn changes(&self) -> Vec<Marker> {
        if self.against_loss() {
            return Vec::new();
        }
        let mark = |run: usize, change: &Change| {
            let label = format!("{}: {}", RUN_NAMES[run], change.words);
            Marker { label, x: change.step as f64, color: self.color(run) }
        };
        let runs = self.runs.iter().enumerate();
        runs.flat_map(|(i, run)| run.changes.iter().map(move |change| mark(i, change))).collect()
    }

    /// An empty chart with a title, over training.
    pub fn over_training(&self, title: &str, y: AxisSpec) -> Curves {
        let markers = self.changes();
        Curves { title: title.into(), x: self.time_axis(), y, markers, ..Curves::default() }
    }

    /// The indices of at most `most` checkpoints, evenly over all of them: no picture has more columns than pixels.
    pub fn columns(&self, most: usize) -> Vec<usize> {
        let count = self.times().len();
        let stride = count.div_ceil(most.max(1)).max(1);
        (0..count).step_by(stride).collect()
    }
}

/// A rule's name where there is little room.
pub fn short(rule: Rule) -> &'static str {
    if rule == Rule::Momentum { "Momentum" } else { rule.label() }
}

/// A line of a given strength.
pub fn line(label: &str, color: Rgb, width: f64, alpha: f64, points: Vec<(f64, f64)>) -> Series {
    Series { width, alpha, ..Series::new(label, color, points) }
}
