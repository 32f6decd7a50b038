//! One stage of the pipeline at a time, timed from inside: the program that `scripts/bench` runs natively, over lines on
//! standard input and output, and in the browser, through `wasm-bindgen`.

use eigendrift::activation::Activation;
use eigendrift::dataset::Dataset;
use eigendrift::hessian::{HessianWorkspace, Part};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::matmul::{Panels, Tiles, multiply_add};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::optimizer::{OptimizerSettings, Rule};
use eigendrift::random::{Random, Stream};
use eigendrift::spectrum::{EigenWorkspace, Order, spectrum};
use eigendrift::training::{BatchSize, Start, Training};

/// Eigenvectors per checkpoint.
const LEADING: usize = 10;
/// Optimizer steps per measurement of training.
const STEPS: usize = 500;
/// Depth of the products that measure the kernel's peak; two panels of it stay in the first-level cache.
const KERNEL_DEPTH: usize = 128;

/// A network with data and everything that the stages need.
pub struct Bench {
    parameters: Vec<f64>,
    training: Training,
    hessian: HessianWorkspace,
    matrix: Vec<f64>,
    eigen: EigenWorkspace,
    panels: Panels,
    product: Vec<f64>,
}

impl Bench {
    /// `layers` = n_0, …, n_L with normal inputs, tanh and cross-entropy, at a Xavier start.
    pub fn new(layers: &[usize], samples: usize) -> Self {
        let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).expect("layers");
        let mut random = Random::new(1, Stream::Probe, 0);
        let rows = (0..samples).map(|_| (0..layers[0]).map(|_| random.normal()).collect()).collect();
        let classes = architecture.classes();
        let data = Dataset::from_rows(rows, (0..samples).map(|n| n % classes).collect()).expect("data");
        let parameters = Start::default().draw(&architecture, &mut random);
        let loss = Loss::new(LossFunction::CrossEntropy);
        let inputs = Batch::from_rows(&data.inputs, data.features);
        let mut hessian = HessianWorkspace::new(&architecture, &loss, &inputs, &data.labels).expect("data");
        let mut matrix = Vec::new();
        hessian.hessian(&parameters, Part::Full, &mut matrix).expect("a finite Hessian");
        let settings = OptimizerSettings::new(Rule::Adam);
        let batch = BatchSize::Samples(32);
        let training =
            Training::new(architecture, loss, data, batch, &settings, parameters.clone(), 1, 1).expect("settings");
        let edge = 256;
        let mut panels = Panels::default();
        panels.pack(KERNEL_DEPTH, 0..edge, |_, row| row.fill_with(|| random.normal()));
        let product = vec![0.0; edge * edge];
        Bench { parameters, training, hessian, matrix, eigen: EigenWorkspace::default(), panels, product }
    }

    /// Runs `stage` once.
    pub fn run(&mut self, stage: &str) {
        match stage {
            "hessian" => self.run_hessian(),
            "spectrum" => self.run_spectrum(),
            "checkpoint" => {
                self.run_hessian();
                self.run_spectrum();
            }
            "training" => self.training.advance(STEPS).expect("no divergence"),
            "kernel" => {
                let edge = self.panels.rows();
                multiply_add(1.0, &self.panels, &self.panels, &mut self.product, edge, Tiles::All);
            }
            other => panic!("no stage {other}"),
        }
    }

    fn run_hessian(&mut self) {
        self.hessian.hessian(&self.parameters, Part::Full, &mut self.matrix).expect("a finite Hessian");
    }

    fn run_spectrum(&mut self) {
        let p = self.parameters.len();
        spectrum(&self.matrix, p, LEADING, Order::Algebraic, &mut self.eigen).expect("eigenvalues");
    }

    /// How much `stage` does, for rates: floating-point operations of the products, or optimizer steps.
    pub fn work(&self, stage: &str) -> f64 {
        match stage {
            "hessian" => product_operations(self.training.architecture(), self.training.data().len()),
            "training" => STEPS as f64,
            "kernel" => 2.0 * (self.panels.rows() * self.panels.rows() * KERNEL_DEPTH) as f64,
            _ => 0.0,
        }
    }
}

/// Multiplications and additions of the Hessian's matrix products that cannot be left out: per pair of layers m ≤ l the
/// two terms of each block, and of a diagonal block only the entries on and above the diagonals of both symmetric
/// factors. Padding, the factors themselves and the recursion for R and T do not count as work.
fn product_operations(architecture: &Architecture, samples: usize) -> f64 {
    let triangle = |n: usize| (n * (n + 1) / 2) as f64;
    let mut entries = 0.0;
    for l in 0..architecture.depth() {
        let (rows, columns) = (architecture.outputs(l), architecture.inputs(l));
        entries += triangle(rows) * triangle(columns + 1);
        for m in 0..l {
            let (lower, below) = (architecture.outputs(m), architecture.inputs(m) + 1);
            entries += (rows * (columns + 1) * lower * below) as f64;
            // T of the layer right below is the identity: only j = p remains.
            let inner = if m + 1 == l { columns } else { columns * lower };
            entries += (rows * inner * below) as f64;
        }
    }
    2.0 * entries * samples as f64
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use std::io::BufRead;
    use std::time::Instant;

    // `cargo test --benches` and `cargo bench` start every bench; this one is a partner for scripts/bench only.
    if !std::env::args().any(|argument| argument == "--serve") {
        return;
    }
    let mut bench: Option<Bench> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["size", layers, samples] => {
                let layers: Vec<usize> = layers.split('-').map(|n| n.parse().expect("a width")).collect();
                bench = Some(Bench::new(&layers, samples.parse().expect("a number of samples")));
                println!("0 0");
            }
            ["time", stage, repetitions] => {
                let bench = bench.as_mut().expect("a size first");
                let repetitions: u32 = repetitions.parse().expect("a number of repetitions");
                let start = Instant::now();
                for _ in 0..repetitions {
                    bench.run(stage);
                }
                let milliseconds = 1e3 * start.elapsed().as_secs_f64() / f64::from(repetitions);
                println!("{milliseconds} {}", bench.work(stage));
            }
            other => panic!("not understood: {other:?}"),
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use wasm_bindgen::prelude::wasm_bindgen;

    /// The browser's side of the same protocol; the page holds the clock.
    #[wasm_bindgen]
    pub struct Stages(super::Bench);

    #[wasm_bindgen]
    impl Stages {
        /// A network of these layers with that many samples.
        #[wasm_bindgen(constructor)]
        pub fn new(layers: Vec<usize>, samples: usize) -> Self {
            Stages(super::Bench::new(&layers, samples))
        }

        /// Runs `stage` so many times.
        pub fn run(&mut self, stage: &str, repetitions: usize) {
            for _ in 0..repetitions {
                self.0.run(stage);
            }
        }

        /// How much one run of `stage` does.
        pub fn work(&self, stage: &str) -> f64 {
            self.0.work(stage)
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
