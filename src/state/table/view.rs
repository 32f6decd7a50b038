//! The fields of the view: how results are shown.

use super::{choices, count, field, or_all, real, text, zero};
use crate::displacement::Pairing;
use crate::experiment::{DirectionMetric, MAX_CHECKPOINTS};
use crate::null_model::NullKind;
use crate::state::choice::{Choice, plain};
use crate::state::field::{Field, Group, Kind, Value};
use crate::state::view::{
    Against, Curvature, Directions, Entries, ExportWidth, MOST_SEEDS, Measure, MemoryLimit, Play, RowOrder, SEEDS,
    Seeds, ShownNull, Speed,
};

/// The fields of the view, for a network of `layers` weight layers, `k` leading eigenvectors, and runs of these names.
pub fn view(layers: usize, k: usize, runs: &[&str]) -> Vec<Field> {
    let row = |key, label: &str, kind, default| field(Group::View, (key, ""), label, "", kind, default);
    let parts = [("full", "full H"), ("gn", "Gauss–Newton part"), ("residual", "residual part")];
    let mut blocks: Vec<(String, String)> = parts.map(|(name, label)| (name.into(), label.into())).into();
    blocks.extend((1..=layers).map(|l| (l.to_string(), format!("layer {l}"))));
    let mut nulls = vec![(ShownNull::BOTH.0.to_owned(), ShownNull::BOTH.1.to_owned())];
    nulls.extend(choices(&NullKind::ALL, |kind| plain(&kind)));
    let pairings = Pairing::ALL.iter().map(|pairing| (pairing.name().to_owned(), pairing.label().to_owned())).collect();
    let measures = DirectionMetric::of_localization().map(|m| (m.column.to_owned(), m.label.to_owned())).collect();
    let ranks = count(1.0, k.max(1) as f64, 1.0, k.max(1) as f64, false);
    let lags = or_all(count(1.0, MAX_CHECKPOINTS as f64, 1.0, 100.0, true), "a tenth of the run");
    let seeds = count(3.0, MOST_SEEDS as f64, 3.0, MOST_SEEDS as f64, true);
    let mut pairs = Vec::new();
    for a in runs {
        let others = runs.iter().filter(|b| *b != a);
        pairs.extend(others.map(|b| (format!("{a}{b}"), format!("{a} with {b}"))));
    }
    let first_pair = pairs.first().map_or("", |(name, _)| name).to_owned();
    let mut fields = vec![
        row("pair", "pair directions", Kind::Choice(pairings), text("subspace")),
        option::<Against>("against", "against"),
        row("null", "null model", Kind::Choice(nulls), text(ShownNull::BOTH.0)),
        row("localization", "measure", Kind::Choice(measures), text("ipr")),
        option::<Directions>("directions", "directions"),
        row("vector", "eigenvector", ranks, Value::Number(1.0)),
        row("along", "move θ along v", real(-1.0, 1.0, -1.0, 1.0, false), zero()),
        option::<Entries>("values", "entries"),
        option::<RowOrder>("rows", "rows"),
        option::<Curvature>("curvature", "quantity"),
        option::<Measure>("measure", "quantity"),
        row("block", "spectrum of", Kind::Choice(blocks), text("full")),
        row("lag", "lag in checkpoints", lags, Value::All),
        option::<Play>("play", "play in"),
        option::<Speed>("speed", "computed at"),
        option::<ExportWidth>("export", "picture width"),
        option::<MemoryLimit>("memory", "memory limit"),
        option::<Seeds>("curves", "curves of"),
        row("seeds", "seeds", seeds, Value::Number(SEEDS as f64)),
    ];
    if !pairs.is_empty() {
        fields.push(row("compare", "compare", Kind::Choice(pairs), Value::Text(first_pair)));
    }
    fields
}

/// The field of a closed choice; its first option is the default.
fn option<T: Choice>(key: &'static str, label: &str) -> Field {
    let options = T::ALL.iter().map(|option| (option.name().to_owned(), option.label().to_owned())).collect();
    field(Group::View, (key, ""), label, "", Kind::Choice(options), text(T::ALL[0].name()))
}
