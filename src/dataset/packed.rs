//! The packed form of a table, as `scripts/embed-data` describes it.

use super::Dataset;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// The bytes of a packed table; clones share them.
#[derive(Clone, PartialEq, Eq)]
pub struct Table(Arc<Vec<u8>>);

impl Table {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Table {
    fn from(bytes: Vec<u8>) -> Self {
        Table(Arc::new(bytes))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} bytes)", self.0.len())
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Table;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Table, E> {
                Ok(bytes.to_vec().into())
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Table, E> {
                Ok(bytes.into())
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

/// The hash FNV-1a of Fowler, Noll and Vo, 64 bits.
pub const fn hash(bytes: &[u8]) -> u64 {
    let (mut hash, mut i) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Restores a table.
///
/// A number is a whole one divided by a power of ten. Both are exact in f64, so the correctly rounded quotient is the
/// number nearest to the decimal text.
///
/// # Panics
/// When the bytes are not of that form; callers compare their [`hash`] first.
pub(super) fn unpack(name: &str, bytes: &[u8]) -> Dataset {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_has_its_published_values() {
        // From the authors' test vectors.
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
