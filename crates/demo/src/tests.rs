//! A whole world made in a temporary folder, and looked at afterwards through the letterbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use basics::{Activity, Clock, Fault, Moment, SubjectId, Trace};
use letterbox::{Listeners, MessageId};
use organisations::Scopes;
use serde_json::Value;
use vault::{Processing, Tx};

use crate::Engine;
use crate::crowd::{Crowd, Size};
use crate::filling::Filling;
use crate::folder::{Asked, Folder};
use crate::past::Past;
use crate::plan::{Planned, plan};
use crate::progress::Progress;
use crate::sample::Sample;
use crate::shown::{Shown, installations};

fn now() -> Moment {
    Moment::from_timestamp("2026-11-22T15:30:00Z".parse().unwrap())
}

/// MijnOverheid with a few of its people.
fn small(people: &[&str], size: Size) -> Shown {
    let [mut shown, _] = installations(8080, size).unwrap();
    shown
        .sample
        .people
        .retain(|person| people.contains(&person.key.as_str()));
    shown
}

/// A world whose two years have been lived through.
struct Lived {
    past: Past,
    planned: Vec<Planned>,
    filling: Filling,
}

async fn live(shown: &Shown, folder: &Folder) -> Lived {
    let place = folder.filling("x").unwrap();
    let clock = Clock::fixed(now().minus(Duration::from_secs(740 * 24 * 3600)));
    let installation = shown.open(folder, &place, clock.clone()).await.unwrap();
    let mut past = Past::new(installation, clock);
    let planned = plan(&shown.sample, now()).unwrap();
    let mut filling = Filling::begin(&past, shown.sample.clone(), planned.clone())
        .await
        .unwrap();
    filling
        .up_to(
            &mut past,
            now(),
            &mut Progress::new("Letters", planned.len()),
        )
        .await
        .unwrap();
    past.advance_to(now());
    Lived {
        past,
        planned,
        filling,
    }
}

async fn of_person<T: Send + 'static>(
    past: &Past,
    subject: SubjectId,
    activity: Activity,
    closure: impl Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
) -> T {
    let trace = Trace::new(past.installation.vault.ids());
    let processing = Processing::own(activity, subject, trace);
    past.installation
        .vault
        .write(processing, closure)
        .await
        .unwrap()
}

/// How many lie in the bin and in the archive, and how many of all were never read. Changes all of that.
async fn lie(past: &Past, subject: SubjectId, letters: Vec<MessageId>) -> (usize, usize, usize) {
    let all = letters.clone();
    let binned = of_person(past, subject, letterbox::BIN_MESSAGES, move |tx| {
        letterbox::restore(tx, &all)
    })
    .await;
    let all = letters.clone();
    let archived = of_person(past, subject, letterbox::ARCHIVE_MESSAGES, move |tx| {
        letterbox::unarchive(tx, &all)
    })
    .await;
    let first = Arc::new(AtomicUsize::new(0));
    let tell = Arc::clone(&first);
    let listeners = Listeners {
        read: vec![Arc::new(move |_: &mut Tx<'_>, _: &letterbox::Read| {
            tell.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })],
        ..Listeners::default()
    };
    of_person(past, subject, letterbox::READ_MESSAGE, move |tx| {
        // Those that have not appeared are not there to read.
        letters
            .iter()
            .try_for_each(|letter| letterbox::read(tx, &listeners, *letter).map(drop))
    })
    .await;
    (binned.len(), archived.len(), first.load(Ordering::SeqCst))
}

#[tokio::test]
async fn the_sample_world_is_delivered_read_and_put_away_as_planned() {
    let there = tempfile::tempdir().unwrap();
    let folder = Folder::new(there.path());
    folder.prepare(false, Asked::default()).unwrap();
    let shown = small(
        &["amina", "willem", "olga", "fleur", "jan", "pieter"],
        Size::default(),
    );
    let Lived {
        past,
        planned,
        filling,
    } = live(&shown, &folder).await;

    assert!(planned.len() > 60);
    for (person, whom) in shown.sample.people.iter().enumerate() {
        let Some(subject) = filling.subject(person) else {
            assert_eq!(whom.key, "olga");
            continue;
        };
        let appeared = |planned: &Planned| planned.person == person && planned.publish_at.is_none();
        let mine: Vec<&Planned> = planned.iter().filter(|planned| appeared(planned)).collect();
        let messages = filling.messages_of(person);
        let count = |has: fn(&Planned) -> bool| mine.iter().filter(|planned| has(planned)).count();
        let as_planned = (
            count(|planned| planned.fate.binned_at.is_some()),
            count(|planned| planned.fate.archived_at.is_some()),
            count(|planned| planned.fate.read_at.is_none()),
        );
        assert_eq!(
            lie(&past, subject, messages).await,
            as_planned,
            "{}",
            whom.key
        );
    }
    assert!(
        past.installation
            .vault
            .verify_log()
            .await
            .unwrap()
            .is_whole()
    );
}

#[tokio::test]
async fn receipts_tell_of_the_day_and_a_planned_letter_waits() {
    let there = tempfile::tempdir().unwrap();
    let folder = Folder::new(there.path());
    folder.prepare(false, Asked::default()).unwrap();
    let shown = small(&["willem"], Size::default());
    let Lived {
        past,
        planned,
        filling,
    } = live(&shown, &folder).await;
    let router = past.installation.router();
    let mut statuses = Vec::new();
    for (planned, message) in planned.iter().zip(filling.messages_of(0)) {
        let oin = shown.sample.organisations[planned.organisation]
            .oin()
            .unwrap();
        let token = past.installation.tokens.issue(&oin, Scopes::all()).unwrap();
        let request = Request::get(format!("/api/v1/aanleveringen/{message}"))
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let Ok(answer) = tower::ServiceExt::oneshot(router.clone(), request).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body = to_bytes(answer.into_body(), 1 << 16).await.unwrap();
        let receipt: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            receipt["tijdstipOntvangst"],
            planned.at.to_string(),
            "{receipt}"
        );
        statuses.push((
            planned.publish_at.is_some(),
            receipt["status"].as_str().unwrap_or_default().to_owned(),
        ));
    }
    assert!(statuses.contains(&(true, "gepland".to_owned())));
    assert!(statuses.contains(&(false, "afgeleverd".to_owned())));
}

#[tokio::test]
async fn an_installation_that_was_cut_off_begins_anew_and_is_made_once() {
    begins_anew_and_is_made_once(Engine::Embedded).await;
}

#[tokio::test]
async fn one_on_a_server_that_was_cut_off_begins_anew_and_is_made_once() {
    begins_anew_and_is_made_once(Engine::Server).await;
}

async fn begins_anew_and_is_made_once(engine: Engine) {
    let there = tempfile::tempdir().unwrap();
    let mut folder = Folder::new(there.path());
    let asked = Asked {
        engine: Some(engine),
        ..Asked::default()
    };
    assert!(folder.prepare(false, asked).unwrap().engine == engine);
    if engine == Engine::Server {
        folder = folder.served().unwrap();
    }
    let size = Size {
        people: 12,
        letters: 120,
    };
    let shown = small(&["fleur", "jan"], size);
    let place = folder.filling(shown.name).unwrap();
    let cut_off = shown
        .open(&folder, &place, Clock::fixed(now()))
        .await
        .unwrap();
    let number = shown.sample.number(&shown.sample.people[0]).unwrap();
    let trace = Trace::new(cut_off.vault.ids());
    let subject = cut_off
        .people
        .bring_in(number.clone(), trace)
        .await
        .unwrap();
    drop(cut_off);
    assert!(!folder.place(shown.name).is_there());

    shown.fill(&folder, now()).await.unwrap();
    let whole = shown
        .open(&folder, &folder.place(shown.name), Clock::fixed(now()))
        .await
        .unwrap();
    let anew = whole.people.bring_in(number.clone(), trace).await.unwrap();
    assert_ne!(anew, subject, "nothing of the first is left");
    drop(whole);
    shown.fill(&folder, now()).await.unwrap();
    let again = shown
        .open(&folder, &folder.place(shown.name), Clock::fixed(now()))
        .await
        .unwrap();
    assert_eq!(
        again.people.bring_in(number, trace).await.unwrap(),
        anew,
        "a second start finds the first"
    );
    assert!(again.vault.verify_log().await.unwrap().is_whole());
}

#[tokio::test]
async fn a_crowd_gets_all_its_letters() {
    let there = tempfile::tempdir().unwrap();
    let folder = Folder::new(there.path());
    folder.prepare(false, Asked::default()).unwrap();
    let size = Size {
        people: 30,
        letters: 333,
    };
    let sample = Sample::mijnoverheid().unwrap();
    let shown = small(&[], size);
    let clock = Clock::fixed(now().minus(Duration::from_secs(3 * 24 * 3600)));
    let place = folder.filling("x").unwrap();
    let mut past = Past::new(
        shown.open(&folder, &place, clock.clone()).await.unwrap(),
        clock,
    );
    let mut crowd = Crowd::begin(&past, &sample, size).await.unwrap();
    let mut progress = Progress::new("Letters", size.letters);
    let mut read = 0;
    for part in 1..=3 {
        let day = jiff::civil::date(2026, 11, 16 + part);
        let part = usize::try_from(part).unwrap();
        let deeds = crowd
            .day(&mut past, day, (part, 3), &mut progress)
            .await
            .unwrap();
        read += deeds.len();
        Crowd::act(&past, deeds).await.unwrap();
        assert_eq!(crowd.delivered(), size.letters * part / 3);
    }
    assert!((200..333).contains(&read), "{read} deeds");
}
