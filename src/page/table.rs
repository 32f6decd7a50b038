//! A visitor's own data: what is shown of them. They are [read](super::reading) in a worker.

use super::reading::{Found, Preview};
use crate::dataset::Sketch;
use crate::state::{Scope, State};
use crate::view::number::thousands;

/// What is shown about the visitor's own data.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The table in use.
    pub preview: Option<Preview>,
    /// How many of its rows are left out.
    pub left_out: Option<String>,
    /// What its thumbnail is drawn from.
    pub sketch: Option<Sketch>,
    /// What is being read, or which file is asked for.
    pub note: Option<String>,
    /// Why the last file was not taken, or why the table in use cannot be read with the chosen label column.
    pub refusal: Option<String>,
    /// What looks wrong with it; nothing is computed until it was confirmed or another column was chosen.
    pub doubt: Option<String>,
}

/// Whether the visitor's own data are there again at the next visit.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Kept {
    /// They are not.
    #[default]
    No,
    /// This browser keeps them.
    Yes,
    /// This browser does not keep them, and says why.
    Refused(String),
}

impl Kept {
    /// What is said of it beside the table; nothing while it is being found out.
    pub fn describe(&self) -> Option<String> {
        match self {
            Kept::No => None,
            Kept::Yes => Some("Kept in this browser for the next visit.".into()),
            Kept::Refused(why) => Some(format!("Not kept for the next visit: this browser does not store it ({why}).")),
        }
    }
}

impl Table {
    /// What is shown of the data in use, of which the last that was `found`; nothing where other data are in use.
    pub fn new(state: &State, found: Option<&Found>) -> Self {
        match state.own() {
            Some(Ok(own)) => {
                let Some(found) = found.filter(|found| found.own == *own) else { return Table::default() };
                let used = state.number(Scope::Setting, "samples").unwrap_or(own.rows as f64);
                let left_out = (used < own.rows as f64).then(|| {
                    let (used, rows) = (thousands(used as usize), thousands(own.rows));
                    format!("{used} of the {rows} rows are used, drawn at random by the seed; the others are left out.")
                });
                Table {
                    preview: Some(found.preview.clone()),
                    left_out,
                    sketch: Some(found.sketch.clone()),
                    doubt: found.doubt.clone(),
                    ..Table::default()
                }
            }
            Some(Err(problem)) => Table { refusal: Some(problem.clone()), ..Table::default() },
            None => Table::default(),
        }
    }
}
