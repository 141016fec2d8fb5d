//! Erasing a person: the list says so first, then their key is destroyed, then what is noise from there on is removed in small
//! steps. What was broken off goes on from the list.

use std::sync::Arc;

use basics::{Actor, Channel, Fault, Moment, PersonNumber, SubjectId, Trace};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use store::{Cell, Command, Group, LogRows, Query, Sql, Value, Work};
use tokio::sync::oneshot;

use super::erasures::{Known, Step};
use super::exporting::{owned, picked};
use super::foreseen::categories;
use super::holding::can_hold;
use super::plan::{Blob, Hanging, Rows, STEP};
use super::{ERASE, Whose};
use crate::door::Door;
use crate::log::Ledger;
use crate::tx::{FIND_NUMBER, Hold};
use crate::{BlobId, Processing, Subjects, Vault};

static LOG_ROWS: Sql = Sql::new("SELECT log_no FROM log WHERE subject_id = $1 ORDER BY log_no");
const LOG: &str = "log";
const NUMBERS: &str = "numbers";

/// Rows of one step that are named one by one.
const MOST: usize = 512;

/// Files that are removed at the same time.
const AT_ONCE: usize = 8;

/// What was removed of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    pub rows: u64,
    pub files: u64,
}

/// What came of the order to erase somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// Nobody like that is known here.
    Nobody,
    /// Nothing was done: these holds stand on their data.
    Held(Vec<Hold>),
    Done(Erased),
}

impl Vault {
    /// As [`erase`](Self::erase), but not while something keeps data of theirs beyond its term: whether that gives way is for
    /// whoever decides on the erasure (AVG art. 17, third paragraph).
    pub async fn erase_unless_held(
        &self,
        whose: Whose,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Erasure, Fault> {
        self.erase_if(whose, false, told).await
    }

    /// Erases a person with all that is held of them, for an operator who carries out a decision; tells how many rows are gone on
    /// the way. `None`: nobody like that is known here.
    ///
    /// Errors: a statement whose activity `gegevens-wissen` leaves a category out. After trouble the same call, or
    /// [`finish_erasures`](Self::finish_erasures), goes on: from the first step on there is no way back.
    pub async fn erase(
        &self,
        whose: Whose,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Option<Erased>, Fault> {
        match self.erase_if(whose, true, told).await? {
            Erasure::Done(erased) => Ok(Some(erased)),
            Erasure::Nobody | Erasure::Held(_) => Ok(None),
        }
    }

    async fn erase_if(
        &self,
        whose: Whose,
        despite_holds: bool,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Erasure, Fault> {
        // Whose key is gone is found without it.
        let listed = match &whose {
            Whose::Id(subject) => Some(*subject),
            Whose::Number(number) => self.has_number(number).await?,
        };
        if let Some(subject) = listed
            && self.erasures.all()?.contains_key(&subject)
        {
            return self.erase_listed(subject, told).await.map(Erasure::Done);
        }
        let trace = Trace::new(self.ids());
        let processing = Processing::of(
            ERASE,
            Actor::Operator,
            Subjects::Found,
            Channel::Terminal,
            trace,
        );
        let door = Arc::clone(&self.door);
        let asks = !despite_holds && can_hold(&door.register);
        let found = self.write(processing, move |tx| {
            let found = whose.find(tx)?;
            tx.covers(categories(&door.register, &door.plan), true)?;
            let mut holds = match found {
                Some(_) if asks => tx.holds()?,
                _ => Vec::new(),
            };
            let now = tx.now();
            holds.retain(|hold| hold.stands(now));
            Ok::<_, Fault>(found.map(|subject| (subject, holds)))
        });
        let Some((subject, holds)) = found.await? else {
            return Ok(Erasure::Nobody);
        };
        if !holds.is_empty() {
            return Ok(Erasure::Held(holds));
        }
        self.erasures
            .note(subject, Step::Begun, self.clock().now())?;
        self.erase_listed(subject, told).await.map(Erasure::Done)
    }

    /// Goes through the list of erasures again: finishes what was broken off, and removes what a restore brought back or
    /// somebody at work in the same moment left. From an hour after it was done, by a clock that is believed, an erasure is
    /// settled by that. Answers what there still was.
    pub async fn finish_erasures(&self) -> Result<Erased, Fault> {
        let now = self.clock().now();
        let is_believed = self.clock_leap_at(now).await?.is_none();
        let mut all = Erased::default();
        for (subject, known) in self.erasures.unsettled()? {
            let erased = self.erase_listed(subject, &mut |_| {}).await?;
            all.rows += erased.rows;
            all.files += erased.files;
            let step = match known {
                _ if !is_believed => None,
                known if known.settles(now) => Some(Step::Settled),
                known => known.is_ahead(now).then_some(Step::Done),
            };
            if let Some(step) = step {
                self.erasures.note(subject, step, now)?;
            }
        }
        Ok(all)
    }

    /// How many erasures were begun and are not done.
    pub fn begun_erasures(&self) -> Result<usize, Fault> {
        let all = self.erasures.all()?;
        let begun = all.values().filter(|known| !known.is_done());
        Ok(begun.count())
    }

    /// Finishes what was begun and is not done, after a crash or a restore; answers what there still was. Before anything serves.
    pub async fn finish_begun_erasures(&self) -> Result<Erased, Fault> {
        let mut all = Erased::default();
        for (subject, known) in self.erasures.all()? {
            if !known.is_done() {
                let erased = self.erase_listed(subject, &mut |_| {}).await?;
                all.rows += erased.rows;
                all.files += erased.files;
            }
        }
        Ok(all)
    }

    async fn erase_listed(
        &self,
        subject: SubjectId,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Erased, Fault> {
        let known = self.erasures.all()?.get(&subject).copied();
        let was_done = known.is_some_and(Known::is_done);
        let mut erased = Erased::default();
        // Also where that was done before: a server may have carried the key along, for whoever saw it still.
        self.one_step(subject, At::Key).await?;
        let keyring = Arc::clone(&self.door.keyring);
        aside(move || keyring.forget_destroyed(&[subject])).await?;
        // By the number whoever was broken off finds the person again: it goes last.
        let is_last = |at: &usize| self.door.plan.of_people[*at].name == NUMBERS;
        let tables = 0..self.door.plan.of_people.len();
        let (last, first): (Vec<usize>, Vec<usize>) = tables.partition(is_last);
        for at in first {
            self.empty(subject, at, &mut erased, told).await?;
        }
        // Looked up beforehand, since neither a sender's rows nor the log's lie by person.
        for at in 0..self.door.plan.naming.len() {
            for keys in self.rows_that_name(subject, at).await?.chunks(MOST) {
                let keys = keys.to_vec();
                erased.rows += self.one_step(subject, At::Naming(at, keys)).await?.rows;
            }
        }
        let numbers = self.log_rows(subject).await?;
        erased.rows += self.one_step(subject, At::Places).await?.rows;
        for numbers in numbers.chunks(MOST) {
            let numbers = numbers.to_vec();
            erased.rows += self.one_step(subject, At::Log(numbers)).await?.rows;
            told(erased.rows);
        }
        for at in last {
            self.empty(subject, at, &mut erased, told).await?;
        }
        if erased.rows > 0 || !was_done {
            let store = Arc::clone(&self.store);
            aside(move || store.forget_removed()).await?;
        }
        if !was_done {
            self.erasures
                .note(subject, Step::Done, self.clock().now())?;
        }
        Ok(erased)
    }

    /// Removes what a table of people holds of one.
    async fn empty(
        &self,
        subject: SubjectId,
        at: usize,
        erased: &mut Erased,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), Fault> {
        loop {
            let done = self.one_step(subject, At::OfPeople(at)).await?;
            erased.rows += done.rows;
            erased.files += done.blobs.len() as u64;
            self.remove_blobs(done.blobs).await?;
            told(erased.rows);
            if !done.has_more {
                return Ok(());
            }
        }
    }

    pub(super) async fn remove_blobs(&self, blobs: Vec<BlobId>) -> Result<(), Fault> {
        let removed = blobs.into_iter().map(|blob| self.remove_blob(blob));
        let mut removed = stream::iter(removed).buffer_unordered(AT_ONCE);
        while removed.try_next().await?.is_some() {}
        Ok(())
    }

    /// Whose number this is, also when their key is gone.
    async fn has_number(&self, number: &PersonNumber) -> Result<Option<SubjectId>, Fault> {
        let kind = number.kind().name();
        let digest = self.door.keyring.number_digest(kind, number.reveal());
        self.look(move |query| {
            let mut found = None;
            let digest = Value::Blob(digest.to_vec());
            query.query(&FIND_NUMBER, &[kind.into(), digest], &mut |row| {
                if let Cell::Text(name) = row.cell(0)? {
                    found = name.parse().ok();
                }
                Ok(())
            })?;
            Ok(found)
        })
        .await
    }

    /// The keys of rows of others that name a person.
    async fn rows_that_name(
        &self,
        subject: SubjectId,
        at: usize,
    ) -> Result<Vec<Vec<Value>>, Fault> {
        let (door, name) = (Arc::clone(&self.door), subject.to_string());
        self.look(move |query| {
            let naming = &door.plan.naming[at];
            query.about(Some(&name));
            let mut keys: Vec<Vec<Value>> = Vec::new();
            query.query(naming.keys, &[name.as_str().into()], &mut |row| {
                let cells = (0..naming.key.len()).map(|at| row.cell(at).map(owned));
                keys.push(cells.collect::<Result<_, _>>()?);
                Ok(())
            })?;
            Ok(keys)
        })
        .await
    }

    async fn log_rows(&self, subject: SubjectId) -> Result<Vec<i64>, Fault> {
        let name = subject.to_string();
        self.look(move |query| {
            query.about(Some(&name));
            let mut numbers = Vec::new();
            query.query(&LOG_ROWS, &[name.as_str().into()], &mut |row| {
                if let Cell::Int(number) = row.cell(0)? {
                    numbers.push(number);
                }
                Ok(())
            })?;
            Ok(numbers)
        })
        .await
    }

    async fn one_step(&self, subject: SubjectId, at: At) -> Result<Done, Fault> {
        let (reply, answer) = oneshot::channel();
        self.store.write(Box::new(Erasing {
            door: Arc::clone(&self.door),
            subject,
            at,
            now: self.clock().now(),
            done: Done::default(),
            reply,
        }))?;
        crate::heard(answer).await
    }
}

/// On a thread that may wait.
async fn aside(forget: impl FnOnce() -> Result<(), Fault> + Send + 'static) -> Result<(), Fault> {
    let forgotten = tokio::task::spawn_blocking(forget).await;
    forgotten.map_err(|_| Fault::broken("forgetting what was removed broke off"))?
}

/// A step of an erasure.
#[derive(Clone, Debug)]
enum At {
    Key,
    /// The table of people with this place in the plan.
    OfPeople(usize),
    /// Rows of others, by their keys.
    Naming(usize, Vec<Vec<Value>>),
    /// Where rows of the log lie.
    Places,
    /// Rows of the log, by their numbers.
    Log(Vec<i64>),
}

/// One step, one commit.
struct Erasing {
    door: Arc<Door>,
    subject: SubjectId,
    at: At,
    now: Moment,
    done: Done,
    reply: oneshot::Sender<Result<Done, Fault>>,
}

/// What a step removed.
#[derive(Default)]
pub(super) struct Done {
    pub(super) rows: u64,
    pub(super) blobs: Vec<BlobId>,
    has_more: bool,
}

impl Work<Ledger> for Erasing {
    fn run(&mut self, group: &mut Group<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        group.enter();
        let run = self.step(group, ledger);
        if group.is_halted() {
            return group.undo();
        }
        run
    }

    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let Self { reply, done, .. } = *self;
        let outcome = outcome.map_err(|fault| fault.while_doing("erasing"));
        let _ = reply.send(outcome.map(|()| done));
    }
}

impl Erasing {
    fn step(&mut self, group: &mut Group<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        self.done = Done::default();
        let name = self.subject.to_string();
        group.about(Some(&name));
        let (plan, done) = (&self.door.plan, &mut self.done);
        match &self.at {
            At::Key => {
                self.door.keyring.destroy_all([self.subject])?;
            }
            // The log's rows go last, each with a note in the chain.
            At::OfPeople(at) if plan.of_people[*at].name == LOG => {}
            At::OfPeople(at) => {
                done.has_more = remove_some(group, &name, &plan.of_people[*at], done)?;
            }
            At::Naming(at, keys) => {
                plan.naming[*at].forget.each(&name, keys, |sql, params| {
                    done.rows += group.run(sql, params)?;
                    Ok(())
                })?;
            }
            At::Places => done.rows += group.remove_from_log(LogRows::PlacesOf(&name))?,
            At::Log(numbers) => {
                let person = name.as_str();
                done.rows += group.remove_from_log(LogRows::Of { person, numbers })?;
                ledger.note_removal(numbers.clone(), self.now);
            }
        }
        group.keep()
    }
}

/// Removes rows of a table with what hangs on them; whether there may be more.
fn remove_some(
    group: &mut Group<'_>,
    person: &str,
    rows: &Rows,
    done: &mut Done,
) -> Result<bool, Fault> {
    let Some(remove) = rows.remove.as_ref().filter(|_| !rows.hanging.is_empty()) else {
        if let Some(blob) = &rows.blob {
            let mut found = Vec::new();
            group.query(rows.all, &[person.into()], &mut |row| {
                let at = place(&rows.columns, &blob.mark.id);
                found.push(row.cell(at).map(owned)?);
                Ok(())
            })?;
            unclaim(group, blob, found, done)?;
        }
        done.rows += group.run(rows.remove_all, &[person.into()])?;
        return Ok(false);
    };
    let mut handles: Vec<Vec<Value>> = Vec::new();
    group.query(rows.handles, &[person.into()], &mut |row| {
        let cells = (0..rows.handle.len()).map(|at| row.cell(at).map(owned));
        handles.push(cells.collect::<Result<_, _>>()?);
        Ok(())
    })?;
    let hanging = &rows.hanging;
    remove_hanging(group, Some(person), &rows.handle, &handles, hanging, done)?;
    let of_key: Vec<usize> = (0..rows.key.len()).collect();
    let keys: Vec<_> = handles
        .iter()
        .map(|handle| picked(handle, &of_key))
        .collect();
    remove.each(person, &keys, |sql, params| {
        done.rows += group.run(sql, params)?;
        Ok(())
    })?;
    Ok(handles.len() >= STEP)
}

/// Removes what hangs on rows with these handles.
pub(super) fn remove_hanging(
    group: &mut Group<'_>,
    person: Option<&str>,
    handle: &[String],
    handles: &[Vec<Value>],
    hanging: &[Hanging],
    done: &mut Done,
) -> Result<(), Fault> {
    for hangs in hanging {
        let hung = Hung::on(hangs, person, handle, handles, group)?;
        let (mut unclaims, removes) = hung.commands(hangs, person)?;
        let first = unclaims.len();
        unclaims.extend(removes);
        let changed = group.run_all(&unclaims)?;
        done.rows += changed.iter().skip(first).sum::<u64>();
        done.blobs.extend(hung.blobs()?);
    }
    Ok(())
}

/// What of one table hangs on rows.
pub(super) struct Hung {
    keys: Vec<Vec<Value>>,
    /// The files that they name.
    files: Vec<Value>,
}

impl Hung {
    /// What of this table hangs on rows with these handles.
    pub(super) fn on(
        hangs: &Hanging,
        person: Option<&str>,
        handle: &[String],
        handles: &[Vec<Value>],
        query: &mut dyn Query,
    ) -> Result<Self, Fault> {
        let by = hangs.by.iter();
        let by: Vec<usize> = by
            .filter_map(|column| handle.iter().position(|name| name == column))
            .collect();
        let keys: Vec<_> = handles.iter().map(|handle| picked(handle, &by)).collect();
        let mut files = Vec::new();
        if let Some(blob) = &hangs.blob {
            let at = place(&hangs.columns, &blob.mark.id);
            let person = person.unwrap_or_default();
            hangs.list.each(person, &keys, |sql, params| {
                query.query(sql, params, &mut |row| {
                    files.push(row.cell(at).map(owned)?);
                    Ok(())
                })
            })?;
        }
        Ok(Self { keys, files })
    }

    /// What lets go of the files, and what removes the rows.
    pub(super) fn commands(
        &self,
        hangs: &Hanging,
        person: Option<&str>,
    ) -> Result<(Vec<Command>, Vec<Command>), Fault> {
        let about = person.map(str::to_owned);
        let command = |sql: &'static Sql, params: Vec<Value>| Command {
            about: about.clone(),
            sql,
            params,
        };
        let blob = hangs.blob.iter();
        let unclaims = blob.flat_map(|blob| {
            let files = self.files.iter();
            files.map(|file| command(blob.unclaim, vec![file.clone()]))
        });
        let mut removes = Vec::new();
        let person = person.unwrap_or_default();
        hangs.remove.each(person, &self.keys, |sql, params| {
            removes.push(command(sql, params.to_vec()));
            Ok(())
        })?;
        Ok((unclaims.collect(), removes))
    }

    /// Files that are nobody's when those have run.
    pub(super) fn blobs(&self) -> Result<Vec<BlobId>, Fault> {
        self.files.iter().map(blob_of).collect()
    }
}

/// Files that are nobody's from here on.
fn unclaim(
    group: &mut Group<'_>,
    blob: &Blob,
    found: Vec<Value>,
    done: &mut Done,
) -> Result<(), Fault> {
    for id in found {
        done.blobs.push(blob_of(&id)?);
        group.run(blob.unclaim, &[id])?;
    }
    Ok(())
}

fn blob_of(id: &Value) -> Result<BlobId, Fault> {
    let broken = || Fault::broken("a row names a file by no id");
    match id {
        Value::Text(id) => id.parse().map_err(|_| broken()),
        _ => Err(broken()),
    }
}

pub(super) fn place(columns: &[super::plan::Column], name: &str) -> usize {
    let found = columns.iter().position(|column| column.name == name);
    found.expect("a mark names columns of its table, as the plan has seen")
}
