//! Activities: what is done with which data, for what, by whom, along which way.

use basics::Channel;

use crate::{Mask, Text};

/// Every role the code can act in, by the names of `basics::Actor::role`.
pub const ROLES: [&str; 5] = [
    "bezoeker",
    "betrokkene",
    "aangesloten-organisatie",
    "systeem",
    "beheerder",
];

/// A processing activity in force. What it does not list is refused.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Kebab-case; the `basics::Activity` of the code.
    pub name: String,
    pub title: Text,
    /// The purpose it serves first.
    pub purpose: String,
    /// Further purposes.
    pub also_for: Vec<String>,
    pub basis: String,
    pub roles: Vec<String>,
    pub channels: Vec<Channel>,
    pub reads: Mask,
    pub writes: Mask,
    /// Who outside gets data through it: names of recipients.
    pub recipients: Vec<String>,
    pub promises: Vec<String>,
}

impl Entry {
    pub fn allows_role(&self, role: &str) -> bool {
        self.roles.iter().any(|allowed| allowed == role)
    }
    pub fn allows_channel(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
}

#[cfg(test)]
mod tests {
    use basics::{Actor, Ids, Oin, SubjectId};

    use super::ROLES;

    #[test]
    fn every_actor_has_a_role_that_a_statement_can_name() {
        let actors = [
            Actor::Visitor,
            Actor::Person(SubjectId::random(&Ids::seeded(1))),
            Actor::Organisation(Oin::parse("00000099000000001000").unwrap()),
            Actor::System,
            Actor::Operator,
        ];
        assert_eq!(actors.map(|actor| actor.role()), ROLES);
    }
}
