//! The pool, with workers that behave badly: a script that speaks the protocol, and does what the experiment's seed says.

use std::cell::RefCell;
use std::rc::Rc;

use eigendrift::experiment::{Experiment, Run};
use eigendrift::web::message::{Command, Event, Task, build_id};
use eigendrift::web::pool::{Handle, Pool};
use eigendrift::web::timer::now;
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
        const say = event => postMessage({{Event: {{generation, event}}}});
        const behaviours = {{
            1: () => {{ say({{Progress: {{step: 1}}}}); say({{Finished: {{step: 1}}}}); }},
            2: () => {{ throw new Error("out of order"); }},
            3: () => {{ say({{Progress: {{step: 3}}}}); for (const end = performance.now() + 3000; performance.now() < end;); }},
            4: () => {{ say({{Checkpoint: {{checkpoint, milliseconds: 1, training_milliseconds: 1}}}}); }},
            5: () => {{ say({{Progress: {{step: 5}}}}); }},
            6: () => {{ postMessage("nonsense"); }},
            8: () => {{}},
            7: () => {{ say({{Panicked: {{sentence: "index out of bounds"}}}}); throw new Error("unreachable"); }},
        }};
        onmessage = ({{data}}) => {{
            if (data.Start) {{
                generation = data.Start.generation;
                setTimeout(() => behaviours[data.Start.task.Run.experiment.seed]());
            }} else if (data.Command === "Stop") {{
                say("Stopped");
            }} else {{
                say({{Refused: {{sentence: JSON.stringify(data.Command)}}}});
            }}
        }};
        postMessage({{Ready: {{build: "{build}"}}}});
        "#,
        serde_json::to_string(&checkpoint).unwrap(),
    );
    let blob = web_sys::Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(&source))).unwrap();
    web_sys::Url::create_object_url_with_blob(&blob).unwrap()
}

type Heard = Rc<RefCell<Vec<Event>>>;

fn start(pool: &Pool, seed: u64) -> (Handle, Heard) {
    let heard = Heard::default();
    let list = heard.clone();
    let task = Task::Run { experiment: Experiment { seed, ..Experiment::default() }, speed: None, paused: false };
    (pool.start(task, move |event| list.borrow_mut().push(event)), heard)
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

fn ended(heard: &Heard) -> bool {
    heard.borrow().last().is_some_and(Event::is_last)
}

#[test]
async fn tasks_beyond_the_limit_wait_and_all_are_done() {
    let pool = Pool::new(&script(&build_id()), 2, 1);
    let tasks: Vec<_> = (0..5).map(|_| start(&pool, 1)).collect();
    until("all tasks", 10_000.0, || tasks.iter().all(|(_, heard)| ended(heard))).await;
    for (handle, heard) in &tasks {
        assert!(!handle.is_alive());
        assert_eq!(*heard.borrow(), [Event::Progress { step: 1 }, Event::Finished { step: 1 }]);
    }
    assert_eq!(pool.workers(), 1, "only the spare stays");
}

#[test]
async fn a_worker_that_fails_is_replaced() {
    let pool = Pool::new(&script(&build_id()), 1, 1);
    for (seed, expected) in [(2, "out of order"), (7, "index out of bounds")] {
        let (_handle, heard) = start(&pool, seed);
        until("failure", 10_000.0, || ended(&heard)).await;
        assert!(
            matches!(&heard.borrow()[..], [Event::Panicked { sentence }] if sentence.contains(expected)),
            "{heard:?}"
        );
        let (_handle, heard) = start(&pool, 1);
        until("the next task", 10_000.0, || ended(&heard)).await;
        assert_eq!(heard.borrow().len(), 2);
    }
}

#[test]
async fn a_worker_that_hears_nothing_is_stopped_and_the_next_task_begins_at_once() {
    let pool = Pool::new(&script(&build_id()), 1, 1);
    let (handle, heard) = start(&pool, 3);
    until("begin", 10_000.0, || !heard.borrow().is_empty()).await;
    drop(handle);
    let (_handle, next) = start(&pool, 1);
    let waited = until("the next task", 10_000.0, || ended(&next)).await;
    assert!(waited < 200.0, "{waited} ms");
    sleep(400.0).await;
    assert_eq!(heard.borrow().len(), 1, "a dropped task is heard no more");
    assert_eq!(pool.workers(), 1);
}

#[test]
async fn a_worker_that_died_in_silence_is_found() {
    let pool = Pool::new(&script(&build_id()), 2, 0);
    let (handle, heard) = start(&pool, 4);
    let (_mute, nothing) = start(&pool, 8);
    until("silence", 25_000.0, || ended(&heard) && ended(&nothing)).await;
    assert!(matches!(&heard.borrow()[..], [Event::Checkpoint { .. }, Event::Panicked { .. }]));
    assert!(matches!(&nothing.borrow()[..], [Event::Panicked { .. }]));
    assert!(!handle.is_alive());
}

#[test]
async fn commands_reach_the_task_even_before_its_worker_is_ready() {
    let pool = Pool::new(&script(&build_id()), 1, 0);
    let (handle, heard) = start(&pool, 5);
    handle.send(Command::SetSpeed(Some(2.5)));
    until("answer", 10_000.0, || heard.borrow().len() == 2).await;
    handle.send(Command::Pause);
    until("answer", 10_000.0, || heard.borrow().len() == 3).await;
    let refused = |sentence: &str| Event::Refused { sentence: sentence.to_owned() };
    assert!(heard.borrow().contains(&refused(r#"{"SetSpeed":2.5}"#)) && heard.borrow().contains(&refused("\"Pause\"")));
    drop(handle);
    until("stop", 10_000.0, || pool.workers() == 0).await;
}

#[test]
async fn a_worker_of_another_build_is_refused_with_a_sentence() {
    for seed in [1, 6] {
        let pool = Pool::new(&script(if seed == 1 { "0.0.0 other" } else { &*build_id().leak() }), 1, 1);
        let (_handle, heard) = start(&pool, seed);
        until("refusal", 10_000.0, || ended(&heard)).await;
        assert!(matches!(&heard.borrow()[..], [Event::Failed { sentence, .. }] if sentence.contains("reload")));
        let (_handle, later) = start(&pool, 1);
        until("refusal", 10_000.0, || ended(&later)).await;
        assert_eq!(pool.workers(), 0);
    }
}

#[test]
async fn a_worker_that_cannot_be_loaded_is_told_and_not_tried_for_ever() {
    let pool = Pool::new("./no-such-worker.js", 2, 1);
    let (_handle, heard) = start(&pool, 1);
    until("refusal", 20_000.0, || ended(&heard)).await;
    assert!(
        matches!(&heard.borrow()[..], [Event::Failed { sentence, diverged: false }] if sentence.contains("worker"))
    );
    assert_eq!(pool.workers(), 0);
}

#[test]
async fn a_listener_may_use_the_pool_and_drop_its_own_handle() {
    let pool = Pool::new(&script(&build_id()), 1, 1);
    let (own, heard) = (Rc::new(RefCell::new(None::<Handle>)), Heard::default());
    let (inner, list, again) = (own.clone(), heard.clone(), pool.clone());
    let task = Task::Run { experiment: Experiment { seed: 5, ..Experiment::default() }, speed: None, paused: false };
    let handle = pool.start(task, move |_| {
        let list = list.clone();
        let task = Task::Run { experiment: Experiment::default(), speed: None, paused: false }; // of seed 1
        *inner.borrow_mut() = Some(again.start(task, move |event| list.borrow_mut().push(event)));
    });
    *own.borrow_mut() = Some(handle);
    until("the second task", 10_000.0, || ended(&heard)).await;
}
