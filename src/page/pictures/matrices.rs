//! Matrices over training time: the overlap of leading subspaces at two times, and one eigenvector's entries.

use super::{Scene, ShownRun, parameter_names};
use crate::displacement::Pairing;
use crate::experiment::Checkpoint;
use crate::page::direction;
use crate::state::view::Entries;
use crate::view::heatmap::{ColorScale, Heatmap, Panel, Rows};
use std::rc::Rc;

/// Most columns of a matrix: more would fall between pixels.
const COLUMNS: usize = 256;

/// Q_k(t, t′) of every run.
pub fn overlap(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let panels = panels(scene, |checkpoints| {
        let entry = |s: usize, t: usize| {
            let row = checkpoints.get(s.max(t)).map(|c| &c.two_time.subspace_overlap);
            row.and_then(|row| row.get(s.min(t))?.value()).unwrap_or(f64::NAN)
        };
        columns.iter().flat_map(|&s| columns.iter().map(move |&t| entry(s, t))).collect()
    });
    Heatmap {
        title: "Two-time overlap".into(),
        quantity: "Q".into(),
        rows: Rows::Times,
        panels,
        color_scale: ColorScale::Linear,
        max: Some(1.0),
        ..over_time(scene, &columns)
    }
}

/// The entries of one leading eigenvector, grouped by layer.
pub fn eigenvector(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let rank = scene.view.rank - 1;
    let tracked = scene.view.pairing == Pairing::Tracked;
    let signed = scene.view.entries == Entries::Signed;
    let started = scene.runs.iter().find_map(|run| run.results.started.as_ref());
    let groups = started.map_or(Vec::new(), |s| s.groups.iter().map(|g| (g.name.clone(), g.range.len())).collect());
    let rows: usize = groups.iter().map(|(_, count)| count).sum();
    let panels = panels(scene, |checkpoints| {
        let mut values = vec![f64::NAN; rows * columns.len()];
        let mut before: Option<Vec<f64>> = None;
        for (column, &index) in columns.iter().enumerate() {
            let Some(vector) = checkpoints.get(index).and_then(|c| direction::vector(c, &scene.view)) else { continue };
            // Eigenvectors have no sign of their own: each is turned to the side of the one before.
            let product = before.as_ref().map_or(1.0, |b| b.iter().zip(vector).map(|(x, y)| x * y).sum());
            let sign = if product < 0.0 { -1.0 } else { 1.0 };
            let vector: Vec<f64> = vector.iter().map(|x| sign * x).collect();
            for (row, x) in vector.iter().enumerate().take(rows) {
                values[row * columns.len() + column] = if signed { *x } else { x * x };
            }
            before = Some(vector);
        }
        values
    });
    let (quantity, color_scale) = if signed { ("v", ColorScale::Signed) } else { ("v²", ColorScale::SquareRoot) };
    let which = if tracked { "tracked from rank" } else { "rank" };
    Heatmap {
        title: format!("Eigenvector, {which} {}", rank + 1),
        quantity: quantity.into(),
        rows: Rows::Groups(groups),
        row_names: started.map_or(Vec::new(), parameter_names),
        panels,
        color_scale,
        ..over_time(scene, &columns)
    }
}

fn panels(scene: &Scene, values: impl Fn(&[Rc<Checkpoint>]) -> Vec<f64>) -> Vec<Panel> {
    let panel = |run: &ShownRun| Panel { name: run.name.clone(), color: run.color, values: values(run.checkpoints) };
    scene.runs.iter().map(panel).collect()
}

/// A matrix without rows over the steps of some checkpoints.
fn over_time(scene: &Scene, columns: &[usize]) -> Heatmap {
    let all = scene.times();
    let times = columns.iter().filter_map(|&index| all.get(index)).map(|&step| step as f64).collect();
    Heatmap { time: "step".into(), times, ..Heatmap::default() }
}
