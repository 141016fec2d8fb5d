//! How data ends: copied for their person, erased, swept when their time has come. `canary` plants a value of its own in every
//! column, whatever columns there are.

mod backup;
mod beside_the_log;
pub mod canary;
mod erasure;
mod holds;
mod killed;
mod leaps;
mod leaving;
mod noted;
mod open_columns;
mod said;
pub mod sweep;
mod trials;
