//! The JSON Schema of a data source, from the options and ranges by which sources are checked.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::source::Fields;
use super::{DataSource, Name, Origin, Own, Preparation};

/// The fields of a source as it is written in JSON.
fn written(source: DataSource) -> Vec<String> {
    // A source is a record of plain values, whose serialization cannot fail.
    let value = serde_json::to_value(source).expect("a source can be written");
    value.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
}

/// An object with `fields`, of which `required` must be there.
fn form(description: &str, properties: Map<String, Value>, required: Vec<String>) -> Value {
    json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false
    })
}

/// A form that is written like `full` when everything is set, like `bare` when only the necessary is.
fn written_form(description: &str, all: &Map<String, Value>, full: Origin, bare: Origin) -> Value {
    let set = DataSource { origin: full, preparation: Some(Preparation::None), components: Some(1), table: None };
    let required = written(DataSource { origin: bare, preparation: None, components: None, table: None });
    let mut properties: Map<_, _> =
        written(set).into_iter().map(|field| (field.clone(), all[&field].clone())).collect();
    for field in &required {
        // All fields of the record may be null, but not those that make the form.
        if let Some(kinds) = all[field]["type"].as_array() {
            properties[field]["type"] = kinds[0].clone();
        }
    }
    form(description, properties, required)
}

fn named_form(name: Name, all: &Map<String, Value>) -> Value {
    // The ranges are a record too, whose fields have the names of the options.
    let limits = serde_json::to_value(name.limits()).expect("ranges can be written");
    let mut properties = Map::from_iter([("name".to_owned(), json!({ "const": name }))]);
    for (option, range) in limits.as_object().into_iter().flatten() {
        let Some(property) = all.get(option) else { continue };
        let mut property = property.clone();
        if let Value::Object(range) = range {
            property["minimum"] = range["min"].clone();
            property["maximum"] = range["max"].clone();
            property["default"] = range["default"].clone();
        } else if range.is_null() {
            continue;
        } else {
            property["default"] = range.clone();
        }
        properties.insert(option.clone(), property);
    }
    properties.insert("components".to_owned(), all["components"].clone());
    let is_default = DataSource::from(name) == DataSource::default();
    form(name.label(), properties, if is_default { vec![] } else { vec!["name".to_owned()] })
}

impl JsonSchema for DataSource {
    fn schema_name() -> Cow<'static, str> {
        "DataSource".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = Fields::json_schema(generator).to_value();
        let Value::Object(all) = &fields["properties"] else { unreachable!("the schema of a record has properties") };
        let mut forms: Vec<Value> = Name::ALL.into_iter().map(|name| named_form(name, all)).collect();
        forms.push(written_form(
            "inputs and labels as they are",
            all,
            Origin::Explicit { inputs: vec![], labels: vec![], classes: Some(2) },
            Origin::Explicit { inputs: vec![], labels: vec![], classes: None },
        ));
        forms.push(written_form(
            "a text table",
            all,
            Origin::Csv { text: String::new(), label_column: Some(String::new()), samples: Some(12) },
            Origin::Csv { text: String::new(), label_column: None, samples: None },
        ));
        let own = || Own {
            name: String::new(),
            hash: String::new(),
            bytes: 0,
            rows: 2,
            features: 1,
            classes: 2,
            images: false,
            side: None,
        };
        let images = |classes, samples, own| Origin::Images {
            images: String::new(),
            labels: String::new(),
            classes,
            samples,
            own,
        };
        forms.push(written_form(
            "a pair of IDX files, by their paths",
            all,
            images(Some(2), Some(12), Some(own())),
            images(None, None, None),
        ));
        forms.push(written_form(
            "a visitor's own rows, which are not in the file",
            all,
            Origin::Own { own: own(), label_column: Some(String::new()), samples: Some(12) },
            Origin::Own { own: own(), label_column: None, samples: None },
        ));
        json_schema!({ "description": "Where the data come from.", "oneOf": forms })
    }
}
