//! What is asked of a worker about one checkpoint of a run, and what it has answered.
//!
//! One worker explores for all runs, since they share data and network. For each run at most one [`Request`] of a kind is
//! under way: what is wanted meanwhile is asked when that is answered, and what was overtaken is never asked.

mod packed;

pub use packed::Packed;

use crate::experiment::Experiment;
use crate::hessian::Part;
use crate::landscape::{Checked, PartSpectra, Plane, Prediction};
use crate::measured::Measured;
use crate::spectrum::SpectralDensity;
use litemap::LiteMap;
use std::rc::Rc;

/// From the page: something about one θ.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// A number that no other request to the task has; the answer carries it back.
    pub id: u32,
    /// θ.
    pub parameters: Vec<f64>,
    /// What is wanted.
    pub wanted: Wanted,
}

/// What is wanted about θ.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// What the network predicts at θ + s v.
    Look {
        /// v, a unit eigenvector; empty where none is determined, then s counts as 0.
        direction: Vec<f64>,
        /// s.
        s: f64,
        /// Whether also what does not depend on s: the loss along all of v, and what the network predicts at θ itself.
        curve: bool,
        /// Whether the classes over the plane are wanted.
        grid: bool,
    },
    /// The spectra of the parts of H.
    Parts,
    /// The density of the eigenvalues of H or of a part of it, where the leading pairs alone are known.
    Density(Part),
    /// The check of H, also along these unit vectors.
    Check {
        /// The vectors.
        directions: Vec<Vec<f64>>,
    },
}

/// From the worker.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The training samples in the plane, once, before all else; none where they have not two features.
    Begun(Option<Plane>),
    /// To a request.
    To {
        /// The request's number.
        id: u32,
        /// What was found.
        finding: Finding,
    },
}

/// What a request found.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// To [`Wanted::Look`].
    Look {
        /// At θ + s v.
        moved: Prediction,
        /// What was wanted of θ itself.
        base: Option<Base>,
    },
    /// To [`Wanted::Parts`].
    Parts(PartSpectra),
    /// To [`Wanted::Density`].
    Density(SpectralDensity),
    /// To [`Wanted::Check`].
    Check(Checked),
    /// What was wanted cannot be computed there: a sentence.
    Failed(String),
}

/// What does not depend on s.
#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// At θ.
    pub prediction: Prediction,
    /// L(θ + s v) at each of [`values`]; empty without a direction.
    pub losses: Vec<Measured>,
    /// gᵀv.
    pub slope: Measured,
}

/// How many values of s the loss is computed at.
const VALUES: usize = 41;

/// The values of s, −1 to 1.
pub fn values() -> Vec<f64> {
    let last = (VALUES - 1) as f64;
    (0..VALUES).map(|i| (2.0 * i as f64 - last) / last).collect()
}

/// A checkpoint of a run: the number of its task, and the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The number of the run's task.
    pub generation: u32,
    /// Index of the checkpoint.
    pub index: usize,
}

/// A checkpoint and the direction there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    /// The checkpoint.
    pub spot: Spot,
    /// Which of its leading eigenvectors; none where the direction is not determined.
    pub rank: Option<usize>,
}

/// What is known around one checkpoint of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// Where.
    pub aim: Aim,
    /// What does not depend on s.
    pub base: Rc<Base>,
    /// The s of `moved`.
    pub s: f64,
    /// At θ + s v.
    pub moved: Rc<Prediction>,
}

/// What was found at a checkpoint, or a sentence why not.
pub type Found<T> = Option<(Spot, Result<Rc<T>, String>)>;

/// What is known about one run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfRun {
    /// The newest look that was answered.
    pub sight: Option<Sight>,
    /// The newest spectra of the parts.
    pub parts: Found<PartSpectra>,
    /// The newest density of H and of each of its parts, by their [`place`].
    pub densities: [Found<SpectralDensity>; 3],
    /// The newest check.
    pub check: Found<Checked>,
}

impl OfRun {
    /// The newest density of H or of a part of it.
    pub fn density(&self, part: Part) -> &Found<SpectralDensity> {
        &self.densities[place(part)]
    }

    /// See [`OfRun::density`].
    pub fn density_mut(&mut self, part: Part) -> &mut Found<SpectralDensity> {
        &mut self.densities[place(part)]
    }
}

/// The place of H or of a part of it, and its number in messages.
pub fn place(part: Part) -> usize {
    match part {
        Part::Full => 0,
        Part::GaussNewton => 1,
        Part::Residual => 2,
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exploration {
    /// The training samples in the plane, where inputs have two features.
    pub plane: Option<Rc<Plane>>,
    /// What is known, by the runs' indices.
    pub runs: LiteMap<usize, OfRun>,
    /// Whether a check is under way.
    pub checking: bool,
    /// Why nothing can be explored; nothing is begun until the runs begin again.
    pub broken: Option<String>,
}

/// A request under way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Its number.
    pub id: u32,
    /// The run that it is about.
    pub run: usize,
    /// The checkpoint.
    pub spot: Spot,
    /// What is asked.
    pub kind: Kind,
}

/// What a request under way asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A look along the direction of a rank, and its s.
    Look(Option<usize>, f64),
    /// The spectra of the parts.
    Parts,
    /// The density of H or of a part of it.
    Density(Part),
    /// The check.
    Check,
}

/// The task of the worker and what was asked of it. Apart from [`Exploration`], so that asking redraws nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exploring {
    /// The number of the task, and what its data and network are.
    pub task: Option<(u32, Rc<Experiment>)>,
    /// Whether it has loaded its data.
    pub begun: bool,
    /// The number of the last request.
    pub last: u32,
    /// What is under way.
    pub asked: Vec<Asked>,
    /// What failed, and is not asked again.
    pub failed: Vec<Asked>,
    /// Whether a check was asked for and has not begun.
    pub wants_check: bool,
    /// The numbers of the runs' tasks that the task was last compared with, and whether it is theirs.
    pub compared: LiteMap<usize, (u32, bool)>,
}

/// The part of an experiment that decides what is explored: data, network, loss, and the samples of the Hessian.
pub fn shared(experiment: &Experiment) -> Experiment {
    Experiment {
        data: experiment.data.clone(),
        test_share: experiment.test_share,
        hidden: experiment.hidden.clone(),
        layers: experiment.layers.clone(),
        activation: experiment.activation,
        loss_function: experiment.loss_function,
        label_smoothing: experiment.label_smoothing,
        hessian_samples: experiment.hessian_samples,
        leading: experiment.leading,
        spectrum: experiment.spectrum,
        seed: experiment.seed,
        seeds: experiment.seeds,
        null_model: None,
        ..Experiment::default()
    }
}
