//! Module matmul.
