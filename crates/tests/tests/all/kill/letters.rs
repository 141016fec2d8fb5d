//! The letters of this test, each made from its number alone, and the ledger of what is known of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::reader::Shown;
use super::sender::{OIN, Outcome};

/// Test numbers of the people who get the letters.
pub const PEOPLE: [&str; 4] = ["999993653", "999990007", "999991073", "999992132"];

/// One letter in so many has an attachment; coprime to the number of people, so that everyone gets some.
const WITH_PDF: usize = 5;

/// Attachments behind their own first bytes: over three chunks of 64 kB, three to the byte, and one byte over two.
static REST_OF_PDF: LazyLock<[(Vec<u8>, String); 3]> = LazyLock::new(|| {
    [200_000, 3 << 16, (2 << 16) + 1].map(|size| {
        let bytes: Vec<u8> = (0..size - HEAD_OF_PDF).map(|at| (at % 251) as u8).collect();
        let text = STANDARD.encode(&bytes);
        (bytes, text)
    })
});
/// A multiple of three: base64 of it goes on without padding.
const HEAD_OF_PDF: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Letter(usize);

impl Letter {
    pub fn title(self) -> String {
        format!("Brief {:06}", self.0)
    }

    pub fn key(self) -> String {
        format!("brief-{}", self.0)
    }

    pub fn person(self) -> usize {
        self.0 % PEOPLE.len()
    }

    pub fn first_line(self) -> String {
        format!("Dit is het begin van brief {}.", self.0)
    }

    pub fn last_line(self) -> String {
        format!("Dit is het einde van brief {}.", self.0)
    }

    pub fn pdf(self) -> Option<Vec<u8>> {
        let (rest, _) = self.rest_of_pdf()?;
        Some([self.head_of_pdf().as_bytes(), rest].concat())
    }

    /// The request, the same to the byte each time.
    pub fn body(self) -> Vec<u8> {
        let middle =
            "Deze regel staat er om de brief zo lang te maken als brieven zijn. ".repeat(21);
        let mut body = json!({
            "afzender": OIN,
            "ontvanger": { "type": "BSN", "waarde": PEOPLE[self.person()] },
            "onderwerp": self.title(),
            "inhoud": format!("{}\n\n{middle}\n\n{}", self.first_line(), self.last_line()),
        });
        if let Some((_, rest)) = self.rest_of_pdf() {
            let pdf = STANDARD.encode(self.head_of_pdf()) + rest;
            body["bijlagen"] =
                json!([{ "naam": "bijlage.pdf", "mimeType": "application/pdf", "inhoud": pdf }]);
        }
        serde_json::to_vec(&body).expect("it is JSON")
    }

    fn rest_of_pdf(self) -> Option<&'static (Vec<u8>, String)> {
        self.0
            .is_multiple_of(WITH_PDF)
            .then(|| &REST_OF_PDF[self.0 / WITH_PDF % REST_OF_PDF.len()])
    }

    fn head_of_pdf(self) -> String {
        let head = format!("%PDF-1.7\n%brief {:07}\n", self.0);
        assert_eq!(head.len(), HEAD_OF_PDF);
        head
    }
}

/// What the clients take their next letter from: those handed in for another time first, then new ones.
#[derive(Default)]
pub struct Post {
    again: Mutex<VecDeque<Letter>>,
    next: AtomicUsize,
}

impl Post {
    pub fn hand_in(&self, letter: Letter, times: u64) {
        let mut again = self.again.lock().expect("nobody panicked with it");
        again.extend((0..times).map(|_| letter));
    }

    /// The next of those that were handed in for another time.
    pub fn handed_in(&self) -> Option<Letter> {
        let mut again = self.again.lock().expect("nobody panicked with it");
        again.pop_front()
    }

    pub fn next(&self) -> Letter {
        let again = self.handed_in();
        again.unwrap_or_else(|| Letter(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// What is known of each letter that was sent.
#[derive(Default)]
pub struct Ledger {
    sent: BTreeMap<Letter, Known>,
    /// Ids of letters that were shown, so must stay read.
    read: BTreeSet<String>,
}

#[derive(Default)]
struct Known {
    /// The id that came with a 201.
    answered: Option<String>,
    /// The id under which its person saw it.
    seen: Option<String>,
    cuts: usize,
    answers: usize,
}

impl Ledger {
    pub fn note(&mut self, letter: Letter, outcome: Outcome) {
        let known = self.sent.entry(letter).or_default();
        let Outcome::Created(id) = outcome else {
            known.cuts += 1;
            return;
        };
        known.answers += 1;
        for before in [&known.answered, &known.seen].into_iter().flatten() {
            assert_eq!(
                *before, id,
                "{letter:?} was there already, and got another id"
            );
        }
        known.answered = Some(id);
    }

    pub fn note_read(&mut self, ids: Vec<String>) {
        self.read.extend(ids);
    }

    /// Those that were answered, with their ids, and those of which nothing is known.
    pub fn split(&self, letters: &[Letter]) -> (Vec<(Letter, String)>, Vec<Letter>) {
        let id = |letter: &Letter| {
            self.sent
                .get(letter)
                .and_then(|known| known.answered.clone())
        };
        let answered = letters
            .iter()
            .filter_map(|letter| Some((*letter, id(letter)?)))
            .collect();
        (
            answered,
            letters
                .iter()
                .copied()
                .filter(|letter| id(letter).is_none())
                .collect(),
        )
    }

    pub fn answered(&self) -> Vec<(Letter, String)> {
        self.split(&self.sent.keys().copied().collect::<Vec<_>>()).0
    }

    /// Holds all that a person is shown against all that was sent to them. Answers what to open: what they see for the
    /// first time, or `all`.
    pub fn compare(&mut self, person: usize, shown: &[Shown], all: bool) -> Vec<(Letter, String)> {
        let mut by_title: BTreeMap<&str, &Shown> = BTreeMap::new();
        for letter in shown {
            let twice = by_title.insert(&letter.title, letter);
            assert!(
                twice.is_none(),
                "{} shows twice, as {} and as {}",
                letter.title,
                letter.id,
                twice.map_or("", |other| &other.id)
            );
            assert!(
                !(letter.is_unread && self.read.contains(&letter.id)),
                "{} was read, and is unread again",
                letter.title
            );
        }
        let mut to_open = Vec::new();
        for (letter, known) in self
            .sent
            .iter_mut()
            .filter(|(letter, _)| letter.person() == person)
        {
            let found = by_title
                .remove(letter.title().as_str())
                .map(|shown| shown.id.clone());
            for (id, how) in [
                (&known.answered, "answered 201"),
                (&known.seen, "shown before"),
            ] {
                assert!(
                    id.is_none() || *id == found,
                    "{letter:?} was {how} as {id:?}, and is now shown as {found:?}"
                );
            }
            if let Some(id) = &found
                && (all || known.seen.is_none())
            {
                to_open.push((*letter, id.clone()));
            }
            known.seen = found;
        }
        assert!(
            by_title.is_empty(),
            "letters that nobody sent to this person: {:?}",
            by_title.keys()
        );
        to_open
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |which: &dyn Fn(&Known) -> bool| {
            self.sent.values().filter(|known| which(known)).count()
        };
        let with_pdf = self
            .sent
            .iter()
            .filter(|(letter, known)| known.seen.is_some() && letter.pdf().is_some())
            .count();
        let cuts: usize = self.sent.values().map(|known| known.cuts).sum();
        write!(
            f,
            "{} letters sent, {} answered 201 ({} more than once), {} shown, {with_pdf} of them with an attachment; \
             {cuts} deliveries cut off or refused, {} letters never answered, of which {} had arrived; {} seen to be read under load",
            self.sent.len(),
            count(&|known| known.answered.is_some()),
            count(&|known| known.answers > 1),
            count(&|known| known.seen.is_some()),
            count(&|known| known.answered.is_none()),
            count(&|known| known.answered.is_none() && known.seen.is_some()),
            self.read.len(),
        )
    }
}
