//! Null models against random matrix theory, and against cases in which shuffling or redrawing must change nothing.

use eigendrift::activation::Activation;
use eigendrift::curvature::{Method, Route};
use eigendrift::dataset::Dataset;
use eigendrift::hessian::{HessianWorkspace, Part};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::null_model::{Band, NullKind, NullSampler, bands};
use eigendrift::random::{Random, Stream};
use eigendrift::spectrum::{EigenWorkspace, Order, eigenvalues};
use eigendrift::training::Start;

struct Setting {
    architecture: Architecture,
    loss: Loss,
    data: Dataset,
    parameters: Vec<f64>,
}

impl Setting {
    fn new(layers: &[usize]) -> Self {
        let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).unwrap();
        let mut random = Random::new(5, Stream::Probe, 0);
        let rows = (0..40).map(|_| (0..layers[0]).map(|_| random.normal()).collect()).collect();
        let labels = (0..40).map(|n| n % layers[layers.len() - 1]).collect();
        let parameters = (0..architecture.parameter_count()).map(|_| 0.6 * random.normal()).collect();
        let loss = Loss::new(LossFunction::CrossEntropy);
        Setting { architecture, loss, data: Dataset::from_rows(rows, labels).unwrap(), parameters }
    }

    fn sampler(&self, kind: NullKind, seed: u64) -> NullSampler {
        let Setting { architecture, loss, data, parameters } = self;
        NullSampler::new(
            kind,
            architecture,
            loss,
            data,
            Start::default(),
            parameters,
            5,
            Order::Algebraic,
            seed,
            Method::Spectrum,
        )
        .unwrap()
    }

    fn hessian(&self, parameters: &[f64]) -> Vec<f64> {
        let inputs = Batch::from_rows(&self.data.inputs, self.data.features);
        let mut matrix = Vec::new();
        HessianWorkspace::new(&self.architecture, &self.loss, &inputs, &self.data.labels)
            .unwrap()
            .hessian(parameters, Part::Full, &mut matrix)
            .unwrap();
        matrix
    }

    fn spectrum(&self, parameters: &[f64]) -> Vec<f64> {
        let matrix = self.hessian(parameters);
        eigenvalues(&matrix, self.architecture.parameter_count(), &mut EigenWorkspace::default()).unwrap()
    }
}

fn assert_same(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    let scale = b.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-12 * scale));
}

/// Wigner: with Σ H² = F² the eigenvalues have mean square F²/P and, for large P, the density of a semicircle of radius
/// 2F/√P, whose fourth moment is twice the squared second. At P = 131 and 30 samples both are known to a few per cent
/// (corrections of order 1/P). Eigenvectors are uniform on the sphere: IPR 3/(P + 2), standard deviation of a single one
/// about √96/P^{3/2}·…, below a third of its mean; the mean of 150 is known to 3 %.
#[test]
fn goe_has_the_semicircle_and_uniform_eigenvectors() {
    let setting = Setting::new(&[4, 15, 4]);
    let p = setting.architecture.parameter_count();
    let mut sampler = setting.sampler(NullKind::Goe, 2);
    let frobenius: f64 = setting.hessian(&setting.parameters).iter().map(|h| h * h).sum();
    let variance = frobenius / p as f64;
    let (mut second, mut fourth, mut inside, mut ipr) = (0.0, 0.0, 0usize, 0.0);
    let count = 30;
    for index in 0..count {
        let sample = sampler.sample(index).unwrap();
        let total: f64 = sample.eigenvalues_descending.iter().map(|x| x * x).sum();
        assert!((total / frobenius - 1.0).abs() < 1e-12);
        for &x in &sample.eigenvalues_descending {
            second += x * x;
            fourth += x.powi(4);
            inside += usize::from(x.abs() < variance.sqrt());
        }
        ipr += sample.leading_ipr.iter().map(|ipr| ipr.value().unwrap()).sum::<f64>() / 5.0;
    }
    let all = (count * p) as f64;
    assert!((fourth / all / (second / all).powi(2) - 2.0).abs() < 0.1);
    // Mass of the semicircle within half its radius: 1/3 + √3/(2π).
    let expected = 1.0 / 3.0 + 3.0f64.sqrt() / (2.0 * std::f64::consts::PI);
    assert!((inside as f64 / all - expected).abs() < 0.02);
    let uniform = 3.0 / (p as f64 + 2.0);
    assert!((ipr / count as f64 / uniform - 1.0).abs() < 0.1);
}

/// E Σ λ² = F² also block by block, so in the sum over blocks; the relative deviation of one sample's sum of squares of
/// about P²/2 independent entries is about √(kurtosis)·2/P·(largest block's share), so 60 samples determine it to 5 %.
#[test]
fn block_gaussian_keeps_the_norm_and_not_the_vectors() {
    let setting = Setting::new(&[3, 6, 3]);
    let frobenius: f64 = setting.hessian(&setting.parameters).iter().map(|h| h * h).sum();
    let mut sampler = setting.sampler(NullKind::BlockGaussian, 3);
    let mut total = 0.0;
    for index in 0..60 {
        total += sampler.sample(index).unwrap().eigenvalues_descending.iter().map(|x| x * x).sum::<f64>();
    }
    assert!((total / 60.0 / frobenius - 1.0).abs() < 0.1);
}

#[test]
fn random_weights_are_starts() {
    let setting = Setting::new(&[3, 6, 3]);
    let mut sampler = setting.sampler(NullKind::RandomWeights, 9);
    let drawn = Start::default().draw(&setting.architecture, &mut Random::new(9, Stream::NullModel, 4));
    assert_same(&sampler.sample(4).unwrap().eigenvalues_descending, &setting.spectrum(&drawn));
}

/// Rescaling to the norms that the drawn start already has changes nothing.
#[test]
fn rescaling_to_the_same_norms_changes_nothing() {
    let mut setting = Setting::new(&[3, 6, 3]);
    setting.parameters = Start::default().draw(&setting.architecture, &mut Random::new(9, Stream::NullModel, 1));
    let rescaled = setting.sampler(NullKind::RescaledWeights, 9).sample(1).unwrap();
    assert_same(&rescaled.eigenvalues_descending, &setting.spectrum(&setting.parameters));

    // Doubling the trained weights doubles those of the sample.
    let doubled: Vec<f64> = setting.parameters.iter().map(|p| 2.0 * p).collect();
    let expected = setting.spectrum(&doubled);
    setting.parameters = doubled;
    let rescaled = setting.sampler(NullKind::RescaledWeights, 9).sample(1).unwrap();
    assert_same(&rescaled.eigenvalues_descending, &expected);
}

/// Where all weights of a group are equal, permuting them changes nothing; where they differ, it does.
#[test]
fn shuffling_weights_stays_within_each_group() {
    let mut setting = Setting::new(&[3, 6, 3]);
    let trained = setting.spectrum(&setting.parameters);
    let shuffled = setting.sampler(NullKind::ShuffledWeights, 4).sample(0).unwrap();
    assert!((shuffled.eigenvalues_descending[0] - trained[0]).abs() > 1e-3 * trained[0]);

    for (i, group) in setting.architecture.groups().into_iter().enumerate() {
        setting.parameters[group.range].fill(0.3 - 0.1 * i as f64);
    }
    let shuffled = setting.sampler(NullKind::ShuffledWeights, 4).sample(0).unwrap();
    assert_same(&shuffled.eigenvalues_descending, &setting.spectrum(&setting.parameters));
}

/// Where all samples have one label, permuting labels changes nothing; where they differ, it does. Two samples drawn one
/// after the other do not depend on their order.
#[test]
fn shuffling_labels_keeps_their_counts() {
    let mut setting = Setting::new(&[3, 6, 3]);
    let trained = setting.spectrum(&setting.parameters);
    let mut sampler = setting.sampler(NullKind::ShuffledLabels, 4);
    let (first, second) = (sampler.sample(0).unwrap(), sampler.sample(1).unwrap());
    assert_ne!(first, second);
    assert_eq!(sampler.sample(0).unwrap(), first);
    assert!((first.eigenvalues_descending[0] - trained[0]).abs() > 1e-4 * trained[0]);

    setting.data.labels.fill(1);
    let shuffled = setting.sampler(NullKind::ShuffledLabels, 4).sample(0).unwrap();
    assert_same(&shuffled.eigenvalues_descending, &setting.spectrum(&setting.parameters));
}

/// numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [5, 95]) = [1.0, 7.95], mean 3.875.
#[test]
fn percentiles_are_numpys() {
    let band = Band::of(vec![3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]).unwrap();
    assert!((band.mean - 3.875).abs() < 1e-15 && (band.low - 1.0).abs() < 1e-15 && (band.high - 7.95).abs() < 1e-14);
}

/// Independent samples of the orthogonal ensemble are as far apart as the chance levels state: D and Q_k within four standard errors
/// of 20·19/2 pairs (single D: deviation below 0.03; pairs share samples, so that only 20 count as independent).
#[test]
fn independent_samples_are_at_chance_distance() {
    let setting = Setting::new(&[4, 15, 4]);
    let p = setting.architecture.parameter_count();
    let mut sampler = setting.sampler(NullKind::Goe, 6);
    let samples: Vec<_> = (0..20).map(|index| sampler.sample(index).unwrap()).collect();
    let bands = bands(NullKind::Goe, Route::Full, &samples).unwrap();
    let (by_rank, tracked) = (bands.displacement_by_rank.unwrap(), bands.displacement_tracked.unwrap());
    assert_eq!((by_rank.count, bands.mean_ipr.unwrap().count), (190, 20));
    assert!((by_rank.mean - eigendrift::displacement::chance_displacement(p)).abs() < 0.03);
    assert!((bands.subspace_overlap.unwrap().mean - 5.0 / p as f64).abs() < 0.01);
    // The best assignment is never worse than the one by rank.
    assert!(tracked.mean < by_rank.mean);
    assert!(bands.leading_ipr.iter().flatten().all(|band| band.low <= band.mean && band.mean <= band.high));
}
