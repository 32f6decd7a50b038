//! Records as JSON text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Writes numbers as the standard library does, which the page has anyway: the shortest text that reads back as the same
/// number. serde_json's own writer would bring tables of powers of ten, 10 kB that do not compress.
struct StandardNumbers;

impl Formatter for StandardNumbers {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write!(writer, "{value:?}")
    }
}

/// `record` as JSON text.
///
/// # Errors
/// Where a record cannot be written; those of numbers and texts can.
pub fn to_text(record: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    let mut text = Vec::new();
    record.serialize(&mut Serializer::with_formatter(&mut text, StandardNumbers))?;
    Ok(String::from_utf8(text).expect("JSON is UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_to_the_last_bit() {
        let numbers = [0.1, -0.0, 1e16, 1e-7, 5e-324, f64::MAX, 1.0, 123_456_789.123];
        let text = to_text(&numbers).unwrap();
        let read: Vec<f64> = serde_json::from_str(&text).unwrap();
        assert!(read.iter().map(|x| x.to_bits()).eq(numbers.iter().map(|x| x.to_bits())), "{text}");
        assert_eq!(to_text(&(f64::NAN, "a\n", 3_u8)).unwrap(), "[null,\"a\\n\",3]");
    }
}
