//! Native timings of products with the Hessian and of leading eigenpairs without the matrix, one thread:
//! `RAYON_NUM_THREADS=1 cargo bench --bench operator`.

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::hint::black_box;

    use criterion::{BenchmarkId, Criterion, criterion_group};
    use eigendrift::activation::Activation;
    use eigendrift::hessian::HessianOperator;
    use eigendrift::loss::{Loss, LossFunction};
    use eigendrift::mlp::{Architecture, Batch};
    use eigendrift::random::{Random, Stream};
    use eigendrift::training::Start;

    const SIZES: [(&[usize], usize); 4] =
        [(&[64, 16, 10], 512), (&[64, 128, 10], 1797), (&[64, 512, 10], 1797), (&[64, 256, 128, 10], 1797)];

    fn products(c: &mut Criterion) {
        for (layers, samples) in SIZES {
            let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).expect("layers");
            let p = architecture.parameter_count();
            let mut random = Random::new(1, Stream::Probe, 0);
            let rows: Vec<f64> = (0..samples * layers[0]).map(|_| random.normal()).collect();
            let labels: Vec<usize> = (0..samples).map(|n| n % architecture.classes()).collect();
            let parameters = Start::default().draw(&architecture, &mut random);
            let vector: Vec<f64> = (0..p).map(|_| random.normal()).collect();
            let inputs = Batch::from_rows(&rows, layers[0]);
            let loss = Loss::new(LossFunction::CrossEntropy);
            let mut operator = HessianOperator::new(&architecture, &loss, &inputs, &labels).expect("data");
            c.bench_with_input(BenchmarkId::new("linearize", p), &p, |b, _| {
                b.iter(|| operator.linearize(black_box(&parameters)).expect("parameters"));
            });
            let mut product = vec![0.0; p];
            c.bench_with_input(BenchmarkId::new("product", p), &p, |b, _| {
                b.iter(|| operator.apply(black_box(&vector), &mut product).expect("finite"));
            });
        }
    }

    criterion_group!(operator, products);
}

#[cfg(not(target_arch = "wasm32"))]
criterion::criterion_main!(native::operator);

#[cfg(target_arch = "wasm32")]
fn main() {}
