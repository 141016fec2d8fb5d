//! Readers: a few threads that each hold a connection which cannot write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use basics::Fault;
use rusqlite::Connection;

use crate::StoreSettings;
use crate::group::{Query, run};
use crate::sql::Sql;
use crate::sqlite;
use crate::trouble::Trouble;
use crate::value::{Row, Value};

type Read = Box<dyn FnOnce(&mut Reader) + Send>;

/// A connection that reads.
pub struct Reader {
    connection: Connection,
    trouble: Arc<Trouble>,
}

impl Reader {
    pub(crate) fn open(file: &Path, trouble: Arc<Trouble>) -> Result<Self, Fault> {
        Ok(Self {
            connection: sqlite::open_reader(file)?,
            trouble,
        })
    }

    /// Runs `read` on one snapshot: what others commit meanwhile is not seen.
    pub fn snapshot<T>(&mut self, read: impl FnOnce(&mut dyn Query) -> T) -> Result<T, Fault> {
        // One that was broken off is not in the way of the next.
        if !self.connection.is_autocommit() {
            self.run("ROLLBACK")?;
        }
        self.run("BEGIN")?;
        let read = read(self);
        self.run("COMMIT")?;
        Ok(read)
    }

    fn run(&self, statement: &'static str) -> Result<(), Fault> {
        run(&self.connection, statement).map_err(|fault| self.trouble.noted(fault))
    }
}

impl Query for Reader {
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.trouble
            .judged(sqlite::query(&self.connection, sql, params, each))
    }
}

pub(crate) struct Readers {
    queue: Option<SyncSender<Read>>,
    waiting: Trouble,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(settings: &StoreSettings, trouble: &Arc<Trouble>) -> Result<Self, Fault> {
        let (sender, receiver) = sync_channel(settings.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = (0..settings.readers.max(1))
            .map(|at| {
                let reader = Reader::open(&settings.file, Arc::clone(trouble))?;
                let receiver = Arc::clone(&receiver);
                std::thread::Builder::new()
                    .name(format!("store-reader-{at}"))
                    .spawn(move || read_all(reader, &receiver))
                    .map_err(|fault| Fault::broken(format!("cannot start a reader: {fault}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(sender),
            waiting: Trouble::with(format!("the queue of reads of {}", settings.file.display())),
            threads,
        })
    }

    pub(crate) fn hand_over(&self, read: Read) -> Result<(), Fault> {
        let queue = self.queue.as_ref().expect("the queue is there until drop");
        let handed_over = queue.try_send(read).map_err(|fault| match fault {
            TrySendError::Full(_) => {
                Fault::unavailable("too many reads are waiting", Duration::from_secs(1))
            }
            TrySendError::Disconnected(_) => {
                Fault::unavailable("the readers have stopped", Duration::from_secs(30))
            }
        });
        self.waiting.judged(handed_over)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        let here = std::thread::current().id();
        for thread in self
            .threads
            .drain(..)
            .filter(|thread| thread.thread().id() != here)
        {
            let _ = thread.join();
        }
    }
}

fn read_all(mut reader: Reader, queue: &Mutex<Receiver<Read>>) {
    loop {
        let next = match queue.lock() {
            Ok(queue) => queue.recv(),
            Err(_) => return,
        };
        match next {
            // Whoever waits for this read hears nothing and says so; the others still have a reader.
            Ok(read) => drop(catch_unwind(AssertUnwindSafe(|| read(&mut reader)))),
            Err(_) => return,
        }
    }
}
