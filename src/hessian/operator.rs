//! The Hessian at one θ as an operator: exact products H v by differentiating back-propagation forwards (Pearlmutter 1994).
//!
//! The pass forward and back at θ is made once; a product then takes the tangent passes alone, 2 N (Σ_l 6 n_l n_{l−1} −
//! 4 n_1 n_0) floating-point operations, in the packed kernel. Samples go through in tiles; the tiles form groups, whose
//! number depends on N alone, and H v is the sum over groups in order: threads share the groups natively, and the bits are
//! the same for any number of them.

use super::active_inputs::ActiveInputs;
use super::linearization::Linearization;
use super::tile::{Layer, Room, Tile};
use super::{Part, check_data, check_labels};
use crate::error::{Error, Result};
use crate::loss::Loss;
use crate::mlp::{Architecture, Batch};
use crate::spectrum::SymmetricOperator;
use crate::threads;

/// Most groups, hence most threads that share one product.
const GROUPS: usize = 8;

/// Products with the Hessian of one loss on one set of samples at many θ, with all room allocated once.
#[derive(Debug, Clone)]
pub struct HessianOperator {
    active: ActiveInputs,
    loss: Loss,
    labels: Vec<usize>,
    /// θ of the active inputs.
    parameters: Vec<f64>,
    /// The vector that is multiplied, without the entries of other inputs.
    vector: Vec<f64>,
    weights: Vec<Layer>,
    direction: Vec<Layer>,
    groups: Vec<Group>,
    /// One per thread.
    rooms: Vec<Room>,
}

/// Neighbouring tiles, and their share in H v.
#[derive(Debug, Clone)]
struct Group {
    tiles: Vec<Tile>,
    product: Vec<f64>,
}

impl HessianOperator {
    /// An operator for `inputs` (n_0 × samples) with one label per sample; [`HessianOperator::linearize`] comes next.
    ///
    /// # Errors
    /// [`Error::Invalid`] where shapes, labels or the loss do not fit, [`Error::NotFinite`] for NaN or infinity in `inputs`.
    pub fn new(architecture: &Architecture, loss: &Loss, inputs: &Batch, labels: &[usize]) -> Result<Self> {
        check_data(architecture, loss, inputs, labels)?;
        let active = ActiveInputs::new(architecture, inputs);
        let architecture = active.reduced();
        let mut tiles = Linearization::tiles(&active, inputs).into_iter();
        let (count, columns) = (tiles.len(), tiles.as_slice()[0].columns());
        let groups = GROUPS.min(count);
        let mut new_group = |g: usize| Group {
            tiles: tiles
                .by_ref()
                .take((g + 1) * count / groups - g * count / groups)
                .map(|network| Tile::new(architecture, network))
                .collect(),
            product: vec![0.0; architecture.parameter_count()],
        };
        Ok(HessianOperator {
            loss: *loss,
            labels: labels.to_vec(),
            parameters: vec![0.0; architecture.parameter_count()],
            vector: Vec::new(),
            weights: vec![Layer::default(); architecture.depth()],
            direction: vec![Layer::default(); architecture.depth()],
            groups: (0..groups).map(&mut new_group).collect(),
            rooms: vec![Room::new(architecture, columns); threads::count().min(groups)],
            active,
        })
    }

    /// Replaces the labels, for example by a permutation of them; before the next [`HessianOperator::linearize`].
    ///
    /// # Errors
    /// [`Error::Invalid`] if their number changes or one is not a class.
    pub fn set_labels(&mut self, labels: &[usize]) -> Result<()> {
        check_labels(self.active.whole(), self.labels.len(), labels)?;
        self.labels.copy_from_slice(labels);
        Ok(())
    }

    /// Makes this the operator H(θ) at θ = `parameters`.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `parameters` does not have P finite entries.
    pub fn linearize(&mut self, parameters: &[f64]) -> Result<()> {
        self.linearize_part(parameters, Part::Full)
    }

    /// Makes this the operator of H(θ) or a part of it at θ = `parameters`.
    ///
    /// # Errors
    /// As [`HessianOperator::linearize`].
    pub fn linearize_part(&mut self, parameters: &[f64], part: Part) -> Result<()> {
        self.active.whole().check_parameters("parameters", parameters)?;
        let HessianOperator { active, loss, labels, weights, parameters: kept, .. } = self;
        active.gather(parameters, kept);
        let (architecture, parameters) = (active.reduced(), &*kept);
        weights.iter_mut().enumerate().for_each(|(l, layer)| layer.pack(architecture, l, parameters));
        let load = |group: &mut Group, room: &mut Room| {
            let tiles = group.tiles.iter_mut();
            tiles.for_each(|tile| tile.load(architecture, loss, labels, parameters, part, weights, room));
        };
        for_each_group(&mut self.groups, &mut self.rooms, load);
        Ok(())
    }

    /// `products` (r × P) ← H v for each row v of `vectors` (r × P).
    ///
    /// # Errors
    /// [`Error::NotFinite`] if a product is not finite.
    ///
    /// # Panics
    /// If the slices differ in length or are no multiple of P.
    pub fn apply(&mut self, vectors: &[f64], products: &mut [f64]) -> Result<()> {
        let count = self.rows();
        assert!(vectors.len() == products.len() && vectors.len().is_multiple_of(count), "vectors and products differ");
        for (whole, product) in vectors.chunks_exact(count).zip(products.chunks_exact_mut(count)) {
            let HessianOperator { active, loss, weights, direction, vector, .. } = self;
            active.gather(whole, vector);
            let (architecture, vector) = (active.reduced(), &*vector);
            direction.iter_mut().enumerate().for_each(|(l, layer)| layer.pack(architecture, l, vector));
            let add = |group: &mut Group, room: &mut Room| {
                group.product.fill(0.0);
                for tile in &group.tiles {
                    tile.add_product(architecture, loss, weights, direction, vector, room, &mut group.product);
                }
            };
            for_each_group(&mut self.groups, &mut self.rooms, add);
            let (sum, others) = self.groups.split_first_mut().expect("at least one group");
            for group in others {
                sum.product.iter_mut().zip(&group.product).for_each(|(sum, share)| *sum += share);
            }
            active.scatter(&sum.product, product);
            if !product.iter().fold(true, |finite, entry| finite & entry.is_finite()) {
                return Err(Error::not_finite("the Hessian-vector product"));
            }
        }
        Ok(())
    }

    /// An estimate of the rounding error of H in the spectral norm, as [`super::HessianWorkspace::rounding`] explains it.
    pub fn rounding(&self) -> f64 {
        let tiles = self.groups.iter().flat_map(|group| &group.tiles);
        let squared_jacobian = tiles.map(|tile| tile.squared_jacobian).sum::<f64>() / self.labels.len() as f64;
        self.active.whole().classes() as f64 * f64::EPSILON * squared_jacobian
    }
}

impl SymmetricOperator for HessianOperator {
    fn rows(&self) -> usize {
        self.active.whole().parameter_count()
    }

    fn apply(&mut self, vector: &[f64], product: &mut [f64]) -> Result<()> {
        HessianOperator::apply(self, vector, product)
    }
}

/// Runs `task` on every group, each thread with its own room.
fn for_each_group(groups: &mut [Group], rooms: &mut [Room], task: impl Fn(&mut Group, &mut Room) + Sync) {
    #[cfg(not(target_arch = "wasm32"))]
    if rooms.len() > 1 {
        use rayon::prelude::*;
        let share = groups.len().div_ceil(rooms.len());
        let shares = groups.par_chunks_mut(share).zip(rooms.par_iter_mut());
        shares.for_each(|(groups, room)| groups.iter_mut().for_each(|group| task(group, room)));
        return;
    }
    groups.iter_mut().for_each(|group| task(group, &mut rooms[0]));
}
