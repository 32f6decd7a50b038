//! `headless types`.

use clap::Args;

use super::output::Out;
use super::typescript::declarations;

/// Print the TypeScript types of the JS API's records.
#[derive(Args)]
pub struct Types {
    #[command(flatten)]
    out: Out,
}

impl Types {
    pub fn execute(&self) -> Result<(), String> {
        self.out.open()?.write(|out| out.write_all(declarations().as_bytes()))
    }
}
