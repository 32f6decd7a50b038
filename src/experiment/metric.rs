//! The numbers of a checkpoint as a table: one row for each, from which come the page's numbers, the columns of CSV and the
//! choices of pictures.

use super::Checkpoint;
use crate::localization::{random_direction_ipr, random_direction_participation_entropy};
use crate::measured::Measured;
use crate::null_model::{Band, NullBands};

/// How a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// As it is.
    Plain,
    /// As a count.
    Count,
    /// As a share of 1, in per cent.
    Share,
}

/// One number of a checkpoint.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Name in files.
    pub name: &'static str,
    /// Name that people read.
    pub label: &'static str,
    /// How it is shown.
    pub unit: Unit,
    /// The number, where it is known.
    pub value: fn(&Checkpoint) -> Option<f64>,
}

/// One number for each leading eigenvector of a checkpoint.
#[derive(Debug, Clone, Copy)]
pub struct DirectionMetric {
    /// Name of the field of [`Checkpoint`].
    pub name: &'static str,
    /// Name of a column: that of rank i is `column_i`.
    pub column: &'static str,
    /// Name that people read.
    pub label: &'static str,
    /// The number of the direction of a rank, counted from 0, where it is determined.
    pub value: fn(&Checkpoint, usize) -> Option<f64>,
    /// What it measures of how localized a direction is, if it does.
    pub localization: Option<Localization>,
}

/// What belongs to a measure of localization.
#[derive(Debug, Clone, Copy)]
pub struct Localization {
    /// What a uniformly random direction in R^P would show, and the formula in a few words.
    pub chance: (fn(usize) -> f64, &'static str),
    /// Whether it is a participation ratio: its reciprocal is about the number of parameters that carry a direction.
    pub is_ratio: bool,
    /// The null model's band of its mean over the k leading eigenvectors, where that has one.
    pub null: Option<fn(&NullBands) -> Option<Band>>,
}

const fn metric(name: &'static str, label: &'static str, unit: Unit, value: fn(&Checkpoint) -> Option<f64>) -> Metric {
    Metric { name, label, unit, value }
}

/// All numbers of a checkpoint, in the order in which they are shown.
pub const METRICS: [Metric; 21] = [
    metric("step", "step", Unit::Count, |c| Some(c.step as f64)),
    metric("learning_rate", "learning rate η of the next step", Unit::Plain, |c| Some(c.learning_rate)),
    metric("loss", "training loss", Unit::Plain, |c| Some(c.loss)),
    metric("accuracy", "training accuracy", Unit::Share, |c| Some(c.accuracy)),
    metric("test_loss", "test loss", Unit::Plain, |c| c.test_loss),
    metric("test_accuracy", "test accuracy", Unit::Share, |c| c.test_accuracy),
    metric("gradient_norm", "gradient ‖∇L‖", Unit::Plain, |c| Some(c.gradient_norm)),
    metric("preconditioned_eigenvalue", "preconditioned λ₁", Unit::Plain, |c| c.preconditioned_eigenvalue),
    metric("sharpness", "λ₁ that stability needs, preconditioned if so", Unit::Plain, |c| Some(c.sharpness)),
    metric("stability_threshold", "stability threshold", Unit::Plain, |c| c.stability_threshold),
    metric("stability", "that λ₁ ÷ threshold", Unit::Plain, |c| Some(c.sharpness / c.stability_threshold?)),
    metric("sharpness_before", "that λ₁ one step earlier", Unit::Plain, |c| c.sharpness_before),
    metric("stability_before", "that λ₁ ÷ threshold one step earlier", Unit::Plain, |c| {
        Some(c.sharpness_before? / c.stability_threshold_before?)
    }),
    metric("determined", "leading directions that are determined", Unit::Count, |c| {
        Some(c.determination.count() as f64)
    }),
    metric("participation", "parameters that carry v₁ (1/IPR)", Unit::Plain, |c| {
        Some(1.0 / c.leading_ipr.first()?.value()?)
    }),
    metric("gradient_share", "gradient in the leading subspace", Unit::Share, |c| c.gradient_share),
    metric("update_share", "update in the leading subspace", Unit::Share, |c| c.update_share),
    metric("trace", "tr H", Unit::Plain, |c| Some(c.trace)),
    metric("trace_standard_error", "standard error of tr H, an estimate", Unit::Plain, |c| c.trace_standard_error),
    metric("max_residual", "largest residual ‖Hv − λv‖", Unit::Plain, |c| Some(c.certificates.max_residual)),
    metric("trace_defect", "|tr H − Σλ|", Unit::Plain, |c| c.certificates.trace_defect.value()),
];

/// All numbers of single directions. The first measure of localization is the one that is shown unless another is chosen.
pub const DIRECTION_METRICS: [DirectionMetric; 3] = [
    DirectionMetric {
        name: "leading_eigenvalues",
        column: "eigenvalue",
        label: "λ",
        value: |c, rank| c.leading_eigenvalues.get(rank).copied(),
        localization: None,
    },
    DirectionMetric {
        name: "leading_ipr",
        column: "ipr",
        label: "IPR",
        value: |c, rank| c.leading_ipr.get(rank)?.value(),
        localization: Some(Localization {
            chance: (random_direction_ipr, "3/(P+2)"),
            is_ratio: true,
            null: Some(|bands| bands.mean_ipr),
        }),
    },
    DirectionMetric {
        name: "leading_participation_entropy",
        column: "participation_entropy",
        label: "participation entropy",
        value: |c, rank| c.leading_participation_entropy.get(rank)?.value(),
        localization: Some(Localization {
            chance: (random_direction_participation_entropy, "exp(ψ(P/2+1) − ψ(3/2))"),
            is_ratio: false,
            null: None,
        }),
    },
];

impl DirectionMetric {
    /// The measures of localization.
    pub fn of_localization() -> impl Iterator<Item = &'static DirectionMetric> {
        DIRECTION_METRICS.iter().filter(|metric| metric.localization.is_some())
    }

    /// The numbers of all k directions of a checkpoint.
    pub fn values(&self, checkpoint: &Checkpoint) -> Vec<Option<f64>> {
        (0..checkpoint.leading_eigenvalues.len()).map(|rank| (self.value)(checkpoint, rank)).collect()
    }

    /// The mean over those leading eigenvectors of a checkpoint that have the number; `None` where none has.
    pub fn mean(&self, checkpoint: &Checkpoint) -> Option<f64> {
        Measured::mean(self.values(checkpoint).into_iter().map(Measured::from)).value()
    }
}
