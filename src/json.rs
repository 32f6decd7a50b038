//! JSON that people write, as text or as JavaScript values: whatever is wrong is reported with the name of its field, what it
//! is, and what is allowed.
//!
//! Text is read into a [`Node`] first, where a repeated name is noticed, of which most readers of JSON keep the last; the
//! record is then made from the node.

mod problem;
mod node;

pub use node::Node;
pub use problem::Problem;

use serde::de::DeserializeOwned;

use crate::error::{Error, Result, shown};

/// Reads `text` as JSON; `whole` names what it should be in errors that concern no single field.
///
/// # Errors
/// [`Error::Invalid`] names the field as a path such as `optimizer.learning_rate`; where the text is not JSON, line and
/// column too.
pub fn from_json<T: DeserializeOwned>(text: &str, whole: &str) -> Result<T> {
    if !text.trim_start().starts_with('{') {
        return Err(Error::invalid(whole, "must be a JSON object, { ... }"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let node: Node = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.inner());
        let sentence = error.to_string();
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.is_eof() {
            true => Error::invalid(whole, format!("the text ends at {place}, where something is still open")),
            false => match sentence.rsplit_once(": ") {
                // The only complaint of a node: a name that repeats.
                Some((name, problem)) if error.is_data() => within(&path, name, problem),
                _ => located(&path, whole, sentence),
            },
        }
    })?;
    deserializer.end().map_err(|error| Error::invalid(whole, error.to_string()))?;
    from_node(node, whole)
}

/// Makes a record of `node`, as [`from_json`] does.
///
/// # Errors
/// [`Error::Invalid`] names the field.
pub fn from_node<T: DeserializeOwned>(node: Node, whole: &str) -> Result<T> {
    if !matches!(node, Node::Object(_)) {
        return Err(Error::invalid(whole, format!("must be an object, not {}", node.seen())));
    }
    serde_path_to_error::deserialize(node).map_err(|error| {
        let path = error.path().to_string();
        let Problem { field, sentence } = error.into_inner();
        match field {
            Some(field) => within(&path, &field, &sentence),
            None => located(&path, whole, sentence),
        }
    })
}

/// An error about the field `name` of what is at `path`.
fn within(path: &str, name: &str, problem: &str) -> Error {
    let field = if is_whole(path) { name.to_owned() } else { format!("{path}.{name}") };
    Error::invalid(shown(&field), problem)
}

/// Whether `path` is that of the whole text.
fn is_whole(path: &str) -> bool {
    path == "." || path == "?"
}

/// An error at `path`. A reader that names its own fields writes `optimizer.beta1: must ...`, where the path ends at
/// `optimizer`.
fn located(path: &str, whole: &str, sentence: String) -> Error {
    let path = if is_whole(path) { "" } else { path };
    if let Some((field, problem)) = sentence.split_once(": ") {
        let last = path.rsplit('.').next().unwrap_or_default();
        match field.strip_prefix(last) {
            _ if path.is_empty() && !field.contains(' ') => return Error::invalid(shown(field), problem),
            Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => {
                return Error::invalid(shown(&format!("{path}{rest}")), problem);
            }
            _ => {}
        }
    }
    Error::invalid(if path.is_empty() { whole.to_owned() } else { shown(path) }, sentence)
}
