//! Module dataset.
