//! The seeds of an ensemble that are finished, kept until all are.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::input::path_name;
use super::output::Output;
use crate::displacement::Pairing;
use crate::ensemble::{Ensemble, SeedResult};

/// A folder with a file per finished seed.
pub struct FinishedSeeds {
    folder: PathBuf,
    ensemble: Ensemble,
}

/// What a file holds.
#[derive(Deserialize)]
struct Kept {
    program: String,
    ensemble: Ensemble,
    result: SeedResult,
}

#[derive(Serialize)]
struct Keep<'a> {
    program: &'a str,
    ensemble: &'a Ensemble,
    result: &'a SeedResult,
}

/// The sources of this program. Others may give other bits.
pub const PROGRAM: &str = env!("EIGENDRIFT_SOURCES");

impl FinishedSeeds {
    /// The folder for an ensemble whose result will be at `path`.
    ///
    /// # Errors
    /// A sentence that begins with the folder's path, when it cannot be made.
    pub fn beside(path: &Path, ensemble: &Ensemble) -> Result<Self, String> {
        let mut folder = path.as_os_str().to_owned();
        folder.push(".seeds");
        let folder = PathBuf::from(folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", path_name(&folder)))?;
        // The pairing and which seeds are wanted do not change what a seed gives.
        let ensemble = Ensemble { first_seed: 0, seed_count: 1, pairing: Pairing::Tracked, ..ensemble.clone() };
        Ok(FinishedSeeds { folder, ensemble })
    }

    /// The seeds that were finished by this program for this ensemble; files of others are left alone.
    ///
    /// # Errors
    /// A sentence that begins with the path of what could not be read.
    pub fn read(&self) -> Result<Vec<SeedResult>, String> {
        let named = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path_name(path));
        let entries = fs::read_dir(&self.folder).map_err(|error| named(&self.folder, &error))?;
        let mut results = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| named(&self.folder, &error))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|error| named(&path, &error))?;
            // What another version wrote, or was cut off by a crash, is computed again.
            if let Ok(kept) = serde_json::from_str::<Kept>(&text)
                && kept.program == PROGRAM
                && kept.ensemble == self.ensemble
            {
                results.push(kept.result);
            }
        }
        Ok(results)
    }

    /// Keeps a seed's result.
    ///
    /// # Errors
    /// A sentence that begins with the path.
    pub fn keep(&self, result: &SeedResult) -> Result<(), String> {
        let path = self.folder.join(format!("{}.json", result.seed));
        let output = Output::at(&path).map_err(|error| format!("{}: {error}", path_name(&path)))?;
        output.write_json(&Keep { program: PROGRAM, ensemble: &self.ensemble, result })
    }

    /// Removes the folder; what cannot be removed stays, and does no harm.
    pub fn remove(self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let _ = fs::remove_file(path);
            }
        }
        let _ = fs::remove_dir(&self.folder);
    }
}
