//! What one role may touch in one activity: each hurdle between them and a category, and the masks that are left.

mod hurdles;

use self::hurdles::hurdle;
use crate::{
    Basis, Date, Entry, Mask, Occasion, Place, Processor, Recipient, Register, Role, Statement,
};

/// What is done with a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Reads,
    Writes,
}

/// What a role may touch in an activity, and what must be so first. Worked out once; asked on each call.
#[derive(Clone, Debug)]
pub struct Grant {
    pub reads: Mask,
    pub writes: Mask,
    /// Only people who came to this role themselves.
    pub only_after_contact: bool,
    /// Whose people they are, where they are a processor's.
    processor: Option<Processor>,
}

/// Why a role may not do something to a category in an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hurdle {
    /// The activity names no such role.
    NoRole,
    /// The activity does not list the category for this.
    NotListed,
    /// The category is kept to other roles.
    OtherRoles,
    /// The role compares it with what it is told, and does not see it.
    Masked,
    /// The data protection officer sees what was done, and no content.
    Officer,
    /// The processor whose people these are does not get it.
    NotForProcessor,
    /// That processor works for other purposes.
    NotItsPurpose,
    /// That processor is where data may not go.
    ProcessorAbroad,
    /// The category is kept to other purposes.
    OtherPurposes,
    /// A purpose of the activity is for other categories.
    NotForPurpose,
    /// The activity does not say whom it is about, and it could be people of whom only some data is processed.
    NobodyNamed,
    /// It rests on consent of people so young that a parent must agree, and none is asked.
    Minor,
    /// Of these people other categories are processed.
    NotOfThesePeople,
    /// It is about other people than the activity.
    OtherPeople,
    /// The law guards it, and no exception is named.
    NoException,
}

/// Whether something may be done, and the line of the statement that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed { at: Place },
    Refused { hurdle: Hurdle, at: Place },
}

impl Grant {
    fn of(it: &Statement, entry: &Entry, name: &str) -> Self {
        let within = |listed: Mask, access| {
            let free = listed.iter().filter(|id| {
                let category = &it.categories[id.index()];
                hurdle(it, entry, name, category, access).is_none()
            });
            free.collect()
        };
        let role = it.role(name);
        let processor = role.and_then(|role| it.processor_of(role));
        Self {
            reads: within(entry.reads, Access::Reads),
            writes: within(entry.writes, Access::Writes),
            only_after_contact: role.is_some_and(|role| role.only_after_contact)
                || processor.is_some_and(|processor| processor.only_after_contact),
            processor: processor.cloned(),
        }
    }

    /// For each role of an activity, in its order.
    pub(crate) fn of_all(it: &Statement, entry: &Entry) -> Vec<Self> {
        let roles = entry.roles.iter();
        roles.map(|role| Self::of(it, entry, role)).collect()
    }

    /// Whether these are people of a processor.
    pub const fn needs_agreement(&self) -> bool {
        self.processor.is_some()
    }

    /// Whether whoever acts is allowed to be there on this day (AVG art. 28, third paragraph; MO-57).
    pub fn is_agreed_on(&self, day: Date) -> bool {
        let processor = self.processor.as_ref();
        processor.is_none_or(|processor| processor.is_agreed_on(day))
    }
}

impl Register {
    /// Whether this role may do this to this category in this activity, and which line says so. Who asks for an activity, role
    /// or category that the statement does not have gets no verdict.
    pub fn verdict(
        &self,
        activity: &str,
        role: &str,
        category: &str,
        access: Access,
    ) -> Option<Verdict> {
        let it = self.statement();
        let entry = self.activity(activity)?;
        let category = &it.categories[self.category(category)?.index()];
        Some(match hurdle(it, entry, role, category, access) {
            None => Verdict::Allowed { at: entry.at },
            Some((hurdle, at)) => Verdict::Refused { hurdle, at },
        })
    }

    /// Whether this role may do this to all of these categories in this activity: what a room keeps where a statement names it,
    /// and does without elsewhere.
    pub fn lets(&self, activity: &str, role: &str, data: &[&str], access: Access) -> bool {
        data.iter().all(|category| {
            let verdict = self.verdict(activity, role, category, access);
            matches!(verdict, Some(Verdict::Allowed { .. }))
        })
    }
}

/// Why a recipient may not get something through an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The activity names no such recipient. One that data only comes from is none.
    NoRecipient,
    /// The recipient's list lacks some of it.
    NotOnItsList(Mask),
    /// Data may not go to its country.
    Country,
    /// What it rests on is neither a duty nor a task, or not what this occasion asks (DT-7).
    Ground,
    /// It gets data on another occasion than the one that was shown.
    Occasion,
    /// No law is named, and this occasion asks one (MO-19).
    NoLaw,
    /// The law that is named is none that its ground rests on.
    OtherLaw,
    /// It gets them only when its post cannot be refused.
    NotMandatory,
}

impl Register {
    /// Whether these data may go to this recipient through this activity, as the activity goes along. `is_mandatory` says that
    /// its post cannot be refused.
    pub fn may_disclose(
        &self,
        entry: &Entry,
        recipient: &str,
        data: Mask,
        is_mandatory: bool,
    ) -> Result<&Recipient, Obstacle> {
        let (recipient, _) = self.listed(entry, recipient, data, Occasion::Always)?;
        if recipient.mandatory_channel && !is_mandatory {
            return Err(Obstacle::NotMandatory);
        }
        Ok(recipient)
    }

    /// Whether they may go to one that gets nothing by itself: the occasion is the one that the statement has for it, and the law
    /// that is named is one that its ground rests on. Consent needs none.
    pub fn may_disclose_on(
        &self,
        entry: &Entry,
        recipient: &str,
        data: Mask,
        occasion: Occasion,
        law: Option<&str>,
    ) -> Result<(&Recipient, &Basis), Obstacle> {
        let (recipient, ground) = self.listed(entry, recipient, data, occasion)?;
        match law {
            Some(law) if !ground.sources.iter().any(|source| source == law) => {
                Err(Obstacle::OtherLaw)
            }
            None if occasion != Occasion::WithConsent => Err(Obstacle::NoLaw),
            _ => Ok((recipient, ground)),
        }
    }

    fn listed(
        &self,
        entry: &Entry,
        recipient: &str,
        data: Mask,
        occasion: Occasion,
    ) -> Result<(&Recipient, &Basis), Obstacle> {
        let it = self.statement();
        let named = entry.recipients.iter().any(|name| name == recipient);
        let mut recipients = it.recipients.iter();
        let recipient = recipients
            .find(|one| named && one.name == recipient)
            .ok_or(Obstacle::NoRecipient)?;
        let lacking = recipient.fields.missing(data);
        if !lacking.is_empty() {
            return Err(Obstacle::NotOnItsList(lacking));
        }
        if !it.lets_go_to(recipient.country.as_deref()) {
            return Err(Obstacle::Country);
        }
        if recipient.gets() != occasion {
            return Err(Obstacle::Occasion);
        }
        let ground = it.ground_of(recipient);
        let ground = ground.filter(|ground| occasion.rests_on(ground.kind));
        Ok((recipient, ground.ok_or(Obstacle::Ground)?))
    }
}

impl Statement {
    /// Why a recipient may have what it gets.
    pub fn ground_of(&self, recipient: &Recipient) -> Option<&Basis> {
        let name = recipient.ground.as_deref()?;
        self.bases.iter().find(|basis| basis.name == name)
    }

    /// One that it declares; five need no declaration.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// Whether data may go to who is in this country: one that is named, where the statement says where data may go.
    pub fn lets_go_to(&self, country: Option<&str>) -> bool {
        let transfer = self.transfer.as_ref();
        transfer.is_none_or(|transfer| country.is_some_and(|country| transfer.allows(country)))
    }

    /// Whose people act in this role.
    pub fn processor_of(&self, role: &Role) -> Option<&Processor> {
        let name = role.processor.as_deref()?;
        self.processors
            .iter()
            .find(|processor| processor.name == name)
    }
}

#[cfg(test)]
mod tests;
