//! Module optimizer.
