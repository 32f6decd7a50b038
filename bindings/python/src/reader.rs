//! From Python to records: dicts, sequences, numbers and numpy arrays become a [`Node`], from which the crate makes a record as
//! it does from JSON, with the same sentences about what is wrong.

use eigendrift::json::{Node, from_node};
use numpy::ndarray::{ArrayViewD, Axis};
use numpy::{Element, PyArrayDyn, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NoError, F64Deserializer};

/// Deepest nesting that is looked at; records have less, and a list that holds itself ends here.
const MAX_DEPTH: usize = 16;

/// What cannot be read, and where: `[3]` within a list, `.name` within a dict.
enum Fault {
    Unfit {
        place: String,
        sentence: String,
    },
    /// Raised by code of the value's own class.
    Raised(PyErr),
}

impl Fault {
    fn of(sentence: String) -> Self {
        Fault::Unfit { place: String::new(), sentence }
    }

    fn within(self, outer: impl FnOnce() -> String) -> Self {
        match self {
            Fault::Unfit { place, sentence } => Fault::Unfit { place: outer() + &place, sentence },
            raised => raised,
        }
    }
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Fault::Raised(error)
    }
}

/// Reads what a person wrote in Python, as strictly as the JSON of the same record.
///
/// # Errors
/// `ValueError` names the field as a path such as `optimizer.learning_rate`; `whole` stands for the value itself.
pub fn from_person<T: DeserializeOwned>(value: &Bound<'_, PyAny>, whole: &str) -> PyResult<T> {
    let node = node(value, 0).map_err(|fault| match fault {
        Fault::Unfit { place, sentence } => {
            let place = place.trim_start_matches('.');
            PyValueError::new_err(format!("{}: {sentence}", if place.is_empty() { whole } else { place }))
        }
        Fault::Raised(error) => error,
    })?;
    from_node(node, whole).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn node(value: &Bound<'_, PyAny>, depth: usize) -> Result<Node, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::of(format!("is nested deeper than {MAX_DEPTH} levels")));
    }
    if value.is_none() {
        return Ok(Node::Null);
    }
    if let Ok(on) = value.cast::<PyBool>() {
        return Ok(Node::Switch(on.is_true()));
    }
    if let Ok(number) = value.cast::<PyInt>() {
        return Ok(match number.extract::<u64>() {
            Ok(whole) => Node::Whole(whole),
            // Beyond the range of floats it is not allowed anywhere.
            Err(_) => Node::Number(number.extract::<f64>().unwrap_or(f64::INFINITY)),
        });
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(float(number.value()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Node::Text(text.to_str()?.to_owned()));
    }
    if let Ok(fields) = value.cast::<PyDict>() {
        return dict(fields, depth);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let entries = value
            .try_iter()?
            .enumerate()
            .map(|(i, entry)| node(&entry?, depth + 1).map_err(|fault| fault.within(|| format!("[{i}]"))));
        return Ok(Node::List(entries.collect::<Result<_, Fault>>()?));
    }
    if value.hasattr("__array__")? {
        return array(&value.call_method0("__array__")?, depth);
    }
    if value.hasattr("__fspath__")? {
        return node(&value.call_method0("__fspath__")?, depth + 1);
    }
    let kind = value.get_type().name()?;
    let allowed = "must consist of numbers, texts, True, False, None, lists, dicts and arrays";
    Err(Fault::of(format!("{allowed}, not of type {kind}")))
}

fn dict(fields: &Bound<'_, PyDict>, depth: usize) -> Result<Node, Fault> {
    let read = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let Ok(name) = name.cast::<PyString>() else {
            return Err(Fault::of(format!("has the key {}; keys must be texts", name.repr()?)));
        };
        let name = name.to_str()?.to_owned();
        let value = node(&value, depth + 1).map_err(|fault| fault.within(|| format!(".{name}")))?;
        Ok((name, value))
    };
    Ok(Node::Object(fields.iter().map(read).collect::<Result<_, Fault>>()?))
}

/// A numpy array of any number of dimensions; without any it is one number.
fn array(array: &Bound<'_, PyAny>, depth: usize) -> Result<Node, Fault> {
    let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
    match kind.as_str() {
        "f" => numbers(array, "float64", &float),
        "u" => numbers(array, "uint64", &Node::Whole),
        "i" => numbers(array, "int64", &|number: i64| {
            u64::try_from(number).map_or(Node::Number(number as f64), Node::Whole)
        }),
        _ => node(&array.call_method0("tolist")?, depth + 1),
    }
}

fn numbers<T: Element + Copy>(array: &Bound<'_, PyAny>, kind: &str, entry: &impl Fn(T) -> Node) -> Result<Node, Fault> {
    let array = array.call_method1("astype", (kind,))?;
    let array = array.cast::<PyArrayDyn<T>>().map_err(PyErr::from)?;
    Ok(nested(array.readonly().as_array(), entry))
}

fn nested<T: Copy>(view: ArrayViewD<'_, T>, entry: &impl Fn(T) -> Node) -> Node {
    match view.ndim() {
        0 => entry(view[[].as_slice()]),
        1 => Node::List(view.iter().map(|&number| entry(number)).collect()),
        _ => Node::List(view.axis_iter(Axis(0)).map(|row| nested(row, entry)).collect()),
    }
}

/// As the crate reads a number of JSON: 2.0 is a whole number.
fn float(number: f64) -> Node {
    let deserializer: F64Deserializer<NoError> = number.into_deserializer();
    // A node takes every number.
    Node::deserialize(deserializer).unwrap_or(Node::Number(number))
}
