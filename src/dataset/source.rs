//! Where a data set comes from, as written in an experiment: by name with options, as explicit rows, as a table,
//! or in files.

use super::name::{Name, Range};
use super::own::Own;
use super::packed::Table;
use super::preparation::{COMPONENTS, Preparation};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Where the data come from: the field `data` of an experiment.
///
/// In JSON an object of one of five forms; every field has a default except `inputs`, `labels`, `csv`, `images`,
/// `image_labels` and `own`:
/// ```json
/// {"name": "blobs", "samples": 300, "noise": 1.0, "features": 10, "classes": 4}
/// {"inputs": [[0.1, 0.2], [0.3, 0.4]], "labels": [0, 1]}
/// {"csv": "petal,sepal,species\n1.4,5.1,setosa\n4.7,7.0,versicolor\n", "label_column": "species"}
/// {"images": "train-images-idx3-ubyte.gz", "image_labels": "train-labels-idx1-ubyte.gz", "samples": 10000}
/// {"own": {"name": "table.csv", "hash": "cbf29ce484222325", "bytes": 64, "rows": 2, "features": 2, "classes": 2,
///     "images": false}}
/// ```
/// Files are opened by the native program alone. `own` stands in results of the page for rows that are not in them; beside
/// `images`, in results of the native program, it is what the files held, and others are refused.
///
/// Each may have `preparation` (`"none"`, `"standardized"`, `"principal_components"`) and `components`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct DataSource {
    /// What is loaded.
    pub origin: Origin,
    /// Preparation of the inputs; the set's own unless set, none for explicit data, standardized for own
    /// tables, principal components for image files.
    pub preparation: Option<Preparation>,
    /// Number of principal components; 16, or all where there are fewer, unless set.
    pub components: Option<usize>,
    /// The packed table of a named set or of own rows, where the program does not carry it; no part of the JSON.
    pub table: Option<Table>,
}

/// What is loaded.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// A data set known by name.
    Named(Named),
    /// Inputs and labels as they are.
    Explicit {
        /// N rows of equal length.
        inputs: Vec<Vec<f64>>,
        /// N classes, counted from 0.
        labels: Vec<usize>,
        /// Number of classes; one more than the largest label unless set.
        classes: Option<usize>,
    },
    /// A text table, see [`csv`](super::csv).
    Csv {
        /// The table's text.
        text: String,
        /// Name (or number, from 1) of the column of labels; the last unless set.
        label_column: Option<String>,
        /// How many rows are kept; all unless set.
        samples: Option<usize>,
    },
    /// A pair of [IDX files](super::idx), which the native program opens; compressed by gzip or not.
    Images {
        /// Path of the inputs, N × … numbers; bytes stand for byte/255.
        images: String,
        /// Path of the N labels.
        labels: String,
        /// Number of classes; one more than the largest label unless set.
        classes: Option<usize>,
        /// How many samples are kept, at random; all unless set.
        samples: Option<usize>,
        /// What the files must hold, if that is known.
        own: Option<Own>,
    },
    /// A visitor's own rows, whose [packed](super::own) bytes are supplied beside the experiment.
    Own {
        /// What is known of them.
        own: Own,
        /// The column of labels that they were read with, as in a table.
        label_column: Option<String>,
        /// How many rows are kept, at random; all unless set.
        samples: Option<usize>,
    },
}

/// A named data set with its options; what is not set has the default of [`Name::limits`].
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Which.
    pub name: Name,
    /// Number of samples.
    pub samples: Option<usize>,
    /// Noise.
    pub noise: Option<f64>,
    /// Number of inputs.
    pub features: Option<usize>,
    /// Number of classes.
    pub classes: Option<usize>,
    /// Hidden units of the teacher network.
    pub hidden: Option<usize>,
}

/// The options of a named set after defaults and checks; 0 where the set takes none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Options {
    pub samples: usize,
    pub noise: f64,
    pub features: usize,
    pub classes: usize,
    pub hidden: usize,
}

impl From<Name> for DataSource {
    /// The set with all defaults.
    fn from(name: Name) -> Self {
        let named = Named { name, samples: None, noise: None, features: None, classes: None, hidden: None };
        DataSource { origin: Origin::Named(named), preparation: None, components: None, table: None }
    }
}

impl DataSource {
    /// The name of the packed table that is needed to load the data, if one is; of own rows their hash.
    pub fn table_name(&self) -> Option<&str> {
        match &self.origin {
            Origin::Named(named) => named.name.table(),
            Origin::Own { own, .. } => Some(&own.hash),
            Origin::Explicit { .. } | Origin::Csv { .. } | Origin::Images { .. } => None,
        }
    }

    /// Side of the square image that an input is before its preparation, where that is known without loading it.
    pub fn image_side(&self) -> Option<usize> {
        match &self.origin {
            Origin::Named(named) => named.name.image_side(),
            Origin::Own { own, .. } => own.side,
            Origin::Explicit { .. } | Origin::Csv { .. } | Origin::Images { .. } => None,
        }
    }

    /// The preparation of the inputs, set or default.
    pub fn preparation(&self) -> Preparation {
        self.preparation.unwrap_or(match &self.origin {
            Origin::Named(named) => named.name.limits().preparation,
            Origin::Explicit { .. } => Preparation::None,
            Origin::Csv { .. } | Origin::Own { .. } => Preparation::Standardized,
            Origin::Images { .. } => Preparation::PrincipalComponents,
        })
    }
}

impl DataSource {
    /// The same data with every default written out, so that two sources can be compared.
    pub fn explicit(&self) -> Self {
        let preparation = self.preparation();
        let mut components = self.components;
        let origin = match &self.origin {
            Origin::Named(named) => match named.options() {
                Ok(options) => Origin::Named(Named {
                    name: named.name,
                    samples: Some(options.samples),
                    noise: Some(options.noise),
                    features: Some(options.features),
                    classes: Some(options.classes),
                    hidden: Some(options.hidden),
                }),
                Err(_) => self.origin.clone(),
            },
            Origin::Own { own, label_column, samples } => {
                components = Some(components.unwrap_or(COMPONENTS.min(own.features)));
                let samples = Some(samples.unwrap_or(own.rows));
                Origin::Own { own: own.clone(), label_column: label_column.clone(), samples }
            }
            other => other.clone(),
        };
        let components = components.filter(|_| preparation == Preparation::PrincipalComponents);
        DataSource { origin, preparation: Some(preparation), components, table: None }
    }
}

impl Default for DataSource {
    /// The spirals with all defaults.
    fn default() -> Self {
        Name::Spirals.into()
    }
}

impl Named {
    /// The options after defaults.
    ///
    /// # Errors
    /// When one is out of range, or the set does not take it.
    pub(super) fn options(&self) -> Result<Options> {
        let limits = self.name.limits();
        Ok(Options {
            samples: self.option("samples", self.samples, Some(limits.samples))?,
            noise: self.option("noise", self.noise, limits.noise)?,
            features: self.option("features", self.features, limits.features)?,
            classes: self.option("classes", self.classes, limits.classes)?,
            hidden: self.option("hidden", self.hidden, limits.hidden)?,
        })
    }

    fn option<T>(&self, field: &str, value: Option<T>, range: Option<Range<T>>) -> Result<T>
    where
        T: Copy + Default + PartialOrd + std::fmt::Display + std::fmt::Debug,
    {
        let name = self.name.label();
        let problem = match (value, range) {
            (None, None) => return Ok(T::default()),
            (None, Some(range)) => return Ok(range.default),
            (Some(value), Some(range)) if value >= range.min && value <= range.max => return Ok(value),
            (Some(value), Some(Range { min, max, .. })) => format!("{value:?} is not allowed; {name}: {min} to {max}"),
            (Some(_), None) => format!("{name} has no such option"),
        };
        Err(Error::invalid(format!("data.{field}"), problem))
    }
}

/// All fields of all forms, so that unknown ones are refused by name.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fields {
    /// Which data set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "String"))]
    name: Option<Name>,
    /// N rows of equal length.
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs: Option<Vec<Vec<f64>>>,
    /// N classes, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<usize>>,
    /// The table's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    csv: Option<String>,
    /// Path of an IDX file of inputs, from the working directory; compressed by gzip or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<String>,
    /// Path of the IDX file of their labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_labels: Option<String>,
    /// A visitor's own rows, which are not in the file; beside `images`, what the files hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Own"))]
    own: Option<Own>,
    /// Name (or number, from 1) of the column of labels; the last unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    label_column: Option<String>,
    /// Number of samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<usize>,
    /// Noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    noise: Option<f64>,
    /// Number of inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<usize>,
    /// Number of classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<usize>,
    /// Hidden units of the teacher network.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<usize>,
    /// Preparation of the inputs; the data set's own unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    preparation: Option<Preparation>,
    /// Number of principal components.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<usize>,
}

impl TryFrom<Fields> for DataSource {
    /// A sentence that begins with the field.
    type Error = String;

    fn try_from(mut fields: Fields) -> std::result::Result<Self, String> {
        let (preparation, components) = (fields.preparation.take(), fields.components.take());
        let (form, origin) = if let Some(inputs) = fields.inputs.take() {
            let Some(labels) = fields.labels.take() else {
                return Err("data.labels: is missing; explicit inputs need a label for each row".into());
            };
            ("explicit inputs", Origin::Explicit { inputs, labels, classes: fields.classes.take() })
        } else if let Some(text) = fields.csv.take() {
            let (label_column, samples) = (fields.label_column.take(), fields.samples.take());
            ("a table", Origin::Csv { text, label_column, samples })
        } else if let Some(images) = fields.images.take() {
            let Some(labels) = fields.image_labels.take() else {
                return Err("data.image_labels: is missing; images need a file of labels".into());
            };
            let (classes, samples, own) = (fields.classes.take(), fields.samples.take(), fields.own.take());
            ("image files", Origin::Images { images, labels, classes, samples, own })
        } else if let Some(own) = fields.own.take() {
            let (label_column, samples) = (fields.label_column.take(), fields.samples.take());
            ("own rows", Origin::Own { own, label_column, samples })
        } else {
            let named = Named {
                name: fields.name.take().unwrap_or(Name::Spirals),
                samples: fields.samples.take(),
                noise: fields.noise.take(),
                features: fields.features.take(),
                classes: fields.classes.take(),
                hidden: fields.hidden.take(),
            };
            ("a named data set", Origin::Named(named))
        };
        let left = [
            ("name", fields.name.is_some()),
            ("inputs", fields.inputs.is_some()),
            ("labels", fields.labels.is_some()),
            ("csv", fields.csv.is_some()),
            ("images", fields.images.is_some()),
            ("image_labels", fields.image_labels.is_some()),
            ("own", fields.own.is_some()),
            ("label_column", fields.label_column.is_some()),
            ("samples", fields.samples.is_some()),
            ("noise", fields.noise.is_some()),
            ("features", fields.features.is_some()),
            ("classes", fields.classes.is_some()),
            ("hidden", fields.hidden.is_some()),
        ];
        match left.iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(format!("data.{field}: is not a field of {form}")),
            None => Ok(DataSource { origin, preparation, components, table: None }),
        }
    }
}

impl From<DataSource> for Fields {
    fn from(source: DataSource) -> Self {
        let fields = Fields { preparation: source.preparation, components: source.components, ..Fields::default() };
        match source.origin {
            Origin::Named(Named { name, samples, noise, features, classes, hidden }) => {
                Fields { name: Some(name), samples, noise, features, classes, hidden, ..fields }
            }
            Origin::Explicit { inputs, labels, classes } => {
                Fields { inputs: Some(inputs), labels: Some(labels), classes, ..fields }
            }
            Origin::Csv { text, label_column, samples } => Fields { csv: Some(text), label_column, samples, ..fields },
            Origin::Images { images, labels, classes, samples, own } => {
                Fields { images: Some(images), image_labels: Some(labels), classes, samples, own, ..fields }
            }
            Origin::Own { own, label_column, samples } => Fields { own: Some(own), label_column, samples, ..fields },
        }
    }
}
