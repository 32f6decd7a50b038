//! Where results go: standard output, or a file that is either the old one or the whole new one, never a part of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use tempfile::NamedTempFile;

use super::input::path_name;

/// The option `--out`, shared by all commands that compute.
#[derive(Args)]
pub struct Out {
    /// Write to FILE instead of standard output; FILE appears, or is replaced, when the result is complete.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Out {
    /// The place, where it is not standard output.
    pub fn path(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    /// Checks that the place can be written to, before anything is computed.
    ///
    /// # Errors
    /// A sentence that begins with the path.
    pub fn open(&self) -> Result<Output, String> {
        match &self.out {
            None => Ok(Output::standard()),
            Some(path) => Output::at(path).map_err(|error| named(path, &error)),
        }
    }
}

/// A place that can be written to.
pub struct Output(Place);

enum Place {
    Standard,
    /// A device or a pipe, which cannot be replaced.
    Stream(File, PathBuf),
    /// A new file beside the one that it will replace.
    Replacement(NamedTempFile, PathBuf),
}

impl Output {
    /// Standard output.
    pub fn standard() -> Self {
        Output(Place::Standard)
    }

    /// The file that would stay behind if the program ended now.
    pub fn temporary(&self) -> Option<&Path> {
        match &self.0 {
            Place::Replacement(file, _) => Some(file.path()),
            _ => None,
        }
    }

    /// The file at `path`, new or to be replaced.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn at(path: &Path) -> io::Result<Self> {
        let old = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(old) = &old {
            // Opening it notices a directory, and a file that is write-protected.
            let file = OpenOptions::new().write(true).open(path)?;
            if !old.is_file() {
                return Ok(Output(Place::Stream(file, path.to_owned())));
            }
        }
        // A link stays; what it points to is replaced.
        let path = if old.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".headless-");
        // Temporary files are private unless asked otherwise; this one becomes the result.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The error itself names a random file that never was.
        let file = builder.tempfile_in(directory).map_err(|error| {
            let problem = format!("no file can be created in {}: {}", path_name(directory), error.kind());
            io::Error::new(error.kind(), problem)
        })?;
        if let Some(old) = old {
            file.as_file().set_permissions(old.permissions())?;
        }
        Ok(Output(Place::Replacement(file, path)))
    }

    /// Writes `value` as one line of JSON.
    ///
    /// # Errors
    /// A sentence that begins with the path.
    pub fn write_json(self, value: &impl Serialize) -> Result<(), String> {
        self.write(|writer| {
            serde_json::to_writer(&mut *writer, value)?;
            writeln!(writer)
        })
    }

    /// Writes what `write` writes. On failure an old file stays as it was.
    ///
    /// # Errors
    /// A sentence that begins with the path.
    pub fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), String> {
        let buffered = |target: &mut dyn Write| {
            let mut writer = BufWriter::new(target);
            write(&mut writer)?;
            writer.flush()
        };
        let (path, outcome) = match self.0 {
            Place::Standard => (PathBuf::from("standard output"), buffered(&mut io::stdout().lock())),
            Place::Stream(mut file, path) => (path, buffered(&mut file)),
            Place::Replacement(mut file, path) => {
                // Only what is on the disk may take the name.
                let outcome = buffered(&mut file)
                    .and_then(|()| file.as_file().sync_all())
                    .and_then(|()| file.persist(&path).map(drop).map_err(io::Error::from));
                (path, outcome)
            }
        };
        match outcome {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| named(&path, &error)),
        }
    }
}

/// Writes a sentence to standard error; nothing is left to do when that fails.
pub fn warn(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

fn named(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path_name(path))
}
