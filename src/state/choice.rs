//! Closed choices: an enum whose variants each have a name in links and a label that people read, both in one row.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One of a closed set of options.
pub trait Choice: Copy + PartialEq + Sized + 'static {
    /// All options, in the order in which they are offered.
    const ALL: &'static [Self];

    /// The name in links and markup.
    fn name(self) -> &'static str;

    /// The name that people read.
    fn label(self) -> &'static str;

    /// The option with a name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|option| option.name() == name)
    }
}

/// Declares an enum and its [`Choice`]: `Variant = "name", "label"`.
macro_rules! choice {
    ($(#[$doc:meta])* $type:ident { $($(#[$row_doc:meta])* $variant:ident = $name:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type {
            $($(#[$row_doc])* $variant,)+
        }

        impl $crate::state::choice::Choice for $type {
            const ALL: &'static [Self] = &[$($type::$variant,)+];

            fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)+
                }
            }

            fn label(self) -> &'static str {
                match self {
                    $($type::$variant => $label,)+
                }
            }
        }
    };
}

pub(crate) use choice;

/// The name that serde gives to one of a closed set of choices; empty if it gives something else.
pub fn name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// The same with spaces, for people.
pub fn plain<T: Serialize>(value: &T) -> String {
    name(value).replace('_', " ")
}

/// The choice that serde gives this name.
pub fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.into())).ok()
}
