//! Forest plots: planted estimates are found where their marks are in the SVG, arrows where intervals leave the axis, and
//! verdicts by symbol as well as by colour.

#![cfg(not(target_arch = "wasm32"))]

mod view_text;

use eigendrift::claims::{Unit, Verdict};
use eigendrift::view::figure::{self, Caption};
use eigendrift::view::forest::{Estimate, Forest, ForestRow};
use eigendrift::view::{Chart, DataTable, Layout, Style, color, svg};
use proptest::prelude::*;
use view_text::{assert_apart, texts};

fn estimate(value: f64, low: f64, high: f64, verdict: Verdict) -> Estimate {
    Estimate { value: Some(value), interval: Some((low, high)), verdict }
}

const MISSING: Estimate = Estimate { value: None, interval: None, verdict: Verdict::Undecided };

fn planted(columns: &[&str]) -> Forest {
    let row = |claim: &str, unit, estimate: Estimate| ForestRow {
        claim: claim.into(),
        detail: "what is compared".into(),
        unit,
        estimates: vec![estimate; columns.len()],
    };
    Forest {
        title: "Claims".into(),
        columns: columns.iter().map(|name| (*name).into()).collect(),
        rows: vec![
            row("first", Unit::Difference, estimate(0.07, 0.06, 0.08, Verdict::Supported)),
            row("second", Unit::Difference, estimate(-0.05, -0.1, 0.01, Verdict::Undecided)),
            row("third", Unit::Factor, estimate(0.5, 0.35, 0.7, Verdict::Contradicted)),
            row("fourth", Unit::Factor, estimate(2.25, 1.77, 2.88, Verdict::Supported)),
        ],
        difference: Some(0.2),
        factor: Some(4.0),
    }
}

fn draw(data: &Forest, width: u32) -> (String, Layout) {
    let size = (width, data.natural_height(f64::from(width)) as u32);
    let chart = Chart::Forest(data.clone());
    let (drawing, layout) = chart.lay_out(size, &Style::canvas(1.0, false));
    (svg::write(&drawing, &chart.describe()), layout)
}

/// The attribute `name` of a line of SVG.
fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
    line.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).expect("the attribute")
}

fn numbers(line: &str, names: [&str; 2]) -> (f64, f64) {
    let number = |name| attribute(line, name).parse().expect("a number");
    (number(names[0]), number(names[1]))
}

/// Centres of the dots of a colour.
fn dots(svg: &str, fill: &str) -> Vec<(f64, f64)> {
    let circles = svg.lines().filter(|l| l.starts_with("<circle") && attribute(l, "fill") == fill);
    circles.map(|l| numbers(l, ["cx", "cy"])).collect()
}

/// The bars of a colour: (left, right, middle from the top).
fn bars(svg: &str, fill: &str) -> Vec<(f64, f64, f64)> {
    let boxes =
        svg.lines().filter(|l| l.starts_with("<rect") && attribute(l, "fill") == fill && !l.contains("opacity"));
    let bars = boxes.map(|l| {
        let ((x, y), (width, height)) = (numbers(l, ["x", "y"]), numbers(l, ["width", "height"]));
        (x, x + width, y + 0.5 * height)
    });
    // What is narrower is a dash.
    bars.filter(|bar| bar.1 - bar.0 > 3.0).collect()
}

#[test]
fn planted_estimates_are_found_in_the_drawing() {
    let (supported, undecided) = (color::LIGHT.diverging[1].css(), color::LIGHT.muted.css());
    for columns in [&[""][..], &["spirals", "moons", "wine"]] {
        let data = planted(columns);
        let (svg, layout) = draw(&data, 900);
        assert_eq!(layout.plots.len(), 4 * columns.len());
        for (index, plot) in layout.plots.iter().enumerate() {
            let row = &data.rows[index / columns.len()];
            let estimate = row.estimates[0];
            let (value, (low, high)) = (estimate.value.unwrap(), estimate.interval.unwrap());
            let spot = plot.series[0][0];
            assert_eq!((spot.x, spot.y, spot.index), (value, (index / columns.len()) as f64, index % columns.len()));
            let place = match row.unit {
                // From −0.2 to 0.2, and from 1/4 to 4 in equal ratios.
                Unit::Difference => (value + 0.2) / 0.4,
                Unit::Factor => (value.log2() + 2.0) / 4.0,
            };
            assert!((spot.px - plot.rect.x0 - place * plot.rect.width()).abs() < 1e-6, "{}", row.claim);
            let fill = match estimate.verdict {
                Verdict::Supported => &supported,
                Verdict::Undecided => &undecided,
                Verdict::Contradicted => continue,
            };
            let near = |(x, y): &(f64, f64)| (x - spot.px).abs() <= 0.01 && (y - spot.py).abs() <= 0.01;
            assert!(dots(&svg, fill).iter().any(near), "{}: a dot at {spot:?}", row.claim);
            let (left, right) = (plot.x.px(low).unwrap(), plot.x.px(high).unwrap());
            // Bars have whole pixels.
            let ends = |bar: &(f64, f64, f64)| {
                (bar.0 - left).abs() <= 0.5 && (bar.1 - right).abs() <= 0.5 && (bar.2 - spot.py).abs() <= 1.5
            };
            assert!(bars(&svg, fill).iter().any(ends), "{}: a bar from {left} to {right}", row.claim);
        }
    }
}

#[test]
fn the_shaded_side_begins_at_no_effect() {
    let (svg, layout) = draw(&planted(&[""]), 900);
    let boxes = svg.lines().filter(|l| l.starts_with("<rect") && l.contains("fill-opacity=\"0.1\""));
    let shades: Vec<(f64, f64)> = boxes.map(|l| numbers(l, ["x", "width"])).collect();
    assert_eq!(shades.len(), 4);
    for ((x, width), (plot, none)) in shades.iter().zip(layout.plots.iter().zip([0.0, 0.0, 1.0, 1.0])) {
        assert!((x - plot.x.px(none).unwrap()).abs() <= 0.5);
        assert!((x + width - plot.rect.x1).abs() <= 0.5);
    }
}

#[test]
fn verdicts_are_told_without_colour() {
    let (svg, _) = draw(&planted(&[""]), 900);
    for text in
        ["● supported", "✕ contradicted", "○ undecided", ">×2.25<", ">[1.77, 2.88]<", ">−0.05<", ">[−0.10, +0.01]<"]
    {
        assert!(svg.contains(text), "{text}");
    }
    let (svg, _) = draw(&planted(&["a", "b", "c", "d"]), 900);
    for text in ["● +0.07", "○ −0.05", "✕ ×0.50", "● ×2.25"] {
        assert_eq!(svg.matches(text).count(), 4, "{text}");
    }
    // The contradicted one is a cross of two strokes.
    let brown = color::LIGHT.diverging[7].css();
    let strokes = svg.lines().filter(|l| l.starts_with("<polyline") && attribute(l, "stroke") == brown).count();
    assert_eq!((strokes, dots(&svg, &brown).len()), (8, 0));
}

#[test]
fn what_leaves_the_axis_has_an_arrow() {
    let mut data = planted(&[""]);
    data.rows.truncate(1);
    let arrows = |data: &Forest| {
        let (svg, layout) = draw(data, 900);
        let polygons = svg.lines().filter(|l| l.starts_with("<polygon"));
        let tips = polygons.map(|l| attribute(l, "points").split(',').next().unwrap().parse::<f64>().unwrap());
        (tips.collect::<Vec<_>>(), layout.plots[0].clone())
    };
    assert_eq!(arrows(&data).0, Vec::<f64>::new());
    data.rows[0].estimates[0] = estimate(0.1, -0.05, 0.3, Verdict::Undecided);
    let (tips, plot) = arrows(&data);
    assert!(tips.len() == 1 && tips[0] > plot.rect.x1 && plot.series[0].len() == 1);
    // The whole interval beyond the axis: an arrow, and no dot.
    data.rows[0].estimates[0] = estimate(-0.4, -0.5, -0.3, Verdict::Contradicted);
    let (tips, plot) = arrows(&data);
    assert!(tips.len() == 1 && tips[0] < plot.rect.x0 && plot.series[0].is_empty());
    // An axis from the data holds everything.
    data.difference = None;
    assert_eq!(arrows(&data).0, Vec::<f64>::new());
}

#[test]
fn missing_estimates_and_intervals_are_said() {
    let mut data = planted(&[""]);
    data.rows[0].estimates[0] = MISSING;
    data.rows[1].estimates.clear();
    data.rows[2].estimates[0].interval = None;
    let (svg, layout) = draw(&data, 900);
    assert_eq!(svg.matches(">no estimate<").count(), 2);
    assert!(svg.contains(">no interval<"));
    assert!(layout.plots[0].series[0].is_empty() && layout.plots[1].series[0].is_empty());
    let words = Chart::Forest(data).describe();
    assert_eq!(
        words,
        "Claims: first: no estimate. second: no estimate. third: ×0.50 no interval, contradicted. fourth: ×2.25 [1.77, 2.88], supported."
    );
}

#[test]
fn figures_are_complete_and_nothing_overlaps() {
    let names = ["spirals", "moons", "blobs", "digits4x4", "digits-pc16", "iris", "wine", "cancer"];
    for (columns, width) in [(&[""][..], 1160), (&[""], 700), (&names[..2], 700), (&names, 1160), (&names, 700)] {
        for dark in [false, true] {
            let mut data = planted(columns);
            data.rows[1].estimates[0] = MISSING;
            let height = data.natural_height(f64::from(width)) as u32 + 100;
            let caption = Caption { title: String::new(), lines: vec!["32 seeds".into()] };
            let svg = figure::svg(&Chart::Forest(data), &caption, (width, height), dark);
            assert_apart(&svg, &format!("{columns:?} {width}"));
            let found = texts(&svg);
            for text in ["Claims", "first", "fourth", "what is compared", "● supported", "32 seeds"] {
                assert!(found.iter().any(|t| t.text == text), "{columns:?} {width}: {text}");
            }
            let symbols = found.iter().filter(|t| t.text.starts_with('✕')).count();
            assert_eq!(symbols, columns.len() + 1, "each contradicted estimate and the key");
        }
    }
}

#[test]
fn the_table_has_every_estimate() {
    let mut data = planted(&["spirals", "moons"]);
    data.rows.truncate(2);
    data.rows[1].estimates[1] = MISSING;
    let texts = |row: &[&str]| row.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let first = "+0.07 [+0.06, +0.08], supported";
    let rows = vec![texts(&["first", first, first]), texts(&["second", "−0.05 [−0.10, +0.01], undecided", "–"])];
    let table = DataTable { titles: texts(&["claim", "spirals", "moons"]), rows, total: 2 };
    assert_eq!(Chart::Forest(data).table(), table);
}

#[test]
fn the_readout_is_that_of_row_and_column() {
    let data = planted(&["spirals", "moons"]);
    let (_, layout) = draw(&data, 900);
    let chart = Chart::Forest(data);
    let plot = &layout.plots[7];
    let lines = chart.readout(&layout, (plot.rect.x0 + 1.0, plot.rect.y0 + 1.0), 1.0);
    let texts: Vec<(&str, &str)> = lines.iter().map(|line| (line.name.as_str(), line.value.as_str())).collect();
    let expected =
        [("fourth", "moons"), ("estimate", "×2.25"), ("95 % interval", "[1.77, 2.88]"), ("verdict", "supported")];
    assert_eq!(texts, expected);
    // Over the claims, the first column.
    let lines = chart.readout(&layout, (1.0, layout.plots[2].rect.y0 + 1.0), 1.0);
    assert_eq!((lines[0].name.as_str(), lines[0].value.as_str()), ("second", "spirals"));
    assert!(chart.readout(&layout, (1.0, 1e6), 1.0).is_empty());
}

proptest! {
    /// No size and no number makes the drawing fail, and all marks have finite places within the picture.
    #[test]
    fn any_numbers_can_be_drawn(
        values in proptest::collection::vec(proptest::num::f64::ANY, 3),
        factor in any::<bool>(),
        width in 1_u32..1500,
        height in 1_u32..900,
        columns in 0_usize..10,
        axis in proptest::option::of(proptest::num::f64::ANY),
    ) {
        let unit = if factor { Unit::Factor } else { Unit::Difference };
        let estimates = vec![estimate(values[0], values[1], values[2], Verdict::Contradicted); columns];
        let row = ForestRow { claim: "claim".into(), detail: "detail".into(), unit, estimates };
        let data = Forest {
            title: "any".into(),
            columns: vec!["column".into(); columns],
            rows: vec![row; 3],
            difference: axis,
            factor: axis,
        };
        let chart = Chart::Forest(data);
        let (drawing, layout) = chart.lay_out((width, height), &Style::canvas(1.0, false));
        let svg = svg::write(&drawing, &chart.describe());
        prop_assert!(!svg.contains("NaN\"") && !svg.contains("inf\""));
        for point in layout.plots.iter().flat_map(|plot| plot.series.iter().flatten()) {
            prop_assert!((0.0..=f64::from(width)).contains(&point.px));
        }
        let _ = chart.table();
        let _ = chart.readout(&layout, (f64::from(width) / 2.0, f64::from(height) / 2.0), 1.0);
    }
}
