//! People at work, and what leaves the house: who may look only after a contact and under an agreement, and which data go to
//! whom outside.

use basics::{Activity, Actor, Channel, Fault, Oin, Recipient, Refusal, Role, SubjectId};
use store::{Cell, Query, Sql};

use super::house::*;
use crate::{Processing, ReadTx, Standing, Subjects, Vault};

const HELP: Activity = Activity("gebruiker-helpen");
const HELPDESK: &str = "proef-helpdesk";
const SENDERS: Recipient = Recipient("aangesloten-organisaties");
static AUDITED: Sql = Sql::new(
    "SELECT role, actor, status, recipient, data FROM audit WHERE activity = $1 ORDER BY audit_id",
);

/// The statement with a helpdesk of a processor whose agreement ends as `agreed` says. The clock of the house stands on
/// 20 November 2026, in the afternoon.
fn with_helpdesk(agreed: &str) -> String {
    format!(
        "{STATEMENT}
[[verwerker]]
naam = \"proef-steun\"
titel = {{ nl = \"Steun\", en = \"Support\" }}
taak = {{ nl = \"Helpt u.\", en = \"Helps you.\" }}
doelen = [\"dienst-laten-werken\"]
land = \"NL\"
gegevens = [\"bericht\"]
alleen-na-contact = true
{agreed}

[[rol]]
naam = \"{}\"
titel = {{ nl = \"Helpdesk\", en = \"Helpdesk\" }}
verwerker = \"proef-steun\"

[[activiteit]]
naam = \"{HELP}\"
titel = {{ nl = \"De helpdesk helpt u\", en = \"The helpdesk helps you\" }}
doel = \"dienst-laten-werken\"
grondslag = \"gdi\"
rollen = [\"{}\"]
kanalen = [\"intern\"]
leest = [\"bericht\", \"berichtstatus\"]
",
        HELPDESK, HELPDESK
    )
}

const AGREED: &str = "overeenkomst = { datum = 2021-01-01, kenmerk = \"V-1\" }";

fn helping(house: &House, subject: SubjectId) -> Processing {
    let actor = Actor::Staff {
        role: Role::named(HELPDESK),
        id: "medewerker 7".to_owned(),
    };
    house.on(HELP, actor, Subjects::One(subject), Channel::Internal)
}

async fn helped(house: &House, subject: SubjectId) -> Result<usize, Fault> {
    let look = |tx: &mut ReadTx<'_>| tx.query(NOTES, &[], |_| Ok(())).map(|rows| rows.len());
    house.vault.read(helping(house, subject), look).await
}

async fn audited(vault: &Vault, activity: Activity) -> Vec<[String; 5]> {
    let looked = vault.look(move |query: &mut dyn Query| {
        let mut rows = Vec::new();
        query.query(&AUDITED, &[activity.0.into()], &mut |row| {
            let mut cells: [String; 5] = Default::default();
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
    looked.await.unwrap()
}

/// MO-56 and CN-63: who helps sees people who came to the helpdesk, and nobody else.
#[tokio::test]
async fn mo_56_a_processor_sees_only_who_contacted_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), &with_helpdesk(AGREED));
    let (anna, bram) = (
        house.enrol(ANNA).await.unwrap(),
        house.enrol(BRAM).await.unwrap(),
    );
    house.deliver(ANNA, "Uw aanslag").await.unwrap();
    assert_eq!(refusal(helped(&house, anna).await), Refusal::NoContact);
    let came = |scope: &'static str, until| {
        house.change(move |tx| tx.grant(Standing::Contact, "", scope, until, "vraag 1"))
    };
    came("een-andere-helpdesk", None).await.unwrap();
    assert_eq!(refusal(helped(&house, anna).await), Refusal::NoContact);
    came(HELPDESK, None).await.unwrap();
    assert_eq!(helped(&house, anna).await.unwrap(), 1);
    assert_eq!(refusal(helped(&house, bram).await), Refusal::NoContact);
    // The contact is over.
    let now = house.vault.clock().now();
    came(HELPDESK, Some(now)).await.unwrap();
    assert_eq!(refusal(helped(&house, anna).await), Refusal::NoContact);
    // A limit on the data counts for who helps as for anyone.
    came(HELPDESK, None).await.unwrap();
    let limited = house.change(|tx| tx.limit(Standing::Restriction, "bericht", None, "besluit 1"));
    limited.await.unwrap();
    let refused = refusal(helped(&house, anna).await);
    assert_eq!(refused, Refusal::Standing("beperking".to_owned()));
    // Who it was stands in the audit log: with the role, not in the log of the person.
    let rows = audited(&house.vault, HELP).await;
    assert!(
        rows.iter()
            .all(|row| row[0] == HELPDESK && row[1] == "medewerker 7")
    );
    assert_eq!(rows.iter().filter(|row| row[2] == "Ok").count(), 1);
}

/// MO-57 and CN-64: without an agreement that holds today a processor's role is off, and no other.
#[tokio::test]
async fn mo_57_without_an_agreement_that_holds_a_processor_sees_nothing() {
    for (agreed, is_open) in [
        ("", false),
        (
            "overeenkomst = { datum = 2021-01-01, kenmerk = \"V-1\", tot = 2026-11-19 }",
            false,
        ),
        (
            "overeenkomst = { datum = 2021-01-01, kenmerk = \"V-1\", tot = 2026-11-20 }",
            true,
        ),
        (
            "overeenkomst = { datum = 2026-11-21, kenmerk = \"V-1\" }",
            false,
        ),
        (AGREED, true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let house = House::at(folder.path(), &with_helpdesk(agreed));
        let anna = house.enrol(ANNA).await.unwrap();
        let came = house.change(|tx| tx.grant(Standing::Contact, "", HELPDESK, None, "vraag 1"));
        came.await.unwrap();
        let answer = helped(&house, anna).await;
        if is_open {
            assert_eq!(answer.unwrap(), 0, "{agreed}");
        } else {
            assert_eq!(refusal(answer), Refusal::Agreement, "{agreed}");
        }
        assert!(house.titles(anna).await.is_ok(), "{agreed}");
    }
}

/// A processor gets what the statement says it gets, also where an activity lists more.
#[tokio::test]
async fn a_processor_reads_what_it_gets_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), &with_helpdesk(AGREED));
    let anna = house.enrol(ANNA).await.unwrap();
    let came = house.change(|tx| tx.grant(Standing::Contact, "", HELPDESK, None, "vraag 1"));
    came.await.unwrap();
    assert_eq!(helped(&house, anna).await.unwrap(), 0);
    let statuses = house.vault.read(helping(&house, anna), |tx| {
        tx.query(UNREAD, &[], |_| Ok(()))
    });
    assert!(matches!(refusal(statuses.await), Refusal::Category(_)));
}

/// MO-50 and CN-57: a connected organisation gets the fields that the statement lists, and nothing else; what it got is kept.
#[tokio::test]
async fn mo_50_what_leaves_is_on_the_recipients_list_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    house.enrol(ANNA).await.unwrap();
    let give = |to: &'static str, data: &'static [&'static str], fails: bool| {
        house.vault.read(house.of_organisation(), move |tx| {
            tx.find(&number(ANNA))?;
            let given = tx.disclose(Recipient(to), data, false, data.len())?;
            if fails {
                return Err(Fault::broken("it did not leave"));
            }
            Ok(given.into_inner())
        })
    };
    let both: &[&str] = &["berichtvoorkeur", "aflevering"];
    assert_eq!(give(SENDERS.0, both, false).await.unwrap(), 2);
    // The contents of the letterbox are not theirs; nor is anything another's who is no recipient here.
    for (to, data) in [
        (SENDERS.0, &["bericht"] as &[&str]),
        (SENDERS.0, &["aflevering", "inloghistorie"]),
        (SENDERS.0, &["geen-gegeven"]),
        ("een-ander", &["aflevering"]),
    ] {
        let refused = refusal(give(to, data, false).await);
        assert!(matches!(refused, Refusal::Recipient(_)), "{to} {data:?}");
    }
    assert!(give(SENDERS.0, both, true).await.is_err());
    // An activity without recipients discloses nothing.
    let anna = house.enrol(ANNA).await.unwrap();
    let own = house.vault.read(house.of_person(LIST, anna), |tx| {
        tx.disclose(SENDERS, &["bericht"], false, ()).map(drop)
    });
    assert!(matches!(refusal(own.await), Refusal::Recipient(_)));

    let rows = audited(&house.vault, DELIVER).await;
    let oin = Oin::parse("00000099000000001000").unwrap().to_string();
    let given = rows.iter().find(|row| row[2] == "Ok").unwrap();
    let told = [
        "aangesloten-organisatie",
        &*oin,
        "Ok",
        SENDERS.0,
        "berichtvoorkeur, aflevering",
    ];
    assert_eq!(given, &told);
    let failed = ["aangesloten-organisatie", &*oin, "Error", "", ""];
    assert_eq!(rows.iter().filter(|row| **row == failed).count(), 5);
    assert_eq!(rows.len(), 6);
}
