//! Module view.
