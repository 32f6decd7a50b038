//! Matrices over training time: the overlap of leading subspaces at two times, and one eigenvector's entries.

use super::Scene;
use crate::experiment::Checkpoint;
use crate::state::Scope;
use crate::view::heatmap::{ColorScale, Heatmap, Panel, Rows};

/// Most columns of a matrix: more would fall between pixels.
const COLUMNS: usize = 256;

/// Q_k(t, t′) of every run.
pub fn overlap(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let panels = panels(scene, |checkpoints| {
        let entry = |s: usize, t: usize| {
            let row = checkpoints.get(s.max(t)).map(|c| &c.two_time.subspace_overlap);
            row.and_then(|row| row.get(s.min(t))).copied().unwrap_or(f64::NAN)
        };
        columns.iter().flat_map(|&s| columns.iter().map(move |&t| entry(s, t))).collect()
    });
    heatmap(scene, "Two-time overlap", "Q", &columns, Rows::Times, panels, ColorScale::Linear, Some(1.0))
}

/// The entries of one leading eigenvector, grouped by layer.
pub fn eigenvector(scene: &Scene) -> Heatmap {
    let columns = scene.columns(COLUMNS);
    let rank = scene.state.number(Scope::View, "vector").map_or(0, |x| x as usize - 1);
    let tracked = scene.state.text(Scope::View, "pair") == "tracked";
    let signed = scene.state.text(Scope::View, "values") == "signed";
    let started = scene.runs.iter().find_map(|run| run.started.as_ref());
    let groups = started.map_or(Vec::new(), |s| s.groups.iter().map(|g| (g.name.clone(), g.range.len())).collect());
    let rows: usize = groups.iter().map(|(_, count)| count).sum();
    let panels = panels(scene, |checkpoints| {
        let mut values = vec![f64::NAN; rows * columns.len()];
        let mut before: Option<Vec<f64>> = None;
        for (column, &index) in columns.iter().enumerate() {
            let Some(vector) = checkpoints.get(index).and_then(|c| direction(c, rank, tracked)) else { continue };
            // Eigenvectors have no sign of their own: each is turned to the side of the one before.
            let dot = before.as_ref().map_or(1.0, |b| b.iter().zip(vector).map(|(x, y)| x * y).sum());
            let sign = if dot < 0.0 { -1.0 } else { 1.0 };
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
    let title = format!("Eigenvector, {which} {}", rank + 1);
    heatmap(scene, &title, quantity, &columns, Rows::Groups(groups), panels, color_scale, None)
}

fn direction(checkpoint: &Checkpoint, rank: usize, tracked: bool) -> Option<&Vec<f64>> {
    let rank = if tracked { *checkpoint.two_time.track.get(rank)? } else { rank };
    checkpoint.leading_eigenvectors.get(rank)
}

fn panels(scene: &Scene, values: impl Fn(&[Checkpoint]) -> Vec<f64>) -> Vec<Panel> {
    let panel = |(index, run): (usize, &super::RunResults)| Panel {
        name: scene.name(index),
        color: scene.color(index),
        values: values(&run.checkpoints),
    };
    scene.runs.iter().enumerate().map(panel).collect()
}

#[allow(clippy::too_many_arguments)]
fn heatmap(
    scene: &Scene,
    title: &str,
    quantity: &str,
    columns: &[usize],
    rows: Rows,
    panels: Vec<Panel>,
    color_scale: ColorScale,
    max: Option<f64>,
) -> Heatmap {
    let all = scene.times();
    Heatmap {
        title: title.into(),
        quantity: quantity.into(),
        time: "step".into(),
        times: columns.iter().filter_map(|&i| all.get(i)).map(|&step| step as f64).collect(),
        rows,
        panels,
        color_scale,
        max,
        ..Heatmap::default()
    }
}
