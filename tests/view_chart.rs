//! Charts of every kind: their tables, readouts and overlays agree with the data that was planted.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::view::curves::{Curves, Series, StepLine};
use eigendrift::view::heatmap::HeatmapMarks;
use eigendrift::view::heatmap::{Heatmap, Panel, Rows};
use eigendrift::view::histogram::{Histogram, HistogramSeries, NullSpectrum};
use eigendrift::view::network::{Direction, Network};
use eigendrift::view::overlay::{self, Cursor};
use eigendrift::view::panels::{CurvePanel, CurvePanels};
use eigendrift::view::readout::ReadoutLine;
use eigendrift::view::scatter::Scatter;
use eigendrift::view::{AxisSpec, Chart, Rgb, Style, svg, table};

const RED: Rgb = Rgb(200, 10, 20);
const BLUE: Rgb = Rgb(10, 20, 200);

fn curves() -> Chart {
    Chart::Curves(Curves {
        title: "Loss".into(),
        x: AxisSpec::linear("step").range(0.0, 100.0),
        y: AxisSpec::linear("loss").range(0.0, 4.0),
        series: vec![
            Series::new("A", RED, vec![(0.0, 1.5), (50.0, 0.25), (100.0, f64::NAN)]),
            Series::new("B", BLUE, vec![(100.0, 3.0), (0.0, 2.0)]),
        ],
        step_lines: vec![StepLine {
            label: "threshold".into(),
            points: vec![(0.0, 20.0), (60.0, 40.0)],
            color: RED,
            fit: false,
        }],
        ..Default::default()
    })
}

fn heatmap() -> Chart {
    let values = (0..12).map(f64::from).collect();
    Chart::Heatmap(Heatmap {
        title: "Eigenvector".into(),
        quantity: "v²".into(),
        time: "step".into(),
        times: vec![0.0, 50.0, 100.0, 150.0],
        rows: Rows::Groups(vec![("W1".into(), 2), ("b1".into(), 1)]),
        panels: vec![
            Panel { name: "A".into(), color: RED, values, reached: 0 },
            Panel { name: "B".into(), color: BLUE, values: vec![], reached: 0 },
        ],
        ..Default::default()
    })
}

fn histogram() -> Chart {
    Chart::Histogram(Histogram {
        title: "Spectrum".into(),
        x: AxisSpec::linear("λ").range(0.0, 10.0),
        series: vec![HistogramSeries {
            name: "A".into(),
            color: RED,
            eigenvalues: vec![9.5, 0.5, 0.25],
            leading: 1,
            null: None,
            estimated: None,
        }],
        null: Some(NullSpectrum { label: "null".into(), eigenvalues: vec![0.5, 0.75, 9.25], samples: 2 }),
        bins: 2,
        ..Default::default()
    })
}

fn rows(chart: &Chart) -> Vec<String> {
    chart.table().rows.iter().map(|row| row.join(" | ")).collect()
}

fn text(lines: &[ReadoutLine]) -> Vec<String> {
    lines.iter().map(|line| format!("{}: {}", line.name, line.value)).collect()
}

#[test]
fn tables_hold_the_data() {
    assert_eq!(curves().table().titles, ["step", "A", "B", "threshold"]);
    assert_eq!(
        rows(&curves()),
        ["0 | 1.50000 | 2 | 20", "50 | 0.250000 | – | –", "60 | – | – | 40", "100 | – | 3 | –"]
    );
    assert_eq!(heatmap().table().titles, ["run and row", "step 0", "step 50", "step 100", "step 150"]);
    assert_eq!(
        rows(&heatmap())[..3],
        ["A, W1, row 1 | 0 | 1 | 2 | 3", "A, W1, row 2 | 4 | 5 | 6 | 7", "A, b1, row 1 | 8 | 9 | 10 | 11"]
    );
    assert_eq!(rows(&heatmap())[3], "B, W1, row 1 | – | – | – | –");
    assert_eq!(histogram().table().titles, ["λ from", "to", "A", "null"]);
    assert_eq!(rows(&histogram()), ["0 | 5 | 2 | 1", "5 | 10 | 1 | 0.500"]);
    let direction =
        |name: &str, shares| Direction { name: name.into(), color: RED, words: String::new(), shares, images: vec![] };
    let known = direction("A", vec![0.5, 0.25, 0.125, 0.125]);
    let layers = vec![1, 2];
    let network =
        Chart::Network(Network { layers, directions: vec![known, direction("B", vec![])], ..Default::default() });
    assert_eq!(network.table().titles, ["parameters", "A, share in %", "B, share in %"]);
    assert_eq!(rows(&network)[..3], ["W1 | 75 | –", "b1 | 25 | –", "W1[1, 1] | 50 | –"]);
    assert_eq!(rows(&network).len(), 6, "each parameter where there are few");
    let scatter = Chart::Scatter(Scatter { points: vec![((0.5, -1.0), 0), ((2.0, 3.0), 1)], ..Default::default() });
    assert_eq!(rows(&scatter), ["1 | 0.5000 | −1 | 1", "2 | 2 | 3 | 2"]);
}

#[test]
fn long_tables_are_thinned_to_both_ends() {
    let points = (0..=1000).map(|i| (f64::from(i), f64::from(2 * i))).collect();
    let chart = Chart::Curves(Curves { series: vec![Series::new("A", RED, points)], ..Default::default() });
    let data = chart.table();
    assert_eq!((data.rows.len(), data.total), (table::ROWS, 1001));
    assert_eq!((data.rows[0].join(" "), data.rows[199].join(" ")), ("0 0".into(), "1,000 2,000".into()));
    assert!(data.rows.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn tables_of_all_kinds_are_rectangular() {
    for chart in
        [curves(), heatmap(), histogram(), Chart::Heatmap(Heatmap::default()), Chart::Curves(Curves::default())]
    {
        let data = chart.table();
        assert!(data.rows.iter().all(|row| row.len() == data.titles.len()), "{data:?}");
    }
}

#[test]
fn readouts_give_the_values_under_the_pointer() {
    let style = Style::canvas(1.0, false);
    let at = |chart: &Chart, plot: usize, x: f64, y: f64| {
        let (_, layout) = chart.lay_out((500, 300), &style);
        let axes = &layout.plots[plot];
        text(&chart.readout(&layout, (axes.x.px(x).unwrap() + 1.0, axes.y.px(y).unwrap() + 1.0), 1.0))
    };
    assert_eq!(at(&curves(), 0, 1.0, 2.0), ["step: 0", "A: 1.500", "B: 2", "threshold: 20"]);
    assert_eq!(at(&curves(), 0, 98.0, 2.0), ["step: 100", "B: 3", "threshold: 40"]);
    assert_eq!(at(&heatmap(), 0, 100.0, 1.0), ["A: step 100", "row: W1, row 2", "v²: 6"]);
    assert_eq!(at(&heatmap(), 1, 0.0, 2.0), ["B: step 0", "row: b1, row 1", "v²: not known yet"]);
    assert_eq!(at(&histogram(), 0, 7.0, 1.0), ["λ: 5 to 10", "A: 1 eigenvalue", "null: 0.500"]);
    let (_, layout) = Chart::Curves(Curves::default()).lay_out((500, 300), &style);
    assert!(Chart::Curves(Curves::default()).readout(&layout, (100.0, 100.0), 1.0).is_empty());
}

#[test]
fn panels_share_their_axes_and_keep_their_own_data() {
    let panel = |name: &str, color, y: f64| {
        let series = vec![Series::new("D", color, vec![(10.0, 0.0), (100.0, y)])];
        CurvePanel { name: name.into(), color, curves: Curves { series, ..Default::default() } }
    };
    let chart = Chart::CurvePanels(CurvePanels {
        title: "Displacement".into(),
        x: AxisSpec::linear("lag"),
        panels: vec![panel("A SGD", RED, 1.0), panel("B Adam", BLUE, 8.0)],
        ..Default::default()
    });
    let (_, layout) = chart.lay_out((600, 300), &Style::canvas(1.0, false));
    let [a, b] = &layout.plots[..] else { panic!("two plots") };
    assert!(a.rect.x1 < b.rect.x0);
    assert_eq!((a.y.px(8.0), a.y.px(1.0)), (b.y.px(8.0), b.y.px(1.0)), "one vertical axis");
    let end = b.series[0][1];
    assert_eq!((b.x.px(100.0), b.y.px(8.0)), (Some(end.px), Some(end.py)), "points move with their panel");
    assert_eq!(text(&chart.readout(&layout, (end.px, end.py), 1.0)), ["B Adam: ", "lag: 100", "D: 8"]);
    assert_eq!(chart.table().titles, ["lag", "A SGD, D", "B Adam, D"]);
    assert_eq!(rows(&chart), ["10 | 0 | 0", "100 | 1 | 8"]);
    assert_eq!(
        chart.describe(),
        "Displacement: A SGD: D rises from 0 at lag 10 to 1 at lag 100. B Adam: D rises from 0 at lag 10 to 8 at lag 100."
    );
}

#[test]
fn rows_are_named_by_the_caller_where_it_can() {
    let Chart::Heatmap(mut data) = heatmap() else { unreachable!("a heatmap") };
    data.row_names = ["W1[1, 1]", "W1[1, 2]", "b1[1]"].map(String::from).to_vec();
    assert_eq!(Chart::Heatmap(data).table().rows[1][0], "A, W1[1, 2]");
}

#[test]
fn the_cursor_is_marked_on_lines_and_points() {
    let style = Style::canvas(1.0, false);
    let (chart, size) = (curves(), (500, 300));
    let (_, layout) = chart.lay_out(size, &style);
    let plot = &layout.plots[0];
    let cursor = Cursor { x: Some(50.0), index: Some(1), ..Cursor::default() };
    let document = svg::write(&overlay::lay_out(&chart, &layout, &cursor, size, &style), "");
    let (px, py) = (plot.x.px(50.0).unwrap(), plot.y.px(0.25).unwrap());
    // A's second point in its colour; B's second point is at x = 0.
    let dots: Vec<&str> = document.lines().filter(|l| l.starts_with("<circle") && l.contains(&RED.css())).collect();
    let number = |tag: &str, name: &str| -> f64 {
        tag.split(&format!(" {name}=\""))
            .nth(1)
            .and_then(|v| v.split('"').next())
            .expect("value")
            .parse()
            .expect("number")
    };
    assert_eq!(dots.len(), 1);
    assert!((number(dots[0], "cx") - px).abs() < 0.01 && (number(dots[0], "cy") - py).abs() < 0.01);
    let ink = style.palette().ink.css();
    let line: Vec<&str> = document.lines().filter(|l| l.starts_with("<rect") && l.contains(&ink)).collect();
    assert!(line.len() > 20 && line.iter().all(|l| (number(l, "x") + 0.5 - px).abs() <= 1.0));
}

#[test]
fn what_comes_after_the_cursor_is_pale_and_main_lines_have_their_value() {
    let style = Style::canvas(1.0, false);
    let (Chart::Curves(mut data), size) = (curves(), (500, 300)) else { unreachable!("curves") };
    data.series[0].is_main = true;
    let chart = Chart::Curves(data);
    let (_, layout) = chart.lay_out(size, &style);
    let (plot, surface) = (&layout.plots[0], style.palette().surface.css());
    let drawn = |veil: bool| {
        let cursor = Cursor { x: Some(50.0), index: Some(1), veil, ..Cursor::default() };
        svg::write(&overlay::lay_out(&chart, &layout, &cursor, size, &style), "")
    };
    let wide = |document: &str| {
        let number = |l: &str, name: &str| -> f64 {
            l.split(&format!(" {name}=\"")).nth(1).and_then(|v| v.split('"').next()).unwrap().parse().unwrap()
        };
        let boxes = document.lines().filter(|l| l.starts_with("<rect") && l.contains(&surface));
        let found: Vec<(f64, f64)> =
            boxes.map(|l| (number(l, "x"), number(l, "width"))).filter(|b| b.0 > 0.0 && b.1 > 100.0).collect();
        found
    };
    assert_eq!(wide(&drawn(false)), []);
    let veils = wide(&drawn(true));
    let px = plot.x.px(50.0).unwrap();
    assert_eq!(veils.len(), 1);
    assert!((veils[0].0 - px).abs() <= 1.0 && (veils[0].0 + veils[0].1 - plot.rect.x1).abs() <= 1.0);
    assert_eq!(drawn(true).matches(">0.250<").count(), 1, "the value of A at the cursor");
}

#[test]
fn shares_and_the_pair_at_the_cursor_stand_on_heatmaps() {
    let style = Style::canvas(1.0, false);
    let (Chart::Heatmap(mut data), size) = (heatmap(), (500, 300)) else { unreachable!("a heatmap") };
    data.has_shares = true;
    let marks = HeatmapMarks { shares: vec![Some(vec![0.9, 0.1]), None], ..HeatmapMarks::default() };
    let draw = |chart: &Chart, heatmap: HeatmapMarks| {
        let (_, layout) = chart.lay_out(size, &style);
        let cursor = Cursor { heatmap, ..Cursor::default() };
        svg::write(&overlay::lay_out(chart, &layout, &cursor, size, &style), "")
    };
    let document = draw(&Chart::Heatmap(data.clone()), marks);
    for text in [">90 %<", ">10 %<"] {
        assert_eq!(document.matches(text).count(), 1, "{text}: none of a run whose direction is not determined");
    }
    data.rows = Rows::Times;
    data.has_shares = false;
    let words = vec!["□ 98 %".to_owned(), String::new()];
    let square = Some((data.times[1], data.times[0]));
    let document = draw(&Chart::Heatmap(data), HeatmapMarks { square, words, ..HeatmapMarks::default() });
    assert_eq!(document.matches(">□ 98 %<").count(), 1);
}

#[test]
fn charts_have_titles_and_descriptions() {
    for (chart, title) in [(curves(), "Loss"), (heatmap(), "Eigenvector"), (histogram(), "Spectrum")] {
        assert_eq!(chart.title(), title);
        assert!(chart.describe().starts_with(title));
    }
}
