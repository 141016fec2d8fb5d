//! Every page of the gallery as a snapshot: whole in Dutch at MijnOverheid, by its words in other languages and places.
//!
//! What a browser makes of the same pages is checked by `cargo xtask gallery`.

mod reading;

use testkit::gallery::{Captured, Place, capture};

use reading::{short, skeleton, with_ids_numbered, words};

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/all/gallery/snapshots"
    ));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let filters = [
        (r"\b[0-9a-f]{64}\b", "(token)"),
        (r"\b[0-9a-f]{32}\b", "(trace)"),
        (r"\b(code|state)=[\w-]+", "$1=($1)"),
        (r"127\.0\.0\.1%3A[0-9]+", "127.0.0.1%3A(port)"),
        // Of a row of the log; it ends with its writer's number, of which a server gives one to each.
        (r"\bvoor=[0-9]+", "voor=(row)"),
        (r"/assets/postbus\.[0-9a-f]+\.", "/assets/postbus.(hash)."),
    ];
    for (found, shown) in filters {
        settings.add_filter(found, shown);
    }
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The words of every page in one snapshot.
fn snapshot_words(name: &str, captured: &Captured) {
    let of_page = |shown| format!("# {}\n", words(shown));
    let all: String = captured.shown.iter().map(of_page).collect();
    snapshot(name, &all);
}

/// Another language changes the words of a page and nothing else.
fn assert_same_pages(one: &Captured, other: &Captured) {
    assert_eq!(one.shown.len(), other.shown.len());
    for (one, other) in one.shown.iter().zip(&other.shown) {
        assert_eq!(skeleton(one), skeleton(other), "{}", one.page);
    }
}

#[tokio::test]
async fn mo_49_every_page_of_mijnoverheid() {
    let place = Place::MijnOverheid;
    let (dutch, english) = tokio::join!(capture(place, "nl"), capture(place, "en"));
    for shown in &dutch.shown {
        let (status, path, page) = (shown.answer.status, &shown.path, shown.answer.text());
        let whole = with_ids_numbered(&format!("{status} {path}\n{page}"));
        snapshot(shown.page, &short(&whole));
    }
    assert_same_pages(&dutch, &english);
    snapshot_words("mijnoverheid_en", &english);
}

#[tokio::test]
async fn cj_38_every_page_that_asks_for_an_opinion() {
    let asked = capture(Place::Cjib, "nl").await;
    for shown in &asked.shown {
        let (status, path, page) = (shown.answer.status, &shown.path, shown.answer.text());
        let whole = with_ids_numbered(&format!("{status} {path}\n{page}"));
        snapshot(shown.page, &short(&whole));
    }
}

#[tokio::test]
async fn every_page_of_mijncn() {
    let place = Place::MijnCn;
    let dutch = capture(place, "nl");
    let (dutch, english, papiamentu) =
        tokio::join!(dutch, capture(place, "en"), capture(place, "pap"));
    assert_same_pages(&dutch, &english);
    assert_same_pages(&dutch, &papiamentu);
    snapshot_words("mijncn_nl", &dutch);
    snapshot_words("mijncn_en", &english);
    snapshot_words("mijncn_pap", &papiamentu);
}
