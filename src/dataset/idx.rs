//! IDX files, the format of MNIST (LeCun, Cortes and Burges): one array of numbers of one type.
//!
//! ```text
//! 0, 0, type, D │ D sizes, each of 4 bytes │ size_1 · … · size_D numbers, the last index fastest; all big-endian
//! ```

use crate::error::{Error, Result};

/// The most dimensions of an array.
pub const MAX_DIMENSIONS: usize = 4;

/// The type of an array's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// Whole numbers from 0 to 255.
    U8,
    /// Whole numbers from −128 to 127.
    I8,
    /// Whole numbers of 16 bits.
    I16,
    /// Whole numbers of 32 bits.
    I32,
    /// Floating-point numbers of 32 bits.
    F32,
    /// Floating-point numbers of 64 bits.
    F64,
}

impl Element {
    /// Each type with its code, the bytes of a number and its name.
    const ALL: [(Element, u8, usize, &str); 6] = [
        (Element::U8, 0x08, 1, "u8"),
        (Element::I8, 0x09, 1, "i8"),
        (Element::I16, 0x0B, 2, "i16"),
        (Element::I32, 0x0C, 4, "i32"),
        (Element::F32, 0x0D, 4, "f32"),
        (Element::F64, 0x0E, 8, "f64"),
    ];

    fn row(self) -> (Element, u8, usize, &'static str) {
        Element::ALL[self as usize]
    }

    /// Bytes of a number.
    pub fn bytes(self) -> usize {
        self.row().2
    }

    /// Whether the numbers are whole.
    pub fn is_whole(self) -> bool {
        !matches!(self, Element::F32 | Element::F64)
    }

    /// The number that `bytes` are, exactly.
    ///
    /// # Panics
    /// When they are not as many as [`Element::bytes`].
    pub fn number(self, bytes: &[u8]) -> f64 {
        const LENGTH: &str = "as many bytes as a number has";
        match self {
            Element::U8 => f64::from(bytes[0]),
            Element::I8 => f64::from(bytes[0] as i8),
            Element::I16 => f64::from(i16::from_be_bytes(bytes.try_into().expect(LENGTH))),
            Element::I32 => f64::from(i32::from_be_bytes(bytes.try_into().expect(LENGTH))),
            Element::F32 => f64::from(f32::from_be_bytes(bytes.try_into().expect(LENGTH))),
            Element::F64 => f64::from_be_bytes(bytes.try_into().expect(LENGTH)),
        }
    }
}

/// An array in the bytes of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx<'a> {
    /// The type of its numbers.
    pub element: Element,
    /// size_1, …, size_D; none is 0.
    pub sizes: Vec<usize>,
    /// The numbers, as many as the sizes ask for.
    pub body: &'a [u8],
}

/// Whether `bytes` begin like an IDX file: no text and no archive does.
pub fn is_idx(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0, 0])
}

/// The bytes of a file before its numbers.
pub fn header(element: Element, sizes: &[usize]) -> Vec<u8> {
    let sizes_bytes = sizes.iter().flat_map(|&size| (size as u32).to_be_bytes());
    [0, 0, element.row().1, sizes.len() as u8].into_iter().chain(sizes_bytes).collect()
}

/// The array in `bytes`, which `field` names in errors. Nothing is allocated by what a file claims.
///
/// # Errors
/// Naming `field`, when the file begins otherwise, has no known type, no or too many dimensions, a size of 0, or another
/// number of bytes than its sizes ask for.
pub fn read<'a>(field: &str, bytes: &'a [u8]) -> Result<Idx<'a>> {
    let refuse = |problem: String| Err(Error::invalid(field, problem));
    let length = bytes.len();
    let &[zero, null, code, dimensions, ref rest @ ..] = bytes else {
        return refuse(format!("has {length} bytes; an IDX file begins with two zeros, its type and its dimensions"));
    };
    if (zero, null) != (0, 0) {
        let begin = format!("begins with the bytes {zero:#04x} {null:#04x}");
        return refuse(format!("{begin}; an IDX file begins with two zeros, maybe compressed by gzip"));
    }
    let Some(&(element, ..)) = Element::ALL.iter().find(|(_, known, ..)| *known == code) else {
        let known: Vec<String> =
            Element::ALL.iter().map(|(_, code, _, name)| format!("{code:#04x} ({name})")).collect();
        return refuse(format!("byte 3, the type, is {code:#04x}; allowed are {}", known.join(", ")));
    };
    let dimensions = usize::from(dimensions);
    if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
        return refuse(format!("byte 4 asks for {dimensions} dimensions; 1 to {MAX_DIMENSIONS} are allowed"));
    }
    let Some((sizes, body)) = rest.split_at_checked(4 * dimensions) else {
        let needed = 4 + 4 * dimensions;
        return refuse(format!("ends after {length} bytes; {dimensions} sizes need {needed}"));
    };
    let size = |bytes: &[u8]| bytes.iter().fold(0, |size, &byte| size << 8 | u64::from(byte));
    let sizes: Vec<u64> = sizes.chunks_exact(4).map(size).collect();
    let shown = sizes.iter().map(u64::to_string).collect::<Vec<_>>().join(" × ");
    if sizes.contains(&0) {
        return refuse(format!("has the sizes {shown}; each must be at least 1"));
    }
    let needed = sizes.iter().try_fold(element.bytes() as u64, |product, size| product.checked_mul(*size));
    if needed != Some(body.len() as u64) {
        let needed = needed.map_or("more bytes than there can be".to_owned(), |needed| format!("{needed} bytes"));
        return refuse(format!("the sizes {shown} ask for {needed} of numbers; the file has {}", body.len()));
    }
    Ok(Idx { element, sizes: sizes.into_iter().map(|size| size as usize).collect(), body })
}

impl Idx<'_> {
    /// The sizes from an index on in words, for example 28 × 28 of 60000 × 28 × 28 from 1 on.
    ///
    /// # Panics
    /// When there are fewer.
    pub fn shown(&self, from: usize) -> String {
        self.sizes[from..].iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
    }

    /// The product of the sizes after the first.
    pub fn row(&self) -> usize {
        self.sizes[1..].iter().product()
    }

    /// All numbers.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        self.body.chunks_exact(self.element.bytes()).map(|bytes| self.element.number(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> String {
        read("file", bytes).unwrap_err().to_string()
    }

    /// Extremes of each type, and numbers whose bytes are known from the definition of two's complement and IEEE 754.
    #[test]
    fn every_type_is_read_exactly() {
        let arrays: [(u8, &[u8], &[f64]); 6] = [
            (0x08, &[0, 1, 255], &[0.0, 1.0, 255.0]),
            (0x09, &[0x80, 0xFF, 0x7F], &[-128.0, -1.0, 127.0]),
            (0x0B, &[0x80, 0, 0xFF, 0xFE, 0x01, 0x02], &[-32768.0, -2.0, 258.0]),
            (0x0C, &[0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], &[-2147483648.0, -1.0, 16909060.0]),
            (0x0D, &[0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0, 0x3D, 0xCC, 0xCC, 0xCD], &[1.0, -2.5, 0.1_f32 as f64]),
            (
                0x0E,
                &[
                    0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 4, 0, 0, 0, 0, 0, 0, 0x3F, 0xB9, 0x99, 0x99, 0x99, 0x99, 0x99,
                    0x9A,
                ],
                &[1.0, -2.5, 0.1],
            ),
        ];
        for (code, body, numbers) in arrays {
            let bytes = [&[0, 0, code, 2, 0, 0, 0, 3, 0, 0, 0, 1], body].concat();
            let idx = read("file", &bytes).unwrap();
            assert_eq!((idx.sizes.as_slice(), idx.row()), (&[3, 1][..], 1), "{code:#04x}");
            assert_eq!(idx.numbers().collect::<Vec<_>>(), numbers, "{code:#04x}");
            assert_eq!(idx.element.is_whole(), code < 0x0D);
            assert_eq!([&header(idx.element, &idx.sizes), body].concat(), bytes);
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_what_is_wrong_and_allowed() {
        let huge = [&[0, 0, 0x0E, 4][..], &[0xFF; 16]].concat();
        for (bytes, sentence) in [
            (&[][..], "file: has 0 bytes; an IDX file begins with two zeros"),
            (&[0, 0, 8], "file: has 3 bytes"),
            (&[0x50, 0x4B, 3, 4, 0], "file: begins with the bytes 0x50 0x4b; an IDX file begins with two zeros"),
            (&[0, 0, 0x0A, 1, 0, 0, 0, 1, 1], "file: byte 3, the type, is 0x0a; allowed are 0x08 (u8), 0x09 (i8)"),
            (&[0, 0, 8, 0, 1], "file: byte 4 asks for 0 dimensions; 1 to 4 are allowed"),
            (&[0, 0, 8, 5, 1], "file: byte 4 asks for 5 dimensions"),
            (&[0, 0, 8, 2, 0, 0, 0, 1], "file: ends after 8 bytes; 2 sizes need 12"),
            (&[0, 0, 8, 1, 0, 0, 0, 0], "file: has the sizes 0; each must be at least 1"),
            (&[0, 0, 8, 1, 0, 0, 0, 2, 1], "file: the sizes 2 ask for 2 bytes of numbers; the file has 1"),
            (&[0, 0, 8, 1, 0, 0, 0, 1, 1, 2], "file: the sizes 1 ask for 1 bytes of numbers; the file has 2"),
            (&[0, 0, 0x0E, 1, 0xFF, 0xFF, 0xFF, 0xFF], "file: the sizes 4294967295 ask for 34359738360 bytes"),
            (&huge, "file: the sizes 4294967295 × 4294967295 × 4294967295 × 4294967295 ask for more bytes than"),
        ] {
            let error = refused(bytes);
            assert!(error.starts_with(sentence), "{bytes:?}: {error}");
        }
    }
}
