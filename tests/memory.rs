//! The estimate of memory against what an allocator counts, while real checkpoints are held as the page holds them.
#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use eigendrift::dataset::Rows;
use eigendrift::dataset::idx::{Element, header};
use eigendrift::experiment::{Checkpoint, Experiment, Run};
use eigendrift::state::link;
use eigendrift::state::memory::Held;
use serde_json::{Value, json};

/// The system's allocator, counting what is asked of it.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)] // a global allocator cannot be had without
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The experiment of run A of a link.
fn of_link(hash: &str) -> Experiment {
    let (state, notes) = link::read(hash, None);
    assert!(notes.is_empty(), "{notes:?}");
    state.experiment(0).unwrap()
}

/// The same on images of a visitor's own, whose inputs are large beside all else.
fn of_images(more: Value) -> Experiment {
    let (count, side) = (3000, 20);
    let header = |sizes: &[usize]| header(Element::U8, sizes);
    let images =
        [header(&[count, side, side]), (0..count * side * side).map(|i| (i * i % 241) as u8).collect()].concat();
    let labels = [header(&[count]), (0..count).map(|n| (n % 3) as u8).collect()].concat();
    let (own, packed) = Rows::of_idx(("i", &images), ("l", &labels)).unwrap().pack("i");
    let mut experiment = of_link("#hidden=4&k=2&steps=4&every=2&A=sgd,lr:0.01");
    let mut data = more;
    data["own"] = serde_json::to_value(own).unwrap();
    experiment.test_share = data.as_object_mut().unwrap().remove("test_share").map_or(0.0, |x| x.as_f64().unwrap());
    experiment.data = serde_json::from_value(data).unwrap();
    experiment.data.table = Some(packed.into());
    experiment
}

/// Bytes that the page holds at the end of a run, and the worker at most, and what was expected of both.
fn measured_and_expected(experiment: impl FnOnce() -> Experiment) -> [(f64, f64); 2] {
    let begin = LIVE.load(Relaxed);
    let experiment = experiment();
    let (train, test) = experiment.data_shape().unwrap();
    let expected = Held::new(&experiment, train, test);
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    let mut run = Run::new(experiment).unwrap();
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    while !run.is_finished() {
        run.advance(usize::MAX).unwrap();
        // What comes to the page by a message is as long as it must be, as in a clone.
        let arrived = run.checkpoint().unwrap().clone();
        checkpoints.push(arrived);
    }
    let most = PEAK.load(Relaxed) - begin;
    drop(run);
    let page = LIVE.load(Relaxed) - begin;
    [(page as f64, expected.page()), ((most - page) as f64, expected.worker())]
}

/// One test in its file, so that nothing else allocates meanwhile.
#[test]
fn the_estimate_is_within_a_quarter_of_what_is_held() {
    for hash in [
        // Two-time rows, directions, spectra, matrices, samples: each the largest part of one.
        "#samples=300&hidden=4&k=2&steps=1000&every=1&A=sgd,lr:0.01",
        "#samples=300&hidden=12,12&k=50&steps=100&every=1&A=adam,lr:0.001",
        "#samples=100&hidden=12,12&k=1&steps=300&every=1&A=adam,lr:0.001",
        "#samples=100&hidden=30,30&k=1&steps=1&every=1&A=sgd,lr:0.01",
        "#samples=100&hidden=30,20&k=20&steps=1&every=1&A=rmsprop,lr:0.001,rotated:on",
        "#samples=2000&hidden=8,8,8&k=5&steps=10&every=1&test=0.5&batch=full&A=sgd,lr:0.01",
        // Leading pairs alone: the basis and history; what the operator holds for each sample; vectors on the page.
        "#data=digits&samples=200&hidden=100&k=5&steps=2&every=1&A=sgd,lr:0.01",
        "#data=digits&samples=1797&hidden=60,30&k=2&steps=1&every=1&spectrum=leading&A=sgd,lr:0.01",
        "#data=digits&samples=100&hidden=64&k=10&steps=40&every=1&hessian=20&A=adam,lr:0.001",
    ] {
        compare(hash, measured_and_expected(|| of_link(hash)));
    }
    for data in [
        json!({"preparation": "principal_components", "components": 4}),
        json!({"preparation": "none", "samples": 1000}),
        json!({"preparation": "principal_components", "components": 4, "test_share": 0.5}),
    ] {
        compare(&data.to_string(), measured_and_expected(|| of_images(data.clone())));
    }
    let digits = "#data=digits&samples=1000&hidden=12&k=5&steps=2&every=1&A=sgd,lr:0.01";
    let standardized = || {
        let mut experiment = of_link(digits);
        let data = json!({"name": "digits", "samples": 1000, "preparation": "standardized"});
        experiment.data = serde_json::from_value(data).unwrap();
        experiment
    };
    compare("standardized digits", measured_and_expected(standardized));
    // Zeros take no memory in the Hessian's factors, and are expected to.
    let [_, (measured, expected)] = measured_and_expected(|| of_link(digits));
    assert!((1.0..=1.5).contains(&(expected / measured)), "{digits}: {measured:.3e} held, {expected:.3e} expected");
}

fn compare(what: &str, [page, worker]: [(f64, f64); 2]) {
    for (place, (measured, expected)) in
        [("page", page), ("worker", worker), ("both", (page.0 + worker.0, page.1 + worker.1))]
    {
        let ratio = expected / measured;
        println!("{what}, {place}: {measured:.3e} bytes held, {expected:.3e} expected, ratio {ratio:.2}");
        assert!((0.75..=1.25).contains(&ratio), "{what}, {place}: {measured:.3e} held, {expected:.3e} expected");
    }
}
