//! C ← C + α A Bᵀ in register tiles.

use std::ops::Range;

use super::{PANEL, Panels, Tiles};
use crate::simd::dispatch;

/// 4 × 4 entries of C.
type Tile = [[f64; PANEL]; PANEL];

/// Panels of A that share what the first-level cache holds of B, where registers are wider than two numbers.
const SHARING: usize = 4;

/// [`multiply_add`](super::multiply_add) for some `rows` of A, from a multiple of four on; C begins with the first of them.
pub(super) fn add(alpha: f64, a: &Panels, rows: Range<usize>, b: &Panels, c: &mut [f64], stride: usize, tiles: Tiles) {
    dispatch!(add_tiles::<WIDTH>(
        alpha: f64, a: &Panels, rows: Range<usize>, b: &Panels, c: &mut [f64], stride: usize, tiles: Tiles,
    ));
}

/// [`multiply_add_two`](super::multiply_add_two).
pub(super) fn add_two(first: (&Panels, &Panels), second: (&Panels, &Panels), c: &mut [f64], stride: usize) {
    dispatch!(add_tiles_of_two(
        first: (&Panels, &Panels), second: (&Panels, &Panels), c: &mut [f64], stride: usize,
    ));
}

#[inline(always)]
fn add_tiles_of_two(first: (&Panels, &Panels), second: (&Panels, &Panels), c: &mut [f64], stride: usize) {
    let (height, width) = (first.0.rows(), first.1.rows());
    for i in (0..height).step_by(PANEL) {
        let left = [first.0.panel(i / PANEL), second.0.panel(i / PANEL)];
        for j in (0..width).step_by(PANEL) {
            let mut tile = [[0.0; PANEL]; PANEL];
            add_product(&mut tile, left[0], first.1.panel(j / PANEL));
            add_product(&mut tile, left[1], second.1.panel(j / PANEL));
            add_tile(1.0, &tile, c, stride, i..height, j..width);
        }
    }
}

#[inline(always)]
fn add_tiles<const WIDTH: usize>(
    alpha: f64,
    a: &Panels,
    rows: Range<usize>,
    b: &Panels,
    c: &mut [f64],
    stride: usize,
    tiles: Tiles,
) {
    match WIDTH {
        4 => return add_wide_tiles::<2>(alpha, a, rows, b, c, stride, tiles),
        8 => return add_wide_tiles::<4>(alpha, a, rows, b, c, stride, tiles),
        _ => {}
    }
    for i in rows.clone().step_by(PANEL) {
        let left = a.panel(i / PANEL);
        let first = if tiles == Tiles::Upper { i } else { 0 };
        for j in (first..b.rows()).step_by(PANEL) {
            let tile = tile_product(left, b.panel(j / PANEL));
            add_tile(alpha, &tile, c, stride, i - rows.start..rows.len(), j..b.rows());
        }
    }
}

/// Tiles of 4 × 4 T entries. Without fused multiply-add, two multiplications and two additions may begin in each cycle, and a
/// sum takes some cycles to come back: T panels of B next to each other make enough sums that do not wait for each other.
#[inline(always)]
fn add_wide_tiles<const T: usize>(
    alpha: f64,
    a: &Panels,
    rows: Range<usize>,
    b: &Panels,
    c: &mut [f64],
    stride: usize,
    tiles: Tiles,
) {
    for top in rows.clone().step_by(SHARING * PANEL) {
        let bottom = rows.end.min(top + SHARING * PANEL);
        let first = if tiles == Tiles::Upper { top } else { 0 };
        for left in (first..b.rows()).step_by(T * PANEL) {
            let right = b.rows().min(left + T * PANEL);
            for i in (top..bottom).step_by(PANEL) {
                let panel = a.panel(i / PANEL);
                let mut add = |tile: &Tile, j: usize| {
                    if tiles == Tiles::All || j >= i {
                        add_tile(alpha, tile, c, stride, i - rows.start..rows.len(), j..b.rows());
                    }
                };
                if right - left > (T - 1) * PANEL {
                    let panels = std::array::from_fn::<_, T, _>(|t| b.panel(left / PANEL + t));
                    let products = tile_products(panel, panels);
                    products.iter().enumerate().for_each(|(t, tile)| add(tile, left + t * PANEL));
                } else {
                    for j in (left..right).step_by(PANEL) {
                        add(&tile_product(panel, b.panel(j / PANEL)), j);
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

/// Σ_k a_k b_kᵀ over two panels.
#[inline(always)]
fn tile_product(a: &[f64], b: &[f64]) -> Tile {
    let mut tile = [[0.0; PANEL]; PANEL];
    add_product(&mut tile, a, b);
    tile
}

/// tile ← tile + Σ_k a_k b_kᵀ over two panels.
#[inline(always)]
fn add_product(tile: &mut Tile, a: &[f64], b: &[f64]) {
    let (a, _) = a.as_chunks::<PANEL>();
    let (b, _) = b.as_chunks::<PANEL>();
    for (a, b) in a.iter().zip(b) {
        for r in 0..PANEL {
            for s in 0..PANEL {
                tile[r][s] += a[r] * b[s];
            }
        }
    }
}

/// Σ_k a_k b_kᵀ over one panel of A and T of B.
#[inline(always)]
fn tile_products<const T: usize>(a: &[f64], b: [&[f64]; T]) -> [Tile; T] {
    let mut tiles = [[[0.0; PANEL]; PANEL]; T];
    let (a, _) = a.as_chunks::<PANEL>();
    let b = b.map(|b| &b.as_chunks::<PANEL>().0[..a.len()]);
    for (k, a) in a.iter().enumerate() {
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
