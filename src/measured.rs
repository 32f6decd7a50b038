//! Numbers that may be missing, because the quantity that they measure is not determined.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A finite number, or none where the quantity is not determined.
///
/// It takes 8 bytes, so that long sequences stay dense, and crosses to JavaScript as a `Float64Array` in which NaN stands
/// for none. In JSON none is `null`.
#[derive(Clone, Copy)]
pub struct Measured(f64);

impl Measured {
    /// None.
    pub const UNDETERMINED: Measured = Measured(f64::NAN);

    /// The number, if it is determined.
    pub fn value(self) -> Option<f64> {
        (!self.0.is_nan()).then_some(self.0)
    }

    /// Whether there is a number.
    pub fn is_determined(self) -> bool {
        !self.0.is_nan()
    }

    /// The mean of the numbers that there are, and none without any.
    pub fn mean(values: impl IntoIterator<Item = Measured>) -> Measured {
        let (mut sum, mut count) = (0.0, 0);
        for value in values.into_iter().filter_map(Measured::value) {
            sum += value;
            count += 1;
        }
        if count == 0 { Measured::UNDETERMINED } else { Measured(sum / f64::from(count)) }
    }
}

impl Default for Measured {
    fn default() -> Self {
        Measured::UNDETERMINED
    }
}

impl From<f64> for Measured {
    /// # Panics
    /// If the number is NaN, which would read as not determined.
    fn from(value: f64) -> Self {
        assert!(!value.is_nan(), "a measured number is NaN");
        Measured(value)
    }
}

impl From<Option<f64>> for Measured {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Measured::UNDETERMINED, Measured::from)
    }
}

impl PartialEq for Measured {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl fmt::Debug for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Some(value) => value.fmt(f),
            None => f.write_str("undetermined"),
        }
    }
}

impl Serialize for Measured {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.value().serialize(serializer)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Measured {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Measured(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN)))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Measured {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Option::<f64>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Option::<f64>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_null_in_json_and_equal_to_none() {
        let values: Vec<Measured> = vec![0.5.into(), Measured::UNDETERMINED];
        let text = serde_json::to_string(&values).unwrap();
        assert_eq!(text, "[0.5,null]");
        assert_eq!(serde_json::from_str::<Vec<Measured>>(&text).unwrap(), values);
        assert_eq!(std::mem::size_of::<Measured>(), 8);
    }

    #[test]
    fn means_are_over_what_is_determined() {
        let mean = Measured::mean([Measured::from(1.0), Measured::UNDETERMINED, Measured::from(2.0)]);
        assert_eq!(mean.value(), Some(1.5));
        assert_eq!(Measured::mean([Measured::UNDETERMINED]).value(), None);
    }

    #[test]
    #[should_panic(expected = "is NaN")]
    fn nan_is_no_measured_number() {
        let _ = Measured::from(f64::NAN);
    }
}
