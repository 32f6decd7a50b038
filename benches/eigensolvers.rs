//! This crate's eigensolver beside nalgebra's and faer's, natively and on one thread, on exact Hessians: `cargo bench
//! --bench eigensolvers`, about four minutes. The native table in src/spectrum.rs comes from it.

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::hint::black_box;
    use std::time::Duration;

    use criterion::{Criterion, SamplingMode, criterion_group};
    use eigendrift::activation::Activation;
    use eigendrift::hessian::{HessianWorkspace, Part};
    use eigendrift::loss::{Loss, LossFunction};
    use eigendrift::mlp::{Architecture, Batch};
    use eigendrift::random::{Random, Stream};
    use eigendrift::spectrum::{EigenWorkspace, Order, eigenvalues, spectrum};
    use eigendrift::training::Start;
    use faer::{Mat, Side};
    use nalgebra::{DMatrix, SymmetricEigen};

    /// P = 231, 334, 610 and 1210.
    const LAYERS: [&[usize]; 4] = [&[2, 12, 12, 3], &[16, 12, 10], &[64, 8, 10], &[64, 16, 10]];
    /// Fewer samples than parameters: many eigenvalues are near zero, as after training.
    const SAMPLES: usize = 100;

    /// The Hessian of the cross-entropy at a start, on normal inputs.
    fn hessian(layers: &[usize]) -> (Vec<f64>, usize) {
        let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).expect("layers");
        let mut random = Random::new(1, Stream::Probe, 0);
        let rows: Vec<f64> = (0..SAMPLES * layers[0]).map(|_| random.normal()).collect();
        let labels: Vec<usize> = (0..SAMPLES).map(|n| n % architecture.classes()).collect();
        let parameters = Start::default().draw(&architecture, &mut random);
        let (inputs, loss) = (Batch::from_rows(&rows, layers[0]), Loss::new(LossFunction::CrossEntropy));
        let mut workspace = HessianWorkspace::new(&architecture, &loss, &inputs, &labels).expect("data");
        let mut matrix = Vec::new();
        workspace.hessian(&parameters, Part::Full, &mut matrix).expect("finite");
        (matrix, architecture.parameter_count())
    }

    fn eigensolvers(c: &mut Criterion) {
        for layers in LAYERS {
            let (matrix, n) = hessian(layers);
            let (ours, mut workspace) = (matrix.as_slice(), EigenWorkspace::default());
            let nalgebra = DMatrix::from_row_slice(n, n, &matrix);
            let faer = Mat::from_fn(n, n, |i, j| matrix[i * n + j]);
            let mut group = c.benchmark_group(format!("n = {n}"));
            group.sample_size(10).sampling_mode(SamplingMode::Flat);
            group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
            group.bench_function("this crate, values", |b| {
                b.iter(|| eigenvalues(black_box(ours), n, &mut workspace).expect("eigenvalues"));
            });
            for (name, k) in [("this crate, values and 10 vectors", 10), ("this crate, all vectors", n)] {
                group.bench_function(name, |b| {
                    b.iter(|| spectrum(black_box(ours), n, k, Order::Algebraic, &mut workspace).expect("eigenvalues"));
                });
            }
            group.bench_function("nalgebra, values", |b| b.iter(|| black_box(&nalgebra).symmetric_eigenvalues()));
            group.bench_function("nalgebra, all vectors", |b| {
                b.iter(|| SymmetricEigen::new(black_box(&nalgebra).clone()));
            });
            group.bench_function("faer, values", |b| {
                b.iter(|| black_box(&faer).self_adjoint_eigenvalues(Side::Lower).expect("eigenvalues"));
            });
            group.bench_function("faer, all vectors", |b| {
                b.iter(|| black_box(&faer).self_adjoint_eigen(Side::Lower).expect("eigenvalues"));
            });
            group.finish();
        }
    }

    criterion_group!(benches, eigensolvers);
}

#[cfg(not(target_arch = "wasm32"))]
criterion::criterion_main!(native::benches);

#[cfg(target_arch = "wasm32")]
fn main() {}
