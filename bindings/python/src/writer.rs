//! Serde's side of [`Value`].

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use super::value::{Sequence, Value};

/// `record` as a value.
///
/// # Errors
/// A sentence, where a record is of a form that has no counterpart in JSON.
pub fn value_of<T: Serialize + ?Sized>(record: &T) -> Result<Value, String> {
    record.serialize(Writer).map_err(|Unfit(sentence)| sentence)
}

/// What has no counterpart in JSON.
#[derive(Debug)]
pub struct Unfit(String);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

impl ser::Error for Unfit {
    fn custom<T: fmt::Display>(sentence: T) -> Self {
        Unfit(sentence.to_string())
    }
}

/// Makes values of records.
struct Writer;

/// A dict, inside a dict of one entry where it is an enum's variant.
struct Record {
    fields: Vec<(String, Value)>,
    variant: Option<&'static str>,
    key: String,
}

impl Record {
    fn new(variant: Option<&'static str>) -> Self {
        Record { fields: Vec::new(), variant, key: String::new() }
    }

    /// Within arrays NaN stands for a number that is not determined; one by itself is None, as it is null in JSON.
    fn set<T: Serialize + ?Sized>(&mut self, name: String, value: &T) -> Result<(), Unfit> {
        let value = match value.serialize(Writer)? {
            Value::Number(number) if number.is_nan() => Value::Nothing,
            other => other,
        };
        self.fields.push((name, value));
        Ok(())
    }

    fn finish(self) -> Value {
        let record = Value::Record(self.fields);
        match self.variant {
            Some(name) => tagged(name, record),
            None => record,
        }
    }
}

fn tagged(variant: &str, value: Value) -> Value {
    Value::Record(vec![(variant.to_owned(), value)])
}

impl Serializer for Writer {
    type Ok = Value;
    type Error = Unfit;
    type SerializeSeq = Sequence;
    type SerializeTuple = Sequence;
    type SerializeTupleStruct = Sequence;
    type SerializeTupleVariant = ser::Impossible<Value, Unfit>;
    type SerializeMap = Record;
    type SerializeStruct = Record;
    type SerializeStructVariant = Record;

    /// As in binary formats, a sequence of numbers that may be missing stays one of numbers.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<Value, Unfit> {
        Ok(Value::Switch(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Value, Unfit> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Value, Unfit> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Value, Unfit> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Value, Unfit> {
        Ok(u64::try_from(value).map_or(Value::Negative(value), Value::Whole))
    }

    fn serialize_u8(self, value: u8) -> Result<Value, Unfit> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Value, Unfit> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Value, Unfit> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Value, Unfit> {
        Ok(Value::Whole(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Value, Unfit> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Value, Unfit> {
        Ok(Value::Number(value))
    }

    fn serialize_char(self, value: char) -> Result<Value, Unfit> {
        Ok(Value::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, Unfit> {
        Ok(Value::Text(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Unfit> {
        Ok(Value::List(value.iter().map(|&byte| Value::Whole(byte.into())).collect()))
    }

    fn serialize_unit(self) -> Result<Value, Unfit> {
        Ok(Value::Nothing)
    }

    fn serialize_none(self) -> Result<Value, Unfit> {
        Ok(Value::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Unfit> {
        Ok(match value.serialize(self)? {
            Value::Vector(numbers) => Value::OptionalVector(numbers),
            other => other,
        })
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Unfit> {
        Ok(Value::Nothing)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Unfit> {
        Ok(Value::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Unfit> {
        Ok(tagged(variant, value.serialize(self)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Sequence, Unfit> {
        Ok(Sequence::new(length.unwrap_or(0)))
    }

    fn serialize_tuple(self, length: usize) -> Result<Sequence, Unfit> {
        Ok(Sequence::new(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Sequence, Unfit> {
        Ok(Sequence::new(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unfit> {
        Err(ser::Error::custom(format!("{variant} has several values without names")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Record, Unfit> {
        Ok(Record::new(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Record, Unfit> {
        Ok(Record::new(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Record, Unfit> {
        Ok(Record::new(Some(variant)))
    }
}

/// One trait of serde for [`Sequence`].
macro_rules! sequence {
    ($trait:ident, $method:ident) => {
        impl ser::$trait for Sequence {
            type Ok = Value;
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Unfit> {
                self.push(element.serialize(Writer)?);
                Ok(())
            }

            fn end(self) -> Result<Value, Unfit> {
                Ok(self.finish())
            }
        }
    };
}

sequence!(SerializeSeq, serialize_element);
sequence!(SerializeTuple, serialize_element);
sequence!(SerializeTupleStruct, serialize_field);

/// One trait of serde for [`Record`].
macro_rules! record {
    ($trait:ident) => {
        impl ser::$trait for Record {
            type Ok = Value;
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unfit> {
                self.set(key.to_owned(), value)
            }

            fn end(self) -> Result<Value, Unfit> {
                Ok(self.finish())
            }
        }
    };
}

record!(SerializeStruct);
record!(SerializeStructVariant);

impl ser::SerializeMap for Record {
    type Ok = Value;
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        self.key = match key.serialize(Writer)? {
            Value::Text(key) => key,
            Value::Whole(key) => key.to_string(),
            _ => return Err(ser::Error::custom("a key is no text")),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        let key = std::mem::take(&mut self.key);
        self.set(key, value)
    }

    fn end(self) -> Result<Value, Unfit> {
        Ok(self.finish())
    }
}
