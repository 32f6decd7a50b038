//! A visitor's own table: what is shown of it, and whether it looks as if another column held the classes.
//!
//! The table is read here for its preview only; the text goes to the workers as a part of the experiment.

use crate::dataset::{Dataset, Sketch, csv};
use crate::state::{OwnTable, Scope, State};
use crate::view::number::{plural, significant};

/// Rows of the preview.
const ROWS: usize = 4;
/// Columns of the preview.
const COLUMNS: usize = 6;

/// What is shown about the visitor's own table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The table in use.
    pub preview: Option<Preview>,
    /// What its thumbnail is drawn from.
    pub sketch: Option<Sketch>,
    /// Why the last file was not taken, or why the table in use cannot be read with the chosen label column.
    pub refusal: Option<String>,
    /// What looks wrong with it; nothing is computed until it was confirmed or another column was chosen.
    pub doubt: Option<String>,
}

/// Whether the visitor's own table is there again at the next visit.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Kept {
    /// It is not.
    #[default]
    No,
    /// This browser keeps it.
    Yes,
    /// This browser does not keep it, and says why.
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

/// The first rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The file's name and the table's size.
    pub caption: String,
    /// Names of the columns; the last is the class.
    pub head: Vec<String>,
    /// The first rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// What is shown of the table in use with its label column; nothing where other data are in use.
    pub fn new(state: &State) -> Self {
        let Some(own) = state.own_table.as_ref().filter(|_| state.is_own_table()) else { return Table::default() };
        let label = state.text(Scope::Setting, "label");
        match csv::read(&own.text, Some(label.as_str()).filter(|label| !label.is_empty())) {
            Ok(data) => {
                let sketch = Sketch::of_table(&data);
                Table { doubt: doubt(&data), preview: Some(preview(own, &data)), sketch: Some(sketch), refusal: None }
            }
            Err(error) => Table { refusal: Some(format!("{}: {error}", own.name)), ..Table::default() },
        }
    }
}

/// With fewer than two rows per class on average, the labels are rather names or measurements.
fn doubt(data: &Dataset) -> Option<String> {
    (2 * data.classes > data.len()).then(|| {
        format!(
            "{} in {}: is the last column shown really that of the classes? Choose another label column, or use it as it is.",
            plural(data.classes, "different label"),
            plural(data.len(), "row"),
        )
    })
}

fn preview(own: &OwnTable, data: &Dataset) -> Preview {
    let shown = data.features.min(COLUMNS);
    let mut head: Vec<String> = data.feature_names.iter().take(shown).cloned().collect();
    head.push("class".into());
    let row = |n: usize| {
        let mut cells: Vec<String> = data.input(n).iter().take(shown).map(|x| significant(*x, 4)).collect();
        cells.push(data.class_names.get(data.labels[n]).cloned().unwrap_or_default());
        cells
    };
    Preview {
        caption: format!(
            "{}: {}, {}, {} classes",
            own.name,
            plural(data.len(), "row"),
            plural(data.features, "input"),
            data.classes
        ),
        head,
        rows: (0..data.len().min(ROWS)).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str, label: &str) -> State {
        let own_table = Some(OwnTable { name: "a.csv".into(), text: text.into() });
        let mut state = State { own_table, ..State::default() };
        state.set(Scope::Setting, "data", "csv").unwrap();
        state.set(Scope::Setting, "label", label).unwrap();
        state
    }

    #[test]
    fn the_preview_follows_the_label_column() {
        let text = "x,kind,y\n1,3,a\n2,4,b\n3,3,a\n5,4,b\n";
        let by_y = Table::new(&state(text, "kind"));
        assert!(by_y.refusal.as_ref().unwrap().starts_with("a.csv: line 2, column 3"), "{by_y:?}");
        let last = Table::new(&state(text, "")).preview.unwrap();
        assert_eq!(last.head, ["x", "kind", "class"]);
        assert_eq!(last.rows[1], ["2", "4", "b"]);
        let numeric = "x,kind,y\n1,3,7\n2,4,8\n3,3,7\n5,4,8\n";
        let other = Table::new(&state(numeric, "kind")).preview.unwrap();
        assert_eq!(other.head, ["x", "y", "class"]);
        assert_eq!(other.rows[1], ["2", "8", "4"]);
        assert_eq!(other.caption, "a.csv: 4 rows, 2 inputs, 2 classes");
    }

    #[test]
    fn as_many_classes_as_rows_are_doubted() {
        let rows: String = (0..60).map(|i| format!("{},{},row {i}\n", i % 2, i)).collect();
        let doubt = Table::new(&state(&rows, "")).doubt.unwrap();
        assert!(doubt.starts_with("60 different labels in 60 rows"), "{doubt}");
        assert_eq!(Table::new(&state(&rows, "1")).doubt, None);
    }
}
