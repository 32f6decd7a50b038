//! The table: every field of the page, from which come the controls, the links and the experiment.
//!
//! Which fields there are depends on the values of a few of them: a data set brings its own options and ranges, an
//! optimizer and a schedule bring theirs. A value that is not set is the field's default.

mod run;
mod view;

pub use run::{run, run_rule, run_schedule};
pub use view::view;

use super::Values;
use super::choice::{name, named, plain};
use super::field::{Field, Group, Kind, Value};
use crate::activation::Activation;
use crate::dataset::{Name, Range, TEST_SHARE};
use crate::experiment::{MAX_SEED, MAX_STEPS};
use crate::loss::LossFunction;
use crate::training::Scheme;
use serde::Serialize;

/// The data set of a visitor's own table.
pub const OWN_TABLE: &str = "csv";

/// The fields shared by all runs, in the page's order. `own_table`: whether a visitor's table is there.
pub fn setting(values: &Values, own_table: bool) -> Vec<Field> {
    let mut fields = data(values, own_table);
    fields.extend(network());
    fields.extend(training());
    fields.extend(hessian());
    fields
}

fn data(values: &Values, own_table: bool) -> Vec<Field> {
    let row = |key, path, label: &str, help, kind, default| field(Group::Data, (key, path), label, help, kind, default);
    // Below a thumbnail there is room for one short word.
    let mut sets = choices(&Name::ALL, |name| match name {
        Name::Blobs => "blobs".into(),
        Name::Checkerboard => "checker".into(),
        Name::Teacher => "teacher".into(),
        Name::Digits => "digits".into(),
        Name::DigitsSmall => "4×4".into(),
        Name::BreastCancer => "cancer".into(),
        other => other.label().to_owned(),
    });
    if own_table {
        sets.push((OWN_TABLE.into(), "own table".into()));
    }
    let mut fields = vec![row("data", "/data/name", "data set", "", Kind::Choice(sets), text("spirals"))];
    let name = match values.get("data") {
        Some(Value::Text(chosen)) if chosen == OWN_TABLE => None,
        Some(Value::Text(chosen)) => named(chosen),
        _ => Some(Name::Spirals),
    };
    if let Some(name) = name {
        let limits = name.limits();
        let whole = |r: Range<usize>| {
            let (min, max) = (r.min as f64, r.max as f64);
            (count(min, max, min, max.min(2000.0), max > 200.0), Value::Number(r.default as f64))
        };
        let (kind, default) = whole(limits.samples);
        fields.push(row("samples", "/data/samples", "samples", "", kind, default));
        if let Some(r) = limits.noise {
            let kind = real(r.min, r.max, r.min, (4.0 * r.default).min(r.max), false);
            fields.push(row("noise", "/data/noise", "noise", "", kind, Value::Number(r.default)));
        }
        for (key, path, label, range) in [
            ("features", "/data/features", "inputs", limits.features),
            ("classes", "/data/classes", "classes", limits.classes),
            ("teacher", "/data/hidden", "teacher's hidden units", limits.hidden),
        ] {
            if let Some((kind, default)) = range.map(whole) {
                fields.push(row(key, path, label, "", kind, default));
            }
        }
    } else {
        let help = "The name or number of the column that holds the class; the last unless set.";
        fields.push(row("label", "/data/label_column", "label column", help, Kind::Text(100), text("")));
    }
    let kind = real(TEST_SHARE.min, TEST_SHARE.max, TEST_SHARE.min, TEST_SHARE.max, false);
    let help = "Samples set aside, never trained on.";
    fields.push(minor(row("test", "/test_share", "test share", help, kind, Value::Number(TEST_SHARE.default))));
    fields
}

fn network() -> Vec<Field> {
    let row =
        |key, path, label: &str, help, kind, default| field(Group::Network, (key, path), label, help, kind, default);
    let activations = choices(&Activation::ALL, |a| plain(&a));
    let losses = choices(&LossFunction::ALL, |l| plain(&l));
    let schemes = choices(&Scheme::ALL, |s| match s {
        Scheme::Xavier => "Xavier".into(),
        Scheme::He => "He".into(),
        Scheme::LeCun => "LeCun".into(),
        other => plain(&other),
    });
    vec![
        row("hidden", "/hidden", "hidden layers", "", Kind::Widths, Value::Widths(vec![12, 12])),
        row("activation", "/activation", "activation", "", Kind::Choice(activations), text("tanh")),
        row("loss", "/loss_function", "loss", "", Kind::Choice(losses), text("cross_entropy")),
        minor(row("smoothing", "/label_smoothing", "label smoothing", "", real(0.0, 0.99, 0.0, 0.5, false), zero())),
        minor(row("start", "/start/scheme", "start", "", Kind::Choice(schemes), text("xavier"))),
        minor(row("scale", "/start/scale", "start scale", "", real(0.0, 100.0, 0.1, 10.0, true), Value::Number(1.0))),
    ]
}

fn training() -> Vec<Field> {
    let row =
        |key, path, label: &str, help, kind, default| field(Group::Training, (key, path), label, help, kind, default);
    let spacing = vec![("linear".into(), "linear".into()), ("logarithmic".into(), "logarithmic".into())];
    let most = MAX_STEPS as f64;
    let seed = count(0.0, MAX_SEED as f64, 0.0, 99.0, false);
    let own = or_all(seed.clone(), "shared");
    vec![
        row(
            "batch",
            "/batch_size",
            "batch size",
            "",
            or_all(count(1.0, 20_000.0, 1.0, 512.0, true), "full"),
            whole(32),
        ),
        row("steps", "/steps", "steps", "", count(1.0, most, 100.0, 20_000.0, true), whole(2000)),
        row("every", "/checkpoint_every", "checkpoint every", "", count(1.0, most, 5.0, 500.0, true), whole(50)),
        minor(row("spacing", "/checkpoint_spacing", "checkpoint spacing", "", Kind::Choice(spacing), text("linear"))),
        row("seed", "/seed", "seed", "Decides data, start and batches.", seed, whole(1)),
        minor(row("seed_data", "/seeds/data", "seed of the data", "", own.clone(), Value::All)),
        minor(row("seed_start", "/seeds/start", "seed of the start", "", own.clone(), Value::All)),
        minor(row("seed_batches", "/seeds/batches", "seed of the batches", "", own, Value::All)),
    ]
}

fn hessian() -> Vec<Field> {
    let row =
        |key, path, label: &str, help, kind, default| field(Group::Hessian, (key, path), label, help, kind, default);
    let order = vec![("algebraic".into(), "largest λ".into()), ("magnitude".into(), "largest |λ|".into())];
    let samples = or_all(count(1.0, 20_000.0, 10.0, 2000.0, true), "all");
    vec![
        row("k", "/leading", "leading eigenvectors k", "", count(1.0, 50.0, 1.0, 20.0, false), whole(5)),
        minor(row("order", "/leading_order", "leading means", "", Kind::Choice(order), text("algebraic"))),
        minor(row("hessian", "/hessian_samples", "Hessian on samples", "", samples, Value::All)),
    ]
}

fn field(
    group: Group,
    names: (&'static str, &str),
    label: &str,
    help: &'static str,
    kind: Kind,
    default: Value,
) -> Field {
    Field { key: names.0, path: names.1.into(), label: label.into(), help, group, kind, default, minor: false }
}

/// A field whose control stands under “More”.
fn minor(field: Field) -> Field {
    Field { minor: true, ..field }
}

fn count(min: f64, max: f64, low: f64, high: f64, logarithmic: bool) -> Kind {
    Kind::Number { min, max, low, high, logarithmic, whole: true, all: None }
}

fn real(min: f64, max: f64, low: f64, high: f64, logarithmic: bool) -> Kind {
    Kind::Number { min, max, low, high, logarithmic, whole: false, all: None }
}

/// The same number, or all there are.
fn or_all(kind: Kind, word: &'static str) -> Kind {
    match kind {
        Kind::Number { min, max, low, high, logarithmic, whole, .. } => {
            Kind::Number { min, max, low, high, logarithmic, whole, all: Some(word) }
        }
        other => other,
    }
}

fn whole(x: u32) -> Value {
    Value::Number(f64::from(x))
}

fn text(name: &str) -> Value {
    Value::Text(name.into())
}

fn zero() -> Value {
    Value::Number(0.0)
}

fn choices<T: Serialize + Copy>(all: &[T], label: impl Fn(T) -> String) -> Vec<(String, String)> {
    all.iter().map(|&value| (name(&value), label(value))).collect()
}
