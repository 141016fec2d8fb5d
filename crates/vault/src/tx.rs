//! What a closure works with: `ReadTx` reads the data of its person, `Tx` (in `writing`) also changes it. Neither reaches anybody else's.

mod ground;
mod holding;
mod whole;
mod writing;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use basics::{Activity, Actor, Fault, Ids, Moment, PersonNumber, Recipient, Refusal, SubjectId};
use statement::{CategoryId, Grant, Mask};
use store::{Query, Sql};

use crate::disclosing::{Giving, in_words};
use crate::door::Door;
use crate::gate::{self, Entered, Reaching};
use crate::gauge::checking;
use crate::processing::{Processing, Subjects};
use crate::row::{Row, Value};
use crate::seal::SealingKey;
use crate::texts::Sealed;

use ground::{Ground, Writing};

pub(crate) use holding::CATEGORY;
pub use holding::{HeldPart, Hold};
pub(crate) use whole::ids_of;
pub use writing::Tx;

pub(crate) static FIND_NUMBER: Sql =
    Sql::new("SELECT subject_id FROM numbers WHERE kind = $1 AND digest = $2");
static READ_NUMBER: Sql =
    Sql::new("SELECT number FROM numbers WHERE subject_id = $1 AND kind = $2");
static FIND_SESSION: Sql =
    Sql::new("SELECT subject_id FROM session_lookup WHERE session_hash = $1");

const NUMBER: Sealed = Sealed::new("numbers.number");

/// SHA-256 of a session's 256 random bits; what is stored instead of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionHash(pub [u8; 32]);

impl SessionHash {
    pub fn of(secret: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, secret).as_ref());
        Self(hash)
    }
}

impl std::fmt::Debug for SessionHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionHash(…)")
    }
}

/// The person whose data this closure is on.
pub(crate) struct Opened {
    pub(crate) subject: SubjectId,
    pub(crate) key: SealingKey,
}

/// A transaction that cannot write.
pub struct ReadTx<'a> {
    door: &'a Door,
    processing: &'a Processing,
    /// What the statement says of the activity; none for a processing on nobody.
    entered: Option<Entered<'a>>,
    now: Moment,
    ground: Ground<'a>,
    opened: Option<Opened>,
    trail: &'a Trail,
}

/// What a closure leaves behind, also when the gate refused it or the closure panicked.
#[derive(Default)]
pub(crate) struct Trail {
    /// The person it reached for: they get a log row.
    pub(crate) reached: Cell<Option<SubjectId>>,
    /// What it gave to whom outside.
    pub(crate) disclosed: RefCell<Vec<Disclosed>>,
}

/// Data that left: who got it and which, by the statement's names.
#[derive(Clone, Debug)]
pub(crate) struct Disclosed {
    pub(crate) recipient: Cow<'static, str>,
    pub(crate) data: String,
    /// Why, where it was not as the activity goes along.
    pub(crate) giving: Option<Arc<Giving>>,
}

/// What may leave the house, because the statement was asked: only [`ReadTx::disclose`], [`Vault::give`](crate::Vault::give) and
/// [`Vault::log_after`](crate::Vault::log_after) make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure<T>(T);

impl<T> Disclosure<T> {
    pub(crate) const fn asked(what: T) -> Self {
        Self(what)
    }

    /// The same in another form; nothing can come to it.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Disclosure<U> {
        Disclosure(form(self.0))
    }

    /// What of it must be known to send it.
    pub fn seen<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.0)
    }

    /// For whoever sends it.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Disclosure<Vec<T>> {
    /// Part by part.
    pub fn each(self) -> Vec<Disclosure<T>> {
        self.0.into_iter().map(Disclosure).collect()
    }
}

impl<'a> ReadTx<'a> {
    pub(crate) fn open(
        door: &'a Door,
        processing: &'a Processing,
        now: Moment,
        query: &'a mut dyn Query,
        trail: &'a Trail,
    ) -> Result<Self, Fault> {
        Self::on(door, processing, now, Ground::reading(query), trail)
    }

    fn on(
        door: &'a Door,
        processing: &'a Processing,
        now: Moment,
        ground: Ground<'a>,
        trail: &'a Trail,
    ) -> Result<Self, Fault> {
        let entered = match processing.subjects {
            Subjects::None => None,
            Subjects::One(_) | Subjects::Found => {
                let enter = || gate::enter(&door.register, processing, || door.day(now));
                Some(checking(enter)?)
            }
        };
        let mut tx = Self {
            door,
            processing,
            entered,
            now,
            ground,
            opened: None,
            trail,
        };
        if let Subjects::One(subject) = processing.subjects {
            if let Some(reaching) = tx.reaching(subject)? {
                tx.ground.ask_gate_with_next(reaching)?;
            }
            tx.unlock(subject)?;
        }
        Ok(tx)
    }

    /// The moment of this processing; the same when the closure is run again.
    pub const fn now(&self) -> Moment {
        self.now
    }
    pub fn ids(&self) -> &'a Ids {
        &self.door.ids
    }
    pub const fn actor(&self) -> &'a Actor {
        &self.processing.actor
    }
    pub const fn activity(&self) -> Activity {
        self.processing.activity
    }

    /// The person this closure is on. A Fault before one is found.
    pub fn subject(&self) -> Result<SubjectId, Fault> {
        self.opened().map(|opened| opened.subject)
    }

    /// Finds the person with this number, runs the gate for them and opens them for this closure.
    pub fn find(&mut self, number: &PersonNumber) -> Result<Option<SubjectId>, Fault> {
        self.may_read_number(number)?;
        let kind = number.kind().name();
        let digest = self.door.keyring.number_digest(kind, number.reveal());
        let found = self.find_subject(
            &FIND_NUMBER,
            &[kind.into(), store::Value::Blob(digest.to_vec())],
        )?;
        found
            .map(|subject| self.reach(subject).map(|()| subject))
            .transpose()
    }

    /// Opens the person that a sender's own receipt names, and runs the gate for them.
    pub fn enter(&mut self, subject: SubjectId) -> Result<(), Fault> {
        self.reach(subject)
    }

    pub(crate) fn find_session(&mut self, hash: &SessionHash) -> Result<Option<SubjectId>, Fault> {
        let found = self.find_subject(&FIND_SESSION, &[store::Value::Blob(hash.0.to_vec())])?;
        found
            .map(|subject| self.reach(subject).map(|()| subject))
            .transpose()
    }

    /// The number of the person this closure is on.
    pub fn number(&mut self) -> Result<Option<PersonNumber>, Fault> {
        let rule = *self.door.register.number();
        if !self.reads(rule.category) {
            return Err(self.refuse_number());
        }
        let (subject, key) = self
            .opened()
            .map(|opened| (opened.subject, opened.key.clone()))?;
        let mut found = None;
        let params = [subject.to_string().into(), rule.kind.name().into()];
        self.ground.query(&READ_NUMBER, &params, &mut |row| {
            let row = Row {
                row,
                key: Some((&key, subject)),
            };
            let digits = row.open_text(0, NUMBER, subject.uuid())?;
            let number = PersonNumber::parse(rule.kind, &digits)
                .map_err(|_| Fault::broken("a kept number does not parse"))?;
            found = Some(number);
            Ok(())
        })?;
        Ok(found)
    }

    /// Every row, in order. In a text on a person's table `$1` is the person: `params` then starts at `$2`.
    pub fn query<T>(
        &mut self,
        sql: &'static Sql,
        params: &[Value],
        mut each: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let params = self.admit(sql, params)?;
        let mut found = Vec::new();
        let key = self
            .opened
            .as_ref()
            .map(|opened| (opened.key.clone(), opened.subject));
        self.ground.query(sql, &params, &mut |row| {
            found.push(each(&Row {
                row,
                key: key.as_ref().map(|(key, subject)| (key, *subject)),
            })?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row, if there is one.
    pub fn query_opt<T>(
        &mut self,
        sql: &'static Sql,
        params: &[Value],
        each: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        Ok(self.query(sql, params, each)?.into_iter().next())
    }

    /// Lets what this closure found leave for someone outside: what the statement lists for that recipient, and nothing
    /// else (MO-50). `data` are the categories that `what` holds. Who got which data is kept with who acted.
    ///
    /// Errors: a Refusal of kind Recipient.
    pub fn disclose<T>(
        &self,
        recipient: Recipient,
        data: &'static [&'static str],
        is_mandatory: bool,
        what: T,
    ) -> Result<Disclosure<T>, Fault> {
        let refuse = |why: &str| {
            let named = format!("{}: {why}", recipient.0);
            Fault::refused(Refusal::Recipient(named), self.activity().to_string())
        };
        let register = &self.door.register;
        let entered = self
            .entered
            .ok_or_else(|| refuse("a processing on nobody"))?;
        let ids: Option<Mask> = data.iter().map(|name| register.category(name)).collect();
        let ids = ids.ok_or_else(|| refuse("a category that the statement does not have"))?;
        checking(|| register.may_disclose(entered.entry, recipient.0, ids, is_mandatory))
            .map_err(|obstacle| refuse(&in_words(obstacle, register)))?;
        self.trail.disclosed.borrow_mut().push(Disclosed {
            recipient: recipient.0.into(),
            data: data.join(", "),
            giving: None,
        });
        Ok(Disclosure(what))
    }

    /// As [`disclose`](Self::disclose), for who gets nothing by itself.
    pub(crate) fn disclose_on<T>(
        &self,
        giving: &Arc<Giving>,
        what: T,
    ) -> Result<Disclosure<T>, Fault> {
        giving.allowed(&self.door.register, self.actor())?;
        self.trail.disclosed.borrow_mut().push(Disclosed {
            recipient: giving.recipient.clone().into(),
            data: giving.data.join(", "),
            giving: Some(Arc::clone(giving)),
        });
        Ok(Disclosure(what))
    }

    /// The gate for one person; a closure is on one person at most.
    fn reach(&mut self, subject: SubjectId) -> Result<(), Fault> {
        if let Some(opened) = &self.opened {
            return if opened.subject == subject {
                Ok(())
            } else {
                Err(Fault::breached(format!(
                    "{} reaches for a second person",
                    self.processing.activity
                )))
            };
        }
        if let Some(reaching) = self.reaching(subject)? {
            self.ground.ask_gate(reaching)?;
        }
        self.unlock(subject)
    }

    /// What the gate asks about a person before anything of theirs is heard.
    fn reaching(&mut self, subject: SubjectId) -> Result<Option<Reaching<'a>>, Fault> {
        let Some(entered) = self.entered else {
            return Err(Fault::broken(format!(
                "{} is a processing on nobody and finds a person",
                self.processing.activity
            )));
        };
        self.trail.reached.set(Some(subject));
        let (door, processing, now) = (self.door, self.processing, self.now);
        self.ground.about(Some(&subject.to_string()));
        if self.ground.asks_in_rounds() {
            door.keyring.want(subject)?;
        }
        checking(|| gate::reach(&door.register, entered, processing, subject, now))
    }

    fn unlock(&mut self, subject: SubjectId) -> Result<(), Fault> {
        self.opened = Some(Opened {
            subject,
            key: self.door.keyring.key(subject)?,
        });
        Ok(())
    }

    fn opened(&self) -> Result<&Opened, Fault> {
        self.opened
            .as_ref()
            .ok_or_else(|| Fault::broken(format!("{} has no person yet", self.processing.activity)))
    }

    /// The column check of one text, and its parameters with the person first where it is on a person's table.
    fn admit(&self, sql: &'static Sql, params: &[Value]) -> Result<Vec<store::Value>, Fault> {
        let needs = checking(|| {
            let needs = self.door.columns.of_sql(sql)?;
            needs.check(self.granted(), &|| {
                format!("{}: {sql:?}", self.processing.activity)
            })?;
            Ok::<_, Fault>(needs)
        })?;
        let mut bound = Vec::with_capacity(params.len() + 1);
        if needs.of_a_subject {
            bound.push(self.subject()?.to_string().into());
        }
        for value in params {
            match value {
                Value::Plain(value) => bound.push(value.clone()),
                Value::Sealed(bytes) => bound.push(store::Value::Blob(bytes.clone())),
                Value::Seal(_) => {
                    return Err(Fault::broken(
                        "Value::seal belongs in `add`; a statement takes `Tx::seal`",
                    ));
                }
            }
        }
        Ok(bound)
    }

    pub(crate) fn granted(&self) -> Option<&'a Grant> {
        self.entered.map(|entered| entered.grant)
    }

    fn reads(&self, category: CategoryId) -> bool {
        self.granted()
            .is_some_and(|grant| grant.reads.has(category))
    }

    /// For a text of the vault's own on a category, by its name in `schema.sql`.
    fn may_touch(&self, category: &str, is_written: bool) -> Result<(), Fault> {
        let id = self.door.register.category(category);
        let granted = self.granted().map(|grant| match is_written {
            true => grant.writes,
            false => grant.reads,
        });
        if id.is_some_and(|id| granted.is_some_and(|granted| granted.has(id))) {
            return Ok(());
        }
        Err(Fault::refused(
            Refusal::Category(category.to_owned()),
            self.activity().to_string(),
        ))
    }

    fn may_read_number(&self, number: &PersonNumber) -> Result<(), Fault> {
        let rule = self.door.register.number();
        if self.reads(rule.category) && number.kind() == rule.kind {
            Ok(())
        } else {
            Err(self.refuse_number())
        }
    }

    fn refuse_number(&self) -> Fault {
        Fault::refused(
            Refusal::Category("the number that names a person".to_owned()),
            self.processing.activity.to_string(),
        )
    }

    /// A text of the vault's own.
    pub(crate) fn ask(
        &mut self,
        sql: &Sql,
        params: &[store::Value],
        mut each: impl FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.ground
            .query(sql, params, &mut |row| each(&Row { row, key: None }))
    }

    pub(crate) fn register(&self) -> &'a statement::Register {
        &self.door.register
    }

    fn find_subject(
        &mut self,
        sql: &'static Sql,
        params: &[store::Value],
    ) -> Result<Option<SubjectId>, Fault> {
        let mut found = None;
        self.ground.query(sql, params, &mut |row| {
            found = Some(Row { row, key: None }.id(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// What the gate has not said yet, when the closure has come to its end.
    pub(crate) fn settle(&mut self) -> Result<(), Fault> {
        self.ground.settle()
    }

    fn writing(&mut self) -> &mut (dyn Writing + 'a) {
        let changes = self.ground.changes();
        changes.expect("only a Tx calls this, and a Tx is made on a group")
    }
}
