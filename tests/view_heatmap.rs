//! Heatmaps: planted cells are recovered at their pixels, strong rows survive reduction, gaps stay empty.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::view::color::{DARK, LIGHT};
use eigendrift::view::heatmap::{self, ColorScale, Heatmap, Panel, Rows};
use eigendrift::view::{Cells, Layout, Rgb, Style};
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use proptest::prelude::*;

fn render(size: (u32, u32), data: &Heatmap, style: &Style) -> (String, Layout, Vec<Cells>) {
    let mut cells = Vec::new();
    let (mut svg, mut unused) = (String::new(), String::new());
    let drawn = {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = heatmap::draw(&area, data, style, None).expect("the SVG backend does not fail");
        area.present().expect("present");
        let area = SVGBackend::with_string(&mut unused, size).into_drawing_area();
        let again = heatmap::draw(&area, data, style, Some(&mut |c: &Cells| cells.push(c.clone()))).expect("drawn");
        assert_eq!(drawn, again);
        drawn
    };
    (svg, drawn, cells)
}

fn times(n: usize) -> Vec<f64> {
    (0..n).map(|i| 50.0 * i as f64).collect()
}

fn grouped(rows: usize, columns: usize, values: Vec<f64>, color_scale: ColorScale) -> Heatmap {
    Heatmap {
        title: "Eigenvector 1".into(),
        quantity: "v²".into(),
        time: "step".into(),
        times: times(columns),
        rows: Rows::Groups(vec![("W1".into(), rows - 2), ("b1".into(), 2)]),
        panels: vec![Panel { name: "A SGD".into(), color: Rgb(1, 2, 3), values, reached: 0 }],
        color_scale,
        max: Some(1.0),
        ..Default::default()
    }
}

#[test]
fn a_planted_cell_is_painted_where_the_axes_say() {
    let (rows, columns) = (10, 8);
    let mut values = vec![0.0; rows * columns];
    values[3 * columns + 5] = 1.0;
    let data = grouped(rows, columns, values, ColorScale::SquareRoot);
    let (svg, drawn, cells) = render((400, 300), &data, &Style::svg(1.0, false));
    let plot = &drawn.plots[0];
    // In the SVG: one rectangle of the strongest colour left of the colour bar.
    let strongest = LIGHT.sequential[8].css().to_uppercase();
    let number = |l: &str, name: &str| {
        let begin = l.find(&format!(" {name}=\"")).expect("attribute") + name.len() + 3;
        l[begin..].split('"').next().expect("value").parse::<f64>().expect("number")
    };
    let painted: Vec<&str> = svg
        .lines()
        .filter(|l| l.starts_with("<rect") && l.contains(&format!("fill=\"{strongest}\"")))
        .filter(|l| number(l, "x") < plot.rect.x1)
        .collect();
    assert_eq!(painted.len(), 1);
    let (x, y) = (number(painted[0], "x"), number(painted[0], "y"));
    let (w, h) = (number(painted[0], "width"), number(painted[0], "height"));
    assert_eq!(plot.x.at(x + 0.5 * w), Some(250.0));
    assert_eq!(plot.y.cell_at(y + 0.5 * h), Some(3));
    assert!((w - plot.rect.width() / 8.0).abs() <= 1.0 && (h - plot.rect.height() / 10.0).abs() <= 1.0);
    // For the page: the same cell in the image.
    let image = &cells[0];
    assert_eq!((image.rows, image.columns, image.rgba.len()), (rows, columns, 4 * rows * columns));
    let Rgb(r, g, b) = LIGHT.sequential[8];
    assert_eq!(image.rgba[4 * (3 * columns + 5)..][..4], [r, g, b, 255]);
    assert_eq!(image.rect, plot.rect);
}

#[test]
fn times_run_upwards_in_a_two_time_matrix() {
    let n = 4;
    let mut values = vec![0.0; n * n];
    values[n - 1] = 1.0; // row t = 0, column t' = 150
    let mut data = grouped(n, n, values, ColorScale::Linear);
    data.rows = Rows::Times;
    data.cursor = Some(100.0);
    let (_, drawn, cells) = render((400, 300), &data, &Style::svg(1.0, true));
    let strongest = DARK.sequential[8];
    let place = cells[0].rgba.chunks(4).position(|c| c[..3] == [strongest.0, strongest.1, strongest.2]);
    assert_eq!(place, Some(n * n - 1), "lower right corner");
    let plot = &drawn.plots[0];
    assert_eq!(plot.y.at(plot.rect.y1 - 1.0), Some(0.0));
    assert_eq!(plot.x.at(plot.rect.x1 - 1.0), Some(150.0));
}

#[test]
fn one_strong_row_among_a_thousand_does_not_vanish() {
    let (rows, columns) = (1210, 5);
    for strong in [0, 1, 604, 777, 1209] {
        let mut values = vec![1e-4; rows * columns];
        values[strong * columns..][..columns].fill(-0.9);
        let reduced = heatmap::reduce(&values, (rows, columns), (160, columns), ColorScale::Signed);
        let at = reduced.iter().position(|v| *v == -0.9).expect("still there") / columns;
        // Row r belongs to the block that it lies in, r·160/1210, or its neighbour by rounding.
        assert!((at as f64 - strong as f64 * 160.0 / 1210.0).abs() <= 1.0, "{strong} at {at}");
        assert_eq!(reduced.iter().filter(|v| **v == -0.9).count(), columns);
    }
}

#[test]
fn means_of_blocks_are_kept_for_overlaps() {
    let reduced =
        heatmap::reduce(&[0.0, 1.0, 0.5, 0.5, f64::NAN, 0.25, f64::NAN, f64::NAN], (2, 4), (1, 2), ColorScale::Linear);
    // (0 + 1 + 0.25) / 3, and (0.5 + 0.5) / 2 with two entries unknown
    assert!((reduced[0] - 1.25 / 3.0).abs() < 1e-15 && reduced[1] == 0.5, "{reduced:?}");
}

#[test]
fn colours_follow_the_tone_and_gaps_are_transparent() {
    let values = [0.0, 0.25, 1.0, f64::NAN, 2.0];
    let color = |c: Rgb| [c.0, c.1, c.2, 255];
    let linear = heatmap::pixels(&values, ColorScale::Linear, 1.0, &LIGHT);
    let root = heatmap::pixels(&values, ColorScale::SquareRoot, 1.0, &LIGHT);
    assert_eq!(linear[0..4], color(LIGHT.sequential[0]));
    assert_eq!(linear[4..8], color(LIGHT.sequential[2]), "a quarter of the way");
    assert_eq!(root[4..8], color(LIGHT.sequential[4]), "half of the way, √0.25");
    assert_eq!(linear[8..12], color(LIGHT.sequential[8]));
    assert_eq!(linear[12..16], [0; 4]);
    assert_eq!(linear[16..20], color(LIGHT.sequential[8]), "held at the maximum");
    let signed = heatmap::pixels(&[-3.0, 0.0, 1.5], ColorScale::Signed, 3.0, &LIGHT);
    assert_eq!(signed[0..4], color(LIGHT.diverging[0]));
    assert_eq!(signed[4..8], color(LIGHT.diverging[4]));
    assert_eq!(signed[8..12], color(LIGHT.diverging[6]));
}

#[test]
fn groups_and_runs_are_named() {
    let mut data = grouped(40, 6, vec![0.5; 240], ColorScale::SquareRoot);
    data.rows = Rows::Groups(vec![("W1".into(), 18), ("b1".into(), 1), ("W2".into(), 20), ("b2".into(), 1)]);
    data.panels.push(Panel { name: "B Adam".into(), color: Rgb(3, 2, 1), values: vec![], reached: 0 });
    let (svg, drawn, _) = render((400, 200), &data, &Style::svg(1.0, false));
    assert_eq!(drawn.plots.len(), 2);
    for name in ["\nW1\n", "\nW2\n", "\nA SGD\n", "\nB Adam\n", "\nstep\n", "\nv²\n"] {
        assert_eq!(svg.matches(name).count(), 1, "{name}");
    }
    // b1 is one row of forty, 3 px: it gives way to the larger groups where they would touch.
    let label_y = |name: &str| {
        let at = svg.find(&format!("\n{name}\n"))?;
        svg[..at].rfind(" y=\"").map(|y| svg[y + 4..].split('"').next().unwrap().parse::<f64>().unwrap())
    };
    let ys: Vec<f64> = ["W1", "b1", "W2", "b2"].iter().filter_map(|n| label_y(n)).collect();
    for pair in ys.windows(2) {
        assert!(pair[1] - pair[0] >= 11.0, "labels overlap: {ys:?}");
    }
}

#[test]
fn words_say_what_the_data_are() {
    let mut values = vec![0.001; 60];
    values[5 * 6 + 2] = 0.4;
    let mut data = grouped(10, 6, values, ColorScale::SquareRoot);
    data.panels.push(Panel { name: "B Adam".into(), color: Rgb(3, 2, 1), values: vec![f64::NAN; 60], reached: 0 });
    assert_eq!(
        heatmap::describe(&data),
        "Eigenvector 1 (10 rows, step 0 to 250): A SGD: v² from 0.00100 to 0.400, largest magnitude in W1 at step 100; \
         B Adam: no values yet."
    );
}

/// Lines of the hatching, as their lower and upper ends.
fn hatches(data: &Heatmap) -> (Vec<[(f64, f64); 2]>, Layout, String) {
    let (drawing, layout) = heatmap::lay_out((400, 300), data, &Style::canvas(1.0, false));
    let svg = eigendrift::view::svg::write(&drawing, "");
    let lines = svg.lines().filter(|l| l.starts_with("<polyline"));
    let ends = lines.map(|l| {
        let points = l.split("points=\"").nth(1).and_then(|p| p.split('"').next()).unwrap_or_default();
        let ends: Vec<(f64, f64)> = points
            .split_whitespace()
            .filter_map(|p| p.split_once(','))
            .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
            .collect();
        [ends[0], ends[ends.len() - 1]]
    });
    (ends.collect(), layout, svg)
}

#[test]
fn what_is_not_determined_is_hatched_and_what_has_not_come_is_empty() {
    // Five columns: nothing in column 1, where the run has been, nor in 3 and 4, where it has not.
    let (rows, columns) = (6, 5);
    let values = (0..rows * columns).map(|i| if [1, 3, 4].contains(&(i % columns)) { f64::NAN } else { 0.5 }).collect();
    let mut data = grouped(rows, columns, values, ColorScale::SquareRoot);
    data.panels[0].reached = 3;
    let (lines, layout, svg) = hatches(&data);
    let plot = &layout.plots[0];
    assert!(lines.len() > 10);
    for end in lines.iter().flatten() {
        let t = (end.0 - plot.rect.x0) / plot.rect.width() * columns as f64;
        assert!((0.98..=2.02).contains(&t), "in column 1 alone: {end:?}");
    }
    let (top, bottom) = lines.iter().flatten().fold((f64::MAX, 0.0_f64), |(a, b), end| (a.min(end.1), b.max(end.1)));
    assert!(top - plot.rect.y0 < 8.0 && plot.rect.y1 - bottom < 8.0, "over all rows");
    assert!(svg.contains(">hatched: not determined<"));
    let (px, py) = (plot.x.px(50.0).unwrap(), plot.y.px(2.0).unwrap());
    let read =
        |px: f64| eigendrift::view::Chart::Heatmap(data.clone()).readout(&layout, (px, py), 1.0)[2].value.clone();
    assert_eq!([read(px), read(plot.x.px(150.0).unwrap())], ["not determined", "not known yet"]);
    // Nothing is missing up to where the run has got: no lines, and no words about them.
    data.panels[0].reached = 1;
    let (lines, _, svg) = hatches(&data);
    assert!(lines.is_empty() && !svg.contains("hatched"));
}

#[test]
fn a_time_that_is_not_determined_is_hatched_in_its_row_and_column() {
    let n = 5;
    let values = (0..n * n).map(|i| if i / n == 1 || i % n == 1 || i / n == 4 || i % n == 4 { f64::NAN } else { 0.5 });
    let mut data = grouped(n, n, values.collect(), ColorScale::Linear);
    data.rows = Rows::Times;
    data.panels[0].reached = 4;
    let (lines, layout, _) = hatches(&data);
    let rect = layout.plots[0].rect;
    let mut seen = [false; 2];
    for [a, b] in lines {
        let (x, y) = (0.5 * (a.0 + b.0), 0.5 * (a.1 + b.1));
        let (column, row) = ((x - rect.x0) / rect.width() * 5.0, (rect.y1 - y) / rect.height() * 5.0);
        let (in_column, in_row) = ((1.0..=2.0).contains(&column), (1.0..=2.0).contains(&row));
        assert!((in_column || in_row) && column <= 4.0 && row <= 4.0, "{column} {row}");
        seen = [seen[0] || !in_row, seen[1] || !in_column];
    }
    assert_eq!(seen, [true; 2]);
}

#[test]
fn chance_is_marked_on_the_colour_bar() {
    let n = 4;
    let mut data = grouped(n, n, vec![0.5; n * n], ColorScale::Linear);
    data.rows = Rows::Times;
    data.labels = eigendrift::view::AxisLabels::Percent;
    data.reference = Some((0.25, "chance 25 %".into()));
    let (svg, _, cells) = render((400, 300), &data, &Style::svg(1.0, false));
    let bar = cells.last().unwrap().rect;
    assert!(bar.width() > 5.0 * bar.height());
    for text in ["\nchance 25 %\n", "\n100 %\n"] {
        assert!(svg.contains(text), "{text}");
    }
    let tick = svg.lines().filter(|l| l.starts_with("<rect") && l.contains(&LIGHT.ink.css().to_uppercase()));
    let number = |l: &str| l.split(" x=\"").nth(1).and_then(|x| x.split('"').next()).unwrap().parse::<f64>().unwrap();
    assert!(tick.clone().any(|l| (number(l) + 0.5 - (bar.x0 + 0.25 * bar.width())).abs() <= 1.5));
}

fn awkward() -> impl Strategy<Value = f64> {
    prop_oneof![
        -2.0..2.0f64,
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
    fn nothing_panics_at_any_size(
        (rows, columns, panels) in (0usize..50, 0usize..30, 0usize..5),
        (seed, max, cursor) in (prop::collection::vec(awkward(), 1..40), awkward(), awkward()),
        (as_times, fixed, complete, color_scale) in (any::<bool>(), any::<bool>(), any::<bool>(), 0..3usize),
        size in prop_oneof![Just((0, 0)), Just((60, 40)), (0u32..500, 0u32..300)],
        scale in 0.5..3.0f64,
    ) {
        let rows = if as_times { columns } else { rows };
        let n = if complete { rows * columns } else { seed.len() };
        let values: Vec<f64> = (0..n).map(|i| seed[i % seed.len()]).collect();
        let panel = Panel { name: "A long name".into(), color: Rgb(9, 9, 9), values, reached: columns / 2 };
        let data = Heatmap {
            title: "t".into(),
            quantity: "q".into(),
            time: "step".into(),
            times: times(columns),
            rows: if as_times { Rows::Times } else { Rows::Groups(vec![("W".into(), rows), ("b".into(), 0)]) },
            panels: vec![panel; panels],
            color_scale: [ColorScale::Linear, ColorScale::SquareRoot, ColorScale::Signed][color_scale],
            max: fixed.then_some(max),
            cursor: Some(cursor),
            ..Default::default()
        };
        let (svg, drawn, cells) = render(size, &data, &Style::svg(scale, false));
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
        for image in cells {
            prop_assert_eq!(image.rgba.len(), 4 * image.rows * image.columns);
            prop_assert!(image.rect.x1 <= f64::from(size.0) && image.rect.y1 <= f64::from(size.1));
        }
        for plot in &drawn.plots {
            prop_assert!(plot.x.cell_at(0.5 * (plot.rect.x0 + plot.rect.x1)).is_some());
        }
        prop_assert!(!heatmap::describe(&data).is_empty());
    }
}
