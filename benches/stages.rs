//! One stage of the pipeline at a time, timed from inside: the program that `scripts/bench` runs natively, over lines on
//! standard input and output, and in the browser, through `wasm-bindgen`.

use eigendrift::activation::Activation;
use eigendrift::dataset::{Dataset, embedded};
use eigendrift::hessian::{HessianOperator, HessianWorkspace, Part};
use eigendrift::loss::{Loss, LossFunction};
use eigendrift::matmul::{Panels, Tiles, multiply_add};
use eigendrift::mlp::{Architecture, Batch};
use eigendrift::optimizer::{OptimizerSettings, Rule};
use eigendrift::random::{Random, Stream};
use eigendrift::spectrum::{EigenWorkspace, LeadingWorkspace, Order, leading_spectrum, spectrum};
use eigendrift::training::{BatchSize, Full, Start, Training};

/// Eigenvectors per checkpoint.
const LEADING: usize = 10;
/// Optimizer steps per measurement of training.
const STEPS: usize = 500;
/// Steps before leading eigenpairs are looked for, each on all samples.
const TRAINED: usize = 200;
/// Largest residual of the leading eigenpairs, relative to the largest eigenvalue.
const RESIDUAL: f64 = 1e-10;
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
    /// `layers` = n_0, …, n_L with tanh and cross-entropy, at a Xavier start; with 64 inputs on the first digits, else on
    /// normal numbers.
    pub fn new(layers: &[usize], samples: usize) -> Self {
        let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).expect("layers");
        let mut random = Random::new(1, Stream::Probe, 0);
        let data = if layers[0] == 64 {
            digits(samples)
        } else {
            let rows = (0..samples).map(|_| (0..layers[0]).map(|_| random.normal()).collect()).collect();
            Dataset::from_rows(rows, (0..samples).map(|n| n % architecture.classes()).collect()).expect("data")
        };
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
            "hessian" => product_operations(self.training.architecture(), self.training.data()),
            "training" => STEPS as f64,
            "kernel" => 2.0 * (self.panels.rows() * self.panels.rows() * KERNEL_DEPTH) as f64,
            _ => 0.0,
        }
    }
}

/// A network that has been trained on the first digits, for what is computed without the matrix.
pub struct Network {
    training: Training,
    operator: HessianOperator,
    vector: Vec<f64>,
    product: Vec<f64>,
    workspace: LeadingWorkspace,
    /// Products that the leading eigenpairs took.
    products: usize,
    /// Only where the dense route is measured: it takes memory that large networks do not have.
    dense: Option<HessianWorkspace>,
    matrix: Vec<f64>,
    eigen: EigenWorkspace,
}

impl Network {
    /// `layers` = 64, …, 10 with tanh and cross-entropy on the first `samples` digits, from a Xavier start trained by
    /// [`TRAINED`] steps of Adam.
    pub fn new(layers: &[usize], samples: usize) -> Self {
        let architecture = Architecture::new(layers.to_vec(), Activation::Tanh).expect("layers");
        let loss = Loss::new(LossFunction::CrossEntropy);
        let digits = digits(samples);
        let inputs = Batch::from_rows(&digits.inputs, digits.features);
        let operator = HessianOperator::new(&architecture, &loss, &inputs, &digits.labels).expect("data");
        let mut random = Random::new(1, Stream::Probe, 0);
        let start = Start::default().draw(&architecture, &mut random);
        let vector = start.iter().map(|_| random.normal()).collect();
        let settings = OptimizerSettings::new(Rule::Adam);
        let batch = BatchSize::Full(Full::Full);
        let mut training = Training::new(architecture, loss, digits, batch, &settings, start, 1, 1).expect("settings");
        training.advance(TRAINED).expect("no divergence");
        let product = vec![0.0; training.parameters().len()];
        let mut network = Network {
            training,
            operator,
            vector,
            product,
            workspace: LeadingWorkspace::default(),
            products: 0,
            dense: None,
            matrix: Vec::new(),
            eigen: EigenWorkspace::default(),
        };
        network.linearize();
        network
    }

    /// Runs `stage` once.
    pub fn run(&mut self, stage: &str) {
        match stage {
            "product" => self.operator.apply(&self.vector, &mut self.product).expect("a finite product"),
            "pairs" => self.run_pairs(),
            "dense" => self.run_dense(),
            other => panic!("no stage {other}"),
        }
    }

    fn linearize(&mut self) {
        self.operator.linearize(self.training.parameters()).expect("finite parameters");
    }

    fn run_dense(&mut self) {
        let (training, p) = (&self.training, self.training.parameters().len());
        let workspace = self.dense.get_or_insert_with(|| {
            let inputs = Batch::from_rows(&training.data().inputs, training.data().features);
            HessianWorkspace::new(training.architecture(), training.loss(), &inputs, &training.data().labels)
                .expect("data")
        });
        workspace.hessian(training.parameters(), Part::Full, &mut self.matrix).expect("a finite Hessian");
        spectrum(&self.matrix, p, LEADING, Order::Algebraic, &mut self.eigen).expect("eigenvalues");
    }

    fn run_pairs(&mut self) {
        self.linearize();
        let (operator, workspace) = (&mut self.operator, &mut self.workspace);
        let found = leading_spectrum(operator, LEADING, Order::Algebraic, 1, workspace).expect("eigenpairs");
        let worst = found.residuals.iter().fold(0.0, |worst: f64, residual| worst.max(*residual));
        assert!(worst <= RESIDUAL * found.eigenvalues[0], "a residual of {worst:e}");
        self.products = found.products;
    }

    /// How much `stage` does: floating-point operations of a product, or how many products the eigenpairs took.
    pub fn work(&self, stage: &str) -> f64 {
        match stage {
            "product" => tangent_operations(self.training.architecture(), self.training.data()),
            "pairs" => self.products as f64,
            _ => 0.0,
        }
    }
}

/// The first images of 8 × 8 pixels.
fn digits(samples: usize) -> Dataset {
    embedded::digits(None).expect("digits").select(&(0..samples).collect::<Vec<_>>())
}

/// The inputs of layer `l` that are not 0 in all samples.
fn active_inputs(architecture: &Architecture, data: &Dataset, l: usize) -> usize {
    let is_active = |j: &usize| data.inputs.iter().skip(*j).step_by(data.features).any(|x| *x != 0.0);
    if l == 0 { (0..data.features).filter(is_active).count() } else { architecture.inputs(l) }
}

/// Multiplications and additions of H v with all that does not depend on v known: per layer V_l a and its transpose, W_l R a
/// and its transpose, and the two outer products, without those that have no input below.
fn tangent_operations(architecture: &Architecture, data: &Dataset) -> f64 {
    let entries = |l: usize| (active_inputs(architecture, data, l) * architecture.outputs(l)) as f64;
    let of_layer = |l: usize| if l == 0 { 2.0 } else { 6.0 } * entries(l);
    2.0 * (0..architecture.depth()).map(of_layer).sum::<f64>() * data.len() as f64
}

/// What is measured: one of the two, after `size` or `network`.
pub enum Subject {
    /// What has the matrix.
    Dense(Box<Bench>),
    /// What is computed without the matrix, on digits.
    Products(Box<Network>),
}

impl Subject {
    /// The subject that the command `size` or `network` asks for.
    pub fn new(command: &str, layers: &[usize], samples: usize) -> Self {
        match command {
            "size" => Subject::Dense(Box::new(Bench::new(layers, samples))),
            "network" => Subject::Products(Box::new(Network::new(layers, samples))),
            other => panic!("no command {other}"),
        }
    }

    /// Runs `stage` so many times.
    pub fn run(&mut self, stage: &str, repetitions: usize) {
        for _ in 0..repetitions {
            match self {
                Subject::Dense(bench) => bench.run(stage),
                Subject::Products(network) => network.run(stage),
            }
        }
    }

    /// How much one run of `stage` does.
    pub fn work(&self, stage: &str) -> f64 {
        match self {
            Subject::Dense(bench) => bench.work(stage),
            Subject::Products(network) => network.work(stage),
        }
    }
}

/// Multiplications and additions of the Hessian's matrix products that cannot be left out: per pair of layers m ≤ l the
/// two terms of each block, and of a diagonal block only the entries on and above the diagonals of both symmetric
/// factors, for the samples whose inputs are not 0. Padding, the factors themselves and the recursion for R and T do not count as
/// work.
fn product_operations(architecture: &Architecture, data: &Dataset) -> f64 {
    let triangle = |n: usize| (n * (n + 1) / 2) as f64;
    // For each sample the entries of ã that are not 0.
    let kept = |l: usize, x: &[f64]| if l == 0 { nonzero(x) } else { architecture.inputs(l) } + 1;
    let sum = |of: &dyn Fn(&[f64]) -> f64| data.inputs.chunks_exact(data.features).map(of).sum::<f64>();
    let mut operations = 0.0;
    for l in 0..architecture.depth() {
        let (rows, columns) = (architecture.outputs(l), architecture.inputs(l));
        operations += triangle(rows) * sum(&|x| triangle(kept(l, x)));
        for m in 0..l {
            let lower = architecture.outputs(m);
            // T of the layer right below is the identity: only j = p remains.
            let inner = if m + 1 == l { columns } else { columns * lower };
            operations += (rows * ((columns + 1) * lower + inner)) as f64 * sum(&|x| kept(m, x) as f64);
        }
    }
    2.0 * operations
}

fn nonzero(x: &[f64]) -> usize {
    x.iter().filter(|x| **x != 0.0).count()
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use std::io::BufRead;
    use std::time::Instant;

    // `cargo test --benches` and `cargo bench` start every bench; this one is a partner for scripts/bench only.
    if !std::env::args().any(|argument| argument == "--serve") {
        return;
    }
    let mut subject: Option<Subject> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["time", stage, repetitions] => {
                let subject = subject.as_mut().expect("a size or network first");
                let repetitions: u32 = repetitions.parse().expect("a number of repetitions");
                let start = Instant::now();
                subject.run(stage, repetitions as usize);
                let milliseconds = 1e3 * start.elapsed().as_secs_f64() / f64::from(repetitions);
                println!("{milliseconds} {}", subject.work(stage));
            }
            [command, layers, samples] => {
                let layers: Vec<usize> = layers.split('-').map(|n| n.parse().expect("a width")).collect();
                subject = Some(Subject::new(command, &layers, samples.parse().expect("a number of samples")));
                println!("0 0");
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
    pub struct Stages(super::Subject);

    #[wasm_bindgen]
    impl Stages {
        /// A network of these layers with that many samples, for `size` or `network`.
        #[wasm_bindgen(constructor)]
        pub fn new(command: &str, layers: Vec<usize>, samples: usize) -> Self {
            Stages(super::Subject::new(command, &layers, samples))
        }

        /// Runs `stage` so many times.
        pub fn run(&mut self, stage: &str, repetitions: usize) {
            self.0.run(stage, repetitions);
        }

        /// How much one run of `stage` does.
        pub fn work(&self, stage: &str) -> f64 {
            self.0.work(stage)
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
