//! Work on several threads at once, where the caller provides them: natively those of the rayon pool that it is in
//! (`pool.install(…)`), elsewhere and in wasm its own thread alone.
//!
//! What is computed at the same time is independent, and is put together in a fixed order: results do not depend on the
//! number of threads.

/// How many threads the caller has.
#[inline]
pub fn count() -> usize {
    #[cfg(not(target_arch = "wasm32"))]
    if rayon::current_thread_index().is_some() {
        return rayon::current_num_threads();
    }
    1
}

/// The results of `a` and `b`.
pub fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    #[cfg(not(target_arch = "wasm32"))]
    if count() > 1 {
        return rayon::join(a, b);
    }
    (a(), b())
}

/// `work` with each item and its index; results in the order of the items.
pub fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(usize, T) -> R + Sync + Send) -> Vec<R> {
    #[cfg(not(target_arch = "wasm32"))]
    if count() > 1 {
        use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
        return items.into_par_iter().with_max_len(1).enumerate().map(|(i, item)| work(i, item)).collect();
    }
    items.into_iter().enumerate().map(|(i, item)| work(i, item)).collect()
}

/// `work` with each stretch of `length` numbers and its index; the last one may be shorter.
pub fn for_each_stretch(numbers: &mut [f64], length: usize, work: impl Fn(usize, &mut [f64]) + Sync + Send) {
    #[cfg(not(target_arch = "wasm32"))]
    if count() > 1 && length < numbers.len() {
        use rayon::iter::{IndexedParallelIterator, ParallelIterator};
        use rayon::slice::ParallelSliceMut;
        return numbers.par_chunks_mut(length).with_max_len(1).enumerate().for_each(|(i, part)| work(i, part));
    }
    numbers.chunks_mut(length).enumerate().for_each(|(i, part)| work(i, part));
}
