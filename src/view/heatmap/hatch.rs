//! Hatching of cells whose time has come and whose value is not determined.

use super::super::{Drawing, Rect};

/// From line to line along x, CSS pixels.
const PERIOD: f64 = 6.0;

/// Hatches the cells of a matrix over `rect` that are marked, row by row from the top, `columns` in each.
pub fn draw(drawing: &mut Drawing, rect: Rect, marked: &[bool], columns: usize) {
    let rows = marked.len() / columns.max(1);
    let x = |c: usize| rect.x0 + rect.width() * c as f64 / columns as f64;
    let y = |r: usize| rect.y0 + rect.height() * r as f64 / rows as f64;
    // (first column, end, first row) of blocks that reach down to the present row.
    let mut open: Vec<(usize, usize, usize)> = Vec::new();
    for row in 0..=rows {
        let mut runs = Vec::new();
        let cells = marked.get(row * columns..(row + 1) * columns).unwrap_or(&[]);
        let mut begin = 0;
        for run in cells.chunk_by(|a, b| a == b) {
            if run[0] {
                runs.push((begin, begin + run.len()));
            }
            begin += run.len();
        }
        open.retain(|&(a, b, first)| {
            let goes_on = runs.contains(&(a, b));
            if goes_on {
                runs.retain(|run| *run != (a, b));
            } else {
                lines(drawing, Rect { x0: x(a), x1: x(b), y0: y(first), y1: y(row) });
            }
            goes_on
        });
        open.extend(runs.into_iter().map(|(a, b)| (a, b, row)));
    }
}

/// Lines x + y = constant through a block; the constants are the same for all blocks, so that lines go on in the next.
fn lines(drawing: &mut Drawing, block: Rect) {
    let period = PERIOD * drawing.scale;
    let (first, last) = ((block.x0 + block.y0) / period, (block.x1 + block.y1) / period);
    let color = drawing.palette.muted;
    for i in first.ceil() as i64..=last.floor() as i64 {
        let sum = i as f64 * period;
        let line = [(sum - block.y0, block.y0), (sum - block.y1, block.y1)];
        drawing.line(&line, block, 1.0, (color, 0.7), &[]);
    }
}
