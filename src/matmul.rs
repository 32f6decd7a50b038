//! Dense products: the dot product aᵀb, and the one matrix product that has to be fast, C ← C + α A Bᵀ.
//!
//! A and B are first packed into [`Panels`] of four rows, interleaved over the inner index k. A tile of 4 × 4 entries of
//! C then needs, per k, four numbers of either panel, all adjacent, and stays in registers while k runs. Two-lane SIMD
//! (wasm `simd128`, SSE2) holds it in eight registers; larger tiles spill in V8 and measure slower, and so does
//! unrolling over k.
//!
//! Every entry of C sums its terms in the order of k, whatever the vectors' width, without fused multiply-add: native and
//! wasm give the same bits.

mod panels;
mod tiles;

use std::ops::Range;

use crate::threads;
pub use panels::{PANEL, Panels, SparsePanels};

/// Partial sums of a dot product: as many as keep four registers of two lanes busy.
const PARTIAL_SUMS: usize = 8;

/// aᵀb over the shorter length.
///
/// Σ_i a_i b_i is taken in eight partial sums, i modulo 8, which are then added in order, and last what remains after the
/// multiples of eight: this order is fixed, so that the compiler may use vector registers and the bits are the same on
/// every machine. Below eight entries it is the plain sum from left to right.
// In wasm never inlined, nor compiled with the crate that calls it, which may be compiled for size.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a8, a_rest) = a[..n].as_chunks::<PARTIAL_SUMS>();
    let (b8, b_rest) = b[..n].as_chunks::<PARTIAL_SUMS>();
    let mut sums = [0.0; PARTIAL_SUMS];
    for (a, b) in a8.iter().zip(b8) {
        for i in 0..PARTIAL_SUMS {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Which register tiles of C are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tiles {
    /// All of C.
    All,
    /// The 4 × 4 tiles on and above the diagonal: every entry (i, j) with i ≤ j, and those below the diagonal that share
    /// a tile with it. For symmetric C.
    Upper,
}

/// Multiplications in a part of a product that is worth a thread: some tens of microseconds.
const PART: usize = 1 << 20;

/// C ← C + α A Bᵀ, with A (M × K) and B (Q × K) packed and C (M × Q) row-major, its rows `stride` apart.
///
/// α is meant to be 1 or −1. B should be the smaller factor: A is read once for each stripe of B that fits in the second-level
/// cache. Rows of C are shared out over the threads that the caller has.
///
/// # Panics
/// If the depths differ or C is too small.
pub fn multiply_add(alpha: f64, a: &Panels, b: &Panels, c: &mut [f64], stride: usize, tiles: Tiles) {
    let (height, depth) = (a.rows(), a.depth());
    check((height, depth), b, c, stride);
    share(height, height * b.rows() * depth, c, stride, |rows, c| {
        tiles::add(alpha, (a, b), rows, c, stride, tiles);
    });
}

/// C ← C + A Bᵀ as [`multiply_add`] has it, where many entries of A are 0: what they are multiplied with is taken to be
/// finite, and then every entry of C is the same to the last bit.
///
/// # Panics
/// If the depths differ or C is too small.
pub fn multiply_add_sparse(a: &SparsePanels, b: &Panels, c: &mut [f64], stride: usize) {
    let height = a.rows();
    check((height, a.depth()), b, c, stride);
    share(height, a.entries() * b.rows(), c, stride, |rows, c| tiles::add_sparse((a, b), rows, c, stride));
}

/// Calls `add` with stretches of the `height` rows of C, on as many threads as so many multiplications are worth.
fn share(
    height: usize,
    multiplications: usize,
    c: &mut [f64],
    stride: usize,
    add: impl Fn(Range<usize>, &mut [f64]) + Sync + Send,
) {
    let parts = (multiplications / PART).min(4 * threads::count());
    if threads::count() == 1 || parts < 2 {
        return add(0..height, c);
    }
    // Parts of C have no entry in common.
    let stretch = height.div_ceil(parts).next_multiple_of(4 * PANEL);
    threads::for_each_stretch(c, stretch * stride, |part, c| {
        add((part * stretch).min(height)..((part + 1) * stretch).min(height), c);
    });
}

/// C ← C + A Bᵀ + A′ B′ᵀ, both factors as for [`multiply_add`]: C is read and written once, and a register tile sums over
/// both depths.
///
/// # Panics
/// As [`multiply_add`], or if the two products differ in shape.
pub fn multiply_add_two(first: (&Panels, &Panels), second: (&Panels, &Panels), c: &mut [f64], stride: usize) {
    assert!((first.0.rows(), first.1.rows()) == (second.0.rows(), second.1.rows()), "the products differ in shape");
    check((first.0.rows(), first.0.depth()), first.1, c, stride);
    check((second.0.rows(), second.0.depth()), second.1, c, stride);
    tiles::add_two([first, second], c, stride);
}

fn check((height, depth): (usize, usize), b: &Panels, c: &[f64], stride: usize) {
    let width = b.rows();
    assert_eq!(depth, b.depth(), "A and B differ in depth");
    assert!(stride >= width, "the stride of C is shorter than its rows");
    assert!(height == 0 || width == 0 || c.len() >= (height - 1) * stride + width, "C is too small");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integers: sums of products are exact in f64, so the comparison is too.
    fn entry(seed: usize, r: usize, k: usize) -> f64 {
        ((r * 31 + k * 17 + seed * 7) % 13) as f64 - 6.0
    }

    fn packed(seed: usize, rows: usize, depth: usize) -> Panels {
        let mut panels = Panels::default();
        // A larger matrix first: its leftovers must not show.
        panels.pack(depth + 3, 0..rows + 9, |_, row| row.fill(f64::NAN));
        panels.pack(depth, 0..rows, |r, row| row.iter_mut().enumerate().for_each(|(k, x)| *x = entry(seed, r, k)));
        panels
    }

    /// Σ i² = n (n + 1)(2n + 1)/6, exact for small n, across all remainders; the longer vector's rest does not count.
    #[test]
    fn dot_products_are_sums_of_squares() {
        let numbers: Vec<f64> = (1..=40).map(f64::from).collect();
        for n in 0..=40 {
            assert_eq!(dot(&numbers[..n], &numbers), (n * (n + 1) * (2 * n + 1) / 6) as f64);
        }
    }

    #[test]
    fn equals_the_triple_loop_for_all_remainders() {
        let shapes = [(1, 1, 1), (4, 4, 5), (3, 7, 8), (9, 5, 16), (8, 12, 3), (6, 6, 0), (13, 2, 31)];
        // Those are one stripe of B, this is some.
        for (m, q, k) in shapes.into_iter().chain([(21, 43, 3001)]) {
            for alpha in [1.0, -1.0] {
                let (a, b) = (packed(1, m, k), packed(2, q, k));
                let stride = q + 3;
                let mut c = vec![0.5; m * stride];
                multiply_add(alpha, &a, &b, &mut c, stride, Tiles::All);
                for i in 0..m {
                    for j in 0..stride {
                        let sum: f64 = (0..k).map(|k| entry(1, i, k) * entry(2, j, k)).sum();
                        let expected = if j < q { 0.5 + alpha * sum } else { 0.5 };
                        assert_eq!(c[i * stride + j], expected, "{m} {q} {k}: ({i}, {j})");
                    }
                }
            }
        }
    }

    /// Rows without and with zeros, whole panels of zeros among them; numbers whose sums round.
    #[test]
    fn leaving_out_zeros_changes_no_bit() {
        for (m, q, depth) in [(1, 1, 5), (4, 4, 9), (13, 7, 31), (40, 43, 801), (6, 6, 0)] {
            for every in [1, 2, 5, usize::MAX] {
                let row = |r: usize, row: &mut [f64]| {
                    let is_kept = |k: usize| r / 8 % 3 != 1 && (k + r / 4).is_multiple_of(every) || r < 3;
                    row.iter_mut().enumerate().for_each(|(k, x)| {
                        *x = if is_kept(k) { entry(1, r, k) / 7.0 } else { 0.0 };
                    });
                };
                let (mut dense, mut sparse, mut b) = (Panels::default(), SparsePanels::default(), Panels::default());
                sparse.pack(depth + 3, 0..m + 9, |_, row| row.fill(f64::NAN));
                dense.pack(depth, 0..m, row);
                sparse.pack(depth, 0..m, row);
                b.pack(depth, 0..q, |r, row| row.iter_mut().enumerate().for_each(|(k, x)| *x = entry(2, r, k) / 3.0));
                let (mut expected, mut c) = (vec![0.5; m * (q + 3)], vec![0.5; m * (q + 3)]);
                multiply_add(1.0, &dense, &b, &mut expected, q + 3, Tiles::All);
                multiply_add_sparse(&sparse, &b, &mut c, q + 3);
                assert_eq!(c, expected, "{m} {q} {depth}, every {every}");
                let kept = sparse.entries();
                assert!(kept <= m.next_multiple_of(PANEL) * depth && (every > 1 || m < 40 || kept < 30 * depth));
                sparse.shrink();
                c.fill(0.5);
                multiply_add_sparse(&sparse, &b, &mut c, q + 3);
                assert_eq!(c, expected);
            }
        }
    }

    #[test]
    fn two_products_are_the_sum_of_both() {
        for (m, q, depths) in [(4, 4, (5, 9)), (9, 6, (1, 8)), (3, 7, (12, 0))] {
            let (first, second) =
                ((packed(1, m, depths.0), packed(2, q, depths.0)), (packed(5, m, depths.1), packed(6, q, depths.1)));
            let (mut both, mut apart) = (vec![0.5; m * q], vec![0.5; m * q]);
            multiply_add_two((&first.0, &first.1), (&second.0, &second.1), &mut both, q);
            for (a, b) in [&first, &second] {
                multiply_add(1.0, a, b, &mut apart, q, Tiles::All);
            }
            assert_eq!(both, apart);
        }
    }

    #[test]
    fn upper_tiles_cover_the_upper_triangle_and_leave_the_rest() {
        for (n, depth) in [(1, 9), (4, 9), (7, 9), (16, 9), (18, 9), (45, 3001)] {
            let a = packed(3, n, depth);
            let mut c = vec![0.0; n * n];
            multiply_add(1.0, &a, &a, &mut c, n, Tiles::Upper);
            for i in 0..n {
                for j in 0..n {
                    let sum: f64 = (0..depth).map(|k| entry(3, i, k) * entry(3, j, k)).sum();
                    let computed = j / PANEL >= i / PANEL;
                    assert_eq!(c[i * n + j], if computed { sum } else { 0.0 });
                }
            }
        }
    }
}
