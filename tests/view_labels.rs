//! Labels of thresholds, levels, notes and line ends: complete, within the plot, and apart from each other.

#![cfg(not(target_arch = "wasm32"))]

mod view_text;

use eigendrift::view::curves::{self, Curves, Level, Note, Series, StepLine};
use eigendrift::view::{AxisSpec, Layout, Rgb, Style, svg};
use view_text::{Text, assert_apart, texts};

const RED: Rgb = Rgb(200, 10, 20);
const SIZES: [(u32, u32); 6] = [(300, 180), (336, 190), (420, 260), (680, 400), (1000, 300), (1440, 700)];

fn document(size: (u32, u32), data: &Curves) -> (String, Layout) {
    let (drawing, layout) = curves::lay_out(size, data, &Style::canvas(1.0, false));
    (svg::write(&drawing, &curves::describe(data)), layout)
}

fn found<'a>(texts: &'a [Text], part: &str) -> &'a Text {
    texts.iter().find(|t| t.text.contains(part)).unwrap_or_else(|| panic!("{part} is not among {texts:?}"))
}

fn within(text: &Text, layout: &Layout) -> bool {
    let rect = layout.plots[0].rect;
    text.x0 >= rect.x0 && text.x1 <= rect.x1 && text.y0 >= rect.y0 - 1.0 && text.y1 <= rect.y1 + 1.0
}

fn wave(phase: f64) -> Vec<(f64, f64)> {
    (0..=40).map(|i| (50.0 * f64::from(i), 5.0 + 4.5 * libm::sin(0.4 * f64::from(i) + phase))).collect()
}

fn chart(lines: Vec<StepLine>) -> Curves {
    Curves {
        title: "Leading eigenvalues".into(),
        x: AxisSpec::linear("step").range(0.0, 2000.0),
        y: AxisSpec::linear("λ").range(0.0, 10.0),
        series: (0..4).map(|i| Series::new("run", RED, wave(f64::from(i)))).collect(),
        step_lines: lines,
        ..Default::default()
    }
}

fn step_line(label: &str, points: &[(f64, f64)]) -> StepLine {
    StepLine { label: label.into(), points: points.to_vec(), color: RED, fit: false }
}

#[test]
fn a_step_line_holds_each_value_up_to_the_next() {
    let blue = Rgb(0, 0, 255);
    let points = [(0.0, 2.0), (500.0, 8.0), (1000.0, f64::NAN), (1500.0, 4.0), (2000.0, 4.0)];
    let mut data = chart(vec![StepLine { color: blue, ..step_line("threshold", &points) }]);
    data.series.clear();
    let (svg, layout) = document((700, 400), &data);
    let plot = &layout.plots[0];
    let stroke = format!("stroke=\"{}\"", blue.css());
    let inked: Vec<(f64, f64)> = svg
        .lines()
        .filter(|l| l.starts_with("<polyline") && l.contains(&stroke))
        .flat_map(|l| {
            let points = l.split("points=\"").nth(1).and_then(|p| p.split('"').next()).expect("points");
            let point = |p: &str| p.split_once(',').map(|(x, y)| (x.parse().expect("x"), y.parse().expect("y")));
            points.split(' ').map(|p| point(p).expect("point")).collect::<Vec<(f64, f64)>>()
        })
        .collect();
    // Every inked point lies on one of the levels, where it holds, or on the jump between the first two.
    for &(px, py) in &inked {
        let (x, y) = (plot.x.at_clamped(px).unwrap(), plot.y.at_clamped(py).unwrap());
        let near = |a: f64, b: f64, tolerance: f64| (a - b).abs() < tolerance;
        // A hundredth of a pixel of rounding is below 0.1 steps and 0.001 in y.
        let held = (near(y, 2.0, 1e-2) && x <= 500.1) || (near(y, 8.0, 1e-2) && (499.9..=1000.1).contains(&x));
        let later = near(y, 4.0, 1e-2) && x >= 1499.9;
        assert!(held || later || near(x, 500.0, 0.2), "({x}, {y})");
    }
    for (value, from, to) in [(2.0, 0.0, 500.0), (8.0, 500.0, 1000.0), (4.0, 1500.0, 2000.0)] {
        let py = plot.y.px(value).unwrap();
        let xs: Vec<f64> = inked.iter().filter(|p| (p.1 - py).abs() < 0.1).map(|p| p.0).collect();
        let (min, max) = xs.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
        // The last dash may end in a gap of 3 px.
        assert!((min - plot.x.px(from).unwrap()).abs() < 4.0 && (max - plot.x.px(to).unwrap()).abs() < 4.0, "{value}");
    }
}

#[test]
fn thresholds_keep_their_number_within_the_plot_at_every_size() {
    for size in SIZES {
        for last in [4.5, 37.25, 1234.5, 0.5, -3.0] {
            let points = [(0.0, 3.0), (1000.0, last)];
            let lines = ["A: unstable above", "B Adam: stability threshold of the preconditioned Hessian"];
            let data = chart(lines.map(|l| step_line(l, &points)).to_vec());
            let (svg, layout) = document(size, &data);
            let texts = texts(&svg);
            let number = eigendrift::view::number::significant(last, 3);
            for run in ["A: ", "B Adam"] {
                let label = found(&texts, run);
                let text = label.text.trim_end_matches([' ', '↑', '↓']);
                assert!(text.ends_with(&number), "{size:?}: {label:?}");
                assert!(within(label, &layout), "{size:?}: {label:?} outside {:?}", layout.plots[0].rect);
            }
            assert_apart(&svg, &format!("{size:?}, {last}"));
        }
    }
}

#[test]
fn levels_beyond_the_range_keep_their_number_within_the_plot() {
    for size in SIZES {
        let mut data = chart(vec![]);
        let level = |label: &str, value| Level { label: label.into(), value, color: RED, fit: false };
        data.levels = vec![level("A: unstable above", 2000.0), level("B: unstable above", 20.25), level("chance", 1.0)];
        let (svg, layout) = document(size, &data);
        for (part, ending) in [("A: ", "2,000 ↑"), ("B: ", "20.2 ↑"), ("chance", "chance")] {
            let texts = texts(&svg);
            let label = found(&texts, part);
            assert!(label.text.ends_with(ending) && within(label, &layout), "{size:?}: {label:?}");
        }
        assert_apart(&svg, &format!("{size:?}"));
    }
}

#[test]
fn notes_are_drawn_and_described() {
    for size in SIZES {
        let mut data = chart(vec![step_line("A: unstable above", &[(0.0, 4.0)])]);
        let note = "D Lion has no stability threshold; that of C RMSprop is not determined";
        data.notes = vec![Note { text: note.into(), color: RED }];
        let (svg, layout) = document(size, &data);
        let all = texts(&svg);
        let lines: Vec<&Text> = all.iter().filter(|t| t.text.len() > 3 && note.contains(&t.text)).collect();
        let joined: Vec<&str> = lines.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(joined.join(" "), note, "{size:?}");
        assert!(lines.iter().all(|line| within(line, &layout)), "{size:?}");
        assert_apart(&svg, &format!("{size:?}"));
        assert!(curves::describe(&data).contains(note));
    }
}

#[test]
fn step_lines_are_described_by_their_changes() {
    let mut data = chart(vec![step_line("threshold", &[(0.0, 20.0), (50.0, 20.0), (100.0, 40.0), (150.0, 40.0)])]);
    data.series.clear();
    let words = curves::describe(&data);
    assert!(words.contains("threshold: 20 from step 0, 40 from step 100"), "{words}");
    data.step_lines[0].points = vec![(0.0, f64::NAN)];
    assert!(curves::describe(&data).contains("threshold: no values"));
}

#[test]
fn end_labels_stand_beside_the_last_points_and_apart() {
    for size in SIZES {
        for count in [1, 2, 5, 12] {
            let mut data = chart(vec![]);
            data.series = (0..count)
                .map(|i| {
                    // All end within a few pixels of each other; the last one early.
                    let end = if i + 1 == count { 1000.0 } else { 2000.0 };
                    let points = vec![(0.0, 1.0), (end, 5.0 + 0.05 * i as f64), (end + 1.0, f64::NAN)];
                    let end_label = Some(format!("B Adam, λ{}", ["₁", "₂", "₃", "₄", "₅"][i % 5]) + &".".repeat(i / 5));
                    Series { end_label, ..Series::new("", RED, points) }
                })
                .collect();
            let (svg, layout) = document(size, &data);
            assert_apart(&svg, &format!("{size:?}, {count}"));
            let texts = texts(&svg);
            let labels: Vec<&Text> = texts.iter().filter(|t| t.text.starts_with("B Adam")).collect();
            let plot = &layout.plots[0];
            // As many as have room: one each 13.2 px.
            let room = (plot.rect.height() / 13.2).floor() as usize;
            assert_eq!(labels.len(), count.min(room), "{size:?}");
            for (series, last) in data.series.iter().zip(&plot.series) {
                let Some(label) = labels.iter().find(|t| Some(&t.text) == series.end_label.as_ref()) else { continue };
                let end = last.last().unwrap();
                assert!(label.x0 > end.px && label.x0 < end.px + 10.0, "{size:?}: {label:?} beside {end:?}");
            }
        }
    }
}

#[test]
fn a_single_end_label_is_level_with_its_line_and_in_its_colour() {
    let mut data = chart(vec![]);
    data.series = vec![Series {
        end_label: Some("A SGD".into()),
        ..Series::new("A", Rgb(0, 0, 180), vec![(0.0, 1.0), (2000.0, 7.0)])
    }];
    let (svg, layout) = document((400, 240), &data);
    let texts = texts(&svg);
    let label = found(&texts, "A SGD");
    let py = layout.plots[0].y.px(7.0).unwrap();
    assert!((0.5 * (label.y0 + label.y1) - py).abs() < 3.0);
    assert!(svg.lines().any(|l| l.contains(">A SGD<") && l.contains("fill=\"#0000b4\"")));
}
