//! A record on its way to Python, made without the interpreter's lock: sequences of floating-point numbers are dense, and become
//! numpy arrays without a copy.

use numpy::ndarray::Array2;
use numpy::{PyArray1, PyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// What a field may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// None.
    Nothing,
    /// A bool.
    Switch(bool),
    /// An int from 0.
    Whole(u64),
    /// A negative int.
    Negative(i64),
    /// A float.
    Number(f64),
    /// A str.
    Text(String),
    /// An array of one dimension; not empty.
    Vector(Vec<f64>),
    /// As [`Vector`](Value::Vector), where there might have been none: a sequence of these is a list in any case, so that
    /// its type does not depend on whether any is missing.
    OptionalVector(Vec<f64>),
    /// An array of rows of so many numbers.
    Matrix(usize, Vec<f64>),
    /// A list.
    List(Vec<Value>),
    /// A dict.
    Record(Vec<(String, Value)>),
}

/// A sequence of which it is not known yet whether it is an array.
pub struct Sequence {
    length: usize,
    entries: Value,
}

impl Sequence {
    /// For about `length` entries.
    pub fn new(length: usize) -> Self {
        Sequence { length, entries: Value::Vector(Vec::new()) }
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: Value) {
        match (&mut self.entries, entry) {
            (Value::Vector(numbers), Value::Number(number)) => numbers.push(number),
            (Value::Vector(numbers), Value::Vector(mut row)) if numbers.is_empty() => {
                let columns = row.len();
                row.reserve_exact(columns * self.length.saturating_sub(1));
                self.entries = Value::Matrix(columns, row);
            }
            (Value::Matrix(columns, numbers), Value::Vector(row)) if row.len() == *columns => numbers.extend(row),
            (Value::List(entries), entry) => entries.push(entry),
            (_, entry) => {
                let mut entries = std::mem::replace(&mut self.entries, Value::Nothing).into_list();
                entries.push(entry);
                self.entries = Value::List(entries);
            }
        }
    }

    /// The array, or the list where it is none or empty.
    pub fn finish(self) -> Value {
        match self.entries {
            Value::Vector(numbers) if numbers.is_empty() => Value::List(Vec::new()),
            entries => entries,
        }
    }
}

impl Value {
    fn into_list(self) -> Vec<Value> {
        match self {
            Value::Vector(numbers) => numbers.into_iter().map(Value::Number).collect(),
            Value::Matrix(columns, numbers) => {
                numbers.chunks_exact(columns).map(|row| Value::Vector(row.to_vec())).collect()
            }
            Value::List(entries) => entries,
            other => vec![other],
        }
    }
}

impl<'py> IntoPyObject<'py> for Value {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Value::Nothing => py.None().into_bound(py),
            Value::Switch(on) => on.into_pyobject(py)?.to_owned().into_any(),
            Value::Whole(number) => number.into_pyobject(py)?.into_any(),
            Value::Negative(number) => number.into_pyobject(py)?.into_any(),
            Value::Number(number) => number.into_pyobject(py)?.into_any(),
            Value::Text(text) => text.into_pyobject(py)?.into_any(),
            Value::Vector(numbers) | Value::OptionalVector(numbers) => PyArray1::from_vec(py, numbers).into_any(),
            Value::Matrix(columns, numbers) => {
                let shape = (numbers.len() / columns, columns);
                let matrix = Array2::from_shape_vec(shape, numbers);
                let matrix = matrix.map_err(|error| PyValueError::new_err(error.to_string()))?;
                PyArray2::from_owned_array(py, matrix).into_any()
            }
            Value::List(entries) => {
                let list = PyList::empty(py);
                for entry in entries {
                    list.append(entry)?;
                }
                list.into_any()
            }
            Value::Record(fields) => {
                let dict = PyDict::new(py);
                for (name, value) in fields {
                    dict.set_item(name, value)?;
                }
                dict.into_any()
            }
        })
    }
}
