//! Serde's side of [`from_js`](super::from_js). serde-wasm-bindgen's own reader fetches every number of a `Float64Array` by itself;
//! this one copies all of them at once.

use js_sys::{Array, ArrayBuffer, Float64Array, Object, Uint8Array};
use serde::Deserializer;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Error as _, IntoDeserializer, Visitor};
use serde_wasm_bindgen::Error;
use wasm_bindgen::{JsCast, JsValue};

/// Deepest nesting that is read; records have less. A value that holds itself ends here, with null.
const MAX_DEPTH: usize = 16;

/// The largest number up to which every whole number can be told from its neighbours, 2⁵³ − 1.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A value that is to be read.
pub enum Reader {
    /// A number of a typed array.
    Number(f64),
    /// Anything, and how deep it lies.
    Value(JsValue, usize),
}

impl Reader {
    /// The entries of an array, typed or not; none for anything else.
    fn entries(value: &JsValue, depth: usize) -> Option<Vec<Reader>> {
        if let Some(numbers) = value.dyn_ref::<Float64Array>() {
            return Some(numbers.to_vec().into_iter().map(Reader::Number).collect());
        }
        let array = match value.dyn_ref::<Array>() {
            Some(array) => array.clone(),
            None if ArrayBuffer::is_view(value) => Array::from(value),
            None => return None,
        };
        Some(array.iter().map(|entry| Reader::Value(entry, depth + 1)).collect())
    }

    /// The properties of an object but those that are undefined, which JSON would not have either.
    fn properties(value: &JsValue, depth: usize) -> impl Iterator<Item = (String, Reader)> {
        Object::entries(value.unchecked_ref()).into_iter().filter_map(move |entry| {
            let entry: Array = entry.unchecked_into();
            let (name, value) = (entry.get(0).as_string()?, entry.get(1));
            (!value.is_undefined()).then_some((name, Reader::Value(value, depth + 1)))
        })
    }

    fn value(&self) -> Option<&JsValue> {
        match self {
            Reader::Number(_) => None,
            Reader::Value(value, _) => Some(value),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Reader::Number(number) => Some(*number),
            Reader::Value(value, _) => value.as_f64(),
        }
    }

    fn is_missing(&self) -> bool {
        self.value().is_some_and(|value| value.is_null() || value.is_undefined())
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: f64, visitor: V) -> Result<V::Value, Error> {
    let is_whole = number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER;
    match number {
        _ if is_whole && number.is_sign_positive() => visitor.visit_u64(number as u64),
        _ if is_whole && number != 0.0 => visitor.visit_i64(number as i64),
        _ => visitor.visit_f64(number),
    }
}

fn is_record(value: &JsValue) -> bool {
    value.is_object() && !value.is_function() && !Array::is_array(value) && !ArrayBuffer::is_view(value)
}

fn misfit<T>(expected: &str) -> Result<T, Error> {
    Err(Error::custom(format_args!("where {expected} is expected there is something else")))
}

/// A method for each of several types that are read in the same way. Visitors then hold no code for what their type cannot be,
/// as they would if all came by `deserialize_any`.
macro_rules! as_one {
    ($body:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.$body(visitor)
        })*
    };
}

impl<'de> IntoDeserializer<'de, Error> for Reader {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self {
            Reader::Number(_) => self.deserialize_u64(visitor),
            Reader::Value(_, MAX_DEPTH..) => visitor.visit_unit(),
            Reader::Value(value, _) => match value {
                _ if self.is_missing() => visitor.visit_unit(),
                _ if value.is_string() => self.deserialize_string(visitor),
                _ if value.as_bool().is_some() => self.deserialize_bool(visitor),
                _ if value.as_f64().is_some() => self.deserialize_u64(visitor),
                _ if is_record(value) => self.deserialize_map(visitor),
                _ => self.deserialize_seq(visitor),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let switch = self.value().and_then(JsValue::as_bool);
        switch.map_or_else(|| misfit("true or false"), |switch| visitor.visit_bool(switch))
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.number().map_or_else(|| misfit("a number"), |number| visit_number(number, visitor))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.number().map_or_else(|| misfit("a number"), |number| visitor.visit_f64(number))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = self.value().and_then(JsValue::as_string);
        text.map_or_else(|| misfit("a text"), |text| visitor.visit_string(text))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = match &self {
            Reader::Number(_) => None,
            Reader::Value(value, depth) => Reader::entries(value, *depth),
        };
        entries.map_or_else(|| misfit("a list"), |entries| visitor.visit_seq(SeqDeserializer::new(entries.into_iter())))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self {
            Reader::Value(value, depth) if is_record(value) => {
                visitor.visit_map(MapDeserializer::new(Reader::properties(value, *depth)))
            }
            _ => misfit("an object"),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_missing() { visitor.visit_unit() } else { misfit("null") }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_missing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self {
            Reader::Value(value, depth) if is_record(value) => {
                let properties = MapDeserializer::new(Reader::properties(value, *depth));
                visitor.visit_enum(MapAccessDeserializer::new(properties))
            }
            Reader::Value(value, _) if value.is_string() => {
                visitor.visit_enum(value.as_string().unwrap_or_default().into_deserializer())
            }
            _ => misfit("a choice"),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let bytes = self.value().and_then(|value| value.dyn_ref::<Uint8Array>());
        bytes.map_or_else(|| misfit("bytes"), |bytes| visitor.visit_byte_buf(bytes.to_vec()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &str, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    as_one!(deserialize_u64: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    as_one!(deserialize_f64: deserialize_f32);
    as_one!(deserialize_string: deserialize_str deserialize_char deserialize_identifier);
    as_one!(deserialize_byte_buf: deserialize_bytes);
}
