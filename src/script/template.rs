//! The template cut into cells, and put together as a program or as a notebook.
//!
//! Lines that begin with `# %%` begin a cell, as editors understand them. A cell called `script` is left out of notebooks; one
//! called `notebook` stands in the template as comments, and is left out of programs. What is before the first cell is the
//! program's docstring, and a notebook's text.

use serde::{Deserialize, Serialize};

use super::record::Record;
use crate::error::{Error, Result};

/// The line of the template that the record replaces begins so.
pub const MARKER: &str = "RECORD = ";

const CELL: &str = "# %%";

/// Columns after which a line of JSON is broken.
const COLUMNS: usize = 116;

/// What is made of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A Python program.
    Program,
    /// A Jupyter notebook, as JSON of nbformat 4.
    Notebook,
}

/// `template` with `record` in it.
///
/// # Errors
/// [`Error::Invalid`] names `template` where it has no place for a record.
pub fn text(template: &str, record: &Record, form: Form) -> Result<String> {
    let invalid = |problem: &str| Error::invalid("template", problem);
    // Records of numbers and texts can be written.
    let json = serde_json::to_string(record).map_err(|error| invalid(&error.to_string()))?;
    let place = template.lines().find(|line| line.starts_with(MARKER));
    let place = place.ok_or_else(|| invalid("has no place for a record"))?;
    // Within JSON three quotation marks never follow each other.
    let filled = template.replacen(place, &format!("{MARKER}r\"\"\"\n{}\n\"\"\"", wrapped(&json)), 1);
    let cells = cells(&filled);
    Ok(match form {
        Form::Program => cells.iter().filter(|cell| cell.name != "notebook").map(|cell| cell.text).collect(),
        Form::Notebook => {
            let book = Notebook::new(&cells);
            serde_json::to_string_pretty(&book).map_err(|error| invalid(&error.to_string()))? + "\n"
        }
    })
}

/// JSON with line breaks after commas between its parts.
fn wrapped(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + json.len() / 50);
    let (mut column, mut quoted, mut escaped) = (0, false, false);
    for letter in json.chars() {
        text.push(letter);
        column += 1;
        (quoted, escaped) = match letter {
            '"' if !escaped => (!quoted, false),
            '\\' if !escaped => (quoted, true),
            _ => (quoted, false),
        };
        if letter == ',' && !quoted && column >= COLUMNS {
            text.push('\n');
            column = 0;
        }
    }
    text
}

/// A part of the template.
struct Cell<'a> {
    /// What stands behind `# %%`; empty before the first.
    name: &'a str,
    /// All of it, the line with its name included.
    text: &'a str,
}

impl Cell<'_> {
    /// Its lines as a notebook has them.
    fn source(&self) -> Vec<String> {
        let text = match self.name {
            "" => docstring(self.text).to_owned(),
            "notebook" => {
                let uncommented = |line| str::strip_prefix(line, "# ").or(line.strip_prefix('#')).unwrap_or(line);
                self.text.lines().skip(1).map(uncommented).collect::<Vec<&str>>().join("\n")
            }
            name => self.text.replacen(&format!("{CELL} {name}"), &format!("# {name}"), 1),
        };
        text.trim_end().split_inclusive('\n').map(str::to_owned).collect()
    }
}

/// What stands within the first triple quotation marks.
fn docstring(text: &str) -> &str {
    text.split("\"\"\"").nth(1).unwrap_or_default()
}

fn cells(template: &str) -> Vec<Cell<'_>> {
    let mut starts = vec![0];
    starts.extend(template.match_indices(CELL).map(|(at, _)| at).filter(|at| template[..*at].ends_with('\n')));
    starts.push(template.len());
    let cell = |pair: &[usize]| {
        let text = &template[pair[0]..pair[1]];
        let name = text.lines().next().and_then(|line| line.strip_prefix(CELL)).unwrap_or_default().trim();
        (name, text)
    };
    starts.windows(2).map(cell).map(|(name, text)| Cell { name, text }).collect()
}

#[derive(Serialize)]
struct Notebook {
    cells: Vec<NotebookCell>,
    metadata: Metadata,
    nbformat: u8,
    nbformat_minor: u8,
}

#[derive(Serialize)]
struct Metadata {
    kernelspec: KernelSpec,
    language_info: Language,
}

#[derive(Serialize)]
struct KernelSpec {
    display_name: &'static str,
    language: &'static str,
    name: &'static str,
}

#[derive(Serialize)]
struct Language {
    name: &'static str,
}

#[derive(Serialize)]
struct NoMetadata {}

#[derive(Serialize)]
#[serde(tag = "cell_type", rename_all = "lowercase")]
enum NotebookCell {
    Markdown { metadata: NoMetadata, source: Vec<String> },
    Code { execution_count: Option<u32>, metadata: NoMetadata, outputs: [u8; 0], source: Vec<String> },
}

impl Notebook {
    fn new(cells: &[Cell]) -> Self {
        let kept = cells.iter().filter(|cell| cell.name != "script");
        let cells = kept.map(|cell| (cell.name, cell.source())).map(|(name, source)| match name {
            "" => NotebookCell::Markdown { metadata: NoMetadata {}, source },
            _ => NotebookCell::Code { execution_count: None, metadata: NoMetadata {}, outputs: [], source },
        });
        let cells = cells.collect();
        let kernelspec = KernelSpec { display_name: "Python 3", language: "python", name: "python3" };
        let metadata = Metadata { kernelspec, language_info: Language { name: "python" } };
        Notebook { cells, metadata, nbformat: 4, nbformat_minor: 4 }
    }
}
