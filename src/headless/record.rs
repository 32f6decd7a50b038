//! The records that go in and out as JSON, and their schemas.

use clap::ValueEnum;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::case::{Analysis, Case};
use crate::ensemble::{Ensemble, EnsembleReport};
use crate::experiment::{Experiment, Report};
use crate::network_file::NetworkFile;
use crate::page::export::json::Everything;

/// What a subcommand reads or prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Record {
    /// What `analyze` reads.
    Case,
    /// What `run` reads.
    Experiment,
    /// What `analyze` prints.
    Analysis,
    /// What `run` prints.
    Report,
    /// What the page saves as JSON.
    Export,
    /// What is in a safetensors file, for the JS API.
    Network,
    /// What `ensemble` reads.
    Ensemble,
    /// What `ensemble` and `merge` print.
    EnsembleReport,
}

impl Record {
    /// Those of the JS API.
    pub const OF_THE_JS_API: [Record; 8] = [
        Record::Case,
        Record::Experiment,
        Record::Ensemble,
        Record::Analysis,
        Record::Report,
        Record::EnsembleReport,
        Record::Export,
        Record::Network,
    ];

    /// The JSON Schema, draft 2020-12. What is read may leave out whatever has a default; what is printed is complete.
    pub fn schema(self) -> Schema {
        let settings = || SchemaSettings::draft2020_12().with_transform(RecursiveTransform(plain_description));
        let read = || settings().for_deserialize().into_generator();
        let printed = || settings().for_serialize().into_generator();
        match self {
            Record::Case => read().into_root_schema_for::<Case>(),
            Record::Experiment => read().into_root_schema_for::<Experiment>(),
            Record::Analysis => printed().into_root_schema_for::<Analysis>(),
            Record::Report => printed().into_root_schema_for::<Report>(),
            Record::Export => printed().into_root_schema_for::<Everything>(),
            Record::Network => read().into_root_schema_for::<NetworkFile>(),
            Record::Ensemble => read().into_root_schema_for::<Ensemble>(),
            Record::EnsembleReport => printed().into_root_schema_for::<EnsembleReport>(),
        }
    }

    /// For help texts: below `title` every field with what it holds, what is allowed, and its default.
    pub fn fields(self, title: &str) -> String {
        let schema = Value::from(self.schema());
        let mut text = format!("{title}:\n");
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let description = property["description"].as_str().unwrap_or_default();
            let mut line = description.split_whitespace().collect::<Vec<_>>().join(" ");
            let definition = property["$ref"].as_str().and_then(|path| schema.pointer(path.trim_start_matches('#')));
            let choices = definition.and_then(|definition| definition["oneOf"].as_array()).into_iter().flatten();
            let choices: Vec<&str> = choices.filter_map(|choice| choice["const"].as_str()).collect();
            if !choices.is_empty() {
                line += &format!(" One of {}.", choices.join(", "));
            }
            if let (Some(least), Some(most)) = (property.get("minimum"), property.get("maximum")) {
                line += &format!(" Allowed: {least} to {most}.");
            }
            if let Some(default) = property.get("default") {
                line += &format!(" Default: {default}.");
            }
            text += &format!("  {name}\n          {line}\n");
        }
        text
    }
}

/// Descriptions are comments of the sources: without their links, and with JSON's word for what Rust calls `None`.
fn plain_description(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace("[`", "`").replace("`]", "`").replace("`None`", "`null`");
    }
}
