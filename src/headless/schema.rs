//! `headless schema`.

use clap::Args;

use super::output::Out;
use super::record::Record;

/// Print the JSON Schema of what is read or printed.
#[derive(Args)]
pub struct Schema {
    /// Which record.
    record: Record,
    #[command(flatten)]
    out: Out,
}

impl Schema {
    pub fn execute(&self) -> Result<(), String> {
        let schema = self.record.schema();
        self.out.open()?.write(|out| writeln!(out, "{:#}", schema.as_value()))
    }
}
