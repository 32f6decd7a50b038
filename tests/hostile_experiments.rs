//! Experiments and cases with fields missing, of another type, at limits, beyond them, repeated and misspelt, alone and
//! combined: each is refused with a sentence, or gives finite numbers within their mathematical ranges.
#![cfg(not(target_arch = "wasm32"))]

mod generator;

use eigendrift::random::{Random, Stream};
use generator::contract::{self, Outcome};
use generator::{Bytes, Choices};

const EXPERIMENTS: u64 = 60_000;
const CASES: u64 = 60_000;

/// Shows the input of a panic.
struct Input<'a>(&'a str);

impl Drop for Input<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with {}", self.0);
        }
    }
}

fn check(kind: &str, text: &str) -> Outcome {
    let _input = Input(text);
    let outcome = if kind == "experiment" { contract::experiment(text) } else { contract::case(text) };
    outcome.unwrap_or_else(|problem| panic!("{problem}, of the {kind}"))
}

/// Counts of outcomes, so that neither all nor none is refused.
fn tried(kind: &str, count: u64, stream: Stream, write: fn(&mut dyn Choices) -> String) -> [u64; 3] {
    let mut counts = [0; 3];
    for index in 0..count {
        let text = write(&mut Random::new(2026, stream, index));
        counts[check(kind, &text) as usize] += 1;
    }
    counts
}

#[test]
fn experiments_are_refused_or_run() {
    let counts = tried("experiment", EXPERIMENTS, Stream::Data, generator::experiment);
    println!("refused, run, large: {counts:?}");
    assert!(counts[Outcome::Refused as usize] > EXPERIMENTS / 4 && counts[Outcome::Found as usize] > EXPERIMENTS / 10);
}

#[test]
fn cases_are_refused_or_analysed() {
    let counts = tried("case", CASES, Stream::Start, generator::case);
    println!("refused, analysed: {counts:?}");
    assert!(counts[Outcome::Refused as usize] > CASES / 4 && counts[Outcome::Found as usize] > CASES / 10);
}

/// What `scripts/fuzz` has found worth keeping.
#[test]
fn the_corpus_is_refused_or_run() {
    let mut count = 0;
    for entry in std::fs::read_dir("tests/corpus").unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        check("experiment", &generator::experiment(&mut Bytes(&bytes)));
        check("case", &generator::case(&mut Bytes(&bytes)));
        count += 1;
    }
    assert!(count > 10);
}
