//! The pictures: one descriptor for each, and from results to charts, with finished numbers only.
//!
//! Figures, export buttons, text alternatives and the tests' list come from [`PICTURES`]. A chart is made from a [`Scene`]
//! alone: options of the view, and for each run its checkpoints up to the frame's moment.

pub mod function;
pub mod network;
pub mod localization;
pub mod displacement;
pub mod matrices;
pub mod curvature;
pub mod loss;
pub mod spectrum;
pub mod shares;
pub mod seeds;

use super::message::Started;
use super::model::{Model, Moment, NullKey};
use super::names::run_names;
use super::results::{Change, RunResults};
use crate::claims::Windows;
use crate::experiment::{Checkpoint, Spacing};
use crate::mlp::ParameterKind;
use crate::null_model::NullBands;
use crate::state::view::{Against, Seeds};
use crate::state::{Picture, RUN_NAMES, View};
use crate::view::curves::{Curves, Marker, Note, Series};
use crate::view::number::thousands;
use crate::view::{AxisSpec, Chart, Palette, Rgb, color};
use litemap::LiteMap;
use std::rc::Rc;

/// What a picture shows of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorMark {
    /// A line at the cursor's step: the horizontal axis is training time.
    Time,
    /// The same on both axes.
    BothTimes,
    /// Nothing beside the chart, which is made for the cursor.
    Chart,
}

/// All there is to know about a picture but its name and title, which [`Picture`] has.
pub struct Descriptor {
    /// Which picture.
    pub picture: Picture,
    /// What it shows, in a sentence or two below the title.
    pub help: &'static str,
    /// Keys of the view's fields that stand below the title.
    pub options: &'static [&'static str],
    /// What it shows of the cursor.
    pub cursor: CursorMark,
    chart: fn(&Scene) -> Chart,
    /// What it shows over seeds, where it can.
    pub over_seeds: Option<fn(&View) -> seeds::OverSeeds>,
}

/// All pictures, in the page's order.
pub const PICTURES: [Descriptor; 10] = [
    Descriptor {
        picture: Picture::Function,
        help: "The loss’s tilt: the gradient.",
        options: &["along"],
        cursor: CursorMark::Chart,
        chart: |scene| Chart::Landscape(function::chart(scene)),
        over_seeds: None,
    },
    Descriptor {
        picture: Picture::Network,
        help: "Width: |v| of each weight; ring: bias. Below: % by group.",
        options: &["vector"],
        cursor: CursorMark::Chart,
        chart: |scene| Chart::Network(network::chart(scene)),
        over_seeds: None,
    },
    Descriptor {
        picture: Picture::Localization,
        help: "On about how many parameters a direction lives. Up: fewer.",
        options: &["against", "directions", "localization"],
        cursor: CursorMark::Time,
        chart: |scene| Chart::Curves(localization::chart(scene)),
        over_seeds: Some(seeds::localization),
    },
    Descriptor {
        picture: Picture::Overlap,
        help: "Strong: the leading subspaces of two steps are the same.",
        options: &[],
        cursor: CursorMark::BothTimes,
        chart: |scene| Chart::Heatmap(matrices::overlap(scene)),
        over_seeds: None,
    },
    Descriptor {
        picture: Picture::Displacement,
        help: "Turned a lag τ after a step (pale: early). Dots: the claims’ lag.",
        options: &["pair"],
        cursor: CursorMark::Chart,
        chart: |scene| Chart::CurvePanels(displacement::chart(scene)),
        over_seeds: Some(seeds::displacement),
    },
    Descriptor {
        picture: Picture::Eigenvector,
        help: "",
        options: &["vector", "values", "rows"],
        cursor: CursorMark::Time,
        chart: |scene| Chart::Heatmap(matrices::eigenvector(scene)),
        over_seeds: None,
    },
    Descriptor {
        picture: Picture::Eigenvalues,
        help: "The sharpest curvatures.",
        options: &["curvature"],
        cursor: CursorMark::Time,
        chart: |scene| Chart::Curves(curvature::chart(scene)),
        over_seeds: Some(seeds::eigenvalues),
    },
    Descriptor {
        picture: Picture::Loss,
        help: "",
        options: &["measure"],
        cursor: CursorMark::Time,
        chart: |scene| Chart::Curves(loss::chart(scene)),
        over_seeds: Some(seeds::loss),
    },
    Descriptor {
        picture: Picture::Spectrum,
        help: "Stems: leading. Grey: null model.",
        options: &["block"],
        cursor: CursorMark::Chart,
        chart: |scene| Chart::Histogram(spectrum::chart(scene)),
        over_seeds: None,
    },
    Descriptor {
        picture: Picture::Shares,
        help: "Share in the leading subspace; at random k/P.",
        options: &[],
        cursor: CursorMark::Time,
        chart: |scene| Chart::Curves(shares::chart(scene)),
        over_seeds: Some(seeds::shares),
    },
];

/// Whether a picture shows what a worker finds out about the cursor.
pub fn is_explored(picture: Picture, model: &Model) -> bool {
    let of_spectrum = || model.state.view().part.is_some() || model.runs.values().any(RunResults::leads_alone);
    picture == Picture::Function || (picture == Picture::Spectrum && of_spectrum())
}

/// The descriptor of a picture.
pub fn descriptor(picture: Picture) -> &'static Descriptor {
    let found = PICTURES.iter().find(|descriptor| descriptor.picture == picture);
    found.expect("every picture has a descriptor, as a test holds")
}

/// One run as a frame shows it.
pub struct ShownRun<'a> {
    /// The index of its name.
    pub index: usize,
    /// Its name, which shows in what it differs from the others.
    pub name: String,
    /// Its colour.
    pub color: Rgb,
    /// What it has found.
    pub results: &'a RunResults,
    /// Its checkpoints up to the frame's moment.
    pub checkpoints: &'a [Rc<Checkpoint>],
}

impl ShownRun<'_> {
    /// The checkpoint at an index of the common times; none where the run has not got there, or ended before.
    pub fn at(&self, index: usize) -> Option<&Checkpoint> {
        self.checkpoints.get(index).map(|checkpoint| &**checkpoint)
    }
}

/// Everything that a frame's pictures, numbers and sentences are made from.
pub struct Scene<'a> {
    /// The model.
    pub model: &'a Model,
    /// The options of the view.
    pub view: View,
    /// The runs.
    pub runs: Vec<ShownRun<'a>>,
    /// Index of the checkpoint at the cursor.
    pub cursor: usize,
    /// Whether the cursor follows the newest checkpoint.
    pub live: bool,
}

impl<'a> Scene<'a> {
    /// What `moment` shows of the model.
    pub fn new(model: &'a Model, moment: &Moment) -> Self {
        let mut names = run_names(model.runs.iter().map(|(index, results)| (*index, &results.values)));
        let palette = palette(*model.dark);
        let shown = |(&index, results): (&usize, &'a RunResults)| {
            let count = moment.shown.get(&index).map_or(0, |shown| shown.1).min(results.checkpoints.len());
            ShownRun {
                index,
                name: names.remove(&index).unwrap_or_default(),
                color: palette.run(index),
                results,
                checkpoints: &results.checkpoints[..count],
            }
        };
        let runs = model.runs.iter().map(shown).collect();
        Scene { model, view: model.state.view(), runs, cursor: moment.cursor, live: moment.live }
    }

    /// The chart of a picture.
    pub fn chart(&self, picture: Picture) -> Chart {
        match (descriptor(picture).over_seeds, self.view.curves) {
            (Some(over_seeds), Seeds::All | Seeds::Each) => Chart::Curves(seeds::chart(self, &over_seeds(&self.view))),
            _ => (descriptor(picture).chart)(self),
        }
    }

    /// The colours.
    pub fn palette(&self) -> &'static Palette {
        palette(*self.model.dark)
    }

    /// The horizontal axis of curves over training.
    pub fn time_axis(&self) -> AxisSpec {
        match self.view.against {
            Against::Loss => AxisSpec::log("training loss, first passage (training goes left)"),
            Against::Distance => AxisSpec::log("distance travelled, (1/P)‖θ(t) − θ(0)‖²"),
            Against::Step => self.step_axis(),
        }
    }

    /// The axis of steps, as wide as the whole run so that it stays put while curves grow; logarithmic where checkpoints
    /// are spaced so.
    pub fn step_axis(&self) -> AxisSpec {
        let steps = self.runs.iter().map(|run| run.results.experiment.steps).max().unwrap_or(1).max(1) as f64;
        let spacing = self.runs.first().map(|run| run.results.experiment.checkpoint_spacing);
        match spacing {
            Some(Spacing::Logarithmic) => AxisSpec::log1p("step").range(0.0, steps),
            _ => AxisSpec::linear("step").range(0.0, steps),
        }
    }

    /// Steps of all checkpoints, taken or to come.
    pub fn times(&self) -> &'a [usize] {
        let started = self.runs.iter().find_map(|run| run.results.started.as_ref());
        started.map_or(&[], |started| &started.checkpoint_steps)
    }

    /// The step at the cursor.
    pub fn cursor_step(&self) -> Option<usize> {
        self.times().get(self.cursor).copied()
    }

    /// One quantity of a run over training; missing values become NaN, so that points keep the index of their checkpoint.
    pub fn points(&self, run: &ShownRun, value: impl Fn(&Checkpoint) -> Option<f64>) -> Vec<(f64, f64)> {
        points(self.view.against, run, value)
    }

    /// Marks where a learning rate was changed.
    pub fn changes(&self) -> Vec<Marker> {
        let mark = |run: &ShownRun, change: Change| {
            let label = format!("{}: {}", RUN_NAMES[run.index], change.describe());
            Marker { label, x: change.step as f64, color: run.color }
        };
        let of_run = |run| RunResults::changes(run).into_iter();
        self.runs.iter().flat_map(|run| of_run(run.results).map(move |change| mark(run, change))).collect()
    }

    /// An empty chart with a title, over training.
    pub fn over_training(&self, title: &str, y: AxisSpec) -> Curves {
        let markers = if self.view.against == Against::Step { self.changes() } else { Vec::new() };
        Curves { title: title.into(), x: self.time_axis(), y, markers, ..Curves::default() }
    }

    /// The indices of at most `most` checkpoints, evenly over all of them: no picture has more columns than pixels.
    pub fn columns(&self, most: usize) -> Vec<usize> {
        let count = self.times().len();
        let stride = count.div_ceil(most.max(1)).max(1);
        (0..count).step_by(stride).collect()
    }

    /// The bands that are there of the null models that are shown: in grey where one is the same for all runs, else in the
    /// colour of its run.
    pub fn nulls(&self) -> Vec<ShownBands<'a>> {
        let nulls: &'a LiteMap<NullKey, Rc<NullBands>> = &self.model.nulls;
        let shown = |(key, bands): (&NullKey, &'a Rc<NullBands>)| {
            let (step, color) = match key.run {
                Some(index) => {
                    let run = self.runs.iter().find(|run| run.index == index)?;
                    (Some(run.at(key.checkpoint)?.step), run.color)
                }
                None => (None, self.palette().muted),
            };
            let wanted = self.view.null.kinds().contains(&key.kind);
            wanted.then_some(ShownBands { key: *key, step, bands, color })
        };
        nulls.iter().filter_map(shown).collect()
    }

    /// Those that may stand beside a run's checkpoint at the cursor: of no trained weights, or of those there.
    pub fn nulls_at_cursor(&self, run: &ShownRun) -> Vec<ShownBands<'a>> {
        let mut nulls = self.nulls();
        let here = Some((run.index, self.cursor.min(run.checkpoints.len().saturating_sub(1))));
        nulls.retain(|null| null.key.run.is_none() || null.key.run.map(|of| (of, null.key.checkpoint)) == here);
        nulls
    }

    /// The lag that claims use, in checkpoints: a tenth of the run, but one at least.
    pub fn lag(&self) -> usize {
        Windows::lag(self.times().len()).max(1)
    }
}

/// Bands of a null model, and to what they belong.
pub struct ShownBands<'a> {
    /// Kind, run and checkpoint.
    pub key: NullKey,
    /// The checkpoint's step; none where there is no checkpoint.
    pub step: Option<usize>,
    /// The bands.
    pub bands: &'a NullBands,
    /// Their colour.
    pub color: Rgb,
}

impl ShownBands<'_> {
    /// Kind, run and step in words.
    pub fn name(&self) -> String {
        let kind = crate::state::choice::plain(&self.key.kind);
        match self.key.run.zip(self.step) {
            Some((run, step)) => format!("{kind}, {} at step {}", RUN_NAMES[run], thousands(step)),
            None => kind,
        }
    }
}

/// One quantity of a run against steps, training loss or distance travelled.
pub fn points(against: Against, run: &ShownRun, value: impl Fn(&Checkpoint) -> Option<f64>) -> Vec<(f64, f64)> {
    let x = |c: &Checkpoint| match against {
        Against::Step => c.step as f64,
        Against::Loss => c.loss,
        Against::Distance => c.two_time.weight_displacement.first().copied().unwrap_or(f64::NAN),
    };
    first_passages(run.checkpoints.iter().map(|c| (x(c), value(c).unwrap_or(f64::NAN))), against)
}

/// The same points where x goes on: lower loss than ever before, or larger distance. Where it does not, the point before is
/// repeated, so that a curve does not go back and points keep the index of their checkpoint.
pub fn first_passages(points: impl Iterator<Item = (f64, f64)>, against: Against) -> Vec<(f64, f64)> {
    let mut furthest: Option<(f64, f64)> = None;
    let passage = |point: (f64, f64)| match (against, furthest) {
        (Against::Loss, Some(before)) if point.0 >= before.0 => before,
        (Against::Distance, Some(before)) if point.0 <= before.0 => before,
        _ => {
            furthest = Some(point);
            point
        }
    };
    points.map(passage).collect()
}

fn palette(dark: bool) -> &'static Palette {
    if dark { &color::DARK } else { &color::LIGHT }
}

/// Name of each parameter by its place in its matrix, such as `W2[3, 7]`: unit, then input.
pub fn parameter_names(started: &Started) -> Vec<String> {
    let mut names = Vec::with_capacity(started.parameter_count);
    for group in &started.groups {
        let inputs = started.layers.get(group.layer).copied().unwrap_or(1).max(1);
        let name = |offset: usize| match group.kind {
            ParameterKind::Weights => format!("{}[{}, {}]", group.name, offset / inputs + 1, offset % inputs + 1),
            ParameterKind::Biases => format!("{}[{}]", group.name, offset + 1),
        };
        names.extend((0..group.range.len()).map(name));
    }
    names
}

/// What a mean over the leading directions leaves out, in words; nothing where all are determined.
pub fn undetermined_directions(run: &ShownRun) -> Option<Note> {
    let k = run.results.experiment.leading;
    let counts = || run.checkpoints.iter().map(|c| c.determination.count());
    let fewest = counts().min().filter(|fewest| *fewest < k)?;
    let none: Vec<usize> = run.checkpoints.iter().filter(|c| c.determination.count() == 0).map(|c| c.step).collect();
    let (name, all) = (RUN_NAMES[run.index], run.checkpoints.len());
    let text = match none.first() {
        Some(step) => {
            format!("{name}: no direction is determined at {} of {all} checkpoints, first at step {step}", none.len())
        }
        None => format!("{name}: means over the directions that are determined, at least {fewest} of {k}"),
    };
    Some(Note { text, color: run.color })
}

/// In words, that the leading subspace is not always determined.
pub fn undetermined_subspace(run: &ShownRun) -> Option<Note> {
    let missing = run.checkpoints.iter().filter(|c| !c.determination.subspace).count();
    let (name, all) = (RUN_NAMES[run.index], run.checkpoints.len());
    let text = format!("{name}: the leading subspace is not determined at {missing} of {all} checkpoints");
    (missing > 0).then_some(Note { text, color: run.color })
}

/// A line of a given strength.
pub fn line(label: &str, color: Rgb, width: f64, alpha: f64, points: Vec<(f64, f64)>) -> Series {
    Series { width, alpha, ..Series::new(label, color, points) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Choice;

    #[test]
    fn every_picture_has_one_descriptor_in_the_same_order() {
        let described: Vec<Picture> = PICTURES.iter().map(|descriptor| descriptor.picture).collect();
        assert_eq!(described, Picture::ALL);
        let fields = crate::state::table::view(3, 5, &["A", "B"]);
        for key in PICTURES.iter().flat_map(|descriptor| descriptor.options) {
            assert!(fields.iter().any(|field| field.key == *key), "{key}");
        }
    }
}
