//! Figures for export are complete, and nothing in them overlaps or is cut off; panels keep their runs' names.

#![cfg(not(target_arch = "wasm32"))]

mod view_text;

use eigendrift::view::curves::{Curves, Extent, Level, Marker, Note, Series, ShadedBand, StepLine};
use eigendrift::view::figure::{self, Caption};
use eigendrift::view::heatmap::{ColorScale, Heatmap, Panel, Rows};
use eigendrift::view::histogram::{Histogram, HistogramSeries, NullSpectrum};
use eigendrift::view::network::{Direction, Network};
use eigendrift::view::panels::{CurvePanel, CurvePanels};
use eigendrift::view::scatter::Scatter;
use eigendrift::view::{AxisSpec, Chart, Style, color::DASHES, color::LIGHT, svg};
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use proptest::prelude::*;
use view_text::{assert_apart, extent, texts};

const RUNS: [&str; 4] = ["A SGD", "B Adam", "C Momentum", "D RMSprop"];

fn caption() -> Caption {
    Caption {
        title: "Leading eigenvalues of the Hessian while SGD, Adam, Momentum and RMSprop train the same network".into(),
        lines: vec![
            "moons, 300 samples, noise 0.15, 2-12-12-3 tanh, cross-entropy, 2,000 steps, batch 32, seed 1".into(),
            "https://example.org/eigendrift/#data=moons&samples=300&noise=0.15&layers=12-12&seed=1&optimizer=sgd,adam,momentum,rmsprop&rate=0.1,0.01,0.1,0.01 build 0123abc".into(),
        ],
    }
}

fn steps() -> Vec<f64> {
    (0..=40).map(|i| 50.0 * f64::from(i)).collect()
}

fn curves() -> Chart {
    let mut data = Curves {
        title: "Leading eigenvalues".into(),
        x: AxisSpec::linear("step").range(0.0, 2000.0),
        y: AxisSpec::linear("eigenvalue λ"),
        ..Default::default()
    };
    for (run, name) in RUNS.iter().enumerate() {
        for rank in 1..=3 {
            let value = |t: f64| 8.0 / f64::from(rank) + libm::sin(t / 300.0 + run as f64);
            let points = steps().iter().map(|&t| (t, value(t))).collect();
            let label = format!("{name}, λ{}", ["₁", "₂", "₃"][rank as usize - 1]);
            let end_label = (rank == 1).then(|| label.clone());
            let series = Series::new(&label, LIGHT.run(run), points);
            data.series.push(Series { end_label, dash: DASHES[run].to_vec(), ..series });
        }
        let label = format!("{name}: unstable above");
        let points = vec![(0.0, 20.0), (1000.0, 5.0 + run as f64)];
        data.step_lines.push(StepLine { label, points, color: LIGHT.run(run), fit: false });
    }
    data.bands.push(ShadedBand {
        label: "null: fresh weights, 5-95 %".into(),
        extent: Extent::Constant(1.0, 3.0),
        color: LIGHT.muted,
    });
    data.levels.push(Level { label: "a random direction 3/(P+2)".into(), value: 0.5, color: LIGHT.muted, fit: true });
    data.markers.push(Marker { label: "A: learning rate 0.05".into(), x: 1000.0, color: LIGHT.run(0) });
    data.notes.push(Note { text: "D RMSprop has no stability threshold".into(), color: LIGHT.run(3) });
    Chart::Curves(data)
}

fn panels() -> Chart {
    let panel = |run: usize| {
        let series = (0..3).map(|i| {
            let points = steps().iter().skip(1).map(|&t| (t, 1.0 - libm::exp(-t / 300.0 / f64::from(i + 1)))).collect();
            let end_label = Some(format!("{}", 250 * i));
            Series { end_label, ..Series::new(&format!("{}, from {}", RUNS[run], 250 * i), LIGHT.run(run), points) }
        });
        let bands = vec![ShadedBand { label: "null".into(), extent: Extent::Constant(0.9, 0.95), color: LIGHT.muted }];
        let curves = Curves { series: series.collect(), bands, ..Default::default() };
        CurvePanel { name: RUNS[run].into(), color: LIGHT.run(run), curves }
    };
    Chart::CurvePanels(CurvePanels {
        title: "Displacement".into(),
        x: AxisSpec::log("lag τ"),
        y: AxisSpec::linear("1 - Q"),
        panels: (0..4).map(panel).collect(),
        ..Default::default()
    })
}

fn heatmap(rows: Rows, color_scale: ColorScale) -> Heatmap {
    let count = match &rows {
        Rows::Times => 41,
        Rows::Groups(groups) => groups.iter().map(|g| g.1).sum(),
    };
    let panel = |run: usize| Panel {
        name: RUNS[run].into(),
        color: LIGHT.run(run),
        values: vec![0.0123; count * 41],
        reached: 0,
    };
    Heatmap {
        title: "Two-time overlap".into(),
        quantity: "overlap Q".into(),
        time: "step".into(),
        times: steps(),
        rows,
        panels: (0..4).map(panel).collect(),
        color_scale,
        ..Default::default()
    }
}

fn histogram(apart: bool) -> Chart {
    let run = |i: usize| HistogramSeries {
        name: RUNS[i].into(),
        color: LIGHT.run(i),
        eigenvalues: (0..200).map(|j| 0.02 * f64::from(j) * (i + 1) as f64).rev().collect(),
        leading: 5,
        null: None,
        estimated: None,
    };
    Chart::Histogram(Histogram {
        title: "Spectrum at the cursor".into(),
        x: AxisSpec::linear("eigenvalue λ"),
        series: (0..4).map(run).collect(),
        null: Some(NullSpectrum {
            label: "null: fresh weights, mean".into(),
            eigenvalues: vec![0.5; 100],
            samples: 10,
        }),
        bins: 40,
        apart,
        ..Default::default()
    })
}

fn network() -> Chart {
    let layers = vec![2, 4, 3];
    let direction = |run: usize| Direction {
        name: RUNS[run].into(),
        color: LIGHT.run(run),
        words: String::new(),
        shares: vec![1.0 / 27.0; 27],
        images: vec![],
    };
    Chart::Network(Network {
        title: "Where v lives".into(),
        layers,
        directions: (0..4).map(direction).collect(),
        ..Network::default()
    })
}

fn charts() -> Vec<(&'static str, Chart)> {
    let groups = [("layer 1 weights", 24), ("b1", 12), ("layer 2 weights", 144), ("b2", 12), ("W3", 36), ("b3", 3)];
    let groups = Rows::Groups(groups.map(|(name, n)| (name.to_owned(), n)).to_vec());
    let points = (0..50).map(|i| ((libm::cos(f64::from(i)), libm::sin(f64::from(i))), i as usize % 3)).collect();
    vec![
        ("curves", curves()),
        ("panels", panels()),
        ("overlap", Chart::Heatmap(heatmap(Rows::Times, ColorScale::Linear))),
        ("entries", Chart::Heatmap(heatmap(groups, ColorScale::Signed))),
        ("spectrum", histogram(false)),
        ("spectra", histogram(true)),
        ("network", network()),
        ("points", Chart::Scatter(Scatter { title: "circle".into(), points, radius: 2.0, ..Default::default() })),
    ]
}

#[test]
fn nothing_overlaps_and_nothing_is_cut_off() {
    for (name, chart) in charts() {
        for (width, height) in [(480, 320), (480, 640), (720, 480), (1440, 900)] {
            let document = figure::svg(&chart, &caption(), (width, height), false);
            assert_apart(&document, &format!("{name} {width} × {height}"));
            assert!(extent(&document).0 == f64::from(width) && extent(&document).1 >= f64::from(height));
            if let Some(folder) = std::env::var_os("EIGENDRIFT_GALLERY") {
                let file = std::path::PathBuf::from(folder).join(format!("figure-{name}-{width}-{height}.svg"));
                std::fs::write(file, document).expect("write");
            }
        }
    }
}

#[test]
fn figures_have_title_caption_legend_and_axis_titles() {
    let joined = |document: &str| texts(document).into_iter().map(|t| t.text).collect::<Vec<_>>().join(" ");
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for (name, chart) in charts() {
        for width in [480, 720, 1440] {
            let document = figure::svg(&chart, &caption(), (width, 480), false);
            let all = squeezed(&joined(&document));
            let Caption { title, lines } = caption();
            for part in std::iter::once(title).chain(lines) {
                assert!(all.contains(&squeezed(&part)), "{name} {width}: {part}");
            }
            let entries: Vec<String> = match &chart {
                Chart::Curves(data) => data
                    .series
                    .iter()
                    .map(|s| s.label.clone())
                    .chain(data.step_lines.iter().map(|l| l.label.clone()))
                    .chain([
                        "step".into(),
                        "eigenvalue λ".into(),
                        data.bands[0].label.clone(),
                        data.levels[0].label.clone(),
                    ])
                    .collect(),
                Chart::CurvePanels(data) => {
                    let series = data.panels.iter().flat_map(|p| p.curves.series.iter().map(|s| s.label.clone()));
                    series
                        .chain(RUNS.map(String::from))
                        .chain(["lag τ".into(), "1 - Q".into(), "null".into()])
                        .collect()
                }
                Chart::Scatter(_) | Chart::Landscape(_) => vec![],
                Chart::Heatmap(_) => vec!["step".into(), "overlap Q".into()],
                Chart::Histogram(_) => {
                    let others = ["eigenvalue λ", "null: fresh weights, mean"].map(String::from);
                    RUNS.iter().map(|r| r.to_string()).chain(others).collect()
                }
                Chart::Network(_) | Chart::Forest(_) => vec![],
            };
            for entry in entries {
                assert!(texts(&document).iter().any(|t| t.text == entry), "{name} {width}: {entry}");
            }
        }
    }
}

#[test]
fn legends_show_each_line_as_it_is_drawn() {
    let document = figure::svg(&curves(), &caption(), (720, 480), false);
    let entry = texts(&document).into_iter().find(|t| t.text == "B Adam, λ₂").expect("an entry");
    let middle = 0.5 * (entry.y0 + entry.y1);
    let color = format!("stroke=\"{}\"", LIGHT.run(1).css());
    // The symbol: dashes of 9 px with gaps of 3 px, left of the name.
    let symbol = document.lines().filter(|l| l.starts_with("<polyline") && l.contains(&color)).filter(|l| {
        let points = l.split("points=\"").nth(1).and_then(|p| p.split('"').next()).unwrap_or_default();
        let ends: Vec<(f64, f64)> = points
            .split(' ')
            .filter_map(|p| p.split_once(','))
            .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
            .collect();
        ends.len() == 2 && ends.iter().all(|e| e.0 < entry.x0 && e.0 > entry.x0 - 30.0 && (e.1 - middle).abs() < 4.0)
    });
    assert_eq!(symbol.count(), 2, "20 px hold two dashes");
}

#[test]
fn every_backend_draws_the_same_figure() {
    let style = Style::svg(2.0, true);
    let size = figure::lay_out(&curves(), &caption(), (720, 480), &style);
    let mut document = String::new();
    {
        let area = SVGBackend::with_string(&mut document, (size.width as u32, size.height as u32)).into_drawing_area();
        figure::draw(&area, &curves(), &caption(), &style, None).expect("the SVG backend does not fail");
    }
    let own = svg::write(&size, "");
    assert_eq!(document.matches("<text").count(), own.matches("<text").count());
    assert_eq!(document.matches("<polyline").count(), own.matches("<polyline").count());
}

#[test]
fn panels_keep_their_names_at_every_size() {
    for (name, chart) in charts() {
        let panels = matches!(&chart, Chart::Heatmap(_) | Chart::Network(_) | Chart::CurvePanels(_))
            || matches!(&chart, Chart::Histogram(h) if h.apart);
        if !panels {
            continue;
        }
        for size in [(100, 40), (160, 60), (220, 110), (300, 180), (480, 300), (900, 500), (1440, 700)] {
            let document = svg::write(&chart.lay_out(size, &Style::canvas(1.0, false)).0, "");
            let found = texts(&document);
            for run in RUNS {
                // At least its letter.
                let named = |t: &&view_text::Text| t.text == run || t.text == run[..1];
                assert_eq!(found.iter().filter(named).count(), 1, "{name} {size:?}: {run} in {found:?}");
            }
            assert_apart(&document, &format!("{name} {size:?}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn figures_of_any_size_and_caption_are_written(
        (width, height) in (0u32..1600, 0u32..1200),
        (title, line) in ("\\PC{0,80}", "\\PC{0,200}"),
        (kind, dark) in (0usize..8, any::<bool>()),
    ) {
        let (_, chart) = charts().swap_remove(kind);
        let caption = Caption { title, lines: vec![line, String::new()] };
        let document = figure::svg(&chart, &caption, (width, height), dark);
        prop_assert!(document.ends_with("</svg>\n") && !document.contains("NaN") && !document.contains("inf\""));
        let (w, h) = extent(&document);
        prop_assert!(w >= f64::from(width) && h >= f64::from(height));
    }
}
