//! A worker and a page that exchange messages through a real `MessageChannel`: pause, step, resume, changes, stop, failures.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use eigendrift::ensemble::SummarizedRun;
use eigendrift::experiment::{Checkpoint, Experiment, Run};
use eigendrift::null_model::{NullKind, NullModel, bands};
use eigendrift::optimizer::Schedule;
use eigendrift::page::message::{Command, Event, FromWorker, PackedTable, Started, Task, ToWorker};
use eigendrift::web::timer::now;
use eigendrift::web::transfer::{from_js, to_js};
use eigendrift::web::worker::Worker;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{console_log, wasm_bindgen_test as test};
use web_sys::{MessageChannel, MessageEvent, MessagePort};

use super::js::sleep;

/// The page's end.
struct Page {
    port: MessagePort,
    received: Rc<RefCell<Vec<(u32, Event)>>>,
    /// Checkpoints that the worker has posted, received or still on their way.
    posted: Rc<Cell<usize>>,
    read: usize,
    generation: u32,
    _worker: Rc<Worker>,
}

impl Page {
    fn new() -> Self {
        let channel = MessageChannel::new().unwrap();
        let (ours, theirs) = (channel.port1(), channel.port2());
        let out = theirs.clone();
        let posted = Rc::new(Cell::new(0));
        let count = posted.clone();
        let worker = Worker::new(move |message| {
            if let FromWorker::Event { event: Event::Checkpoint { .. }, .. } = message {
                count.set(count.get() + 1);
            }
            let (value, buffers) = to_js(message).unwrap();
            out.post_message_with_transferable(&value, &buffers).unwrap();
        });
        let receiver = worker.clone();
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| receiver.receive(event.data()));
        theirs.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
        let received = Rc::new(RefCell::new(Vec::new()));
        let list = received.clone();
        let listener =
            Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| match from_js(message.data()) {
                Ok(FromWorker::Event { generation, event }) => list.borrow_mut().push((generation, event)),
                other => panic!("{other:?}"),
            });
        ours.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
        Page { port: ours, received, posted, read: 0, generation: 0, _worker: worker }
    }

    fn post(&self, message: &ToWorker) {
        self.port.post_message(&to_js(message).unwrap().0).unwrap();
    }

    fn start(&mut self, task: Task) {
        self.start_with(task, Vec::new());
    }

    fn start_with(&mut self, task: Task, tables: Vec<PackedTable>) {
        self.generation += 1;
        self.post(&ToWorker::Start { generation: self.generation, task: Box::new(task), tables });
    }

    fn run(&mut self, json: &str, paused: bool) {
        let experiment = Experiment::from_json(json).unwrap();
        self.start(Task::Run { experiment, speed: None, paused });
    }

    fn send(&self, command: Command) {
        self.post(&ToWorker::Command(command));
    }

    /// The next event of this task for which `wanted` returns something; those before are skipped.
    async fn next<T>(&mut self, what: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        let begin = now();
        loop {
            while self.read < self.received.borrow().len() {
                self.read += 1;
                let (generation, event) = &self.received.borrow()[self.read - 1];
                if *generation == self.generation {
                    if let Some(found) = wanted(event) {
                        return found;
                    }
                    assert!(!event.is_last(), "{event:?} instead of {what}");
                }
            }
            assert!(now() - begin < 60_000.0, "no {what} within a minute");
            sleep(1.0).await;
        }
    }

    /// Pauses, and asserts that at most the slice under way came before: one checkpoint. How long the answer takes is then
    /// a matter of that slice, and of what else the machine does; it is printed.
    async fn pause(&mut self) -> usize {
        let (begin, before) = (now(), self.posted.get());
        self.send(Command::Pause);
        let step = self.paused().await;
        console_log!("pause was answered after {:.1} ms", now() - begin);
        assert!(self.posted.get() - before <= 1, "{} checkpoints were taken meanwhile", self.posted.get() - before);
        step
    }

    async fn checkpoint(&mut self) -> Checkpoint {
        self.next("checkpoint", |event| match event {
            Event::Checkpoint { checkpoint, .. } => Some((**checkpoint).clone()),
            _ => None,
        })
        .await
    }

    async fn paused(&mut self) -> usize {
        self.next("pause", |event| if let Event::Paused { step } = event { Some(*step) } else { None }).await
    }

    async fn started(&mut self) -> Started {
        self.next("start", |event| if let Event::Started(started) = event { Some(started.clone()) } else { None }).await
    }

    async fn failed(&mut self) -> (String, bool) {
        self.next("failure", |event| match event {
            Event::Failed { sentence, diverged } => Some((sentence.clone(), *diverged)),
            _ => None,
        })
        .await
    }
}

/// P = 606.
const DIGITS: &str = r#"{"data": {"name": "digits4x4"}, "hidden": [16, 12], "steps": 1500, "checkpoint_every": 500,
    "optimizer": {"name": "adam", "learning_rate": 0.01}, "null_model": null}"#;

#[test]
async fn a_run_is_paused_stepped_changed_and_resumed() {
    let mut page = Page::new();
    page.run(DIGITS, false);
    let started = page.started().await;
    assert_eq!(started.layers, [16, 16, 12, 10]);
    assert_eq!(started.parameter_count, 606);
    assert_eq!(started.checkpoint_steps, [0, 500, 1000, 1500]);
    assert_eq!(started.class_names.len(), 10);
    assert_eq!(page.checkpoint().await.step, 0);
    sleep(30.0).await; // into the training

    let step = page.pause().await;
    assert!(step < 1500);
    sleep(150.0).await;
    assert_eq!(page.received.borrow().len(), page.read, "a paused run posts nothing");

    page.send(Command::Step);
    let first = page.checkpoint().await;
    assert_eq!(page.paused().await, first.step);
    page.send(Command::SetLearningRate(0.003));
    page.send(Command::SetSchedule(Schedule::Step { every: 600, factor: 0.5 }));
    let changed = page
        .next("change", |event| match event {
            Event::Changed { step, learning_rate, schedule: Schedule::Step { .. } } => Some((*step, *learning_rate)),
            _ => None,
        })
        .await;
    assert_eq!(changed, (first.step, 0.003));
    page.send(Command::Resume);
    let mut last = first.clone();
    while last.step < 1500 {
        last = page.checkpoint().await;
    }
    page.next("end", |event| matches!(event, Event::Finished { step: 1500 }).then_some(())).await;

    // The same without pauses, slices and messages.
    let mut run = Run::new(Experiment::from_json(DIGITS).unwrap()).unwrap();
    while !run.is_finished() {
        run.advance(usize::MAX).unwrap();
        let checkpoint = run.checkpoint().unwrap();
        if checkpoint.step == first.step {
            assert_eq!(checkpoint, first);
            let optimizer = run.training_mut().optimizer_mut();
            optimizer.set_learning_rate(0.003).unwrap();
            optimizer.set_schedule(Schedule::Step { every: 600, factor: 0.5 }).unwrap();
        } else if checkpoint.step == 1500 {
            assert_eq!(checkpoint, last);
        }
    }
}

#[test]
async fn pause_is_received_while_checkpoints_follow_one_another() {
    let mut page = Page::new();
    page.run(&DIGITS.replace(r#""checkpoint_every": 500"#, r#""checkpoint_every": 1"#), false);
    for pause in 0..5 {
        page.checkpoint().await;
        sleep(7.0 * f64::from(pause)).await;
        page.pause().await;
        page.send(Command::Resume);
    }
}

#[test]
async fn a_run_can_begin_paused_and_the_next_start_replaces_it() {
    let mut page = Page::new();
    page.run(r#"{"null_model": null}"#, true);
    assert_eq!(page.paused().await, 0);
    sleep(50.0).await;
    assert!(!page.received.borrow().iter().any(|(_, event)| matches!(event, Event::Checkpoint { .. })));
    page.send(Command::Step);
    assert_eq!(page.checkpoint().await.step, 0);
    page.send(Command::Resume);
    page.checkpoint().await;

    page.run(r#"{"steps": 3, "checkpoint_every": 1, "null_model": null}"#, false);
    page.next("end", |event| matches!(event, Event::Finished { step: 3 }).then_some(())).await;
    let received = page.received.borrow();
    let second = received.iter().position(|(generation, _)| *generation == 2).unwrap();
    assert!(received[second..].iter().all(|(generation, _)| *generation == 2), "the first task went on");
}

#[test]
async fn stop_ends_a_run() {
    let mut page = Page::new();
    page.run(r#"{"null_model": null}"#, false);
    page.checkpoint().await;
    page.send(Command::Stop);
    page.next("stop", |event| matches!(event, Event::Stopped).then_some(())).await;
    page.send(Command::Resume);
    sleep(100.0).await;
    assert_eq!(page.received.borrow().len(), page.read, "nothing follows a stop");
}

#[test]
async fn divergence_and_mistakes_are_sentences_and_the_worker_goes_on() {
    let mut page = Page::new();
    page.run(r#"{"optimizer": {"name": "sgd", "learning_rate": 1e6}, "null_model": null}"#, false);
    assert_eq!(page.checkpoint().await.step, 0);
    let (sentence, diverged) = page.failed().await;
    assert!(diverged && sentence.contains("smaller learning rate"), "{sentence}");

    let experiment = Experiment { leading: 0, ..Experiment::default() };
    page.start(Task::Run { experiment, speed: None, paused: false });
    let (sentence, diverged) = page.failed().await;
    assert!(!diverged && sentence.starts_with("leading"), "{sentence}");

    page.start(Task::Run { experiment: Experiment::default(), speed: Some(-1.0), paused: false });
    assert!(page.failed().await.0.starts_with("speed"));

    page.run(r#"{"steps": 1, "null_model": null}"#, true);
    page.paused().await;
    for command in [Command::SetLearningRate(f64::NAN), Command::SetSpeed(Some(0.0))] {
        page.send(command);
        let refused =
            |event: &Event| if let Event::Refused { sentence } = event { Some(sentence.clone()) } else { None };
        assert!(!page.next("refusal", refused).await.is_empty());
    }
    page.send(Command::Resume);
    page.next("end", |event| matches!(event, Event::Finished { .. }).then_some(())).await;
}

#[test]
async fn speed_limits_the_steps() {
    let mut page = Page::new();
    let experiment = Experiment { null_model: None, steps: 1000, checkpoint_every: 1000, ..Experiment::default() };
    page.start(Task::Run { experiment, speed: Some(100.0), paused: false });
    page.checkpoint().await;
    let begin = now();
    sleep(500.0).await;
    page.send(Command::Pause);
    let step = page.paused().await;
    // The count begins up to a few milliseconds before this end receives the checkpoint.
    let most = (now() - begin + 100.0) / 10.0;
    assert!(step >= 1 && step as f64 <= most, "{step} steps, at most {most}");
}

#[test]
async fn a_null_model_is_sampled_as_without_a_worker() {
    let experiment = Experiment::from_json(r#"{"hidden": [6], "null_model": null}"#).unwrap();
    let mut run = Run::new(experiment.clone()).unwrap();
    let parameters = run.checkpoint().unwrap().parameters;
    let model = NullModel { kind: NullKind::ShuffledWeights, samples: 5 };
    let mut sampler = experiment.null_sampler(model.kind, &parameters).unwrap();
    let samples: Vec<_> = (0..5).map(|index| sampler.sample(index).unwrap()).collect();

    let mut page = Page::new();
    page.start(Task::Null { experiment: experiment.clone(), model, parameters });
    let found = page
        .next("null bands", |event| if let Event::NullFinished(bands) = event { Some(bands.clone()) } else { None })
        .await;
    assert_eq!(*found, bands(model.kind, found.spectrum, &samples).unwrap());
    let progress = |(_, event): &(u32, Event)| matches!(event, Event::NullProgress { of: 5, .. });
    assert_eq!(page.received.borrow().iter().filter(|event| progress(event)).count(), 6, "none to all five");

    page.start(Task::Null { experiment, model, parameters: vec![] });
    assert!(page.failed().await.0.starts_with("parameters"));
}

#[test]
async fn a_run_is_summarized_as_without_a_worker() {
    let mut page = Page::new();
    for (json, diverges) in [
        (
            r#"{"hidden": [4], "steps": 300, "checkpoint_every": 10, "leading": 2, "optimizer": {"name": "adam"}}"#,
            false,
        ),
        (r#"{"hidden": [4], "steps": 300, "checkpoint_every": 10, "optimizer": {"name": "sgd", "lr": 1e300}}"#, true),
    ] {
        let experiment = Experiment::from_json(json).unwrap();
        let mut alone = SummarizedRun::new(experiment.clone()).unwrap();
        while alone.advance(usize::MAX).unwrap() {}
        let expected = alone.summary();
        assert_eq!(expected.diverged.is_some(), diverges);
        assert!(expected.null_mean_ipr.is_determined());
        page.start(Task::Summarize { experiment: Box::new(experiment) });
        let found =
            page.next("summary", |event| {
                if let Event::Summarized { summary, .. } = event { Some(summary.clone()) } else { None }
            })
            .await;
        assert_eq!(*found, expected);
    }
}
