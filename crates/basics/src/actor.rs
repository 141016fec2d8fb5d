//! Who does what along which way: the terms in which a statement allows or refuses.

use std::borrow::Cow;
use std::fmt;

use crate::{Oin, SubjectId};

/// A processing activity by its name in the statement file, such as `berichten-lezen`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Activity(pub &'static str);

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Someone outside who gets data, by its name in the statement file, such as `aangesloten-organisaties`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Recipient(pub &'static str);

/// A role of people at work by its name in the statement file, such as `medewerker`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Role(pub Cow<'static, str>);

impl Role {
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Someone whose session is not yet known; may only find out who they are.
    Visitor,
    /// A person, for themselves.
    Person(SubjectId),
    /// A connected organisation's system.
    Organisation(Oin),
    /// Postbus itself: a job, a start.
    System,
    /// Whoever holds the terminal of the machine.
    Operator,
    /// Someone at work. `id` is how the organisation knows them: for the audit log alone.
    Staff { role: Role, id: String },
}

impl Actor {
    /// The role in the statement file's terms.
    pub fn role(&self) -> Role {
        Role::named(match self {
            Actor::Visitor => "bezoeker",
            Actor::Person(_) => "betrokkene",
            Actor::Organisation(_) => "aangesloten-organisatie",
            Actor::System => "systeem",
            Actor::Operator => "beheerder",
            Actor::Staff { role, .. } => return role.clone(),
        })
    }
}

/// The way an access comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Web,
    App,
    /// The organisation API.
    Api,
    /// Jobs of Postbus itself.
    Internal,
    Terminal,
}

impl Channel {
    pub const ALL: [Channel; 5] = [
        Channel::Web,
        Channel::App,
        Channel::Api,
        Channel::Internal,
        Channel::Terminal,
    ];

    /// The name in the statement file's terms.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Web => "website",
            Channel::App => "app",
            Channel::Api => "koppelvlak",
            Channel::Internal => "intern",
            Channel::Terminal => "terminal",
        }
    }
}
