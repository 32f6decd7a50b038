//! The table: every field of the page, from which come the controls, the links and the experiment.
//!
//! Which fields there are depends on the values of a few of them: a data set brings its own options and ranges, an
//! optimizer and a schedule bring theirs. A value that is not set is the field's default.

mod run;
mod view;

pub use run::{run, run_rule, run_schedule};
pub use view::view;

use super::choice::{name, named, plain};
use super::field::{Field, Group, Kind, Value};
use super::{OwnNetwork, OwnTable, Values};
use crate::activation::Activation;
use crate::curvature::SpectrumMode;
use crate::dataset::preparation::COMPONENTS;
use crate::dataset::{MAX_SAMPLES, Name, Own, Preparation, Range, TEST_SHARE};
use crate::experiment::{MAX_SEED, MAX_STEPS};
use crate::loss::LossFunction;
use crate::training::Scheme;
use serde::Serialize;

/// The data set of a visitor's own table.
pub const OWN_TABLE: &str = "csv";
/// The start that is a visitor's own network.
pub const OWN_NETWORK: &str = "file";
/// Keys of the fields that belong to an own table.
pub const OWN_FIELDS: [&str; 4] = ["label", "samples", "preparation", "components"];
/// The most rows of it that are used unless more are asked for.
pub const OWN_ROWS: usize = 10_000;
/// The most inputs that are taken as they are unless asked for: with more, principal components are.
const OWN_FEATURES: usize = 128;
/// The most principal components that the page offers.
const MOST_COMPONENTS: usize = 64;

/// The fields shared by all runs, in the page's order, given the visitor's table and network, if there are any.
pub fn setting(values: &Values, own_table: Option<&OwnTable>, own_network: Option<&OwnNetwork>) -> Vec<Field> {
    let is_own_start = own_network.is_some() && values.get("start") == Some(&text(OWN_NETWORK));
    let mut fields = data(values, own_table, is_own_start);
    fields.extend(network(own_network, is_own_start));
    fields.extend(training());
    fields.extend(hessian());
    fields
}

fn data(values: &Values, own_table: Option<&OwnTable>, is_own_start: bool) -> Vec<Field> {
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
    if own_table.is_some() {
        sets.push((OWN_TABLE.into(), "own data".into()));
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
        let read = own_table.and_then(|table| table.read.as_ref()).and_then(|(_, read)| read.as_ref().ok());
        fields.extend(own_data(values, read, is_own_start));
    }
    let kind = real(TEST_SHARE.min, TEST_SHARE.max, TEST_SHARE.min, TEST_SHARE.max, false);
    let help = "Samples set aside, never trained on.";
    fields.push(minor(row("test", "/test_share", "test share", help, kind, Value::Number(TEST_SHARE.default))));
    fields
}

/// The fields of the visitor's own data; before they are read, all that there can be. A trained network takes its inputs as it
/// was given them, so with one they stay as they are unless something else is asked for.
fn own_data(values: &Values, own: Option<&Own>, is_own_start: bool) -> Vec<Field> {
    let row = |key, path, label: &str, help, kind, default| field(Group::Data, (key, path), label, help, kind, default);
    let mut fields = Vec::new();
    if own.is_none_or(|own| !own.images) {
        let help = "The name or number of the column that holds the class; the last unless set.";
        fields.push(row("label", "/data/label_column", "label column", help, Kind::Text(100), text("")));
    }
    let rows = own.map_or(MAX_SAMPLES, |own| own.rows);
    let default = rows.min(OWN_ROWS);
    let kind = count(2.0, rows as f64, 2.0, rows as f64, rows > 200);
    let help = "Rows drawn at random by the seed; the others are left out.";
    fields.push(row("samples", "/data/samples", "samples", help, kind, Value::Number(default as f64)));
    let usual = match own {
        _ if is_own_start => Preparation::None,
        Some(own) if own.features > OWN_FEATURES => Preparation::PrincipalComponents,
        Some(own) if own.images => Preparation::None,
        _ => Preparation::Standardized,
    };
    let choice = choices(&Preparation::ALL, |preparation| plain(&preparation));
    fields.push(row("preparation", "/data/preparation", "preparation", "", Kind::Choice(choice), text(&name(&usual))));
    let is_projected = match values.get("preparation") {
        Some(Value::Text(chosen)) => *chosen == name(&Preparation::PrincipalComponents),
        _ => usual == Preparation::PrincipalComponents,
    };
    if is_projected || own.is_none() {
        let most = own.map_or(MOST_COMPONENTS, |own| own.features.min(MOST_COMPONENTS)) as f64;
        let kind = count(1.0, most, 1.0, most, false);
        let default = Value::Number(most.min(COMPONENTS as f64));
        fields.push(row("components", "/data/components", "components", "", kind, default));
    }
    fields
}

fn network(own: Option<&OwnNetwork>, is_own_start: bool) -> Vec<Field> {
    let row =
        |key, path, label: &str, help, kind, default| field(Group::Network, (key, path), label, help, kind, default);
    let activations = choices(&Activation::ALL, |a| plain(&a));
    let losses = choices(&LossFunction::ALL, |l| plain(&l));
    let mut schemes = choices(&Scheme::ALL, |s| match s {
        Scheme::Xavier => "Xavier".into(),
        Scheme::He => "He".into(),
        Scheme::LeCun => "LeCun".into(),
        other => plain(&other),
    });
    if let Some(own) = own {
        schemes.push((OWN_NETWORK.into(), own.name.clone()));
    }
    let mut fields = vec![
        row("hidden", "/hidden", "hidden layers", "", Kind::Widths, Value::Widths(vec![12, 12])),
        row("activation", "/activation", "activation", "", Kind::Choice(activations), text("tanh")),
        row("loss", "/loss_function", "loss", "", Kind::Choice(losses), text("cross_entropy")),
        minor(row("smoothing", "/label_smoothing", "label smoothing", "", real(0.0, 0.99, 0.0, 0.5, false), zero())),
    ];
    // Where there is a file the choice stands among the others; with it, null models of random weights are those of Xavier.
    let help = if own.is_some() { "With a file, null models of random weights are drawn as Xavier’s." } else { "" };
    let start = row("start", "/start/scheme", "start", help, Kind::Choice(schemes), text("xavier"));
    fields.push(Field { minor: own.is_none(), ..start });
    if !is_own_start {
        let scale = real(0.0, 100.0, 0.1, 10.0, true);
        fields.push(minor(row("scale", "/start/scale", "start scale", "", scale, Value::Number(1.0))));
    }
    fields
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
            or_all(count(1.0, MAX_SAMPLES as f64, 1.0, 512.0, true), "full"),
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
    let samples = or_all(count(1.0, MAX_SAMPLES as f64, 10.0, 2000.0, true), "all");
    let modes = choices(&SpectrumMode::ALL, |mode| match mode {
        SpectrumMode::Auto => "by size".into(),
        SpectrumMode::Full => "all eigenvalues".into(),
        SpectrumMode::Leading => "leading pairs".into(),
    });
    let help = "By size: up to 3000 parameters the matrix and all eigenvalues; beyond, the k leading pairs from products with H.";
    vec![
        row("spectrum", "/spectrum", "spectrum", help, Kind::Choice(modes), text("auto")),
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
