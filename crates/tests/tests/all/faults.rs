//! What breaks around the product costs nothing: a clear answer, a clear line in its log, and all is well again without
//! hands. `trial` the real binary with a sender and a reader, `disk` a small disk of its own, the rest a fault each.

mod bodies;
mod clock;
mod disk;
mod full_disk;
mod idle;
mod leaps;
mod locked;
mod provider;
mod read_only;
mod start;
mod stop;
mod trial;
