//! A symmetric H that is known by its products H v alone, and a dense matrix as one.

use super::pair::{Pair, add_scaled};
use crate::error::{Error, Result};
use crate::matmul::dot;

/// A symmetric n × n matrix H, known by what it does to a vector. Methods take it as `&mut dyn SymmetricOperator`: a call
/// costs nothing beside a product, and the program has each method once.
pub trait SymmetricOperator {
    /// n.
    fn rows(&self) -> usize;

    /// `product` (n) ← H `vector` (n): the same bits for the same vector.
    ///
    /// # Errors
    /// What keeps the product from being finite.
    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> Result<()>;
}

impl<T: SymmetricOperator + ?Sized> SymmetricOperator for &mut T {
    fn rows(&self) -> usize {
        (**self).rows()
    }

    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> Result<()> {
        (**self).apply(vector, product)
    }
}

/// A symmetric n × n matrix in memory, row-major; its lower triangle is used.
#[derive(Debug, Clone, Copy)]
pub struct DenseMatrix<'a> {
    matrix: &'a [f64],
    n: usize,
}

impl<'a> DenseMatrix<'a> {
    /// `matrix` as n rows of n.
    ///
    /// # Errors
    /// [`Error::Invalid`] if n = 0 or `matrix` does not have n² entries.
    pub fn new(matrix: &'a [f64], n: usize) -> Result<Self> {
        if n == 0 || matrix.len() != n * n {
            let problem = format!("{} entries were given for {n} rows; n rows of n are needed, n ≥ 1", matrix.len());
            return Err(Error::invalid("matrix", problem));
        }
        Ok(DenseMatrix { matrix, n })
    }
}

impl SymmetricOperator for DenseMatrix<'_> {
    fn rows(&self) -> usize {
        self.n
    }

    /// Each entry of the lower triangle is read once and serves on either side of the diagonal, four rows at a time: the
    /// time is that of reading n²/2 numbers from memory.
    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> Result<()> {
        let n = self.n;
        product[..n].fill(0.0);
        let whole = n & !3;
        for i in (0..whole).step_by(4) {
            let rows: [&[f64]; 4] = std::array::from_fn(|r| &self.matrix[(i + r) * n..][..n]);
            let of_rows: [f64; 4] = std::array::from_fn(|r| vector[i + r]);
            let sums = multiply_both_ways(rows.map(|row| &row[..i]), of_rows, &vector[..i], &mut product[..i]);
            for r in 0..4 {
                product[i + r] += sums[r];
                product[i + r] += rows[r][i + r] * vector[i + r];
                for s in 0..r {
                    product[i + r] += rows[r][i + s] * vector[i + s];
                    product[i + s] += rows[r][i + s] * vector[i + r];
                }
            }
        }
        for i in whole..n {
            let row = &self.matrix[i * n..][..=i];
            product[i] += dot(&row[..i], vector) + row[i] * vector[i];
            add_scaled(&mut product[..i], vector[i], &row[..i]);
        }
        Ok(())
    }
}

/// y ← y + Aᵀ x, and A v, for the four rows of A (4 × an even number): A is read once.
#[inline(never)]
fn multiply_both_ways(a: [&[f64]; 4], x: [f64; 4], v: &[f64], y: &mut [f64]) -> [f64; 4] {
    let [a0, a1, a2, a3] = a.map(|row| row.as_chunks::<2>().0);
    let x = x.map(Pair::splat);
    let mut sums = [Pair::zero(); 4];
    let (v, y) = (v.as_chunks::<2>().0, y.as_chunks_mut::<2>().0);
    for (((((v, y), a0), a1), a2), a3) in v.iter().zip(y).zip(a0).zip(a1).zip(a2).zip(a3) {
        let v = Pair::load(v);
        let a = [Pair::load(a0), Pair::load(a1), Pair::load(a2), Pair::load(a3)];
        for r in 0..4 {
            sums[r] = sums[r] + a[r] * v;
        }
        (Pair::load(y) + ((a[0] * x[0] + a[1] * x[1]) + (a[2] * x[2] + a[3] * x[3]))).store(y);
    }
    sums.map(Pair::sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integers: sums are exact, and so is the comparison with the plain double loop.
    #[test]
    fn products_equal_the_double_loop_for_all_remainders() {
        for n in 1..=14 {
            let entry = |i: usize, j: usize| ((i.max(j) * 5 + i.min(j) * 3) % 11) as f64 - 5.0;
            let matrix: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
            let vector: Vec<f64> = (0..n).map(|i| ((i * 7) % 5) as f64 - 2.0).collect();
            let mut product = vec![f64::NAN; n];
            DenseMatrix::new(&matrix, n).unwrap().apply(&vector, &mut product).unwrap();
            for i in 0..n {
                let expected: f64 = (0..n).map(|j| entry(i, j) * vector[j]).sum();
                assert_eq!(product[i], expected, "n = {n}, row {i}");
            }
        }
        assert!(DenseMatrix::new(&[1.0; 5], 2).is_err() && DenseMatrix::new(&[], 0).is_err());
    }
}
