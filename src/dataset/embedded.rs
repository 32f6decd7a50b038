//! Real data sets that the program carries, as `scripts/embed-data` packed them from the tables in `tests/data`.
//!
//! All are from the UCI Machine Learning Repository, licensed CC BY 4.0:
//! - digits: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, 1998 (the 1797 samples of its test part)
//! - iris: Fisher, Iris, 1936
//! - wine: Aeberhard and Forina, Wine, 1991
//! - breast cancer: Wolberg, Mangasarian, Street and Street, Breast Cancer Wisconsin (Diagnostic), 1993

use super::Dataset;

/// Handwritten digits: 1797 images of 8 × 8 pixels from 0 (background) to 1 (ink), 10 classes.
pub fn digits() -> Dataset {
    let mut dataset = unpack("digits", include_bytes!("embedded/digits.bin"));
    dataset.inputs.iter_mut().for_each(|pixel| *pixel /= 16.0);
    dataset
}

/// The digits averaged over squares of 2 × 2 pixels: images of 4 × 4 pixels from 0 to 1.
pub fn digits_small() -> Dataset {
    let mut dataset = digits();
    let small = |image: &[f64]| -> [f64; 16] {
        std::array::from_fn(|pixel| {
            let corner = 16 * (pixel / 4) + 2 * (pixel % 4);
            (image[corner] + image[corner + 1] + image[corner + 8] + image[corner + 9]) / 4.0
        })
    };
    dataset.inputs = dataset.inputs.chunks_exact(64).flat_map(small).collect();
    dataset.features = 16;
    dataset.feature_names = (0..16).map(|pixel| format!("pixel_{}_{}", pixel / 4, pixel % 4)).collect();
    dataset.called("digits4x4")
}

/// Iris flowers: 150 × 4 lengths and widths in cm, 3 species.
pub fn iris() -> Dataset {
    unpack("iris", include_bytes!("embedded/iris.bin"))
}

/// Wines: 178 × 13 chemical and optical properties, 3 growers.
pub fn wine() -> Dataset {
    unpack("wine", include_bytes!("embedded/wine.bin"))
}

/// Breast cancer: 569 × 30 measures of cell nuclei, benign or malignant.
pub fn breast_cancer() -> Dataset {
    unpack("breast_cancer", include_bytes!("embedded/breast_cancer.bin"))
}

/// Restores a table from the form that `scripts/embed-data` describes.
///
/// A number is a whole one divided by a power of ten. Both are exact in f64, so the correctly rounded quotient is the
/// number nearest to the decimal text.
///
/// # Panics
/// When the bytes are not of that form; the tests unpack every set.
fn unpack(name: &str, bytes: &[u8]) -> Dataset {
    let mut parts = bytes.splitn(5, |&byte| byte == b'\n');
    let mut line = |separator| -> Vec<String> {
        let text = std::str::from_utf8(parts.next().unwrap()).unwrap();
        text.split(separator).map(str::to_string).collect()
    };
    let (feature_names, class_names) = (line(','), line(','));
    let mut numbers = || -> Vec<u32> { line(' ').iter().map(|number| number.parse().unwrap()).collect() };
    let (digits, widths) = (numbers(), numbers());
    let body = parts.next().unwrap();

    let features = feature_names.len();
    let samples = body.len() / (1 + widths.iter().sum::<u32>() as usize);
    let (labels, mut body) = body.split_at(samples);
    let mut inputs = vec![0.0; samples * features];
    for feature in 0..features {
        let (mut unit, divisor) = (1.0, f64::from(10u32.pow(digits[feature])));
        for _ in 0..widths[feature] {
            for (row, &byte) in inputs.chunks_exact_mut(features).zip(body) {
                row[feature] += f64::from(byte) * unit;
            }
            unit *= 256.0;
            body = &body[samples..];
        }
        inputs.chunks_exact_mut(features).for_each(|row| row[feature] /= divisor);
    }
    Dataset {
        name: name.to_string(),
        inputs,
        labels: labels.iter().map(|&class| usize::from(class)).collect(),
        features,
        classes: class_names.len(),
        class_names,
        feature_names,
    }
}
