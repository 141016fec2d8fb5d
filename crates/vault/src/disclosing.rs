//! What goes to who gets nothing by itself: at a demand, after an incident, or with the person's consent. A law is named, two people
//! decide, and why stays with who acted.

use std::sync::Arc;

use basics::{Activity, Actor, Channel, Fault, Refusal, Trace};
use statement::{Basis, Entry, Mask, Obstacle, Occasion, Place, Recipient, Register};
use store::{Insert, Value};

use crate::catalogue::Catalogue;
use crate::ending::{Export, Whose, copy_of};
use crate::gate;
use crate::tx::Disclosure;
use crate::{Processing, ReadTx, Subjects, Vault};

/// What is given because a law obliges to, …
pub const ON_DEMAND: Activity = Activity("op-vordering-verstrekken");
/// … because something went wrong, …
pub const AFTER_INCIDENT: Activity = Activity("bij-incident-verstrekken");
/// … and because the person agreed beforehand.
pub const WITH_CONSENT: Activity = Activity("met-toestemming-verstrekken");

pub(crate) const GIVING: [Activity; 3] = [ON_DEMAND, AFTER_INCIDENT, WITH_CONSENT];

pub(crate) static ADD_GIVING: Insert = Insert::new(
    "givings",
    &[
        "audit_id",
        "occasion",
        "reference",
        "law",
        "article",
        "reason",
        "approved_by",
    ],
);

/// What goes to whom, by the statement's names, and what is written down of why.
#[derive(Clone, Debug)]
pub struct Giving {
    pub recipient: String,
    pub data: Vec<String>,
    /// Any but the one on which data goes by itself.
    pub occasion: Occasion,
    /// Under which the demand, the incident or the consent can be found.
    pub reference: String,
    /// A legal source that the recipient's ground rests on. Consent needs none.
    pub law: Option<String>,
    /// Of that law.
    pub article: Option<String>,
    /// Why it is needed.
    pub reason: String,
    /// A member of staff, and another than the one who carries it out.
    pub approved_by: String,
}

/// The lines of the statement by which something may be given, and the columns that hold it.
#[derive(Clone, Debug)]
pub struct Lines {
    pub activity: Place,
    pub recipient: Place,
    pub ground: Place,
    pub law: Option<Place>,
    /// Each category with `table.column`; none where nothing of it is kept here.
    pub data: Vec<(String, Vec<String>)>,
}

/// What the statement says of a giving that it allows.
pub(crate) struct Allowed<'r> {
    entry: &'r Entry,
    recipient: &'r Recipient,
    ground: &'r Basis,
    data: Mask,
}

impl Giving {
    /// The activity that it is; none for what goes by itself.
    pub const fn activity(&self) -> Option<Activity> {
        match self.occasion {
            Occasion::Always => None,
            Occasion::OnDemand => Some(ON_DEMAND),
            Occasion::OnIncident => Some(AFTER_INCIDENT),
            Occasion::WithConsent => Some(WITH_CONSENT),
        }
    }

    /// Whether the statement lets it go, and whether all that must be written down is there.
    ///
    /// Errors: a Refusal of kind Recipient that says what is missing.
    pub(crate) fn allowed<'r>(
        &self,
        register: &'r Register,
        by: &Actor,
    ) -> Result<Allowed<'r>, Fault> {
        let refuse = |why: &str| self.refused(why);
        let activity = self.named_activity()?;
        let entry = register
            .activity(activity.0)
            .ok_or_else(|| Fault::refused(Refusal::NotInStatement, activity.to_string()))?;
        let Actor::Staff { id, .. } = by else {
            return Err(refuse("a member of staff carries it out"));
        };
        for (what, said) in [
            ("the reference", &self.reference),
            ("the reason", &self.reason),
            ("who carries it out", id),
            ("who approved", &self.approved_by),
        ] {
            if said.trim().is_empty() {
                return Err(refuse(&format!("{what} is missing")));
            }
        }
        if id.trim().to_lowercase() == self.approved_by.trim().to_lowercase() {
            return Err(refuse("who carries it out does not approve it as well"));
        }
        if self.data.is_empty() {
            return Err(refuse("no category is named"));
        }
        let data: Option<Mask> = self
            .data
            .iter()
            .map(|name| register.category(name))
            .collect();
        let data = data.ok_or_else(|| refuse("a category that the statement does not have"))?;
        let law = self.law.as_deref();
        let (recipient, ground) = register
            .may_disclose_on(entry, &self.recipient, data, self.occasion, law)
            .map_err(|obstacle| refuse(&in_words(obstacle, register)))?;
        Ok(Allowed {
            entry,
            recipient,
            ground,
            data,
        })
    }

    fn named_activity(&self) -> Result<Activity, Fault> {
        let none = "data that go by themselves go another way";
        self.activity().ok_or_else(|| self.refused(none))
    }

    fn refused(&self, why: &str) -> Fault {
        let why = format!("{}: {why}", self.recipient);
        Fault::refused(Refusal::Recipient(why), "giving data")
    }

    /// In the order of `ADD_GIVING`.
    pub(crate) fn values(&self, audit: &str) -> Vec<Value> {
        vec![
            audit.into(),
            self.occasion.name().into(),
            self.reference.as_str().into(),
            self.law.as_deref().into(),
            self.article.as_deref().into(),
            self.reason.as_str().into(),
            self.approved_by.as_str().into(),
        ]
    }
}

/// Why something does not leave.
pub(crate) fn in_words(obstacle: Obstacle, register: &Register) -> String {
    match obstacle {
        Obstacle::NoRecipient => "no recipient of this activity".to_owned(),
        Obstacle::NotOnItsList(data) => format!("does not get {}", register.names(data)),
        Obstacle::Country => "data may not go to its country".to_owned(),
        Obstacle::Ground => "its ground is no duty or task that this can rest on".to_owned(),
        Obstacle::Occasion => "gets nothing by itself, or on another occasion".to_owned(),
        Obstacle::NoLaw => "no law is named".to_owned(),
        Obstacle::OtherLaw => "the law that is named is not what its ground rests on".to_owned(),
        Obstacle::NotMandatory => "its post can be refused".to_owned(),
    }
}

impl Vault {
    /// Whether this may be given by whoever acts, and by which lines of the statement. Reads nothing of anybody.
    ///
    /// Errors: the refusal of the gate, or of the way out.
    pub fn may_give(&self, giving: &Giving, by: &Actor) -> Result<Lines, Fault> {
        let door = &self.door;
        let register = &door.register;
        let allowed = giving.allowed(register, by)?;
        let now = self.clock().now();
        let processing = self.giving_of(giving, by.clone())?;
        let grant = gate::enter(register, &processing, || door.day(now))?.grant;
        let missing = grant.reads.missing(allowed.data);
        if !missing.is_empty() {
            let missing = Refusal::Category(register.names(missing));
            return Err(Fault::refused(missing, processing.activity.to_string()));
        }
        let law = giving.law.as_deref().and_then(|name| {
            let mut sources = register.legal_sources().iter();
            sources.find(|source| source.name == name)
        });
        let holds = |name: &String| {
            let wanted = register.category(name);
            let goes = door
                .plan
                .columns()
                .filter(|(_, column)| !column.holds.is_id());
            let columns = goes.filter(|(_, column)| {
                column.category().is_some_and(|of| {
                    let of = Catalogue::category_of(register, of);
                    of.is_some() && of == wanted
                })
            });
            let columns = columns.map(|(table, column)| format!("{table}.{}", column.name));
            (name.clone(), columns.collect())
        };
        Ok(Lines {
            activity: allowed.entry.at,
            recipient: allowed.recipient.at,
            ground: allowed.ground.at,
            law: law.map(|law| law.at),
            data: giving.data.iter().map(holds).collect(),
        })
    }

    /// Reads what is given of one person, and nothing else, so that it may leave. `None`: nobody like that is known here. That
    /// somebody tried is kept too.
    ///
    /// Errors: what the gate refuses, also for what stands on the person's data; what the way out refuses.
    pub async fn give(
        &self,
        whose: Whose,
        giving: Giving,
        by: Actor,
    ) -> Result<Option<Disclosure<Export>>, Fault> {
        let processing = self.giving_of(&giving, by)?;
        let (door, giving) = (Arc::clone(&self.door), Arc::new(giving));
        let read = move |tx: &mut ReadTx<'_>| match whose.find(tx)? {
            Some(subject) => {
                let only = giving.allowed(&door.register, tx.actor())?.data;
                let copy = copy_of(&door, tx, subject, only, true)?;
                tx.disclose_on(&giving, copy).map(Some)
            }
            None => Ok(None),
        };
        self.read(processing.at_length(), read).await
    }

    fn giving_of(&self, giving: &Giving, by: Actor) -> Result<Processing, Fault> {
        let activity = giving.named_activity()?;
        let trace = Trace::new(self.ids());
        let found = Subjects::Found;
        Ok(Processing::of(
            activity,
            by,
            found,
            Channel::Terminal,
            trace,
        ))
    }
}
