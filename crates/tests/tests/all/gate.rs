//! The gate before what a closure asks: on a server its question travels with the first of a read, and nothing is heard before it
//! has decided.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use basics::{Activity, Actor, Channel, Fault, FaultKind, Refusal, SubjectId};
use testkit::{ANNA, BORIS, Product};
use vault::{Processing, Sql, Standing, Subjects, sql};

use crate::ending::sweep::{restrict, with_letter};

const LETTERS: &Sql = sql!("SELECT message_id FROM messages WHERE subject_id = $1");
const UNREAD: &Sql =
    sql!("SELECT message_id FROM messages WHERE subject_id = $1 AND read_at IS NULL");

fn looking(product: &Product, whose: SubjectId, by: SubjectId) -> Processing {
    Processing::of(
        Activity("berichten-bekijken"),
        Actor::Person(by),
        Subjects::One(whose),
        Channel::Web,
        product.trace(),
    )
}

fn is_refused_for_a_limit<T>(answer: &Result<T, Fault>) -> bool {
    let refusal = answer.as_ref().err().map(Fault::kind);
    matches!(refusal, Some(FaultKind::Refused(Refusal::Standing(kind))) if kind == "beperking")
}

#[tokio::test]
async fn whoever_is_refused_has_heard_nothing_whatever_their_closure_makes_of_it() {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    let anna = product.activate(&ANNA).await;
    let looking = || looking(&product, anna, anna);
    let vault = product.vault();
    let heard = Arc::new(AtomicUsize::new(0));

    let hears = Arc::clone(&heard);
    let stubborn = move |tx: &mut vault::ReadTx<'_>| {
        for text in [LETTERS, UNREAD, LETTERS] {
            let asked = tx.query(text, &[], |_| {
                hears.fetch_add(1, SeqCst);
                Ok(())
            });
            // Whatever it was, it goes on.
            drop(asked);
        }
        Ok::<_, Fault>(())
    };
    vault.read(looking(), stubborn.clone()).await.unwrap();
    let letters = heard.swap(0, SeqCst);
    assert!(letters > 0, "there is a letter");

    restrict(&product, anna, "*").await;
    let refused = vault.read(looking(), stubborn.clone()).await;
    assert!(is_refused_for_a_limit(&refused), "{refused:?}");
    assert_eq!(heard.load(SeqCst), 0);
    // Neither who asks nothing gets an answer, nor who ends with a fault of their own.
    let silent = vault.read(looking(), |_| Ok::<_, Fault>(())).await;
    assert!(is_refused_for_a_limit(&silent), "{silent:?}");
    let own = vault.read(looking(), |_| Err::<(), _>(Fault::broken("nothing found")));
    assert!(is_refused_for_a_limit(&own.await));

    let operator = Processing::of(
        Activity("account-overbrengen"),
        Actor::Operator,
        Subjects::One(anna),
        Channel::Terminal,
        product.trace(),
    );
    let lifted = vault.write(operator, |tx| tx.lift(Standing::Restriction, "*"));
    lifted.await.unwrap();
    vault.read(looking(), stubborn).await.unwrap();
    assert_eq!(heard.load(SeqCst), letters);
}

#[tokio::test]
async fn another_person_is_refused_before_anything_is_asked() {
    let product = Product::mijnoverheid().await;
    let (anna, boris) = (
        product.activate(&ANNA).await,
        product.activate(&BORIS).await,
    );
    let asked = Arc::new(AtomicUsize::new(0));
    let asks = Arc::clone(&asked);
    let vault = product.vault();
    let refused = vault.read(looking(&product, anna, boris), move |tx| {
        asks.fetch_add(1, SeqCst);
        tx.query(LETTERS, &[], |_| Ok(()))
    });
    let refused = refused.await;
    let kind = refused.as_ref().err().map(Fault::kind);
    assert!(
        matches!(kind, Some(FaultKind::Refused(Refusal::Subject))),
        "{refused:?}"
    );
    assert_eq!(asked.load(SeqCst), 0);
}
