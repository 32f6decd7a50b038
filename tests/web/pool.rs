//! The pool, with workers that fail in various ways: a script that follows the protocol, and does what the experiment's
//! seed selects.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use eigendrift::experiment::{Experiment, Run};
use eigendrift::page::message::{Command, Event, Task};
use eigendrift::web::timer::now;
use eigendrift::web::workers::pool::{Notice, Pool};
use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::tests::js::sleep;

/// What the pool posts to a worker first.
const PROGRAM: &str = "the program";
/// What a worker posts first.
const READY: &str = r#""Ready""#;

/// Address of a worker whose first message is `ready`, once it has been given the program.
fn script(ready: &str) -> String {
    let experiment = Experiment { hidden: vec![], null_model: None, ..Experiment::default() };
    let checkpoint = Run::new(experiment).unwrap().checkpoint().unwrap();
    let source = format!(
        r#"
        const checkpoint = {};
        let generation;
        const post = event => postMessage({{Event: {{generation, event}}}});
        const cases = {{
            1: () => {{ post({{Progress: {{step: 1}}}}); post({{Finished: {{step: 1}}}}); }},
            2: () => {{ throw new Error("out of order"); }},
            3: () => {{ post({{Progress: {{step: 3}}}}); for (const end = performance.now() + 60000; performance.now() < end;); }},
            4: () => {{ post({{Checkpoint: {{checkpoint, milliseconds: 1, training_milliseconds: 1}}}}); }},
            5: () => {{ post({{Progress: {{step: 5}}}}); }},
            6: () => {{ postMessage("nonsense"); }},
            8: () => {{}},
            7: () => {{ post({{Panicked: {{sentence: "index out of bounds"}}}}); throw new Error("unreachable"); }},
        }};
        onmessage = ({{data}}) => {{
            if (data !== "{PROGRAM}") throw new Error("this is not the program");
            onmessage = receive;
            postMessage({ready});
        }};
        const receive = ({{data}}) => {{
            if (data.Start) {{
                generation = data.Start.generation;
                setTimeout(() => cases[data.Start.task.Run.experiment.seed]());
            }} else if (data.Command === "Stop") {{
                post("Stopped");
            }} else {{
                post({{Refused: {{sentence: JSON.stringify(data.Command)}}}});
            }}
        }};
        "#,
        serde_json::to_string(&checkpoint).unwrap(),
    );
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("text/javascript"); // as modules must have
    let parts = Array::of1(&JsValue::from_str(&source));
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).unwrap();
    web_sys::Url::create_object_url_with_blob(&blob).unwrap()
}

/// Owns a pool as the page does, and keeps the events of its tasks.
struct Owner(Rc<RefCell<Owned>>);

struct Owned {
    pool: Pool,
    events: HashMap<u32, Vec<Event>>,
}

impl Owner {
    fn new(url: &str, limit: usize, spares: usize) -> Self {
        let owner = Rc::new_cyclic(|this: &Weak<RefCell<_>>| {
            let this = this.clone();
            let notify = move |notice| {
                if let Some(owner) = this.upgrade() {
                    Owner(owner).handle(notice);
                }
            };
            RefCell::new(Owned { pool: Pool::new(url, PROGRAM.into(), limit, spares, notify), events: HashMap::new() })
        });
        let owner = Owner(owner);
        owner.with(|_| ());
        owner
    }

    fn with<T>(&self, action: impl FnOnce(&mut Pool) -> T) -> T {
        let pool = &mut self.0.borrow_mut().pool;
        let result = action(pool);
        pool.dispatch();
        result
    }

    fn handle(&self, notice: Notice) {
        let events = self.with(|pool| pool.handle(notice));
        for (task, event) in events {
            self.0.borrow_mut().events.entry(task).or_default().push(event);
        }
    }

    fn start(&self, seed: u64) -> u32 {
        let task = Task::Run { experiment: Experiment { seed, ..Experiment::default() }, speed: None, paused: false };
        self.with(|pool| pool.start(task))
    }

    fn send(&self, task: u32, command: Command) {
        self.with(|pool| pool.send(task, command));
    }

    fn stop(&self, task: u32) {
        self.with(|pool| pool.stop(task));
    }

    fn is_alive(&self, task: u32) -> bool {
        self.0.borrow().pool.is_alive(task)
    }

    fn workers(&self) -> usize {
        self.0.borrow().pool.workers()
    }

    fn events(&self, task: u32) -> Vec<Event> {
        self.0.borrow().events.get(&task).cloned().unwrap_or_default()
    }

    fn ended(&self, task: u32) -> bool {
        self.events(task).last().is_some_and(Event::is_last)
    }
}

/// Waits until `done`.
async fn until(what: &str, limit: f64, done: impl Fn() -> bool) {
    let begin = now();
    while !done() {
        assert!(now() - begin < limit, "{what}: not within {limit} ms");
        sleep(2.0).await;
    }
}

#[test]
async fn tasks_beyond_the_limit_wait_and_all_are_done() {
    let pool = Owner::new(&script(READY), 2, 1);
    let tasks: Vec<_> = (0..5).map(|_| pool.start(1)).collect();
    until("all tasks", 10_000.0, || tasks.iter().all(|&task| pool.ended(task))).await;
    for task in tasks {
        assert!(!pool.is_alive(task));
        assert_eq!(pool.events(task), [Event::Progress { step: 1 }, Event::Finished { step: 1 }]);
    }
    assert_eq!(pool.workers(), 3, "those of the two tasks at once and the spare stay for the next ones");
}

#[test]
async fn a_worker_that_fails_is_replaced() {
    let pool = Owner::new(&script(READY), 1, 1);
    for (seed, expected) in [(2, "out of order"), (7, "index out of bounds")] {
        let task = pool.start(seed);
        until("failure", 10_000.0, || pool.ended(task)).await;
        let events = pool.events(task);
        assert!(matches!(&events[..], [Event::Panicked { sentence }] if sentence.contains(expected)), "{events:?}");
        let next = pool.start(1);
        until("the next task", 10_000.0, || pool.ended(next)).await;
        assert_eq!(pool.events(next).len(), 2);
    }
}

#[test]
async fn a_worker_that_reads_no_messages_is_stopped_and_the_next_task_begins_at_once() {
    let pool = Owner::new(&script(READY), 1, 1);
    let task = pool.start(3);
    until("begin", 10_000.0, || !pool.events(task).is_empty()).await;
    pool.stop(task);
    let next = pool.start(1);
    // The stopped task would compute for a minute: the next one ends long before only if it did not wait for it.
    until("the next task", 10_000.0, || pool.ended(next)).await;
    sleep(400.0).await;
    assert_eq!(pool.events(task).len(), 1, "a stopped task has no more events");
}

#[test]
async fn a_worker_that_reads_no_messages_is_ended_once_another_has_loaded() {
    let pool = Owner::new(&script(READY), 1, 0);
    let task = pool.start(3);
    until("begin", 10_000.0, || !pool.events(task).is_empty()).await;
    pool.stop(task);
    let next = pool.start(1);
    until("the next task", 10_000.0, || pool.ended(next)).await;
    assert_eq!(pool.events(task).len(), 1, "a stopped task has no more events");
    assert_eq!(pool.workers(), 1, "the one that did the next task");
}

#[test]
async fn a_worker_that_ended_without_a_message_is_found() {
    let pool = Owner::new(&script(READY), 2, 0);
    let (begun, silent) = (pool.start(4), pool.start(8));
    until("both failures", 25_000.0, || pool.ended(begun) && pool.ended(silent)).await;
    assert!(matches!(&pool.events(begun)[..], [Event::Checkpoint { .. }, Event::Panicked { .. }]));
    assert!(matches!(&pool.events(silent)[..], [Event::Panicked { .. }]));
    assert!(!pool.is_alive(begun));
}

#[test]
async fn commands_reach_the_task_even_before_its_worker_is_ready() {
    let pool = Owner::new(&script(READY), 1, 0);
    let task = pool.start(5);
    pool.send(task, Command::SetSpeed(Some(2.5)));
    until("answer", 10_000.0, || pool.events(task).len() == 2).await;
    pool.send(task, Command::Pause);
    until("answer", 10_000.0, || pool.events(task).len() == 3).await;
    for sentence in [r#"{"SetSpeed":2.5}"#, "\"Pause\""] {
        assert!(pool.events(task).contains(&Event::Refused { sentence: sentence.to_owned() }), "{sentence}");
    }
    pool.stop(task);
    let next = pool.start(1);
    until("the next task", 10_000.0, || pool.ended(next)).await;
    assert_eq!(pool.workers(), 1, "the same worker does it");
}

#[test]
async fn a_worker_of_another_build_is_refused_with_a_sentence() {
    for seed in [1, 6] {
        // As the first build had it.
        let other = r#"{Ready: {build: "0.1.0 other"}}"#;
        let pool = Owner::new(&script(if seed == 1 { other } else { READY }), 1, 1);
        let task = pool.start(seed);
        until("refusal", 10_000.0, || pool.ended(task)).await;
        assert!(matches!(&pool.events(task)[..], [Event::Failed { sentence, .. }] if sentence.contains("reload")));
        let later = pool.start(1);
        until("refusal", 10_000.0, || pool.ended(later)).await;
        assert_eq!(pool.workers(), 0);
    }
}

#[test]
async fn a_worker_that_cannot_be_loaded_is_reported_and_not_retried_for_ever() {
    let pool = Owner::new("./no-such-worker.js", 2, 1);
    let task = pool.start(1);
    until("refusal", 20_000.0, || pool.ended(task)).await;
    let events = pool.events(task);
    let expected =
        |sentence: &str| sentence.contains("worker") && sentence.ends_with("check the connection and press Reset");
    assert!(matches!(&events[..], [Event::Failed { sentence, diverged: false }] if expected(sentence)), "{events:?}");
    assert_eq!(pool.workers(), 0);
    // Whoever asks again wants it tried again, and is answered again.
    let again = pool.start(1);
    assert_eq!(pool.workers(), 1);
    until("refusal", 20_000.0, || pool.ended(again)).await;
}
