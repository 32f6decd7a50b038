//! The pool, with workers that fail in various ways: a script that follows the protocol, and does what the experiment's
//! seed selects.

use std::cell::RefCell;
use std::rc::Rc;

use eigendrift::experiment::{Experiment, Run};
use eigendrift::page::message::{Command, Event, Task, build_id};
use eigendrift::web::timer::now;
use eigendrift::web::workers::pool::{Handle, Pool};
use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::tests::js::sleep;

/// Address of a worker with the build id `build`.
fn script(build: &str) -> String {
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
            3: () => {{ post({{Progress: {{step: 3}}}}); for (const end = performance.now() + 3000; performance.now() < end;); }},
            4: () => {{ post({{Checkpoint: {{checkpoint, milliseconds: 1, training_milliseconds: 1}}}}); }},
            5: () => {{ post({{Progress: {{step: 5}}}}); }},
            6: () => {{ postMessage("nonsense"); }},
            8: () => {{}},
            7: () => {{ post({{Panicked: {{sentence: "index out of bounds"}}}}); throw new Error("unreachable"); }},
        }};
        onmessage = ({{data}}) => {{
            if (data.Start) {{
                generation = data.Start.generation;
                setTimeout(() => cases[data.Start.task.Run.experiment.seed]());
            }} else if (data.Command === "Stop") {{
                post("Stopped");
            }} else {{
                post({{Refused: {{sentence: JSON.stringify(data.Command)}}}});
            }}
        }};
        postMessage({{Ready: {{build: "{build}"}}}});
        "#,
        serde_json::to_string(&checkpoint).unwrap(),
    );
    let blob = web_sys::Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(&source))).unwrap();
    web_sys::Url::create_object_url_with_blob(&blob).unwrap()
}

type Events = Rc<RefCell<Vec<Event>>>;

fn start(pool: &Pool, seed: u64) -> (Handle, Events) {
    let events = Events::default();
    let list = events.clone();
    let task = Task::Run { experiment: Experiment { seed, ..Experiment::default() }, speed: None, paused: false };
    (pool.start(task, move |event| list.borrow_mut().push(event)), events)
}

/// Waits until `done`; the milliseconds that it took.
async fn until(what: &str, limit: f64, done: impl Fn() -> bool) -> f64 {
    let begin = now();
    while !done() {
        assert!(now() - begin < limit, "{what}: not within {limit} ms");
        sleep(2.0).await;
    }
    now() - begin
}

fn ended(events: &Events) -> bool {
    events.borrow().last().is_some_and(Event::is_last)
}

#[test]
async fn tasks_beyond_the_limit_wait_and_all_are_done() {
    let pool = Pool::new(&script(&build_id()), 2, 1);
    let tasks: Vec<_> = (0..5).map(|_| start(&pool, 1)).collect();
    until("all tasks", 10_000.0, || tasks.iter().all(|(_, events)| ended(events))).await;
    for (handle, events) in &tasks {
        assert!(!handle.is_alive());
        assert_eq!(*events.borrow(), [Event::Progress { step: 1 }, Event::Finished { step: 1 }]);
    }
    assert_eq!(pool.workers(), 1, "only the spare stays");
}

#[test]
async fn a_worker_that_fails_is_replaced() {
    let pool = Pool::new(&script(&build_id()), 1, 1);
    for (seed, expected) in [(2, "out of order"), (7, "index out of bounds")] {
        let (_handle, events) = start(&pool, seed);
        until("failure", 10_000.0, || ended(&events)).await;
        assert!(
            matches!(&events.borrow()[..], [Event::Panicked { sentence }] if sentence.contains(expected)),
            "{events:?}"
        );
        let (_handle, events) = start(&pool, 1);
        until("the next task", 10_000.0, || ended(&events)).await;
        assert_eq!(events.borrow().len(), 2);
    }
}

#[test]
async fn a_worker_that_reads_no_messages_is_stopped_and_the_next_task_begins_at_once() {
    let pool = Pool::new(&script(&build_id()), 1, 1);
    let (handle, events) = start(&pool, 3);
    until("begin", 10_000.0, || !events.borrow().is_empty()).await;
    drop(handle);
    let (_handle, next) = start(&pool, 1);
    let waited = until("the next task", 10_000.0, || ended(&next)).await;
    assert!(waited < 200.0, "{waited} ms");
    sleep(400.0).await;
    assert_eq!(events.borrow().len(), 1, "a dropped task posts no more");
    assert_eq!(pool.workers(), 1);
}

#[test]
async fn a_worker_that_ended_without_a_message_is_found() {
    let pool = Pool::new(&script(&build_id()), 2, 0);
    let (handle, events) = start(&pool, 4);
    let (_idle, nothing) = start(&pool, 8);
    until("both failures", 25_000.0, || ended(&events) && ended(&nothing)).await;
    assert!(matches!(&events.borrow()[..], [Event::Checkpoint { .. }, Event::Panicked { .. }]));
    assert!(matches!(&nothing.borrow()[..], [Event::Panicked { .. }]));
    assert!(!handle.is_alive());
}

#[test]
async fn commands_reach_the_task_even_before_its_worker_is_ready() {
    let pool = Pool::new(&script(&build_id()), 1, 0);
    let (handle, events) = start(&pool, 5);
    handle.send(Command::SetSpeed(Some(2.5)));
    until("answer", 10_000.0, || events.borrow().len() == 2).await;
    handle.send(Command::Pause);
    until("answer", 10_000.0, || events.borrow().len() == 3).await;
    let refused = |sentence: &str| Event::Refused { sentence: sentence.to_owned() };
    assert!(
        events.borrow().contains(&refused(r#"{"SetSpeed":2.5}"#)) && events.borrow().contains(&refused("\"Pause\""))
    );
    drop(handle);
    until("stop", 10_000.0, || pool.workers() == 0).await;
}

#[test]
async fn a_worker_of_another_build_is_refused_with_a_sentence() {
    for seed in [1, 6] {
        let pool = Pool::new(&script(if seed == 1 { "0.0.0 other" } else { &*build_id().leak() }), 1, 1);
        let (_handle, events) = start(&pool, seed);
        until("refusal", 10_000.0, || ended(&events)).await;
        assert!(matches!(&events.borrow()[..], [Event::Failed { sentence, .. }] if sentence.contains("reload")));
        let (_handle, later) = start(&pool, 1);
        until("refusal", 10_000.0, || ended(&later)).await;
        assert_eq!(pool.workers(), 0);
    }
}

#[test]
async fn a_worker_that_cannot_be_loaded_is_reported_and_not_retried_for_ever() {
    let pool = Pool::new("./no-such-worker.js", 2, 1);
    let (_handle, events) = start(&pool, 1);
    until("refusal", 20_000.0, || ended(&events)).await;
    assert!(
        matches!(&events.borrow()[..], [Event::Failed { sentence, diverged: false }] if sentence.contains("worker"))
    );
    assert_eq!(pool.workers(), 0);
}

#[test]
async fn a_listener_may_use_the_pool_and_drop_its_own_handle() {
    let pool = Pool::new(&script(&build_id()), 1, 1);
    let (own, events) = (Rc::new(RefCell::new(None::<Handle>)), Events::default());
    let (inner, list, again) = (own.clone(), events.clone(), pool.clone());
    let task = Task::Run { experiment: Experiment { seed: 5, ..Experiment::default() }, speed: None, paused: false };
    let handle = pool.start(task, move |_| {
        let list = list.clone();
        let task = Task::Run { experiment: Experiment::default(), speed: None, paused: false }; // of seed 1
        *inner.borrow_mut() = Some(again.start(task, move |event| list.borrow_mut().push(event)));
    });
    *own.borrow_mut() = Some(handle);
    until("the second task", 10_000.0, || ended(&events)).await;
}
