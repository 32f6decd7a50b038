//! C ← C + α A Bᵀ in register tiles.

use std::ops::Range;

use super::panels::SparsePanel;
use super::{PANEL, Panels, SparsePanels, Tiles};
use crate::simd::dispatch;

/// 4 × 4 entries of C.
type Tile = [[f64; PANEL]; PANEL];

/// Panels of A that share what the first-level cache holds of B.
const SHARING: usize = 4;

/// Numbers of B, a stripe of its rows, that all of A is multiplied with before the next: they stay in the second-level cache.
const STRIPE: usize = 1 << 15;

/// A and B of a product, packed.
type Factors<'a, A = Panels> = (&'a A, &'a Panels);

/// A packed A.
trait Packed {
    /// Four of its rows.
    type Panel<'a>: Panel
    where
        Self: 'a;

    /// The panel with that index.
    fn panel(&self, index: usize) -> Self::Panel<'_>;
}

impl Packed for Panels {
    type Panel<'a> = &'a [[f64; PANEL]];

    #[inline(always)]
    fn panel(&self, index: usize) -> Self::Panel<'_> {
        self.panel(index).as_chunks().0
    }
}

impl Packed for SparsePanels {
    type Panel<'a> = SparsePanel<'a>;

    #[inline(always)]
    fn panel(&self, index: usize) -> Self::Panel<'_> {
        self.panel(index)
    }
}

/// [`multiply_add`](super::multiply_add) for some `rows` of A, from a multiple of four on; C begins with the first of them.
pub(super) fn add(alpha: f64, factors: Factors, rows: Range<usize>, c: &mut [f64], stride: usize, tiles: Tiles) {
    dispatch!(add_tiles_of_one::<WIDTH>(
        alpha: f64, factors: Factors, rows: Range<usize>, c: &mut [f64], stride: usize, tiles: Tiles,
    ));
}

/// [`multiply_add_sparse`](super::multiply_add_sparse) for some `rows` of A, from a multiple of four on; C begins with the first
/// of them.
pub(super) fn add_sparse(factors: Factors<SparsePanels>, rows: Range<usize>, c: &mut [f64], stride: usize) {
    dispatch!(add_tiles_of_sparse::<WIDTH>(
        factors: Factors<SparsePanels>, rows: Range<usize>, c: &mut [f64], stride: usize,
    ));
}

/// [`multiply_add_two`](super::multiply_add_two).
pub(super) fn add_two(factors: [Factors; 2], c: &mut [f64], stride: usize) {
    dispatch!(add_tiles_of_two::<WIDTH>(factors: [Factors; 2], c: &mut [f64], stride: usize));
}

#[inline(always)]
fn add_tiles_of_one<const WIDTH: usize>(
    alpha: f64,
    factors: Factors,
    rows: Range<usize>,
    c: &mut [f64],
    stride: usize,
    tiles: Tiles,
) {
    add_tiles::<WIDTH, 1, _>(alpha, [factors], rows, c, stride, tiles);
}

#[inline(always)]
fn add_tiles_of_sparse<const WIDTH: usize>(
    factors: Factors<SparsePanels>,
    rows: Range<usize>,
    c: &mut [f64],
    stride: usize,
) {
    add_tiles::<WIDTH, 1, _>(1.0, [factors], rows, c, stride, Tiles::All);
}

#[inline(always)]
fn add_tiles_of_two<const WIDTH: usize>(factors: [Factors; 2], c: &mut [f64], stride: usize) {
    add_tiles::<WIDTH, 2, _>(1.0, factors, 0..factors[0].0.rows(), c, stride, Tiles::All);
}

/// Adds α Σ A Bᵀ over F products of the same shape.
#[inline(always)]
fn add_tiles<const WIDTH: usize, const F: usize, A: Packed>(
    alpha: f64,
    factors: [Factors<A>; F],
    rows: Range<usize>,
    c: &mut [f64],
    stride: usize,
    tiles: Tiles,
) {
    match WIDTH {
        4 => add_rows_of_tiles::<2, F, A>(alpha, factors, rows, c, stride, tiles),
        8 => add_rows_of_tiles::<4, F, A>(alpha, factors, rows, c, stride, tiles),
        _ => add_rows_of_tiles::<1, F, A>(alpha, factors, rows, c, stride, tiles),
    }
}

/// Adds tiles of 4 × 4 T entries. Two multiplications and two additions may begin in each cycle, and a sum takes some cycles to come
/// back: where registers are wide, T panels of B next to each other make enough sums that do not wait for each other.
#[inline(always)]
fn add_rows_of_tiles<const T: usize, const F: usize, A: Packed>(
    alpha: f64,
    factors: [Factors<A>; F],
    rows: Range<usize>,
    c: &mut [f64],
    stride: usize,
    tiles: Tiles,
) {
    let width = factors[0].1.rows();
    let depth: usize = factors.iter().map(|(_, b)| b.depth()).sum();
    let stripe = (STRIPE / depth.max(1)).max(1).next_multiple_of(T * PANEL);
    for start in (0..width).step_by(stripe) {
        let end = width.min(start + stripe);
        for top in rows.clone().step_by(SHARING * PANEL) {
            let bottom = rows.end.min(top + SHARING * PANEL);
            let first = if tiles == Tiles::Upper { start.max(top) } else { start };
            for left in (first..end).step_by(T * PANEL) {
                let right = width.min(left + T * PANEL);
                for i in (top..bottom).step_by(PANEL) {
                    let panels = factors.map(|(a, _)| a.panel(i / PANEL));
                    let below = i - rows.start..rows.len();
                    if T == 1 || right - left > (T - 1) * PANEL {
                        let mut products = [[[0.0; PANEL]; PANEL]; T];
                        for f in 0..F {
                            let b = std::array::from_fn::<_, T, _>(|t| factors[f].1.panel(left / PANEL + t));
                            products = panels[f].add_products(products, b);
                        }
                        for (t, tile) in products.iter().enumerate() {
                            let j = left + t * PANEL;
                            if tiles == Tiles::All || j >= i {
                                add_tile(alpha, tile, c, stride, below.clone(), j..width);
                            }
                        }
                    } else {
                        for j in (left..right).step_by(PANEL) {
                            let tile = tile_product(panels, factors.map(|(_, b)| b.panel(j / PANEL)));
                            if tiles == Tiles::All || j >= i {
                                add_tile(alpha, &tile, c, stride, below.clone(), j..width);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// C ← C + α `tile` in the first four of the given rows and columns, or as many as there are.
#[inline(always)]
fn add_tile(alpha: f64, tile: &Tile, c: &mut [f64], stride: usize, rows: Range<usize>, columns: Range<usize>) {
    let width = PANEL.min(columns.len());
    for (r, sums) in tile.iter().enumerate().take(rows.len()) {
        let row = &mut c[(rows.start + r) * stride + columns.start..][..width];
        if let Ok(row) = <&mut [f64; PANEL]>::try_from(&mut *row) {
            for s in 0..PANEL {
                row[s] += alpha * sums[s];
            }
        } else {
            row.iter_mut().zip(sums).for_each(|(entry, sum)| *entry += alpha * sum);
        }
    }
}

/// Σ_k a_k b_kᵀ over the panels of F products, one after the other. The sums go by value from one to the next: behind a
/// reference they are not kept in registers.
#[inline(always)]
fn tile_product<const F: usize, P: Panel>(a: [P; F], b: [&[f64]; F]) -> Tile {
    let mut tiles = [[[0.0; PANEL]; PANEL]];
    for f in 0..F {
        tiles = a[f].add_products(tiles, [b[f]]);
    }
    tiles[0]
}

/// Four rows of A. The loops are written out where they are: as a function of a reference to the sums, V8 runs them 7 % slower.
trait Panel: Copy {
    /// Each of T tiles + Σ_k a_k b_kᵀ with a panel of B of its own.
    fn add_products<const T: usize>(self, tiles: [Tile; T], b: [&[f64]; T]) -> [Tile; T];
}

impl Panel for &[[f64; PANEL]] {
    #[inline(always)]
    fn add_products<const T: usize>(self, mut tiles: [Tile; T], b: [&[f64]; T]) -> [Tile; T] {
        let b = b.map(|b| &b.as_chunks::<PANEL>().0[..self.len()]);
        for (k, a) in self.iter().enumerate() {
            for t in 0..T {
                for r in 0..PANEL {
                    for s in 0..PANEL {
                        tiles[t][r][s] += a[r] * b[t][k][s];
                    }
                }
            }
        }
        tiles
    }
}

impl Panel for SparsePanel<'_> {
    #[inline(always)]
    fn add_products<const T: usize>(self, mut tiles: [Tile; T], b: [&[f64]; T]) -> [Tile; T] {
        let columns = b.map(|b| b.as_chunks::<PANEL>().0);
        if self.indices.is_empty() {
            return self.entries.add_products(tiles, b);
        }
        for (a, &k) in self.entries.iter().zip(self.indices) {
            for t in 0..T {
                let b = &columns[t][k as usize];
                for r in 0..PANEL {
                    for s in 0..PANEL {
                        tiles[t][r][s] += a[r] * b[s];
                    }
                }
            }
        }
        tiles
    }
}
