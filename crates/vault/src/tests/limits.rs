//! Limits on what is done with a person's data: each kind, on all, an activity, a category or a purpose.

use super::house::*;
use crate::Standing;
use basics::{Fault, Refusal};

/// What looking at the list is done for.
const PURPOSE: &str = "berichtenbox-gebruiken";

/// What that is a part of.
const WHOLE_PURPOSE: &str = "functies-gebruiken";

/// AVG art. 18 and 21, CN-40.
#[tokio::test]
async fn each_kind_of_limit_closes_what_it_is_on_until_it_is_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    for kind in [Standing::Restriction, Standing::Objection, Standing::Block] {
        for (scope, is_on_it) in [
            ("*", true),
            (LIST.0, true),
            ("bericht", true),
            (PURPOSE, true),
            (WHOLE_PURPOSE, true),
            (READ.0, false),
            ("inloghistorie", false),
            ("website-tonen", false),
        ] {
            let limit = house.change(move |tx| tx.limit(kind, scope, None, "besluit 1"));
            limit.await.unwrap();
            let looked = house.titles(anna).await;
            match is_on_it {
                true => assert_eq!(
                    refusal(looked),
                    Refusal::Standing(kind.name().to_owned()),
                    "{scope}"
                ),
                false => assert!(looked.is_ok(), "{kind:?} on {scope}"),
            }
            let lift = house.change(move |tx| tx.lift(kind, scope));
            lift.await.unwrap();
            assert!(house.titles(anna).await.is_ok(), "{kind:?} on {scope}");
        }
    }
}

#[tokio::test]
async fn a_limit_on_what_the_statement_does_not_know_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let limit = house.change(|tx| tx.limit(Standing::Restriction, "berigt", None, "besluit 1"));
    let fault: Fault = limit.await.unwrap_err();
    assert!(fault.to_string().contains("`berigt`"), "{fault}");
    assert!(house.titles(anna).await.is_ok());
}

#[tokio::test]
async fn what_was_limited_stays_so_when_a_later_statement_calls_it_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let other = "[[doel]]\nnaam = \"proefdoel\"\nsoort = \"primair\"\ntitel = { nl = \"Proef\", en = \"Trial\" }\n";
    let anna = {
        let house = House::at(folder.path(), &format!("{STATEMENT}\n{other}"));
        let anna = house.enrol(ANNA).await.unwrap();
        let limit =
            house.change(|tx| tx.limit(Standing::Restriction, "proefdoel", None, "besluit 1"));
        limit.await.unwrap();
        assert!(house.titles(anna).await.is_ok());
        anna
    };
    let house = House::at(folder.path(), STATEMENT);
    let refused = refusal(house.titles(anna).await);
    assert_eq!(refused, Refusal::Standing("beperking".to_owned()));
}
