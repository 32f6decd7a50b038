//! The null models beside the runs.

use super::Scene;
use crate::null_model::NullBands;
use crate::state::RUN_NAMES;
use crate::view::Rgb;

/// The bands of the null model with name and colour: one in grey where it is the same for all runs, else each in the
/// colour of its run.
pub fn nulls<'a>(scene: &'a Scene) -> Vec<(&'a NullBands, String, Rgb)> {
    let muted = scene.palette().muted;
    let known = scene.runs.iter().enumerate().filter_map(|(index, run)| Some((index, run.null.as_ref()?)));
    let named = |(index, bands): (usize, &'a NullBands)| {
        let kind = serde_json::to_value(bands.kind).ok();
        let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or("").replace('_', " ");
        match bands.kind.needs_checkpoint() {
            true => (bands, format!("{kind}, {}", RUN_NAMES[index]), scene.color(index)),
            false => (bands, kind, muted),
        }
    };
    known.map(named).collect()
}
