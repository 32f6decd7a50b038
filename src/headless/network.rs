//! A network of the user's own, from a file.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::input::{path_name, read_bytes};
use crate::network_file::{self, NetworkFile};

/// The most bytes of a file: more than the largest network in numbers of eight bytes.
const MAX_BYTES: u64 = 2_000_000_000;

/// A trained network.
#[derive(Args)]
pub struct Network {
    /// A trained network, a safetensors file: weights and biases of linear layers as of PyTorch (NAME.weight, NAME.bias) or
    /// Keras (NAME/kernel, NAME/bias) in F64, F32, F16 or BF16. Its metadata may name activation, loss_function and
    /// label_smoothing. A run begins with it, in place of a start that is drawn.
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
}

impl Network {
    /// The network and the name of its file, if there is one.
    ///
    /// # Errors
    /// A sentence that begins with the path.
    pub fn read(&self) -> Result<Option<(String, NetworkFile)>, String> {
        let read = |path: &Path| {
            let (name, bytes) = (path_name(path), read_bytes(path, MAX_BYTES)?);
            let network = network_file::read(&name, &bytes).map_err(|error| error.to_string())?;
            Ok((name, network))
        };
        self.network.as_deref().map(read).transpose()
    }
}

/// A choice by the name that records have for it, for arguments.
///
/// # Errors
/// A sentence with the names that are allowed.
pub fn named<T: for<'a> Deserialize<'a>>(name: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(name.to_owned())).map_err(|error| error.to_string())
}
