//! Module spectrum.
