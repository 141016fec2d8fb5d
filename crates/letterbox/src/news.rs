//! What is new in the letterbox, as a piece of the home page: unread letters and days before which something must be done.

use std::collections::BTreeMap;

use askama::Template;
use basics::{Fault, Moment, Oin};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use vault::ReadTx;
use web::Shell;

use crate::message::{Folder, Listed, is_still_due};
use crate::messages;
use crate::row::{Row, row, senders};
use crate::unread::Unread;

/// The letters that are looked through for something to tell.
const LOOKED_AT: i64 = 100;
const MOST_UNREAD: usize = 5;
const MOST_DUE: usize = 5;
/// A last day that is further away is no news yet.
const DAYS_AHEAD: i64 = 42;

/// What is new, as it was found.
pub struct News {
    unread: Unread,
    is_empty: bool,
    latest: Vec<Listed>,
    due: Vec<Listed>,
    names: BTreeMap<Oin, String>,
    now: Moment,
}

/// For who may look at their letters; `time_zone` says what day it is.
pub fn find_news(tx: &mut ReadTx<'_>, time_zone: &str) -> Result<News, Fault> {
    let now = tx.now();
    let letters = messages::list(tx, Folder::Inbox, None, LOOKED_AT)?;
    let (names, is_empty) = (senders(tx, &letters)?, letters.is_empty());
    let horizon = horizon(now, time_zone);
    let (mut latest, mut due) = (Vec::new(), Vec::new());
    for letter in letters {
        let soon = letter
            .act_before
            .filter(|day| *day <= horizon && is_still_due(*day, now, time_zone));
        if let Some(day) = soon {
            due.push((day, letter));
        } else if letter.read_at.is_none() && latest.len() < MOST_UNREAD {
            latest.push(letter);
        }
    }
    // What is unread comes first, so that no letter is told nowhere before all that is read.
    due.sort_by_key(|(day, letter): &(Date, Listed)| (letter.read_at.is_some(), *day));
    due.truncate(MOST_DUE);
    due.sort_by_key(|(day, _)| *day);
    Ok(News {
        unread: Unread::count(tx)?,
        is_empty,
        latest,
        due: due.into_iter().map(|(_, letter)| letter).collect(),
        names,
        now,
    })
}

fn horizon(now: Moment, time_zone: &str) -> Date {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let today = now.timestamp().to_zoned(zone).date();
    today.saturating_add(DAYS_AHEAD.days())
}

#[derive(Template)]
#[template(path = "news.html")]
struct Piece<'a> {
    shell: &'a Shell,
    lead: String,
    latest: Vec<Row>,
    due: Vec<Row>,
    all: String,
    /// Nothing can be ticked here.
    actions: [(); 0],
    ticked: bool,
}

impl News {
    /// The HTML of the piece, for inside a page's main part.
    pub fn show(self, shell: &Shell) -> Result<String, Fault> {
        let rows = |letters: Vec<Listed>| {
            letters
                .into_iter()
                .map(|letter| row(shell, letter, &self.names, self.now))
                .collect()
        };
        let lead = if self.is_empty {
            shell.texts().letterbox.none.to_owned()
        } else {
            self.unread.sentence(shell.texts())
        };
        let piece = Piece {
            shell,
            lead,
            latest: rows(self.latest),
            due: rows(self.due),
            all: shell.link(Folder::Inbox.path()),
            actions: [],
            ticked: false,
        };
        piece
            .render()
            .map_err(|why| Fault::broken(format!("rendering what is new: {why}")))
    }
}
