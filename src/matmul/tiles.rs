//! C ← C + α A Bᵀ in register tiles of 4 × 4 T entries, for registers wider than two numbers.
//!
//! Without fused multiply-add, two multiplications and two additions may begin in each cycle, and a sum takes some cycles to
//! come back: T panels of B next to each other make enough sums that do not wait for each other. Each is over k in order.

use super::{PANEL, Panels, Tiles, add_tile};

/// Panels of A that share what the first-level cache holds of B.
const SHARING: usize = 4;

/// The loops of [`multiply_add`](super::multiply_add).
#[inline(always)]
pub(super) fn add_tiles<const T: usize>(
    alpha: f64,
    a: &Panels,
    b: &Panels,
    c: &mut [f64],
    stride: usize,
    tiles: Tiles,
) {
    for top in (0..a.rows).step_by(SHARING * PANEL) {
        let bottom = a.rows.min(top + SHARING * PANEL);
        let first = if tiles == Tiles::Upper { top } else { 0 };
        for left in (first..b.rows).step_by(T * PANEL) {
            let right = b.rows.min(left + T * PANEL);
            for i in (top..bottom).step_by(PANEL) {
                let panel = a.panel(i / PANEL);
                let mut add = |tile: &[[f64; PANEL]; PANEL], j: usize| {
                    if tiles == Tiles::All || j >= i {
                        add_tile(alpha, tile, c, stride, i..a.rows, j..b.rows);
                    }
                };
                if right - left > (T - 1) * PANEL {
                    let products = tile_products(panel, std::array::from_fn::<_, T, _>(|t| b.panel(left / PANEL + t)));
                    products.iter().enumerate().for_each(|(t, tile)| add(tile, left + t * PANEL));
                } else {
                    for j in (left..right).step_by(PANEL) {
                        let [tile] = tile_products(panel, [b.panel(j / PANEL)]);
                        add(&tile, j);
                    }
                }
            }
        }
    }
}

/// Σ_k a_k b_kᵀ over one panel of A and T of B.
#[inline(always)]
fn tile_products<const T: usize>(a: &[f64], b: [&[f64]; T]) -> [[[f64; PANEL]; PANEL]; T] {
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
