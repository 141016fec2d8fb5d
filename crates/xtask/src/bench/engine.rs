//! The engines that are measured side by side.

use clap::ValueEnum;

/// Where the rows of an installation lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// A file, by SQLite
    Embedded,
    /// A database server, PostgreSQL
    Server,
}

#[cfg(feature = "bench")]
impl Engine {
    pub const ALL: [Self; 2] = [Self::Embedded, Self::Server];

    /// As the tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "SQLite",
            Self::Server => "PostgreSQL",
        }
    }
}
