//! `POST …/archief`, `…/prullenbak` and the undoing of each: for one letter from its own page, for many ticked in a list.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use basics::{Activity, Fault};
use language::Texts;
use serde::Deserialize;
use vault::Tx;
use web::{Form, PageFault, Shell, Traced, Visitor};

use crate::message::{Folder, MessageId};
use crate::{ARCHIVE_MESSAGES, BIN_MESSAGES, Letterbox, messages, of_visitor};

/// More boxes than any page has.
const MOST_AT_ONCE: usize = 100;

/// A change of where letters lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    Archive,
    Unarchive,
    Bin,
    Restore,
}

impl Move {
    pub(crate) const ALL: [Move; 4] = [Move::Archive, Move::Unarchive, Move::Bin, Move::Restore];

    /// What can be done with the letters of a folder.
    pub(crate) const fn out_of(folder: Folder) -> &'static [Move] {
        match folder {
            Folder::Inbox => &[Move::Archive, Move::Bin],
            Folder::Archive => &[Move::Unarchive, Move::Bin],
            Folder::Bin => &[Move::Restore],
        }
    }

    pub(crate) const fn activity(self) -> Activity {
        match self {
            Move::Archive | Move::Unarchive => ARCHIVE_MESSAGES,
            Move::Bin | Move::Restore => BIN_MESSAGES,
        }
    }

    /// Behind `/berichten` for many, behind the letter for one.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Move::Archive => "/archief",
            Move::Unarchive => "/archief/ongedaan-maken",
            Move::Bin => "/prullenbak",
            Move::Restore => "/prullenbak/ongedaan-maken",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Move::Archive => "gearchiveerd",
            Move::Unarchive => "uit-archief",
            Move::Bin => "weggegooid",
            Move::Restore => "teruggezet",
        }
    }

    pub(crate) const fn label(self, texts: &Texts) -> &'static str {
        let words = &texts.letterbox;
        match self {
            Move::Archive => words.archive,
            Move::Unarchive => words.unarchive,
            Move::Bin => words.bin,
            Move::Restore => words.restore,
        }
    }

    const fn undoing(self) -> Option<Move> {
        match self {
            Move::Archive => Some(Move::Unarchive),
            Move::Bin => Some(Move::Restore),
            Move::Unarchive | Move::Restore => None,
        }
    }

    fn make(self, tx: &mut Tx<'_>, letters: &[MessageId]) -> Result<Vec<MessageId>, Fault> {
        match self {
            Move::Archive => messages::archive(tx, letters),
            Move::Unarchive => messages::unarchive(tx, letters),
            Move::Bin => messages::bin(tx, letters),
            Move::Restore => messages::restore(tx, letters),
        }
    }
}

/// What has just been done, as the list tells it.
pub(crate) struct Done {
    how: Move,
    letters: Vec<MessageId>,
}

impl Done {
    /// From the query of a list; `None` when it is not one of ours.
    pub(crate) fn of(how: &str, letters: &[String]) -> Option<Self> {
        Some(Self {
            how: Move::ALL.into_iter().find(|each| each.name() == how)?,
            letters: parse(letters)?,
        })
    }

    pub(crate) fn letters(&self) -> &[MessageId] {
        &self.letters
    }

    pub(crate) fn sentence(&self, texts: &Texts) -> String {
        let (words, count) = (&texts.letterbox, self.letters.len() as i64);
        match self.how {
            Move::Archive => words.archived(count),
            Move::Unarchive => words.unarchived(count),
            Move::Bin => words.binned(count),
            Move::Restore => words.restored(count),
        }
    }

    pub(crate) fn undo_path(&self) -> Option<String> {
        self.how
            .undoing()
            .map(|undoing| format!("/berichten{}", undoing.path()))
    }
}

/// What a list's form sends.
#[derive(Deserialize)]
struct Ticked {
    #[serde(default)]
    bericht: Vec<String>,
    van: Option<String>,
    voor: Option<String>,
}

/// Where the visitor was, to come back to.
#[derive(Deserialize)]
struct CameFrom {
    van: Option<String>,
    voor: Option<String>,
}

/// `POST /berichten/archief` and the like: letters ticked in a list.
pub(crate) fn many(how: Move) -> MethodRouter<Letterbox> {
    post(
        async move |State(letterbox): State<Letterbox>,
                    visitor: Visitor,
                    shell: Shell,
                    Traced(trace): Traced,
                    Form(ticked): Form<Ticked>|
                    -> Result<Response, PageFault> {
            let Ticked { bericht, van, voor } = ticked;
            let letters = parse(&bericht).ok_or(PageFault::BadRequest)?;
            let back = Back::to(CameFrom { van, voor })?;
            let processing = of_visitor(&visitor, how.activity(), trace);
            moved(letterbox, processing, &shell, how, letters, back).await
        },
    )
}

/// `POST /berichten/{message}/archief` and the like: the letter that is being read.
pub(crate) fn one(how: Move) -> MethodRouter<Letterbox> {
    post(
        async move |State(letterbox): State<Letterbox>,
                    visitor: Visitor,
                    shell: Shell,
                    Traced(trace): Traced,
                    id: Result<Path<String>, PathRejection>,
                    Form(from): Form<CameFrom>|
                    -> Result<Response, PageFault> {
            let Ok(Path(id)) = id else {
                return Err(PageFault::NotFound);
            };
            let letters = parse(&[id]).ok_or(PageFault::NotFound)?;
            let processing = of_visitor(&visitor, how.activity(), trace);
            moved(letterbox, processing, &shell, how, letters, Back::to(from)?).await
        },
    )
}

fn parse(letters: &[String]) -> Option<Vec<MessageId>> {
    let parsed: Option<Vec<MessageId>> = letters.iter().map(|id| id.parse().ok()).collect();
    parsed.filter(|letters| letters.len() <= MOST_AT_ONCE)
}

async fn moved(
    letterbox: Letterbox,
    processing: vault::Processing,
    shell: &Shell,
    how: Move,
    letters: Vec<MessageId>,
    back: Back,
) -> Result<Response, PageFault> {
    if letters.is_empty() {
        return Ok(back.with(shell, &[("fout", "niets-gekozen")], "#fouten"));
    }
    let moved = letterbox
        .vault
        .write(processing, move |tx| how.make(tx, &letters))
        .await?;
    // Only what was moved is told, and can be undone: a letter may have gone elsewhere since the list was shown.
    if moved.is_empty() {
        return Ok(back.with(shell, &[("fout", "niets-verplaatst")], "#fouten"));
    }
    let ids: Vec<String> = moved.iter().map(ToString::to_string).collect();
    let told = ids.iter().map(|id| ("bericht", id.as_str()));
    let told: Vec<_> = std::iter::once(("gedaan", how.name()))
        .chain(told)
        .collect();
    Ok(back.with(shell, &told, "#melding"))
}

/// The list that the visitor came from.
struct Back {
    folder: Folder,
    before: Option<MessageId>,
}

impl Back {
    fn to(from: CameFrom) -> Result<Self, PageFault> {
        let folder = from
            .van
            .map_or(Some(Folder::Inbox), |name| Folder::of_name(&name));
        let before = from.voor.map(|id| id.parse()).transpose();
        Ok(Self {
            folder: folder.ok_or(PageFault::BadRequest)?,
            before: before.map_err(|_| PageFault::BadRequest)?,
        })
    }

    fn with(&self, shell: &Shell, told: &[(&str, &str)], place: &str) -> Response {
        let before = self.before.map(|id| id.to_string());
        let before = before.iter().map(|id| ("voor", id.as_str()));
        let query: Vec<String> = before
            .chain(told.iter().copied())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let there = shell.link(&format!("{}?{}", self.folder.path(), query.join("&")));
        Redirect::to(&format!("{there}{place}")).into_response()
    }
}
