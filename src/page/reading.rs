//! Reading a visitor's own files, in a worker: a text table, or a pair of IDX files of inputs and labels. The rows go on to
//! the workers in packed form; the page gets what it shows of them.

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Own, Rows, Sketch, Table, csv, idx, own};
use crate::error::{Error, Result};
use crate::view::number::{plural, significant, thousands};

/// The most bytes of a file, uncompressed.
pub const MAX_BYTES: usize = 200_000_000;
/// The most files at a time: MNIST has four.
pub const MAX_FILES: usize = 4;
/// Rows of the preview.
const ROWS: usize = 4;
/// Columns of the preview.
const COLUMNS: usize = 6;

/// What came of reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reading {
    /// Labelled rows.
    Rows(Box<Found>),
    /// One file of a pair: a sentence that asks for the other one.
    Half(String),
    /// Nothing that is allowed.
    Refused {
        /// The file's name.
        name: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
}

/// Labelled rows, and what the page shows of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What is known of them.
    pub own: Own,
    /// The packed rows; on the page empty, which keeps them outside of the program.
    pub packed: Table,
    /// Which of the files they are from.
    pub files: Vec<usize>,
    /// The first rows.
    pub preview: Preview,
    /// What the thumbnail is drawn from.
    pub sketch: Sketch,
    /// What looks wrong: as if another column held the classes.
    pub doubt: Option<String>,
}

/// The first rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The file's name and the table's size.
    pub caption: String,
    /// Names of the columns, the last of which is the class; none for images.
    pub head: Vec<String>,
    /// The first rows.
    pub rows: Vec<Vec<String>>,
}

/// Reads `files`, each with its name: a text table where the last one is text, else the largest pair of IDX files. `label` is
/// the label column of a table, the last where it is empty.
pub fn read(files: &[(&str, &[u8])], label: &str) -> Reading {
    let (name, last) = files.last().copied().unwrap_or_default();
    let read = match idx::is_idx(last) {
        true => pair(files),
        false => table(name, last, label)
            .map(|found| Reading::Rows(Box::new(Found { files: vec![files.len() - 1], ..found }))),
    };
    read.unwrap_or_else(|error| match error {
        Error::Invalid { field, problem } => Reading::Refused { name: field, problem },
        other => Reading::Refused { name: name.to_owned(), problem: other.to_string() },
    })
}

fn table(name: &str, bytes: &[u8], label: &str) -> Result<Found> {
    if bytes.starts_with(b"PK\x03\x04") {
        let problem = "is an archive; unpack it, and choose the files that are in it";
        return Err(Error::invalid(name, problem));
    }
    let text = String::from_utf8_lossy(bytes);
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        let problem = "is JSON and no table; if it holds results, give it a name that ends in .json";
        return Err(Error::invalid(name, problem));
    }
    let data = csv::read(&text, Some(label).filter(|label| !label.is_empty()))?;
    let (own, packed) = own::pack_table(name, &data);
    let caption =
        format!("{name}: {}, {}, {} classes", plural(data.len(), "row"), plural(data.features, "input"), data.classes);
    Ok(Found {
        own,
        packed: packed.into(),
        files: Vec::new(),
        preview: preview(caption, &data),
        sketch: Sketch::of_table(&data),
        doubt: doubt(&data),
    })
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

fn preview(caption: String, data: &Dataset) -> Preview {
    let shown = data.features.min(COLUMNS);
    let mut head: Vec<String> = data.feature_names.iter().take(shown).cloned().collect();
    head.push("class".into());
    let row = |n: usize| {
        let mut cells: Vec<String> = data.input(n).iter().take(shown).map(|x| significant(*x, 4)).collect();
        cells.push(data.class_names.get(data.labels[n]).cloned().unwrap_or_default());
        cells
    };
    Preview { caption, head, rows: (0..data.len().min(ROWS)).map(row).collect() }
}

/// The largest pair of files with as many labels as inputs.
fn pair(files: &[(&str, &[u8])]) -> Result<Reading> {
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for (index, &(name, bytes)) in files.iter().enumerate().filter(|(_, (_, bytes))| idx::is_idx(bytes)) {
        let of_file = idx::read(name, bytes)?;
        let list = if of_file.sizes.len() > 1 { &mut images } else { &mut labels };
        list.push((of_file.sizes[0], index));
    }
    let matching = |&(count, _): &&(usize, usize)| labels.iter().any(|(other, _)| other == count);
    let best = images.iter().filter(matching).max().or(images.last());
    let Some(&(count, image)) = best else {
        let (count, index) = labels[labels.len() - 1];
        let name = files[index].0;
        return Ok(Reading::Half(format!("{name}: {}. Choose the file of their images too.", plural(count, "label"))));
    };
    let Some(&(_, label)) = labels.iter().rev().find(|(other, _)| *other == count).or(labels.last()) else {
        let name = files[image].0;
        return Ok(Reading::Half(format!("{name}: {}. Choose the file of their labels too.", plural(count, "image"))));
    };
    let rows = Rows::of_idx(files[image], files[label])?;
    let (own, packed) = rows.pack(files[image].0);
    let sizes = rows.shown();
    let caption = format!("{}: {} samples of {sizes}, {} classes", own.name, thousands(own.rows), own.classes);
    Ok(Reading::Rows(Box::new(Found {
        packed: packed.into(),
        files: vec![image, label],
        preview: Preview { caption, head: Vec::new(), rows: Vec::new() },
        sketch: Sketch::of_rows(&rows),
        doubt: None,
        own,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, label: &str) -> Found {
        match read(&[("a.csv", text.as_bytes())], label) {
            Reading::Rows(found) => *found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_preview_follows_the_label_column() {
        let text = "x,kind,y\n1,3,a\n2,4,b\n3,3,a\n5,4,b\n";
        let refused = read(&[("a.csv", text.as_bytes())], "kind");
        assert!(
            matches!(&refused, Reading::Refused { name, problem } if name == "a.csv" && problem.starts_with("line 2, column 3")),
            "{refused:?}"
        );
        let last = found(text, "").preview;
        assert_eq!(last.head, ["x", "kind", "class"]);
        assert_eq!(last.rows[1], ["2", "4", "b"]);
        let other = found("x,kind,y\n1,3,7\n2,4,8\n3,3,7\n5,4,8\n", "kind").preview;
        assert_eq!(other.head, ["x", "y", "class"]);
        assert_eq!(other.rows[1], ["2", "8", "4"]);
        assert_eq!(other.caption, "a.csv: 4 rows, 2 inputs, 2 classes");
    }

    #[test]
    fn as_many_classes_as_rows_are_doubted() {
        let rows: String = (0..60).map(|i| format!("{},{},{i}\n", i % 2, i)).collect();
        let doubt = found(&rows, "").doubt.unwrap();
        assert!(doubt.starts_with("60 different labels in 60 rows"), "{doubt}");
        assert_eq!(found(&rows, "1").doubt, None);
    }

    /// An IDX file of bytes.
    fn file(sizes: &[usize], body: Vec<u8>) -> Vec<u8> {
        [idx::header(idx::Element::U8, sizes), body].concat()
    }

    #[test]
    fn the_largest_pair_that_fits_is_read_and_the_missing_file_asked_for() {
        let images = |count: usize| file(&[count, 2, 2], (0..4 * count).map(|i| (i % 251) as u8).collect());
        let labels = |count: usize| file(&[count], (0..count).map(|i| (i % 3) as u8).collect());
        let (i5, i9, l5, l9) = (images(5), images(9), labels(5), labels(9));
        let all: [(&str, &[u8]); 4] = [("i5", &i5), ("l9", &l9), ("i9", &i9), ("l5", &l5)];
        let Reading::Rows(found) = read(&all, "") else { panic!() };
        assert_eq!((found.files.as_slice(), found.own.rows, found.own.side), (&[2, 1][..], 9, Some(2)));
        assert_eq!(found.preview.caption, "i9: 9 samples of 2 × 2, 3 classes");
        // Images 0 to 3 begin with the bytes 0, 4, 8 and 12; the sketch is image 3 over its largest pixel.
        assert_eq!(found.sketch.values, [12.0 / 15.0, 13.0 / 15.0, 14.0 / 15.0, 1.0]);
        assert_eq!(read(&all[..1], ""), Reading::Half("i5: 5 images. Choose the file of their labels too.".into()));
        assert_eq!(read(&all[1..2], ""), Reading::Half("l9: 9 labels. Choose the file of their images too.".into()));
        let refused = |name: &str, problem: &str| Reading::Refused { name: name.into(), problem: problem.into() };
        assert_eq!(read(&all[..2], ""), refused("l9", "has 9 labels for 5 samples of i5"));
        let zip = read(&[("m.zip", b"PK\x03\x04....")], "");
        assert_eq!(zip, refused("m.zip", "is an archive; unpack it, and choose the files that are in it"));
        for json in ["{\"runs\":[]}", "\u{feff}\n {\n"] {
            let json = read(&[("results.txt", json.as_bytes())], "");
            let problem = "is JSON and no table; if it holds results, give it a name that ends in .json";
            assert_eq!(json, refused("results.txt", problem));
        }
        // A table that is chosen while a half waits is a table.
        assert!(matches!(read(&[all[0], ("t.csv", b"1,a\n2,b\n")], ""), Reading::Rows(found) if found.files == [1]));
    }
}
