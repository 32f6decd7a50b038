//! Errors as sentences that a visitor can read: what was wrong, where, and what is allowed.

use std::fmt;

/// Everything that can go wrong in the numerical core.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// A field of an experiment, a case or a link holds something that is not allowed.
    Invalid {
        /// The field's name as the user wrote it, for example `optimizer.learning_rate`.
        field: String,
        /// What was wrong and what is allowed, without the field's name.
        problem: String,
    },
    /// A text table could not be read.
    Csv {
        /// Line in the text, counted from 1.
        line: usize,
        /// Column, counted from 1; `None` when the whole line is meant.
        column: Option<usize>,
        /// What was wrong and what is allowed.
        problem: String,
    },
    /// Training left the region where its numbers mean anything.
    Diverged {
        /// The training step at which it was noticed.
        step: usize,
        /// What was seen, for example `the loss is NaN`.
        sign: String,
        /// What may help.
        advice: &'static str,
    },
    /// A matrix or vector holds NaN or infinity where a finite number is needed.
    NotFinite {
        /// What holds it, for example `the Hessian`.
        quantity: String,
    },
    /// An iteration did not reach its tolerance.
    NotConverged {
        /// The computation that failed.
        computation: String,
    },
}

/// Shorthand for results of the numerical core.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An [`Error::Invalid`] for `field`.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Error::Invalid { field: field.into(), problem: problem.into() }
    }

    /// An [`Error::NotFinite`] for `quantity`.
    pub fn not_finite(quantity: impl Into<String>) -> Self {
        Error::NotFinite { quantity: quantity.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid { field, problem } => write!(f, "{field}: {problem}"),
            Error::Csv { line, column: Some(column), problem } => {
                write!(f, "line {line}, column {column}: {problem}")
            }
            Error::Csv { line, column: None, problem } => write!(f, "line {line}: {problem}"),
            Error::Diverged { step, sign, advice } => write!(f, "training diverged at step {step}: {sign}; {advice}"),
            Error::NotFinite { quantity } => write!(f, "{quantity} holds NaN or infinity"),
            Error::NotConverged { computation } => write!(f, "{computation} did not converge"),
        }
    }
}

impl std::error::Error for Error {}

/// Text from outside in a sentence: at most 40 characters, on one line.
pub fn shown(text: &str) -> String {
    shortened(text, 40)
}

/// At most `longest` characters of `text`, with control characters and line ends escaped.
pub fn shortened(text: &str, longest: usize) -> String {
    let mut short = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == longest {
            short.push('…');
            break;
        }
        match c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            true => short.extend(c.escape_default()),
            false => short.push(c),
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_short_and_on_one_line() {
        assert_eq!(shown("θ and 'quotes'"), "θ and 'quotes'");
        assert_eq!(shown("a\nb\r\u{1b}[31m\u{2028}"), "a\\nb\\r\\u{1b}[31m\\u{2028}");
        assert_eq!(shown(&"é".repeat(40)), "é".repeat(40));
        assert_eq!(shown(&"é".repeat(1000)), "é".repeat(40) + "…");
    }
}
