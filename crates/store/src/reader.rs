//! Readers: a few threads that each hold a connection which cannot write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use basics::Fault;

use crate::StoreSettings;
use crate::engine::{self, Connection, Place};
use crate::group::{Condition, Query};
use crate::news::News;
use crate::queue::{Queue, Refused};
use crate::sql::Sql;
use crate::trouble::Trouble;
use crate::value::{Row, Value};
use crate::writer::WriteQueue;

/// At most so many reads wait for their log rows until the writer is woken.
const READS_A_WAKE: usize = 16;

pub(crate) type Read = Box<dyn FnOnce(&mut Reader) + Send>;

/// A connection that reads.
pub struct Reader {
    connection: Box<dyn Connection>,
    trouble: Arc<Trouble>,
    in_snapshot: bool,
    /// For one whose thread says when nothing more is asked for a while; else that is after each snapshot.
    news: Option<Arc<News>>,
    /// A snapshot that was kept for the next read: how much of the news it tells.
    standing: Option<u64>,
}

impl Reader {
    pub(crate) fn open(place: &Place, trouble: Arc<Trouble>) -> Result<Self, Fault> {
        Ok(Self {
            connection: engine::open_reader(place)?,
            trouble,
            in_snapshot: false,
            news: None,
            standing: None,
        })
    }

    /// One that sees everybody's rows, for looking at the store itself.
    pub(crate) fn inspector(place: &Place, trouble: Arc<Trouble>) -> Result<Self, Fault> {
        Ok(Self {
            connection: engine::open_inspector(place)?,
            trouble,
            in_snapshot: false,
            news: None,
            standing: None,
        })
    }

    /// Runs `read` on a snapshot of this moment: what others commit meanwhile is not seen.
    pub fn snapshot<T>(&mut self, read: impl FnOnce(&mut dyn Query) -> T) -> Result<T, Fault> {
        self.let_go()?;
        self.begin().map_err(|fault| self.trouble.noted(fault))?;
        let read = self.within(read);
        self.end()?;
        if self.news.is_none() {
            self.rest();
        }
        Ok(read)
    }

    /// As [`snapshot`](Self::snapshot), but what writers' companions added of their own accord, the log, may be missing: a
    /// snapshot that other reads had before serves as long as there is no other news, with all that the engine remembers of it.
    pub fn standing<T>(&mut self, read: impl FnOnce(&mut dyn Query) -> T) -> Result<T, Fault> {
        // Asked before it begins: what is committed in between is news once more.
        let Some(latest) = self.news.as_ref().and_then(|news| news.latest()) else {
            return self.snapshot(read);
        };
        if self.standing.take() != Some(latest) || !self.connection.is_open() {
            self.begin().map_err(|fault| self.trouble.noted(fault))?;
        }
        let read = self.within(read);
        self.standing = Some(latest);
        Ok(read)
    }

    fn within<T>(&mut self, read: impl FnOnce(&mut dyn Query) -> T) -> T {
        self.in_snapshot = true;
        let read = read(self);
        self.in_snapshot = false;
        read
    }

    /// Ends the snapshot that stands, if one does.
    fn let_go(&mut self) -> Result<(), Fault> {
        match self.standing.take() {
            Some(_) if self.connection.is_open() => self.end(),
            _ => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        let ended = self.connection.commit();
        ended.map_err(|fault| self.trouble.noted(fault))
    }

    /// Sees whether the engine takes this text.
    pub fn prepare(&mut self, sql: &Sql) -> Result<(), Fault> {
        self.connection.ready()?;
        self.connection.prepare(sql)
    }

    /// What was read is answered already: trouble here is only told.
    fn rest(&mut self) {
        let latest = self.news.as_ref().and_then(|news| news.latest());
        let let_go = match self.standing == latest {
            true => Ok(()),
            false => self.let_go(),
        };
        if let Err(fault) = let_go.and_then(|()| self.connection.rest()) {
            self.trouble.noted(fault);
        }
    }

    fn begin(&mut self) -> Result<(), Fault> {
        // One that was broken off, or that stands, is not in the way of the next.
        if self.connection.is_open() {
            self.connection.roll_back()?;
        }
        self.connection.ready()?;
        self.connection.begin_reading()
    }
}

impl Query for Reader {
    fn about(&mut self, subject: Option<&str>) {
        self.connection.about(subject);
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        // A connection that was lost is not made again within a snapshot: what was read there may be outdated.
        let ready = match self.in_snapshot {
            true => Ok(()),
            false => self.connection.ready().map(drop),
        };
        let answered = ready.and_then(|()| self.connection.query(sql, params, each));
        self.trouble.judged(answered)
    }

    fn query_if(
        &mut self,
        condition: &mut dyn Condition,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !self.connection.is_away() {
            let (first, values) = condition.question();
            self.query(first, &values, &mut |row| condition.hear(row))?;
            condition.decide()?;
            return self.query(sql, params, each);
        }
        let ready = match self.in_snapshot {
            true => Ok(()),
            false => self.connection.ready().map(drop),
        };
        let answered = ready.and_then(|()| self.connection.query_if(condition, sql, params, each));
        self.trouble.judged(answered)
    }

    fn is_away(&self) -> bool {
        self.connection.is_away()
    }
}

pub(crate) struct Readers {
    queue: Arc<Queue<Read>>,
    trouble: Trouble,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// `writes` is where reads leave their log rows.
    pub(crate) fn start<C: 'static>(
        settings: &StoreSettings,
        trouble: &Arc<Trouble>,
        writes: &WriteQueue<C>,
        queue: Arc<Queue<Read>>,
        news: &Arc<News>,
    ) -> Result<Self, Fault> {
        let threads = (0..settings.readers.max(1))
            .map(|at| {
                let mut reader = Reader::open(&settings.place, Arc::clone(trouble))?;
                reader.news = Some(Arc::clone(news));
                let (queue, writes) = (Arc::clone(&queue), writes.clone());
                std::thread::Builder::new()
                    .name(format!("store-reader-{at}"))
                    .spawn(move || read_all(reader, &queue, &writes))
                    .map_err(|fault| Fault::broken(format!("cannot start a reader: {fault}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            queue,
            trouble: Trouble::with(format!("the queue of reads of {}", settings.place)),
            threads,
        })
    }

    pub(crate) fn hand_over(&self, read: Read) -> Result<(), Fault> {
        let handed_over = self.queue.put(read).map_err(|refused| match refused {
            Refused::Full => {
                Fault::unavailable("too many reads are waiting", Duration::from_secs(1))
            }
            Refused::Closed => {
                Fault::unavailable("the readers have stopped", Duration::from_secs(30))
            }
        });
        self.trouble.judged(handed_over)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.close();
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

fn read_all<C>(mut reader: Reader, queue: &Queue<Read>, writes: &WriteQueue<C>) {
    let mut since_woken = 0;
    loop {
        let rests = || {
            writes.wake();
            reader.rest();
        };
        let Some(read) = queue.take(rests) else {
            return;
        };
        // Whoever waits for this read hears nothing and says so; the others still have a reader.
        drop(catch_unwind(AssertUnwindSafe(|| read(&mut reader))));
        since_woken += 1;
        if since_woken >= READS_A_WAKE {
            since_woken = 0;
            writes.wake();
        }
    }
}

#[cfg(test)]
mod tests;
