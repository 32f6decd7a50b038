//! Bytes as decisions of the generator, so that every input is nearly an experiment or a case, and coverage leads to rare
//! combinations. tests/hostile_experiments.rs checks the same contract without coverage.
#![no_main]

#[path = "../tests/generator/mod.rs"]
mod generator;

use generator::{Bytes, contract};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (experiment, case) = (generator::experiment(&mut Bytes(bytes)), generator::case(&mut Bytes(bytes)));
    if let Err(problem) = contract::experiment(&experiment) {
        panic!("{problem}\nof the experiment {experiment}");
    }
    if let Err(problem) = contract::case(&case) {
        panic!("{problem}\nof the case {case}");
    }
});
