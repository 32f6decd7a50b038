//! Native timings of the kernels, for work on them: `cargo bench --bench kernels`. For comparisons use scripts/bench.

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::hint::black_box;

    use criterion::{BenchmarkId, Criterion, criterion_group};
    use eigendrift::activation::Activation;
    use eigendrift::hessian::{HessianWorkspace, Part};
    use eigendrift::loss::{Loss, LossFunction};
    use eigendrift::matmul::{Panels, Tiles, multiply_add};
    use eigendrift::mlp::{Architecture, Batch};
    use eigendrift::random::{Random, Stream};
    use eigendrift::spectrum::{EigenWorkspace, Order, eigenvalues, spectrum};
    use eigendrift::training::Start;

    const SIZES: [(&[usize], usize); 3] = [(&[2, 12, 12, 3], 300), (&[16, 12, 10], 512), (&[64, 8, 10], 512)];

    fn product(c: &mut Criterion) {
        let mut random = Random::new(1, Stream::Probe, 0);
        let mut panels = Panels::default();
        panels.pack(128, 0..256, |_, row| row.fill_with(|| random.normal()));
        let mut result = vec![0.0; 256 * 256];
        c.bench_function("matmul 256 × 256 × 128", |b| {
            b.iter(|| multiply_add(1.0, black_box(&panels), &panels, &mut result, 256, Tiles::All));
        });
    }

    fn checkpoint(c: &mut Criterion) {
        for (layers, samples) in SIZES {
            let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).expect("layers");
            let p = architecture.parameter_count();
            let mut random = Random::new(1, Stream::Probe, 0);
            let rows: Vec<f64> = (0..samples * layers[0]).map(|_| random.normal()).collect();
            let labels: Vec<usize> = (0..samples).map(|n| n % architecture.classes()).collect();
            let parameters = Start::default().draw(&architecture, &mut random);
            let inputs = Batch::from_rows(&rows, layers[0]);
            let loss = Loss::new(LossFunction::CrossEntropy);
            let mut workspace = HessianWorkspace::new(&architecture, &loss, &inputs, &labels).expect("data");
            let mut matrix = Vec::new();
            c.bench_with_input(BenchmarkId::new("hessian", p), &p, |b, _| {
                b.iter(|| workspace.hessian(black_box(&parameters), Part::Full, &mut matrix).expect("finite"));
            });
            let mut eigen = EigenWorkspace::default();
            c.bench_with_input(BenchmarkId::new("all eigenvalues", p), &p, |b, &p| {
                b.iter(|| eigenvalues(black_box(&matrix), p, &mut eigen).expect("eigenvalues"));
            });
            c.bench_with_input(BenchmarkId::new("all eigenvalues, 10 vectors", p), &p, |b, &p| {
                b.iter(|| spectrum(black_box(&matrix), p, 10, Order::Algebraic, &mut eigen).expect("eigenvalues"));
            });
        }
    }

    criterion_group!(kernels, product, checkpoint);
}

#[cfg(not(target_arch = "wasm32"))]
criterion::criterion_main!(native::kernels);

#[cfg(target_arch = "wasm32")]
fn main() {}
