//! Stub.
use super::chart::Chart;
/// Stub.
#[derive(Debug, Clone, PartialEq)]
pub struct Caption { /// t
 pub title: String, /// l
 pub lines: Vec<String> }
/// Stub.
pub fn svg(_chart: &Chart, _caption: &Caption, _size: (u32, u32), _scale: f64, _dark: bool) -> String { String::new() }
