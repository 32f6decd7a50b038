//! Module activation.
