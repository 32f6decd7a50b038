//! TypeScript types of the JS API's records, from their JSON Schemas.
//!
//! The schemas hold all that the types need: which fields may be left out of what is passed in, which names a choice
//! has, what each setting of an optimizer or data set is called, and whether a sequence holds floating-point numbers,
//! which cross to JavaScript as `Float64Array`. The derives of ts-rs, tsify and specta see the declared Rust types
//! instead: they would need an attribute on every sequence and on every field with a default, a second description of
//! the records that are read by hand, and know one form of a record where it has two, passed in and handed out.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::record::Record;

const HEADER: &str = "\
// Generated from the Rust records by `headless types`; do not edit.

/** Numbers that may be passed in as a plain or a typed array. */
export type Numbers =
    | readonly number[]
    | Float64Array
    | Float32Array
    | Int32Array
    | Uint32Array
    | Int16Array
    | Uint16Array
    | Int8Array
    | Uint8Array
    | Uint8ClampedArray;
";

/// Declarations of the records and of all that they consist of.
pub fn declarations() -> String {
    let mut text = HEADER.to_owned();
    let mut declared: Vec<String> = Vec::new();
    for record in Record::OF_THE_JS_API {
        let mut root = Value::from(record.schema());
        let definitions = root.as_object_mut().and_then(|root| root.remove("$defs"));
        let definitions = definitions.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let input = matches!(record, Record::Case | Record::Experiment | Record::Ensemble | Record::Network);
        let writer = Writer { input, definitions: &definitions };
        let title = root["title"].as_str().unwrap_or_default().to_owned();
        // An experiment within a report is typed as what may be passed in again.
        for (name, schema) in definitions.iter().chain([(&title, &root)]) {
            if !declared.contains(name) && !writer.is_inlined(name) {
                text.push_str(&writer.declaration(name, schema));
                declared.push(name.clone());
            }
        }
    }
    text
}

struct Writer<'a> {
    /// Whether the records are passed in, and not handed out.
    input: bool,
    definitions: &'a Map<String, Value>,
}

impl Writer<'_> {
    /// Generic records such as ranges have no name of their own.
    fn is_inlined(&self, name: &str) -> bool {
        name.contains("_of_") || name.contains('<')
    }

    fn declaration(&self, name: &str, schema: &Value) -> String {
        let comment = comment(schema, "");
        match schema.get("properties") {
            Some(_) => format!("\n{comment}export interface {name} {}\n", self.record(schema, "")),
            None => {
                let expression = self.expression(schema, "");
                let space = if expression.starts_with('\n') { "" } else { " " };
                format!("\n{comment}export type {name} ={space}{expression};\n")
            }
        }
    }

    fn record(&self, schema: &Value, indent: &str) -> String {
        let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
        let inner = format!("{indent}    ");
        let mut text = "{\n".to_owned();
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let optional = if required.iter().any(|name| *name == field) { "" } else { "?" };
            let expression = self.expression(property, &inner);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}{inner}{field}{optional}: {expression};", comment(property, &inner));
        }
        text + indent + "}"
    }

    fn expression(&self, schema: &Value, indent: &str) -> String {
        if let Some(value) = schema.get("const") {
            return value.to_string();
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
        }
        if let Some(path) = schema["$ref"].as_str() {
            let name = path.rsplit('/').next().unwrap_or_default();
            let definition = &self.definitions[name];
            return if self.is_inlined(name) { self.expression(definition, indent) } else { name.to_owned() };
        }
        for union in ["oneOf", "anyOf"] {
            if let Some(parts) = schema[union].as_array() {
                return self.union(parts, indent);
            }
        }
        match &schema["type"] {
            Value::String(kind) => self.of_kind(kind, schema, indent),
            Value::Array(kinds) => {
                let kinds = kinds.iter().filter_map(Value::as_str);
                kinds.map(|kind| self.of_kind(kind, schema, indent)).collect::<Vec<_>>().join(" | ")
            }
            _ => "unknown".to_owned(),
        }
    }

    fn union(&self, parts: &[Value], indent: &str) -> String {
        if parts.iter().any(|part| part.get("properties").is_some()) {
            let inner = format!("{indent}    ");
            let parts = merged(parts);
            return parts.iter().map(|part| format!("\n{inner}| {}", self.expression(part, &inner))).collect();
        }
        parts.iter().map(|part| self.expression(part, indent)).collect::<Vec<_>>().join(" | ")
    }

    fn of_kind(&self, kind: &str, schema: &Value, indent: &str) -> String {
        match kind {
            "integer" | "number" => "number".to_owned(),
            "array" => {
                let items = &schema["items"];
                match items["type"].as_str() {
                    Some("number" | "integer") if self.input => "Numbers".to_owned(),
                    Some("number") => "Float64Array".to_owned(),
                    // Numbers that may be missing: NaN stands for none.
                    _ if items["type"] == serde_json::json!(["number", "null"]) => "Float64Array".to_owned(),
                    _ => {
                        let item = self.expression(items, indent);
                        if item.contains(" | ") { format!("({item})[]") } else { format!("{item}[]") }
                    }
                }
            }
            "object" if schema["additionalProperties"].is_object() => {
                format!("Record<string, {}>", self.expression(&schema["additionalProperties"], indent))
            }
            "object" => self.record(schema, indent),
            other => other.to_owned(),
        }
    }
}

/// `parts`, those in one that have the same fields but for their name; defaults differ and are left out.
fn merged(parts: &[Value]) -> Vec<Value> {
    let mut records: Vec<(Value, Vec<Value>)> = Vec::new();
    for part in parts {
        let mut part = part.clone();
        let name = part.pointer_mut("/properties/name/const").map(Value::take).unwrap_or_default();
        for property in part["properties"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Value::Object(property) = property {
                property.retain(|key, _| !["default", "minimum", "maximum"].contains(&key.as_str()));
            }
        }
        part["description"] = Value::Null;
        match records.iter_mut().find(|(record, _)| *record == part) {
            Some((_, names)) => names.push(name),
            None => records.push((part, vec![name])),
        }
    }
    let named = |(mut record, names): (Value, Vec<Value>)| {
        if let Some(name) = record["properties"].get_mut("name") {
            *name = serde_json::json!({ "enum": names });
        }
        record
    };
    records.into_iter().map(named).collect()
}

/// The description, and the default where it is one word, as a comment.
fn comment(schema: &Value, indent: &str) -> String {
    let mut text = schema["description"].as_str().unwrap_or_default().to_owned();
    let default = &schema["default"];
    if default.is_number() || default.is_string() || default.is_boolean() {
        text += &format!("{}Default: {default}.", if text.is_empty() { "" } else { " " });
    }
    match text.lines().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: String = lines
                .iter()
                .map(|line| format!("{indent} *{}{line}\n", if line.is_empty() { "" } else { " " }))
                .collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}
