//! What may leave the house under each shipped statement: for everyone that it names exactly their list, and for others nothing.

use std::collections::BTreeSet;

use basics::{
    Activity, Actor, Channel, Fault, Oin, PersonNumber, Recipient, Refusal, Role, SubjectId,
};
use statement::Entry;

use super::house::*;
use crate::{Subjects, Tx};

const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");
const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");
const CJIB: &str = include_str!("../../../../statements/cjib.toml");

/// The door takes names that last as long as the program; a test reads them from a statement.
fn lasting(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}

fn actor(role: &str) -> Actor {
    match role {
        "systeem" => Actor::System,
        "aangesloten-organisatie" => {
            Actor::Organisation(Oin::parse("00000099000000001000").expect("a test OIN"))
        }
        role => Actor::Staff {
            role: Role(role.to_owned().into()),
            id: "medewerker 7".to_owned(),
        },
    }
}

struct Leaving {
    house: House,
    anna: SubjectId,
    _folder: tempfile::TempDir,
}

impl Leaving {
    async fn under(statement: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = House::at(folder.path(), statement);
        // The digits of a citizen service number are letters or digits as well.
        let kind = house.vault.register().number().kind;
        let anna = PersonNumber::parse(kind, ANNA).expect("a test number");
        let processing = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
        let enrolled = house
            .vault
            .write(processing, move |tx: &mut Tx<'_>| tx.enrol(&anna));
        let anna: SubjectId = enrolled
            .await
            .unwrap_or_else(|fault: Fault| panic!("{fault}"));
        Self {
            house,
            anna,
            _folder: folder,
        }
    }

    fn entry(&self, name: &str) -> Entry {
        self.house.vault.register().activity(name).unwrap().clone()
    }

    /// What the door answers when this would leave through this activity.
    async fn gives(&self, entry: &Entry, to: &str, data: &[&str], must: bool) -> Result<(), Fault> {
        let names: Vec<&'static str> = data.iter().map(|name| lasting(name)).collect();
        let names: &'static [&'static str] = names.leak();
        let to = Recipient(lasting(to));
        let (activity, channel) = (Activity(lasting(&entry.name)), entry.channels[0]);
        let subjects = Subjects::One(self.anna);
        let processing = self
            .house
            .on(activity, actor(&entry.roles[0]), subjects, channel);
        let given = self.house.vault.read(processing, move |tx| {
            tx.disclose(to, names, must, ()).map(drop)
        });
        given.await
    }

    /// Each of these gets its own list, and no category more; organisations besides get nothing.
    async fn only_these(&self, activity: &str, recipients: &[&str]) {
        let entry = self.entry(activity);
        assert!(
            entry.channels.contains(&Channel::Api),
            "it leaves the house"
        );
        let register = self.house.vault.register().clone();
        let declared: BTreeSet<&str> = entry.recipients.iter().map(String::as_str).collect();
        assert_eq!(declared, recipients.iter().copied().collect());
        for name in recipients {
            let mut all = register.recipients().iter();
            let recipient = all.find(|one| one.name == *name).expect("declared");
            let (own, others): (Vec<_>, Vec<_>) = register
                .categories()
                .partition(|one| recipient.fields.has(one.id));
            let own: Vec<&str> = own.iter().map(|one| one.name.as_str()).collect();
            self.gives(&entry, name, &own, false).await.unwrap();
            for other in others {
                let more = [own.as_slice(), &[&other.name]].concat();
                let refused = refusal(self.gives(&entry, name, &more, false).await);
                assert!(
                    matches!(refused, Refusal::Recipient(_)),
                    "{name} {}",
                    other.name
                );
            }
        }
        let sources = register.sources().iter().map(|source| source.name.as_str());
        for stranger in sources
            .filter(|name| !declared.contains(name))
            .chain(["een-ander"])
        {
            let one = register.names(entry.reads);
            let one = one.split(", ").next().expect("it reads something");
            let refused = refusal(self.gives(&entry, stranger, &[one], false).await);
            assert!(matches!(refused, Refusal::Recipient(_)), "{stranger}");
        }
    }
}

/// DT-75, DT-76 and its twenty-two: DT-R1, DT-R2, DT-R3, DT-R4, DT-R5, DT-R6, DT-R7, DT-R8, DT-R9, DT-R10, DT-R11, DT-R12, DT-R13,
/// DT-R14, DT-R15, DT-R16, DT-R17, DT-R18, DT-R19, DT-R20, DT-R21 and DT-R22. Who only supplies, such as the employee insurance agency,
/// gets nothing.
#[tokio::test]
async fn twenty_two_organisations_get_what_is_listed_for_them_and_nobody_else_gets_anything() {
    let house = Leaving::under(TOESLAGEN).await;
    let recipients = [
        "belastingdienst",
        "gemeenten",
        "inlichtingenbureau",
        "svb",
        "duo",
        "justis",
        "cjib",
        "rvig",
        "coa",
        "vluchtelingenwerk",
        "politie",
        "om",
        "fiod",
        "rechters",
        "auditdienst",
        "ggd",
        "toezichthouders",
        "bzk",
        "vws",
        "szw",
        "cbs",
        "samenwerkingsverbanden",
    ];
    assert_eq!(recipients.len(), 22);
    house.only_these("gegevens-delen", &recipients).await;
    let register = house.house.vault.register().clone();
    let others = register
        .activities()
        .filter(|entry| entry.name != "gegevens-delen");
    assert!(others.into_iter().all(|entry| entry.recipients.is_empty()));
    for source_only in [
        "uwv",
        "ind",
        "zorgverzekeraars",
        "cak",
        "dji",
        "ciz",
        "defensie",
        "buza",
        "banken",
        "aivd",
    ] {
        assert!(
            register
                .sources()
                .iter()
                .any(|source| source.name == source_only)
        );
        assert!(!recipients.contains(&source_only));
    }
}

/// CJ-13, CJ-14, CJ-15, CJ-16, CJ-17 and CJ-18: the partners in the chain.
#[tokio::test]
async fn the_partners_of_the_chain_get_what_is_listed_for_them_and_nobody_else_gets_anything() {
    let house = Leaving::under(CJIB).await;
    let partners = ["politie", "om", "rdw", "duo", "reclassering"];
    house.only_these("gegevens-uitwisselen", &partners).await;
}

/// MO-53 and CN-60: whether an account is activated is for those whose post cannot be refused.
#[tokio::test]
async fn whether_an_account_is_activated_is_told_to_mandatory_senders_alone() {
    for statement in [STATEMENT, MIJNCN] {
        let house = Leaving::under(statement).await;
        let entry = house.entry("accountstatus-bevragen");
        let asks = |must| house.gives(&entry, "verplicht-kanaal", &["accountstatus"], must);
        asks(true).await.unwrap();
        assert!(matches!(refusal(asks(false).await), Refusal::Recipient(_)));
        let other = house.gives(&entry, "aangesloten-organisaties", &["accountstatus"], true);
        assert!(matches!(refusal(other.await), Refusal::Recipient(_)));
    }
}

/// MO-59 and CN-66: nothing goes to anybody outside whom the activity does not name, whoever acts.
#[tokio::test]
async fn nobody_outside_gets_anything_by_an_activity_that_does_not_name_them() {
    for statement in [STATEMENT, MIJNCN] {
        let house = Leaving::under(statement).await;
        let register = house.house.vault.register().clone();
        let mut asked = 0;
        for entry in register.activities() {
            let role = entry.roles[0].as_str();
            if matches!(role, "bezoeker" | "betrokkene" | "beheerder") {
                continue;
            }
            let named = |name: &str| entry.recipients.iter().any(|one| one == name);
            let others = register.recipients().iter().filter(|one| !named(&one.name));
            for other in others {
                let fields = register.names(other.fields);
                let fields: Vec<&str> = fields.split(", ").collect();
                assert!(
                    house
                        .gives(entry, &other.name, &fields, true)
                        .await
                        .is_err()
                );
                asked += 1;
            }
        }
        assert!(asked > 20, "{asked}");
    }
}
