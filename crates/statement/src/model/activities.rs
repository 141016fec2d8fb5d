//! Activities: what is done with which data, for what, by whom, along which way.

use basics::Channel;

use super::{Basis, Condition, Decision, Purpose, Recipient, Source, SubjectClass};
use crate::reader::{
    Categories, ChannelName, Choice, Filled1, Flag, Here, List, Name, Needed, Opt, Promise, Ref,
    RoleName, Texts, choices, table,
};
use crate::{Mask, Place, Text};

/// Every role that needs no declaration, by the names of `basics::Actor::role`.
pub const ROLES: [&str; 5] = [
    VISITOR,
    "betrokkene",
    "aangesloten-organisatie",
    "systeem",
    "beheerder",
];

/// Who is not known yet.
pub(super) const VISITOR: &str = "bezoeker";

table! {
    /// Something the program may do. What it does not list is refused.
    pub struct Entry = "activiteit" {
        /// Its name: the one the code asks for.
        name: String = "naam" as Name,
        /// What it is, per language, for the person it is about.
        title: Text = "titel" as Texts,
        /// The purpose it serves first.
        purpose: String = "doel" as Needed<401, Ref<Purpose>>,
        /// Further purposes.
        also_for: Vec<String> = "ook-voor" as List<Ref<Purpose>>,
        /// The legal basis.
        basis: String = "grondslag" as Needed<402, Ref<Basis>>,
        /// Who may.
        roles: Vec<String> = "rollen" as Filled1<404, RoleName>,
        /// Along which way.
        channels: Vec<Channel> = "kanalen" as Filled1<404, ChannelName>,
        /// The categories it may read.
        reads: Mask = "leest" as Categories,
        /// The categories it may write; at least one of all.
        writes: Mask = "schrijft" as Categories,
        /// The categories it shows to the person it is about. One that it does not read, or that no `[[gegeven]]` declares, is a finding.
        shows: Vec<String> = "toont" as List<Name>,
        /// Categories that it may need after their term; each needs an `opschorting`.
        needs_longer: Mask = "langer-nodig" as Categories,
        /// Whom it is about; without it, whoever its categories are about. Where that could be people of whom only some data is
        /// processed, and for a `bezoeker` beside such people, it must be said.
        subjects: Vec<String> = "betrokkenen" as List<Ref<SubjectClass>>,
        /// Who outside gets data through it.
        recipients: Vec<String> = "ontvangers" as List<Ref<Recipient>>,
        /// Where it gets data from.
        sources: Vec<String> = "bronnen" as List<Ref<Source>>,
        /// By a person or by the program; without it, as the roles say: by a person where each is a `[[rol]]` or `beheerder`.
        manner: Option<Manner> = "wijze" as Opt<Choice<Manner>>,
        /// The kind of automated decision it makes.
        decision: Option<String> = "besluit" as Opt<Ref<Decision>>,
        /// Whether it judges or foretells personal aspects.
        profiling: bool = "profilering" as Flag,
        /// Why it cannot be done with less, per language.
        necessity: Option<Text> = "noodzaak" as Opt<Texts>,
        /// The exceptions under which it touches data of class `bijzonder`, `strafrechtelijk` or `politie`: each law that must allow it.
        conditions: Vec<Condition> = "voorwaarden" as List<Condition>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// Who does the work.
    pub enum Manner {
        Human = "mens",
        /// The program prepares, a person decides.
        Prepared = "voorbereid",
        Automated = "automatisch",
    }
}

impl Entry {
    pub fn allows_role(&self, role: &str) -> bool {
        self.roles.iter().any(|allowed| allowed == role)
    }
    pub fn allows_channel(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
    /// All it touches.
    pub fn touches(&self) -> Mask {
        self.reads.union(self.writes)
    }
    /// Every purpose it serves, the first one first.
    pub fn purposes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.purpose)
            .chain(&self.also_for)
            .map(String::as_str)
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
        assert_eq!(actors.map(|actor| actor.role().0), ROLES);
    }
}
