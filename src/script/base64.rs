//! Bytes as text: base64 after RFC 4648, with padding.

use serde::Serialize;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes of a line, whose text has 120 characters.
const LINE: usize = 90;

/// A long sequence of numbers: base64 of their bytes, little-endian, in lines that are to be joined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Packed(Vec<String>);

impl Packed {
    /// Of numbers of 64 bits.
    pub fn floats(numbers: &[f64]) -> Self {
        Packed::bytes(&numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
    }

    /// Of indices, as unsigned integers of 32 bits.
    ///
    /// # Panics
    /// If one is beyond 2³² − 1.
    pub fn indices(indices: &[usize]) -> Self {
        let word = |&index: &usize| u32::try_from(index).expect("an index of 32 bits").to_le_bytes();
        Packed::bytes(&indices.iter().flat_map(word).collect::<Vec<u8>>())
    }

    fn bytes(bytes: &[u8]) -> Self {
        Packed(bytes.chunks(LINE).map(encoded).collect())
    }
}

/// The base64 of `bytes`.
fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = (0..3).fold(0, |word, i| word << 8 | u32::from(group.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * i)) as usize & 63];
            text.push(if i <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648, section 10.
    #[test]
    fn examples_of_the_standard() {
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in examples {
            assert_eq!(encoded(bytes.as_bytes()), text);
        }
        assert_eq!(encoded(&[0xff, 0xef, 0xbe]), "/+++");
    }

    /// All lines but the last have a number of bytes that leaves no padding within the joined text.
    #[test]
    fn lines_can_be_joined() {
        let bytes: Vec<u8> = (0..=255).collect();
        let Packed(lines) = Packed::bytes(&bytes);
        assert_eq!((lines.len(), lines.concat()), (3, encoded(&bytes)));
    }
}
