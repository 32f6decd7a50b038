//! The inputs that take part in the Hessian.
//!
//! An input that is 0 in all samples, such as a pixel of an image's margin or a constant feature once it is standardized,
//! leaves no trace in the loss: with x_j = 0, neither z_1 = W_1 x + b_1 nor anything after it depends on W_1[·, j]. The
//! rows and columns of H for these weights are 0 exactly, and everything else is what it is for a network without the
//! input, which has fewer numbers to compute.

use std::ops::Range;

use crate::mlp::{Architecture, Batch};

/// The network without the inputs that are 0 in all samples, and how its θ lies in that of the whole network.
#[derive(Debug, Clone)]
pub(super) struct ActiveInputs {
    /// The network as it is.
    whole: Architecture,
    /// The network without the other inputs.
    reduced: Architecture,
    /// Which inputs are kept, in ascending runs.
    runs: Vec<Range<usize>>,
    /// All inputs of each layer.
    all: Vec<Range<usize>>,
}

/// Where the parameters of one unit are in the whole network's θ: what is kept of its row of W, and its bias.
pub(super) struct UnitParameters<'a> {
    first: usize,
    runs: &'a [Range<usize>],
    bias: usize,
}

impl ActiveInputs {
    /// The inputs of `architecture` that are not 0 in all of `inputs` (n_0 × samples); one where there is none.
    pub(super) fn new(architecture: &Architecture, inputs: &Batch) -> Self {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for unit in (0..inputs.units()).filter(|&unit| inputs.row(unit).iter().any(|x| *x != 0.0)) {
            match runs.last_mut() {
                Some(run) if run.end == unit => run.end += 1,
                _ => runs.push(unit..unit + 1),
            }
        }
        if runs.is_empty() {
            runs.push(0..1);
        }
        let mut layers = architecture.layers().to_vec();
        layers[0] = runs.iter().map(Range::len).sum();
        let reduced = Architecture::new(layers, architecture.activation()).expect("no layer is wider than before");
        let all = (0..architecture.depth()).map(|l| 0..architecture.inputs(l)).collect();
        ActiveInputs { whole: architecture.clone(), reduced, runs, all }
    }

    /// The network as it is.
    pub(super) fn whole(&self) -> &Architecture {
        &self.whole
    }

    /// The network without the other inputs.
    pub(super) fn reduced(&self) -> &Architecture {
        &self.reduced
    }

    /// The inputs that are kept, ascending.
    pub(super) fn indices(&self) -> impl Iterator<Item = usize> {
        self.runs.iter().cloned().flatten()
    }

    /// `reduced` ← the entries of a vector like θ, `whole`, that the reduced network has.
    pub(super) fn gather(&self, whole: &[f64], reduced: &mut Vec<f64>) {
        reduced.clear();
        let weights = self.whole.weights(0);
        for row in whole[weights.clone()].chunks_exact(self.whole.inputs(0)) {
            self.runs.iter().for_each(|run| reduced.extend_from_slice(&row[run.clone()]));
        }
        reduced.extend_from_slice(&whole[weights.end..]);
    }

    /// `whole` ← the vector whose entries `reduced` are, and 0 where the reduced network has none.
    pub(super) fn scatter(&self, reduced: &[f64], whole: &mut [f64]) {
        let (weights, rest) = reduced.split_at(self.reduced.weights(0).end);
        let (whole_weights, whole_rest) = whole.split_at_mut(self.whole.weights(0).end);
        let rows = whole_weights.chunks_exact_mut(self.whole.inputs(0));
        for (row, source) in rows.zip(weights.chunks_exact(self.reduced.inputs(0))) {
            row.fill(0.0);
            self.indices().zip(source).for_each(|(j, x)| row[j] = *x);
        }
        whole_rest.copy_from_slice(rest);
    }

    /// The parameters of one unit of layer `l`.
    pub(super) fn parameters_of(&self, l: usize, unit: usize) -> UnitParameters<'_> {
        let first = self.whole.weights(l).start + unit * self.whole.inputs(l);
        let runs = if l == 0 { &self.runs } else { std::slice::from_ref(&self.all[l]) };
        UnitParameters { first, runs, bias: self.whole.biases(l).start + unit }
    }

    /// Writes 0 to the rows and columns of H (P × P, row-major) that the reduced network does not have.
    pub(super) fn clear_others(&self, hessian: &mut [f64]) {
        let inputs = self.whole.inputs(0);
        let mut others = vec![true; inputs];
        self.indices().for_each(|j| others[j] = false);
        let weights = self.whole.weights(0);
        let others: Vec<usize> = weights.filter(|at| others[at % inputs]).collect();
        if others.is_empty() {
            return;
        }
        let count = self.whole.parameter_count();
        others.iter().for_each(|at| hessian[at * count..][..count].fill(0.0));
        for row in hessian.chunks_exact_mut(count) {
            others.iter().for_each(|&at| row[at] = 0.0);
        }
    }
}

impl UnitParameters<'_> {
    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.runs.iter().map(Range::len).sum::<usize>() + 1
    }

    /// Their indices, the bias last.
    pub(super) fn indices(&self) -> impl Iterator<Item = usize> {
        self.runs.iter().cloned().flatten().map(|j| self.first + j).chain([self.bias])
    }

    /// Writes `source`, one number for each of them, to their places in a vector like θ.
    pub(super) fn place(&self, source: &[f64], target: &mut [f64]) {
        let mut rest = source;
        for run in self.runs {
            let (weights, others) = rest.split_at(run.len());
            target[self.first + run.start..self.first + run.end].copy_from_slice(weights);
            rest = others;
        }
        target[self.bias] = rest[0];
    }
}
