//! What stands under the pointer on the plane and on the loss along a direction.

use super::{ReadoutLine, line};
use crate::view::Layout;
use crate::view::landscape::Landscape;
use crate::view::number::{signed, significant};

/// The class at the place under the pointer, or the loss at the nearest s.
pub(super) fn readout(data: &Landscape, layout: &Layout, (px, py): (f64, f64)) -> Vec<ReadoutLine> {
    let Some(index) = layout.plots.iter().position(|plot| plot.rect.contains(px, py)) else { return Vec::new() };
    let (plots, plot) = (if data.planar { 2 } else { 1 }, &layout.plots[index]);
    let Some(panel) = data.panels.get(index / plots) else { return Vec::new() };
    let mut lines = vec![line(&panel.name, String::new(), panel.color)];
    if data.planar && index % plots == 0 {
        let grid = panel.plane.as_ref().and_then(|plane| plane.class_grid.as_ref());
        let (Some(grid), Some(x), Some(y)) = (grid, plot.x.at(px), plot.y.at(py)) else { return Vec::new() };
        let cell = |share: f64, count: usize| ((share * count as f64) as usize).min(count.saturating_sub(1));
        let row = cell((py - plot.rect.y0) / plot.rect.height(), grid.rows);
        let column = cell((px - plot.rect.x0) / plot.rect.width(), grid.columns);
        let Some((class, sure)) = grid.cells.get(row * grid.columns + column) else { return Vec::new() };
        let name = data.classes.get(*class).cloned().unwrap_or_else(|| (class + 1).to_string());
        lines.push(line("input", format!("{}, {}", significant(x, 3), significant(y, 3)), None));
        lines.push(line("class", format!("{name}, {:.0} % sure", 100.0 * sure), None));
        return lines;
    }
    let Some(x) = plot.x.at(px) else { return Vec::new() };
    let nearest = panel.loss.iter().zip(&panel.parabola);
    let nearest = nearest.min_by(|a, b| (a.0.0 - x).abs().total_cmp(&(b.0.0 - x).abs()));
    let Some((loss, parabola)) = nearest else { return Vec::new() };
    let text = |y: f64| if y.is_finite() { significant(y, 4) } else { "not finite".into() };
    lines.push(line("s", signed(loss.0), None));
    lines.push(line("loss", text(loss.1), panel.color));
    lines.push(line("L + ½ λ s²", text(parabola.1), None));
    lines.extend(panel.slope.map(|slope| line("slope gᵀv at 0", significant(slope, 3), None)));
    lines
}
