//! Who acted ends with the row of the log that it is beside: not before, not without it, and untied from it by an erasure.

use std::time::Duration;

use basics::{Moment, SubjectId};
use store::{Cell, Query, Sql};

use super::house::*;
use crate::{Standing, SweepOrder, Whose};

static ACTS: Sql = Sql::new(
    "SELECT log_no, statement_version FROM audit WHERE activity = 'bericht-aanleveren' ORDER BY audit_id",
);
/// Six years of microseconds: the log is kept for five.
const SIX_YEARS: i64 = 6 * 366 * 86_400 * 1_000_000;

/// Of each delivery the number of its row of the log, if it is still tied to one.
async fn acts(house: &House) -> Vec<Option<i64>> {
    let version = house.vault.register().version().number.clone();
    let look = house.vault.look(move |query: &mut dyn Query| {
        let mut found = Vec::new();
        query.query(&ACTS, &[], &mut |row| {
            assert!(matches!(row.cell(1)?, Cell::Text(said) if said == version));
            found.push(match row.cell(0)? {
                Cell::Int(number) => Some(number),
                _ => None,
            });
            Ok(())
        })?;
        Ok(found)
    });
    look.await.unwrap()
}

async fn with_letters(house: &House) -> [SubjectId; 2] {
    let anna = house.enrol(ANNA).await.unwrap();
    let bram = house.enrol(BRAM).await.unwrap();
    for digits in [ANNA, BRAM] {
        house.deliver(digits, "a letter").await.unwrap();
        // Their ids order by the millisecond.
        house.vault.clock().advance(Duration::from_secs(1));
    }
    assert_eq!(acts(house).await.iter().flatten().count(), 2);
    [anna, bram]
}

async fn sweep(house: &House) {
    let order = SweepOrder::confirming(house.vault.today());
    house.vault.sweep(order, &mut |_| {}).await.unwrap();
}

/// MO-64: one whose row of the log is held stays with it, and goes with it.
#[tokio::test]
async fn mo_64_who_acted_goes_with_the_row_of_the_log_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    with_letters(&house).await;
    let now = house.vault.clock().now();
    sweep(&house).await;
    assert_eq!(acts(&house).await.len(), 2, "its time has not come");
    let limit = house.change(|tx| tx.limit(Standing::Restriction, "*", None, "zaak 1"));
    limit.await.unwrap();
    let later = Moment::from_micros(now.micros() + SIX_YEARS);
    house.vault.clock().set(later);
    sweep(&house).await;
    let held = acts(&house).await;
    assert!(matches!(held.as_slice(), [Some(_)]), "{held:?}");
    let lift = house.change(|tx| tx.lift(Standing::Restriction, "*"));
    lift.await.unwrap();
    sweep(&house).await;
    assert_eq!(acts(&house).await, []);
    assert!(house.vault.verify_log().await.unwrap().is_whole());
}

/// MO-73: that somebody acted stays known after an erasure, and not in which row; of others it does.
#[tokio::test]
async fn mo_73_an_erasure_unties_who_acted_from_the_rows_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let [anna, _] = with_letters(&house).await;
    let before = acts(&house).await;
    let erased = house.vault.erase(Whose::Id(anna), &mut |_| {}).await;
    assert!(erased.unwrap().is_some());
    assert_eq!(acts(&house).await, [None, before[1]]);
    assert!(house.vault.verify_log().await.unwrap().is_whole());
}
