//! What lies around the cursor, on the page as a value: what is asked of the worker and when, the worker being played by the
//! real job, and what the pictures make of its answers.

#![cfg(not(target_arch = "wasm32"))]

#[allow(dead_code)]
mod own;

use std::cell::RefCell;

use eigendrift::experiment::{Experiment, Run};
use eigendrift::page::action::{Place, Timer};
use eigendrift::page::exploration::{Request, Wanted};
use eigendrift::page::job::{Host, Job, Next};
use eigendrift::page::message::{Command, Event, OUT_OF_MEMORY, Started, Task};
use eigendrift::page::pictures::Scene;
use eigendrift::page::readout::caption::caption;
use eigendrift::page::readout::certificates;
use eigendrift::page::{Action, Effect, Model, begin, report, update};
use eigendrift::state::{Picture, Scope, link};
use eigendrift::view::Chart;
use eigendrift::view::landscape::Landscape;
use own::Desk;

const SMALL: &str = "#v=1&samples=40&hidden=4&steps=40&every=10&k=2";

/// The page, and the worker that explores.
struct Page {
    model: Model,
    /// The effects that are not yet carried out.
    effects: Vec<Effect>,
    worker: Option<(u32, Job)>,
    /// The requests that reached the worker, and the tasks that it was given.
    requests: Vec<Request>,
    tasks: Vec<Task>,
    desk: Desk,
}

impl Page {
    /// A page at a link, each of whose runs has all its checkpoints.
    fn open(hash: &str) -> Self {
        let mut page = Page::begun(hash);
        page.compute(usize::MAX);
        page
    }

    fn begun(hash: &str) -> Self {
        let (state, notes) = link::read(hash, None);
        assert!(notes.is_empty(), "{notes:?}");
        let mut model = Model::new(state, notes, false);
        let effects = begin(&mut model);
        Page { model, effects, worker: None, requests: Vec::new(), tasks: Vec::new(), desk: Desk::default() }
    }

    fn act(&mut self, action: Action) {
        self.effects.extend(update(&mut self.model, action));
    }

    fn set(&mut self, key: &str, text: &str) {
        self.act(Action::Set { scope: Scope::View, key: key.into(), text: text.into() });
    }

    /// Computes up to `count` checkpoints of every run that has none.
    fn compute(&mut self, count: usize) {
        for run in self.model.runs.keys().copied().collect::<Vec<_>>() {
            if self.model.runs[&run].checkpoints.is_empty() {
                self.compute_run(run, count);
            }
        }
    }

    fn compute_run(&mut self, run: usize, count: usize) {
        let generation = self.model.runs[&run].generation;
        let experiment: Experiment = self.desk.with_rows(&self.model.runs[&run].experiment);
        let mut core = Run::new(experiment).unwrap();
        let known = Started::new(&core);
        let event = |page: &mut Page, event| page.act(Action::Worker { place: Place::Run(run), generation, event });
        event(self, Event::Started(known));
        for _ in 0..count {
            while !core.is_checkpoint_due() {
                core.advance(usize::MAX).unwrap();
            }
            let checkpoint = Box::new(core.checkpoint().unwrap());
            let step = checkpoint.step;
            event(self, Event::Checkpoint { checkpoint, milliseconds: 2.0, training_milliseconds: 1.0 });
            if core.is_finished() {
                return event(self, Event::Finished { step });
            }
        }
    }

    /// Carries out the effects that concern the worker. How many requests came.
    fn deliver(&mut self) -> usize {
        let before = self.requests.len();
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Start { place: Place::Explorer, generation, task } => {
                    self.tasks.push((*task).clone());
                    let tables = self.desk.tables(&task);
                    let mut events = Vec::new();
                    let job = with_host(&mut events, |host| Job::start(*task, tables, host).unwrap());
                    self.worker = Some((generation, job));
                    self.answer(generation, events);
                }
                Effect::Command { place: Place::Explorer, command } => {
                    let Command::Explore(request) = &command else { panic!("{command:?}") };
                    self.requests.push(request.clone().into());
                    let (_, job) = self.worker.as_mut().expect("a command follows its task");
                    with_host(&mut Vec::new(), |host| job.command(command, host));
                }
                _ => {}
            }
        }
        self.requests.len() - before
    }

    /// Lets the worker work until it has nothing to do, and nothing more is asked.
    fn work(&mut self) {
        loop {
            self.deliver();
            let Some((generation, job)) = self.worker.as_mut() else { return };
            let (generation, mut events) = (*generation, Vec::new());
            while with_host(&mut events, |host| job.slice(host)) == Next::Now {}
            self.answer(generation, events);
            if !self.effects.iter().any(|effect| matches!(effect, Effect::Command { place: Place::Explorer, .. })) {
                return;
            }
        }
    }

    fn answer(&mut self, generation: u32, events: Vec<Event>) {
        for event in events {
            self.act(Action::Worker { place: Place::Explorer, generation, event });
        }
    }

    fn lose(&mut self, sentence: &str) {
        let (generation, _) = self.worker.take().unwrap();
        self.answer(generation, vec![Event::Panicked { sentence: sentence.into() }]);
    }

    fn chart(&self, picture: Picture) -> Chart {
        Scene::new(&self.model, &self.model.moment()).chart(picture)
    }

    fn caption(&self) -> String {
        caption(&Scene::new(&self.model, &self.model.moment()), Picture::Function)
    }

    fn function(&self) -> Landscape {
        let Chart::Landscape(chart) = self.chart(Picture::Function) else { panic!("not a landscape") };
        chart
    }

    fn looks(&self) -> Vec<(f64, bool)> {
        let look = |request: &Request| match &request.wanted {
            Wanted::Look { s, curve, .. } => Some((*s, *curve)),
            _ => None,
        };
        self.requests.iter().filter_map(look).collect()
    }
}

fn with_host<T>(events: &mut Vec<Event>, act: impl FnOnce(&Host) -> T) -> T {
    let collected = RefCell::new(Vec::new());
    let time = std::cell::Cell::new(0.0);
    let clock = || {
        time.set(time.get() + 1.0);
        time.get()
    };
    let emit = |event| collected.borrow_mut().push(event);
    let result = act(&Host { clock: &clock, emit: &emit });
    events.extend(collected.into_inner());
    result
}

#[test]
fn nothing_is_asked_before_each_run_has_a_checkpoint_and_then_both_are_seen() {
    let mut page = Page::begun(SMALL);
    page.compute_run(0, 2);
    page.work();
    assert!(page.tasks.is_empty() && page.worker.is_none());
    assert_eq!(page.function().panels[0].message, "computing");
    page.compute_run(1, usize::MAX);
    page.work();
    assert_eq!(page.tasks.len(), 1);
    // Both runs share the worker: one look at each, with the curve, since nothing was known.
    assert_eq!(page.looks(), [(0.0, true), (0.0, true)]);
    let chart = page.function();
    assert!(chart.planar && chart.direction == "v₁");
    assert!(page.caption().contains("Shade: class"), "{}", page.caption());
    for (panel, run) in chart.panels.iter().zip(page.model.runs.values()) {
        let checkpoint = &run.checkpoints[page.model.shown_checkpoint()];
        assert_eq!(panel.words, format!("{:.0} % right", 100.0 * checkpoint.accuracy), "all samples are the Hessian's");
        let at = panel.at.unwrap();
        assert!(at.0 == 0.0 && (at.1 - checkpoint.loss).abs() < 1e-14);
        let plane = panel.plane.as_ref().unwrap();
        let wrong = 40.0 * (1.0 - checkpoint.accuracy);
        assert!(plane.before.is_none() && (plane.wrong.len() as f64 - wrong).abs() < 1e-9);
        // The parabola touches the loss at 0 and has the curvature of v₁.
        let (first, middle) = (panel.parabola[0], panel.parabola[20]);
        assert_eq!((first.0, middle.0, panel.loss[20].1), (-1.0, 0.0, middle.1));
        assert!((first.1 - middle.1 - 0.5 * checkpoint.leading_eigenvalues[0]).abs() < 1e-12);
    }
}

#[test]
fn dragging_along_v_restarts_nothing_and_asks_for_the_newest_s_only() {
    let mut page = Page::open(SMALL);
    page.work();
    let (drawn, state) = (page.model.drawn(), page.model.state.revision());
    let generations: Vec<u32> = page.model.runs.values().map(|run| run.generation).collect();
    page.requests.clear();
    // While the worker is busy, only the first of many values has been asked for.
    for position in 21..=32 {
        page.act(Action::Slide { scope: Scope::View, key: "along".into(), position });
    }
    assert_eq!(page.deliver(), 2);
    let others = |e: &Effect| matches!(e, Effect::Start { .. } | Effect::Stop(_) | Effect::Wait { .. });
    assert!(!page.effects.iter().any(others));
    assert_eq!(page.looks(), [(0.05, false), (0.05, false)], "the curve is there already");
    page.work();
    assert_eq!(page.looks()[2..], [(0.6, false), (0.6, false)], "what was overtaken was never asked");
    assert_eq!(page.model.runs.values().map(|run| run.generation).collect::<Vec<_>>(), generations);
    assert_eq!(page.model.drawn(), drawn, "no other picture is drawn again");
    assert!(page.model.state.revision() >= state + 12);
    assert!(link::write(&page.model.state).contains("&along=0.6"));
    let chart = page.function();
    for panel in &chart.panels {
        let (s, loss) = panel.at.unwrap();
        let on_curve = panel.loss.iter().min_by(|a, b| (a.0 - s).abs().total_cmp(&(b.0 - s).abs())).unwrap();
        assert!(s == 0.6 && (loss - on_curve.1).abs() < 1e-12 * loss.abs().max(1.0), "{loss} on {on_curve:?}");
        assert!(panel.words.contains(" → ") && panel.plane.as_ref().unwrap().before.is_some());
    }
    // Back at 0 the borders are the regions' own again.
    page.set("along", "0");
    page.work();
    assert!(page.function().panels.iter().all(|panel| !panel.words.contains('→')));
}

#[test]
fn the_cursor_is_followed_and_what_belongs_to_another_step_says_so() {
    let mut page = Page::open(SMALL);
    page.work();
    let last = page.function();
    page.act(Action::MoveCursor(1));
    // Until the worker has answered, the newest that is known stays, under the step that it belongs to.
    let meanwhile = page.function();
    assert_eq!(meanwhile.panels[0].words, "at step 40");
    assert_eq!(meanwhile.panels[0].loss, last.panels[0].loss);
    page.work();
    let chart = page.function();
    assert_ne!(chart.panels[0].loss, last.panels[0].loss);
    assert!(chart.panels[0].words.ends_with("% right"));
    assert!((chart.panels[0].at.unwrap().1 - page.model.runs[&0].checkpoints[1].loss).abs() < 1e-14);
    // Another direction has another curve, at the same point.
    page.set("vector", "2");
    page.work();
    let second = page.function();
    assert_eq!(second.direction, "v₂");
    assert_eq!(second.panels[0].at, chart.panels[0].at);
    assert_ne!(second.panels[0].loss, chart.panels[0].loss);
    page.set("pair", "tracked");
    page.work();
    assert_eq!(page.function().direction, "v₂ (tracked)");
    let track = page.model.runs[&0].checkpoints[1].two_time.track[1];
    let asked = track.map(|rank| page.model.runs[&0].checkpoints[1].leading_eigenvectors[rank].clone());
    let aim = page.model.exploration.runs[&0].sight.as_ref().unwrap().aim;
    assert_eq!((aim.rank, asked.is_some()), (track, track.is_some()));
}

#[test]
fn hidden_pictures_cost_nothing() {
    let mut page = Page::open("#v=1&samples=40&hidden=4&steps=20&every=10&k=2&hide=function");
    page.work();
    page.act(Action::MoveCursor(0));
    page.set("along", "0.5");
    page.work();
    assert!(page.tasks.is_empty());
    // Behind a picture that is open large it is hidden too.
    let mut page = Page::open("#v=1&samples=40&hidden=4&steps=20&every=10&k=2&view=loss");
    page.work();
    assert!(page.tasks.is_empty());
    page.act(Action::CloseEnlarged);
    page.work();
    assert_eq!(page.looks().len(), 2);
}

#[test]
fn a_direction_that_is_not_determined_has_no_curve_and_no_network() {
    // Of linear regression H = I ⊗ XᵀX/N: each eigenvalue is there once for each class, and none has a direction.
    let linear = "#v=1&samples=40&hidden=none&loss=mean_squared_error&steps=20&every=10&k=2&along=0.5";
    let mut page = Page::open(linear);
    page.act(Action::MoveCursor(2));
    page.work();
    let checkpoint = &page.model.runs[&0].checkpoints[2];
    assert!(!checkpoint.determination.directions[0], "the premise of this test");
    let panel = &page.function().panels[0];
    assert!(panel.loss.is_empty() && panel.parabola.is_empty() && panel.at.is_none() && panel.slope.is_none());
    assert_eq!(panel.message, "v₁ is not determined here");
    // The regions are those of θ: there is nothing to move along.
    assert!(
        panel.plane.as_ref().unwrap().before.is_none()
            && panel.words.ends_with("% right")
            && !panel.words.contains('→')
    );
    let Chart::Network(network) = page.chart(Picture::Network) else { panic!() };
    assert!(network.directions[0].shares.is_empty());
    assert_eq!(network.directions[0].words, "v₁ not determined");
}

#[test]
fn the_network_shows_the_entries_of_the_chosen_eigenvector() {
    let mut page = Page::open(SMALL);
    page.set("vector", "2");
    let Chart::Network(network) = page.chart(Picture::Network) else { panic!() };
    let checkpoint = page.model.runs[&1].checkpoints.last().unwrap();
    let expected: Vec<f64> = checkpoint.leading_eigenvectors[1].iter().map(|x| x * x).collect();
    assert_eq!(network.directions[1].shares, expected);
    let about = 1.0 / checkpoint.leading_ipr[1].value().unwrap();
    assert_eq!(network.directions[1].words, format!("on ≈ {} parameters", about.round()));
    // The table names the strongest with its share in per cent.
    let (a, most) = expected.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    let table = Chart::Network(network.clone()).table();
    let row = table.rows.iter().find(|row| row[0] == network.name(a)).expect("a row");
    assert!((row[2].parse::<f64>().unwrap() - 100.0 * most).abs() < 0.01, "{row:?}");
}

#[test]
fn images_of_the_first_layer_are_signed_and_have_the_datas_side() {
    let mut page = Page::open("#v=1&data=digits4x4&samples=40&hidden=3&steps=10&every=10&k=1&A=sgd");
    page.work();
    let Chart::Network(network) = page.chart(Picture::Network) else { panic!() };
    let (direction, vector) = (&network.directions[0], &page.model.runs[&0].checkpoints[1].leading_eigenvectors[0]);
    assert_eq!(direction.images.len(), 3);
    let most = vector[..48].iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    assert!(direction.images.iter().all(|image| image.signed && (image.rows, image.columns) == (4, 4)));
    assert_eq!(direction.images[2].values[5], vector[2 * 16 + 5] / most);
    // Sixteen inputs are no plane: the curve alone.
    let chart = page.function();
    assert!(!chart.planar && chart.panels[0].plane.is_none() && chart.panels[0].loss.len() == 41);
    assert!(!page.caption().contains("Shade"), "there is no plane to shade: {}", page.caption());
    assert_eq!(page.tasks[0].tables(), ["digits"]);
}

#[test]
fn an_own_table_is_explored_as_it_is_prepared() {
    let text: String =
        (0..40).map(|i| format!("{},{},{}\n", 100 + i, (i * 7) % 13, if i % 3 == 0 { "a" } else { "b" })).collect();
    let mut page = Page::begun("#v=1&hidden=4&steps=20&every=10&k=2");
    let file = page.desk.file("own.csv", format!("x,y,kind\n{text}"));
    page.effects = page.desk.choose(&mut page.model, vec![file]);
    page.act(Action::Reset);
    page.compute(usize::MAX);
    page.work();
    let Task::Explore { experiment } = &page.tasks[0] else { panic!() };
    assert_eq!(experiment.data, page.model.runs[&0].experiment.data);
    let plane = page.model.exploration.plane.clone().unwrap();
    assert_eq!(plane.labels.len(), 40);
    assert!(plane.points.iter().all(|x| x.abs() < 5.0), "standardized");
    assert_eq!(page.function().classes, ["a", "b"]);
}

#[test]
fn other_data_begin_another_task_and_another_rate_does_not() {
    let mut page = Page::open(SMALL);
    page.work();
    let due = |page: &Page| {
        let mut timers =
            page.effects.iter().filter_map(|e| if let Effect::Wait { timer, .. } = e { Some(*timer) } else { None });
        timers.next_back().expect("a timer")
    };
    page.act(Action::Set { scope: Scope::Run(0), key: "lr".into(), text: "0.3".into() });
    let timer: Timer = due(&page);
    page.act(Action::Due(timer));
    page.compute(usize::MAX);
    page.work();
    assert_eq!(page.tasks.len(), 1);
    assert!(page.function().panels.iter().all(|panel| panel.words.ends_with("% right")));
    page.act(Action::Set { scope: Scope::Setting, key: "noise".into(), text: "0.4".into() });
    let timer = due(&page);
    page.act(Action::Due(timer));
    assert_eq!(page.function().panels[0].message, "no checkpoint here");
    page.compute(usize::MAX);
    page.work();
    assert_eq!(page.tasks.len(), 2);
    let Task::Explore { experiment } = &page.tasks[1] else { panic!() };
    assert_eq!(experiment.data, page.model.runs[&0].experiment.data);
    assert!(page.function().panels.iter().all(|panel| panel.words.ends_with("% right")));
}

#[test]
fn a_lost_worker_is_replaced_once() {
    let mut page = Page::open(SMALL);
    page.work();
    page.act(Action::MoveCursor(0));
    page.deliver();
    page.lose("boom");
    page.work();
    assert_eq!(page.tasks.len(), 2);
    assert!(page.function().panels[0].words.ends_with("% right"), "{:?}", page.function().panels[0].words);
    page.act(Action::MoveCursor(1));
    page.deliver();
    page.lose("boom");
    page.work();
    assert_eq!(page.tasks.len(), 2);
    assert_eq!(page.model.exploration.broken.as_deref(), Some("boom"));
    assert_eq!(page.function().panels[0].words, "at step 0", "what was known stays, and says where it belongs");
    // Reset tries again.
    page.act(Action::Reset);
    page.compute(usize::MAX);
    page.work();
    assert_eq!((page.tasks.len(), page.model.exploration.broken.clone()), (3, None));
    page.act(Action::MoveCursor(0));
    page.deliver();
    page.lose(OUT_OF_MEMORY);
    assert_eq!(page.model.exploration.broken.as_deref(), Some(OUT_OF_MEMORY), "it would end in the same way again");
}

#[test]
fn the_parts_are_computed_only_where_their_spectrum_is_shown() {
    let mut page = Page::open(SMALL);
    page.work();
    page.requests.clear();
    page.set("block", "gn");
    let Chart::Histogram(waits) = page.chart(Picture::Spectrum) else { panic!() };
    assert!(waits.series.is_empty() && waits.x.title.contains("A SGD: computing"), "{}", waits.x.title);
    page.work();
    assert_eq!(page.requests.iter().filter(|request| request.wanted == Wanted::Parts).count(), 2);
    let Chart::Histogram(found) = page.chart(Picture::Spectrum) else { panic!() };
    assert!(found.null.is_none() && found.title == "Spectrum at the cursor, Gauss–Newton part");
    let p = page.model.runs[&0].parameter_count().unwrap();
    assert!(found.series.iter().all(|run| run.eigenvalues.len() == p && run.eigenvalues[p - 1] > -1e-10));
    page.set("block", "residual");
    page.work();
    assert_eq!(page.requests.len(), 2, "both were answered at once");
    let Chart::Histogram(residual) = page.chart(Picture::Spectrum) else { panic!() };
    assert!(residual.series.iter().all(|run| run.eigenvalues[p - 1] < 0.0));
    // The spectrum of the sum has the sum of the traces.
    let trace = |series: &[eigendrift::view::histogram::HistogramSeries]| series[0].eigenvalues.iter().sum::<f64>();
    let whole = page.model.runs[&0].checkpoints.last().unwrap().trace;
    assert!((trace(&found.series) + trace(&residual.series) - whole).abs() < 1e-10 * whole.abs());
}

#[test]
fn certificates_are_one_word_and_the_check_names_its_step() {
    let mut page = Page::begun(SMALL);
    assert_eq!(certificates::word(&page.model), "");
    page.compute(usize::MAX);
    page.work();
    assert_eq!(certificates::word(&page.model), "10 Hessians, checked ✓");
    let scene = Scene::new(&page.model, &page.model.moment());
    let rows = certificates::rows(&scene);
    assert_eq!(rows[1], ("symmetry |H − Hᵀ|".to_owned(), vec!["0".to_owned(); 2]));
    assert!(rows.iter().any(|(name, _)| name == "gap of v2"));

    assert_eq!(certificates::check(&page.model), "");
    page.act(Action::MoveCursor(3));
    page.act(Action::CheckNow);
    assert_eq!(certificates::check(&page.model), "Comparing …");
    page.act(Action::CheckNow);
    page.work();
    let checks = page.requests.iter().filter(|request| matches!(request.wanted, Wanted::Check { .. })).count();
    assert_eq!(checks, 2, "one for each run, however often it was asked for");
    let words = certificates::check(&page.model);
    assert!(words.starts_with("A at step 30: of 27 columns, 27 compared with"), "{words}");
    let found = report::report(&page.model, &page.model.moment(), 0);
    for check in found["check"].as_array().unwrap() {
        assert_eq!(check["step"], 30);
        assert!(check["checked"]["differences"].as_f64().unwrap() < 1e-7, "{check}");
        assert!(check["checked"]["products"].as_f64().unwrap() < 1e-12, "{check}");
    }
    assert_eq!(found["exploration"]["runs"][1]["step"], 30);

    // A certificate that does not hold is named.
    let run = page.model.runs.get_mut(&1).unwrap();
    let mut wrong = (*run.checkpoints[2]).clone();
    wrong.certificates.orthogonality_defect = 1e-3;
    run.checkpoints[2] = std::rc::Rc::new(wrong);
    assert_eq!(certificates::word(&page.model), "not exact: orthogonality, B at step 20");
}
