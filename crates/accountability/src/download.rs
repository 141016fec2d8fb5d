//! `/geschiedenis.csv` and `/geschiedenis.json`: a person's history to take along, whole as far as they asked for it.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use basics::{Fault, SubjectId, Trace};
use futures_util::{TryStreamExt, stream};
use language::Language;
use serde::Serialize;
use vault::{Processing, ReadTx};
use web::{Asked, PageFault, Shell, Traced, Visitor};

use crate::deeds::{self, Deed, Found};
use crate::registers::Registers;
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

/// How deeds stand in a file.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Csv,
}

/// `GET /geschiedenis.json`
pub(crate) async fn json(
    State(room): State<Accountability>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Asked(query): Asked<Query>,
) -> Result<Response, PageFault> {
    let body = Whole::of(&room, &visitor, &shell, trace, &query).await?;
    Ok(file(
        "application/json",
        "geschiedenis.json",
        body.written(Form::Json).await?,
    ))
}

/// `GET /geschiedenis.csv`
pub(crate) async fn csv(
    State(room): State<Accountability>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Asked(query): Asked<Query>,
) -> Result<Response, PageFault> {
    let body = Whole::of(&room, &visitor, &shell, trace, &query).await?;
    let kind = "text/csv; charset=utf-8";
    Ok(file(
        kind,
        "geschiedenis.csv",
        body.written(Form::Csv).await?,
    ))
}

/// All of a history, read part by part while it is taken along: never more of it at once than one part.
struct Whole {
    room: Accountability,
    registers: Registers,
    wanted: Wanted,
    subject: SubjectId,
    language: Language,
    trace: Trace,
    has_deeds: bool,
}

impl Whole {
    async fn of(
        room: &Accountability,
        visitor: &Visitor,
        shell: &Shell,
        trace: Trace,
        query: &Query,
    ) -> Result<Self, PageFault> {
        let registers = room.kept.registers(&room.vault).await?;
        let (wanted, unclear) = Wanted::of(query, &registers);
        if !unclear.is_empty() {
            return Err(PageFault::BadRequest);
        }
        Ok(Self {
            room: room.clone(),
            registers,
            wanted,
            subject: visitor.subject,
            language: shell.language,
            trace,
            has_deeds: false,
        })
    }

    /// The first part is there when this answers, so that what fails at once has a page; the others follow as they are taken.
    async fn written(self, form: Form) -> Result<Body, PageFault> {
        let first = self.part(None).await?;
        let beginning = match form {
            Form::Json => "[".to_owned(),
            // The mark by which spreadsheets know UTF-8.
            Form::Csv => {
                let mut head = String::from("\u{feff}");
                push_line(&mut head, COLUMNS);
                head
            }
        };
        let parts = stream::try_unfold(Some((self, first, beginning)), move |next| async move {
            let Some((mut whole, found, mut text)) = next else {
                return Ok::<_, Fault>(None);
            };
            whole.push(form, &found, &mut text);
            let next = match found.older {
                Some(older) => Some(
                    whole
                        .part(Some(older))
                        .await
                        .map(|found| (whole, found, String::new()))?,
                ),
                None => {
                    text.push_str(form.end());
                    None
                }
            };
            Ok(Some((text, next)))
        });
        // Whoever takes it sees that it broke off: the answer does not end.
        let parts = parts.inspect_err(web::log_fault);
        Ok(Body::from_stream(parts))
    }

    /// What comes before a row, or the newest: a processing with a row of its own, as each look has.
    async fn part(&self, before: Option<i64>) -> Result<Found, Fault> {
        let processing = Processing::own(LOOK_BACK, self.subject, self.trace);
        let asked = (self.registers.clone(), self.wanted.clone());
        let find =
            move |tx: &mut ReadTx<'_>| deeds::find(tx, &asked.0, &asked.1, before, usize::MAX);
        self.room.vault.read(processing, find).await
    }

    fn push(&mut self, form: Form, found: &Found, text: &mut String) {
        let words = Words {
            language: self.language,
            registers: &self.registers,
            names: &found.names,
        };
        for deed in found.deeds() {
            let taken = taken(&words, deed);
            match form {
                Form::Json => {
                    text.push_str(if self.has_deeds { ",\n" } else { "\n" });
                    text.push_str(
                        &serde_json::to_string(&taken).expect("a deed has text keys only"),
                    );
                }
                Form::Csv => push_taken(text, &taken),
            }
            self.has_deeds = true;
        }
    }
}

impl Form {
    const fn end(self) -> &'static str {
        match self {
            Form::Json => "\n]\n",
            Form::Csv => "",
        }
    }
}

fn push_taken(text: &mut String, taken: &Taken<'_>) {
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
    push_line(text, line);
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

fn file(kind: &'static str, name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
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
