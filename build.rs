//! Sets `EIGENDRIFT_SOURCES`, a hash of all sources, by which exported files name the build they come from.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=Cargo.lock");
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.add_tree(Path::new("src"))?;
    hash.add(&fs::read("Cargo.lock")?);
    // The same sources built with and without optimization differ too.
    hash.add(env::var("PROFILE").unwrap_or_default().as_bytes());
    println!("cargo:rustc-env=EIGENDRIFT_SOURCES={:016x}", hash.0);
    Ok(())
}

/// The hash FNV-1a of Fowler, Noll and Vo, 64 bits.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// All files below `directory`, in the order of their names.
    fn add_tree(&mut self, directory: &Path) -> io::Result<()> {
        let mut paths: Vec<_> =
            fs::read_dir(directory)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.add_tree(&path)?;
            } else {
                self.add(path.to_string_lossy().as_bytes());
                self.add(&fs::read(&path)?);
            }
        }
        Ok(())
    }
}
