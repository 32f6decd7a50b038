//! Estimates, intervals and verdicts as text.

use super::super::number::{fixed, short, significant};
use super::{Estimate, Forest, ForestRow};
use crate::claims::{Unit, Verdict};

/// The end of an axis.
pub fn tick(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Difference if value > 0.0 => format!("+{}", short(value, 3)),
        Unit::Difference => short(value, 3),
        Unit::Factor if value < 1.0 => format!("÷{}", short(1.0 / value, 3)),
        Unit::Factor => format!("×{}", short(value, 3)),
    }
}

/// An estimate as text: ×2.25, +0.07; more decimals where two would leave nothing.
pub fn shown(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Factor => format!("×{}", plain(value)),
        Unit::Difference if value > 0.0 => format!("+{}", plain(value)),
        Unit::Difference => plain(value),
    }
}

fn plain(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => significant(value, 3),
        size if size < 0.001 => fixed(value, 4),
        size if size < 0.01 => fixed(value, 3),
        _ => fixed(value, 2),
    }
}

/// The interval as text: [1.77, 2.88]; says so where there is none.
pub fn interval_text(unit: Unit, estimate: Estimate) -> String {
    let Some((low, high)) = estimate.interval else { return "no interval".to_owned() };
    let end = |value| shown(unit, value).trim_start_matches('×').to_owned();
    format!("[{}, {}]", end(low), end(high))
}

/// The symbol of a verdict.
pub fn symbol(verdict: Verdict) -> char {
    match verdict {
        Verdict::Supported => '●',
        Verdict::Contradicted => '✕',
        Verdict::Undecided => '○',
    }
}

/// The word for a verdict.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "supported",
        Verdict::Contradicted => "contradicted",
        Verdict::Undecided => "undecided",
    }
}

/// The estimates in words.
pub fn describe(data: &Forest) -> String {
    let cell = |row: usize, column: usize| match data.estimate(row, column) {
        Some(estimate) => format!(
            "{} {}, {}",
            shown(data.rows[row].unit, estimate.value.unwrap_or(f64::NAN)),
            interval_text(data.rows[row].unit, estimate),
            word(estimate.verdict)
        ),
        None => "no estimate".to_owned(),
    };
    let row = |(i, row): (usize, &ForestRow)| {
        let cells = data.columns.iter().enumerate().map(|(c, name)| match name.as_str() {
            "" => cell(i, c),
            name => format!("{name} {}", cell(i, c)),
        });
        format!("{}: {}", row.claim, cells.collect::<Vec<_>>().join("; "))
    };
    let rows: Vec<String> = data.rows.iter().enumerate().map(row).collect();
    format!("{}: {}.", data.title, if rows.is_empty() { "no claims yet".into() } else { rows.join(". ") })
}
