//! Thumbnails, the network and the loss around a point: planted points, images, shares and losses are found in the SVG.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::view::color::LIGHT;
use eigendrift::view::landscape::{Landscape, Panel};
use eigendrift::view::network::{self, Direction, Network};
use eigendrift::view::scatter::{self, ClassGrid, Image, Scatter};
use eigendrift::view::{Chart, Rgb, Style};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use proptest::prelude::*;

fn svg(size: (u32, u32), draw: impl Fn(&DrawingArea<SVGBackend, Shift>)) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&area);
        area.present().expect("present");
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    svg
}

/// The numbers of the named attributes in all tags of a kind with a fill or stroke.
fn tags<const N: usize>(svg: &str, tag: &str, color: Rgb, names: [&str; N]) -> Vec<[f64; N]> {
    let color = format!("\"{}\"", color.css().to_uppercase());
    let number = |l: &str, name: &str| {
        let at = l.find(&format!(" {name}=\"")).expect("attribute") + name.len() + 3;
        l[at..].split('"').next().expect("value").parse().expect("number")
    };
    svg.lines()
        .filter(|l| l.starts_with(&format!("<{tag} ")) && l.contains(&color))
        .map(|l| names.map(|n| number(l, n)))
        .collect()
}

#[test]
fn points_keep_their_shape_and_colour() {
    let data = Scatter {
        points: vec![((0.0, 0.0), 0), ((2.0, 0.0), 1), ((2.0, 1.0), 2), ((f64::NAN, 0.0), 0)],
        radius: 1.0,
        ..Default::default()
    };
    let svg = svg((104, 104), |area| scatter::draw(area, &data, &Style::svg(1.0, false), None).expect("drawn"));
    let at = |class| tags(&svg, "circle", LIGHT.classes[class], ["cx", "cy"]);
    // 2 × 1 in 100 × 100 pixels, 50 pixels a unit on both axes, centred.
    assert_eq!(at(0), [[2.0, 77.0]]);
    assert_eq!(at(1), [[102.0, 77.0]]);
    assert_eq!(at(2), [[102.0, 27.0]]);
}

#[test]
fn the_field_lies_behind_the_points() {
    let data = Scatter {
        title: "plane".into(),
        points: vec![((0.5, 0.5), 0)],
        radius: 2.0,
        window: Some(((-1.0, 1.0), (-1.0, 1.0))),
        class_grid: Some(ClassGrid { rows: 1, columns: 2, cells: vec![(0, 1.0), (1, 0.0)] }),
        ..Default::default()
    };
    let svg = svg((100, 100), |area| scatter::draw(area, &data, &Style::svg(1.0, false), None).expect("drawn"));
    let sure = LIGHT.surface.mix(LIGHT.classes[0], 0.4);
    assert_eq!(tags(&svg, "rect", sure, ["x", "y", "width", "height"]), [[0.0, 0.0, 50.0, 100.0]]);
    assert!(svg.find("<rect").unwrap() < svg.find("<circle").unwrap());
    assert_eq!(tags(&svg, "circle", LIGHT.classes[0], ["cx", "cy"]), [[75.0, 25.0]]);
}

#[test]
fn wrong_points_are_rings_and_earlier_borders_are_dots() {
    let before = ClassGrid { rows: 2, columns: 2, cells: vec![(0, 1.0), (1, 1.0), (0, 1.0), (1, 1.0)] };
    let data = Scatter {
        points: vec![((-0.5, 0.5), 0), ((0.5, -0.5), 1)],
        radius: 4.0,
        window: Some(((-1.0, 1.0), (-1.0, 1.0))),
        before: Some(before),
        wrong: vec![1],
        ..Default::default()
    };
    let svg = svg((100, 100), |area| scatter::draw(area, &data, &Style::svg(1.0, false), None).expect("drawn"));
    assert_eq!(tags(&svg, "circle", LIGHT.classes[0], ["cx", "cy", "r"]), [[25.0, 25.0, 4.0]]);
    assert_eq!(tags(&svg, "circle", LIGHT.classes[1], ["cx", "cy", "r"]), [[75.0, 75.0, 6.0]]);
    assert_eq!(tags(&svg, "circle", LIGHT.surface, ["cx", "cy", "r"]), [[75.0, 75.0, 4.0]]);
    // Between the columns, in every second row; there is no border between the rows.
    let dots = tags(&svg, "rect", LIGHT.ink, ["x", "y", "width"]);
    assert_eq!(dots.len(), 1);
    assert!((dots[0][0] - 50.0).abs() <= 1.0 && (dots[0][1] - 25.0).abs() <= 1.0, "{dots:?}");
}

#[test]
fn images_are_upright_and_square() {
    let data = Image { rows: 2, columns: 4, values: vec![0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], signed: false };
    let svg = svg((50, 50), |area| scatter::draw_image(area, &data, &Style::svg(1.0, false), None).expect("drawn"));
    // 12 whole pixels a cell, 48 × 24, centred in 50 × 50; the ink in the upper right corner.
    assert_eq!(tags(&svg, "rect", LIGHT.ink, ["x", "y", "width", "height"]), [[37.0, 13.0, 12.0, 12.0]]);
}

fn direction(name: &str, color: Rgb, shares: Vec<f64>) -> Direction {
    Direction { name: name.into(), color, words: String::new(), shares, images: vec![] }
}

fn two_three_one(shares: Vec<f64>) -> Network {
    Network {
        title: "Direction 1".into(),
        layers: vec![2, 3, 1],
        directions: vec![direction("A SGD", Rgb(1, 2, 200), shares)],
        ..Default::default()
    }
}

#[test]
fn lines_are_as_wide_as_v_and_as_dark_as_its_square() {
    // θ: W1 (3 × 2), b1 (3), W2 (1 × 3), b2 (1): 13 parameters; W1[2, 1] is number 2, W1[3, 2] number 5, b1[2] number 7.
    let mut shares = vec![1e-6; 13];
    (shares[2], shares[5], shares[7]) = (0.02, 0.64, 0.34);
    let data = two_three_one(shares);
    assert_eq!(data.parameters(), 13);
    let svg = svg((600, 600), |area| _ = network::draw(area, &data, &Style::svg(2.0, false), None).expect("drawn"));
    let blue = Rgb(1, 2, 200);
    let clear = |l: &str, name: &str| -> f64 {
        let at = l.find(&format!(" {name}=\"")).expect("attribute") + name.len() + 3;
        l[at..].split('"').next().unwrap().parse().unwrap()
    };
    let color = blue.css().to_uppercase();
    let lines: Vec<&str> = svg.lines().filter(|l| l.starts_with("<polyline") && l.contains(&color)).collect();
    // The others are there, as faint as the grid, and below.
    assert_eq!(svg.lines().filter(|l| l.starts_with("<polyline")).count(), 9 + 3, "three more in the key");
    assert_eq!(lines.len(), 2);
    let (weak, strong) = (lines[0], lines[1]);
    let css = |share: f64| 0.4 + 8.5 * f64::sqrt(share);
    assert_eq!(clear(weak, "stroke-width"), (2.0 * css(0.02)).round());
    assert_eq!(clear(strong, "stroke-width"), (2.0 * css(0.64)).round());
    assert!((clear(weak, "opacity") - (0.1 + 0.9 * 0.2)).abs() < 1e-9 && clear(strong, "opacity") == 1.0);
    // Two per cent are two CSS pixels less half a one, and not a fiftieth of the width of the whole.
    assert!(css(0.02) > 1.5);

    // From input 2 of 2 to unit 3 of 3.
    let points = strong.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let ends: Vec<f64> = points.split_whitespace().map(|p| p.split_once(',').unwrap().1.parse().unwrap()).collect();
    let units = tags(&svg, "circle", LIGHT.axis, ["cx", "cy"]);
    // Two inputs, and the three of four units whose bias is faint.
    assert_eq!(units.len(), 5);
    assert_eq!(ends[0], units[1][1]);
    // The bias is a ring around its unit, as thick as 0.7 lines.
    let ring = tags(&svg, "circle", blue, ["cx", "cy", "r"]);
    assert_eq!(ring.len(), 1);
    let radius = 3.5 + 0.5 * (0.7 * css(0.34) - 1.0);
    assert_eq!(ring[0][2], (2.0 * radius).round());
    // Per cent beside the strongest, and below by group.
    let text = |text: &str| svg.lines().filter(|l| l.trim() == text).count();
    assert_eq!((text("64 %"), text("34 %"), text("2 %")), (1, 1, 0));
    assert_eq!((text("W1"), text("66"), text("b1"), text("34"), text("b2")), (1, 1, 1, 1, 1));
}

#[test]
fn the_pointer_finds_units_and_the_strongest_weight() {
    let mut shares = vec![0.01; 13];
    (shares[5], shares[7]) = (0.5, 0.2);
    let chart = Chart::Network(Network { quantity: "v₂".into(), ..two_three_one(shares) });
    let (_, layout) = chart.lay_out((600, 600), &Style::canvas(2.0, false));
    let rect = layout.plots[0].rect;
    let unit = |l: f64, share: f64| (rect.x0 + l / 2.0 * rect.width(), rect.y0 + share * rect.height());
    let at = |place| chart.readout(&layout, place, 2.0);
    let middle = unit(1.0, 0.5);
    assert_eq!(at((middle.0 + 3.0, middle.1)).last().unwrap().value, "20 % of v₂");
    assert_eq!(at(middle).last().unwrap().name, "b1[2]");
    // Halfway from input 2 to unit 3.
    let (from, to) = (unit(0.0, 0.75), unit(1.0, 5.0 / 6.0));
    let line = at((0.5 * (from.0 + to.0), 0.5 * (from.1 + to.1) + 2.0));
    assert_eq!((line[0].name.as_str(), line[1].name.as_str()), ("A SGD", "W1[3, 2]"));
    assert_eq!(line[1].value, "50 % of v₂");
    assert!(at((rect.x0 + 0.3 * rect.width(), rect.y0 + 2.0)).is_empty());
}

#[test]
fn many_weights_stay_few_lines() {
    let layers = vec![64, 16, 10];
    let count = 64 * 16 + 16 + 160 + 10;
    let shares = (0..count).map(|a| if a % 60 == 0 { 0.04 } else { 1e-5 }).collect();
    let data = Network { layers, directions: vec![direction("A", Rgb(1, 2, 200), shares)], ..Default::default() };
    let svg = svg((340, 290), |area| _ = network::draw(area, &data, &Style::svg(1.0, false), None).expect("drawn"));
    let lines = svg.lines().filter(|l| l.starts_with("<polyline")).count();
    assert!((15..30).contains(&lines), "{lines}");
}

fn bowl() -> Landscape {
    let points =
        |curvature: f64| (0..=20).map(|i| f64::from(i - 10) / 10.0).map(|s| (s, 1.0 + curvature * s * s)).collect();
    let grid = ClassGrid { rows: 1, columns: 2, cells: vec![(0, 0.5), (1, 0.875)] };
    let plane = Scatter {
        points: vec![((0.0, 0.0), 0)],
        radius: 1.0,
        window: Some(((-1.0, 1.0), (-1.0, 1.0))),
        class_grid: Some(grid),
        ..Default::default()
    };
    let panel = Panel {
        name: "A SGD".into(),
        color: Some(LIGHT.runs[0]),
        words: "97 → 81 % right".into(),
        plane: Some(plane),
        loss: points(0.5),
        parabola: points(2.0),
        at: Some((0.4, 1.08)),
        slope: Some(-0.25),
        message: String::new(),
    };
    let classes = vec!["left".into(), "right".into()];
    Landscape { title: "t".into(), direction: "v₁".into(), classes, planar: true, panels: vec![panel] }
}

#[test]
fn the_loss_is_drawn_where_it_is_and_read_out() {
    let chart = Chart::Landscape(bowl());
    let (drawing, layout) = chart.lay_out((200, 300), &Style::canvas(1.0, false));
    assert_eq!(layout.plots.len(), 2);
    let (plane, curve) = (&layout.plots[0], &layout.plots[1]);
    assert!(plane.rect.y1 <= curve.rect.y0 && (plane.rect.width() - plane.rect.height()).abs() < 1e-9);
    let svg = svg((200, 300), |area| drawing.paint(area, None).expect("drawn"));
    // The dot lies on the loss at s = 0.4, and the loss fills the height but a margin.
    let dot = tags(&svg, "circle", LIGHT.ink, ["cx", "cy"])[0];
    let place = (curve.x.px(0.4).unwrap(), curve.y.px(1.08).unwrap());
    assert!((dot[0] - place.0).abs() <= 0.5 && (dot[1] - place.1).abs() <= 0.5);
    assert!(
        curve.y.px(1.5).unwrap() >= curve.rect.y0 && curve.y.px(2.0).unwrap() < curve.rect.y0,
        "the parabola leaves: {:?} {:?}",
        curve.y,
        curve.rect
    );

    let at = |place| chart.readout(&layout, place, 1.0);
    let right = at((plane.rect.x0 + 0.8 * plane.rect.width(), plane.rect.y0 + 5.0));
    assert_eq!(right[2].value, "right, 88 % sure");
    let low = at((curve.x.px(-0.5).unwrap(), curve.rect.y1 - 1.0));
    let values: Vec<&str> = low.iter().map(|line| line.value.as_str()).collect();
    assert_eq!(values, ["", "−0.50", "1.125", "1.500", "−0.250"]);
    assert_eq!(
        chart.describe(),
        "t, loss along v₁: A SGD: 97 → 81 % right, loss 1 at s = 0, 1.08 at s = +0.40, slope gᵀv −0.250 at s = 0."
    );
    let table = chart.table();
    assert_eq!(table.titles, ["s", "A SGD, loss", "A SGD, L + ½ λ s²"]);
    assert_eq!(table.rows.len(), 21);
    assert_eq!(table.rows[0], ["−1", "1.50000", "3"]);
}

#[test]
fn words_say_what_the_data_are() {
    let mut shares = vec![0.0; 13];
    (shares[5], shares[7], shares[9]) = (0.7, 0.2, 0.1);
    assert_eq!(
        network::describe(&two_three_one(shares)),
        "Direction 1 (2–3–1 units): A SGD: W1 70 %, b1 20 %, W2 10 %, b2 0 %."
    );
    let points = vec![((0.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 0.0), 1)];
    let mut data = Scatter { title: "moons".into(), points, ..Default::default() };
    assert_eq!(scatter::describe(&data), "moons: 3 points in 2 classes (1, 2).");
    data.points.truncate(1);
    assert_eq!(scatter::describe(&data), "moons: 1 point.");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_panics(
        layers in prop::collection::vec(0usize..8, 0..5),
        (share, complete, max) in (prop_oneof![Just(f64::NAN), Just(0.0), -1.0..2.0f64, Just(1e300)], any::<bool>(), -1.0..1.0f64),
        points in prop::collection::vec(((prop_oneof![-1.0..1.0f64, Just(1e300), Just(f64::NAN)], -1e9..1e9f64), 0usize..40), 0..20),
        (rows, columns, window) in (0usize..9, 0usize..9, any::<bool>()),
        size in prop_oneof![Just((0, 0)), Just((60, 40)), (0u32..300, 0u32..300)],
        scale in 0.5..3.0f64,
    ) {
        let style = Style::svg(scale, true);
        let image = Image { rows, columns, values: vec![share; rows * columns], signed: window };
        let mut data = Network { title: "t".into(), layers, ..Default::default() };
        let n = if complete { data.parameters() } else { 3 };
        data.directions =
            vec![Direction { images: vec![image.clone(); 3], ..direction("A", Rgb(1, 2, 3), vec![share; n]) }; 2];
        svg(size, |area| _ = network::draw(area, &data, &style, None).expect("drawn"));
        let chart = Chart::Network(data.clone());
        let (_, layout) = chart.lay_out(size, &style);
        chart.readout(&layout, (20.0, 30.0), scale);
        chart.table();
        svg(size, |area| scatter::draw_image(area, &image, &style, None).expect("drawn"));
        let data_words = network::describe(&data);
        let scatter = Scatter {
            title: "s".into(),
            points,
            radius: 1.5,
            window: window.then_some(((share, 1.0), (-1.0, max))),
            class_grid: Some(ClassGrid { rows, columns, cells: vec![(rows, share); rows * columns] }),
            before: Some(ClassGrid { rows, columns, cells: (0..rows * columns).map(|i| (i % 3, share)).collect() }),
            wrong: vec![0, 3],
        };
        let loss = vec![(share, max), (max, share), (0.0, 1.0)];
        let panel = Panel {
            name: "A".into(),
            plane: window.then(|| scatter.clone()),
            parabola: loss.clone(),
            loss,
            at: Some((max, share)),
            slope: Some(share),
            ..Default::default()
        };
        let planar = rows % 2 == 0;
        let chart = Chart::Landscape(Landscape { planar, panels: vec![panel; 2], ..Default::default() });
        let (drawing, layout) = chart.lay_out(size, &style);
        svg(size, |area| drawing.paint(area, None).expect("drawn"));
        for y in [10.0, 100.0, 200.0] {
            chart.readout(&layout, (20.0, y), scale);
        }
        prop_assert!(!chart.describe().is_empty() && chart.table().titles.len() == 5);
        svg(size, |area| scatter::draw(area, &scatter, &style, None).expect("drawn"));
        prop_assert!(!data_words.is_empty() && !scatter::describe(&scatter).is_empty());
    }
}
