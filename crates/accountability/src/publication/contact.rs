//! `/contact`: where to reach who answers for the data, how each right is asked for, who watches, where to complain (MO-77).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use statement::{Address, AddressKind, ListKind, Statement};
use web::{PageFault, Shell, page};

use super::document::{Block, Line, Link, Part};
use super::parts::{complaint, controller, officer, right_asked, supervisor};
use super::privacy::{PATH as PRIVACY_PATH, Publication};
use super::words::{Words, joined};

pub(crate) const PATH: &str = "/contact";

/// The addresses that a statement leaves to its installation: line by line, under the name of its `[[adres]]`.
pub type Addresses = BTreeMap<String, Vec<String>>;

#[derive(Template)]
#[template(path = "publication/contact.html")]
struct Contact<'a> {
    shell: &'a Shell,
    title: &'a str,
    lead: String,
    parts: Vec<Part>,
    statement: String,
}

pub(crate) async fn contact(
    State(publication): State<Publication>,
    shell: Shell,
) -> Result<Response, PageFault> {
    let register = publication.register();
    let words = Words::of(register.statement(), shell.language);
    let title = words.texts.reach_title;
    let shown = Contact {
        title,
        lead: words.texts.reach_lead(register.title()),
        parts: parts(&words, publication.addresses()),
        statement: shell.link(PRIVACY_PATH),
        shell: &shell,
    };
    Ok(page(&shell, title, &shown)?)
}

/// The names of the addresses that nobody has given: neither the statement nor the installation.
pub fn without_address<'s>(statement: &'s Statement, given: &Addresses) -> Vec<&'s str> {
    let all = statement.addresses.iter();
    all.filter(|address| lines(address, given).is_empty())
        .map(|address| address.name.as_str())
        .collect()
}

fn lines<'l>(address: &'l Address, given: &'l Addresses) -> &'l [String] {
    match given.get(&address.name) {
        Some(lines) if address.lines.is_empty() => lines,
        _ => &address.lines,
    }
}

fn parts(words: &Words<'_>, given: &Addresses) -> Vec<Part> {
    let (statement, texts) = (words.statement, words.texts);
    let mut reached = Part::new("bereiken", texts.contact_title, "");
    reached.say(controller(words));
    let addresses = statement.addresses.iter();
    let addresses: Vec<Line> = addresses.map(|one| reach(words, one, given)).collect();
    reached
        .blocks
        .extend((!addresses.is_empty()).then_some(Block::List(addresses)));
    let notices = statement.notices.iter();
    // Who turns to the helpdesk hears beforehand who else is told (MO-58).
    for notice in notices.filter(|notice| notice.list == Some(ListKind::Processors)) {
        reached.say(Line::new(words.own(&notice.text)));
    }
    let mut rights = Part::new("rechten", texts.rights_title, "");
    rights.list_plain(statement.rights.iter().map(|right| {
        let found = statement.addresses.iter();
        let found = found.filter(|address| right.addresses.contains(&address.name));
        let places: Vec<String> = found
            .map(|address| lines(address, given).join(", "))
            .filter(|place| !place.is_empty())
            .collect();
        right_asked(words, right, joined(places.iter().map(String::as_str)))
    }));
    let mut watching = Part::new("toezicht", texts.watching_title, "");
    let officer = officer(words).map(|line| {
        let names = statement.officer.iter().flat_map(|one| &one.addresses);
        let found =
            names.filter_map(|name| statement.addresses.iter().find(|one| one.name == *name));
        found.fold(line, |line, address| {
            let lines = lines(address, given);
            line.with_some((!lines.is_empty()).then(|| lines.join(", ")))
        })
    });
    watching.list_plain(officer.into_iter().chain(supervisor(words)));
    let mut complaints = Part::new("klacht", texts.complaint_title, "");
    complaints.blocks.extend(complaint(words).map(Block::Line));
    let parts = [reached, rights, watching, complaints].into_iter();
    parts.filter(|part| !part.blocks.is_empty()).collect()
}

/// An address with what kind it is, so that it can be written to or called at once.
fn reach(words: &Words<'_>, address: &Address, given: &Addresses) -> Line {
    let texts = words.texts;
    let scheme = match address.kind {
        AddressKind::Post | AddressKind::Desk => None,
        AddressKind::Email => Some("mailto:"),
        AddressKind::Phone => Some("tel:"),
        AddressKind::Website => Some(""),
    };
    let line = Line::of("adres", &address.name, words.kind(address));
    let line = match (lines(address, given), scheme) {
        ([], _) => line.with(texts.reach_ask(&words.statement.controller.name)),
        ([first, rest @ ..], Some(scheme)) => {
            let unspaced = first.replace(' ', "");
            let linked = Line {
                link: Some(Link {
                    address: format!("{scheme}{unspaced}"),
                    words: first.trim_start_matches("https://").to_owned(),
                }),
                ..line
            };
            rest.iter().fold(linked, |line, more| line.with(more))
        }
        (lines, None) => lines.iter().fold(line, |line, one| line.with(one)),
    };
    let mention = address.mention.as_ref();
    line.with_some(mention.map(|text| texts.mention(words.own(text))))
}
