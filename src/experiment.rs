//! Module experiment.
