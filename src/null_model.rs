//! Module null_model.
