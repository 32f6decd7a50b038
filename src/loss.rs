//! Module loss.
