//! What is asked of the log of more than one person passes the gate as well, and names who may hear it.

use std::collections::BTreeMap;

use basics::{Activity, Actor, Channel, Fault, Ids, Oin, Recipient, Refusal, SubjectId};

use super::house::*;
use crate::{Processing, Subjects, WantedActs};

const ASK: Activity = Activity("verwerkingen-opvragen");
const PASS_ON: Activity = Activity("log-uitvoeren");
const LOGBOOK: Recipient = Recipient("logboek");

fn organisation() -> Actor {
    Actor::Organisation(Oin::parse("00000099000000001000").unwrap())
}

fn asking(house: &House, activity: Activity, actor: Actor, channel: Channel) -> Processing {
    house.on(activity, actor, Subjects::None, channel)
}

const EVERYTHING: WantedActs = WantedActs {
    activities: Vec::new(),
    trace: None,
    since: None,
    until: None,
    before: None,
    count: 10,
};

fn delivered() -> WantedActs {
    WantedActs {
        activities: vec![DELIVER.0.to_owned()],
        ..EVERYTHING
    }
}

#[tokio::test]
async fn who_somebody_is_and_what_an_organisation_did_is_told_to_who_may_read_the_log() {
    let folder = tempfile::tempdir().unwrap();
    // Somebody who is no organisation may ask as well, and did nothing as one.
    let statement = STATEMENT.replace(
        "rollen = [\"aangesloten-organisatie\"]\nkanalen = [\"koppelvlak\"]\nleest = [\"verwerkingslog\"]",
        "rollen = [\"aangesloten-organisatie\", \"systeem\"]\nkanalen = [\"koppelvlak\"]\nleest = [\"verwerkingslog\"]",
    );
    let house = House::at(folder.path(), &statement);
    let anna = house.enrol(ANNA).await.unwrap();
    house.deliver(ANNA, "Uw aanslag").await.unwrap();
    let knows = |processing: Processing, subject: SubjectId| {
        let vault = house.vault.clone();
        async move { vault.knows(&processing, subject).await }
    };
    let acts = |processing: Processing| {
        let vault = house.vault.clone();
        async move { vault.acts(&processing, delivered()).await }
    };
    let own = || asking(&house, ASK, organisation(), Channel::Api);
    let nobody = SubjectId::random(&Ids::seeded(7));
    assert!(knows(own(), anna).await.unwrap());
    assert!(!knows(own(), nobody).await.unwrap());
    let found = acts(own()).await.unwrap();
    assert_eq!(found.rows.len(), 1);
    assert_eq!(found.rows[0].subject, anna);
    // Another organisation did nothing.
    let another = Actor::Organisation(Oin::parse("00000099000000002000").unwrap());
    let theirs = acts(asking(&house, ASK, another, Channel::Api)).await;
    assert_eq!(theirs.unwrap().rows, []);

    for (activity, actor, channel, why) in [
        (ASK, organisation(), Channel::Web, Refusal::Channel),
        (ASK, Actor::Visitor, Channel::Api, Refusal::Role),
        (
            UPKEEP,
            Actor::System,
            Channel::Internal,
            Refusal::NotInStatement,
        ),
        (
            DELIVER,
            organisation(),
            Channel::Api,
            Refusal::Category("verwerkingslog".to_owned()),
        ),
    ] {
        let processing = asking(&house, activity, actor, channel);
        assert_eq!(refusal(knows(processing.clone(), anna).await), why);
        assert_eq!(refusal(acts(processing).await), why);
    }
    let system = asking(&house, ASK, Actor::System, Channel::Api);
    assert_eq!(refusal(acts(system).await), Refusal::Subject);
}

#[tokio::test]
async fn the_log_is_passed_on_to_whom_the_statement_names_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    house.enrol(ANNA).await.unwrap();
    let passed = |activity: Activity, to: Recipient| {
        let vault = house.vault.clone();
        async move {
            let log = vault.log_after(activity, to, BTreeMap::new(), 10).await?;
            Ok::<_, Fault>(
                log.seen(|chains| chains.iter().map(|(_, rows)| rows.len()).sum::<usize>()),
            )
        }
    };
    assert_eq!(passed(PASS_ON, LOGBOOK).await.unwrap(), 1);
    let other = Recipient("organisaties-over-zichzelf");
    for (activity, to) in [(PASS_ON, other), (PASS_ON, Recipient("een-ander"))] {
        let refused = refusal(passed(activity, to).await);
        assert!(matches!(refused, Refusal::Recipient(_)), "{refused:?}");
    }
    // What the system may do besides passes nothing on.
    assert_eq!(
        refusal(passed(UPKEEP, LOGBOOK).await),
        Refusal::NotInStatement
    );
}
