//! What the standard Logboek Dataverwerkingen asks of a row besides its times and ids: the attributes `dpl.core.*`.

use vault::Processed;

pub(crate) const ACTIVITY: &str = "dpl.core.processing_activity_id";
pub(crate) const SUBJECT: &str = "dpl.core.data_subject_id";
pub(crate) const SUBJECT_KIND: &str = "dpl.core.data_subject_id_type";

/// Who called for it elsewhere, as it proved itself here.
pub(crate) const FOREIGN_PROCESSOR: &str = "dpl.core.foreign_operation.processor";
/// In which trace of theirs: ours goes on with no other's.
pub(crate) const FOREIGN_TRACE: &str = "dpl.core.foreign_operation.trace_id";

/// A person's name in the log is random and says nothing outside this installation.
const PSEUDONYM: &str = "pseudoniem";

/// Each with its value. `base_url` is where the installation is reached, without a slash behind it.
pub(crate) fn attributes(base_url: &str, row: &Processed) -> Vec<(&'static str, String)> {
    let line = activity_uri(base_url, &row.statement_version, &row.activity);
    let mut attributes = vec![
        (ACTIVITY, line),
        (SUBJECT, row.subject.to_string()),
        (SUBJECT_KIND, PSEUDONYM.to_owned()),
    ];
    if let Some(foreign) = &row.foreign {
        let processor = format!("urn:nld:oin:{}", foreign.organisation);
        attributes.push((FOREIGN_PROCESSOR, processor));
        attributes.push((FOREIGN_TRACE, foreign.trace.to_string()));
    }
    attributes
}

/// The line of an activity in one version of the published statement.
pub(crate) fn activity_uri(base_url: &str, version: &str, activity: &str) -> String {
    format!("{base_url}/privacy/versies/{version}#activiteit-{activity}")
}

/// The activity that such a line, or that of the statement in force, names; and its version where it names one.
pub(crate) fn activity_of<'u>(base_url: &str, uri: &'u str) -> Option<(&'u str, Option<&'u str>)> {
    let (page, activity) = uri.strip_prefix(base_url)?.split_once("#activiteit-")?;
    match page.strip_prefix("/privacy/versies/") {
        Some(version) => Some((activity, Some(version))),
        None => (page == "/privacy").then_some((activity, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_statement_reads_back() {
        let here = "https://post.example";
        let uri = activity_uri(here, "2.2", "bericht-lezen");
        assert_eq!(
            activity_of(here, &uri),
            Some(("bericht-lezen", Some("2.2")))
        );
        let in_force = "https://post.example/privacy#activiteit-bericht-lezen";
        assert_eq!(activity_of(here, in_force), Some(("bericht-lezen", None)));
        for other in [
            "bericht-lezen",
            "https://elders.example/privacy#activiteit-bericht-lezen",
            "https://post.example/#activiteit-bericht-lezen",
            "https://post.example/privacy",
        ] {
            assert_eq!(activity_of(here, other), None, "{other}");
        }
    }
}
