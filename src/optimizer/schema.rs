//! The JSON Schema of an optimizer's settings, from the same tables by which they are read and checked.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::{Allowed, OptimizerSettings, ROTATED_BASIS, Rule, Schedule, Switch};

impl Allowed {
    /// The schema of a number of this range.
    fn schema(self, label: &str, default: f64) -> Value {
        let mut schema = json!({ "description": label, "type": "number", "minimum": 0, "default": default });
        match self {
            Allowed::NonNegative => {}
            Allowed::BelowOne => schema["exclusiveMaximum"] = json!(1),
            Allowed::Fraction => schema["maximum"] = json!(1),
            Allowed::Count => {
                schema["type"] = json!("integer");
                schema["minimum"] = json!(1);
                schema["maximum"] = json!(u32::MAX);
                schema["default"] = json!(default as u32);
            }
        }
        schema
    }
}

/// An object with a fixed `name`; only that is required.
fn named(name: &str, label: &str, properties: impl IntoIterator<Item = (String, Value)>) -> Value {
    let all: Map<String, Value> =
        [("name".to_owned(), json!({ "const": name }))].into_iter().chain(properties).collect();
    json!({
        "description": label,
        "type": "object",
        "properties": all,
        "required": ["name"],
        "additionalProperties": false
    })
}

impl JsonSchema for OptimizerSettings {
    fn schema_name() -> Cow<'static, str> {
        "Optimizer".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let schedule = generator.subschema_for::<Schedule>().to_value();
        let switch = |row: &Switch| (row.name.to_owned(), json!({ "type": "boolean", "default": false }));
        let rules = Rule::ALL.map(|rule| {
            let numbers =
                rule.fields().iter().map(|field| (field.name.into(), field.allowed.schema(field.label, field.default)));
            let switches = rule.switches().iter().chain([&ROTATED_BASIS]).map(switch);
            named(rule.name(), rule.label(), numbers.chain(switches).chain([("schedule".into(), schedule.clone())]))
        });
        json_schema!({
            "description": "A rule with its numbers; a number that the rule does not have is refused. Torch's names lr, \
                            eps, betas and nesterov are read too, and are no part of this schema.",
            "oneOf": rules
        })
    }
}

impl JsonSchema for Schedule {
    fn schema_name() -> Cow<'static, str> {
        "Schedule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let schedules = Schedule::all().map(|schedule| {
            let numbers = schedule.fields().iter();
            let numbers = numbers.map(|field| (field.name.into(), field.allowed.schema(field.label, field.default)));
            named(schedule.name(), schedule.label(), numbers)
        });
        json_schema!({ "description": "How the learning rate depends on the step.", "oneOf": schedules })
    }
}
