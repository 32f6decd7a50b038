//! Thumbnails and the network drawn: planted points, images and shares are found in the SVG.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::view::color::LIGHT;
use eigendrift::view::network::{self, Direction, Network};
use eigendrift::view::scatter::{self, ClassGrid, Image, Scatter};
use eigendrift::view::{Rgb, Style};
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
    let at = |class| tags(&svg, "circle", LIGHT.runs[class], ["cx", "cy"]);
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
    };
    let svg = svg((100, 100), |area| scatter::draw(area, &data, &Style::svg(1.0, false), None).expect("drawn"));
    let sure = LIGHT.surface.mix(LIGHT.runs[0], 0.4);
    assert_eq!(tags(&svg, "rect", sure, ["x", "y", "width", "height"]), [[0.0, 0.0, 50.0, 100.0]]);
    assert!(svg.find("<rect").unwrap() < svg.find("<circle").unwrap());
    assert_eq!(tags(&svg, "circle", LIGHT.runs[0], ["cx", "cy"]), [[75.0, 25.0]]);
}

#[test]
fn images_are_upright_and_square() {
    let data = Image { rows: 2, columns: 4, values: vec![0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], signed: false };
    let svg = svg((50, 50), |area| scatter::draw_image(area, &data, &Style::svg(1.0, false), None).expect("drawn"));
    // 12 whole pixels a cell, 48 × 24, centred in 50 × 50; the ink in the upper right corner.
    assert_eq!(tags(&svg, "rect", LIGHT.ink, ["x", "y", "width", "height"]), [[37.0, 13.0, 12.0, 12.0]]);
}

fn two_three_one(shares: Vec<f64>) -> Network {
    Network {
        title: "Direction 1".into(),
        layers: vec![2, 3, 1],
        directions: vec![Direction { name: "A SGD".into(), color: Rgb(1, 2, 200), shares, images: vec![] }],
        max: Some(1.0),
    }
}

#[test]
fn the_strongest_parameter_is_the_thickest_line() {
    // θ: W1 (3 × 2), b1 (3), W2 (1 × 3), b2 (1): 13 parameters; W1[2, 1] is number 5, b1[1] number 7.
    let mut shares = vec![1e-4; 13];
    shares[5] = 1.0;
    shares[7] = 0.25;
    let data = two_three_one(shares);
    assert_eq!(data.parameters(), 13);
    let svg = svg((300, 200), |area| network::draw(area, &data, &Style::svg(2.0, false), None).expect("drawn"));
    let blue = Rgb(1, 2, 200);
    let lines: Vec<&str> = svg.lines().filter(|l| l.starts_with("<polyline")).collect();
    assert_eq!(lines.len(), 9);
    let widths = tags(&svg, "polyline", blue, ["stroke-width"]);
    assert_eq!(widths[8], [8.0], "4 CSS pixels at scale 2, drawn last");
    assert!(widths[..8].iter().all(|w| w[0] <= 2.0));
    let points = lines[8].split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let ends: Vec<f64> = points.split_whitespace().map(|p| p.split_once(',').unwrap().1.parse().unwrap()).collect();
    // From input 1 of 2 to unit 2 of 3: three quarters and five sixths down the same height.
    let units = tags(&svg, "circle", LIGHT.muted, ["cx", "cy"]);
    assert_eq!(units.len(), 6);
    assert_eq!((ends[0], ends[1]), (units[1][1], units[4][1]));
    // A bias of share 1/4 has a disc of half the largest radius, 5 CSS pixels.
    let discs = tags(&svg, "circle", blue, ["cy", "r"]);
    assert_eq!(discs, [[units[3][1], 5.0]]);
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
        let mut data = Network { title: "t".into(), layers, directions: vec![], max: Some(max) };
        let n = if complete { data.parameters() } else { 3 };
        data.directions =
            vec![Direction { name: "A".into(), color: Rgb(1, 2, 3), shares: vec![share; n], images: vec![image.clone(); 3] }; 2];
        svg(size, |area| network::draw(area, &data, &style, None).expect("drawn"));
        svg(size, |area| scatter::draw_image(area, &image, &style, None).expect("drawn"));
        let data_words = network::describe(&data);
        let scatter = Scatter {
            title: "s".into(),
            points,
            radius: 1.5,
            window: window.then_some(((share, 1.0), (-1.0, max))),
            class_grid: Some(ClassGrid { rows, columns, cells: vec![(rows, share); rows * columns] }),
        };
        svg(size, |area| scatter::draw(area, &scatter, &style, None).expect("drawn"));
        prop_assert!(!data_words.is_empty() && !scatter::describe(&scatter).is_empty());
    }
}
