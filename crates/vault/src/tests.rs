//! The door as a room meets it: what it lets through, what it refuses, what it leaves in the log.

mod acts_end;
mod at_work;
mod entering;
mod giving;
mod history;
mod house;
mod leaving;
mod limits;
mod looking;
mod resting;
mod two_writers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use basics::{Activity, Actor, Channel, Fault, FaultKind, Refusal, SubjectId, Trace};

use crate::{Processing, SessionHash, Sql, Standing, Subjects, Tx, Value};

use house::*;

#[tokio::test]
async fn a_note_goes_in_and_comes_out_for_its_person_only() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let (anna, bram) = (
        house.enrol(ANNA).await.unwrap(),
        house.enrol(BRAM).await.unwrap(),
    );
    house
        .deliver(ANNA, "Uw aanslag")
        .await
        .unwrap()
        .expect("found");
    assert_eq!(house.titles(anna).await.unwrap(), ["Uw aanslag"]);
    assert!(house.titles(bram).await.unwrap().is_empty());
    let across = house.on(LIST, Actor::Person(bram), Subjects::One(anna), Channel::Web);
    let answer = house
        .vault
        .read(across, |tx| tx.query(COUNT, &[], |row| row.int(0)))
        .await;
    assert_eq!(refusal(answer), Refusal::Subject);
    assert_eq!(
        house.enrol(ANNA).await.unwrap(),
        anna,
        "enrolling again finds"
    );
}

#[tokio::test]
async fn what_the_statement_does_not_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let count = |tx: &mut crate::ReadTx<'_>| tx.query(COUNT, &[], |row| row.int(0));
    let unnamed = house
        .vault
        .read(house.of_person(Activity("berichten-verkopen"), anna), count)
        .await;
    assert_eq!(refusal(unnamed), Refusal::NotInStatement);
    let role = house.on(LIST, Actor::System, Subjects::One(anna), Channel::Web);
    assert_eq!(refusal(house.vault.read(role, count).await), Refusal::Role);
    let channel = house.on(LIST, Actor::Person(anna), Subjects::One(anna), Channel::Api);
    assert_eq!(
        refusal(house.vault.read(channel, count).await),
        Refusal::Channel
    );
    // Listing may read letters, not change their state.
    let write = house
        .vault
        .write(house.of_person(LIST, anna), |tx| {
            tx.run(MARK, &[Value::id("x"), 1.into()])
        })
        .await;
    assert!(matches!(refusal(write), Refusal::Category(_)));
}

#[tokio::test]
async fn a_category_taken_from_the_statement_takes_the_query_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = STATEMENT
        .lines()
        .skip_while(|line| !line.contains("\"berichten-bekijken\""))
        .find(|line| line.starts_with("leest"))
        .unwrap();
    let without = STATEMENT.replacen(line, &line.replace("\"bericht\", ", ""), STATEMENT.len());
    assert_ne!(without, STATEMENT);
    let house = House::at(folder.path(), &without);
    let anna = house.enrol(ANNA).await.unwrap();
    assert!(matches!(
        refusal(house.titles(anna).await),
        Refusal::Category(_)
    ));
}

#[tokio::test]
async fn nobodys_processing_reaches_no_persons_table() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let trace = Trace::new(&house.ids);
    house
        .vault
        .write(Processing::upkeep(UPKEEP, trace), |tx| {
            tx.add(NEW_SHELF, tx.ids().random(), vec!["boven".into()])
        })
        .await
        .unwrap_or_else(|fault: Fault| panic!("{fault}"));
    let shelves = house.vault.read(Processing::upkeep(UPKEEP, trace), |tx| {
        tx.query(SHELVES, &[], |row| row.text(0).map(str::to_owned))
    });
    assert_eq!(
        shelves
            .await
            .unwrap_or_else(|fault: Fault| panic!("{fault}")),
        ["boven"]
    );
    let count = house
        .vault
        .read(Processing::upkeep(UPKEEP, trace), |tx| {
            tx.query(COUNT, &[], |row| row.int(0))
        })
        .await;
    assert!(matches!(refusal(count), Refusal::Category(_)));
    assert_eq!(
        house.vault.verify_log().await.unwrap().whole,
        0,
        "nobody, so no row"
    );
}

#[tokio::test]
async fn an_error_and_a_panic_undo_their_own_closure_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let note = house.deliver(ANNA, "eerste").await.unwrap().unwrap();
    let moment = |tx: &Tx<'_>| Value::from(tx.now());
    let calls: Vec<(Processing, Closure)> = vec![
        (
            house.of_person(READ, anna),
            Box::new(move |tx| {
                tx.run(MARK, &[Value::id(note), moment(tx)])?;
                Err(Fault::broken("on second thoughts"))
            }),
        ),
        (
            house.of_person(READ, anna),
            Box::new(|_| panic!("a mistake")),
        ),
        (
            house.of_person(READ, anna),
            Box::new(move |tx| tx.run(MARK, &[Value::id(note), moment(tx)])),
        ),
    ];
    let answers = house.vault.write_all(calls).await;
    assert!(answers[0].is_err() && answers[1].is_err());
    assert_eq!(
        *answers[2].as_ref().unwrap(),
        1,
        "the first closure's mark was undone"
    );
    assert_eq!(house.titles(anna).await.unwrap(), ["eerste"]);
}

/// A server takes the COMMIT of a group in which a statement failed for a ROLLBACK, and calls that well.
#[tokio::test]
async fn a_statement_that_fails_takes_no_others_work_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let trace = Trace::new(&house.ids);
    let pause = std::time::Duration::from_millis(50);
    let upkeep = |closure: Closure| (Processing::upkeep(UPKEEP, trace), closure);
    let new_shelf = |tx: &mut Tx<'_>| {
        tx.add(NEW_SHELF, tx.ids().random(), vec!["boven".into()])?;
        Ok(0)
    };
    let added = house.vault.write_all(vec![upkeep(Box::new(new_shelf))]);
    assert!(added.await[0].is_ok());
    // However many writers there are, …
    let busy = async || {
        std::thread::sleep(pause);
        let sleep = upkeep(Box::new(move |_| {
            std::thread::sleep(4 * pause);
            Ok(0)
        }));
        house.vault.write_all(vec![sleep]).await
    };
    // … these wait for one together, and share a commit.
    let group = async {
        std::thread::sleep(pause);
        let rename = |tx: &mut Tx<'_>| tx.run(RENAME_SHELF, &["boven".into(), "onder".into()]);
        let fail = |tx: &mut Tx<'_>| {
            let found = tx.query(IMPOSSIBLE_SHELF, &[0.into()], |_| Ok(()))?;
            Ok(found.len() as u64)
        };
        let both = vec![upkeep(Box::new(rename)), upkeep(Box::new(fail))];
        house.vault.write_all(both).await
    };
    let (_, _, answers) = tokio::join!(busy(), busy(), group);
    assert_eq!(*answers[0].as_ref().unwrap(), 1);
    let shelves = house.vault.read(Processing::upkeep(UPKEEP, trace), |tx| {
        tx.query(SHELVES, &[], |row| row.text(0).map(str::to_owned))
    });
    let shelves: Result<Vec<String>, Fault> = shelves.await;
    assert_eq!(shelves.unwrap(), ["onder"]);
}

#[tokio::test]
async fn a_failed_enrolment_leaves_no_person() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
    let answer: Result<(), Fault> = house
        .vault
        .write(login, |tx| {
            tx.enrol(&number(ANNA))?;
            Err(Fault::broken("no"))
        })
        .await;
    assert!(answer.is_err());
    assert_eq!(house.deliver(ANNA, "x").await.unwrap(), None);
    assert!(house.vault.verify_log().await.unwrap().is_whole());
}

#[tokio::test]
async fn many_at_once_enrol_one_person_once() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let logins: Vec<_> = (0..40)
        .map(|_| {
            let processing = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
            (processing, |tx: &mut Tx<'_>| tx.enrol(&number(ANNA)))
        })
        .collect();
    let found: Vec<Result<SubjectId, Fault>> = house.vault.write_all(logins).await;
    let first = *found[0].as_ref().unwrap();
    assert!(found.iter().all(|other| *other.as_ref().unwrap() == first));
}

#[tokio::test]
async fn a_block_closes_what_it_covers_until_it_is_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let hash = SessionHash::of(b"256 random bits");
    let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
    let opened = house.vault.write(login, move |tx| {
        let subject = tx.enrol(&number(ANNA))?;
        tx.open_session(&hash)?;
        Ok::<_, Fault>(subject)
    });
    let anna = opened.await.unwrap();
    house
        .change(move |tx| tx.limit(Standing::Block, "*", None, "proef"))
        .await
        .unwrap();
    assert!(
        matches!(refusal(house.titles(anna).await), Refusal::Standing(kind) if kind == "blokkade")
    );
    assert_eq!(
        house.whose(hash).await,
        Some(anna),
        "we still see who it is"
    );
    let leave = house.of_person(LOG_OUT, anna);
    let left: Result<(), Fault> = house
        .vault
        .write(leave, move |tx| tx.close_session(&hash))
        .await;
    assert!(left.is_ok(), "and they can leave");
    house
        .change(|tx| tx.lift(Standing::Block, "*"))
        .await
        .unwrap();
    assert!(house.titles(anna).await.is_ok());
}

#[tokio::test]
async fn standing_is_changed_only_by_an_activity_that_may() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let answer: Result<(), Fault> = house
        .vault
        .write(house.of_person(READ, anna), |tx| {
            tx.lift(Standing::Block, "*")
        })
        .await;
    assert!(matches!(refusal(answer), Refusal::Category(_)));
}

#[tokio::test]
async fn a_row_is_added_for_its_person_only() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let bram = house.enrol(BRAM).await.unwrap();
    house.enrol(ANNA).await.unwrap();
    let slip = move |tx: &mut Tx<'_>| {
        let id = NoteId::new(tx.ids(), tx.now());
        let row = vec![
            Value::id(bram),
            Value::id(id),
            Value::seal("x"),
            Value::Null,
        ];
        tx.add(NEW_NOTE, id.uuid(), row)
    };
    let found: Result<(), Fault> = house
        .vault
        .write(house.of_organisation(), move |tx| {
            tx.find(&number(ANNA))?;
            slip(tx)
        })
        .await;
    assert_eq!(*found.unwrap_err().kind(), FaultKind::Breached);
    let nobody: Result<(), Fault> = house.vault.write(house.of_organisation(), slip).await;
    assert!(nobody.is_err(), "and for nobody before they are found");
    assert!(house.titles(bram).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_sealed_column_never_takes_an_open_value() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    house.enrol(ANNA).await.unwrap();
    let note = house.deliver(ANNA, "oud").await.unwrap().unwrap();
    let retitle = |sealed: bool| {
        let processing = house.of_organisation();
        house.vault.write(processing, move |tx| {
            tx.find(&number(ANNA))?;
            let title = if sealed {
                tx.seal(TITLE, note.uuid(), b"nieuw")?
            } else {
                Value::blob("nieuw")
            };
            tx.run(RETITLE, &[title])
        })
    };
    assert!(
        retitle(false)
            .await
            .is_err_and(|fault: Fault| fault.to_string().contains("Tx::seal"))
    );
    assert_eq!(
        retitle(true)
            .await
            .unwrap_or_else(|fault: Fault| panic!("{fault}")),
        1
    );
    let anna = house.enrol(ANNA).await.unwrap();
    assert_eq!(house.titles(anna).await.unwrap(), ["nieuw"]);
}

/// MO-35 and CN-20: a failure is recorded as well as a success.
#[tokio::test]
async fn what_fails_leaves_its_row_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let rows = || async { house.vault.verify_log().await.unwrap().whole };
    let before = rows().await;
    let panics: Result<(), Fault> = house
        .vault
        .write(house.of_organisation(), |tx| {
            tx.find(&number(ANNA))?;
            panic!("a mistake")
        })
        .await;
    assert!(panics.is_err());
    assert_eq!(
        rows().await,
        before + 1,
        "a panic after the person was found"
    );
    let refused = house.on(
        LIST,
        Actor::Person(anna),
        Subjects::One(house.enrol(BRAM).await.unwrap()),
        Channel::Web,
    );
    let before = rows().await;
    let refused: Result<Vec<i64>, Fault> = house
        .vault
        .read(refused, |tx| tx.query(COUNT, &[], |row| row.int(0)))
        .await;
    assert!(refused.is_err());
    assert_eq!(rows().await, before + 1, "a refusal by the gate");
    let twice: Result<(), Fault> = house
        .vault
        .write(house.of_organisation(), |tx| {
            tx.find(&number(ANNA))?;
            let id = NoteId::from_uuid(basics::uuid::Uuid::nil());
            for _ in 0..2 {
                let row = vec![
                    Value::id(tx.subject()?),
                    Value::id(id),
                    Value::seal("x"),
                    Value::Null,
                ];
                tx.add(NEW_NOTE, id.uuid(), row)?;
            }
            Ok(())
        })
        .await;
    assert!(twice.is_err());
    assert_eq!(rows().await, before + 2, "a commit that failed");
    assert!(house.vault.verify_log().await.unwrap().is_whole());
}

#[tokio::test]
async fn a_session_is_found_by_its_hash_until_closed_and_leaves_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let hash = SessionHash::of(b"256 random bits");
    let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
    let anna = house
        .vault
        .write(login, move |tx| {
            let subject = tx.enrol(&number(ANNA))?;
            tx.open_session(&hash)?;
            Ok::<_, Fault>(subject)
        })
        .await
        .unwrap();
    let rows = house.vault.verify_log().await.unwrap().whole;
    assert_eq!(house.whose(hash).await, Some(anna));
    assert_eq!(house.whose(SessionHash::of(b"another")).await, None);
    assert_eq!(house.vault.verify_log().await.unwrap().whole, rows);
    let leave = house.of_person(LOG_OUT, anna);
    house
        .vault
        .write(leave, move |tx: &mut Tx<'_>| tx.close_session(&hash))
        .await
        .unwrap_or_else(|fault: Fault| panic!("{fault}"));
    assert_eq!(house.whose(hash).await, None);
}

#[tokio::test]
async fn a_name_that_is_given_again_finds_who_got_it_last() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let name = SessionHash::of(b"the provider's own");
    for who in [ANNA, ANNA, "123456782"] {
        let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
        let named = house.vault.write(login, move |tx| {
            let subject = tx.enrol(&number(who))?;
            tx.name_session(&name)?;
            Ok::<_, Fault>(subject)
        });
        let subject = named.await.unwrap();
        assert_eq!(house.whose(name).await, Some(subject));
    }
}

#[tokio::test]
async fn many_at_once_give_one_name_without_clashing() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let name = SessionHash::of(b"the provider's own");
    let runs = Arc::new(AtomicUsize::new(0));
    let logins: Vec<_> = (0..40)
        .map(|_| {
            let runs = Arc::clone(&runs);
            let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
            (login, move |tx: &mut Tx<'_>| {
                tx.find(&number(ANNA))?;
                tx.name_session(&name)?;
                runs.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
        })
        .collect();
    let named: Vec<Result<(), Fault>> = house.vault.write_all(logins).await;
    assert!(named.iter().all(Result::is_ok));
    assert_eq!(house.whose(name).await, Some(anna));
    // A group that clashes is run again, one by one.
    assert_eq!(runs.load(Ordering::Relaxed), 40);
}

#[tokio::test]
async fn every_access_leaves_a_row_and_the_chain_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    house.deliver(ANNA, "eerste").await.unwrap();
    house.titles(anna).await.unwrap();
    let before = house.vault.verify_log().await.unwrap();
    assert_eq!((before.whole, before.is_whole()), (3, true));
    drop(house);
    let house = House::at(folder.path(), STATEMENT);
    assert_eq!(house.titles(anna).await.unwrap(), ["eerste"]);
    let after = house.vault.verify_log().await.unwrap();
    assert_eq!(
        (after.whole, after.links, after.is_whole()),
        (4, before.links + 1, true)
    );
}

#[tokio::test]
async fn every_linked_text_is_covered_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    assert_eq!(house.vault.uncovered_texts(), Vec::<String>::new());
    let kind = house.vault.read(
        house.of_person(LIST, house.enrol(ANNA).await.unwrap()),
        |tx| {
            static UNKNOWN: Sql = Sql::new("SELECT 1");
            tx.query(&UNKNOWN, &[], |row| row.int(0))
        },
    );
    assert_eq!(
        *kind.await.expect_err("not registered").kind(),
        FaultKind::Broken
    );
}

#[tokio::test]
async fn a_cut_tail_of_the_log_shows() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    house.enrol(ANNA).await.unwrap();
    let backup = folder.path().join("backup.db");
    let database = folder.path().join("data/postbus.db");
    // A database put back from an earlier moment is a log with its tail cut off.
    let lent = cluster::lent_to(folder.path()).unwrap();
    drop(house);
    if lent.is_none() {
        std::fs::copy(&database, &backup).unwrap();
    }
    let house = House::at(folder.path(), STATEMENT);
    house.deliver(ANNA, "later").await.unwrap();
    house.vault.note_log_head().await.unwrap();
    assert!(house.vault.verify_log().await.unwrap().is_whole());
    drop(house);
    match lent {
        Some([[_, owner], _]) => {
            let last = "SELECT MAX(first_no) FROM log_chain";
            let cut = format!(
                "DELETE FROM log WHERE log_no >= ({last}); DELETE FROM log_chain WHERE first_no = ({last})"
            );
            cluster::ask(&owner, &cut).unwrap();
        }
        None => drop(std::fs::copy(&backup, &database).unwrap()),
    }
    let found = House::at(folder.path(), STATEMENT)
        .vault
        .verify_log()
        .await
        .unwrap();
    assert_eq!(found.lost_links.len(), 1, "{found:?}");
    assert_eq!((found.missing, found.broken_link), (vec![], None));
}
