//! Spectra: eigenvalues planted in known bins are found in the bars of the SVG, outliers at their pixels.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::view::histogram::{self, Histogram, HistogramSeries, NullSpectrum};
use eigendrift::view::{AxisSpec, Layout, Rgb, Style};
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use proptest::prelude::*;

const BLUE: Rgb = Rgb(10, 20, 200);
const RED: Rgb = Rgb(200, 20, 10);

fn render(size: (u32, u32), data: &Histogram, style: &Style) -> (String, Layout) {
    let mut svg = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = histogram::draw(&area, data, style).expect("the SVG backend does not fail");
        area.present().expect("present");
        drawn
    };
    (svg, drawn)
}

fn planted() -> Histogram {
    // Ten bins of width 1: a hundred near 0.5, ten near 1.5, outliers at 6.25 and 9.75.
    let mut eigenvalues = vec![9.75, 6.25];
    eigenvalues.extend((0..100).map(|i| 0.3 + 0.004 * f64::from(i)));
    eigenvalues.extend((0..10).map(|i| 1.3 + 0.04 * f64::from(i)));
    Histogram {
        title: "Spectrum".into(),
        x: AxisSpec::linear("eigenvalue").range(0.0, 10.0),
        series: vec![HistogramSeries {
            name: "A SGD".into(),
            color: BLUE,
            eigenvalues,
            leading: 2,
            null: None,
            estimated: None,
        }],
        null: None,
        bins: 10,
        most: Some(100.0),
        apart: false,
    }
}

#[test]
fn every_eigenvalue_is_counted_once() {
    let data = planted();
    let counts = histogram::counts(&data.series[0].eigenvalues, &histogram::edges(&data));
    assert_eq!(counts, [100.0, 10.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    assert_eq!(histogram::counts(&[-5.0, 0.0, 10.0, 99.0, f64::NAN], &[0.0, 5.0, 10.0]), [2.0, 2.0]);
}

#[test]
fn bars_have_the_planted_heights() {
    let (svg, drawn) = render((640, 320), &planted(), &Style::svg(1.0, false));
    let plot = &drawn.plots[0];
    let areas: Vec<Vec<(f64, f64)>> = svg
        .lines()
        .filter(|l| l.starts_with("<polygon"))
        .map(|l| {
            let points = l.split("points=\"").nth(1).and_then(|p| p.split('"').next()).expect("points");
            let point = |p: &str| p.split_once(',').map(|(x, y)| (x.parse().expect("x"), y.parse().expect("y")));
            points.split_whitespace().map(|p| point(p).expect("point")).collect()
        })
        .collect();
    assert_eq!(areas.len(), 3, "the bulk and two outliers, with empty bins between");
    for (value, count) in [(0.5, 100.0), (1.5, 10.0), (6.5, 1.0), (9.5, 1.0)] {
        let x = plot.x.px(value).unwrap();
        let over = |a: &&Vec<(f64, f64)>| a[0].0 < x && x < a[a.len() - 1].0;
        let area = areas.iter().find(over).expect("a bar over the bin's middle");
        let step = area.windows(2).find(|w| w[0].0 < x && x < w[1].0).expect("its upper edge");
        assert!((step[0].1 - plot.y.px(count).unwrap()).abs() <= 0.5, "{value}: {step:?}");
    }
}

#[test]
fn leading_eigenvalues_are_marked_where_they_are() {
    let (svg, drawn) = render((640, 320), &planted(), &Style::svg(1.0, false));
    let plot = &drawn.plots[0];
    let blue = BLUE.css().to_uppercase();
    let heads: Vec<f64> = svg
        .lines()
        .filter(|l| l.starts_with("<circle") && l.contains(&blue))
        .map(|l| l.split("cx=\"").nth(1).and_then(|p| p.split('"').next()).expect("cx").parse().expect("number"))
        .collect();
    assert_eq!(heads.len(), 2);
    for (head, value) in heads.iter().zip([9.75, 6.25]) {
        assert!((head - plot.x.px(value).unwrap()).abs() <= 0.5);
    }
    let spot = plot.nearest(plot.x.px(6.0).unwrap())[0].unwrap();
    assert_eq!((spot.index, spot.x, spot.y), (1, 6.25, 2.0));
}

#[test]
fn runs_share_one_panel_or_have_their_own() {
    let mut data = planted();
    data.series.push(HistogramSeries {
        name: "B Adam".into(),
        color: RED,
        eigenvalues: vec![3.0; 40],
        leading: 1,
        null: None,
        estimated: None,
    });
    data.null = Some(NullSpectrum { label: "null".into(), eigenvalues: vec![5.5; 60], samples: 20 });
    let (svg, drawn) = render((640, 320), &data, &Style::svg(1.0, false));
    assert_eq!((drawn.plots.len(), drawn.plots[0].series.len()), (1, 2));
    assert!(svg.contains("\nA SGD\n") && svg.contains("\nB Adam\n") && svg.contains("\nnull\n"));
    data.apart = true;
    let (svg, drawn) = render((640, 320), &data, &Style::svg(1.0, false));
    assert_eq!((drawn.plots.len(), drawn.plots[0].series.len()), (2, 1));
    let [a, b] = [drawn.plots[0].rect, drawn.plots[1].rect];
    assert!(a.y1 < b.y0 && a.x1 == b.x1, "one above the other");
    assert!(svg.contains("\nλ₁ 9.8\n") || svg.contains("\nλ₁ 9.7\n"), "{svg}");
    assert!(svg.contains("\nA SGD\n") && svg.contains("\nB Adam\n"));
}

#[test]
fn words_say_what_the_data_are() {
    let mut data = planted();
    data.series[0].eigenvalues.push(-0.5);
    data.null = Some(NullSpectrum { label: "null model".into(), eigenvalues: vec![-0.1, 2.0], samples: 1 });
    assert_eq!(
        histogram::describe(&data),
        "Spectrum: A SGD: 113 eigenvalues from −0.500 to 9.75, 1 of them negative, leading 9.75, 6.25; \
         null model: from −0.100 to 2."
    );
}

fn awkward() -> impl Strategy<Value = f64> {
    prop_oneof![
        -10.0..10.0f64,
        (-320.0..308.0f64).prop_map(libm::exp10),
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-f64::MAX),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_panics(
        values in prop::collection::vec(prop::collection::vec(awkward(), 0..20), 0..4),
        null in prop::collection::vec(awkward(), 0..20),
        (lo, hi, most) in (awkward(), awkward(), awkward()),
        (log, fixed, apart, bins, leading) in (any::<bool>(), any::<bool>(), any::<bool>(), 0usize..80, 0usize..30),
        size in prop_oneof![Just((0, 0)), Just((60, 40)), (0u32..500, 0u32..300)],
        scale in 0.5..3.0f64,
    ) {
        let spectrum = |eigenvalues: Vec<f64>| HistogramSeries { name: "run".into(), color: RED, eigenvalues, leading, null: None, estimated: None };
        let mut x = if log { AxisSpec::log("λ") } else { AxisSpec::linear("λ") };
        if fixed {
            x = x.range(lo, hi);
        }
        let data = Histogram {
            title: "t".into(),
            x,
            series: values.into_iter().map(spectrum).collect(),
            null: Some(NullSpectrum { label: "null".into(), eigenvalues: null, samples: 0 }),
            bins,
            most: Some(most),
            apart,
        };
        let (svg, drawn) = render(size, &data, &Style::svg(scale, false));
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
        for plot in &drawn.plots {
            prop_assert!(plot.x.at(plot.rect.x0).is_some_and(f64::is_finite));
        }
        prop_assert!(!histogram::describe(&data).is_empty());
    }
}
