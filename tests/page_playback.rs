//! Playback, sentences and lessons as a value: the core plays the workers, the test the timers. Numbers in sentences are
//! compared with those of the checkpoints, by formulas written anew.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::experiment::{Checkpoint, Run};
use eigendrift::measured::Measured;
use eigendrift::page::action::{Place, Timer};
use eigendrift::page::message::{Event, Started};
use eigendrift::page::pictures::Scene;
use eigendrift::page::readout::caption::caption;
use eigendrift::page::readout::milestones;
use eigendrift::page::readout::sentence::at_cursor;
use eigendrift::page::{Action, Effect, Model, begin, update};
use eigendrift::state::{Choice, Picture, link};

/// 21 checkpoints.
const SMALL: &str = "#v=1&hidden=4&samples=60&steps=200&every=10&k=3";

fn open(hash: &str, autoplay: bool) -> (Model, Vec<Effect>) {
    let (state, notes) = link::read(hash, None);
    assert!(notes.is_empty(), "{notes:?}");
    let mut model = Model::new(state, notes, false);
    model.autoplay = autoplay;
    let effects = begin(&mut model);
    (model, effects)
}

fn event(model: &mut Model, run: usize, event: Event) {
    let generation = model.runs[&run].generation;
    update(model, Action::Worker { place: Place::Run(run), generation, event });
}

/// Computes the first `count` checkpoints of a run as its worker would, or all.
fn compute(model: &mut Model, run: usize, count: usize) {
    compute_with(model, run, count, |_| {});
}

/// The same, with something changed in each checkpoint.
fn compute_with(model: &mut Model, run: usize, count: usize, change: fn(&mut Checkpoint)) {
    let mut core = Run::new((*model.runs[&run].experiment).clone()).unwrap();
    let started = Started::new(&core);
    event(model, run, Event::Started(started));
    for _ in 0..count {
        while !core.is_checkpoint_due() {
            core.advance(usize::MAX).unwrap();
        }
        let mut checkpoint = Box::new(core.checkpoint().unwrap());
        change(&mut checkpoint);
        event(model, run, Event::Checkpoint { checkpoint, milliseconds: 2.0, training_milliseconds: 1.0 });
        if core.is_finished() {
            return event(model, run, Event::Finished { step: core.training().steps() });
        }
    }
}

fn done(hash: &str, autoplay: bool) -> Model {
    let (mut model, _) = open(hash, autoplay);
    for run in model.runs.keys().copied().collect::<Vec<_>>() {
        compute(&mut model, run, usize::MAX);
    }
    model
}

fn next_move(effects: &[Effect]) -> Option<(u32, u32)> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Wait { milliseconds, timer: Timer::Play(number) } => Some((*milliseconds, *number)),
        _ => None,
    })
}

/// Lets all timers of the playback pass: where the cursor was, and how long it took.
fn play(model: &mut Model, mut effects: Vec<Effect>) -> (Vec<usize>, u32) {
    let (mut places, mut time) = (vec![model.shown_checkpoint()], 0);
    while let Some((milliseconds, number)) = next_move(&effects) {
        time += milliseconds;
        effects = update(model, Action::Due(Timer::Play(number)));
        places.push(model.shown_checkpoint());
        assert!(places.len() < 10_000, "it has to end");
    }
    (places, time)
}

#[test]
fn the_cursor_runs_through_all_checkpoints_in_ten_seconds() {
    for (speed, seconds) in [("", 10.0), ("&play=0.25", 40.0), ("&play=0.5", 20.0), ("&play=2", 5.0), ("&play=4", 2.5)]
    {
        let mut model = done(&format!("{SMALL}{speed}"), false);
        let effects = update(&mut model, Action::PlayOrPause);
        let (places, time) = play(&mut model, effects);
        assert_eq!(places, (0..=20).collect::<Vec<_>>(), "{speed}");
        assert!((f64::from(time) / 1e3 - seconds).abs() < 0.05 * seconds, "{speed}: {time} ms");
        assert!(model.cursor.live && model.playing.is_none());
    }
}

#[test]
fn many_checkpoints_are_played_by_several_at_a_time() {
    let mut model = done("#v=1&hidden=2&samples=20&steps=1200&every=2&k=1&A=sgd", false);
    let effects = update(&mut model, Action::PlayOrPause);
    assert!(next_move(&effects).unwrap().0 >= 50);
    let (places, time) = play(&mut model, effects);
    assert_eq!((places[0], *places.last().unwrap()), (0, 600));
    assert!((9_000..=11_000).contains(&time), "{time} ms");
}

#[test]
fn it_begins_by_itself_where_motion_is_welcome_and_waits_for_what_comes() {
    let (model, effects) = open(SMALL, false);
    assert!(next_move(&effects).is_none() && model.cursor.live);
    let (mut model, effects) = open(SMALL, true);
    let (milliseconds, number) = next_move(&effects).expect("it plays");
    assert!(milliseconds <= 50, "{milliseconds} ms before anything moves, though no run has said how long it is");
    assert!(!model.cursor.live);
    compute(&mut model, 0, 3);
    compute(&mut model, 1, 2);
    let effects = update(&mut model, Action::Due(Timer::Play(number)));
    assert_eq!(model.shown_checkpoint(), 1);
    let effects = update(&mut model, Action::Due(Timer::Play(next_move(&effects).unwrap().1)));
    assert_eq!(model.shown_checkpoint(), 1, "the other run has no more yet");
    assert!(next_move(&effects).is_some(), "it goes on waiting");
}

#[test]
fn whatever_the_visitor_does_with_the_cursor_ends_it() {
    for action in [
        Action::MoveCursor(3),
        Action::MoveCursorBy(1),
        Action::Back,
        Action::Step,
        Action::FollowNewest(true),
        Action::PlayOrPause,
        Action::SpaceBar,
    ] {
        let mut model = done(SMALL, false);
        let effects = update(&mut model, Action::PlayOrPause);
        let (_, number) = next_move(&effects).unwrap();
        update(&mut model, action.clone());
        assert!(model.playing.is_none(), "{action:?}");
        let before = *model.cursor;
        update(&mut model, Action::Due(Timer::Play(number)));
        assert_eq!(*model.cursor, before, "{action:?}: a late timer moves nothing");
    }
}

#[test]
fn play_goes_on_where_it_was_paused_and_begins_again_at_the_end() {
    let mut model = done(SMALL, false);
    update(&mut model, Action::MoveCursor(7));
    update(&mut model, Action::PlayOrPause);
    assert_eq!(model.shown_checkpoint(), 7);
    update(&mut model, Action::PlayOrPause);
    update(&mut model, Action::MoveCursor(20));
    update(&mut model, Action::PlayOrPause);
    assert_eq!(model.shown_checkpoint(), 0);
}

/// A change of the setting begins again while the cursor runs, whose timers come in between.
#[test]
fn a_changed_setting_is_computed_while_the_cursor_plays() {
    let mut model = done(SMALL, false);
    let effects = update(&mut model, Action::PlayOrPause);
    let (_, playing) = next_move(&effects).unwrap();
    let set = Action::Set { scope: eigendrift::state::Scope::Setting, key: "noise".into(), text: "0.3".into() };
    let effects = update(&mut model, set);
    let restart = effects.iter().find_map(|effect| match effect {
        Effect::Wait { timer: timer @ Timer::Restart(_), .. } => Some(*timer),
        _ => None,
    });
    update(&mut model, Action::Due(Timer::Play(playing)));
    let effects = update(&mut model, Action::Due(restart.unwrap()));
    let begun = |effect: &&Effect| matches!(effect, Effect::Start { place: Place::Run(_), .. });
    assert_eq!(effects.iter().filter(begun).count(), 2);
}

fn text(model: &Model) -> String {
    let scene = Scene::new(model, &model.moment());
    at_cursor(&scene).into_iter().map(|phrase| phrase.text).collect()
}

fn at(model: &Model, run: usize, index: usize) -> &Checkpoint {
    &model.runs[&run].checkpoints[index]
}

/// Per cent as the sentence writes them, from the formula 1 − Q.
fn shown(share: f64) -> String {
    let percent = 100.0 * share;
    if percent >= 9.95 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

#[test]
fn the_sentence_has_the_numbers_of_the_checkpoints() {
    let mut model = done(SMALL, false);
    for index in [5, 12, 20] {
        update(&mut model, Action::MoveCursor(index));
        let found = text(&model);
        let (step, since) = (10 * index, 10 * (index - 2));
        assert!(found.starts_with(&format!("At step {step} A SGD’s v₁ lives on about ")), "{found}");
        assert!(found.contains(&format!("since step {since} ")), "{found}");
        for run in [0, 1] {
            let vector = &at(&model, run, index).leading_eigenvectors[0];
            let carriers = 1.0 / vector.iter().map(|x| x.powi(4)).sum::<f64>();
            assert!(found.contains(&format!(" {carriers:.0}")), "{carriers}: {found}");
            // Q_k = (1/k) Σ_ij (v_i · v_j′)².
            let (now, then) = (at(&model, run, index), at(&model, run, index - 2));
            let pair = |v: &Vec<f64>, w: &Vec<f64>| v.iter().zip(w).map(|(x, y)| x * y).sum::<f64>().powi(2);
            let vectors = |c: &Checkpoint| c.leading_eigenvectors.clone();
            let sum: f64 = vectors(now).iter().map(|v| vectors(then).iter().map(|w| pair(v, w)).sum::<f64>()).sum();
            let turned = 1.0 - sum / 3.0;
            assert!(found.contains(&shown(turned)), "{turned}: {found}");
        }
    }
    update(&mut model, Action::MoveCursor(0));
    assert!(text(&model).ends_with("; nothing has moved yet."), "{}", text(&model));
}

#[test]
fn the_sentence_says_what_is_not_there() {
    let (mut model, _) = open(SMALL, false);
    assert_eq!(text(&model), "");
    compute(&mut model, 0, usize::MAX);
    compute(&mut model, 1, 2);
    update(&mut model, Action::MoveCursor(9));
    assert!(text(&model).contains("B Adam is not there yet"), "{}", text(&model));
    // As where H vanishes: no direction, and no subspace.
    let (mut model, _) = open(SMALL, false);
    compute(&mut model, 0, usize::MAX);
    compute_with(&mut model, 1, usize::MAX, |checkpoint| {
        checkpoint.leading_ipr.fill(Measured::UNDETERMINED);
        checkpoint.two_time.subspace_overlap.fill(Measured::UNDETERMINED);
        checkpoint.gradient_share = None;
    });
    let found = text(&model);
    assert!(found.contains("B Adam’s v₁ is not determined"), "{found}");
    assert!(found.contains("B Adam’s leading subspace is not determined"), "{found}");
    let scene = Scene::new(&model, &model.moment());
    for picture in [Picture::Localization, Picture::Overlap, Picture::Shares] {
        assert!(caption(&scene, picture).contains("B not determined"), "{}", caption(&scene, picture));
    }
}

#[test]
fn every_picture_says_what_it_shows_now() {
    let mut model = done(SMALL, false);
    update(&mut model, Action::MoveCursor(10));
    let scene = Scene::new(&model, &model.moment());
    for &picture in Picture::ALL {
        let words = caption(&scene, picture);
        assert!(words.contains('A') && words.contains('B'), "{picture:?}: {words}");
    }
    let [a, b] = [0, 1].map(|run| at(&model, run, 10));
    let loss = caption(&scene, Picture::Loss);
    assert!(loss.contains(&format!("{:.0} %", 100.0 * a.accuracy)), "{loss}");
    let shares = caption(&scene, Picture::Shares);
    assert!(shares.contains(&shown(b.gradient_share.unwrap())), "{shares}");
    let spectrum = caption(&scene, Picture::Spectrum);
    let negative = a.eigenvalues_descending.iter().filter(|value| **value < -1e-9).count();
    assert!(spectrum.contains(&format!("A {negative}")), "{spectrum}");
}

#[test]
fn milestones_are_where_most_samples_were_first_right() {
    let model = done("#v=1&data=blobs&hidden=8&samples=80&noise=0.3&steps=200&every=10&k=2", false);
    let scene = Scene::new(&model, &model.moment());
    let found = milestones(&scene);
    for run in [0, 1] {
        let first = model.runs[&run].checkpoints.iter().position(|c| c.accuracy >= 0.95);
        let reached = found.iter().flat_map(|milestone| &milestone.runs).find(|(index, _)| *index == run);
        assert_eq!(reached.map(|(_, place)| (place * 20.0).round() as usize), first, "run {run}");
    }
    assert!(!found.is_empty(), "blobs are easy");
}

/// Runs that got there at about the same time share their words.
#[test]
fn words_of_milestones_do_not_lie_on_each_other() {
    let of = |hash: &str| {
        let model = done(hash, false);
        milestones(&Scene::new(&model, &model.moment()))
    };
    let blobs = "#v=1&data=blobs&hidden=8&samples=80&noise=0.3&steps=400&every=10&k=2";
    let together = of(&format!("{blobs}&A=sgd,lr:0.03&B=sgd,lr:0.031"));
    assert_eq!((together.len(), together[0].words.as_str(), together[0].before), (1, "A, B 95 % right", false));
    let apart = of(&format!("{blobs}&A=sgd,lr:0.0019&B=sgd,lr:0.1"));
    let words: Vec<(&str, bool)> = apart.iter().map(|found| (found.words.as_str(), found.before)).collect();
    assert_eq!(words, [("B 95 % right", false), ("A 95 % right", true)], "{apart:?}");
    // At the end words stand before their place, where those of the other run would stand behind it.
    let late = of(&format!("{blobs}&A=sgd,lr:0.0019&B=sgd,lr:0.0026"));
    let [milestone] = &late[..] else { panic!("{late:?}") };
    let [(_, first), (_, last)] = milestone.runs[..] else { panic!("{late:?}") };
    assert!(last + 0.18 > 1.0 && (0.18..0.36).contains(&(last - first)) && milestone.before, "{late:?}");
}

fn with_lessons(hash: &str) -> Model {
    let (mut model, _) = open(hash, false);
    update(&mut model, Action::LessonsLoaded(Ok(include_str!("../www/lessons.json").into())));
    model
}

#[test]
fn the_first_lesson_is_about_the_default_page() {
    let model = with_lessons("#v=1");
    assert_eq!(model.lessons.of(&model.state), Some(0));
    let model = with_lessons("#v=1&noise=0.4");
    assert_eq!(model.lessons.of(&model.state), None);
}

#[test]
fn a_lesson_is_opened_predicted_changed_and_hidden() {
    let mut model = with_lessons("#v=1&present");
    let second = model.lessons.all().last().unwrap().clone();
    let hash = link::write(&second.state(&model.state));
    update(&mut model, Action::FollowLink(hash));
    assert_eq!(model.state.lesson.as_deref(), Some(&*second.name));
    assert!(model.state.present, "the frame of the page stays");
    assert!(!second.differs(&model.state));
    assert!(link::write(&model.state).contains(&format!("&lesson={}", second.name)));
    update(&mut model, Action::Predict(9));
    assert_eq!(*model.predicted, None, "there is no such answer");
    update(&mut model, Action::Predict(1));
    assert_eq!(*model.predicted, Some((second.name.clone(), 1)));
    let set = Action::Set { scope: eigendrift::state::Scope::Setting, key: "seed".into(), text: "77".into() };
    update(&mut model, set);
    assert!(second.differs(&model.state));
    let effects = update(&mut model, Action::CloseLesson);
    assert!(effects.iter().any(|e| matches!(e, Effect::WriteLink(link) if link.contains("hide=lesson"))));
    assert_eq!(model.state.lesson, None);
}

#[test]
fn a_lesson_that_is_not_there_is_named() {
    let model = with_lessons("#v=1&lesson=of-another-time");
    assert_eq!(model.problems.of_link, ["There is no lesson “of-another-time”."]);
    let (mut model, _) = open("#v=1", false);
    update(&mut model, Action::LessonsLoaded(Err("its file is missing (status 404)".into())));
    assert!(format!("{:?}", *model.lessons).contains("could not be loaded"));
}
