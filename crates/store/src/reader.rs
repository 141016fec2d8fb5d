//! Readers: a few threads that each hold a connection which cannot write.

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
use crate::value::{Row, Value};

type Read = Box<dyn FnOnce(&mut Reader) + Send>;

/// A connection that reads.
pub struct Reader {
    connection: Connection,
}

impl Reader {
    pub(crate) fn open(file: &Path) -> Result<Self, Fault> {
        Ok(Self {
            connection: sqlite::open_reader(file)?,
        })
    }

    /// Runs `read` on one snapshot: what others commit meanwhile is not seen.
    pub fn snapshot<T>(&mut self, read: impl FnOnce(&mut dyn Query) -> T) -> Result<T, Fault> {
        run(&self.connection, "BEGIN")?;
        let read = read(&mut self.connection);
        run(&self.connection, "COMMIT")?;
        Ok(read)
    }
}

impl Query for Reader {
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        sqlite::query(&self.connection, sql, params, each)
    }
}

pub(crate) struct Readers {
    queue: Option<SyncSender<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(settings: &StoreSettings) -> Result<Self, Fault> {
        let (sender, receiver) = sync_channel(settings.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = (0..settings.readers.max(1))
            .map(|at| {
                let reader = Reader::open(&settings.file)?;
                let receiver = Arc::clone(&receiver);
                std::thread::Builder::new()
                    .name(format!("store-reader-{at}"))
                    .spawn(move || read_all(reader, &receiver))
                    .map_err(|fault| Fault::broken(format!("cannot start a reader: {fault}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(sender),
            threads,
        })
    }

    pub(crate) fn hand_over(&self, read: Read) -> Result<(), Fault> {
        let queue = self.queue.as_ref().expect("the queue is there until drop");
        queue.try_send(read).map_err(|fault| match fault {
            TrySendError::Full(_) => {
                Fault::unavailable("too many reads are waiting", Duration::from_secs(1))
            }
            TrySendError::Disconnected(_) => {
                Fault::unavailable("the readers have stopped", Duration::from_secs(30))
            }
        })
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
            Ok(read) => read(&mut reader),
            Err(_) => return,
        }
    }
}
