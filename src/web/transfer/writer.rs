//! Serde's side of [`to_js`](super::to_js).

use js_sys::{Array, Float64Array, Object, Reflect, Uint8Array};
use serde::ser::{self, Serialize, Serializer};
use serde_wasm_bindgen::Error;
use wasm_bindgen::JsValue;

/// A value on its way: floating-point numbers stay on this side until it is known whether they are part of an array.
pub enum Encoded {
    Float(f64),
    Other(JsValue),
}

impl From<Encoded> for JsValue {
    fn from(encoded: Encoded) -> JsValue {
        match encoded {
            Encoded::Float(number) => JsValue::from_f64(number),
            Encoded::Other(value) => value,
        }
    }
}

/// Writes records, and keeps the buffers of the arrays that it makes.
#[derive(Default)]
pub struct Writer {
    /// The buffers so far.
    pub buffers: Array,
}

/// An array of which it is not known yet whether it holds only floating-point numbers.
pub struct Sequence<'a> {
    writer: &'a Writer,
    floats: Vec<f64>,
    others: Array,
}

/// An object, inside an object of one property where it is an enum's variant.
pub struct Record<'a> {
    writer: &'a Writer,
    object: Object,
    variant: Option<&'static str>,
    key: JsValue,
}

impl Writer {
    fn sequence(&self, length: usize) -> Sequence<'_> {
        Sequence { writer: self, floats: Vec::with_capacity(length), others: Array::new() }
    }

    fn record(&self, variant: Option<&'static str>) -> Record<'_> {
        Record { writer: self, object: Object::new(), variant, key: JsValue::UNDEFINED }
    }
}

impl Sequence<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
        match element.serialize(self.writer)? {
            Encoded::Float(number) if self.others.length() == 0 => self.floats.push(number),
            encoded => {
                for number in self.floats.drain(..) {
                    self.others.push(&JsValue::from_f64(number));
                }
                self.others.push(&encoded.into());
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Encoded, Error> {
        if self.floats.is_empty() {
            return Ok(Encoded::Other(self.others.into()));
        }
        let array = Float64Array::from(self.floats.as_slice());
        self.writer.buffers.push(&array.buffer());
        Ok(Encoded::Other(array.into()))
    }
}

impl Record<'_> {
    fn set<T: Serialize + ?Sized>(&self, key: &JsValue, value: &T) -> Result<(), Error> {
        Reflect::set(&self.object, key, &value.serialize(self.writer)?.into())?;
        Ok(())
    }

    fn finish(self) -> Result<Encoded, Error> {
        match self.variant {
            Some(name) => tagged(name, &self.object),
            None => Ok(Encoded::Other(self.object.into())),
        }
    }
}

fn tagged(variant: &str, value: &JsValue) -> Result<Encoded, Error> {
    let object = Object::new();
    Reflect::set(&object, &variant.into(), value)?;
    Ok(Encoded::Other(object.into()))
}

/// Methods for which serde-wasm-bindgen's own serializer does.
macro_rules! plain {
    ($($method:ident($type:ty)),* $(,)?) => {
        $(fn $method(self, value: $type) -> Result<Encoded, Error> {
            serde_wasm_bindgen::Serializer::json_compatible().$method(value).map(Encoded::Other)
        })*
    };
}

impl<'a> Serializer for &'a Writer {
    type Ok = Encoded;
    type Error = Error;
    type SerializeSeq = Sequence<'a>;
    type SerializeTuple = Sequence<'a>;
    type SerializeTupleStruct = Sequence<'a>;
    type SerializeTupleVariant = ser::Impossible<Encoded, Error>;
    type SerializeMap = Record<'a>;
    type SerializeStruct = Record<'a>;
    type SerializeStructVariant = Record<'a>;

    plain!(
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_char(char),
        serialize_str(&str),
        serialize_unit_struct(&'static str),
    );

    /// As in binary formats, a sequence of numbers that may be missing stays one of numbers.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_f32(self, value: f32) -> Result<Encoded, Error> {
        Ok(Encoded::Float(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Result<Encoded, Error> {
        Ok(Encoded::Float(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Encoded, Error> {
        let array = Uint8Array::from(value);
        self.buffers.push(&array.buffer());
        Ok(Encoded::Other(array.into()))
    }

    fn serialize_unit(self) -> Result<Encoded, Error> {
        Ok(Encoded::Other(JsValue::NULL))
    }

    fn serialize_none(self) -> Result<Encoded, Error> {
        Ok(Encoded::Other(JsValue::NULL))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Encoded, Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Encoded, Error> {
        Ok(Encoded::Other(variant.into()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Encoded, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Encoded, Error> {
        tagged(variant, &value.serialize(self)?.into())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Sequence<'a>, Error> {
        Ok(self.sequence(length.unwrap_or(0)))
    }

    fn serialize_tuple(self, length: usize) -> Result<Sequence<'a>, Error> {
        Ok(self.sequence(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Sequence<'a>, Error> {
        Ok(self.sequence(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(ser::Error::custom(format!("{variant} has several values without names")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Record<'a>, Error> {
        Ok(self.record(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Record<'a>, Error> {
        Ok(self.record(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Record<'a>, Error> {
        Ok(self.record(Some(variant)))
    }
}

/// One trait of serde for [`Sequence`].
macro_rules! sequence {
    ($trait:ident, $method:ident) => {
        impl ser::$trait for Sequence<'_> {
            type Ok = Encoded;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
                self.push(element)
            }

            fn end(self) -> Result<Encoded, Error> {
                self.finish()
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
        impl ser::$trait for Record<'_> {
            type Ok = Encoded;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
                self.set(&key.into(), value)
            }

            fn end(self) -> Result<Encoded, Error> {
                self.finish()
            }
        }
    };
}

record!(SerializeStruct);
record!(SerializeStructVariant);

impl ser::SerializeMap for Record<'_> {
    type Ok = Encoded;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = key.serialize(self.writer)?.into();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.set(&self.key, value)
    }

    fn end(self) -> Result<Encoded, Error> {
        self.finish()
    }
}
