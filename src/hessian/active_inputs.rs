//! The inputs that take part in the Hessian.
//!
//! An input that is 0 in all samples, such as a pixel of an image's margin or a constant feature once it is standardized,
//! leaves no trace in the loss: with x_j = 0, neither z_1 = W_1 x + b_1 nor anything after it depends on W_1[·, j]. The
//! rows and columns of H for these weights are 0 exactly, and everything else is what it is for a network without the
//! input, which has fewer numbers to compute. Likewise, two inputs of which one is 0 in each sample, such as pixels in opposite
//! corners, leave zeros in the diagonal block of the first layer, where x_j x_q is a factor of every term.

use crate::mlp::{Architecture, Batch};
use crate::sorting::sort_by_number;

/// The network without the inputs that are 0 in all samples, and how its θ lies in that of the whole network.
#[derive(Debug, Clone)]
pub(super) struct ActiveInputs {
    /// The network as it is.
    whole: Architecture,
    /// The network without the other inputs.
    reduced: Architecture,
    /// For each layer, which entries of its ã = (a, 1) are kept, ascending: all but in the first.
    places: Vec<Vec<usize>>,
}

impl ActiveInputs {
    /// The inputs of `architecture` that are not 0 in all of `inputs` (n_0 × samples); one where there is none.
    pub(super) fn new(architecture: &Architecture, inputs: &Batch) -> Self {
        let is_active = |unit: &usize| inputs.row(*unit).iter().any(|x| *x != 0.0);
        let mut active: Vec<usize> = (0..inputs.units()).filter(is_active).collect();
        if active.is_empty() {
            active.push(0);
        }
        let mut layers = architecture.layers().to_vec();
        layers[0] = active.len();
        let reduced = Architecture::new(layers, architecture.activation()).expect("no layer is wider than before");
        active.push(inputs.units());
        let all = (1..architecture.depth()).map(|l| (0..=architecture.inputs(l)).collect());
        ActiveInputs { whole: architecture.clone(), reduced, places: std::iter::once(active).chain(all).collect() }
    }

    /// The network as it is.
    pub(super) fn whole(&self) -> &Architecture {
        &self.whole
    }

    /// The network without the other inputs.
    pub(super) fn reduced(&self) -> &Architecture {
        &self.reduced
    }

    /// Where the entries of ã_{l−1} of the reduced network are in that of the whole one, ascending; the bias is the last.
    pub(super) fn places(&self, l: usize) -> &[usize] {
        &self.places[l]
    }

    /// The inputs that are kept, ascending.
    pub(super) fn inputs(&self) -> &[usize] {
        &self.places[0][..self.reduced.inputs(0)]
    }

    /// Whether so many entries of the active ones of `inputs` (n_0 × samples) are 0 that looking them up pays: a quarter.
    pub(super) fn are_sparse(&self, inputs: &Batch) -> bool {
        let zeros = |&j: &usize| inputs.row(j)[..inputs.samples()].iter().filter(|x| **x == 0.0).count();
        4 * self.inputs().iter().map(zeros).sum::<usize>() >= self.inputs().len() * inputs.samples()
    }

    /// The pairs of entries of layer `l`'s ã, each pair once; for the first layer, whose ã is known from `inputs` (n_0 ×
    /// samples), those whose product is not 0 in all samples, ordered so that neighbours are 0 in the same samples.
    pub(super) fn pairs(&self, inputs: &Batch, l: usize) -> Vec<(u16, u16)> {
        let order = self.by_occurrence(inputs, l);
        let all = order.iter().enumerate().flat_map(|(i, &j)| order[i..].iter().map(move |&q| (j, q)));
        if l > 0 {
            return all.collect();
        }
        // One bit per sample.
        let bits = |x: &[f64]| x.iter().fold(0_u64, |bits, x| bits << 1 | u64::from(*x != 0.0));
        let occurrences = |&j: &usize| inputs.row(j).chunks(64).map(bits).collect::<Vec<u64>>();
        let mut occurrences: Vec<Vec<u64>> = self.inputs().iter().map(occurrences).collect();
        occurrences.push(vec![u64::MAX; inputs.stride().div_ceil(64)]);
        let together = |&(j, q): &(u16, u16)| {
            let (j, q) = (&occurrences[usize::from(j)], &occurrences[usize::from(q)]);
            j.iter().zip(q).any(|(j, q)| j & q != 0)
        };
        all.filter(together).collect()
    }

    /// All pairs of an entry of layer `l`'s ã and one of the layer below, which varies slowest.
    pub(super) fn pairs_below(&self, inputs: &Batch, l: usize) -> Vec<(u16, u16)> {
        let count = self.reduced.inputs(l) + 1;
        let below = self.by_occurrence(inputs, l - 1);
        below.into_iter().flat_map(|q| (0..count).map(move |j| (j as u16, q))).collect()
    }

    /// The entries of layer `l`'s ã; those of the first by the number of samples in which they are not 0, ascending.
    fn by_occurrence(&self, inputs: &Batch, l: usize) -> Vec<u16> {
        // No layer has more than MAX_WIDTH inputs.
        let mut entries: Vec<u16> = (0..=self.reduced.inputs(l) as u16).collect();
        if l == 0 {
            let count = |&j: &usize| inputs.row(j).iter().filter(|x| **x != 0.0).count() as f64;
            let mut counts: Vec<f64> = self.inputs().iter().map(count).collect();
            counts.push(f64::INFINITY);
            sort_by_number(&mut entries, |&j| counts[usize::from(j)]);
        }
        entries
    }

    /// `reduced` ← the entries of a vector like θ, `whole`, that the reduced network has.
    pub(super) fn gather(&self, whole: &[f64], reduced: &mut Vec<f64>) {
        reduced.clear();
        let (weights, rest) = whole.split_at(self.whole.weights(0).end);
        for row in weights.chunks_exact(self.whole.inputs(0)) {
            reduced.extend(self.inputs().iter().map(|&j| row[j]));
        }
        reduced.extend_from_slice(rest);
    }

    /// `whole` ← the vector whose entries `reduced` are, and 0 where the reduced network has none.
    pub(super) fn scatter(&self, reduced: &[f64], whole: &mut [f64]) {
        let (weights, rest) = reduced.split_at(self.reduced.weights(0).end);
        let (whole_weights, whole_rest) = whole.split_at_mut(self.whole.weights(0).end);
        let rows = whole_weights.chunks_exact_mut(self.whole.inputs(0));
        for (row, source) in rows.zip(weights.chunks_exact(self.reduced.inputs(0))) {
            row.fill(0.0);
            self.inputs().iter().zip(source).for_each(|(&j, x)| row[j] = *x);
        }
        whole_rest.copy_from_slice(rest);
    }
}
