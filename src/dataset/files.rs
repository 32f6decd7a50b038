//! Files that the native program opens by their paths, compressed by gzip or not.

use std::fs::File;
use std::io::{BufReader, Read};

use super::{MAX_FEATURES, MAX_SAMPLES};
use crate::error::{Error, Result, shortened};
use flate2::bufread::MultiGzDecoder;

/// The most bytes of a file, uncompressed: the largest data that are allowed, in numbers of eight bytes, and their sizes.
const MAX_BYTES: u64 = (MAX_SAMPLES * MAX_FEATURES * 8 + 64) as u64;

/// The bytes of the file at `path`, uncompressed; `field` names the path in errors.
///
/// # Errors
/// Naming `field` and path, when the file cannot be read or has too many bytes.
pub(super) fn read(field: &str, path: &str) -> Result<Vec<u8>> {
    let refuse = |problem: String| Error::invalid(field, format!("{}: {problem}", shortened(path, 200)));
    let mut bytes = Vec::new();
    let mut read = || {
        let mut file = BufReader::new(File::open(path)?);
        let mut begin = Vec::new();
        file.by_ref().take(2).read_to_end(&mut begin)?;
        let is_compressed = begin == [0x1f, 0x8b];
        let whole = BufReader::new(begin.chain(file));
        // One byte more than is allowed, however much a small file claims to be.
        match is_compressed {
            true => MultiGzDecoder::new(whole).take(MAX_BYTES + 1).read_to_end(&mut bytes),
            false => whole.take(MAX_BYTES + 1).read_to_end(&mut bytes),
        }
    };
    read().map_err(|error: std::io::Error| refuse(error.to_string()))?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(refuse(format!("has more than {MAX_BYTES} bytes, uncompressed"))),
        false => Ok(bytes),
    }
}
