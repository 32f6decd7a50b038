//! The page with networks that have no dense Hessian: planted checkpoints of 64-512-10, P = 38,410, against what was planted.

#![cfg(not(target_arch = "wasm32"))]

mod page;

use std::rc::Rc;

use eigendrift::activation::Activation;
use eigendrift::curvature::{Route, SpectrumMode};
use eigendrift::experiment::{Checkpoint, Run};
use eigendrift::hessian::Part;
use eigendrift::mlp::Architecture;
use eigendrift::null_model::NullKind;
use eigendrift::page::action::{Export, Place, Timer};
use eigendrift::page::exploration::{Answer, Finding, Request, Wanted};
use eigendrift::page::message::{Command, Event, Started, Task};
use eigendrift::page::pictures::Scene;
use eigendrift::page::{Action, Effect, Model, readout, update};
use eigendrift::random::{Random, Stream};
use eigendrift::spectrum::SpectralDensity;
use eigendrift::state::{Picture, Scope, link};
use eigendrift::view::network::STRONGEST;
use eigendrift::view::{Chart, Style};
use page::{open, set};
use plotters::prelude::{IntoDrawingArea, SVGBackend};

const LARGE: &str = "#v=1&data=digits&hidden=512&hessian=512&steps=40&every=10&k=2";
const LAYERS: [usize; 3] = [64, 512, 10];
const P: usize = 38_410;

fn event(model: &mut Model, run: usize, event: Event) -> Vec<Effect> {
    let generation = model.runs[&run].generation;
    update(model, Action::Worker { place: Place::Run(run), generation, event })
}

/// A unit vector whose entries decay along a fixed order that jumps through θ; `seed` decides their signs.
fn vector(seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed, Stream::Probe, 0);
    let mut v = vec![0.0; P];
    for place in 0..P {
        // 7919 is prime and does not divide P: every entry is set once.
        let entry = (place * 7919 + 11) % P;
        v[entry] = (1.0 + place as f64).powf(-0.8) * if random.uniform() < 0.5 { -1.0 } else { 1.0 };
    }
    let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
    v.iter().map(|x| x / norm).collect()
}

/// A checkpoint of a small network with another network's vectors.
fn planted(like: &Checkpoint, index: usize) -> Checkpoint {
    let vectors = vec![vector(index as u64), vector(100 + index as u64)];
    let ipr = |v: &Vec<f64>| v.iter().map(|x| x.powi(4)).sum::<f64>().into();
    Checkpoint {
        step: 10 * index,
        spectrum: Route::Leading,
        eigenvalues_descending: Vec::new(),
        leading_eigenvalues: vec![4.0, 3.0],
        next_eigenvalue: Some(2.5),
        spectral_norm: 4.0,
        leading_ipr: vectors.iter().map(ipr).collect(),
        layer_spectra: Vec::new(),
        leading_eigenvectors: vectors,
        parameters: vec![0.125 + index as f64; P],
        ..like.clone()
    }
}

/// Plays a run's worker: so many planted checkpoints.
fn plant(model: &mut Model, run: usize, count: usize) -> Vec<Effect> {
    let (small, _) = link::read("#v=1&samples=30&hidden=3&steps=40&every=10&k=2", None);
    let mut core = Run::new(small.experiment(0).unwrap()).unwrap();
    let architecture = Architecture::new(LAYERS.to_vec(), Activation::Tanh).unwrap();
    assert_eq!(architecture.parameter_count(), P);
    let known = Started {
        layers: LAYERS.to_vec(),
        parameter_count: P,
        groups: architecture.groups(),
        chance: core.chance(),
        checkpoint_steps: core.checkpoint_steps().to_vec(),
        training_samples: 1797,
        class_names: Vec::new(),
        feature_names: Vec::new(),
    };
    let mut effects = event(model, run, Event::Started(known));
    for index in 0..count {
        while !core.is_checkpoint_due() {
            core.advance(usize::MAX).unwrap();
        }
        let checkpoint = Box::new(planted(&core.checkpoint().unwrap(), index));
        let taken = Event::Checkpoint { checkpoint, milliseconds: 2000.0, training_milliseconds: 1.0 };
        effects.extend(event(model, run, taken));
    }
    effects.extend(event(model, run, Event::Finished { step: 40 }));
    effects
}

/// A page with both runs done.
fn done() -> (Model, Vec<Effect>) {
    let (mut model, _) = open(LARGE);
    let mut effects = plant(&mut model, 0, 5);
    effects.extend(plant(&mut model, 1, 5));
    (model, effects)
}

fn chart(model: &Model, picture: Picture) -> Chart {
    Scene::new(model, &model.moment()).chart(picture)
}

fn caption(model: &Model, picture: Picture) -> String {
    readout::caption::caption(&Scene::new(model, &model.moment()), picture)
}

#[test]
fn the_mode_is_in_links_and_in_the_experiment() {
    let (mut model, effects) = open(LARGE);
    let begun = effects.iter().filter(|effect| matches!(effect, Effect::Start { place: Place::Run(_), .. }));
    assert_eq!(begun.count(), 2, "38,410 parameters begin at once");
    assert!(!link::write(&model.state).contains("spectrum"));
    for (name, mode) in [("leading", SpectrumMode::Leading), ("full", SpectrumMode::Full), ("auto", SpectrumMode::Auto)]
    {
        update(&mut model, set(Scope::Setting, "spectrum", name));
        let text = link::write(&model.state);
        assert_eq!(text.contains(&format!("&spectrum={name}")), name != "auto", "{text}");
        let (read, notes) = link::read(&text, None);
        assert_eq!((read.experiment(0).unwrap().spectrum, notes), (mode, vec![]));
    }
    let (old, notes) = link::read("#v=1&hidden=8,8", None);
    assert_eq!((old.experiment(0).unwrap().spectrum, notes), (SpectrumMode::Auto, vec![]));
    let (_, notes) = link::read("#v=1&spectrum=some", None);
    assert!(notes[0].contains("one of auto, full, leading"), "{notes:?}");
}

#[test]
fn the_network_shows_the_strongest_and_says_so() {
    let (model, _) = done();
    let picture = chart(&model, Picture::Network);
    let Chart::Network(network) = &picture else { panic!() };
    let (direction, v) = (&network.directions[0], vector(4));
    let mut shares: Vec<f64> = v.iter().map(|x| x * x).collect();
    assert_eq!(direction.shares, shares);
    // By the slow way: the largest by a whole sort.
    shares.sort_by(|a, b| b.total_cmp(a));
    let drawn: f64 = shares[..STRONGEST].iter().sum();
    assert!(direction.words.ends_with("; top 200"), "{}", direction.words);
    let words = picture.describe();
    let percent = format!("{} %", eigendrift::view::number::significant(100.0 * drawn, 2));
    assert!(words.contains(&format!("drawn are the 200 strongest of 38,410 parameters, {percent}")), "{words}");
    assert!(words.contains("as images of their weights, 16 of 512 hidden units"), "{words}");
    // The strongest units' weights, in the order of the units.
    let of_unit = |unit: usize| &v[64 * unit..64 * (unit + 1)];
    let mut units: Vec<usize> = (0..512).collect();
    units.sort_by(|&a, &b| {
        let share = |unit: usize| of_unit(unit).iter().map(|x| x * x).sum::<f64>();
        share(b).total_cmp(&share(a))
    });
    units.truncate(16);
    units.sort_unstable();
    let most = v[..64 * 512].iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    for (image, unit) in direction.images.iter().zip(&units) {
        assert!(image.values.iter().zip(of_unit(*unit)).all(|(shown, x)| *shown == x / most));
    }
    assert_eq!(direction.images.len(), 16);

    // Marks are as many as the strongest, and not as many as units.
    let (_, layout) = picture.lay_out((600, 400), &Style::canvas(1.0, false));
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (600, 400)).into_drawing_area();
        picture.draw(&area, &Style::svg(1.0, false), None).unwrap();
        area.present().unwrap();
    }
    // Beside a line for each weight, of two runs, there are those of the wide layer and of the key.
    let lines = svg.matches("<polyline").count();
    assert!((2 * STRONGEST - 40..=2 * STRONGEST + 5).contains(&lines), "{lines}");
    let dots = svg.matches("<circle").count();
    assert!(dots < 2 * 2 * (64 + 10 + STRONGEST) + 2, "{dots}");

    let table = picture.table();
    assert_eq!(table.titles[0], "parameters, the 24 strongest of 38,410");
    assert_eq!(table.rows.len(), 4 + 24);
    let strongest = v.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).unwrap().0;
    assert_eq!(table.rows[4][0], network.name(strongest));
    assert_eq!(
        [0, 64, 32_767, 32_768, 33_280, P - 1].map(|parameter| network.name(parameter)),
        ["W1[1, 1]", "W1[2, 1]", "W1[512, 64]", "b1[1]", "W2[1, 1]", "b2[10]"]
    );
    // Under the pointer is what is drawn.
    let rect = layout.plots[0].rect;
    let least = shares[STRONGEST - 1];
    for i in 0..40 {
        let x = rect.x0 + rect.width() * (0.05 + 0.02 * f64::from(i));
        let lines = picture.readout(&layout, (x, rect.y0 + 0.5 * rect.height()), 1.0);
        if let Some(found) = lines.get(1).filter(|line| line.name.starts_with('W')) {
            let parameter = (0..P).find(|&parameter| network.name(parameter) == found.name).unwrap();
            assert!(direction.shares[parameter] >= least, "{found:?}");
        }
    }
    assert!(caption(&model, Picture::Network).contains("Drawn: the 200 strongest, A "));
}

#[test]
fn the_heatmap_has_a_row_for_each_unit() {
    let (mut model, _) = done();
    let map = |model: &Model| match chart(model, Picture::Eigenvector) {
        Chart::Heatmap(map) => map,
        other => panic!("{other:?}"),
    };
    let shares = map(&model);
    assert_eq!((shares.row_count(), shares.times.len(), shares.panels[0].values.len()), (522, 5, 522 * 5));
    assert_eq!(
        [0, 511, 512, 521].map(|row| shares.row_name(row)),
        ["hidden 1, unit 1", "hidden 1, unit 512", "output, unit 1", "output, unit 10"]
    );
    let own = |v: &[f64], unit: usize| -> Vec<f64> {
        match unit {
            ..512 => v[64 * unit..64 * (unit + 1)].iter().chain([&v[32_768 + unit]]).copied().collect(),
            _ => v[33_280 + 512 * (unit - 512)..][..512].iter().chain([&v[P - 522 + unit]]).copied().collect(),
        }
    };
    for (column, unit) in [(0, 0), (1, 77), (4, 511), (2, 512), (4, 521)] {
        let expected: f64 = own(&vector(column as u64), unit).iter().map(|x| x * x).sum();
        assert!((shares.panels[1].values[unit * 5 + column] - expected).abs() < 1e-15, "{unit} at {column}");
    }
    // The squares of a unit vector: each column sums to one.
    let sum: f64 = (0..522).map(|row| shares.panels[0].values[row * 5 + 3]).sum();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    assert!(
        shares.title.contains("the sum over each unit")
            && caption(&model, Picture::Eigenvector).contains("row per unit")
    );

    update(&mut model, set(Scope::View, "values", "signed"));
    let signed = map(&model);
    for unit in [0, 77, 511, 515] {
        let v = own(&vector(0), unit);
        let most = v.iter().fold(0.0_f64, |most, x| if x.abs() > most.abs() { *x } else { most });
        assert_eq!(signed.panels[0].values[unit * 5], most);
    }
    update(&mut model, set(Scope::View, "values", "squared"));
    update(&mut model, set(Scope::View, "rows", "sorted"));
    let sorted = map(&model);
    let of_row = |row: usize| sorted.panels.iter().flat_map(|panel| &panel.values[row * 5..row * 5 + 5]).sum::<f64>();
    assert!((1..522).all(|row| of_row(row) <= of_row(row - 1) + 1e-15));
}

/// Pieces are small however large the network is, and what they make up reads back to the last bit.
#[test]
fn long_vectors_are_saved_in_pieces() {
    let (mut model, _) = done();
    let effects = update(&mut model, Action::Export { export: Export::Json, shown: (0.0, 0.0) });
    let [Effect::SaveJson { snapshot, .. }] = &effects[..] else { panic!("{effects:?}") };
    let mut pieces = snapshot.clone().pieces();
    let texts: Vec<String> = pieces.by_ref().map(Result::unwrap).collect();
    assert_eq!(pieces.done(), 10);
    // 8192 numbers of at most 25 characters.
    let longest = texts.iter().map(String::len).max().unwrap();
    assert!(longest < 8192 * 25, "{longest}");
    let read: serde_json::Value = serde_json::from_str(&texts.concat()).unwrap();
    for run in 0..2 {
        let checkpoints = read["runs"][run]["checkpoints"].as_array().unwrap();
        assert_eq!(checkpoints.len(), 5);
        for (json, checkpoint) in checkpoints.iter().zip(&model.runs[&run].checkpoints) {
            let back: Checkpoint = serde_json::from_value(json.clone()).unwrap();
            assert!(back == **checkpoint);
        }
    }
}

#[test]
fn tables_say_which_mode_it_was() {
    let (model, _) = done();
    let scene = Scene::new(&model, &model.moment());
    let csv = eigendrift::page::export::csv(&scene);
    assert!(csv.lines().any(|line| line.starts_with('#') && line.contains("leading")), "{csv:.600}");
    assert!(eigendrift::page::export::experiment_line(&model.state).contains("leading pairs alone"));
    assert!(readout::status(&scene).contains("P = 38,410 · leading eigenpairs 2.0 s"), "{}", readout::status(&scene));
}

fn requests(effects: &[Effect]) -> Vec<Request> {
    let command = |effect: &Effect| match effect {
        Effect::Command { place: Place::Explorer, command: Command::Explore(packed) } => Some(packed.clone().into()),
        _ => None,
    };
    effects.iter().filter_map(command).collect()
}

fn answer(model: &mut Model, answer: Answer) -> Vec<Effect> {
    let generation = model.tasks.exploring.task.as_ref().expect("a task").0;
    let event = Event::Explored(answer.into());
    update(model, Action::Worker { place: Place::Explorer, generation, event })
}

fn densities(effects: &[Effect]) -> Vec<(u32, Part, f64)> {
    let density = |request: Request| match request.wanted {
        Wanted::Density(part) => Some((request.id, part, request.parameters[0])),
        _ => None,
    };
    requests(effects).into_iter().filter_map(density).collect()
}

/// Of two probes, by hand: a quarter of 38,410 and three quarters of it at −1, the rest at 0.5.
fn density() -> SpectralDensity {
    SpectralDensity {
        n: P,
        leading: Vec::new(),
        nodes: vec![vec![-1.0, 0.5], vec![-1.0, 0.5]],
        weights: vec![vec![0.25, 0.75], vec![0.75, 0.25]],
        probes: 2,
        steps: 2,
    }
}

#[test]
fn other_eigenvalues_are_estimated_where_the_cursor_rests() {
    let (mut model, _) = done();
    let Chart::Histogram(before) = chart(&model, Picture::Spectrum) else { panic!() };
    assert_eq!(before.series[0].eigenvalues, [4.0, 3.0]);
    let words = chart(&model, Picture::Spectrum).describe();
    assert!(
        words.contains("the others are estimated where the cursor rests") && !words.contains("negative"),
        "{words}"
    );

    let effects = answer(&mut model, Answer::Begun(None));
    let asked = densities(&effects);
    // Of the last checkpoint, whose parameters are 4.125.
    assert_eq!(asked.iter().map(|(_, part, p)| (*part, *p)).collect::<Vec<_>>(), [(Part::Full, 4.125); 2]);
    for (id, ..) in asked {
        answer(&mut model, Answer::To { id, finding: Finding::Density(density()) });
    }
    let picture = chart(&model, Picture::Spectrum);
    let Chart::Histogram(found) = &picture else { panic!() };
    let estimated = found.series[0].estimated.as_ref().unwrap();
    let total: f64 = estimated.counts.iter().map(|found| found.count).sum();
    assert!((total - P as f64).abs() < 1e-6, "{total}");
    let edges = eigendrift::view::histogram::edges(found);
    let bin = edges.iter().rposition(|edge| *edge <= -1.0).unwrap();
    // (9602.5 + 28807.5)/2. Of two nodes, the one inside and the one next to it, the moments exclude nothing.
    let found = estimated.counts[bin];
    assert!((found.count - 19_205.0).abs() < 1e-6, "{found:?}");
    assert_eq!((found.least, found.most), (0.0, P as f64));
    // Nor does a bin without a node have to be empty.
    let empty =
        estimated.counts.iter().zip(&edges).find(|(found, edge)| found.count == 0.0 && **edge > -0.9).unwrap().0;
    assert_eq!((empty.least, empty.most), (0.0, P as f64));
    let words = picture.describe();
    assert!(
        words.contains(
            "38,410 eigenvalues, estimated from 2 random vectors with 2 products each: 0 to 38,410 below −0.040"
        ),
        "{words}"
    );
    let words = caption(&model, Picture::Spectrum);
    assert!(words.contains("of 38,410, A 0 to 38,410 below −0.040, B "), "{words}");
    assert!(picture.table().titles[2].ends_with("least to most"));

    // A cursor on its way asks nothing; once it rests, it does.
    let effects = update(&mut model, Action::MoveCursor(1));
    assert_eq!(densities(&effects), []);
    let rest = effects.iter().find_map(|effect| match effect {
        Effect::Wait { timer: timer @ Timer::Rest(_), .. } => Some(*timer),
        _ => None,
    });
    let asked = densities(&update(&mut model, Action::Due(rest.expect("a timer"))));
    assert_eq!(asked.iter().map(|(_, part, p)| (*part, *p)).collect::<Vec<_>>(), [(Part::Full, 1.125); 2]);
    // So does another part of H.
    for (id, ..) in asked {
        answer(&mut model, Answer::To { id, finding: Finding::Failed("no room".into()) });
    }
    assert!(chart(&model, Picture::Spectrum).describe().contains("could not be estimated: no room"));
    let asked = densities(&update(&mut model, set(Scope::View, "block", "residual")));
    assert_eq!(asked.iter().map(|(_, part, _)| *part).collect::<Vec<_>>(), [Part::Residual; 2]);
}

#[test]
fn hidden_spectra_are_not_estimated() {
    let (mut model, _) = open(&format!("{LARGE}&hide=spectrum"));
    plant(&mut model, 0, 5);
    plant(&mut model, 1, 5);
    assert_eq!(densities(&answer(&mut model, Answer::Begun(None))), []);
}

#[test]
fn what_needs_a_matrix_is_refused_at_its_control() {
    let (mut model, _) = done();
    let effects = update(&mut model, set(Scope::Run(1), "rotated", "on"));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Wait { .. })), "nothing begins again");
    let why = &model.problems.fields[&(Scope::Run(1), "rotated".to_owned())];
    assert!(why.ends_with("up to 5,000 parameters; this network has 38,410."), "{why}");
    assert!(!link::write(&model.state).contains("rotated"));

    // Links may ask for it: the run is refused, and the control says why as long as that holds.
    let (mut model, effects) = open(&format!("{LARGE}&A=sgd&B=adam,rotated:on"));
    let begun = effects.iter().filter(|effect| matches!(effect, Effect::Start { place: Place::Run(_), .. }));
    assert_eq!(begun.count(), 1);
    let at = (Scope::Run(1), "rotated".to_owned());
    assert!(model.problems.fields.contains_key(&at));
    assert!(readout::problems(&model.problems)[0].starts_with("Run B: A rotated basis takes a matrix"));
    update(&mut model, set(Scope::Setting, "hidden", "12"));
    assert!(!model.problems.fields.contains_key(&at));

    // Null models that draw a matrix are not begun.
    let (mut model, _) = open(&format!("{LARGE}&null=goe"));
    plant(&mut model, 0, 5);
    plant(&mut model, 1, 5);
    let Some(number) = (1..100).find(|number| *model.sketches == eigendrift::page::model::Sketches::Asked(*number))
    else {
        panic!("sketches come first")
    };
    let event = Event::Sketches(Vec::new());
    let effects = update(&mut model, Action::Worker { place: Place::Background, generation: number, event });
    assert!(!effects.iter().any(|effect| match effect {
        Effect::Start { task, .. } => matches!(**task, Task::Null { .. }),
        _ => false,
    }));
    let why = &model.problems.fields[&(Scope::View, "null".to_owned())];
    assert!(why.contains("it is goe, which draws matrices of P × P numbers"), "{why}");
    assert!(NullKind::Goe.allowed(P).is_err());
}

#[test]
fn seeds_leave_the_rotated_run_out_and_say_so() {
    let (model, _) = done();
    let evidence = model.evidence.as_ref().expect("two runs");
    assert!(!evidence.ensemble.rotated);
    let words = readout::evidence::setting(&model);
    assert!(words.contains("P = 38,410") && words.contains("without the rotated run"), "{words}");
    let (small, _) = open("#v=1&samples=30&hidden=3&steps=40&every=10&k=2");
    assert!(!readout::evidence::setting(&small).contains("without"));
}

/// What is shared is not copied: a page with many checkpoints holds each once.
#[test]
fn checkpoints_are_shared() {
    let (model, _) = done();
    let copy = model.runs[&0].clone();
    assert!(Rc::ptr_eq(&copy.checkpoints[0], &model.runs[&0].checkpoints[0]));
    assert!(Rc::ptr_eq(&copy.units[0], &model.runs[&0].units[0]));
    assert_eq!(copy.units[0][0].shares.len(), 522);
}
