//! Line charts in words.

use super::super::axis;
use super::super::number::significant;
use super::{Curves, Extent, Series, StepLine};

/// The chart in words, true to its data: each series from first to last value, its peak if it had one, the value at
/// the cursor, bands and levels.
pub fn describe(data: &Curves) -> String {
    const MOST: usize = 12;
    let x_name = if data.x.title.is_empty() { "x" } else { &data.x.title };
    let mut parts: Vec<String> =
        data.series.iter().take(MOST).map(|s| describe_series(s, x_name, data.cursor)).collect();
    if data.series.len() > MOST {
        parts.push(format!("{} more curves", data.series.len() - MOST));
    }
    if data.series.is_empty() {
        parts.push("no curves yet".into());
    }
    for band in &data.bands {
        let last = match &band.extent {
            Extent::Constant(lo, hi) => Some((*lo, *hi)),
            Extent::Varying(points) => points.last().map(|p| (p.1, p.2)),
            Extent::Bars(bars) => bars.last().map(|bar| (bar.2, bar.3)),
        };
        if let Some((lo, hi)) = last {
            let name = if band.label.is_empty() { "band" } else { &band.label };
            let end = if matches!(band.extent, Extent::Varying(_)) { ", at the end" } else { "" };
            parts.push(format!("{name}{end}: {} to {}", significant(lo, 3), significant(hi, 3)));
        }
    }
    parts.extend(data.levels.iter().map(|l| format!("{}: {}", l.label, significant(l.value, 3))));
    parts.extend(data.step_lines.iter().map(|l| describe_step_line(l, x_name)));
    parts.extend(data.markers.iter().map(|m| format!("at {x_name} {}: {}", significant(m.x, 4), m.label)));
    parts.extend(data.notes.iter().map(|note| note.text.trim_end_matches('.').to_owned()));
    format!("{}: {}.", data.title, parts.join("; "))
}

/// The first value of a step line and where it changed, if it did not change often.
fn describe_step_line(line: &StepLine, x_name: &str) -> String {
    const MOST: usize = 4;
    let mut known: Vec<(f64, f64)> =
        line.points.iter().copied().filter(|p| axis::shown(p.0) && axis::shown(p.1)).collect();
    known.dedup_by(|b, a| a.1 == b.1);
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return format!("{}: no values", line.label);
    };
    let at = |p: &(f64, f64)| format!("{} from {x_name} {}", significant(p.1, 3), significant(p.0, 4));
    match known.len() {
        1 => format!("{}: {}", line.label, significant(first.1, 3)),
        2..=MOST => format!("{}: {}", line.label, known.iter().map(at).collect::<Vec<_>>().join(", ")),
        n => format!("{}: {}, {} changes, {}", line.label, at(first), n - 1, at(last)),
    }
}

fn describe_series(series: &Series, x_name: &str, cursor: Option<f64>) -> String {
    let known: Vec<(f64, f64)> =
        series.points.iter().copied().filter(|p| axis::shown(p.0) && axis::shown(p.1)).collect();
    let name = if series.label.is_empty() { "a curve" } else { &series.label };
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return format!("{name}: no values yet") };
    let at = |p: &(f64, f64)| format!("{} at {x_name} {}", significant(p.1, 3), significant(p.0, 4));
    if known.len() == 1 {
        return format!("{name}: {}", at(first));
    }
    let size = first.1.abs().max(last.1.abs());
    let verb = match last.1 - first.1 {
        d if d.abs() <= 0.02 * size => "stays near",
        d if d > 0.0 => "rises from",
        _ => "falls from",
    };
    let mut text = match verb {
        "stays near" => format!("{name} goes from {} to {}, nearly the same", at(first), at(last)),
        _ => format!("{name} {verb} {} to {}", at(first), at(last)),
    };
    let top = known.iter().fold(first, |m, p| if p.1 > m.1 { p } else { m });
    let bottom = known.iter().fold(first, |m, p| if p.1 < m.1 { p } else { m });
    let spread = 0.1 * (top.1 - bottom.1);
    if top.1 - first.1.max(last.1) > spread {
        text += &format!(", highest {}", at(top));
    }
    if first.1.min(last.1) - bottom.1 > spread {
        text += &format!(", lowest {}", at(bottom));
    }
    if let Some(x) = cursor {
        let near = known.iter().fold(first, |m, p| if (p.0 - x).abs() < (m.0 - x).abs() { p } else { m });
        text += &format!(", at the cursor {}", at(near));
    }
    text
}
