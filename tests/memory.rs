//! The estimate of memory against what an allocator counts, while real checkpoints are held as the page holds them.
#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use eigendrift::experiment::{Checkpoint, Run};
use eigendrift::state::link;
use eigendrift::state::memory::Held;

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

/// Bytes that the page holds at the end of run A of a link, and the worker at most, and what was expected of both.
fn measured_and_expected(hash: &str) -> [(f64, f64); 2] {
    let (state, notes) = link::read(hash, None);
    assert!(notes.is_empty(), "{notes:?}");
    let experiment = state.experiment(0).unwrap();
    let (train, test) = experiment.data_shape().unwrap();
    let expected = Held::new(&experiment, train, test);
    let begin = LIVE.load(Relaxed);
    PEAK.store(begin, Relaxed);
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
        "#data=digits&samples=1000&hidden=12&k=5&steps=2&every=1&A=sgd,lr:0.01",
        "#samples=2000&hidden=8,8,8&k=5&steps=10&every=1&test=0.5&batch=full&A=sgd,lr:0.01",
    ] {
        let [page, worker] = measured_and_expected(hash);
        for (place, (measured, expected)) in
            [("page", page), ("worker", worker), ("both", (page.0 + worker.0, page.1 + worker.1))]
        {
            let ratio = expected / measured;
            println!("{hash}, {place}: {measured:.3e} bytes held, {expected:.3e} expected, ratio {ratio:.2}");
            assert!((0.75..=1.25).contains(&ratio), "{hash}, {place}: {measured:.3e} held, {expected:.3e} expected");
        }
    }
}
