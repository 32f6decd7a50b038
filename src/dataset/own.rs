//! Labelled rows of a visitor's own, from a text table or from a pair of IDX files, packed into one piece of bytes.
//!
//! ```text
//! packed   length of the head (4 bytes, big-endian) │ head (JSON) │ N labels, one byte each │ the inputs, an IDX file
//! inputs   N × features; bytes, as of images, stand for x = byte/255, all other types for their numbers
//! ```

use std::borrow::Cow;

use super::idx::{self, Element, Idx};
use super::packed::hash;
use super::{Dataset, MAX_CLASSES, MAX_FEATURES, MAX_SAMPLES, chosen};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// What is known of packed rows without them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// The file's name.
    pub name: String,
    /// FNV-1a of the packed rows, in hexadecimal.
    pub hash: String,
    /// Bytes of the packed rows.
    pub bytes: usize,
    /// How many rows there are.
    pub rows: usize,
    /// Length of an input.
    pub features: usize,
    /// Number of classes.
    pub classes: usize,
    /// Whether they are from IDX files, else from a text table.
    pub images: bool,
    /// Side of the square image that an input is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<usize>,
}

impl Own {
    fn new(name: &str, packed: &[u8], (rows, features, classes): (usize, usize, usize)) -> Self {
        let hash = format!("{:016x}", hash(packed));
        Own { name: name.to_owned(), hash, bytes: packed.len(), rows, features, classes, images: false, side: None }
    }
}

/// Labelled rows before they are chosen from.
pub struct Rows<'a> {
    head: Head,
    labels: Cow<'a, [u8]>,
    inputs: Idx<'a>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    name: String,
    rows: usize,
    class_names: Vec<String>,
    /// Empty where they are those of pixels or plain numbers.
    feature_names: Vec<String>,
}

impl<'a> Rows<'a> {
    /// The rows of a pair of IDX files, each with what names it in errors.
    ///
    /// # Errors
    /// Naming the file that is no IDX file, or has another number of dimensions or a value that is not allowed: labels
    /// have one dimension and are whole numbers below [`MAX_CLASSES`], inputs have two or more, and their numbers are
    /// finite; and the labels where they are not as many as the inputs.
    pub fn of_idx(images: (&str, &'a [u8]), labels: (&str, &[u8])) -> Result<Rows<'a>> {
        let inputs = idx::read(images.0, images.1)?;
        let refuse = |problem: String| Err(Error::invalid(images.0, problem));
        let (samples, features) = (inputs.sizes[0], inputs.row());
        if inputs.sizes.len() < 2 {
            return refuse("has one dimension, as labels have; images have two or more".into());
        }
        if !(2..=MAX_SAMPLES).contains(&samples) {
            return refuse(format!("has {samples} samples; 2 to {MAX_SAMPLES} are allowed"));
        }
        if features > MAX_FEATURES {
            return refuse(format!("has {features} numbers per sample; 1 to {MAX_FEATURES} are allowed"));
        }
        if !inputs.element.is_whole()
            && let Some(at) = inputs.numbers().position(|x| !x.is_finite())
        {
            let (sample, number) = (at / features + 1, at % features + 1);
            return refuse(format!("number {number} of sample {sample} is NaN or infinite"));
        }
        let of_labels = idx::read(labels.0, labels.1)?;
        let refuse = |problem: String| Err(Error::invalid(labels.0, problem));
        if of_labels.sizes.len() != 1 || !of_labels.element.is_whole() {
            let shown = of_labels.shown(0);
            return refuse(format!("has the sizes {shown}; labels are whole numbers in one dimension"));
        }
        if of_labels.sizes[0] != samples {
            return refuse(format!("has {} labels for {samples} samples of {}", of_labels.sizes[0], images.0));
        }
        let wrong = |x: &f64| !(0.0..MAX_CLASSES as f64).contains(x);
        if let Some((n, x)) = of_labels.numbers().enumerate().find(|(_, x)| wrong(x)) {
            return refuse(format!("label {} is {x}; labels are 0 to {}", n + 1, MAX_CLASSES - 1));
        }
        let labels: Vec<u8> = of_labels.numbers().map(|x| x as u8).collect();
        let classes = labels.iter().max().map_or(0, |&largest| usize::from(largest) + 1).max(2);
        let class_names = (0..classes).map(|class| class.to_string()).collect();
        let head = Head { name: "images".into(), rows: samples, class_names, feature_names: Vec::new() };
        Ok(Rows { head, labels: labels.into(), inputs })
    }

    /// The rows in what [`Rows::pack`] and [`pack_table`] return.
    ///
    /// # Errors
    /// When it is not that.
    pub fn unpack(packed: &'a [u8]) -> Result<Rows<'a>> {
        let damaged = || Error::invalid("data.own", "its rows are damaged; choose the file again");
        let (length, rest) = packed.split_first_chunk().ok_or_else(damaged)?;
        let (head, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(damaged)?;
        let head: Head = serde_json::from_slice(head).map_err(|_| damaged())?;
        let (labels, inputs) = rest.split_at_checked(head.rows).ok_or_else(damaged)?;
        let inputs = idx::read("data.own", inputs)?;
        if inputs.sizes[0] != labels.len() {
            return Err(damaged());
        }
        Ok(Rows { head, labels: labels.into(), inputs })
    }

    /// The number N of rows.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// Length of an input.
    pub fn features(&self) -> usize {
        self.inputs.row()
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.head.class_names.len()
    }

    /// Side of the square image that an input is: where there are two further dimensions of equal size.
    pub fn image_side(&self) -> Option<usize> {
        match *self.inputs.sizes {
            [_, rows, columns] if rows == columns && rows > 1 => Some(rows),
            _ => None,
        }
    }

    /// The sizes of an input in words, for example 28 × 28.
    pub fn shown(&self) -> String {
        self.inputs.shown(1)
    }

    /// `samples` of the rows at random, or all, in their order.
    ///
    /// # Errors
    /// Naming `data.samples` when there are not so many, or fewer than two are wanted.
    pub fn dataset(&self, samples: Option<usize>, seed: u64) -> Result<Dataset> {
        let indices = chosen(self.count(), samples, seed)?;
        Ok(self.select(&indices))
    }

    /// The first `count` rows, or all of fewer.
    pub fn first(&self, count: usize) -> Dataset {
        self.select(&(0..count.min(self.count())).collect::<Vec<_>>())
    }

    /// Input number n.
    ///
    /// # Panics
    /// When n is not below [`Rows::count`].
    pub fn input(&self, n: usize) -> Vec<f64> {
        let mut input = Vec::with_capacity(self.features());
        self.push(n, &mut input);
        input
    }

    fn push(&self, n: usize, inputs: &mut Vec<f64>) {
        let Idx { element, body, .. } = &self.inputs;
        let length = self.features() * element.bytes();
        let row = &body[n * length..(n + 1) * length];
        match element {
            // Correctly rounded, so that 255 is 1.
            Element::U8 => inputs.extend(row.iter().map(|&byte| f64::from(byte) / 255.0)),
            _ => inputs.extend(row.chunks_exact(element.bytes()).map(|bytes| element.number(bytes))),
        }
    }

    fn select(&self, indices: &[usize]) -> Dataset {
        let features = self.features();
        let mut inputs = Vec::with_capacity(indices.len() * features);
        indices.iter().for_each(|&n| self.push(n, &mut inputs));
        let feature_names = match *self.inputs.sizes {
            _ if !self.head.feature_names.is_empty() => self.head.feature_names.clone(),
            [_, rows, columns] => {
                (0..rows * columns).map(|i| format!("pixel_{}_{}", i / columns, i % columns)).collect()
            }
            _ => (1..=features).map(|feature| format!("x{feature}")).collect(),
        };
        Dataset {
            name: self.head.name.clone(),
            inputs,
            labels: indices.iter().map(|&n| usize::from(self.labels[n])).collect(),
            features,
            classes: self.classes(),
            class_names: self.head.class_names.clone(),
            feature_names,
        }
    }

    /// The packed rows, and what is known of them, under the name of their file.
    pub fn pack(&self, name: &str) -> (Own, Vec<u8>) {
        let Idx { element, sizes, body } = &self.inputs;
        let packed = pack(&self.head, &self.labels, *element, sizes, body);
        let own = Own::new(name, &packed, (self.count(), self.features(), self.classes()));
        (Own { images: true, side: self.image_side(), ..own }, packed)
    }
}

/// The rows of a text table, packed, under the name of its file.
pub fn pack_table(name: &str, table: &Dataset) -> (Own, Vec<u8>) {
    let labels: Vec<u8> = table.labels.iter().map(|&label| label as u8).collect();
    let numbers: Vec<u8> = table.inputs.iter().flat_map(|x| x.to_be_bytes()).collect();
    let head = Head {
        name: table.name.clone(),
        rows: labels.len(),
        class_names: table.class_names.clone(),
        feature_names: table.feature_names.clone(),
    };
    let packed = pack(&head, &labels, Element::F64, &[labels.len(), table.features], &numbers);
    (Own::new(name, &packed, (labels.len(), table.features, table.classes)), packed)
}

fn pack(head: &Head, labels: &[u8], element: Element, sizes: &[usize], numbers: &[u8]) -> Vec<u8> {
    // A record of texts can be written.
    let head = serde_json::to_vec(head).unwrap_or_default();
    [&(head.len() as u32).to_be_bytes()[..], &head, labels, &idx::header(element, sizes), numbers].concat()
}
