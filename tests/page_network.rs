//! A trained network of the visitor's own as the start of all runs, against files that PyTorch wrote (tests/golden/networks.py).

#![cfg(not(target_arch = "wasm32"))]

mod page;

use eigendrift::Experiment;
use eigendrift::activation::Activation;
use eigendrift::network_file::{NetworkFile, read};
use eigendrift::page::action::{Export, Place, Saving, Timer};
use eigendrift::page::imported::Opened;
use eigendrift::page::message::{Command, Event, Started, Task};
use eigendrift::page::results::Phase;
use eigendrift::page::{Action, Effect, Model, update};
use eigendrift::state::{OwnFile, Scope, link};
use page::{open, set};

/// As many inputs and classes as the files in tests/golden/networks.
const DATA: &str = "#v=1&data=blobs&features=5&classes=3&steps=40&every=20&k=2";

fn network(name: &str) -> NetworkFile {
    read(name, &std::fs::read(format!("tests/golden/networks/{name}.safetensors")).unwrap()).unwrap()
}

fn choose(model: &mut Model, name: &str, found: Result<NetworkFile, String>) -> Vec<Effect> {
    let file = OwnFile { number: 1, name: name.into() };
    let effects = update(model, Action::OpenFile(file.clone()));
    assert!(effects.contains(&Effect::OpenFile(file)), "{effects:?}");
    assert_eq!(model.table.note.as_deref(), Some(&*format!("Reading {name} …")));
    let mut effects = update(
        model,
        Action::FileOpened { name: name.into(), found: found.map(|found| Opened::Network(Box::new(found))) },
    );
    assert_eq!(model.table.note, None);
    let timers = effects.iter().filter_map(|effect| match effect {
        Effect::Wait { timer: timer @ Timer::Restart(_), .. } => Some(*timer),
        _ => None,
    });
    for timer in timers.collect::<Vec<_>>() {
        effects.extend(update(model, Action::Due(timer)));
    }
    effects
}

/// The experiments that are begun.
fn begun(effects: &[Effect]) -> Vec<&Experiment> {
    let of = |effect| match effect {
        &Effect::Start { place: Place::Run(_), ref task, .. } => match &**task {
            Task::Run { experiment, paused: true, .. } => Some(experiment),
            _ => None,
        },
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

#[test]
fn runs_begin_with_the_network_and_wait_there() {
    let (mut model, _) = open(DATA);
    let file = network("torch_f32");
    let effects = choose(&mut model, "net.safetensors", Ok(file.clone()));
    let experiments = begun(&effects);
    assert_eq!(experiments.len(), 2);
    for experiment in &experiments {
        assert_eq!(experiment.initial_parameters.as_ref(), Some(&file.parameters));
        assert_eq!((experiment.layers.as_ref(), experiment.activation), (Some(&file.layers), Activation::Silu));
    }
    // Each takes its first checkpoint and pauses there.
    for run in 0..2 {
        let step = Effect::Command { place: Place::Run(run), command: Command::Step };
        let at = |wanted: &dyn Fn(&Effect) -> bool| effects.iter().position(wanted).unwrap();
        let start = at(&|effect| matches!(effect, Effect::Start { place, .. } if *place == Place::Run(run)));
        assert!(start < at(&|effect| *effect == step));
    }
    assert!(*model.paused);
    assert_eq!(model.state.text(Scope::Setting, "start"), "file");
    let setting = eigendrift::page::readout::evidence::setting(&model);
    assert!(setting.contains(" · all begin with net.safetensors · "), "{setting}");
    // A link cannot carry it, and says so where it is not there.
    let link = link::write(&model.state);
    let (read, notes) = link::read(&link, Some(&model.state));
    assert_eq!(notes, [""; 0]);
    assert_eq!((read.start_network(), link::write(&read)), (model.state.start_network(), link.clone()));
    let (_, notes) = link::read(&link, None);
    assert!(notes.iter().any(|note| note.contains("begins with a network from a file")), "{notes:?}");
    // Another start is drawn again.
    update(&mut model, set(Scope::Setting, "start", "he"));
    assert_eq!(model.state.experiment(0).unwrap().initial_parameters, None);
}

#[test]
fn what_does_not_fit_is_said_and_the_results_stay() {
    let (mut model, _) = open("#v=1&steps=40&every=20&k=2");
    let effects = choose(&mut model, "net.safetensors", Ok(network("torch_f64")));
    assert!(begun(&effects).is_empty());
    let sentence = "Network: net.safetensors has 5 inputs and 3 outputs; the data have 2 inputs and 3 classes.";
    assert!(model.problems.places.contains(&(Place::Run(0), sentence.into())), "{:?}", model.problems.places);
    assert!(matches!(&model.progress[&0].phase, Phase::Failed { sentence: said, .. } if said == sentence));
    // Widths of hidden layers that are not the file's.
    let (mut model, _) = open(DATA);
    choose(&mut model, "net.safetensors", Ok(network("torch_f64")));
    update(&mut model, set(Scope::Setting, "hidden", "4"));
    let problem = model.state.experiment(0).unwrap_err().to_string();
    assert_eq!(
        problem,
        "hidden layers: those of net.safetensors are 5,5,5,5,5,5; choose them, or another start than the file"
    );
    // A file that cannot be read.
    let (mut model, _) = open(DATA);
    let before = model.state.clone();
    let effects = choose(&mut model, "bad.safetensors", Err("bad.safetensors: holds no tensors".into()));
    assert_eq!((effects.len(), model.table.refusal.as_deref()), (0, Some("bad.safetensors: holds no tensors")));
    assert!(*model.state == *before);
    // Of two that are chosen, the last is taken, whichever is read first.
    let file = |name: &str| Action::OpenFile(OwnFile { number: 1, name: name.into() });
    update(&mut model, file("first"));
    update(&mut model, file("second"));
    let found = || Ok(Opened::Network(Box::new(network("torch_f32"))));
    let read = |name: &str| Action::FileOpened { name: name.into(), found: found() };
    assert!(update(&mut model, read("first")).is_empty());
    assert!(!update(&mut model, read("second")).is_empty());
    assert_eq!(model.state.own_network.as_ref().unwrap().name, "second");
}

#[test]
fn a_trained_network_takes_inputs_as_they_are() {
    let mut model = open("").0;
    let table = "a,b,c,d,e,class\n1,2,3,4,5,x\n5,4,3,2,1,y\n1,1,2,3,5,z\n";
    let table = eigendrift::dataset::csv::read(table, None).unwrap();
    let (own, _) = eigendrift::dataset::own::pack_table("t.csv", &table);
    let files = vec![OwnFile { number: 2, name: "t.csv".into() }];
    model.state.own_table = Some(eigendrift::state::OwnTable { files, read: Some((String::new(), Ok(own))) });
    update(&mut model, set(Scope::Setting, "data", "csv"));
    let preparation = |model: &Model| model.state.text(Scope::Setting, "preparation");
    assert_eq!(preparation(&model), "standardized");
    choose(&mut model, "net.safetensors", Ok(network("torch_f64")));
    assert_eq!(preparation(&model), "none");
    assert!(model.state.experiment(0).is_ok());
    update(&mut model, set(Scope::Setting, "preparation", "standardized"));
    assert_eq!(preparation(&model), "standardized");
}

#[test]
fn weights_at_the_cursor_are_exported() {
    let (mut model, _) = open(&format!("{DATA}&hidden=4&batch=full&A=sgd"));
    let generation = model.runs[&0].generation;
    let send = |model: &mut Model, event| {
        update(model, Action::Worker { place: Place::Run(0), generation, event });
    };
    let export = |model: &mut Model| update(model, Action::Export { export: Export::Weights(0), shown: (0.0, 0.0) });
    assert_eq!(export(&mut model), []);
    assert_eq!(*model.saving, Saving::Failed("Run A has no checkpoint at the cursor.".into()));

    let experiment = (*model.runs[&0].experiment).clone();
    let run = eigendrift::Run::new(experiment.clone()).unwrap();
    let started = Started::new(&run);
    send(&mut model, Event::Started(started));
    let report = eigendrift::run(experiment, |_| {}).unwrap();
    for checkpoint in &report.checkpoints {
        let checkpoint = Box::new(checkpoint.clone());
        send(&mut model, Event::Checkpoint { checkpoint, milliseconds: 1.0, training_milliseconds: 1.0 });
    }
    update(&mut model, Action::MoveCursor(1));
    let effects = export(&mut model);
    let [Effect::SaveBytes { name, bytes }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(name, "eigendrift-A-step-20.safetensors");
    let found = read("it", bytes).unwrap();
    assert_eq!((found.layers, found.activation), (vec![5, 4, 3], Some(Activation::Tanh)));
    assert_eq!(found.parameters, report.checkpoints[1].parameters);
}
