//! The record that a program for PyTorch repeats a run from: its numbers are those of the run to the last bit, its batches those
//! of training; the notebook is JSON of nbformat 4, and the page writes the same program. That PyTorch comes to the same numbers is checked by scripts/repeat.
#![cfg(not(target_arch = "wasm32"))]

use eigendrift::experiment::{self, Experiment};
use eigendrift::gradient::GradientWorkspace;
use eigendrift::mlp::Batch;
use eigendrift::orthogonal_basis::OrthogonalBasis;
use eigendrift::page::action::{Export, Place, Saving};
use eigendrift::page::job::{Host, Job, Next};
use eigendrift::page::message::{Event, Task};
use eigendrift::page::{Action, Effect, Model, begin, update};
use eigendrift::script::{self, Expected, Form, Record};
use eigendrift::state::link;
use eigendrift::{Rule, Run};
use serde_json::Value;

const TEMPLATE: &str = include_str!("../www/repeat.py");

fn experiment(more: &str) -> Experiment {
    let text = format!(
        r#"{{"data": {{"name": "moons", "samples": 60}}, "hidden": [4], "steps": 12, "checkpoint_every": 6, "leading": 3,
            "null_model": null, "layer_spectra": false, "seed": 9{more}}}"#
    );
    Experiment::from_json(&text).unwrap()
}

fn expected(experiment: &Experiment) -> Vec<Expected> {
    let report = experiment::run(experiment.clone(), |_| ()).unwrap();
    report.checkpoints.iter().map(Expected::from).collect()
}

/// A JSON object as it is read again from the program's text.
fn read_again(record: &Record) -> Value {
    let program = script::text(TEMPLATE, record, Form::Program).unwrap();
    let (_, rest) = program.split_once("RECORD = r\"\"\"").expect("a record");
    serde_json::from_str(rest.split_once("\"\"\"").expect("its end").0).unwrap()
}

/// The bytes of base64 in lines, by the definition: six bits for each letter.
fn bytes(lines: &Value) -> Vec<u8> {
    let text: String = lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/").collect();
    let kept: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').collect();
    let bit = |i: usize| (letters.iter().position(|l| *l == kept[i / 6]).unwrap() >> (5 - i % 6)) & 1;
    (0..kept.len() * 6 / 8).map(|byte| (0..8).fold(0, |sum, i| sum << 1 | bit(8 * byte + i) as u8)).collect()
}

fn floats(lines: &Value) -> Vec<f64> {
    bytes(lines).chunks_exact(8).map(|word| f64::from_le_bytes(word.try_into().unwrap())).collect()
}

fn indices(lines: &Value) -> Vec<usize> {
    bytes(lines).chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap()) as usize).collect()
}

#[test]
fn numbers_are_those_of_the_run_to_the_last_bit() {
    let experiment = experiment(r#", "optimizer": {"name": "adam", "rotated_basis": true}, "hessian_samples": 40"#);
    let found = expected(&experiment);
    let read = read_again(&Record::new(&experiment, found.clone()).unwrap());
    let run = Run::new(experiment.clone()).unwrap();
    let data = run.training().data();
    assert_eq!(floats(&read["inputs"]), data.inputs);
    assert_eq!(serde_json::from_value::<Vec<usize>>(read["labels"].clone()).unwrap(), data.labels);
    assert_eq!(floats(&read["initial_parameters"]), run.training().parameters());
    let size = run.architecture().parameter_count();
    assert_eq!(floats(&read["rotation"]), OrthogonalBasis::new(size, 9).rows());
    assert_eq!(indices(&read["hessian_samples"]), experiment.hessian_indices(60));
    assert_eq!(serde_json::from_value::<Vec<Expected>>(read["checkpoints"].clone()).unwrap(), found);
    assert_eq!(
        (&read["layers"], &read["experiment"]["optimizer"]["name"]),
        (&[2, 4, 2].as_slice().into(), &"adam".into())
    );
}

/// Gradient descent on the recorded batches reaches the parameters of the run.
#[test]
fn batches_are_those_of_training() {
    let experiment = experiment(r#", "optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 16"#);
    assert_eq!(experiment.optimizer.rule, Rule::Sgd);
    let report = experiment::run(experiment.clone(), |_| ()).unwrap();
    let read = read_again(&Record::new(&experiment, expected(&experiment)).unwrap());
    let run = Run::new(experiment).unwrap();
    let (data, training) = (run.training().data(), run.training());
    let batches = indices(&read["batches"]);
    assert_eq!((batches.len(), &read["batch_samples"]), (12 * 16, &16.into()));
    let mut theta = floats(&read["initial_parameters"]);
    let mut gradient = vec![0.0; theta.len()];
    let mut workspace = GradientWorkspace::new(training.architecture(), 16);
    for batch in batches.chunks_exact(16) {
        let chosen = data.select(batch);
        let inputs = Batch::from_rows(&chosen.inputs, 2);
        workspace.gradient(training.architecture(), training.loss(), &theta, &inputs, &chosen.labels, &mut gradient);
        theta.iter_mut().zip(&gradient).for_each(|(x, g)| *x -= 0.1 * g);
    }
    assert_eq!(theta, report.checkpoints[2].parameters);
}

#[test]
fn what_follows_from_nothing_is_left_out() {
    let experiment = experiment(r#", "batch_size": "full""#);
    let read = read_again(&Record::new(&experiment, expected(&experiment)).unwrap());
    for field in ["batches", "rotation", "hessian_samples"] {
        assert!(read[field].is_null(), "{field}");
    }
    // What is not determined stays a gap.
    let flat = Experiment::from_json(
        r#"{"data": {"name": "xor"}, "hidden": [2], "start": {"scale": 0}, "steps": 0, "batch_size": "full",
            "leading": 9, "null_model": null}"#,
    )
    .unwrap();
    let read = read_again(&Record::new(&flat, expected(&flat)).unwrap());
    assert!(read["checkpoints"][0]["leading_ipr"].as_array().unwrap().iter().any(Value::is_null));
}

#[test]
fn a_notebook_is_json_of_nbformat_4() {
    let experiment = experiment("");
    let record = Record::new(&experiment, expected(&experiment)).unwrap();
    let book: Value = serde_json::from_str(&script::text(TEMPLATE, &record, Form::Notebook).unwrap()).unwrap();
    assert_eq!((&book["nbformat"], &book["nbformat_minor"]), (&4.into(), &4.into()));
    assert_eq!(book["metadata"]["kernelspec"]["name"], "python3");
    let cells = book["cells"].as_array().unwrap();
    let source = |cell: &Value| -> String {
        cell["source"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
    };
    assert_eq!(cells[0]["cell_type"], "markdown");
    assert!(source(&cells[0]).starts_with("Repeats a run"));
    for cell in &cells[1..] {
        assert_eq!(cell["cell_type"], "code");
        assert!(cell["execution_count"].is_null() && cell["outputs"].as_array().unwrap().is_empty());
        assert!(!source(cell).contains("# %%") && !source(cell).contains("sys.exit"), "{}", source(cell));
    }
    assert!(source(&cells[cells.len() - 1]).contains("\nplt.show()"));
    let program = script::text(TEMPLATE, &record, Form::Program).unwrap();
    assert!(program.starts_with("#!/usr/bin/env python3\n") && program.contains("sys.exit(main())"));
    assert!(!program.contains("matplotlib") && !program.contains("RECORD = None"));
}

#[test]
fn what_cannot_be_repeated_is_refused_with_a_sentence() {
    let refused =
        |experiment: &Experiment, found: Vec<Expected>| Record::new(experiment, found).unwrap_err().to_string();
    assert!(refused(&experiment(""), Vec::new()).starts_with("checkpoints: is empty"));
    let some = expected(&experiment(""));
    let long =
        Experiment::from_json(r#"{"steps": 10000000, "checkpoint_every": 1000000, "null_model": null}"#).unwrap();
    let far = Expected { step: 10_000_000, ..some[0].clone() };
    assert!(refused(&long, vec![far]).starts_with("steps: would put 320000000 numbers"));
    let record = Record::new(&experiment(""), some).unwrap();
    assert!(script::text("print()\n", &record, Form::Program).is_err());
}

/// The page at a link whose run A has two checkpoints, and these.
fn page() -> (Model, Experiment, Vec<Expected>) {
    let (state, _) = link::read("#v=1&samples=30&hidden=3&steps=40&every=10&k=2", None);
    let mut model = Model::new(state, Vec::new(), false);
    begin(&mut model);
    let (experiment, generation) = ((*model.runs[&0].experiment).clone(), model.runs[&0].generation);
    let mut run = Run::new(experiment.clone()).unwrap();
    let mut found = Vec::new();
    for _ in 0..2 {
        while !run.is_checkpoint_due() {
            run.advance(usize::MAX).unwrap();
        }
        let checkpoint = Box::new(run.checkpoint().unwrap());
        found.push(Expected::from(&*checkpoint));
        let event = Event::Checkpoint { checkpoint, milliseconds: 1.0, training_milliseconds: 1.0 };
        update(&mut model, Action::Worker { place: Place::Run(0), generation, event });
    }
    (model, experiment, found)
}

fn asked(model: &mut Model, form: Form) -> Vec<Effect> {
    update(model, Action::Export { export: Export::Program(0, form), shown: (0.0, 0.0) })
}

/// The page asks for the template, has a worker write the program, and saves what the library writes natively, with a link.
#[test]
fn the_page_writes_the_same_program() {
    for (form, name) in [(Form::Program, "eigendrift-A.py"), (Form::Notebook, "eigendrift-A.ipynb")] {
        let (mut model, experiment, found) = page();
        assert_eq!(asked(&mut model, form), [Effect::LoadTemplate]);
        assert_eq!(*model.saving, Saving::UnderWay { done: 0, of: 2 });
        assert_eq!(asked(&mut model, form), [], "one at a time");
        let effects = update(&mut model, Action::TemplateLoaded(Ok(TEMPLATE.into())));
        let [Effect::Start { place: Place::Writer, generation, task }] = &effects[..] else { panic!("{effects:?}") };
        assert!(matches!(&**task, Task::Write(_)) && task.own_rows().is_none() && task.tables().is_empty());
        let events = std::cell::RefCell::new(Vec::new());
        let host = Host { clock: &|| 0.0, emit: &|event| events.borrow_mut().push(event) };
        let mut job = Job::start((**task).clone(), Vec::new(), &host).unwrap();
        assert_eq!(job.slice(&host), Next::Over);
        let [Event::Written(text)] = &events.borrow()[..] else { panic!("no text") };
        // The same but for the page's link, from which the page has the same run again.
        let link = link::write(&model.state);
        assert_eq!(link::read(&link, None).0.experiment(0).unwrap(), experiment);
        let record = Record { link: Some(link), ..Record::new(&experiment, found).unwrap() };
        assert_eq!(*text, script::text(TEMPLATE, &record, form).unwrap());
        let event = Event::Written(text.clone());
        let late = Action::Worker { place: Place::Writer, generation: generation - 1, event: event.clone() };
        assert_eq!(update(&mut model, late), []);
        let effects = update(&mut model, Action::Worker { place: Place::Writer, generation: *generation, event });
        let [Effect::SaveText { name: saved, text: same, .. }] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!((saved.as_str(), same), (name, text));
        update(&mut model, Action::Saving(Saving::Done));
    }
}

#[test]
fn a_program_that_cannot_be_written_is_told() {
    let (mut model, ..) = page();
    asked(&mut model, Form::Program);
    update(&mut model, Action::TemplateLoaded(Err("its file is missing (status 404)".into())));
    let Saving::Failed(sentence) = &*model.saving else { panic!("{:?}", model.saving) };
    assert!(sentence.starts_with("The program could not be loaded: its file is missing"), "{sentence}");
    asked(&mut model, Form::Program);
    let effects = update(&mut model, Action::TemplateLoaded(Ok("print()".into())));
    let [Effect::Start { generation, .. }] = &effects[..] else { panic!("{effects:?}") };
    let event = Event::Failed { sentence: "template: has no place for a record".into(), diverged: false };
    update(&mut model, Action::Worker { place: Place::Writer, generation: *generation, event });
    let Saving::Failed(sentence) = &*model.saving else { panic!("{:?}", model.saving) };
    assert_eq!(sentence, "The program could not be written: template: has no place for a record.");
    assert_eq!(asked(&mut model, Form::Program), [Effect::LoadTemplate], "and can be asked for again");
}
