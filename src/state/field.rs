//! One field of the table: its names, what it accepts, and its text form in links and controls.

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number; whole where the field is one of whole numbers.
    Number(f64),
    /// The whole of something countable, such as the full batch.
    All,
    /// The name of one of a field's choices, or a free text.
    Text(String),
    /// On or off.
    Flag(bool),
    /// Widths of hidden layers, from the input on; may be empty.
    Widths(Vec<usize>),
}

/// What a field accepts.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A number from `min` to `max`; sliders cover `low` to `high`, the useful part.
    Number {
        /// Smallest accepted value.
        min: f64,
        /// Largest accepted value.
        max: f64,
        /// Left end of the slider.
        low: f64,
        /// Right end of the slider.
        high: f64,
        /// Whether the slider moves in equal ratios.
        logarithmic: bool,
        /// Whether the number is whole.
        whole: bool,
        /// The word for "all of them", if that is accepted as well (`full`, `all`).
        all: Option<&'static str>,
    },
    /// One of a few names, each with the name that people read.
    Choice(Vec<(String, String)>),
    /// On or off.
    Flag,
    /// Widths of hidden layers.
    Widths,
    /// A text of at most this many characters.
    Text(usize),
}

/// Where a field's control stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The data set.
    Data,
    /// The network, its loss and its start.
    Network,
    /// Batches, steps, checkpoints.
    Training,
    /// Options of the Hessian.
    Hessian,
    /// One run's optimizer.
    Run,
    /// How results are shown; never restarts a run.
    View,
}

impl Group {
    /// Name in the markup and in `hide=`.
    pub fn name(self) -> &'static str {
        match self {
            Group::Data => "data",
            Group::Network => "network",
            Group::Training => "training",
            Group::Hessian => "hessian",
            Group::Run => "runs",
            Group::View => "view",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name in links, and of the control.
    pub key: &'static str,
    /// JSON pointer into the experiment; empty for fields of the view.
    pub path: String,
    /// Name that people read.
    pub label: String,
    /// One sentence, or nothing where the label suffices.
    pub help: &'static str,
    /// Where its control stands.
    pub group: Group,
    /// What it accepts.
    pub kind: Kind,
    /// Value unless set.
    pub default: Value,
    /// Whether its control stands folded away, under “More”.
    pub minor: bool,
}

/// The most hidden layers that the page offers.
pub const MAX_LAYERS: usize = 8;
/// The widest hidden layer that the page offers.
pub const MAX_WIDTH: usize = crate::mlp::MAX_WIDTH;

impl Field {
    /// Reads the text form.
    ///
    /// # Errors
    /// A sentence that states what is allowed.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let refuse = |allowed: String| Err(format!("{} “{}” is not allowed: {allowed}", self.label, shown(text)));
        match &self.kind {
            Kind::Number { all: Some(word), .. } if *word == text => Ok(Value::All),
            Kind::Number { min, max, whole, all, .. } => match text.parse::<f64>() {
                Ok(x) if x >= *min && x <= *max && (!whole || x.fract() == 0.0) => Ok(Value::Number(x)),
                _ => {
                    let noun = if *whole { "a whole number" } else { "a number" };
                    let or = all.map_or(String::new(), |word| format!(", or {word}"));
                    // The largest number that there is would be no help in a sentence.
                    let to = if *max == f64::MAX { " on".to_owned() } else { format!(" to {}", number(*max)) };
                    refuse(format!("{noun} from {}{to}{or}", number(*min)))
                }
            },
            Kind::Choice(options) => match options.iter().find(|(name, _)| name == text) {
                Some((name, _)) => Ok(Value::Text(name.clone())),
                None => {
                    let names: Vec<&str> = options.iter().map(|(name, _)| name.as_str()).collect();
                    refuse(format!("one of {}", names.join(", ")))
                }
            },
            Kind::Flag => match text {
                "" | "1" | "on" | "true" => Ok(Value::Flag(true)),
                "0" | "off" | "false" => Ok(Value::Flag(false)),
                _ => refuse("on or off".into()),
            },
            Kind::Widths => {
                let widths: Option<Vec<usize>> = match text {
                    "" | "none" => Some(Vec::new()),
                    _ => text.split(',').map(|w| w.trim().parse().ok()).collect(),
                };
                match widths {
                    Some(w) if w.len() <= MAX_LAYERS && w.iter().all(|n| (1..=MAX_WIDTH).contains(n)) => {
                        Ok(Value::Widths(w))
                    }
                    _ => refuse(format!("at most {MAX_LAYERS} widths from 1 to {MAX_WIDTH}, with commas between")),
                }
            }
            Kind::Text(longest) if text.chars().count() <= *longest => Ok(Value::Text(text.into())),
            Kind::Text(longest) => refuse(format!("at most {longest} characters")),
        }
    }

    /// The text form of a value, which [`Field::parse`] reads back.
    pub fn write(&self, value: &Value) -> String {
        match (value, &self.kind) {
            (Value::Number(x), _) => number(*x),
            (Value::All, Kind::Number { all, .. }) => all.unwrap_or("all").into(),
            (Value::All, _) => "all".into(),
            (Value::Text(text), _) => text.clone(),
            (Value::Flag(on), _) => if *on { "on" } else { "off" }.into(),
            (Value::Widths(w), _) => widths(w),
        }
    }

    /// The value's JSON in an experiment; `None` where it is left to the core, such as a seed of its own.
    pub fn json(&self, value: &Value) -> Option<serde_json::Value> {
        Some(match (value, &self.kind) {
            (Value::Number(x), Kind::Number { whole: true, .. }) => serde_json::json!(*x as u64),
            (Value::Number(x), _) => serde_json::json!(x),
            (Value::All, Kind::Number { all: Some("full"), .. }) => serde_json::json!("full"),
            (Value::All, _) => return None,
            (Value::Text(text), _) if text.is_empty() => return None,
            (Value::Text(text), _) => serde_json::json!(text),
            (Value::Flag(on), _) => serde_json::json!(on),
            (Value::Widths(w), _) => serde_json::json!(w),
        })
    }
}

/// The shortest decimal form that reads back as `x`; with an exponent where it is very small or very large.
pub fn number(x: f64) -> String {
    let plain = x == 0.0 || (1e-4..1e7).contains(&x.abs());
    if plain { format!("{x}") } else { format!("{x:e}") }
}

/// Widths of hidden layers as text.
pub fn widths(widths: &[usize]) -> String {
    if widths.is_empty() {
        return "none".into();
    }
    widths.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}

/// A visitor's text in a sentence: short, and without control characters.
pub fn shown(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '·' } else { c };
    let short: String = text.chars().take(40).map(clean).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: Kind) -> Field {
        Field {
            key: "x",
            path: "/x".into(),
            label: "x".into(),
            help: "",
            group: Group::Data,
            kind,
            default: Value::All,
            minor: false,
        }
    }

    fn count() -> Field {
        let (min, max, low, high) = (1.0, 4096.0, 1.0, 512.0);
        field(Kind::Number { min, max, low, high, logarithmic: true, whole: true, all: Some("full") })
    }

    #[test]
    fn hostile_numbers_are_refused_with_a_sentence() {
        for text in ["NaN", "1e308", "-3", "inf", "2.5", "", "\u{0}", "١٢", "0x10", "1,5"] {
            let sentence = count().parse(text).unwrap_err();
            assert!(sentence.contains("a whole number from 1 to 4096, or full"), "{sentence}");
        }
        assert!(count().parse(&"9".repeat(100_000)).unwrap_err().len() < 200);
    }

    #[test]
    fn a_range_without_an_end_is_named_without_a_number() {
        let kind =
            Kind::Number { min: 0.0, max: f64::MAX, low: 0.0, high: 1.0, logarithmic: false, whole: false, all: None };
        assert_eq!(field(kind).parse("-1").unwrap_err(), "x “-1” is not allowed: a number from 0 on");
    }

    #[test]
    fn written_values_read_back() {
        for value in [Value::Number(32.0), Value::All] {
            assert_eq!(count().parse(&count().write(&value)), Ok(value));
        }
        let widths = field(Kind::Widths);
        for w in [vec![], vec![12, 12]] {
            let value = Value::Widths(w);
            assert_eq!(widths.parse(&widths.write(&value)), Ok(value));
        }
        assert!(widths.parse("12,-4").is_err());
        assert!(widths.parse("1,1,1,1,1,1,1,1,1").is_err());
    }

    #[test]
    fn numbers_are_written_shortly_and_exactly() {
        for (x, text) in [(0.1, "0.1"), (1e-8, "1e-8"), (1e6, "1000000"), (2000.0, "2000"), (1e300, "1e300")] {
            assert_eq!(number(x), text);
            assert_eq!(number(x).parse::<f64>(), Ok(x));
        }
    }
}
