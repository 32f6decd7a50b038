//! Module hessian.
