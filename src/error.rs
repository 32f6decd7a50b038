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

/// Reads `text` as JSON; `whole` names what it should be in errors that concern no single field.
///
/// # Errors
/// [`Error::Invalid`] names the field as a path such as `optimizer.learning_rate`.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &str, whole: &str) -> Result<T> {
    // Derived readers would also take an array, field by field.
    if !text.trim_start().starts_with('{') {
        return Err(Error::invalid(whole, "must be a JSON object, { ... }"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = named(serde_path_to_error::deserialize(&mut deserializer), whole)?;
    deserializer.end().map_err(|error| Error::invalid(whole, error.to_string()))?;
    Ok(value)
}

/// Turns a deserializer's error into a sentence that begins with the field's path.
///
/// # Errors
/// [`Error::Invalid`] when `result` is an error.
pub fn named<T, E: fmt::Display>(
    result: std::result::Result<T, serde_path_to_error::Error<E>>,
    whole: &str,
) -> Result<T> {
    result.map_err(|error| {
        let path = error.path().to_string();
        // A reader that names its own fields writes `optimizer.beta1: must ...`, where the path ends at `optimizer`.
        let message = error.inner().to_string();
        let last = path.rsplit('.').next().unwrap_or_default();
        if let Some((field, problem)) = message.split_once(": ")
            && let Some(rest) = field.strip_prefix(last)
            && (rest.is_empty() || rest.starts_with('.'))
        {
            return Error::invalid(format!("{path}{rest}"), problem);
        }
        Error::invalid(if path == "." || path == "?" { whole.to_owned() } else { path }, message)
    })
}
