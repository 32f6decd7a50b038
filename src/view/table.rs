//! A chart's data as a table, as an alternative to the drawing.

use super::chart::Chart;
use super::curves::Curves;
use super::forest::{self, Forest};
use super::heatmap::Heatmap;
use super::histogram::{Histogram, HistogramSeries, counts, edges};
use super::landscape;
use super::network::{Direction, Network, group_shares, strongest};
use super::number::{significant, thousands};
use super::scatter::Scatter;
use crate::sorting::sort_by_number;

/// Most rows of a table; of more, evenly spaced ones are taken.
pub const ROWS: usize = 200;
/// How many single parameters of a direction become rows.
const PARAMETERS: usize = 24;
/// Most times of a heatmap that become columns.
const COLUMNS: usize = 30;

/// A table of finished texts. The first column names the rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataTable {
    /// One title for each column.
    pub titles: Vec<String>,
    /// Rows of as many texts as there are titles; what is not known is `–`.
    pub rows: Vec<Vec<String>>,
    /// How many rows there would be without the limit of [`ROWS`].
    pub total: usize,
}

impl Chart {
    /// The chart's data as a table.
    pub fn table(&self) -> DataTable {
        match self {
            Chart::Curves(data) => curves(&data.x.title, &[("", data)]),
            Chart::CurvePanels(data) => {
                let panels: Vec<_> = data.panels.iter().map(|p| (p.name.as_str(), &p.curves)).collect();
                curves(&data.x.title, &panels)
            }
            Chart::Heatmap(data) => heatmap(data),
            Chart::Histogram(data) => histogram(data),
            Chart::Network(data) => network(data),
            Chart::Landscape(data) => {
                let panels: Vec<_> = data.panels.iter().map(|p| (&p.name, landscape::curves(p))).collect();
                curves("s", &panels.iter().map(|(name, curves)| (name.as_str(), curves)).collect::<Vec<_>>())
            }
            Chart::Scatter(data) => scatter(data),
            Chart::Forest(data) => forest(data),
        }
    }
}

fn text(value: f64, digits: usize) -> String {
    if value.is_finite() { significant(value, digits) } else { "–".into() }
}

/// At most `most` of the indices below `count`, evenly spaced, with the first and the last.
fn evenly(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    (0..most).map(|i| i * (count - 1) / (most - 1)).collect()
}

/// A row for each x; series with the same x share it. Those of a named panel carry its name.
fn curves(x_title: &str, panels: &[(&str, &Curves)]) -> DataTable {
    let lines = panels.iter().flat_map(|(panel, data)| {
        let series = data.series.iter().map(|s| (&s.label, &s.points));
        let lines = series.chain(data.step_lines.iter().map(|l| (&l.label, &l.points)));
        lines.map(move |(label, points)| {
            let title = if panel.is_empty() { label.clone() } else { format!("{panel}, {label}") };
            (title, points)
        })
    });
    let lines: Vec<(String, &Vec<(f64, f64)>)> = lines.collect();
    let mut xs: Vec<f64> = lines.iter().flat_map(|l| l.1.iter().map(|p| p.0)).filter(|x| x.is_finite()).collect();
    sort_by_number(&mut xs, |x| *x);
    xs.dedup();
    let x_title = if x_title.is_empty() { "x" } else { x_title };
    let mut table = DataTable { titles: vec![x_title.into()], total: xs.len(), ..Default::default() };
    table.rows = evenly(xs.len(), ROWS).into_iter().map(|i| vec![significant(xs[i], 6)]).collect();
    for (title, points) in lines {
        table.titles.push(title);
        let mut sorted: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.0.is_finite()).collect();
        sort_by_number(&mut sorted, |p| p.0);
        for (row, i) in table.rows.iter_mut().zip(evenly(xs.len(), ROWS)) {
            let found = sorted.get(sorted.partition_point(|p| p.0 < xs[i])).filter(|p| p.0 == xs[i]);
            row.push(text(found.map_or(f64::NAN, |p| p.1), 6));
        }
    }
    table
}

/// A row for each run and row of its matrix, a column for each time.
fn heatmap(data: &Heatmap) -> DataTable {
    let (width, count) = (data.times.len(), data.row_count());
    let shown = evenly(width, COLUMNS);
    let mut titles = vec!["run and row".to_owned()];
    titles.extend(shown.iter().map(|&c| format!("{} {}", data.time, significant(data.times[c], 6))));
    let mut rows = Vec::new();
    for panel in &data.panels {
        for row in evenly(count, (ROWS / data.panels.len()).max(2)) {
            let mut cells = vec![format!("{}, {}", panel.name, data.row_name(row))];
            let value = |&c: &usize| panel.values.get(row * width + c).copied().unwrap_or(f64::NAN);
            cells.extend(shown.iter().map(value).map(|v| text(v, 4)));
            rows.push(cells);
        }
    }
    DataTable { titles, rows, total: count * data.panels.len() }
}

/// A row for each bin.
fn histogram(data: &Histogram) -> DataTable {
    let edges = edges(data);
    let bins = edges.len() - 1;
    let mut titles = vec!["λ from".to_owned(), "to".to_owned()];
    titles.extend(data.series.iter().map(|run| match &run.estimated {
        Some(estimated) if estimated.counts.is_empty() => format!("{}, leading alone", run.name),
        Some(_) => format!("{}, least to most", run.name),
        None => run.name.clone(),
    }));
    let number = |x: f64| text(x, 3);
    let of_run = |run: &HistogramSeries| match run.estimates(&edges) {
        Some(estimates) => {
            estimates.iter().map(|found| format!("{} to {}", number(found.least), number(found.most))).collect()
        }
        None => run.counts(&edges).into_iter().map(number).collect(),
    };
    let mut columns: Vec<Vec<String>> = data.series.iter().map(of_run).collect();
    for null in data.series.iter().filter_map(|s| s.null.as_ref()).chain(&data.null) {
        titles.push(null.label.clone());
        let samples = null.samples.max(1) as f64;
        columns.push(counts(&null.eigenvalues, &edges).into_iter().map(|c| number(c / samples)).collect());
    }
    let row = |bin: usize| {
        let ends = [edges[bin], edges[bin + 1]].map(|edge| significant(edge, 4));
        ends.into_iter().chain(columns.iter().map(|column| column[bin].clone())).collect()
    };
    DataTable { titles, rows: evenly(bins, ROWS).into_iter().map(row).collect(), total: bins }
}

/// A row for each layer's weights and biases, then for each of the strongest parameters, with their shares in per cent.
fn network(data: &Network) -> DataTable {
    let mut titles = vec![match data.parameters() {
        count if count > PARAMETERS => format!("parameters, the {PARAMETERS} strongest of {}", thousands(count)),
        _ => "parameters".to_owned(),
    }];
    titles.extend(data.directions.iter().map(|d| format!("{}, share in %", d.name)));
    let shares: Vec<_> = data.directions.iter().map(|d| group_shares(data, d)).collect();
    let names = (1..data.layers.len()).flat_map(|l| [format!("W{l}"), format!("b{l}")]);
    let row = |(i, name): (usize, String)| {
        let share = |groups: &Option<Vec<(String, f64)>>| {
            groups.as_ref().and_then(|g| g.get(i)).map_or(f64::NAN, |group| 100.0 * group.1)
        };
        std::iter::once(name).chain(shares.iter().map(|groups| text(share(groups), 3))).collect()
    };
    let mut rows: Vec<Vec<String>> = names.enumerate().map(row).collect();
    let total = rows.len() + data.parameters();
    for parameter in strongest(data, PARAMETERS) {
        let name = data.name(parameter);
        let share = |d: &Direction| text(d.shares.get(parameter).map_or(f64::NAN, |share| 100.0 * share), 4);
        rows.push(std::iter::once(name).chain(data.directions.iter().map(share)).collect());
    }
    DataTable { titles, total, rows }
}

/// A row for each point.
fn scatter(data: &Scatter) -> DataTable {
    let row = |i: usize| {
        let ((x, y), class) = data.points[i];
        vec![(i + 1).to_string(), text(x, 4), text(y, 4), (class + 1).to_string()]
    };
    let count = data.points.len();
    let titles = ["point", "x", "y", "class"].map(String::from).to_vec();
    DataTable { titles, rows: evenly(count, ROWS).into_iter().map(row).collect(), total: count }
}

/// A row for each claim, with estimate, interval and verdict of each column.
fn forest(data: &Forest) -> DataTable {
    let mut titles = vec!["claim".to_owned()];
    let named = |name: &String| if name.is_empty() { "estimate".to_owned() } else { name.clone() };
    titles.extend(data.columns.iter().map(named));
    let row = |row: &forest::ForestRow| {
        let cell = |column: usize| match row.estimates.get(column).and_then(|e| Some((*e, e.value?))) {
            Some((estimate, value)) => format!(
                "{} {}, {}",
                forest::shown(row.unit, value),
                forest::interval_text(row.unit, estimate),
                forest::word(estimate.verdict)
            ),
            None => "–".to_owned(),
        };
        std::iter::once(row.claim.clone()).chain((0..data.columns.len()).map(cell)).collect()
    };
    let count = data.rows.len();
    DataTable { titles, rows: evenly(count, ROWS).into_iter().map(|i| row(&data.rows[i])).collect(), total: count }
}
