//! Module training.
