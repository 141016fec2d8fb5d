//! The room on a real vault and under the shipped statements: delivered, listed, read, refused, swept.

mod house;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use basics::{Actor, Channel, Fault, Oin};
use vault::{Subjects, Tx};

use crate::*;
use house::{ANNA, BORIS, DELIVER, House, MIJNCN, MIJNOVERHEID, number, oin, without};

#[tokio::test]
async fn mo_6_a_letter_is_its_persons_alone() {
    let house = House::open().await;
    let (anna, boris) = (house.enrol(ANNA).await, house.enrol(BORIS).await);
    let letter = house.deliver(ANNA, house.letter("Uw aanslag <2026>")).await;

    let (status, list) = house.page(anna, "/berichten").await;
    assert_eq!(status, 200);
    for part in [
        "Uw aanslag &#60;2026&#62;",
        "Belastingdienst",
        "Ongelezen",
        "U hebt 1 ongelezen bericht",
        "20 november 2026",
    ] {
        assert!(list.contains(part), "{part} in {list}");
    }
    let (status, reading) = house.page(anna, &format!("/berichten/{letter}")).await;
    assert_eq!(status, 200);
    for part in [
        "<p>U krijgt <strong>€ 100</strong> terug.</p>",
        "KL-2026-7",
        "om 14.30 uur",
        "contact op met Belastingdienst",
    ] {
        assert!(reading.contains(part), "{part} in {reading}");
    }
    assert!(!house.page(anna, "/berichten").await.1.contains("Ongelezen"));

    assert!(
        house
            .page(boris, "/berichten")
            .await
            .1
            .contains("U hebt nog geen berichten")
    );
    assert_eq!(
        house.page(boris, &format!("/berichten/{letter}")).await.0,
        404
    );
}

#[tokio::test]
async fn what_is_not_there_is_anothers_or_is_no_id_has_one_answer() {
    let house = House::open().await;
    let (anna, boris) = (house.enrol(ANNA).await, house.enrol(BORIS).await);
    let mut letter = house.letter("Uw aanslag");
    house.attach(&mut letter, "aanslag.pdf", b"%PDF-1.7").await;
    let file = letter.attachments[0].attachment;
    let letter = house.deliver(ANNA, letter).await;
    let unknown = MessageId::new(&house.ids, house.clock.now());

    let ids = [
        letter.to_string(),
        unknown.to_string(),
        letter.to_string().to_uppercase(),
        "x".to_owned(),
        "%ff".to_owned(),
    ];
    let letters = ids.clone().map(|id| format!("/berichten/{id}"));
    let files = ids.map(|id| format!("/berichten/{id}/bijlagen/{file}"));
    for paths in [letters, files] {
        let mut first = None;
        for path in paths {
            let (status, page) = house.page(boris, &path).await;
            assert_eq!(status, 404, "{path}");
            assert_eq!(*first.get_or_insert(page.clone()), page, "{path}");
        }
    }
    assert_eq!(
        house
            .page(anna, &format!("/berichten/{letter}/bijlagen/{file}"))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_reading_is_recorded_and_told_once() {
    let mut house = House::open().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    house
        .listeners
        .read
        .push(Arc::new(move |_: &mut Tx<'_>, read: &Read| {
            heard.lock().unwrap().push(read.clone());
            Ok(())
        }));
    let (anna, boris) = (house.enrol(ANNA).await, house.enrol(BORIS).await);
    let first_read = house.clock.now();
    let letter = house.deliver(ANNA, house.letter("Uw aanslag")).await;
    house.page(boris, &format!("/berichten/{letter}")).await;
    assert!(told.lock().unwrap().is_empty());
    for _ in 0..3 {
        assert_eq!(
            house.page(anna, &format!("/berichten/{letter}")).await.0,
            200
        );
        house.clock.advance(Duration::from_secs(60));
    }
    let event = Read {
        message: letter,
        subject: anna,
        oin: oin(1),
        read_at: first_read,
    };
    assert_eq!(*told.lock().unwrap(), [event]);
}

#[tokio::test]
async fn a_listener_that_fails_undoes_the_delivery() {
    let mut house = House::open().await;
    house
        .listeners
        .arrived
        .push(Arc::new(|_: &mut Tx<'_>, arrived: &Arrived| {
            assert_eq!(arrived.oin, oin(1));
            Err(Fault::broken("no notification"))
        }));
    let anna = house.enrol(ANNA).await;
    assert!(
        house
            .try_deliver(ANNA, house.letter("Uw aanslag"))
            .await
            .is_err()
    );
    assert!(house.titles(anna).await.is_empty());
}

#[tokio::test]
async fn a_planned_letter_is_nowhere_until_it_appears() {
    let house = House::open().await;
    let anna = house.enrol(ANNA).await;
    let hour = Duration::from_secs(3600);
    let mut planned = house.letter("Gepland");
    planned.published_at = house.clock.now().plus(hour);
    planned.message = MessageId::new(&house.ids, planned.published_at);
    house.attach(&mut planned, "plan.pdf", b"%PDF-1.7").await;
    let file = planned.attachments[0].attachment;
    let planned = house.deliver(ANNA, planned).await;
    house.deliver(ANNA, house.letter("Nu")).await;

    let (letter, file) = (
        format!("/berichten/{planned}"),
        format!("/berichten/{planned}/bijlagen/{file}"),
    );
    let list = house.page(anna, "/berichten").await.1;
    assert!(!list.contains("Gepland") && list.contains("U hebt 1 ongelezen bericht"));
    assert_eq!(
        (
            house.page(anna, &letter).await.0,
            house.page(anna, &file).await.0
        ),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
    );

    house.clock.advance(hour);
    assert_eq!(house.titles(anna).await, ["Gepland", "Nu"]);
    assert!(
        house
            .page(anna, "/berichten")
            .await
            .1
            .contains("U hebt 2 ongelezen berichten")
    );
    assert_eq!(
        (
            house.page(anna, &letter).await.0,
            house.page(anna, &file).await.0
        ),
        (StatusCode::OK, StatusCode::OK)
    );
}

#[tokio::test]
async fn the_list_goes_twenty_a_page_newest_first() {
    let house = House::open().await;
    let anna = house.enrol(ANNA).await;
    let mut sent = Vec::new();
    for number in 0..45 {
        house.clock.advance(Duration::from_secs(1));
        sent.insert(
            0,
            house
                .deliver(ANNA, house.letter(&format!("Brief {number}")))
                .await,
        );
    }
    let listed = |page: &str| -> Vec<MessageId> {
        let links = page
            .split("postbus-letter__link\" href=\"/berichten/")
            .skip(1);
        links
            .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
            .collect()
    };
    let mut path = "/berichten".to_owned();
    for (part, is_first, is_last) in [
        (&sent[..20], true, false),
        (&sent[20..40], false, false),
        (&sent[40..], false, true),
    ] {
        let page = house.page(anna, &path).await.1;
        assert_eq!(listed(&page), part);
        assert_eq!(page.contains("Nieuwste berichten"), !is_first);
        assert_eq!(page.contains("Oudere berichten"), !is_last);
        path = format!("/berichten?voor={}", part.last().unwrap());
    }
    assert!(
        house
            .page(anna, &path)
            .await
            .1
            .contains("Er zijn geen oudere berichten")
    );
    assert_eq!(house.page(anna, "/berichten?voor=gisteren").await.0, 400);
}

#[tokio::test]
async fn an_attachment_comes_whole_as_a_file_to_save() {
    let house = House::open().await;
    let anna = house.enrol(ANNA).await;
    let mut letter = house.letter("Uw aanslag");
    house
        .attach(&mut letter, "Één/aanslag", b"%PDF-1.7 een")
        .await;
    house
        .attach(&mut letter, "twee.pdf", b"%PDF-1.7 twee")
        .await;
    letter.attachments[1].mime_type = "text/html".to_owned();
    let files: Vec<AttachmentId> = letter
        .attachments
        .iter()
        .map(|file| file.attachment)
        .collect();
    let letter = house.deliver(ANNA, letter).await;
    let page = house.page(anna, &format!("/berichten/{letter}")).await.1;
    assert!(page.contains("Download (PDF, 12\u{a0}bytes)"), "{page}");
    assert!(page.find("Één/aanslag").unwrap() < page.find("twee.pdf").unwrap());
    assert!(
        house
            .page(anna, "/berichten")
            .await
            .1
            .contains("2 bijlagen")
    );

    let (status, headers, bytes) = house
        .get(anna, &format!("/berichten/{letter}/bijlagen/{}", files[0]))
        .await;
    assert_eq!((status, &bytes[..]), (StatusCode::OK, &b"%PDF-1.7 een"[..]));
    assert_eq!(headers["content-type"], "application/pdf");
    assert_eq!(headers["content-length"], "12");
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename*=UTF-8''%C3%89%C3%A9n_aanslag.pdf"
    );
    assert_eq!(
        (
            &headers["cache-control"],
            &headers["x-content-type-options"]
        ),
        (&"no-store".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    let (_, headers, _) = house
        .get(anna, &format!("/berichten/{letter}/bijlagen/{}", files[1]))
        .await;
    assert_eq!(headers["content-type"], "application/octet-stream");
}

#[tokio::test]
async fn mo_30_a_person_says_no_to_an_organisation_and_yes_again() {
    let house = House::open().await;
    let anna = house.enrol(ANNA).await;
    house.enrol(BORIS).await;
    let wanted = async |digits: &str, from: Oin| {
        let number = number(digits);
        let ask = house.processing(
            DELIVER,
            Actor::Organisation(from.clone()),
            Subjects::Found,
            Channel::Api,
        );
        let answer = house.vault.read(ask, move |tx| {
            tx.find(&number)?;
            wants_post_from(tx, &from)
        });
        answer.await.unwrap()
    };
    let choose = async |yes: bool| {
        let choice = house.of_person(CHANGE_PREFERENCE, anna);
        house
            .vault
            .write(choice, move |tx| set_preference(tx, &oin(1), yes))
            .await
            .unwrap();
    };
    assert!(wanted(ANNA, oin(1)).await);
    for _ in 0..2 {
        choose(false).await;
        assert!(!wanted(ANNA, oin(1)).await);
        assert!(wanted(ANNA, oin(2)).await && wanted(BORIS, oin(1)).await);
    }
    choose(true).await;
    assert!(wanted(ANNA, oin(1)).await);
}

#[tokio::test]
async fn an_activity_out_of_the_statement_takes_its_page_along() {
    let house = House::with(&without("bijlage-openen"), "2026-11-20T13:30:00Z").await;
    let anna = house.enrol(ANNA).await;
    let mut letter = house.letter("Uw aanslag");
    house.attach(&mut letter, "aanslag.pdf", b"%PDF-1.7").await;
    let file = letter.attachments[0].attachment;
    let letter = house.deliver(ANNA, letter).await;
    let (status, page) = house.page(anna, &format!("/berichten/{letter}")).await;
    assert!(status == 200 && !page.contains("aanslag.pdf"), "{page}");
    let (status, page) = house
        .page(anna, &format!("/berichten/{letter}/bijlagen/{file}"))
        .await;
    assert!(
        status == 404 && page.contains("Deze pagina bestaat niet"),
        "{page}"
    );

    let house = House::with(&without("berichten-bekijken"), "2026-11-20T13:30:00Z").await;
    let anna = house.enrol(ANNA).await;
    assert_eq!(house.page(anna, "/berichten").await.0, 404);
    assert!(nav_item(&house.vault).is_none());
}

#[tokio::test]
async fn every_text_of_this_room_is_covered_by_the_shipped_statements() {
    let uncovered = async |statement: &str| {
        let house = House::with(statement, "2026-11-20T13:30:00Z").await;
        house.vault.uncovered_texts()
    };
    for statement in [MIJNOVERHEID, MIJNCN] {
        assert_eq!(uncovered(statement).await, Vec::<String>::new());
    }
    assert!(
        !uncovered(&without("berichtvoorkeur-wijzigen"))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn blobs_that_no_letter_claims_are_swept_after_an_hour() {
    // The blob folder tells the machine's time, which lies between these two.
    let house = House::with(MIJNOVERHEID, "2000-01-01T00:00:00Z").await;
    let anna = house.enrol(ANNA).await;
    let mut letter = house.letter("Uw aanslag");
    house.attach(&mut letter, "aanslag.pdf", b"%PDF-1.7").await;
    let file = letter.attachments[0].attachment;
    let letter = house.deliver(ANNA, letter).await;
    for _ in 0..70 {
        house
            .vault
            .put_blob(Bytes::from_static(b"%PDF-1.7 left behind"))
            .await
            .unwrap();
    }
    // A job runs it on any thread.
    let vault = house.vault.clone();
    let swept = tokio::spawn(async move { sweep_orphans(&vault).await });
    assert_eq!(swept.await.unwrap().unwrap(), 0);
    house.clock.advance(Duration::from_secs(200 * 365 * 86_400));
    assert_eq!(sweep_orphans(&house.vault).await.unwrap(), 70);
    assert_eq!(sweep_orphans(&house.vault).await.unwrap(), 0);
    assert_eq!(
        house
            .page(anna, &format!("/berichten/{letter}/bijlagen/{file}"))
            .await
            .0,
        200
    );
}
