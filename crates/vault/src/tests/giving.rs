//! What goes to who gets nothing by itself: only on its occasion, by a law that is named, approved by another, and only what is on the
//! list. Everything else is refused with the reason.

use basics::{Actor, Channel, Fault, PersonNumber, Refusal, Role, SubjectId};
use statement::Occasion;
use store::{Cell, Query, Sql};

use super::house::*;
use crate::{Export, ExportedValue, Giving, Standing, Subjects, Tx, Whose};

const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");
static GIVEN: Sql = Sql::new(
    "SELECT a.role, a.actor, a.status, a.recipient, a.data, g.occasion, g.reference, g.law, g.article, g.reason, g.approved_by
     FROM audit AS a LEFT JOIN givings AS g ON g.audit_id = a.audit_id WHERE a.activity = $1 ORDER BY a.audit_id",
);

fn demand() -> Giving {
    Giving {
        recipient: "opsporingsdiensten".to_owned(),
        data: vec!["account".to_owned()],
        occasion: Occasion::OnDemand,
        reference: "vordering 12".to_owned(),
        law: Some("besluit-gdi".to_owned()),
        article: Some("art. 9".to_owned()),
        reason: "onderzoek 7".to_owned(),
        approved_by: "p.devries".to_owned(),
    }
}

fn incident() -> Giving {
    Giving {
        recipient: "beveiligingspartners".to_owned(),
        occasion: Occasion::OnIncident,
        reference: "incident 3".to_owned(),
        article: None,
        ..demand()
    }
}

fn staff(role: &str) -> Actor {
    Actor::Staff {
        role: Role(role.to_owned().into()),
        id: "m.jansen".to_owned(),
    }
}

struct Giver {
    house: House,
    anna: SubjectId,
    _folder: tempfile::TempDir,
}

impl Giver {
    async fn under(statement: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = House::at(folder.path(), statement);
        let kind = house.vault.register().number().kind;
        let number = PersonNumber::parse(kind, ANNA).unwrap();
        let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
        let enrolled = house.vault.write(login, move |tx| tx.enrol(&number));
        let anna: Result<SubjectId, Fault> = enrolled.await;
        let anna = anna.unwrap();
        Self {
            house,
            anna,
            _folder: folder,
        }
    }

    async fn gives(&self, giving: &Giving, by: Actor) -> Result<Export, Fault> {
        let may = self.house.vault.may_give(giving, &by);
        let given = self
            .house
            .vault
            .give(Whose::Id(self.anna), giving.clone(), by);
        let given = given.await.map(|given| given.expect("she is known"));
        // Nothing is refused at the end that was not refused beforehand, but what stands on her data.
        match &given {
            Err(fault) if matches!(fault.refusal(), Some(Refusal::Standing(_))) => {}
            _ => assert_eq!(may.is_ok(), given.is_ok(), "{may:?}"),
        }
        given.map(crate::Disclosure::into_inner)
    }

    async fn refuses(&self, giving: &Giving, by: Actor, why: &str) {
        let refused = self.gives(giving, by).await.expect_err(why).to_string();
        assert!(refused.contains(why), "{why}: {refused}");
    }

    /// What is kept of what was tried.
    async fn kept(&self, giving: &Giving) -> Vec<[String; 11]> {
        let activity = giving.activity().unwrap().0;
        let look = self.house.vault.look(move |query: &mut dyn Query| {
            let mut rows = Vec::new();
            query.query(&GIVEN, &[activity.into()], &mut |row| {
                let mut cells: [String; 11] = Default::default();
                for (at, cell) in cells.iter_mut().enumerate() {
                    if let Cell::Text(text) = row.cell(at)? {
                        text.clone_into(cell);
                    }
                }
                rows.push(cells);
                Ok(())
            })?;
            Ok(rows)
        });
        look.await.unwrap()
    }

    async fn log_rows(&self) -> usize {
        static OF_HER: Sql = Sql::new("SELECT status FROM log WHERE subject_id = $1");
        let name = self.anna.to_string();
        let look = self.house.vault.look(move |query: &mut dyn Query| {
            let mut count = 0;
            query.about(Some(&name));
            query.query(&OF_HER, &[name.as_str().into()], &mut |_| {
                count += 1;
                Ok(())
            })?;
            query.about(None);
            Ok(count)
        });
        look.await.unwrap()
    }
}

/// MO-19, MO-60 and CN-67: at a demand data go by a law that is named and that the recipient's ground rests on; without one, by
/// another, or where the ground is no duty, nothing goes.
#[tokio::test]
async fn mo_19_mo_60_cn_67_at_a_demand_data_go_by_a_law_that_obliges_and_is_named() {
    for (statement, law, other) in [
        (STATEMENT, "besluit-gdi", "wet-ebv"),
        (MIJNCN, "wbp-bes", "besluit-gdi"),
    ] {
        let giver = Giver::under(statement).await;
        let by = || staff("privacymedewerker");
        let giving = Giving {
            law: Some(law.to_owned()),
            ..demand()
        };
        let before = giver.log_rows().await;
        let export = giver.gives(&giving, by()).await.unwrap();
        assert_eq!(giver.log_rows().await, before + 1, "she can see it");
        let values = export.tables.iter().flat_map(|(_, rows)| rows);
        let values: Vec<_> = values.flat_map(|row| &row.values).collect();
        assert!(values.iter().any(|(column, _)| column == "enrolled_at"));
        let unnamed = Giving {
            law: None,
            ..giving.clone()
        };
        giver.refuses(&unnamed, by(), "no law is named").await;
        let by_another = Giving {
            law: Some(other.to_owned()),
            ..giving.clone()
        };
        let why = "the law that is named is not what its ground rests on";
        giver.refuses(&by_another, by(), why).await;

        let kept = giver.kept(&giving).await;
        assert_eq!(kept.len(), 3);
        let told = kept.iter().find(|row| row[2] == "Ok").unwrap();
        let expected = [
            "privacymedewerker",
            "m.jansen",
            "Ok",
            "opsporingsdiensten",
            "account",
            "op-verzoek",
            "vordering 12",
            law,
            "art. 9",
            "onderzoek 7",
            "p.devries",
        ];
        assert_eq!(told, &expected);
        // What was refused has given nothing away.
        let refused = kept.iter().filter(|row| row[2] == "Error");
        assert!(
            refused
                .clone()
                .all(|row| row[3..].iter().all(String::is_empty))
        );

        // A ground that is no duty carries no demand, also where the file keeps that on purpose.
        let duty = "grondslag = \"wettelijke-plicht\"\ndoel = \"wettelijk-verplicht-verstrekken\"";
        let task = "grondslag = \"gdi\"\ndoel = \"wettelijk-verplicht-verstrekken\"";
        let kept = "[[erkend]]\ncode = \"S-748\"\nreden = \"Proef\"\n";
        let statement = statement.replace(duty, task);
        let giver = Giver::under(&format!("{statement}\n{kept}")).await;
        let giving = Giving {
            law: Some("besluit-gdi".to_owned()),
            ..demand()
        };
        let why = "its ground is no duty or task that this can rest on";
        giver.refuses(&giving, by(), why).await;
    }
}

/// MO-61 and CN-68: after an incident an authority with a task gets data for security, and why it is needed is written down.
#[tokio::test]
async fn mo_61_cn_68_after_an_incident_why_it_is_needed_is_written_down() {
    for (statement, role) in [
        (STATEMENT, "beveiligingsmedewerker"),
        (MIJNCN, "onderzoeker"),
    ] {
        let giver = Giver::under(statement).await;
        let giving = incident();
        let unexplained = Giving {
            reason: " ".to_owned(),
            ..incident()
        };
        giver
            .refuses(&unexplained, staff(role), "the reason is missing")
            .await;
        let unfound = Giving {
            reference: String::new(),
            ..incident()
        };
        giver
            .refuses(&unfound, staff(role), "the reference is missing")
            .await;
        giver.gives(&giving, staff(role)).await.unwrap();
        let kept = giver.kept(&giving).await;
        let told = kept.iter().find(|row| row[2] == "Ok").unwrap();
        assert_eq!(
            [&told[5], &told[6], &told[7], &told[9]],
            ["bij-incident", "incident 3", "besluit-gdi", "onderzoek 7"]
        );
        // Security and nothing else: a demand is another occasion.
        let demanded = Giving {
            occasion: Occasion::OnDemand,
            ..incident()
        };
        let why = "no recipient of this activity";
        giver
            .refuses(&demanded, staff("privacymedewerker"), why)
            .await;
    }
}

/// CN-39 and CN-71: a partner gets data where the law of the islands allows it, and that law is named; and no more than is needed.
#[tokio::test]
async fn cn_39_cn_71_a_partner_gets_what_is_needed_by_a_law_of_the_islands() {
    let giver = Giver::under(MIJNCN).await;
    let by = || staff("onderzoeker");
    let giving = Giving {
        recipient: "ketenpartners".to_owned(),
        law: Some("wbp-bes".to_owned()),
        ..incident()
    };
    let export = giver.gives(&giving, by()).await.unwrap();
    // She has a number too, and nobody asked for it.
    let named: Vec<&str> = export.columns.iter().map(|(name, _)| &**name).collect();
    assert_eq!(named, ["account"]);
    let of = |value: &ExportedValue| matches!(value, ExportedValue::Text(text) if text == ANNA);
    let rows = export.tables.iter().flat_map(|(_, rows)| rows);
    let mut values = rows.flat_map(|row| &row.values);
    assert!(!values.any(|(_, value)| of(value)));
    for (law, why) in [
        (None, "no law is named"),
        (Some("besluit-gdi"), "is not what its ground rests on"),
    ] {
        let otherwise = Giving {
            law: law.map(str::to_owned),
            ..giving.clone()
        };
        giver.refuses(&otherwise, by(), why).await;
    }
    // An organisation that an incident is about hears of the delivery and the number, not of the login.
    let concerned = Giving {
        recipient: "betrokken-organisaties".to_owned(),
        law: Some("besluit-gdi".to_owned()),
        data: vec!["crib-nummer".to_owned()],
        ..incident()
    };
    giver.gives(&concerned, by()).await.unwrap();
    let more = Giving {
        data: vec!["crib-nummer".to_owned(), "inloghistorie".to_owned()],
        ..concerned
    };
    giver
        .refuses(&more, by(), "does not get inloghistorie")
        .await;
}

/// CN-69 and CN-70: after an incident the login service is told, and the organisation that it concerns; connected organisations in
/// general are not, and neither hears anything without an incident.
#[tokio::test]
async fn cn_69_cn_70_after_an_incident_the_login_service_and_who_it_concerns_are_told() {
    let giver = Giver::under(MIJNCN).await;
    let by = || staff("onderzoeker");
    let to = |recipient: &str, data: &[&str]| Giving {
        recipient: recipient.to_owned(),
        data: data.iter().map(|name| (*name).to_owned()).collect(),
        ..incident()
    };
    for (recipient, gets, not) in [
        ("crib", ["crib-nummer", "inloghistorie"], "account"),
        (
            "betrokken-organisaties",
            ["crib-nummer", "aflevering"],
            "ip-adres",
        ),
    ] {
        let before = giver.log_rows().await;
        giver.gives(&to(recipient, &gets), by()).await.unwrap();
        assert_eq!(giver.log_rows().await, before + 1, "she can see it");
        let kept = giver.kept(&incident()).await;
        let told = kept.iter().find(|row| row[3] == recipient).unwrap();
        assert_eq!([&told[2], &told[5]], ["Ok", "bij-incident"]);
        let more = to(recipient, &[gets[0], not]);
        let why = format!("does not get {not}");
        giver.refuses(&more, by(), &why).await;
        let of_none = Giving {
            reference: String::new(),
            ..to(recipient, &gets)
        };
        giver
            .refuses(&of_none, by(), "the reference is missing")
            .await;
    }
    let others = to("aangesloten-organisaties", &["crib-nummer"]);
    let why = "no recipient of this activity";
    giver.refuses(&others, by(), why).await;
}

/// Each way in which it is somebody else's, something else, or approved by the same person.
#[tokio::test]
async fn what_is_not_as_the_statement_has_it_is_refused_with_the_reason() {
    let giver = Giver::under(STATEMENT).await;
    let by = || staff("privacymedewerker");
    let other = |change: &dyn Fn(&mut Giving)| {
        let mut giving = demand();
        change(&mut giving);
        giving
    };
    for (giving, why) in [
        (
            other(&|it| it.recipient = "een-ander".to_owned()),
            "no recipient of this activity",
        ),
        (
            other(&|it| it.recipient = "aangesloten-organisaties".to_owned()),
            "no recipient of this activity",
        ),
        (
            other(&|it| it.data.push("bericht".to_owned())),
            "does not get bericht",
        ),
        (
            other(&|it| it.data.push("geen-gegeven".to_owned())),
            "a category that the statement does not have",
        ),
        (other(&|it| it.data.clear()), "no category is named"),
        (
            other(&|it| it.approved_by = "M.Jansen ".to_owned()),
            "who carries it out does not approve it as well",
        ),
        (
            other(&|it| it.approved_by = String::new()),
            "who approved is missing",
        ),
        (
            other(&|it| it.occasion = Occasion::Always),
            "data that go by themselves go another way",
        ),
        (
            other(&|it| it.occasion = Occasion::WithConsent),
            "NotInStatement",
        ),
    ] {
        giver.refuses(&giving, by(), why).await;
    }
    // Another role, or nobody at work at all.
    giver.refuses(&demand(), staff("eerstelijns"), "Role").await;
    giver.refuses(&demand(), Actor::Operator, "Role").await;
    let also = "rollen = [\"privacymedewerker\", \"beheerder\"]\nkanalen = [\"terminal\"]";
    let statement = STATEMENT.replace(
        "rollen = [\"privacymedewerker\"]\nkanalen = [\"terminal\"]",
        also,
    );
    assert!(statement.contains(also));
    let of_operators = Giver::under(&statement).await;
    let why = "a member of staff carries it out";
    of_operators.refuses(&demand(), Actor::Operator, why).await;

    // What stands on her data stands here as well.
    let restricted = giver
        .house
        .change(|tx: &mut Tx<'_>| tx.limit(Standing::Restriction, "account", None, "besluit 1"));
    restricted.await.unwrap();
    let refused = giver.gives(&demand(), by()).await;
    assert_eq!(refusal(refused), Refusal::Standing("beperking".to_owned()));
    let kept = giver.kept(&demand()).await;
    assert!(
        kept.iter()
            .all(|row| row[2] == "Error" && row[5].is_empty())
    );
}

/// A processor whose agreement has ended gives nothing, whatever is asked of it.
#[tokio::test]
async fn who_works_for_us_under_an_agreement_that_has_ended_gives_nothing() {
    let head = "naam = \"privacymedewerker\"\n";
    let of = format!("{head}verwerker = \"proef-steun\"\n");
    for (until, gives) in [("2026-11-20", true), ("2026-11-19", false)] {
        let statement = STATEMENT.replace(head, &of).replace(
            "[[rol]]\nnaam = \"eerstelijns\"",
            &format!(
                "[[verwerker]]\nnaam = \"proef-steun\"\ntitel = {{ nl = \"Steun\", en = \"Support\" }}\n\
                 taak = {{ nl = \"Helpt\", en = \"Helps\" }}\n\
                 doelen = [\"wettelijk-verplicht-verstrekken\", \"ondersteuning\"]\ngegevens = [\"account\", \"verzoek\", \"burgerservicenummer\"]\n\
                 land = \"NL\"\novereenkomst = {{ datum = 2021-01-01, kenmerk = \"V-1\", tot = {until} }}\n\n\
                 [[rol]]\nnaam = \"eerstelijns\""
            ),
        );
        let giver = Giver::under(&statement).await;
        let given = giver.gives(&demand(), staff("privacymedewerker")).await;
        match gives {
            true => drop(given.unwrap()),
            false => assert_eq!(refusal(given), Refusal::Agreement),
        }
    }
}

/// MO-59 and CN-66: where a statement lets data go with consent, they go when it is shown where the person agreed, and not else.
#[tokio::test]
async fn mo_59_cn_66_with_consent_data_go_when_it_is_shown_where_they_agreed() {
    let statement = format!(
        "{STATEMENT}
[[grondslag]]
naam = \"proef-toestemming\"
titel = {{ nl = \"U vond het goed\", en = \"You agreed\" }}
soort = \"toestemming\"
rechtsbronnen = [\"avg\"]

[[recht]]
naam = \"proef-intrekken\"
soort = \"intrekken-toestemming\"
titel = {{ nl = \"U kunt dit intrekken\", en = \"You can withdraw it\" }}

[[ontvanger]]
naam = \"proef-ontvanger\"
titel = {{ nl = \"Wie u dit liet geven\", en = \"Whom you let us give it\" }}
gegevens = [\"account\"]
land = \"NL\"
grondslag = \"proef-toestemming\"
wanneer = \"met-toestemming\"

[[activiteit]]
naam = \"met-toestemming-verstrekken\"
titel = {{ nl = \"Wij geven wat u goedvond\", en = \"We give what you agreed to\" }}
doel = \"ondersteuning\"
grondslag = \"proef-toestemming\"
rollen = [\"privacymedewerker\"]
kanalen = [\"terminal\"]
leest = [\"account\"]
ontvangers = [\"proef-ontvanger\"]

[[erkend]]
code = \"S-711\"
reden = \"Proef\"
[[erkend]]
code = \"S-712\"
reden = \"Proef\"
[[erkend]]
code = \"S-713\"
reden = \"Proef\"
[[erkend]]
code = \"S-714\"
reden = \"Proef\"
[[erkend]]
code = \"S-791\"
reden = \"Proef\"
"
    );
    let giver = Giver::under(&statement).await;
    let consent = Giving {
        recipient: "proef-ontvanger".to_owned(),
        occasion: Occasion::WithConsent,
        reference: "toestemming 5".to_owned(),
        law: None,
        article: None,
        ..demand()
    };
    let by = || staff("privacymedewerker");
    let unfound = Giving {
        reference: String::new(),
        ..consent.clone()
    };
    giver
        .refuses(&unfound, by(), "the reference is missing")
        .await;
    giver.gives(&consent, by()).await.unwrap();
    let kept = giver.kept(&consent).await;
    let told = kept.iter().find(|row| row[2] == "Ok").unwrap();
    assert_eq!([&told[5], &told[6]], ["met-toestemming", "toestemming 5"]);
    assert!(told[7].is_empty());
}
