//! Texts from files and from standard input.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::shortened;

/// The text of the file at `path`, of standard input for `-`.
///
/// # Errors
/// A sentence that begins with the path.
pub fn read(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text)
    } else {
        File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map(|_| text).map_err(|error| format!("{}: {error}", path_name(path)))
}

/// The bytes of the file at `path`.
///
/// # Errors
/// A sentence that begins with the path, also where there are more than `most`.
pub fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 > most => Err(format!("{}: has more than {most} bytes", path_name(path))),
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("{}: {error}", path_name(path))),
    }
}

/// A path in a sentence: on one line, and not longer than a few.
pub fn path_name(path: &Path) -> String {
    shortened(&path.display().to_string(), 200)
}
