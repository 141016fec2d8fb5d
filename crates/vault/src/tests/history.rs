//! What was done with a person's data, as that person finds it: their own rows, all of them, newest first.

use std::time::Duration;

use basics::{Actor, Channel, Fault, Oin, Refusal, SubjectId};

use super::house::*;
use crate::{Acted, Processed, ReadTx, Subjects};

const LOOK_BACK: basics::Activity = basics::Activity("geschiedenis-inzien");

fn all(tx: &mut ReadTx<'_>, before: Option<i64>) -> Result<Vec<Processed>, Fault> {
    let mut history = tx.history(before)?;
    let mut rows = Vec::new();
    while let Some(row) = history.next(tx)? {
        rows.push(row);
    }
    Ok(rows)
}

async fn history_of(house: &House, subject: SubjectId) -> Vec<Processed> {
    let processing = house.of_person(LOOK_BACK, subject);
    let rows = house.vault.read(processing, |tx| all(tx, None)).await;
    rows.unwrap()
}

fn activities(rows: &[Processed]) -> Vec<&str> {
    rows.iter().map(|row| row.activity.as_str()).collect()
}

#[tokio::test]
async fn a_person_finds_what_was_done_with_their_data_and_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let bram = house.enrol(BRAM).await.unwrap();
    house.deliver(ANNA, "Uw aanslag").await.unwrap();
    house.titles(anna).await.unwrap();
    let rows = history_of(&house, anna).await;
    let done = ["berichten-bekijken", "bericht-aanleveren", "inloggen"];
    assert_eq!(activities(&rows), done);
    assert!(rows.iter().all(|row| row.subject == anna && row.went_well));
    assert_eq!(activities(&history_of(&house, bram).await), ["inloggen"]);
    // Looking was a processing as well.
    let again = history_of(&house, anna).await;
    assert_eq!(again[0].activity, "geschiedenis-inzien");
    assert_eq!(again[1..], rows);

    let across = house.on(
        LOOK_BACK,
        Actor::Person(bram),
        Subjects::One(anna),
        Channel::Web,
    );
    let answer = house.vault.read(across, |tx| all(tx, None)).await;
    assert_eq!(refusal(answer), Refusal::Subject);
    // What was refused is in the history of whose data it was about.
    let processing = house.of_person(LOOK_BACK, anna);
    let answer = house.vault.read(processing, |tx| {
        let refused = all(tx, None)?.swap_remove(0);
        Ok::<_, Fault>((tx.acted(&refused)?.0, refused))
    });
    let (acted, refused) = answer.await.unwrap();
    assert!(!refused.went_well);
    assert_eq!(acted.expect("not she herself").role, "betrokkene");
}

#[tokio::test]
async fn who_acted_is_told_by_role_and_organisation() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    house.deliver(ANNA, "Uw aanslag").await.unwrap();
    house.change(|_| Ok(())).await.unwrap();
    house.titles(anna).await.unwrap();
    let processing = house.of_person(LOOK_BACK, anna);
    let acted = house.vault.read(processing, |tx| {
        let rows = all(tx, None)?;
        let acted = rows.iter().map(|row| tx.acted(row).map(|acted| acted.0));
        acted.collect::<Result<Vec<Option<Acted>>, Fault>>()
    });
    let acted = acted.await.unwrap();
    let by = |role: &str, organisation: Option<&str>| {
        Some(Acted {
            role: role.to_owned(),
            organisation: organisation.map(|oin| Oin::parse(oin).unwrap()),
        })
    };
    let expected = [
        None,
        by("beheerder", None),
        by("aangesloten-organisatie", Some("00000099000000001000")),
        None,
    ];
    assert_eq!(acted, expected);
}

#[tokio::test]
async fn an_activity_without_the_log_among_its_data_finds_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let answer = house
        .vault
        .read(house.of_person(LIST, anna), |tx| all(tx, None))
        .await;
    assert!(matches!(refusal(answer), Refusal::Category(_)));
}

/// Rows that lie in runs, in runs that were broken off, and in none.
#[tokio::test]
async fn rows_are_found_wherever_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    house.enrol(BRAM).await.unwrap();
    let clock = house.vault.clock().clone();
    for day in 0..5 {
        for _ in 0..40 {
            clock.advance(Duration::from_secs(1));
            house.titles(anna).await.unwrap();
        }
        house.deliver(BRAM, "Van Bram").await.unwrap();
        clock.advance(Duration::from_secs(24 * 3600));
        if day == 2 {
            // Broken off behind its first slice.
            let now = clock.now();
            let run = house
                .vault
                .look(move |query| crate::places::next_run(query, now, crate::places::RUN));
            let run = run.await.unwrap().expect("a day has passed");
            for slice in run.into_slices().into_iter().take(2) {
                let (reply, answer) = tokio::sync::oneshot::channel();
                let write = crate::places::WriteSlice { slice, reply };
                house.vault.store.write(Box::new(write)).unwrap();
                answer.await.unwrap().unwrap();
            }
        } else if day < 4 {
            house.vault.place_log_rows().await.unwrap();
        }
    }
    let rows = history_of(&house, anna).await;
    assert_eq!(rows.len(), 201);
    assert!(rows.is_sorted_by(|newer, older| newer.number > older.number));
    // From somewhere on.
    let before = rows[100].number;
    let processing = house.of_person(LOOK_BACK, anna);
    let rest = house
        .vault
        .read(processing, move |tx| all(tx, Some(before)));
    assert_eq!(rest.await.unwrap(), rows[101..]);
    // All of it in runs.
    clock.advance(Duration::from_secs(2 * 24 * 3600));
    house.vault.place_log_rows().await.unwrap();
    let placed = history_of(&house, anna).await;
    assert_eq!(placed[2..], rows);
}

/// A chain that is done with does not keep the others' rows from being placed, and goes on behind what was said of it.
#[tokio::test]
async fn a_chain_to_which_nothing_is_added_keeps_up() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let clock = house.vault.clock().clone();
    for _ in 0..3 {
        clock.advance(Duration::from_secs(5 * 24 * 3600));
        house.vault.place_log_rows().await.unwrap();
    }
    let placed_to = house.vault.look(|query| {
        let mut placed_to = 0;
        query.query(&PLACED_TO, &[], &mut |row| {
            if let store::Cell::Int(number) = row.cell(0)? {
                placed_to = number;
            }
            Ok(())
        })?;
        Ok(placed_to)
    });
    let a_week_ago = clock.now().minus(Duration::from_secs(7 * 24 * 3600));
    assert!(placed_to.await.unwrap() > a_week_ago.micros() * 1024);
    house.titles(anna).await.unwrap();
    assert_eq!(
        activities(&history_of(&house, anna).await),
        ["berichten-bekijken", "inloggen"]
    );
}

static PLACED_TO: store::Sql = store::Sql::new("SELECT MAX(placed_to) FROM log_runs");
