//! Samples as the columns of a matrix, and the product that sends them through a layer.

use crate::simd::dispatch;

/// Rows of a [`Batch`] are padded to a multiple of this many samples.
pub const LANES: usize = 8;

/// A matrix of `units` rows over `samples` columns, unit-major with padded rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    units: usize,
    samples: usize,
    stride: usize,
    data: Vec<f64>,
}

impl Batch {
    /// A zero matrix.
    pub fn zeros(units: usize, samples: usize) -> Self {
        let stride = samples.next_multiple_of(LANES);
        Batch { units, samples, stride, data: vec![0.0; units * stride] }
    }

    /// Transposes `rows` (samples × units, row-major).
    ///
    /// # Panics
    /// If the length of `rows` is not a multiple of `units`.
    pub fn from_rows(rows: &[f64], units: usize) -> Self {
        assert_eq!(rows.len() % units, 0);
        let mut batch = Batch::zeros(units, rows.len() / units);
        for (sample, row) in rows.chunks_exact(units).enumerate() {
            batch.set_sample(sample, row);
        }
        batch
    }

    /// Number of rows.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of columns that hold samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Distance from one row to the next, a multiple of [`LANES`].
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Row of one unit, padding included.
    pub fn row(&self, unit: usize) -> &[f64] {
        &self.data[unit * self.stride..][..self.stride]
    }

    /// Row of one unit, padding included.
    pub fn row_mut(&mut self, unit: usize) -> &mut [f64] {
        &mut self.data[unit * self.stride..][..self.stride]
    }

    /// All rows, padding included.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// All rows, padding included.
    pub fn data_mut(&mut self) -> &mut [f64] {
        &mut self.data
    }

    /// Entry of one unit and one sample.
    pub fn at(&self, unit: usize, sample: usize) -> f64 {
        self.data[unit * self.stride + sample]
    }

    /// Writes one sample's column.
    pub fn set_sample(&mut self, sample: usize, values: &[f64]) {
        for (unit, &value) in values.iter().enumerate() {
            self.data[unit * self.stride + sample] = value;
        }
    }
}

/// C ← C + A B, with A given entry by entry (C's units × B's units), B and C unit-major over the same samples.
///
/// Two rows of C times eight samples stay in registers while the loop runs over B's units, in order, so that the bits do
/// not depend on the width of the machine's vectors; four rows where registers are wider.
pub(crate) fn add_product(c: &mut Batch, a: impl Fn(usize, usize) -> f64, b: &Batch) {
    dispatch!(add_rows::<WIDTH>(c: &mut Batch, a: impl Fn(usize, usize) -> f64, b: &Batch));
}

#[inline(always)]
fn add_rows<const WIDTH: usize>(c: &mut Batch, a: impl Fn(usize, usize) -> f64, b: &Batch) {
    assert_eq!(c.stride, b.stride);
    let (rows, inner, stride) = (c.units, b.units, c.stride);
    let mut i = 0;
    while WIDTH > 2 && i + 3 < rows {
        for s in (0..stride).step_by(LANES) {
            let mut sums = [[0.0; LANES]; 4];
            for (r, sums) in sums.iter_mut().enumerate() {
                sums.copy_from_slice(&c.data[(i + r) * stride + s..][..LANES]);
            }
            for j in 0..inner {
                let column = &b.data[j * stride + s..][..LANES];
                for (r, sums) in sums.iter_mut().enumerate() {
                    let x = a(i + r, j);
                    for lane in 0..LANES {
                        sums[lane] += x * column[lane];
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                c.data[(i + r) * stride + s..][..LANES].copy_from_slice(sums);
            }
        }
        i += 4;
    }
    while i < rows {
        let pair = i + 1 < rows;
        for s in (0..stride).step_by(LANES) {
            let mut first = [0.0; LANES];
            let mut second = [0.0; LANES];
            first.copy_from_slice(&c.data[i * stride + s..][..LANES]);
            if pair {
                second.copy_from_slice(&c.data[(i + 1) * stride + s..][..LANES]);
            }
            for j in 0..inner {
                let column = &b.data[j * stride + s..][..LANES];
                let (x, y) = (a(i, j), if pair { a(i + 1, j) } else { 0.0 });
                for lane in 0..LANES {
                    first[lane] += x * column[lane];
                    second[lane] += y * column[lane];
                }
            }
            c.data[i * stride + s..][..LANES].copy_from_slice(&first);
            if pair {
                c.data[(i + 1) * stride + s..][..LANES].copy_from_slice(&second);
            }
        }
        i += 2;
    }
}
