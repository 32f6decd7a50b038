//! Muon: for hidden weight matrices a momentum, made nearly orthogonal by Newton-Schulz iteration; AdamW for all else.

use super::adam::Moments;
use super::{Context, UpdateRule, decay};
use crate::matmul::dot;
use crate::sorting::sort_by_number;

/// Where a weight matrix lies in θ, row by row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MatrixBlock {
    /// Index of its first entry.
    pub offset: usize,
    /// Rows: units of its own layer.
    pub rows: usize,
    /// Columns: units of the layer before.
    pub cols: usize,
    /// Whether both layers are hidden, so that neither the inputs nor the logits touch it.
    pub hidden: bool,
}

/// The rule of a hidden weight matrix is [`NewtonSchulz::step`], that of all other parameters AdamW's.
#[derive(Clone, Debug)]
pub struct Muon {
    /// In place of m where a matrix lies: its momentum.
    moments: Moments,
    segments: Vec<Segment>,
    newton_schulz: NewtonSchulz,
}

impl Muon {
    /// Before the first step.
    ///
    /// # Panics
    /// When a hidden matrix reaches beyond θ or into another.
    pub fn new(size: usize, matrices: &[MatrixBlock]) -> Self {
        let of_interest = |block: &&MatrixBlock| block.hidden && block.rows * block.cols > 0;
        let hidden: Vec<MatrixBlock> = matrices.iter().filter(of_interest).copied().collect();
        let newton_schulz = NewtonSchulz::new(&hidden);
        Muon { moments: Moments::new(size), segments: segments(hidden, size), newton_schulz }
    }
}

impl UpdateRule for Muon {
    fn step(&mut self, context: &Context, theta: &mut [f64], gradient: &[f64]) {
        let (rate, weight_decay) = (context.rate, context.settings.weight_decay);
        let adam = self.moments.begin_step(context, 0.0);
        let Moments { first, second, .. } = &mut self.moments;
        for segment in &self.segments {
            match *segment {
                Segment::Matrix(block) => {
                    let range = block.offset..block.offset + block.rows * block.cols;
                    let (x, b) = (&mut theta[range.clone()], &mut first[range.clone()]);
                    let options = (rate, context.settings.momentum, weight_decay);
                    self.newton_schulz.step(&block, x, &gradient[range], b, options);
                }
                Segment::Other { start, end } => {
                    let (x, m) = (&mut theta[start..end], &mut first[start..end]);
                    decay(x, rate, weight_decay);
                    adam.adam(x, &gradient[start..end], m, &mut second[start..end]);
                }
            }
        }
    }
}

/// A contiguous range of θ.
#[derive(Clone, Debug)]
enum Segment {
    /// A matrix to orthogonalize.
    Matrix(MatrixBlock),
    /// θ[start..end], which holds none.
    Other {
        /// First index.
        start: usize,
        /// One past the last.
        end: usize,
    },
}

/// θ of `size` entries cut into the hidden matrices and what lies between them.
///
/// # Panics
/// When a matrix reaches beyond θ or into another.
fn segments(mut hidden: Vec<MatrixBlock>, size: usize) -> Vec<Segment> {
    sort_by_number(&mut hidden, |block| block.offset as f64);
    let mut segments = Vec::new();
    let mut start = 0;
    for block in hidden {
        assert!(start <= block.offset, "matrices must not overlap");
        if start < block.offset {
            segments.push(Segment::Other { start, end: block.offset });
        }
        start = block.offset + block.rows * block.cols;
        segments.push(Segment::Matrix(block));
    }
    assert!(start <= size, "a matrix must lie within the parameters");
    if start < size {
        segments.push(Segment::Other { start, end: size });
    }
    segments
}

/// The least norm that is divided by, so that a zero gradient stays zero.
const LEAST_NORM: f64 = 1e-7;
const ITERATIONS: usize = 5;
/// p(x) = a x + b x³ + c x⁵ maps singular values in (0, 1] towards 1, fast at the cost of ending in about 0.7 ... 1.2.
const QUINTIC: (f64, f64, f64) = (3.4445, -4.7750, 2.0315);

/// Room for the iteration, so that a step allocates nothing.
#[derive(Clone, Debug)]
struct NewtonSchulz {
    /// X, s × l with s ≤ l.
    x: Vec<f64>,
    next: Vec<f64>,
    /// X Xᵀ, s × s.
    gram: Vec<f64>,
    /// b X Xᵀ + c (X Xᵀ)².
    polynomial: Vec<f64>,
}

impl NewtonSchulz {
    /// Room for the largest of `blocks`.
    fn new(blocks: &[MatrixBlock]) -> Self {
        let entries = blocks.iter().map(|block| block.rows * block.cols).max().unwrap_or(0);
        let squares = blocks.iter().map(|block| block.rows.min(block.cols).pow(2)).max().unwrap_or(0);
        NewtonSchulz {
            x: vec![0.0; entries],
            next: vec![0.0; entries],
            gram: vec![0.0; squares],
            polynomial: vec![0.0; squares],
        }
    }

    /// b ← b + (1−μ)(g − b), u = g + μ (b − g), then θ ← (1 − η w) θ − η √max(1, rows/cols) O(u), where O sends the
    /// singular values of its argument near 1 (Jordan et al. 2024; `torch.optim.Muon`, which iterates in bfloat16).
    /// `theta`, `gradient`, `buffer`: rows × cols.
    fn step(
        &mut self,
        block: &MatrixBlock,
        theta: &mut [f64],
        gradient: &[f64],
        buffer: &mut [f64],
        (rate, mu, weight_decay): (f64, f64, f64),
    ) {
        let (rows, cols) = (block.rows, block.cols);
        let tall = rows > cols; // iterate on the transposed matrix, whose X Xᵀ is smaller
        let mut norm = 0.0;
        for i in 0..rows {
            for j in 0..cols {
                let (g, b) = (gradient[i * cols + j], &mut buffer[i * cols + j]);
                *b += (1.0 - mu) * (g - *b);
                let u = g + mu * (*b - g);
                norm += u * u;
                self.x[if tall { j * rows + i } else { i * cols + j }] = u;
            }
        }
        let norm: f64 = norm.sqrt();
        let scale = 1.0 / if norm < LEAST_NORM { LEAST_NORM } else { norm };
        self.x[..rows * cols].iter_mut().for_each(|u| *u *= scale);
        for _ in 0..ITERATIONS {
            self.iterate(rows.min(cols), rows.max(cols));
        }
        let adjusted = rate * (rows as f64 / cols as f64).max(1.0).sqrt();
        let kept = 1.0 - rate * weight_decay;
        for i in 0..rows {
            for j in 0..cols {
                let x = &mut theta[i * cols + j];
                *x = *x * kept - adjusted * self.x[if tall { j * rows + i } else { i * cols + j }];
            }
        }
    }

    /// X ← a X + (b X Xᵀ + c (X Xᵀ)²) X, X of shape `short` × `long`.
    fn iterate(&mut self, short: usize, long: usize) {
        let (a, b, c) = QUINTIC;
        let (x, next) = (&self.x[..short * long], &mut self.next[..short * long]);
        let (gram, polynomial) = (&mut self.gram[..short * short], &mut self.polynomial[..short * short]);
        for i in 0..short {
            for j in 0..=i {
                let product = dot(&x[i * long..][..long], &x[j * long..][..long]);
                gram[i * short + j] = product;
                gram[j * short + i] = product;
            }
        }
        multiply_add(polynomial, c, gram, gram, b, gram, short);
        multiply_add(next, 1.0, polynomial, x, a, x, long);
        std::mem::swap(&mut self.x, &mut self.next);
    }
}

/// out ← α P Q + β S; P is square, Q, S and out have rows of length `cols`.
fn multiply_add(out: &mut [f64], alpha: f64, p: &[f64], q: &[f64], beta: f64, s: &[f64], cols: usize) {
    let inner = q.len() / cols;
    for ((row, p_row), s_row) in out.chunks_exact_mut(cols).zip(p.chunks_exact(inner)).zip(s.chunks_exact(cols)) {
        for (o, s) in row.iter_mut().zip(s_row) {
            *o = beta * s;
        }
        for (p, q_row) in p_row.iter().zip(q.chunks_exact(cols)) {
            let factor = alpha * p;
            for (o, q) in row.iter_mut().zip(q_row) {
                *o += factor * q;
            }
        }
    }
}
