//! Every picture at the sizes of the page, light and dark, written as SVG below the target directory to be looked at
//! (`CARGO_TARGET_TMPDIR`, or the folder named in `EIGENDRIFT_GALLERY`).

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::claims::{Unit, Verdict};
use eigendrift::view::{AxisSpec, Style, curves, forest, heatmap, histogram, network, scatter, svg};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use std::path::PathBuf;

/// A repeatable wiggle in [−1, 1].
fn wiggle(i: usize, seed: usize) -> f64 {
    let x = (i * 7919 + seed * 104_729) as f64;
    libm::sin(x * 12.9898) * 43_758.547 % 1.0
}

fn save(name: &str, size: (u32, u32), dark: bool, draw: impl Fn(&DrawingArea<SVGBackend, Shift>, &Style)) {
    let scale = 2.0;
    let style = Style::svg(scale, dark);
    let pixels = ((f64::from(size.0) * scale) as u32, (f64::from(size.1) * scale) as u32);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, pixels).into_drawing_area();
        let eigendrift::view::Rgb(r, g, b) = style.palette().surface;
        area.fill(&plotters::style::RGBColor(r, g, b)).expect("fill");
        draw(&area, &style);
        area.present().expect("present");
    }
    assert!(svg.lines().count() > 50 && svg.ends_with("</svg>\n"));
    let folder =
        std::env::var_os("EIGENDRIFT_GALLERY").map_or(PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let theme = if dark { "dark" } else { "light" };
    std::fs::write(folder.join(format!("{name}-{theme}-{}.svg", size.0)), svg).expect("write");
}

fn steps() -> Vec<f64> {
    (0..=40).map(|i| 50.0 * f64::from(i)).collect()
}

fn localization(style: &Style) -> curves::Curves {
    let p = style.palette();
    let sgd =
        steps().iter().enumerate().map(|(i, &t)| (t, 0.026 + 0.017 * t / 2000.0 + 0.002 * wiggle(i, 1))).collect();
    let adam = steps()
        .iter()
        .enumerate()
        .map(|(i, &t)| (t, 0.067 - 0.04 * libm::exp(-t / 150.0) + 0.006 * wiggle(i, 2)))
        .collect();
    curves::Curves {
        title: "Localization".into(),
        x: AxisSpec::linear("step").range(0.0, 2000.0),
        y: AxisSpec::linear("").range(0.0, 0.1),
        series: vec![curves::Series::new("A SGD", p.run(0), sgd), curves::Series::new("B Adam", p.run(1), adam)],
        bands: vec![curves::ShadedBand {
            label: "null model, 5–95 %".into(),
            extent: curves::Extent::Constant(0.020, 0.051),
            color: p.muted,
        }],
        levels: vec![curves::Level {
            label: "random direction 3/(P+2)".into(),
            value: 3.0 / 233.0,
            color: p.muted,
            fit: true,
        }],
        markers: vec![],
        cursor: Some(1250.0),
        ..Default::default()
    }
}

fn eigenvalues(style: &Style) -> curves::Curves {
    let p = style.palette();
    let mut series = Vec::new();
    for run in 0..2 {
        for rank in (0..5).rev() {
            let height = [3.5, 5.5][run] / f64::from(rank + 1);
            let centre = [600.0, 220.0][run];
            let points = steps()
                .iter()
                .enumerate()
                .map(|(i, &t)| {
                    (
                        t,
                        0.3 + height * libm::exp(-((t - centre) / (0.9 * centre)).powi(2))
                            + 0.1 * wiggle(i, rank as usize),
                    )
                })
                .collect();
            let mut s =
                curves::Series::new(["A SGD", "B Adam"][run], p.shade(p.run(run), 1.0 - f64::from(rank) / 4.0), points);
            s.width = if rank == 0 { 1.75 } else { 1.25 };
            series.push(s);
        }
    }
    curves::Curves {
        title: "Leading eigenvalues".into(),
        x: AxisSpec::linear("step").range(0.0, 2000.0),
        y: AxisSpec::linear("eigenvalue λ"),
        series,
        levels: vec![
            curves::Level { label: "A stable below 2/η".into(), value: 20.0, color: p.run(0), fit: false },
            curves::Level { label: "B stable below".into(), value: 38.0, color: p.run(1), fit: false },
        ],
        markers: vec![curves::Marker { label: "η 0.05".into(), x: 800.0, color: p.run(0) }],
        cursor: Some(1250.0),
        legend: curves::Legend::Series,
        ..Default::default()
    }
}

fn displacement(style: &Style) -> curves::Curves {
    let p = style.palette();
    let mut series = Vec::new();
    for run in 0..2 {
        for (w, shade) in [(0, 0.0), (500, 0.5), (1000, 1.0)] {
            let points = steps()
                .iter()
                .skip(1)
                .enumerate()
                .filter(|(_, t)| **t <= 2000.0 - f64::from(w))
                .map(|(i, &t)| {
                    let rate = [400.0, 150.0][run] * (1.0 + f64::from(w) / 200.0);
                    (t, 1.4 * (1.0 - libm::exp(-t / rate)) + 0.1 * wiggle(i, w as usize + run))
                })
                .collect();
            let name = format!("{} from {w}", ["A", "B"][run]);
            let end_label = Some(w.to_string());
            series.push(curves::Series { end_label, ..curves::Series::new(&name, p.shade(p.run(run), shade), points) });
        }
    }
    curves::Curves {
        title: "Displacement".into(),
        x: AxisSpec::log("lag τ (steps)").range(50.0, 2000.0),
        y: AxisSpec::linear("").range(0.0, 2.0),
        series,
        levels: vec![curves::Level { label: "independent directions".into(), value: 1.89, color: p.muted, fit: true }],
        ..Default::default()
    }
}

fn loss(style: &Style) -> curves::Curves {
    let p = style.palette();
    let line = |rate: f64, seed| {
        steps()
            .iter()
            .enumerate()
            .map(|(i, &t)| (t, 1.1 * libm::exp(-t / rate) * (1.0 + 0.2 * wiggle(i, seed))))
            .collect()
    };
    let ci = steps().iter().map(|&t| (t, 0.6 * libm::exp(-t / 400.0), 1.6 * libm::exp(-t / 400.0))).collect();
    let mut c = curves::Series::new("C momentum", p.run(2), line(320.0, 5));
    c.dash = vec![3.0, 2.0];
    curves::Curves {
        title: "Loss".into(),
        x: AxisSpec::linear("step").range(0.0, 2000.0),
        y: AxisSpec::log("training cross-entropy"),
        series: vec![
            curves::Series::new("A SGD", p.run(0), line(400.0, 3)),
            curves::Series::new("B Adam", p.run(1), line(250.0, 4)),
            c,
            curves::Series::new("D RMSprop", p.run(3), line(280.0, 6)),
        ],
        bands: vec![curves::ShadedBand { label: "".into(), extent: curves::Extent::Varying(ci), color: p.run(0) }],
        cursor: Some(1250.0),
        legend: curves::Legend::Series,
        ..Default::default()
    }
}

fn overlap(style: &Style, runs: usize) -> heatmap::Heatmap {
    let p = style.palette();
    let t = steps();
    let panel = |run: usize| {
        let rate = [0.0015, 0.006, 0.003, 0.01][run];
        let q = |a: f64, b: f64| {
            if (a.max(b) > 1600.0 || a == 700.0 || b == 700.0) && run == 1 {
                f64::NAN
            } else {
                libm::exp(-rate * (a - b).abs() / (1.0 + 0.004 * a.min(b)))
            }
        };
        heatmap::Panel {
            name: ["A SGD", "B Adam", "C momentum", "D RMSprop"][run].into(),
            color: p.run(run),
            reached: if run == 1 { 33 } else { 41 },
            values: t.iter().flat_map(|&a| t.iter().map(move |&b| q(a, b))).collect(),
        }
    };
    heatmap::Heatmap {
        title: "Two-time overlap".into(),
        quantity: "Q".into(),
        time: "step".into(),
        rows: heatmap::Rows::Times,
        panels: (0..runs).map(panel).collect(),
        times: t.clone(),
        color_scale: heatmap::ColorScale::Linear,
        max: Some(1.0),
        cursor: Some(1250.0),
        ..Default::default()
    }
}

fn entries(style: &Style, color_scale: heatmap::ColorScale) -> heatmap::Heatmap {
    let p = style.palette();
    let groups = vec![
        ("W1".into(), 24),
        ("b1".into(), 12),
        ("W2".into(), 144),
        ("b2".into(), 12),
        ("W3".into(), 36),
        ("b3".into(), 3),
    ];
    let panel = |run: usize| {
        let mut values = Vec::new();
        for row in 0..231 {
            let strength = wiggle(row, 11 + run).powi(6) * 0.3 + 0.002;
            for c in 0..41 {
                let v = strength * (0.7 + 0.3 * wiggle(c / 8 + row, 5));
                values.push(match color_scale {
                    heatmap::ColorScale::Signed => v.sqrt() * wiggle(row, 3).signum(),
                    _ => v,
                });
            }
        }
        heatmap::Panel { name: ["A SGD", "B Adam"][run].into(), color: p.run(run), values, reached: 0 }
    };
    heatmap::Heatmap {
        title: "Eigenvector 1 over training".into(),
        quantity: if color_scale == heatmap::ColorScale::Signed { "v".into() } else { "v²".into() },
        time: "step".into(),
        times: steps(),
        rows: heatmap::Rows::Groups(groups),
        panels: vec![panel(0), panel(1)],
        color_scale,
        row_names: vec![],
        max: None,
        cursor: Some(1250.0),
        ..Default::default()
    }
}

fn spectrum(style: &Style, apart: bool) -> histogram::Histogram {
    let p = style.palette();
    let values = |seed: usize, lead: &[f64]| {
        let bulk = (0..226).map(|i| 0.05 * wiggle(i, seed).powi(3) + 0.4 * (wiggle(i, seed + 1).powi(12)));
        lead.iter().copied().chain(bulk).collect::<Vec<_>>()
    };
    histogram::Histogram {
        title: "Spectrum".into(),
        x: AxisSpec::linear("eigenvalue λ").range(-0.5, 5.0),
        series: vec![
            histogram::HistogramSeries {
                name: "A SGD".into(),
                color: p.run(0),
                eigenvalues: values(1, &[3.4, 2.1, 1.2, 0.9, 0.7]),
                leading: 5,
                null: None,
                estimated: None,
            },
            histogram::HistogramSeries {
                name: "B Adam".into(),
                color: p.run(1),
                eigenvalues: values(7, &[4.6, 1.3, 0.95, 0.5, 0.42]),
                leading: 5,
                null: None,
                estimated: None,
            },
        ],
        null: Some(histogram::NullSpectrum {
            label: "null model, random weights".into(),
            eigenvalues: (0..2310).map(|i| 0.9 * wiggle(i, 33).powi(8) - 0.1 * wiggle(i, 34).powi(4)).collect(),
            samples: 10,
        }),
        bins: 60,
        most: None,
        apart,
    }
}

fn net(style: &Style) -> network::Network {
    let p = style.palette();
    let layers = vec![2, 12, 12, 3];
    let parameters = network::Network { layers: layers.clone(), ..Default::default() }.parameters();
    let direction = |run: usize| network::Direction {
        name: ["A SGD", "B Adam"][run].into(),
        color: p.run(run),
        words: "on ≈ 8 parameters".into(),
        shares: (0..parameters).map(|i| 0.3 * wiggle(i, 40 + run).powi(8 + 12 * run as i32)).collect(),
        images: vec![],
    };
    network::Network {
        title: "Direction 1".into(),
        layers,
        directions: vec![direction(0), direction(1)],
        quantity: "v₁".into(),
    }
}

fn points(field: bool) -> scatter::Scatter {
    let spiral = |class: usize, i: usize| {
        let r = 0.06 + i as f64 / 60.0;
        let angle = 4.5 * r + 2.094 * class as f64 + 0.15 * wiggle(i, class);
        ((r * libm::cos(angle), r * libm::sin(angle)), class)
    };
    let field = field.then(|| scatter::ClassGrid {
        rows: 30,
        columns: 30,
        cells: (0..900).map(|i| ((i % 30) / 10, (wiggle(i, 2)).abs())).collect(),
    });
    scatter::Scatter {
        title: "spirals".into(),
        points: (0..3).flat_map(|c| (0..50).map(move |i| spiral(c, i))).collect(),
        radius: if field.is_some() { 2.5 } else { 1.25 },
        window: field.is_some().then_some(((-1.0, 1.0), (-1.0, 1.0))),
        class_grid: field,
        wrong: vec![3, 70],
        ..Default::default()
    }
}

fn claims(columns: usize) -> forest::Forest {
    let verdicts = [Verdict::Supported, Verdict::Contradicted, Verdict::Undecided];
    let row = |i: usize| {
        let unit = if i < 2 { Unit::Difference } else { Unit::Factor };
        let estimate = |column: usize| {
            let at = [0.1, -0.15, 0.02][(i + column) % 3];
            let (value, ends) = match unit {
                Unit::Difference => (at, (at - 0.05, at + 0.05)),
                Unit::Factor => (libm::exp2(10.0 * at), (libm::exp2(10.0 * at - 0.6), libm::exp2(10.0 * at + 0.6))),
            };
            forest::Estimate { value: Some(value), interval: Some(ends), verdict: verdicts[(i + column) % 3] }
        };
        forest::ForestRow {
            claim: format!("Claim {}", i + 1),
            detail: "what is compared".into(),
            unit,
            estimates: (0..columns).map(estimate).collect(),
        }
    };
    forest::Forest {
        title: "Claims".into(),
        columns: (1..=columns).map(|i| format!("task {i}")).collect(),
        rows: (0..4).map(row).collect(),
        ..Default::default()
    }
}

#[test]
fn pictures_are_drawn_in_both_themes() {
    for dark in [false, true] {
        for columns in [1, 6] {
            save(&format!("claims{columns}"), (900, 300), dark, |area, style| {
                forest::draw(area, &claims(columns), style).expect("drawn");
            });
        }
        for size in [(336, 190), (680, 400), (220, 160)] {
            for (name, data) in [
                ("localization", localization as fn(&Style) -> _),
                ("eigenvalues", eigenvalues),
                ("displacement", displacement),
                ("loss", loss),
            ] {
                save(name, size, dark, |area, style| {
                    curves::draw(area, &data(style), style).expect("drawn");
                });
            }
            for (name, apart) in [("spectrum", false), ("spectra", true)] {
                save(name, size, dark, |area, style| {
                    histogram::draw(area, &spectrum(style, apart), style).expect("drawn");
                });
            }
            save("network", size, dark, |area, style| {
                _ = network::draw(area, &net(style), style, None).expect("drawn")
            });
            for runs in [2, 4] {
                save(&format!("overlap{runs}"), size, dark, |area, style| {
                    heatmap::draw(area, &overlap(style, runs), style, None).expect("drawn");
                });
            }
            for (name, color_scale) in
                [("shares", heatmap::ColorScale::SquareRoot), ("signed", heatmap::ColorScale::Signed)]
            {
                save(name, size, dark, |area, style| {
                    let data = entries(style, color_scale);
                    heatmap::draw(area, &data, style, None).expect("drawn");
                });
            }
        }
    }

    for dark in [false, true] {
        for field in [false, true] {
            let (name, size) = if field { ("boundary", (200, 200)) } else { ("thumbnail", (48, 48)) };
            save(name, size, dark, |area, style| scatter::draw(area, &points(field), style, None).expect("drawn"));
        }
        let image = scatter::Image {
            rows: 8,
            columns: 8,
            values: (0..64).map(|i| wiggle(i, 9).abs()).collect(),
            signed: false,
        };
        save("digit", (48, 48), dark, |area, style| scatter::draw_image(area, &image, style, None).expect("drawn"));
    }
}

#[test]
fn documents_for_export_are_drawn_too() {
    let style = Style::canvas(2.0, false);
    let folder =
        std::env::var_os("EIGENDRIFT_GALLERY").map_or(PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let curve = localization(&style);
    let document = svg::write(&curves::lay_out((672, 380), &curve, &style).0, &curves::describe(&curve));
    assert!(document.contains("Localization: A SGD rises from") && document.matches("<polyline").count() == 2);
    std::fs::write(folder.join("export-localization.svg"), document).expect("write");
    let matrix = entries(&style, heatmap::ColorScale::SquareRoot);
    let document = svg::write(&heatmap::lay_out((672, 380), &matrix, &style).0, &heatmap::describe(&matrix));
    assert!(document.matches("<rect").count() > 1000);
    std::fs::write(folder.join("export-shares.svg"), document).expect("write");
}
