//! Starts against the moments their authors state, mini-batches against what an epoch is, divergence where it is planted.

use eigendrift::Error;
use eigendrift::activation::Activation;
use eigendrift::dataset::Dataset;
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::mlp::{Architecture, ParameterKind};
use eigendrift::optimizer::{OptimizerSettings, Rule};
use eigendrift::random::{Random, Stream};
use eigendrift::training::{BatchSize, Full, Scheme, Start, Training};

/// 60 × 40 weights in the first layer: the sample variance is known to √(2/2400) ≈ 3 % (less for uniform numbers), so four
/// standard errors are 12 %.
#[test]
fn starts_have_the_variance_of_their_scheme() {
    let architecture = Architecture::new(vec![60, 40, 3], Activation::Tanh).unwrap();
    for scheme in Scheme::ALL {
        let start = Start { scheme, scale: 2.0 };
        let parameters = start.draw(&architecture, &mut Random::new(3, Stream::Start, 0));
        // Variance of a weight at scale 1, and the largest magnitude where the distribution is bounded.
        let (variance, bound) = match scheme {
            Scheme::Xavier => (2.0 / 100.0, (6.0f64 / 100.0).sqrt()),
            Scheme::He => (2.0 / 60.0, f64::INFINITY),
            Scheme::LeCun => (1.0 / 60.0, f64::INFINITY),
            Scheme::Uniform => (1.0 / (3.0 * 60.0), (1.0f64 / 60.0).sqrt()),
            Scheme::Normal => (1.0, f64::INFINITY),
        };
        let weights = &parameters[architecture.weights(0)];
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let found = weights.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / weights.len() as f64;
        assert!((found / (4.0 * variance) - 1.0).abs() < 0.12, "{scheme:?}: {found}");
        assert!(weights.iter().all(|w| w.abs() <= 2.0 * bound), "{scheme:?}");
        assert!(mean.abs() < 4.0 * (4.0 * variance / 2400.0).sqrt(), "{scheme:?}: {mean}");
        for group in architecture.groups().into_iter().filter(|group| group.kind == ParameterKind::Biases) {
            let zero = parameters[group.range].iter().all(|&b| b == 0.0);
            assert_eq!(zero, scheme != Scheme::Uniform, "{scheme:?}, {}", group.name);
        }
    }
}

/// A model without inputs that matter: x = 0, so that the gradient of the bias alone, mean of p − onehot, shows which
/// samples were in the batch.
fn zeros(samples: usize, batch_size: BatchSize) -> Training {
    let architecture = Architecture::new(vec![1, samples], Activation::Tanh).unwrap();
    let data = Dataset::from_rows(vec![vec![0.0]; samples], (0..samples).collect()).unwrap();
    let mut settings = OptimizerSettings::new(Rule::Sgd);
    settings.learning_rate = 1.0;
    let loss = Loss::new(LossFunction::MeanSquaredError);
    let start = vec![0.0; architecture.parameter_count()];
    Training::new(architecture, loss, data, batch_size, &settings, start, 5, 5).unwrap()
}

/// With ½‖b − onehot(y)‖², η = 1 and batches of one, each step sets b = onehot(y): it names its sample. Every sample is
/// seen once per epoch, in another order in the next.
#[test]
fn an_epoch_sees_every_sample_once() {
    let samples = 12;
    let mut training = zeros(samples, BatchSize::Samples(1));
    let mut epoch = || -> Vec<usize> {
        (0..samples)
            .map(|_| {
                training.advance(1).unwrap();
                training.parameters()[samples..].iter().position(|&b| b == 1.0).unwrap()
            })
            .collect()
    };
    let (first, second) = (epoch(), epoch());
    for seen in [&first, &second] {
        let mut sorted = seen.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..samples).collect::<Vec<_>>());
    }
    assert_ne!(first, second);
}

/// Full batches, by word or because the batch is as large as the data: b becomes the mean of all one-hot vectors.
#[test]
fn a_full_batch_is_the_mean_over_all_samples() {
    for size in [BatchSize::Full(Full::Full), BatchSize::Samples(12), BatchSize::Samples(500)] {
        let mut training = zeros(12, size);
        training.advance(1).unwrap();
        assert!(training.parameters()[12..].iter().all(|b| (b - 1.0 / 12.0).abs() < 1e-15));
        assert!(training.last_update()[12..].iter().all(|b| (b - 1.0 / 12.0).abs() < 1e-15));
    }
}

/// Linear regression diverges geometrically beyond η = 2/λ; the sign of each way to fail is reported, the
/// step is the one at which it was seen, and the parameters stay finite.
#[test]
fn divergence_is_found_where_it_arises() {
    for (rate, words) in
        [(1e3, "the loss has grown to"), (1e200, "the loss is not a finite number"), (f64::MAX, "parameter")]
    {
        let architecture = Architecture::new(vec![1, 2], Activation::Identity).unwrap();
        let data = Dataset::from_rows(vec![vec![2.0]], vec![0]).unwrap();
        let mut settings = OptimizerSettings::new(Rule::Sgd);
        settings.learning_rate = rate;
        let loss = Loss::new(LossFunction::MeanSquaredError);
        let size = BatchSize::Full(Full::Full);
        let mut training =
            Training::new(architecture, loss, data, size, &settings, vec![3.0, 0.0, 0.0, 0.0], 1, 1).unwrap();
        match training.advance(100) {
            Err(Error::Diverged { step, sign, .. }) => {
                assert!(sign.contains(words), "{rate}: {sign}");
                assert_eq!(step, training.steps());
                assert!(step < 5);
            }
            other => panic!("{rate}: {other:?}"),
        }
        assert!(training.parameters().iter().all(|p| p.is_finite()));
    }
}
