//! Module gradient.
