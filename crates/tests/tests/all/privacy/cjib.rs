//! What the published statement promises.
