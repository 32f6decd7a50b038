//! Module displacement.
