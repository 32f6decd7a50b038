//! Axes of steps: ticks are round and stand where their step is, on linear, logarithmic and cell axes.

#![cfg(not(target_arch = "wasm32"))]

mod view_text;

use eigendrift::view::curves::{self, Curves, Series};
use eigendrift::view::heatmap::{self, Heatmap, Panel, Rows};
use eigendrift::view::{AxisSpec, Layout, Rgb, Style, svg};
use view_text::{Text, assert_apart, texts};

fn step(text: &Text) -> Option<f64> {
    text.text.replace(',', "").parse().ok()
}

/// Tick labels below the first plot, as steps with the middle of their texts.
fn ticks(svg: &str, layout: &Layout) -> Vec<(f64, f64)> {
    let rect = layout.plots[0].rect;
    // The colour bar's labels stand further below.
    let below = |t: &Text| t.y0 > rect.y1 && t.y0 < rect.y1 + 12.0 && t.x0 >= rect.x0 - 30.0 && t.x1 <= rect.x1 + 30.0;
    texts(svg).iter().filter(|t| below(t)).filter_map(|t| Some((step(t)?, 0.5 * (t.x0 + t.x1)))).collect()
}

/// 0, 1, 2 or 5 times a power of ten, or another number with at most two digits before its zeros.
fn round(step: f64) -> bool {
    let digits = format!("{step}");
    digits.trim_end_matches('0').len() <= 2
}

fn map(times: Vec<f64>, rows: Rows) -> Heatmap {
    let n = match rows {
        Rows::Times => times.len() * times.len(),
        Rows::Groups(_) => 4 * times.len(),
    };
    Heatmap {
        title: "Overlap".into(),
        time: "step".into(),
        times,
        rows,
        panels: vec![Panel { name: "A SGD".into(), color: Rgb(1, 2, 3), values: vec![0.5; n], reached: 0 }],
        max: Some(1.0),
        ..Default::default()
    }
}

#[test]
fn a_logarithmic_axis_of_steps_shows_zero_and_powers_of_ten() {
    let points: Vec<(f64, f64)> = (0..=2000).map(|i| (f64::from(i), 1.0)).collect();
    for (width, last, expected) in [
        (480, 2000.0, &[0.0, 1.0, 10.0, 100.0, 1000.0][..]),
        (700, 50_000.0, &[0.0, 1.0, 10.0, 100.0, 1000.0, 10_000.0][..]),
        (640, 50.0, &[0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0][..]),
    ] {
        let data = Curves {
            x: AxisSpec::log1p("step").range(0.0, last),
            y: AxisSpec::linear("loss"),
            series: vec![Series::new("A", Rgb(9, 9, 9), points.clone())],
            ..Default::default()
        };
        let (drawing, layout) = curves::lay_out((width, 240), &data, &Style::canvas(1.0, false));
        let document = svg::write(&drawing, "");
        assert_apart(&document, &format!("{width}"));
        let plot = &layout.plots[0];
        let found = ticks(&document, &layout);
        assert_eq!(found.iter().map(|t| t.0).collect::<Vec<_>>(), expected);
        assert_eq!(plot.x.px(0.0), Some(plot.rect.x0), "zero at the left edge");
        for (step, middle) in found {
            assert!((plot.x.px(step).unwrap() - middle).abs() < 1.0, "{step}");
        }
    }
}

#[test]
fn cells_are_labelled_with_round_steps_at_their_own_cells() {
    let even: Vec<f64> = (0..=40).map(|i| 50.0 * f64::from(i)).collect();
    let odd: Vec<f64> = (0..=14).map(|i| (137.0 * f64::from(i)).min(2000.0)).collect();
    let mut logarithmic = vec![0.0];
    for i in 0..40 {
        let step = libm::exp10(3.3 * f64::from(i) / 39.0).round();
        if step > *logarithmic.last().unwrap() {
            logarithmic.push(step);
        }
    }
    let mut mixed: Vec<f64> = (0..10).map(|i| 10.0 * f64::from(i)).collect();
    mixed.extend((1..=20).map(|i| 100.0 * f64::from(i)));
    for (name, times, must) in [
        ("even", even, &[0.0, 1000.0, 2000.0][..]),
        ("every 137", odd, &[0.0, 1000.0][..]),
        ("logarithmic", logarithmic, &[0.0, 10.0, 100.0, 1000.0][..]),
        ("mixed", mixed, &[0.0, 100.0, 1000.0][..]),
    ] {
        for width in [300, 480, 900] {
            for rows in [Rows::Times, Rows::Groups(vec![("W1".into(), 3), ("b1".into(), 1)])] {
                let data = map(times.clone(), rows);
                let (drawing, layout) = heatmap::lay_out((width, 300), &data, &Style::canvas(1.0, false));
                let document = svg::write(&drawing, "");
                assert_apart(&document, &format!("{name}, {width}"));
                let plot = &layout.plots[0];
                let found = ticks(&document, &layout);
                for step in must {
                    assert!(found.iter().any(|t| t.0 == *step), "{name}, {width}: {step} is not in {found:?}");
                }
                let each = plot.rect.width() / times.len() as f64;
                for &(step, middle) in &found {
                    assert!(round(step), "{name}: {step}");
                    let away = |t: &f64| (t - step).abs();
                    let near = times.iter().enumerate().min_by(|a, b| away(a.1).total_cmp(&away(b.1))).unwrap().0;
                    let centre = plot.rect.x0 + (near as f64 + 0.5) * each;
                    // Labels at the edges are moved inwards by half their width at most.
                    let slack = if middle < plot.rect.x0 + 20.0 || middle > plot.rect.x1 - 20.0 { 20.0 } else { 0.5 };
                    assert!((middle - centre).abs() <= 0.5 * each + slack, "{name}, {width}: {step} at {middle}");
                }
            }
        }
    }
}

#[test]
fn steps_between_round_ones_are_labelled_as_they_are() {
    let data = map(vec![137.0, 138.0, 139.0, 141.0], Rows::Times);
    let (drawing, layout) = heatmap::lay_out((400, 300), &data, &Style::canvas(1.0, false));
    let found = ticks(&svg::write(&drawing, ""), &layout);
    assert!(!found.is_empty() && found.iter().all(|t| (137.0..=141.0).contains(&t.0)), "{found:?}");
}
