//! Module web.
