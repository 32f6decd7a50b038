//! Line charts: curves planted in data are recovered, at the right pixels, from the SVG that plotters wrote.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::view::{AxisLabels, AxisScale, AxisSpec, Layout, Rgb, Style, curves};
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use proptest::prelude::*;

const RED: Rgb = Rgb(200, 10, 20);
const GREEN: Rgb = Rgb(10, 150, 30);

fn render(size: (u32, u32), data: &curves::Curves, style: &Style) -> (String, Layout) {
    let mut svg = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = curves::draw(&area, data, style).expect("the SVG backend does not fail");
        area.present().expect("present");
        drawn
    };
    (svg, drawn)
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let begin = tag.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {tag}")) + name.len() + 3;
    &tag[begin..begin + tag[begin..].find('"').expect("closing quote")]
}

/// Points of all polylines of a colour.
fn polylines(svg: &str, color: Rgb) -> Vec<Vec<(f64, f64)>> {
    let stroke = color.css().to_uppercase();
    let lines = svg.lines().filter(|l| l.starts_with("<polyline") && attribute(l, "stroke").to_uppercase() == stroke);
    let number = |s: &str| s.parse::<f64>().expect("number");
    let point = |p: &str| p.split_once(',').map(|(x, y)| (number(x), number(y))).expect("x,y");
    lines.map(|l| attribute(l, "points").split_whitespace().map(point).collect()).collect()
}

fn linear(points: &[(f64, f64)]) -> curves::Curves {
    curves::Curves {
        title: "Test".into(),
        x: AxisSpec::linear("step").range(0.0, 100.0),
        y: AxisSpec::linear("").range(0.0, 10.0),
        series: vec![curves::Series::new("A", RED, points.to_vec())],
        ..Default::default()
    }
}

#[test]
fn points_lie_where_the_axes_say() {
    let planted = [(0.0, 0.0), (10.0, 7.0), (35.0, 2.5), (60.0, 10.0), (100.0, 5.0)];
    let (svg, drawn) = render((600, 300), &linear(&planted), &Style::svg(1.0, false));
    let rect = drawn.plots[0].rect;
    let line = &polylines(&svg, RED)[0];
    assert_eq!(line.len(), planted.len());
    for ((x, y), (px, py)) in planted.iter().zip(line) {
        // Backends take whole pixels: half a pixel of rounding.
        assert!((rect.x0 + x / 100.0 * rect.width() - px).abs() <= 0.5);
        assert!((rect.y1 - y / 10.0 * rect.height() - py).abs() <= 0.5);
    }
}

#[test]
fn decades_are_equally_far_apart_on_a_log_axis() {
    let planted: Vec<_> = (0..5).map(|i| (f64::from(i), libm::exp10(f64::from(-i)))).collect();
    let mut data = linear(&planted);
    data.x.range = None;
    data.y = AxisSpec::log("loss").range(1e-4, 1.0);
    let (svg, drawn) = render((600, 300), &data, &Style::svg(1.0, false));
    let rect = drawn.plots[0].rect;
    for (i, (_, py)) in polylines(&svg, RED)[0].iter().enumerate() {
        assert!((rect.y0 + i as f64 / 4.0 * rect.height() - py).abs() <= 0.5);
    }
    for label in ["1\n", "0.1\n", "0.01\n", "0.001\n"] {
        assert!(svg.contains(label), "no label {label}");
    }
}

#[test]
fn a_picture_of_twice_the_density_is_twice_as_large() {
    let planted = [(0.0, 1.0), (50.0, 9.0), (100.0, 3.0)];
    let (_, one) = render((400, 200), &linear(&planted), &Style::svg(1.0, false));
    let (_, two) = render((800, 400), &linear(&planted), &Style::svg(2.0, false));
    let (a, b) = (one.plots[0].rect, two.plots[0].rect);
    for (a, b) in [(a.x0, b.x0), (a.x1, b.x1), (a.y0, b.y0), (a.y1, b.y1)] {
        assert!((2.0 * a - b).abs() <= 1.0, "{a} {b}");
    }
}

/// Filled rectangles of a colour: from, to, top, bottom.
fn boxes(svg: &str, color: Rgb) -> Vec<(f64, f64, f64, f64)> {
    let fill = color.css().to_uppercase();
    let number = |l: &str, name: &str| attribute(l, name).parse::<f64>().expect("number");
    let found = svg.lines().filter(|l| l.starts_with("<rect") && attribute(l, "fill").to_uppercase() == fill);
    found
        .map(|l| {
            let (x, y) = (number(l, "x"), number(l, "y"));
            (x, x + number(l, "width"), y, y + number(l, "height"))
        })
        .collect()
}

#[test]
fn a_band_of_one_moment_is_drawn_there_and_nowhere_else() {
    let mut data = linear(&[(0.0, 5.0), (100.0, 5.0)]);
    let bars = vec![(20.0, 30.0, 2.0, 4.0), (70.0, 70.0, 6.0, 8.0)];
    data.bands.push(curves::ShadedBand { label: "".into(), extent: curves::Extent::Bars(bars), color: GREEN });
    let (svg, drawn) = render((600, 300), &data, &Style::svg(1.0, false));
    let (rect, found) = (drawn.plots[0].rect, boxes(&svg, GREEN));
    assert_eq!(found.len(), 2, "{found:?}");
    let x = |x: f64| rect.x0 + x / 100.0 * rect.width();
    let y = |y: f64| rect.y1 - y / 10.0 * rect.height();
    // The second has no width of its own: as wide as can be seen, around its x.
    let expected = [(x(20.0), x(30.0), y(4.0), y(2.0)), (x(70.0) - 2.5, x(70.0) + 2.5, y(8.0), y(6.0))];
    for (found, expected) in found.iter().zip(expected) {
        for (a, b) in [(found.0, expected.0), (found.1, expected.1), (found.2, expected.2), (found.3, expected.3)] {
            assert!((a - b).abs() <= 1.0, "{found:?} {expected:?}");
        }
    }
}

#[test]
fn chosen_points_have_dots_and_gaps_have_none() {
    let mut data = linear(&[(0.0, 5.0), (50.0, 2.0), (75.0, f64::NAN), (100.0, 5.0)]);
    data.series[0].dots = vec![1, 2];
    let (svg, drawn) = render((600, 300), &data, &Style::svg(1.0, false));
    let plot = &drawn.plots[0];
    let fill = RED.css().to_uppercase();
    let dots: Vec<&str> =
        svg.lines().filter(|l| l.starts_with("<circle") && attribute(l, "fill").to_uppercase() == fill).collect();
    assert_eq!(dots.len(), 1, "{dots:?}");
    let at = |name: &str| attribute(dots[0], name).parse::<f64>().unwrap();
    assert!((at("cx") - plot.x.px(50.0).unwrap()).abs() <= 0.5 && (at("cy") - plot.y.px(2.0).unwrap()).abs() <= 0.5);
}

#[test]
fn an_axis_of_counts_has_the_ratios_beside_them_where_there_is_room() {
    let mut data = linear(&[(0.0, 0.1), (100.0, 0.2)]);
    data.y = AxisSpec::log("about N weights").range(0.01, 0.25).labels(AxisLabels::Count(100));
    for (width, ratios) in [(400, 0), (700, 1)] {
        let (svg, drawn) = render((width, 300), &data, &Style::svg(1.0, false));
        for count in ["5", "10", "50", "100"] {
            assert_eq!(svg.matches(&format!("\n{count}\n")).count(), if count == "100" { 2 } else { 1 }, "{count}");
        }
        assert_eq!(svg.matches("\nIPR\n").count(), ratios);
        assert_eq!(svg.matches("\n0.05\n").count(), ratios);
        let (y, rect) = (&drawn.plots[0].y, drawn.plots[0].rect);
        assert!((y.px(0.05).unwrap() - y.px(0.1).unwrap() - (y.px(0.1).unwrap() - y.px(0.2).unwrap())).abs() < 1e-9);
        assert!(y.px(0.01).unwrap() == rect.y1, "up means fewer");
    }
}

#[test]
fn missing_values_break_the_line_and_outliers_are_cut_at_the_frame() {
    let planted = [(0.0, 5.0), (20.0, 5.0), (30.0, f64::NAN), (40.0, 5.0), (60.0, 1e12), (80.0, 5.0)];
    let (svg, drawn) = render((600, 300), &linear(&planted), &Style::svg(1.0, false));
    let rect = drawn.plots[0].rect;
    let lines = polylines(&svg, RED);
    assert_eq!(lines.len(), 3, "before the gap, up to the outlier, down from it: {lines:?}");
    for (x, y) in lines.iter().flatten() {
        assert!(*x >= rect.x0 - 0.5 && *x <= rect.x1 + 0.5 && *y >= rect.y0 - 0.5 && *y <= rect.y1 + 0.5);
    }
}

#[test]
fn the_pointer_reads_back_what_was_drawn() {
    let planted = [(0.0, 1.0), (50.0, 9.0), (100.0, 3.0)];
    let mut data = linear(&planted);
    data.series.push(curves::Series::new("B", GREEN, vec![(25.0, 2.0), (75.0, 4.0)]));
    data.series.push(curves::Series::new("empty", GREEN, vec![]));
    let (_, drawn) = render((600, 300), &data, &Style::svg(1.0, false));
    let plot = &drawn.plots[0];
    let middle = plot.x.px(50.0).unwrap();
    assert!((plot.x.at(middle).unwrap() - 50.0).abs() < 1e-9);
    assert_eq!(plot.x.at(plot.rect.x0 - 1.0), None);
    assert_eq!(plot.x.at_clamped(-100.0), Some(0.0));
    let near = plot.nearest(middle + 5.0);
    assert_eq!(near[0].map(|s| (s.index, s.y)), Some((1, 9.0)));
    assert_eq!(near[1].map(|s| s.index), Some(1));
    assert_eq!(near[2], None);
    let spot = plot.nearest(plot.x.px(26.0).unwrap())[1].unwrap();
    assert_eq!((spot.index, spot.x, spot.y), (0, 25.0, 2.0));
}

#[test]
fn references_are_drawn_and_named() {
    let mut data = linear(&[(0.0, 1.0), (100.0, 3.0)]);
    data.bands = vec![curves::ShadedBand {
        label: "null model, 5–95 %".into(),
        extent: curves::Extent::Constant(2.0, 4.0),
        color: GREEN,
    }];
    data.levels = vec![
        curves::Level { label: "chance".into(), value: 8.0, color: RED, fit: true },
        curves::Level { label: "stable below".into(), value: 200.0, color: RED, fit: false },
    ];
    data.markers = vec![curves::Marker { label: "η 0.05".into(), x: 30.0, color: GREEN }];
    data.cursor = Some(70.0);
    let style = Style::svg(1.0, false);
    let (svg, drawn) = render((600, 300), &data, &style);
    let plot = &drawn.plots[0];
    for word in ["null model, 5–95 %", "chance", "stable below 200 ↑", "η 0.05"] {
        assert!(svg.contains(word), "{word}");
    }
    let rects: Vec<&str> = svg.lines().filter(|l| l.starts_with("<rect")).collect();
    let number = |tag: &str, name: &str| attribute(tag, name).parse::<f64>().expect("number");
    let filled = |color: Rgb| {
        let color = color.css().to_uppercase();
        rects.iter().filter(move |r| attribute(r, "fill").to_uppercase() == color).copied().collect::<Vec<_>>()
    };
    let band = filled(GREEN).into_iter().max_by(|a, b| number(a, "width").total_cmp(&number(b, "width"))).unwrap();
    assert!((number(band, "y") - plot.y.px(4.0).unwrap()).abs() <= 0.5);
    assert!((number(band, "height") - 0.2 * plot.rect.height()).abs() <= 1.0);
    let dashes = filled(RED);
    assert!(dashes.len() > 10 && dashes.iter().all(|d| (number(d, "y") + 0.5 - plot.y.px(8.0).unwrap()).abs() <= 1.0));
    let ticks = filled(style.palette().ink);
    assert!(ticks.len() > 10 && ticks.iter().all(|d| (number(d, "x") + 0.5 - plot.x.px(70.0).unwrap()).abs() <= 1.0));
}

#[test]
fn fixed_ranges_keep_the_picture_still_while_curves_grow() {
    let all: Vec<_> = (0..=100).map(|i| (f64::from(i), 5.0 + 4.0 * libm::sin(0.1 * f64::from(i)))).collect();
    let plots: Vec<_> =
        [0, 1, 50, 101].map(|n| render((600, 300), &linear(&all[..n]), &Style::svg(1.0, false)).1).into();
    for pair in plots.windows(2) {
        assert_eq!(pair[0].plots[0].rect, pair[1].plots[0].rect);
        assert_eq!(pair[0].plots[0].x, pair[1].plots[0].x);
        assert_eq!(pair[0].plots[0].y, pair[1].plots[0].y);
    }
}

#[test]
fn a_dashed_line_keeps_its_course() {
    let mut data = linear(&[(0.0, 2.0), (100.0, 2.0)]);
    data.series[0].dash = vec![6.0, 4.0];
    let (svg, drawn) = render((600, 300), &data, &Style::svg(1.0, false));
    let lines = polylines(&svg, RED);
    let inked: f64 = lines.iter().map(|l| l.last().unwrap().0 - l[0].0).sum();
    // Six tenths of the way is ink, up to one period.
    assert!((inked - 0.6 * drawn.plots[0].rect.width()).abs() < 10.0, "{inked}");
}

#[test]
fn legends_name_every_series_once() {
    let mut data = linear(&[(0.0, 2.0), (100.0, 2.0)]);
    data.series.push(curves::Series::new("A", GREEN, vec![(0.0, 3.0), (100.0, 9.0)]));
    data.series.push(curves::Series::new("other & more", GREEN, vec![(0.0, 3.0), (100.0, 8.9)]));
    data.legend = curves::Legend::Series;
    let (svg, _) = render((600, 300), &data, &Style::svg(1.0, false));
    assert_eq!(svg.matches("\nA\n").count(), 1);
    assert_eq!(svg.matches("other &amp; more").count(), 1);
    data.legend = curves::Legend::None;
    for series in &mut data.series {
        series.end_label = Some(series.label.clone());
    }
    let (svg, _) = render((600, 300), &data, &Style::svg(1.0, false));
    assert_eq!(svg.matches("\nA\n").count(), 2, "one in each colour");
    assert_eq!(svg.matches("other &amp; more").count(), 1);
}

#[test]
fn words_say_what_the_data_are() {
    let mut data = linear(&[(0.0, 0.025), (250.0, 0.09), (1000.0, 0.04), (2000.0, 0.0431)]);
    data.title = "Localization".into();
    data.series[0].label = "run A SGD".into();
    data.series.push(curves::Series::new("run B Adam", GREEN, vec![]));
    data.bands.push(curves::ShadedBand {
        label: "null model, 5–95 %".into(),
        extent: curves::Extent::Constant(0.02, 0.051),
        color: GREEN,
    });
    data.cursor = Some(990.0);
    assert_eq!(
        curves::describe(&data),
        "Localization: run A SGD rises from 0.0250 at step 0 to 0.0431 at step 2,000, highest 0.0900 at step 250, \
         at the cursor 0.0400 at step 1,000; run B Adam: no values yet; null model, 5–95 %: 0.0200 to 0.0510."
    );
}

#[test]
fn a_dashed_line_that_leaves_the_numbers_behind_is_cut_off() {
    let mut data = linear(&[(0.0, 5e-291), (100.0, 5e-291)]);
    data.y = AxisSpec::linear("").range(0.0, 1e-290);
    let points = vec![(0.0, 1e300), (50.0, -1e300), (100.0, 5e-291)];
    data.step_lines = vec![curves::StepLine { label: "threshold".into(), points, color: GREEN, fit: false }];
    let (svg, _) = render((600, 300), &data, &Style::svg(1.0, false));
    assert!(!svg.contains("NaN") && svg.len() < 100_000);
}

/// Values that have broken plots before: zeros, signs, extremes, what is not a number.
fn awkward() -> impl Strategy<Value = f64> {
    prop_oneof![
        -10.0..10.0f64,
        (-320.0..308.0f64).prop_map(libm::exp10),
        (-320.0..308.0f64).prop_map(|e| -libm::exp10(e)),
        Just(0.0),
        Just(1.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
    ]
}

fn axis() -> impl Strategy<Value = AxisSpec> {
    let scale = prop_oneof![Just(AxisScale::Linear), Just(AxisScale::Log), Just(AxisScale::Log1p)];
    let range = prop_oneof![Just(None), (awkward(), awkward()).prop_map(Some)];
    (scale, range, "[a-zλ ]{0,8}").prop_map(|(scale, range, title)| AxisSpec {
        scale,
        range,
        title,
        ..Default::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_panics_and_nothing_leaves_the_frame(
        points in prop::collection::vec((awkward(), awkward()), 0..12),
        band in prop::collection::vec((awkward(), awkward(), awkward()), 0..4),
        (x, y) in (axis(), axis()),
        (level, marker, cursor) in (awkward(), awkward(), awkward()),
        size in prop_oneof![Just((0, 0)), Just((1, 1)), Just((60, 40)), (0u32..500, 0u32..300)],
        (scale, legend, dash) in (0.5..4.0f64, 0..3usize, prop::collection::vec(0.0..5.0f64, 0..4)),
    ) {
        let mut series = curves::Series::new("s", RED, points);
        series.dash = dash;
        series.end_label = (legend == 2).then(|| "end".into());
        let step_points = band.iter().map(|p| (p.0, p.1)).collect();
        let data = curves::Curves {
            title: "t".into(),
            x,
            y,
            series: vec![series],
            bands: vec![
                curves::ShadedBand { label: "b".into(), extent: curves::Extent::Varying(band), color: GREEN },
                curves::ShadedBand { label: "c".into(), extent: curves::Extent::Constant(level, marker), color: GREEN },
            ],
            levels: vec![curves::Level { label: "l".into(), value: level, color: GREEN, fit: true }],
            step_lines: vec![curves::StepLine { label: "s".into(), points: step_points, color: GREEN, fit: true }],
            markers: vec![curves::Marker { label: "m".into(), x: marker, color: GREEN }],
            notes: vec![curves::Note { text: "nothing to draw".into(), color: RED }],
            cursor: Some(cursor),
            legend: [curves::Legend::None, curves::Legend::Series, curves::Legend::All][legend],
            end_title: "from".into(),
            end_notes: vec![(level, "note".into(), RED)],
        };
        let (svg, drawn) = render(size, &data, &Style::svg(scale, true));
        for plot in &drawn.plots {
            let r = plot.rect;
            prop_assert!(r.x0 >= 0.0 && r.y0 >= 0.0 && r.x1 <= f64::from(size.0) && r.y1 <= f64::from(size.1), "{r:?}");
            for px in [r.x0, 0.5 * (r.x0 + r.x1), r.x1] {
                prop_assert!(plot.x.at(px).is_some_and(f64::is_finite), "{:?} at {px}", plot.x);
                prop_assert!(drawn.plot_at(px, r.y0).is_some());
            }
            for py in [r.y0, r.y1] {
                prop_assert!(plot.y.at(py).is_some_and(f64::is_finite), "{:?} at {py}", plot.y);
            }
            plot.nearest(cursor);
        }
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
        prop_assert!(!curves::describe(&data).is_empty());
    }
}
