//! What a closure works with: `ReadTx` reads the data of its person, `Tx` also changes it. Neither reaches anybody else's.

use std::ops::{Deref, DerefMut};

use basics::{Activity, Actor, Fault, Ids, Moment, PersonNumber, Refusal, SubjectId, uuid::Uuid};
use statement::Entry;
use store::{Group, Insert, Query, Sql};

use crate::door::Door;
use crate::gate::{self, Standing};
use crate::log::Ledger;
use crate::processing::{Processing, Subjects};
use crate::row::{Row, Value};
use crate::seal::{SealingKey, seal_value};
use crate::texts::Sealed;

static FIND_NUMBER: Sql =
    Sql::new("SELECT subject_id FROM numbers WHERE kind = $1 AND digest = $2");
static READ_NUMBER: Sql =
    Sql::new("SELECT number FROM numbers WHERE subject_id = $1 AND kind = $2");
static FIND_SESSION: Sql =
    Sql::new("SELECT subject_id FROM session_lookup WHERE session_hash = $1");
static CLOSE_SESSION: Sql = Sql::new("DELETE FROM session_lookup WHERE session_hash = $1");
static STAND: Sql = Sql::new(
    "INSERT INTO standing (subject_id, kind, scope, actor, from_at, until_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (subject_id, kind, scope, actor) DO UPDATE SET from_at = excluded.from_at, until_at = excluded.until_at, reason = excluded.reason",
);
static LIFT: Sql =
    Sql::new("DELETE FROM standing WHERE subject_id = $1 AND kind = $2 AND scope = $3");
static NEW_SUBJECT: Insert = Insert::new("subjects", &["subject_id", "enrolled_at"]);
static NEW_NUMBER: Insert = Insert::new("numbers", &["kind", "digest", "subject_id", "number"]);
static NEW_SESSION: Insert = Insert::new("session_lookup", &["session_hash", "subject_id"]);

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

enum Ground<'a> {
    Reading(&'a mut dyn Query),
    Writing(&'a mut (dyn WritingGround + 'a)),
}

trait WritingGround: Query {
    fn add(&mut self, insert: &'static Insert, row: Vec<store::Value>);
    fn run(&mut self, sql: &Sql, params: &[store::Value]) -> Result<u64, Fault>;
}

impl WritingGround for Group<'_> {
    fn add(&mut self, insert: &'static Insert, row: Vec<store::Value>) {
        Group::add(self, insert, row);
    }
    fn run(&mut self, sql: &Sql, params: &[store::Value]) -> Result<u64, Fault> {
        Group::run(self, sql, params)
    }
}

/// A transaction that cannot write.
pub struct ReadTx<'a> {
    door: &'a Door,
    processing: &'a Processing,
    /// What the statement says of the activity; none for a processing on nobody.
    entry: Option<&'a Entry>,
    now: Moment,
    ground: Ground<'a>,
    opened: Option<Opened>,
}

impl<'a> ReadTx<'a> {
    pub(crate) fn open(
        door: &'a Door,
        processing: &'a Processing,
        now: Moment,
        query: &'a mut dyn Query,
    ) -> Result<Self, Fault> {
        Self::on(door, processing, now, Ground::Reading(query))
    }

    fn on(
        door: &'a Door,
        processing: &'a Processing,
        now: Moment,
        ground: Ground<'a>,
    ) -> Result<Self, Fault> {
        let entry = match processing.subjects {
            Subjects::None => None,
            Subjects::One(_) | Subjects::Found => Some(gate::enter(&door.register, processing)?),
        };
        let mut tx = Self {
            door,
            processing,
            entry,
            now,
            ground,
            opened: None,
        };
        if let Subjects::One(subject) = processing.subjects {
            tx.reach(subject)?;
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

    pub(crate) fn found(&self) -> Option<SubjectId> {
        self.opened.as_ref().map(|opened| opened.subject)
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
        if !self
            .entry
            .is_some_and(|entry| entry.reads.has(rule.category))
        {
            return Err(self.refuse_number());
        }
        let (subject, key) = self
            .opened()
            .map(|opened| (opened.subject, opened.key.clone()))?;
        let mut found = None;
        let params = [subject.to_string().into(), rule.kind.name().into()];
        self.ground_query(&READ_NUMBER, &params, &mut |row| {
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
        self.ground_query(sql, &params, &mut |row| {
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
        let Some(entry) = self.entry else {
            return Err(Fault::broken(format!(
                "{} is a processing on nobody and finds a person",
                self.processing.activity
            )));
        };
        let (door, processing, now) = (self.door, self.processing, self.now);
        let query: &mut dyn Query = match &mut self.ground {
            Ground::Reading(query) => *query,
            Ground::Writing(ground) => &mut **ground,
        };
        gate::reach(&door.register, entry, processing, subject, now, query)?;
        self.opened = Some(Opened {
            subject,
            key: door.keyring.key(subject)?,
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
        let needs = self.door.columns.of_sql(sql)?;
        needs.check(self.entry, &|| {
            format!("{}: {sql:?}", self.processing.activity)
        })?;
        let mut bound = Vec::with_capacity(params.len() + 1);
        if needs.of_a_subject {
            bound.push(self.subject()?.to_string().into());
        }
        for value in params {
            match value {
                Value::Plain(value) => bound.push(value.clone()),
                Value::Seal(_) => {
                    return Err(Fault::broken(
                        "Value::seal belongs in `add`; a statement takes `Tx::seal`",
                    ));
                }
            }
        }
        Ok(bound)
    }

    fn may_read_number(&self, number: &PersonNumber) -> Result<(), Fault> {
        let rule = self.door.register.number();
        let allowed = self
            .entry
            .is_some_and(|entry| entry.reads.has(rule.category))
            && number.kind() == rule.kind;
        if allowed {
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

    fn find_subject(
        &mut self,
        sql: &'static Sql,
        params: &[store::Value],
    ) -> Result<Option<SubjectId>, Fault> {
        let mut found = None;
        self.ground_query(sql, params, &mut |row| {
            found = Some(Row { row, key: None }.id(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    fn ground_query(
        &mut self,
        sql: &Sql,
        params: &[store::Value],
        each: &mut dyn FnMut(&store::Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match &mut self.ground {
            Ground::Reading(query) => query.query(sql, params, each),
            Ground::Writing(ground) => ground.query(sql, params, each),
        }
    }

    fn writing(&mut self) -> &mut (dyn WritingGround + 'a) {
        match &mut self.ground {
            Ground::Writing(ground) => &mut **ground,
            Ground::Reading(_) => unreachable!("only a Tx calls this, and a Tx is made on a group"),
        }
    }
}

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
    ) -> Result<Self, Fault> {
        Ok(Self {
            read: ReadTx::on(door, processing, now, Ground::Writing(group))?,
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
        let needs = self.door.columns.of_insert(insert)?;
        needs.check(self.read.entry, &|| {
            format!("{}: {insert:?}", self.read.processing.activity)
        })?;
        let columns = insert.columns();
        if columns.len() != row.len() {
            return Err(Fault::broken(format!(
                "{} values for {insert:?}",
                row.len()
            )));
        }
        let mut values = Vec::with_capacity(row.len());
        for (column, value) in columns.iter().zip(row) {
            values.push(self.settle(insert.table(), column, row_id, value)?);
        }
        self.read.writing().add(insert, values);
        Ok(())
    }

    /// Runs an UPDATE, DELETE or upsert; answers how many rows it changed. Parameters as in `query`.
    pub fn run(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, Fault> {
        let params = self.read.admit(sql, params)?;
        self.read.writing().run(sql, &params)
    }

    /// A sealed value for `run`.
    pub fn seal(&self, column: Sealed, row_id: Uuid, value: &[u8]) -> Result<Value, Fault> {
        let opened = self.read.opened()?;
        Ok(Value::blob(seal_value(
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
            .entry
            .is_some_and(|entry| entry.writes.has(self.door.register.number().category))
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
        self.read.opened = Some(Opened { subject, key });
        Ok(subject)
    }

    /// From now on this session's hash finds the person.
    pub fn open_session(&mut self, hash: &SessionHash) -> Result<(), Fault> {
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

    /// From now on this session's hash finds nobody.
    pub fn close_session(&mut self, hash: &SessionHash) -> Result<(), Fault> {
        self.read
            .writing()
            .run(&CLOSE_SESSION, &[store::Value::Blob(hash.0.to_vec())])
            .map(drop)
    }

    /// Limits what is done with the person's data, from now until `until` or until lifted. `scope` is `*`, an activity or a category.
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
            (Some(_), Value::Plain(_)) => Err(Fault::broken(format!(
                "{table}.{column} is sealed and got an open value"
            ))),
            (None, Value::Seal(_)) => Err(Fault::broken(format!(
                "{table}.{column} is clear and got a value to seal"
            ))),
        }
    }
}
