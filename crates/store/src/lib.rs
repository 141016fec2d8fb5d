//! The engines: one face over where rows and blobs lie. Only this room knows which engine runs; only `vault` imports it.
//!
//! Reading order: `sql` (texts), `value` (cells), `group` (what one commit holds), `queue`, `writer` (group commit), `reader`,
//! `analysis` (which columns a text touches), `layout` (how rows lie on a server), `distribution` (how on several), `rooms`
//! (whose tables), `changes` (how they change), `engine` (what both can), `sqlite` (the embedded one), `postgres` (the server), `copying` (from one to the
//! other), `blobs`, `trouble` (what the operator is told).

mod analysis;
mod blobs;
mod changes;
mod copying;
mod distribution;
mod engine;
mod group;
mod layout;
mod news;
mod postgres;
mod queue;
mod reader;
mod rooms;
mod rounds;
mod search;
mod sql;
mod sqlite;
#[cfg(test)]
mod tests;
mod trouble;
mod value;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use basics::{Fault, Moment};

pub use analysis::{Analyst, Touched};
pub use blobs::{BlobStream, Blobs};
pub use changes::{Change, Wording};
pub use copying::{Progress, copied_before, copy, copy_as_it_is};
pub use distribution::distribution;
pub use engine::{Command, LogRows, Oldest, Place};
pub use group::{Condition, Group, Query};
pub use layout::tables_by_month;
pub use reader::Reader;
pub use rooms::{Prepared, is_begun, prepare};
pub use search::{Ended, Search};
pub use sql::{Insert, Sql};
pub use value::{Cell, Row, Value};
pub use writer::{Companion, Work, WriteQueue};

use trouble::Trouble;

/// Where a store's rows lie and how many threads read them.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    pub place: Place,
    pub readers: usize,
    /// A file has one in any case.
    pub writers: usize,
    /// How many writes may wait before a further one is told to come back (503).
    pub queue: usize,
}

impl StoreSettings {
    /// On a file of the embedded engine.
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self::on(Place::File(file.into()))
    }

    pub fn on(place: Place) -> Self {
        // A reader of a file works; one of a server mostly waits for it.
        let (readers, writers) = match &place {
            Place::File(_) => (2, 1),
            Place::Server(_) => (6, 2),
        };
        Self {
            place,
            readers,
            writers,
            queue: 4096,
        }
    }
}

/// The tables of one room: its name, its `schema.sql`, and what changed since.
#[derive(Clone, Copy, Debug)]
pub struct RoomSchema {
    pub room: &'static str,
    /// Its first text.
    pub sql: &'static str,
    pub changes: &'static [Change],
}

impl RoomSchema {
    /// Its first text and those of its changes, as the embedded engine has them, each with the name of its file.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let changes = self.changes.iter();
        std::iter::once(("schema.sql", self.sql))
            .chain(changes.map(|change| (change.name, change.for_embedded())))
    }
}

/// An open database: writers that commit in groups, a few readers. `C` is a writer's companion, told before and after each commit.
pub struct Store<C: Companion> {
    // Ends in this order: readers may still hand over writes, and the writer's connection closes last.
    readers: reader::Readers,
    writer: writer::Writer<C>,
    settings: StoreSettings,
    reading: Arc<Trouble>,
    news: Arc<news::News>,
    _lock: Option<sqlite::FileLock>,
}

impl<C: Companion> Store<C> {
    /// Opens or makes the database and brings in the rooms' tables. Each writer's `companion` is told where things stand before the first write.
    ///
    /// Errors: another process holds the file; the database cannot be reached, opened or written; a room's tables differ from
    /// those that are there.
    pub fn open(
        settings: StoreSettings,
        rooms: &[RoomSchema],
        companion: impl Fn() -> C + Sync,
    ) -> Result<Self, Fault> {
        engine::aside(|| Self::open_here(settings, rooms, &companion))
    }

    fn open_here(
        settings: StoreSettings,
        rooms: &[RoomSchema],
        companion: &dyn Fn() -> C,
    ) -> Result<Self, Fault> {
        let lock = match &settings.place {
            Place::File(file) => Some(sqlite::FileLock::take(file)?),
            Place::Server(_) => None,
        };
        rooms::bring_in(&settings.place, rooms)?;
        rooms::refuse_copy(&settings.place)?;
        let count = if settings.place.is_shared() {
            settings.writers.max(1)
        } else {
            1
        };
        let mut writers = Vec::with_capacity(count);
        for _ in 0..count {
            let (mut connection, mut companion) =
                (engine::open_writer(&settings.place)?, companion());
            connection.ready()?;
            let writer = connection.writer();
            companion.take_up(writer, &mut writer::Asking(&mut *connection))?;
            writers.push((connection, companion));
        }
        let reading = Arc::new(Trouble::with(format!("reading {}", settings.place)));
        let reads = Arc::new(queue::Queue::of(settings.queue));
        let news = Arc::new(news::News::told_to(Arc::clone(&reads)));
        let writer = writer::Writer::start(writers, &settings, &news)?;
        let readers = reader::Readers::start(&settings, &reading, &writer.queue(), reads, &news)?;
        Ok(Self {
            readers,
            writer,
            settings,
            reading,
            news,
            _lock: lock,
        })
    }

    /// Hands work to the writer. Its `finish` is called once the group it was in is durable, or has failed.
    /// A full queue is a Fault of kind Unavailable.
    pub fn write(&self, work: Box<dyn Work<C>>) -> Result<(), Fault> {
        self.writer.queue().hand_over(work)
    }

    /// The writer's queue by itself, for a reader to hand its log rows to.
    pub fn write_queue(&self) -> WriteQueue<C> {
        self.writer.queue()
    }

    /// Runs `read` on a reader's thread, inside one snapshot.
    pub fn read(&self, read: impl FnOnce(&mut Reader) + Send + 'static) -> Result<(), Fault> {
        self.readers.hand_over(Box::new(read))
    }

    /// A reader of the caller's own that sees everybody's rows, for looking at the store itself.
    ///
    /// Errors: a server whose owner is not known here.
    pub fn inspector(&self) -> Result<Reader, Fault> {
        engine::aside(|| Reader::inspector(&self.settings.place, Arc::clone(&self.reading)))
    }

    /// Sees to the months that come, for tables that lie by month; answers how many pieces were made. For a daily job; blocks.
    pub fn make_months(&self) -> Result<u64, Fault> {
        match &self.settings.place {
            Place::File(_) => Ok(0),
            Place::Server(server) => engine::aside(|| postgres::make_months(server.address())),
        }
    }

    /// Looks for people among everybody's rows. Blocks.
    pub fn search(&self) -> Result<Search, Fault> {
        Search::on(&self.settings.place)
    }

    /// Drops a whole month of a table that lies by month, with its rows: the one in which this moment lies. Answers whether
    /// there was anything; nothing lies by month in a file. Blocks.
    ///
    /// Errors: a month that has not ended, by the server's clock; a table that does not lie by month.
    pub fn drop_month(&self, table: &str, month: Moment) -> Result<bool, Fault> {
        match &self.settings.place {
            Place::File(_) => Ok(false),
            Place::Server(server) => {
                engine::aside(|| postgres::drop_month(server.address(), table, month))
            }
        }
    }

    /// Sees to it that what was removed is in no file of the store any more: the embedded engine keeps older pages in its
    /// write-ahead log until they are written over. A server does that in its own time. Blocks.
    ///
    /// Errors: somebody who reads for so long that it cannot be done now.
    pub fn forget_removed(&self) -> Result<(), Fault> {
        match &self.settings.place {
            Place::File(file) => self.news.without_standing(|| sqlite::forget_removed(file)),
            Place::Server(_) => Ok(()),
        }
    }

    /// The same of a table's rows that were of these people, which a server can see to as well: it writes anew where they lay, as far as
    /// nobody sees them any more. Its own log, and its backups, it writes over in its own time. Answers whether that was done;
    /// where a part of the table has more than 64 MiB it was not. Blocks.
    ///
    /// Errors: as [`forget_removed`](Self::forget_removed); a table that does not lie in parts by person.
    pub fn forget_removed_of(&self, table: &str, people: &[String]) -> Result<bool, Fault> {
        match &self.settings.place {
            Place::File(_) => self.forget_removed().map(|()| true),
            Place::Server(server) => {
                engine::aside(|| postgres::write_anew(server.address(), table, people))
            }
        }
    }

    /// A reader of the caller's own, for look-ups off the queue. On threads of the vault only: it may block.
    pub fn reader(&self) -> Result<Reader, Fault> {
        engine::aside(|| Reader::open(&self.settings.place, Arc::clone(&self.reading)))
    }
}
