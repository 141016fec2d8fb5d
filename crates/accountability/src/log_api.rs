//! `POST /processing-activities`: an organisation reads the rows of the processing log that it caused itself, and no other, as
//! the reading extension of Logboek Dataverwerkingen has it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use basics::uuid::Uuid;
use basics::{Actor, Channel, Fault, ForeignSpan, Oin, Recipient, Refusal, SubjectId, Trace};
use organisations::{Caller, Denied, Scope, Tokens};
use serde::Serialize;
use vault::{Processed, Processing, ReadTx, Subjects, Vault, WantedActs};
use web::{Budget, CalledBy, Limits, Problem, Traced};

use crate::READ_LOG;
use crate::asked::{Asked, Cursor};
use crate::deeds::LOOKED_AT;
use crate::standard;

/// An organisation, of what it did itself.
const THEMSELVES: Recipient = Recipient("organisaties-over-zichzelf");
const LOGGED: &[&str] = &["verwerkingslog"];
const JSON: &str = "application/json";
const LARGEST_BODY: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(30);

/// This call in one installation; cheap to clone.
#[derive(Clone)]
pub struct LogApi(Arc<Api>);

struct Api {
    vault: Vault,
    tokens: Tokens,
    limits: Limits,
    base_url: String,
}

impl LogApi {
    /// `base_url` is where the installation is reached; `budget` is shared with the other calls that read a body.
    pub fn new(vault: Vault, tokens: Tokens, budget: Budget, base_url: &str) -> Self {
        let limits = Limits {
            max_bytes: LARGEST_BODY,
            within: PATIENCE,
            budget,
        };
        Self(Arc::new(Api {
            vault,
            tokens,
            limits,
            base_url: base_url.trim_end_matches('/').to_owned(),
        }))
    }

    pub(crate) fn is_offered(&self) -> bool {
        self.0.vault.offers(READ_LOG)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    metadata: Metadata,
    processing_activities: Vec<ProcessingActivity>,
    /// For the next question, where there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    logbook_id: String,
    organization_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProcessingActivity {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    status: &'static str,
    name: String,
    start_time: String,
    end_time: String,
    attributes: BTreeMap<&'static str, String>,
}

/// One question: its trace, and what called for it at the organisation that asks.
#[derive(Clone, Copy)]
struct Asking {
    trace: Trace,
    foreign: Option<ForeignSpan>,
}

/// The rows of a page, the newest first, and where the next begins.
#[derive(Default)]
struct Page {
    rows: Vec<Processed>,
    next: Option<String>,
}

pub(crate) async fn list(
    State(api): State<LogApi>,
    Traced(trace): Traced,
    CalledBy(foreign): CalledBy,
    request: Request,
) -> Result<Json<Answer>, Denied> {
    let api = &api.0;
    let headers = request.headers();
    let Caller { oin, .. } = api.tokens.caller(headers, Scope::Log)?;
    let trace = Asking { trace, foreign };
    web::accepts(headers, JSON)?;
    web::content_type(headers, JSON)?;
    let body = web::read_body(request, &api.limits).await?;
    let asked = Asked::read(&body, &api.base_url)?;
    api.check_caller(&oin, trace).await?;
    let page = match asked.subject {
        Some(subject) => api.done_to(subject, oin, asked, trace).await?,
        None => api.done_by(oin, asked, trace).await?,
    };
    Ok(Json(Answer {
        metadata: Metadata {
            logbook_id: api.base_url.clone(),
            organization_name: api.vault.register().controller().to_owned(),
        },
        processing_activities: page.rows.iter().map(|row| api.show(row)).collect(),
        cursor: page.next,
    }))
}

impl Api {
    /// A token outlives a block.
    async fn check_caller(&self, oin: &Oin, trace: Asking) -> Result<(), Problem> {
        let processing = self.asking(oin, trace);
        let oin = oin.clone();
        let find = move |tx: &mut ReadTx<'_>| organisations::find(tx, &oin);
        let found: Option<organisations::Organisation> = self.vault.read(processing, find).await?;
        match found.filter(|organisation| !organisation.is_blocked()) {
            Some(_) => Ok(()),
            None => Err(Problem::forbidden(
                "Uw aansluiting is geblokkeerd of beëindigd. Neem contact op met de beheerder.",
            )),
        }
    }

    /// What concerns nobody yet.
    fn asking(&self, oin: &Oin, trace: Asking) -> Processing {
        let actor = Actor::Organisation(oin.clone());
        Processing::of(READ_LOG, actor, Subjects::None, Channel::Api, trace.trace)
    }

    /// What the organisation did to one person.
    async fn done_to(
        &self,
        subject: SubjectId,
        oin: Oin,
        asked: Asked,
        trace: Asking,
    ) -> Result<Page, Problem> {
        // Nobody is in the log by a name that we never gave.
        let asking = self.asking(&oin, trace);
        if !self.vault.knows(&asking, subject).await? {
            return Ok(Page::default());
        }
        let before = match asked.after {
            Some(Cursor::Row(number)) => Some(number),
            _ => None,
        };
        let find = move |tx: &mut ReadTx<'_>, oin: &Oin| {
            let mut page = Page::default();
            let mut history = tx.history(before)?;
            let (mut looked_at, mut last) = (0, 0);
            while let Some(row) = history.next(tx)? {
                if asked.is_over_at(&row) {
                    break;
                }
                if looked_at == LOOKED_AT {
                    page.next = Some(last.to_string());
                    break;
                }
                (looked_at, last) = (looked_at + 1, row.number);
                if !asked.takes(&row) || !is_done_by(tx, oin, &row)? {
                    continue;
                }
                if page.rows.len() == asked.limit {
                    page.next = page.rows.last().map(|last| last.number.to_string());
                    break;
                }
                page.rows.push(row);
            }
            Ok(page)
        };
        self.about(subject, oin, trace, find).await
    }

    /// What the organisation did, to whomever.
    async fn done_by(&self, oin: Oin, asked: Asked, trace: Asking) -> Result<Page, Problem> {
        let activities = match &asked.activity {
            Some(activity) => vec![activity.name.clone()],
            None => self.activities_of_organisations(),
        };
        let before: Option<Uuid> = match asked.after {
            Some(Cursor::Act(id)) => Some(id),
            _ => None,
        };
        let wanted = WantedActs {
            activities,
            trace: asked.trace,
            since: asked.since,
            until: asked.until,
            before,
            count: asked.limit,
        };
        let acts = self.vault.acts(&self.asking(&oin, trace), wanted).await?;
        let next = acts.next.map(|id| id.hyphenated().to_string());
        // Each person's rows are a processing of that person's data, with its row in the log.
        let mut of_persons: BTreeMap<SubjectId, Vec<i64>> = BTreeMap::new();
        for act in acts.rows {
            of_persons.entry(act.subject).or_default().push(act.number);
        }
        let mut page = Page {
            rows: Vec::new(),
            next,
        };
        for (subject, numbers) in of_persons {
            let asked = asked.clone();
            let find = move |tx: &mut ReadTx<'_>, oin: &Oin| {
                let mut rows = Vec::new();
                for row in tx.processed(&numbers)? {
                    if asked.takes(&row) && is_done_by(tx, oin, &row)? {
                        rows.push(row);
                    }
                }
                Ok(Page { rows, next: None })
            };
            let found = self.about(subject, oin.clone(), trace, find).await?;
            page.rows.extend(found.rows);
        }
        page.rows
            .sort_unstable_by_key(|row| std::cmp::Reverse(row.number));
        Ok(page)
    }

    /// Reads of one person. What stands on their data is not for the organisation to know: then there is nothing.
    async fn about(
        &self,
        subject: SubjectId,
        oin: Oin,
        trace: Asking,
        find: impl Fn(&mut ReadTx<'_>, &Oin) -> Result<Page, Fault> + Send + 'static,
    ) -> Result<Page, Problem> {
        let actor = Actor::Organisation(oin.clone());
        let person = Subjects::One(subject);
        let processing = Processing::of(READ_LOG, actor, person, Channel::Api, trace.trace)
            .called_by(trace.foreign);
        let found = move |tx: &mut ReadTx<'_>| {
            let page = find(tx, &oin)?;
            if page.rows.is_empty() {
                return Ok(page);
            }
            let page = tx.disclose(THEMSELVES, LOGGED, false, page)?;
            Ok(page.into_inner())
        };
        let found = self.vault.read(processing, found).await;
        found.or_else(|fault: Fault| match fault.refusal() {
            Some(Refusal::Standing(_)) => Ok(Page::default()),
            _ => Err(fault.into()),
        })
    }

    fn activities_of_organisations(&self) -> Vec<String> {
        let activities = self.vault.register().activities();
        activities
            .filter(|entry| entry.allows_role("aangesloten-organisatie"))
            .map(|entry| entry.name.clone())
            .collect()
    }

    fn show(&self, row: &Processed) -> ProcessingActivity {
        let trace = Uuid::from_bytes(*row.trace.bytes());
        ProcessingActivity {
            trace_id: trace.hyphenated().to_string(),
            span_id: row.span.to_string(),
            parent_span_id: row.foreign.as_ref().map(|one| one.span.to_string()),
            status: if row.went_well { "Ok" } else { "Error" },
            name: row.activity.clone(),
            start_time: row.start.to_string(),
            end_time: row.end.to_string(),
            attributes: standard::attributes(&self.base_url, row)
                .into_iter()
                .collect(),
        }
    }
}

impl Asked {
    fn takes(&self, row: &Processed) -> bool {
        let takes_activity = self.activity.as_ref().is_none_or(|asked| {
            let is_version = |version: &String| *version == row.statement_version;
            asked.name == row.activity && asked.version.as_ref().is_none_or(is_version)
        });
        takes_activity
            && self.trace.is_none_or(|trace| trace == row.trace)
            && self.since.is_none_or(|since| row.start >= since)
            && self.until.is_none_or(|until| row.end <= until)
    }

    /// Whether this row and all before it lie before the asked period.
    fn is_over_at(&self, row: &Processed) -> bool {
        self.since.is_some_and(|since| row.committed_before(since))
    }
}

fn is_done_by(tx: &mut ReadTx<'_>, oin: &Oin, row: &Processed) -> Result<bool, Fault> {
    let (acted, _) = tx.acted(row)?;
    Ok(acted.is_some_and(|acted| acted.organisation.as_ref() == Some(oin)))
}
