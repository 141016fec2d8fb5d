//! The product's tests: see `tests/all/main.rs`.
