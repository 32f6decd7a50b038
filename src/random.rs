//! Module random.
