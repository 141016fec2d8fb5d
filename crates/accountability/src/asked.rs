//! What an organisation asks of the log: the body of the call, read with every fault at once.

use std::ops::RangeInclusive;

use basics::uuid::Uuid;
use basics::{Moment, SubjectId, Trace};
use web::{Fields, Problem, fields};

use crate::standard;

pub(crate) const LIMIT: RangeInclusive<i64> = 1..=200;
pub(crate) const USUAL_LIMIT: i64 = 50;
pub(crate) const TRACE: &str = "traceId";
/// No URI of ours is longer.
pub(crate) const LONGEST_URI: usize = 1000;

/// At least one of trace, activity and subject is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) trace: Option<Trace>,
    pub(crate) activity: Option<AskedActivity>,
    pub(crate) subject: Option<SubjectId>,
    pub(crate) since: Option<Moment>,
    pub(crate) until: Option<Moment>,
    pub(crate) after: Option<Cursor>,
    pub(crate) limit: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedActivity {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
}

/// Where the page before ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// Among what the organisation did.
    Act(Uuid),
    /// Among what was done to one person.
    Row(i64),
}

impl Asked {
    pub(crate) fn read(body: &[u8], base_url: &str) -> Result<Self, Problem> {
        fields::read(body, |fields| asked(fields, base_url))
    }
}

fn asked(fields: &mut Fields<'_, '_>, base_url: &str) -> Option<Asked> {
    let asks_something = [TRACE, standard::ACTIVITY, standard::SUBJECT];
    if !asks_something.iter().any(|name| fields.has(name)) {
        let [trace, activity, subject] = asks_something;
        let detail =
            format!("Vul minstens een van deze velden in: {trace}, {activity}, {subject}.");
        fields.fault(TRACE, detail);
    }
    let trace = fields.opt_parsed(TRACE, 32..=36, |text| {
        let trace = Uuid::try_parse(text).map_err(|_| "Moet een traceId zijn: een UUID.")?;
        Ok(Trace::from_bytes(*trace.as_bytes()))
    });
    let activity = fields.opt_parsed(standard::ACTIVITY, 1..=LONGEST_URI, |uri| {
        let (name, version) = standard::activity_of(base_url, uri)
            .ok_or("Moet naar een activiteit in onze privacyverklaring verwijzen, zoals in een eerder antwoord.")?;
        Ok(AskedActivity {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        })
    });
    let subject = fields.opt_parsed(standard::SUBJECT, 36..=36, |text| {
        let subject: Result<SubjectId, _> = text.parse();
        subject.map_err(|_| "Moet een pseudoniem zijn zoals in een eerder antwoord.")
    });
    let since = fields.opt_moment("startTime");
    let until = fields.opt_moment("endTime");
    let after = fields.opt_parsed("cursor", 1..=36, |text| {
        let row = || text.parse().ok().filter(|row| *row > 0).map(Cursor::Row);
        let act = Uuid::try_parse(text).ok().map(Cursor::Act);
        act.or_else(row)
            .ok_or("Moet de cursor uit het vorige antwoord zijn.")
    });
    if after.is_some_and(|after| matches!(after, Cursor::Row(_)) != fields.has(standard::SUBJECT)) {
        fields.fault("cursor", "Hoort bij een andere vraag.");
    }
    let limit = fields.opt_number("limit", LIMIT);
    Some(Asked {
        trace,
        activity,
        subject,
        since,
        until,
        after,
        limit: usize::try_from(limit.unwrap_or(USUAL_LIMIT)).unwrap_or(usize::MAX),
    })
}

#[cfg(test)]
mod tests {
    use web::FieldFault;

    use super::*;

    fn faults(body: &str) -> Vec<String> {
        let problem = Asked::read(body.as_bytes(), "https://post.example").unwrap_err();
        let place =
            |fault: &FieldFault| serde_json::to_value(fault).unwrap()["pointer"].to_string();
        problem.errors.iter().map(place).collect()
    }

    #[test]
    fn every_fault_is_told_at_once_and_nothing_is_no_question() {
        let all = r#"{"traceId": "x", "dpl.core.processing_activity_id": "https://elders.example",
            "dpl.core.data_subject_id": "999993653", "startTime": "gisteren", "endTime": 4, "cursor": "?", "limit": 201}"#;
        let pointers = [
            "\"/traceId\"",
            "\"/dpl.core.processing_activity_id\"",
            "\"/dpl.core.data_subject_id\"",
            "\"/startTime\"",
            "\"/endTime\"",
            "\"/cursor\"",
            "\"/limit\"",
        ];
        assert_eq!(faults(all), pointers);
        assert_eq!(faults("{}"), ["\"/traceId\""]);
        let times_alone = r#"{"startTime": "2026-11-20T13:30:00Z", "endTime": "nu"}"#;
        assert_eq!(faults(times_alone), ["\"/traceId\"", "\"/endTime\""]);
        let subject = r#"{"dpl.core.data_subject_id": "018f0000-0000-4000-8000-000000000000",
            "cursor": "018f0000-0000-7000-8000-000000000000"}"#;
        assert_eq!(faults(subject), ["\"/cursor\""]);
    }

    #[test]
    fn a_trace_is_a_uuid_with_or_without_hyphens() {
        let of = |text: &str| {
            let body = format!("{{\"traceId\": \"{text}\"}}");
            Asked::read(body.as_bytes(), "").unwrap().trace
        };
        let trace = of("018f000000007000800000000000000a");
        assert!(trace.is_some());
        assert_eq!(trace, of("018f0000-0000-7000-8000-00000000000a"));
    }
}
