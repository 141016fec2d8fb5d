//! The gate: may this actor do this activity for this person, over this channel, now? Default no.

use basics::{Activity, Actor, Fault, Moment, Refusal, SubjectId};
use statement::{CategoryId, Date, Entry, Grant, Mask, Register};
use store::{Cell, Condition, Query, Row, Sql, Value};

use crate::processing::Processing;

static STANDING: Sql =
    Sql::new("SELECT kind, scope, from_at, until_at FROM standing WHERE subject_id = $1");

/// A limit on a person's data does not keep them from leaving, nor us from seeing who they are, nor an operator from
/// carrying out the decision that lifts it.
const UNLIMITED: [&str; 2] = ["uitloggen", "uitloggen-door-inlogdienst"];

/// A changing fact about a person that the gate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The data are kept and not used (AVG art. 18).
    Restriction,
    /// An objection is being decided (AVG art. 21).
    Objection,
    /// Access is cut off (CN-40).
    Block,
    /// Someone acts for the person.
    Mandate,
    /// The person has contacted the helpdesk (MO-56).
    Contact,
}

impl Standing {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Standing::Restriction => "beperking",
            Standing::Objection => "bezwaar",
            Standing::Block => "blokkade",
            Standing::Mandate => "machtiging",
            Standing::Contact => "contact",
        }
    }

    pub(crate) const fn limits(self) -> bool {
        matches!(
            self,
            Standing::Restriction | Standing::Objection | Standing::Block
        )
    }

    fn from_name(name: &str) -> Option<Self> {
        [
            Self::Restriction,
            Self::Objection,
            Self::Block,
            Self::Mandate,
            Self::Contact,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// What the statement says of an activity, and what it lets this role do in it.
#[derive(Clone, Copy)]
pub(crate) struct Entered<'r> {
    pub(crate) entry: &'r Entry,
    pub(crate) grant: &'r Grant,
}

/// What the statement says of the activity, for this role and channel. `today` is asked where an agreement must hold.
pub(crate) fn enter<'r>(
    register: &'r Register,
    processing: &Processing,
    today: impl FnOnce() -> Date,
) -> Result<Entered<'r>, Fault> {
    let Processing {
        activity,
        actor,
        channel,
        ..
    } = processing;
    let refuse = |why| {
        Fault::refused(
            why,
            format!(
                "{activity} by {} over {}",
                actor.role().name(),
                channel.name()
            ),
        )
    };
    let entry = register
        .activity(activity.0)
        .ok_or_else(|| refuse(Refusal::NotInStatement))?;
    let grant = register
        .grant(entry, actor.role().name())
        .ok_or_else(|| refuse(Refusal::Role))?;
    if !entry.allows_channel(*channel) {
        return Err(refuse(Refusal::Channel));
    }
    if grant.needs_agreement() && !grant.is_agreed_on(today()) {
        return Err(refuse(Refusal::Agreement));
    }
    Ok(Entered { entry, grant })
}

/// Whether the actor may reach this person's data. None: whatever stands on it.
pub(crate) fn reach<'r>(
    register: &'r Register,
    entered: Entered<'r>,
    processing: &'r Processing,
    subject: SubjectId,
    now: Moment,
) -> Result<Option<Reaching<'r>>, Fault> {
    match &processing.actor {
        Actor::Person(person) if *person != subject => {
            let activity = processing.activity.to_string();
            return Err(Fault::refused(Refusal::Subject, activity));
        }
        _ => {}
    }
    let decides = processing.actor == Actor::Operator;
    if decides || processing.quiet || UNLIMITED.contains(&processing.activity.0) {
        return Ok(None);
    }
    Ok(Some(Reaching {
        register,
        entered,
        processing,
        subject,
        now,
        limit: None,
        has_contact: false,
    }))
}

/// A decision that hangs on what stands on the person's data now: told row by row.
pub(crate) struct Reaching<'r> {
    register: &'r Register,
    entered: Entered<'r>,
    processing: &'r Processing,
    subject: SubjectId,
    now: Moment,
    limit: Option<Standing>,
    has_contact: bool,
}

impl Reaching<'_> {
    /// Asks now.
    pub(crate) fn ask(mut self, query: &mut dyn Query) -> Result<(), Fault> {
        let (sql, params) = self.question();
        query.query(sql, &params, &mut |row| self.hear(row))?;
        self.decide()
    }
}

impl Condition for Reaching<'_> {
    fn question(&self) -> (&'static Sql, Vec<Value>) {
        (&STANDING, vec![self.subject.to_string().into()])
    }

    fn hear(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let (Cell::Text(kind), Cell::Text(scope), Cell::Int(from)) =
            (row.cell(0)?, row.cell(1)?, row.cell(2)?)
        else {
            return Err(Fault::broken("a standing fact is not one"));
        };
        let now = self.now.micros();
        let ended = matches!(row.cell(3)?, Cell::Int(until) if until <= now);
        let kind = Standing::from_name(kind)
            .ok_or_else(|| Fault::broken("a standing fact of an unknown kind"))?;
        let Self {
            register,
            entered: Entered { entry, .. },
            processing,
            ..
        } = *self;
        self.has_contact |= kind == Standing::Contact
            && from <= now
            && !ended
            && (scope == "*" || scope == processing.actor.role().name());
        // Whoever limited something did so now, by whichever clock: it stands also where this one is behind.
        if kind.limits() && !ended && covers(register, entry, processing.activity, scope) {
            self.limit = Some(kind);
        }
        Ok(())
    }

    fn decide(&mut self) -> Result<(), Fault> {
        let refuse = |why| Err(Fault::refused(why, self.processing.activity.to_string()));
        if let Some(kind) = self.limit {
            return refuse(Refusal::Standing(kind.name().to_owned()));
        }
        if self.entered.grant.only_after_contact && !self.has_contact {
            return refuse(Refusal::NoContact);
        }
        Ok(())
    }
}

/// What a removal takes along.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) categories: Mask,
    /// The limits themselves are among it, and the way to the person: as long as a limit or a hold stands, on whatever, it stays.
    pub(crate) has_limits: bool,
}

/// Whether a restriction or an objection keeps any of this from being removed (AVG art. 18(1)): a limit that says leave it
/// alone, not one that cuts access off.
pub(crate) fn is_held(
    register: &Register,
    activity: Activity,
    taken: Taken,
    subject: &str,
    now: Moment,
    query: &mut dyn Query,
) -> Result<bool, Fault> {
    let mut is_held = false;
    query.query(&STANDING, &[subject.into()], &mut |row| {
        let (Cell::Text(kind), Cell::Text(scope)) = (row.cell(0)?, row.cell(1)?) else {
            return Err(Fault::broken("a standing fact is not one"));
        };
        let ended = matches!(row.cell(3)?, Cell::Int(until) if until <= now.micros());
        let holds = matches!(
            Standing::from_name(kind),
            Some(Standing::Restriction | Standing::Objection)
        );
        let is_on = taken.has_limits || is_on(register, taken.categories, activity, scope);
        is_held |= holds && !ended && is_on;
        Ok(())
    })?;
    Ok(is_held)
}

/// What a limit may be on, as the statement in force has it.
struct Scope {
    /// `*`, and what the statement does not know, such as a category of an earlier version: what was decided about it is not
    /// undone by a change of words.
    is_all: bool,
    activity: bool,
    category: Option<CategoryId>,
    purpose: bool,
}

impl Scope {
    fn of(register: &Register, scope: &str) -> Self {
        let activity = register.activity(scope).is_some();
        let category = register.category(scope);
        let purpose = register.purposes().iter().any(|one| one.name == scope);
        Self {
            is_all: !activity && category.is_none() && !purpose,
            activity,
            category,
            purpose,
        }
    }
}

/// Whether a limit may have this scope: `*`, or an activity, a category or a purpose of the statement.
pub(crate) fn is_scope(register: &Register, scope: &str) -> bool {
    scope == "*" || !Scope::of(register, scope).is_all
}

/// Whether a limit is on what an activity does: on itself, on a purpose of it, or on a category that it reads or writes.
fn covers(register: &Register, entry: &Entry, activity: Activity, scope: &str) -> bool {
    let on = Scope::of(register, scope);
    on.is_all
        || on.activity && scope == activity.0
        || on.purpose && serves(register, entry, scope)
        || on
            .category
            .is_some_and(|category| entry.reads.has(category) || entry.writes.has(category))
}

/// Whether a limit is on any of these categories: on one of them, or on a purpose for which one is processed.
fn is_on(register: &Register, categories: Mask, activity: Activity, scope: &str) -> bool {
    let on = Scope::of(register, scope);
    let touched = |entry: &Entry| entry.reads.union(entry.writes);
    on.is_all
        || on.activity && scope == activity.0
        || on.category.is_some_and(|id| categories.has(id))
        || on.purpose
            && register
                .activities()
                .filter(|entry| serves(register, entry, scope))
                .any(|entry| categories.iter().any(|id| touched(entry).has(id)))
}

/// Whether an activity is for a purpose, or for a part of it.
fn serves(register: &Register, entry: &Entry, purpose: &str) -> bool {
    let whole = |part: &str| {
        let part = register.purposes().iter().find(|one| one.name == part)?;
        part.part_of.as_deref()
    };
    entry.purposes().any(|named| {
        std::iter::successors(Some(named), |part| whole(part)).any(|named| named == purpose)
    })
}
