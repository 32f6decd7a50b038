//! Real data sets, as `scripts/embed-data` packed them from the tables in `tests/data`.
//!
//! With the feature `tables` the program carries the packed tables; without it, as on the page, whoever loads a set
//! supplies its table. Either way the bytes are known, by their length and hash.
//!
//! All are from the UCI Machine Learning Repository, licensed CC BY 4.0:
//! - digits: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, 1998 (the 1797 samples of its test part)
//! - iris: Fisher, Iris, 1936
//! - wine: Aeberhard and Forina, Wine, 1991
//! - breast cancer: Wolberg, Mangasarian, Street and Street, Breast Cancer Wisconsin (Diagnostic), 1993

use super::Dataset;
use super::packed::{Table, hash, unpack};
use crate::error::{Error, Result};

/// What is known of a packed table at compile time.
struct Known {
    name: &'static str,
    length: usize,
    hash: u64,
    bytes: Option<&'static [u8]>,
}

/// The table `embedded/NAME.bin`.
macro_rules! known {
    ($name:literal) => {
        Known {
            name: $name,
            length: include_bytes!(concat!("embedded/", $name, ".bin")).len(),
            hash: hash(include_bytes!(concat!("embedded/", $name, ".bin"))),
            #[cfg(feature = "tables")]
            bytes: Some(include_bytes!(concat!("embedded/", $name, ".bin"))),
            #[cfg(not(feature = "tables"))]
            bytes: None,
        }
    };
}

// Constants, not statics: of bytes that are only hashed the compiler leaves nothing in the program.
#[allow(long_running_const_eval)]
const KNOWN: [Known; 4] = [known!("digits"), known!("iris"), known!("wine"), known!("breast_cancer")];

/// The names of all packed tables; NAME is the file `NAME.bin`.
pub fn names() -> Vec<&'static str> {
    KNOWN.iter().map(|known| known.name).collect()
}

/// Whether `bytes` are the packed table `name`.
pub fn is_intact(name: &str, bytes: &[u8]) -> bool {
    KNOWN.iter().any(|known| known.name == name && known.length == bytes.len() && known.hash == hash(bytes))
}

/// Handwritten digits: 1797 images of 8 × 8 pixels from 0 (background) to 1 (ink), 10 classes.
///
/// # Errors
/// When `table` is not the packed table `digits`, or is none and the program carries none.
pub fn digits(table: Option<&Table>) -> Result<Dataset> {
    let mut dataset = load("digits", table)?;
    dataset.inputs.iter_mut().for_each(|pixel| *pixel /= 16.0);
    Ok(dataset)
}

/// The digits averaged over squares of 2 × 2 pixels: images of 4 × 4 pixels from 0 to 1.
///
/// # Errors
/// As [`digits`].
pub fn digits_small(table: Option<&Table>) -> Result<Dataset> {
    let mut dataset = digits(table)?;
    let small = |image: &[f64]| -> [f64; 16] {
        std::array::from_fn(|pixel| {
            let corner = 16 * (pixel / 4) + 2 * (pixel % 4);
            (image[corner] + image[corner + 1] + image[corner + 8] + image[corner + 9]) / 4.0
        })
    };
    dataset.inputs = dataset.inputs.chunks_exact(64).flat_map(small).collect();
    dataset.features = 16;
    dataset.feature_names = (0..16).map(|pixel| format!("pixel_{}_{}", pixel / 4, pixel % 4)).collect();
    Ok(dataset.called("digits4x4"))
}

/// Iris flowers: 150 × 4 lengths and widths in cm, 3 species.
///
/// # Errors
/// When `table` is not the packed table `iris`, or is none and the program carries none.
pub fn iris(table: Option<&Table>) -> Result<Dataset> {
    load("iris", table)
}

/// Wines: 178 × 13 chemical and optical properties, 3 growers.
///
/// # Errors
/// When `table` is not the packed table `wine`, or is none and the program carries none.
pub fn wine(table: Option<&Table>) -> Result<Dataset> {
    load("wine", table)
}

/// Breast cancer: 569 × 30 measures of cell nuclei, benign or malignant.
///
/// # Errors
/// When `table` is not the packed table `breast_cancer`, or is none and the program carries none.
pub fn breast_cancer(table: Option<&Table>) -> Result<Dataset> {
    load("breast_cancer", table)
}

/// The data of the packed table `name`: of `table` where there is one, else of the bytes that the program carries.
fn load(name: &'static str, table: Option<&Table>) -> Result<Dataset> {
    let embedded = || KNOWN.iter().find(|known| known.name == name).and_then(|known| known.bytes);
    let Some(bytes) = table.map(Table::bytes).or_else(embedded) else {
        let problem = format!("the table {name} must be supplied; this program does not carry it");
        return Err(Error::invalid("data.name", problem));
    };
    if table.is_some() && !is_intact(name, bytes) {
        let problem = format!("the table {name} is damaged or of another version; supply the file {name}.bin as it is");
        return Err(Error::invalid("data.name", problem));
    }
    Ok(unpack(name, bytes))
}
