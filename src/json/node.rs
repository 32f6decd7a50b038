//! Any JSON value: read with names that repeat refused, and given to the readers of records.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, Unexpected, Visitor};

use super::problem::{Problem, seen};
use crate::error::shown;

/// Any JSON value, and the numbers that only JavaScript has. The fields of an object keep their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Switch(bool),
    /// A whole number from 0, also if written as `1e3`.
    Whole(u64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object; no name repeats.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The value in a few words.
    pub fn seen(&self) -> String {
        seen(&self.unexpected())
    }

    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Node::Null => Unexpected::Unit,
            Node::Switch(on) => Unexpected::Bool(*on),
            Node::Whole(number) => Unexpected::Unsigned(*number),
            Node::Number(number) => Unexpected::Float(*number),
            Node::Text(text) => Unexpected::Str(text),
            Node::List(_) => Unexpected::Seq,
            Node::Object(_) => Unexpected::Map,
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, true, false, a number, a text, a list or an object")
    }

    fn visit_unit<E>(self) -> std::result::Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> std::result::Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, on: bool) -> std::result::Result<Node, E> {
        Ok(Node::Switch(on))
    }

    fn visit_u64<E>(self, number: u64) -> std::result::Result<Node, E> {
        Ok(Node::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> std::result::Result<Node, E> {
        Ok(u64::try_from(number).map_or(Node::Number(number as f64), Node::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> std::result::Result<Node, E> {
        // Up to 2⁵³ whole numbers are exact; -0 is none of them.
        let whole = number.fract() == 0.0 && number.is_sign_positive() && number <= 9_007_199_254_740_992.0;
        Ok(if whole { Node::Whole(number as u64) } else { Node::Number(number) })
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> std::result::Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut entries: A) -> std::result::Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Node, A::Error> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        while let Some(field) = entries.next_entry()? {
            fields.push(field);
        }
        let mut names = BTreeSet::new();
        match fields.iter().find(|(name, _)| !names.insert(name)) {
            Some((name, _)) => Err(de::Error::custom(format_args!("{}: is given more than once", shown(name)))),
            None => Ok(Node::Object(fields)),
        }
    }
}

impl<'de> IntoDeserializer<'de, Problem> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Problem> {
        match self {
            Node::Null => visitor.visit_unit(),
            Node::Switch(on) => visitor.visit_bool(on),
            Node::Whole(number) => visitor.visit_u64(number),
            Node::Number(number) => visitor.visit_f64(number),
            Node::Text(text) => visitor.visit_string(text),
            Node::List(entries) => visitor.visit_seq(SeqDeserializer::new(entries.into_iter())),
            Node::Object(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Problem> {
        if self == Node::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    /// Derived readers would also take a list, field by field.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Problem> {
        match self {
            Node::Object(_) => self.deserialize_any(visitor),
            other => Err(de::Error::invalid_type(other.unexpected(), &visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Problem> {
        match self {
            Node::Text(name) => visitor.visit_enum(name.into_deserializer()),
            other => Err(Problem::of(format!("must be one of {}, not {}", known.join(", "), other.seen()))),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
