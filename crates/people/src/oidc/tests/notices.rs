//! Notices of a logout with a key that is not known: anybody can send them, so they cost nobody anything.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use basics::{Fault, FaultKind};
use demo_provider::ClientKeys;
use tokio::net::TcpListener;

use super::super::{LogoutNotice, NoticeRefusal, TokenFault};
use super::world::{World, demo, serve};

type Heard = Result<LogoutNotice, NoticeRefusal>;

/// Signed by nobody.
fn junk() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"onbekend"}"#);
    format!("{header}.e30.AA")
}

fn later(answer: Heard) -> Fault {
    match answer {
        Err(NoticeRefusal::Fault(fault)) if matches!(fault.kind(), FaultKind::Unavailable(_)) => {
            fault
        }
        other => panic!("{other:?}"),
    }
}

fn assert_unknown(answer: &Heard) {
    let unknown = matches!(answer, Err(NoticeRefusal::BadToken(TokenFault::UnknownKey)));
    assert!(unknown, "{answer:?}");
}

/// The provider, with a count of how often it is asked what it is.
async fn counted(world: &mut World) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let address = world.stop().await;
    let keys = ClientKeys::Given(world.provider.jwks());
    let counts = Arc::clone(&asked);
    let count = move |request: axum::extract::Request, next: axum::middleware::Next| {
        if request.uri().path().starts_with("/.well-known/") {
            counts.fetch_add(1, Ordering::Relaxed);
        }
        next.run(request)
    };
    let router = demo(address, keys, &world.clock).router();
    let router = router.layer(axum::middleware::from_fn(count));
    world.serving = serve(TcpListener::bind(address).await.unwrap(), router);
    asked
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_once_a_minute_and_else_judged_later() {
    let mut world = World::new().await;
    let asked = counted(&mut world).await;
    let hear = async |world: &World| world.provider.read_logout(&junk()).await;
    let times = || asked.load(Ordering::Relaxed);

    world.provider.begin().await.unwrap();
    assert!(later(hear(&world).await).is_told());
    assert_eq!(times(), 1);
    world.clock.advance(Duration::from_secs(60));
    assert_unknown(&hear(&world).await);
    assert!(later(hear(&world).await).is_told());
    assert_eq!(times(), 2);
    // A clock that is set back does not shut it out for as long.
    world
        .clock
        .set(world.clock.now().minus(Duration::from_secs(600)));
    assert_unknown(&hear(&world).await);
    assert_eq!(times(), 3);
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_asked_again_for_each_notice() {
    let mut world = World::new().await;
    world.provider.begin().await.unwrap();
    let address = world.stop().await;
    world.clock.advance(Duration::from_secs(60));
    let first = later(world.provider.read_logout(&junk()).await);
    assert!(!first.is_told(), "{first}");
    // Whoever listens now would be asked.
    let listener = TcpListener::bind(address).await.unwrap();
    world.clock.advance(Duration::from_secs(59));
    assert!(later(world.provider.read_logout(&junk()).await).is_told());
    world.serving = serve(
        listener,
        demo(
            address,
            ClientKeys::Given(world.provider.jwks()),
            &world.clock,
        )
        .router(),
    );
    world.clock.advance(Duration::from_secs(1));
    assert_unknown(&world.provider.read_logout(&junk()).await);
}

#[tokio::test]
async fn nobody_waits_for_the_look_up_of_a_notice_while_the_provider_is_known() {
    let mut world = World::new().await;
    world.provider.begin().await.unwrap();
    let silent = TcpListener::bind(world.stop().await).await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    let token = junk();
    let mut notice = pin!(world.provider.read_logout(&token));
    let asking = tokio::select! {
        answer = &mut notice => panic!("{answer:?}"),
        asking = silent.accept() => asking.unwrap(),
    };
    tokio::select! {
        biased;
        begun = world.provider.begin() => drop(begun.unwrap()),
        _ = &mut notice => panic!("a login waited for a notice"),
    }
    drop(asking);
}
