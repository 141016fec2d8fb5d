//! `/geschiedenis`: what was done with a person's data, for that person: when, who, what and what for (MO-34, MO-35, MO-75).

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vault::{Processing, ReadTx};
use web::{Asked, PageFault, Shell, Traced, Visitor, page_with_status};

use crate::deeds::{self, Deed, Found};
use crate::registers::Registers;
use crate::wanted::{By, Query, Unclear, Wanted};
use crate::words::{WentTo, Words};
use crate::{Accountability, LOOK_BACK, download};

pub(crate) const PATH: &str = "/geschiedenis";

const A_PAGE: usize = 20;

/// `GET /geschiedenis`
pub(crate) async fn history(
    State(room): State<Accountability>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Asked(query): Asked<Query>,
) -> Result<Response, PageFault> {
    let registers = room.kept.registers(&room.vault).await?;
    let (wanted, unclear) = Wanted::of(&query, &registers);
    let processing = Processing::own(LOOK_BACK, visitor.subject, trace);
    let asked = (registers.clone(), wanted.clone());
    let find = move |tx: &mut ReadTx<'_>| deeds::find(tx, &asked.0, &asked.1, query.voor, A_PAGE);
    let found = room.vault.read(processing, find).await?;
    let status = if unclear.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let title = shell.texts().accountability.title;
    let shown = show(&shell, &registers, &wanted, &unclear, query.voor, &found);
    Ok(page_with_status(status, &shell, title, &shown)?)
}

#[derive(Template)]
#[template(path = "history.html")]
struct Shown<'a> {
    shell: &'a Shell,
    faults: Vec<Fault>,
    from: String,
    until: String,
    by: Vec<Choice<'a>>,
    activities: Vec<Choice<'a>>,
    clear: Option<String>,
    none: Option<&'a str>,
    requests: Vec<Request<'a>>,
    newest: Option<String>,
    older: Option<String>,
    /// Until when was looked, where not all of it was.
    searched: Option<String>,
    /// Link and name of each kind of file.
    files: [(String, &'static str); 2],
}

/// What is wrong, and with which field.
struct Fault {
    field: &'static str,
    words: &'static str,
}

struct Choice<'a> {
    value: &'a str,
    label: &'a str,
    chosen: bool,
}

struct Request<'a> {
    datetime: String,
    words: String,
    deeds: Vec<Line<'a>>,
}

struct Line<'a> {
    what: String,
    who: String,
    why: Option<&'a str>,
    given: Vec<WentTo>,
    failed: bool,
    in_statement: Option<String>,
}

impl Shown<'_> {
    fn fault_of(&self, field: &str) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.field == field)
    }
}

fn show<'a>(
    shell: &'a Shell,
    registers: &'a Registers,
    wanted: &'a Wanted,
    unclear: &[Unclear],
    before: Option<i64>,
    found: &'a Found,
) -> Shown<'a> {
    let texts = &shell.texts().accountability;
    let words = Words {
        language: shell.language,
        registers,
        names: &found.names,
    };
    let link = |path: &str, before: Option<i64>| {
        let mut query = wanted.query();
        query.extend(before.map(|number| format!("voor={number}")));
        let mark = if query.is_empty() { "" } else { "?" };
        shell.link(&format!("{path}{mark}{}", query.join("&")))
    };
    let none = match (found.requests.is_empty(), before.is_some()) {
        (false, _) => None,
        (true, _) if found.searched_to.is_some() => None,
        (true, true) => Some(texts.no_more),
        (true, false) => Some(texts.none_found),
    };
    let zone = shell.site.time_zone();
    let searched = found
        .searched_to
        .map(|to| texts.searched_to(shell.language.date_time(to, zone)));
    Shown {
        faults: unclear
            .iter()
            .map(|unclear| fault(shell, *unclear))
            .collect(),
        from: wanted.from.map(|day| day.to_string()).unwrap_or_default(),
        until: wanted.until.map(|day| day.to_string()).unwrap_or_default(),
        by: choices_of_who(shell, wanted),
        activities: choices_of_what(shell, registers, wanted),
        clear: (!wanted.is_everything()).then(|| shell.link(PATH)),
        none,
        requests: found
            .requests
            .iter()
            .map(|deeds| request(shell, &words, deeds))
            .collect(),
        newest: before.map(|_| link(PATH, None)),
        older: found.older.map(|number| link(PATH, Some(number))),
        searched,
        files: [
            (link(download::CSV_PATH, None), "CSV"),
            (link(download::JSON_PATH, None), "JSON"),
        ],
        shell,
    }
}

fn fault(shell: &Shell, unclear: Unclear) -> Fault {
    let texts = &shell.texts().accountability;
    let (field, words) = match unclear {
        Unclear::From => ("van", texts.from_unclear),
        Unclear::Until => ("tot", texts.until_unclear),
        Unclear::Period => ("tot", texts.period_unclear),
    };
    Fault { field, words }
}

fn choices_of_who<'a>(shell: &Shell, wanted: &Wanted) -> Vec<Choice<'a>> {
    let texts = &shell.texts().accountability;
    let label = |by| match by {
        By::Yourself => texts.who_yourself,
        By::Organisations => texts.who_organisations,
        By::Us => texts.who_us,
        By::Others => texts.who_others,
    };
    let choice = |by: By| Choice {
        value: by.name(),
        label: label(by),
        chosen: wanted.by == Some(by),
    };
    By::ALL.into_iter().map(choice).collect()
}

fn choices_of_what<'a>(
    shell: &Shell,
    registers: &'a Registers,
    wanted: &Wanted,
) -> Vec<Choice<'a>> {
    let choice = |entry: &'a statement::Entry| Choice {
        value: &entry.name,
        label: entry.title.get(shell.language.tag()),
        chosen: wanted.activity.as_ref() == Some(&entry.name),
    };
    registers.activities().into_iter().map(choice).collect()
}

fn request<'a>(shell: &Shell, words: &Words<'a>, deeds: &[Deed]) -> Request<'a> {
    let at = deeds[0].row.start;
    let zone = shell.site.time_zone();
    let line = |deed: &Deed| Line {
        what: words.what(deed),
        who: words.who(deed),
        why: words.why(deed),
        given: words.given(deed),
        failed: !deed.row.went_well,
        in_statement: words.in_statement(deed).map(|path| shell.link(&path)),
    };
    Request {
        datetime: shell.language.iso(at, zone),
        words: shell.language.date_time(at, zone),
        deeds: deeds.iter().map(line).collect(),
    }
}
