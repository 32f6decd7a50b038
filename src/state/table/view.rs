//! The fields of the view: how results are shown.

use super::{choices, count, field, plain, text};
use crate::null_model::NullKind;
use crate::state::field::{Field, Group, Kind, Value};

/// The fields of the view, for a network of `layers` weight layers and `k` leading eigenvectors.
pub fn view(layers: usize, k: usize) -> Vec<Field> {
    let row = |key, label: &str, help, kind, default| field(Group::View, (key, ""), label, help, kind, default);
    let choice = |options: &[(&str, &str)]| {
        Kind::Choice(options.iter().map(|&(name, label)| (name.to_owned(), label.to_owned())).collect())
    };
    let mut blocks = vec![("full".to_owned(), "full".to_owned())];
    blocks.extend((1..=layers).map(|l| (l.to_string(), format!("layer {l}"))));
    let nulls = choices(&NullKind::ALL, |kind| plain(&kind));
    vec![
        row(
            "pair",
            "pair directions",
            "",
            choice(&[("rank", "by rank"), ("tracked", "tracked"), ("subspace", "subspace")]),
            text("rank"),
        ),
        row("against", "against", "", choice(&[("step", "step"), ("loss", "training loss")]), text("step")),
        row("null", "null model", "", Kind::Choice(nulls), text("random_weights")),
        row("vector", "eigenvector", "", count(1.0, k.max(1) as f64, 1.0, k.max(1) as f64, false), Value::Number(1.0)),
        row("values", "entries", "", choice(&[("squared", "v²"), ("signed", "v")]), text("squared")),
        row("curvature", "quantity", "", choice(&[("lambda", "λ"), ("stability", "λ ÷ threshold")]), text("lambda")),
        row("measure", "quantity", "", choice(&[("loss", "loss"), ("accuracy", "accuracy")]), text("loss")),
        row("block", "spectrum of", "", Kind::Choice(blocks), text("full")),
        row(
            "speed",
            "speed",
            "",
            choice(&[
                ("max", "full speed"),
                ("10", "10 checkpoints/s"),
                ("3", "3 checkpoints/s"),
                ("1", "1 checkpoint/s"),
            ]),
            text("max"),
        ),
    ]
}
