//! A matrix packed for products: panels of four rows, interleaved over the inner index.

use std::ops::Range;

use crate::simd::dispatch;

/// Rows in a panel, and the edge of a register tile.
pub const PANEL: usize = 4;

/// Columns that go into panels together: written one by one, each of their panels' lines would be fetched anew.
const COLUMNS: usize = 8;

/// A matrix of `rows` × `depth`, four rows to a panel: entry (r, k) is at `(r / 4 * depth + k) * 4 + r % 4`; rows that
/// complete the last panel are zero.
#[derive(Debug, Clone, Default)]
pub struct Panels {
    rows: usize,
    depth: usize,
    /// Never shrinks, so that packing smaller matrices in between costs no filling.
    data: Vec<f64>,
    /// Up to four rows (4 × depth) or eight columns (8 × rows) on their way into panels; never shrinks either.
    waiting: Vec<f64>,
}

impl Panels {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Length of a row.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Packs one row per item of `rows`; `write` sets all `depth` entries of the row that it is given. Earlier contents
    /// are replaced, their memory is reused.
    pub fn pack<T>(&mut self, depth: usize, rows: impl IntoIterator<Item = T>, write: impl FnMut(T, &mut [f64])) {
        let rows = rows.into_iter();
        self.pack_rows(depth, rows.size_hint().0, &mut each(rows, write));
    }

    /// The same of at least so many rows, the next of which `write` sets as long as there are any. Compiled once for all callers.
    fn pack_rows(&mut self, depth: usize, least: usize, write: &mut dyn FnMut(&mut [f64]) -> bool) {
        self.rows = 0;
        self.depth = depth;
        grow(&mut self.waiting, PANEL * depth);
        let least = least.next_multiple_of(PANEL) * depth;
        // To the length that is known, and not by doubling: a kept factor is the largest part of some workspaces.
        self.data.reserve_exact(least.saturating_sub(self.data.len()));
        while write(&mut self.waiting[self.rows % PANEL * depth..][..depth]) {
            self.rows += 1;
            if self.rows.is_multiple_of(PANEL) {
                self.interleave((self.rows - PANEL) * depth);
            }
        }
        let last = self.rows % PANEL;
        if last > 0 {
            self.waiting[last * depth..PANEL * depth].fill(0.0);
            self.interleave((self.rows - last) * depth);
        }
    }

    /// Packs `rows` rows by their columns, one for each inner index; `write` sets all `rows` entries of the column that it
    /// is given. Earlier contents are replaced, their memory is reused.
    pub fn pack_columns<T>(
        &mut self,
        rows: usize,
        columns: impl ExactSizeIterator<Item = T>,
        write: impl FnMut(T, &mut [f64]),
    ) {
        self.pack_each_column(rows, columns.len(), &mut each(columns, write));
    }

    fn pack_each_column(&mut self, rows: usize, depth: usize, write: &mut dyn FnMut(&mut [f64]) -> bool) {
        let padded = rows.next_multiple_of(PANEL);
        self.rows = rows;
        self.depth = depth;
        grow(&mut self.waiting, COLUMNS * padded);
        if rows < padded {
            self.waiting[..COLUMNS * padded].fill(0.0);
        }
        grow(&mut self.data, padded * depth);
        for k in 0..depth {
            let line = k % COLUMNS;
            write(&mut self.waiting[line * padded..][..rows]);
            if line + 1 == COLUMNS || k + 1 == depth {
                self.spread(k - line..k + 1, padded);
            }
        }
    }

    /// Writes the waiting columns, of `padded` entries each, to the inner indices `span`.
    fn spread(&mut self, span: Range<usize>, padded: usize) {
        let (waiting, _) = self.waiting.as_chunks::<PANEL>();
        let (data, _) = self.data.as_chunks_mut::<PANEL>();
        let panels = padded / PANEL;
        for p in 0..panels {
            let target = &mut data[p * self.depth..][span.clone()];
            for (entries, source) in target.iter_mut().zip(waiting[p..].iter().step_by(panels)) {
                *entries = *source;
            }
        }
    }

    /// Appends the waiting rows as one panel, `used` being the room taken by those before it.
    fn interleave(&mut self, used: usize) {
        let end = used + PANEL * self.depth;
        grow(&mut self.data, end);
        interleave(&self.waiting[..PANEL * self.depth], self.depth, &mut self.data[used..end]);
    }

    /// The panel with that index: at each inner index the entries of its four rows.
    #[inline(always)]
    pub(super) fn panel(&self, index: usize) -> &[f64] {
        &self.data[index * PANEL * self.depth..][..PANEL * self.depth]
    }
}

/// The same of a matrix many of whose entries are 0: of a panel only the inner indices at which not all four rows are 0.
#[derive(Debug, Clone, Default)]
pub struct SparsePanels {
    rows: usize,
    depth: usize,
    /// Where each panel begins in `indices` and in `data`, and where the last one ends.
    starts: Vec<(usize, usize)>,
    /// Inner indices, ascending in each panel; none of a panel that has all of them. Never shrinks, nor do `data` and `waiting`.
    indices: Vec<u32>,
    /// The entries of the four rows at each of them.
    data: Vec<f64>,
    /// Four rows (4 × depth) on their way into a panel.
    waiting: Vec<f64>,
}

/// A panel of [`SparsePanels`].
#[derive(Clone, Copy)]
pub(super) struct SparsePanel<'a> {
    /// Inner indices; none where all of them are there.
    pub(super) indices: &'a [u32],
    /// The entries of the four rows at each of them.
    pub(super) entries: &'a [[f64; PANEL]],
}

impl SparsePanels {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Length of a row.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Numbers that are kept.
    pub(super) fn entries(&self) -> usize {
        self.end().1
    }

    /// Packs one row per item of `rows`; `write` sets all `depth` entries of the row that it is given. Earlier contents
    /// are replaced, their memory is reused.
    pub fn pack<T>(&mut self, depth: usize, rows: impl IntoIterator<Item = T>, write: impl FnMut(T, &mut [f64])) {
        self.pack_rows(depth, &mut each(rows.into_iter(), write));
    }

    fn pack_rows(&mut self, depth: usize, write: &mut dyn FnMut(&mut [f64]) -> bool) {
        (self.rows, self.depth) = (0, depth);
        self.starts.clear();
        self.starts.push((0, 0));
        grow(&mut self.waiting, PANEL * depth);
        while write(&mut self.waiting[self.rows % PANEL * depth..][..depth]) {
            self.rows += 1;
            if self.rows.is_multiple_of(PANEL) {
                self.append();
            }
        }
        let last = self.rows % PANEL;
        if last > 0 {
            self.waiting[last * depth..PANEL * depth].fill(0.0);
            self.append();
        }
    }

    /// Gives back the memory that is not used.
    pub fn shrink(&mut self) {
        let (indices, entries) = self.end();
        self.indices.truncate(indices);
        self.data.truncate(entries);
        self.indices.shrink_to_fit();
        self.data.shrink_to_fit();
        self.waiting = Vec::new();
    }

    fn end(&self) -> (usize, usize) {
        self.starts.last().copied().unwrap_or_default()
    }

    /// Appends the waiting rows as one panel.
    fn append(&mut self) {
        let depth = self.depth;
        let (first, used) = self.end();
        grow(&mut self.data, used + PANEL * depth);
        let (waiting, panel) = (&self.waiting[..PANEL * depth], &mut self.data[used..][..PANEL * depth]);
        interleave(waiting, depth, panel);
        if !has_zero_column(waiting, depth) {
            self.starts.push((first, used + PANEL * depth));
            return;
        }
        grow(&mut self.indices, first + depth);
        let (columns, _) = panel.as_chunks_mut::<PANEL>();
        let mut kept = 0;
        for k in 0..depth {
            let column = columns[k];
            columns[kept] = column;
            self.indices[first + kept] = k as u32;
            kept += usize::from(column != [0.0; PANEL]);
        }
        self.starts.push((first + kept, used + PANEL * kept));
    }

    /// The panel with that index.
    #[inline(always)]
    pub(super) fn panel(&self, index: usize) -> SparsePanel<'_> {
        let (first, last) = (self.starts[index], self.starts[index + 1]);
        SparsePanel { indices: &self.indices[first.0..last.0], entries: self.data[first.1..last.1].as_chunks().0 }
    }
}

/// Writes the next of `items` wherever it is called, as long as there are any: whether there was one.
fn each<T>(mut items: impl Iterator<Item = T>, mut write: impl FnMut(T, &mut [f64])) -> impl FnMut(&mut [f64]) -> bool {
    move |place| items.next().map(|item| write(item, place)).is_some()
}

/// Makes `numbers` at least `size` long.
fn grow<T: Copy + Default>(numbers: &mut Vec<T>, size: usize) {
    if numbers.len() < size {
        numbers.resize(size, T::default());
    }
}

/// Whether the rows that wait (4 × depth) are all 0 at some inner index.
#[inline]
fn has_zero_column(waiting: &[f64], depth: usize) -> bool {
    dispatch!(any_zero_column(waiting: &[f64], depth: usize) -> bool)
}

#[inline(always)]
fn any_zero_column(waiting: &[f64], depth: usize) -> bool {
    let (first, rest) = waiting.split_at(depth);
    let (second, rest) = rest.split_at(depth);
    let (third, fourth) = rest.split_at(depth);
    // Not `any`: without the early exit the loop runs in vector registers; a sum of magnitudes is 0 only where they are.
    let rows = first.iter().zip(second).zip(third).zip(fourth);
    rows.fold(false, |any, (((a, b), c), d)| any | (a.abs() + b.abs() + (c.abs() + d.abs()) == 0.0))
}

/// `panel` (depth × 4) ← the transpose of the rows that wait (4 × depth).
#[inline]
fn interleave(waiting: &[f64], depth: usize, panel: &mut [f64]) {
    dispatch!(transpose(waiting: &[f64], depth: usize, panel: &mut [f64]));
}

#[inline(always)]
fn transpose(waiting: &[f64], depth: usize, panel: &mut [f64]) {
    let (first, rest) = waiting.split_at(depth);
    let (second, rest) = rest.split_at(depth);
    let (third, fourth) = rest.split_at(depth);
    let (columns, _) = panel.as_chunks_mut::<PANEL>();
    for ((((column, &a), &b), &c), &d) in columns.iter_mut().zip(first).zip(second).zip(third).zip(fourth) {
        *column = [a, b, c, d];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(r: usize, k: usize) -> f64 {
        (r * 31 + k * 17) as f64
    }

    #[test]
    fn packing_by_columns_is_packing_by_rows() {
        let mut panels = Panels::default();
        panels.pack_columns(23, 0..31, |_, column| column.fill(f64::NAN));
        for (rows, depth) in [(1, 1), (4, 8), (7, 9), (12, 16), (6, 0), (5, 23)] {
            panels.pack_columns(rows, 0..depth, |k, column| {
                column.iter_mut().enumerate().for_each(|(r, x)| *x = entry(r, k));
            });
            let mut expected = Panels::default();
            expected.pack(depth, 0..rows, |r, row| row.iter_mut().enumerate().for_each(|(k, x)| *x = entry(r, k)));
            assert_eq!((panels.rows, panels.depth), (rows, depth));
            let size = rows.next_multiple_of(PANEL) * depth;
            assert_eq!(panels.data[..size], expected.data[..size], "{rows} × {depth}");
        }
    }
}
