//! The page as a value: what each action changes and what follows. Workers are played by the numerical core itself.

#![cfg(not(target_arch = "wasm32"))]

#[allow(dead_code)]
mod own;
mod page;

use eigendrift::dataset::idx::{Element, header};
use eigendrift::experiment::{Experiment, Run};
use eigendrift::null_model::NullKind;
use eigendrift::page::action::{Export, Format, Place, Saving, Timer};
use eigendrift::page::message::{Command, Event, OUT_OF_MEMORY, Started, Task};
use eigendrift::page::pictures::Scene;
use eigendrift::page::results::Phase;
use eigendrift::page::table::Kept;
use eigendrift::page::{Action, Effect, Model, begin, readout, report, update};
use eigendrift::state::{Choice, OwnFile, Picture, Scope, link};
use eigendrift::view::Chart;
use own::Desk;
use page::{open, set};

/// The tasks that effects begin: place, number, experiment.
fn started(effects: &[Effect]) -> Vec<(Place, u32, &Experiment)> {
    let run = |effect: &Effect| matches!(effect, Effect::Start { place: Place::Run(_), .. });
    effects
        .iter()
        .filter(|effect| run(effect))
        .map(|effect| match effect {
            Effect::Start { place, generation, task } => match &**task {
                Task::Run { experiment, .. } => (*place, *generation, experiment),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        })
        .collect()
}

fn timer(effects: &[Effect]) -> Timer {
    let mut timers =
        effects.iter().filter_map(|e| if let Effect::Wait { timer, .. } = e { Some(*timer) } else { None });
    timers.next_back().expect("a timer")
}

/// Takes in an event of the run's present task.
fn event(model: &mut Model, run: usize, event: Event) -> Vec<Effect> {
    let generation = model.runs[&run].generation;
    update(model, Action::Worker { place: Place::Run(run), generation, event })
}

/// Computes the first `count` checkpoints of a run as its worker would, or all.
fn compute(model: &mut Model, run: usize, count: usize) -> Vec<Effect> {
    let mut effects = Vec::new();
    let experiment = &*model.runs[&run].experiment;
    let mut core = Run::new(experiment.clone()).unwrap();
    let known = Started::new(&core);
    effects.extend(event(model, run, Event::Started(known)));
    for _ in 0..count {
        while !core.is_checkpoint_due() {
            core.advance(usize::MAX).unwrap();
        }
        let checkpoint = Box::new(core.checkpoint().unwrap());
        let step = checkpoint.step;
        let taken = Event::Checkpoint { checkpoint, milliseconds: 2.0, training_milliseconds: 1.0 };
        effects.extend(event(model, run, taken));
        if core.is_finished() {
            effects.extend(event(model, run, Event::Finished { step }));
            break;
        }
    }
    effects
}

const SMALL: &str = "#v=1&samples=30&hidden=3&steps=40&every=10&k=2";

#[test]
fn the_page_begins_with_both_runs_at_once() {
    let (model, effects) = open("");
    let tasks = started(&effects);
    assert_eq!(tasks.iter().map(|task| task.0).collect::<Vec<_>>(), [Place::Run(0), Place::Run(1)]);
    assert_eq!(tasks[0].2.seed, tasks[1].2.seed);
    assert!(model.is_under_way());
    assert_eq!(readout::announcement(&model), "Run A is running. Run B is running.");
}

#[test]
fn changing_the_learning_rate_of_a_run_under_way_restarts_nothing() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, 2);
    compute(&mut model, 1, 2);
    let before = (model.runs[&0].generation, model.runs[&0].checkpoints.clone());
    let effects = update(&mut model, set(Scope::Run(0), "lr", "0.05"));
    assert!(effects.contains(&Effect::Command { place: Place::Run(0), command: Command::SetLearningRate(0.05) }));
    assert!(started(&effects).is_empty());
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Wait { .. } | Effect::Stop(_))), "{effects:?}");
    assert_eq!((model.runs[&0].generation, model.runs[&0].checkpoints.clone()), before);
    let changed = Event::Changed { step: 15, learning_rate: 0.05, schedule: Default::default() };
    assert!(event(&mut model, 0, changed).contains(&Effect::WriteLink(link::write(&model.state))));
    assert!(link::write(&model.state).contains("A=sgd,lr:0.1,at:15,lr:0.05&B=adam"), "{}", link::write(&model.state));
    // Before its first step a run begins again instead: nothing is lost, and the curve has one learning rate.
    let (mut model, _) = open(SMALL);
    let effects = update(&mut model, set(Scope::Run(0), "lr", "0.05"));
    let due = timer(&effects);
    assert_eq!(started(&update(&mut model, Action::Due(due))).len(), 1);
}

/// Plays run A's worker up to `last` checkpoints, with what `at` does between two steps.
fn work(model: &mut Model, core: &mut Run, last: usize, mut at: impl FnMut(usize, &mut Model, &mut Run)) {
    while !core.is_finished() && model.runs[&0].checkpoints.len() < last {
        if core.is_checkpoint_due() {
            let checkpoint = Box::new(core.checkpoint().unwrap());
            event(model, 0, Event::Checkpoint { checkpoint, milliseconds: 2.0, training_milliseconds: 1.0 });
            continue;
        }
        let step = core.training().steps();
        event(model, 0, Event::Progress { step });
        at(step, model, core);
        core.advance(1).unwrap();
    }
}

/// Sets a field of run A while it is under way; its worker follows the commands.
fn steer(model: &mut Model, core: &mut Run, key: &str, text: &str) -> Vec<Effect> {
    let mut effects = update(model, set(Scope::Run(0), key, text));
    for effect in effects.clone() {
        let Effect::Command { place: Place::Run(0), command } = effect else { continue };
        match command {
            Command::SetLearningRate(rate) => core.training_mut().change(Some(rate), None).unwrap(),
            Command::SetSchedule(schedule) => core.training_mut().change(None, Some(schedule)).unwrap(),
            other => panic!("{other:?}"),
        }
        let ((learning_rate, schedule), step) = (core.training().next_settings(), core.training().steps());
        effects.extend(event(model, 0, Event::Changed { step, learning_rate, schedule }));
    }
    assert!(started(&effects).is_empty(), "it goes on");
    effects
}

#[test]
fn a_link_repeats_changes_on_the_way_to_the_same_bits() {
    let (mut model, _) = open(&format!("{SMALL}&A=momentum,lr:0.1&B=adam"));
    let mut core = Run::new((*model.runs[&0].experiment).clone()).unwrap();
    work(&mut model, &mut core, usize::MAX, |step, model, core| match step {
        7 => {
            let effects = steer(model, core, "lr", "0.5");
            // The address has the change as soon as the worker has said at which step it was.
            let mut links =
                effects.iter().filter_map(|e| if let Effect::WriteLink(link) = e { Some(link) } else { None });
            assert!(links.next_back().unwrap().contains("A=momentum,lr:0.1,at:7,lr:0.5"));
        }
        20 => {
            steer(model, core, "schedule", "cosine");
            steer(model, core, "steps", "40");
            steer(model, core, "lr", "0.3");
        }
        33 => _ = steer(model, core, "schedule", "constant"),
        _ => {}
    });
    event(&mut model, 0, Event::Finished { step: 40 });
    let effects = update(&mut model, Action::Share);
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    assert!(
        text.contains("A=momentum,lr:0.1,at:7,lr:0.5,at:20,lr:0.3,schedule:cosine,steps:40,at:33,schedule:constant"),
        "{text}"
    );
    let (state, notes) = link::read(text, None);
    assert!(notes.is_empty(), "{notes:?}");
    let experiment = state.experiment(0).unwrap();
    assert_eq!(experiment, *model.runs[&0].experiment);
    let repeated = eigendrift::run(experiment.clone(), |_| {}).unwrap();
    assert!(repeated.checkpoints.iter().eq(model.runs[&0].checkpoints.iter().map(|checkpoint| &**checkpoint)));
    let unchanged = eigendrift::run(Experiment { changes: Vec::new(), ..experiment.clone() }, |_| {}).unwrap();
    assert_ne!(repeated.checkpoints, unchanged.checkpoints);

    let (one, both) = ([experiment.changes.clone()], [experiment.changes.clone(), vec![]]);
    // The page repeats them as well: Reset, another seed, a copy of the run, other settings that are for the whole run.
    let again = |effects: &[Effect]| started(effects).iter().map(|task| task.2.changes.clone()).collect::<Vec<_>>();
    assert_eq!(again(&update(&mut model, Action::Reset)), both);
    assert_eq!(again(&update(&mut model, Action::NewSeed(7))), both);
    assert_eq!(again(&update(&mut model, Action::DuplicateRun(0))), one);
    let due = timer(&update(&mut model, set(Scope::Run(0), "momentum", "0.5")));
    assert_eq!(again(&update(&mut model, Action::Due(due))), one);
    assert_eq!(model.runs[&0].experiment.optimizer.momentum, 0.5);
    assert!(
        readout::run_note(&model, 0)
            .unwrap()
            .0
            .ends_with("from step 33 on, after 2 other changes. Reset repeats them.")
    );
    // Until they are removed, or the learning rate is set before the first step or after the last.
    let due = timer(&update(&mut model, Action::RemoveChanges(0)));
    let effects = update(&mut model, Action::Due(due));
    assert_eq!(again(&effects), [vec![]]);
    assert_eq!(started(&effects)[0].2.optimizer.learning_rate, 0.1);
    assert!(link::write(&model.state).contains("A=momentum,lr:0.1,momentum:0.5&"), "{}", link::write(&model.state));
    assert_eq!(readout::run_note(&model, 0), None);
    let due = timer(&update(&mut model, set(Scope::Run(2), "lr", "0.2")));
    assert_eq!(again(&update(&mut model, Action::Due(due))), [vec![]]);
    assert_eq!(model.runs[&2].experiment.optimizer.learning_rate, 0.2);
}

#[test]
fn a_change_by_hand_takes_the_place_of_later_ones() {
    let (mut model, _) = open(&format!("{SMALL}&A=sgd,lr:0.1,at:5,lr:0.2,at:30,lr:0.4&B=adam"));
    assert_eq!(model.state.number(Scope::Run(0), "lr"), Some(0.4), "the control shows what holds in the end");
    let mut core = Run::new((*model.runs[&0].experiment).clone()).unwrap();
    work(&mut model, &mut core, usize::MAX, |step, model, core| {
        if step == 15 {
            steer(model, core, "lr", "0.05");
        }
    });
    let text = link::write(&model.state);
    assert!(text.contains("A=sgd,lr:0.1,at:5,lr:0.2,at:15,lr:0.05&"), "{text}");
    let repeated = eigendrift::run(link::read(&text, None).0.experiment(0).unwrap(), |_| {}).unwrap();
    assert!(repeated.checkpoints.iter().eq(model.runs[&0].checkpoints.iter().map(|checkpoint| &**checkpoint)));
}

/// The command is on its way when the run ends: there is no step at which it could act.
#[test]
fn a_change_that_comes_too_late_begins_the_run_with_it() {
    let (mut model, _) = open(SMALL);
    let mut core = Run::new((*model.runs[&0].experiment).clone()).unwrap();
    work(&mut model, &mut core, usize::MAX, |_, _, _| {});
    update(&mut model, set(Scope::Run(0), "lr", "0.05"));
    assert_eq!(model.state.experiment(0).unwrap().optimizer.learning_rate, 0.1, "it has not changed yet");
    let due = timer(&event(&mut model, 0, Event::Finished { step: 40 }));
    let effects = update(&mut model, Action::Due(due));
    let [(Place::Run(0), _, experiment)] = started(&effects)[..] else { panic!("{effects:?}") };
    assert!(experiment.optimizer.learning_rate == 0.05 && experiment.changes.is_empty());
}

#[test]
fn changing_the_data_restarts_all_runs_once_after_the_pause() {
    let (mut model, _) = open(SMALL);
    let first = timer(&update(&mut model, set(Scope::Setting, "data", "moons")));
    let second = timer(&update(&mut model, set(Scope::Setting, "noise", "0.3")));
    assert_ne!(first, second);
    assert!(started(&update(&mut model, Action::Due(first))).is_empty(), "the first timer was overtaken");
    let effects = update(&mut model, Action::Due(second));
    let tasks = started(&effects);
    assert_eq!(tasks.len(), 2);
    for (_, _, experiment) in tasks {
        assert!(serde_json::to_string(&experiment.data).unwrap().contains("moons"));
    }
    assert!(started(&update(&mut model, Action::Due(second))).is_empty(), "only once");
}

#[test]
fn a_late_event_of_an_old_task_changes_nothing() {
    let (mut model, _) = open(SMALL);
    let old = model.runs[&0].generation;
    update(&mut model, Action::Reset);
    let (runs, progress) = (model.runs.revision(), model.progress.revision());
    for event in
        [Event::Progress { step: 7 }, Event::Finished { step: 40 }, Event::Panicked { sentence: "late".into() }]
    {
        let effects = update(&mut model, Action::Worker { place: Place::Run(0), generation: old, event });
        assert_eq!(effects, []);
    }
    assert_eq!((model.runs.revision(), model.progress.revision()), (runs, progress));
    assert_eq!(model.progress[&0].phase, Phase::Waiting);
    assert!(model.problems.places.is_empty());
}

#[test]
fn two_actions_in_one_turn_both_happen() {
    let (mut model, _) = open(SMALL);
    update(&mut model, set(Scope::View, "pair", "tracked"));
    update(&mut model, Action::Enlarge(Picture::Overlap));
    assert_eq!(model.state.view().pairing.name(), "tracked");
    assert_eq!(model.state.open, Some(Picture::Overlap));
}

#[test]
fn a_lost_worker_is_replaced_once_and_gives_the_same_numbers() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, 3);
    let before = model.runs[&0].checkpoints.clone();
    let effects = event(&mut model, 0, Event::Panicked { sentence: "killed".into() });
    let tasks = started(&effects);
    assert_eq!(tasks.iter().map(|task| task.0).collect::<Vec<_>>(), [Place::Run(0)]);
    assert!(readout::problems(&model.problems)[0].contains("killed) and was begun again in a new worker"));
    compute(&mut model, 0, 3);
    assert_eq!(model.runs[&0].checkpoints, before);
    let effects = event(&mut model, 0, Event::Panicked { sentence: "killed".into() });
    assert!(started(&effects).is_empty(), "a second loss needs Reset");
    assert!(readout::problems(&model.problems).last().unwrap().contains("Reset begins anew"));
    assert_eq!(started(&update(&mut model, Action::Reset)).len(), 2);
    assert!(model.problems.places.is_empty());
}

#[test]
fn a_worker_that_runs_out_of_memory_says_so_and_is_not_tried_again() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, 2);
    let sentence = format!("a worker failed: Uncaught Error: {OUT_OF_MEMORY}");
    let effects = event(&mut model, 0, Event::Panicked { sentence });
    assert!(started(&effects).is_empty(), "it would end in the same way");
    let said = readout::problems(&model.problems);
    assert!(said[0].starts_with(&format!("Run A: {OUT_OF_MEMORY}. Take fewer checkpoints")), "{said:?}");
    assert_eq!(model.runs[&0].checkpoints.len(), 2, "what was found stays");
}

#[test]
fn runs_keep_names_colours_and_results_when_others_come_and_go() {
    let (mut model, _) = open(SMALL);
    for run in [0, 1] {
        compute(&mut model, run, usize::MAX);
    }
    let b = (model.runs[&1].generation, model.runs[&1].checkpoints.clone());
    let color = |model: &Model, run: usize| {
        let scene = Scene::new(model, &model.moment());
        scene.runs.iter().find(|shown| shown.index == run).map(|shown| (shown.name.clone(), shown.color)).unwrap()
    };
    let seen = color(&model, 1);
    let effects = update(&mut model, Action::RemoveRun(0));
    assert!(started(&effects).is_empty());
    assert_eq!(color(&model, 1), seen);
    // The link keeps the name, and the free name is used again.
    assert!(link::write(&model.state).contains("&B=adam"), "{}", link::write(&model.state));
    let effects = update(&mut model, Action::DuplicateRun(1));
    assert_eq!(started(&effects).iter().map(|task| task.0).collect::<Vec<_>>(), [Place::Run(0)]);
    let effects = update(&mut model, Action::AddRun);
    assert_eq!(started(&effects).iter().map(|task| task.0).collect::<Vec<_>>(), [Place::Run(2)]);
    assert_eq!((model.runs[&1].generation, model.runs[&1].checkpoints.clone()), b);
    assert_eq!(model.progress[&1].phase, Phase::Finished);
    // The last run cannot be removed.
    for run in [0, 1, 2] {
        update(&mut model, Action::RemoveRun(run));
    }
    assert_eq!(model.state.runs.keys().copied().collect::<Vec<_>>(), [2]);
}

#[test]
fn everything_in_a_frame_shows_one_moment() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, 4);
    compute(&mut model, 1, 2);
    let moment = model.moment();
    assert_eq!(moment.cursor, 1, "the newest checkpoint that both have");
    let words = |model: &Model| {
        let scene = Scene::new(model, &moment);
        let charts: Vec<String> = Picture::ALL.iter().map(|&picture| scene.chart(picture).describe()).collect();
        (charts, readout::numbers(&scene), readout::status(&scene))
    };
    let before = words(&model);
    assert!(before.2.starts_with("step 10 of 40"), "{}", before.2);
    assert_eq!(before.1.rows[0], ("step".to_owned(), vec!["10".to_owned(), "10".to_owned()]));
    let more = {
        let mut other = model.clone();
        compute(&mut other, 1, 4);
        other.runs[&1].checkpoints[2..].to_vec()
    };
    for checkpoint in more {
        let checkpoint = Box::new((*checkpoint).clone());
        event(&mut model, 1, Event::Checkpoint { checkpoint, milliseconds: 2.0, training_milliseconds: 1.0 });
    }
    assert!(moment.is_in(&model));
    assert_eq!(words(&model), before, "later checkpoints do not change what a frame shows");
    assert_eq!(model.moment().cursor, 3);
    update(&mut model, Action::Reset);
    assert!(!moment.is_in(&model));
}

#[test]
fn a_run_that_has_not_got_to_the_cursor_shows_no_number_of_another_moment() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, usize::MAX);
    compute(&mut model, 1, 2);
    update(&mut model, Action::MoveCursor(4));
    let scene = Scene::new(&model, &model.moment());
    let numbers = readout::numbers(&scene);
    assert!(numbers.rows.iter().all(|(_, cells)| cells[1] == "–"), "{numbers:?}");
    assert_eq!(numbers.rows[0].1[0], "40");
}

#[test]
fn the_space_bar_discards_no_results() {
    let (mut model, _) = open(&format!("{SMALL}&play=computed"));
    for run in [0, 1] {
        compute(&mut model, run, usize::MAX);
    }
    assert!(!model.is_under_way());
    assert!(started(&update(&mut model, Action::SpaceBar)).is_empty());
    assert_eq!(model.runs[&0].checkpoints.len(), 5);
    assert_eq!(started(&update(&mut model, Action::PlayOrPause)).len(), 2, "the button reads Run again");
    let effects = update(&mut model, Action::SpaceBar);
    assert!(effects.contains(&Effect::Command { place: Place::Run(1), command: Command::Pause }));
}

#[test]
fn step_brings_runs_to_the_same_checkpoint() {
    let (mut model, _) = open(&format!("{SMALL}&play=computed"));
    compute(&mut model, 0, 3);
    compute(&mut model, 1, 2);
    update(&mut model, Action::PlayOrPause);
    let effects = update(&mut model, Action::Step);
    assert!(effects.contains(&Effect::Command { place: Place::Run(1), command: Command::Step }));
    assert!(effects.contains(&Effect::Command { place: Place::Run(0), command: Command::Pause }));
}

#[test]
fn what_is_not_allowed_changes_nothing_and_is_told_at_its_control() {
    let (mut model, _) = open(SMALL);
    let revision = model.state.revision();
    let effects = update(&mut model, set(Scope::Setting, "samples", "-7"));
    assert_eq!(effects, []);
    assert_eq!(model.state.revision(), revision);
    let at = (Scope::Setting, "samples".to_owned());
    assert!(model.problems.fields[&at].contains("“-7” is not allowed: a whole number from 12"));
    update(&mut model, set(Scope::Setting, "samples", "60"));
    assert!(!model.problems.fields.contains_key(&at));
}

#[test]
fn a_table_of_names_is_asked_about_before_it_runs() {
    let ((mut model, _), mut desk) = (open(SMALL), Desk::default());
    let rows: String = (0..60).map(|i| format!("{},{},{},row {i}\n", i % 7, i % 5, i % 2)).collect();
    let file = desk.file("names.csv", format!("x,y,c,id\n{rows}"));
    let effects = desk.choose(&mut model, vec![file]);
    assert!(model.table.doubt.as_ref().unwrap().starts_with("60 different labels in 60 rows"));
    assert!(started(&update(&mut model, Action::Due(timer(&effects)))).is_empty(), "nothing begins by itself");
    // Another label column takes the doubt away. Here the last column is text, so that the table is refused instead.
    let effects = update(&mut model, set(Scope::Setting, "label", "c"));
    assert_eq!(model.table.note.as_deref(), Some("Reading names.csv …"));
    assert!(started(&update(&mut model, Action::Due(timer(&effects)))).is_empty(), "it is not read yet");
    let effects = desk.work(&mut model, effects);
    assert!(model.table.refusal.as_ref().unwrap().contains("line 2, column 4"), "{:?}", model.table);
    assert!(started(&update(&mut model, Action::Due(timer(&effects)))).is_empty());
    let why = &model.problems.places[0].1;
    assert!(why.starts_with("Data: names.csv: line 2, column 4") && model.table.note.is_none(), "{why}");
    let effects = update(&mut model, set(Scope::Setting, "label", ""));
    desk.work(&mut model, effects);
    let effects = update(&mut model, Action::ConfirmTable);
    assert_eq!(started(&effects).len(), 2);
    // A broken file afterwards: its sentence names the table that stays.
    let broken = desk.file("broken.csv", "x,y,c\n1,2,a\n3,oops,b\n");
    desk.choose(&mut model, vec![broken]);
    let refusal = model.table.refusal.clone().unwrap();
    assert!(refusal.starts_with("broken.csv: line 3, column 2"), "{refusal}");
    assert!(refusal.ends_with("names.csv stays in use."), "{refusal}");
    assert!(model.table.preview.as_ref().unwrap().caption.starts_with("names.csv: 60 rows"));
    // Other data: the preview goes, and comes back without reading.
    update(&mut model, set(Scope::Setting, "data", "moons"));
    assert_eq!(*model.table, Default::default());
    let effects = update(&mut model, set(Scope::Setting, "data", "csv"));
    assert!(model.table.preview.is_some() && !effects.iter().any(|e| matches!(e, Effect::Start { .. })));
}

#[test]
fn a_read_whose_worker_is_lost_leaves_all_as_it_was_and_says_so() {
    let ((mut model, _), mut desk) = (open(SMALL), Desk::default());
    let file = desk.file("a.csv", "1,a\n2,b\n");
    let effects = update(&mut model, Action::FilesChosen(vec![file]));
    let Some(Effect::Start { place: Place::Reader, generation, .. }) = effects.last() else { panic!("{effects:?}") };
    let lost = Event::Panicked { sentence: OUT_OF_MEMORY.into() };
    update(&mut model, Action::Worker { place: Place::Reader, generation: generation - 1, event: lost.clone() });
    assert!(model.table.note.is_some(), "of another task");
    let effects = update(&mut model, Action::Worker { place: Place::Reader, generation: *generation, event: lost });
    assert_eq!(model.table.refusal, Some(format!("a.csv: {OUT_OF_MEMORY}.")));
    assert!(model.table.note.is_none() && started(&effects).is_empty() && !model.state.is_own_table());
}

/// IDX files of `count` images of 12 × 12 bytes and of their labels, as the format has them.
fn images(count: usize) -> [Vec<u8>; 2] {
    let body: Vec<u8> = (0..count * 144).map(|i| ((i * i) % 253) as u8).collect();
    let labels: Vec<u8> = (0..count).map(|n| (n % 3) as u8).collect();
    [[header(Element::U8, &[count, 12, 12]), body].concat(), [header(Element::U8, &[count]), labels].concat()]
}

#[test]
fn images_and_labels_come_together_or_one_after_the_other() {
    let ((mut model, _), mut desk) = (open("#v=1&hidden=4&steps=20&every=10&k=2"), Desk::default());
    let [of_images, of_labels] = images(30);
    let pair = vec![desk.file("images", of_images), desk.file("labels", of_labels)];
    assert!(started(&desk.choose(&mut model, pair[..1].to_vec())).is_empty());
    assert_eq!(model.table.note.as_deref(), Some("images: 30 images. Choose the file of their labels too."));
    assert!(!model.state.is_own_table(), "half of a pair is no data");
    let effects = desk.choose(&mut model, pair[1..].to_vec());
    assert!(model.table.note.is_none() && model.state.is_own_table());
    assert!(effects.contains(&Effect::KeepFiles(pair.clone())), "{effects:?}");
    let preview = model.table.preview.as_ref().unwrap();
    assert_eq!(preview.caption, "images: 30 samples of 12 × 12, 3 classes");
    assert_eq!(model.table.sketch.as_ref().map(|sketch| (sketch.side, sketch.values.len())), Some((Some(12), 144)));
    // 144 inputs would make a large network: their principal components are taken unless it is changed.
    let effects = update(&mut model, Action::Due(timer(&effects)));
    let data = &started(&effects)[0].2.data;
    assert_eq!((data.components, data.image_side()), (Some(16), Some(12)));
    assert_eq!(model.plan.0.as_ref().unwrap().train.features, 16);
    update(&mut model, set(Scope::Setting, "preparation", "none"));
    assert_eq!(model.plan.0.as_ref().unwrap().train.features, 144);
    assert!(model.state.fields(Scope::Setting).iter().all(|field| !["components", "label"].contains(&field.key)));
    update(&mut model, Action::Reset);
    let rows = desk.with_rows(&model.runs[&0].experiment);
    let mut run = Run::new(rows).unwrap();
    let known = Started::new(&run);
    event(&mut model, 0, Event::Started(known));
    let checkpoint = Box::new(run.checkpoint().unwrap());
    event(&mut model, 0, Event::Checkpoint { checkpoint, milliseconds: 2.0, training_milliseconds: 1.0 });
    update(&mut model, Action::RemoveRun(1));
    // The first layer's images, one for each hidden unit, as for digits.
    let Chart::Network(network) = Scene::new(&model, &model.moment()).chart(Picture::Network) else { panic!() };
    let sides: Vec<_> = network.directions[0].images.iter().map(|image| (image.rows, image.columns)).collect();
    assert_eq!(sides, [(12, 12); 4]);
    // Labels of other images: the sentence names both, and what was in use stays.
    let other = vec![pair[0].clone(), desk.file("others", images(20)[1].clone())];
    desk.choose(&mut model, other);
    let refusal = model.table.refusal.clone().unwrap();
    assert_eq!(refusal, "others: has 20 labels for 30 samples of images. images, labels stays in use.");
}

#[test]
fn of_many_rows_ten_thousand_are_used_unless_more_are_asked_for() {
    let ((mut model, _), mut desk) = (open("#v=1&hidden=2&steps=10&every=10&k=1"), Desk::default());
    let text: String = (0..12_000).map(|i| format!("{},{}\n", i % 97, if i % 3 == 0 { "a" } else { "b" })).collect();
    let file = desk.file("many.csv", text);
    let effects = desk.choose(&mut model, vec![file]);
    let words = "10,000 of the 12,000 rows are used, drawn at random by the seed; the others are left out.";
    assert_eq!(model.table.left_out.as_deref(), Some(words));
    let effects = update(&mut model, Action::Due(timer(&effects)));
    let (_, _, experiment) = started(&effects)[0];
    assert_eq!(experiment.data_shape().unwrap().0.samples, 10_000);
    assert_eq!(desk.with_rows(experiment).load_data().unwrap().0.len(), 10_000);
    let link = link::write(&model.state);
    assert!(link.contains("data=csv") && link.len() < 100 && !link.contains("97"), "{link}");
    update(&mut model, set(Scope::Setting, "samples", "12000"));
    assert!(model.table.left_out.is_none() && model.table.preview.is_some());
    // The rows count as memory: packed, 9 bytes each, in every worker and in the browser.
    let plan = |model: &Model| model.plan.0.clone().unwrap();
    assert_eq!(plan(&model).train.samples, 12_000);
    assert!(plan(&model).workers > 4.0 * 9.0 * 12_000.0);
    // A new table has all its own settings.
    let file = desk.file("few.csv", "1,a\n2,b\n3,a\n4,b\n");
    desk.choose(&mut model, vec![file]);
    assert_eq!((model.state.number(Scope::Setting, "samples"), plan(&model).train.samples), (Some(4.0), 4));
}

/// A page at a link whose table the browser may have kept.
fn open_again(hash: &str) -> (Model, Vec<Effect>) {
    let (state, notes) = link::read(hash, None);
    let mut model = Model::new(state, notes, false);
    model.awaiting = link::wants_own_table(hash).then(|| hash.to_owned());
    let effects = begin(&mut model);
    (model, effects)
}

#[test]
fn an_own_table_is_kept_for_the_next_visit_until_it_is_forgotten() {
    let ((mut model, effects), mut desk) = (open(SMALL), Desk::default());
    assert!(effects.contains(&Effect::RestoreFiles));
    let rows: String = (0..60).map(|i| format!("{},{},{}\n", i % 7, i % 5, i % 2)).collect();
    let table: Vec<OwnFile> = vec![desk.file("own.csv", format!("x,y,c\n{rows}"))];
    let effects = desk.choose(&mut model, table.clone());
    assert!(effects.contains(&Effect::KeepFiles(table.clone())));
    assert_eq!(model.kept.describe(), None, "nothing is promised before the browser has said so");
    update(&mut model, Action::TableKept(Ok(())));
    assert_eq!(model.kept.describe().unwrap(), "Kept in this browser for the next visit.");
    let effects = update(&mut model, set(Scope::Setting, "label", "c"));
    desk.work(&mut model, effects);
    update(&mut model, Action::NewSeed(5));
    let (text, experiment) = (link::write(&model.state), model.runs[&0].experiment.clone());

    // Another visit: nothing begins before the table is there and read, and then what ran before.
    let (mut again, effects) = open_again(&text);
    assert!(started(&effects).is_empty() && again.problems.of_link.is_empty());
    let effects = update(&mut again, Action::FilesRestored(Ok(Some(table.clone()))));
    assert!(started(&effects).is_empty() && again.table.note.is_some());
    let effects = desk.work(&mut again, effects);
    assert!(!effects.contains(&Effect::KeepFiles(table.clone())), "they are kept already");
    let effects = update(&mut again, Action::Due(timer(&effects)));
    assert_eq!(started(&effects).len(), 2);
    assert_eq!(started(&effects)[0].2, &*experiment);
    assert!(again.problems.of_link.is_empty() && *again.kept == Kept::Yes);
    assert!(again.table.preview.as_ref().unwrap().caption.starts_with("own.csv: 60 rows"));
    assert!(started(&update(&mut again, Action::Due(Timer::Restore))).is_empty(), "it has waited long enough by then");
    let effects = update(&mut again, Action::ForgetTable);
    assert_eq!(effects[0], Effect::ForgetTable);
    update(&mut again, Action::TableForgotten(Ok(())));
    assert_eq!((again.kept.describe(), again.state.is_own_table()), (None, true), "it stays in use");

    // It was forgotten, or the storage cannot be read, or does not answer: the rest of the link is used, and a note says so.
    let refused = Action::FilesRestored(Err("not allowed here".into()));
    for (answer, said) in [(Action::FilesRestored(Ok(None)), 1), (refused, 2), (Action::Due(Timer::Restore), 2)] {
        let (mut again, _) = open_again(&text);
        let effects = update(&mut again, answer);
        assert_eq!(started(&effects).len(), 2);
        assert_eq!(again.state.number(Scope::Setting, "seed"), Some(5.0));
        let notes = &again.problems.of_link;
        assert!(notes.iter().any(|note| note.contains("which is not in this browser")), "{notes:?}");
        assert!(notes.len() >= said && (said == 1 || notes.last().unwrap().contains("storage")), "{notes:?}");
    }
    // Where other data are in use, the table is there to be chosen; nothing begins again.
    let (mut other, _) = open_again(SMALL);
    assert_eq!(started(&update(&mut other, Action::FilesRestored(Ok(Some(table))))), []);
    assert!(started(&update(&mut other, Action::FilesRestored(Err("no".into())))).is_empty());
    let effects = update(&mut other, set(Scope::Setting, "data", "csv"));
    desk.work(&mut other, effects);
    assert!(other.state.is_own_table() && other.table.preview.is_some());
    // A browser that does not keep it is no reason not to use it.
    update(&mut model, Action::TableKept(Err("quota".into())));
    assert!(model.kept.describe().unwrap().starts_with("Not kept for the next visit") && model.table.refusal.is_none());
}

#[test]
fn null_models_follow_the_first_checkpoints_and_other_runs_leave_a_shared_one_alone() {
    let (mut model, effects) = open(SMALL);
    let background = |effects: &[Effect]| {
        let of = |e: &Effect| match e {
            Effect::Start { place: Place::Background, task, generation } => Some((*task.clone(), *generation)),
            _ => None,
        };
        effects.iter().find_map(of)
    };
    assert!(background(&effects).is_none(), "first the curves that a visitor waits for");
    compute(&mut model, 0, 1);
    let effects = compute(&mut model, 1, 1);
    let (task, generation) = background(&effects).expect("sketches");
    assert_eq!(task, Task::Sketches);
    let found = Event::Sketches(Vec::new());
    let effects = update(&mut model, Action::Worker { place: Place::Background, generation, event: found });
    let (task, generation) = background(&effects).expect("a null model");
    let Task::Null { experiment, model: null, parameters } = task else { panic!("{task:?}") };
    assert!(parameters.is_empty(), "random weights need no checkpoint");
    let mut sampling = experiment.null_sampling(null, &parameters).unwrap();
    while sampling.bands().unwrap().is_none() {
        sampling.advance().unwrap();
    }
    let bands = Event::NullFinished(Box::new(sampling.bands().unwrap().unwrap()));
    update(&mut model, Action::Worker { place: Place::Background, generation, event: bands });
    let shared = |model: &Model| model.nulls.keys().filter(|key| key.run.is_none()).count() == 1;
    assert!(shared(&model));
    let effects = update(&mut model, Action::RemoveRun(0));
    assert!(background(&effects).is_none());
    assert!(shared(&model));
    update(&mut model, set(Scope::View, "null", "shuffled_labels"));
    assert!(model.nulls_at_the_end().is_empty() && shared(&model), "what was found stays");
    let effects = compute(&mut model, 1, usize::MAX);
    assert!(matches!(background(&effects), Some((Task::Null { parameters, .. }, _)) if !parameters.is_empty()));
}

#[test]
fn a_null_model_that_fails_leaves_the_runs_as_they_are_and_says_why_at_its_control() {
    let (mut model, _) = open(&format!("{SMALL}&null=shuffled_labels"));
    compute(&mut model, 0, 1);
    let effects = compute(&mut model, 1, 1);
    let begun = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Start { place: Place::Background, generation, task } => Some((*generation, (**task).clone())),
            _ => None,
        })
    };
    let (generation, _) = begun(&effects).expect("sketches");
    let found = Event::Sketches(Vec::new());
    update(&mut model, Action::Worker { place: Place::Background, generation, event: found });
    compute(&mut model, 0, usize::MAX);
    compute(&mut model, 1, usize::MAX);
    let before = (model.runs.clone(), model.progress.clone());
    let task = model.tasks.null.unwrap();
    assert_eq!(task.key.run, Some(0));
    let generation = task.generation;
    let sentence = "the Hessian holds NaN or infinity".to_owned();
    let failed = Event::Failed { sentence, diverged: false };
    let effects = update(&mut model, Action::Worker { place: Place::Background, generation, event: failed });
    // The other run's null model is computed all the same, and this one is not asked for again and again.
    assert_eq!(model.tasks.null.unwrap().key.run, Some(1));
    let (generation, task) = begun(&effects).unwrap();
    let at = (Scope::View, "null".to_owned());
    let words = "The null model of run A could not be computed: the Hessian holds NaN or infinity.";
    assert_eq!(model.problems.fields[&at], words);
    assert!(model.problems.places.is_empty(), "no run has a problem: {:?}", model.problems.places);
    for run in [0, 1] {
        assert_eq!(model.runs[&run].checkpoints, before.0[&run].checkpoints);
        assert_eq!(model.progress[&run], before.1[&run]);
        assert_eq!(readout::run_note(&model, run), None);
    }
    let Task::Null { experiment, model: null, parameters } = task else { panic!("{task:?}") };
    let bands = Box::new(experiment.null_sampling(null, &parameters).unwrap().finish().unwrap());
    let finished = Event::NullFinished(bands);
    let effects = update(&mut model, Action::Worker { place: Place::Background, generation, event: finished });
    assert!(begun(&effects).is_none() && model.tasks.null.is_none());
    assert_eq!(model.nulls_at_the_end().keys().collect::<Vec<_>>(), [&Some(1)]);
    // Another choice takes the sentence back.
    update(&mut model, set(Scope::View, "null", "goe"));
    assert!(!model.problems.fields.contains_key(&at));
}

#[test]
fn exports_need_no_picture_on_the_page() {
    let (mut model, _) = open(SMALL);
    for run in [0, 1] {
        compute(&mut model, run, usize::MAX);
    }
    update(&mut model, Action::Enlarge(Picture::Loss));
    for &picture in Picture::ALL {
        for format in [Format::Svg, Format::Png] {
            let export = Export::Picture(picture, format);
            let effects = update(&mut model, Action::Export { export, shown: (0.0, 0.0) });
            match &effects[..] {
                [Effect::SaveText { name, text, .. }] => {
                    assert_eq!(*name, format!("eigendrift-{}.svg", picture.name()));
                    for words in [picture.label(), "A SGD", "B Adam", "seed 1", "#v=1&amp;samples=30"] {
                        assert!(text.contains(words), "{words} is not in {text}");
                    }
                }
                [Effect::SavePixels { caption, scale, .. }] => {
                    assert_eq!(*scale, 2.0);
                    assert_eq!(caption.title, picture.label());
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn csv_stands_alone() {
    let (mut model, _) = open(&format!("{SMALL}&lag=2"));
    for run in [0, 1] {
        compute(&mut model, run, usize::MAX);
    }
    let effects = update(&mut model, Action::Export { export: Export::Csv, shown: (0.0, 0.0) });
    let [Effect::SaveText { text, .. }] = &effects[..] else { panic!("{effects:?}") };
    let comments: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert!(comments.iter().any(|line| line.contains("link: #v=1&samples=30")), "{comments:?}");
    assert!(comments.iter().any(|line| line.starts_with("# run B: {\"data\"")), "{comments:?}");
    let mut rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let at = |name: &str| head.iter().position(|title| *title == name).unwrap_or_else(|| panic!("no {name}"));
    let rows: Vec<Vec<&str>> = rows.collect();
    assert_eq!(rows.len(), 10);
    let checkpoints = &model.runs[&1].checkpoints;
    for (index, row) in rows[5..].iter().enumerate() {
        assert_eq!(row.len(), head.len());
        assert_eq!(row[at("run")], "B");
        let later = checkpoints.get(index + 2);
        let wanted = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        assert_eq!(row[at("lag")], wanted(later.map(|_| 20.0)));
        assert_eq!(
            row[at("displacement_tracked")],
            wanted(later.map(|l| l.two_time.displacement_tracked[index].value().unwrap()))
        );
        assert_eq!(
            row[at("subspace_overlap")],
            wanted(later.map(|l| l.two_time.subspace_overlap[index].value().unwrap()))
        );
        let mass: f64 =
            ["W1", "b1", "W2", "b2"].map(|g| row[at(&format!("mass_1_{g}"))].parse::<f64>().unwrap()).iter().sum();
        assert!((mass - 1.0).abs() < 1e-12, "the masses of all groups are the whole of v₁");
    }
}

/// What is saved as JSON is what its schema, which `headless schema export` prints, says.
#[test]
fn everything_as_json_fits_its_schema() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, usize::MAX);
    compute(&mut model, 1, 2);
    let effects = update(&mut model, Action::Export { export: Export::Json, shown: (0.0, 0.0) });
    let [Effect::SaveJson { snapshot, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*model.saving, Saving::UnderWay { done: 0, of: 7 });
    // Nothing is begun beside it, and what happens meanwhile is not in the file.
    assert_eq!(update(&mut model, Action::Export { export: Export::Csv, shown: (0.0, 0.0) }), []);
    let wanted = model.runs.values().map(|run| run.checkpoints.clone()).collect::<Vec<_>>();
    update(&mut model, Action::Reset);
    let text: String = snapshot.clone().pieces().map(Result::unwrap).collect();
    let mut saved: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (run, checkpoints) in wanted.iter().enumerate() {
        let checkpoints = checkpoints.iter().map(|c| serde_json::to_value(&**c).unwrap()).collect::<Vec<_>>();
        assert_eq!(saved["runs"][run]["checkpoints"], serde_json::Value::Array(checkpoints));
    }
    assert_eq!(saved["runs"][1]["name"], "B");
    let schema = serde_json::from_str(&std::fs::read_to_string("docs/export.schema.json").unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&saved), "{:?}", schema.iter_errors(&saved).next().map(|error| error.to_string()));
    assert_eq!(saved["schema"], eigendrift::page::export::json::SCHEMA);
    saved["runs"][0]["checkpoints"][0]["loss"] = "low".into();
    assert!(!schema.is_valid(&saved));
    update(&mut model, Action::Saving(Saving::Failed("no room".into())));
    assert_eq!(readout::saving(&model.saving), "no room");
    assert_eq!(update(&mut model, Action::Export { export: Export::Csv, shown: (0.0, 0.0) }).len(), 1);
    assert_eq!(readout::saving(&model.saving), "");
}

/// Four runs of 2000 checkpoints are written without ever holding more than one of them as text.
#[test]
fn the_longest_experiment_is_saved_in_small_pieces() {
    let (mut model, _) = open(SMALL);
    update(&mut model, Action::AddRun);
    update(&mut model, Action::AddRun);
    compute(&mut model, 0, 1);
    let first = model.runs[&0].checkpoints[0].clone();
    for run in 0..4 {
        let generation = model.runs[&run].generation;
        for index in 0..2000 {
            let mut checkpoint = (*first).clone();
            checkpoint.step = index;
            checkpoint.two_time.subspace_overlap = vec![(1.0 / 3.0).into(); index];
            let checkpoint = Box::new(checkpoint);
            let event = Event::Checkpoint { checkpoint, milliseconds: 1.0, training_milliseconds: 1.0 };
            update(&mut model, Action::Worker { place: Place::Run(run), generation, event });
        }
    }
    let effects = update(&mut model, Action::Export { export: Export::Json, shown: (0.0, 0.0) });
    let [Effect::SaveJson { snapshot, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(snapshot.checkpoints(), 8001);
    // What the widest checkpoint has beside its row of 2000 numbers of at most 20 characters.
    let bound = serde_json::to_string(&*first).unwrap().len() + 2000 * 20;
    let mut pieces = snapshot.clone().pieces();
    let (mut count, mut total) = (0, 0);
    for piece in pieces.by_ref() {
        let piece = piece.unwrap();
        assert!(piece.len() <= bound, "{} > {bound}", piece.len());
        (count, total) = (count + 1, total + piece.len());
    }
    assert_eq!(pieces.done(), 8001);
    assert_eq!(count, 8001 + 2 + 2 * 4);
    let mut rest = Text { pieces: snapshot.clone().pieces(), piece: Vec::new() };
    let mut parser = serde_json::Deserializer::from_reader(&mut rest);
    <serde::de::IgnoredAny as serde::Deserialize>::deserialize(&mut parser).unwrap();
    parser.end().unwrap();
    assert!(total > 100_000_000, "{total}");
}

/// The pieces one after the other.
struct Text {
    pieces: eigendrift::page::export::json::Pieces,
    piece: Vec<u8>,
}

impl std::io::Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.piece.is_empty() {
            let Some(piece) = self.pieces.next() else { return Ok(0) };
            self.piece = piece?.into_bytes();
            self.piece.reverse();
        }
        let count = buffer.len().min(self.piece.len());
        for byte in &mut buffer[..count] {
            *byte = self.piece.pop().unwrap();
        }
        Ok(count)
    }
}

/// Four runs of 2001 checkpoints with k = 25 and P = 218: 0.26 GB each, of which the page holds 0.16.
#[test]
fn a_run_too_many_for_the_memory_does_not_begin_until_more_is_allowed() {
    let (mut model, effects) = open("#hidden=12,12&k=25&steps=2000&every=1&A=sgd&B=sgd,lr:0.2&C=sgd,lr:0.3");
    assert_eq!(started(&effects).len(), 3);
    let begun = model.runs[&0].generation;
    let effects = update(&mut model, Action::AddRun);
    assert_eq!(started(&effects), []);
    let sentences = readout::problems(&model.problems);
    assert!(
        sentences[0].starts_with("Run D: 4 runs of 2,001 checkpoints with k = 25 would hold about 1."),
        "{sentences:?}"
    );
    assert!(model.is_under_way() && model.runs[&0].generation == begun, "the others go on");
    let due = timer(&update(&mut model, set(Scope::View, "memory", "2")));
    let effects = update(&mut model, Action::Due(due));
    assert_eq!(started(&effects).iter().map(|task| task.0).collect::<Vec<_>>(), [Place::Run(3)]);
    assert!(model.problems.places.is_empty() && model.runs[&0].generation == begun);
    assert!(link::write(&model.state).contains("&memory=2"));
}

#[test]
fn the_report_names_the_pictures() {
    let (model, _) = open(SMALL);
    let report = report::report(&model, &model.moment(), 3);
    let names: Vec<&str> = report["pictures"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names, Picture::ALL.iter().map(|picture| picture.name()).collect::<Vec<_>>());
    assert_eq!(report["workers"], 3);
}

/// 2/η as it was at each step, by hand: 2/0.1 = 20 until the change at step 15, 2/0.05 = 40 from there on.
#[test]
fn the_threshold_is_drawn_as_it_was_at_each_step() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, 2);
    let schedule = Default::default();
    event(&mut model, 0, Event::Changed { step: 15, learning_rate: 0.05, schedule });
    let third = {
        let mut other = model.clone();
        compute(&mut other, 0, 3);
        other.runs[&0].checkpoints.last().unwrap().clone()
    };
    let taken =
        Event::Checkpoint { checkpoint: Box::new((*third).clone()), milliseconds: 1.0, training_milliseconds: 1.0 };
    event(&mut model, 0, taken);
    let scene = Scene::new(&model, &model.moment());
    let Chart::Curves(chart) = scene.chart(Picture::Eigenvalues) else { panic!("curves") };
    let line = chart.step_lines.iter().find(|line| line.label.starts_with('A')).unwrap();
    let expected = [(0.0, 20.0), (10.0, 20.0), (15.0, 40.0), (20.0, 40.0)];
    assert_eq!(line.points.len(), expected.len(), "{:?}", line.points);
    for (found, expected) in line.points.iter().zip(expected) {
        assert!(found.0 == expected.0 && (found.1 - expected.1).abs() < 1e-12, "{:?}", line.points);
    }
    // Cosine from 0.1 to 0 over the run: 2/(0.1 · ½(1 + cos(π/2))) = 40 half way.
    let (mut model, _) = open(&format!("{SMALL}&A=sgd,lr:0.1,schedule:cosine,steps:40"));
    compute(&mut model, 0, usize::MAX);
    let scene = Scene::new(&model, &model.moment());
    let Chart::Curves(chart) = scene.chart(Picture::Eigenvalues) else { panic!("curves") };
    let points = &chart.step_lines[0].points;
    let half = points.iter().find(|point| point.0 == 20.0).unwrap().1;
    assert!((half - 40.0).abs() < 1e-9, "{half}");
    assert!(points.last().unwrap().1.is_nan(), "no threshold where η is 0");
}

/// The picture's points are the report's shares, which tests/golden_training_runs.rs holds to PyTorch's; chance is k/P.
#[test]
fn the_picture_of_shares_holds_the_shares_and_chance() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, usize::MAX);
    let scene = Scene::new(&model, &model.moment());
    let Chart::Curves(chart) = scene.chart(Picture::Shares) else { panic!("curves") };
    let checkpoints = &model.runs[&0].checkpoints;
    let series = |name: &str| chart.series.iter().find(|series| series.label == name).unwrap();
    for (index, checkpoint) in checkpoints.iter().enumerate() {
        assert_eq!(
            series("A SGD, gradient").points[index],
            (checkpoint.step as f64, checkpoint.gradient_share.unwrap())
        );
        let update = series("A SGD, update").points[index].1;
        assert!(checkpoint.update_share.map_or(update.is_nan(), |share| share == update), "no update before step 1");
    }
    let p = checkpoints[0].parameters.len() as f64;
    assert!((chart.levels[0].value - 2.0 / p).abs() < 1e-15);
}

fn curves(model: &Model, picture: Picture) -> eigendrift::view::curves::Curves {
    match Scene::new(model, &model.moment()).chart(picture) {
        Chart::Curves(curves) => curves,
        other => panic!("{other:?}"),
    }
}

fn notes(model: &Model, picture: Picture) -> Vec<String> {
    let charts = match Scene::new(model, &model.moment()).chart(picture) {
        Chart::CurvePanels(data) => data.panels.into_iter().map(|panel| panel.curves).collect(),
        Chart::Curves(curves) => vec![curves],
        other => panic!("{other:?}"),
    };
    charts.into_iter().flat_map(|curves| curves.notes).map(|note| note.text).collect()
}

/// A saturated run has no localization, displacement, heatmap column or share after its first checkpoint, and says so.
#[test]
fn what_is_not_determined_is_not_drawn() {
    let (mut model, _) = open(&format!("{SMALL}&A=sgd,lr:1000"));
    compute(&mut model, 0, usize::MAX);
    let lines = curves(&model, Picture::Localization).series;
    assert!(lines.iter().all(|line| line.points[0].1.is_finite() && line.points[1..].iter().all(|(_, y)| y.is_nan())));
    let gone = ["A: no direction is determined at 4 of 5 checkpoints, first at step 10"];
    assert_eq!(notes(&model, Picture::Localization), gone);
    update(&mut model, set(Scope::View, "pair", "rank"));
    assert_eq!(notes(&model, Picture::Displacement), gone);
    update(&mut model, set(Scope::View, "pair", "subspace"));
    assert_eq!(
        notes(&model, Picture::Displacement),
        ["A: the leading subspace is not determined at 4 of 5 checkpoints"]
    );
    assert_eq!(notes(&model, Picture::Shares), ["A: the leading subspace is not determined at 4 of 5 checkpoints"]);
    let words = notes(&model, Picture::Eigenvalues);
    assert!(words.is_empty(), "eigenvalues of 1e-290 are not compared: {words:?}");
    let Chart::Heatmap(map) = Scene::new(&model, &model.moment()).chart(Picture::Eigenvector) else { panic!() };
    let columns = map.times.len();
    for (index, value) in map.panels[0].values.iter().enumerate() {
        assert_eq!(value.is_nan(), index % columns > 0, "only the first column is a direction");
    }
    let numbers = readout::numbers(&Scene::new(&model, &model.moment()));
    let cell = |name: &str| numbers.rows.iter().find(|(label, _)| label == name).map(|(_, cells)| cells[0].clone());
    assert_eq!(cell("IPR of v₁").as_deref(), Some("not determined"));
    assert_eq!(cell("leading directions that are determined").as_deref(), Some("0"));
    let (note, fault) = readout::run_note(&model, 0).unwrap();
    assert!(fault && note.starts_with("From step 10 on the Hessian vanishes up to rounding"), "{note}");

    let effects = update(&mut model, Action::Export { export: Export::Csv, shown: (0.0, 0.0) });
    let [Effect::SaveText { text, .. }] = &effects[..] else { panic!("{effects:?}") };
    let mut rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let last = rows.next_back().unwrap();
    let at = |name: &str| last[head.iter().position(|title| *title == name).unwrap()];
    assert_eq!([at("ipr_1"), at("determined_1"), at("mass_1_W1"), at("determined")], ["", "false", "", "0"]);
    assert!(text.contains("# an empty cell: not determined"));
}

/// At η = 0.5 gradient descent on the default spirals alternates between two phases; both are drawn, and named.
#[test]
fn both_phases_beyond_the_edge_of_stability_are_drawn() {
    let (mut model, _) = open("#v=1&batch=full&steps=600&every=100&A=sgd,lr:0.5&curvature=stability");
    compute(&mut model, 0, usize::MAX);
    let chart = curves(&model, Picture::Eigenvalues);
    let [now, before] = &chart.series[..] else { panic!("{:?}", chart.series) };
    assert!(before.label.ends_with("one step before each checkpoint") && before.points[0].1.is_nan());
    // 5.41 and 3.93 over 2/η = 4.
    let (now, before) = (now.points[6].1, before.points[6].1);
    assert!((now - 5.41 / 4.0).abs() < 0.003 && (before - 3.93 / 4.0).abs() < 0.003, "{now} {before}");
    assert_eq!(notes(&model, Picture::Eigenvalues), ["A: λ₁ ÷ threshold is 0.982 at step 599, 1.35 at step 600"]);
    update(&mut model, set(Scope::View, "curvature", "lambda"));
    assert_eq!(notes(&model, Picture::Eigenvalues), ["A: λ₁ is 3.93 at step 599, 5.40 at step 600"]);
}

/// A picture that can show nothing says why.
#[test]
fn what_cannot_be_drawn_says_why() {
    let (mut model, _) = open(&format!("{SMALL}&A=sgd,lr:0&B=adam,lr:0.01&curvature=stability"));
    compute(&mut model, 0, usize::MAX);
    assert_eq!(notes(&model, Picture::Eigenvalues)[0], "A: η = 0 has no threshold");
    let (mut model, _) = open("#v=1&samples=30&hidden=3&steps=40&every=40&k=2&A=sgd,lr:0.1&pair=rank");
    compute(&mut model, 0, usize::MAX);
    let d = model.runs[&0].checkpoints[1].two_time.displacement_by_rank[0].value().unwrap();
    let note = &notes(&model, Picture::Displacement)[0];
    let number: f64 = note.strip_prefix("A: one lag only, τ = 40: ").unwrap().parse().unwrap();
    assert!((number - d).abs() < 0.006 * d, "{note}");
}

/// Advice comes with the reason of a divergence alone, and is not given twice.
#[test]
fn divergence_is_said_with_the_advice_that_fits() {
    let (mut model, _) = open(&format!("{SMALL}&A=sgd,lr:0.1"));
    let sentence = "training diverged at step 0: the loss is not a finite number; a smaller scale of the start or of the inputs may help";
    event(&mut model, 0, Event::Failed { sentence: sentence.into(), diverged: true });
    assert_eq!(readout::run_note(&model, 0), Some(("Diverged.".to_owned(), true)));
    assert_eq!(readout::problems(&model.problems), [sentence.replacen("training", "Run A: training", 1)]);
}

/// Plays the background's worker, and timers, until nothing is asked for; the null models that were begun: run, θ.
fn play_background(model: &mut Model, effects: Vec<Effect>) -> Vec<Task> {
    let (mut queue, mut tasks) = (std::collections::VecDeque::from(effects), Vec::new());
    while let Some(effect) = queue.pop_front() {
        match effect {
            Effect::Start { place: Place::Background, generation, task } => {
                let event = match &*task {
                    Task::Null { experiment, model, parameters } => {
                        let bands = experiment.null_sampling(*model, parameters).unwrap().finish().unwrap();
                        Event::NullFinished(Box::new(bands))
                    }
                    _ => Event::Sketches(Vec::new()),
                };
                tasks.push(*task);
                queue.extend(update(model, Action::Worker { place: Place::Background, generation, event }));
            }
            Effect::Wait { timer, .. } => queue.extend(update(model, Action::Due(timer))),
            _ => {}
        }
    }
    tasks
}

/// Fresh weights flatter, so fresh weights of the trained scale stand beside them: at the last checkpoint, and at the
/// cursor's where that rests. A band is drawn where its own checkpoint is, and says which that is.
#[test]
fn null_models_of_a_checkpoint_are_those_at_the_cursor() {
    let (mut model, _) = open(SMALL);
    let mut effects = Vec::new();
    for run in [0, 1] {
        effects.extend(compute(&mut model, run, usize::MAX));
    }
    let parameters = |model: &Model, run: usize, index: usize| model.runs[&run].checkpoints[index].parameters.clone();
    let theta = |tasks: &[Task]| {
        let of = |task: &Task| match task {
            Task::Null { parameters, .. } => Some(parameters.clone()),
            _ => None,
        };
        tasks.iter().filter_map(of).collect::<Vec<_>>()
    };
    let tasks = play_background(&mut model, effects);
    assert_eq!(theta(&tasks), [vec![], parameters(&model, 0, 4), parameters(&model, 1, 4)]);
    let bars = |model: &Model| {
        let bands = curves(model, Picture::Localization).bands;
        let of = |band: eigendrift::view::curves::ShadedBand| match band.extent {
            eigendrift::view::curves::Extent::Bars(bars) => Some((band.label, bars)),
            _ => None,
        };
        bands.into_iter().filter_map(of).collect::<Vec<_>>()
    };
    let found = bars(&model);
    assert!(found[0].0.starts_with("null: rescaled weights, A at step 40: "), "{found:?}");
    assert_eq!((found[0].1[0].0, found[0].1[0].1), (35.0, 40.0), "from half-way on");

    // While the cursor moves nothing is begun; where it rests, once for each run, and not again when it comes back.
    let first = update(&mut model, Action::MoveCursor(1));
    let second = update(&mut model, Action::MoveCursor(2));
    assert!(!first.iter().chain(&second).any(|effect| matches!(effect, Effect::Start { .. })));
    assert_eq!(update(&mut model, Action::Due(timer(&first))), []);
    let tasks = play_background(&mut model, second);
    assert_eq!(theta(&tasks), [parameters(&model, 0, 2), parameters(&model, 1, 2)]);
    let found = bars(&model);
    let steps: Vec<(f64, f64)> = found[1].1.iter().map(|bar| (bar.0, bar.1)).collect();
    assert_eq!(steps, [(15.0, 25.0), (35.0, 40.0)]);
    let band =
        model.nulls.iter().find(|(key, _)| (key.run, key.checkpoint) == (Some(1), 2)).unwrap().1.mean_ipr.unwrap();
    assert_eq!((found[1].1[0].2, found[1].1[0].3), (band.low, band.high), "that of its own checkpoint");
    for index in [4, 2] {
        let effects = update(&mut model, Action::MoveCursor(index));
        assert!(play_background(&mut model, effects).is_empty());
    }
    // Beside the pictures at the cursor stands the band of that moment alone; files keep the kind of the claims.
    update(&mut model, Action::MoveCursor(1));
    let scene = Scene::new(&model, &model.moment());
    assert!(scene.nulls_at_cursor(&scene.runs[0]).iter().all(|null| null.key.run.is_none()));
    assert_eq!(model.nulls_at_the_end().keys().collect::<Vec<_>>(), [&None]);
    assert_eq!(model.evidence.as_ref().unwrap().ensemble.experiment.null_model.unwrap().kind, NullKind::RandomWeights);
    // A run that begins again loses its bands, and no other.
    let due = timer(&update(&mut model, set(Scope::Run(0), "lr", "0.05")));
    update(&mut model, Action::Due(due));
    assert!(model.nulls.keys().all(|key| key.run != Some(0)) && model.nulls.keys().any(|key| key.run == Some(1)));
}

/// Later times are pale on axes of time alone; the overlap's square is the pair of the claims' lag, with its own number.
#[test]
fn the_cursor_shows_what_belongs_to_its_moment() {
    let (mut model, _) = open("#v=1&samples=30&hidden=3&steps=110&every=5&k=2");
    compute(&mut model, 0, usize::MAX);
    compute(&mut model, 1, usize::MAX);
    let cursor = |model: &Model, picture: Picture| {
        let scene = Scene::new(model, &model.moment());
        readout::cursor(&scene, picture, &scene.chart(picture))
    };
    assert!(!cursor(&model, Picture::Localization).veil, "nothing is later");
    update(&mut model, Action::MoveCursor(9));
    let pale = |model: &Model| {
        let veiled = Picture::ALL.iter().filter(|picture| cursor(model, **picture).veil);
        veiled.map(|picture| picture.name()).collect::<Vec<_>>()
    };
    assert_eq!(pale(&model), ["localization", "eigenvalues", "loss", "shares"]);
    update(&mut model, set(Scope::View, "against", "loss"));
    assert_eq!(pale(&model), ["loss"], "which stays over steps");
    update(&mut model, set(Scope::View, "against", "distance"));
    assert!(pale(&model).is_empty());
    // 23 checkpoints: a lag of 2.
    let marks = cursor(&model, Picture::Overlap).heatmap;
    assert_eq!(marks.square, Some((45.0, 35.0)));
    let q = model.runs[&0].checkpoints[9].two_time.subspace_overlap[7].value().unwrap();
    assert_eq!(marks.words[0], format!("□ {}", eigendrift::view::axis::percent(q)));
    let Chart::Heatmap(overlap) = Scene::new(&model, &model.moment()).chart(Picture::Overlap) else { panic!() };
    assert_eq!(overlap.panels[0].values[9 * 23 + 7], q);
    let shares = cursor(&model, Picture::Eigenvector).heatmap.shares[0].clone().unwrap();
    let mass = model.runs[&0].checkpoints[9].group_mass[0].clone().unwrap();
    assert_eq!(shares.len(), 2);
    assert!((shares[0] - mass[0] - mass[1]).abs() < 1e-15 && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    update(&mut model, Action::MoveCursor(1));
    assert_eq!(cursor(&model, Picture::Overlap).heatmap.square, None, "there is no time so long before");
}

/// Rows of the heatmap are θ by layer and unit, or by share; each keeps its name.
#[test]
fn rows_are_parameters_by_unit_or_by_share() {
    let (mut model, _) = open(SMALL);
    compute(&mut model, 0, usize::MAX);
    let heatmap = |model: &Model| match Scene::new(model, &model.moment()).chart(Picture::Eigenvector) {
        Chart::Heatmap(heatmap) => heatmap,
        other => panic!("{other:?}"),
    };
    let map = heatmap(&model);
    // Two features, three units, three classes.
    let expected = ["W1[1, 1]", "W1[1, 2]", "b1[1]", "W1[2, 1]", "W1[2, 2]", "b1[2]"];
    assert_eq!(map.row_names[..6], expected);
    let v = model.runs[&0].checkpoints[4].leading_eigenvectors[0].clone();
    // b₁ follows the six weights of W₁.
    assert_eq!(map.panels[0].values[2 * 5 + 4], v[6] * v[6]);
    update(&mut model, set(Scope::View, "rows", "sorted"));
    let sorted = heatmap(&model);
    let share = |row: usize| sorted.panels[0].values[row * 5..row * 5 + 5].iter().sum::<f64>();
    assert!((1..v.len()).all(|row| share(row) <= share(row - 1)));
    let mut names = [map.row_names, sorted.row_names];
    names.iter_mut().for_each(|names| names.sort());
    assert_eq!(names[0], names[1]);
}

/// What the claims average has dots: D at the lag N/10, on each line that gets there.
#[test]
fn displacement_has_a_panel_for_each_run_and_dots_at_the_lag_of_the_claims() {
    let (mut model, _) = open("#v=1&samples=30&hidden=3&steps=110&every=5&k=2");
    compute(&mut model, 0, usize::MAX);
    let Chart::CurvePanels(chart) = Scene::new(&model, &model.moment()).chart(Picture::Displacement) else { panic!() };
    assert_eq!(chart.panels.len(), 2);
    let panel = &chart.panels[0].curves;
    assert_eq!(panel.markers[0].x, 10.0);
    for series in &panel.series {
        assert_eq!((series.dots.clone(), series.points[1].0), (vec![1], 10.0));
    }
    let d = 1.0 - model.runs[&0].checkpoints[2].two_time.subspace_overlap[0].value().unwrap();
    assert!((panel.series[0].points[1].1 - d).abs() < 1e-15, "subspaces unless another pairing is chosen");
}
