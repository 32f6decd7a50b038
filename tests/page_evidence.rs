//! Many seeds on the page as a value, the core playing the workers: what is begun when, in which order results may come,
//! and that the claims are those of one computation of all seeds.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::claims::{Claim, Verdict};
use eigendrift::displacement::Pairing;
use eigendrift::ensemble::{Ensemble, SeedResult, SummarizedRun, claims};
use eigendrift::experiment::{Experiment, Run};
use eigendrift::page::action::Place;
use eigendrift::page::evidence::{Evidence, Phase};
use eigendrift::page::message::{Event, Started, Task};
use eigendrift::page::pictures::Scene;
use eigendrift::page::stored::Stored;
use eigendrift::page::{Action, Effect, Model, begin, readout, report, update};
use eigendrift::state::{Picture, Scope, link};
use eigendrift::view::Chart;

const SMALL: &str = "#v=1&samples=30&hidden=3&steps=120&every=10&k=2&seeds=4";

fn open(hash: &str, lanes: usize) -> Model {
    let (state, notes) = link::read(hash, None);
    assert!(notes.is_empty(), "{notes:?}");
    let mut model = Model::new(state, notes, false);
    model.lanes = lanes;
    begin(&mut model);
    model
}

/// A piece that was begun: its lane, its number, what it runs.
type Begun = (usize, u32, Experiment);

fn begun(effects: &[Effect]) -> Vec<Begun> {
    let piece = |effect: &Effect| {
        let Effect::Start { place: Place::Seed(lane), generation, task } = effect else { return None };
        let Task::Summarize { experiment } = &**task else { panic!("{task:?}") };
        Some((*lane, *generation, (**experiment).clone()))
    };
    effects.iter().filter_map(piece).collect()
}

/// Computes all runs and the null model; `milliseconds` is what a checkpoint is said to take.
fn compute_runs(model: &mut Model, milliseconds: f64) -> Vec<Effect> {
    let mut effects = Vec::new();
    for run in model.runs.keys().copied().collect::<Vec<_>>() {
        let generation = model.runs[&run].generation;
        let mut take = |model: &mut Model, event: Event| {
            effects.extend(update(model, Action::Worker { place: Place::Run(run), generation, event }));
        };
        let mut core = Run::new((*model.runs[&run].experiment).clone()).unwrap();
        take(model, Event::Started(Started::new(&core)));
        let mut failed = None;
        while !core.is_finished() && failed.is_none() {
            match core.is_checkpoint_due() {
                true => match core.checkpoint() {
                    Ok(checkpoint) => take(
                        model,
                        Event::Checkpoint {
                            checkpoint: Box::new(checkpoint),
                            milliseconds,
                            training_milliseconds: 0.1,
                        },
                    ),
                    Err(error) => failed = Some(error.to_string()),
                },
                false => failed = core.advance(usize::MAX).err().map(|error| error.to_string()),
            }
        }
        match failed {
            Some(sentence) => take(model, Event::Failed { sentence, diverged: true }),
            None => take(model, Event::Finished { step: core.training().steps() }),
        }
    }
    // Sketches, then the null model, both played as failing at once: seeds need neither.
    for _ in 0..8 {
        let task = effects.iter().rev().find_map(|effect| match effect {
            Effect::Start { place: Place::Background, generation, task } => Some((*generation, task.clone())),
            _ => None,
        });
        let Some((generation, task)) = task else { break };
        let event = match *task {
            Task::Sketches => Event::Sketches(Vec::new()),
            _ => Event::Failed { sentence: "no".into(), diverged: false },
        };
        let more = update(model, Action::Worker { place: Place::Background, generation, event });
        effects.retain(|effect| !matches!(effect, Effect::Start { place: Place::Background, .. }));
        effects.extend(more);
    }
    effects
}

fn summarized(experiment: Experiment) -> Event {
    let mut run = SummarizedRun::new(experiment).unwrap();
    while run.advance(7).unwrap() {}
    Event::Summarized { summary: Box::new(run.summary()), milliseconds: 3.0 }
}

fn answer(model: &mut Model, (lane, generation, _): &Begun, event: Event) -> Vec<Begun> {
    begun(&update(model, Action::Worker { place: Place::Seed(*lane), generation: *generation, event }))
}

fn evidence(model: &Model) -> &Evidence {
    model.evidence.as_ref().unwrap()
}

/// Computes all pieces, the newest that is under way first.
fn finish(model: &mut Model, mut under_way: Vec<Begun>) {
    while let Some(piece) = under_way.pop() {
        under_way.extend(answer(model, &piece, summarized(piece.2.clone())));
    }
}

/// The claims from one computation, in order.
fn alone(ensemble: &Ensemble) -> Vec<SeedResult> {
    let summary = |piece| {
        let Event::Summarized { summary, .. } = summarized(ensemble.experiment(piece)) else { panic!() };
        *summary
    };
    let of_seed =
        |seed| SeedResult::new(seed, ensemble, |member| Some(summary(eigendrift::ensemble::Piece { seed, member })));
    ensemble.seeds().map(of_seed).collect()
}

#[test]
fn seeds_follow_the_runs_and_their_order_changes_no_bit() {
    let mut texts = Vec::new();
    for lanes in [1, 2, 4] {
        let mut model = open(SMALL, lanes);
        assert_eq!(evidence(&model).phase, Phase::Waiting);
        let first = begun(&compute_runs(&mut model, 1.0));
        assert_eq!(first.len(), lanes, "one piece per lane");
        assert_eq!(evidence(&model).phase, Phase::Running);
        finish(&mut model, first);
        let evidence = evidence(&model);
        assert_eq!(evidence.phase, Phase::Finished);
        assert_eq!(evidence.seeds.iter().map(|seed| seed.seed).collect::<Vec<_>>(), [1, 2, 3, 4]);
        let expected = alone(&evidence.ensemble);
        assert_eq!(evidence.seeds, expected);
        for pairing in Pairing::ALL {
            assert_eq!(evidence.claims(pairing), claims(&expected, pairing));
        }
        texts.push(serde_json::to_string(&report::report(&model, &model.moment(), 0)["evidence"]["claims"]).unwrap());
    }
    assert!(texts[0] == texts[1] && texts[1] == texts[2]);
    assert!(texts[0].contains("\"name\":\"b_axes\""));
}

#[test]
fn seeds_that_take_long_begin_on_request_only() {
    let mut model = open(&SMALL.replace("seeds=4", "seeds=64"), 2);
    assert!(begun(&compute_runs(&mut model, 400.0)).is_empty());
    assert_eq!(evidence(&model).phase, Phase::OnRequest);
    assert_eq!(readout::evidence::button(&model), Some("Compute"));
    assert_eq!(begun(&update(&mut model, Action::ComputeOrStopSeeds)).len(), 2);
}

#[test]
fn stopped_seeds_go_on_where_they_were() {
    let mut model = open(SMALL, 1);
    let mut under_way = begun(&compute_runs(&mut model, 1.0));
    for _ in 0..4 {
        let piece = under_way.pop().unwrap();
        under_way.extend(answer(&mut model, &piece, summarized(piece.2.clone())));
    }
    let effects = update(&mut model, Action::ComputeOrStopSeeds);
    assert!(effects.contains(&Effect::Stop(Place::Seed(0))));
    assert_eq!(evidence(&model).phase, Phase::Stopped);
    assert_eq!(readout::evidence::status(&model), "stopped at 1 of 4 seeds");
    // What the dropped task still posts counts for nothing.
    let late = under_way.pop().unwrap();
    assert!(answer(&mut model, &late, summarized(late.2.clone())).is_empty());
    let again = begun(&update(&mut model, Action::ComputeOrStopSeeds));
    assert_eq!(again[0].2, late.2, "the piece that was dropped comes first");
    finish(&mut model, again);
    assert_eq!(evidence(&model).seeds, alone(&evidence(&model).ensemble));
}

#[test]
fn a_lost_worker_is_forgiven_once() {
    let lost = || Event::Panicked { sentence: "gone".into() };
    let mut model = open(SMALL, 1);
    let first = begun(&compute_runs(&mut model, 1.0));
    let again = answer(&mut model, &first[0], lost());
    assert_eq!(again[0].2, first[0].2);
    assert!(answer(&mut model, &again[0], lost()).is_empty());
    assert_eq!(evidence(&model).phase, Phase::Failed("The computation stopped: gone".into()));
    let retried = begun(&update(&mut model, Action::ComputeOrStopSeeds));
    assert_eq!(retried[0].2, first[0].2);
    finish(&mut model, retried);
    assert_eq!(evidence(&model).seeds, alone(&evidence(&model).ensemble));
}

#[test]
fn another_setting_begins_anew_and_more_seeds_keep_those_that_are_done() {
    let mut model = open(SMALL, 1);
    let first = begun(&compute_runs(&mut model, 1.0));
    finish(&mut model, first);
    let set = |model: &mut Model, scope, key: &str, text: &str| {
        update(model, Action::Set { scope, key: key.into(), text: text.into() })
    };
    // What is only shown changes nothing.
    assert!(begun(&set(&mut model, Scope::View, "pair", "subspace")).is_empty());
    assert_eq!(evidence(&model).seeds.len(), 4);
    let more = begun(&set(&mut model, Scope::View, "seeds", "5"));
    assert_eq!((evidence(&model).seeds.len(), more.len(), more[0].2.seed), (4, 1, 5));
    finish(&mut model, more);
    assert_eq!((evidence(&model).seeds.len(), &evidence(&model).phase), (5, &Phase::Finished));
    set(&mut model, Scope::View, "seeds", "3");
    assert_eq!((evidence(&model).seeds.len(), &evidence(&model).phase), (3, &Phase::Finished));
    assert_eq!(evidence(&model).claims(Pairing::Rank), claims(&alone(&evidence(&model).ensemble), Pairing::Rank));
    set(&mut model, Scope::View, "compare", "BA");
    assert_eq!((evidence(&model).runs, evidence(&model).seeds.len()), ((1, 0), 0));
    set(&mut model, Scope::Run(1), "lr", "0.02");
    assert_eq!(evidence(&model).ensemble.a.learning_rate, 0.02);
    update(&mut model, Action::RemoveRun(0));
    assert!(model.evidence.is_none());
    assert_eq!(readout::evidence::setting(&model), "Claims compare two runs; add another one.");
    assert!(!link::write(&model.state).contains("compare"));
}

#[test]
fn seeds_that_diverge_are_named() {
    let mut model = open(&format!("{SMALL}&A=sgd,lr:1e300&B=adam"), 1);
    let first = begun(&compute_runs(&mut model, 1.0));
    finish(&mut model, first);
    let words = readout::evidence::diverged(&model, evidence(&model));
    assert_eq!(words, "A SGD diverged with 4 seeds: 1, 2, 3, 4.");
    let claim = &evidence(&model).claims(Pairing::Rank)[0];
    assert_eq!((claim.seeds, claim.verdict), (0, Verdict::Undecided));
    assert!(
        readout::evidence::left_out(claim, evidence(&model)).unwrap().contains("0 of 4 seeds; seed 1: A: training")
    );
    assert_eq!(readout::evidence::estimate(claim.into()), "no estimate");
}

#[test]
fn too_many_seeds_for_the_memory_are_refused_with_what_to_change() {
    let link = "#v=1&hidden=3&steps=20000&every=10&k=50&seeds=256&hidden=20";
    let mut model = open(link, 30);
    assert!(
        matches!(&evidence(&model).phase, Phase::TooLarge(words) if words.contains("Take fewer seeds")),
        "{:?}",
        evidence(&model).phase
    );
    assert_eq!(readout::evidence::button(&model), None);
    update(&mut model, Action::Set { scope: Scope::View, key: "memory".into(), text: "16".into() });
    assert_eq!(evidence(&model).phase, Phase::Waiting);
}

#[test]
fn pictures_over_seeds_show_the_mean_and_a_claim_opens_them() {
    let mut model = open(SMALL, 2);
    let first = begun(&compute_runs(&mut model, 1.0));
    finish(&mut model, first);
    update(&mut model, Action::ShowClaim(Claim::BLocalizesMatchedLoss));
    assert_eq!(model.state.open, Some(Picture::Localization));
    let written = link::write(&model.state);
    assert!(
        written.contains("curves=all") && written.contains("against=loss") && written.contains("seeds=4"),
        "{written}"
    );
    update(&mut model, Action::Set { scope: Scope::View, key: "against".into(), text: "step".into() });
    let scene = Scene::new(&model, &model.moment());
    let Chart::Curves(chart) = scene.chart(Picture::Localization) else { panic!() };
    assert_eq!(chart.title, "Localization, mean of 4 seeds and its 95 % interval");
    let of_b = chart.series.iter().find(|series| series.label == "B Adam").unwrap();
    let mean = |t: usize| {
        let values = evidence(&model).seeds.iter().map(|seed| seed.b.mean_ipr[t].value().unwrap());
        values.sum::<f64>() / 4.0
    };
    for (t, (x, y)) in of_b.points.iter().enumerate() {
        assert!((*x, (y - mean(t)).abs() < 1e-15) == (10.0 * t as f64, true), "{t}");
    }
    assert_eq!(chart.bands.len(), 3, "A, B and B in a rotated basis");
    update(&mut model, Action::Set { scope: Scope::View, key: "against".into(), text: "distance".into() });
    update(&mut model, Action::Set { scope: Scope::View, key: "curves".into(), text: "each".into() });
    let scene = Scene::new(&model, &model.moment());
    for picture in [Picture::Localization, Picture::Displacement, Picture::Eigenvalues, Picture::Loss, Picture::Shares]
    {
        let Chart::Curves(chart) = scene.chart(picture) else { panic!() };
        for series in &chart.series {
            let known: Vec<f64> = series.points.iter().map(|point| point.0).filter(|x| !x.is_nan()).collect();
            assert!(known.windows(2).all(|pair| pair[0] <= pair[1]), "{picture:?} {} goes back", series.label);
        }
        let each = chart.series.iter().filter(|series| series.label.ends_with("each seed")).count();
        assert_eq!(each % 12, 0, "{picture:?}: 4 seeds of 3 runs");
    }
}

/// By hand: losses 4, 2, 3, 1 are passed first at points 0, 1 and 3; the point in between repeats the one before.
#[test]
fn curves_against_loss_do_not_go_back() {
    use eigendrift::page::pictures::first_passages;
    use eigendrift::state::view::Against;
    let points = [(4.0, 10.0), (2.0, 11.0), (3.0, 12.0), (1.0, 13.0)];
    let found = first_passages(points.into_iter(), Against::Loss);
    assert_eq!(found, [(4.0, 10.0), (2.0, 11.0), (2.0, 11.0), (1.0, 13.0)]);
    assert_eq!(first_passages(points.into_iter(), Against::Step), points);
    let found = first_passages(points.into_iter(), Against::Distance);
    assert_eq!(found, [(4.0, 10.0); 4]);
}

#[test]
fn tasks_name_the_tables_that_they_need() {
    let with = |data: &str| {
        let json = format!("{{\"data\": {{\"name\": \"{data}\"}}}}");
        Experiment::from_json(&json).unwrap()
    };
    let run = |data| Task::Run { experiment: with(data), speed: None, paused: false }.tables();
    assert_eq!(run("spirals"), Vec::<&str>::new());
    assert_eq!(run("iris"), ["iris"]);
    let summary = |data| Task::Summarize { experiment: Box::new(with(data)) }.tables();
    assert_eq!((summary("moons"), summary("wine")), (Vec::new(), vec!["wine"]));
    assert!(Task::Sketches.tables().contains(&"iris"));
}

#[test]
fn results_on_other_tasks_are_read_and_their_links_open_here() {
    let mut model = open(SMALL, 1);
    let text = std::fs::read_to_string("docs/results/results.json").unwrap();
    update(&mut model, Action::StoredLoaded(Ok(text.clone())));
    let Stored::Known(tasks) = &*model.stored else { panic!("{:?}", *model.stored) };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let written = [file["tasks"].as_array().unwrap().as_slice(), file["sizes"].as_array().unwrap()].concat();
    assert_eq!((tasks.len(), tasks.last().unwrap().title.as_str()), (written.len(), "digits, 64-512-10, 8 seeds"));
    for (task, written) in tasks.iter().zip(&written) {
        for pairing in Pairing::ALL {
            for claim in Claim::ALL {
                // Only where Adam was also run in a rotated basis.
                if claim == Claim::BAxes && task.name.starts_with("digits-") && task.name != "digits-pc16" {
                    assert_eq!(task.claim(pairing, claim), None);
                    continue;
                }
                let stored = task.claim(pairing, claim).unwrap_or_else(|| panic!("{} {claim:?}", task.title));
                assert_eq!((stored.name, stored.estimate.is_some()), (claim, true));
            }
        }
        let rank = written["claims"]["rank"][0]["estimate"].as_f64();
        assert_eq!(task.claim(Pairing::Rank, Claim::AStabilizes).unwrap().estimate, rank);
        if let Some(link) = &task.link {
            let (state, notes) = link::read(&format!("#{link}"), None);
            assert!(notes.is_empty(), "{notes:?}");
            assert_eq!(state.experiment(0).unwrap().optimizer.learning_rate, written["a"]["learning_rate"]);
        }
    }
    let words = readout::evidence::stored(&model.stored, Pairing::Rank);
    assert!(words.contains("32 seeds") && words.contains("by rank"), "{words}");
    update(&mut model, Action::StoredLoaded(Ok("{".into())));
    assert!(
        readout::evidence::stored(&model.stored, Pairing::Rank).starts_with("The results on other tasks could not")
    );
}

#[test]
fn the_status_names_the_size_of_the_network() {
    let mut model = open(SMALL, 1);
    compute_runs(&mut model, 1.0);
    // 2-3-3: 9 + 12 parameters.
    let words = readout::status(&Scene::new(&model, &model.moment()));
    assert!(words.contains("13 checkpoints · P = 21"), "{words}");
}
