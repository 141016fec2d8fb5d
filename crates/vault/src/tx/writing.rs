//! `Tx`: what a closure that changes its person's data works with.

use std::ops::{Deref, DerefMut};

use basics::{Fault, Moment, PersonNumber, SubjectId, uuid::Uuid};
use store::{Group, Insert, Sql};

use super::{Ground, NUMBER, Opened, ReadTx, SessionHash, Trail};
use crate::door::Door;
use crate::gate::{self, Standing};
use crate::gauge::checking;
use crate::log::Ledger;
use crate::processing::Processing;
use crate::row::Value;
use crate::seal::seal_value;
use crate::texts::Sealed;

static CLOSE_SESSION: Sql =
    Sql::new("DELETE FROM session_lookup WHERE session_hash = $1 AND subject_id = $2");
static NAME_SESSION: Sql = Sql::new(
    "INSERT INTO session_lookup (session_hash, subject_id) VALUES ($1, $2)
     ON CONFLICT (session_hash) DO UPDATE SET subject_id = excluded.subject_id",
);
static STAND: Sql = Sql::new(
    "INSERT INTO standing (subject_id, kind, scope, actor, from_at, until_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (subject_id, kind, scope, actor) DO UPDATE SET from_at = excluded.from_at, until_at = excluded.until_at, reason = excluded.reason",
);
static LIFT: Sql =
    Sql::new("DELETE FROM standing WHERE subject_id = $1 AND kind = $2 AND scope = $3");
static NEW_SUBJECT: Insert = Insert::new("subjects", &["subject_id", "enrolled_at"]);
static NEW_NUMBER: Insert = Insert::new("numbers", &["kind", "digest", "subject_id", "number"]);
static NEW_SESSION: Insert = Insert::new("session_lookup", &["session_hash", "subject_id"]);

/// The categories of the vault's own tables, as `schema.sql` has them.
const LOGIN_HISTORY: &str = "inloghistorie";
const ACCOUNT: &str = "account";

/// A transaction that changes its person's data.
pub struct Tx<'a> {
    read: ReadTx<'a>,
    ledger: &'a mut Ledger,
}

impl<'a> Deref for Tx<'a> {
    type Target = ReadTx<'a>;
    fn deref(&self) -> &ReadTx<'a> {
        &self.read
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.read
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn open<'g: 'a>(
        door: &'a Door,
        processing: &'a Processing,
        now: Moment,
        group: &'a mut Group<'g>,
        ledger: &'a mut Ledger,
        trail: &'a Trail,
    ) -> Result<Self, Fault> {
        Ok(Self {
            read: ReadTx::on(door, processing, now, Ground::writing(group), trail)?,
            ledger,
        })
    }

    /// Adds a row; `row_id` is what its sealed values are bound to. It cannot be read back in this closure.
    pub fn add(
        &mut self,
        insert: &'static Insert,
        row_id: Uuid,
        row: Vec<Value>,
    ) -> Result<(), Fault> {
        let needs = checking(|| {
            let needs = self.door.columns.of_insert(insert)?;
            needs.check(self.read.granted(), &|| {
                format!("{}: {insert:?}", self.read.processing.activity)
            })?;
            Ok::<_, Fault>(needs)
        })?;
        let columns = insert.columns();
        if columns.len() != row.len() {
            return Err(Fault::broken(format!(
                "{} values for {insert:?}",
                row.len()
            )));
        }
        let of_a_subject = needs.of_a_subject;
        let mut values = Vec::with_capacity(row.len());
        for (column, value) in columns.iter().zip(row) {
            if of_a_subject && *column == "subject_id" {
                self.belongs_to_the_person(insert, &value)?;
            }
            values.push(self.settle(insert.table(), column, row_id, value)?);
        }
        self.read.writing().add(insert, values);
        Ok(())
    }

    /// Runs an UPDATE, DELETE or upsert; answers how many rows it changed. Parameters as in `query`.
    pub fn run(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, Fault> {
        let sealed =
            |value: &&Value| matches!(value, Value::Sealed(_) | Value::Plain(store::Value::Null));
        let wanted = checking(|| self.door.columns.of_sql(sql))?.sealed_columns;
        if params.iter().filter(sealed).count() < wanted {
            return Err(Fault::broken(format!(
                "a sealed column takes what `Tx::seal` gave: {sql:?}"
            )));
        }
        let params = self.read.admit(sql, params)?;
        self.read.writing().run(sql, &params)
    }

    /// A row of a person is added for the person of this closure, and nobody else.
    fn belongs_to_the_person(&self, insert: &'static Insert, value: &Value) -> Result<(), Fault> {
        let subject = self.subject()?;
        match value {
            Value::Plain(store::Value::Text(text)) if *text == subject.to_string() => Ok(()),
            _ => Err(Fault::breached(format!(
                "{} adds a row for somebody else: {insert:?}",
                self.activity()
            ))),
        }
    }

    fn may_write(&self, category: &str) -> Result<(), Fault> {
        self.may_touch(category, true)
    }

    /// A sealed value for `run`.
    pub fn seal(&self, column: Sealed, row_id: Uuid, value: &[u8]) -> Result<Value, Fault> {
        let opened = self.read.opened()?;
        Ok(Value::Sealed(seal_value(
            &opened.key,
            column,
            row_id,
            opened.subject,
            value,
        )))
    }

    /// Finds the person with this number, or enrols them: a new random id and a key of their own.
    pub fn enrol(&mut self, number: &PersonNumber) -> Result<SubjectId, Fault> {
        if let Some(subject) = self.find(number)? {
            return Ok(subject);
        }
        if !self
            .granted()
            .is_some_and(|grant| grant.writes.has(self.door.register.number().category))
        {
            return Err(self.refuse_number());
        }
        if let Some(opened) = &self.opened {
            return Err(Fault::breached(format!(
                "{} enrols beside {}",
                self.activity(),
                opened.subject
            )));
        }
        let subject = SubjectId::random(self.ids());
        let (new_key, key) = self.door.keyring.make(subject, self.now);
        let kind = number.kind().name();
        let digest = self.door.keyring.number_digest(kind, number.reveal());
        let sealed = seal_value(
            &key,
            NUMBER,
            subject.uuid(),
            subject,
            number.reveal().as_bytes(),
        );
        let now = self.now;
        let ground = self.read.writing();
        ground.about(Some(&subject.to_string()));
        ground.add(&NEW_SUBJECT, vec![subject.to_string().into(), now.into()]);
        ground.add(
            &NEW_NUMBER,
            vec![
                kind.into(),
                store::Value::Blob(digest.to_vec()),
                subject.to_string().into(),
                store::Value::Blob(sealed),
            ],
        );
        self.ledger.new_keys.push(new_key);
        self.read.trail.reached.set(Some(subject));
        self.read.opened = Some(Opened { subject, key });
        Ok(subject)
    }

    /// From now on this session's hash finds the person.
    pub fn open_session(&mut self, hash: &SessionHash) -> Result<(), Fault> {
        self.may_write(LOGIN_HISTORY)?;
        let subject = self.subject()?;
        self.read.writing().add(
            &NEW_SESSION,
            vec![
                store::Value::Blob(hash.0.to_vec()),
                subject.to_string().into(),
            ],
        );
        Ok(())
    }

    /// As [`open_session`](Self::open_session), for a name that somebody else gave and may give again, such as the login
    /// provider's own: it finds the person it was given to last.
    pub fn name_session(&mut self, hash: &SessionHash) -> Result<(), Fault> {
        self.may_write(LOGIN_HISTORY)?;
        let subject = self.subject()?;
        let row = [
            store::Value::Blob(hash.0.to_vec()),
            subject.to_string().into(),
        ];
        self.read.writing().run(&NAME_SESSION, &row).map(drop)
    }

    /// From now on this session's hash finds nobody.
    pub fn close_session(&mut self, hash: &SessionHash) -> Result<(), Fault> {
        self.may_write(LOGIN_HISTORY)?;
        let subject = self.subject()?;
        self.read
            .writing()
            .run(
                &CLOSE_SESSION,
                &[
                    store::Value::Blob(hash.0.to_vec()),
                    subject.to_string().into(),
                ],
            )
            .map(drop)
    }

    /// Limits what is done with the person's data, from now until `until` or until lifted. `scope` is `*`, or an
    /// activity, a category or a purpose of the statement.
    ///
    /// Errors: a scope that the statement does not know; a fact that limits nothing.
    pub fn limit(
        &mut self,
        kind: Standing,
        scope: &str,
        until: Option<Moment>,
        reason: &str,
    ) -> Result<(), Fault> {
        if !kind.limits() {
            return Err(Fault::broken(format!("{kind:?} is no limit; use grant")));
        }
        if !gate::is_scope(&self.door.register, scope) {
            return Err(Fault::broken(format!(
                "nothing in the statement is called `{scope}`: a limit is on an activity, a category, a purpose, or on all by `*`"
            )));
        }
        self.stand(kind, scope, "", until, reason)
    }

    /// Lets `actor` do what the gate asks this fact for.
    pub fn grant(
        &mut self,
        kind: Standing,
        actor: &str,
        scope: &str,
        until: Option<Moment>,
        reason: &str,
    ) -> Result<(), Fault> {
        if kind.limits() {
            return Err(Fault::broken(format!("{kind:?} is a limit; use limit")));
        }
        self.stand(kind, scope, actor, until, reason)
    }

    /// Ends a fact, for every actor of it.
    pub fn lift(&mut self, kind: Standing, scope: &str) -> Result<(), Fault> {
        self.may_write(ACCOUNT)?;
        let subject = self.subject()?;
        self.read
            .writing()
            .run(
                &LIFT,
                &[subject.to_string().into(), kind.name().into(), scope.into()],
            )
            .map(drop)
    }

    fn stand(
        &mut self,
        kind: Standing,
        scope: &str,
        actor: &str,
        until: Option<Moment>,
        reason: &str,
    ) -> Result<(), Fault> {
        self.may_write(ACCOUNT)?;
        let (subject, now) = (self.subject()?, self.now);
        let row = [
            subject.to_string().into(),
            kind.name().into(),
            scope.into(),
            actor.into(),
            now.into(),
            until.into(),
            reason.into(),
        ];
        self.read.writing().run(&STAND, &row).map(drop)
    }

    /// The value as it lies in the store; a sealed column takes only what is to be sealed, a clear one never does.
    fn settle(
        &self,
        table: &str,
        column: &str,
        row_id: Uuid,
        value: Value,
    ) -> Result<store::Value, Fault> {
        let is_sealed = self
            .door
            .sealed
            .get(table)
            .and_then(|columns| columns.get(column));
        match (is_sealed, value) {
            (Some(sealed), Value::Seal(value)) => {
                let opened = self.read.opened()?;
                Ok(store::Value::Blob(seal_value(
                    &opened.key,
                    *sealed,
                    row_id,
                    opened.subject,
                    &value,
                )))
            }
            (Some(_), Value::Plain(store::Value::Null)) => Ok(store::Value::Null),
            (None, Value::Plain(value)) => Ok(value),
            (Some(_), Value::Plain(_) | Value::Sealed(_)) => Err(Fault::broken(format!(
                "{table}.{column} is sealed and got an open value"
            ))),
            (None, Value::Seal(_) | Value::Sealed(_)) => Err(Fault::broken(format!(
                "{table}.{column} is clear and got a value to seal"
            ))),
        }
    }
}
