//! The length of slices of work, by a clock that advances one millisecond each time it is read.

#![cfg(not(target_arch = "wasm32"))]

use std::cell::{Cell, RefCell};

use eigendrift::dataset::{Name, Sketch};
use eigendrift::experiment::Experiment;
use eigendrift::page::job::{Host, Job, Next, PROGRESS, SLICE};
use eigendrift::page::message::{Command, Event, Task};

/// A run of 1000 steps between two checkpoints, after its first.
fn with_run(speed: Option<f64>, test: impl FnOnce(&mut Job, &Host, &Cell<f64>, &RefCell<Vec<Event>>)) {
    let (time, events) = (Cell::new(0.0), RefCell::new(Vec::new()));
    let clock = || {
        time.set(time.get() + 1.0);
        time.get()
    };
    let emit = |event| events.borrow_mut().push(event);
    let host = Host { clock: &clock, emit: &emit };
    let experiment = Experiment { steps: 1000, checkpoint_every: 1000, null_model: None, ..Experiment::default() };
    let mut job = Job::start(Task::Run { experiment, speed, paused: false }, Vec::new(), &host).unwrap();
    assert_eq!(job.slice(&host), Next::Now);
    assert!(matches!(events.borrow()[..], [Event::Started(_), Event::Checkpoint { .. }]));
    test(&mut job, &host, &time, &events);
}

fn step(job: &mut Job, host: &Host, events: &RefCell<Vec<Event>>) -> usize {
    job.command(Command::Pause, host);
    let Some(Event::Paused { step }) = events.borrow_mut().pop() else { panic!("no answer to pause") };
    assert_eq!(job.slice(host), Next::Idle);
    job.command(Command::Resume, host);
    assert!(matches!(events.borrow_mut().pop(), Some(Event::Resumed { step: again }) if again == step));
    step
}

#[test]
fn a_slice_of_training_ends_in_time() {
    with_run(None, |job, host, time, events| {
        for slice in 1..5 {
            let begin = time.get();
            assert_eq!(job.slice(host), Next::Now);
            assert!(time.get() - begin <= SLICE + 2.0);
            // The clock is read once for each step.
            assert_eq!(step(job, host, events), slice * SLICE as usize);
        }
    });
}

#[test]
fn progress_is_reported_at_its_rate_and_the_end_once() {
    with_run(None, |job, host, time, events| {
        let begin = time.get();
        while job.slice(host) == Next::Now {}
        let events = events.borrow();
        let reports = events.iter().filter(|event| matches!(event, Event::Progress { .. })).count() as f64;
        assert!(
            reports >= (time.get() - begin) / (PROGRESS + SLICE + 2.0) - 1.0
                && reports <= (time.get() - begin) / PROGRESS
        );
        assert!(matches!(events[events.len() - 2..], [Event::Checkpoint { .. }, Event::Finished { step: 1000 }]));
        assert_eq!(events.iter().filter(|event| event.is_last()).count(), 1);
    });
}

#[test]
fn speed_is_kept_and_pauses_are_not_caught_up() {
    // One step for each 50 ms.
    with_run(Some(20.0), |job, host, time, events| {
        for _ in 0..3 {
            let begin = time.get();
            while time.get() - begin < 1000.0 {
                if let Next::After(wait) = job.slice(host) {
                    assert!(wait > 0.0 && wait <= PROGRESS);
                    time.set(time.get() + wait);
                }
            }
            let before = step(job, host, events);
            time.set(time.get() + 60_000.0);
            job.command(Command::Resume, host);
            events.borrow_mut().pop();
            assert_eq!(step(job, host, events), before);
        }
        let steps = step(job, host, events);
        assert!((57..=61).contains(&steps), "{steps} steps in three seconds");
    });
}

#[test]
fn all_data_sets_are_sketched_one_in_a_slice() {
    let events = RefCell::new(Vec::new());
    let host = Host { clock: &|| 0.0, emit: &|event| events.borrow_mut().push(event) };
    let mut job = Job::start(Task::Sketches, Vec::new(), &host).unwrap();
    for _ in Name::ALL {
        assert_eq!(job.slice(&host), Next::Now);
        assert!(events.borrow().is_empty());
    }
    assert_eq!(job.slice(&host), Next::Over);
    let sketches: Vec<_> = Name::ALL.iter().map(|&name| Sketch::of(name, None).unwrap()).collect();
    assert_eq!(*events.borrow(), [Event::Sketches(sketches)]);
}
