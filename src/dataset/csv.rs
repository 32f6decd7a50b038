//! A visitor's own table: comma-, semicolon- or tab-separated text (RFC 4180) with one column of labels.
//!
//! Own reader rather than the `csv` crate: that one forgives an unclosed quote or text behind a closing quote and
//! returns a different table, where a visitor needs the line and column of the mistake.

use super::{Dataset, MAX_CLASSES, MAX_FEATURES, MAX_SAMPLES};
use crate::error::{Error, Result, shown};
use crate::sorting::ascending;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 50_000_000;
/// The longest label, in characters.
pub const MAX_LABEL: usize = 100;

/// One record: the line of the text where it begins, and its cells.
struct Record<'a> {
    line: usize,
    cells: Vec<Cow<'a, str>>,
}

/// Reads a table of numbers with labels of any text.
///
/// - The first line is a header if no cell outside the label column is a number, or if `label_column` is one of its
///   names. A line of some numbers and some text is a mistake to be reported, not a header: dropping it would lose a row.
/// - Labels are in the column named `label_column`, or with that number (from 1) if none has the name, or in the last.
/// - Classes are sorted: by value if all labels are numbers, else as text.
/// - Cells may be quoted, with `""` for a quote; spaces around a cell are dropped; blank lines are skipped.
///
/// # Errors
/// Naming line and column when a quote is wrong, a row has another number of cells than the first, or a cell is not a
/// finite number; and when there are fewer than two rows or classes, or more than the crate's limits.
pub fn read(text: &str, label_column: Option<&str>) -> Result<Dataset> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return refuse(1, None, format!("the table has {} bytes; at most {MAX_BYTES} are allowed", text.len()));
    }
    let mut reader = Reader { text, separator: separator(text), at: 0, line: 1 };
    let Some(first) = reader.record()? else {
        return refuse(1, None, "the table is empty; it needs numbers and a column of labels".into());
    };
    let width = first.cells.len();
    if !(2..=MAX_FEATURES + 1).contains(&width) {
        let problem =
            format!("{width} columns; 2 to {} are allowed: numbers, and one column of labels", MAX_FEATURES + 1);
        return refuse(first.line, None, problem);
    }
    let (label_at, named) = find_label(&first, label_column)?;
    let mut others = first.cells.iter().enumerate().filter(|&(column, _)| column != label_at);
    let header = named || others.all(|(_, cell)| cell.parse::<f64>().is_err());

    let mut names: Vec<String> = (1..=width).map(|column| format!("column {column}")).collect();
    let mut pending = Some(first);
    if header {
        for (name, cell) in names.iter_mut().zip(pending.take().into_iter().flat_map(|record| record.cells)) {
            if !cell.is_empty() {
                *name = shown(&cell);
            }
        }
    }
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    let mut numbers_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut last_line = 1;
    while let Some(record) = pending.take().map_or_else(|| reader.record(), |first| Ok(Some(first)))? {
        last_line = record.line;
        if labels.len() == MAX_SAMPLES {
            return refuse(
                record.line,
                None,
                format!("more than {MAX_SAMPLES} rows; at most {MAX_SAMPLES} are allowed"),
            );
        }
        if record.cells.len() != width {
            let problem = format!("{} cells, but the first line has {width}", record.cells.len());
            return refuse(record.line, None, problem);
        }
        for (column, cell) in record.cells.iter().enumerate().filter(|&(column, _)| column != label_at) {
            inputs.push(number(cell).or_else(|problem| refuse(record.line, Some(column + 1), problem))?);
        }
        let label = &record.cells[label_at];
        let next = numbers_of.len();
        if label.is_empty() || label.chars().count() > MAX_LABEL {
            let problem = format!("a label has 1 to {MAX_LABEL} characters");
            return refuse(record.line, Some(label_at + 1), problem);
        }
        if next == MAX_CLASSES && !numbers_of.contains_key(&**label) {
            let name = &names[label_at];
            let problem = format!("more than {MAX_CLASSES} different labels; is '{name}' the column of labels?");
            return refuse(record.line, Some(label_at + 1), problem);
        }
        labels.push(match numbers_of.get(&**label) {
            Some(&number) => number,
            None => *numbers_of.entry(label.to_string()).or_insert(next),
        });
    }
    if labels.len() < 2 || numbers_of.len() < 2 {
        let problem =
            format!("{} rows with {} different labels; at least 2 are needed", labels.len(), numbers_of.len());
        return refuse(last_line, None, problem);
    }

    let mut classes: Vec<(String, usize)> = numbers_of.into_iter().collect();
    let values: Option<Vec<f64>> = classes.iter().map(|(name, _)| number(name).ok()).collect();
    if let Some(values) = values {
        // Equal values stay sorted as text.
        classes = ascending(&values).into_iter().map(|i| classes[i].clone()).collect();
    }
    let mut rank = vec![0; classes.len()];
    classes.iter().enumerate().for_each(|(class, (_, number))| rank[*number] = class);
    names.remove(label_at);
    Ok(Dataset {
        name: "table".into(),
        inputs,
        labels: labels.into_iter().map(|number| rank[number]).collect(),
        features: width - 1,
        classes: classes.len(),
        class_names: classes.into_iter().map(|(name, _)| name).collect(),
        feature_names: names,
    })
}

/// The column of labels (from 0), and whether it was found by its name, which makes the first line a header.
fn find_label(first: &Record<'_>, label_column: Option<&str>) -> Result<(usize, bool)> {
    let Some(wanted) = label_column.map(str::trim).filter(|wanted| !wanted.is_empty()) else {
        return Ok((first.cells.len() - 1, false));
    };
    if let Some(column) = first.cells.iter().position(|cell| cell == wanted) {
        return match first.cells.iter().skip(column + 1).any(|cell| cell == wanted) {
            true => refuse(first.line, None, format!("several columns are called '{}'", shown(wanted))),
            false => Ok((column, true)),
        };
    }
    match wanted.parse::<usize>() {
        Ok(number) if (1..=first.cells.len()).contains(&number) => Ok((number - 1, false)),
        _ => {
            let some: Vec<String> = first.cells.iter().take(8).map(|cell| format!("'{}'", shown(cell))).collect();
            let problem = format!("no column is called '{}'; the line begins {}", shown(wanted), some.join(", "));
            refuse(first.line, None, problem)
        }
    }
}

fn number(cell: &str) -> std::result::Result<f64, String> {
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("'{}' is not a finite number", shown(cell))),
        Err(_) if cell.is_empty() => Err("the cell is empty; it must hold a number".into()),
        Err(_) => Err(format!("'{}' is not a number such as 1.5 or -2e3", shown(cell))),
    }
}

fn refuse<T>(line: usize, column: Option<usize>, problem: String) -> Result<T> {
    Err(Error::Csv { line, column, problem })
}

/// Of comma, semicolon and tab the one that is most frequent in the first line that is not blank.
fn separator(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let count = |separator: u8| line.bytes().filter(|&byte| byte == separator).count();
    [b'\t', b';', b','].into_iter().max_by_key(|&separator| count(separator)).unwrap_or(b',')
}

/// Cuts text into records. All marks are ASCII, so cutting at them keeps UTF-8 whole.
struct Reader<'a> {
    text: &'a str,
    separator: u8,
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether the reader stands at a separator, a line's end or the text's end.
    fn at_end_of_cell(&self) -> bool {
        self.peek().is_none_or(|byte| byte == self.separator || byte == b'\n' || byte == b'\r')
    }

    /// The next record that is not blank.
    fn record(&mut self) -> Result<Option<Record<'a>>> {
        while self.peek().is_some() {
            let mut record = Record { line: self.line, cells: Vec::new() };
            let mut blank = true;
            loop {
                let start = self.at;
                let cell = self.cell(record.line, record.cells.len() + 1)?;
                blank &= self.text[start..self.at].trim().is_empty();
                record.cells.push(cell);
                if record.cells.len() > MAX_FEATURES + 1 {
                    let problem = format!("more than {} columns", MAX_FEATURES + 1);
                    return refuse(record.line, None, problem);
                }
                if self.peek() != Some(self.separator) {
                    break;
                }
                self.at += 1;
            }
            // A line ends with \n, \r\n or a lone \r.
            if self.peek() == Some(b'\r') {
                self.at += 1;
            }
            if self.peek() == Some(b'\n') {
                self.at += 1;
            }
            self.line += 1;
            if !(blank && record.cells.len() == 1) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The next cell, without quotes and the spaces around it. A quoted one may hold separators and line ends.
    fn cell(&mut self, line: usize, column: usize) -> Result<Cow<'a, str>> {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        if self.peek() != Some(b'"') {
            let start = self.at;
            while !self.at_end_of_cell() {
                self.at += 1;
            }
            return Ok(self.text[start..self.at].trim().into());
        }
        let mut cell = String::new();
        loop {
            self.at += 1; // past the opening quote, or the second of a pair
            let start = self.at;
            let Some(length) = self.text[start..].find('"') else {
                return refuse(line, Some(column), "a quote is opened but never closed".into());
            };
            self.at += length;
            let part = &self.text[start..self.at];
            self.line += part.bytes().filter(|&byte| byte == b'\n').count();
            cell.push_str(part);
            self.at += 1;
            if self.peek() != Some(b'"') {
                break;
            }
            cell.push('"');
        }
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        match self.at_end_of_cell() {
            true => Ok(cell.trim().to_string().into()),
            false => refuse(line, Some(column), "text follows a closing quote; write a quote inside as \"\"".into()),
        }
    }
}
