//! Labelled data: N inputs of equal length, each with a class; drawn from the seed, embedded, or a visitor's own.

pub mod preparation;
pub mod name;
pub mod packed;
pub mod idx;
pub mod own;
pub mod source;
pub mod csv;
#[cfg(not(target_arch = "wasm32"))]
mod files;
pub mod embedded;
pub mod synthetic;
pub mod shape;
pub mod sketch;
#[cfg(not(target_arch = "wasm32"))]
mod schema;

pub use name::{Limits, Name, Range};
pub use own::{Own, Rows};
pub use packed::Table;
pub use preparation::{Preparation, Transform};
pub use shape::{Shape, shape_split};
pub use sketch::Sketch;
pub use source::{DataSource, Named, Origin};

use crate::error::{Error, Result};
use crate::random::{Random, Stream};

/// The most samples that explicit data or a table may have.
pub const MAX_SAMPLES: usize = 100_000;
/// The most inputs that explicit data or a table may have.
pub const MAX_FEATURES: usize = 1024;
/// The most classes that explicit data or a table may have.
pub const MAX_CLASSES: usize = 64;
/// The range of the share of samples that is set aside for testing.
pub const TEST_SHARE: Range<f64> = Range { min: 0.0, max: 0.5, default: 0.0 };

/// N labelled inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name under which it was loaded.
    pub name: String,
    /// Inputs, N × features, row by row.
    pub inputs: Vec<f64>,
    /// Class of each input, N numbers below `classes`.
    pub labels: Vec<usize>,
    /// Length of an input.
    pub features: usize,
    /// Number of classes.
    pub classes: usize,
    /// Name of each class.
    pub class_names: Vec<String>,
    /// Name of each feature.
    pub feature_names: Vec<String>,
}

impl Dataset {
    /// The number N of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Input number n, a slice of length `features`.
    ///
    /// # Panics
    /// When n is not below [`Dataset::len`].
    pub fn input(&self, n: usize) -> &[f64] {
        &self.inputs[n * self.features..(n + 1) * self.features]
    }

    /// A data set from N rows and N classes counted from 0. There are as many classes as the largest label requires,
    /// and at least two.
    ///
    /// # Errors
    /// Naming `inputs` or `labels`: when there are no rows or too many, rows differ in length, have no or too many
    /// numbers, a number is NaN or infinite, the labels are not as many as the rows, or one is too large.
    pub fn from_rows(inputs: Vec<Vec<f64>>, labels: Vec<usize>) -> Result<Self> {
        let invalid = |field: &str, problem: String| Err(Error::invalid(field, problem));
        let features = inputs.first().map_or(0, Vec::len);
        if inputs.is_empty() || inputs.len() > MAX_SAMPLES {
            return invalid("inputs", format!("{} rows are not allowed; 1 to {MAX_SAMPLES} are", inputs.len()));
        }
        if features == 0 || features > MAX_FEATURES {
            return invalid("inputs", format!("rows of {features} numbers are not allowed; 1 to {MAX_FEATURES} are"));
        }
        for (n, row) in inputs.iter().enumerate() {
            if row.len() != features {
                let length = row.len();
                return invalid("inputs", format!("row {} has length {length}, row 1 has {features}", n + 1));
            }
            if !row.iter().all(|x| x.is_finite()) {
                return invalid("inputs", format!("row {} holds NaN or infinity", n + 1));
            }
        }
        if labels.len() != inputs.len() {
            return invalid("labels", format!("{} labels for {} rows of inputs", labels.len(), inputs.len()));
        }
        let largest = labels.iter().copied().max().unwrap_or(0);
        if largest >= MAX_CLASSES {
            return invalid("labels", format!("{largest} is not allowed; labels are 0 to {}", MAX_CLASSES - 1));
        }
        Ok(Dataset::unnamed(inputs.concat(), labels, features, (largest + 1).max(2)).called("explicit"))
    }

    /// The samples with the given indices, in that order.
    ///
    /// # Panics
    /// When an index is not below [`Dataset::len`].
    pub fn select(&self, indices: &[usize]) -> Dataset {
        Dataset {
            name: self.name.clone(),
            inputs: indices.iter().flat_map(|&n| self.input(n)).copied().collect(),
            labels: indices.iter().map(|&n| self.labels[n]).collect(),
            features: self.features,
            classes: self.classes,
            class_names: self.class_names.clone(),
            feature_names: self.feature_names.clone(),
        }
    }

    /// `count` samples chosen at random, in their old order.
    ///
    /// # Panics
    /// When `count` is more than [`Dataset::len`].
    pub fn subsample(&self, count: usize, random: &mut Random) -> Dataset {
        self.select(&drawn(self.len(), count, random))
    }

    fn unnamed(inputs: Vec<f64>, labels: Vec<usize>, features: usize, classes: usize) -> Dataset {
        Dataset {
            name: String::new(),
            inputs,
            labels,
            features,
            classes,
            class_names: (0..classes).map(|class| class.to_string()).collect(),
            feature_names: (1..=features).map(|feature| format!("x{feature}")).collect(),
        }
    }

    fn called(mut self, name: &str) -> Dataset {
        self.name = name.to_string();
        self
    }
}

/// The data of `source` under `seed`, prepared.
///
/// # Errors
/// As [`load_split`].
pub fn load(source: &DataSource, seed: u64) -> Result<Dataset> {
    load_split(source, TEST_SHARE.min, seed).map(|(all, _)| all)
}

/// The data of `source` under `seed`, split at random into training and test samples. The preparation is fitted to the
/// training samples alone and applied to both. Samples keep their order. At `test_share` 0 the test set is empty.
///
/// # Errors
/// Naming the field of `source` (with `data.` before it) that is out of range, the line of a table that cannot be
/// read, `data.name` when a packed table is missing or damaged, or `test_share`.
pub fn load_split(source: &DataSource, test_share: f64, seed: u64) -> Result<(Dataset, Dataset)> {
    let raw = raw(source, seed)?;
    let (train, test) = if test_count(raw.len(), test_share)? == 0 {
        // Without a copy: data can be large.
        let none = raw.select(&[]);
        (raw, none)
    } else {
        split(&raw, test_share, seed)?
    };
    let transform = Transform::fit(&train, source.preparation(), source.components)?;
    Ok((transform.prepare(train), transform.prepare(test)))
}

/// Training and test samples: round(`test_share` · N) at random are for testing, the order within each is kept.
///
/// # Errors
/// When `test_share` is not in [`TEST_SHARE`].
pub fn split(dataset: &Dataset, test_share: f64, seed: u64) -> Result<(Dataset, Dataset)> {
    let tested = test_count(dataset.len(), test_share)?;
    let mut order = Random::new(seed, Stream::Split, 0).permutation(dataset.len());
    let (test, train) = order.split_at_mut(tested);
    test.sort_unstable();
    train.sort_unstable();
    Ok((dataset.select(train), dataset.select(test)))
}

/// How many of `samples` samples are for testing.
fn test_count(samples: usize, test_share: f64) -> Result<usize> {
    let Range { min, max, .. } = TEST_SHARE;
    if !(min..=max).contains(&test_share) {
        return Err(Error::invalid("test_share", format!("{test_share:?} is not allowed; {min} to {max}")));
    }
    Ok(((test_share * samples as f64).round() as usize).min(samples.saturating_sub(1)))
}

/// The data before preparation.
fn raw(source: &DataSource, seed: u64) -> Result<Dataset> {
    let packed = source.table.as_ref();
    match &source.origin {
        Origin::Named(named) => {
            let o = named.options()?;
            let dataset = match named.name {
                Name::Spirals => synthetic::spirals(o.samples, o.noise, seed),
                Name::Moons => synthetic::moons(o.samples, o.noise, seed),
                Name::Circles => synthetic::circles(o.samples, o.noise, seed),
                Name::Xor => synthetic::xor(o.samples, o.noise, seed),
                Name::Checkerboard => synthetic::checkerboard(o.samples, o.noise, seed),
                Name::Blobs => synthetic::blobs(o.samples, o.noise, o.features, o.classes, seed),
                Name::Teacher => synthetic::teacher(o.samples, o.features, o.classes, o.hidden, seed),
                Name::Digits => embedded::digits(packed)?,
                Name::DigitsSmall => embedded::digits_small(packed)?,
                Name::Iris => embedded::iris(packed)?,
                Name::Wine => embedded::wine(packed)?,
                Name::BreastCancer => embedded::breast_cancer(packed)?,
            };
            Ok(kept(dataset, o.samples, seed))
        }
        Origin::Explicit { inputs, labels, classes } => explicit(inputs, labels, *classes),
        Origin::Csv { text, label_column, samples } => {
            let (dataset, count) = table(text, label_column.as_deref(), *samples)?;
            Ok(kept(dataset, count, seed))
        }
        Origin::Images { images, labels, classes, samples, own } => {
            with_images(images, labels, own.as_ref(), |rows| with_classes(rows.dataset(*samples, seed)?, *classes))
        }
        Origin::Own { own, samples, .. } => match packed {
            Some(packed) => Rows::unpack(packed.bytes())?.dataset(*samples, seed),
            None => Err(absent(own)),
        },
    }
}

fn explicit(inputs: &[Vec<f64>], labels: &[usize], classes: Option<usize>) -> Result<Dataset> {
    let dataset = Dataset::from_rows(inputs.to_vec(), labels.to_vec()).map_err(|error| match error {
        Error::Invalid { field, problem } => Error::Invalid { field: format!("data.{field}"), problem },
        other => other,
    })?;
    with_classes(dataset, classes)
}

/// The data with as many classes as are wanted, at least those that there are.
fn with_classes(mut dataset: Dataset, classes: Option<usize>) -> Result<Dataset> {
    if let Some(classes) = classes {
        check_classes(classes, dataset.classes)?;
        dataset.classes = classes;
        dataset.class_names = (0..classes).map(|class| class.to_string()).collect();
    }
    Ok(dataset)
}

fn check_classes(classes: usize, least: usize) -> Result<()> {
    match (least..=MAX_CLASSES).contains(&classes) {
        true => Ok(()),
        false => Err(Error::invalid("data.classes", format!("{classes} is not allowed; {least} to {MAX_CLASSES}"))),
    }
}

/// Adds to a source of image files what they hold, by which results tell them from others without having them.
///
/// # Errors
/// As [`load`], where the files cannot be read, are no such files, or are others than the source names.
pub fn identify_files(source: &mut DataSource) -> Result<()> {
    if let Origin::Images { images, labels, own, .. } = &mut source.origin {
        let name = images.rsplit(['/', '\\']).next().unwrap_or_default();
        *own = Some(with_images(images, labels, own.as_ref(), |rows| Ok(rows.pack(name).0))?);
    }
    Ok(())
}

/// Calls `use_rows` with the rows of a pair of IDX files, which must be those that are `known`.
#[cfg(not(target_arch = "wasm32"))]
fn with_images<T>(
    images: &str,
    labels: &str,
    known: Option<&Own>,
    use_rows: impl FnOnce(&Rows) -> Result<T>,
) -> Result<T> {
    let (of_images, of_labels) = (files::read("data.images", images)?, files::read("data.image_labels", labels)?);
    let rows = Rows::of_idx(("data.images", &of_images), ("data.image_labels", &of_labels))?;
    if known.is_some_and(|known| rows.pack("").0.hash != known.hash) {
        return Err(Error::invalid(
            "data.images",
            "do not hold, with their labels, what data.own names; leave that out to use them",
        ));
    }
    use_rows(&rows)
}

/// A browser opens no file by its path.
#[cfg(target_arch = "wasm32")]
fn with_images<T>(_: &str, _: &str, _: Option<&Own>, _: impl FnOnce(&Rows) -> Result<T>) -> Result<T> {
    Err(Error::invalid("data.images", "files are opened by the native program; on the page, choose or drop them"))
}

/// Why rows cannot be loaded that the program was not given.
fn absent(own: &Own) -> Error {
    let name = crate::error::shown(&own.name);
    let problem = format!("the rows of {name} are not here; give a table's text as csv, or IDX files as images");
    Error::invalid("data.own", problem)
}

/// All rows of a table, and how many of them are wanted.
fn table(text: &str, label_column: Option<&str>, samples: Option<usize>) -> Result<(Dataset, usize)> {
    let dataset = csv::read(text, label_column).map_err(|error| Error::invalid("data.csv", error.to_string()))?;
    let count = wanted(dataset.len(), samples)?;
    Ok((dataset, count))
}

/// How many of `rows` rows are wanted.
fn wanted(rows: usize, samples: Option<usize>) -> Result<usize> {
    match samples {
        Some(count) if count < 2 || count > rows => {
            Err(Error::invalid("data.samples", format!("{count} is not allowed; the table has 2 to {rows}")))
        }
        _ => Ok(samples.unwrap_or(rows)),
    }
}

/// The rows, of `rows`, that are wanted, ascending.
fn chosen(rows: usize, samples: Option<usize>, seed: u64) -> Result<Vec<usize>> {
    let count = wanted(rows, samples)?;
    Ok(if count == rows {
        (0..rows).collect()
    } else {
        drawn(rows, count, &mut Random::new(seed, Stream::Subsample, 0))
    })
}

/// `count` of `rows` indices at random, ascending.
///
/// # Panics
/// When `count` is more than `rows`.
pub fn drawn(rows: usize, count: usize, random: &mut Random) -> Vec<usize> {
    let mut drawn = random.permutation(rows);
    drawn.truncate(count);
    assert_eq!(drawn.len(), count, "there are fewer samples");
    drawn.sort_unstable();
    drawn
}

fn kept(dataset: Dataset, count: usize, seed: u64) -> Dataset {
    if count == dataset.len() {
        dataset
    } else {
        dataset.subsample(count, &mut Random::new(seed, Stream::Subsample, 0))
    }
}
