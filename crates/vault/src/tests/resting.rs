//! What rests at somebody's request: it is not used, and it stays.

use basics::{Actor, Channel, Refusal, SubjectId};

use super::house::*;
use crate::{Standing, Subjects};

async fn with_note(folder: &tempfile::TempDir) -> (House, SubjectId) {
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    house.deliver(ANNA, "Uw aanslag").await.unwrap();
    (house, anna)
}

/// Read by the activity that opens a note, and not by the one that lists them.
async fn counted(house: &House, anna: SubjectId) -> i64 {
    let reading = house.on(READ, Actor::Person(anna), Subjects::One(anna), Channel::Web);
    let counted = house
        .vault
        .read(reading, |tx| tx.query(COUNT, &[], |row| row.int(0)));
    counted.await.unwrap()[0]
}

#[tokio::test]
async fn mo_72_a_restriction_stops_one_use_and_the_data_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (house, anna) = with_note(&folder).await;
    let restricted = house.change(|tx| tx.limit(Standing::Restriction, LIST.0, None, "verzoek 1"));
    restricted.await.unwrap();
    let rests = Refusal::Standing("beperking".to_owned());
    assert_eq!(refusal(house.titles(anna).await), rests);
    assert_eq!(
        counted(&house, anna).await,
        1,
        "what is done otherwise goes on"
    );
    let ended = house.change(|tx| tx.lift(Standing::Restriction, LIST.0));
    ended.await.unwrap();
    assert_eq!(house.titles(anna).await.unwrap(), ["Uw aanslag"]);
}

#[tokio::test]
async fn mo_74_cn_83_data_objected_to_rest_until_that_is_decided() {
    let folder = tempfile::tempdir().unwrap();
    let (house, anna) = with_note(&folder).await;
    let objected = house.change(|tx| tx.limit(Standing::Objection, "bericht", None, "verzoek 2"));
    objected.await.unwrap();
    let rests = Refusal::Standing("bezwaar".to_owned());
    assert_eq!(refusal(house.titles(anna).await), rests);
    let another = house.deliver(ANNA, "Nog een").await;
    assert_eq!(refusal(another), rests, "nobody else uses them either");
    let decided = house.change(|tx| tx.lift(Standing::Objection, "bericht"));
    decided.await.unwrap();
    assert_eq!(house.titles(anna).await.unwrap(), ["Uw aanslag"]);
}
