//! `/geschiedenis.csv` and `/geschiedenis.json`: a person's history to take along, whole as far as they asked for it.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use basics::Trace;
use language::Language;
use serde::Serialize;
use vault::{Processing, ReadTx};
use web::{Asked, PageFault, Shell, Traced, Visitor};

use crate::deeds::{self, Deed, Found};
use crate::wanted::{Query, Wanted};
use crate::words::Words;
use crate::{Accountability, LOOK_BACK};

pub(crate) const CSV_PATH: &str = "/geschiedenis.csv";
pub(crate) const JSON_PATH: &str = "/geschiedenis.json";

/// One deed as it is taken along; a line of the CSV in this order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken<'a> {
    begin_tijdstip: String,
    eind_tijdstip: String,
    wat: String,
    wie: String,
    waarvoor: Option<&'a str>,
    grondslag: Option<&'a str>,
    verstrekt_aan: String,
    gelukt: bool,
    activiteit: &'a str,
    versie_privacyverklaring: &'a str,
    /// The same for everything that one request did.
    verzoek: String,
}

const COLUMNS: [&str; 11] = [
    "beginTijdstip",
    "eindTijdstip",
    "wat",
    "wie",
    "waarvoor",
    "grondslag",
    "verstrektAan",
    "gelukt",
    "activiteit",
    "versiePrivacyverklaring",
    "verzoek",
];

/// `GET /geschiedenis.json`
pub(crate) async fn json(
    State(room): State<Accountability>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Asked(query): Asked<Query>,
) -> Result<Response, PageFault> {
    let found = find(&room, &visitor, trace, &query).await?;
    let mut text = String::from("[");
    let mut between = "\n";
    each(&room, shell.language, &found, |taken| {
        text.push_str(between);
        between = ",\n";
        text.push_str(&serde_json::to_string(taken).expect("a deed has text keys only"));
    });
    text.push_str("\n]\n");
    Ok(file("application/json", "geschiedenis.json", text))
}

/// `GET /geschiedenis.csv`
pub(crate) async fn csv(
    State(room): State<Accountability>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Asked(query): Asked<Query>,
) -> Result<Response, PageFault> {
    let found = find(&room, &visitor, trace, &query).await?;
    // The mark by which spreadsheets know UTF-8.
    let mut text = String::from("\u{feff}");
    push_line(&mut text, COLUMNS);
    each(&room, shell.language, &found, |taken| {
        let line = [
            taken.begin_tijdstip.as_str(),
            &taken.eind_tijdstip,
            &taken.wat,
            &taken.wie,
            taken.waarvoor.unwrap_or_default(),
            taken.grondslag.unwrap_or_default(),
            &taken.verstrekt_aan,
            if taken.gelukt { "true" } else { "false" },
            taken.activiteit,
            taken.versie_privacyverklaring,
            &taken.verzoek,
        ];
        push_line(&mut text, line);
    });
    Ok(file("text/csv; charset=utf-8", "geschiedenis.csv", text))
}

/// All of it, in one processing with one row of its own.
async fn find(
    room: &Accountability,
    visitor: &Visitor,
    trace: Trace,
    query: &Query,
) -> Result<Found, PageFault> {
    let register = room.vault.register().clone();
    let (wanted, unclear) = Wanted::of(query, &register);
    if !unclear.is_empty() {
        return Err(PageFault::BadRequest);
    }
    let processing = Processing::own(LOOK_BACK, visitor.subject, trace);
    let find = move |tx: &mut ReadTx<'_>| deeds::find(tx, &register, &wanted, None, usize::MAX);
    Ok(room.vault.read(processing, find).await?)
}

fn each(
    room: &Accountability,
    language: Language,
    found: &Found,
    mut take: impl FnMut(&Taken<'_>),
) {
    let words = Words {
        language,
        register: room.vault.register(),
        names: &found.names,
    };
    found.deeds().for_each(|deed| take(&taken(&words, deed)));
}

fn taken<'a>(words: &'a Words<'_>, deed: &'a Deed) -> Taken<'a> {
    let row = &deed.row;
    Taken {
        begin_tijdstip: row.start.to_string(),
        eind_tijdstip: row.end.to_string(),
        wat: words.what(deed),
        wie: words.who(deed),
        waarvoor: words.why(deed),
        grondslag: words.basis(deed),
        verstrekt_aan: words
            .given(deed)
            .into_iter()
            .map(|went| match went.law {
                Some(law) => format!("{} ({}; {law})", went.recipient, went.data),
                None => format!("{} ({})", went.recipient, went.data),
            })
            .collect::<Vec<_>>()
            .join("; "),
        gelukt: row.went_well,
        activiteit: &row.activity,
        versie_privacyverklaring: &row.statement_version,
        verzoek: row.trace.to_string(),
    }
}

fn file(kind: &'static str, name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, Body::from(text)).into_response()
}

/// A line of RFC 4180. What a spreadsheet would reckon out is kept from it.
pub(crate) fn push_line<'f>(text: &mut String, fields: impl IntoIterator<Item = &'f str>) {
    let mut between = "";
    for field in fields {
        text.push_str(between);
        between = ",";
        let guard = if field.starts_with(['=', '+', '-', '@', '\t']) {
            "'"
        } else {
            ""
        };
        text.push('"');
        text.push_str(guard);
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::push_line;

    #[test]
    fn a_field_stays_one_field_and_no_formula() {
        let mut line = String::new();
        push_line(&mut line, ["Gemeente \"Vallei\", west", "=1+1", ""]);
        assert_eq!(line, "\"Gemeente \"\"Vallei\"\", west\",\"'=1+1\",\"\"\r\n");
    }
}
