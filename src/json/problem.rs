//! What can be wrong with a value, as a sentence in words of JSON.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::error::shown;

/// What is wrong with a value, in words of JSON.
#[derive(Debug)]
pub struct Problem {
    /// The field within the value that is meant, where it is not the value itself.
    pub field: Option<String>,
    /// What is wrong and what is allowed, without the field's name.
    pub sentence: String,
}

impl Problem {
    /// A problem of the value itself.
    pub fn of(sentence: String) -> Self {
        Problem { field: None, sentence }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(sentence: T) -> Self {
        Problem::of(sentence.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Problem::of(format!("must be {}, not {}", allowed(expected), seen(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Problem::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Problem::of(format!("has {length} entries; it must be {}", allowed(expected)))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Problem::of(format!("must be one of {}, not \"{}\"", known.join(", "), shown(variant)))
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Problem::of(format!("there is no such field; there are {}", known.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Problem { field: Some(field.to_owned()), sentence: "is missing".to_owned() }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Problem { field: Some(field.to_owned()), sentence: "is given more than once".to_owned() }
    }
}

/// What a reader expects, to follow the words "must be": readers made by serde's derives speak of types.
fn allowed(expected: &dyn Expected) -> String {
    let words = expected.to_string();
    match words.as_str() {
        "u64" | "usize" | "u32" => "a whole number from 0 up".to_owned(),
        "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        other if other.starts_with("struct ") => "an object, { ... }".to_owned(),
        other => other.to_owned(),
    }
}

/// A value that was read, to follow the word "not".
pub fn seen(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(on) => on.to_string(),
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Float(number) => format!("{number:?}"),
        Unexpected::Str(text) => format!("\"{}\"", shown(text)),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        _ => "an object".to_owned(),
    }
}
