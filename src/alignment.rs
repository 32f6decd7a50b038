//! Module alignment.
